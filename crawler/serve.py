"""`parknews serve`: starts what shows the archive, says where, and ends it in order on Ctrl-C or SIGTERM."""

import ipaddress
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event

from archive.index import missing
from archive.paths import Home, HomeError
from archive.replay import COLLECTION, Replay

# Example addresses shown at the start.
EXAMPLES = 5


def serve_replay(home: Home, host: str, port: int, pages: Sequence[str], tell: Callable[[str], None]) -> None:
    """Replay the captures of a home until a signal comes.  pages: URLs to show as examples.

    Raises HomeError (nothing archived), ReplayError (no environment, no free port), ArchiveError (gave up).
    """
    if not home.warc.is_dir():
        raise HomeError(f"home {home.root}: nothing is archived there yet: crawl first, or name another with --home")
    replay = Replay(home, host, port)
    with _ending(replay.stopping), replay:
        if not replay.stopping.is_set():
            for line in greeting(home, host, replay.url, pages):
                tell(line)
        replay.watch(tell)
    tell("replay stopped")


def greeting(home: Home, host: str, url: str, pages: Sequence[str]) -> Iterator[str]:
    """Yield what a user needs to know once replay answers."""
    yield f"replay: {url}{COLLECTION}/   (type a URL there)"
    for page in pages[:EXAMPLES]:
        yield f"  newest capture: {url}{COLLECTION}/{page}"
    yield f"  for programs: {url}{COLLECTION}/mp_/URL is the page without pywb's frame, {url}{COLLECTION}/id_/URL as it was sent"
    yield f"  all captures of a page: {url}{COLLECTION}/*/URL   at a time: {url}{COLLECTION}/20260131120000/URL"
    if not _loopback(host):
        yield f"  whoever can reach {host} can read the whole archive; nothing asks for a password"
    unseen = len(missing(home.warc, home.index))
    if unseen:
        yield f"  not shown: {unseen} WARC files without an index; the next crawl or `parknews rebuild` makes it"
    yield "Ctrl-C ends it."


@contextmanager
def _ending(stopping: Event) -> Iterator[None]:
    """Set `stopping` when a signal asks us to end; the handlers of before come back afterwards."""
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, lambda *_: stopping.set()) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
