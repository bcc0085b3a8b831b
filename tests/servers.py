"""A loopback HTTP server that plays a script byte for byte, and a proxy that relays: what went over the wire is kept.

A script says for each path exactly which bytes come back, in which packets, and how the connection ends; `heard` has
the bytes of every request and answer.  Hosts are told apart by the Host header, so one port plays many sites.
"""

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

CONTENT_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d+)")
HOST = re.compile(rb"(?im)^host:[ \t]*([^\r\n]*)")
ABSOLUTE = re.compile(rb"^https?://[^/ ]+")
LINGER = 0.3  # seconds between the last byte and a reset, so that the client has read what came before


@dataclass(frozen=True)
class Play:
    """What one request gets.

    answer: head and body as sent.  interim: 1xx answers before it.  packet: bytes a packet, 0 = all at once; pause:
    seconds between packets.  then: keep the connection, close it, reset it, or stall until the client hangs up.
    fresh: only a connection that has not answered before gets the answer, another one is hung up on (a dead pooled
    connection).
    """

    answer: bytes
    interim: bytes = b""
    then: Literal["keep", "close", "reset", "stall"] = "keep"
    packet: int = 0
    pause: float = 0.0
    fresh: bool = False


Plays = Play | Sequence[Play]


@dataclass(frozen=True)
class Heard:
    """One exchange as the server saw it.

    host: of the Host header, without port.  answer: what was sent after interim answers.  connection: number of it;
    turn: number of the request on it, from 1.  at: unix time.  server_name: SNI.  played: False = hung up on.
    """

    host: str
    method: str
    path: str
    request: bytes
    answer: bytes
    connection: int
    turn: int
    at: float
    server_name: str | None
    played: bool

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"


