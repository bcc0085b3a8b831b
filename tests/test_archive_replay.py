"""Archived pages replay as they were, in a real browser; pywb is started, watched and ended in order."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from archive.index import Row, index_lines, write_index
from archive.paths import Home
from archive.reader import scan
from archive.record import ArchiveError
from archive.replay import COLLECTION, ENVIRONMENT, FolderWatch, Replay, ReplayError, check_free, replay_url
from tests.archive_samples import AT, BODY, URL, exchange, write_one
from tests.chromium import Chromium, Tab
from tests.conftest import ROOT, command, crawl, parknews, well
from tests.demo.server import DemoServer
from tests.demo.sites import sites
from tests.showing import LIVE, article_of, free_port, loaded, look, needed, page_of, refused

EACH_SITE = pytest.mark.parametrize("name", ["kjt", "hr", "yd", "tv", "tz"])
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, and the kernel ends orphans there only")
# pywb shows a page in a frame of its own page.
FRAME = "document.querySelector('iframe#replay_iframe')"
REPLAYED = f"{FRAME}?.contentDocument"


@pytest.fixture(scope="module")
def pywb() -> Path:
    needed((ENVIRONMENT / "bin" / "wayback").exists(), "no pywb in .venv-replay: make setup")
    return ENVIRONMENT


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one captured article and a name full of what pywb takes for patterns."""
    home = Home(tmp_path_factory.mktemp("small") / "园区 [news]* {coll}?").prepare()
    add(home, exchange(), AT)
    return home


@pytest.fixture(scope="module")
def replay(pywb: Path, small: Home) -> Iterator[Replay]:
    with Replay(small, "127.0.0.1", free_port()) as replay:
        yield replay


