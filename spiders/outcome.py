"""What an inquiry found -> the Proposal: a definition with its TOML, and the proof sheet.

Lists that the budget did not reach are taken along when their form was proved; an article pattern is written only when
it keeps something out that is no article; the status says honestly what was not.  Used by spiders.onboard.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from pipelines.item import Page
from pipelines.learn import learn
from pipelines.profile import Profile
from spiders.definition import as_toml
from spiders.forms import article_url
from spiders.inquiry import FEWEST_SAMPLES, Inquiry
from spiders.judge import REPEATS, dated_share, day_of, shape
from spiders.naming import kind_of
from spiders.probe import in_words, place
from spiders.proof import Cost, Dropped, ListProof, ProofSheet, Status
from spiders.prospects import Candidate, Found, kin_of
from spiders.site import ListSource, Site
from spiders.survey import Trouble

DELAY = 3.0  # seconds between requests by default; what the first crawl will cost is counted with it
WINDOW = timedelta(days=90)  # how far back a first crawl goes
DEEP = 3  # further pages that a list is thought to have within the window when all rows seen are in it
SURE = 0.7  # confidence above which a site is ok


@dataclass(frozen=True)
class Proposal:
    """What onboarding came to.

    site, toml: None and "" when no list was found.  profile: None when the samples share no layout.  samples: article pages as read.
    """

    sheet: ProofSheet
    site: Site | None = None
    toml: str = ""
    profile: Profile | None = None
    samples: tuple[Page, ...] = ()

    @property
    def status(self) -> Status:
        return self.sheet.status


def proposal(found: Inquiry, today: date) -> Proposal:
    unread = _unread(found) if found.kept else []
    sheet = _sheet(found, unread, today)
    if not found.kept:
        return Proposal(sheet)
    site = _site(found, unread)
    toml = as_toml(site, [candidate.url for candidate in unread])
    pages = tuple(found.samples.pages.values())
    profile = learn(pages, found.publisher()) if pages else None
    return Proposal(sheet, site, toml, profile if profile is not None and profile.templates else None, pages)


def _unread(found: Inquiry) -> list[Candidate]:
    """Columns that the budget did not reach, of a form whose read members all were lists of articles."""
    wrong = {shape(one.url) for one in found.survey.found if found.samples.leads_to_articles(one) is False}
    taken: list[Candidate] = []
    for candidate in found.survey.prospects.waiting.values():
        proved = found.survey.prospects.never_vain(candidate) and shape(candidate.url) not in wrong
        proved = proved and found.survey.prospects.mostly_new(candidate)
        if proved and not REPEATS.search(candidate.url):
            taken.append(candidate)
    return taken


def _site(found: Inquiry, unread: list[Candidate]) -> Site:
    known = found.publisher()
    front = [found.front.face] if found.front is not None and found.front.obstacle is None else []
    lists = [ListSource(one.url, one.cms, _column(one, known.title), options=one.options) for one in _in_order(found)]
    family = {key(one.url): one.cms for one in found.survey.found for key in (kin_of, shape)}
    lists += [ListSource(one.url, family.get(shape(one.url)) or family[kin_of(one.url)], one.title) for one in unread]
    return Site(
        name=known.name,
        url=found.home,
        title=known.title,
        kind=kind_of(urlsplit(found.home).hostname or "", known.title, [one.title for one in found.kept], front),
        timezone=known.timezone,
        article_url=article_url(found),
        ignore=tuple(sorted(found.prober.sessions.idle)),
        list=tuple(lists),
    )


def _in_order(found: Inquiry) -> list[Found]:
    """The lists in the order in which the site links to them."""
    order = found.survey.prospects.order
    return sorted(found.kept, key=lambda one: order.get(place(one.url), -1))


def _column(one: Found, site_title: str | None) -> str | None:
    """The column as its link names it; nothing for the home page."""
    return one.title if one.title and one.title != site_title and len(one.title) <= 30 else None


def _sheet(found: Inquiry, unread: list[Candidate], today: date) -> ProofSheet:
    proofs = tuple(_list_proof(found, one) for one in _in_order(found))
    proofs += tuple(ListProof(one.url, one.title, "", read=False, via=one.via) for one in unread)
    status, confidence = _judgement(found, proofs)
    cost = _cost(found, len(unread), today)
    newest = max((proof.newest for proof in proofs if proof.newest), default=None)
    notes = list(found.notes)
    if proofs and not cost.articles and newest is not None:
        notes.append(
            f"the newest article is of {newest}: a first crawl goes back {WINDOW.days} days, --full or `since` further"
        )
    walls = [
        in_words(probe.obstacle, probe.answer.url) for probe in (found.first, found.front) if probe and probe.obstacle
    ]
    walls += [_words(one) for one in found.survey.trouble if _is_obstacle(one)]
    return ProofSheet(
        url=found.given,
        home=found.home,
        status=status,
        confidence=round(confidence, 2),
        lists=proofs,
        dropped=tuple(Dropped(one.url, one.title, why, len(one.rows)) for one, why in found.dropped),
        not_understood=tuple(_words(one) for one in found.survey.trouble if not _is_obstacle(one)),
        obstacles=tuple(dict.fromkeys(walls)),
        cost=cost,
        spent=found.prober.spent,
        notes=tuple(notes),
    )


def _list_proof(found: Inquiry, one: Found) -> ListProof:
    return ListProof(
        url=one.url,
        column=one.title,
        cms=one.cms,
        evidence=one.evidence,
        via=one.via,
        rows=len(one.rows),
        dated=round(dated_share(one.rows), 2),
        newest=max(one.days, default=None),
        outside=one.outside,
        pages=one.pages,
        has_next=one.next is not None,
        turn=found.turns.get(one.url),
        samples=tuple(found.samples.of[one.url]),
    )


def _judgement(found: Inquiry, proofs: tuple[ListProof, ...]) -> tuple[Status, float]:
    """ok, partial, blocked or failed, and how sure we are: samples that are articles, rows and pages that agree."""
    if not proofs:
        walls = [probe for probe in (found.first, found.front) if probe is not None and probe.is_wall]
        return ("blocked" if walls else "failed"), 0.0
    samples = [one for proof in proofs for one in proof.samples if not one.nature.startswith("unread")]
    articles = [one.nature in ("article", "bare", "text", "file") for one in samples]
    titles = [one.title_agrees for one in samples if one.title_agrees is not None]
    days = [one.date_agrees for one in samples if one.date_agrees is not None]
    turned = [turn.proved for turn in found.turns.values()]
    confidence = (
        0.4 * _share(articles, 0.3)
        + 0.2 * _share(titles, 0.5)
        + 0.15 * _share(days, 0.5)
        + 0.15 * _share(turned, 1.0)
        + 0.1 * min(1.0, len(samples) / FEWEST_SAMPLES)
    )
    walled = any(_is_obstacle(one) and not REPEATS.search(one.url) for one in found.survey.trouble)
    return ("ok" if confidence >= SURE and not walled else "partial"), confidence


def _cost(found: Inquiry, unread: int, today: date) -> Cost:
    """Requests of a first crawl: rows of the last 90 days, list pages down to them."""
    oldest = (today - WINDOW).isoformat()
    pages, articles, known = unread, 0, set[str]()
    for one in found.kept:
        young = {row.url for row in one.known.values() if (day_of(row) or oldest) >= oldest}
        deep = one.next is not None and len(young) == len(one.known)
        pages += 1 + (len(young) // len(one.rows) if one.next is not None else 0) + (DEEP if deep else 0)
        articles += len(young - known) * (DEEP if deep else 1)
        known |= young
    return Cost(pages, articles, round((pages + articles) * DELAY / 60, 1))


def _share(values: list[bool], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _is_obstacle(trouble: Trouble) -> bool:
    return trouble.what.startswith("blocked:") or trouble.what == "needs-browser"


def _words(trouble: Trouble) -> str:
    return f"{trouble.what}: {trouble.url}" + (f" ({trouble.detail})" if trouble.detail else "")
