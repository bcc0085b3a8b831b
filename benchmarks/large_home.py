"""Crawls in ever larger homes: what other sites have left must not be read again.

    python -m benchmarks.large_home [--captures 600000]

Four sites of the farm are added and crawled; then their rows in the state are copied under other names until it holds
that many captures, with the items, rows of lists and addresses that go with them.  Printed: seconds and CPU of
`parknews crawl` of the four sites and of `status`, the least of three, of the first crawl of one more site, once, and the
ratio to the small home.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archive.state import State
from benchmarks.pipeline import Measured, measure
from tests.farm.kinds import site_of
from tests.farm.server import FarmServer
from tests.farm.site import FarmSite

SITES = ("wordpress", "trs", "vsb", "pbootcms")
COPIED = ("item", "listed", "alias", "url", "capture")
OWN = {"capture": {"id", "site", "warc"}, "url": {"id", "site"}}  # columns that are not copied as they are


def new_home(home: Path, reach: list[str]) -> None:
    run(home, "init", "--operator", "Benchmark", "--contact", "bench@benchmark.example")
    run(home, "add", "--yes", *(site_of(kind).home for kind in SITES), *reach)
    run(home, "crawl", "--full", *reach)


def run(home: Path, *words: str) -> None:
    done = subprocess.run(command(home, *words), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{words[0]} ended {done.returncode}: {done.stderr[-400:]}")


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "crawler", "--home", str(home), *words]


def enlarge(home: Path, names: list[str], captures: int) -> int:
    """Copy the definitions and all rows under other names until there are so many captures; return how many there are."""
    with closing(State(home / "state.sqlite")) as state, state.transaction() as db:
        done = len(list((home / "sites").glob("*.toml"))) // len(names)
        own = f"site IN ({', '.join(repr(name) for name in names)})"
        each = state.one(f"SELECT count(*) FROM capture WHERE {own}")
        for copy in range(done, captures // each):
            for name in names:
                shutil.copy(home / "sites" / f"{name}.toml", home / "sites" / f"{name}_{copy}.toml")
            for table in COPIED:
                skipped = OWN.get(table, {"site"})
                kept = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in skipped]
                columns = ", ".join(kept)
                warc = (", warc", f", warc || '.{copy}'") if table == "capture" else ("", "")
                db.execute(
                    f"INSERT INTO {table}(site, {columns}{warc[0]}) SELECT site || '_{copy}', {columns}{warc[1]} "
                    f"FROM {table} WHERE {own}"
                )
        return int(state.one("SELECT count(*) FROM capture"))


def measured(home: Path, names: list[str], one_more: FarmSite, reach: list[str]) -> Iterator[tuple[str, Measured]]:
    for words in (["crawl", *names, *reach], ["status"]):
        yield words[0], min((measure(command(home, *words)) for _ in range(3)), key=lambda one: one.seconds)
    name = f"more{one_more.host.split('.')[1]}"
    run(home, "add", "--yes", "--name", name, one_more.home, *reach)
    yield "first crawl", measure(command(home, "crawl", "--full", name, *reach))
    (home / "sites" / f"{name}.toml").unlink()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_home", description=__doc__)
    parser.add_argument("--captures", type=int, default=600_000)
    captures = parser.parse_args().captures
    more = [site_of("wordpress", number) for number in range(1, 4)]
    with tempfile.TemporaryDirectory() as folder, FarmServer([*map(site_of, SITES), *more]) as server:
        home, reach = Path(folder) / "home", ["--connect-to", server.connect_to, "--delay", "0"]
        new_home(home, reach)
        names = sorted(path.stem for path in (home / "sites").glob("*.toml"))
        first: dict[str, Measured] = {}
        print(f"{'captures':>10} {'command':12} {'seconds':>8} {'CPU':>8} {'ratio':>6}")
        for wanted, one_more in zip((0, captures // 6, captures), more, strict=True):
            there = enlarge(home, names, wanted)
            for name, found in measured(home, names, one_more, reach):
                ratio = found.seconds / first.setdefault(name, found).seconds
                print(f"{there:>10} {name:12} {found.seconds:8.2f} {found.cpu:8.2f} {ratio:6.2f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
