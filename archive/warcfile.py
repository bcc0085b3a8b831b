"""One WARC file while it is written: claimed by name and lock, appended to, cut back on error, closed under its name.

The file is NAME.open until it is whole.  Its owner holds an exclusive flock, which the kernel drops when the owner
dies, so archive.recover knows a live file from a left one without pids.  Used by archive.writer only.
"""

import fcntl
import hashlib
import os
import weakref
from collections.abc import Sequence
from pathlib import Path

from archive.compose import Draft, Span
from archive.gz import compress, new_compressor
from archive.record import RecordRef

OPEN = ".open"
# A block up to this length is held in memory once, and its exchange leaves in one write; a longer one is streamed.
STREAM_FROM = 4 << 20
PIECE = 1 << 20
RECORD_END = b"\r\n\r\n"


class WarcFile:
    """name: final name.  path: where it lies now.  size: bytes in it, all of whole exchanges after each append.

    warcinfo goes out with the first exchange, so that an owner with nothing to say leaves nothing behind.
    """

    def __init__(self, handle: int, final: Path, warcinfo: Draft) -> None:
        self._handle, self._final, self._warcinfo = handle, final, warcinfo
        self._pending = bytearray()
        self._named = False  # the directory entry is on the disk
        self._torn = False  # a cut back failed: what follows size is not whole
        self.name, self.path = final.name, open_path(final)
        self.warcinfo_id = warcinfo.record_id
        self.size = 0
        _live.add(self)

    @property
    def released(self) -> bool:
        return self._handle < 0

    def append(self, drafts: Sequence[Draft]) -> tuple[RecordRef, ...]:
        """Write the records, or none of them: whatever is raised on the way, the file is cut back first."""
        start, whole = self.size, False
        try:
            if start == 0:
                self._pack(self._warcinfo)
            refs = tuple(self._pack(draft) for draft in drafts)
            self._flush()
            whole = True
        finally:
            if not whole:
                self._cut_back(start)
        return refs

    def sync(self) -> None:
        os.fsync(self._handle)
        if not self._named:
            sync_directory(self.path.parent)
            self._named = True

    def finish(self) -> Path | None:
        """Give the file its final name, on the disk; None if it stays .open because its end is torn."""
        if self._torn:
            return None
        os.fsync(self._handle)
        publish(self.path, self._final)
        return self._final

    def release(self) -> None:
        """Let the file and its lock go; one without records is removed."""
        if self.released:
            return
        try:
            if self.size == 0 and not self._torn:
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self._handle)
            self._handle = -1

    def abandon(self) -> None:
        """In a forked child: close the copy of the handle, or the child would keep the lock of a dead parent."""
        if not self.released:
            os.close(self._handle)
            self._handle = -1

    def _pack(self, draft: Draft) -> RecordRef:
        """Add one member to what is pending; a long block is written out piece by piece."""
        offset, block = self.size + len(self._pending), draft.block
        if isinstance(block, Span) and block.length > STREAM_FROM:
            self._stream(draft, block)
        else:
            data = block if isinstance(block, bytes) else b"".join(block.chunks(PIECE))
            head = draft.head(hashlib.sha1(data, usedforsecurity=False).digest() if data else None, len(data))
            self._pending += compress(b"".join((head, data, RECORD_END)))
        end = self.size + len(self._pending)
        return RecordRef(self.name, offset, end - offset, draft.type, draft.record_id, draft.date, draft.digest)

    def _stream(self, draft: Draft, block: Span) -> None:
        sha1, length = hashlib.sha1(usedforsecurity=False), 0
        for piece in block.chunks(PIECE):
            sha1.update(piece)
            length += len(piece)
        codec = new_compressor()
        self._pending += codec.compress(draft.head(sha1.digest(), length))
        for piece in block.chunks(PIECE):
            self._pending += codec.compress(piece)
            if len(self._pending) >= PIECE:
                self._flush()
        self._pending += codec.compress(RECORD_END)
        self._pending += codec.flush()

    def _flush(self) -> None:
        data, self._pending = memoryview(self._pending), bytearray()
        while data:  # a disk nearly full takes less than it is given, and raises on the next try
            written = os.write(self._handle, data)
            self.size += written
            data = data[written:]

    def _cut_back(self, size: int) -> None:
        self._pending = bytearray()
        self._torn = True
        os.ftruncate(self._handle, size)
        self._torn, self.size = False, size


def claim(final: Path) -> int | None:
    """Create `final`.open under a lock and return its handle; None if the name is taken in any form.

    Looked at again once the lock is held: between creation and lock, recovery may have taken the file for a left one.
    """
    path = open_path(final)
    if final.exists():
        return None
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return None
    if not lock(handle) or not same_file(handle, path):
        os.close(handle)
        return None
    if final.exists():
        path.unlink()
        os.close(handle)
        return None
    return handle


def lock(handle: int) -> bool:
    """Take the exclusive lock of an open file at once; False if a live owner holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def same_file(handle: int, path: Path) -> bool:
    """Tell whether `path` still names the open file."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)


def open_path(final: Path) -> Path:
    return final.with_name(final.name + OPEN)


def publish(path: Path, final: Path) -> None:
    """Rename, durably and never over another file: FileExistsError, with `path` left as it is."""
    if final.exists():
        raise FileExistsError(17, "a file of this name is there already; move one of the two away", str(final))
    os.rename(path, final)
    sync_directory(final.parent)


def sync_directory(directory: Path) -> None:
    """Make names in it durable (fsync of a file does not cover its directory entry)."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _abandon_all() -> None:
    for file in tuple(_live):
        file.abandon()


_live: "weakref.WeakSet[WarcFile]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_abandon_all)
