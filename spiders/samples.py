"""Sample articles of proposed lists -> proof that the rows lead to articles and say what the pages say.

A page is extracted without the hints of its row, so that an agreement of the two is one.  Used by spiders.onboard.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from pipelines.dates import first_date
from pipelines.extract import extract_document
from pipelines.item import Article, Page, Publisher
from spiders.cms.adapter import Row
from spiders.judge import Verdict, dated_share, is_numbered, promise, row_folder, same_title, shape, verdict
from spiders.links import role_of_link
from spiders.probe import OutOfBudgetError, Probe, Prober
from spiders.proof import Sample
from spiders.prospects import Found

PROOFS = ("article", "text", "bare")
SAID = ("label", "meta", "json-ld", "og", "time")  # places where a page says its date, as against showing one


class Samples:
    """Reads article pages; keeps what each list showed and the pages themselves (profiles are learnt from them)."""

    def __init__(self, prober: Prober) -> None:
        self.prober, self.publisher = prober, Publisher("page")
        self.of: dict[str, list[Sample]] = defaultdict(list)  # list URL -> samples
        self.pages: dict[str, Page] = {}  # pages that proved to be articles
        self.probes: dict[str, Probe] = {}
        self.kinds: Counter[tuple[str, bool]] = Counter()  # folder, numbered or named -> pages read of it
        self.natures: dict[str, str] = {}  # URL -> nature of the page
        self.judgements: dict[str, Verdict] = {}

    @property
    def count(self) -> int:
        return len(self.probes)

    async def read(self, lists: Sequence[Found], most: int) -> None:
        """Read up to `most` pages: one of every list, doubtful lists first, then a second from the lists' far ends."""
        order = sorted(lists, key=lambda one: (dated_share(one.rows) >= 0.5, promise(one.title, one.url) > 0.4))
        for turn in range(3):
            forms = {shape(url) for url in self.probes}
            # A form of article URL that was not seen yet tells more than one more of the same.
            for one in sorted(order, key=lambda one: all(shape(row.url) in forms for row in one.rows[:3])):
                if self.count >= most or self.prober.left <= 0:
                    return
                if len(self.of[one.url]) > turn:
                    continue
                row = self.pick(one)
                if row is not None:
                    await self.one(one, row)

    def pick(self, one: Found, among: Container[str] | None = None) -> Row | None:
        """A row to read: of the folder that is least known and has most rows; upper middle first, then the last.

        The first row is often pinned.  among: only these URLs, None = all.
        """
        rows = [row for row in one.rows if role_of_link(row.url) == "page" and row.url not in self.probes]
        rows = [row for row in rows if among is None or row.url in among]
        if not rows:
            return None
        sizes = Counter((row_folder(row.url), is_numbered(row.url)) for row in rows)
        kind = max(sizes, key=lambda name: (-self.kinds[name], sizes[name]))
        rows = [row for row in rows if (row_folder(row.url), is_numbered(row.url)) == kind]
        return rows[min(1, len(rows) - 1)] if not self.of[one.url] else rows[-1]

    async def one(self, found: Found, row: Row) -> Sample | None:
        try:
            probe = await self.prober.read(row.url)
        except OutOfBudgetError:
            return None
        self.probes[row.url] = probe
        self.kinds[row_folder(row.url), is_numbered(row.url)] += 1
        sample = self.judged(found, row, probe)
        probe.rest()
        self.of[found.url].append(sample)
        return sample

    def judged(self, found: Found, row: Row, probe: Probe) -> Sample:
        if probe.obstacle is not None or probe.document.kind not in ("html", "xml"):
            nature = f"unread:{probe.obstacle}" if probe.obstacle else "file"
            return Sample(row.url, found.url, nature, None, None, None, 0, row.title, row.date, None, None)
        alone = self.extracted(probe)
        seen = verdict(alone, probe.listing.rows)
        self.natures[row.url] = seen.nature
        if seen.nature in PROOFS:
            self.pages[row.url] = replace(page_of(probe), row_title=row.title, row_date=row.date, row_source=row.source)
        said = extract_document(
            probe.document, replace(page_of(probe), row_title=row.title, row_date=row.date), self.publisher
        )
        return Sample(
            row.url, found.url, seen.nature, said.title, said.published, said.source, seen.chars, row.title,
            row.date, self.says_title(row, alone), self.says_day(row, alone), said.flags,
        )  # fmt: skip

    def extracted(self, probe: Probe) -> Article:
        return extract_document(probe.document, page_of(probe), self.publisher)

    def verdict(self, probe: Probe) -> Verdict:
        """Judge a page that was read for another reason."""
        if probe.url not in self.judgements:
            self.judgements[probe.url] = verdict(self.extracted(probe), probe.listing.rows)
            probe.rest()
        return self.judgements[probe.url]

    def says_title(self, row: Row, article: Article) -> bool | None:
        """Compare titles; a page that shows only the name of its site shows none."""
        return None if article.title == self.publisher.title else same_title(row.title, article.title)

    def says_day(self, row: Row, article: Article) -> bool | None:
        """Compare days; a date that merely stands somewhere on the page can agree but not contradict."""
        shown = first_date(row.date, ZoneInfo(self.publisher.timezone)) if row.date else None
        if shown is None or article.published is None:
            return None
        day = shown.moment.date().isoformat()
        if any(day == candidate.value[:10] for candidate in article.candidates):
            return True
        return False if article.evidence.get("published") in SAID else None

    def leads_to_articles(self, one: Found) -> bool | None:
        """Say whether a list's samples are articles; None when none could be read.

        Running text without any date may be a product or a company profile: then the words of the column decide.
        """
        seen = [sample for sample in self.of[one.url] if not sample.nature.startswith("unread")]
        if not seen:
            return None
        # A page of many boxes leads to several kinds of page: each sample speaks for the rows of its folder.
        sizes = Counter(row_folder(row.url) for row in one.rows)
        dated = dated_share(one.rows) >= 0.5

        def weight(*natures: str) -> float:
            return sum(sizes[row_folder(sample.url)] for sample in seen if sample.nature in natures)

        everything = sum(sizes[row_folder(sample.url)] for sample in seen) or 1
        good = weight("article", "file") + (weight("bare") if dated else 0)
        if good >= 0.4 * everything:
            return True
        if weight("article", "file", "text", "bare") >= 0.5 * everything:
            return dated or promise(one.title, one.url) > 0.2
        return dated and 2 * sum(1 for sample in seen if sample.title_agrees) >= len(seen)


def page_of(probe: Probe) -> Page:
    return Page(probe.url, probe.document.body, 200, probe.document.headers)
