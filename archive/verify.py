"""A home's WARCs and index -> findings: what is damaged, missing, or says something else than it should.

Checked: structure (one whole record a gzip member, ids unique, one version a file), digests of blocks, digests of
payloads over the transfer-decoded entity body (WARC 1.1 §6.3.2; tools that hash the chunk framing disagree on chunked
pages), revisits against their originals, index against WARCs both ways.  Memory is flat: facts are sorted on the disk.
Of WARCs that other tools wrote and `parknews import` brought in, what those tools are known to do otherwise is no
finding: payload digests over the chunk framing, revisits that refer to nothing, file names of their own.
State and feed are checked by whoever knows them, with on_entry and compare().
"""

import base64
import hashlib
import heapq
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Literal, TypeVar

from archive.index import Row, covered, index_lines, rows
from archive.message import MessageStream
from archive.paths import is_imported
from archive.reader import (
    Entry,
    RecordStream,
    WarcFormatError,
    entry_of,
    final_name,
    original_of,
    records,
    resume,
)
from archive.sorting import Sorter
from archive.warcfile import OPEN

Kind = Literal[
    "structure", "version", "filename", "block-digest", "payload-digest", "duplicate-id", "revisit", "no-row",
    "stray-row", "index-line", "missing", "stray",
]  # fmt: skip
ALGORITHMS = {
    "sha1": "sha1",
    "sha-1": "sha1",
    "sha256": "sha256",
    "sha-256": "sha256",
    "md5": "md5",
    "sha512": "sha512",
}
REINDEX = "delete the index file and run `parknews rebuild`"

# Bytes between two calls of progress.
STEP = 1 << 20

Place = tuple[str, int]
Facts = list[str | int | None]
Item = TypeVar("Item", bytes, Place)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Finding:
    """One thing wrong.  file: name of the WARC or index.  offset: bytes into the WARC, None = the whole file."""

    kind: Kind
    file: str
    offset: int | None
    message: str


def verify(
    warcs: Path,
    index: Path | None,
    scratch: Path,
    *,
    progress: Progress | None = None,
    on_entry: Callable[[Entry], None] | None = None,
) -> Iterator[Finding]:
    """Check the WARCs of a directory, and its index (None: not), yielding findings as they are met.

    scratch: a directory with room for about a tenth of the index twice over.  progress: called with bytes done and in
    all, now and then.  on_entry: called with every whole record, files by name, records by offset.
    Files still .open are checked up to their last whole record, and are not expected in the index.
    """
    paths = sorted((path for path in warcs.glob("*.warc*") if is_warc(path)), key=final_name)
    indexed = covered(index) if index is not None else set[str]()
    findings: deque[Finding] = deque()
    counter = _Counter(sum(path.stat().st_size for path in paths), progress)
    with Sorter(scratch) as ids, Sorter(scratch) as expected:
        for path in paths:
            checked = _told(check_file(path, findings.append, counter.add), ids, on_entry)
            for row in rows(checked):
                if path.name in indexed:
                    expected.add(row.line())
                while findings:
                    yield findings.popleft()
            yield from findings
            findings.clear()
        yield from _check_ids(ids)
        if index is not None:
            for path in paths:
                if path.name not in indexed and not path.name.endswith(OPEN):
                    yield Finding("no-row", path.name, None, "this file is not indexed; run `parknews rebuild`")
            yield from check_index(expected, index_lines(index), {path.name for path in paths})


def is_warc(path: Path) -> bool:
    return final_name(path).endswith((".warc.gz", ".warc"))


