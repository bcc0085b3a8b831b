"""Site 001, hr.demo.example: a staffing firm's site that reposts news above a farm of links, on a DedeCMS-like CMS.

Our guess of what such sites emit: bytes in GBK while the page declares gb2312, with characters that only GBK has
(镕, ㎡); a line `Admin - admin 于2022年04月04日发表` for date and no source; masks `***` where a filter struck; an
ordered list of a hundred links under each page, one row of which says that its text was emptied.
"""

from datetime import date
from html import escape

from tests.demo import files
from tests.demo.model import Answer, Article, Column, DemoSite, ListPage, moment, revise, spread
from tests.demo.text import Draft, Writer

NEWEST = date(2024, 11, 8)
CHARSET = "text/html; charset=gb2312"
MARKS = {
    "changed": (1,),
    "removed": (6,),
    "gbk-only": (3, 12, 25),
    "gbk-only-title": (9,),
    "masked": (4, 11, 20, 33),
    "in-both-columns": (10, 24),
}
PLAIN_PAGES = {
    "/about.html": ("关于我们", "汇栎人力资讯是一家虚构的人力资源服务机构，本站内容均为演示而作。"),
    "/join.html": ("加入我们", "暂无开放职位。"),
    "/sitemap.html": ("网站地图", "产业资讯、政策速递、关于我们、加入我们。"),
    "/contact.html": ("联系我们", "客服热线：0000-0000 0000，地址：岚江省雁洲市演示路2号。"),
    "/tags.php?/%D4%B0%C7%F8/": ("标签：园区", "与“园区”有关的内容，请使用站内搜索。"),
    "/tags.php?/%D5%D0%C6%B8/": ("标签：招聘", "与“招聘”有关的内容，请使用站内搜索。"),
}
DISCLAIMER = "本站文章收集自公开网络，仅供学习交流，其时效与真实性请读者自行判断"
EMPTIED = "该条标题与正文已被清空2023-08-21 09:12:47"
CSS = """@import "reset.css";
body{background:#f4f4f4 url(/templets/img/bg.gif);font:14px/1.8 simsun}
.viewbox{background:#fff;width:960px;margin:auto;padding:20px}
.pagelist li{display:inline;margin:0 4px}
ol.farm{font-size:12px;color:#999}
"""


