"""One onboarding from the first request to the last: survey, choice, page turns, samples, and where those lead.

Breadcrumbs of sample articles name columns that menus do not, so the survey goes on after the first samples.  What was
found stays in the Inquiry; spiders.outcome makes the definition and the proof sheet of it.
"""

import re
from collections import defaultdict
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipelines.item import Publisher
from spiders import cms
from spiders.choose import chosen, main_folder, quality
from spiders.cms.adapter import Ask, Row
from spiders.cms.turns import with_page
from spiders.judge import day_of, shape
from spiders.links import canonical, in_scope
from spiders.naming import kind_of, name_of, title_of, zone_of
from spiders.probe import Probe, Prober, identity, place, same_page
from spiders.proof import Turn
from spiders.prospects import Candidate, Found, folder_of
from spiders.samples import Samples
from spiders.survey import Survey, sitemap_lines

MOST_TURNS = 8
MOST_SAMPLES = 12
MOST_GUESSES = 10
MOST_PARTS = 3  # parts of a sitemap index, the newest
USUAL_FEEDS = ("/sitemap.xml", "/feed/", "/rss.xml")
FULL = 6  # rows of a list that may well go on
LIKELY, HARDLY = 0.3, 0.1  # quality above which a list is taken unread, and below which it is not worth a sample
MOST_DOUBTFUL = 4
MOST_SILENT = 2  # lists without a sign of page 2 on which all guesses are tried
ENOUGH = 3  # unseen rows on a page whose name was guessed
FEWEST_SAMPLES = 5
# Options of a family for servers that turn pages another way than most.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {"hanweb-jpage": ({"form": "records"},)}