def check_file(
    path: Path, report: Callable[[Finding], None], progress: Callable[[int], None] | None = None
) -> Iterator[Entry]:
    """Yield the whole records of a WARC file; report what is wrong with them, and with what lies between them.

    progress: called with the compressed bytes of each step.
    """
    name, position, versions = final_name(path), 0, set[str]()
    start: int | None = 0
    while start is not None:
        try:
            for stream in records(path, start):
                yield check_record(stream, name, report)
                versions.add(stream.headers.version)
                if progress is not None:
                    progress(stream.offset + stream.finish() - position)
                position = stream.offset + stream.finish()
            start = None
        except WarcFormatError as error:
            start = None if path.name.endswith(OPEN) else resume(path, error.offset + 1)
            if not path.name.endswith(OPEN):
                ends = f"the next readable record is at {start}" if start is not None else "nothing readable follows"
                report(Finding("structure", name, error.offset, f"{error.kind}: {error.message}; {ends}"))
    if len(versions) > 1 and not is_imported(name):
        report(Finding("version", name, None, f"records of {' and '.join(sorted(versions))} in one file"))


def check_index(expected: Iterable[bytes], found: Iterable[bytes], warcs: set[str]) -> Iterator[Finding]:
    """Compare index lines, both sorted: those the WARCs give, and those the index holds.  warcs: names that exist."""
    gone: dict[str, int] = {}
    for side, line in _differences(expected, found):
        try:
            row = Row.read(line)
        except ValueError as error:
            yield Finding("index-line", "index", None, f"{error}; {REINDEX}")
            continue
        if side == "missing":
            yield Finding("no-row", row.filename, row.offset, f"{row.url} is not in the index; {REINDEX}")
        elif row.filename in warcs:
            yield Finding(
                "stray-row", row.filename, row.offset, f"the index has {row.url} here, the WARC not; {REINDEX}"
            )
        else:
            gone[row.filename] = gone.get(row.filename, 0) + 1
    for name, count in sorted(gone.items()):
        yield Finding("missing", name, None, f"the index has {count} captures in this file, which is not there")


def compare(expected: Iterable[Place], found: Iterable[Place], what: str) -> Iterator[Finding]:
    """Compare places of records, both sorted: those the archive holds, and those that `what` (state, feed) names."""
    for side, (warc, offset) in _differences(expected, found):
        if side == "missing":
            yield Finding("missing", warc, offset, f"this record is not in the {what}")
        else:
            yield Finding("stray", warc, offset, f"the {what} names a record here, the archive has none")


def _differences(expected: Iterable[Item], found: Iterable[Item]) -> Iterator[tuple[str, Item]]:
    tagged = heapq.merge(((item, 0) for item in expected), ((item, 1) for item in found))
    for item, sides in groupby(tagged, key=itemgetter(0)):
        present = {side for _, side in sides}
        if len(present) == 1:
            yield "stray" if 1 in present else "missing", item


