"""Lines in any number -> the same lines sorted, in flat memory: sorted runs on the disk, merged as they are read.

The order is that of bytes (LC_ALL=C), which CDXJ readers search by.  Used by index and verify.
"""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

# Text of lines held at once; with Python's own share about twice as much.
RUN_BYTES = 32 << 20


def sorted_lines(lines: Iterable[bytes], scratch: Path, run_bytes: int = RUN_BYTES) -> Iterator[bytes]:
    r"""Yield `lines` (each ended by \n) in byte order.  scratch: a directory for the runs, which have no names there.

    All lines are taken before the first is given.
    """
    with ExitStack() as files:
        runs: list[Iterable[bytes]] = []
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= run_bytes:
                runs.append(_spill(held, files, scratch))
                held, size = [], 0
        held.sort()
        yield from heapq.merge(*runs, held)


def _spill(lines: list[bytes], files: ExitStack, scratch: Path) -> Iterable[bytes]:
    run = files.enter_context(tempfile.TemporaryFile(dir=scratch))  # noqa: SIM115 (the caller's stack closes it)
    run.writelines(sorted(lines))
    run.seek(0)
    return run
