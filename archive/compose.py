"""One exchange -> the WARC 1.1 records that keep it: response or revisit, request, metadata.

Pure: nothing is written here, ids and dates come from outside, so whole records can be compared byte for byte.  All
records of an exchange carry the date its request began (WARC 1.1 §5.4) and the id of their file's warcinfo (§5.16).
WARC-Protocol and WARC-Cipher-Suite follow the proposals in IIPC issues 42 and 86.  Used by archive.writer.
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from archive.record import Exchange, Original
from archive.warcfields import write_fields

VERSION = "WARC/1.1"
PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
IDENTICAL = PROFILES + "identical-payload-digest"
NOT_MODIFIED = PROFILES + "server-not-modified"
HTTP_RESPONSE = "application/http;msgtype=response"
HTTP_REQUEST = "application/http;msgtype=request"
WARC_FIELDS = "application/warc-fields"
# Of an answer whose header block never ended there is no HTTP message: so much of it stands in the metadata record.
RECEIVED_LIMIT = 1 << 16
# No control character: a WARC header line cannot be forged through a value.
HEADER_VALUE = re.compile("[^\x00-\x1f\x7f-\x9f]*")
NOT_URI = re.compile(r"[^\x21-\x7e]")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Span:
    """length bytes of a seekable file, from start on."""

    file: BinaryIO
    start: int
    length: int

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the bytes in pieces of at most `size`; ValueError if the file holds fewer than promised."""
        self.file.seek(self.start)
        left = self.length
        while left:
            piece = self.file.read(min(left, size))
            if not piece:
                raise ValueError(f"{left} of {self.length} bytes of the answer are missing from its spool")
            left -= len(piece)
            yield piece


@dataclass(frozen=True)
class Draft:
    """A record before it is written.  headers: all but version, block digest, Content-Type and Content-Length."""

    type: str
    record_id: str
    date: str
    headers: Headers
    content_type: str | None
    block: bytes | Span
    digest: str | None = None  # WARC-Payload-Digest

    def __post_init__(self) -> None:
        for name, value in self.headers:
            if HEADER_VALUE.fullmatch(value) is None:
                raise ValueError(f"{name}: {value[:200]!r} holds a control character, which no WARC header may")

    def head(self, block_sha1: bytes | None, length: int) -> bytes:
        """Return version line, headers and the blank line.  block_sha1: None = no block, so no digest of it."""
        lines = [VERSION, *(f"{name}: {value}" for name, value in self.headers)]
        if block_sha1 is not None:
            lines.append(f"WARC-Block-Digest: {sha1_text(block_sha1)}")
        if self.content_type is not None:
            lines.append(f"Content-Type: {self.content_type}")
        lines += [f"Content-Length: {length}", "", ""]
        return "\r\n".join(lines).encode()


@dataclass(frozen=True)
class Names:
    """What ties records to their file and to each other.  new_id: gives urn:uuid:… that never came before."""

    warcinfo_id: str
    new_id: Callable[[], str]


def sha1_text(digest: bytes) -> str:
    """Return a 20-byte SHA-1 the way WARC files name it: Base32, upper case; 20 bytes need no padding."""
    return "sha1:" + base64.b32encode(digest).decode()


def warc_date(at: datetime) -> str:
    """Return WARC-Date text with microseconds (WARC 1.1 §5.4).  ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r}: a date without a zone; give one in UTC")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def target_uri(url: str) -> str:
    """Return `url` as it stands if it is printable ASCII, else with every other character percent-encoded as UTF-8."""
    return NOT_URI.sub(lambda found: "".join(f"%{byte:02X}" for byte in _utf8(found.group())), url)


def warcinfo_draft(name: str, at: datetime, fields: Sequence[tuple[str, str]], record_id: str) -> Draft:
    """name: the file's final name; WARC-Filename must outlive the .open suffix."""
    date = warc_date(at)
    headers = (*_identity("warcinfo", record_id, date), ("WARC-Filename", name))
    return Draft("warcinfo", record_id, date, headers, WARC_FIELDS, write_fields(fields))


def exchange_drafts(
    exchange: Exchange, fields: Sequence[tuple[str, str]], original: Original | None, names: Names
) -> list[Draft]:
    """Return response or revisit (if a whole header block came), request (if bytes were sent) and metadata.

    original: see WarcWriter.write.  ValueError if the original is not what came.
    """
    drafts: list[Draft] = []
    notes = list(fields)
    if exchange.response is not None and exchange.head_length:
        drafts.append(_answer(exchange, original, names))
        if drafts[0].content_type is None:
            notes.append(("http-header", _text(exchange, exchange.head_length)))
    elif exchange.response is not None and exchange.end > exchange.start:
        notes.append(("received", _text(exchange, min(exchange.end - exchange.start, RECEIVED_LIMIT))))
    answer = drafts[0].record_id if drafts else None
    if exchange.request:
        drafts.append(_request(exchange.url, exchange.at, exchange.request, names, answer, _wire(exchange)))
    if all(name != "fetchTimeMs" for name, _ in notes):
        notes.append(("fetchTimeMs", str(exchange.elapsed_ms)))
    return [*drafts, _metadata(exchange.url, exchange.at, notes, names, drafts)]


