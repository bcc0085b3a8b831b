"""A URL of an unknown site -> what it answers, within a budget of polite requests.

`ask` is given by the caller (the crawler's own request path: robots, delay, archive with role `probe`); here are the
counting, the memory of what was asked, the names of obstacles, and the one step from a stub (meta refresh, location=,
a frame that fills the page) to the page behind it.  Used by spiders.onboard and its parts.
"""

import re
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

from pipelines.decode import Document
from spiders import cms
from spiders.cms.adapter import Ask, Listing, Row
from spiders.cms.anchors import anchors
from spiders.cms.blocked import TAGS, blocked
from spiders.cms.columns import columns
from spiders.links import NotAnAddressError, canonical, in_scope, resolve
from spiders.naming import Face, face_of
from spiders.sessions import Sessions, without

LOCATION = re.compile(
    r"(?:window\.|self\.|top\.|document\.|parent\.)?location(?:\.href)?\s*=\s*[\"']([^\"'<>\n]{1,500})[\"']|"
    r"location\.(?:replace|assign)\(\s*[\"']([^\"'<>\n]{1,500})[\"']",
    re.I,
)
REFRESH = re.compile(r"^\s*(\d{1,3})?(?:\.\d+)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'>]{1,500})", re.I)
MOST_LINKS = 5000  # links of one page that are looked at
# Obstacles that are nobody's will: pages that are not there, servers that are down, addresses that lead nowhere.
TROUBLE = re.compile(
    r"http-[345]|soft-404|empty|timeout|dns|refused|lost|tls|cut-body|redirect-loop|bad-|no-address|too-big|read-|paused|budget|"
    r"robots-unreachable|internal-error"
)
STUB = 300  # characters of visible text; a page that says more is a page, whatever its scripts would do later
SLOW = 10  # seconds; a refresh later than this renews a page, it does not lead elsewhere
FRAME_NOISE = re.compile(r"visitcount|login|tree\.jsp|share|foot|head|top\.|weather|counter|stat\b|map|player", re.I)
FOLDER_PAGE = re.compile(r"/(?:index|default)\.(?:s?html?|php|jsp|aspx?)$", re.I)


@dataclass(frozen=True)
class Answer:
    """What one request came to.

    url: where the answer came from, redirects followed.  body: content-coding undone, charset not.
    obstacle: why there is no answer to read: robots, timeout, dns, refused, private-address, too-big …; None = read it.
    """

    url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    obstacle: str | None = None


Asking: TypeAlias = Callable[[Ask], Awaitable[Answer]]


def in_words(obstacle: str, url: str) -> str:
    """Return an obstacle with its URL and, where the name alone leaves the remedy open, what it means."""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    meaning = {
        "dns": f"the name {host} is not known to DNS",
        "refused": f"nobody answers on {host}:{port}",
        "lost": f"{host}:{port} hangs up without an answer",
        "timeout": f"{host}:{port} did not answer in time",
        "private-address": "a private address: --allow-private if it is yours",
        "robots": "robots.txt forbids it",
        "read-timeout": "it takes longer to read than a page may",
        "read-memory": "it takes more memory to read than a page may",
        "robots-unreachable": "robots.txt is there but cannot be read, so nothing may be asked; try again later",
    }.get(obstacle)
    return f"{obstacle}: {url}" + (f" ({meaning})" if meaning else "")


class OutOfBudgetError(Exception):
    """All requests that onboarding may make have been made."""


class Probe:
    """One answer, read: the document if it may be read, else the name of what stands in the way."""

    def __init__(self, answer: Answer, idle: AbstractSet[str] = frozenset()) -> None:
        """idle: parameters that mean nothing; links are given without them."""
        self.answer, self.idle = answer, idle
        self.url = without(answer.url, idle)
        self.document = Document(answer.url, answer.body, answer.headers)

    @cached_property
    def obstacle(self) -> str | None:
        """robots, timeout, http-404, ruishu, login, soft-404, empty …; None = a page."""
        answer = self.answer
        if answer.obstacle is not None:
            return answer.obstacle
        wall = blocked(answer.status or 0, answer.headers, self.document.text)
        if wall is not None:
            return wall
        return None if answer.status == 200 else f"http-{answer.status}"

    @property
    def is_wall(self) -> bool:
        """Say whether somebody keeps us out, as against a page that is simply not there."""
        return self.obstacle is not None and not TROUBLE.match(self.obstacle)

    @cached_property
    def visible(self) -> int:
        """Characters of text that a reader sees."""
        return len(" ".join(TAGS.sub(" ", self.document.text[:400_000]).split()))

    @cached_property
    def listing(self) -> Listing:
        """The page read as a list, its family recognised."""
        return self.tidied(cms.listing(self.document))

    @cached_property
    def columns(self) -> list[Row]:
        return [msgspec.structs.replace(row, url=without(row.url, self.idle)) for row in columns(self.document)]

    def tidied(self, listing: Listing) -> Listing:
        """A listing of this page, its addresses without parameters that mean nothing."""
        if not self.idle:
            return listing
        rows = tuple(msgspec.structs.replace(row, url=without(row.url, self.idle)) for row in listing.rows)
        turn = listing.next and msgspec.structs.replace(listing.next, url=without(listing.next.url, self.idle))
        return msgspec.structs.replace(listing, rows=rows, next=turn)

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """URL and words of every link."""
        found = anchors(self.document)[:MOST_LINKS]
        return [(without(link.url, self.idle), link.text or link.title) for link in found if link.url]

    @cached_property
    def face(self) -> Face:
        return face_of(self.document)

    def rest(self) -> None:
        """Let go of the parsed page, which is ten times its bytes; what was read of it stays."""
        if self.obstacle is None:
            _ = self.listing, self.columns, self.links, self.face, self.visible
        self.document = Document(self.answer.url, self.answer.body, self.answer.headers)


