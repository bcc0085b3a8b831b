"""WARC files -> records, one at a time and streamed: memory stays flat whatever the size of file or block.

Strict where our own files are concerned (one whole record a gzip member, exact lengths): what does not fit raises
WarcFormatError with file, offset and what would do.  Plain .warc files of other tools are read as well.
Used by whoever reads the archive: recovery, index, verify, extraction, replay.
"""

import hashlib
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from archive.compose import NOT_MODIFIED, sha1_text
from archive.gz import CHUNK, GzipError, Members, is_gzip
from archive.message import HttpMessage, parse_message
from archive.record import ArchiveError, Original, RecordRef
from archive.warcfile import OPEN, open_path

VERSION = re.compile(rb"WARC/1\.[01]\r\n")
LENGTH = re.compile(r"[0-9]{1,15}")
# The longest header block taken; a target URI alone can be tens of kilobytes.
HEAD_LIMIT = 1 << 20
# Blocks up to this length are handed over as bytes; for longer ones there is open_record.
BLOCK_LIMIT = 256 << 20
# So much of each block comes with a scanned entry: nearly always all of a metadata record and the head of an answer.
SCAN_KEEP = 1 << 16
MANY = "the gzip member holds more than one record, so none can be read by its offset; `warcio recompress` splits it"

Kind = Literal["cut", "gzip", "members", "version", "header", "length", "end"]
# How a gzip member with deflate data begins (RFC 1952 §2.3).
GZIP_MEMBER = b"\x1f\x8b\x08"
PLAIN_RECORD = b"WARC/1."
# Where the record lies that a revisit refers to: (final WARC name, offset), or None if it is not known.
Find = Callable[[Original], tuple[str, int] | None]


class WarcFormatError(ValueError):
    """A file is not what WARC 1.1 and our own rules say.  kind: "cut" = it ends within a record (a torn tail)."""

    def __init__(self, path: Path, offset: int, kind: Kind, message: str) -> None:
        super().__init__(f"{path} at byte {offset}: {message}")
        self.path, self.offset, self.kind, self.message = path, offset, kind, message


class UnresolvedError(LookupError):
    """A revisit record's original cannot be found, or is not what the revisit says it is."""


@dataclass(frozen=True)
class Headers:
    r"""Named fields of a record, in their order, names as written.  Bytes that are not UTF-8 show as \xNN."""

    version: str
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

    def uri(self, name: str) -> str | None:
        """Return a URI without the angle brackets that ids have, and target URIs in some files of WARC 1.0."""
        value = self.get(name)
        return value.strip("<>") if value is not None else None


@dataclass(frozen=True)
class Record:
    """One record, read whole."""

    headers: Headers
    block: bytes


@dataclass(frozen=True)
class Entry:
    """One whole record met by a scan.  start: the first bytes of its block, at most SCAN_KEEP."""

    ref: RecordRef
    headers: Headers
    block_length: int
    start: bytes


class Source(Protocol):
    """The bytes of a file, decompressed, from one record to the next.  offset, end: in the file, of the present one."""

    offset: int

    @property
    def end(self) -> int: ...

    def begin(self) -> bool: ...

    def read(self, size: int, /) -> bytes: ...

    def leave(self, ahead: int, /) -> bool:
        """End the record, `ahead` bytes before what was read; False if the source does not end a record there."""


class GzipSource(Members):
    """Records in gzip members, one each."""

    def leave(self, ahead: int) -> bool:
        return not ahead and not self.read(1)


