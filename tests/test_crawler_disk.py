"""A disk that is full or fails: the crawl ends 3 with one line that names the file, nothing is left half-written, and the
same command goes on.

The faults are the kernel's own: a limit on file sizes (write(2) is short, then fails), /dev/full in the place of a file,
SQLite's limit on pages.  Only the change log's is put in by a write of ours that is short once and fails then.
"""

import json
import os
import random
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.reader import scan
from tests.conftest import ROOT, Ended, altered, command, crawl_log, new_home, parknews, routed, rows, site, well
from tests.demo import DEFINITIONS
from tests.demo.server import DemoServer
from tests.servers import Play, Plays, ScriptedServer, answer, listing, page

HOST = "full.example"
SIZE = 2_500_000  # bytes that a file may grow to
NOISE = random.Random(3).randbytes


def article(number: int, size: int) -> dict[str, Plays]:
    """Return an article with an attachment of `size` bytes that no compression makes smaller."""
    link = f'附件：<a href="/file/{number}.zip">材料{number}.zip</a>'
    return {
        f"/art/{number}.html": Play(answer(page(f"第{number}号通告", "园区今日发布通告，全文见附件。" * 8, link))),
        f"/file/{number}.zip": Play(answer(NOISE(size), "Content-Type: application/zip")),
    }


def park(*sizes: int) -> dict[str, Plays]:
    """Return a site of articles with an attachment each, of so many bytes."""
    links = [(f"/art/{number}.html", f"第{number}号通告") for number in range(len(sizes))]
    script: dict[str, Plays] = {
        "/list/": Play(answer(listing("通告", links))),
        "/": Play(answer(page("首页", "园区首页。" * 20))),
    }
    for number, size in enumerate(sizes):
        script |= article(number, size)
    return script


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def limited(home: Path, *arguments: str) -> Ended:
    """Run a command none of whose files may grow over SIZE."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    done = subprocess.run(
        command(home, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, preexec_fn=limit
    )
    return Ended(done.returncode, done.stderr, done.stdout)


def said_once(ended: Ended, name: str) -> None:
    """Check that a crawl ended 3, with one line that names the file and what would do."""
    assert ended.code == 3, ended.err
    lines = [line for line in ended.err.splitlines() if line.strip()]
    assert [line for line in lines if line.startswith("parknews: ")] == lines[-1:], ended.err
    assert not any("Traceback" in line or line.startswith(("ERROR", "CRITICAL")) for line in lines), ended.err
    assert name in lines[-1], ended.err
    assert "the same command again" in lines[-1]


def whole(home: Path) -> None:
    """Check that no file of a home is half-written: WARCs end with a record, logs with a line; no draft is left."""
    for path in (home / "warc").iterdir():
        assert path.name.endswith(".warc.gz"), path.name
        assert list(scan(path)), path.name
    for path in [*(home / "log").glob("*.crawl.log"), *(home / "feed" / "changes").glob("*.jsonl")]:
        assert path.is_symlink() or path.read_bytes()[-1:] in (b"", b"\n"), path.name
    assert not list(home.rglob("*.tmp*"))


def archived(home: Path) -> set[str]:
    """Return the paths whose answers are in a WARC."""
    found = [entry for path in (home / "warc").glob("*.warc.gz") for entry in scan(path)]
    return {
        (entry.headers.uri("WARC-Target-URI") or "").partition(HOST)[2]
        for entry in found
        if entry.ref.type in ("response", "revisit") and "WARC-Truncated" not in str(entry.headers)
    }


def goes_on(home: Path, server: ScriptedServer) -> None:
    """Check that the same command, with room again, asks for nothing that is archived and brings what was missing."""
    there, before = archived(home), len(server.heard)
    well(home, "crawl", *routed(server.connect_to))
    again = server.paths()[before:]
    assert there.isdisjoint(again)
    assert sorted(set(again) | there) == sorted([*server.script, "/robots.txt"])
    items = [json.loads(data) for (data,) in rows(home, "SELECT json FROM item")]
    wanted = sorted(path for path in server.script if path.startswith("/art/"))
    assert sorted(item["url"].partition(HOST)[2] for item in items) == wanted
    assert {one["state"] for item in items for one in item["attachments"]} == {"ok"}
    (log,) = (home / "feed" / "changes").iterdir()
    assert log.read_bytes().count(b"\n") == len(items)
    well(home, "verify")


def test_warc_that_cannot_grow_ends_at_its_last_whole_record(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = park(*[700_000] * 6)
    site(tmp_path, "full", HOST)
    ended = limited(tmp_path, "crawl", *routed(server.connect_to))
    said_once(ended, ".warc.gz.open: File too large")
    whole(tmp_path)
    (warc,) = (tmp_path / "warc").iterdir()
    assert 700_000 < warc.stat().st_size <= SIZE
    goes_on(tmp_path, server)


def test_answer_too_long_for_what_is_left_of_the_disk_is_not_taken_for_a_cut_one(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.script = park(1000, 2 * SIZE, 2000, 3000)
    site(tmp_path, "full", HOST)
    ended = limited(tmp_path, "crawl", *routed(server.connect_to))
    said_once(ended, f"{tmp_path / 'warc'}: File too large")
    whole(tmp_path)
    assert rows(tmp_path, "SELECT state FROM url WHERE url LIKE '%/file/1.zip'") == [("pending",)]
    goes_on(tmp_path, server)


# ------------------------------------------------------------------------------------------------------- other files
SHORT_LOG = """
    import errno, os, random
    write, left = os.write, [{bytes}]
    def short(handle, data):
        if os.readlink(f"/proc/self/fd/{{handle}}").endswith(".jsonl"):
            if len(data) > left[0]:
                count, left[0] = write(handle, bytes(data)[: left[0]]) if left[0] else 0, 0
                if count:
                    return count
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left[0] -= len(data)
        return write(handle, data)
    os.write = short
