"""Site 004, tz.demo.example: a land-and-investment broker's news site on a Z-BlogPHP-like CMS.

Our guess of what such sites emit: author, age, date, category and a reader count in one line without separators
(the count is another one at each request); headlines of other sites without links at the end of the text; a contact
block, scan, copyright, link and share lines; related posts with openings that hold a 发布时间 of their own.
"""

from datetime import date, timedelta
from email.utils import format_datetime
from html import escape

from tests.demo import files
from tests.demo.model import COUNTER, Answer, Article, Attachment, Column, DemoSite, ListPage, moment, revise, spread
from tests.demo.text import Draft, Writer

NEWEST = date(2024, 9, 18)
MARKS = {
    "changed": (1,),
    "removed": (3,),
    "foreign-headlines": tuple(n for n in range(-3, 44) if n % 3 != 1),
    "no-validator": tuple(range(5, 44, 6)),
}
PLAIN_PAGES = {
    "/about.html": ("关于本站", "栖川产业信息网为演示站点，内容与联系方式均为虚构。"),
    "/guestbook.html": ("留言本", "欢迎留言。"),
    "/copyright.html": ("版权说明", "本站演示内容可自由使用。"),
    "/zb_system/login.php": ("登录", "用户名 密码"),
}
CSS = """@import url("../../zb_system/css/admin.css");
.post{background:#fff url(img/paper.png)}.pagebar a,.pagebar span{margin:0 5px}
"""


