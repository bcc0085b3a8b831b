"""Hundreds of sites by `add --from FILE`, killed in the middle and started again -> what the servers saw, and the summary.

    python -m benchmarks.onboard_many [--sites 500] [--delay 0.2] [--broken 0.15] [--seed 1]

Sites of all kinds of the farm (tests/farm) on one loopback server, some of them blocked or broken.  The command is
killed with SIGKILL when half of the definitions are written; then the same command runs to its end.  Printed: the
summary against what each site is; requests, gaps and budgets as the server's own log has them; what was asked again
after the kill; the articles that the written definitions lead to, against truth; time and memory.  No other crawler
onboards a site from its URL, so there is no peer beside it.  Exit 1 when something is not as it must be.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from spiders.cms.adapter import Ask
from spiders.probe import Answer, identity
from spiders.site import Site, load_all
from tests.farm.broken import WAYS, Broken
from tests.farm.found import walked
from tests.farm.kinds import KINDS, site_of
from tests.farm.model import Asked
from tests.farm.server import FarmServer, Hit
from tests.farm.site import FarmSite

BUDGET = 60  # requests that onboarding may make of a site
BESIDE = 3  # robots.txt, and its redirects
PATIENCE = 3600.0  # seconds that a command may take
EARLY = 0.02  # seconds that a timer of the client or a thread of the server may be off
GOOD = ("ok", "partial")


@dataclass
class Report:
    """What one trial came to.

    said: by what a site is ("site", "blocked", "failed") how often `add` said what.  wrong: what is not as it must be,
    with an example each.  gaps: shortest time between two requests to each host, seconds.
    """

    sites: int
    delay: float
    said: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[str, list[int]] = field(default_factory=dict)  # start -> requests a host
    gaps: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    before_kill: int = 0
    memory: int = 0  # bytes, of the larger process
    wanted: int = 0
    found: int = 0
    false: int = 0


def crowd(count: int, broken: float, seed: int) -> list[FarmSite | Broken]:
    """Return sites of all kinds in turn, in random order; a share of them blocked or broken."""
    bad = round(count * broken)
    kinds, ways = list(KINDS), list(WAYS)
    good: list[FarmSite | Broken] = [site_of(kinds[n % len(kinds)], n // len(kinds)) for n in range(count - bad)]
    made = good + [Broken(ways[n % len(ways)], n // len(ways)) for n in range(bad)]
    random.Random(seed).shuffle(made)
    return made


def trial(count: int, delay: float, broken: float, seed: int, folder: Path) -> Report:
    """Add a crowd of sites, kill the command once, start it again, and hold all against the server's log."""
    sites = crowd(count, broken, seed)
    report = Report(count, delay)
    home, file = folder / "home", folder / "sites.txt"
    file.write_text("# the crowd\n" + "".join(f"{site.home}\n" for site in sites), encoding="utf-8")
    _run(home, "init", "--operator", "Benchmark", "--contact", "benchmark@farm.example")
    with FarmServer(sites) as farm:
        words = ("add", "--from", str(file), "--yes", "--json", "--delay", str(delay), "--timeout", "4", "--connect-to", farm.connect_to)  # fmt: skip
        began = time.monotonic()
        report.before_kill = _killed(home, words, round(count * (1 - broken)) // 2)
        report.seconds["until the kill"] = time.monotonic() - began
        first, done = list(farm.hits), {site.host for site in load_all(home / "sites").values()}
        time.sleep(1)  # what was on its way
        cut, began = len(farm.hits), time.monotonic()
        ended = _run(home, *words)
        report.seconds["after it"] = time.monotonic() - began
        second = list(farm.hits)[cut:]
    report.memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if ended.returncode != 1:  # some could not be added
        report.wrong["exit"].append(f"{ended.returncode}: {ended.stderr[-500:]}")
        return report
    said = {urlsplit(one["url"]).hostname: one for one in json.loads(ended.stdout)}
    _judge_summary(report, sites, {str(host): str(one["status"]) for host, one in said.items()})
    _judge_requests(report, first, second, done)
    _judge_definitions(report, sites, load_all(home / "sites"))
    return report


def _run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "crawler", "--home", str(home), *words], capture_output=True, text=True, check=False, timeout=PATIENCE)  # fmt: skip


