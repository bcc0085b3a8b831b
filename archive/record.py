"""What is kept of one HTTP exchange, before it is written and after.

An Exchange is what went over the wire, byte for byte; a RecordRef says where one record of it lies.  This room
knows neither Scrapy nor sites: what it must remember of them travels as `fields`, plain name/value pairs for the
metadata record (WARC 1.1 §6.6, application/warc-fields).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal

# What to do when a disk refuses; every command can be given again.
REMEDY = "Free or repair the disk and run the same command again: it goes on from there"
Truncated = Literal["length", "time", "disconnect", "unspecified"]


class ArchiveError(Exception):
    """The archive cannot be written or put in order: the text names the file, what happened and what would do."""


@dataclass(frozen=True)
class Exchange:
    """One request and what came back, as they crossed the plaintext side of the wire.

    url: target URI without fragment.  at: UTC, when the request began; the date of all its records.
    request: exact bytes, proxy credentials taken out.  response: seekable file of the received bytes; the HTTP
    message is response[start:end] (1xx before it and surplus bytes after it are left out), its head the first
    head_length bytes of that; None and 0 = no complete header block came.
    payload_sha1: 20 bytes, over the transfer-decoded entity body (WARC 1.1 §5.9, §6.3.2); None = no body.
    ip: peer address, RFC 5952 for IPv6; None behind a proxy.  protocols: "http/1.1", "tls/1.3".  cipher: IANA name.
    not_modified: the answer is a 304 that we asked for with a conditional request.
    """

    url: str
    at: datetime
    request: bytes
    response: BinaryIO | None
    start: int
    end: int
    head_length: int
    payload_sha1: bytes | None
    payload_length: int
    ip: str | None
    protocols: tuple[str, ...]
    cipher: str | None
    truncated: Truncated | None
    not_modified: bool = False
    elapsed_ms: int = 0


@dataclass(frozen=True)
class Original:
    """The record that a revisit refers to: its URI, WARC-Date text, record id and payload digest as written.

    record_id: urn:uuid:…, without angle brackets.  digest: "sha1:" and Base32.
    """

    url: str
    date: str
    record_id: str
    digest: str


@dataclass(frozen=True)
class RecordRef:
    """Where one record lies.  warc: final file name (no .open).  offset, length: its gzip member, in bytes.

    record_id: urn:uuid:…, without angle brackets.  date: WARC-Date text.
    """

    warc: str
    offset: int
    length: int
    type: str
    record_id: str
    date: str
    digest: str | None = None  # WARC-Payload-Digest