def failure_drafts(
    url: str, at: datetime, request: bytes | None, fields: Sequence[tuple[str, str]], names: Names
) -> list[Draft]:
    """Return request (if bytes were sent) and metadata of an exchange without an answer."""
    drafts = [_request(url, at, request, names, None, ())] if request else []
    return [*drafts, _metadata(url, at, fields, names, drafts)]


def note_draft(url: str, at: datetime, refers: str | None, fields: Sequence[tuple[str, str]], names: Names) -> Draft:
    """Return a metadata record about a record of another file (WARC 1.1 §6.6: WARC-Refers-To).  refers: urn:uuid:…."""
    record_id, date, headers = _event("metadata", url, at, names)
    headers += _present("WARC-Refers-To", refers and f"<{refers}>")
    return Draft("metadata", record_id, date, headers, WARC_FIELDS, write_fields(fields))


def _answer(exchange: Exchange, original: Original | None, names: Names) -> Draft:
    if original is not None and exchange.not_modified:
        return _not_modified(exchange, original, names)
    if original is not None and exchange.truncated is None:
        return _revisit(exchange, original, names)
    assert exchange.response is not None
    digest = sha1_text(exchange.payload_sha1) if exchange.payload_sha1 is not None else None
    record_id, date, headers = _event("response", exchange.url, exchange.at, names)
    headers += (
        *_wire(exchange),
        *_present("WARC-Payload-Digest", digest),
        *_present("WARC-Truncated", exchange.truncated),
    )
    block = Span(exchange.response, exchange.start, exchange.end - exchange.start)
    return Draft("response", record_id, date, headers, HTTP_RESPONSE, block, digest)


def _revisit(exchange: Exchange, original: Original, names: Names) -> Draft:
    """WARC 1.1 §6.7.2: the header block that came; the body is left off, which WARC-Truncated says."""
    assert exchange.response is not None
    digest = sha1_text(exchange.payload_sha1) if exchange.payload_sha1 is not None else None
    if digest != original.digest:
        raise ValueError(f"{exchange.url}: payload {digest} is not that of its original, {original.digest}")
    record_id, date, headers = _event("revisit", exchange.url, exchange.at, names)
    headers += (*_wire(exchange), *_refers_to(original, IDENTICAL), ("WARC-Truncated", "length"))
    block = Span(exchange.response, exchange.start, exchange.head_length)
    return Draft("revisit", record_id, date, headers, HTTP_RESPONSE, block, digest)


def _not_modified(exchange: Exchange, original: Original, names: Names) -> Draft:
    """WARC 1.1 §6.7.3 without a block: with the 304's own header block, pywb and wabac replay a blank page."""
    record_id, date, headers = _event("revisit", exchange.url, exchange.at, names)
    headers += (*_wire(exchange), *_refers_to(original, NOT_MODIFIED))
    return Draft("revisit", record_id, date, headers, None, b"", original.digest)


def _request(url: str, at: datetime, request: bytes, names: Names, answer: str | None, wire: Headers) -> Draft:
    record_id, date, headers = _event("request", url, at, names)
    headers += (*_present("WARC-Concurrent-To", answer and f"<{answer}>"), *wire)
    return Draft("request", record_id, date, headers, HTTP_REQUEST, request)


def _metadata(
    url: str, at: datetime, fields: Sequence[tuple[str, str]], names: Names, others: Sequence[Draft]
) -> Draft:
    """others: what stands before it; it belongs to the first, the answer if there is one."""
    record_id, date, headers = _event("metadata", url, at, names)
    headers += tuple(("WARC-Concurrent-To", f"<{other.record_id}>") for other in others[:1])
    return Draft("metadata", record_id, date, headers, WARC_FIELDS, write_fields(fields))


def _event(kind: str, url: str, at: datetime, names: Names) -> tuple[str, str, Headers]:
    record_id, date = names.new_id(), warc_date(at)
    headers = (
        *_identity(kind, record_id, date),
        ("WARC-Target-URI", target_uri(url)),
        ("WARC-Warcinfo-ID", f"<{names.warcinfo_id}>"),
    )
    return record_id, date, headers


def _identity(kind: str, record_id: str, date: str) -> Headers:
    return (("WARC-Type", kind), ("WARC-Record-ID", f"<{record_id}>"), ("WARC-Date", date))


def _wire(exchange: Exchange) -> Headers:
    return (
        *_present("WARC-IP-Address", exchange.ip),
        *(("WARC-Protocol", protocol) for protocol in exchange.protocols),
        *_present("WARC-Cipher-Suite", exchange.cipher),
    )


def _refers_to(original: Original, profile: str) -> Headers:
    return (
        ("WARC-Profile", profile),
        ("WARC-Refers-To", f"<{original.record_id.strip('<>')}>"),
        ("WARC-Refers-To-Target-URI", target_uri(original.url)),
        ("WARC-Refers-To-Date", original.date),
        ("WARC-Payload-Digest", original.digest),
    )


def _present(name: str, value: str | None) -> Headers:
    return ((name, value),) if value else ()


def _text(exchange: Exchange, length: int) -> str:
    """Return received bytes as Latin-1, a character a byte: what write_fields escapes comes back as it was."""
    assert exchange.response is not None
    return b"".join(Span(exchange.response, exchange.start, length).chunks(length)).decode("latin-1")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
