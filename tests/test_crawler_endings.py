"""Endings: every request ends in exactly one of done, failed(reason), retry(at), redirected(to); each one is driven.

One crawl of a scripted site meets them all: what servers, networks and pages can do.  A second one, without robots.txt,
meets what robots.txt would meet first: names without address, closed ports, private addresses.
"""

import gzip
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from tests.conftest import ROOT, Ended, altered, command, crawl_log, parknews, routed, rows, site
from tests.servers import Play, ScriptedServer, answer, chunked, head, listing, page

HOST = "endings.example"
TEXT = ("岚江省科技厅今日召开会议，部署园区建设工作，要求各地认真落实。" * 6, "会议指出，要加快项目落地。" * 8)
ARTICLE = page("岚江省推进园区建设", *TEXT)
HTML = "Content-Type: text/html; charset=utf-8"
SHORT = head("HTTP/1.1 200 OK", HTML, "Content-Length: 90000") + ARTICLE


def html(body: bytes = ARTICLE, *lines: str, status: str = "HTTP/1.1 200 OK") -> Play:
    return Play(answer(body, HTML, *lines, status=status))


def moved(location: str | bytes, *lines: str) -> Play:
    raw = location if isinstance(location, bytes) else location.encode()
    return Play(head("HTTP/1.1 302 Found", b"Location: " + raw, "Content-Length: 0", *lines))


@dataclass(frozen=True)
class Ends:
    """How a row must end: state, reason, and how often the server must have been asked for it."""

    plays: Play | list[Play]
    state: str
    reason: str | None = None
    asked: int = 1


def cases(port: int) -> dict[str, Ends]:
    """Return what is played at each path of the scripted site.  port: where this machine must not be asked."""
    found = {
        "/a/read.html": Ends(html(), "done"),
        "/no/1.html": Ends(html(), "failed", "robots", 0),
        "/a/404.html": Ends(html(b"no", status="HTTP/1.1 404 Not Found"), "failed", "http-404"),
        "/a/410.html": Ends(html(b"no", status="HTTP/1.1 410 Gone"), "failed", "http-410"),
        "/a/403.html": Ends(html(b"no", status="HTTP/1.1 403 Forbidden"), "failed", "blocked:forbidden"),
        "/a/500.html": Ends(html(b"no", status="HTTP/1.1 500 Boom"), "failed", "http-500", 3),
        "/a/busy.html": Ends([html(b"no", "Retry-After: 1", status="HTTP/1.1 503 Busy"), html()], "done", None, 2),
        "/a/empty.html": Ends(html(b""), "failed", "blocked:empty"),
        "/a/204.html": Ends(Play(head("HTTP/1.1 204 No Content")), "failed", "http-204"),
        "/a/999.html": Ends(html(status="HTTP/1.1 999 Odd"), "failed", "http-999"),
        "/a/soft.html": Ends(html(page("提示", "您访问的页面不存在")), "failed", "soft-404"),
        # redirects
        "/a/circle.html": Ends(moved("/a/circle2.html"), "redirected"),
        "/a/self.html": Ends(moved("/a/self.html"), "redirected"),
        "/a/gate.html": Ends([moved("/a/gate.html", "Set-Cookie: gate=passed; Path=/"), html()], "done", None, 2),
        "/a/long0.html": Ends(moved("/a/long1.html"), "redirected"),
        "/a/to-seen.html": Ends(moved("/a/read.html"), "redirected"),
        "/a/to-home.html": Ends(moved("/"), "redirected", "redirected-home"),
        "/a/to-private.html": Ends(moved(f"http://127.0.0.1:{port}/secret"), "redirected"),
        "/a/to-metadata.html": Ends(moved("http://169.254.169.254/latest/"), "redirected"),
        "/a/to-raw-bytes.html": Ends(moved("/新闻/a.html"), "redirected"),
        "/a/to-gbk-bytes.html": Ends(moved("/新闻/b.html".encode("gbk")), "redirected"),
        "/a/to-nowhere.html": Ends(Play(head("HTTP/1.1 302 Found", "Content-Length: 0")), "failed", "bad-redirect"),
        # on the wire
        "/a/slow.html": Ends(Play(b"", then="stall"), "failed", "timeout", 3),
        "/a/stalled.html": Ends(Play(SHORT, then="stall"), "failed", "cut-body", 3),
        "/a/cut.html": Ends(Play(SHORT, then="close"), "failed", "cut-body", 3),
        "/a/reset.html": Ends(Play(SHORT, then="reset"), "failed", "cut-body", 3),
        "/a/garbage.html": Ends(Play(b"220 this is ftp\r\n\r\n", then="close"), "failed", "connection-lost", 3),
        "/a/bad-chunk.html": Ends(
            Play(head("HTTP/1.1 200 OK", HTML, "Transfer-Encoding: chunked") + b"zz\r\nx\r\n"), "failed", "cut-body", 3
        ),
        "/a/two-lengths.html": Ends(
            Play(head("HTTP/1.1 200 OK", "Content-Length: 9", "Content-Length: 7") + b"123456789"), "failed", "cut-body", 3
        ),
        "/a/huge-header.html": Ends(html(ARTICLE, "X-Huge: " + "h" * (3 << 20)), "failed", "connection-lost", 3),
        "/a/big.html": Ends(html(ARTICLE + bytes(2 << 20)), "failed", "too-big"),
        "/a/big-unannounced.html": Ends(
            Play(head("HTTP/1.1 200 OK", HTML, "Transfer-Encoding: chunked") + chunked(ARTICLE + bytes(2 << 20), 65536)),
            "failed", "too-big",
        ),
        # in the reader
        "/a/endless.html": Ends(html(), "failed", "read-timeout"),
        "/a/bomb.html": Ends(html(gzip.compress(ARTICLE + b" " * (150 << 20)), "Content-Encoding: gzip"), "done"),
        "/a/odd-links.html": Ends(html(ARTICLE.replace(b"</div></body>", ODD_LINKS + b"</div></body>")), "done"),
        "/a/internal.html": Ends(html(), "failed", "internal-error", 0),
        "/a/untaped.html": Ends(html(), "failed", "internal-error", 1),
        "/a/unaccepted.html": Ends(html(), "failed", "accept-error", 1),
        "/a/unfollowed.html": Ends(html(), "failed", "accept-error", 1),
    }  # fmt: skip
    for name, location in BAD_LOCATIONS.items():
        found[f"/a/to-{name}.html"] = Ends(moved(location), "failed", "bad-redirect")
    return found