class Tz(DemoSite):
    name = "tz"
    host = "tz.demo.example"
    title = "栖川产业信息网"
    columns = (
        Column("1", "栖川产业信息", "/category-1.html", 9),
        Column("2", "园区招商动态", "/?cate=2", 7),
        Column("all", "首页", "/", 10, repeats=True),
    )
    removal = "gone"
    disallowed = ("/zb_system/login.php",)
    headers = (("Product", "Z-BlogPHP 1.7.3"), ("X-Powered-By", "PHP/8.1"))

    def write(self) -> list[Article]:
        writer = Writer("demo-tz")
        marks = spread(MARKS)
        stock = []
        for slot, day in enumerate(writer.days(NEWEST, 46), -3):
            found = marks.get(slot, frozenset())
            stock.append(self._article(slot, day, writer.news(day), found))
        changed = next(a for a in stock if "changed" in a.marks)
        sentence = writer.sentence(changed.at.date())
        self.edits[changed.path] = revise(changed, sentence, title=f"{changed.title}（更新）")
        self._headlines = writer.farm_titles(NEWEST, 240)
        plain = next(a for a in stock if a.born == 1 and "foreign-headlines" in a.marks)
        self.traps |= {
            "byline-in-one-string": plain.path,
            "counter-differs-each-time": plain.path,
            "foreign-headlines-in-body": plain.path,
            "contact-block": plain.path,
            "scan-copyright-link-share": plain.path,
            "teasers-with-own-date": plain.path,
            "generator-meta": plain.path,
            "page-without-validators": next(a.path for a in stock if "no-validator" in a.marks),
            "pager-in-query": "/?cate=2",
            "pager-in-name": "/category-1.html",
            "home-is-a-list": "/",
            "rss": "/feed.php",
            "edit-with-new-title": changed.path,
            "gone-404": next(a.path for a in stock if a.gone),
        }
        return stock

    def _article(self, slot: int, day: date, draft: Draft, marks: frozenset[str]) -> Article:
        number = 3870 - slot * 5
        picture = Attachment(
            f"/zb_users/upload/{day:%Y/%m}/{number}.png", "", files.png(200, 90, (number % 250, 120, 80)), "image/png"
        )
        return Article(
            number=number,
            path=f"/post/{number}.html",
            title=draft.title,
            at=moment(day, None),
            precision="day",
            paragraphs=draft.paragraphs,
            columns=("2" if slot % 5 in (2, 4) else "1", "all"),
            row_title=draft.title,
            pictures=(picture,) if slot % 4 == 2 else (),
            marks=marks,
            born=2 if slot < 0 else 1,
            gone=2 if "removed" in marks else None,
        )

    # ------------------------------------------------------------------------------------------- pages
    def list_path(self, column: Column, number: int) -> str:
        if number == 1:
            return column.path
        return {
            "1": f"/category-1_{number}.html",
            "2": f"/?cate=2&page={number}",
            "all": f"/page_{number}.html",
        }[column.key]

    def pages(self) -> dict[str, Answer]:
        out = {}
        for path, (name, text) in PLAIN_PAGES.items():
            out[path] = self._answer(self._frame(name, f'<div class="post"><h2>{name}</h2><p>{text}</p></div>'))
        out |= {
            "/robots.txt": Answer(b"User-agent: *\nDisallow: /zb_system/\n", "text/plain"),
            "/feed.php": self._feed(),
            "/zb_users/theme/demo/style.css": self._file(CSS.encode(), "text/css"),
            "/zb_system/css/admin.css": self._file(b"a{text-decoration:none}", "text/css"),
            "/zb_users/theme/demo/img/paper.png": self._file(files.png(30, 30, (250, 245, 230)), "image/png"),
            "/zb_users/theme/demo/img/code.gif": self._file(files.gif((10, 10, 10)), "image/gif"),
            "/zb_users/theme/demo/img/head.jpg": self._file(files.jpeg(60, 10, 70), "image/jpeg"),
        }
        return out

    def missing(self) -> Answer:
        body = '<div class="post"><p>这里什么也没有，可能已被删除。</p></div>'
        return Answer(self._frame("404", body).encode(), status=404, etag="none")

    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        rows = "\n".join(
            f'<div class="post multi"><h2 class="post-title"><a href="{self.url(a.link)}">{escape(a.title)}</a></h2>'
            f'<div class="post-date">{a.day}</div>'
            f'<div class="intro">{escape("".join(a.paragraphs)[:90])}...</div></div>'
            for a in page.articles
        )
        title = self.title if page.column.key == "all" else page.column.name
        body = f'<div class="place">当前位置:<a href="/">首页</a> &gt; {title}</div>\n{rows}\n{self._pagebar(page)}'
        return {page.path: self._answer(self._frame(title, body), page.articles[0])}

    def _pagebar(self, page: ListPage) -> str:
        def link(number: int, text: str) -> str:
            return f'<a href="{self.url(self.list_path(page.column, number))}"><span class="page">{text}</span></a>'

        parts = [link(1, "‹‹")]
        parts += [
            f'<span class="page now-page">{n}</span>' if n == page.number else link(n, str(n))
            for n in range(1, page.total + 1)
        ]
        if page.next:
            parts.append(link(page.number + 1, "›"))
        return f'<div class="pagebar">{" ".join([*parts, link(page.total, "››")])}</div>'

    def article_answer(self, article: Article) -> Answer:
        column = next(c for c in self.columns if c.key == article.columns[0])
        age = f"{2026 - article.at.year}年前 ({article.day})"
        byline = f'<span>admin</span>{age}<a href="{column.path}">{column.name}</a><em>{COUNTER.decode()}</em>'
        lines = [f"<p>　　{escape(line)}</p>" for line in article.paragraphs]
        lines[1:1] = [f'<p><img src="{p.path}" alt="{escape(article.title)}"></p>' for p in article.pictures]
        if "foreign-headlines" in article.marks:
            start = article.number * 7 % 234
            lines += [f"<p>　　{escape(title)}</p>" for title in self._headlines[start : start + 5]]
        here = f'<a href="/">首页</a> &gt; <a href="{column.path}">{column.name}</a> &gt; 正文内容'
        body = f"""<div class="place">当前位置：{here}</div>
<div class="post single">
<h1 class="post-title">{escape(article.title)}</h1>
<div class="post-date">{byline}</div>
<div class="post-body">
{chr(10).join(lines)}
{CONTACT}
</div>
<p>扫描二维码，在手机上接着读。</p><p><img src="/zb_users/theme/demo/img/code.gif" alt="二维码"></p>
<p>版权声明：本文由{self.title}整理发布，转载时请保留出处。</p>
<p>本文链接：<a href="{self.url(article.path)}">{self.url(article.path)}</a></p>
<p>分享给朋友：</p>
</div>
<div class="related"><h3>相关文章</h3>
{self._related(article)}
</div>"""
        page = self._frame(article.title, body)
        validated = "no-validator" not in article.marks
        return Answer(
            page.encode(),
            modified=article.at if validated else None,
            etag="weak" if validated else "none",
            counter=True,
        )

    def _related(self, article: Article) -> str:
        others = [a for a in self.articles() if a.path != article.path]
        start = article.number % (len(others) - 6)
        blocks = []
        for place, other in enumerate(others[start : start + 6]):
            opening = "".join(other.paragraphs)[:120]
            if place % 2 == 1:
                first = other.at - timedelta(days=other.number % 300)
                opening = f"{opening[:40]} 发布时间：{first:%Y-%m-%d} 14:5{place}:32 {opening[40:]}"
            blocks.append(
                f'<div class="rel"><a href="{self.url(other.link)}" title="{escape(other.title)}">'
                f"<h4>{escape(other.title)}</h4></a><p>{escape(opening)}...</p></div>"
            )
        return "\n".join(blocks)

    def _frame(self, title: str, body: str) -> str:
        nav = "".join(f'<li><a href="{c.path}">{c.name}</a></li>' for c in (self.columns[2], *self.columns[:2]))
        menu = "".join(f'<a href="{path}">{name}</a> ' for path, (name, _) in PLAIN_PAGES.items())
        newest = "\n".join(f'<li><a href="{a.link}">{escape(a.title)}</a></li>' for a in self.articles()[:5])
        return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="generator" content="Z-BlogPHP 1.7.3">