class Hr(DemoSite):
    name = "hr"
    host = "hr.demo.example"
    title = "汇栎人力资讯"
    columns = (Column("cyzx", "产业资讯", "/cyzx/", 8), Column("zcsd", "政策速递", "/zcsd/", 8))
    removal = "soft-404"
    disallowed = ("/tags.php?/%D4%B0%C7%F8/", "/tags.php?/%D5%D0%C6%B8/")

    def write(self) -> list[Article]:
        writer = Writer("demo-hr")
        marks = spread(MARKS)
        stock = []
        for slot, day in enumerate(writer.days(NEWEST, 48), -3):
            found = marks.get(slot, frozenset())
            key = "zcsd" if slot % 5 in (2, 4) else "cyzx"
            stock.append(self._article(slot, day, key, writer.news(day), found))
        changed = next(a for a in stock if "changed" in a.marks)
        self.edits[changed.path] = revise(changed, writer.sentence(changed.at.date()))
        self._farm = writer.farm_titles(NEWEST, 320)
        self._name_traps(stock)
        return stock

    def _article(self, slot: int, day: date, key: str, draft: Draft, marks: frozenset[str]) -> Article:
        number = 8800 - slot * 11
        draft = _with_marks(draft, marks)
        return Article(
            number=number,
            path=f"/{key}/{day:%Y}/{day:%m%d}/{number}.html",
            title=draft.title,
            at=moment(day, None),
            precision="day",
            paragraphs=draft.paragraphs,
            columns=("cyzx", "zcsd") if "in-both-columns" in marks else (key,),
            row_title=draft.title,
            marks=marks,
            born=2 if slot < 0 else 1,
            gone=2 if "removed" in marks else None,
        )

    def _name_traps(self, stock: list[Article]) -> None:
        def first(mark: str) -> str:
            return next(a.path for a in stock if mark in a.marks and a.born == 1)

        self.traps |= {
            "gbk-declared-gb2312": first("gbk-only"),
            "gbk-character-in-title": first("gbk-only-title"),
            "admin-published-line": first("masked"),
            "masks-in-body": first("masked"),
            "link-farm": first("masked"),
            "farm-row-emptied": first("masked"),
            "disclaimer-after-body": first("masked"),
            "numbered-pager": "/cyzx/",
            "listed-twice": first("in-both-columns"),
            "silent-edit": first("changed"),
            "soft-404": first("removed"),
        }

    # ------------------------------------------------------------------------------------------- pages
    def list_path(self, column: Column, number: int) -> str:
        return column.path if number == 1 else f"{column.path}list_{_type_id(column)}_{number}.html"

    def pages(self) -> dict[str, Answer]:
        home = self._answer(self._frame("首页", self._home(), 0), self.articles()[0])
        out = {"/": home, "/index.html": home}
        for number, (path, (name, text)) in enumerate(PLAIN_PAGES.items(), 1):
            body = f'<div class="viewbox"><h2>{name}</h2><p>{text}</p></div>'
            out[path] = self._answer(self._frame(name, body, number))
        out |= {
            "/robots.txt": Answer(b"User-agent: *\r\nDisallow: /plus/\r\nDisallow: /tags.php\r\n", "text/plain"),
            "/templets/css/style.css": self._file(CSS.encode(), "text/css"),
            "/templets/css/reset.css": self._file(b"*{margin:0;padding:0}ul{list-style:none}", "text/css"),
            "/templets/img/bg.gif": self._file(files.gif((240, 240, 235)), "image/gif"),
            "/templets/img/hot.png": self._file(files.png(24, 12, (220, 40, 20)), "image/png"),
            "/templets/img/logo.jpg": self._file(files.jpeg(24, 8, -40), "image/jpeg"),
        }
        return out

    def missing(self) -> Answer:
        body = '<div class="viewbox"><p>很抱歉，您访问的内容已不存在或被管理员删除，请返回首页看看别的。</p></div>'
        return Answer(self._frame("提示信息", body, 99, farm=False).encode("gbk"), CHARSET, 404, etag="none")

    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        rows = "\n".join(
            f'<li><span class="date">{a.day}</span><a href="{a.link}" class="title">{escape(a.title)}</a></li>'
            for a in page.articles
        )
        count = len(self.listed(page.column))
        body = (
            f'<div class="place"><strong>当前位置:</strong> <a href="/">主页</a> &gt; {page.column.name}</div>\n'
            f'<div class="listbox"><ul class="e2">\n{rows}\n</ul></div>\n{self._pager(page, count)}'
        )
        page_text = self._frame(page.column.name, body, page.number)
        answer = Answer(page_text.encode("gbk"), "text/html", modified=page.articles[0].at)  # charset in <meta> only
        first = f"{page.column.path}list_{_type_id(page.column)}_1.html"
        return {page.path: answer, **({first: answer} if page.number == 1 else {})}

    def _pager(self, page: ListPage, count: int) -> str:
        def item(number: int, text: str) -> str:
            return f"<li><a href='list_{_type_id(page.column)}_{number}.html'>{text}</a></li>"

        items = ["<li>首页</li>" if page.number == 1 else item(1, "首页")]
        if page.number > 1:
            items.append(item(page.number - 1, "上一页"))
        items += [
            f'<li class="thisclass">{n}</li>' if n == page.number else item(n, str(n)) for n in range(1, page.total + 1)
        ]
        if page.next:
            items += [item(page.number + 1, "下一页"), item(page.total, "末页")]
        info = f'<li><span class="pageinfo">共 <strong>{page.total}</strong>页<strong>{count}</strong>条</span></li>'
        return '<ul class="pagelist">\n' + "\n".join([*items, info]) + "\n</ul>"

    def article_answer(self, article: Article) -> Answer:
        text = "\n".join(f"<p>{escape(line)}</p>" for line in article.paragraphs)
        body = f"""<div class="viewbox">
<div class="title"><h2>{escape(article.title)}</h2></div>
<div class="info">Admin - admin 于{article.at:%Y年%m月%d日}发表&nbsp;&nbsp;</div>
<div class="content">
{text}
</div>
<p class="tip">{DISCLAIMER}</p>
</div>"""
        return self._answer(self._frame(article.title, body, article.number), article)

    def _home(self) -> str:
        parts = []
        for column in self.columns:
            rows = "\n".join(f'<li><a href="{a.link}">{escape(a.title)}</a></li>' for a in self.listed(column)[:6])
            name = f'<img src="/templets/img/hot.png" alt="" /><a href="{column.path}">{column.name}</a>'
            parts.append(f'<h3>{name}</h3>\n<ul class="c1">\n{rows}\n</ul>')
        return "\n".join(parts)

    def _frame(self, title: str, body: str, seed: int, farm: bool = True) -> str:
        nav = "".join(f'<li><a href="{c.path}">{c.name}</a></li>' for c in self.columns)
        return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />
