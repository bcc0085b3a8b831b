"""kill -9 at random moments of a crawl, then the same command: is anything lost, torn, doubled or asked again?

    python -m benchmarks.crashes [--kills 200] [--seed 1] [--each 5] [--minutes 600]

The five demo sites are crawled as they are and again after they changed.  Both crawls are killed `--each` times: at a
random moment, after a random number of answers (capture), or when the change log has grown by a random length (reading
and log writing).  Then the command runs to its end, and the home is compared with one that was never killed.
Prints one line a count; every count but the first lines' should be 0.  Exit 1 when one is not.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from archive.reader import Entry, WarcFormatError, scan
from archive.state import State
from pipelines.feed import ChangeLog
from tests.demo import DEFINITIONS
from tests.demo.server import DemoServer

PATIENCE = 120.0  # seconds after which a trigger that did not come is given up
Place = tuple[str, int, str]


@dataclass
class Counts:
    """What was found wrong, by name; each entry with an example."""

    kills: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, example: str) -> None:
        self.wrong[name] += 1
        self.examples.setdefault(name, example)


NAMES = (
    "torn members after a restart",
    "whole records lost",
    "records doubled",
    "events doubled",
    "events that differ from those of an unkilled home",
    "pages fetched again that were on disk",
    "pages never fetched",
    "findings of verify",
    "commands that failed",
)


@dataclass
class Crawl:
    """One home and its server; `parknews crawl` may be killed."""

    home: Path
    server: DemoServer

    @property
    def command(self) -> list[str]:
        route = ("--connect-to", self.server.connect_to)
        return [sys.executable, "-m", "crawler", "--home", str(self.home), "crawl", *route, "--delay", "0"]

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def finish(self) -> tuple[int, str]:
        with self.start() as process:
            _, said = process.communicate()
        return process.returncode, said

    def runs_ended(self) -> int:
        """Return how many runs the state says are over."""
        if not (self.home / "state.sqlite").exists():
            return 0
        state = State(self.home / "state.sqlite")
        try:
            return int(state.one("SELECT count(*) FROM run WHERE ended IS NOT NULL"))
        finally:
            state.close()

    def log_size(self) -> int:
        return sum(path.stat().st_size for path in (self.home / "feed" / "changes").glob("*.jsonl"))


def trigger(crawl: Crawl, chance: random.Random) -> tuple[str, Callable[[], bool]]:
    """Return a kind of moment, and what tells that it has come."""
    kind = chance.choice(("any moment", "capture", "log writing"))
    if kind == "any moment":
        until = time.monotonic() + chance.uniform(0.3, 6.0)
        return kind, lambda: time.monotonic() >= until
    if kind == "capture":
        wanted = len(crawl.server.hits) + chance.randrange(1, 120)
        return kind, lambda: len(crawl.server.hits) >= wanted
    size = crawl.log_size() + chance.randrange(1, 80_000)
    return kind, lambda: crawl.log_size() >= size


def kill_one(crawl: Crawl, chance: random.Random, counts: Counts) -> bool:
    """Start the command and kill it when its moment has come; False if it came to its end before."""
    kind, due = trigger(crawl, chance)
    slack, end = chance.uniform(0, 0.02), time.monotonic() + PATIENCE
    with crawl.start() as process:
        while process.poll() is None and not due() and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(slack)
        ended = process.poll()
        process.kill()
        _, said = process.communicate()
    if ended is None:
        counts.kills[kind] += 1
    elif ended != 0:
        counts.add("commands that failed", f"exit {ended}: {said[-300:]}")
    return ended is None


def entries(home: Path) -> tuple[list[Entry], list[str]]:
    """Return every whole record of a home, and what is torn in files that have their final names."""
    found: list[Entry] = []
    torn: list[str] = []
    for path in sorted((home / "warc").glob("*.warc.gz*")):
        if path.name.endswith((".warc.gz", ".open")):
            try:
                found += scan(path)
            except WarcFormatError as error:
                torn.append(str(error))
    return found, torn


def place(entry: Entry) -> Place:
    return entry.ref.warc, entry.ref.offset, entry.ref.record_id


def answered(found: list[Entry]) -> Counter[str]:
    """Count the whole answers a URL has."""
    return Counter(
        entry.headers.uri("WARC-Target-URI") or ""
        for entry in found
        if entry.ref.type in ("response", "revisit") and entry.headers.get("WARC-Truncated") in (None, "length")
    )


def said(home: Path) -> Counter[tuple[str, str, str, int, bytes]]:
    """Count events without what two crawls may not share: times, seq, offsets."""
    out: Counter[tuple[str, str, str, int, bytes]] = Counter()
    for event in ChangeLog(home / "feed" / "changes").events():
        item = b""
        if event.item is not None:
            extension = msgspec.structs.replace(event.item.extension, first_seen="")
            item = msgspec.json.encode(msgspec.structs.replace(event.item, extension=extension))
        out[event.op, event.site, event.id, event.rev, item] += 1
    return out


@dataclass(frozen=True)
class Reference:
    """What a home that is never killed holds after each of the two crawls."""

    answered: tuple[Counter[str], Counter[str]]
    said: tuple[Counter[tuple[str, str, str, int, bytes]], ...]


def reference(folder: Path) -> Reference:
    asked: list[Counter[str]] = []
    events = []
    with DemoServer() as server:
        crawl = Crawl(new_home(folder / "reference"), server)
        for state in (1, 2):
            server.state = state
            code, said_to_us = crawl.finish()
            if code:
                raise SystemExit(f"the unkilled crawl ended {code}: {said_to_us[-500:]}")
            asked.append(answered(entries(crawl.home)[0]))
            events.append(said(crawl.home))
    return Reference((asked[0], asked[1]), tuple(events))


def new_home(path: Path) -> Path:
    shutil.copytree(DEFINITIONS, path / "sites", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return path


def phase(crawl: Crawl, number: int, kills: int, chance: random.Random, counts: Counts, wanted: Reference) -> None:
    """Crawl one state of the sites with kills on the way, then to the end; count what is wrong."""
    kept: set[Place] = set()
    ended = False
    while kills and not ended:
        kills -= 1
        ended = not kill_one(crawl, chance, counts) or crawl.runs_ended() > number
        kept |= {place(entry) for entry in entries(crawl.home)[0]}
    if not ended:  # a command after the end would be the next run, which asks the lists again
        code, told = crawl.finish()
        if code:
            counts.add("commands that failed", f"exit {code}: {told[-300:]}")
    found, torn = entries(crawl.home)
    for message in torn:
        counts.add("torn members after a restart", message)
    for lost in kept - {place(entry) for entry in found}:
        counts.add("whole records lost", str(lost))
    for record_id, times in Counter(entry.ref.record_id for entry in found).items():
        if times > 1:
            counts.add("records doubled", record_id)
    here, there = answered(found), wanted.answered[number]
    for url in here.keys() | there.keys():
        for _ in range(here[url] - there[url]):
            counts.add("pages fetched again that were on disk", url)
        if there[url] and not here[url]:
            counts.add("pages never fetched", url)
    events = said(crawl.home)
    for event, times in Counter(event[:4] for event in events.elements()).items():
        if times > 1:
            counts.add("events doubled", str(event))
    for one in (events - wanted.said[number]) + (wanted.said[number] - events):
        counts.add("events that differ from those of an unkilled home", str(one[:4]))


def verified(home: Path, counts: Counts) -> None:
    command = [sys.executable, "-m", "crawler", "--home", str(home), "verify", "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        findings = msgspec.json.decode(done.stdout)["findings"] if done.stdout else [done.stderr.decode()[-300:]]
        for finding in findings:
            counts.add("findings of verify", str(finding))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--each", type=int, default=5, help="kills a crawl")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600, help="begin no further home after so long")
    parser.add_argument("--keep", type=Path, help="copy homes with something wrong here")
    given = parser.parse_args()
    chance, counts, homes, began = random.Random(given.seed), Counts(), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        wanted = reference(Path(folder))
        while counts.kills.total() < given.kills and time.monotonic() - began < 60 * given.minutes:
            homes += 1
            before = counts.wrong.total()
            with DemoServer() as server:
                crawl = Crawl(new_home(Path(folder) / f"home{homes}"), server)
                for number, state in enumerate((1, 2)):
                    server.state = state
                    left = given.kills - counts.kills.total()
                    phase(crawl, number, min(given.each, left), chance, counts, wanted)
            verified(crawl.home, counts)
            if counts.wrong.total() > before and given.keep:
                shutil.copytree(crawl.home, given.keep / crawl.home.name)
            shutil.rmtree(crawl.home)
            print(f"\r{counts.kills.total()} kills, {homes} homes", end="", file=sys.stderr, flush=True)
    print(f"\n{counts.kills.total()} kills over {homes} homes, seed {given.seed}, {time.monotonic() - began:.0f} s")
    for kind, times in sorted(counts.kills.items()):
        print(f"{times:>6}  killed at {kind}")
    for name in NAMES:
        example = f"   e.g. {counts.examples[name][:200]}" if name in counts.examples else ""
        print(f"{counts.wrong[name]:>6}  {name}{example}")
    return 1 if counts.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
