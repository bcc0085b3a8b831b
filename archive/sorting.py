"""Lines in any number -> the same lines sorted, in flat memory: sorted runs on the disk, merged as they are read.

The order is that of bytes (LC_ALL=C), which CDXJ readers search by.  Used by index and verify.
"""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

# Text of lines held at once; with Python's own share about twice as much.
RUN_BYTES = 32 << 20


class Sorter:
    r"""Takes lines, each ended by \n, and then gives them in byte order.

    scratch: a directory for the runs, which have no names there.  Use it in a with statement; iterate once.
    """

    def __init__(self, scratch: Path, run_bytes: int = RUN_BYTES) -> None:
        self._scratch, self._run_bytes = scratch, run_bytes
        self._files = ExitStack()
        self._runs: list[Iterable[bytes]] = []
        self._held: list[bytes] = []
        self._size = 0

    def add(self, line: bytes) -> None:
        self._held.append(line)
        self._size += len(line)
        if self._size >= self._run_bytes:
            self._spill()

    def __iter__(self) -> Iterator[bytes]:
        self._held.sort()
        return heapq.merge(*self._runs, self._held)

    def __enter__(self) -> "Sorter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def _spill(self) -> None:
        run = self._files.enter_context(tempfile.TemporaryFile(dir=self._scratch))  # noqa: SIM115 (closed by the stack)
        run.writelines(sorted(self._held))
        run.seek(0)
        self._runs.append(run)
        self._held, self._size = [], 0


def sorted_lines(lines: Iterable[bytes], scratch: Path) -> Iterator[bytes]:
    """Yield `lines` sorted, after all of them were taken.  scratch: as Sorter."""
    with Sorter(scratch) as sorter:
        for line in lines:
            sorter.add(line)
        yield from sorter