<title>{escape(title)} - {self.title}</title>
<meta name="keywords" content="人力资源,产业资讯,园区招聘" />
<link href="/templets/css/style.css" rel="stylesheet" media="screen" type="text/css" />
</head>
<body>
<div class="head"><img src="/templets/img/logo.jpg" alt="{self.title}" /> 客服热线:0000-0000 0000</div>
<ul class="nav"><li><a href="/">主页</a></li>{nav}<li><a href="/contact.html">联系我们</a></li></ul>
{body}
<div class="foot"><a href="/about.html">关于我们</a> <a href="/join.html">加入我们</a>
<a href="/sitemap.html">网站地图</a> <a href="/tags.php?/%D4%B0%C7%F8/">园区</a> <a href="/tags.php?/%D5%D0%C6%B8/">招聘</a> 岚ICP备00000088号</div>
<p class="words">劳务外包 灵活用工 雁洲劳务外包公司 澄湾灵活用工平台 园区代招 {seed % 7}</p>
{self._farm_list(seed) if farm else ""}
</body>
</html>
"""

    def _farm_list(self, seed: int) -> str:
        """Return a hundred rows; which ones, and where the emptied row stands, depends on the page."""
        start, empty = seed * 37 % 320, seed * 13 % 100
        titles = (self._farm * 2)[start : start + 100]
        titles[empty] = EMPTIED
        rows = "\n".join(
            f'<li><a href="http://f{(seed + i) % 9}.farm.example/n/{seed * 100 + i}.html">{escape(t)}</a></li>'
            for i, t in enumerate(titles)
        )
        return f'<ol class="farm">\n{rows}\n</ol>'

    def _answer(self, text: str, newest: Article | None = None) -> Answer:
        at = newest.at if newest else moment(date(2022, 5, 1), "12:00")
        return Answer(text.encode("gbk"), CHARSET, modified=at)

    def _file(self, data: bytes, mime: str) -> Answer:
        return Answer(data, mime, modified=moment(date(2022, 5, 1), "12:00"), etag="none")


def _type_id(column: Column) -> int:
    return {"cyzx": 6, "zcsd": 7}[column.key]


def _with_marks(draft: Draft, marks: frozenset[str]) -> Draft:
    title, lines = draft.title, list(draft.paragraphs)
    if "gbk-only-title" in marks:
        title = f"对话卞镕：{title}"
    if marks & {"gbk-only", "gbk-only-title"}:
        lines[0] += f"项目负责人卞镕介绍，改造后的中庭约{len(lines[0]) * 3}㎡，全部免费开放。"
    if "masked" in marks:
        lines[1] += f"配套的***基金规模不低于***亿元，{len(lines[1])}家单位报名参加遴选。"
    return Draft(title, tuple(lines))