class Prober:
    """Asks for pages of one site, each once.  spent: requests so far, never above `budget`."""

    def __init__(self, ask: Asking, budget: int, say: Callable[[str], None]) -> None:
        self._ask, self.budget, self._say = ask, budget, say
        self.spent = 0
        self.known: dict[tuple[str, str, bytes], Probe] = {}
        self.sessions = Sessions()

    def forget_pages(self) -> None:
        """Read every answer anew, without the parameters that turned out to mean nothing; none is asked again."""
        for key, probe in list(self.known.items()):
            self.known[key] = Probe(probe.answer, self.sessions.idle)

    @property
    def left(self) -> int:
        return self.budget - self.spent

    async def read(self, ask: Ask | str) -> Probe:
        """Return the answer to one request.  Raises OutOfBudgetError."""
        asked = Ask(ask) if isinstance(ask, str) else ask
        key = (asked.method, asked.url, asked.body)
        if key not in self.known:
            if self.left <= 0:
                raise OutOfBudgetError
            self.spent += 1
            answer = await self._ask(asked)
            probe = self.known[key] = Probe(answer, self.sessions.idle)
            if probe.obstacle is None and probe.document.kind == "html":
                self.sessions.note(url for url, _ in probe.links if in_scope(answer.url, url))
            if asked.method == "GET":
                self.known.setdefault(("GET", answer.url, b""), probe)
            self._say(f"{self.spent:>3}  {probe.obstacle or answer.status}  {asked.url}")
        return self.known[key]

    async def arrive(self, url: str, home: str) -> Probe:
        """`read`, and one step further when the page only leads elsewhere on the same site."""
        probe = await self.read(url)
        behind = leads_to(probe)
        if behind is not None and in_scope(home, behind) and not same_page(behind, probe.url):
            return await self.read(behind)
        return probe


def leads_to(probe: Probe) -> str | None:
    """Where a stub sends its readers: <meta refresh> or location= of a page that has nothing else to say."""
    if probe.obstacle not in (None, "empty") or probe.document.kind != "html":
        return None
    for node in probe.document.tree.iter("meta"):
        if (node.get("http-equiv") or "").lower() == "refresh":
            found = REFRESH.match(node.get("content") or "")
            if found and int(found[1] or 0) <= SLOW:
                return resolve(probe.document.base, found[2].strip())
    if probe.visible < STUB and "<a " not in probe.document.text[:20_000].lower():
        named = LOCATION.search(probe.document.text[:20_000])
        if named:
            return resolve(probe.document.base, named[1] or named[2])
    return None


def frames(probe: Probe) -> list[str]:
    """Same-site frames of a page that may hold its list."""
    found: dict[str, None] = {}
    for node in probe.document.tree.iter("iframe", "frame"):
        url = resolve(probe.document.base, node.get("src") or node.get("data-src"))
        if url is not None and in_scope(probe.url, url) and not FRAME_NOISE.search(url):
            found[url] = None
    return list(found)


def identity(home: str, url: str) -> str | None:
    """The canonical URL of a page of the site; None for other sites and what is no address."""
    try:
        name = canonical(url, home=home)
    except NotAnAddressError:
        return None
    return name if in_scope(home, name) else None


@lru_cache(maxsize=16384)
def place(url: str) -> str:
    """What two spellings of one page have in common: /news/index.html is /news/."""
    try:
        url = canonical(url)
    except NotAnAddressError:
        return url
    return FOLDER_PAGE.sub("/", url)


def same_page(one: str, other: str) -> bool:
    return place(one) == place(other)
