"""Captures of one site -> a WACZ 1.1.1: one ZIP file that ReplayWeb.page opens, to hand on or to put on a web server.

    archive/NAME-00000.warc.gz …   the records, stored, so that a reader fetches one by a byte range
    indexes/index.cdx.gz, .idx     their CDXJ in gzip blocks, and the first key of each block
    pages/pages.jsonl              titles and text, for the list of pages and the search
    datapackage.json, -digest      what is in it, with SHA-256

Inside are all records of the site in the time asked for; and from other times or sites, without their metadata, the
originals of revisits and the styles, scripts and images that pages of the time were shown with.  304s are kept in the
WARC but not indexed, as in our own index.  Cookies and credentials are taken out (archive.excerpt).  Everything is
streamed; the size is bounded by the disk alone (ZIP64).
Rules: specs.webrecorder.net/wacz/1.1.1; the index fields as cdxj-indexer writes and wabac reads them.
"""

import hashlib
import json
import os
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from archive.compose import warcinfo_draft
from archive.excerpt import Copied, copy_exchange, copy_record
from archive.gz import new_compressor
from archive.index import Row, rows
from archive.message import parse_head
from archive.paths import Home
from archive.reader import Entry, open_record, resolve
from archive.searchwords import search_words
from archive.sorting import Sorter
from archive.state import State
from archive.writer import CONFORMS_TO, new_urn

VERSION = "1.1.1"
# A part is closed when it is over this size, which our own WARC files roll at too.
PART_SIZE = 1 << 30
# CDXJ lines a gzip block, as ArchiveWeb.page and py-wacz have it.
BLOCK_LINES = 1024
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]")
MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
ALWAYS = ("", "9")  # before and after every date
DESCRIPTION = (
    "Captures of {site}, {span}, taken out of a parknews archive. Cookies and credentials are left out of header "
    "blocks; such records name what was removed in X-Parknews-Removed and keep the digest of the original block in "
    "X-Parknews-Original-Block-Digest."
)
# Chosen records.  whole: the whole exchange; else the answer and its request alone.
CHOSEN = "CREATE TEMP TABLE chosen(warc TEXT, offset INTEGER, whole INTEGER, PRIMARY KEY(warc, offset)) WITHOUT ROWID"
CHOOSE_CAPTURES = (
    "INSERT INTO temp.chosen SELECT warc, offset, 1 FROM capture WHERE site = :site AND at >= :since AND at < :until"
)
CHOOSE_REQUISITES = (
    "INSERT OR IGNORE INTO temp.chosen SELECT warc, offset, 0 FROM "
    "(SELECT warc, offset, MAX(at) AS last FROM capture WHERE site = :site AND role = 'requisite' "
    "AND type IN ('response', 'revisit') AND at >= :earlier AND at < :until GROUP BY url) WHERE last < :since"
)
CHOOSE_ORIGINALS = (
    "INSERT OR IGNORE INTO temp.chosen SELECT o.warc, o.offset, 0 FROM temp.chosen JOIN capture r USING (warc, offset) "
    "JOIN capture o ON o.record_id = r.refers WHERE r.type = 'revisit'"
)
COUNT_WITHOUT_ORIGINAL = (
    "SELECT COUNT(*) FROM temp.chosen JOIN capture r USING (warc, offset) WHERE r.type = 'revisit' "
    "AND NOT EXISTS (SELECT 1 FROM capture o WHERE o.record_id = r.refers)"
)


class NothingToExportError(LookupError):
    """There is no capture of that site in that time; the message says when there are some."""


Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """What to export.  site: as captures name it.  month: "2026-11", None = all times.  title: of the package.

    main_page: URL to open first, None = let the reader choose.  requisite_days: a style, script or image is fetched
    again only after so many days, so pages of the month may have been shown with one fetched that much before.
    """

    site: str
    title: str
    software: str
    month: str | None = None
    main_page: str | None = None
    requisite_days: float = 30.0


