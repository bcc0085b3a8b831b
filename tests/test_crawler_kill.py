"""kill -9 at any moment, then the same command again: nothing is lost, torn, doubled or asked twice.

The demo sites are crawled in a process of its own that is killed at seeded random moments, in start and recovery too;
what it leaves is compared with a crawl that nobody disturbed, with the access log of the server, and read by warcio.
"""

import contextlib
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from tests.conftest import DEFINITIONS, ROOT, altered, command, crawl, new_home, parknews, rows, well
from tests.demo.server import DemoServer

SWITCHES = ("--delay", "0.1")  # 50 requests a second at most: twenty kills fit into the 333 of a crawl on any machine


# ------------------------------------------------------------------------------------------------ what is on the disk
def members(path: Path) -> list[bytes]:
    """Return the whole gzip members of a file, decompressed; what is torn at its end is left out."""
    data, found = path.read_bytes(), []
    while data:
        stream = zlib.decompressobj(31)
        try:
            record = stream.decompress(data)
        except zlib.error:
            break
        if not stream.eof:
            break
        found.append(record)
        data = stream.unused_data
    return found


def answered(home: Path) -> set[str]:
    """Return the URLs whose answer is whole in a WARC, also in one that a killed process left open."""
    found = set()
    for path in [*(home / "warc").glob("*.warc.gz"), *(home / "warc").glob("*.warc.gz.open")]:
        for record in members(path):
            head = dict(line.split(": ", 1) for line in record.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:])
            if head["WARC-Type"] in ("response", "revisit"):
                found.add(head["WARC-Target-URI"])
    return found


