"""The demo server speaks HTTP as real sites do: virtual hosts, conditional answers, codings, states at run time."""

import json
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import create_connection

import pytest

from tests.demo.answering import delivery
from tests.demo.server import DemoServer, Hit
from tests.demo.sites import sites
from tests.demo.truth import truth
from tests.demo.visitor import Visitor

ROOT = Path(__file__).resolve().parents[1]
EACH_SITE = pytest.mark.parametrize("name", ["kjt", "hr", "yd", "tv", "tz"])


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def visitor(demo: DemoServer) -> Iterator[Visitor]:
    demo.state = 1
    with Visitor(demo) as visitor:
        yield visitor


def test_hosts_are_told_apart_on_one_port_and_one_connection(visitor: Visitor) -> None:
    for site in sites().values():
        assert site.title in visitor.get(site.home).text


def test_port_in_the_host_header_does_not_matter(visitor: Visitor) -> None:
    assert visitor.get("http://kjt.demo.example:8700/").status == 200


def test_unknown_host_is_told_which_hosts_there_are(visitor: Visitor) -> None:
    reply = visitor.get("http://other.example/")
    assert reply.status == 404
    assert "hr.demo.example, kjt.demo.example" in reply.text


@EACH_SITE
def test_lists_articles_and_static_files_answer_304_when_nothing_changed(visitor: Visitor, name: str) -> None:
    site = truth()[name]
    style = next(path for path in sites()[name].answers if path.endswith(".css"))
    articles = [a["url"] for a in site["articles"][:4]]
    for url in [site["home"], site["lists"][0]["url"], *articles, f"http://{name}.demo.example{style}"]:
        first = visitor.get(url)
        if "etag" in first.headers:
            assert visitor.get(url, If_None_Match=first.headers["etag"]).status == 304
            assert visitor.get(url, If_None_Match='"other"').status == 200
        if "last-modified" in first.headers:
            assert visitor.get(url, If_Modified_Since=first.headers["last-modified"]).status == 304
            assert visitor.get(url, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
        assert {"etag", "last-modified"} & first.headers.keys()


def test_if_none_match_decides_alone_when_both_are_sent(visitor: Visitor) -> None:
    first = visitor.get("http://kjt.demo.example/")
    both = {"If_None_Match": '"other"', "If_Modified_Since": first.headers["last-modified"]}
    assert visitor.get("http://kjt.demo.example/", **both).status == 200


@EACH_SITE
def test_each_site_answers_plain_gzipped_chunked_and_both(visitor: Visitor, name: str) -> None:
    seen = set()
    for article in truth()[name]["articles"]:
        headers = visitor.get(article["url"], Accept_Encoding="gzip, deflate").headers
        seen.add((headers.get("content-encoding"), headers.get("transfer-encoding")))
    assert seen == {(None, None), ("gzip", None), (None, "chunked"), ("gzip", "chunked")}


def test_gzip_only_when_asked_for(visitor: Visitor) -> None:
    url = next(a["url"] for a in truth()["kjt"]["articles"] if _delivered_gzipped(a["url"]))
    assert "content-encoding" not in visitor.get(url).headers
    asked = visitor.get(url, Accept_Encoding="gzip")
    assert asked.headers["content-encoding"] == "gzip"
    assert asked.headers["vary"] == "Accept-Encoding"
    assert asked.body == visitor.get(url).body


def _delivered_gzipped(url: str) -> bool:
    return delivery(url.removeprefix("http://kjt.demo.example"), "text/html").gzipped


def test_old_clients_get_no_chunks(demo: DemoServer) -> None:
    url = next(a["url"] for a in truth()["kjt"]["articles"] if zlib.crc32(a["url"][23:].encode()) % 4 == 2)
    with create_connection(demo.address) as wire:
        wire.sendall(f"GET {url} HTTP/1.0\r\n\r\n".encode())  # absolute form, as a proxy is asked
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert f"Content-Length: {len(body)}".encode() in head


def test_head_answers_without_a_body(visitor: Visitor) -> None:
    reply = visitor.get("http://kjt.demo.example/images/logo.png", method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 0


def test_odd_requests_are_refused_and_the_next_one_answered(demo: DemoServer, visitor: Visitor) -> None:
    assert visitor.get("http://kjt.demo.example/", method="POST").status == 405
    assert visitor.get("http://kjt.demo.example/kjdt/gzdt/?x=%ff").status == 404
    for line in (b"GET http://[::bad/ HTTP/1.1\r\nHost: kjt.demo.example\r\n\r\n", b"\x16\x03\x01 nonsense\r\n\r\n"):
        with create_connection(demo.address) as wire:
            wire.sendall(line)
            assert b" 400 " in wire.recv(4096)
    assert visitor.get("http://kjt.demo.example/").status == 200


def test_robots_of_each_site(visitor: Visitor) -> None:
    texts = {name: visitor.get(f"{site.home}robots.txt").text for name, site in sites().items()}
    assert "Crawl-delay: 0" in texts["kjt"]
    for name, site in sites().items():
        rules = re.findall(r"^Disallow: (\S+)", texts[name], re.M)
        assert all(any(path.startswith(rule) for rule in rules) for path in site.disallowed)
        assert not any(a.path.startswith(rule) for a in site.articles() for rule in rules)
        assert bool(rules) == bool(site.disallowed)


@EACH_SITE
def test_pictures_and_styles_that_pages_name_are_there_and_real(visitor: Visitor, name: str) -> None:
    answers = sites()[name].answers
    magic = {"image/png": b"\x89PNG\r\n", "image/gif": b"GIF89a", "image/jpeg": b"\xff\xd8\xff\xe0"}
    pictures = [(path, a) for path, a in answers.items() if a.mime in magic]
    assert len(pictures) >= 3
    for path, answer in pictures:
        assert visitor.get(f"http://{name}.demo.example{path}").body.startswith(magic[answer.mime])
    styles = [path for path, a in answers.items() if a.mime == "text/css"]
    assert styles
    for path in styles:
        for asked in re.findall(r"url\([\"']?([^\"')]+)|@import [\"']([^\"']+)", answers[path].body.decode()):
            assert f"/{(asked[0] or asked[1]).rsplit('/', 1)[-1]}" in " ".join(answers)


def test_big_file_is_streamed_at_the_asked_size(visitor: Visitor) -> None:
    reply = visitor.get("http://kjt.demo.example/big.bin?mb=3")
    assert len(reply.body) == 3 << 20
    assert visitor.get("http://kjt.demo.example/big.bin?mb=x").status == 400
    assert not any(b"big.bin" in answer.body for answer in sites()["kjt"].answers.values())


def test_state_is_switched_at_run_time_and_by_control_url(demo: DemoServer, visitor: Visitor) -> None:
    new = truth(2)["kjt"]["new"][0]
    assert visitor.get(new).status == 404
    demo.state = 2
    assert visitor.get(new).status == 200
    assert json.loads(visitor.get("http://control.demo.example/state/1", method="POST").text) == {"state": 1}
    assert visitor.get(new).status == 404
    assert visitor.get("http://control.demo.example/state/3", method="POST").status == 400


def _noted(demo: DemoServer, count: int) -> list[Hit]:
    """The newest hits of the news list, once they are noted."""
    for _ in range(200):
        found = [hit for hit in demo.hits if (hit.host, hit.path) == ("yd.demo.example", "/news/")][-count:]
        if len(found) == count and found[-1].status == 304:
            return found
        time.sleep(0.01)
    raise AssertionError("the hits were not noted")


def test_access_log_names_what_was_asked_and_sent(demo: DemoServer, visitor: Visitor) -> None:
    first = visitor.get("http://yd.demo.example/news/")
    visitor.get("http://yd.demo.example/news/", If_None_Match=first.headers["etag"])
    # a hit is noted after its answer is sent, so another test's last one may come in between
    full, conditional = (hit for hit in _noted(demo, 2) if hit.path == "/news/")
    assert (full.host, full.method, full.path, full.status) == ("yd.demo.example", "GET", "/news/", 200)
    assert full.sent > 0
    assert (conditional.status, conditional.sent) == (304, 0)
    assert conditional.if_none_match == first.headers["etag"]


def test_many_clients_at_once_get_whole_answers(demo: DemoServer) -> None:
    demo.state = 1
    urls = [a["url"] for site in truth().values() for a in site["articles"]][::4]

    def read_all(_: int) -> int:
        with Visitor(demo) as visitor:
            return sum(visitor.get(url).status == 200 for url in urls)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(read_all, range(16))) == [len(urls)] * 16


def test_server_runs_as_a_process_writes_its_log_and_tells_its_address(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    command = [sys.executable, "-m", "tests.demo.server", "--port", "0", "--state", "2", "--log", str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        host, port = re.findall(r"http://([\d.]+):(\d+) state 2", line)[0]
        with create_connection((host, int(port))) as wire:
            wire.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: kjt.demo.example\r\nConnection: close\r\n\r\n")
            assert b"Crawl-delay: 0" in b"".join(iter(lambda: wire.recv(65536), b""))
        process.terminate()
    assert json.loads(log.read_text().splitlines()[0])["path"] == "/robots.txt"


def test_a_held_port_is_one_clear_line_and_exit_2(demo: DemoServer) -> None:
    command = [sys.executable, "-m", "tests.demo.server", "--port", str(demo.port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"127.0.0.1:{demo.port}: Address already in use; name another port with --port\n"
