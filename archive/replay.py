"""Replay: pywb as a watched child process over our own index and WARCs, where they lie.

HOME/index/*.cdxj, HOME/warc/*.warc.gz -> http://HOST:PORT/archive/<14 digits>/<URL>

pywb lives in an environment and a process of its own: it pins old versions of what the crawler needs new, and on import
patches the whole process for gevent.  It is run by its command line and a configuration file, and never imported.
What a finished run wrote shows without a restart: pywb looks into the index folder at each question.
"""

import ctypes
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from archive.paths import Home
from archive.record import ArchiveError

# The name of the one collection, as it stands in replay URLs.
COLLECTION = "archive"
# Made by `make setup` from requirements-replay.txt.
ENVIRONMENT = Path(__file__).resolve().parent.parent / ".venv-replay"
# Not bin/wayback: its first line names the place where the environment was made, so a moved checkout would break it.
PROGRAM = ("-I", "-W", "ignore", "-c", "from pywb.apps.cli import wayback; wayback()")
# Paths are relative to the folder it runs in: pywb takes * ? [ { in them for patterns, and a home may have any name.
CONFIG = {
    "collections": {COLLECTION: {"index_paths": "../index/", "archive_paths": "../warc/"}},
    "enable_auto_colls": False,
    "framed_replay": True,
    "debug": False,
}
# Answers when pywb is ready, and nobody's page: pywb's list of collections.
PROBE = "/collinfo.json"
# The first start compiles pywb and everything below it: 15 s were seen on a slow disk, 3 s later.
START_SECONDS = 90.0
STOP_SECONDS = 10.0
TICK_SECONDS = 1.0
# A child that answers nothing for three probes is hung.  A page of 20 MB is rewritten in some seconds, with no answer
# meanwhile.
PROBE_EVERY, PROBE_SECONDS, PROBES = 15.0, 30.0, 3
# Restarts in a row, waiting 1, 2, 4 … s before each; a child that ran for so long was well.
RESTARTS = 5
WELL_SECONDS = 60.0
# pywb logs some 500 bytes a request; the newest of it is kept.
LOG_SIZE = 8 << 20
PR_SET_PDEATHSIG = 1  # prctl(2), Linux only

log = logging.getLogger(__name__)


class ReplayError(Exception):
    """Replay cannot start; the message says in one line what is in the way and the remedy."""


