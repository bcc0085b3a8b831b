"""What goes over the wire for one request: an Answer and request headers -> status, headers, framed body.

Knows no sockets; tests.demo.server does.  Whether a path comes gzipped, chunked or both is a checksum of the path,
so that it is the same in every run and every test may name one.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property

from tests.demo.model import COUNTER, Answer, DemoSite

COMPRESSIBLE = ("text/", "application/json", "application/javascript", "application/rss+xml", "application/xml")
CHUNK = 1500  # bytes of a chunk: most pages take several
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Delivery:
    """How one path is always sent."""

    gzipped: bool
    chunked: bool


def delivery(path: str, mime: str) -> Delivery:
    number = zlib.crc32(path.encode()) % 4
    text = mime.startswith(COMPRESSIBLE)
    return Delivery(gzipped=text and number in (1, 3), chunked=text and number in (2, 3))


class Shop:
    """All answers of one site in one state, with the gzipped form of each made once."""

    def __init__(self, site: DemoSite) -> None:
        self.site = site
        self._small: dict[str, bytes] = {}

    @cached_property
    def missing(self) -> Answer:
        return self.site.missing()

    def find(self, path: str) -> Answer:
        return self.site.answers.get(path) or self.missing

    def gzipped(self, path: str, body: bytes) -> bytes:
        if path not in self._small:
            self._small[path] = gzip.compress(body, 6, mtime=0)
        return self._small[path]

    def respond(self, path: str, asked: Message, count: int, http11: bool = True) -> tuple[int, Headers, bytes]:
        """Answer a GET of `path`.  asked: request headers.  count: how often the path was read before."""
        answer = self.find(path)
        headers = [*answer.headers, *self.site.headers, *_validators(answer)]
        if unchanged(answer, asked):
            return 304, headers, b""
        how = delivery(path, answer.mime)
        headers.insert(0, ("Content-Type", answer.mime))
        if answer.location is not None:
            headers.append(("Location", answer.location))
        body = answer.body.replace(COUNTER, str(41 + count).encode()) if answer.counter else answer.body
        if how.gzipped:
            headers.append(("Vary", "Accept-Encoding"))
        if how.gzipped and "gzip" in asked.get("Accept-Encoding", ""):
            headers.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, 6, mtime=0) if answer.counter else self.gzipped(path, body)
        if how.chunked and http11:
            return answer.status, [*headers, ("Transfer-Encoding", "chunked")], b"".join(_chunks(body))
        return answer.status, [*headers, ("Content-Length", str(len(body)))], body


def unchanged(answer: Answer, asked: Message) -> bool:
    """RFC 9110 §13.2.2: If-None-Match decides alone when it is there."""
    if answer.status != 200:
        return False
    tags = asked.get("If-None-Match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return answer.tag is not None and answer.tag.removeprefix("W/") in known
    since = asked.get("If-Modified-Since")
    if since is None or answer.modified is None:
        return False
    try:
        return parsedate_to_datetime(since) >= answer.modified
    except (TypeError, ValueError):  # no date, or one without a zone
        return False


def _validators(answer: Answer) -> Headers:
    headers = [("ETag", answer.tag)] if answer.tag else []
    if answer.modified and answer.status == 200:
        headers.append(("Last-Modified", format_datetime(answer.modified.astimezone(UTC), usegmt=True)))
    return headers


def _chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK):
        part = body[start : start + CHUNK]
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"