BAD_LOCATIONS = {
    "ftp": "ftp://endings.example/a.html", "javascript": "javascript:alert(1)", "brackets": "http://[::1/", "port": "http://endings.example:99999/",
    "long-label": f"http://{'a' * 70}.example/", "empty-label": "http://a..example/", "control": "/a\x01b",
}  # fmt: skip
ODD_LINKS = b'<a href="http://endings.example:99999/a.pdf">a.pdf</a><img src="http://a..b/i.png"><a href="http://[::1/b.doc">b.doc</a>'
NO_ADDRESSES = ["ftp://endings.example/a/ftp.html", "javascript:open(1)", "mailto:a@endings.example", "http://endings.example:99999/a.html"]  # fmt: skip
ENDLESS = """
    import crawler.work

    extract = crawler.work.extract_document

    def endless(document, *rest):
        while document.url.endswith("/a/endless.html"):
            pass
        return extract(document, *rest)

    crawler.work.extract_document = endless
"""  # a page that is never read to its end: no real one is slow enough on every machine
FAULTS = """
    import crawler.articles, crawler.readers, crawler.run, crawler.settings

    crawler.readers.TIME_LIMIT = 4.0

    class Broken:
        def process_request(self, request):
            if request.url.endswith("/a/internal.html"):
                raise RuntimeError("a middleware that does not work")

    class Contradicting(crawler.run.WarcWriter):
        def write(self, exchange, fields, original=None):
            if exchange.url.endswith("/a/untaped.html"):
                raise ValueError("an exchange that contradicts itself")
            return super().write(exchange, fields, original)

    def spoil(name, path, where):
        works = getattr(crawler.articles, name)

        def broken(*given):
            if where(given).url.endswith(path):
                raise LookupError("a rule that does not work")
            return works(*given)

        setattr(crawler.articles, name, broken)

    spoil("_missing", "/a/unaccepted.html", lambda given: given[1])
    spoil("ask_requisites", "/a/unfollowed.html", lambda given: given[2])
    crawler.settings.DOWNLOADER_MIDDLEWARES[Broken] = 10
    crawler.run.WarcWriter = Contradicting
"""


