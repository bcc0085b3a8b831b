"""Sites in memory that are built in other shapes than most: sections, seventy columns, bare numbers, no dates, no signs.

A shape says how its URLs, lists and page turns look; headlines, bodies and days come from the demo writer.
`Shape.articles` is the truth.  Kinds of CMS are the matter of tests.farm.  Used by tests of onboarding.
"""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import md5
from typing import ClassVar

from spiders.cms.adapter import Ask
from tests.asking import Pages
from tests.demo.text import Writer

NEWEST = date(2024, 6, 30)


@dataclass(frozen=True)
class Piece:
    """One article.  number: unique on the site.  path: where it stands."""

    column: str
    number: int
    title: str
    day: date
    paragraphs: tuple[str, ...]

    @property
    def hash(self) -> str:
        return md5(f"{self.column}{self.number}".encode(), usedforsecurity=False).hexdigest()


class Shape(Pages):
    """Three plain columns; subclasses change what differs.  SIZE: rows of a list page."""

    NAME: ClassVar[str] = "generic"
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {
        "gzdt": ("工作动态", 23),
        "tzgg": ("通知公告", 21),
        "zcwj": ("政策文件", 26),
    }
    TITLE: ClassVar[str] = "云砚市投资促进局"
    SIZE: ClassVar[int] = 8
    HEAD: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__({}, f"{self.NAME.replace('_', '-')}.shapes.example")
        writer = Writer(self.NAME)
        self.stock: dict[str, list[Piece]] = {}
        number = 1000
        for column, (_, count) in self.COLUMNS.items():
            self.stock[column] = []
            for day in writer.days(NEWEST, count):
                draft = writer.news(day, 3)
                number += 7
                self.stock[column].append(Piece(column, number, draft.title, day, tuple(draft.paragraphs)))

    # ---------------------------------------------------------------------------------------- what shapes differ in
    def article_path(self, piece: Piece) -> str:
        return f"/{piece.column}/{piece.number}.html"

    def list_path(self, column: str, number: int) -> str:
        return f"/{column}/" if number == 1 else f"/{column}/index_{number}.html"

    def row(self, piece: Piece) -> str:
        return f'<li><a href="{self.article_path(piece)}" title="{piece.title}">{piece.title}</a><span>{piece.day}</span></li>'

    def turn(self, column: str, number: int, last: int) -> str:
        """The pager of a list page."""
        links = "".join(f'<a href="{self.list_path(column, n)}">{n}</a>' for n in range(1, last + 1) if n != number)
        following = f'<a href="{self.list_path(column, number + 1)}">下一页</a>' if number < last else ""
        return f'<div class="pages">{links}{following}</div>'

    def article(self, piece: Piece) -> str:
        body = "".join(f"<p>{text}</p>" for text in piece.paragraphs)
        info = f"<p class=info>发布时间：{piece.day} 来源：{self.TITLE}</p>"
        return self.wrap(piece.title, f"<h1>{piece.title}</h1>{info}<div class=content>{body}</div>")

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        """Pages and data calls of the shape; None = not one."""
        return None

    # ---------------------------------------------------------------------------------------- what they share
    @property
    def home(self) -> str:
        return f"http://{self.host}/"

    @property
    def articles(self) -> set[str]:
        return {f"http://{self.host}{self.article_path(piece)}" for pieces in self.stock.values() for piece in pieces}

    def pages_of(self, column: str) -> int:
        return -(-len(self.stock[column]) // self.SIZE)

    def some(self, column: str, number: int) -> list[Piece]:
        return self.stock[column][(number - 1) * self.SIZE : number * self.SIZE]

    def rows(self, column: str, number: int) -> str:
        return f'<ul class="list">{"".join(self.row(piece) for piece in self.some(column, number))}</ul>'

    def column_page(self, column: str, number: int) -> str:
        return self.wrap(
            self.COLUMNS[column][0], self.rows(column, number) + self.turn(column, number, self.pages_of(column))
        )

    def menu(self) -> str:
        links = [("首页", "/"), *((name, self.list_path(key, 1)) for key, (name, _) in self.COLUMNS.items())]
        links += [
            ("机构概况", "/about.html"),
            ("联系我们", "/contact.html"),
            ("办事大厅", "http://banshi.other.example/"),
        ]
        return "".join(f'<li><a href="{href}">{name}</a></li>' for name, href in links)

    def wrap(self, title: str, body: str) -> str:
        head = f'<meta charset="utf-8"><title>{title} - {self.TITLE}</title>{self.HEAD}'
        top = f'<div class="top"><a href="/login.html">登录</a><a href="/en/">English</a><a href="http://m.{self.host}/">手机版</a></div>'
        search = '<form action="/search"><input name="q"><a href="/search?q=园区">园区</a><a href="/search?q=招商">招商</a></form>'
        foot = '<div class="footer"><a href="/sitemap.html">网站地图</a> <a href="http://www.other.example/">友情链接</a> 云砚市投资促进局主办</div>'
        nav = f'<div class="nav"><ul>{self.menu()}</ul></div>'
        return f'<html><head>{head}</head><body>{top}{nav}{search}<div class="main">{body}</div>{self.hot()}{foot}</body></html>'

    def hot(self) -> str:
        """A side box that stands on every page and leads to the same old articles."""
        pieces = [pieces[-1 - n] for pieces in self.stock.values() for n in range(2)][:8]
        links = "".join(
            f'<li><em>{n}</em><a href="{self.article_path(piece)}">{piece.title}</a></li>'
            for n, piece in enumerate(pieces, 1)
        )
        return f'<div class="sidebar"><h3>热门排行</h3><ol class="hot">{links}</ol></div>'

    def front(self) -> str:
        pictures = [pieces[1] for pieces in self.stock.values()][:5]
        slides = "".join(
            f'<li><a href="{self.article_path(one)}"><img src="/img/{one.number}.jpg" alt="{one.title}"></a></li>'
            for one in pictures
        )
        boxes = "".join(
            f'<div class="box"><h2><a href="{self.list_path(column, 1)}">{name}</a><a class="more" href="{self.list_path(column, 1)}">更多</a></h2>'
            f"<ul>{''.join(self.row(piece) for piece in self.stock[column][:6])}</ul></div>"
            for column, (name, _) in self.COLUMNS.items()
        )
        banners = '<a href="http://zt.other.example/"><img src="/img/zt.jpg"></a><a href="/about.html"><img src="/img/about.jpg"></a>'
        return self.wrap(
            "首页", f'<div class="swiper"><ul>{slides}</ul></div>{boxes}<div class="banner">{banners}</div>'
        )

    def at(self, path: str, ask: Ask) -> str | tuple[int, str]:
        answer = self.data(path, ask)
        if answer is not None:
            return answer
        if path == "/":
            return self.front()
        for column in self.COLUMNS:
            for number in range(1, self.pages_of(column) + 1):
                if path == self.list_path(column, number):
                    return self.column_page(column, number)
            for piece in self.stock[column]:
                if path == self.article_path(piece):
                    return self.article(piece)
        single = {
            "/about.html": "机构概况",
            "/contact.html": "联系我们",
            "/sitemap.html": "网站地图",
            "/login.html": "登录",
            "/en/": "English",
        }
        if path in single:
            return self.wrap(
                single[path], f"<h1>{single[path]}</h1><p>云砚市投资促进局设在砚湖路十二号，工作日开门。</p>"
            )
        if path == "/sitemap.html":
            return self.wrap("网站地图", f"<h1>网站地图</h1><ul>{self.menu()}</ul>")
        return 404, self.wrap("找不到", "<p>没有这个页面</p>")


class WordPress(Shape):
    """Slugs for URLs, /page/2/, labels and months that repeat everything."""

    NAME = "wordpress"
    TITLE = "云砚生物医药园"
    HEAD = '<meta name="generator" content="WordPress 6.5"><link rel="stylesheet" href="/wp-content/themes/park/style.css">'

    def article_path(self, piece: Piece) -> str:
        return f"/{piece.day:%Y/%m/%d}/{piece.hash[:5]}-{piece.column}-news/"

    def list_path(self, column: str, number: int) -> str:
        return f"/category/{column}/" + (f"page/{number}/" if number > 1 else "")

    def row(self, piece: Piece) -> str:
        time = f'<time class="entry-date" datetime="{piece.day}T09:00:00+08:00">{piece.day:%Y年%m月%d日}</time>'
        return f'<article class="post"><h2 class="entry-title"><a href="{self.article_path(piece)}">{piece.title}</a></h2>{time}</article>'

    def rows(self, column: str, number: int) -> str:
        months = "".join(f'<li><a href="/2024/{month:02}/">2024年{month}月</a></li>' for month in range(1, 7))
        labels = "".join(f'<a href="/tag/{label}/">{label}</a>' for label in ("zhaoshang", "yiyao", "chanye"))
        side = f'<aside class="widget"><h3>归档</h3><ul>{months}</ul>{labels}</aside>'
        return "".join(self.row(piece) for piece in self.some(column, number)) + side

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        if re.match(r"/tag/|/2024/\d\d/$", path):
            pieces = sorted((one for pieces in self.stock.values() for one in pieces), key=lambda one: one.hash)[:9]
            return self.wrap("归档", "".join(self.row(piece) for piece in pieces))
        return None


class Silent(Shape):
    """A company's page of its own make: no sign of a second page but that there is one; products beside the news."""

    NAME = "silent"
    TITLE = "云砚修渠机械有限公司"
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {"news": ("公司新闻", 23), "industry": ("行业资讯", 21)}

    def turn(self, column: str, number: int, last: int) -> str:
        return f'<div id="{column}-more" data-now="{number}" data-all="{last}">加载更多</div>'

    def list_path(self, column: str, number: int) -> str:
        return f"/{column}/index.html" if number == 1 else f"/{column}/index_{number}.html"

    def front(self) -> str:
        cards = "".join(
            f'<li><a href="/product/{n}.html"><img src="/i/{n}.jpg"><p>修渠机{n}型</p></a></li>' for n in range(1, 9)
        )
        return (
            super()
            .front()
            .replace(
                '<div class="main">',
                f'<div class="main"><a href="/product/">产品中心</a><ul class="cards">{cards}</ul>',
            )
        )

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        if path == "/product/":
            return self.wrap(
                "产品中心",
                "".join(
                    f'<li><a href="/product/{n}.html"><img src="/i/{n}.jpg"><p>修渠机{n}型</p></a></li>'
                    for n in range(1, 25)
                ),
            )
        if re.fullmatch(r"/product/\d+\.html", path):
            return self.wrap("修渠机", "<h1>修渠机</h1><p>功率：30千瓦</p><p>重量：2吨</p>")
        return None


class Blog(Shape):
    """Everything on one paged home page; columns are labels only."""

    NAME = "blog"
    TITLE = "园区观察"
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {"all": ("观察", 41)}

    def list_path(self, column: str, number: int) -> str:  # noqa: ARG002
        return "/" if number == 1 else f"/page/{number}"

    def article_path(self, piece: Piece) -> str:
        return f"/post/{piece.number}.html"

    def front(self) -> str:
        return self.column_page("all", 1)


class Asp(Shape):
    """Old ASP: everything is a query, rows are table rows, numbers count all sorts of pages."""

    NAME = "asp"
    TITLE = "云砚市生物医药协会"

    def node(self, column: str) -> int:
        return 11 + list(self.COLUMNS).index(column)

    def article_path(self, piece: Piece) -> str:
        return f"/NewsDetail.aspx?id={piece.number}"

    def list_path(self, column: str, number: int) -> str:
        return f"/NewsList.aspx?cid={self.node(column)}" + (f"&page={number}" if number > 1 else "")

    def row(self, piece: Piece) -> str:
        return f'<tr><td>·<a href="{self.article_path(piece)}" target="_blank">{piece.title}</a></td><td width="90">[{piece.day}]</td></tr>'

    def rows(self, column: str, number: int) -> str:
        return f'<table width="100%">{"".join(self.row(piece) for piece in self.some(column, number))}</table>'

    def turn(self, column: str, number: int, last: int) -> str:
        following = f'<a href="{self.list_path(column, number + 1)}">下一页</a>' if number < last else "下一页"
        return f'<table><tr><td>第{number}页/共{last}页 {following} <a href="{self.list_path(column, last)}">末页</a></td></tr></table>'

    def menu(self) -> str:
        single = "".join(
            f'<li><a href="/About.aspx?id={n}">{name}</a></li>'
            for n, name in enumerate(("协会简介", "协会章程", "入会指南"), 1)
        )
        return super().menu() + single

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        if path.startswith("/About.aspx"):
            return self.wrap(
                "协会简介",
                "<h1>协会简介</h1><p>云砚市生物医药协会由九家企业发起。协会每年办两次年会，为会员做培训、检测与对接。欢迎来信！</p>"
                * 3,
            )
        return None


class Flat(Shape):
    """All pages stand in one folder under bare numbers: articles, single pages, lists."""

    NAME = "flat"

    def article_path(self, piece: Piece) -> str:
        return f"/{piece.number}.html"

    def list_path(self, column: str, number: int) -> str:
        node = 2 + list(self.COLUMNS).index(column)
        return f"/lists/{node}.html" if number == 1 else f"/lists/{node}_{number}.html"

    def menu(self) -> str:
        single = "".join(
            f'<li><a href="/{n}.html">{name}</a></li>'
            for n, name in enumerate(("局长致辞", "机构职能", "组织架构"), 11)
        )
        return super().menu() + single

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        return (
            self.wrap("机构", "<h1>机构</h1><p>云砚市投资促进局设四个科室。</p>")
            if path in ("/11.html", "/12.html", "/13.html")
            else None
        )


class Sections(Shape):
    """Three sections of three columns; a section's page lists all of its columns' articles, page by page."""

    NAME = "sections"
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {
        f"{section}/{column}": (name, 12 + 3 * number)
        for section in ("xwzx", "zwgk", "tzzs")
        for number, (column, name) in enumerate((("ywdt", "要闻动态"), ("gsgg", "公示公告"), ("mtbd", "媒体报道")))
    }
    SECTIONS: ClassVar[dict[str, str]] = {"xwzx": "新闻中心", "zwgk": "政务公开", "tzzs": "投资招商"}

    def menu(self) -> str:
        links = "".join(f'<li><a href="/{key}/">{name}</a></li>' for key, name in self.SECTIONS.items())
        return f'<li><a href="/">首页</a></li>{links}<li><a href="/about.html">机构概况</a></li>'

    def front(self) -> str:
        newest = sorted(
            (one for pieces in self.stock.values() for one in pieces), key=lambda one: one.day, reverse=True
        )[:9]
        return self.wrap("首页", f"<ul class=top>{''.join(self.row(piece) for piece in newest)}</ul>")

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        found = re.fullmatch(r"/(xwzx|zwgk|tzzs)/(?:index_(\d+)\.html)?", path)
        if not found:
            return None
        number = int(found[2] or 1)
        mine = sorted(
            (one for key, pieces in self.stock.items() if key.startswith(found[1]) for one in pieces),
            key=lambda one: one.day,
            reverse=True,
        )
        rows = "".join(self.row(piece) for piece in mine[(number - 1) * self.SIZE : number * self.SIZE])
        side = "".join(
            f'<li><a href="{self.list_path(key, 1)}">{name}</a></li>'
            for key, (name, _) in self.COLUMNS.items()
            if key.startswith(found[1])
        )
        following = (
            f'<a href="/{found[1]}/index_{number + 1}.html">下一页</a>' if number * self.SIZE < len(mine) else ""
        )
        return self.wrap(
            self.SECTIONS[found[1]],
            f'<ul class="side">{side}</ul><ul class="list">{rows}</ul><div class="pages">{following}</div>',
        )


class Wide(Shape):
    """Seventy columns of one form, more than the budget reads."""

    NAME = "wide"
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {f"col{n}": (f"第{n}科动态", 9) for n in range(201, 271)}


class Undated(Shape):
    """A company whose news rows show no date, products in the same form beside them."""

    NAME = "undated"
    TITLE = "云砚修渠装备有限公司"
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {"news": ("新闻中心", 23), "tech": ("技术文章", 17)}

    def row(self, piece: Piece) -> str:
        return f'<li><a href="{self.article_path(piece)}">{piece.title}</a></li>'

    def menu(self) -> str:
        return super().menu() + '<li><a href="/product/">产品中心</a></li><li><a href="/case/">工程案例</a></li>'

    def data(self, path: str, ask: Ask) -> str | tuple[int, str] | None:  # noqa: ARG002
        found = re.fullmatch(r"/(product|case)/(?:(\d+)\.html)?", path)
        if found is None:
            return None
        if found[2]:
            return self.wrap("修渠机", "<h1>修渠机</h1><p>功率：30千瓦</p><p>重量：2吨</p><p>宽度：3米</p>")
        return self.wrap(
            "产品中心",
            "".join(
                f'<li><a href="/{found[1]}/{n}.html"><img src="/i/{n}.jpg"><p>修渠机{n}型</p></a></li>'
                for n in range(1, 25)
            ),
        )


SHAPES: tuple[type[Shape], ...] = (WordPress, Silent, Blog, Asp, Flat, Sections, Wide, Undated)
