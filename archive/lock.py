"""Who holds what: advisory locks as files, so that a second process can say who the first one is.

flock(2) goes with the process, so a killed owner leaves no stale lock.  Who holds one is asked of the kernel
(proc(5), /proc/locks); the file's text (pid and command of the last who held it alone) is only for the message where
that cannot be read.  A site is crawled by one process at a time; the change log is appended under one lock; `rebuild` wants
the whole home while the others share it.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HeldError(Exception):
    """Another process holds the lock; the message says which."""


@contextmanager
def hold(path: Path, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold the lock `path` while the block runs.

    shared: beside other shared holders (readers of a home).  wait: block until it is free.
    Raises HeldError at once when it is taken and wait is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HeldError(f"{path.stem} is held by {_owner(handle)}") from None
        if not shared and not wait:  # those who wait do not ask who holds it
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} ({' '.join(sys.argv[1:3])})\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _owner(handle: int) -> str:
    """Return who holds the lock of an open file: "process 4711 (crawl park)"."""
    said = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
    inode = str(os.fstat(handle).st_ino)
    try:
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return said or "another process"
    # "3: FLOCK  ADVISORY  WRITE 4711 fe:01:1835017 0 EOF"; the device is not compared: overlays show another one
    pids = [line[4] for line in locks if line[1:2] == ["FLOCK"] and line[5].rpartition(":")[2] == inode]
    for pid in pids:
        if said.startswith(f"process {pid} "):
            return said
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        return f"process {pid} ({' '.join(words[1:])[:100].strip()})"
    return "another process"
