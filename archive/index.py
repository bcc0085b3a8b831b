"""WARC files -> CDXJ, the sorted index that pywb and wabac read: URL and time -> where the record lies.

One line a capture: SURT key, 14 digits of time, JSON.  A closed WARC gets a .cdxj of its own; many small ones are
merged now and then.  An index is nothing but a view: any of it can be deleted and is made again from the WARCs.
Left out: 304s (pywb replays them as blank pages; the capture before is the true one), requests, metadata.
"""

import fcntl
import hashlib
import heapq
import json
import mmap
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from archive.formquery import body_query, folded_url
from archive.message import HttpHead, MessageStream
from archive.reader import Entry, WarcFormatError, scan
from archive.sorting import sorted_lines
from archive.surt import surt
from archive.whole import tidy_drafts, written_whole

CDXJ = ".cdxj"
# Beside a merged index: the names of the WARCs it holds, one a line.
COVERS = ".warcs"
MERGED = "merged-"
# So many files of like size become one; a line is written anew once a tier, log8(n) times in all.
FAN = 8
SMALLEST_TIER = 1 << 20
# SHA-1 of nothing: the digest of an answer without a body, as pywb's indexer has it.
EMPTY_SHA1 = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")
MIME_END = re.compile(r"[; ]")


@dataclass(frozen=True)
class Row:
    """One capture.  timestamp: YYYYMMDDhhmmss, UTC.  digest: Base32 of SHA-1, "" if not known.

    status: "" for revisits.  method, body: of requests that are not GET.  filename: final name of the WARC.
    """

    key: str
    timestamp: str
    url: str
    mime: str
    status: str
    digest: str
    length: int
    offset: int
    filename: str
    method: str = ""
    body: str = ""

    def line(self) -> bytes:
        r"""Return the CDXJ line, UTF-8, ended by \n."""
        known = {
            "url": self.url,
            "mime": self.mime,
            "status": self.status,
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "method": self.method,
            "requestBody": self.body,
            "filename": self.filename,
        }
        fields = json.dumps({name: value for name, value in known.items() if value})
        return f"{self.key} {self.timestamp} {fields}\n".encode()

    @classmethod
    def read(cls, line: bytes) -> "Row":
        """Read a CDXJ line, ours or another tool's.  ValueError if it is none."""
        try:
            key, timestamp, text = line.decode().split(" ", 2)
            known: dict[str, Any] = json.loads(text)
            return cls(
                key,
                timestamp,
                known["url"],
                known.get("mime", ""),
                known.get("status", ""),
                known.get("digest", "").removeprefix("sha1:"),
                int(known["length"]),
                int(known["offset"]),
                known["filename"],
                known.get("method", ""),
                known.get("requestBody", ""),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"no CDXJ line: {line[:200]!r}") from error


def rows(entries: Iterable[Entry]) -> Iterator[Row]:
    """Yield the captures among the entries of one WARC file, in file order.

    A capture waits for its request, which comes next in our files and may come before it in others', to learn the
    method and fold a POST body into the key.
    """
    waiting: Entry | None = None
    request: Entry | None = None
    for entry in entries:
        if entry.ref.type in ("response", "revisit"):
            if waiting is not None:
                yield from _row(waiting, None)
            waiting = entry
            if request is not None and _concurrent(request, entry):
                yield from _row(entry, request)
                waiting = None
        elif entry.ref.type == "request":
            request = entry
            if waiting is not None and _concurrent(entry, waiting):
                yield from _row(waiting, entry)
                waiting = None
    if waiting is not None:
        yield from _row(waiting, None)


def write_index(warc: Path, directory: Path, *, on_damage: Callable[[WarcFormatError], None] | None = None) -> Path:
    """Make the index of one closed WARC, whole or not at all; return its path.

    on_damage: as scan; without it a damaged WARC raises WarcFormatError and gets no index.
    """
    lines = (row.line() for row in rows(scan(warc, on_damage=on_damage)))
    return _write(directory / (warc.name + CDXJ), sorted_lines(lines, directory))


def missing(warcs: Path, directory: Path) -> list[Path]:
    """Return the closed WARCs in `warcs` that no index covers."""
    known = covered(directory)
    return [path for path in sorted(warcs.glob("*.warc.gz")) if path.name not in known]


def covered(directory: Path) -> set[str]:
    """Return the names of the WARCs whose captures are in the index."""
    return {name for path in directory.glob("*" + CDXJ) for name in _covers(path)}


def merge(directory: Path) -> list[Path]:
    """Merge indexes of like size, FAN and more at a time; return the files made.

    Every line stays findable all the while: a merged file gets its name before those it replaces go.  Does nothing
    while another process merges.
    """
    made: list[Path] = []
    with _alone(directory) as alone:
        if not alone:
            return made
        _tidy(directory)
        while batch := _batch(directory):
            made.append(_merge(directory, batch))
            _tidy(directory)
    return [path for path in made if path.exists()]


def index_lines(directory: Path) -> Iterator[bytes]:
    """Yield all lines of the index in order, each once."""
    with ExitStack() as files:
        paths = sorted(directory.glob("*" + CDXJ))
        for line, _ in groupby(heapq.merge(*(files.enter_context(path.open("rb")) for path in paths))):
            yield line


