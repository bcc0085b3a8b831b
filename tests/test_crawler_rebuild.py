"""rebuild: index, state and views are made again from WARCs, change log and definitions, and are what they were.

A home with three crawls and two states of the demo sites loses them; then the log as well.  Also: what is read does
not depend on the process that reads it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, crawl, parknews, rows, well
from tests.demo.server import DemoServer
from tests.demo.sites import sites

# Tables with their rows named by what they are, not by number.  Left out: moments of our own clock (checked, next_check,
# started, ended, last_run, next_due) and checks, which an edit in the log resets.
URL = "(SELECT site || ' ' || key FROM url WHERE id = {})"
CAPTURE = "(SELECT warc || ' ' || offset FROM capture WHERE id = {})"
TABLES = {
    "warc": "SELECT name, committed, closed FROM warc",
    "run": "SELECT id, command, sites, full FROM run",
    "url": "SELECT site, key, url, method, headers, body, role, host, state, reason, not_before, priority, attempts, run, via, hops, "
    f"list, row_title, row_date, row_source, page, why, {URL.format('u.redirected_to')}, {CAPTURE.format('u.capture')}, etag, "
    "last_modified FROM url u",
    "need": f"SELECT {URL.format('parent')}, {URL.format('child')}, role, rank FROM need",
    "capture": f"SELECT {URL.format('url_id')}, site, url, role, run, at, type, status, mime, warc, offset, length, record_id, digest, "
    "size, truncated, error, refers, list, row_title, row_date, row_source, outcome, sha256 FROM capture c",
    "listed": f"SELECT site, list, url, title, date, position, run, {CAPTURE.format('l.capture')} FROM listed l",
    "item": "SELECT site, id, key, rev, live, seq, digest, published, first_seen, misses, json FROM item",
    "alias": "SELECT site, url, id FROM alias",
    "origin": f"SELECT name, robots, robots_status, robots_at, {CAPTURE.format('robots_capture')} FROM origin",
    "host": "SELECT name, not_before, day, requests FROM host",
    "site": "SELECT name, note FROM site",
    "finding": "SELECT site, kind, detail FROM finding",
    "meta": "SELECT key, value FROM meta WHERE key IN ('schema', 'seq', 'log')",
}


def state(home: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    return {name: Counter(rows(home, sql)) for name, sql in TABLES.items()}


def snapshot(home: Path) -> dict[tuple[str, str], Any]:
    items = json.loads(well(home, "snapshot").out)["items"]
    return {(item["_parknews"]["site"], item["id"]): item for item in items}


def index(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home / "index").glob("*.cdxj")}


@pytest.fixture(scope="module")
def thrice(first_crawl: Path, demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a crawl of state 1 and two of state 2."""
    home = Path(shutil.copytree(first_crawl, tmp_path_factory.mktemp("thrice") / "home"))
    demo_server.state = 2
    for _ in range(2):
        crawl(home, demo_server.connect_to)
    demo_server.state = 1
    return home


@pytest.fixture
def copy(thrice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(thrice, tmp_path / "home"))


def lose(home: Path, *, log: bool = False) -> None:
    """Delete what can be made again; log: the change log as well."""
    shutil.rmtree(home / "index")
    for path in home.glob("state.sqlite*"):
        path.unlink()
    (home / "feed" / "feed.json").unlink()
    shutil.rmtree(home / "feed" / "schema")
    if log:
        shutil.rmtree(home / "feed" / "changes")


def agree(home: Path) -> None:
    done = parknews(home, "verify")
    assert (done.code, "all agree" in done.err) == (0, True), done.err[-3000:]


def test_rebuild_gives_the_same_state_index_and_views(thrice: Path, copy: Path) -> None:
    views = {path.name: path.read_bytes() for path in (thrice / "feed").rglob("*.json")}
    lose(copy)
    well(copy, "rebuild")
    before, after = state(thrice), state(copy)
    for table in TABLES:
        assert before[table] - after[table] == Counter(), f"{table}: lost"
        assert after[table] - before[table] == Counter(), f"{table}: invented"
    assert index(copy) == index(thrice)
    assert {path.name: path.read_bytes() for path in (copy / "feed").rglob("*.json")} == views
    agree(copy)
    for path in (thrice / "feed" / "changes").iterdir():
        assert (copy / "feed" / "changes" / path.name).read_bytes() == path.read_bytes()


