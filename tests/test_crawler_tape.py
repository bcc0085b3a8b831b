"""The tape while a crawl goes on: what nobody writes to is closed in time."""

import subprocess
import time
from pathlib import Path

from archive.reader import scan
from tests.conftest import ROOT, command, crawl_log, routed, site, well
from tests.servers import Play, ScriptedServer, answer, listing, page

HOST = "idle.example"
IDLE, SLOW = 0.4, 3.0  # seconds


def test_warc_without_new_records_is_closed_while_the_crawl_goes_on(tmp_path: Path) -> None:
    """The last article comes so slowly that nothing else is written meanwhile."""
    site(tmp_path, "idle", HOST)
    (tmp_path / "parknews.toml").write_text(f"[limits]\nwarc_idle = {IDLE}\n")
    links = [(f"/art/{number}.html", f"第{number}号通告") for number in range(4)]
    articles = {url: Play(answer(page(text, "园区今日发布通告，请有关单位知悉。" * 8))) for url, text in links}
    slow = articles["/art/3.html"].answer
    script = {"/list/": Play(answer(listing("通告", links))), "/": Play(answer(page("首页", "园区首页。" * 20)))}
    script |= articles | {"/art/3.html": Play(slow, packet=len(slow) // 8, pause=SLOW / 8)}
    with ScriptedServer(script) as server:
        words = command(tmp_path, "crawl", *routed(server.connect_to))
        with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            looks = []  # when, and whether a WARC was open
            while process.poll() is None:
                looks.append((time.time(), bool(list((tmp_path / "warc").glob("*.open")))))
                time.sleep(0.02)
        assert process.returncode == 0
        (begun,) = (heard.at for heard in server.heard if heard.path == "/art/3.html")
        meanwhile = [is_open for at, is_open in looks if begun < at < begun + SLOW - 0.5]
        assert not meanwhile[-1]
    *before, last = sorted((tmp_path / "warc").iterdir())
    assert before
    assert all(path.name.endswith(".warc.gz") for path in (*before, last))
    assert {entry.headers.uri("WARC-Target-URI") for entry in scan(last)} == {None, f"http://{HOST}/art/3.html"}
    assert len(crawl_log(tmp_path)) == len(server.heard)
    well(tmp_path, "verify")
