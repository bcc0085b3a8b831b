"""WARC and WACZ files of other tools -> files of ours: one record a gzip member, the bytes of every record as they are.

Tools differ: uncompressed files, one gzip member for all records, members that end within a record, WARC/1.0, file names
that are taken already.  What is in order is copied member by member; other records are packed anew, unchanged.  Left out
and named is what is no whole record, or what its own digest contradicts; and quietly, what the archive holds already.
The new name keeps the old one, made safe, and begins to differ at `~`: SAFE~<12 digits of the file's SHA-256>.warc.gz.
Sources may be hostile: nothing of them becomes a path, and memory stays flat.  Rules: WARC 1.1 annex D,
specs.webrecorder.net/wacz/1.1.1.  Used by crawler.importing.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal

from archive.compose import HEADER_VALUE
from archive.exchanges import is_answer
from archive.gz import CHUNK, GzipError, is_gzip, new_compressor
from archive.loose import Loose
from archive.paths import IMPORTED, Home
from archive.reader import Entry, RecordStream, WarcFormatError, open_record, records, resume
from archive.record import ArchiveError
from archive.verify import Finding, check_record
from archive.warcfile import publish

UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
WARC_NAME = re.compile(r"archive/[^/]*\.warc(\.gz)?", re.IGNORECASE)
ENDING = re.compile(r"\.warc(\.gz)?$", re.IGNORECASE)
# More damage than this is not described, and what follows it not read: the file is no archive, or made to take long.
FINDINGS = 200
SCRATCH = ".import-"
# What a record looks like to a strict reader that does not keep to gzip members.
LOOSE = ("members", "length", "header", "end", "version")
TRIES = 500
CLOCKS_APART = timedelta(days=1)  # how far ahead another machine's clock may be
# A WACZ stores WARC files that are compressed already; one that unpacks to so many times its size is a bomb.
EXPANSION = 100
LARGEST_PACKAGE = 16 << 20  # bytes of datapackage.json that are read
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


class NotWarcError(ValueError):
    """A file is neither WARC nor WACZ; the message names it and what it begins with."""


@dataclass(frozen=True)
class LeftOut:
    """A stretch of the source that did not come in.  offset: bytes into it, None = all of it."""

    offset: int | None
    why: str


@dataclass
class Brought:
    """What became of one source.  source: file, or WACZ and name inside it.  sha256: of the source.

    warc: its name in the home, None if nothing new was in it.  new: the file was not there before.
    records: in the new file; answers: HTTP answers among them; known: answers the archive held already.
    """

    source: str
    sha256: str = ""
    warc: str | None = None
    new: bool = False
    records: int = 0
    answers: int = 0
    known: int = 0
    left_out: list[LeftOut] = field(default_factory=list)


Known = Callable[[str], bool]
Progress = Callable[[int, int], None]


def kind_of(path: Path) -> Literal["warc", "wacz"]:
    """Tell by its first bytes what a file is.  NotWarcError; OSError."""
    with path.open("rb") as file:
        start = file.read(10)
    if start.startswith(b"PK\x03\x04"):
        return "wacz"
    if start.startswith((b"\x1f\x8b", b"WARC/")):
        return "warc"
    shown = "nothing" if not start else repr(start)[1:]
    raise NotWarcError(f"{path}: no WARC, WARC.gz or WACZ: it begins with {shown}")


def bring_in(home: Home, path: Path, known: Known, progress: Progress) -> Iterator[Brought]:
    """Bring a WARC, or those in a WACZ, into HOME/warc.

    known: tells of an answer's record id (urn:…) whether the archive has it.  progress: bytes done and in all.
    Raises NotWarcError, ArchiveError when the disk refuses.
    """
    if kind_of(path) == "warc":
        yield _bring(home, path, path.name, path.name, known, progress)
        return
    try:
        with zipfile.ZipFile(path) as package:
            yield from _unpacked(home, path, package, known, progress)
    except ZIP_ERRORS as error:
        yield Brought(
            path.name, left_out=[LeftOut(None, f"no ZIP file that can be read: {error or type(error).__name__}")]
        )


def _unpacked(home: Home, path: Path, package: zipfile.ZipFile, known: Known, progress: Progress) -> Iterator[Brought]:
    inside = [info for info in package.infolist() if WARC_NAME.fullmatch(info.filename)]
    total, room = sum(info.file_size for info in inside), shutil.disk_usage(home.warc).free
    if not inside:
        yield Brought(path.name, left_out=[LeftOut(None, "no WARC lies in archive/ of this ZIP file")])
    elif total > EXPANSION * path.stat().st_size:
        yield Brought(path.name, left_out=[LeftOut(None, f"it says it unpacks to {total} bytes: a ZIP bomb")])
    elif 2 * total > room:
        raise ArchiveError(
            f"{path}: it unpacks to {total} bytes, {home.warc} has room for {room}: make room and repeat"
        )
    else:
        digests = _package_digests(package)
        for info in sorted(inside, key=lambda info: info.filename):
            yield _bring_inner(home, path, package, info, digests, known, progress)


def _bring_inner(
    home: Home, path: Path, package: zipfile.ZipFile, info: zipfile.ZipInfo, digests: dict[str, str], known: Known,
    progress: Progress,
) -> Brought:  # fmt: skip
    name = info.filename.rpartition("/")[2]
    shown = f"{path.name}!{UNSAFE.sub('_', name)}"
    with _scratch(home.warc) as scratch:
        try:
            with package.open(info) as source, scratch.open("wb") as file:
                shutil.copyfileobj(source, file, CHUNK)
        except ZIP_ERRORS as error:
            return Brought(shown, left_out=[LeftOut(None, f"it cannot be unpacked: {error or type(error).__name__}")])
        try:
            kind = kind_of(scratch)
        except NotWarcError as error:
            kind, why = "wacz", str(error).partition(": ")[2]
            return Brought(shown, left_out=[LeftOut(None, why)])
        if kind != "warc":
            return Brought(shown, left_out=[LeftOut(None, "no WARC: a ZIP file within the ZIP file")])
        brought = _bring(home, scratch, shown, name, known, progress)
    told = digests.get(info.filename)
    if told is not None and told != brought.sha256:
        brought.left_out.append(
            LeftOut(None, f"datapackage.json says its SHA-256 is {told[:80]}; its whole records came in")
        )
    return brought


def _package_digests(package: zipfile.ZipFile) -> dict[str, str]:
    """Return path -> SHA-256 as datapackage.json lists them; {} where it says nothing that can be read."""
    try:
        with package.open("datapackage.json") as file:
            listed = json.loads(file.read(LARGEST_PACKAGE))["resources"]
        return {
            str(one["path"]): str(one["hash"]).removeprefix("sha256:")
            for one in listed
            if "sha256:" in str(one["hash"])
        }
    except (KeyError, TypeError, RecursionError, *ZIP_ERRORS):
        return {}


def _bring(home: Home, path: Path, shown: str, name: str, known: Known, progress: Progress) -> Brought:
    brought = Brought(shown, _sha256(path))
    there = next(home.warc.glob(f"*{IMPORTED}{brought.sha256[:12]}.warc.gz"), None)
    if there is not None:
        brought.warc = there.name
        return brought
    safe = UNSAFE.sub("_", ENDING.sub("", name)).strip(".-_")[:100] or "import"
    final = home.warc / f"{safe}{IMPORTED}{brought.sha256[:12]}.warc.gz"
    try:
        with _scratch(home.warc) as draft, draft.open("wb") as out:
            _Copy(path, draft, out, final.name, brought, known).run(progress)
            os.fsync(out.fileno())
            if brought.answers:
                draft.chmod(0o644)
                publish(draft, final)
                brought.warc, brought.new = final.name, True
            elif not brought.known:
                brought.left_out.append(LeftOut(None, "no HTTP answer in it can be read"))
    except OSError as error:
        raise ArchiveError(
            f"{final}: {error.strerror or error}; nothing of {shown} is kept: make room and repeat"
        ) from error
    return brought


class _Copy:
    """The records of one source on their way into a file of the home."""

    def __init__(self, path: Path, draft: Path, out: BinaryIO, name: str, brought: Brought, known: Known) -> None:
        """draft: the path of out.  name: what it will be called."""
        self._path, self._draft, self._out, self._name = path, draft, out, name
        self._brought, self._known = brought, known
        self._ids = sqlite3.connect("", isolation_level=None)  # a private file that SQLite deletes
        self._ids.execute("PRAGMA synchronous = OFF")
        self._ids.execute("CREATE TABLE id(id TEXT PRIMARY KEY) WITHOUT ROWID")
        with path.open("rb") as file:
            self._gzip = is_gzip(file)

    def run(self, progress: Progress) -> None:
        total, start = self._path.stat().st_size, 0
        following: int | None = start
        try:
            while following is not None:
                following = self._stretch(following, lambda done: progress(done, total))
        finally:
            self._ids.close()

    def _stretch(self, start: int, progress: Callable[[int], None]) -> int | None:
        """Take the records from `start` on while they are in order; return where to go on, None at the end."""
        try:
            for stream in records(self._path, start):
                if self._gzip:
                    self._take(stream.offset, partial(self._copy, stream))
                else:
                    self._take(stream.offset, partial(self._pack, stream))
                progress(stream.offset)
            return None
        except WarcFormatError as error:
            wrong = error
            if self._gzip and error.kind in LOOSE:
                try:
                    return self._loose(error.offset, progress)
                except WarcFormatError as worse:
                    wrong = worse
            self._leave_out(wrong.offset, wrong.message)
            full = len(self._brought.left_out) >= FINDINGS
            return None if full else resume(self._path, wrong.offset + 1, tries=TRIES)

    def _loose(self, start: int, progress: Callable[[int], None]) -> int:
        """Take records that do not keep to gzip members, until one ends with its member; return where that is."""
        with self._path.open("rb") as file:
            source = Loose(file, start)
            try:
                while source.begin():
                    stream = RecordStream(self._path, source)
                    self._take(source.offset, partial(self._pack, stream))
                    stream.finish()
                    progress(source.end)
                    if source.at_border():
                        break
            except GzipError as error:  # between two records; within one, RecordStream says it
                raise WarcFormatError(self._path, source.end, "gzip", str(error)) from error
            return source.end

    def _take(self, offset: int, write: Callable[[], None]) -> None:
        """Append a record, then read it back: what is wrong, known or there twice is cut off again."""
        start = self._out.tell()
        try:
            write()
            self._out.flush()
        except WarcFormatError:
            self._cut(start)
            raise
        try:
            why = self._judged(start)
        except WarcFormatError as error:  # its offset is one of the draft: where to go on, the source says
            why = error.message
        if why is not None:
            self._cut(start)
            if why:
                self._leave_out(offset, why)

    def _judged(self, start: int) -> str | None:
        """Say why the record just written must go, "" = it is known; None if it stays."""
        wrong: list[Finding] = []
        with open_record(self._draft, start) as stream:
            entry = check_record(stream, self._name, wrong.append)
        if wrong or (why := _unfit(entry)):
            return wrong[0].message if wrong else why
        answer, record_id = is_answer(entry), entry.ref.record_id
        added = self._ids.execute("INSERT OR IGNORE INTO id VALUES (?)", (record_id,)).rowcount
        if not added or (answer and self._known(record_id)):
            self._brought.known += answer
            return ""
        self._brought.records += 1
        self._brought.answers += answer
        return None

    def _copy(self, stream: RecordStream) -> None:
        """Copy a record that is a gzip member of its own as it lies."""
        left = stream.finish()
        with self._path.open("rb") as file:
            file.seek(stream.offset)
            while left and (piece := file.read(min(CHUNK, left))):
                left -= self._out.write(piece)

    def _pack(self, stream: RecordStream) -> None:
        codec = new_compressor()
        self._out.write(codec.compress(stream.raw_head))
        for piece in stream.pieces():
            self._out.write(codec.compress(piece))
        self._out.write(codec.compress(b"\r\n\r\n") + codec.flush())
        stream.finish()

    def _cut(self, start: int) -> None:
        self._out.flush()
        self._out.truncate(start)
        self._out.seek(start)

    def _leave_out(self, offset: int, why: str) -> None:
        if len(self._brought.left_out) < FINDINGS:
            self._brought.left_out.append(LeftOut(offset, why))
        elif len(self._brought.left_out) == FINDINGS:
            self._brought.left_out.append(LeftOut(offset, "so much is damaged that the rest was not read"))


def _unfit(entry: Entry) -> str | None:
    """Say why a record cannot be referred to: its date cannot be believed, its id written; None if it can."""
    if HEADER_VALUE.fullmatch(entry.ref.record_id) is None:
        return f"its WARC-Record-ID {entry.ref.record_id[:80]!r} holds a control character"
    text = entry.ref.date[:40]
    try:
        at = datetime.fromisoformat(entry.ref.date)
        if at.tzinfo is not None:  # one yet to come would make every later capture an older one
            return None if at <= datetime.now(UTC) + CLOCKS_APART else f"its WARC-Date {text!r} is yet to come"
    except ValueError:
        pass
    return f"its WARC-Date {text!r} is none"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a path in a folder for a file that is gone afterwards, unless it got another name."""
    handle, name = tempfile.mkstemp(prefix=SCRATCH, dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def tidy(home: Home) -> None:
    """Remove what a killed import left; only while no other one runs."""
    for path in home.warc.glob(f"{SCRATCH}*"):
        path.unlink(missing_ok=True)