class Replay:
    """A running pywb.  A context manager: inside, it answers; after, it and its children are gone.

    host: the address to listen on; whoever can reach it can read the whole archive.
    stopping: set it to end `watch`, or a start that takes long; signal handlers do.
    Call it from the main thread: the kernel ends the child with the thread that started it.
    Raises ReplayError when there is no environment or no free port; ArchiveError when the home cannot be written.
    """

    def __init__(self, home: Home, host: str, port: int, environment: Path = ENVIRONMENT) -> None:
        self.home, self.host, self.port = home, host, port
        self.folder = home.root / "replay"
        self.log_path = self.folder / f"pywb-{port}.log"
        self.stopping = Event()
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        self._folder_watch = FolderWatch(home.index)

    @property
    def url(self) -> str:
        """The address to type on this machine, ended by a slash."""
        return f"http://{_bracketed(_reachable(self.host))}:{self.port}/"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def watch(self, tell: Callable[[str], None]) -> None:
        """Keep pywb running until `stopping` is set.  tell: takes a line for the user.

        Raises ArchiveError when it ended RESTARTS times in a row.
        """
        failures = 0
        while not self.stopping.is_set():
            since = time.monotonic()
            try:
                if self._child is None:
                    self._start()
                trouble = self._supervise()
            except ReplayError as error:
                trouble = f"did not start: {error}"
            if self.stopping.is_set():
                return
            self.stop()
            failures = 1 if time.monotonic() - since >= WELL_SECONDS else failures + 1
            if failures > RESTARTS:
                raise ArchiveError(f"pywb failed {failures} times in a row, last: {trouble}; see {self.log_path}")
            tell(f"pywb {trouble}; starting it again in {2 ** (failures - 1)} s")
            self.stopping.wait(2 ** (failures - 1))

    def stop(self) -> None:
        """End the child and whatever it started: first kindly, after STOP_SECONDS not."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("pywb does not end on SIGTERM: killing it")
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def _start(self) -> None:
        python = self._environment / "bin" / "python"
        if not (self._environment / "bin" / "wayback").exists() or not python.exists():
            raise ReplayError(f"replay needs pywb in {self._environment}, which is not there: run `make setup`")
        check_free(self.host, self.port)
        try:
            self._write_config()
            output = self.log_path.open("ab")
        except OSError as error:
            raise ArchiveError(
                f"{error.filename}: {error.strerror}: replay keeps its configuration and log there"
            ) from error
        with output:
            self._child = subprocess.Popen(
                [python, *PROGRAM, "-b", self.host, "-p", str(self.port)],
                cwd=self.folder,
                env=_child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop it in order
                preexec_fn=_ending_with(os.getpid()),
            )
        self._await()

    def _write_config(self) -> None:
        for folder in (self.home.index, self.home.warc, self.folder):
            folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"config.yaml.{os.getpid()}.tmp"
        draft.write_text(json.dumps(CONFIG, indent=1) + "\n")  # JSON is YAML
        draft.replace(self.folder / "config.yaml")

    def _await(self) -> None:
        """Wait until it answers.  Raises ReplayError with its last words if it ends, or takes too long."""
        assert self._child is not None
        end = time.monotonic() + START_SECONDS
        while not self.stopping.wait(0.1):
            if self._child.poll() is not None:
                raise ReplayError(f"pywb ended at once: {self._last_words()}; more in {self.log_path}")
            if self._answers(1.0):
                return
            if time.monotonic() > end:
                raise ReplayError(f"pywb gives no answer after {START_SECONDS:.0f} s; its words are in {self.log_path}")

    def _supervise(self) -> str:
        """Look after the child until it fails or `stopping` is set; return what was wrong with it."""
        assert self._child is not None
        silent, next_probe = 0, time.monotonic() + PROBE_EVERY
        while not self.stopping.wait(TICK_SECONDS):
            code = self._child.poll()
            if code is not None:
                return f"ended by itself (status {code})"
            self._folder_watch.look()
            self._trim_log()
            if time.monotonic() < next_probe:
                continue
            silent = 0 if self._answers(PROBE_SECONDS) else silent + 1
            if silent == PROBES:
                return "answers no more"
            next_probe = time.monotonic() + PROBE_EVERY
        return ""

    def _answers(self, seconds: float) -> bool:
        connection = HTTPConnection(_reachable(self.host), self.port, timeout=seconds)
        try:
            connection.request("GET", PROBE)
            answer = connection.getresponse()
            return answer.status == 200 and COLLECTION.encode() in answer.read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _trim_log(self) -> None:
        """Begin the log anew when it is long, keeping the one before; pywb holds it open and goes on at its end."""
        with suppress(OSError):
            if self.log_path.stat().st_size > LOG_SIZE:
                shutil.copyfile(self.log_path, self.log_path.with_suffix(".log.1"))
                os.truncate(self.log_path, 0)

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = self.log_path.read_text("utf-8", "replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
        return "its log cannot be read"


class FolderWatch:
    """Makes pywb see every change of the index folder.

    pywb keeps the folder's listing until its os.stat differs, and compares whole seconds (2.10,
    warcserver/index/aggregator.py, CacheDirectoryMixin): while somebody reads, an index file made in the second of
    the last look stays unseen (12 of 12 tries).  So the folder is touched once more in a later second (0 of 12).
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._seen: int | None = None

    def look(self) -> bool:
        """Touch the folder if it changed since we did so and that second is over; say whether it was touched."""
        try:
            changed = self._folder.stat().st_mtime_ns
            if changed == self._seen or int(self._clock()) <= changed // 1_000_000_000:
                return False
            os.utime(self._folder)
            self._seen = self._folder.stat().st_mtime_ns
        except OSError:  # not ours to write, or just moved: what is new shows with the next change
            return False
        return True


def replay_url(base: str, url: str, at: datetime) -> str:
    """Return where the capture of `url` nearest to `at` (with a zone) is shown.  base: Replay.url."""
    return f"{base}{COLLECTION}/{at.astimezone(UTC):%Y%m%d%H%M%S}/{url}"


def check_free(host: str, port: int) -> None:
    """Raise ReplayError if we cannot listen there."""
    place = f"{_bracketed(host)}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as pywb does: one just closed is free
            one.bind(address)
            one.listen(1)
    except OSError as error:
        raise ReplayError(
            f"cannot listen on {place}: {error.strerror}; name another port with --port, or address with --host"
        ) from error


def _child_environment() -> dict[str, str]:
    """Return our environment without proxies, which pywb would use to talk to itself, and without settings of pywb."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept.pop("PYWB_CONFIG_FILE", None)
    return kept


def _ending_with(parent: int) -> Callable[[], None]:
    """Return what the child does before it becomes pywb: ask the kernel to be killed when we die, however we do."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died before it could ask
            os._exit(1)

    return prepare


def _reachable(host: str) -> str:
    """Return the address at which a server listening on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