class Inquiry:
    """One run: the survey, then the choice, the page turns, the samples, and what they lead to once more."""

    def __init__(self, url: str, prober: Prober, full: bool, name: str | None) -> None:
        self.given = canonical(url if re.match(r"https?://", url, re.I) else f"http://{url}")
        self.prober, self.full, self.name = prober, full, name
        self.home = urljoin(self.given, "/")
        self.survey = Survey(prober, self.home)
        self.samples = Samples(prober)
        self.first: Probe | None = None
        self.front: Probe | None = None
        self.kept: list[Found] = []
        self.dropped: list[tuple[Found, str]] = []
        self.doubtful: list[Found] = []  # dropped by their looks alone: a sample may save them
        self.turns: dict[str, Turn] = {}
        self.dead: set[str] = set()  # lists whose next page is not there
        self.notes: list[str] = []

    async def run(self) -> None:
        if not await self.arrive():
            return
        await self.look_around()
        await self.read_site_map()
        few, most = (FEWEST_SAMPLES + 2, MOST_SAMPLES) if self.full else (3, FEWEST_SAMPLES)
        reserve = min(few + 3, self.prober.budget // 3)
        await self.survey.explore(reserve)
        while len(self.prober.sessions.idle) > self.survey.idle:
            await self.begin_again()
            await self.survey.explore(reserve)
        self.survey.take_forms()
        await self.survey.explore(reserve)
        self.choose()
        if not self.kept and not self.doubtful:
            await self.fall_back()
            self.choose()
        await self.turn_pages()
        await self.guess_turns()
        self.choose()
        self.samples.publisher = self.publisher()
        await self.samples.read([*self.doubtful, *self.kept], few)
        await self.follow_samples()
        self.choose()
        await self.samples.read(self.kept, most)
        self.choose()
        if not self.kept:
            await self.fall_back()
            self.choose()
            await self.samples.read(self.kept, self.samples.count + few)
            self.choose()

    async def arrive(self) -> bool:
        """Read the page that was given and the home page; False when nothing answers."""
        self.first = await self.prober.arrive(self.given, self.home)
        if (
            self.first.obstacle is not None
            and not self.first.is_wall
            and not re.match(r"http-[45]", self.first.obstacle)
        ):
            other = re.sub(r"^http(s?):", lambda found: "http:" if found[1] else "https:", self.given, flags=re.I)
            second = await self.prober.arrive(other, self.home)
            self.first = second if second.obstacle is None else self.first
        if self.first.obstacle is None and not in_scope(self.home, self.first.url):
            self.notes.append(f"{self.given} leads to {self.first.url}")
        if self.first.obstacle is None:
            self.home = self.survey.home = urljoin(self.first.url, "/")
        at_home = place(self.given) == place(urljoin(self.given, "/"))
        self.front = self.first if at_home else await self.prober.arrive(self.home, self.home)
        return self.first.obstacle is None or self.front.obstacle is None

    async def begin_again(self) -> None:
        """Survey the site anew without parameters that turned out to mean nothing; what was read is not asked again."""
        self.prober.forget_pages()
        self.survey = Survey(self.prober, self.home)
        self.notes.append(
            f"its links carry parameters that mean nothing: {', '.join(sorted(self.prober.sessions.idle))}"
        )
        self.first = self.first and Probe(self.first.answer, self.prober.sessions.idle)
        self.front = self.front and Probe(self.front.answer, self.prober.sessions.idle)
        await self.look_around()
        await self.read_site_map()

    async def look_around(self) -> None:
        """Take the links of both pages; robots.txt may name sitemaps."""
        survey = self.survey
        for probe, via in ((self.front, "home"), (self.first, "given")):
            if probe is None or place(probe.url) in survey.pages:
                continue
            for url in (probe.url, self.home if via == "home" else self.given):
                survey.prospects.visit(url)
            await survey.take(probe, Candidate(identity(self.home, probe.url) or probe.url, None, via))

    async def read_site_map(self) -> None:
        """One request for the page that lists all columns, which menus may hide in scripts or on section pages."""
        url = self.survey.site_map()
        if url is not None:
            probe = await self.prober.read(url)
            self.survey.prospects.visit(url)
            if probe.obstacle is None and probe.document.kind == "html":
                self.survey.take_links(probe, "site-map")

    async def fall_back(self) -> None:
        """No list in HTML: feeds that the pages name, sitemaps that robots.txt names or that stand where they use to."""
        named = [feed for page in list(self.survey.pages.values())[:3] for feed in self.survey.feeds(page)]
        feeds = [await self.survey.visit(Candidate(url, None, "feed")) for url in dict.fromkeys(named)]
        if any(feeds):
            return
        robots = await self.prober.read(urljoin(self.home, "/robots.txt"))
        lines = sitemap_lines(robots.document) if robots.answer.status == 200 else []
        for url in list(dict.fromkeys([*lines, *(urljoin(self.home, path) for path in USUAL_FEEDS)]))[:MOST_GUESSES]:
            if identity(self.home, url) is None:
                continue
            probe = await self.prober.read(url)
            parts = probe.listing.columns if probe.obstacle is None else ()
            found = [await self.survey.visit(Candidate(part.url, None, "sitemap")) for part in parts[:MOST_PARTS]]
            if not parts and probe.document.kind != "html" and probe.obstacle is None:
                found.append(await self.survey.take(probe, Candidate(url, None, "sitemap")))
            if any(found):
                return

    def choose(self) -> None:
        """Keep what is worth watching of all that was found, by all that is known now."""
        able: list[Found] = []
        self.dropped, self.doubtful = [], []
        for one in self.survey.found:
            leads = self.samples.leads_to_articles(one)
            if leads is False:
                self.dropped.append((one, "its rows lead to no articles"))
            elif leads is None and quality(one) < LIKELY:
                self.dropped.append((one, "does not look like a list of articles"))
                if quality(one) >= HARDLY and place(one.url) != place(self.home) and len(self.doubtful) < MOST_DOUBTFUL:
                    self.doubtful.append(one)
            else:
                able.append(one)
        spoiled = {url for one in able for url in one.known if self.is_no_article(url)}
        self.kept, without = chosen(able, self.home, self.dead, spoiled)
        self.dropped += without

    def is_no_article(self, url: str) -> bool:
        """Say whether a row leads to a column, a menu entry or a page that was read and is no article."""
        nature = self.samples.natures.get(url)
        if nature is not None:
            return nature in ("list", "none")
        if self.survey.is_linked(url):
            return True
        page = self.survey.pages.get(place(url))
        if page is None:
            return False
        return any(one.probe is page for one in self.survey.found) or self.samples.verdict(page).nature != "article"

    async def turn_pages(self) -> None:
        """Ask for page 2, once for each way of paging; what it shows also tells which lists hold which.

        A way that fails is tried on a second list before all of its lists are taken to have one page.
        """
        ways: dict[tuple[str, str], list[Found]] = defaultdict(list)
        for one in sorted(self.kept, key=lambda one: -len(one.rows)):
            if one.next is not None:
                ways[way_of(one)].append(one)
        for way, lists in ways.items():
            for one in lists[:2]:
                if len(self.turns) >= (MOST_TURNS if self.full else 2) or self.prober.left <= FEWEST_SAMPLES:
                    return
                if one.next is not None and one.url not in self.turns:
                    await self.turn(one, one.next)
                if self.turns[one.url].obstacle is None:
                    if self.turns[one.url].new == 0:
                        await self.vary(one)
                    break
            else:
                self.dead.update(one.url for one in self.survey.found if one.next is not None and way_of(one) == way)

    async def vary(self, one: Found) -> None:
        """Page 2 brought page 1 again: ask in the other ways that the family knows; what works holds for the site."""
        for options in VARIANTS.get(one.cms, ()):
            if one.probe is None or self.prober.left <= FEWEST_SAMPLES:
                return
            following = cms.listing(one.probe.document, one.cms, options).next
            if following is not None and await self.turn(one, following):
                for other in self.survey.found:
                    if other.cms == one.cms:
                        other.options = {**other.options, **options}
                return

    async def guess_turns(self) -> None:
        """Probe what page 2 may be called where a full page gives no sign of one; the first list that has one tells how.

        Accepted when it shows at least three rows that page 1 does not, none of them newer, or fewer that are all as
        old as the last of page 1; number 1 is tried before 2, so that a site that counts from 0 is met.
        """
        silent = [one for one in self.kept if one.next is None and one.asked is None and len(one.rows) >= FULL]
        silent = [one for one in silent if one.probe is not None and one.probe.document.kind == "html"]
        # Where other lists of the same family name their next page, one that names none has one page.
        telling = {one.cms for one in self.survey.found if one.next is not None}
        silent = [one for one in silent if one.cms not in telling]
        right: int | None = None
        for number, one in enumerate(sorted(silent, key=lambda one: -len(one.rows))):
            guesses = cms.candidates(one.probe.document) if one.probe is not None else []
            asked = list(enumerate(guesses))[:MOST_GUESSES] if right is None else [(right, guesses[right])]
            for place_of_guess, guess in asked:
                if self.prober.left <= FEWEST_SAMPLES + 2 or (number >= MOST_SILENT and right is None):
                    return
                if await self.turn(one, guess, "guessed", ENOUGH if right is None else 1):
                    right = place_of_guess
                    one.next = guess
                    one.options = {**one.options, **template(guess.url, one.url)}
                    break
                self.turns.pop(one.url, None)

    async def turn(self, one: Found, following: Ask, how: str = "named", least: int = 1) -> bool:
        """Ask for the second page of a list; say whether it proved to be one.  least: new rows that prove a guess."""
        probe = await self.prober.read(following)
        if probe.obstacle is not None:
            self.turns[one.url] = Turn(following.url, how, 0, 0, None, probe.obstacle)
            return False
        listing = probe.tidied(cms.listing(probe.document, one.cms, one.options, following))
        rows, _ = self.survey.own_rows(listing.rows, one.url)
        new = [row for row in rows if row.url not in one.known]
        if how == "guessed" and not self.is_own(one, probe, following, new):
            return False
        first_days = [day for row in one.rows if (day := day_of(row))]
        new_days = [day for row in new if (day := day_of(row))]
        older = max(new_days) <= max(first_days) if first_days and new_days else None
        turn = Turn(following.url, how, len(rows), len(new), older)
        sure = bool(new) and len(new_days) == len(new) and bool(first_days) and max(new_days) <= min(first_days)
        if how == "guessed" and not (turn.proved and (len(new) >= least or sure)):
            return False
        self.turns[one.url] = turn
        one.more = tuple(new)
        return turn.proved

    def is_own(self, one: Found, probe: Probe, guess: Ask, new: list[Row]) -> bool:
        """Say whether a guessed page is one of the list: servers answer any name with their home or an error page."""
        if not same_page(probe.url, guess.url) or main_folder(new) != main_folder(one.rows):
            return False
        elsewhere = {row.url for other in self.survey.found if other is not one for row in other.rows}
        return sum(1 for row in new if row.url in elsewhere) * 2 <= len(new)

    async def follow_samples(self) -> None:
        """Breadcrumbs of articles name their columns: read those that were not seen yet."""
        before = len(self.survey.found)
        for probe in self.samples.probes.values():
            if probe.obstacle is None and probe.document.kind == "html":
                path = urlsplit(probe.url).path
                for column in probe.columns:
                    folder = folder_of(column.url)
                    if folder != "/" and path.startswith(folder):
                        self.survey.prospects.add(self.home, column.url, column.title, "breadcrumb", 0.8)
        await self.survey.explore(2)
        if len(self.survey.found) > before:
            self.choose()

    def publisher(self) -> Publisher:
        """What the site calls itself, its kind and zone, from all pages read so far."""
        host = urlsplit(self.home).hostname or ""
        read = [*self.survey.pages.values(), *(one for one in self.samples.probes.values() if one.obstacle is None)]
        faces = [probe.face for probe in sorted(read, key=lambda one: one is not self.front)]
        title = title_of(faces)
        kind = kind_of(host, title, [one.title for one in self.kept], faces[:1])
        return Publisher(self.name or name_of(self.home), title, kind, zone_of(host, faces))


def template(second: str, first: str) -> dict[str, Any]:
    """Options that say how the pages of a list are called, from the URL of its second page."""
    form = with_page(second, 98765)
    here, there = form.partition("98765")[0], urljoin(first, ".")
    short = form.removeprefix(there) if here.startswith(there) else form
    number = re.search(re.escape(here) + r"(\d+)", second)
    options: dict[str, Any] = {"next": short.replace("98765", "{page}")}
    return options if number is None or number[1] == "2" else options | {"second": int(number[1])}


def way_of(one: Found) -> tuple[str, str]:
    """How a list turns its pages: lists of one family whose next pages are called alike."""
    return one.cms, re.sub(r"^.*/", "", shape(one.next.url)) if one.next is not None else ""