@pytest.fixture(scope="module")
def later(first_crawl: Path, demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The crawled demo sites, looked at again (lists answer 304), and an article fetched again (identical payload)."""
    root = Path(shutil.copytree(first_crawl, tmp_path_factory.mktemp("later") / "home"))
    demo_server.state = 1
    crawl(root, demo_server.connect_to)
    well(root, "fetch", article_of("kjt"), "--connect-to", demo_server.connect_to)
    return Home(root)


@pytest.fixture(scope="module")
def archived(pywb: Path, later: Home) -> Iterator[Replay]:
    with Replay(later, "127.0.0.1", free_port()) as replay:
        yield replay


# ------------------------------------------------------------------------------------------------- pages in a browser
@pytest.mark.slow
@EACH_SITE
@pytest.mark.parametrize("kind", ["home", "column", "page 2", "article"])
def test_page_replays_with_its_style_and_images_and_asks_nobody_else(
    archived: Replay, browser: Chromium, demo: DemoServer, name: str, kind: str
) -> None:
    url = page_of(name, kind)
    live = browser.tab()
    live.go(url, loaded(LIVE))
    wanted, not_live = look(live, LIVE), refused(live)
    live.close()
    demo.hits.clear()
    tab = shown(browser, archived, url)
    assert look(tab, REPLAYED) == wanted
    assert tab.evaluate(f"[...{REPLAYED}.images].every(image => image.naturalWidth > 0)")
    if not url.startswith("http://tv.demo.example/api"):  # page 2 of the broadcaster is JSON
        assert tab.evaluate(f"[...{REPLAYED}.styleSheets].every(sheet => sheet.cssRules.length > 0)")
        assert tab.evaluate(f"{REPLAYED}.styleSheets.length") > 0
    assert refused(tab) == not_live
    assert [one for one in tab.asked if not one.startswith((archived.url, "data:", "blob:"))] == []
    assert [hit.path for hit in demo.hits] == []
    tab.close()


@pytest.mark.slow
def test_script_of_a_column_loads_its_next_page_from_the_archive(
    archived: Replay, browser: Chromium, demo: DemoServer
) -> None:
    tab = shown(browser, archived, page_of("tv", "column"))
    rows = f"{REPLAYED}.querySelectorAll('#list li').length"
    tab.wait(f"{rows} > 0")
    first = tab.evaluate(rows)
    demo.hits.clear()
    tab.evaluate(f"{REPLAYED}.getElementById('more').click()")
    tab.wait(f"{rows} > {first}")
    assert demo.hits == []
    tab.close()


@pytest.mark.slow
def test_link_in_a_replayed_page_leads_to_the_archived_article(archived: Replay, browser: Chromium) -> None:
    tab = shown(browser, archived, page_of("hr", "column"))
    path = article_of("hr").removeprefix("http://hr.demo.example")
    title = next(one.title for one in sites()["hr"].articles() if one.path == path)
    tab.evaluate(f"{REPLAYED}.querySelector('a[href*=\"{path}\"]').click()")
    tab.wait(f"{REPLAYED}?.title.includes({json.dumps(title)})")
    assert tab.evaluate("location.href").startswith(f"{archived.url}{COLLECTION}/")
    tab.close()


@pytest.mark.slow
def test_revisit_with_an_identical_payload_shows_the_page(archived: Replay, browser: Chromium, later: Home) -> None:
    url = article_of("kjt")
    first, again = captures(later, url)
    assert (first.mime, again.mime) == ("text/html", "warc/revisit")
    assert looks_at(browser, archived, again, url) == (again.timestamp, looks_at(browser, archived, first, url)[1])


@pytest.mark.slow
def test_304_shows_the_page_it_was_about(archived: Replay, browser: Chromium, later: Home) -> None:
    url = page_of("kjt", "column")
    checked = [
        entry.ref.date
        for path in sorted(later.warc.glob("*.warc.gz"))
        for entry in scan(path)
        if entry.headers.uri("WARC-Target-URI") == url and "not-modified" in (entry.headers.get("WARC-Profile") or "")
    ]
    assert len(checked) == 1
    (first,) = captures(later, url)
    at = datetime.fromisoformat(checked[0])
    tab = browser.tab()
    tab.go(replay_url(archived.url, url, at), loaded(REPLAYED))
    assert tab.evaluate(f"{FRAME}.contentWindow.wbinfo.timestamp") == first.timestamp
    assert "工作动态" in tab.evaluate(f"{REPLAYED}.title")
    assert tab.evaluate(f"{REPLAYED}.body.innerText.length") > 500
    tab.close()


# --------------------------------------------------------------------------------------------------- pywb as a child
def test_captured_article_is_answered(replay: Replay) -> None:
    status, body = get(replay, f"/{COLLECTION}/{AT:%Y%m%d%H%M%S}mp_/{URL}")
    assert status == 200
    assert BODY in body
    assert get(replay, f"/{COLLECTION}/{AT:%Y%m%d%H%M%S}id_/{URL}") == (200, BODY)
    assert get(replay, f"/{COLLECTION}/id_/{URL}") == (200, BODY)  # as `serve` prints it for programs
    status, page = get(replay, f"/{COLLECTION}/mp_/{URL}")
    assert (status, page.endswith(BODY[-40:])) == (200, True)  # not pywb's frame
    assert get(replay, f"/{COLLECTION}/mp_/http://www.demo-park.example/nothing")[0] == 404


def test_what_a_finished_run_wrote_shows_without_a_restart_even_while_somebody_reads(
    replay: Replay, small: Home
) -> None:
    stopping = watched(replay)
    try:
        time.sleep(1.05 - time.time() % 1)  # the rest happens within one second, which pywb cannot tell apart
        for number in range(2):
            url = f"http://www.demo-park.example/news/later-{number}.html"
            add(small, exchange(url), AT.replace(hour=9, second=number))
            for _ in range(4):
                get(replay, f"/{COLLECTION}/mp_/{URL}")
        until(lambda: get(replay, f"/{COLLECTION}/mp_/{url}")[0] == 200)
    finally:
        stopping()


def test_index_made_in_the_second_of_pywbs_last_look_is_made_to_show(tmp_path: Path) -> None:
    now = 1_800_000_000.9
    watch = FolderWatch(tmp_path, lambda: now)
    os.utime(tmp_path, (now, now - 0.5))
    assert not watch.look()  # the second is not over: another file may come
    now += 0.2
    assert watch.look()
    assert not watch.look()


@pytest.mark.slow
@LINUX
def test_pywb_that_dies_is_started_again(pywb: Path, small: Home) -> None:
    with Replay(small, "127.0.0.1", free_port()) as replay:
        said: list[str] = []
        stopping = watched(replay, said.append)
        try:
            os.kill(child_of(os.getpid(), replay.port), signal.SIGKILL)
            until(lambda: bool(said))
            until(lambda: answers(replay))
        finally:
            stopping()
    assert said == ["pywb ended by itself (status -9); starting it again in 1 s"]
    assert not answers(replay)


@pytest.mark.slow
@LINUX
def test_pywb_that_never_stays_up_is_given_up(
    pywb: Path, small: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.replay.RESTARTS", 2)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "wayback").touch()
    once = f'#!/bin/sh\nmkdir {tmp_path}/ran 2>/dev/null || exit 7\nexec {pywb}/bin/python "$@"\n'
    (programs / "python").write_text(once)
    (programs / "python").chmod(0o755)
    said: list[str] = []
    with Replay(small, "127.0.0.1", free_port(), tmp_path) as replay:
        os.kill(child_of(os.getpid(), replay.port), signal.SIGKILL)
        with pytest.raises(
            ArchiveError, match=r"pywb failed 3 times in a row, last: did not start: pywb ended at once"
        ):
            replay.watch(said.append)
    assert [line.rpartition("; ")[2] for line in said] == ["starting it again in 1 s", "starting it again in 2 s"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_and_ends_well_on_a_signal(pywb: Path, small: Home, how: signal.Signals) -> None:
    port = free_port()
    process = served(small, port)
    lines = [next_line(process)]
    process.send_signal(how)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out == ""
    assert lines[0] == f"replay: http://127.0.0.1:{port}/{COLLECTION}/   (type a URL there)"
    assert err.rstrip().endswith("replay stopped")
    check_free("127.0.0.1", port)


@pytest.mark.slow
@LINUX
def test_no_pywb_survives_a_killed_serve(pywb: Path, small: Home) -> None:
    port = free_port()
    process = served(small, port)
    next_line(process)
    process.kill()
    process.communicate(timeout=30)
    until(lambda: free(port))


def test_taken_port_is_one_line_and_exit_2(pywb: Path, small: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = parknews(small.root, "serve", "--replay-only", "--port", str(port))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"parknews: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "name another port with --port, or address with --host\n"
    )


def test_missing_environment_is_one_line_with_the_remedy(tmp_path: Path, small: Home) -> None:
    with pytest.raises(ReplayError, match=r"replay needs pywb in .*/nowhere, which is not there: run `make setup`"):
        Replay(small, "127.0.0.1", free_port(), tmp_path / "nowhere").__enter__()


def test_environment_that_does_not_work_is_told_by_its_last_words(tmp_path: Path, small: Home) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "wayback").touch()
    (programs / "python").write_text("#!/bin/sh\necho 'No module named gevent' >&2\nexit 1\n")
    (programs / "python").chmod(0o755)
    with pytest.raises(ReplayError, match="pywb ended at once: No module named gevent; more in "):
        Replay(small, "127.0.0.1", free_port(), tmp_path).__enter__()


def test_home_without_captures_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "none" / "sites").mkdir(parents=True)
    ended = parknews(tmp_path / "none", "serve", "--replay-only")
    assert ended.code == 2
    assert ended.err.startswith(f"parknews: home {tmp_path / 'none'}: nothing is archived there yet")
    assert [path.name for path in (tmp_path / "none").iterdir()] == ["sites"]


# ----------------------------------------------------------------------------------------------------------- shorthand
def add(home: Home, one: Any, at: datetime) -> None:
    """Archive an exchange as a run of its own does: a closed WARC, then its index."""
    source = home.root / "new"
    source.mkdir(exist_ok=True)
    path = write_one(source, one)
    there = path.replace(home.warc / path.name.replace("-00000-", f"-{at:%H%M%S}-"))
    write_index(there, home.index)


def free(port: int) -> bool:
    try:
        check_free("127.0.0.1", port)
    except ReplayError:
        return False
    return True


def get(replay: Replay, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", replay.port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def answers(replay: Replay) -> bool:
    try:
        return get(replay, "/collinfo.json")[0] == 200
    except OSError:
        return False


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.1)


def watched(replay: Replay, tell: Callable[[str], object] = str) -> Callable[[], None]:
    """Watch in the background; return what ends that."""
    thread = threading.Thread(target=replay.watch, args=(tell,))
    thread.start()

    def end() -> None:
        replay.stopping.set()
        thread.join()
        replay.stopping.clear()

    return end


def served(home: Home, port: int) -> "subprocess.Popen[str]":
    words = command(home.root, "serve", "--replay-only", "--port", str(port))
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    return process.stderr.readline().rstrip("\n")


def child_of(parent: int, port: int) -> int:
    """Return the process id of the pywb that `parent` runs on `port`."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = path.joinpath("stat").read_text().rpartition(")")[2].split()[1] == str(parent)
            if ours and path.joinpath("cmdline").read_bytes().endswith(f"\0-p\0{port}\0".encode()):
                found.append(int(path.name))
    (pid,) = found
    return pid


def captures(home: Home, url: str) -> list[Row]:
    return [row for row in map(Row.read, index_lines(home.index)) if row.url == url]


def shown(browser: Chromium, replay: Replay, url: str) -> Tab:
    """Open the newest capture the way a user does."""
    tab = browser.tab()
    tab.go(f"{replay.url}{COLLECTION}/{url}", loaded(REPLAYED))
    return tab


def looks_at(browser: Chromium, replay: Replay, row: Row, url: str) -> tuple[str, list[Any]]:
    """Return which capture is shown when that of a row is asked for, and its look."""
    tab = browser.tab()
    at = datetime.strptime(row.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    tab.go(replay_url(replay.url, url, at), loaded(REPLAYED))
    found = tab.evaluate(f"{FRAME}.contentWindow.wbinfo.timestamp"), look(tab, REPLAYED)
    tab.close()
    return found
