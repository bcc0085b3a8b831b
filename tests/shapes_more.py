"""More sites in memory in shapes that real ones have: frames, splash pages, year tabs, tables, offsets, data in scripts.

The same frame and the same truth as tests.shapes; each class says in one line what is odd about it.
"""

import json
import re
from typing import ClassVar
from urllib.parse import quote, unquote

from spiders.cms.adapter import Ask
from tests.shapes import Piece, Shape

Given = str | tuple[int, str] | None


class ShortTitles(Shape):
    """Headlines of four to seven words, articles without extension, and neighbours linked below each of them."""

    NAME = "short_titles"
    WORDS = ("人事任免", "招标公告", "中标结果", "停水通知", "评审公示", "工作简报", "会议纪要", "值班安排")

    def short(self, piece: Piece) -> str:
        return f"{self.WORDS[piece.number % 8]}{piece.number}"

    def article_path(self, piece: Piece) -> str:
        return f"/info/{piece.number}"

    def row(self, piece: Piece) -> str:
        return f'<li><a href="{self.article_path(piece)}">{self.short(piece)}</a><span>{piece.day}</span></li>'

    def article(self, piece: Piece) -> str:
        stock = self.stock[piece.column]
        at = stock.index(piece)
        near = [
            (label, stock[place])
            for label, place in (("上一篇", at - 1), ("下一篇", at + 1))
            if 0 <= place < len(stock)
        ]
        links = "".join(
            f'<p>{label}：<a href="{self.article_path(one)}">{self.short(one)}</a></p>' for label, one in near
        )
        body = "".join(f"<p>{text}</p>" for text in piece.paragraphs)
        info = f"<p class=info>发布时间：{piece.day} 来源：{self.TITLE}</p>"
        return self.wrap(
            self.short(piece),
            f"<h1>{self.short(piece)}</h1>{info}<div class=content>{body}</div><div class=near>{links}</div>",
        )


class Table(Shape):
    """An openness list: a table with head, index number, document number, headline and day."""

    NAME = "table"

    def rows(self, column: str, number: int) -> str:
        head = "<tr><th>索引号</th><th>标题</th><th>发文字号</th><th>发布日期</th></tr>"
        lines = "".join(
            f'<tr><td>YY0{piece.number}-2024-{piece.number % 97:05}</td><td><a href="{self.article_path(piece)}" target="_blank">{piece.title}</a></td><td>云投〔2024〕{piece.number % 90}号</td><td>{piece.day}</td></tr>'
            for piece in self.some(column, number)
        )
        return f'<table class="gkml">{head}{lines}</table>'


class Selected(Shape):
    """Pages are chosen in a <select>; there is no link to the next one."""

    NAME = "selected"

    def turn(self, column: str, number: int, last: int) -> str:
        options = "".join(
            f'<option value="{self.list_path(column, n)}"{" selected" if n == number else ""}>第{n}页</option>'
            for n in range(1, last + 1)
        )
        return f'<div class="page">共{last}页 <select onchange="location.href=this.value">{options}</select></div>'


class LoadMore(Shape):
    """A button below the rows that says in an attribute where more of them are."""

    NAME = "load_more"

    def list_path(self, column: str, number: int) -> str:
        return f"/{column}/" if number == 1 else f"/{column}/more?page={number}"

    def turn(self, column: str, number: int, last: int) -> str:
        if number == last:
            return ""
        return f'<div class="more-box"><a href="javascript:;" class="loadmore" data-url="{self.list_path(column, number + 1)}">加载更多</a></div>'


