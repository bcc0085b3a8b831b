"""An article of several pages: its parts are captured, joined in reading order and named as evidence."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.paths import Home
from pipelines.feed import ChangeLog
from tests.conftest import crawl, new_home

LIST = '<html><body><ul class="list"><li><a href="/news/2026/1101/5.html">园区首批实验室开放预约</a> <span>2026-11-01</span></li></ul></body></html>'
PAGE = """<html><head><title>园区首批实验室开放预约</title></head><body><div class="main"><h1>园区首批实验室开放预约</h1>
<p class="info">发布时间：2026-11-01 09:30　来源：园区管理处</p><div class="content">{text}</div>
<div class="pages"><a href="/news/2026/1101/5.html">1</a> <a href="/news/2026/1101/5_2.html">2</a> {following}</div></div></body></html>"""
TEXT = [
    "<p>第一部分讲的是预约的办法，企业在网上提交用途、时段和人数，管理处当天答复，仪器由专人带看。</p>" * 2,
    "<p>第二部分讲的是收费的标准，小试免费，中试按机时计，超出时段的另行商量，并给初创团队减半。</p>" * 2,
]


@pytest.fixture
def site() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first, second = self.path == "/news/2026/1101/5.html", self.path == "/news/2026/1101/5_2.html"
            body = LIST if self.path in ("/", "/news/") else ""
            if first or second:
                following = '<a href="/news/2026/1101/5_2.html">下一页</a>' if first else ""
                body = PAGE.format(text=TEXT[second], following=following)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"::127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_parts_of_an_article_are_joined_and_proved(site: str, tmp_path: Path) -> None:
    definition = tmp_path / "parts.toml"
    definition.write_text(
        'url = "http://parts.example/"\nsince = 2026-01-01\n[[list]]\nurl = "http://parts.example/news/"\ncms = "generic"\n',
        "utf-8",
    )
    root = new_home(tmp_path / "home", definition)
    crawl(root, site)
    events = list(ChangeLog(Home(root).changes).events())
    assert [event.op for event in events] == ["new"]
    text = events[0].item.content_text if events[0].item else ""
    assert text is not None
    assert text.index("第一部分") < text.index("第二部分")
    assert [proof.url for proof in events[0].evidence if proof.role == "part"] == [
        "http://parts.example/news/2026/1101/5_2.html"
    ]
