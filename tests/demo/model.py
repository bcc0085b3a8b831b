"""What a demo site is made of: articles, list pages, answers; and the abstract site that renders them.

One set of data feeds both sides: the templates of a site (tests.demo.kjt …) make pages from it, tests.demo.truth
makes the expected result from it, so nothing is ever extracted from our own HTML.  Two states: 1 as first crawled,
2 later (three new articles, one changed, one removed).  Paths are site-relative and begin with "/".
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Literal

ZONE = timezone(timedelta(hours=8))
STATES = (1, 2)
# When the later state came to be: Last-Modified of everything that differs from state 1.
LATER = datetime(2025, 3, 3, 10, 0, tzinfo=ZONE)

Precision = Literal["day", "minute", "second"]
BodyKind = Literal["text", "video"]
Removal = Literal["gone", "soft-404", "redirected-home"]


@dataclass(frozen=True)
class Attachment:
    """A file of an article, or a picture in it.  title: text of its link, or alt."""

    path: str
    title: str
    data: bytes
    mime: str


@dataclass(frozen=True)
class Article:
    """One article as its publisher knows it.

    path: where it answers; listed_as: what list rows link to, if that redirects to `path`.  title: as a reader would
    write it down (no space before punctuation).  columns: keys of the columns that list it.  row_title: None = the
    row shows a date only.  marks: what the templates do to this page, tests.demo.sites.TRAPS names most of them.
    born, gone: first state that has it, first state that has not.
    """

    number: int
    path: str
    title: str
    at: datetime
    precision: Precision
    paragraphs: tuple[str, ...]
    columns: tuple[str, ...]
    source: str | None = None
    row_title: str | None = None
    listed_as: str | None = None
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Attachment, ...] = ()
    doc: tuple[tuple[str, str], ...] = ()
    body_kind: BodyKind = "text"
    marks: frozenset[str] = frozenset()
    born: int = 1
    gone: int | None = None

    @property
    def link(self) -> str:
        return self.listed_as or self.path

    @property
    def day(self) -> str:
        return f"{self.at:%Y-%m-%d}"


@dataclass(frozen=True)
class Column:
    """One column.  path: its first page.  size: rows a page.

    repeats: no column to a reader, but a list that shows all articles again (the home page of a blog).
    """

    key: str
    name: str
    path: str
    size: int
    repeats: bool = False


@dataclass(frozen=True)
class ListPage:
    """One page of a column.  articles in row order; pinned: how many rows at the top are out of date order.

    path: what is fetched for these rows (a JSON call on 003).  number from 1, of `total`.
    """

    column: Column
    path: str
    number: int
    total: int
    articles: tuple[Article, ...]
    next: str | None
    pinned: int = 0


@dataclass(frozen=True)
class Answer:
    """What the server says at one path, before compression and chunking.

    modified: None = no Last-Modified.  etag: strong, weak, or none.  counter: the body holds COUNTER, replaced by a
    number that is another one at each request.
    """

    body: bytes
    mime: str = "text/html; charset=utf-8"
    status: int = 200
    location: str | None = None
    modified: datetime | None = None
    etag: Literal["strong", "weak", "none"] = "strong"
    counter: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=())

    @property
    def tag(self) -> str | None:
        if self.etag == "none" or self.status != 200:
            return None
        digest = hashlib.sha256(self.body).hexdigest()[:16]
        return f'W/"{digest}"' if self.etag == "weak" else f'"{digest}"'


COUNTER = b"@@HITS@@"


class DemoSite(ABC):
    """One site in one state.  Subclasses write the articles of all states and the templates."""

    name: str
    host: str
    title: str
    site_id_code: str | None = None
    columns: tuple[Column, ...]
    removal: Removal
    traps: dict[str, str]  # name -> path, filled by the subclass
    disallowed: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, state: int = 1) -> None:
        self.state = state
        self.traps = {}
        self.edits: dict[str, Article] = {}
        self.stock = self.write()

    @abstractmethod
    def write(self) -> list[Article]:
        """Return all articles of all states, newest first; fill traps and edits (path -> article in state 2)."""

    @abstractmethod
    def pages(self) -> dict[str, Answer]:
        """Return every answer of the site by path (with query), except list and article pages and removals."""

    @abstractmethod
    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        """Return the answers for one list page, by path: aliases and containers too."""

    @abstractmethod
    def article_answer(self, article: Article) -> Answer: ...

    @abstractmethod
    def missing(self) -> Answer:
        """Return the page that says there is nothing here (status 404)."""

    @abstractmethod
    def list_path(self, column: Column, number: int) -> str: ...

    def row_date(self, article: Article) -> str:
        """Return the date as list rows show it."""
        return article.day

    @property
    def home(self) -> str:
        return f"http://{self.host}/"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def articles(self) -> list[Article]:
        """Return what is published, newest first."""
        live = [a for a in self.stock if a.born <= self.state and (a.gone is None or a.gone > self.state)]
        return [self.edits.get(a.path, a) if self.state >= 2 else a for a in live]

    def removed(self) -> list[Article]:
        return [a for a in self.stock if a.gone is not None and a.gone <= self.state]

    def listed(self, column: Column) -> list[Article]:
        """Return the articles of a column in the order of its rows: pinned ones first, then newest first."""
        mine = [a for a in self.articles() if column.key in a.columns]
        return sorted(mine, key=lambda a: not self.is_pinned(a, column))

    def is_pinned(self, article: Article, column: Column) -> bool:
        return f"pinned-in-{column.key}" in article.marks

    def list_pages(self) -> list[ListPage]:
        return [page for column in self.columns for page in self.column_pages(column)]

    def column_pages(self, column: Column) -> list[ListPage]:
        rows = self.listed(column)
        total = -(-len(rows) // column.size)
        return [
            ListPage(
                column=column,
                path=self.list_path(column, number),
                number=number,
                total=total,
                articles=tuple(rows[(number - 1) * column.size : number * column.size]),
                next=self.list_path(column, number + 1) if number < total else None,
                pinned=sum(self.is_pinned(a, column) for a in rows) if number == 1 else 0,
            )
            for number in range(1, total + 1)
        ]

    def neighbours(self, article: Article) -> tuple[Article | None, Article | None]:
        """Return the newer and the older neighbour in the first column of `article`."""
        row = [a for a in self.articles() if a.columns[0] == article.columns[0]]
        here = next(i for i, a in enumerate(row) if a.path == article.path)
        return (row[here - 1] if here else None, row[here + 1] if here + 1 < len(row) else None)

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """All the site says, by path with query."""
        out = dict(self.pages())
        for page in self.list_pages():
            out |= self.list_answer(page)
        for article in self.articles():
            out[article.path] = self.article_answer(article)
            out |= {
                f.path: Answer(f.data, f.mime, modified=article.at) for f in (*article.attachments, *article.pictures)
            }
            if article.listed_as:
                out[article.listed_as] = Answer(b"", status=302, location=self.url(article.path), etag="none")
        for article in self.removed():
            out[article.path] = self._removal()
        before = type(self)(self.state - 1).answers if self.state > 1 else out
        for path, answer in out.items():
            if answer.modified and (path not in before or before[path].body != answer.body):
                out[path] = replace(answer, modified=LATER)
        return out

    def _removal(self) -> Answer:
        if self.removal == "redirected-home":
            return Answer(b"", status=302, location=self.home, etag="none")
        page = self.missing()
        return replace(page, status=200, etag="none") if self.removal == "soft-404" else page


def moment(day: date, clock: str | None) -> datetime:
    """Return `day` at `clock` ("09:30", "09:30:15"), at midnight when None, in the zone of the sites."""
    return datetime.combine(day, time.fromisoformat(clock or "00:00"), ZONE)


def revise(article: Article, sentence: str, title: str | None = None, at: datetime | None = None) -> Article:
    """Return `article` as edited later: a figure changed and `sentence` added; also title or date if given."""
    body = list(article.paragraphs)
    body[1] = re.sub(r"\d+", lambda found: str(int(found[0]) + 3), body[1], count=1) + sentence
    row = article.row_title and (title or article.row_title)
    return replace(article, paragraphs=tuple(body), title=title or article.title, row_title=row, at=at or article.at)


def spread(marks: Mapping[str, Iterable[int]]) -> dict[int, frozenset[str]]:
    """Turn mark -> article numbers into article number -> marks."""
    out: dict[int, set[str]] = {}
    for mark, numbers in marks.items():
        for number in numbers:
            out.setdefault(number, set()).add(mark)
    return {number: frozenset(found) for number, found in out.items()}
