"""Records of our WARC files -> the same records in a file for others, without cookies and credentials.

A record with nothing to hide is copied as it lies, gzip member and all (packed, if its file is not).  One with secrets
in its HTTP header block (or, of a 304, in its metadata record) is written anew: without those lines, with the length
and digest of what is there now, under the same id, since it is the same event.  It says so in two fields of its own:
X-Parknews-Removed, the names that were taken out, and X-Parknews-Original-Block-Digest.  Payload digests stay true, for
bodies are never touched.  Used by archive.wacz.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.compose import WARC_FIELDS, sha1_text
from archive.gz import CHUNK, is_gzip, new_compressor
from archive.message import HEAD_END, HEAD_LIMIT
from archive.reader import SCAN_KEEP, Entry, Headers, RecordStream, WarcFormatError, open_record
from archive.record import RecordRef
from archive.redact import redact_head
from archive.warcfields import read_fields, write_fields

REMOVED = "X-Parknews-Removed"
ORIGINAL_DIGEST = "X-Parknews-Original-Block-Digest"
# Fields of a metadata record that hold header blocks as text, a character a byte (archive.compose).
HEADER_FIELDS = ("http-header", "received")


class Sink(Protocol):
    """Where records go.  name: of the WARC file they will be found in.  size: bytes written to it."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True)
class Copied:
    """A record in its new place.  sha256: hex, of its gzip member.  source_end: where it ended in the old file."""

    entry: Entry
    sha256: str
    removed: tuple[str, ...]
    source_end: int


@dataclass(frozen=True)
class _Plan:
    """What a record's block begins with, before and after.  start: the first SCAN_KEEP bytes of the block to be."""

    headers: Headers
    old: int
    new: bytes
    removed: tuple[str, ...]
    start: bytes
    block_length: int
    block_sha1: bytes
    end: int


def copy_exchange(path: Path, offset: int, sink: Sink, *, notes: bool) -> Iterator[Copied]:
    """Copy an answer's record and those after it that belong to it: the request, with `notes` the metadata too."""
    first = copy_record(path, offset, sink)
    yield first
    wanted = ("request", "metadata") if notes else ("request",)
    at = first.source_end
    with suppress(_EndError):
        while (kind := _belongs(path, at, first.entry.ref.record_id)) is not None:
            if kind not in wanted:
                return
            copied = copy_record(path, at, sink)
            yield copied
            at = copied.source_end


def copy_record(path: Path, offset: int, sink: Sink) -> Copied:
    """Copy the record at `offset`.  WarcFormatError if none starts there or it is not whole."""
    plan = _plan(path, offset)
    began, digest = sink.size, hashlib.sha256()
    anew = plan.removed or not _packed(path)
    pieces = _rewritten(path, offset, plan) if anew else _raw(path, offset, plan.end - offset)
    for piece in pieces:
        digest.update(piece)
        sink.write(piece)
    ref = RecordRef(
        sink.name,
        began,
        sink.size - began,
        plan.headers.get("WARC-Type") or "",
        plan.headers.uri("WARC-Record-ID") or "",
        plan.headers.get("WARC-Date") or "",
        plan.headers.get("WARC-Payload-Digest"),
    )
    return Copied(Entry(ref, plan.headers, plan.block_length, plan.start), digest.hexdigest(), plan.removed, plan.end)


class _EndError(Exception):
    """No whole record follows."""


def _belongs(path: Path, offset: int, record_id: str) -> str | None:
    """Return the type of the record at `offset` if it is concurrent to the one named; None if it is not."""
    try:
        with open_record(path, offset) as stream:
            concurrent = f"<{record_id}>" in stream.headers.all("WARC-Concurrent-To")
            return stream.headers.get("WARC-Type") if concurrent else None
    except WarcFormatError as error:
        if error.kind == "cut":
            raise _EndError from error
        raise


def _plan(path: Path, offset: int) -> _Plan:
    with open_record(path, offset) as stream:
        old, new, removed = _begin(stream)
        start, length, sha1 = new[:SCAN_KEEP], len(new), hashlib.sha1(new, usedforsecurity=False)
        for piece in stream.pieces():
            start += piece[: SCAN_KEEP - len(start)]
            length += len(piece)
            if removed:
                sha1.update(piece)
        end = offset + stream.finish()
        return _Plan(stream.headers, old, new, removed, start, length, sha1.digest(), end)


def _begin(stream: RecordStream) -> tuple[int, bytes, tuple[str, ...]]:
    """Read the beginning of a block; return its length as it is, what it shall be, and the names taken out."""
    kind, content_type = stream.headers.get("WARC-Type"), stream.headers.get("Content-Type") or ""
    if kind == "metadata" and content_type == WARC_FIELDS:
        block = stream.read()
        fields, removed = [], dict[str, None]()
        for name, value in read_fields(block):
            if name in HEADER_FIELDS:
                head, names = redact_head(value.encode("latin-1", "replace"), request=False)
                value, removed = head.decode("latin-1"), removed | dict.fromkeys(names)
            fields.append((name, value))
        return len(block), write_fields(fields) if removed else block, tuple(removed)
    if kind in ("request", "response", "revisit") and content_type.startswith("application/http"):
        data = b""
        while (found := HEAD_END.search(data)) is None and len(data) < HEAD_LIMIT and (piece := stream.read(CHUNK)):
            data += piece
        end = found.end() if found else len(data)
        head, names = redact_head(data[:end], request=kind == "request")
        return len(data), head + data[end:], names
    return 0, b"", ()


def _packed(path: Path) -> bool:
    with path.open("rb") as file:
        return is_gzip(file)


def _raw(path: Path, offset: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        while length and (piece := file.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece


def _rewritten(path: Path, offset: int, plan: _Plan) -> Iterator[bytes]:
    codec = new_compressor()
    with open_record(path, offset) as stream:
        yield codec.compress(_head(plan))
        left = plan.old
        while left:
            left -= len(stream.read(left))
        yield codec.compress(plan.new)
        for piece in stream.pieces():
            yield codec.compress(piece)
        yield codec.compress(b"\r\n\r\n")
        yield codec.flush()


def _head(plan: _Plan) -> bytes:
    lines = [plan.headers.version]
    for name, value in plan.headers.pairs:
        if not plan.removed:
            lines.append(f"{name}: {value}")
        elif name.lower() == "warc-block-digest":
            lines += [f"{name}: {sha1_text(plan.block_sha1)}", f"{ORIGINAL_DIGEST}: {value}"]
        elif name.lower() == "content-length":
            lines.append(f"{name}: {plan.block_length}")
        else:
            lines.append(f"{name}: {value}")
    if plan.removed:
        lines.append(f"{REMOVED}: {', '.join(plan.removed)}")
    return "\r\n".join([*lines, "", ""]).encode()