class PlainSource:
    """Records one after another in an uncompressed file."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file = file
        self.offset = self.end = offset

    def begin(self) -> bool:
        self.offset = self._file.seek(self.end)
        more = bool(self._file.read(1))
        self._file.seek(self.offset)
        return more

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.end += len(data)
        return data

    def leave(self, ahead: int) -> bool:
        self.end -= ahead
        return True


class RecordStream:
    """One record being read: its headers, then its block through read().  offset: where it starts in the file.

    raw_head: version line and headers as they are, with the blank line.  length: of the block, bytes.  Every method raises WarcFormatError where the file is not as it should be.
    """

    def __init__(self, path: Path, source: Source) -> None:
        self._path, self._source = path, source
        self.offset = source.offset
        self._ahead = b""
        self._size: int | None = None
        self.raw_head = b""
        self.headers = self._head()
        self.length = self._left = self._content_length()

    def read(self, size: int = -1) -> bytes:
        """Return 1 to `size` bytes of the block, all that is left for -1; b"" at its end."""
        if size < 0:
            return b"".join(self.pieces())
        wanted = min(size, self._left, CHUNK)
        data = self._take(wanted) if wanted else b""
        if wanted and not data:
            raise self._error("length", f"the block ends {self._left} bytes before its Content-Length says")
        self._left -= len(data)
        return data

    def pieces(self) -> Iterator[bytes]:
        """Yield what is left of the block."""
        while data := self.read(CHUNK):
            yield data

    def finish(self) -> int:
        """Skip what is left, check that the record ends there; return its length in the file (compressed)."""
        if self._size is None:
            for _ in self.pieces():
                pass
            tail = b""
            while len(tail) < 4 and (data := self._take(4 - len(tail))):
                tail += data
            if tail != b"\r\n\r\n":
                raise self._error("end", f"{tail!r} stands where the record ends; its Content-Length may be wrong")
            if not self._leave():
                raise self._error("members", MANY)
            self._size = self._source.end - self.offset
        return self._size

    def ref(self) -> RecordRef:
        """finish(), and say where the record lies."""
        length = self.finish()
        kind, record_id, date = (self.headers.uri(name) for name in ("WARC-Type", "WARC-Record-ID", "WARC-Date"))
        if not kind or not record_id or not date:
            raise self._error("header", "WARC-Type, WARC-Record-ID and WARC-Date are needed, not all are there")
        digest = self.headers.get("WARC-Payload-Digest")
        return RecordRef(final_name(self._path), self.offset, length, kind, record_id, date, digest)

    def _head(self) -> Headers:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            more = self._pull(CHUNK)
            if not more or len(data) > HEAD_LIMIT:
                raise self._error("header", f"the record header does not end within {len(data)} bytes")
            data += more
            if len(data) >= 10 and VERSION.match(data) is None:
                raise self._error("version", f"a record begins with WARC/1.1 (or 1.0), not with {data[:20]!r}")
        self.raw_head, self._ahead = data[: end + 4], data[end + 4 :]
        return self._parse(data[:end])

    def _parse(self, head: bytes) -> Headers:
        version, *lines = head.decode("utf-8", "backslashreplace").split("\r\n")
        pairs: list[tuple[str, str]] = []
        for line in lines:
            name, colon, value = line.partition(":")
            if line[:1] in (" ", "\t") and pairs:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.strip()}")
            elif colon and name.strip():
                pairs.append((name.strip(), value.strip(" \t")))
            else:
                raise self._error("header", f"no header line: {line[:80]!r}")
        return Headers(version, tuple(pairs))

    def _content_length(self) -> int:
        values = self.headers.all("Content-Length")
        if len(values) != 1 or LENGTH.fullmatch(values[0]) is None:
            raise self._error("header", f"one Content-Length, in digits, is needed; there is {list(values)}")
        return int(values[0])

    def _take(self, size: int) -> bytes:
        if not self._ahead:
            return self._pull(size)
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        return data

    def _pull(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except GzipError as error:
            raise self._error("cut" if error.cut else "gzip", str(error)) from error

    def _leave(self) -> bool:
        try:
            return self._source.leave(len(self._ahead))
        except GzipError as error:
            raise self._error("cut" if error.cut else "gzip", str(error)) from error

    def _error(self, kind: Kind, message: str) -> WarcFormatError:
        return WarcFormatError(self._path, self.offset, kind, message)


def records(path: Path, offset: int = 0) -> Generator[RecordStream, None, None]:
    """Yield the records of a file from `offset` on, in file order; each is finished when the next is asked for.

    Raises WarcFormatError at the first that is not whole, so what came before it is.
    """
    with _opened(path) as file:
        source: Source = GzipSource(file, offset) if is_gzip(file) else PlainSource(file, offset)
        while source.begin():
            stream = RecordStream(path, source)
            yield stream
            stream.finish()


def _opened(path: Path) -> FileIO:
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        if not path.name.endswith(OPEN):
            raise
        return path.with_name(final_name(path)).open("rb", buffering=0)  # its owner has just closed it


def scan(path: Path, offset: int = 0, *, on_damage: Callable[[WarcFormatError], None] | None = None) -> Iterator[Entry]:
    """Yield what stands in a file from `offset` on, a record's boundary: for state roll-forward, rebuild and indexes.

    A file named .open may be growing: the scan ends at its last whole record.  In any other, what is not whole raises
    WarcFormatError; or, with on_damage, is told to it, and the scan goes on at the next record that can be read.
    """
    position: int | None = offset
    while position is not None:
        try:
            for stream in records(path, position):
                yield entry_of(stream, stream.pieces())
            return
        except WarcFormatError as error:
            if path.name.endswith(OPEN):
                return
            if on_damage is None:
                raise
            on_damage(error)
            position = resume(path, error.offset + 1)


def entry_of(stream: RecordStream, pieces: Iterable[bytes]) -> Entry:
    """Run through the block of a record and say what it is.  pieces: the block, for whoever looks on."""
    start = b""
    for piece in pieces:
        start += piece[: SCAN_KEEP - len(start)]
    return Entry(stream.ref(), stream.headers, stream.length, start)


def resume(path: Path, offset: int, *, tries: int | None = None) -> int | None:
    """Return where the next readable record starts in a damaged file, from `offset` on; None if there is none.

    tries: places looked at before it is given up (None: all), for files that somebody made to take long.
    """
    with path.open("rb") as file:
        places = _find_all(file, GZIP_MEMBER if is_gzip(file) else PLAIN_RECORD, offset)
        for position in islice(places, tries):
            with suppress(WarcFormatError), open_record(path, position):
                return position
    return None


@contextmanager
def open_record(path: Path, offset: int) -> Iterator[RecordStream]:
    """Open the record at `offset` for reading piece by piece.  WarcFormatError if none starts there."""
    stream = next(stepper := records(path, offset), None)
    try:
        if stream is None:
            raise WarcFormatError(path, offset, "cut", "the file ends here, no record starts")
        yield stream
    finally:
        stepper.close()


def read_record(path: Path, offset: int, length: int | None = None, *, limit: int = BLOCK_LIMIT) -> Record:
    """Read one whole record.  length: what it should take in the file (None: not checked).

    Raises WarcFormatError if it is not there, not whole, not of that length, or its block is over `limit` bytes.
    """
    with open_record(path, offset) as stream:
        if stream.length > limit:
            raise WarcFormatError(path, offset, "length", f"a block of {stream.length} bytes; open_record streams it")
        record = Record(stream.headers, stream.read())
        found = stream.finish()
        if length is not None and found != length:
            raise WarcFormatError(path, offset, "length", f"the record takes {found} bytes, {length} were expected")
        return record


def open_exchange(
    directory: Path, warc: str, offset: int, *, find: Find, length: int | None = None, limit: int = BLOCK_LIMIT
) -> HttpMessage:
    """Read the answer that a response or revisit record keeps, a revisit with the body of its original.

    Of an identical-payload revisit come its own head and the original's entity body; a 304 (server-not-modified) gives
    the original's answer.  Raises WarcFormatError, ArchiveError (file missing), UnresolvedError.
    """
    record = read_record(resolve(directory, warc), offset, length, limit=limit)
    if record.headers.get("WARC-Type") == "response":
        return parse_message(record.block)
    original = original_of(record.headers)
    if original is None:
        raise WarcFormatError(directory / warc, offset, "header", "neither a response nor a revisit with its original")
    there = find(original)
    if there is None:
        raise UnresolvedError(f"{warc} at byte {offset}: its original {original.url} of {original.date} is not known")
    source = read_record(resolve(directory, there[0]), there[1], limit=limit)
    message = parse_message(source.block)
    found = sha1_text(hashlib.sha1(message.body, usedforsecurity=False).digest())
    if source.headers.get("WARC-Type") != "response" or found != original.digest:
        raise UnresolvedError(f"{there[0]} at byte {there[1]}: {found} is not the payload {original.digest} wanted")
    if record.headers.get("WARC-Profile") == NOT_MODIFIED or not record.block:
        return message
    return HttpMessage(parse_message(record.block).head, message.body, message.complete)


def original_of(headers: Headers) -> Original | None:
    """Return what a revisit record refers to; None if it is no revisit, or does not say by URI, date and digest."""
    url, date = headers.uri("WARC-Refers-To-Target-URI"), headers.get("WARC-Refers-To-Date")
    digest = headers.get("WARC-Payload-Digest")
    if headers.get("WARC-Type") != "revisit" or not url or not date or not digest:
        return None
    return Original(url, date, headers.uri("WARC-Refers-To") or "", digest)


def resolve(directory: Path, warc: str) -> Path:
    """Return where a WARC lies now, by its final name: closed, or still .open.  ArchiveError if it is gone."""
    final = directory / warc
    for path in (final, open_path(final), final):  # closed between the first look and the second: look again
        if path.exists():
            return path
    raise ArchiveError(f"{final}: this WARC file is missing; put it back from a copy, then run `parknews verify`")


def final_name(path: Path) -> str:
    """Return the name a file has, or will have, once it is closed."""
    return path.name.removesuffix(OPEN)


def _find_all(file: BinaryIO, wanted: bytes, offset: int) -> Iterator[int]:
    """Yield where `wanted` stands in a file, reading it in pieces that overlap."""
    overlap = len(wanted) - 1
    file.seek(offset)
    held = b""
    while piece := file.read(CHUNK):
        held += piece
        at = held.find(wanted)
        while at >= 0:
            yield offset + at
            at = held.find(wanted, at + 1)
        offset += max(len(held) - overlap, 0)
        held = held[-overlap:]