class Years(Shape):
    """A column has a page for each year and a row of years above its list."""

    NAME = "years"
    SIZE = 60
    COLUMNS: ClassVar[dict[str, tuple[str, int]]] = {"gzdt": ("工作动态", 60), "tzgg": ("通知公告", 55)}

    def __init__(self) -> None:
        super().__init__()
        for column, pieces in self.stock.items():
            self.stock[column] = [
                Piece(
                    one.column,
                    one.number,
                    one.title,
                    one.day.replace(year=2024 - at // 20, day=min(one.day.day, 28)),
                    one.paragraphs,
                )
                for at, one in enumerate(pieces)
            ]

    def year_page(self, column: str, year: int) -> str:
        years = "".join(f'<a href="/{column}/{one}/">{one}年</a>' for one in (2024, 2023, 2022))
        rows = "".join(self.row(piece) for piece in self.stock[column] if piece.day.year == year)
        return self.wrap(self.COLUMNS[column][0], f'<div class="years">{years}</div><ul class="list">{rows}</ul>')

    def data(self, path: str, ask: Ask) -> Given:
        for column in self.COLUMNS:
            for year in (2024, 2023, 2022):
                if path in (f"/{column}/{year}/", f"/{column}/" if year == 2024 else ""):
                    return self.year_page(column, year)
        return None


class Frames(Shape):
    """A frameset: head, menu and home page each in a frame of their own."""

    NAME = "frames"

    def wrap(self, title: str, body: str) -> str:
        return f'<html><head><meta charset="utf-8"><title>{title}</title></head><body><div class="main">{body}</div></body></html>'

    def data(self, path: str, ask: Ask) -> Given:
        if path == "/":
            return f'<html><head><meta charset="utf-8"><title>{self.TITLE}</title></head><frameset rows="90,*"><frame src="/head.html" name="head"><frameset cols="180,*"><frame src="/left.html" name="left"><frame src="/main.html" name="main"></frameset><noframes><body>您的浏览器不支持框架</body></noframes></frameset></html>'
        if path == "/left.html":
            return f'<html><head><meta charset="utf-8"></head><body><ul>{self.menu().replace("<a ", "<a target=main ")}</ul></body></html>'
        if path == "/head.html":
            return '<html><head><meta charset="utf-8"></head><body><img src="/img/head.jpg"></body></html>'
        return self.front() if path == "/main.html" else None


class Splash(Shape):
    """A picture at the door, with one link in."""

    NAME = "splash"

    def data(self, path: str, ask: Ask) -> Given:
        if path == "/":
            return f'<html><head><meta charset="utf-8"><title>{self.TITLE}</title></head><body><a href="/index/"><img src="/img/welcome.jpg" alt="进入网站"></a><p><a href="/index/">进入网站</a> <a href="/en/">English</a></p></body></html>'
        return self.front() if path == "/index/" else None


class Offsets(Shape):
    """Pages are counted in rows: ?start=8."""

    NAME = "offsets"

    def list_path(self, column: str, number: int) -> str:
        return f"/{column}" + (f"?start={(number - 1) * self.SIZE}" if number > 1 else "")

    def turn(self, column: str, number: int, last: int) -> str:
        links = "".join(
            f"<li class='active'><span>{n}</span></li>"
            if n == number
            else f'<li><a href="{self.list_path(column, n)}">{n}</a></li>'
            for n in range(1, last + 1)
        )
        return f'<ul class="pagination">{links}</ul>'


class Letters(Shape):
    """Pages called p2.html, with arrows alone to turn them."""

    NAME = "letters"

    def list_path(self, column: str, number: int) -> str:
        return f"/{column}/" if number == 1 else f"/{column}/p{number}.html"

    def turn(self, column: str, number: int, last: int) -> str:
        before = f'<a href="{self.list_path(column, number - 1)}">&lt;</a>' if number > 1 else ""
        after = f'<a href="{self.list_path(column, number + 1)}">&gt;</a>' if number < last else ""
        return f'<div class="fy">{before}<b>{number}</b>{after}</div>'


class InScript(Shape):
    """All rows of a column stand as JSON in a script of its page, which draws them."""

    NAME = "in_script"
    SIZE = 60

    def column_page(self, column: str, number: int) -> str:
        rows = [
            {"id": one.number, "title": one.title, "url": self.article_path(one), "publishTime": f"{one.day} 09:00:00"}
            for one in self.stock[column]
        ]
        script = f"<script>var articleList = {json.dumps(rows, ensure_ascii=False)};\ndraw(articleList, 1, 8);</script>"
        return self.wrap(self.COLUMNS[column][0], f'<ul id="list"></ul><div id="pager"></div>{script}')


class State(InScript):
    """An application that carries its first state in the page."""

    NAME = "state"

    def column_page(self, column: str, number: int) -> str:
        rows = [
            {"contentId": one.number, "title": one.title, "link": self.article_path(one), "publishDate": str(one.day)}
            for one in self.stock[column]
        ]
        state = {"props": {"pageProps": {"column": {"name": column}, "articles": {"total": len(rows), "list": rows}}}}
        script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state, ensure_ascii=False)}</script>'
        return self.wrap(self.COLUMNS[column][0], f'<div id="__next"></div>{script}')


class Pictured(Shape):
    """No menu of words: pictures lead to the columns, and 更多 is a picture, too."""

    NAME = "pictured"

    def menu(self) -> str:
        links = [(self.list_path(key, 1), key) for key in self.COLUMNS]
        return "".join(f'<li><a href="{href}"><img src="/img/menu_{key}.gif"></a></li>' for href, key in links)


class Based(Shape):
    """<base href> at the root, all links relative to it."""

    NAME = "based"
    HEAD = '<base href="/">'

    def wrap(self, title: str, body: str) -> str:
        return super().wrap(title, body).replace('href="/', 'href="').replace('<base href="">', '<base href="/">')


class Drawn(Shape):
    """The menu is written by a script file; home shows its boxes without more-links, articles name their column."""

    NAME = "drawn"

    def menu(self) -> str:
        return '<script src="/js/menu.js"></script>'

    def front(self) -> str:
        boxes = "".join(
            f'<div class="box"><h2>{name}</h2><ul>{"".join(self.row(piece) for piece in self.stock[column][:6])}</ul></div>'
            for column, (name, _) in self.COLUMNS.items()
        )
        return self.wrap("首页", boxes)

    def article(self, piece: Piece) -> str:
        name = self.COLUMNS[piece.column][0]
        crumbs = f'<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="{self.list_path(piece.column, 1)}">{name}</a> &gt; 正文</div>'
        return super().article(piece).replace('<div class="main">', f'<div class="main">{crumbs}')

    def data(self, path: str, ask: Ask) -> Given:
        if path == "/js/menu.js":
            links = "".join(
                f"document.write('<li><a href=\"{self.list_path(key, 1)}\">{name}</a></li>');\n"
                for key, (name, _) in self.COLUMNS.items()
            )
            return links
        return None


