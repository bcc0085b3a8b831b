"""The demo server: five invented sites on one loopback port, told apart by Host; standard library only.

    python -m tests.demo.server --port 8700 [--state 2] [--log access.jsonl]
    python -m tests.demo.server --write-truth truth.json [--state 2]

Sites answer as http://NAME.demo.example/ (port 80 in their own links): a crawler is pointed here with
`--connect-to ::127.0.0.1:8700`.  The host control.demo.example steers a running server: POST /state/2, GET /state,
GET /log, GET /truth.  Some answers come gzipped, some chunked, some both, by a checksum of the path, always the same.
"""

import argparse
import gzip
import json
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from functools import cached_property
from http.client import responses as REASONS
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO
from urllib.parse import parse_qs, urlsplit

from tests.demo.model import COUNTER, STATES, Answer, DemoSite
from tests.demo.sites import sites
from tests.demo.truth import report

CONTROL = "control.demo.example"
COMPRESSIBLE = ("text/", "application/json", "application/javascript", "application/rss+xml", "application/xml")
MEGABYTE = bytes(range(256)) * 4096
CHUNK = 1500  # bytes of a chunk on chunked answers: most pages take several


@dataclass(frozen=True)
class Hit:
    """One line of the access log.  sent: bytes after the header block, as on the wire."""

    time: float
    host: str
    method: str
    path: str
    status: int
    sent: int
    if_none_match: str | None
    if_modified_since: str | None
    user_agent: str | None


@dataclass(frozen=True)
class Delivery:
    """How one path is always sent."""

    gzipped: bool
    chunked: bool


def delivery(path: str, mime: str) -> Delivery:
    number = zlib.crc32(path.encode()) % 4
    text = mime.startswith(COMPRESSIBLE)
    return Delivery(gzipped=text and number in (1, 3), chunked=text and number in (2, 3))


class Shop:
    """All answers of one site in one state, with the gzipped form of each made once."""

    def __init__(self, site: DemoSite) -> None:
        self.site = site
        self._small: dict[str, bytes] = {}

    @cached_property
    def answers(self) -> dict[str, Answer]:
        return self.site.answers()

    @cached_property
    def missing(self) -> Answer:
        return self.site.missing()

    def find(self, path: str) -> Answer:
        return self.answers.get(path) or self.missing

    def gzipped(self, path: str, body: bytes) -> bytes:
        if path not in self._small:
            self._small[path] = gzip.compress(body, 6, mtime=0)
        return self._small[path]