@dataclass(frozen=True)
class PageNote:
    """What stands on a captured page.  record_id: of its capture, urn:uuid:….  text: None = not known."""

    record_id: str
    title: str | None
    text: str | None


@dataclass
class Summary:
    """What an export holds.  redacted: records that lack some header line.  lost: revisits without their original."""

    records: int = 0
    captures: int = 0
    pages: int = 0
    size: int = 0
    redacted: int = 0
    lost: int = 0
    parts: list[str] = field(default_factory=list)


def span(month: str | None) -> tuple[str, str]:
    """Return the WARC-Dates between which a month lies: from the first, up to the second.  ValueError if it is none."""
    if month is None:
        return ALWAYS
    found = MONTH.fullmatch(month)
    if found is None:
        raise ValueError(f"{month!r} is no month; one looks like 2026-11")
    year, number = int(found[1]), int(found[2])
    after = f"{year + 1:04}-01" if number == 12 else f"{year:04}-{number + 1:02}"
    return f"{month}-01", f"{after}-01"


def export_wacz(
    home: Home,
    request: Request,
    notes: Iterable[PageNote],
    output: Path,
    *,
    now: datetime,
    part_size: int = PART_SIZE,
    progress: Progress = lambda done, total: None,  # noqa: ARG005
) -> Summary:
    """Write the WACZ, whole or not at all.

    notes: of any captures; those that are not in the export are passed over, of two for one record the first counts.
    now: with a zone.  progress: called with chosen records done and in all.
    Raises NothingToExportError; ArchiveError when a WARC file is missing, WarcFormatError when one is damaged.
    """
    state, draft = State(home.state), output.with_name(f"{output.name}.{os.getpid()}.tmp")
    try:
        summary = Summary(lost=_choose(state, request))
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as file, Sorter(output.parent) as lines:
            package = Package(file, now)
            job = _Job(home, state, request, now, part_size, progress)
            for line in _archive(job, package, summary):
                summary.captures += 1
                lines.add(line)
            _write_index(package, lines)
            with package.entry("pages/pages.jsonl") as sink:
                for line in _pages(state, request, notes, summary):
                    sink.write(line)
            _write_manifest(package, state, request, now)
        summary.size = draft.stat().st_size
        sync(draft)
        draft.replace(output)
        return summary
    finally:
        draft.unlink(missing_ok=True)
        state.close()


@dataclass(frozen=True)
class _Job:
    home: Home
    state: State
    request: Request
    now: datetime
    part_size: int
    progress: Progress


