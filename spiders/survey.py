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
from urllib.parse import urljoin, urlsplit

from pipelines.decode import Document
from spiders import cms
from spiders.cms import json_list, xhr
from spiders.cms.adapter import Ask, Listing, Row
from spiders.cms.anchors import anchors
from spiders.cms.blocks import looks_like_article
from spiders.cms.columns import columns
from spiders.cms.turns import page_number, with_page
from spiders.judge import article_share, dated_share, day_of, promise, row_folder, shape, title_width
from spiders.links import in_scope, resolve, role_of_link
from spiders.probe import OutOfBudgetError, Probe, Prober, frames, identity, place

MOST_LINKS = 300  # candidates taken from one page; a menu beyond that is a trap or a link farm
MOST_CANDIDATES = 2000
MOST_REFUSALS = 3  # data calls that fail before shell pages are left to a browser
PATIENCE = 6  # pages of one form that may turn out useless before the form is left
LIBRARIES = re.compile(
    r"jquery|bootstrap|swiper|vue(?:\.|-|@)|react|angular|lodash|layui|echarts|slick|superslide|polyfill|analytics|"
    r"hm\.js|share|md5|crypto|moment|animate|wow|video|player|\.min\.css|modernizr|respond|html5shiv|iscroll|font|"
    r"axios(?:\.min)?\.js|handlebars|mustache|doT|template-web|weixin|wx",
    re.I,
)
SHELL = re.compile(
    r"\{\{|<%=|<div[^>]{0,100}\bid=[\"']?(?:app|root|__next|__nuxt)\b|\bv-for=|\bng-repeat=|x-template", re.I
)
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
        self.pages: list[Probe] = []  # HTML pages of the site that were read
        self.linked: Counter[str] = Counter()  # place -> pages that link to it as a column
        self.wanted: dict[str, set[str]] = defaultdict(
            set
        )  # folder -> rows seen of it that no list of the folder showed
        self.crowd: Counter[str] = Counter()  # first folder -> pages read there in vain
        self.forms: dict[str, list[bool]] = defaultdict(list)  # shape -> did its pages bring unseen rows
        self.words: dict[str, list[bool]] = defaultdict(list)  # the same by the words of the link
        self.seen_rows: set[str] = set()
        self.scripts: dict[str, str] = {}
        self.refused: set[str] = set()  # addresses of data calls that gave no list, without their query
        self.turns: set[str] = set()  # later pages of lists, their number set to 0

    # ------------------------------------------------------------------------------------------ candidates
    def add(self, url: str, title: str | None, via: str, bonus: float = 0.0) -> None:
        name = identity(self.home, url)
        if name is None or len(self.waiting) >= MOST_CANDIDATES:
            return
        key = place(name)
        if key in self.visited or self.is_turn(name):
            return
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
                and not looks_like_article(link.url)
            ):
                self.add(link.url, None, "more", bonus + 0.9)

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
        return page_number(url) is not None and with_page(url, 0) in self.turns

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
        if results and not any(results[-PATIENCE:]) and len(results) >= PATIENCE:
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
            self.learn(candidate, fresh=False)
            return None
        if identity(self.home, probe.url) is None:
            self.trouble.append(Trouble(candidate.url, "leads-elsewhere", probe.url))
            return None
        if any(probe is page for page in self.pages):
            return None
        if probe.document.kind == "html":
            self.pages.append(probe)
        found = self.listed(probe, candidate)
        if found is None and probe.document.kind == "html":
            found = await self.behind(probe, candidate)
        fresh = found is not None and bool(found.known.keys() - self.seen_rows)
        self.learn(candidate, fresh=fresh)
        if found is not None:
            self.found.append(found)
            if found.next is not None and page_number(found.next.url) is not None:
                self.turns.add(with_page(found.next.url, 0))
                self.waiting = {key: one for key, one in self.waiting.items() if not self.is_turn(one.url)}
            self.note_rows(found)
        self.take_links(probe, "menu", 0.3 if candidate.via == "home" else 0.0)
        return found

    def learn(self, candidate: Candidate, *, fresh: bool) -> None:
        """Keep whether a page brought rows that were not seen: for others of its form, its words, its section."""
        self.forms[shape(candidate.url)].append(fresh)
        self.words[candidate.title or ""].append(fresh)
        self.crowd[top_of(candidate.url)] += not fresh

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
        menu = sum(1 for row in rows if self.linked[place(row.url)] >= 2 and not row.date)
        if menu * 2 > len(rows):
            return True
        return not dated_share(rows) and article_share(rows) < 0.3 and title_width(rows) < 6

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
            return await self.called(probe, candidate)
        except OutOfBudgetError:
            return None

    async def called(self, probe: Probe, candidate: Candidate) -> Found | None:
        """Rows of a shell page: the data call that its scripts spell out, proved by its answer."""
        shell = bool(SHELL.search(probe.document.text[:200_000]))
        if not shell and len(probe.visible) > 1500:
            return None
        if len(self.refused) >= MOST_REFUSALS:
            calls: list[dict[str, Any]] = []
        else:
            calls = xhr.discover(probe.document) or xhr.discover(probe.document, await self.own_scripts(probe))
        for options in calls[:3]:
            asked = json_list.opening(probe.url, options)
            endpoint = asked.url.partition("?")[0]
            if identity(self.home, asked.url) is None or endpoint in self.refused:
                continue
            answer = await self.prober.read(asked)
            if answer.obstacle is not None:
                self.refused.add(endpoint)
                continue
            proposed = json_list.propose(answer.document)
            found = self.listed(answer, candidate, asked, {**options, **proposed}, "json") if proposed else None
            if found is not None:
                found.url, found.options = (
                    identity(self.home, probe.url) or probe.url,
                    tidy({**options, **proposed}, probe.url),
                )
                found.evidence = (f"data call: {asked.url}", *found.evidence)
                return found
            self.refused.add(endpoint)
        if shell and len(probe.visible) < 400:
            self.trouble.append(Trouble(probe.url, "needs-browser", candidate.title or ""))
        return None

    async def own_scripts(self, probe: Probe) -> list[str]:
        """Text of the page's own external scripts, libraries left out; each asked once a site."""
        texts: list[str] = []
        for node in probe.document.tree.iter("script"):
            url = resolve(probe.document.base, node.get("src"))
            if url is None or not in_scope(self.home, url) or LIBRARIES.search(url.rsplit("/", 1)[-1]):
                continue
            if url not in self.scripts and len(self.scripts) < 4:
                answer = await self.prober.read(url)
                self.scripts[url] = answer.document.text if answer.obstacle is None else ""
            texts.append(self.scripts.get(url, ""))
        return texts


def tidy(options: dict[str, Any], page: str) -> dict[str, Any]:
    """Options as a person would write them: addresses of the same host without it, what goes without saying left out."""
    root = urljoin(page, "/")
    kept = {
        key: value
        for key, value in options.items()
        if value not in (None, "", {}) and not (key == "first" and value == 1)
    }
    if kept.get("pages"):
        kept.pop("total", None)
    request = str(kept.get("request", ""))
    if request.startswith(root):
        kept["request"] = request[len(root) - 1 :]
    return kept


def sitemap_lines(robots: Document) -> list[str]:
    return [match[1] for match in SITEMAP_LINE.finditer(robots.text[:500_000])]


def prior(results: list[bool]) -> float:
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