class _Counter:
    """Adds up bytes and tells the caller, once a STEP."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total, progress
        self._done = self._told = 0

    def add(self, count: int) -> None:
        self._done += count
        if self._progress is not None and (self._done - self._told >= STEP or self._done >= self._total):
            self._told = self._done
            self._progress(min(self._done, self._total), self._total)


def check_record(stream: RecordStream, name: str, report: Callable[[Finding], None]) -> Entry:
    """Read a record to its end; report what contradicts it.  name: the final one of its file."""
    headers, ours = stream.headers, not is_imported(name)
    named = headers.get("WARC-Filename")
    if ours and named is not None and named != name:
        report(Finding("filename", name, stream.offset, f"its warcinfo says {named}; files must keep their names"))
    block = _Digest("block-digest", headers.get("WARC-Block-Digest"))
    declared = headers.get("WARC-Payload-Digest")
    payload, sent = _Digest("payload-digest", declared), _Digest("payload-digest", None if ours else declared)
    http = (headers.get("Content-Type") or "").startswith("application/http") and headers.get("WARC-Type") != "revisit"
    pieces = block.over(stream.pieces())
    if ours:
        checks = [block, payload] if http else [block]
    else:  # its block digest is enough; one of the payload may be over the entity body or over what was sent
        checks = [block] if block.known else [payload] if http and payload.known else []
    entry = entry_of(stream, _with_entity(pieces, payload, sent) if payload in checks else pieces)
    for check in checks:
        message = check.wrong()
        if message and (ours or check is block or sent.wrong()):
            report(Finding(check.kind, name, stream.offset, message))
    return entry


def _with_entity(pieces: Iterator[bytes], entity: "_Digest", sent: "_Digest") -> Iterator[bytes]:
    """Yield the block on, and give its body to digests on the way: without transfer coding, and as it was sent."""
    passed: deque[bytes] = deque()
    message = MessageStream(_noted(pieces, passed))
    head = len(message.head.raw)

    def told() -> Iterator[bytes]:
        nonlocal head
        while passed:
            piece = passed.popleft()
            sent.update(piece[head:])
            head = max(0, head - len(piece))
            yield piece

    for piece in message.entity():
        entity.update(piece)
        yield from told()
    yield from told()


def _noted(pieces: Iterator[bytes], passed: deque[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        passed.append(piece)
        yield piece


class _Digest:
    """A digest as a record declares it, and the one of the bytes that are there.  declared: None = nothing to check."""

    def __init__(self, kind: Kind, declared: str | None) -> None:
        self.kind = kind
        self._declared = declared
        algorithm, _, self._wanted = (declared or "").partition(":")
        known = ALGORITHMS.get(algorithm.strip().lower())
        self._hash = hashlib.new(known, usedforsecurity=False) if known else None

    @property
    def known(self) -> bool:
        """Whether there is a digest to check, of an algorithm that we have."""
        return self._hash is not None

    def update(self, piece: bytes) -> None:
        if self._hash is not None:
            self._hash.update(piece)

    def over(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.update(piece)
            yield piece

    def wrong(self) -> str | None:
        if self._declared is None:
            return None
        if self._hash is None:
            return f"{self._declared}: this digest algorithm is not known here"
        digest = self._hash.digest()
        base32 = base64.b32encode(digest).decode().rstrip("=")
        if self._wanted.strip().rstrip("=").upper() in (base32, digest.hex().upper()):
            return None
        return f"declared {self._declared}, the bytes give {base32}: they changed after they were written"


def _told(entries: Iterable[Entry], ids: Sorter, on_entry: Callable[[Entry], None] | None) -> Iterator[Entry]:
    """Pass entries on, noting each id, and each reference of a revisit, as a line to be sorted."""
    for entry in entries:
        ref, headers = entry.ref, entry.headers
        ours = not is_imported(ref.warc)
        here: Facts = [ref.warc, ref.offset]
        if ours or ref.type in ("response", "revisit"):  # other tools' files may share a warcinfo
            ids.add(_line(ref.record_id, 0, [*here, ref.type, ref.digest, headers.uri("WARC-Target-URI"), ref.date]))
        if ours and ref.type == "revisit":
            original = original_of(headers)
            if original is None:
                ids.add(_line("", 1, [*here, None, None, None]))
            elif original.record_id:
                ids.add(_line(original.record_id, 1, [*here, original.digest, original.url, original.date]))
        if on_entry is not None:
            on_entry(entry)
        yield entry


def _line(record_id: str, side: int, facts: Facts) -> bytes:
    """Return a line that sorts by id, then side; JSON, because another tool's id may hold any character."""
    return json.dumps([record_id, side, *facts]).encode() + b"\n"


def _check_ids(lines: Iterable[bytes]) -> Iterator[Finding]:
    """Check that each id is there once, and that each revisit refers to a response with its digest, URI and date."""
    for record_id, group in groupby(map(json.loads, lines), key=itemgetter(0)):
        own: list[Facts] = []
        for _, side, warc, offset, *facts in group:
            if side == 0:
                if own:
                    yield Finding("duplicate-id", warc, offset, f"{record_id} is also the id of another record")
                own.append(facts)
            elif message := _unresolved(record_id, facts, own):
                yield Finding("revisit", warc, offset, message)


def _unresolved(record_id: str, wanted: Facts, own: list[Facts]) -> str | None:
    if not record_id:
        return "it does not say what it refers to by URI, date and digest, so it cannot be replayed"
    if not own:
        return f"its original {record_id}, {wanted[1]} of {wanted[2]}, is not in this archive; was a file removed?"
    if ["response", *wanted] in own:
        return None
    return f"its original {record_id} is {own[0]}, not a response with {wanted}"
