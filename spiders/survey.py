"""The columns of an unknown site -> those that are lists of articles, read best first within a budget.

Links come from the home page, menus, breadcrumbs, feeds and sitemaps; each page read brings more.  What is read next is
decided by words, paths, the articles that the home page shows from a folder, and by how pages of the same form turned
out: a menu of a thousand days or products is left after a few of them.  Used by spiders.onboard.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pipelines.decode import Document
from spiders import cms
from spiders.cms.adapter import Ask, Listing, Row
from spiders.cms.anchors import anchors
from spiders.cms.blocks import looks_like_article
from spiders.cms.columns import columns
from spiders.cms.turns import page_number, with_page
from spiders.judge import article_share, dated_share, day_of, is_numbered, promise, row_folder, shape, title_width
from spiders.links import in_scope, resolve, role_of_link
from spiders.probe import STUB, OutOfBudgetError, Probe, Prober, frames, identity, place
from spiders.shells import Shells, is_shell

MOST_LINKS = 300  # candidates taken from one page; a menu beyond that is a trap or a link farm
MOST_CANDIDATES = 2000
PATIENCE = 6  # pages of one form that may turn out useless before the form is left
NEW, SEEN, VAIN = 1.0, 0.6, 0.0  # a list with unseen rows, a list without, no list
FEED_TYPE = re.compile(r"application/(?:rss|atom|feed)\+(?:xml|json)", re.I)
FEED_PATH = re.compile(r"/(?:rss|atom|feed)(?:\.xml|\.php|/|$)|\.(?:rss|atom)$|/index\.xml$", re.I)
SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.I | re.M)
MORE_WORDS = re.compile(
    r"(?:查看|点击|阅读|浏览)?(?:更多|全部|所有)(?:内容|信息|新闻|资讯)?|(?:view|read|see)?(?:more|all)(?:news)?", re.I
)


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

    @property
    def known(self) -> dict[str, Row]:
        return {row.url: row for row in (*self.rows, *self.more)}

    @property
    def days(self) -> list[str]:
        return [day for row in (*self.rows, *self.more) if (day := day_of(row))]


@dataclass
class Trouble:
    """Something that was not understood or kept us out.  what: blocked:NAME, needs-browser, http-404, …"""

    url: str
    what: str
    detail: str = ""


class Survey:
    """One site as far as it was read."""

    def __init__(self, prober: Prober, home: str) -> None:
        self.prober, self.home = prober, home
        self.waiting: dict[str, Candidate] = {}
        self.visited: set[str] = set()
        self.found: list[Found] = []
        self.trouble: list[Trouble] = []
        self.pages: dict[str, Probe] = {}  # place -> HTML page of the site that was read
        self.order: dict[str, int] = {}  # place -> number in the order of the links that lead there
        self.linked: Counter[str] = Counter()  # place -> pages that link to it as a column
        self.wanted: dict[str, set[str]] = defaultdict(
            set
        )  # folder -> rows seen of it that no list of the folder showed
        self.crowd: Counter[str] = Counter()  # first folder -> pages read there in vain
        self.forms: dict[str, list[float]] = defaultdict(list)  # shape -> worth of its pages: NEW, SEEN or VAIN
        self.words: dict[str, list[float]] = defaultdict(list)  # the same by the words of the link
        self.seen_rows: set[str] = set()
        self.shells = Shells(prober, home)
        self.turns: dict[str, Found] = {}  # next page of a list, its number set to 0 -> the list

    # ------------------------------------------------------------------------------------------ candidates
    def add(self, url: str, title: str | None, via: str, bonus: float = 0.0) -> None:
        name = identity(self.home, url)
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

    def take_links(self, probe: Probe, via: str, bonus: float = 0.0) -> None:
        """Enter the columns that a page links to, and the feeds that it names."""
        document = probe.document
        here = urlsplit(probe.url).path.rpartition("/")[0]
        for column in columns(document)[:MOST_LINKS]:
            self.linked[place(column.url)] += 1
            if column.title and not re.search(r"\w", column.title):
                continue  # the arrows of a pager
            below = here.strip("/") and urlsplit(column.url).path.startswith(here + "/")
            self.add(column.url, column.title, via, bonus + (0.3 if below else 0.0))
        for link in anchors(document):
            if (
                link.url
                and MORE_WORDS.fullmatch(re.sub(r"\W", "", link.text or link.title))
                and not is_numbered(link.url)
            ):
                self.add(link.url, None, "more", bonus + 0.9)

    def take_forms(self) -> None:
        """Enter links that words speak against when pages of their form have turned out to be lists."""
        proved = {
            form for form, results in self.forms.items() if len(results) >= 2 and sum(results) * 3 >= 2 * len(results)
        }
        for probe in self.pages.values():
            for link in anchors(probe.document):
                if link.url and shape(link.url) in proved:
                    self.add(link.url, link.text or link.title, "form")

    def feeds(self, probe: Probe) -> list[str]:
        """Feeds that a page names, in <link> or as a link."""
        document, found = probe.document, dict[str, None]()
        for node in document.tree.iter("link", "a"):
            url = resolve(document.base, node.get("href"))
            named = FEED_TYPE.search(node.get("type") or "") or (
                node.tag == "a" and FEED_PATH.search(urlsplit(url or "").path)
            )
            if url and named and in_scope(self.home, url) and "comment" not in url:
                found[url] = None
        return list(found)

    def is_turn(self, url: str) -> bool:
        """Say whether a URL is a later page of a list that was read."""
        number = page_number(url)
        first = self.turns.get(with_page(url, 0)) if number is not None else None
        return first is not None and number is not None and number > (page_number(first.url) or 0)

    def note_turn(self, found: Found) -> None:
        """Keep how the further pages of a list are called, and forget links to them and what was read of them."""
        if found.next is None or page_number(found.next.url) is None:
            return
        key = with_page(found.next.url, 0)
        known = self.turns.get(key)
        if known is None or (page_number(found.url) or 0) < (page_number(known.url) or 0):
            self.turns[key] = found
        self.waiting = {key: one for key, one in self.waiting.items() if not self.is_turn(one.url)}
        self.found = [one for one in self.found if not self.is_turn(one.url)]

    def next_candidate(self) -> Candidate | None:
        """Return the most promising link that was not read; None when nothing is worth a request."""
        best: tuple[float, Candidate] | None = None
        for candidate in self.waiting.values():
            worth = self.value(candidate)
            if worth > -0.9 and (best is None or worth > best[0]):
                best = (worth, candidate)
        return best[1] if best else None

    def value(self, candidate: Candidate) -> float:
        """Worth by words, plus what was learnt since: articles below its folder, how its form turned out."""
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
        worth += prior(results) + (prior(self.words[candidate.title]) if candidate.title else 0.0)
        return worth

    # ------------------------------------------------------------------------------------------ reading
    async def explore(self, reserve: int) -> None:
        """Read candidates best first until only `reserve` requests are left or nothing promises anything."""
        while self.prober.left > reserve:
            candidate = self.next_candidate()
            if candidate is None:
                return
            await self.visit(candidate)

    async def visit(self, candidate: Candidate) -> Found | None:
        """Read one candidate; what it is goes into `found` or `trouble`."""
        self.waiting.pop(place(candidate.url), None)
        self.visited.add(place(candidate.url))
        try:
            probe = await self.prober.arrive(candidate.url, self.home)
        except OutOfBudgetError:
            return None
        self.visited.add(place(probe.url))
        return await self.take(probe, candidate)

    async def take(self, probe: Probe, candidate: Candidate) -> Found | None:
        """Judge a page that was read, follow its frames and data calls, enter its links."""
        if probe.obstacle is not None:
            named = f"blocked:{probe.obstacle}" if probe.is_wall else probe.obstacle
            self.trouble.append(Trouble(candidate.url, named, candidate.title or ""))
            self.learn(candidate, VAIN)
            return None
        if identity(self.home, probe.url) is None:
            self.trouble.append(Trouble(candidate.url, "leads-elsewhere", probe.url))
            return None
        if place(probe.url) in self.pages:
            return None
        if probe.document.kind == "html":
            self.pages[place(probe.url)] = probe
        found = self.listed(probe, candidate)
        if found is None and probe.document.kind == "html":
            found = await self.behind(probe, candidate)
        fresh = found is not None and bool(found.known.keys() - self.seen_rows)
        self.learn(candidate, VAIN if found is None else NEW if fresh else SEEN)
        if found is not None:
            self.found.append(found)
            self.note_turn(found)
            self.note_rows(found)
        self.take_links(probe, "menu", 0.3 if candidate.via == "home" else 0.0)
        return found

    def learn(self, candidate: Candidate, worth: float) -> None:
        """Keep what a page brought: for others of its form, its words, its section."""
        self.forms[shape(candidate.url)].append(worth)
        self.words[candidate.title or ""].append(worth)
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

    def listed(
        self,
        probe: Probe,
        candidate: Candidate,
        asked: Ask | None = None,
        options: dict[str, Any] | None = None,
        name: str | None = None,
    ) -> Found | None:
        """The page as a list; None when it shows no rows that could be articles."""
        document = probe.document
        listing = cms.listing(document, name, options, asked)
        if not listing.rows and listing.adapter not in ("generic", "json", "rss", "sitemap") and listing.next is None:
            plain = cms.listing(document, "generic")
            listing = plain if plain.rows else listing
        rows, outside = self.own_rows(listing.rows, probe.url)
        if not rows or self.is_menu(rows, listing):
            return None
        return Found(
            identity(self.home, probe.url) or probe.url, candidate.title, candidate.via, listing.adapter, listing.evidence,
            tuple(rows), listing.next, dict(options or {}), outside, probe, asked,
        )  # fmt: skip

    def own_rows(self, rows: Iterable[Row], here: str) -> tuple[list[Row], int]:
        """Rows that the crawl would enter, with canonical URLs; and how many lead elsewhere."""
        own: dict[str, Row] = {}
        outside = 0
        for row in rows:
            name = identity(self.home, row.url)
            if name is None or role_of_link(name) in ("media", "style", "script", "font"):
                outside += 1
            elif place(name) not in (place(here), place(self.home)):
                own.setdefault(name, Row(name, row.title, row.date, row.source))
        return list(own.values()), outside

    def is_menu(self, rows: list[Row], listing: Listing) -> bool:
        """Rows that are columns of the site, or too few and too short to be headlines."""
        if listing.adapter in ("rss", "sitemap", "json") or listing.next is not None:
            return False
        menu = sum(1 for row in rows if not row.date and self.is_linked(row.url))
        if menu * 2 > len(rows):
            return True
        return not dated_share(rows) and article_share(rows) < 0.3 and title_width(rows) < 6

    def is_linked(self, url: str) -> bool:
        """Say whether several pages link to a URL as to a column."""
        return self.linked[place(url)] >= 2 and not looks_like_article(url)

    async def behind(self, probe: Probe, candidate: Candidate) -> Found | None:
        """Rows that a page without any brings by a frame or a data call."""
        try:
            first = cms.listing(probe.document)
            if first.next is not None and not first.rows and not is_sibling(first.next, probe.url):
                answer = await self.prober.read(first.next)
                if answer.obstacle is None:
                    found = self.listed(answer, candidate, first.next, name=first.adapter)
                    if found is not None:
                        found.url, found.evidence = identity(self.home, probe.url) or probe.url, first.evidence
                        return found
            for frame in frames(probe)[:2]:
                inner = await self.prober.read(frame)
                if inner.obstacle is None:
                    found = self.listed(inner, Candidate(frame, candidate.title, "frame"))
                    if found is not None:
                        return found
            call = await self.shells.call(probe)
            if call is not None:
                found = self.listed(call.answer, candidate, call.asked, call.options, "json")
                if found is not None:
                    found.url = identity(self.home, probe.url) or probe.url
                    found.evidence = (f"data call: {call.asked.url}", *found.evidence)
                    return found
            if is_shell(probe) and len(probe.visible) < STUB:
                self.trouble.append(Trouble(probe.url, "needs-browser", candidate.title or ""))
            return None
        except OutOfBudgetError:
            return None


def sitemap_lines(robots: Document) -> list[str]:
    return [match[1] for match in SITEMAP_LINE.finditer(robots.text[:500_000])]


def prior(results: list[float]) -> float:
    """What earlier pages of a form say of the next, -0.5 … 0.5; given up by and by, for lists may be empty."""
    return (sum(results) + 1) / (len(results) + 2) - 0.5


def is_sibling(asked: Ask, url: str) -> bool:
    """Say whether a request is for a page beside this one: the next page of a list that is empty."""
    return asked.method == "GET" and "?" not in asked.url and folder_of(asked.url) == folder_of(url)


def folder_of(url: str) -> str:
    """The folder of a column's address."""
    return urlsplit(place(url)).path.rpartition("/")[0] + "/"


def top_of(url: str) -> str:
    """The first folder of an address: the section of a large site."""
    return urlsplit(url).path.split("/", 2)[1]
