"""The server of the farm: any number of sites on one loopback port, told apart by Host, with a log of every request.

A crawler is pointed here with `--connect-to ::127.0.0.1:PORT`.  Answers that never come end with the server.
"""

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import responses
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from tests.farm.model import Answer, Asked
from tests.listening import Listener

REASONS = {521: "Web Server Is Down", **{int(status): phrase for status, phrase in responses.items()}}


class Served(Protocol):
    """What the server needs of a site."""

    @property
    def host(self) -> str: ...

    def respond(self, asked: Asked, /) -> Answer: ...


@dataclass(frozen=True)
class Hit:
    """One request.  time: seconds since 1970, when it came.  target: path with query."""

    time: float
    host: str
    method: str
    target: str
    status: int
    agent: str


class FarmServer:
    """Serves sites until its end; `hits` is the log, oldest first.  Raises OSError when the port is held."""

    def __init__(self, sites: Iterable[Served], port: int = 0) -> None:
        self.sites = {site.host: site for site in sites}
        self.hits: list[Hit] = []
        self.closing = threading.Event()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._http = Listener(("127.0.0.1", port), Handler, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def connect_to(self) -> str:
        """The value of `--connect-to` that leads every host name here."""
        return f"::127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def targets(self, host: str) -> list[str]:
        """What was asked of a host, in order."""
        return [hit.target for hit in list(self.hits) if hit.host == host]

    def count(self, host: str) -> int:
        """How often a host was asked before this time."""
        with self._lock:
            self._counts[host] += 1
            return self._counts[host] - 1

    def note(self, hit: Hit) -> None:
        with self._lock:
            self.hits.append(hit)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    wbufsize = -1
    server: Listener[FarmServer]

    def do_GET(self) -> None:
        moment = time.time()
        parts = urlsplit(self.path)
        host = (self.headers.get("Host") or parts.netloc).partition(":")[0].lower()
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(int(length)) if length.isdecimal() else b""
        farm = self.server.owner
        site = farm.sites.get(host)
        headers = {name.lower(): text for name, text in self.headers.items()}
        asked = Asked(host, self.command, parts.path or "/", parts.query, body, headers, farm.count(host))
        answer = site.respond(asked) if site else Answer(b"no such host\n", "text/plain", 404)
        status = answer.status if answer.fate == "answer" else 0
        farm.note(Hit(moment, host, self.command, asked.target, status, self.headers.get("User-Agent", "")))
        if answer.fate == "hang":
            farm.closing.wait(120)
            self.close_connection = True
        elif answer.fate == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        else:
            self._send(answer)

    do_HEAD = do_GET
    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on stderr: the log is FarmServer.hits."""

    def _send(self, answer: Answer) -> None:
        lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}", "Server: farm"]
        lines += [f"Content-Type: {answer.mime}", f"Content-Length: {len(answer.body)}"]
        lines += [f"{name}: {text}" for name, text in answer.headers]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()
