"""What the tests of the crawler room share: the demo server, homes, and `parknews` as a process of its own."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import Chromium, find_chromium
from tests.demo.server import DemoServer
from tests.showing import needed

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = ROOT / "tests" / "demo" / "definitions"


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, what it said to people, what it said to programs."""

    code: int
    err: str
    out: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """JSON Lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(home: Path, *arguments: str, program: Path | None = None) -> list[str]:
    """Return the words that run `parknews` from this checkout in this environment.

    program: a script of `altered` that runs it with something in it changed.
    """
    start = [str(program)] if program else ["-m", "crawler"]
    return [sys.executable, *start, "--home", str(home), *arguments]


def parknews(
    home: Path, *arguments: str, stdin: str = "", timeout: float = 120, program: Path | None = None, **environment: str
) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        command(home, *arguments, program=program), cwd=ROOT, input=stdin, capture_output=True, text=True,
        timeout=timeout, check=False, env=os.environ | environment,
    )  # fmt: skip
    return Ended(done.returncode, done.stderr, done.stdout)


def well(home: Path, *arguments: str, stdin: str = "", timeout: float = 120) -> Ended:
    """Run a command that must end well."""
    done = parknews(home, *arguments, stdin=stdin, timeout=timeout)
    assert done.code == 0, f"{arguments}: exit {done.code}\n{done.err[-3000:]}"
    return done


def routed(*routes: str) -> list[str]:
    """Return the switches of a crawl without delay over `--connect-to` routes."""
    return [*(word for route in routes for word in ("--connect-to", route)), "--delay", "0"]


def crawl(home: Path, *routes: str, more: Sequence[str] = (), timeout: float = 120) -> Ended:
    """Crawl without delay over `--connect-to` routes; must end well."""
    return well(home, "crawl", *routed(*routes), *more, timeout=timeout)


def altered(path: Path, lines: str) -> Path:
    """Write a script that runs `parknews` after `lines` have changed something in it: a fault that tests need.

    The lines run in the reading processes too.
    """
    path.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{textwrap.dedent(lines)}\n"
        'if __name__ == "__main__":\n    from crawler.cli import main\n    sys.exit(main())\n'
    )
    return path


def rows(home: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Ask the state of a home."""
    with closing(sqlite3.connect(home / "state.sqlite")) as db:
        return db.execute(sql, values).fetchall()


def crawl_log(home: Path) -> list[list[str]]:
    """Return the fields of all crawl.log lines."""
    return [
        line.split() for path in sorted((home / "log").glob("*.crawl.log")) for line in path.read_text().splitlines()
    ]


def site(home: Path, name: str, host: str, *lines: str, lists: Sequence[str] = ("/list/",)) -> None:
    """Write a definition of a site at http://HOST/ with generic lists.  lines: further TOML before them."""
    text = [f'url = "http://{host}/"', "since = 2019-01-01", *lines]
    text += [f'[[list]]\nurl = "http://{host}{path}"' for path in lists]
    (home / "sites").mkdir(parents=True, exist_ok=True)
    (home / "sites" / f"{name}.toml").write_text("\n".join(text) + "\n", encoding="utf-8")


def new_home(root: Path, *definitions: Path) -> Path:
    """Make a home with site definitions (default: those of the demo sites)."""
    (root / "sites").mkdir(parents=True)
    for path in definitions or sorted(DEFINITIONS.glob("*.toml")):
        shutil.copy(path, root / "sites")
    return root


@pytest.fixture(scope="session")
def demo_server() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def demo(demo_server: DemoServer) -> DemoServer:
    """The demo sites in state 1 with an empty access log."""
    demo_server.state = 1
    demo_server.hits.clear()
    return demo_server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A new home with the definitions of the demo sites."""
    return new_home(tmp_path / "home")


@pytest.fixture(scope="session")
def first_crawl(demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one crawl of the demo sites; tests look at it, or work on a copy (`crawled`)."""
    demo_server.state = 1
    root = new_home(tmp_path_factory.mktemp("crawled") / "home")
    crawl(root, demo_server.connect_to)
    return root


@pytest.fixture
def crawled(first_crawl: Path, tmp_path: Path) -> Path:
    """A copy of the crawled home."""
    return Path(shutil.copytree(first_crawl, tmp_path / "home"))


@pytest.fixture(scope="module")
def browser(demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser for which the live demo sites are the demo server: what leaks from replay is seen there."""
    program = find_chromium()
    needed(program, "no Chromium: apt-get install chromium")
    assert program is not None
    rule = f"MAP *.demo.example 127.0.0.1:{demo_server.port}"
    with Chromium(program, tmp_path_factory.mktemp("chromium"), rule) as browser:
        yield browser


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, as the authorities of no browser made it."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=wire.example"
    key = path.with_suffix(".key")
    subprocess.run([*words.split(), "-keyout", str(key), "-out", str(path)], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path
