"""The columns of an unknown site -> those that are lists of articles, read best first within a budget.

Links come from the home page, menus, breadcrumbs, site maps, feeds and sitemaps; each page read brings more.  A page
without rows may bring them by a frame or a data call.  What is read next is said by spiders.prospects.
"""

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipelines.decode import Document
from spiders import cms
from spiders.cms.adapter import Ask, Listing, Row
from spiders.cms.blocks import looks_like_article
from spiders.cms.columns import LONGEST
from spiders.cms.shown import width
from spiders.judge import article_share, dated_share, is_numbered, shape, title_width
from spiders.links import in_scope, resolve, role_of_link
from spiders.pages import page_total
from spiders.probe import STUB, OutOfBudgetError, Probe, Prober, frames, identity, place
from spiders.prospects import NEW, SEEN, VAIN, Candidate, Found, Prospects, folder_of
from spiders.shells import Shells, is_shell

MOST_LINKS = 300  # candidates taken from one page; a menu beyond that is a trap or a link farm
MOST_STEPS = 2  # data calls that lead to one another before rows come
MOST_FRAMES = 3
FEED_TYPE = re.compile(r"application/(?:rss|atom|feed)\+(?:xml|json)", re.I)
FEED_PATH = re.compile(r"/(?:rss|atom|feed)(?:\.xml|\.php|/|$)|\.(?:rss|atom)$|/index\.xml$", re.I)
SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.I | re.M)
SITE_MAP = re.compile(r"\W*(?:网站|站点|本站)?(?:地图|地圖|导航|導覽)\W*|site\s?map", re.I)
MORE_WORDS = re.compile(
    r"(?:查看|点击|阅读|浏览)?(?:更多|全部|所有)(?:内容|信息|新闻|资讯)?|(?:view|read|see)?(?:more|all)(?:news)?", re.I
)


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
        self.prospects = Prospects()
        self.shells = Shells(prober)
        self.found: list[Found] = []
        self.trouble: list[Trouble] = []
        self.pages: dict[str, Probe] = {}  # place -> HTML page of the site that was read
        self.idle = len(prober.sessions.idle)  # parameters known to mean nothing when this began
        self.linked: Counter[str] = Counter()  # place -> pages that link to it as a column

    def take_links(self, probe: Probe, via: str, bonus: float = 0.0) -> None:
        """Enter the columns that a page links to."""
        here = urlsplit(probe.url).path.rpartition("/")[0]
        for column in probe.columns[:MOST_LINKS]:
            self.linked[place(column.url)] += 1
            if column.title and not re.search(r"\w", column.title):
                continue  # the arrows of a pager
            below = here.strip("/") and urlsplit(column.url).path.startswith(here + "/")
            self.prospects.add(self.home, column.url, column.title, via, bonus + (0.3 if below else 0.0))
        named = {column.url for column in probe.columns}
        for url, text in probe.links:
            if MORE_WORDS.fullmatch(re.sub(r"\W", "", text)):  # no name of a column
                if not is_numbered(url):
                    self.prospects.add(self.home, url, None, "more", bonus + 0.9)
            elif url in named and 2 <= width(text) <= LONGEST:  # one column may be linked by several names
                self.prospects.add(self.home, url, text, via, bonus)

    def take_forms(self) -> None:
        """Enter links that words speak against when pages of their form have turned out to be lists."""
        proved = self.prospects.proved()
        for probe in self.pages.values():
            for url, text in probe.links:
                if shape(url) in proved:
                    self.prospects.add(self.home, url, text, "form")

    def site_map(self) -> str | None:
        """The page that lists all columns, where one of the pages read links to it."""
        for probe in self.pages.values():
            for url, text in probe.links:
                if SITE_MAP.fullmatch(text) and not url.endswith(".xml"):
                    return url if identity(self.home, url) else None
        return None

    def feeds(self, probe: Probe) -> list[str]:
        """Feeds that a page names, in <link> or as a link."""
        document, found = probe.document, dict[str, None]()
        for node in document.tree.iter("link", "a"):
            url = resolve(document.base, node.get("href"))
            named = FEED_TYPE.search(node.get("type") or "")
            named = named or (node.tag == "a" and FEED_PATH.search(urlsplit(url or "").path))
            if url and named and in_scope(self.home, url) and "comment" not in url:
                found[url] = None
        return list(found)

    async def explore(self, reserve: int) -> None:
        """Read candidates best first until only `reserve` requests are left or nothing promises anything.

        Ends early when parameters turned out to mean nothing: all addresses are to be read anew.
        """
        while self.prober.left > reserve and len(self.prober.sessions.idle) == self.idle:
            candidate = self.prospects.best()
            if candidate is None:
                return
            await self.visit(candidate)

    async def visit(self, candidate: Candidate) -> Found | None:
        """Read one candidate; what it is goes into `found` or `trouble`."""
        self.prospects.visit(candidate.url)
        try:
            probe = await self.prober.arrive(candidate.url, self.home)
        except OutOfBudgetError:
            return None
        self.prospects.visit(probe.url)
        return await self.take(probe, candidate)

    async def take(self, probe: Probe, candidate: Candidate) -> Found | None:
        """Judge a page that was read, follow its frames and data calls, enter its links."""
        if probe.obstacle is not None:
            named = f"blocked:{probe.obstacle}" if probe.is_wall else probe.obstacle
            self.trouble.append(Trouble(candidate.url, named, candidate.title or ""))
            self.prospects.learn(candidate, VAIN)
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
            with suppress(OutOfBudgetError):
                found = await self.behind(probe, candidate)
        fresh = found is not None and bool(found.known.keys() - self.prospects.seen_rows)
        self.prospects.learn(candidate, VAIN if found is None else NEW if fresh else SEEN)
        if found is not None:
            found.pages = page_total(found)
            self.found.append(found)
            self.prospects.note_turn(found)
            self.found = [one for one in self.found if not self.prospects.is_turn(one.url)]
            self.prospects.note_rows(found)
        self.take_links(probe, "menu", 0.3 if candidate.via == "home" else 0.0)
        probe.rest()
        return found

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
        plain_visit = name is None and options is None and asked is None
        listing = probe.listing if plain_visit else probe.tidied(cms.listing(document, name, options, asked))
        if not listing.rows and listing.adapter not in ("generic", "json", "rss", "sitemap") and listing.next is None:
            plain = probe.tidied(cms.listing(document, "generic"))
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
        """Rows that a page without any brings by a data call of its family, a frame, or a call in its scripts."""
        first = probe.listing
        asked = first.next if not first.rows else None
        for _ in range(MOST_STEPS):
            if asked is None or is_sibling(asked, probe.url):
                break
            answer = await self.prober.read(asked)
            if answer.obstacle is not None:
                break
            found = self.listed(answer, candidate, asked, name=first.adapter)
            if found is not None:
                found.url, found.evidence = identity(self.home, probe.url) or probe.url, first.evidence
                return found
            asked = cms.listing(answer.document, first.adapter, None, asked).next
        for frame in frames(probe)[:MOST_FRAMES]:
            inner = await self.prober.read(frame)
            if inner.obstacle is None and inner.document.kind == "html":
                self.take_links(inner, "frame", 0.3 if candidate.via == "home" else 0.0)
                found = self.listed(inner, Candidate(frame, candidate.title, "frame"))
                if found is not None:
                    return found
        call = await self.shells.call(probe, self.home)
        if call is not None and call.piece:
            found = self.listed(call.answer, candidate, None, call.options)
            if found is not None:
                found.evidence = (f"piece of a page: {call.asked.url}", *found.evidence)
                return found
        elif call is not None:
            found = self.listed(call.answer, candidate, call.asked, call.options, "json")
            if found is not None:
                found.url = identity(self.home, probe.url) or probe.url
                found.evidence = (f"data call: {call.asked.url}", *found.evidence)
                return found
        if is_shell(probe) and probe.visible < STUB:
            self.trouble.append(Trouble(probe.url, "needs-browser", candidate.title or ""))
        return None


def sitemap_lines(robots: Document) -> list[str]:
    return [match[1] for match in SITEMAP_LINE.finditer(robots.text[:500_000])]


def is_sibling(asked: Ask, url: str) -> bool:
    """Say whether a request is for a page beside this one: the next page of a list that is empty."""
    numbered = re.search(r"(?:^|[-_/])\d{1,5}\.\w{2,5}$", asked.url)
    return asked.method == "GET" and numbered is not None and folder_of(asked.url) == folder_of(url)
