"""Sites that a careless crawl never leaves: each one a list with few articles behind it, and one trap around them.

All is made when it is asked for, so a trap has no end of its own.  TRAPS names for each the rule by which a walk of
/list/ must end, and how many requests that may cost beyond the articles.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from tests.demo.text import Writer
from tests.farm.model import Answer, Asked

SIZE = 5  # rows a list page


@dataclass(frozen=True)
class Note:
    """One article of a trap site."""

    number: int
    title: str
    day: date
    paragraphs: tuple[str, ...]


class Trap:
    """A plain list of twelve articles in three pages; subclasses lay the trap.

    RULE: what must end a full walk of the list.  PAGES: answers of the list that a walk may ask for at most.
    """

    NAME = "plain"
    RULE = "last-page"
    PAGES = 3
    COUNT = 12

    def __init__(self) -> None:
        self.host = f"{self.NAME}.trap.example"
        self.home = f"http://{self.host}/"
        self.asked = 0
        writer = Writer(f"trap/{self.NAME}")
        self.notes = [self._note(writer, number) for number in range(self.COUNT)]

    def _note(self, writer: Writer, number: int) -> Note:
        day = date.today() - timedelta(days=2 + 3 * number)
        draft = writer.news(day)
        return Note(self.COUNT - number + 4100, draft.title, day, draft.paragraphs)

    @property
    def articles(self) -> set[str]:
        """The identities of its articles."""
        return {f"{self.home.rstrip('/')}{self.path(note)}" for note in self.notes}

    def path(self, note: Note) -> str:
        return f"/a/{note.number}.html"

    # ------------------------------------------------------------------------------------------------ pages
    def page(self, title: str, main: str) -> Answer:
        menu = "".join(f'<li><a href="{href}">{name}</a></li>' for name, href in self.menu())
        return Answer(
            f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
            f'<div class="nav"><ul>{menu}</ul></div><div class="main">{main}</div>'
            '<div class="footer">岚江省陷阱试验园区管理委员会</div></body></html>'.encode()
        )

    def menu(self) -> list[tuple[str, str]]:
        return [("首页", "/"), ("园区新闻", "/list/")]

    def href(self, note: Note, asked: Asked) -> str:
        """How a row leads to an article."""
        return self.path(note)

    def rows(self, notes: list[Note], asked: Asked) -> str:
        return '<ul class="list">' + "".join(
            f'<li><a href="{self.href(note, asked)}">{escape(note.title)}</a><span>{note.day}</span></li>'
            for note in notes
        ) + "</ul>"  # fmt: skip

    def list_page(self, number: int, asked: Asked) -> Answer:
        """One page of the list.  number: from 1."""
        notes = self.on(number)
        following = self.following(number, asked)
        turn = f'<div class="page"><a href="{following}">下一页</a></div>' if following else ""
        return self.page("园区新闻", self.rows(notes, asked) + turn)

    def on(self, number: int) -> list[Note]:
        return self.notes[(number - 1) * SIZE : number * SIZE]

    def following(self, number: int, asked: Asked) -> str | None:
        return f"/list/?page={number + 1}" if number * SIZE < len(self.notes) else None

    def story(self, note: Note) -> Answer:
        body = "".join(f"<p>{escape(text)}</p>" for text in note.paragraphs)
        return self.page(
            f"{note.title}-岚江省陷阱试验园区",
            f'<h1>{escape(note.title)}</h1><div class="info">发布时间：{note.day} 09:00　来源：岚江日报</div>'
            f'<div class="content">{body}</div>',
        )

    # ------------------------------------------------------------------------------------------------ answers
    def respond(self, asked: Asked) -> Answer:
        self.asked += 1
        return self.answer(asked) or Answer(b"nothing here", "text/plain", 404)

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path == "/list/":
            return self.list_page(asked.number("page"), asked)
        if asked.path == "/":
            return self.page("岚江省陷阱试验园区", '<p>欢迎来到园区。</p><a href="/list/">园区新闻</a>')
        for note in self.notes:
            if self.path(note) == asked.target:
                return self.story(note)
        return None


class LastRowsAgain(Trap):
    """Every page number beyond the last brings the last rows."""

    NAME, RULE, PAGES = "last-rows", "repeats", 4

    def on(self, number: int) -> list[Note]:
        return super().on(min(number, 3))

    def following(self, number: int, asked: Asked) -> str | None:
        return f"/list/?page={number + 1}"


class SameRows(LastRowsAgain):
    """Every page number brings the first rows."""

    NAME, RULE, PAGES, COUNT = "same-rows", "repeats", 2, 5

    def on(self, number: int) -> list[Note]:
        return self.notes


class Empty(LastRowsAgain):
    """Beyond the last page come pages without rows, each with a next one."""

    NAME, RULE, PAGES = "empty", "empty", 4

    def on(self, number: int) -> list[Note]:
        return self.notes[(number - 1) * SIZE : number * SIZE]


class Sessions(LastRowsAgain):
    """Each answer gives its links a session of its own, and the last rows come again and again."""

    NAME, RULE, PAGES = "sessions", "repeats", 4

    def href(self, note: Note, asked: Asked) -> str:
        return f"{self.path(note)}?visit={self.asked:06d}"

    def following(self, number: int, asked: Asked) -> str | None:
        return f"/list/?page={number + 1}&visit={self.asked:06d}"

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path.startswith("/a/"):
            return next((self.story(note) for note in self.notes if self.path(note) == asked.path), None)
        return super().answer(asked)


class Filters(Sessions):
    """The next link gathers parameters, and every combination brings the same rows in another order."""

    NAME, RULE, PAGES, COUNT = "filters", "repeats", 2, 5

    def on(self, number: int) -> list[Note]:
        return self.notes[number % 5 :] + self.notes[: number % 5]

    def href(self, note: Note, asked: Asked) -> str:
        return self.path(note)

    def following(self, number: int, asked: Asked) -> str | None:
        chosen = "".join(f"&f{one}={number}" for one in range(number))
        return f"/list/?page={number + 1}{chosen}"


class Circle(Trap):
    """The last page leads on to the second."""

    NAME, RULE, PAGES = "circle", "loop", 3

    def following(self, number: int, asked: Asked) -> str | None:
        return f"/list/?page={number + 1 if number < 3 else 2}"


class Growing(Trap):
    """A relative link that grows at each step, on a server that looks at the end of the path only."""

    NAME, RULE, PAGES, COUNT = "growing", "growing-path", 4, 60

    def list_page(self, number: int, asked: Asked) -> Answer:
        rows = self.rows(self.notes[(number - 1) * SIZE : number * SIZE], asked)
        return self.page("园区新闻", f'{rows}<div class="page"><a href="list/">下一页</a></div>')

    @property
    def articles(self) -> set[str]:
        return {f"{self.home.rstrip('/')}{self.path(note)}" for note in self.notes[: 2 * SIZE]}

    def answer(self, asked: Asked) -> Answer | None:
        steps = asked.path.strip("/").split("/")
        if set(steps) == {"list"}:
            return self.list_page(len(steps), asked)
        return super().answer(asked)


class Calendar(Trap):
    """A programme of coming months, each with rows of its own, for ever."""

    NAME, RULE, PAGES, COUNT = "calendar", "future", 4, 3

    def on(self, number: int) -> list[Note]:
        if number == 1:
            return self.notes
        ahead = date.today() + timedelta(days=30 * (number - 1) - 15)
        return [
            Note(
                9000 + number * 10 + one,
                f"第{number}月园区活动预告之{one}",
                ahead + timedelta(days=one),
                self.notes[one].paragraphs,
            )
            for one in range(3)
        ]

    def answer(self, asked: Asked) -> Answer | None:
        found = re.fullmatch(r"/a/9(\d\d)\d\.html", asked.path)
        coming = [note for note in self.on(int(found[1])) if self.path(note) == asked.path] if found else []
        return self.story(coming[0]) if coming else super().answer(asked)

    def following(self, number: int, asked: Asked) -> str | None:
        return f"/list/?page={number + 1}"


class SoftPages(LastRowsAgain):
    """Pages beyond the last say 200 and that they are not there, in the whole template; articles that are gone, too."""

    NAME, RULE, PAGES = "soft-404", "no-page", 4

    def list_page(self, number: int, asked: Asked) -> Answer:
        return self.gone() if number > 3 else super().list_page(number, asked)

    def gone(self) -> Answer:
        return self.page(
            "404-岚江省陷阱试验园区", self.rows(self.notes[:3], Asked("", "GET", "", "")) + "<p>请看别的新闻。</p>" * 80
        )

    def answer(self, asked: Asked) -> Answer | None:
        return super().answer(asked) or self.gone()

    def href(self, note: Note, asked: Asked) -> str:
        return "/a/9.html" if note is self.notes[-1] else super().href(note, asked)

    @property
    def articles(self) -> set[str]:
        return super().articles - {f"{self.home.rstrip('/')}{self.path(self.notes[-1])}"}


class HomeForAll(LastRowsAgain):
    """Whatever is not there is answered with the home page."""

    NAME, RULE, PAGES = "home-for-all", "last-page", 4

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path == "/list/" and asked.number("page") > 3:
            return super().answer(Asked(asked.host, "GET", "/", ""))
        return super().answer(asked) or super().answer(Asked(asked.host, "GET", "/", ""))

    def href(self, note: Note, asked: Asked) -> str:
        return "/a/9.html" if note is self.notes[-1] else super().href(note, asked)

    @property
    def articles(self) -> set[str]:
        return super().articles - {f"{self.home.rstrip('/')}{self.path(self.notes[-1])}"}


class BackToFirst(LastRowsAgain):
    """Pages beyond the last redirect to the first."""

    NAME, RULE, PAGES = "back-to-first", "no-page", 4

    def list_page(self, number: int, asked: Asked) -> Answer:
        if number > 3:
            return Answer(status=302, headers=(("Location", "/list/"),))
        return super().list_page(number, asked)


class MissingPages(LastRowsAgain):
    """A pager that names pages nobody made."""

    NAME, RULE, PAGES = "missing", "no-page", 4

    def list_page(self, number: int, asked: Asked) -> Answer:
        return Answer(b"no", "text/html", 404) if number > 3 else super().list_page(number, asked)


class Twins(Trap):
    """Each article by its address, by http and https, with a session, at the mobile host, printed, in two columns."""

    NAME, PAGES = "www.twins", 3
    FORMS = ("/a/{0}.html", "http://m.twins.trap.example/a/{0}.html", "/print/{0}.html", "https://twins.trap.example/a/{0}.html",
             "/a/{0}.html;jsessionid=0A1B2C{0}?utm_source=wx", "/b/{0}.html?from=timeline")  # fmt: skip

    def rows(self, notes: list[Note], asked: Asked) -> str:
        return '<ul class="list">' + "".join(
            f'<li><a href="{form.format(note.number)}">{escape(note.title)}</a><span>{note.day}</span></li>'
            for note in notes
            for form in self.FORMS
        ) + "</ul>"  # fmt: skip

    def answer(self, asked: Asked) -> Answer | None:
        number = asked.path.rsplit("/", 1)[-1].removesuffix(".html")
        for note in self.notes:
            if number == str(note.number):
                return self.printed(note) if asked.path.startswith("/print/") else self.story(note)
        return super().answer(asked)

    def printed(self, note: Note) -> Answer:
        body = "".join(f"<p>{escape(text)}</p>" for text in note.paragraphs)
        text = f"<html><head><meta charset='utf-8'><title>{escape(note.title)}</title></head><body><h2>{escape(note.title)}</h2><div>{body}</div></body></html>"
        return Answer(text.encode())


class Elsewhere(Trap):
    """Most rows lead to other hosts, a whole page of them too."""

    NAME, PAGES = "elsewhere", 3

    def href(self, note: Note, asked: Asked) -> str:
        if note in self.own():
            return self.path(note)
        return (
            f"https://mp.weixin.example/s/{note.number}x"
            if note.number % 2
            else f"http://news.else.example/{note.number}.html"
        )

    def own(self) -> list[Note]:
        return [self.notes[0], self.notes[-1]]

    @property
    def articles(self) -> set[str]:
        return {f"{self.home.rstrip('/')}{self.path(note)}" for note in self.own()}


def traps() -> Iterator[Trap]:
    """One site of each."""
    for kind in (
        Trap, LastRowsAgain, SameRows, Empty, Sessions, Filters, Circle, Growing, Calendar, SoftPages, HomeForAll,
        BackToFirst, MissingPages, Twins, Elsewhere,
    ):  # fmt: skip
        yield kind()
