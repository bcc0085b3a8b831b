"""Crawl + archive + extract against a bare Scrapy fetch of the same URLs, in one run.

    python -m benchmarks.pipeline [--pairs 5] [--workers N] [--sites N]

Both ask the five demo sites on loopback without delay, one connection a host, in turn (A B A B ...).  The bare fetch
is a Scrapy spider with stock handlers that is told the URLs and does nothing with them: no links, no archive, no
extraction.  Printed: wall seconds, pages/s, CPU seconds of the process tree, peak memory of the tree, and the ratio of
the medians.  Start-up of both is in the figures: with the demo's few hundred pages it is most of them, so
--sites asks that many generated sites of eight other kinds with a hundred articles each instead.
"""

import argparse
import json
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.demo import DEFINITIONS
from tests.demo.server import DemoServer
from tests.farm.kinds import site_of
from tests.farm.model import Answer, Asked
from tests.farm.server import FarmServer
from tests.farm.site import FarmSite

BARE = """
import json, sys
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

class Bare(Spider):
    name = "bare"
    async def start(self):
        for url, host in json.load(open(sys.argv[1])):
            yield Request(url, headers={"Host": host}, meta={"download_slot": host}, dont_filter=True)
    def parse(self, response):
        pass

process = AsyncCrawlerProcess({
    "LOG_ENABLED": False, "ROBOTSTXT_OBEY": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 16,
    "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False, "REDIRECT_ENABLED": False,
})
process.crawl(Bare)
process.start()
"""


@dataclass(frozen=True)
class Measured:
    seconds: float
    cpu: float
    peak: float  # MB, the whole process tree at once


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def resident(pid: int) -> float:
    """Return the proportional set size of a process in MB (shared pages counted once among the processes)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def measure(command: list[str]) -> Measured:
    """Run a command that ends 0, or 1 for findings (the sites are old).  CPU is the kernel's account of it and its children."""
    import os
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as said,  # nobody reads a pipe meanwhile
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, text=True) as process,
    ):
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, sum(resident(pid) for pid in tree(process.pid)))
            time.sleep(0.1)
        if process.returncode not in (0, 1):
            said.seek(0)
            raise SystemExit(f"{command[:4]} ended {process.returncode}: {said.read()[-400:]}")
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.sync()
    return Measured(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak)


FARM = ("wordpress", "dedecms", "pbootcms", "trs", "vsb", "webplus", "zblog", "empirecms")


class Kept:
    """A site of the farm that makes each answer once: its making is not what is measured."""

    def __init__(self, site: FarmSite) -> None:
        self.site, self.host = site, site.host
        self.answers: dict[tuple[str, str, bytes], Answer] = {}

    def respond(self, asked: Asked) -> Answer:
        key = (asked.method, asked.target, asked.body)
        if key not in self.answers:
            self.answers[key] = self.site.respond(asked)
        return self.answers[key]


def farm(count: int, pipe: Connection) -> None:
    """Serve sites of a hundred articles each until the pipe says so (a process of its own)."""
    sites = [site_of(FARM[number % len(FARM)], 100 + number) for number in range(count)]
    for site in sites:
        site.counts = (50, 50)
    with FarmServer(Kept(site) for site in sites) as server:
        pipe.send((server.port, [site.home for site in sites]))
        while pipe.recv() == "asked":
            pipe.send([(hit.host, hit.target) for hit in server.hits])
            server.hits.clear()


@contextmanager
def served(count: int, sites: Path) -> Iterator[tuple[int, Callable[[], list[tuple[str, str]]]]]:
    """Serve the demo or the farm; write the definitions of its sites.

    Yields the port and a function that returns and forgets what was asked: (host, target) in order.
    """
    if not count:
        shutil.copytree(DEFINITIONS, sites, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        with DemoServer() as demo:

            def asked() -> list[tuple[str, str]]:
                found = [(hit.host, hit.path) for hit in demo.hits]
                demo.hits.clear()
                return found

            yield demo.address[1], asked
        return
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=farm, args=(count, theirs))
    process.start()
    port, homes = ours.recv()
    home = sites.parent / "onboarding"
    command = [sys.executable, "-m", "crawler", "--home", str(home), "add", *homes, "--yes", "--delay", "0"]
    done = subprocess.run(
        [*command, "--connect-to", f"::127.0.0.1:{port}"], check=False, capture_output=True, text=True
    )
    if len(list((home / "sites").glob("*.toml"))) != len(homes):
        raise SystemExit(f"onboarding ended {done.returncode}: {done.stderr[-1000:]}")
    shutil.copytree(home / "sites", sites)

    def heard() -> list[tuple[str, str]]:
        ours.send("asked")
        return list(ours.recv())

    try:
        yield port, heard
    finally:
        ours.send("end")
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--sites", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(given.sites, Path(folder) / "sites") as (port, asked):
        work = Path(folder)
        address = f"127.0.0.1:{port}"
        ours = [sys.executable, "-m", "crawler", "--home", str(work / "home"), "crawl", "--full", "--delay", "0"]
        ours += ["--connect-to", f"::{address}"]
        if given.workers:
            ours += ["--workers", str(given.workers)]
        rows: dict[str, list[Measured]] = {"parknews": [], "bare Scrapy": []}
        pages = 0
        for _ in range(given.pairs + 1):  # the first pair warms caches and is not counted
            shutil.rmtree(work / "home", ignore_errors=True)
            shutil.copytree(work / "sites", work / "home" / "sites")
            asked()
            rows["parknews"].append(measure(ours))
            targets = asked()
            pages = len(targets)
            (work / "urls.json").write_text(json.dumps([(f"http://{address}{path}", host) for host, path in targets]))
            (work / "bare.py").write_text(BARE)
            rows["bare Scrapy"].append(measure([sys.executable, str(work / "bare.py"), str(work / "urls.json")]))
            if (answered := len(asked())) != pages:
                raise SystemExit(f"bare Scrapy had {answered} answers, not {pages}")
    print(f"{pages} requests, medians of {given.pairs} pairs")
    print(f"{'':<14}{'wall s':>9}{'pages/s':>10}{'CPU s':>9}{'ms CPU/page':>13}{'peak MB':>10}")
    medians = {}
    for name, measured in rows.items():
        kept = measured[1:]
        seconds, cpu, peak = (
            statistics.median(getattr(one, key) for one in kept) for key in ("seconds", "cpu", "peak")
        )
        medians[name] = (seconds, cpu)
        print(f"{name:<14}{seconds:>9.2f}{pages / seconds:>10.1f}{cpu:>9.2f}{1000 * cpu / pages:>13.1f}{peak:>10.0f}")
    (a, b), (c, d) = medians["parknews"], medians["bare Scrapy"]
    print(f"{'ratio':<14}{a / c:>9.2f}{c / a:>10.2f}{b / d:>9.2f}")


if __name__ == "__main__":
    main()
