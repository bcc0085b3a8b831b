"""Site 002, yd.demo.example: company news of a health group, run through a simplified-to-traditional converter.

Our guess of what such hijacked copies emit: a space before each comma and full stop, the first paragraph doubled,
label and date on two lines, and rows that show a date but no title, in the column lists and in the 最新動態 sidebar.
Titles and bodies are kept here as a reader would write them; `shown` puts the spaces in.
"""

import re
from datetime import date
from html import escape

from tests.demo import files
from tests.demo.hant import to_traditional
from tests.demo.model import Answer, Article, Attachment, Column, DemoSite, ListPage, moment, revise, spread
from tests.demo.text import Draft, Writer

NEWEST = date(2024, 8, 19)
MARKS = {
    "changed": (2,),
    "removed": (5,),
    "untitled-row": (4, 7, 9, 13, 18, 22, 27, 31, 36, 40),
    "doubled-first-paragraph": (0, 3, 6, 8, 12, 17, 20, 25, 28, 33, 38),
    "in-both-columns": (10, 21),
}
PLAIN_PAGES = {
    "/about/": ("集團簡介", "遠椋健康產業集團為虛構企業，本站所載內容僅供演示。"),
    "/culture/": ("企業文化", "穩健 、專注 、長期 。"),
    "/contact/": ("聯繫我們", "地址：嵐江省鷺嶺市演示路3號 ，電話：0000-0000000 。"),
    "/legal/": ("版權聲明", "未經許可不得轉載 。"),
}
CSS = """@import url(layout.css);
.detail{float:left;width:68%}.side{float:right;width:28%}
.head{background:url("../img/top.png") #2b7a4b}
.page a{padding:2px 8px;border:1px solid #ccc}
"""


def shown(text: str) -> str:
    """Return `text` with the space before punctuation that the converter leaves."""
    return re.sub(r"(?<=[\u4e00-\u9fff0-9A-Za-z%])([，。、！；])", r" \1", text)


