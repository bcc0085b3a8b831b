"""`parknews import`: what wget, warcprox and others captured is read like our own, shows in replay and changes nothing else."""

import contextlib
import gzip
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b32encode
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.lock import hold
from archive.paths import Home, is_imported
from archive.reader import scan
from archive.replay import Replay
from pipelines.feed import ChangeLog
from pipelines.item import Event
from tests.conftest import DEFINITIONS, crawl, new_home, parknews, rows, well
from tests.demo.score import score
from tests.demo.server import DemoServer
from tests.servers import Play, ScriptedServer, answer, chunked, head, listing, page
from tests.showing import free_port
from tests.test_archive_foreign import members, record

DATED = re.compile(rb"WARC-Date: (\S+)")
KJT = DEFINITIONS / "kjt.toml"
WGET = shutil.which("wget")
PARK = """
title = "演示园区"
url = "http://www.park.example/"
since = 2015-01-01
[[list]]
url = "http://www.park.example/news/"
"""


def mirror(server: DemoServer, name: str, folder: Path) -> Path:
    """Let wget mirror a demo site through the server as its proxy; return the WARC."""
    assert WGET is not None
    words = f"{WGET} -q -e robots=off -r -l 6 -p --delete-after --warc-file={name} http://kjt.demo.example/"
    proxy = "http://{}:{}".format(*server.address)
    subprocess.run(words.split(), cwd=folder, env={**os.environ, "http_proxy": proxy}, check=False, timeout=120)
    return folder / f"{name}.warc.gz"


@pytest.fixture(scope="module")
def mirrors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What wget saw of a demo site, and again after it had changed."""
    if WGET is None:
        pytest.skip("wget is not installed")
    folder = tmp_path_factory.mktemp("wget")
    with DemoServer() as server:
        first = mirror(server, "mirror", folder)
        server.state = 2
        return first, mirror(server, "later", folder)


@pytest.fixture(scope="module")
def made(mirrors: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the first mirror was imported."""
    home = new_home(tmp_path_factory.mktemp("imported") / "home", KJT)
    well(home, "import", str(mirrors[0]))
    return home


