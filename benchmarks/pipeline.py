"""Crawl + archive + extract against a bare Scrapy fetch of the same URLs, in one run.

    python -m benchmarks.pipeline [--pairs 5] [--workers N]

Both ask the five demo sites on loopback without delay, one connection a host, in turn (A B A B ...).  The bare fetch
is a Scrapy spider with stock handlers that is told the URLs and does nothing with them: no links, no archive, no
extraction.  Printed: wall seconds, pages/s, CPU seconds of the process tree, peak memory of the tree, and the ratio of
the medians.  Start-up of both is in the figures.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.demo import DEFINITIONS
from tests.demo.server import DemoServer

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
    """Run a command; CPU is the kernel's own account of it and its reaped children."""
    import os
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, sum(resident(pid) for pid in tree(process.pid)))
            time.sleep(0.1)
        if process.returncode:
            raise SystemExit(
                f"{command[:4]} ended {process.returncode}: {process.stderr and process.stderr.read()[-400:]}"
            )
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.sync()
    return Measured(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, DemoServer() as sites:
        work = Path(folder)
        ours = [
            sys.executable,
            "-m",
            "crawler",
            "--home",
            str(work / "home"),
            "crawl",
            "--connect-to",
            sites.connect_to,
            "--delay",
            "0",
        ]
        if given.workers:
            ours += ["--workers", str(given.workers)]
        rows: dict[str, list[Measured]] = {"parknews": [], "bare Scrapy": []}
        pages = 0
        for _ in range(given.pairs + 1):  # the first pair warms caches and is not counted
            shutil.rmtree(work / "home", ignore_errors=True)
            shutil.copytree(DEFINITIONS, work / "home" / "sites", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
            sites.hits.clear()
            rows["parknews"].append(measure(ours))
            asked = [(hit.host, hit.path) for hit in sites.hits]
            pages = len(asked)
            (work / "urls.json").write_text(
                json.dumps([(f"http://{sites.address}{path}", host) for host, path in asked])
            )
            (work / "bare.py").write_text(BARE)
            rows["bare Scrapy"].append(measure([sys.executable, str(work / "bare.py"), str(work / "urls.json")]))
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