<title>{escape(title)}-{self.title}</title>
<link rel="stylesheet" href="/zb_users/theme/demo/style.css">
<link rel="alternate" type="application/rss+xml" href="{self.url("/feed.php")}" title="{self.title}">
</head>
<body>
<div class="top"><img src="/zb_users/theme/demo/img/head.jpg" alt="{self.title}"><ul class="nav">{nav}</ul></div>
<div class="main">
{body}
</div>
<div class="aside"><dl class="function"><dt>最新文章</dt><dd><ul>
{newest}
</ul></dd></dl></div>
<div class="bottom">{menu}Powered By Z-BlogPHP 岚ICP备00000404号</div>
</body>
</html>
"""

    def _feed(self) -> Answer:
        items = "\n".join(
            f"<item><title>{escape(a.title)}</title><link>{self.url(a.path)}</link>"
            f"<description>{escape(''.join(a.paragraphs)[:150])}</description>"
            f"<pubDate>{format_datetime(a.at)}</pubDate></item>"
            for a in self.articles()[:10]
        )
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
            f"<title>{self.title}</title><link>{self.home}</link>\n{items}\n</channel></rss>\n"
        )
        return Answer(text.encode(), "application/rss+xml; charset=utf-8", modified=self.articles()[0].at)

    def _answer(self, text: str, newest: Article | None = None) -> Answer:
        return Answer(text.encode(), modified=newest.at if newest else moment(date(2022, 3, 1), None))

    def _file(self, data: bytes, mime: str) -> Answer:
        return Answer(data, mime, modified=moment(date(2022, 3, 1), None))


CONTACT = """<div class="contact">庞冬青微信号<br>
园区招商/厂房租售：400 0000 000<br>
或微信/手机：13000000000<br>
请说明用途、面积、预算与联系人，便于为您匹配载体。<br>
长按识别，添加庞冬青微信<br>
关注公众号，获取更多载体</div>"""