@dataclass(frozen=True)
class Crawled:
    """A crawl that met the endings.  wanted: by URL."""

    home: Path
    done: Ended
    server: ScriptedServer
    wanted: dict[str, Ends]

    def row(self, url: str) -> tuple[Any, ...]:
        """Return state, reason and id of the row of a URL."""
        (found,) = rows(self.home, "SELECT state, reason, id FROM url WHERE url = ? AND role != 'robots'", url)
        return found

    def target(self, url: str) -> str:
        """Return where the redirect of a row leads."""
        ((found,),) = rows(
            self.home, "SELECT next.url FROM url JOIN url AS next ON next.id = url.redirected_to WHERE url.url = ?", url
        )
        return str(found)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl of the scripted site, robots.txt obeyed."""
    root = tmp_path_factory.mktemp("endings")
    home = root / "home"
    with ScriptedServer() as server:
        wanted = cases(server.port)
        links = [(path, f"岚江省园区新闻的第{i}个标题") for i, path in enumerate(wanted)]
        links += [(url, f"没有地址的第{i}个标题") for i, url in enumerate(NO_ADDRESSES)]
        server.script |= {f"{HOST}{path}": one.plays for path, one in wanted.items()} | {
            f"{HOST}/robots.txt": Play(answer(b"User-agent: *\nDisallow: /no/\n", "Content-Type: text/plain")),
            f"{HOST}/": html(page("首页", "岚江" * 300)),
            f"{HOST}/list/": html(listing("列表", links)),
            f"{HOST}/a/circle2.html": moved("/a/circle.html"),
            f"{HOST}/%E6%96%B0%E9%97%BB/a.html": html(),
            f"{HOST}/%D0%C2%CE%C5/b.html": html(),
            **{f"{HOST}/a/long{i}.html": moved(f"/a/long{i + 1}.html") for i in range(1, 15)},
            "closed.example/robots.txt": html(b"down", status="HTTP/1.1 503 Down"),
            "pausing.example/robots.txt": Play(answer(b"", "Content-Type: text/plain")),
            "pausing.example/list/": html(b"later", "Retry-After: 7200", status="HTTP/1.1 503 Later"),
            "pausing.example/": html(page("首页", "岚江" * 300)),
        }
        site(home, "main", HOST, "politeness = { concurrency = 8 }")
        site(home, "closed", "closed.example")
        site(home, "pausing", "pausing.example")
        (home / "parknews.toml").write_text(
            'operator = "Ending Test"\ncontact = "ends@example.org"\nlimits = { page_mb = 1 }\n'
        )
        program = altered(root / "faults.py", ENDLESS + FAULTS)
        switches = routed(*(server.route(host) for host in (HOST, "closed.example", "pausing.example")))
        done = parknews(home, "crawl", *switches, "--timeout", "2.5", program=program)
        yield Crawled(home, done, server, {f"http://{HOST}{path}": one for path, one in wanted.items()})


PATHS = list(cases(0))


@pytest.mark.parametrize("path", PATHS)
def test_request_ends_as_it_must(crawled: Crawled, path: str) -> None:
    wanted = crawled.wanted[f"http://{HOST}{path}"]
    assert crawled.row(f"http://{HOST}{path}")[:2] == (wanted.state, wanted.reason)
    asked = Counter(one.path for one in crawled.server.heard if one.host == HOST)
    assert asked[path] == wanted.asked


def test_crawl_came_to_its_end(crawled: Crawled) -> None:
    assert crawled.done.code in (0, 1), crawled.done.err[-2000:]  # 1: that so much failed is a finding
    assert rows(crawled.home, "SELECT ending FROM run") == [("finished",)]


def test_nothing_is_left_open_but_declared_retries(crawled: Crawled) -> None:
    found = rows(
        crawled.home,
        "SELECT url, state, reason, not_before FROM url WHERE state NOT IN ('done', 'failed', 'redirected')",
    )
    assert {(url, state, reason) for url, state, reason, _ in found} == {
        ("http://closed.example/", "retry", "robots-unreachable"),
        ("http://closed.example/list/", "retry", "robots-unreachable"),
        ("http://pausing.example/", "retry", "paused"),
    }
    assert all(moment > time.time() + 600 for *_, moment in found)
    assert rows(crawled.home, "SELECT count(*) FROM capture WHERE outcome IS NULL OR outcome = 'waiting'") == [(0,)]


def test_host_that_asks_for_two_hours_is_left_alone_for_two_hours(crawled: Crawled) -> None:
    assert crawled.row("http://pausing.example/list/")[:2] == ("failed", "http-503")
    ((until,),) = rows(crawled.home, "SELECT not_before FROM host WHERE name = 'pausing.example'")
    assert 7000 < until - time.time() < 7201
    assert crawled.server.paths("pausing.example") == ["/robots.txt", "/list/"]


def test_redirect_names_its_target(crawled: Crawled) -> None:
    base = f"http://{HOST}"
    assert crawled.target(f"{base}/a/to-seen.html") == f"{base}/a/read.html"
    assert crawled.target(f"{base}/a/circle2.html") == f"{base}/a/circle.html"
    assert crawled.target(f"{base}/a/self.html") == f"{base}/a/self.html"
    assert crawled.server.paths(HOST).count("/a/read.html") == 1


def test_bytes_in_a_location_are_asked_as_they_were_sent(crawled: Crawled) -> None:
    """Servers send raw UTF-8 and raw GBK there; both keep their bytes."""
    assert crawled.target(f"http://{HOST}/a/to-raw-bytes.html") == f"http://{HOST}/%E6%96%B0%E9%97%BB/a.html"
    assert crawled.target(f"http://{HOST}/a/to-gbk-bytes.html") == f"http://{HOST}/%D0%C2%CE%C5/b.html"
    for path in ("/%E6%96%B0%E9%97%BB/a.html", "/%D0%C2%CE%C5/b.html"):
        assert crawled.row(f"http://{HOST}{path}")[0] == "done"


def test_redirects_without_end_are_cut_off(crawled: Crawled) -> None:
    assert crawled.row(f"http://{HOST}/a/long10.html")[:2] == ("failed", "redirect-loop")
    assert f"http://{HOST}/a/long11.html" not in {url for (url,) in rows(crawled.home, "SELECT url FROM url")}


def test_gate_that_sends_back_with_a_cookie_is_passed_with_the_cookie(crawled: Crawled) -> None:
    asked = [one.request for one in crawled.server.heard if one.path == "/a/gate.html"]
    assert ["gate=passed" in request.decode("latin-1") for request in asked] == [False, True]


def test_redirect_to_a_private_address_is_refused_and_nobody_is_asked(crawled: Crawled) -> None:
    for name in ("private", "metadata"):
        target = crawled.target(f"http://{HOST}/a/to-{name}.html")
        assert crawled.row(target)[:2] == ("failed", "address-refused")
    assert "/secret" not in crawled.server.paths()


def test_links_that_are_no_addresses_become_no_rows(crawled: Crawled) -> None:
    known = [url for (url,) in rows(crawled.home, "SELECT url FROM url")]
    assert not [url for url in known if url.startswith(("ftp:", "javascript:", "mailto:")) or ":99999" in url]
    ((data,),) = rows(crawled.home, "SELECT json FROM item WHERE id = ?", f"http://{HOST}/a/odd-links.html")
    assert b'"state":"missing"' in data or b'"attachments":[]' in data


def test_crawl_log_has_a_line_for_every_request_and_for_every_refusal(crawled: Crawled) -> None:
    told = {(fields[3], *fields[11].split(",")[:2]) for fields in crawl_log(crawled.home)}
    for url, state, reason in rows(crawled.home, "SELECT url, state, reason FROM url WHERE role != 'robots'"):
        mine = [one for one in told if one[0] == url]
        assert mine, f"{url} ({state} {reason}) is not in the crawl.log"
        if state == "retry" or reason in ("robots", "address-refused", "internal-error", "too-big", "bad-redirect"):
            assert (url, state, reason) in mine


def test_status_codes_in_the_crawl_log_are_those_of_heritrix(crawled: Crawled) -> None:
    codes = {fields[3].removeprefix(f"http://{HOST}"): int(fields[1]) for fields in crawl_log(crawled.home)}
    wanted = {"/no/1.html": -9998, "/a/slow.html": -4, "/a/garbage.html": -5, "/a/404.html": 404, "/a/cut.html": 200}
    assert {path: codes[path] for path in wanted} == wanted
    assert codes["http://closed.example/"] == -61


def test_every_exchange_is_in_the_archive_and_failures_leave_a_metadata_record(crawled: Crawled) -> None:
    kinds: dict[str, Counter[str]] = {}
    errors: dict[str, str] = {}
    for path in (crawled.home / "warc").glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                url = record.rec_headers.get_header("WARC-Target-URI")
                if url:
                    kinds.setdefault(url, Counter())[record.rec_type] += 1
                if record.rec_type == "metadata":
                    for line in record.raw_stream.read().decode().splitlines():
                        if line.startswith("error: "):
                            errors[url] = line.removeprefix("error: ")
    for url, wanted in crawled.wanted.items():
        if wanted.asked and not url.endswith("/untaped.html"):
            assert kinds[url]["metadata"] == kinds[url]["request"] == wanted.asked
    base = f"http://{HOST}/a"
    assert (errors[f"{base}/slow.html"], errors[f"{base}/cut.html"]) == ("timeout", "connection-lost")
    assert errors[f"{base}/big.html"] == "too-big"
    assert not kinds[f"{base}/slow.html"]["response"]
    assert kinds[f"{base}/cut.html"]["response"] == 3


def test_archive_index_state_and_log_agree_afterwards(crawled: Crawled) -> None:
    done = parknews(crawled.home, "verify")
    assert (done.code, "all agree" in done.err) == (0, True), done.err[-2000:]


def test_next_run_asks_again_what_failed_for_reasons_of_the_day_and_nothing_else(crawled: Crawled) -> None:
    before = len(crawled.server.heard)
    site_host = f"http://{HOST}"
    done = parknews(crawled.home, "crawl", "main", *routed(crawled.server.route(HOST)), "--timeout", "2.5")
    assert done.code in (0, 1), done.err[-2000:]
    asked = {one.path for one in crawled.server.heard[before:]} - {"/list/"}
    ours = {url.removeprefix(site_host): one for url, one in crawled.wanted.items()}
    of_the_day = {"http-500", "timeout", "cut-body", "connection-lost"}
    assert asked == {path for path, one in ours.items() if one.reason in of_the_day}


# -------------------------------------------------------------------------------------------- without robots.txt
def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def unreached(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """A crawl of sites that cannot be reached, robots.txt not asked."""
    home = tmp_path_factory.mktemp("unreached") / "home"
    for name in ("nodns", "shut", "inside"):
        site(home, name, {"nodns": "nodns.invalid", "shut": "shut.example", "inside": "127.0.0.1:9"}[name])
    (home / "parknews.toml").write_text('operator = "Ending Test"\ncontact = "ends@example.org"\n')
    with ScriptedServer() as server:
        done = parknews(home, "crawl", *routed(f"shut.example::127.0.0.1:{closed_port()}"), "--ignore-robots")
        return Crawled(home, done, server, {})


@pytest.mark.parametrize(
    ("host", "reason"),
    [("nodns.invalid", "dns"), ("shut.example", "connection-refused"), ("127.0.0.1:9", "address-refused")],
)
def test_site_that_cannot_be_reached_fails_with_its_reason(unreached: Crawled, host: str, reason: str) -> None:
    assert unreached.row(f"http://{host}/list/")[:2] == ("failed", reason)
    tries = [fields for fields in crawl_log(unreached.home) if fields[3] == f"http://{host}/list/"]
    assert len(tries) == (1 if reason == "address-refused" else 3)
    assert parknews(unreached.home, "verify").code == 0


# ------------------------------------------------------------------------------------------------ reading processes
def workers_of(pid: int) -> list[tuple[int, float]]:
    """Return (pid, seconds of CPU) of the children of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append((int(path.parent.name), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")))
    return found


def three_articles(second: str) -> dict[str, Play]:
    """A site with a list of three articles: /a/1.html, the one at the path `second`, /a/2.html."""
    paths = ["/a/1.html", second, "/a/2.html"]
    script = {f"{HOST}{path}": html(page(f"岚江省推进第{path[3]}个园区", *TEXT)) for path in paths}
    return script | {
        f"{HOST}/list/": html(listing("列表", [(path, f"岚江省园区新闻的标题{path}") for path in paths])),
        f"{HOST}/": html(page("首页", "岚江" * 300)),
    }


def test_reader_that_is_killed_takes_its_page_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    site(home, "main", HOST)
    with ScriptedServer(three_articles("/a/endless.html")) as server:
        program = altered(tmp_path / "endless.py", ENDLESS)
        words = command(home, "crawl", *routed(server.connect_to), "--workers", "1", program=program)
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 60
            while "/a/2.html" not in server.paths() and time.monotonic() < deadline:
                time.sleep(0.05)
            idle = dict(workers_of(process.pid))
            killed: list[int] = []
            while not killed and time.monotonic() < deadline:
                time.sleep(0.1)
                for worker, seconds in workers_of(process.pid):
                    if seconds - idle.get(worker, 0.0) > 2.0:  # chewing on the endless one
                        os.kill(worker, signal.SIGKILL)
                        killed.append(worker)
            _, err = process.communicate(timeout=60)
    assert killed
    assert process.returncode in (0, 1), err
    found = dict(rows(home, "SELECT url, state || ' ' || COALESCE(reason, '') FROM url WHERE role = 'article'"))
    assert found == {
        f"http://{HOST}/a/1.html": "done ",
        f"http://{HOST}/a/endless.html": "failed read-killed",
        f"http://{HOST}/a/2.html": "done ",
    }


@pytest.mark.slow
def test_page_that_takes_all_memory_is_counted_and_its_process_replaced(tmp_path: Path) -> None:
    home = tmp_path / "home"
    site(home, "main", HOST)
    script = three_articles("/a/bomb.html")
    # Stray ends hide the fonts from pipelines.decode.is_overgrown: nine million elements in a few seconds.
    fonts = b"".join(b"<font color=%d>" % n for n in range(3_000))
    script[f"{HOST}/a/bomb.html"] = html(b"<p>" + fonts + b"<p>x</b></b>" * 3_000)
    with ScriptedServer(script) as server:
        done = parknews(home, "crawl", *routed(server.connect_to), "--workers", "1")
    assert done.code in (0, 1), done.err
    found = dict(rows(home, "SELECT url, state || ' ' || COALESCE(reason, '') FROM url WHERE role = 'article'"))
    assert found == {
        f"http://{HOST}/a/1.html": "done ",
        f"http://{HOST}/a/bomb.html": "failed read-memory",
        f"http://{HOST}/a/2.html": "done ",
    }


def test_record_that_rotted_before_it_was_read_fails_and_the_others_are_read(tmp_path: Path) -> None:
    """The only way to make our own reader raise: the bytes on the disk are no longer what was written."""
    home = tmp_path / "home"
    site(home, "main", HOST)
    paths = ["/a/1.html", "/a/2.html"]
    script = {f"{HOST}{path}": html(page(f"岚江省推进第{path[3]}个园区", *TEXT)) for path in paths}
    script |= {
        f"{HOST}/list/": html(listing("列表", [(path, f"岚江省园区新闻的标题{path}") for path in paths])),
        f"{HOST}/": html(page("首页", "岚江" * 300)),
    }
    with ScriptedServer(script) as server:
        assert parknews(home, "crawl", *routed(server.connect_to)).code == 0
        with closing(sqlite3.connect(home / "state.sqlite")) as db:
            db.execute("UPDATE capture SET outcome = NULL WHERE role = 'article'")
            db.execute("UPDATE url SET state = 'captured' WHERE role = 'article'")
            ((warc, offset, length),) = db.execute(
                "SELECT warc, offset, length FROM capture WHERE url = ?", (f"http://{HOST}/a/1.html",)
            ).fetchall()
            db.commit()
        with (home / "warc" / warc).open("r+b") as file:
            file.seek(offset + length // 2)
            byte = file.read(1)
            file.seek(offset + length // 2)
            file.write(bytes([byte[0] ^ 0xFF]))
        done = parknews(home, "crawl", *routed(server.connect_to))
    assert done.code in (0, 1), done.err
    found = {
        url[-6]: (state, reason)
        for url, state, reason in rows(home, "SELECT url, state, reason FROM url WHERE role = 'article'")
    }
    assert found["2"] == ("done", None)
    assert found["1"][0] == "failed"
    assert found["1"][1].startswith("read-error:")
    done = parknews(home, "verify")
    assert done.code == 3
    assert f"at byte {offset}" in done.err