def events(home: Path) -> list[dict[str, Any]]:
    """Return all of the change log."""
    files = sorted((home / "feed" / "changes").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


def items(home: Path, sites: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Return what is said of each live item of some sites, without what depends on the moment it was found."""
    found: dict[tuple[str, str], Any] = {}
    for line in events(home):
        if line["site"] not in sites:
            continue
        item = line["item"]
        if item is None:
            found.pop((line["site"], line["id"]), None)
            continue
        item["_parknews"].pop("first_seen")
        found[line["site"], line["id"]] = json.dumps(item, ensure_ascii=False, sort_keys=True)
    return found


# ------------------------------------------------------------------------------------------------------ killing
def descendants(pid: int) -> list[int]:
    """Return the children of a process that are alive, and theirs."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            parents[int(path.parent.name)] = int(fields[1])
    found: list[int] = []
    front = [pid]
    while front:
        front = [child for child, parent in parents.items() if parent in front]
        found += front
    return found


@dataclass
class Ordeal:
    """A crawl that is killed again and again.  asked_again: URLs asked although their answer was on the disk."""

    home: Path
    demo: DemoServer
    random: random.Random
    kills: int = 0
    ended: bool = False
    orphans: list[int] = field(default_factory=list)
    asked_again: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)

    def endure(self, kills: int) -> None:
        """Run the command and kill it until it was killed `kills` times or has ended; then let it end."""
        while self.kills < kills and not self.ended:
            self._once(kill=True)
        while not self.ended:
            self._once(kill=False)

    def _once(self, *, kill: bool) -> None:
        before, on_disk = len(self.demo.hits), answered(self.home)
        words = command(self.home, "crawl", "--connect-to", self.demo.connect_to, *SWITCHES)
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            if kill and self._wait(process, before):
                children = descendants(process.pid)
                process.kill()
                self.kills += 1
                process.communicate()
                self._look_for_orphans(children)
            else:
                _, err = process.communicate(timeout=120)
                assert process.returncode == 0, err[-3000:]
        asked = [f"http://{hit.host}{hit.path}" for hit in self.demo.hits[before:]]
        self.asked_again += [url for url in asked if url in on_disk]
        self.ended = bool(run_ended(self.home))

    def _wait(self, process: "subprocess.Popen[str]", before: int) -> bool:
        """Wait for a random moment: some requests, or some time while it starts and recovers.  False: it ended first."""
        early = self.random.random() < 0.25
        hits = before + self.random.randint(1, 10)
        pause = self.random.uniform(0.3, 1.5) if early else self.random.uniform(0, 0.25)
        self.moments.append(f"{pause:.2f} s" if early else f"{hits} hits + {pause:.2f} s")
        while not early and len(self.demo.hits) < hits and process.poll() is None:
            time.sleep(0.005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(pause)
        return process.poll() is None

    def _look_for_orphans(self, children: list[int]) -> None:
        deadline = time.monotonic() + 10
        alive = children
        while alive and time.monotonic() < deadline:
            time.sleep(0.02)
            alive = [pid for pid in alive if _lives(pid)]
        self.orphans += alive


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run_ended(home: Path) -> bool:
    try:
        return rows(home, "SELECT count(*) FROM run WHERE ended IS NULL") == [(0,)] and bool(
            rows(home, "SELECT 1 FROM run")
        )
    except sqlite3.OperationalError:  # killed before the tables were there
        return False


# ------------------------------------------------------------------------------------------------------- checks
def check_nothing_is_lost_or_doubled(home: Path, undisturbed: Path) -> None:
    """Hold a home after its ordeal against one that had none."""
    sites = sorted(path.stem for path in (home / "sites").glob("*.toml"))
    assert items(home, sites) == items(undisturbed, sites)
    states = f"SELECT role, url, state, reason FROM url WHERE site IN ({', '.join('?' * len(sites))}) ORDER BY 1, 2"
    assert rows(home, states, *sites) == rows(undisturbed, states, *sites)
    said = events(home)
    assert [event["seq"] for event in said] == list(range(1, len(said) + 1))
    assert {event["rev"] for event in said} == {1}
    assert len({(event["site"], event["id"]) for event in said}) == len(said)


def check_records_are_whole_and_single(home: Path) -> None:
    ids: Counter[str] = Counter()
    urls: Counter[str] = Counter()
    files = sorted((home / "warc").glob("*"))
    assert not [path for path in files if path.suffix == ".open"], "all closed"
    for path in files:
        if path.name.endswith(".tail"):
            continue
        assert sum(len(gzip.compress(one)) > 0 for one in members(path)) == len(members(path))
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                assert record.raw_stream.read() is not None
                ids[record.rec_headers.get_header("WARC-Record-ID")] += 1
                if record.rec_type in ("response", "revisit"):
                    urls[record.rec_headers.get_header("WARC-Target-URI")] += 1
    assert set(ids.values()) == {1}
    assert [url for url, count in urls.items() if count > 1] == []


def check_tails_are_torn(home: Path) -> None:
    """A .tail holds what no reader could have read: no whole gzip member at its start."""
    for path in (home / "warc").glob("*.tail"):
        assert members(path) == [], path.name
        assert path.stat().st_size > 0


def check_state_agrees(home: Path) -> None:
    done = parknews(home, "verify")
    assert (done.code, "all agree" in done.err) == (0, True), done.err[-3000:]


# --------------------------------------------------------------------------------------------------------- tests
@pytest.mark.parametrize(
    ("kills", "seed"),
    [(3, 11), pytest.param(20, 2026, marks=pytest.mark.slow), pytest.param(20, 4242, marks=pytest.mark.slow)],
)
def test_crawl_that_is_killed_again_and_again_gives_what_an_undisturbed_one_gives(
    demo: DemoServer, home: Path, first_crawl: Path, kills: int, seed: int
) -> None:
    demo.hits.clear()
    ordeal = Ordeal(home, demo, random.Random(seed))
    ordeal.endure(kills)
    assert ordeal.kills == kills, ordeal.moments
    assert ordeal.orphans == []
    assert ordeal.asked_again == [], ordeal.moments
    check_nothing_is_lost_or_doubled(home, first_crawl)
    check_records_are_whole_and_single(home)
    check_tails_are_torn(home)
    check_state_agrees(home)
    unanswered = Counter(f"http://{hit.host}{hit.path}" for hit in demo.hits)
    assert sum(count - 1 for count in unanswered.values()) <= kills * 5  # on the wire at a kill: one a host


# Programs that kill themselves at one exact place.  CUT: what a kill within a write would have left undone.
LOG_FALLS = """
    import os, signal
    import crawler.harvest

    class Log(crawler.harvest.ChangeLog):
        def append(self, *given):
            events = super().append(*given)
            if self.tail().seq > 15:
                path = self.files()[-1]
                CUT
                os.kill(os.getpid(), signal.SIGKILL)
            return events

    crawler.harvest.ChangeLog = Log
"""
WRITER_FALLS = """
    import os, signal
    import crawler.run

    class Writer(crawler.run.WarcWriter):
        def write(self, *given):
            refs = super().write(*given)
            if self.position[1] > 60_000:
                path = self._file.path
                CUT
                os.kill(os.getpid(), signal.SIGKILL)
            return refs

    crawler.run.WarcWriter = Writer
"""
TAPE_FALLS = """
    import os, signal
    import crawler.run, crawler.tape

    class Tape(crawler.tape.Tape):
        def _commit_batch(self):
            if self.writer.position and self.writer.position[1] > 60_000:
                os.kill(os.getpid(), signal.SIGKILL)
            super()._commit_batch()

    crawler.run.Tape = Tape
"""
FALLS = {
    "between-log-and-state": LOG_FALLS.replace("CUT", "pass"),
    "within-a-line-of-the-log": LOG_FALLS.replace("CUT", "os.truncate(path, path.stat().st_size - 100)"),
    "between-warc-and-state": TAPE_FALLS,
    "within-the-records-of-an-exchange": WRITER_FALLS.replace(
        "CUT", "os.truncate(path, path.stat().st_size - refs[-1].length - 100)"
    ),
    "within-the-response": WRITER_FALLS.replace("CUT", "os.truncate(path, refs[0].offset + refs[0].length // 2)"),
    "while-reading": """
        import os, signal
        import crawler.harvest

        class Harvest(crawler.harvest.Harvest):
            def _take(self):
                if self.state.one("SELECT count(*) FROM item") > 15:
                    os.kill(os.getpid(), signal.SIGKILL)
                super()._take()

        import crawler.run
        crawler.run.Harvest = Harvest
    """,
    "while-recovering": TAPE_FALLS
    + """
    import crawler.rebuild

    enter, entered = crawler.rebuild.enter, []

    def dying(state, exchange):
        entered.append(exchange)
        if len(entered) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return enter(state, exchange)

    crawler.rebuild.enter = dying
    """,
    "before-the-run-is-closed": """
        import os, signal
        import crawler.run

        def dying(home, state):
            os.kill(os.getpid(), signal.SIGKILL)

        crawler.run.write_views = dying
    """,
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A new home with two of the demo sites."""
    return new_home(tmp_path / "small", DEFINITIONS / "kjt.toml", DEFINITIONS / "tv.toml")


@pytest.mark.parametrize("moment", FALLS)
def test_crash_at_a_chosen_point_leaves_nothing_half_done(
    demo: DemoServer, small: Path, first_crawl: Path, tmp_path: Path, moment: str
) -> None:
    """A process that kills itself exactly there; then the plain command."""
    home = small
    program = altered(tmp_path / "fall.py", FALLS[moment])
    switches = ("crawl", "--connect-to", demo.connect_to, "--delay", "0")
    for _ in range(2 if moment == "while-recovering" else 1):
        done = parknews(home, *switches, program=program)
        assert done.code == -signal.SIGKILL, done.err
    on_disk, before = answered(home), len(demo.hits)
    crawl(home, demo.connect_to)
    asked = {f"http://{hit.host}{hit.path}" for hit in demo.hits[before:]}
    if moment != "before-the-run-is-closed":  # that run had ended: the next one looks at the lists again
        assert asked & on_disk == set()
        check_records_are_whole_and_single(home)
    check_nothing_is_lost_or_doubled(home, first_crawl)
    check_tails_are_torn(home)
    check_state_agrees(home)
    tails = list((home / "warc").glob("*.tail"))
    assert bool(tails) == (moment in ("within-the-records-of-an-exchange", "within-the-response"))


def test_change_log_repaired_after_a_half_line_goes_on_without_a_gap(crawled: Path) -> None:
    (path,) = (crawled / "feed" / "changes").glob("*.jsonl")
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(whole.splitlines(keepends=True)[-1][:200])
    assert [one["seq"] for one in parknews(crawled, "changes").lines] == list(range(1, whole.count(b"\n") + 1))
    well(crawled, "rebuild")
    assert path.read_bytes() == whole
    check_state_agrees(crawled)


def test_two_crawls_of_one_site_do_not_run_at_once_and_the_second_says_who_holds_it(
    demo: DemoServer, home: Path
) -> None:
    words = command(home, "crawl", "kjt", "--connect-to", demo.connect_to, "--delay", "0.3")
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            while not demo.hits and process.poll() is None:
                time.sleep(0.01)
            done = parknews(home, "crawl", "kjt", "--connect-to", demo.connect_to)
            assert done.code == 4
            assert done.err.startswith(f"parknews: site-kjt is held by process {process.pid} (")
            assert len(done.err.splitlines()) == 1
        finally:
            process.kill()


def test_other_sites_of_the_home_may_be_crawled_meanwhile(demo: DemoServer, home: Path) -> None:
    words = command(home, "crawl", "kjt", "--connect-to", demo.connect_to, "--delay", "0.05")
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while not demo.hits and process.poll() is None:
            time.sleep(0.01)
        crawl(home, demo.connect_to, more=("tz",))
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    check_state_agrees(home)
    assert len(list((home / "warc").glob("*.warc.gz"))) == 2
    said = events(home)
    assert [one["seq"] for one in said] == list(range(1, len(said) + 1))
    assert {one["site"] for one in said} == {"kjt", "tz"}


def test_interrupted_crawl_ends_in_order_and_goes_on_later(demo: DemoServer, small: Path, first_crawl: Path) -> None:
    home = small
    words = command(home, "crawl", "--connect-to", demo.connect_to, "--delay", "0.05")
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while len(demo.hits) < 40 and process.poll() is None:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "stopped; what came is kept" in err
    assert "Traceback" not in err
    assert not list((home / "warc").glob("*.open"))
    on_disk, before = answered(home), len(demo.hits)
    check_state_agrees(home)
    crawl(home, demo.connect_to)
    asked = {f"http://{hit.host}{hit.path}" for hit in demo.hits[before:]}
    assert asked & on_disk == set()
    check_nothing_is_lost_or_doubled(home, first_crawl)


def test_copy_of_a_home_is_a_home(crawled: Path, tmp_path: Path) -> None:
    """Nothing in a home names where it lies."""
    moved = crawled.rename(tmp_path / "elsewhere")
    check_state_agrees(moved)
    with closing(sqlite3.connect(moved / "state.sqlite")) as db:
        assert str(tmp_path) not in "\n".join(db.iterdump())


def test_home_of_the_demo_definitions_is_new(tmp_path: Path) -> None:
    assert sorted(path.name for path in new_home(tmp_path / "home").iterdir()) == ["sites"]
