"""A site's URL -> a definition that was proved: columns, lists, page turns, sample articles, and a sheet that says so.

    proposal = await onboard("http://www.park.example/", ask)

Reads at most `budget` pages (spiders.survey finds the lists, spiders.choose keeps the fewest that hold everything,
spiders.samples compares rows with pages), and writes nothing: the caller decides.  Used by `parknews add`.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipelines.item import Page, Publisher
from spiders import cms
from spiders.choose import chosen, quality
from spiders.cms.adapter import Ask
from spiders.cms.columns import columns
from spiders.cms.patterns import article_pattern
from spiders.definition import Kind, as_toml, kind_of, name_of, title_of, zone_of
from spiders.judge import REPEATS, dated_share, day_of, shape
from spiders.links import canonical, in_scope
from spiders.pages import page_total
from spiders.probe import Answer, Asking, OutOfBudgetError, Probe, Prober, identity, place
from spiders.proof import Cost, Dropped, ListProof, ProofSheet, Sample, Status, Turn
from spiders.samples import Samples
from spiders.site import ListSource, Site
from spiders.survey import Candidate, Found, Survey, Trouble, sitemap_lines

DELAY = 3.0  # seconds between requests by default; what the first crawl will cost is counted with it
WINDOW = timedelta(days=90)  # how far back a first crawl goes
MOST_TURNS = 8
MOST_SAMPLES = 12
FEWEST_SAMPLES = 5


@dataclass(frozen=True)
class Proposal:
    """What onboarding came to.  site, toml: None and "" when no list was found.  samples: article pages as read."""

    sheet: ProofSheet
    site: Site | None = None
    toml: str = ""
    profile: Any = None
    samples: tuple[Page, ...] = ()

    @property
    def status(self) -> Status:
        return self.sheet.status


def _silent(_line: str) -> None:
    pass


async def onboard(
    url: str,
    ask: Asking,
    *,
    budget: int = 60,
    full_proof: bool = True,
    name: str | None = None,
    say: Callable[[str], None] = _silent,
    today: date | None = None,
) -> Proposal:
    """Find and prove the lists of the site at `url`, which may be its home, a column, a list or an article.

    ask: performs one polite request.  full_proof: False reads fewer samples and page turns.  name: of the definition,
    None = from the host.  say: told a line a request.  today: None = the present.
    Raises NotAnAddressError.
    """
    prober = Prober(ask, budget, say)
    work = _Onboarding(url, prober, full_proof, name, today or date.today())
    with suppress(OutOfBudgetError):
        await work.run()
    return work.proposal()


class _Onboarding:
    """One run: the survey, then the choice, the page turns, the samples, and what they lead to once more."""

    def __init__(self, url: str, prober: Prober, full: bool, name: str | None, today: date) -> None:
        self.given = canonical(url if re.match(r"https?://", url, re.I) else f"http://{url}")
        self.prober, self.full, self.name, self.today = prober, full, name, today
        self.home = urljoin(self.given, "/")
        self.survey = Survey(prober, self.home)
        self.samples = Samples(prober)
        self.first: Probe | None = None
        self.front: Probe | None = None
        self.kept: list[Found] = []
        self.dropped: list[tuple[Found, str]] = []
        self.turns: dict[str, Turn] = {}
        self.dead: set[str] = set()  # lists whose next page is not there
        self.notes: list[str] = []

    # ------------------------------------------------------------------------------------------ the run
    async def run(self) -> None:
        if not await self.arrive():
            return
        await self.look_around()
        few, most = (FEWEST_SAMPLES + 2, MOST_SAMPLES) if self.full else (3, FEWEST_SAMPLES)
        await self.survey.explore(min(few + 3, self.prober.budget // 3))
        if not self.survey.found:
            await self.fall_back()
        self.choose()
        await self.turn_pages()
        self.choose()
        self.samples.publisher = self.publisher()
        await self.samples.read(self.kept, few)
        await self.follow_samples()
        self.choose()
        await self.samples.read(self.kept, most)
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

    async def look_around(self) -> None:
        """Take the links of both pages; robots.txt may name sitemaps."""
        survey = self.survey
        for probe, via in ((self.front, "home"), (self.first, "given")):
            if probe is None or any(probe is page for page in survey.pages):
                continue
            survey.visited.update((place(probe.url), place(self.home if via == "home" else self.given)))
            await survey.take(probe, Candidate(identity(self.home, probe.url) or probe.url, None, via))

    async def fall_back(self) -> None:
        """No list in HTML: feeds that the pages name, sitemaps that robots.txt names or that stand where they use to."""
        named = [feed for page in self.survey.pages[:3] for feed in self.survey.feeds(page)]
        for url in dict.fromkeys(named):
            await self.survey.visit(Candidate(url, None, "feed"))
        if self.survey.found:
            return
        robots = await self.prober.read(urljoin(self.home, "/robots.txt"))
        lines = sitemap_lines(robots.document) if robots.answer.status == 200 else []
        waiting = list(
            dict.fromkeys(
                [
                    *lines,
                    urljoin(self.home, "/sitemap.xml"),
                    urljoin(self.home, "/feed/"),
                    urljoin(self.home, "/rss.xml"),
                ]
            )
        )
        for url in waiting[:8]:
            if identity(self.home, url) is None or self.survey.found:
                continue
            probe = await self.prober.read(url)
            parts = cms.listing(probe.document).columns if probe.obstacle is None else ()
            for part in parts[:3]:
                await self.survey.visit(Candidate(part.url, None, "sitemap"))
            if not parts:
                await self.survey.visit(Candidate(url, None, "sitemap"))

    # ------------------------------------------------------------------------------------------ the choice
    def choose(self) -> None:
        """Keep what is worth watching of all that was found, by all that is known now."""
        able: list[Found] = []
        self.dropped = []
        for one in self.survey.found:
            leads = self.samples.leads_to_articles(one)
            if leads is False:
                self.dropped.append((one, "its rows lead to no articles"))
            elif leads is None and quality(one) < 0.3:
                self.dropped.append((one, "does not look like a list of articles"))
            else:
                able.append(one)
        self.kept, without = chosen(able, self.home, self.dead)
        self.dropped += without

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
                    break
            else:
                self.dead.update(one.url for one in self.survey.found if one.next is not None and way_of(one) == way)

    async def turn(self, one: Found, following: Ask) -> None:
        probe = await self.prober.read(following)
        if probe.obstacle is not None:
            self.turns[one.url] = Turn(following.url, "named", 0, 0, None, probe.obstacle)
            return
        listing = cms.listing(probe.document, one.cms, one.options, following)
        rows, _ = self.survey.own_rows(listing.rows, one.url)
        new = [row for row in rows if row.url not in one.known]
        first_days = [day for row in one.rows if (day := day_of(row))]
        new_days = [day for row in new if (day := day_of(row))]
        older = max(new_days) <= max(first_days) if first_days and new_days else None
        self.turns[one.url] = Turn(following.url, "named", len(rows), len(new), older)
        one.more = tuple(new)

    async def follow_samples(self) -> None:
        """Breadcrumbs of articles name their columns: read those that were not seen yet."""
        before = len(self.survey.found)
        for probe in self.samples.probes.values():
            if probe.obstacle is None and probe.document.kind == "html":
                path = urlsplit(probe.url).path
                for column in columns(probe.document):
                    folder = urlsplit(place(column.url)).path.rpartition("/")[0] + "/"
                    if folder != "/" and path.startswith(folder):
                        self.survey.add(column.url, column.title, "breadcrumb", 0.8)
        await self.survey.explore(2)
        if len(self.survey.found) > before:
            self.choose()

    # ------------------------------------------------------------------------------------------ the outcome
    def unread(self) -> list[Candidate]:
        """Columns that the budget did not reach, of a form whose read members all were lists that we keep."""
        results: dict[str, list[bool]] = defaultdict(list)
        for one in self.survey.found:
            results[shape(one.url)].append(self.samples.leads_to_articles(one) is not False)
        taken: list[Candidate] = []
        for candidate in self.survey.waiting.values():
            form = results[shape(candidate.url)]
            if len(form) >= 2 and all(form) and not REPEATS.search(candidate.url):
                taken.append(candidate)
        return taken

    def proposal(self) -> Proposal:
        unread = self.unread() if self.kept else []
        sheet = self.sheet(unread)
        if not self.kept:
            return Proposal(sheet)
        site = self.site(unread)
        return Proposal(
            sheet,
            site,
            as_toml(site, [candidate.url for candidate in unread]),
            None,
            tuple(self.samples.pages.values()),
        )

    def publisher(self) -> Publisher:
        """What the site calls itself, its kind and zone, from all pages read so far."""
        host = urlsplit(self.home).hostname or ""
        front = self.front.document if self.front is not None and self.front.obstacle is None else None
        documents = [page.document for page in self.survey.pages]
        documents += [probe.document for probe in self.samples.probes.values() if probe.obstacle is None]
        title = title_of(sorted(documents, key=lambda one: one is not front))
        return Publisher(self.name or name_of(self.home), title, self.kind(title), zone_of(host, front))

    def kind(self, title: str | None) -> Kind:
        front = self.front.document if self.front is not None and self.front.obstacle is None else None
        return kind_of(urlsplit(self.home).hostname or "", title, [one.title for one in self.kept], front)

    def site(self, unread: list[Candidate]) -> Site:
        known = self.publisher()
        lists = [
            ListSource(one.url, one.cms, column_name(one, known.title), options=shortened(one.options))
            for one in self.kept
        ]
        form = {shape(one.url): one.cms for one in self.survey.found}
        lists += [ListSource(one.url, form[shape(one.url)], one.title) for one in unread if shape(one.url) in form]
        return Site(
            name=known.name,
            url=self.home,
            title=known.title,
            kind=self.kind(known.title),
            timezone=known.timezone,
            article_url=self.pattern(),
            list=tuple(lists),
        )

    def pattern(self) -> str | None:
        """An article URL pattern, only when it keeps out rows that are no articles and no other row."""
        rows = {url for one in self.kept for url in one.known}
        bad = {url for url in rows if self.is_no_article(url)}
        if not bad:
            return None
        found = article_pattern(sorted(rows - bad))
        if not found:
            return None
        expression = re.compile(found)
        if all(expression.search(url) for url in rows - bad) and any(not expression.search(url) for url in bad):
            return found
        return None

    def is_no_article(self, url: str) -> bool:
        """Say whether a row leads to a column, a menu entry or a page that was read and is no article."""
        nature = self.samples.natures.get(url)
        if nature is not None:
            return nature in ("list", "none")
        if any(place(found.url) == place(url) for found in self.survey.found) or self.survey.linked[place(url)] >= 3:
            return True
        page = next((page for page in self.survey.pages if place(page.url) == place(url)), None)
        return page is not None and self.samples.verdict(page).nature != "article"

    def sheet(self, unread: list[Candidate]) -> ProofSheet:
        proofs = tuple(self.list_proof(one) for one in self.kept)
        proofs += tuple(ListProof(one.url, one.title, "", read=False, via=one.via) for one in unread)
        status, confidence = self.judgement(proofs)
        return ProofSheet(
            url=self.given,
            home=self.home,
            status=status,
            confidence=round(confidence, 2),
            lists=proofs,
            dropped=tuple(Dropped(one.url, one.title, why, len(one.rows)) for one, why in self.dropped),
            not_understood=tuple(_words(one) for one in self.survey.trouble if not _is_obstacle(one)),
            obstacles=tuple(
                dict.fromkeys(
                    [*self.front_obstacles(), *(_words(one) for one in self.survey.trouble if _is_obstacle(one))]
                )
            ),
            cost=self.cost(len(unread)),
            spent=self.prober.spent,
            notes=tuple(self.notes),
        )

    def front_obstacles(self) -> list[str]:
        return [
            f"{probe.obstacle}: {probe.answer.url}"
            for probe in (self.first, self.front)
            if probe is not None and probe.obstacle
        ]

    def list_proof(self, one: Found) -> ListProof:
        days = one.days
        return ListProof(
            url=one.url,
            column=one.title,
            cms=one.cms,
            evidence=one.evidence,
            via=one.via,
            rows=len(one.rows),
            dated=round(dated_share(one.rows), 2),
            newest=max(days) if days else None,
            outside=one.outside,
            pages=page_total(one),
            has_next=one.next is not None,
            turn=self.turns.get(one.url),
            samples=tuple(self.samples.of[one.url]),
        )

    def judgement(self, proofs: tuple[ListProof, ...]) -> tuple[Status, float]:
        """ok, partial, blocked or failed, and how sure we are."""
        if not proofs:
            walls = [probe for probe in (self.first, self.front) if probe is not None and probe.is_wall]
            return ("blocked" if walls else "failed"), 0.0
        samples: list[Sample] = [sample for proof in proofs for sample in proof.samples]
        read = [sample for sample in samples if not sample.nature.startswith("unread")]
        articles = (
            sum(1 for sample in read if sample.nature in ("article", "bare", "text", "file")) / len(read)
            if read
            else 0.3
        )
        titles = [sample.title_agrees for sample in read if sample.title_agrees is not None]
        days = [sample.date_agrees for sample in read if sample.date_agrees is not None]
        turned = [turn.proved for turn in self.turns.values()]
        parts = [
            (0.4, articles),
            (0.2, _share(titles)),
            (0.15, _share(days)),
            (0.15, _share(turned, 1.0)),
            (0.1, min(1.0, len(read) / FEWEST_SAMPLES)),
        ]
        confidence = sum(weight * value for weight, value in parts)
        walled = any(_is_obstacle(one) for one in self.survey.trouble)
        return ("ok" if confidence >= 0.7 and not walled else "partial"), confidence

    def cost(self, unread: int) -> Cost:
        """Requests of a first crawl: rows of the last 90 days, list pages down to them."""
        oldest = (self.today - WINDOW).isoformat()
        pages = articles = 0
        known: set[str] = set()
        for one in self.kept:
            young = [row for row in one.known.values() if (day_of(row) or oldest) >= oldest]
            fresh = {row.url for row in young} - known
            known |= fresh
            all_young = len(young) == len(one.known) and one.next is not None
            pages += 1 + (len(young) // max(len(one.rows), 1) if one.next is not None else 0) + (3 if all_young else 0)
            articles += len(fresh) * (3 if all_young else 1)
        pages += unread
        return Cost(pages, articles, round((pages + articles) * DELAY / 60, 1))


def way_of(one: Found) -> tuple[str, str]:
    """How a list turns its pages: lists of one family whose next pages are called alike."""
    return one.cms, re.sub(r"^.*/", "", shape(one.next.url)) if one.next is not None else ""


def column_name(one: Found, site_title: str | None) -> str | None:
    """The column as its link names it; nothing for the home page."""
    title = one.title
    return title if title and title != site_title and len(title) <= 30 else None


def shortened(options: dict[str, Any]) -> dict[str, Any]:
    """Options without what the adapter takes for granted."""
    granted = {"title": "title", "url": "url", "method": "GET"}
    return {key: value for key, value in options.items() if granted.get(key) != value}


def _share(values: list[bool], otherwise: float = 0.5) -> float:
    return sum(values) / len(values) if values else otherwise


def _is_obstacle(trouble: Trouble) -> bool:
    return trouble.what.startswith("blocked:") or trouble.what == "needs-browser"


def _words(trouble: Trouble) -> str:
    return f"{trouble.what}: {trouble.url}" + (f" ({trouble.detail})" if trouble.detail else "")


__all__ = ["Answer", "Asking", "Proposal", "onboard"]