class Republic(Shape):
    """Days of the Republic of China beside the rows: 113-06-28."""

    NAME = "republic"
    TITLE = "雲硯科學園區管理局"

    def row(self, piece: Piece) -> str:
        day = f"{piece.day.year - 1911}-{piece.day:%m-%d}"
        return (
            f'<li><a href="{self.article_path(piece)}" title="{piece.title}">{piece.title}</a><span>{day}</span></li>'
        )


class Fragment(Shape):
    """Rows come as a piece of HTML that a script loads into the page, a page at a time."""

    NAME = "fragment"

    def column_page(self, column: str, number: int) -> str:
        script = (
            f"<script>function go(page) {{ $('#rows').load('/ajax/list?cid={column}&page=' + page); }} go(1);</script>"
        )
        return self.wrap(self.COLUMNS[column][0], f'<div id="rows"></div>{script}')

    def data(self, path: str, ask: Ask) -> Given:
        for column in self.COLUMNS:
            for number in range(1, self.pages_of(column) + 1):
                if path == f"/ajax/list?cid={column}&page={number}":
                    last = self.pages_of(column)
                    onward = f'<a href="javascript:go({number + 1})">下一页</a>' if number < last else ""
                    return f'{self.rows(column, number)}<div class="page">{number}/{last} {onward}</div>'
        return None


class Breaks(Shape):
    """Rows parted by <br> alone, all in one cell, the day in brackets behind the headline."""

    NAME = "breaks"

    def row(self, piece: Piece) -> str:
        return f'·&nbsp;<a href="{self.article_path(piece)}" class="a1" target="_blank">{piece.title}</a> ({piece.day.year}-{piece.day.month}-{piece.day.day})<br>'

    def rows(self, column: str, number: int) -> str:
        return f'<table><tr><td class="td1">{"".join(self.row(piece) for piece in self.some(column, number))}</td></tr></table>'


class Chinese(Shape):
    """Folders and parameters in Chinese, written as they are."""

    NAME = "chinese"

    def list_path(self, column: str, number: int) -> str:
        name = quote(self.COLUMNS[column][0])
        return f"/list.php?class={name}" + (f"&page={number}" if number > 1 else "")

    def article_path(self, piece: Piece) -> str:
        return f"/{quote(self.COLUMNS[piece.column][0])}/{piece.number}.html"

    def wrap(self, title: str, body: str) -> str:
        return re.sub(r'href="([^"]*)"', lambda found: f'href="{unquote(found[1])}"', super().wrap(title, body))


class InPath(Shape):
    """The interface counts pages in its path: /api/articles/7/2."""

    NAME = "in_path"

    def column_page(self, column: str, number: int) -> str:
        key = list(self.COLUMNS).index(column) + 7
        script = f"<script>var cid = {key}; function load(page) {{ $.getJSON('/api/articles/' + cid + '/' + page, show); }} load(1);</script>"
        return self.wrap(self.COLUMNS[column][0], f'<ul id="rows"></ul>{script}')

    def data(self, path: str, ask: Ask) -> Given:
        for key, column in enumerate(self.COLUMNS, 7):
            for number in range(1, self.pages_of(column) + 1):
                if path == f"/api/articles/{key}/{number}":
                    rows = [
                        {"title": one.title, "url": self.article_path(one), "pubDate": str(one.day)}
                        for one in self.some(column, number)
                    ]
                    return json.dumps({"pages": self.pages_of(column), "rows": rows}, ensure_ascii=False)
        return None


class AllAtOnce(Shape):
    """All rows stand in the page; a script shows eight at a time."""

    NAME = "all_at_once"
    SIZE = 60

    def turn(self, column: str, number: int, last: int) -> str:
        return '<div id="pager"><a href="javascript:;" class="prev">上一页</a><a href="javascript:;">1</a><a href="javascript:;">2</a><a href="javascript:;" class="next">下一页</a></div>'


class Absolute(Shape):
    """Links with the host in them, half of them by https, and the columns by an old name of the host without www."""

    NAME = "www.absolute"

    def article_path(self, piece: Piece) -> str:
        return f"/{piece.column}/{piece.number}.html"

    def wrap(self, title: str, body: str) -> str:
        page = super().wrap(title, body)
        page = re.sub(r'href="(/[a-z]+/\d*[02468]\.html)"', rf'href="https://{self.host}\1"', page)
        return re.sub(r'href="(/[a-z]+/)"', rf'href="http://{self.host.removeprefix("www.")}\1"', page)


MORE: tuple[type[Shape], ...] = (
    ShortTitles, Table, Selected, LoadMore, Years, Frames, Splash, Offsets, Letters, InScript, State, Pictured, Based,
    Drawn, Republic, Fragment, Breaks, Chinese, InPath, AllAtOnce, Absolute,
)  # fmt: skip