def _killed(home: Path, words: tuple[str, ...], enough: int) -> int:
    """Start the command, kill it when so many definitions are there; return how many were."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "--home", str(home), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        began = time.monotonic()
        while (
            process.poll() is None
            and time.monotonic() - began < PATIENCE
            and len(list((home / "sites").glob("*.toml"))) < enough
        ):
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    return len(list((home / "sites").glob("*.toml")))


def _judge_summary(report: Report, sites: list[FarmSite | Broken], said: dict[str, str]) -> None:
    for site in sites:
        status = said.get(site.host, "nothing")
        expected = site.status if isinstance(site, Broken) else "site"
        report.said[expected][status] += 1
        if status != expected and (expected != "site" or status not in GOOD):
            report.wrong[f"said {status} of {expected}"].append(site.host)


def _judge_requests(report: Report, first: list[Hit], second: list[Hit], done: set[str]) -> None:
    for name, hits in (("until the kill", first), ("after it", second)):
        counts = Counter(hit.host for hit in hits)
        report.requests[name] = sorted(counts.values())
        for host, count in counts.items():
            if count > BUDGET + BESIDE:
                report.wrong["above the budget"].append(f"{host}: {count} {name}")
        times: dict[str, list[float]] = defaultdict(list)
        for hit in hits:
            times[hit.host].append(hit.time)
        for host, moments in times.items():
            shortest = min((after - before for before, after in pairwise(moments)), default=None)
            if shortest is not None:
                report.gaps.append(shortest)
                if shortest < report.delay * 0.5 - EARLY:  # the delay varies by half
                    report.wrong["sooner than the delay"].append(f"{host}: {shortest:.3f} s {name}")
    again = Counter(hit.host for hit in second if hit.host in done)
    for host, count in again.items():
        report.wrong["asked again although finished"].append(f"{host}: {count}")


def _judge_definitions(report: Report, sites: list[FarmSite | Broken], written: dict[str, Site]) -> None:
    """Walk the lists of each definition in memory and compare the rows with what the site holds."""
    by_host = {site.host: site for site in written.values()}
    for site in sites:
        if isinstance(site, Broken):
            if site.host in by_host:
                report.wrong["definition of nothing"].append(site.host)
            continue
        truth = site.truth()
        wanted = {identity(site.home, url) for url in truth.articles}
        report.wanted += len(wanted)
        if site.host not in by_host:
            continue
        optional = {identity(site.home, url) for url in truth.optional}
        rows = set(walked(by_host[site.host], partial(_answer, site)).rows) - optional
        report.found += len(rows & wanted)
        report.false += len(rows - wanted)
        if rows != wanted:
            report.wrong["definitions that miss or invent"].append(
                f"{site.host}: {len(wanted - rows)} missing, {len(rows - wanted)} false"
            )


def _answer(site: FarmSite, ask: Ask) -> Answer:
    parts = urlsplit(ask.url)
    headers = {name.lower(): value for name, value in ask.headers}
    made = site.respond(Asked(site.host, ask.method, parts.path or "/", parts.query, ask.body, headers))
    return Answer(ask.url, made.status, (("Content-Type", made.mime), *made.headers), made.body)


def print_report(report: Report) -> None:
    print(f"{report.sites} sites of {len(KINDS)} kinds, delay {report.delay} s, killed once\n")
    print(f"{'a site is':<12}{'ok':>6}{'partial':>9}{'blocked':>9}{'failed':>8}{'other':>7}")
    for expected, counts in sorted(report.said.items()):
        known = [counts[name] for name in ("ok", "partial", "blocked", "failed")]
        print(f"{expected:<12}{known[0]:>6}{known[1]:>9}{known[2]:>9}{known[3]:>8}{counts.total() - sum(known):>7}")
    print(f"\n{'':<16}{'seconds':>9}{'requests':>10}{'hosts':>7}{'median':>8}{'most a host':>13}")
    for name, hosts in report.requests.items():
        middle, most = (hosts[len(hosts) // 2], hosts[-1]) if hosts else (0, 0)
        print(f"{name:<16}{report.seconds[name]:>9.0f}{sum(hosts):>10}{len(hosts):>7}{middle:>8}{most:>13}")
    print(f"\ndefinitions at the kill           {report.before_kill}")
    print(
        f"shortest gap between two requests {min(report.gaps, default=0):.3f} s (delay {report.delay} s, half of it at least)"
    )
    print(f"articles the definitions lead to  {report.found} of {report.wanted} ({report.found / max(1, report.wanted):.4f}), {report.false} false")  # fmt: skip
    print(f"memory of the command             {report.memory / 2**20:.0f} MB at most")
    for name, examples in report.wrong.items():
        print(f"WRONG {name}: {len(examples)}, for example {'; '.join(examples[:12])}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--delay", type=float, default=0.2)
    parser.add_argument("--broken", type=float, default=0.15)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = trial(given.sites, given.delay, given.broken, given.seed, Path(folder))
    print_report(report)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
