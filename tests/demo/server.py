"""The demo server: five invented sites on one loopback port, told apart by Host; standard library only.

    python -m tests.demo.server --port 8700 [--state 2] [--log access.jsonl]
    python -m tests.demo.server --write-truth truth.json [--state 2]

Sites answer as http://NAME.demo.example/ (port 80 in their own links): a crawler is pointed here with
`--connect-to ::127.0.0.1:8700`.  The host control.demo.example steers a running server: POST /state/2, GET /state,
GET /log, GET /truth.  http://kjt.demo.example/big.bin?mb=N sends N megabytes; no page links to it.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO
from urllib.parse import parse_qs, urlsplit

from tests.demo.answering import Headers, Shop
from tests.demo.model import STATES
from tests.demo.sites import sites
from tests.demo.truth import report
from tests.listening import Listener

CONTROL = "control.demo.example"
BIG_PATH, BIG_HOST = "/big.bin", "kjt.demo.example"
MEGABYTE = bytes(range(256)) * 4096


@dataclass(frozen=True)
class Hit:
    """One line of the access log.  time: seconds since 1970.  sent: bytes after the header block, as on the wire."""

    time: float
    host: str
    method: str
    path: str
    status: int
    sent: int
    if_none_match: str | None
    if_modified_since: str | None
    user_agent: str | None


class DemoServer:
    """The sites on one port of `host`; port 0 takes a free one.  A context manager.

    state: 1 or 2, may be set while it runs.  hits: the access log, oldest first.  Raises OSError when the port is held.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, state: int = 1, log: TextIO | None = None) -> None:
        self.shops = {(site.host, state): Shop(site) for state in STATES for site in sites(state).values()}
        self.state = state
        self.hits: list[Hit] = []
        self._log, self._lock, self._counts = log, threading.Lock(), dict[str, int]()
        self._http = Listener((host, port), Handler, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

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

    @property
    def hosts(self) -> list[str]:
        return sorted({host for host, _ in self.shops})

    def __enter__(self) -> Self:
        for shop in self.shops.values():
            _ = shop.site.answers
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def shop(self, host: str) -> Shop | None:
        return self.shops.get((host, self.state))

    def count(self, url: str) -> int:
        """Return how often `url` has been read before this time."""
        with self._lock:
            self._counts[url] = self._counts.get(url, 0) + 1
            return self._counts[url] - 1

    def record(self, hit: Hit) -> None:
        with self._lock:
            self.hits.append(hit)
            if self._log:
                self._log.write(json.dumps(asdict(hit), ensure_ascii=False) + "\n")
                self._log.flush()


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    wbufsize = -1
    server: Listener[DemoServer]

    def do_GET(self) -> None:
        try:
            parts = urlsplit(self.path)  # absolute form too: the server may be used as a plain HTTP proxy
        except ValueError as error:
            return self.send_error(400, str(error))
        host = (parts.netloc or self.headers.get("Host", "")).partition(":")[0].lower()
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._drain()
        if host == CONTROL:
            status, sent = self._control(path)
        elif self.command == "POST":
            status, sent = self._text(405, "these sites only answer GET and HEAD\n")
        elif (host, parts.path) == (BIG_HOST, BIG_PATH):
            status, sent = self._stream(parts.query)
        else:
            status, sent = self._page(host, path)
        self.wfile.flush()
        self._record(host, path, status, sent)

    do_HEAD = do_GET
    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on stderr: the access log is DemoServer.hits."""

    def _page(self, host: str, path: str) -> tuple[int, int]:
        shop = self.server.owner.shop(host)
        if shop is None:
            return self._text(404, f"no such host here; have {', '.join(self.server.owner.hosts)}\n")
        count = self.server.owner.count(host + path)
        status, headers, body = shop.respond(path, self.headers, count, self.request_version != "HTTP/1.0")
        return status, self._write(status, headers, [body])

    def _stream(self, query: str) -> tuple[int, int]:
        asked = parse_qs(query).get("mb", ["1"])[0]
        if not asked.isdecimal():
            return self._text(400, f"mb={asked}: a whole number of megabytes would do\n")
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(int(asked) << 20))]
        return 200, self._write(200, headers, (MEGABYTE for _ in range(int(asked))))

    def _control(self, path: str) -> tuple[int, int]:
        demo = self.server.owner
        if self.command == "POST" and path.startswith("/state/"):
            asked = path.removeprefix("/state/")
            if asked not in map(str, STATES):
                return self._text(400, f"state {asked}: have {STATES}\n")
            demo.state = int(asked)
        found: object = {"state": demo.state}
        if path == "/log":
            found = [asdict(hit) for hit in list(demo.hits)]
        if path == "/truth":
            found = report(demo.state)
        return self._text(200, json.dumps(found, ensure_ascii=False), "application/json")

    def _text(self, status: int, text: str, mime: str = "text/plain; charset=utf-8") -> tuple[int, int]:
        body = text.encode()
        return status, self._write(status, [("Content-Type", mime), ("Content-Length", str(len(body)))], [body])

    def _write(self, status: int, headers: Headers, parts: Iterable[bytes]) -> int:
        lines = [f"HTTP/1.1 {status} {responses[status]}", "Server: demo", f"Date: {formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        sent = 0
        for part in () if self.command == "HEAD" else parts:
            self.wfile.write(part)
            sent += len(part)
        return sent

    def _drain(self) -> None:
        """Read the body of a request, so that the next one on this connection starts where it should."""
        length = self.headers.get("Content-Length", "")
        if length.isdecimal():
            self.rfile.read(int(length))

    def _record(self, host: str, path: str, status: int, sent: int) -> None:
        self.server.owner.record(
            Hit(
                time=time.time(),
                host=host,
                method=self.command,
                path=path,
                status=status,
                sent=sent,
                if_none_match=self.headers.get("If-None-Match"),
                if_modified_since=self.headers.get("If-Modified-Since"),
                user_agent=self.headers.get("User-Agent"),
            )
        )


@contextmanager
def _open_log(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with path.open("a", encoding="utf-8") as log:
        yield log


def _serve(host: str, port: int, state: int, log: TextIO | None) -> int:
    try:
        server = DemoServer(host, port, state, log)
    except OSError as error:
        sys.stderr.write(f"{host}:{port}: {error.strerror}; name another port with --port\n")
        return 2
    with server as demo:
        place = "http://{}:{}".format(*demo.address)
        sys.stdout.write(f"{place} state {demo.state} hosts {' '.join(demo.hosts)}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.server", description="Serve the five demo sites.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one; the line on stdout names it")
    parser.add_argument("--state", type=int, choices=STATES, default=1, help="2: three new, one changed, one removed")
    parser.add_argument("--log", type=Path, help="access log, JSON Lines, appended")
    parser.add_argument("--write-truth", type=Path, metavar="FILE", help="write what the sites say, and end")
    chosen = parser.parse_args(arguments)
    if chosen.write_truth:
        text = json.dumps(report(chosen.state), ensure_ascii=False, indent=1)
        chosen.write_truth.write_text(text + "\n", encoding="utf-8")
        return 0
    with _open_log(chosen.log) as log:
        return _serve(chosen.host, chosen.port, chosen.state, log)


if __name__ == "__main__":
    sys.exit(main())
