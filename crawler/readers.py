"""Reading processes: each reads one captured answer at a time (crawler.work), with a limit of time and of memory.

A page that hangs or kills its process is reported by reason; the others are read.
"""

import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from errno import ENOMEM
from os import _exit
from types import TracebackType
from typing import Self, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from crawler.work import Job, ReadError, Reading, judge, read
from spiders.probe import Answer

TIME_LIMIT = 20.0  # seconds for one page; the 99.9th percentile of real pages is below half a second
MEMORY_LIMIT = 2 << 30  # bytes of address space of a process
AHEAD = 64  # jobs at the processes at once
RECYCLE = 2000  # pages after which a process is replaced, so that no leak adds up

Given = TypeVar("Given")
Made = TypeVar("Made")
UNREAD = (TooLong, ProcessExpired)  # a reading that met a limit

log = logging.getLogger(__name__)


class Readers:
    """The processes of one command.  They start at once: each needs most of a second to import what it reads with."""

    def __init__(self, count: int) -> None:
        self.pool = ProcessPool(
            count, max_tasks=RECYCLE, initializer=_start, context=multiprocessing.get_context("spawn")
        )
        self.pool.schedule(_begin)

    def read(self, job: Job) -> Future[Reading]:
        return cast(Future[Reading], self.pool.schedule(_done_or_ended, args=(read, job), timeout=TIME_LIMIT))

    def judge(self, answer: Answer) -> Future[None]:
        """See crawler.work.judge; that it comes to an end is all that it tells."""
        return cast(Future[None], self.pool.schedule(_done_or_ended, args=(judge, answer), timeout=TIME_LIMIT))

    def close(self) -> None:
        """Let them finish what they were given, and end them."""
        self.pool.close()  # type: ignore[no-untyped-call]
        self.pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """After an error nobody waits for what they still read."""
        if error is None:
            self.close()
        else:
            self.pool.stop()  # type: ignore[no-untyped-call]
            self.pool.join()


def reading_of(future: Future[Reading], url: str) -> tuple[Reading, str | None]:
    """Wait for a reading; return it, or an empty one with the short fixed reason why there is none."""
    try:
        return future.result(), None
    except UNREAD as end:
        error = why_unread(end)
    except ReadError as trouble:  # one bad page is counted with its reason, never stops a run
        error = f"read-error:{trouble.args[0]}"
        log.warning("%s: %s: %s", url[:200], error, trouble.args[1])
    return Reading(rejected=error), error


def why_unread(end: BaseException) -> str:
    """Return the short fixed reason for what UNREAD names."""
    if isinstance(end, ProcessExpired):
        return "read-memory" if end.exitcode == ENOMEM else "read-killed"
    return "read-timeout"


def _done_or_ended(do: Callable[[Given], Made], given: Given) -> Made:
    """Do it; a process whose page took all memory ends, since it would keep half of it (1.3 GB of 2 measured)."""
    try:
        return do(given)
    except MemoryError:
        _exit(ENOMEM)


def _start() -> None:
    """Prepare a reading process: it dies with its parent, and a bomb of a page cannot take all memory."""
    import ctypes
    import resource
    import signal

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphan goes on after kill -9
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def _begin() -> None:
    """Nothing: pebble starts its processes, which import what reading needs, with the first thing to do."""