@pytest.fixture
def imported(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def park(tmp_path: Path) -> Path:
    """A home that knows one small site."""
    home = tmp_path / "park"
    (home / "sites").mkdir(parents=True)
    (home / "sites" / "park.toml").write_text(PARK)
    return home


def half_a_day_on(found: re.Match[bytes]) -> bytes:
    return f"WARC-Date: {datetime.fromisoformat(found[1].decode()) + timedelta(hours=12):%Y-%m-%dT%H:%M:%SZ}".encode()


def events(home: Path) -> list[Event]:
    return list(ChangeLog(Home(home).changes).events())


def bring(home: Path, tmp_path: Path, *records: bytes, code: int = 0, name: str = "other.warc.gz") -> str:
    """Import records as one file; return what was said."""
    path = tmp_path / name
    path.write_bytes(members(*records))
    ended = parknews(home, "import", str(path))
    assert ended.code == code, ended.err
    return ended.err


# ---------------------------------------------------------------------------------------------------------- real wget
def test_a_mirror_by_wget_is_read_like_a_crawl_and_published_as_back_fill(
    made: Path, mirrors: tuple[Path, Path]
) -> None:
    found = score(Home(made), 1)["kjt"]
    assert (found.false, found.wrong) == ([], [])
    assert found.body == 1.0
    assert len(found.missing) < 10  # behind page turns in scripts, which wget does not run
    assert {(event.op, event.backfill) for event in events(made)} == {("new", True)}
    assert all(is_imported(proof.warc) for event in events(made) for proof in event.evidence)


def test_its_records_stay_byte_for_byte_and_verify_agrees(made: Path, mirrors: tuple[Path, Path]) -> None:
    (kept,) = (made / "warc").glob("mirror~*.warc.gz")
    assert kept.read_bytes() == mirrors[0].read_bytes()
    well(made, "verify")
    well(made, "verify", "--manifest")


def test_our_notes_say_where_the_file_came_from_and_what_each_answer_came_in_as(
    made: Path, mirrors: tuple[Path, Path]
) -> None:
    (notes,) = (path for path in (made / "warc").glob("*.warc.gz") if not is_imported(path.name))
    said = [entry for entry in scan(notes) if entry.ref.type == "metadata"]
    sha256 = hashlib.sha256(mirrors[0].read_bytes()).hexdigest()
    assert said[0].headers.uri("WARC-Target-URI") == f"urn:sha256:{sha256}"
    assert b"importedFrom: mirror.warc.gz\r\n" in said[0].start
    (kept,) = (made / "warc").glob("mirror~*.warc.gz")
    answers = {entry.ref.record_id for entry in scan(kept) if entry.ref.type == "response"}
    assert {entry.headers.uri("WARC-Refers-To") for entry in said[1:]} == answers
    assert sum(b"role: article\r\n" in entry.start for entry in said) > 30


def test_the_same_file_again_changes_nothing(imported: Path, mirrors: tuple[Path, Path]) -> None:
    before = {
        path: path.read_bytes() for folder in ("warc", "feed", "manifests") for path in (imported / folder).rglob("*.*")
    }
    captures = rows(imported, "SELECT * FROM capture")
    said = well(imported, "import", str(mirrors[0])).err
    assert "mirror.warc.gz: is here already" in said
    assert {path: path.read_bytes() for path in before} == before
    assert rows(imported, "SELECT * FROM capture") == captures
    assert rows(imported, "SELECT count(*) FROM run") == [(1,)]


def test_a_file_that_came_before_its_site_was_defined_is_read_when_it_is_given_again(
    made: Path, mirrors: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "early"
    (home / "sites").mkdir(parents=True)
    early = well(home, "import", str(mirrors[0])).err
    assert "no site here is at kjt.demo.example: parknews add kjt.demo.example, then import the file again" in early
    assert events(home) == []
    shutil.copy(made / "sites" / "kjt.toml", home / "sites")
    well(home, "import", str(mirrors[0]))
    wanted = rows(made, "SELECT id, json_extract(json, '$.content_text') FROM item ORDER BY 1")
    assert rows(home, "SELECT id, json_extract(json, '$.content_text') FROM item ORDER BY 1") == wanted
    assert len(list((home / "warc").glob("mirror*"))) == 1
    well(home, "verify")
    captures = rows(home, "SELECT count(*) FROM capture")
    well(home, "import", str(mirrors[0]))
    assert rows(home, "SELECT count(*) FROM capture") == captures
    well(home, "rebuild")
    assert rows(home, "SELECT id, json_extract(json, '$.content_text') FROM item ORDER BY 1") == wanted
    well(home, "verify")


@pytest.mark.parametrize("log", [True, False], ids=["with the log", "without the log"])
def test_rebuild_finds_everything_again(imported: Path, log: bool) -> None:
    tables = {
        "item": "SELECT site, id, live, json_remove(json, '$._parknews.first_seen') FROM item ORDER BY 1, 2",
        "capture": "SELECT url, site, role, warc, offset, outcome, run FROM capture ORDER BY id",
        "url": "SELECT site, key, role, state, reason FROM url ORDER BY 1, 2",
        "run": "SELECT id, command, sites FROM run",
    }
    before = {name: rows(imported, sql) for name, sql in tables.items()}
    if not log:
        shutil.rmtree(imported / "feed")
    well(imported, "rebuild")
    well(imported, "verify")
    assert {name: rows(imported, sql) for name, sql in tables.items()} == before
    assert all(event.backfill for event in events(imported))


def test_a_crawl_after_an_import_asks_only_for_what_it_did_not_bring(imported: Path, demo: DemoServer) -> None:
    crawl(imported, demo.connect_to)
    known = {event.id for event in events(imported) if is_imported(event.evidence[0].warc)}
    asked = {f"http://{hit.host}{hit.path}" for hit in demo.hits}
    assert not known & asked
    lists = [hit for hit in demo.hits if hit.path == "/kjdt/gzdt/"]
    assert [(hit.status, hit.if_none_match, hit.if_modified_since) for hit in lists] == [(200, None, None)]
    found = score(Home(imported), 1)["kjt"]
    assert (found.missing, found.false, found.wrong) == ([], [], [])
    well(imported, "verify")


def test_older_captures_say_nothing_of_a_site_that_was_crawled_since_and_later_ones_do(
    mirrors: tuple[Path, Path], demo: DemoServer, tmp_path: Path
) -> None:
    home = new_home(tmp_path / "crawled", KJT)
    crawl(home, demo.connect_to)
    row = "SELECT key, state, capture, etag, last_modified, run FROM url ORDER BY 1"
    before, said = rows(home, row), events(home)
    well(home, "import", str(mirrors[0]))  # mirrored before this crawl
    assert events(home) == said
    assert rows(home, row) == before
    later = tmp_path / "later.warc"  # mirrored after the crawl, by its dates
    later.write_bytes(DATED.sub(half_a_day_on, gzip.decompress(mirrors[1].read_bytes())))
    well(home, "import", str(later))
    ops = Counter((event.op, event.cause) for event in events(home)[len(said) :])
    assert ops == {("new", "site"): 3, ("update", "site"): 1}
    well(home, "verify")


@pytest.mark.slow
def test_killed_at_any_moment_the_same_command_brings_the_same_home(
    mirrors: tuple[Path, Path], made: Path, tmp_path: Path
) -> None:
    chance, items = random.Random(7), "SELECT site, id, rev, live FROM item ORDER BY 1, 2"
    captures = "SELECT role, site, offset, outcome FROM capture ORDER BY offset"
    for trial in range(12):
        home = new_home(tmp_path / f"home{trial}", KJT)
        for _ in range(3):
            words = [sys.executable, "-m", "crawler", "--home", str(home), "import", str(mirrors[0])]
            with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
                time.sleep(chance.uniform(0.5, 3.5))
                process.send_signal(signal.SIGKILL)
        well(home, "import", str(mirrors[0]))
        well(home, "verify")
        assert list((home / "warc").glob(".import-*")) == []
        assert rows(home, items) == rows(made, items)
        assert rows(home, captures) == rows(made, captures)
        assert rows(home, "SELECT count(*) FROM url WHERE state IN ('pending', 'retry')") == [(0,)]


# ------------------------------------------------------------------------------------------------ revisits, 304s, lies
NEWS = "http://www.park.example/news/"
ARTICLE = "http://www.park.example/news/1.html"
HTML = "Content-Type: text/html; charset=utf-8"
ROWS = answer(listing("新闻", [(f"{NEWS}{i}.html", f"园区新闻之{i}号") for i in range(1, 6)]), HTML)


def sha1_of(http: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(http.partition(b"\r\n\r\n")[2]).digest()).decode()


def article(text: str) -> bytes:
    return answer(
        page("园区新闻之1号", *(f"{text}，第{n}段，园区企业与高校签约合作，项目总投资三亿元。" for n in range(5))), HTML
    )


OLD, EDITED = article("旧文"), article("新文")
PLAIN = [
    record(1, ROWS, url=NEWS),
    record(2, OLD, "response", f"WARC-Payload-Digest: {sha1_of(OLD)}", url=ARTICLE, date="2019-05-01T00:00:00Z"),
]


def outcomes(home: Path) -> list[tuple[str, str | None]]:
    return [
        (row[0], row[1]) for row in rows(home, "SELECT at, outcome FROM capture WHERE url LIKE '%/1.html' ORDER BY at")
    ]


def test_versions_of_an_article_become_an_item_and_its_updates(park: Path, tmp_path: Path) -> None:
    bring(park, tmp_path, *PLAIN, record(3, EDITED, url=ARTICLE, date="2020-01-01T00:00:00Z"))
    assert [(event.op, event.backfill) for event in events(park)] == [("new", True), ("update", False)]
    assert events(park)[1].changed == ("content_text",)


def test_revisits_are_read_with_the_bytes_of_their_originals(park: Path, tmp_path: Path) -> None:
    head = OLD.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    digest = f"WARC-Payload-Digest: {sha1_of(OLD)}"
    by_id = record(4, head, "revisit", digest, "WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000002>",
                   url=ARTICLE, date="2021-01-01T00:00:00Z")  # fmt: skip
    by_uri = record(5, head, "revisit", digest, f"WARC-Refers-To-Target-URI: {ARTICLE}", "WARC-Refers-To-Date: 2019-05-01T00:00:00Z",
                    url=ARTICLE, date="2022-01-01T00:00:00Z")  # fmt: skip
    by_digest = record(6, b"", "revisit", digest, url=ARTICLE, date="2023-01-01T00:00:00Z")
    lost = record(7, head, "revisit", "WARC-Payload-Digest: sha1:" + "Q" * 32, url=ARTICLE, date="2024-01-01T00:00:00Z")
    between = record(8, EDITED, url=ARTICLE, date="2020-01-01T00:00:00Z")
    bring(park, tmp_path, by_uri, by_id, by_digest, lost, between, *PLAIN)
    assert outcomes(park) == [
        ("2019-05-01T00:00:00Z", "article"), ("2020-01-01T00:00:00Z", "article"), ("2021-01-01T00:00:00Z", "article"),
        ("2022-01-01T00:00:00Z", "article"), ("2023-01-01T00:00:00Z", "article"), ("2024-01-01T00:00:00Z", "unresolved"),
    ]  # fmt: skip
    assert [event.op for event in events(park)] == ["new", "update", "update"]  # as it was, edited, as it was again
    well(park, "verify")


def test_a_304_is_kept_and_changes_nothing(park: Path, tmp_path: Path) -> None:
    head = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    profile = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    bring(
        park, tmp_path, *PLAIN, record(3, head, url=ARTICLE, date="2020-01-01T00:00:00Z"),
        record(4, head, "revisit", profile, url=ARTICLE, date="2021-01-01T00:00:00Z"),
        record(5, b"", "revisit", profile, url=ARTICLE, date="2022-01-01T00:00:00Z"),
    )  # fmt: skip
    assert [outcome for _, outcome in outcomes(park)] == ["article", "not-modified", "not-modified", "not-modified"]
    assert [event.op for event in events(park)] == ["new"]
    well(park, "verify")


def test_a_failure_after_an_article_is_no_removal_by_itself(park: Path, tmp_path: Path) -> None:
    missing = answer(b"<html>404</html>", HTML, status="HTTP/1.1 404 Not Found")
    bring(park, tmp_path, *PLAIN, record(3, missing, url=ARTICLE, date="2020-01-01T00:00:00Z"))
    assert [event.op for event in events(park)] == ["new"]
    well(park, "verify")


def test_what_no_list_names_is_kept_for_replay_and_said(park: Path, tmp_path: Path) -> None:
    about = record(3, answer(page("关于我们", "园区简介。"), HTML), url="http://www.park.example/about.html")
    other = record(4, answer(b"body{}", "Content-Type: text/css"), url="http://cdn.example/style.css")
    said = bring(park, tmp_path, *PLAIN, about, other)
    assert "park: 1 pages that no imported list" in said
    assert len(events(park)) == 1
    assert rows(park, "SELECT role, site, outcome FROM capture WHERE url LIKE '%about%' OR url LIKE '%css' ORDER BY 1") == [
        ("page", "", "kept"), ("requisite", "", "kept"),
    ]  # fmt: skip


def test_article_url_and_addresses_like_known_articles_name_articles_too(park: Path, tmp_path: Path) -> None:
    many = [record(10 + i, article(f"第{i}篇"), url=f"{NEWS}{i}.html") for i in range(1, 9)]
    bring(park, tmp_path, record(1, ROWS, url=NEWS), *many)
    assert len(events(park)) == 8  # five on the list, three whose addresses look the same
    other = tmp_path / "pattern"
    (other / "sites").mkdir(parents=True)
    (other / "sites" / "park.toml").write_text(PARK.replace("since", "article_url = '/news/[12]\\.html'\nsince"))
    bring(other, tmp_path, *many)
    assert len(events(other)) == 2


def test_a_declared_digest_never_stands_in_for_bytes_of_our_own(park: Path, tmp_path: Path) -> None:
    """A file says of some bytes that they have the digest of others; a crawl that meets the others keeps them."""
    lie = record(2, answer(b"lie" * 200), "response", f"WARC-Payload-Digest: {sha1_of(OLD)}",
                 "WARC-Block-Digest: sha1:" + hashlib.sha1(answer(b"lie" * 200)).hexdigest(), url="http://evil.example/")  # fmt: skip
    bring(park, tmp_path, lie)
    plays = {"/": Play(ROWS), "/news/": Play(ROWS), "/news/1.html": Play(OLD)}
    plays |= {f"/news/{i}.html": Play(article(f"第{i}篇")) for i in range(2, 6)}
    with ScriptedServer(plays) as server:
        crawl(park, server.connect_to)
    kept = rows(park, "SELECT type, instr(warc, '~') FROM capture WHERE url = 'http://www.park.example/news/1.html'")
    assert kept == [("response", 0)]
    assert len(events(park)) == 5


# ----------------------------------------------------------------------------------------------------- how it is told
def test_the_same_answers_in_two_files_of_one_command_come_in_once(park: Path, tmp_path: Path) -> None:
    near = answer(listing("新闻", [(f"{i}.html", f"园区新闻之{i}号") for i in range(1, 6)]), HTML)
    records = [record(1, near, url="http://www.park.example/news/"), record(2, OLD)]
    (tmp_path / "one.warc.gz").write_bytes(members(*records))
    (tmp_path / "two.warc").write_bytes(b"".join([*records, record(3, EDITED, date="2019-06-01T00:00:00Z")]))
    said = well(park, "import", str(tmp_path / "one.warc.gz"), str(tmp_path / "two.warc")).err
    assert "1 answers, 2 known before" in said
    assert rows(park, "SELECT count(*), count(DISTINCT record_id) FROM capture") == [(3, 3)]
    assert [event.op for event in events(park)] == ["new", "update"]
    well(park, "verify")


def test_what_was_left_out_is_named_and_exit_1(park: Path, tmp_path: Path) -> None:
    said = bring(park, tmp_path, *PLAIN, b"junk", code=1)
    assert "other.warc.gz: 2 records, 2 answers -> warc/other~" in said
    assert f"left out at byte {len(members(*PLAIN))}: " in said
    well(park, "verify")


def test_a_file_that_is_no_archive_is_one_line_and_nothing_is_done(park: Path, tmp_path: Path) -> None:
    (tmp_path / "good.warc.gz").write_bytes(members(*PLAIN))
    (tmp_path / "page.html").write_text("<html>")
    ended = parknews(park, "import", str(tmp_path / "good.warc.gz"), str(tmp_path / "page.html"))
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert list((park / "warc").iterdir()) == []


def test_while_its_site_is_crawled_the_import_waits_for_another_time(park: Path, tmp_path: Path) -> None:
    with hold(Home(park).locks / "site-park.lock"):
        bring(park, tmp_path, *PLAIN, code=4)
    bring(park, tmp_path, *PLAIN)
    assert len(events(park)) == 1


def test_json_says_it_for_programs(park: Path, tmp_path: Path) -> None:
    (tmp_path / "good.warc.gz").write_bytes(members(*PLAIN))
    told = json.loads(well(park, "import", "--json", str(tmp_path / "good.warc.gz")).out)
    assert told["roles"] == {"article": 1, "list": 1}
    assert told["events"] == {"new": 1}
    assert told["files"][0]["sha256"] == hashlib.sha256(members(*PLAIN)).hexdigest()


# ------------------------------------------------------------------------------------------------- other tools, replay
def test_a_wacz_of_ours_is_read_in_another_home(first_crawl: Path, tmp_path: Path) -> None:
    well(first_crawl, "export", "wacz", "tz", "--output", str(tmp_path / "tz.wacz"))
    home = new_home(tmp_path / "other", DEFINITIONS / "tz.toml")
    well(home, "import", str(tmp_path / "tz.wacz"))
    there = {event.id: event.item.content_text for event in events(first_crawl) if event.site == "tz" and event.item}
    assert {event.id: event.item.content_text for event in events(home) if event.item} == there
    well(home, "verify")


@pytest.mark.slow
def test_an_imported_page_shows_in_pywb(made: Path) -> None:
    with Replay(Home(made), "127.0.0.1", free_port()) as replay:
        for event in events(made)[:5]:
            assert event.item is not None
            with urllib.request.urlopen(f"{replay.url}archive/mp_/{event.id}", timeout=60) as shown:
                text = shown.read().decode("utf-8", "replace")
            assert str(event.item.title) in text


@pytest.fixture(scope="module")
def warcprox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """warcprox in an environment that is thrown away."""
    place = tmp_path_factory.mktemp("warcprox") / "venv"
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(place)], capture_output=True, check=False
    ).returncode or subprocess.run(
        [str(place / "bin" / "pip"), "install", "-q", "warcprox==2.13.1"], capture_output=True, check=False
    ).returncode  # fmt: skip
    if done:
        pytest.skip("warcprox cannot be installed here")
    return place