def answer(body: bytes = b"", *lines: str, status: str = "HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> bytes:
    """Return an answer with Content-Length.  lines: further header lines, before it."""
    return head(status, *lines, f"Content-Length: {len(body)}", eol=eol) + body


def head(*lines: str | bytes, eol: bytes = b"\r\n") -> bytes:
    """Return a status line and headers with the empty line; text goes out as latin-1."""
    return b"".join((one if isinstance(one, bytes) else one.encode("latin-1")) + eol for one in lines) + eol


def chunked(body: bytes, size: int, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    """Return a body in chunks of `size`.  trailer: whole lines with their line ends."""
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    out = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
    return out + b"0\r\n" + trailer + b"\r\n"


def page(title: str, *paragraphs: str) -> bytes:
    """Return an article page in UTF-8 that every reader takes for one."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><h1>{title}</h1><div class="info">发布时间：2024-05-01 09:30 来源：本网</div>'
        f'<div class="content">{body}</div></body></html>'
    ).encode()


def listing(title: str, rows: Sequence[tuple[str, str]]) -> bytes:
    """Return a list page of (url, title) rows with dates."""
    items = "".join(f'<li><a href="{url}">{text}</a><span>2024-05-01</span></li>\n' for url, text in rows)
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><ul class="list">\n{items}</ul></body></html>'
    ).encode()


class _Listener:
    """A listening socket with a thread for each connection; closes them all at its end."""

    def __init__(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = False

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    @property
    def port(self) -> int:
        return self.address[1]

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._closing = True
        with contextlib.suppress(OSError):  # wakes the thread in accept()
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(60)
            thread = threading.Thread(target=self._serve, args=(connection, len(self._threads) + 1), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            self.serve(connection, number)
        except OSError:  # ssl.SSLError too: the client hung up
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def serve(self, connection: socket.socket, number: int) -> None:
        raise NotImplementedError


class ScriptedServer(_Listener):
    """Plays `script`: "path" or "host/path" -> Play, or several, one a request and the last for all that follow.

    script may be changed while it runs.  tls: a server context makes it an https server.
    """

    def __init__(
        self, script: Mapping[str, Plays] | None = None, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(host)
        self.script: dict[str, Plays] = dict(script or {})
        self.heard: list[Heard] = []
        self._tls = tls
        self._counts: dict[str, int] = {}
        self._names: dict[int, str | None] = {}
        if tls is not None:
            tls.sni_callback = self._name

    @property
    def connect_to(self) -> str:
        """The value of `--connect-to` that leads every host and port here."""
        return self.route()

    def route(self, host: str = "", port: str = "") -> str:
        """The value of `--connect-to` that leads `host`:`port` here."""
        own = self.address[0]
        return f"{host}:{port}:{f'[{own}]' if ':' in own else own}:{self.port}"

    def paths(self, host: str | None = None) -> list[str]:
        """Return the paths that were asked, in order."""
        return [one.path for one in list(self.heard) if host in (None, one.host)]

    def serve(self, connection: socket.socket, number: int) -> None:
        if self._tls is not None:
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                self._converse(secured, number, self._names.pop(id(secured), None))
        else:
            self._converse(connection, number, None)

    def _name(self, sock: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        self._names[id(sock)] = name

    def _converse(self, connection: socket.socket, number: int, name: str | None) -> None:
        rest, turn = b"", 0
        while True:
            request, rest = read_request(connection, rest)
            if not request:
                return
            turn += 1
            if not self._answer(connection, request, number, turn, name):
                return

    def _answer(self, connection: socket.socket, request: bytes, number: int, turn: int, name: str | None) -> bool:
        method, target, _ = request.split(b"\r\n", 1)[0].split(b" ", 2)
        path = ABSOLUTE.sub(b"", target).decode("latin-1")
        found = HOST.search(request)
        host = found[1].decode("latin-1").strip().rpartition("]")[0] if found and b"]" in found[1] else ""
        host = host + "]" if host else found[1].decode("latin-1").partition(":")[0].strip() if found else ""
        play = self._play(host, path, method)
        refused = play.fresh and turn > 1
        said = b"" if refused else play.answer
        heard = Heard(host, method.decode(), path, request, said, number, turn, time.time(), name, not refused)
        with self._lock:  # kept before it is sent: a fast client finds it there
            self.heard.append(heard)
        if refused:
            return False
        return perform(connection, play)

    def _play(self, host: str, path: str, method: bytes) -> Play:
        key = f"{host}{path}"
        plays = self.script.get(key, self.script.get(path))
        if plays is None:
            missing = b"nothing here\n"
            return Play(answer(b"" if method == b"HEAD" else missing, status="HTTP/1.1 404 Not Found"))
        with self._lock:
            count = self._counts[key] = self._counts.get(key, 0) + 1
        return plays if isinstance(plays, Play) else plays[min(count, len(plays)) - 1]


def read_request(connection: socket.socket, rest: bytes) -> tuple[bytes, bytes]:
    """Return the bytes of the next request and what came after it; (b"", b"") when the client has hung up."""
    while b"\r\n\r\n" not in rest:
        data = connection.recv(65536)
        if not data:
            return b"", b""
        rest += data
    end = rest.index(b"\r\n\r\n") + 4
    length = CONTENT_LENGTH.search(rest[:end])
    end += int(length[1]) if length else 0
    while len(rest) < end:
        data = connection.recv(65536)
        if not data:
            return b"", b""
        rest += data
    return rest[:end], rest[end:]


def perform(connection: socket.socket, play: Play) -> bool:
    """Send what the play says; tell whether the connection is kept."""
    if play.interim:
        connection.sendall(play.interim)
        time.sleep(0.02)
    size = play.packet or max(1, len(play.answer))
    for i in range(0, len(play.answer), size):
        connection.sendall(play.answer[i : i + size])
        if play.packet:
            time.sleep(play.pause)
    if play.then == "stall":
        connection.settimeout(30)
        connection.recv(1)
    elif play.then == "reset":
        time.sleep(LINGER)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif play.then == "close":
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(1)
        connection.recv(1)
    return play.then == "keep"


class Proxy(_Listener):
    """An HTTP proxy: CONNECT opens a tunnel, anything else is relayed as it came.  Every name leads to `upstream`.

    asked: the first line of each request.  credentials: the Proxy-Authorization values that came.
    """

    def __init__(self, upstream: Mapping[str, tuple[str, int]]) -> None:
        """upstream: "http" and "https" -> where requests and tunnels go."""
        super().__init__("127.0.0.1")
        self.upstream = upstream
        self.asked: list[str] = []
        self.credentials: list[str] = []

    def serve(self, connection: socket.socket, number: int) -> None:  # noqa: ARG002
        first, rest = read_request(connection, b"")
        if not first:
            return
        self._note(first)
        if first.startswith(b"CONNECT "):
            with socket.create_connection(self.upstream["https"], timeout=60) as upstream:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                upstream.sendall(rest)
                relay(connection, upstream)
            return
        with socket.create_connection(self.upstream["http"], timeout=60) as upstream:
            back = threading.Thread(target=pump, args=(upstream, connection), daemon=True)
            back.start()
            while first:
                upstream.sendall(first)
                first, rest = read_request(connection, rest)
                if first:
                    self._note(first)
            with contextlib.suppress(OSError):
                upstream.shutdown(socket.SHUT_RDWR)
            back.join()

    def _note(self, request: bytes) -> None:
        self.asked.append(request.split(b"\r\n", 1)[0].decode("latin-1"))
        found = re.search(rb"(?im)^proxy-authorization:[ \t]*([^\r\n]*)", request)
        if found:
            self.credentials.append(found[1].decode("latin-1"))


def relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until one side hangs up."""
    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
