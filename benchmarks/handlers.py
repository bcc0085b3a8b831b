"""The download handler that benchmarks.capture measures: our wire and writer, with or without the tape's state.

folder and with_state are set before the crawl begins.
"""

import tempfile
from asyncio import wrap_future
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import Response

from archive.paths import Home
from archive.state import State, Target
from archive.writer import WarcWriter
from crawler.addresses import Guard
from crawler.crawllog import CrawlLog
from crawler.ending import Answer, ending
from crawler.rows import ask_row
from crawler.tape import Tape
from crawler.wire import Recordings, TapeHandler

folder = Path(tempfile.gettempdir())
with_state = False
SITE = "benchmark"


class Taped(TapeHandler):
    """Hands each answer on when its records are in the WARC file, as CaptureHandler does."""

    def __init__(self, crawler: Any) -> None:
        self.guard, self.spool_folder = Guard(allow_private=True), folder
        super().__init__(crawler)
        self.home = Home(folder).prepare()
        self.writer = WarcWriter(self.home.warc, collection="benchmark", info={"software": "parknews"})
        self.thread = ThreadPoolExecutor(1)
        if with_state:
            self.state = State(self.home.state)
            log = CrawlLog(self.home.logs / "000001.crawl.log")
            self.tape = Tape(self.home, self.writer, log, run=1, committed=lambda _: None, broken=print)

    async def download_request(self, request: Request) -> Response:
        recordings: Recordings = []
        response = await self.fetch(request, recordings)
        for recording in recordings:
            recording.close()
        if with_state:
            target, table = (
                self._target(request.url),
                {k.decode().lower(): v[-1].decode() for k, v in response.headers.items()},
            )
            answer = Answer(response.status, table, None, None)
            put = self.tape.put(target, recordings, answer, ending(target, answer), proxied=False, conditional=False)
        else:
            put = self.thread.submit(self._write, request.url, recordings, response.status)
        await wrap_future(put)
        return response

    def _write(self, url: str, recordings: Recordings, status: int) -> None:
        fields = [("role", "article"), ("run", "1"), ("via", "http://127.0.0.1/")]
        for recording in recordings:
            self.writer.write(recording.exchange(url, proxied=False, conditional=False, status=status), fields)
            recording.spool.close()

    def _target(self, url: str) -> Target:
        with self.state.transaction():
            ask_row(self.state, SITE, url, "article", 1)
        return self.state.targets("site = ? AND key = ?", SITE, url)[0]

    async def close(self) -> None:
        if with_state:
            self.tape.close()
        else:
            self.thread.submit(self.writer.close).result()
        await super().close()