def wait_for_digests(path: Path, count: int) -> None:
    """Wait until warcprox has noted as many payloads: it writes behind its answers, and a revisit needs the note."""
    for _ in range(300):
        with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(path)) as db:
            if db.execute("SELECT count(*) FROM dedup").fetchone()[0] >= count:
                return
        time.sleep(0.1)
    raise AssertionError(f"{path.name} never held {count} payloads")


@pytest.mark.slow
def test_what_warcprox_recorded_is_read(warcprox: Path, park: Path, tmp_path: Path) -> None:
    script = "import sys, warcprox.main, warcprox.warcproxy as w; w.WarcProxyHandler.allow_localhost = True; warcprox.main.main(['warcprox', *sys.argv[1:]])"
    port, folder = free_port(), tmp_path / "warcs"
    words = [str(warcprox / "bin" / "python"), "-c", script, "-p", str(port), "-d", str(folder), "-c", str(tmp_path / "ca.pem"),
             "--dedup-db-file", str(tmp_path / "dedup.db"), "--stats-db-file", str(tmp_path / "stats.db"), "--gzip"]  # fmt: skip
    chunks = chunked(OLD.partition(b"\r\n\r\n")[2], 700)
    odd = Play(head("HTTP/1.1 200 OK", HTML, "Transfer-Encoding: Chunked") + chunks)
    near = answer(listing("新闻", [(f"{i}.html", f"园区新闻之{i}号") for i in range(1, 6)]), HTML)
    with ScriptedServer({"/news/": Play(near), "/news/1.html": odd, "/news/2.html": Play(EDITED)}) as server:
        site = f"http://localhost:{server.port}"
        (park / "sites" / "park.toml").write_text(PARK.replace("http://www.park.example", site))
        with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://localhost:{port}"}))
            for i, path in enumerate(("/news/", "/news/1.html", "/news/2.html", "/news/1.html", "/news/3.html")):
                if i == 3:
                    wait_for_digests(tmp_path / "dedup.db", 3)
                for _ in range(100):  # it needs a moment to listen
                    try:
                        opener.open(site + path).read()
                    except urllib.error.HTTPError:
                        break
                    except OSError:
                        time.sleep(0.1)
                    else:
                        break
            time.sleep(1)
            process.terminate()
    files = sorted(folder.glob("*.warc.gz"))
    said = well(park, "import", *map(str, files)).err
    assert "5 answers" in said
    assert [(event.op, event.backfill) for event in events(park)] == [("new", True)] * 2
    assert ("revisit",) in rows(park, "SELECT DISTINCT type FROM capture")
    well(park, "verify")