class Yd(DemoSite):
    name = "yd"
    host = "yd.demo.example"
    title = "遠椋健康產業集團"
    columns = (Column("news", "集團新聞", "/news/", 7), Column("industry", "行業動態", "/industry/", 7))
    removal = "redirected-home"

    def write(self) -> list[Article]:
        writer = Writer("demo-yd")
        marks = spread(MARKS)
        stock = []
        for slot, day in enumerate(writer.days(NEWEST, 45), -3):
            found = marks.get(slot, frozenset())
            key = "industry" if slot % 7 in (1, 4, 6) else "news"
            stock.append(self._article(slot, day, key, writer.news(day), found))
        changed = next(a for a in stock if "changed" in a.marks)
        sentence = to_traditional(writer.sentence(changed.at.date()))
        self.edits[changed.path] = revise(changed, sentence, title=f"{changed.title}（續）")
        self._name_traps(stock)
        return stock

    def _article(self, slot: int, day: date, key: str, draft: Draft, marks: frozenset[str]) -> Article:
        number = 1420 - slot * 3
        title = to_traditional(draft.title)
        if slot % 6 == 3:
            title = f"熱烈祝賀{title}，再上新臺階"
        picture = Attachment(f"/upload/{day:%Y%m}/{number}.jpg", "", files.jpeg(30, 20, number % 90), "image/jpeg")
        return Article(
            number=number,
            path=f"/{key}/{number}.html",
            title=title,
            at=moment(day, None),
            precision="day",
            paragraphs=tuple(to_traditional(line) for line in draft.paragraphs),
            columns=("news", "industry") if "in-both-columns" in marks else (key,),
            row_title=None if "untitled-row" in marks else title,
            pictures=(picture,) if slot % 3 == 0 else (),
            marks=marks,
            born=2 if slot < 0 else 1,
            gone=2 if "removed" in marks else None,
        )

    def _name_traps(self, stock: list[Article]) -> None:
        def first(mark: str) -> str:
            return next(a.path for a in stock if mark in a.marks and a.born == 1)

        doubled = first("doubled-first-paragraph")
        self.traps |= {
            "traditional-characters": doubled,
            "doubled-first-paragraph": doubled,
            "space-before-punctuation": doubled,
            "space-before-punctuation-in-title": next(a.path for a in stock if "，" in a.title and a.born == 1),
            "label-and-date-on-two-lines": doubled,
            "sidebar-row-without-title": doubled,
            "list-row-without-title": "/news/",
            "article-of-row-without-title": first("untitled-row"),
            "numbered-pager": "/news/",
            "sitemap": "/sitemap.xml",
            "listed-twice": first("in-both-columns"),
            "edit-with-new-title": first("changed"),
            "redirected-home": first("removed"),
        }

    # ------------------------------------------------------------------------------------------- pages
    def list_path(self, column: Column, number: int) -> str:
        return column.path if number == 1 else f"{column.path}index-{number}.html"

    def pages(self) -> dict[str, Answer]:
        out = {"/": self._answer(self._frame("首頁", self._home()), self.articles()[0])}
        for path, (name, text) in PLAIN_PAGES.items():
            out[path] = self._answer(self._frame(name, f'<div class="detail"><h2>{name}</h2><p>{text}</p></div>'))
        robots = f"User-agent: *\nDisallow:\n\nSitemap: {self.url('/sitemap.xml')}\n"
        out |= {
            "/robots.txt": Answer(robots.encode(), "text/plain"),
            "/sitemap.xml": self._sitemap(),
            "/static/css/main.css": self._file(CSS.encode(), "text/css"),
            "/static/css/layout.css": self._file(b".wrap{width:1100px;margin:0 auto}", "text/css"),
            "/static/img/top.png": self._file(files.png(40, 80, (43, 122, 75)), "image/png"),
            "/static/img/blank.gif": self._file(files.gif((255, 255, 254)), "image/gif"),
        }
        return out

    def missing(self) -> Answer:
        body = '<div class="detail"><p>您要查看的頁面已經找不到了 ，請返回首頁 。</p></div>'
        return Answer(self._frame("頁面不見了", body).encode(), status=404, etag="none")

    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        rows = "\n".join(_row(a) for a in page.articles)
        body = (
            f'<div class="crumb">當前位置 ：<a href="/">首頁</a> &gt; {page.column.name}</div>\n'
            f'<div class="detail"><ul class="newslist">\n{rows}\n</ul>\n{self._pager(page)}</div>'
        )
        return {page.path: self._answer(self._frame(page.column.name, body), page.articles[0])}

    def _pager(self, page: ListPage) -> str:
        links = [
            f'<span class="on">{n}</span>'
            if n == page.number
            else f'<a href="{self.list_path(page.column, n)}">{n}</a>'
            for n in range(1, page.total + 1)
        ]
        if page.next:
            links.append(f'<a href="{page.next}">下一頁</a>')
        return f'<div class="page">{"".join(links)}</div>'

    def article_answer(self, article: Article) -> Answer:
        lines = [shown(line) for line in article.paragraphs]
        if "doubled-first-paragraph" in article.marks:
            lines.insert(0, lines[0])
        text = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
        for picture in article.pictures:
            small = f'src="/static/img/blank.gif" data-src="{picture.path}"'
            text += f'\n<p><img {small} alt=""><noscript><img src="{picture.path}" alt=""></noscript></p>'
        body = f"""<div class="crumb">當前位置 ：<a href="/">首頁</a> &gt; {self._column(article).name} &gt; 正文</div>
<div class="detail">
<h1>{escape(shown(article.title))}</h1>
<div class="time"><span>發布時間 :</span>
<div>{article.day}</div></div>
<div class="content">
{text}
</div>
</div>
<div class="side"><h3>最新動態</h3>
<ul>
{chr(10).join(_row(a) for a in self.articles()[:18])}
</ul></div>"""
        return self._answer(self._frame(shown(article.title), body), article)

    def _column(self, article: Article) -> Column:
        return next(c for c in self.columns if c.key == article.columns[0])

    def _home(self) -> str:
        parts = []
        for column in self.columns:
            rows = "\n".join(_row(a) for a in self.listed(column)[:5])
            parts.append(f'<h3>{column.name}<a href="{column.path}">更多</a></h3><ul>\n{rows}\n</ul>')
        return "\n".join(parts)

    def _frame(self, title: str, body: str) -> str:
        nav = "".join(f'<a href="{c.path}">{c.name}</a> ' for c in self.columns)
        menu = "".join(f'<a href="{path}">{name}</a> ' for path, (name, _) in PLAIN_PAGES.items())
        return f"""<!doctype html>
<html lang="zh-Hant">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}-{self.title}</title>
<link rel="stylesheet" href="/static/css/main.css">
</head>
<body>
<div class="wrap">
<div class="head"><a href="/">{self.title}</a> <a href="/">首頁</a> {nav}{menu}</div>
{body}
<div class="foot">{self.title} 版權所有 嵐ICP備00000202號 {menu}</div>
</div>
</body>
</html>
"""

    def _sitemap(self) -> Answer:
        entries = "\n".join(
            f"<url><loc>{self.url(a.path)}</loc><lastmod>{a.day}</lastmod></url>" for a in self.articles()
        )
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}\n</urlset>\n'
        )
        return Answer(text.encode(), "application/xml", modified=self.articles()[0].at)

    def _answer(self, text: str, newest: Article | None = None) -> Answer:
        return Answer(text.encode(), modified=newest.at if newest else moment(date(2022, 1, 4), None))

    def _file(self, data: bytes, mime: str) -> Answer:
        return Answer(data, mime, modified=moment(date(2022, 1, 4), None))


def _row(article: Article) -> str:
    """Return one row; a row without a title still links, with nothing to see in its link."""
    text = escape(shown(article.row_title)) if article.row_title else ""
    return f'<li><a href="{article.link}">{text}</a>\n<span>{article.day}</span></li>'
