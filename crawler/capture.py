"""The download handler: a frontier row goes out, its exchange goes to the tape, its ending is decided here.

A response moves on only after its records are in the WARC file; it carries status and headers, no body.
"""

from typing import Any, cast

from scrapy import Request
from scrapy.http import Response

from archive.record import REMEDY, ArchiveError
from archive.state import Target
from crawler.ending import ATTEMPTS, Answer, ending, reason_of
from crawler.wire import Recordings, TapeHandler


class CaptureHandler(TapeHandler):
    """DOWNLOAD_HANDLERS for http and https."""

    def __init__(self, crawler: Any) -> None:
        self.run = cast(Any, crawler.spider).run
        self.guard = self.run.guard
        self.spool_folder = self.run.home.warc
        super().__init__(crawler)

    async def download_request(self, request: Request) -> Response:
        target: Target = request.meta["target"]
        recordings: Recordings = []
        response: Response | None = None
        error: str | None = None
        try:
            response = await self.fetch(request, recordings)
        except BaseException as failure:
            error = reason_of(failure, target.host in self.guard.refused)
            raise
        finally:
            cut = {"timeout": "time", "too-big": "length"}.get(error or "", "disconnect")
            for recording in recordings:
                recording.close(truncated=cast(Any, cut) if error else None)
            trouble = next((recording.trouble for recording in recordings if recording.trouble), None)
            if trouble is None:
                await self._tape(request, target, recordings, response, error)
            else:  # not the site's fault: the row stays for the run that goes on
                request.meta["taped"] = True
                self.run.stop(ArchiveError(f"{self.spool_folder}: {trouble.strerror}; {REMEDY}"))
        return response

    async def _tape(
        self, request: Request, target: Target, recordings: Recordings, response: Response | None, error: str | None
    ) -> None:
        from asyncio import wrap_future

        last = recordings[-1] if recordings else None
        status, headers = (response.status, response.headers) if response is not None else (None, None)
        if response is None and last is not None and last.head:
            status, headers = _head(last)
        table = {k.decode("latin-1").lower(): v[-1].decode("latin-1") for k, v in (headers or {}).items() if v}
        answer = Answer(status, table, last.truncated if last and last.head else None, error)
        end = ending(target, answer, limit=1 if self.run.once else ATTEMPTS)
        future = self.run.tape.put(
            target,
            recordings,
            answer,
            end,
            proxied=bool(request.meta.get("proxy")),
            conditional=request.meta["conditional"],
        )
        request.meta["taped"] = True
        try:
            await wrap_future(future)
        except ArchiveError as trouble:
            self.run.stop(trouble)
        except Exception:
            request.meta["taped"] = False  # nothing of it is in the batch: Run.lost ends the row
            raise
        self.run.frontier.landed(target, end.pause)


def _head(recording: Any) -> tuple[int | None, Any]:
    """Read status and headers of an answer whose body was cut."""
    from scrapy.http import Headers

    recording.spool.seek(recording.start)
    lines = recording.spool.read(recording.head).split(b"\n")
    words = lines[0].split()
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    headers = Headers()
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if colon and not name[:1].isspace():
            headers.appendlist(name.strip(), value.strip())
    return status, headers