def test_crawl_goes_on_after_a_rebuild_as_if_nothing_had_happened(demo: DemoServer, copy: Path) -> None:
    lose(copy)
    well(copy, "rebuild")
    rebuilt = state(copy)
    well(copy, "rebuild")
    assert state(copy) == rebuilt, "a second rebuild changes nothing"
    seq = len(well(copy, "changes").lines)
    demo.state = 2
    crawl(copy, demo.connect_to)
    assert len(well(copy, "changes").lines) == seq
    assert {hit.status for hit in demo.hits} == {304}
    agree(copy)


def test_without_a_log_the_same_items_come_under_a_new_uuid(thrice: Path, copy: Path) -> None:
    lose(copy, log=True)
    well(copy, "rebuild")
    assert snapshot(copy) == snapshot(thrice)
    old, new = well(thrice, "changes").lines, well(copy, "changes").lines
    assert {event["log"] for event in new} & {event["log"] for event in old} == set()
    assert [event["seq"] for event in new] == list(range(1, len(new) + 1))

    def said(events: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
        return Counter(
            (one["site"], one["id"], one["op"], one["rev"], one["cause"], one["reason"], one["backfill"], tuple(one["changed"]),
             json.dumps(one["evidence"]), json.dumps(one["item"]))
            for one in events
        )  # fmt: skip

    assert said(old) - said(new) == Counter()
    assert said(new) - said(old) == Counter()
    agree(copy)


def test_rebuild_makes_good_a_state_that_is_no_database(copy: Path) -> None:
    (copy / "state.sqlite").write_bytes(b"no database\n" * 1000)
    for name in ("state.sqlite-wal", "state.sqlite-shm"):
        (copy / name).unlink(missing_ok=True)
    done = parknews(copy, "crawl", "--connect-to", "::127.0.0.1:9")
    assert done.code == 3
    assert "rebuild" in done.err
    assert len(done.err.splitlines()) == 1
    well(copy, "rebuild")
    agree(copy)


def test_what_was_wrong_before_a_rebuild_is_wrong_after_it_and_is_no_news(copy: Path) -> None:
    done = parknews(copy, "crawl", "kjt", "--connect-to", "::127.0.0.1:9", "--delay", "0")
    assert done.code == 1
    (before,) = [
        one
        for one in json.loads(parknews(copy, "status", "--since", "0m", "--json").out)["findings"]
        if one["site"] == "kjt"
    ]
    assert (before["kind"], before["new"]) == ("list-failed", True)
    assert "nobody answers" in before["detail"]
    lose(copy)
    well(copy, "rebuild")
    (after,) = [
        one
        for one in json.loads(parknews(copy, "status", "--since", "0m", "--json").out)["findings"]
        if one["site"] == "kjt"
    ]
    assert (after["kind"], after["detail"], after["new"]) == ("list-failed", before["detail"], False)


def test_rebuild_waits_for_nobody_and_says_who_uses_the_home(demo: DemoServer, copy: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "crawler",
        "--home",
        str(copy),
        "crawl",
        "--connect-to",
        demo.connect_to,
        "--delay",
        "0.5",
    ]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not demo.hits and process.poll() is None:
                pass
            done = parknews(copy, "rebuild")
            assert done.code == 4
            assert len(done.err.splitlines()) == 1
        finally:
            process.kill()


def test_reading_does_not_depend_on_the_process_that_reads(tmp_path: Path) -> None:
    """Sets of strings come in another order in each process; an item read again must not look changed."""
    lines = []
    for site in sites().values():
        for article in site.articles()[::3]:
            path = tmp_path / f"{site.name}-{article.number}.html"
            path.write_bytes(site.answers[article.path].body)
            lines.append(json.dumps({"html": str(path), "url": site.url(article.path)}))
    found = []
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-m", "crawler", "extract", "--jsonl"], cwd=ROOT, input="\n".join(lines), capture_output=True,
            text=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed},
        )  # fmt: skip
        read = [json.loads(line) for line in done.stdout.splitlines()]
        for item in read:
            item.pop("ms")
            item["_parknews"].pop("first_seen")
        found.append(read)
    assert len(found[0]) == len(lines) > 70
    assert found[0] == found[1]
