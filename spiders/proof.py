"""The proof sheet of an onboarding: what was read, what agreed, what was not understood; as text and as JSON.

Plain facts for the person who decides whether the definition is right.  Made by spiders.onboard, printed by
`parknews add`.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["ok", "partial", "blocked", "failed"]


@dataclass(frozen=True)
class Sample:
    """One article page, read without the hints of its row.

    nature: see spiders.judge.Verdict.  chars: of the body text.  title_agrees, date_agrees: row against page; None when
    one of them shows none.
    """

    url: str
    list_url: str
    nature: str
    title: str | None
    date: str | None
    source: str | None
    chars: int
    row_title: str | None
    row_date: str | None
    title_agrees: bool | None
    date_agrees: bool | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """What asking for page 2 showed.

    how: the page names it (`named`) or it was guessed (`guessed`).  rows: on page 2; new: not on page 1.  older: its
    newest day is not newer than the newest of page 1, None without dates.
    """

    url: str
    how: str
    rows: int
    new: int
    older: bool | None
    obstacle: str | None = None

    @property
    def proved(self) -> bool:
        return self.obstacle is None and self.new > 0 and 2 * self.new >= self.rows and self.older is not False


@dataclass(frozen=True)
class ListProof:
    """One list of the definition.

    read: False = taken because lists of the same form were proved, itself not read.  pages: estimate of pages in all,
    None = unknown.  turn: proof of paging, None = one page or not tried.
    """

    url: str
    column: str | None
    cms: str
    evidence: tuple[str, ...] = ()
    read: bool = True
    via: str = ""
    rows: int = 0
    dated: float = 0.0
    newest: str | None = None
    outside: int = 0
    pages: int | None = None
    has_next: bool = False
    turn: Turn | None = None
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class Dropped:
    """A list that was read and not taken, and why."""

    url: str
    column: str | None
    why: str
    rows: int


@dataclass(frozen=True)
class Cost:
    """What the first crawl will ask for, without images, styles and attachments.  minutes: at the default delay."""

    lists: int
    articles: int
    minutes: float

    @property
    def requests(self) -> int:
        return self.lists + self.articles


@dataclass(frozen=True)
class ProofSheet:
    """url: as given.  home: of the site.  confidence: 0 … 1.  trouble: what was not understood or kept us out."""

    url: str
    home: str
    status: Status
    confidence: float
    lists: tuple[ListProof, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    not_understood: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    cost: Cost = Cost(0, 0, 0.0)
    spent: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def samples(self) -> tuple[Sample, ...]:
        return tuple(sample for one in self.lists for sample in one.samples)

    def as_json(self) -> dict[str, Any]:
        """Return plain values for msgspec or json."""
        return {**asdict(self), "cost": {**asdict(self.cost), "requests": self.cost.requests}}

    def as_text(self) -> str:
        lines = [f"{self.home}   {self.status}, confidence {self.confidence:.2f}, {self.spent} requests"]
        for one in self.lists:
            lines += _list_lines(one)
        if self.dropped:
            lines.append("not taken")
            lines += [f"  {one.column or '–'}  {one.url}  {one.rows} rows: {one.why}" for one in self.dropped]
        for title, entries in (
            ("obstacles", self.obstacles),
            ("not understood", self.not_understood),
            ("notes", self.notes),
        ):
            if entries:
                lines.append(title)
                lines += [f"  {entry}" for entry in entries]
        if self.lists:
            lines.append(
                f"first crawl: about {self.cost.lists} list pages and {self.cost.articles} articles, "
                f"{self.cost.minutes:.0f} minutes at the default delay (images and attachments apart)"
            )
        return "\n".join(lines) + "\n"


def _list_lines(one: ListProof) -> list[str]:
    head = f"{one.column or '–'}  {one.url}"
    if not one.read:
        return [f"{head}", "    not read: same form as lists that were proved"]
    facts = [f"{one.cms}", f"{one.rows} rows", f"{one.dated:.0%} dated"]
    if one.newest:
        facts.append(f"newest {one.newest}")
    if one.outside:
        facts.append(f"{one.outside} lead to other sites")
    if one.pages:
        facts.append(f"about {one.pages} pages")
    lines = [head, "    " + ", ".join(facts)]
    if one.evidence:
        lines.append("    known by " + "; ".join(one.evidence[:3]))
    if one.turn:
        lines.append("    page 2: " + _turn_words(one.turn))
    elif one.has_next:
        lines.append("    page 2: named, not asked (same form as a list whose page 2 was)")
    for sample in one.samples:
        marks = f"title {_yes(sample.title_agrees)}, date {_yes(sample.date_agrees)}"
        lines.append(
            f"    {(sample.date or 'no date')[:10]}  {(sample.title or 'no title')[:40]}  "
            f"{sample.source or '–'}  {sample.chars} characters  ({marks}; {sample.nature})"
        )
    return lines


def _turn_words(turn: Turn) -> str:
    if turn.obstacle:
        return f"{turn.url}: {turn.obstacle}"
    age = {True: "older", False: "NOT older", None: "undated"}[turn.older]
    return f"{turn.new} of {turn.rows} rows new, {age} ({turn.how})"


def _yes(agrees: bool | None) -> str:
    return {True: "agrees", False: "DIFFERS", None: "–"}[agrees]
