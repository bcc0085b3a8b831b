"""Sample articles of proposed lists -> proof that the rows lead to articles and say what the pages say.

A page is extracted without the hints of its row, so that an agreement of the two is one.  Used by spiders.onboard.
"""

from collections import defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pipelines.dates import first_date
from pipelines.extract import extract_document
from pipelines.item import Article, Page, Publisher
from spiders import cms
from spiders.cms.adapter import Row
from spiders.judge import dated_share, promise, same_title, shape, verdict
from spiders.links import role_of_link
from spiders.probe import OutOfBudgetError, Probe, Prober
from spiders.proof import Sample
from spiders.survey import Found

PROOFS = ("article", "text", "bare")
SAID = ("label", "meta", "json-ld", "og", "time")  # places where a page says its date, as against showing one


class Samples:
    """Reads article pages; keeps what each list showed and the pages themselves (profiles are learnt from them)."""

    def __init__(self, prober: Prober) -> None:
        self.prober, self.publisher = prober, Publisher("page")
        self.of: dict[str, list[Sample]] = defaultdict(list)  # list URL -> samples
        self.pages: dict[str, Page] = {}  # pages that proved to be articles
        self.probes: dict[str, Probe] = {}

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

    def pick(self, one: Found) -> Row | None:
        """A row that was not read yet: from the upper middle first (pinned rows stand on top), then from the end."""
        pages = [row for row in one.rows if role_of_link(row.url) == "page" and row.url not in self.probes]
        if not pages:
            return None
        return pages[min(1, len(pages) - 1)] if not self.of[one.url] else pages[-1]

    async def one(self, found: Found, row: Row) -> Sample | None:
        try:
            probe = await self.prober.read(row.url)
        except OutOfBudgetError:
            return None
        self.probes[row.url] = probe
        sample = self.judged(found, row, probe)
        self.of[found.url].append(sample)
        return sample

    def judged(self, found: Found, row: Row, probe: Probe) -> Sample:
        if probe.obstacle is not None or probe.document.kind not in ("html", "xml"):
            nature = f"unread:{probe.obstacle}" if probe.obstacle else "file"
            return Sample(row.url, found.url, nature, None, None, None, 0, row.title, row.date, None, None)
        page = Page(probe.url, probe.document.body, 200, probe.document.headers)
        article = extract_document(probe.document, page, self.publisher)
        seen = verdict(article, cms.listing(probe.document).rows)
        if seen.nature in PROOFS:
            self.pages[row.url] = page
        return Sample(
            row.url, found.url, seen.nature, article.title, article.published, article.source, seen.chars, row.title,
            row.date, self.says_title(row, article), self.says_day(row, article), article.flags,
        )  # fmt: skip

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
        natures = [sample.nature for sample in self.of[one.url] if not sample.nature.startswith("unread")]
        if not natures:
            return None
        good = sum(
            1 for nature in natures if nature in ("article", "file") or (nature == "bare" and dated_share(one.rows))
        )
        if good * 2 >= len(natures):
            return True
        text = sum(1 for nature in natures if nature in ("text", "bare"))
        if (good + text) * 2 >= len(natures):
            return dated_share(one.rows) >= 0.5 or promise(one.title, one.url) > 0.2
        agreed = sum(1 for sample in self.of[one.url] if sample.title_agrees)
        return dated_share(one.rows) >= 0.5 and agreed * 2 >= len(natures)
