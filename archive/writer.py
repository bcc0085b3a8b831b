"""Exchanges -> WARC 1.1 files that a kill, a full disk or a clock set back cannot spoil.

A file is NAME.open under an exclusive flock while it is written, and NAME once it is whole.  All records of an exchange
leave in one write(2), so a killed process leaves whole exchanges and at most one torn tail (archive.recover cuts it);
an error while writing cuts the file back to the exchange before.  Call it from one thread at a time.
"""

import re
import socket
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from archive.compose import Draft, Names, exchange_drafts, failure_drafts, note_draft, warcinfo_draft
from archive.record import REMEDY, ArchiveError, Exchange, Original, RecordRef
from archive.warcfile import WarcFile, claim

SUFFIX = ".warc.gz"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
COLLECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

Result = TypeVar("Result")


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_urn() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


class WarcWriter:
    """Writes exchanges to one WARC file after another in a directory.

    collection: letters, digits, _ . -; the files are COLLECTION-YYYYMMDDhhmmssSSS-SERIAL-HOST.warc.gz.
    info: warcinfo fields (software, operator, robots, http-header-user-agent …); format, conformsTo, hostname and
    isPartOf are filled in where it does not say them.  max_size: bytes of a file beyond which the next exchange begins
    a new one.  idle_seconds: a file not written to for so long is due (roll_if_due).
    clock: the date of warcinfo and file names, with a zone.  new_id: urn:uuid:… that never came before.
    on_closed: called with the path of each file that got its final name.
    """

    def __init__(
        self,
        directory: Path,
        *,
        collection: str,
        info: Mapping[str, str],
        max_size: int = 1 << 30,
        idle_seconds: float = 600.0,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = new_urn,
        hostname: str | None = None,
        on_closed: Callable[[Path], None] | None = None,
    ) -> None:
        if COLLECTION.fullmatch(collection) is None:
            raise ValueError(f"collection {collection!r}: only letters, digits and _ . - can stand in a file name")
        self._directory = directory
        self._collection = collection
        self._host = re.sub(r"[^A-Za-z0-9.-]", "_", hostname or socket.gethostname())
        own = {"format": "WARC File Format 1.1", "conformsTo": CONFORMS_TO, "hostname": self._host}
        self._info = tuple((own | {"isPartOf": collection} | dict(info)).items())
        self._max_size, self.idle_seconds = max_size, idle_seconds
        self._clock, self._new_id, self._on_closed = clock, new_id, on_closed
        self._serial = 0
        self._file: WarcFile | None = None
        self._last: tuple[str, int] | None = None
        self._written_at = 0.0
        self._refused: str | None = None

    @property
    def position(self) -> tuple[str, int] | None:
        """The final name of the newest file and the bytes in it, all whole records; None before the first."""
        return (self._file.name, self._file.size) if self._file is not None else self._last

    def write(
        self, exchange: Exchange, fields: Sequence[tuple[str, str]], original: Original | None = None
    ) -> tuple[RecordRef, ...]:
        """Append response (or revisit), request and metadata; return where they lie, in this order.

        fields: of the metadata record; fetchTimeMs is added if it is not among them.
        original: the record with the same payload, or the one a conditional request was made from.  Then a revisit is
        written: server-not-modified without a block if exchange.not_modified (the 304's header block becomes the field
        http-header), else identical-payload-digest.  A cut answer is kept whole, whatever its original.
        When this returns the records are in the file, for every reader and whatever becomes of this process; only a
        power cut can still take them, until sync().
        Raises ArchiveError when the disk refuses (nothing of the exchange is kept, and nothing more is taken), and
        ValueError for an exchange that contradicts itself (nothing is kept, the next one is welcome).
        """
        return self._append(lambda names: exchange_drafts(exchange, fields, original, names))

    def write_failure(
        self, url: str, at: datetime, request: bytes | None, fields: Sequence[tuple[str, str]]
    ) -> tuple[RecordRef, ...]:
        """Append what is known of an exchange without an answer: the request, if bytes were sent, and metadata.

        at: UTC, when it began.  fields: `error` among them.  Raises as write does.
        """
        return self._append(lambda names: failure_drafts(url, at, request, fields, names))

    def write_note(self, url: str, refers: str | None, fields: Sequence[tuple[str, str]]) -> tuple[RecordRef, ...]:
        """Append a metadata record that says something of a record in another file, or of that file.

        refers: id of the record, urn:…; None for a file.  Raises as write does.
        """
        return self._append(lambda names: [note_draft(url, self._clock(), refers, fields, names)])

    def sync(self) -> None:
        """Return when everything written so far is on the disk.  ArchiveError when the disk fails."""
        if self._file is not None:
            self._guarded(self._file, self._file.sync)

    def roll_if_due(self) -> Path | None:
        """Close the file if it is over max_size or was idle; call it now and then.  Returns what roll does."""
        if self._file is None or self._refused:
            return None
        idle = time.monotonic() - self._written_at >= self.idle_seconds
        return self.roll() if idle or self._file.size > self._max_size else None

    def roll(self) -> Path | None:
        """Close the file; the next exchange begins a new one.  ArchiveError when the disk fails.

        Returns the closed file, None if there is none or a torn end keeps it .open for recovery.
        """
        file, self._file = self._file, None
        if file is None:
            return None
        self._last = (file.name, file.size)
        try:
            path = self._guarded(file, file.finish)
        finally:
            file.release()
        if path is not None and self._on_closed is not None:
            self._on_closed(path)
        return path

    def close(self) -> Path | None:
        """roll(), and take nothing more."""
        path = self.roll()
        self._refused = self._refused or f"{self._directory}: this WARC writer is closed"
        return path

    def __enter__(self) -> "WarcWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, compose: Callable[[Names], list[Draft]]) -> tuple[RecordRef, ...]:
        if self._refused:
            raise ArchiveError(self._refused)
        self.roll_if_due()
        if self._file is None:
            self._file = self._begin()
        file = self._file
        try:
            drafts = compose(Names(file.warcinfo_id, self._new_id))
            refs = self._guarded(file, lambda: file.append(drafts))
        finally:
            if file.size == 0:
                file.release()
                self._file = None
        self._written_at = time.monotonic()
        return refs

    def _guarded(self, file: WarcFile, work: Callable[[], Result]) -> Result:
        try:
            return work()
        except OSError as error:
            self._refused = (
                f"{file.path}: {error.strerror or error}; every exchange up to the last whole one is kept. {REMEDY}"
            )
            raise ArchiveError(self._refused) from error

    def _begin(self) -> WarcFile:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            return self._create()
        except OSError as error:
            self._refused = (
                f"{self._directory}: {error.strerror or error}; no WARC file can be begun there. "
                "Free the disk or choose another home and run the same command again"
            )
            raise ArchiveError(self._refused) from error

    def _create(self) -> WarcFile:
        """Take the first free name: a clock set back, or a second process, only raises the serial number."""
        while True:
            now = self._clock().astimezone(UTC)
            stamp = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
            final = self._directory / f"{self._collection}-{stamp}-{self._serial:05d}-{self._host}{SUFFIX}"
            self._serial += 1
            handle = claim(final)
            if handle is not None:
                return WarcFile(handle, final, warcinfo_draft(final.name, now, self._info, self._new_id()))