def lookup(directory: Path, url: str, at: datetime | None = None, method: str = "GET", body: str = "") -> list[Row]:
    """Return the captures of a URL, oldest first; with `at`, the nearest in time first.

    method, body: of another request than GET (body as formquery.body_query gives it).
    """
    key = surt(folded_url(url, method, body))
    for _ in range(100):
        try:
            found = {row for path in directory.glob("*" + CDXJ) for row in _find(path, key)}
            break
        except FileNotFoundError:  # merged into another while we looked: look again
            continue
    else:
        raise RuntimeError(f"{directory}: the index files change faster than they can be read")
    if at is None:
        return sorted(found, key=lambda row: (row.timestamp, row.filename, row.offset))
    moment = at.astimezone(UTC)
    return sorted(found, key=lambda row: (abs(_moment(row.timestamp) - moment), row.filename, row.offset))


def _row(entry: Entry, request: Entry | None) -> Iterator[Row]:
    """Yield the row of an answer; none for a 304, whichever way it was written."""
    head = MessageStream((entry.start,)).head if entry.start else None
    if head is None or head.status == 304:
        return
    url, date = entry.headers.uri("WARC-Target-URI"), DATE.match(entry.ref.date)
    if url is None or date is None:
        return
    method, body = _request(request)
    revisit = entry.ref.type == "revisit"
    yield Row(
        key=surt(folded_url(url, method, body)),
        timestamp="".join(date.groups()),
        url=url,
        mime="warc/revisit" if revisit else _mime(head),
        status="" if revisit or head.status is None else str(head.status),
        digest=_digest(entry, head),
        length=entry.ref.length,
        offset=entry.ref.offset,
        filename=entry.ref.warc,
        method="" if method == "GET" else method,
        body=body,
    )


def _request(entry: Entry | None) -> tuple[str, str]:
    if entry is None:
        return "GET", ""
    stream = MessageStream((entry.start,))
    method = stream.head.method.upper()
    content_type = stream.head.get("Content-Type") or ""
    return method, body_query(method, content_type, b"".join(stream.entity()))


def _concurrent(request: Entry, answer: Entry) -> bool:
    return f"<{answer.ref.record_id}>" in request.headers.all(
        "WARC-Concurrent-To"
    ) or f"<{request.ref.record_id}>" in answer.headers.all("WARC-Concurrent-To")


def _mime(head: HttpHead) -> str:
    return MIME_END.split(head.get("Content-Type") or "", maxsplit=1)[0] or "unk"


def _digest(entry: Entry, head: HttpHead) -> str:
    if entry.ref.digest is None:
        return EMPTY_SHA1 if entry.block_length == len(head.raw) else ""
    return entry.ref.digest.removeprefix("sha1:")


def _write(path: Path, lines: Iterable[bytes]) -> Path:
    """Write lines without repeats."""
    with written_whole(path) as file:
        for line, _ in groupby(lines):
            file.write(line)
    return path


def _covers(index: Path) -> frozenset[str]:
    """Return the WARCs an index holds: none if its list is gone, so that they are indexed again."""
    if not index.name.startswith(MERGED):
        return frozenset((index.name.removesuffix(CDXJ),))
    try:
        return frozenset(index.with_suffix(COVERS).read_text().split())
    except FileNotFoundError:
        return frozenset()


@contextmanager
def _alone(directory: Path) -> Iterator[bool]:
    handle = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def _tidy(directory: Path) -> None:
    """Remove indexes whose WARCs another one covers (all of a merge, or what a crash in it left), and stale drafts."""
    covers = {path: _covers(path) for path in directory.glob("*" + CDXJ)}
    kept: set[str] = set()
    for path in sorted(covers, key=lambda path: len(covers[path]), reverse=True):
        if covers[path] <= kept:
            path.unlink()
            path.with_suffix(COVERS).unlink(missing_ok=True)
        kept |= covers[path]
    tidy_drafts(directory)


def _batch(directory: Path) -> list[Path]:
    """Return the files of the lowest tier that is full; [] if none is."""
    tiers: dict[int, list[Path]] = {}
    for path in sorted(directory.glob("*" + CDXJ)):
        tier, size = 0, path.stat().st_size // SMALLEST_TIER
        while size >= FAN:
            tier, size = tier + 1, size // FAN
        tiers.setdefault(tier, []).append(path)
    return next((tiers[tier] for tier in sorted(tiers) if len(tiers[tier]) >= FAN), [])


def _merge(directory: Path, batch: list[Path]) -> Path:
    names = sorted(name for path in batch for name in _covers(path))
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    merged = directory / f"{MERGED}{digest[:16]}{CDXJ}"
    _write(merged.with_suffix(COVERS), (f"{name}\n".encode() for name in names))
    with ExitStack() as files:
        return _write(merged, heapq.merge(*(files.enter_context(path.open("rb")) for path in batch)))


def _find(path: Path, key: str) -> Iterator[Row]:
    """Yield the rows of a key by binary search over the bytes of a sorted file."""
    wanted = key.encode() + b" "
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            start = _first(view, wanted, size)
            while view[start : start + len(wanted)] == wanted:
                end = view.find(b"\n", start) + 1 or size
                yield Row.read(view[start:end])
                start = end


def _first(view: mmap.mmap, wanted: bytes, size: int) -> int:
    """Return where the first line starts that is not below `wanted`."""
    low, high = 0, size  # both at the start of a line, or the end
    while low < high:
        start = view.rfind(b"\n", low, (low + high) // 2) + 1 or low
        if view[start : start + len(wanted)] < wanted:
            low = view.find(b"\n", start) + 1 or size
        else:
            high = start
    return low


def _moment(timestamp: str) -> datetime:
    return datetime.strptime(timestamp.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