class DemoServer:
    """The sites on one port of `host`; port 0 takes a free one.  A context manager.

    state: 1 or 2, may be set while it runs.  hits: the access log, oldest first.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, state: int = 1, log: TextIO | None = None) -> None:
        self.shops = {(s.host, s.state): Shop(s) for state in STATES for s in sites(state).values()}
        self.state = state
        self.hits: list[Hit] = []
        self._log, self._lock, self._counts = log, threading.Lock(), dict[str, int]()
        self._http = _Listener((host, port), self)
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._http.server_address[:2]
        return str(host), int(port)

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def connect_to(self) -> str:
        """The value of `--connect-to` that leads every host name here."""
        return "::{}:{}".format(*self.address)

    def start(self) -> Self:
        for shop in self.shops.values():
            _ = shop.answers
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._thread:
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def shop(self, host: str) -> Shop | None:
        return self.shops.get((host, self.state))

    def count(self, path: str) -> int:
        """Return how often `path` has been read, this time included."""
        with self._lock:
            self._counts[path] = self._counts.get(path, 0) + 1
            return self._counts[path]

    def record(self, hit: Hit) -> None:
        with self._lock:
            self.hits.append(hit)
            if self._log:
                self._log.write(json.dumps(asdict(hit), ensure_ascii=False) + "\n")
                self._log.flush()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], demo: DemoServer) -> None:
        self.demo = demo
        super().__init__(address, Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that hang up; anything else is our mistake and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    wbufsize = -1
    server: _Listener

    def do_GET(self) -> None:
        demo = self.server.demo
        parts = urlsplit(self.path)  # absolute form too: this server may be used as a plain HTTP proxy
        host = (parts.netloc or self.headers.get("Host", "")).rsplit(":", 1)[0].lower()
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._drain()
        shop = demo.shop(host)
        if host == CONTROL:
            status, sent = self._control(path)
        elif shop is None:
            names = ", ".join(sorted(name for name, _ in demo.shops))
            status, sent = self._send(path, Answer(f"no such host here; have {names}\n".encode(), "text/plain", 404))
        elif parts.path == "/big.bin" and shop.site.name == "kjt":
            status, sent = self._stream(int(parse_qs(parts.query).get("mb", ["1"])[0]))
        else:
            status, sent = self._send(path, shop.find(path), shop)
        self.wfile.flush()
        headers = self.headers
        demo.record(
            Hit(
                time=time.time(),
                host=host,
                method=self.command,
                path=path,
                status=status,
                sent=sent,
                if_none_match=headers.get("If-None-Match"),
                if_modified_since=headers.get("If-Modified-Since"),
                user_agent=headers.get("User-Agent"),
            )
        )

    do_HEAD = do_GET
    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on stderr: the access log is DemoServer.hits."""

    def _drain(self) -> None:
        """Read the body of a request, so that the next one on this connection starts where it should."""
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(length)

    def _send(self, path: str, answer: Answer, shop: Shop | None = None) -> tuple[int, int]:
        headers = [("Content-Type", answer.mime), *answer.headers, *(shop.site.headers if shop else ())]
        if answer.tag:
            headers.append(("ETag", answer.tag))
        if answer.modified and answer.status == 200:
            headers.append(("Last-Modified", format_datetime(answer.modified, usegmt=False)))
        if self._unchanged(answer):
            return 304, self._write(304, headers[1:], [])
        if answer.location is not None:
            headers.append(("Location", answer.location))
        body = answer.body
        if answer.counter:
            body = body.replace(COUNTER, str(40 + self.server.demo.count(path)).encode())
        how = delivery(path, answer.mime)
        if how.gzipped and shop:
            headers.append(("Vary", "Accept-Encoding"))
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                headers.append(("Content-Encoding", "gzip"))
                body = gzip.compress(body, 6, mtime=0) if answer.counter else shop.gzipped(path, body)
        if how.chunked and shop and self.request_version == "HTTP/1.1":
            headers.append(("Transfer-Encoding", "chunked"))
            body = b"".join(_chunks(body))
        else:
            headers.append(("Content-Length", str(len(body))))
        return answer.status, self._write(answer.status, headers, [body])

    def _unchanged(self, answer: Answer) -> bool:
        """RFC 9110 §13.2.2: If-None-Match decides alone when it is there."""
        if answer.status != 200 or self.command not in ("GET", "HEAD"):
            return False
        asked = self.headers.get("If-None-Match")
        if asked is not None:
            known = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
            return answer.tag is not None and answer.tag.removeprefix("W/") in known
        since = self.headers.get("If-Modified-Since")
        if since is None or answer.modified is None:
            return False
        try:
            return parsedate_to_datetime(since) >= answer.modified
        except ValueError:
            return False

    def _stream(self, megabytes: int) -> tuple[int, int]:
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(megabytes << 20))]
        return 200, self._write(200, headers, (MEGABYTE for _ in range(megabytes)))

    def _control(self, path: str) -> tuple[int, int]:
        demo = self.server.demo
        if self.command == "POST" and path.startswith("/state/"):
            asked = path.removeprefix("/state/")
            if asked not in map(str, STATES):
                return self._send(path, Answer(f"state {asked!r}: have {STATES}\n".encode(), "text/plain", 400))
            demo.state = int(asked)
        found: object = {"state": demo.state}
        if path == "/log":
            found = [asdict(hit) for hit in list(demo.hits)]
        if path == "/truth":
            found = report(demo.state)
        return self._send(path, Answer(json.dumps(found, ensure_ascii=False).encode(), "application/json"))

    def _write(self, status: int, headers: list[tuple[str, str]], parts: Iterator[bytes] | list[bytes]) -> int:
        lines = [f"HTTP/1.1 {status} {REASONS[status]}", "Server: demo", f"Date: {formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        sent = 0
        if self.command != "HEAD" and status != 304:
            for part in parts:
                self.wfile.write(part)
                sent += len(part)
        return sent


def _chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK):
        part = body[start : start + CHUNK]
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.server", description="Serve the five demo sites.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one and prints it")
    parser.add_argument("--state", type=int, choices=STATES, default=1)
    parser.add_argument("--log", type=Path, help="access log, JSON Lines, appended")
    parser.add_argument("--write-truth", type=Path, metavar="FILE", help="write what the sites say, and end")
    chosen = parser.parse_args(arguments)
    if chosen.write_truth:
        text = json.dumps(report(chosen.state), ensure_ascii=False, indent=1)
        chosen.write_truth.write_text(text + "\n", encoding="utf-8")
        return 0
    log = chosen.log.open("a", encoding="utf-8") if chosen.log else None
    try:
        demo = DemoServer(chosen.host, chosen.port, chosen.state, log)
    except OSError as error:
        sys.stderr.write(f"{chosen.host}:{chosen.port}: {error.strerror}; name another with --port\n")
        return 2
    with demo:
        hosts = " ".join(sorted({host for host, _ in demo.shops}))
        sys.stdout.write(f"http://{demo.address[0]}:{demo.port} state {demo.state} hosts {hosts}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