"""
NO_PAGES = """
    from archive.state import State
    begin = State.__init__
    def init(self, path):
        begin(self, path)
        self.db.execute("PRAGMA max_page_count = {pages}")
    State.__init__ = init
"""
FULL_INDEX = """
    import os, crawler.tape as tape
    write = tape.write_index
    def full(warc, directory):
        os.symlink("/dev/full", directory / f"{warc.name}.cdxj.{os.getpid()}.tmp")
        return write(warc, directory)
    tape.write_index = full
"""
FULL_VIEW = """
    import os, crawler.views as views
    write = views.replace
    def full(path, data):
        os.symlink("/dev/full", path.with_name(f"{path.name}.{os.getpid()}.tmp"))
        return write(path, data)
    views.replace = full
"""
FULL_MANIFEST = """
    import os, archive.manifest as manifest
    write = manifest.written_whole
    def full(path):
        os.symlink("/dev/full", path.with_name(f"{path.name}.{os.getpid()}.tmp"))
        return write(path)
    manifest.written_whole = full
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home", DEFINITIONS / "yd.toml")


@pytest.fixture(scope="session")
def undisturbed(first_crawl: Path) -> dict[str, str]:
    """What a crawl says of the articles of one demo site."""
    return said(first_crawl)


def said(home: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    lines = [line for path in sorted((home / "feed" / "changes").iterdir()) for line in path.read_text().splitlines()]
    for event in map(json.loads, lines):
        if event["site"] != "yd":
            continue
        assert event["id"] not in found, "an event is doubled"
        event["item"]["_parknews"].pop("first_seen")
        found[event["id"]] = json.dumps(event["item"], sort_keys=True)
    return found


def fails_and_goes_on(
    small: Path, demo: DemoServer, lines: str, name: str, undisturbed: dict[str, str], mend: Callable[[], object] = bool
) -> None:
    program = altered(small.parent / "program.py", lines)
    said_once(parknews(small, "crawl", *routed(demo.connect_to), program=program), name)
    whole(small)
    mend()
    before = len(demo.hits)
    there = {
        entry.headers.uri("WARC-Target-URI")
        for path in (small / "warc").glob("*.warc.gz")
        for entry in scan(path)
        if entry.ref.type in ("response", "revisit")
    }
    well(small, "crawl", *routed(demo.connect_to))
    ended = rows(small, "SELECT count(*) FROM run WHERE ended IS NOT NULL")
    if ended == [(1,)]:  # the run went on; after a run that had ended this is the next one, which looks at lists again
        assert there.isdisjoint(f"http://{hit.host}{hit.path}" for hit in demo.hits[before:])
    assert said(small) == undisturbed
    well(small, "verify")
    whole(small)


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "size", [3000, *(pytest.param(size, marks=SLOW) for size in (0, 1, 9000, 20_000, 55_000, 90_000))]
)
def test_change_log_that_cannot_grow_has_no_half_line(
    small: Path, demo: DemoServer, undisturbed: dict[str, str], size: int
) -> None:
    fails_and_goes_on(small, demo, SHORT_LOG.format(bytes=size), ".jsonl: No space left on device", undisturbed)


@pytest.mark.parametrize("pages", [60, *(pytest.param(pages, marks=SLOW) for pages in (36, 40, 48, 72, 80, 88, 100))])
def test_state_that_cannot_grow_is_rolled_back(
    small: Path, demo: DemoServer, undisturbed: dict[str, str], pages: int
) -> None:
    name = "state.sqlite: database or disk is full"
    fails_and_goes_on(small, demo, NO_PAGES.format(pages=pages), name, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (FULL_INDEX, ".cdxj: No space left on device"),
        (FULL_VIEW, "feed.json: No space left on device"),
        (FULL_MANIFEST, ".sha256: No space left on device"),
    ],
)
def test_index_view_and_manifest_are_whole_or_not_there(
    small: Path, demo: DemoServer, undisturbed: dict[str, str], lines: str, name: str
) -> None:
    fails_and_goes_on(small, demo, lines, name, undisturbed)


@pytest.mark.slow
def test_crawl_log_that_cannot_be_written_ends_the_crawl(
    small: Path, demo: DemoServer, undisturbed: dict[str, str]
) -> None:
    path = small / "log" / "000001.crawl.log"
    path.parent.mkdir()
    path.symlink_to("/dev/full")
    fails_and_goes_on(small, demo, "", ".crawl.log: No space left on device", undisturbed, path.unlink)
    assert all(len(fields) == 12 for fields in crawl_log(small))


def test_state_that_is_no_database_says_how_to_make_it_again(small: Path, demo: DemoServer) -> None:
    (small / "state.sqlite").write_bytes(os.urandom(5000))
    ended = parknews(small, "crawl", *routed(demo.connect_to))
    assert (ended.code, len(ended.err.splitlines())) == (3, 1)
    assert "state.sqlite: file is not a database: delete it and run `parknews rebuild`" in ended.err
