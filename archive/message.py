"""HTTP messages as sent -> start line, headers, entity body, payload; nothing that sites do wrong stops it.

Folded lines, bare LF, lines without a colon, odd case, lying codings: all were met on real servers (the cases are in
tests/test_archive_message.py).  Used by the reader, the index, verify, extraction and replay.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from archive.coding import Chunked, Measured, Note, Unpacked

HEAD_END = re.compile(rb"\r?\n\r?\n")
LINE_END = re.compile(rb"\r?\n")
STATUS_LINE = re.compile(r"HTTP/[0-9.]+[ \t]+([0-9]{3})(?:[ \t](.*))?", re.DOTALL)
DIGITS = re.compile(r"[0-9]{1,15}")
NO_BODY = (204, 304)
# The longest header block looked for in a stream.
HEAD_LIMIT = 4 << 20
# Of one payload so much is taken at most, unless the caller says otherwise: five times the largest page fetched.
PAYLOAD_LIMIT = 100 << 20


@dataclass(frozen=True)
class Payload:
    """data: entity body without its content codings.  note: what was wrong with it, None = nothing."""

    data: bytes
    note: Note | None


@dataclass(frozen=True)
class HttpHead:
    """Start line and headers.  raw: the bytes as sent, with the blank line; pairs: Latin-1, in order, as sent.

    Surrounding blanks of a value are off, folded lines joined by one space; lines without a colon are in raw only.
    """

    raw: bytes
    start: str
    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """Return the first value; names are compared without case."""
        return self._first.get(name.lower())

    def all(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for key, value in self.pairs if key.lower() == wanted)

    @cached_property
    def _first(self) -> dict[str, str]:
        return {key.lower(): value for key, value in reversed(self.pairs)}

    def tokens(self, name: str) -> list[str]:
        """Return the members of a comma-separated list header, over all its lines, lower-case."""
        return [token for value in self.all(name) for part in value.split(",") if (token := part.strip().lower())]

    @property
    def status(self) -> int | None:
        """The status code; None for a request, or a start line that is none."""
        found = STATUS_LINE.match(self.start)
        return int(found[1]) if found else None

    @property
    def reason(self) -> str:
        found = STATUS_LINE.match(self.start)
        return (found[2] or "") if found else ""

    @property
    def method(self) -> str:
        """The first word of a request's start line, as sent."""
        return self.start.split(" ", 1)[0]


@dataclass(frozen=True)
class HttpMessage:
    """body: entity body, transfer-decoded, content coding kept (the WARC payload).

    complete: it came to the end that its framing announces.
    """

    head: HttpHead
    body: bytes
    complete: bool

    @property
    def status(self) -> int | None:
        return self.head.status

    @property
    def reason(self) -> str:
        return self.head.reason

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return self.head.pairs

    def get(self, name: str) -> str | None:
        return self.head.get(name)

    def decoded(self, limit: int = PAYLOAD_LIMIT) -> Payload:
        """Take the content codings off; at most `limit` bytes come out, so a decompression bomb stays small."""
        unpacked = Unpacked((self.body,), self.head.tokens("Content-Encoding"), limit)
        return Payload(b"".join(unpacked), unpacked.note)

    def payload(self, limit: int = PAYLOAD_LIMIT) -> bytes:
        return self.decoded(limit).data


class MessageStream:
    """An HTTP message read from pieces: head at once, then the body, once, by entity() or payload().

    A header block that does not end within HEAD_LIMIT is taken to end there.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        data, end = b"", None
        while end is None and len(data) < HEAD_LIMIT and (piece := next(self._pieces, b"")):
            data, seen = data + piece, max(len(data) - 3, 0)
            end = HEAD_END.search(data, seen)
        stop = end.end() if end else len(data)
        self.head = parse_head(data[:stop])
        self._ahead = data[stop:]

    @cached_property
    def _framing(self) -> Chunked | Measured:
        return framing(self.head)

    @property
    def complete(self) -> bool:
        """Whether the body came to its announced end; known once it was read."""
        return self._framing.complete

    def entity(self) -> Iterator[bytes]:
        """Yield the entity body, transfer coding off, content coding on: for each piece of the block what it brings."""
        for piece in chain((self._ahead,), self._pieces):
            yield self._framing.feed(piece)
        yield self._framing.end()

    def payload(self, limit: int = PAYLOAD_LIMIT) -> Unpacked:
        """The entity body with content codings off as well."""
        return Unpacked(self.entity(), self.head.tokens("Content-Encoding"), limit)


def parse_message(block: bytes) -> HttpMessage:
    """Read the block of a request or response record.  One without a blank line is all head."""
    stream = MessageStream((block,))
    body = b"".join(stream.entity())
    return HttpMessage(stream.head, body, stream.complete)


def parse_head(raw: bytes) -> HttpHead:
    """Read a header block, whatever its lines look like."""
    start, *lines = LINE_END.split(raw)
    pairs: list[tuple[str, str]] = []
    for line in (line.decode("latin-1") for line in lines):
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.strip()}".strip())
        elif colon:
            pairs.append((name.strip(" \t"), value.strip(" \t")))
    return HttpHead(raw, start.decode("latin-1"), tuple(pairs))


def framing(head: HttpHead) -> Chunked | Measured:
    """Return what takes the transfer coding off (RFC 9112 §6.3): chunked before Content-Length before the end.

    Only whoever knows the request can say that an answer to HEAD has no body: it seems incomplete here.
    """
    if head.status in NO_BODY:
        return Measured(0)
    if head.tokens("Transfer-Encoding")[-1:] == ["chunked"]:
        return Chunked()
    length = next((value for value in head.tokens("Content-Length") if DIGITS.fullmatch(value)), None)
    return Measured(int(length) if length is not None else None)
