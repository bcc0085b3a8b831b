"""The live spider: site definitions -> rows of the frontier; answers end in the archive, not here.

Nothing is parsed in the crawl process.  A page is read from its WARC record by the harvest, in a worker, whether it
was fetched a second ago or by a process that was killed; so there is one way from a page to what follows from it.
"""

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider
from scrapy.exceptions import UsageError
from scrapy.http import Response
from twisted.python.failure import Failure


class NewsSpider(Spider):
    """Crawls the sites of a run (crawler.run.Run); `parknews crawl` makes it, `scrapy crawl news` alone cannot."""

    name = "news"

    def __init__(self, run: Any = None, **named: Any) -> None:
        super().__init__(**named)
        if run is None:
            raise UsageError("a crawl needs a home, locks and recovery around it: run `parknews crawl` instead")
        self.run = run

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the run has put its lists into the frontier before the engine starts."""
        return
        yield

    def answered(self, response: Response) -> None:
        """An exchange is in the archive; its row is on its way into the state."""

    def failed(self, failure: Failure) -> None:
        """The handler has taped and settled what failed on the wire; anything else must not leave a row open."""
        request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        if not request.meta.get("taped"):
            self.run.lost(request.meta["target"], failure)
