"""Files left .open by a dead process -> closed files that hold every whole record, and the torn rest beside them.

Run at the start of every command that writes.  What a live owner holds under flock is left alone.  Each step can be
interrupted and done again: the tail is on the disk before it is cut off, the cut before the file gets its name.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.reader import WarcFormatError, final_name, records, scan
from archive.record import ArchiveError
from archive.warcfile import OPEN, lock, publish, same_file, sync_directory

TAIL = ".tail"
PIECE = 1 << 20

__all__ = ["Recovered", "Recovery", "recover", "scan"]


@dataclass(frozen=True)
class Recovered:
    """What became of one left file.  warc: final name.  records: whole ones kept, in `kept` bytes.

    cut: bytes moved to `tail`, a file name; reason: why they are no record.  A file without a whole record is removed.
    """

    warc: str
    records: int
    kept: int
    cut: int
    tail: str | None
    reason: str | None


@dataclass(frozen=True)
class Recovery:
    """What became of all .open files.  live: final names of those that a running process writes."""

    recovered: tuple[Recovered, ...]
    live: tuple[str, ...]


def recover(directory: Path) -> Recovery:
    """Close every left .open file in `directory` at its last whole record.

    Raises ArchiveError, naming the file, when the disk refuses or another file has the final name.
    """
    recovered: list[Recovered] = []
    live: list[str] = []
    for path in sorted(directory.glob(f"*.warc.gz{OPEN}")):
        try:
            found = _recover(path)
        except OSError as error:
            raise ArchiveError(
                f"{path}: cannot be recovered: {error.strerror or error}; repair this, then run the command again"
            ) from error
        if found is None:
            live.append(final_name(path))
        else:
            recovered.extend(found)
    return Recovery(tuple(recovered), tuple(live))


def _recover(path: Path) -> tuple[Recovered, ...] | None:
    """None: a live owner has it.  (): somebody else closed it meanwhile."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    try:
        if not lock(handle):
            return None
        return (_close(path, handle),) if same_file(handle, path) else ()
    finally:
        os.close(handle)


def _close(path: Path, handle: int) -> Recovered:
    count, kept, reason = _whole(path)
    final = path.with_name(final_name(path))
    cut = os.fstat(handle).st_size - kept
    tail = _keep_tail(handle, kept, final) if cut else None
    if count:
        os.ftruncate(handle, kept)
        os.fsync(handle)
        publish(path, final)
    else:
        path.unlink()
        sync_directory(path.parent)
    return Recovered(final.name, count, kept, cut, tail, reason)


def _whole(path: Path) -> tuple[int, int, str | None]:
    """Return how many records are whole, where the last one ends, and what is wrong with what follows."""
    count = end = 0
    try:
        for stream in records(path):
            end += stream.finish()
            count += 1
    except WarcFormatError as error:
        return count, end, error.message
    return count, end, None


def _keep_tail(handle: int, start: int, final: Path) -> str:
    """Copy what follows `start` beside the file; a tail of an interrupted recovery is the same one, and replaced."""
    tail = final.with_name(final.name + TAIL)
    draft = tail.with_name(tail.name + ".part")
    with draft.open("wb") as file:
        for piece in _read_from(handle, start):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(tail)
    sync_directory(tail.parent)
    return tail.name


def _read_from(handle: int, position: int) -> Iterator[bytes]:
    while piece := os.pread(handle, PIECE, position):
        position += len(piece)
        yield piece