class Package:
    """A ZIP file that remembers the digest of each of its files.  now: their date."""

    def __init__(self, file: zipfile.ZipFile, now: datetime) -> None:
        self._file, self._now = file, now.astimezone(UTC)
        self.resources: list[dict[str, object]] = []

    @contextmanager
    def entry(self, path: str, *, stored: bool = False, listed: bool = True) -> Iterator["EntrySink"]:
        """Open a file in it for writing.  stored: what is compressed already, and of any size."""
        info = zipfile.ZipInfo(path, self._now.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        # wabac 2.27 takes a file without extra field in the directory to have none before its data either, which a
        # ZIP64 file has: with one in both places it looks.  (Info-ZIP's extended timestamp, modification time alone.)
        info.extra = struct.pack("<HHBI", 0x5455, 5, 1, int(self._now.timestamp()) & 0xFFFFFFFF)
        with self._file.open(info, "w", force_zip64=stored) as out:
            sink = EntrySink(path.rpartition("/")[2], out)
            yield sink
        if listed:
            self.resources.append({"name": sink.name.lower(), "path": path, "hash": sink.hash, "bytes": sink.size})


class EntrySink:
    """A file of the package while it is written (an excerpt.Sink)."""

    def __init__(self, name: str, out: IO[bytes]) -> None:
        self.name, self.size = name, 0
        self._out, self._sha256 = out, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._sha256.update(data)
        self.size += len(data)

    @property
    def hash(self) -> str:
        return f"sha256:{self._sha256.hexdigest()}"


def sync(path: Path) -> None:
    """Return when a file's bytes are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _choose(state: State, request: Request) -> int:
    """Fill the table of chosen records; return how many revisits have no original.  NothingToExportError."""
    since, until = span(request.month)
    earlier = (datetime.fromisoformat(since) - timedelta(days=request.requisite_days)).isoformat() if since else ""
    values = {"site": request.site, "since": since, "until": until, "earlier": earlier}
    state.db.execute(CHOSEN)
    state.db.execute(CHOOSE_CAPTURES, values)
    if not state.one("SELECT COUNT(*) FROM temp.chosen"):
        months = "SELECT DISTINCT substr(at, 1, 7) FROM capture WHERE site = ? ORDER BY 1"
        have = ", ".join(row[0] for row in state.db.execute(months, (request.site,))) or "none"
        raise NothingToExportError(
            f"no captures of {request.site} in {request.month or 'the archive'}; months with some: {have}"
        )
    state.db.execute(CHOOSE_REQUISITES, values)
    state.db.execute(CHOOSE_ORIGINALS)
    return int(state.one(COUNT_WITHOUT_ORIGINAL))


def _archive(job: _Job, package: Package, summary: Summary) -> Iterator[bytes]:
    """Write the parts; yield the index line of each capture."""
    stem = NOT_IN_NAMES.sub("_", f"{job.request.site}-{job.request.month or 'all'}")
    done, total = 0, job.state.one("SELECT COUNT(*) FROM temp.chosen")
    chosen = job.state.db.execute("SELECT warc, offset, whole FROM temp.chosen ORDER BY warc, offset")
    row, introduced = chosen.fetchone(), None
    while row is not None:
        name = f"{stem}-{len(summary.parts):05}.warc.gz"
        summary.parts.append(name)
        with package.entry(f"archive/{name}", stored=True) as sink:
            sink.write(_warcinfo(name, job.request, job.now))
            while row is not None and sink.size <= job.part_size:
                warc, offset, whole = row
                path = resolve(job.home.warc, warc)
                if warc != introduced:
                    introduced = warc
                    summary.records += sum(1 for _ in _introduction(path, sink))
                copied = list(copy_exchange(path, offset, sink, notes=bool(whole)))
                summary.records += len(copied)
                summary.redacted += sum(bool(one.removed) for one in copied)
                yield from _index_lines(copied)
                row, done = chosen.fetchone(), done + 1
                job.progress(done, total)


def _introduction(path: Path, sink: EntrySink) -> Iterator[Copied]:
    """Copy the warcinfo of a file that records are taken from: they name it."""
    with open_record(path, 0) as stream:
        first = stream.headers.get("WARC-Type")
    if first == "warcinfo":
        yield copy_record(path, 0, sink)


def _warcinfo(name: str, request: Request, now: datetime) -> bytes:
    description = DESCRIPTION.format(site=request.site, span=request.month or "all times")
    fields = [
        ("software", request.software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", CONFORMS_TO),
        ("description", description),
    ]
    draft = warcinfo_draft(name, now, fields, new_urn())
    assert isinstance(draft.block, bytes)
    codec = new_compressor()
    head = draft.head(hashlib.sha1(draft.block, usedforsecurity=False).digest(), len(draft.block))
    return codec.compress(head + draft.block + b"\r\n\r\n") + codec.flush()


def _index_lines(copied: list[Copied]) -> Iterator[bytes]:
    by_offset = {one.entry.ref.offset: one for one in copied}
    for row in rows(one.entry for one in copied):
        yield _index_line(row, by_offset[row.offset])


def _index_line(row: Row, copied: Copied) -> bytes:
    """Return the CDXJ line as wabac wants it: digests with their kind, a status for revisits too."""
    known = {
        "url": row.url,
        "mime": row.mime,
        "status": row.status or _status(copied.entry),
        "digest": row.digest and f"sha1:{row.digest}",
        "recordDigest": f"sha256:{copied.sha256}",
        "method": row.method,
        "requestBody": row.body,
        "length": str(row.length),
        "offset": str(row.offset),
        "filename": row.filename,
    }
    fields = json.dumps({name: value for name, value in known.items() if value})
    return f"{row.key} {row.timestamp} {fields}\n".encode()


def _status(entry: Entry) -> str:
    return str(parse_head(entry.start).status or "")


def _write_index(package: Package, lines: Iterable[bytes]) -> None:
    """Write the lines in gzip blocks that can be read alone, and the list of blocks (ZipNum)."""
    blocks: list[bytes] = []
    with package.entry("indexes/index.cdx.gz", stored=True) as sink:
        held: list[bytes] = []

        def flush() -> None:
            codec = new_compressor()
            data = codec.compress(b"".join(held)) + codec.flush()
            place = {"offset": sink.size, "length": len(data), "digest": f"sha256:{hashlib.sha256(data).hexdigest()}"}
            key = held[0].partition(b" {")[0].decode()
            blocks.append(f"{key} {json.dumps(place | {'filename': sink.name})}\n".encode())
            sink.write(data)
            held.clear()

        for line in lines:
            held.append(line)
            if len(held) == BLOCK_LINES:
                flush()
        if held:
            flush()
    with package.entry("indexes/index.idx") as sink:
        sink.write(b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n')
        for block in blocks:
            sink.write(block)


def _pages(state: State, request: Request, notes: Iterable[PageNote], summary: Summary) -> Iterator[bytes]:
    """Yield the lines of pages.jsonl: a head, then a page for each noted capture that is inside."""
    find = (
        "SELECT url, at FROM capture JOIN temp.chosen USING (warc, offset) WHERE record_id = ? AND type != 'metadata'"
    )
    yield _json_line({"format": "json-pages-1.0", "id": "pages", "title": request.title, "hasText": True})
    seen: set[str] = set()
    for note in notes:
        row = state.db.execute(find, (note.record_id,)).fetchone()
        if row is None or note.record_id in seen:
            continue
        seen.add(note.record_id)
        summary.pages += 1
        text = "\n".join(part for part in (note.title, note.text) if part)
        page = {
            "id": note.record_id.rpartition(":")[2],
            "url": row[0],
            "ts": _second(row[1]),
            "title": note.title or row[0],
            "text": f"{text}\n{search_words(text)}".strip(),
        }
        yield _json_line(page)


def _write_manifest(package: Package, state: State, request: Request, now: datetime) -> None:
    created = _second(now.astimezone(UTC).isoformat())
    manifest: dict[str, object] = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": request.title,
        "description": DESCRIPTION.format(site=request.site, span=request.month or "all times"),
        "software": request.software,
        "created": created,
        "modified": created,
    }
    newest = (
        "SELECT url, MAX(at) FROM capture JOIN temp.chosen USING (warc, offset) "
        "WHERE url = ? AND type = 'response' AND status = 200"
    )
    url, at = state.db.execute(newest, (request.main_page,)).fetchone()
    if url:
        manifest |= {"mainPageUrl": url, "mainPageDate": _second(at)}
    data = json.dumps(manifest | {"resources": package.resources}, ensure_ascii=False, indent=1).encode() + b"\n"
    with package.entry("datapackage.json", listed=False) as sink:
        sink.write(data)
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    with package.entry("datapackage-digest.json", listed=False) as sink:
        sink.write(json.dumps(digest, indent=1).encode() + b"\n")


def _json_line(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _second(date: str) -> str:
    """Return an RFC 3339 date in UTC cut to the second, which index and reader know captures by."""
    return f"{date[:19]}Z"
