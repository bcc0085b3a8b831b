"""A few pages of one site -> its profile; more pages -> whether the profile still fits.

Every page is read alone first; then the pages vote.  The container is the innermost path that stands once on most
pages and holds nearly all of what was read there; the rest votes again, so a site with several layouts gets several
templates.  After template detection on a small sample (Vieira 2006; Zhang 2010: two pages of a kind can suffice).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.decode import Document
from pipelines.flow import INLINE
from pipelines.item import Page, Publisher
from pipelines.linekinds import DATES
from pipelines.profile import Profile, Template, find, found_template, path_of
from pipelines.reading import Reading, read
from pipelines.vocabulary import folded

SUPPORT = 2  # pages that must agree on a container, a path, a suffix
COVERED = 0.9  # share of a page's text that the container must hold
NEARLY = 0.9  # of the best support: a deeper path may have so much less
REPEATED_PAGES, REPEATED_SHARE, REPEATED_CHARS = 3, 0.7, 300
LEAST_CHARS = 30  # a page that says less teaches nothing


def learn(pages: Sequence[Page], publisher: Publisher) -> Profile:
    """Profile of the site from some of its article pages: 5 to 20 of each layout are plenty, 2 are enough."""
    readings = [reading for reading in _read(pages, publisher) if _chars(reading, reading.body.kept) >= LEAST_CHARS]
    templates: list[Template] = []
    left = readings
    while len(left) >= SUPPORT:
        path, agreed = _best_path(left)
        if path is None:
            break
        templates.append(_template(path, agreed, len(left)))
        left = [reading for reading in left if reading not in agreed]
    return Profile(templates=tuple(templates), learned_from=tuple(reading.document.url for reading in readings))


@dataclass(frozen=True, slots=True)
class Drift:
    """pages: looked at.  missing: without a container of the profile.  disagreeing: whose own text lies elsewhere."""

    pages: int
    missing: int
    disagreeing: int

    @property
    def share(self) -> float:
        return (self.missing + self.disagreeing) / self.pages if self.pages else 0.0


def drift(profile: Profile, pages: Sequence[Page], publisher: Publisher) -> Drift:
    """How far a profile no longer fits; a share above a third asks for learning again."""
    missing = disagreeing = 0
    for page in pages:
        reading = read(_document(page), page, publisher, profile)
        missing += found_template(profile, reading.flow) is None
        disagreeing += reading.disagrees
    return Drift(len(pages), missing, disagreeing)


def _document(page: Page) -> Document:
    return Document(page.url, page.body, page.headers)


def _read(pages: Sequence[Page], publisher: Publisher) -> list[Reading]:
    documents = [(_document(page), page) for page in pages]
    return [read(document, page, publisher) for document, page in documents if document.kind == "html"]


def _chars(reading: Reading, indices: Iterable[int]) -> int:
    return sum(reading.flow.lines[i].chars for i in indices)


def _best_path(readings: list[Reading]) -> tuple[str | None, list[Reading]]:
    """The path and the pages it holds."""
    candidates = Counter(path for reading in readings for path in _paths(reading))
    holders = {path: [r for r in readings if _holds(r, path)] for path in candidates}
    most = max(map(len, holders.values()), default=0)
    if most < SUPPORT:
        return None, []
    close = [path for path, held in holders.items() if len(held) >= max(SUPPORT, NEARLY * most)]
    best = max(close, key=lambda path: (path.count("/"), len(holders[path])))
    return best, holders[best]


def _paths(reading: Reading) -> list[str]:
    """Of the container and the blocks around it below the one that holds the headline too."""
    flow, title_line = reading.flow, reading.title.line
    headline = flow.lines[title_line].node if title_line >= 0 else 0
    found: list[str] = []
    for node in flow.path(reading.body.container):
        if flow.tags[node] in ("html", "body") or (node <= headline < flow.end[node] and found):
            break
        if flow.tags[node] not in INLINE:
            found.append(path_of(flow, node))
    return found


def _holds(reading: Reading, path: str) -> bool:
    """Whether the path stands once on the page and holds nearly all of its text."""
    nodes = find(reading.flow, path)
    if len(nodes) != 1:
        return False
    first, last = reading.flow.first[nodes[0]], reading.flow.last[nodes[0]]
    inside = _chars(reading, (i for i in reading.body.kept if first <= i < last))
    return inside >= COVERED * _chars(reading, reading.body.kept)


def _template(path: str, readings: list[Reading], pages: int) -> Template:
    return Template(
        container=path,
        title=_common(_line_path(reading, reading.title.line) for reading in readings),
        date=_common(_date_path(reading, path) for reading in readings),
        suffix=_common(_suffix(reading) for reading in readings),
        repeated=_repeated(path, readings),
        support=len(readings),
        pages=pages,
    )


def _common(values: Iterable[str | None]) -> str | None:
    best = Counter(value for value in values if value).most_common(1)
    return best[0][0] if best and best[0][1] >= SUPPORT else None


def _line_path(reading: Reading, i: int) -> str | None:
    return path_of(reading.flow, reading.flow.block(reading.flow.lines[i].node)) if i >= 0 else None


def _date_path(reading: Reading, path: str) -> str | None:
    """Of the block with the date between headline and container."""
    start = reading.flow.first[find(reading.flow, path)[0]]
    for i in range(max(0, reading.title.line), start):
        line = reading.flow.lines[i]
        if i != reading.title.line and not line.hidden and len(line.text) < 200 and DATES.search(line.text):
            return _line_path(reading, i)
    return None


def _suffix(reading: Reading) -> str | None:
    """What <title> says after the headline."""
    head, title = reading.metas.title, reading.title.text
    if reading.title.line < 0 or not title or title not in head:
        return None
    rest = head[head.index(title) + len(title) :]
    return rest if folded(rest) else None


def _repeated(path: str, readings: list[Reading]) -> tuple[str, ...]:
    """Lines of the container that stand on most of the pages."""
    if len(readings) < REPEATED_PAGES:
        return ()
    counts: Counter[str] = Counter()
    for reading in readings:
        node = find(reading.flow, path)[0]
        lines = reading.flow.lines[reading.flow.first[node] : reading.flow.last[node]]
        counts.update({line.text for line in lines if not line.hidden and len(line.text) <= REPEATED_CHARS})
    return tuple(text for text, count in counts.items() if count >= REPEATED_SHARE * len(readings))
