"""Links that may lead to lists, the most promising first; what each page read teaches of those that wait.

Worth by words and path, by the articles that were seen of a folder and by no list of it yet, by how pages of the same
form, of the same words and of sibling folders turned out.  A calendar's days or a catalogue's products are left after a
few of them; a form is given up by and by, for lists may be empty.  Used by spiders.survey.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from spiders.cms.adapter import Ask, Row
from spiders.cms.turns import page_number, with_page
from spiders.judge import day_of, is_numbered, promise, row_folder, shape
from spiders.probe import Probe, identity, place

MOST_CANDIDATES = 2000
PATIENCE = 6  # pages of one form that may turn out useless before the form is left
NEW, SEEN, VAIN = 1.0, 0.6, 0.0  # a list with unseen rows, a list without, no list
HOPELESS = -0.9  # worth below which a link is not read however many requests are left


@dataclass
class Candidate:
    """A link that may lead to a list.  via: given, home, menu, more, breadcrumb, folder, feed, sitemap, frame."""

    url: str
    title: str | None
    via: str
    worth: float = 0.0


@dataclass
class Found:
    """A page that was read as a list.  rows: of the site, canonical URLs, in page order; outside: rows elsewhere."""

    url: str
    title: str | None
    via: str
    cms: str
    evidence: tuple[str, ...]
    rows: tuple[Row, ...]
    next: Ask | None
    options: dict[str, Any] = field(default_factory=dict)
    outside: int = 0
    probe: Probe | None = None
    asked: Ask | None = None  # the data call that the rows came with, None: the page itself
    more: tuple[Row, ...] = ()  # rows of its second page, once that was read
    pages: int | None = None  # how many it says it has

    @property
    def known(self) -> dict[str, Row]:
        return {row.url: row for row in (*self.rows, *self.more)}

    @property
    def days(self) -> list[str]:
        return [day for row in (*self.rows, *self.more) if (day := day_of(row))]


class Prospects:
    """The links of one site that wait to be read."""

    def __init__(self) -> None:
        self.waiting: dict[str, Candidate] = {}  # place -> link
        self.visited: set[str] = set()
        self.order: dict[str, int] = {}  # place -> number in the order of the links that lead there
        self.wanted: dict[str, set[str]] = defaultdict(set)  # folder -> rows seen of it, but in no list of its own
        self.crowd: Counter[str] = Counter()  # first folder -> pages read there in vain
        self.forms: dict[str, list[float]] = defaultdict(list)  # shape -> worth of its pages: NEW, SEEN or VAIN
        self.words: dict[str, list[float]] = defaultdict(list)  # the same by the words of the link
        self.kin: dict[str, list[float]] = defaultdict(list)  # the same by parent folder
        self.seen_rows: set[str] = set()
        self.turns: dict[str, Found] = {}  # next page of a list, its number set to 0 -> the list

    def add(self, home: str, url: str, title: str | None, via: str, bonus: float = 0.0) -> None:
        name = identity(home, url)
        if name is None or len(self.waiting) >= MOST_CANDIDATES:
            return
        key = place(name)
        if key in self.visited or self.is_turn(name):
            return
        self.order.setdefault(key, len(self.order))
        known = self.waiting.get(key)
        worth = promise(title, name) + bonus
        if known is None:
            self.waiting[key] = Candidate(name, title, via, worth)
        elif worth > known.worth:
            known.worth, known.title, known.via = worth, title or known.title, via

    def visit(self, url: str) -> None:
        self.waiting.pop(place(url), None)
        self.visited.add(place(url))

    def best(self) -> Candidate | None:
        """Return the most promising link that was not read; None when nothing is worth a request."""
        worths = [(self.value(candidate), number, candidate) for number, candidate in enumerate(self.waiting.values())]
        worth, _, candidate = max(worths, key=lambda one: (one[0], -one[1]), default=(HOPELESS, 0, None))
        return candidate if worth > HOPELESS else None

    def value(self, candidate: Candidate) -> float:
        """Worth by words, plus what was learnt since: articles below its folder, how its like turned out."""
        worth = candidate.worth
        folder = folder_of(candidate.url)
        if folder != "/":
            exact = len(self.wanted.get(folder, ()))
            below = sum(len(rows) for name, rows in self.wanted.items() if name != folder and name.startswith(folder))
            worth += (1.0 + min(0.5, exact / 10)) if exact else (0.4 + min(0.3, below / 50)) if below else 0.0
        worth -= min(0.6, 0.03 * self.crowd[top_of(candidate.url)])
        results = self.forms[shape(candidate.url)]
        if len(results) >= PATIENCE and max(results[-PATIENCE:]) < NEW:
            return -1.0
        worth += prior(results) + 0.5 * prior(self.kin[kin_of(candidate.url)])
        return worth + (prior(self.words[candidate.title]) if candidate.title else 0.0)

    def learn(self, candidate: Candidate, worth: float) -> None:
        """Keep what a page brought: for others of its form, its words, its parent, its section."""
        self.forms[shape(candidate.url)].append(worth)
        self.words[candidate.title or ""].append(worth)
        self.kin[kin_of(candidate.url)].append(worth)
        self.crowd[top_of(candidate.url)] += worth < NEW

    def note_rows(self, found: Found) -> None:
        """Keep which folders rows come from, and which of them have been met in a list of their own."""
        folders = Counter(row_folder(row.url) for row in found.rows)
        mine = {name for name, count in folders.items() if name == folder_of(found.url) or count * 2 > len(found.rows)}
        for row in found.rows:
            name = row_folder(row.url)
            if row.url not in self.seen_rows and name not in mine:
                self.wanted[name].add(row.url)
            self.seen_rows.add(row.url)
        if found.via != "home":
            for name in mine:
                self.wanted[name].clear()

    def is_turn(self, url: str) -> bool:
        """Say whether a URL is a later page of a list that was read."""
        number = page_number(url)
        first = self.turns.get(with_page(url, 0)) if number is not None else None
        return first is not None and number is not None and number > (page_number(first.url) or 0)

    def note_turn(self, found: Found) -> None:
        """Keep how the further pages of a list are called, and forget links to them."""
        if found.next is None or page_number(found.next.url) is None:
            return
        key = with_page(found.next.url, 0)
        known = self.turns.get(key)
        if known is None or (page_number(found.url) or 0) < (page_number(known.url) or 0):
            self.turns[key] = found
        self.waiting = {key: one for key, one in self.waiting.items() if not self.is_turn(one.url)}

    def proved(self) -> set[str]:
        """Shapes of which two pages or more were read and two thirds were lists."""
        return {form for form, seen in self.forms.items() if len(seen) >= 2 and 3 * sum(seen) >= 2 * len(seen)}

    def never_vain(self, candidate: Candidate) -> bool:
        """Say whether all pages read of a link's form, or many beside it, were lists."""
        form, kin = self.forms[shape(candidate.url)], self.kin[kin_of(candidate.url)]
        if form:
            return len(form) >= 2 and min(form) > VAIN
        return (
            len(kin) >= 3
            and min(kin) > VAIN
            and promise(candidate.title, candidate.url) > -0.3
            and not is_numbered(candidate.url)
        )

    def mostly_new(self, candidate: Candidate) -> bool:
        """Say whether pages read of a link's form showed rows that no other list did; filters only sort them anew."""
        form = self.forms[shape(candidate.url)] or self.kin[kin_of(candidate.url)]
        return 2 * sum(1 for worth in form if worth >= NEW) >= len(form)


def prior(results: list[float]) -> float:
    """What earlier pages say of the next, -0.5 … 0.5."""
    return (sum(results) + 1) / (len(results) + 2) - 0.5


def folder_of(url: str) -> str:
    """The folder of a column's address."""
    return urlsplit(place(url)).path.rpartition("/")[0] + "/"


def top_of(url: str) -> str:
    """The first folder of an address: the section of a large site."""
    return urlsplit(url).path.split("/", 2)[1]


def kin_of(url: str) -> str:
    """What columns beside each other have in common: /zwgk/*/list.html; columns at the root have nothing."""
    *folders, name = urlsplit(place(url)).path.split("/")[1:]
    return "/".join([*folders[:-1], "*", shape(f"/{name}")]) if len(folders) >= 2 else url
