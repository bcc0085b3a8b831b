"""Capture, byte for byte: what a scripted server sent and heard is what the WARC holds, whatever oddities it plays.

One `parknews fetch --from` takes all cases, another takes them through a proxy; the records are read back by warcio
(raw blocks) and FastWARC, never by our own reader.
"""

import base64
import gzip
import hashlib
import json
import re
import ssl
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from tests.conftest import Ended, new_home, parknews, well
from tests.servers import Heard, Play, Proxy, ScriptedServer, answer, chunked, head

HTML = b"<!doctype html><title>wire</title><p>" + "岚江省的网页，一字不差。".encode() * 40 + b"</p>\r\n"
GZIPPED = gzip.compress(HTML, 9, mtime=0)
NOISE = bytes(range(256)) * 6 + b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\nWARC/1.1\r\n\r\n" + bytes(500)
MANY = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(3 * 1024 * 32))  # 3 MB: more than the spool keeps
BODY = b"q=\xd6\xd0\xb9\xfa&n=1\r\n\r\n\x00end"
TYPE = "Content-Type: text/html"
PASSWORD = re.compile(rb"(?i)proxy-authorization:[^\r\n]*\r\n")  # for the proxy, not for the site: not recorded


@dataclass(frozen=True)
class Case:
    """One request and what the server plays for it.

    entity: the body without its transfer coding; None = what follows the header block.  cut: what WARC-Truncated says.
    error: what the line on stdout says.  scheme: of the URL.
    """

    play: Play
    entity: bytes | None = None
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = "www.wire.example"
    cut: str | None = None
    error: str | None = None
    scheme: str = "http"

    @property
    def payload(self) -> bytes:
        return re.split(rb"\r?\n\r?\n", self.play.answer, maxsplit=1)[1] if self.entity is None else self.entity


def ok(body: bytes = HTML, *lines: str, status: str = "HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> Play:
    return Play(answer(body, TYPE, *lines, status=status, eol=eol))


def in_chunks(body: bytes, size: int, *lines: str, extension: bytes = b"", trailer: bytes = b"") -> Play:
    return Play(
        head("HTTP/1.1 200 OK", TYPE, *lines, "Transfer-Encoding: chunked") + chunked(body, size, extension, trailer)
    )


CUT = "cut.wire.example"
CASES: dict[str, Case] = {
    "plain": Case(ok()),
    "odd-header-case": Case(
        Play(head("HTTP/1.1 200 OK", "content-TYPE:text/html", "x-TIGHT:1", "X-wide: \t two  words \t", "x-none:", f"CONTENT-LENGTH:   {len(HTML)}") + HTML)
    ),
    "repeated-headers": Case(ok(HTML, "Set-Cookie: a=1; Path=/none", "Vary: Accept", "set-cookie: b=2; Path=/none", "VARY: Cookie", "Set-Cookie: a=3; Path=/none")),
    "reason-of-words": Case(ok(status="HTTP/1.1 200 Tout  va bien (oui!)")),
    "no-reason": Case(ok(status="HTTP/1.1 200")),
    "blank-reason": Case(ok(status="HTTP/1.1 200 ")),
    "http-1.0": Case(Play(head("HTTP/1.0 200 OK", "Server: old", TYPE) + HTML, then="close")),
    "ends-with-the-connection": Case(Play(head("HTTP/1.1 200 OK", "Connection: close", TYPE) + HTML, then="close")),
    "chunked": Case(in_chunks(HTML, 400), entity=HTML),
    "chunked-with-extensions-and-trailers": Case(
        in_chunks(HTML, 321, "Trailer: X-Sum", extension=b';v=1;w="a;b"', trailer=b"X-Sum: 12\r\nx-late: yes\r\n"), entity=HTML
    ),
    "chunked-in-odd-case": Case(
        Play(head("HTTP/1.1 200 OK", TYPE, "transfer-encoding:  Chunked ") + chunked(HTML, 777).replace(b"309\r\n", b"00000309\r\n")), entity=HTML
    ),
    "gzip": Case(ok(GZIPPED, "Content-Encoding: gzip")),
    "gzip-and-chunked": Case(in_chunks(GZIPPED, 61, "Content-Encoding: gzip"), entity=GZIPPED),
    "deflate": Case(ok(zlib.compress(HTML), "Content-Encoding: deflate")),
    "says-gzip-and-is-not": Case(ok(HTML, "Content-Encoding: gzip")),
    "interim-answers": Case(replace(ok(HTML, "X-Last: 1"), interim=head("HTTP/1.1 100 Continue") + head("HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload"))),
    "folded-header": Case(ok(HTML, "X-Fold: one", "   two", "\tthree")),
    "bare-lf": Case(ok(eol=b"\n")),
    "line-without-colon": Case(ok(HTML, "this is no header")),
    "bytes-that-are-not-ascii": Case(
        Play(head("HTTP/1.1 200 OK", b"X-Gbk: \xd6\xd0\xce\xc4", "X-Utf: 中文".encode(), TYPE, f"Content-Length: {len(HTML)}") + HTML)
    ),
    "header-of-40-kb": Case(ok(HTML, "X-Long: " + "l" * 40_000)),
    "many-headers": Case(ok(HTML, *(f"x-n{i}: {i}" for i in range(180)))),
    "head": Case(Play(head("HTTP/1.1 200 OK", TYPE, "Content-Length: 4321")), method="HEAD"),
    "post": Case(ok(b"thanks"), method="POST", headers={"Content-Type": "application/x-www-form-urlencoded"}, body=BODY),
    "own-header": Case(ok(), headers={"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}),
    "no-content": Case(Play(head("HTTP/1.1 204 No Content", "X-A: 1"))),
    "not-modified": Case(Play(head("HTTP/1.1 304 Not Modified", 'ETag: "x"', "Content-Length: 99"))),
    "nothing-in-it": Case(Play(head("HTTP/1.1 200 OK", "Content-Length: 0", "X-After: 1"))),
    "not-found": Case(ok(b"<h1>no</h1>" * 30, status="HTTP/1.1 404 Gone Fishing"), error=None),
    "server-error": Case(ok(b"<h1>boom</h1>" * 30, status="HTTP/1.1 500 Boom"), error="http-500"),
    "binary": Case(ok(NOISE)),
    "three-megabytes": Case(ok(MANY)),
    "drip": Case(Play(answer(HTML[:150], TYPE), packet=5, pause=0.002)),
    "surplus": Case(Play(answer(HTML, TYPE) + b"MORE THAN ANNOUNCED\r\n", then="close"), entity=HTML),
    "same-payload-a": Case(ok(b"<p>twice the same</p>" * 40, "X-Copy: a")),
    "same-payload-b": Case(ok(b"<p>twice the same</p>" * 40, "X-Copy: b")),
    "dead-pooled-connection": Case(replace(ok(HTML, "X-Fresh: 1"), fresh=True)),
    "cut": Case(Play(head("HTTP/1.1 200 OK", TYPE, "Content-Length: 9000") + HTML, then="close"), host=CUT, cut="disconnect", error="connection-lost"),
    "cut-in-a-chunk": Case(
        Play(head("HTTP/1.1 200 OK", TYPE, "Transfer-Encoding: chunked") + chunked(HTML, 500)[:707], then="close"),
        entity=HTML[:695], host=CUT, cut="disconnect", error="connection-lost",
    ),
    "reset": Case(Play(head("HTTP/1.1 200 OK", TYPE, "Content-Length: 9000") + HTML, then="reset"), host=CUT, cut="disconnect", error="connection-lost"),
    "stall": Case(Play(head("HTTP/1.1 200 OK", TYPE, "Content-Length: 9000") + HTML, then="stall"), host=CUT, cut="time", error="timeout"),
    "tls": Case(ok(HTML, "X-Tls: 1"), host="tls.wire.example", scheme="https"),
    "tls-gzip-chunked": Case(in_chunks(GZIPPED, 99, "Content-Encoding: gzip", "X-Tls: 1"), entity=GZIPPED, host="tls.wire.example", scheme="https"),
    "ipv6": Case(ok(HTML, "X-Six: 1"), host="six.wire.example"),
}  # fmt: skip


def path_of(name: str) -> str:
    return f"/w/{name}'(b).html?q=%E4%B8%AD&r=%2f&s=~"


def url_of(name: str) -> str:
    case = CASES[name]
    return f"{case.scheme}://{case.host}{path_of(name)}"


def asks(names: Sequence[str]) -> str:
    """Return the JSON Lines that `fetch --from` reads."""
    lines = []
    for name in names:
        case, line = CASES[name], {"url": url_of(name)}
        extra = {"method": case.method, "headers": case.headers, "body_base64": base64.b64encode(case.body).decode()}
        lines.append(json.dumps(line | {key: value for key, value in extra.items() if value and value != "GET"}))
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------------------ records, read raw
@dataclass(frozen=True)
class Raw:
    """One record as it lies in a file.  headers: names as written."""

    headers: dict[str, str]
    block: bytes
    file: Path

    def __getitem__(self, name: str) -> str | None:
        return self.headers.get(name)

    @property
    def kind(self) -> str:
        return self.headers["WARC-Type"]


def raw_records(folder: Path) -> list[Raw]:
    found = []
    for path in sorted(folder.glob("*.warc.gz*")):
        with path.open("rb") as file:
            read = ArchiveIterator(file, no_record_parse=True)
            found += [Raw(dict(one.rec_headers.headers), one.raw_stream.read(), path) for one in read]
    return found


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True)
class Archived:
    """What one run of `fetch` left, beside what its servers saw."""

    records: list[Raw]
    heard: list[Heard]
    lines: list[dict[str, Any]]
    home: Path
    began: float
    ended: float

    def of(self, name: str, kind: str) -> list[Raw]:
        return [one for one in self.records if one.kind == kind and one["WARC-Target-URI"] == url_of(name)]

    def answers(self, name: str) -> list[Raw]:
        return self.of(name, "response") + self.of(name, "revisit")

    def heard_of(self, name: str) -> list[Heard]:
        return [one for one in self.heard if one.path == path_of(name) and one.host == CASES[name].host]

    def line(self, name: str) -> dict[str, Any]:
        (found,) = [one for one in self.lines if one["url"] == url_of(name)]
        return found


def script() -> dict[str, Play]:
    return {f"{case.host}{path_of(name)}": case.play for name, case in CASES.items()}


@pytest.fixture(scope="module")
def servers(certificate: Path) -> Iterator[dict[str, ScriptedServer]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with (
        ScriptedServer(script()) as plain,
        ScriptedServer(script(), tls=context) as secure,
        ScriptedServer(script(), host="::1") as six,
    ):
        yield {"plain": plain, "secure": secure, "six": six}


def fetch(root: Path, servers: dict[str, ScriptedServer], names: Sequence[str], *switches: str) -> Archived:
    for server in servers.values():
        server.heard.clear()
    (root.parent / "asks.jsonl").write_text(asks(names))
    began = time.time()
    done: Ended = well(
        root, "fetch", "--from", str(root.parent / "asks.jsonl"), "--delay", "0", "--timeout", "3", *switches
    )
    heard = [one for server in servers.values() for one in server.heard]
    return Archived(raw_records(root / "warc"), heard, done.lines, root, began, time.time())


@pytest.fixture(scope="module")
def direct(servers: dict[str, ScriptedServer], tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """All cases, straight to the servers."""
    root = new_home(tmp_path_factory.mktemp("direct") / "home")
    routes = [
        servers["six"].route("six.wire.example"),
        servers["secure"].route("", "443"),
        servers["plain"].route("", "80"),
    ]
    return fetch(
        root, servers, list(CASES), "--ignore-robots", *(word for route in routes for word in ("--connect-to", route))
    )


THROUGH = [
    "plain",
    "odd-header-case",
    "chunked-with-extensions-and-trailers",
    "post",
    "bare-lf",
    "cut",
    "tls",
    "tls-gzip-chunked",
]


@pytest.fixture(scope="module")
def proxied(
    servers: dict[str, ScriptedServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Archived, Proxy]]:
    """Some cases through a proxy that wants a password: http relayed, https in a tunnel."""
    root = new_home(tmp_path_factory.mktemp("proxied") / "home")
    upstream = {"http": servers["plain"].address, "https": servers["secure"].address}
    with Proxy(upstream) as proxy:
        (root / "parknews.toml").write_text(
            f'operator = "Wire Test"\ncontact = "wire@example.org"\nproxy = "http://mole:secret@127.0.0.1:{proxy.port}"\n'
        )
        yield fetch(root, servers, THROUGH, "--ignore-robots"), proxy


# --------------------------------------------------------------------------------------------------------- checks
def check_exchange(archived: Archived, name: str, *, ip: str | None) -> None:
    """Hold the records of one case against what the server sent and heard."""
    case = CASES[name]
    heard = [one for one in archived.heard_of(name) if one.played]
    assert len(heard) == 1, "the case was asked once"
    (reply,) = archived.answers(name)
    assert check_answer(case, reply, heard[0]) == []
    requests = [one for one in archived.of(name, "request") if one["WARC-Concurrent-To"] == reply["WARC-Record-ID"]]
    assert [one.block for one in requests] == [PASSWORD.sub(b"", heard[0].request)]
    (about,) = [one for one in archived.of(name, "metadata") if one["WARC-Concurrent-To"] == reply["WARC-Record-ID"]]
    assert b"fetchTimeMs: " in about.block
    for record in (reply, *requests, about):
        moment = datetime.fromisoformat(record["WARC-Date"] or "").timestamp()
        assert archived.began <= moment <= heard[0].at + 0.1, "WARC-Date is when the request began"
    assert {record["WARC-Date"] for record in (*requests, about)} == {reply["WARC-Date"]}
    assert [record["WARC-IP-Address"] for record in (reply, *requests)] == [ip, ip]


def check_answer(case: Case, reply: Raw, heard: Heard) -> list[str]:
    """Return what of a response record is not as it should be."""
    head_bytes = re.split(rb"(?<=\n)\r?\n", case.play.answer, maxsplit=1)[0]
    split = re.search(rb"\r?\n\r?\n", case.play.answer)
    assert split is not None
    whole = case.play.answer.removesuffix(b"MORE THAN ANNOUNCED\r\n")
    wanted = whole if reply.kind == "response" else whole[: split.end()]
    wrong = []
    if reply.block != wanted:
        wrong.append(f"block: {len(reply.block)} bytes, {len(wanted)} were sent")
    if not reply.block.startswith(head_bytes):
        wrong.append("header block")
    if reply["WARC-Block-Digest"] != sha1(reply.block):
        wrong.append("block digest")
    if reply["WARC-Payload-Digest"] != (sha1(case.payload) if case.payload else None):
        wrong.append(f"payload digest {reply['WARC-Payload-Digest']}")
    if reply["WARC-Truncated"] != (case.cut if reply.kind == "response" else "length"):
        wrong.append(f"truncated {reply['WARC-Truncated']}")
    return wrong


@pytest.mark.parametrize("name", CASES)
def test_every_byte_of_an_exchange_is_in_its_records(direct: Archived, name: str) -> None:
    check_exchange(direct, name, ip="::1" if name == "ipv6" else "127.0.0.1")


@pytest.mark.parametrize("name", CASES)
def test_fetch_says_where_the_answer_lies_and_how_it_ended(direct: Archived, name: str) -> None:
    case, line = CASES[name], direct.line(name)
    status = int(case.play.answer.split(b" ")[1][:3])
    assert (line["status"], line["error"]) == (status, case.error)
    path = direct.home / "warc" / line["warc"]
    with path.open("rb") as file:
        file.seek(line["offset"])
        record = next(iter(ArchiveIterator(file, no_record_parse=True)))
        assert record.rec_headers.get_header("WARC-Target-URI") == url_of(name)
        assert record.rec_type in ("response", "revisit")


def test_every_request_the_server_heard_has_a_record_and_no_record_is_without_one(direct: Archived) -> None:
    asked = sorted(one.request for one in direct.heard)
    assert sorted(one.block for one in direct.records if one.kind == "request") == asked


def test_request_on_a_dead_pooled_connection_is_kept_beside_the_one_that_was_answered(direct: Archived) -> None:
    name = "dead-pooled-connection"
    hung_up = [one for one in direct.heard_of(name) if not one.played]
    assert hung_up, "the connection before it was reused"
    unanswered = [one for one in direct.of(name, "request") if one["WARC-Concurrent-To"] is None]
    assert [one.block for one in unanswered] == [one.request for one in hung_up]
    about = [one for one in direct.of(name, "metadata") if one["WARC-Concurrent-To"] == unanswered[0]["WARC-Record-ID"]]
    assert [b"error: unanswered" in one.block for one in about] == [True]


def test_second_of_two_same_payloads_is_a_revisit_with_its_own_header_block(direct: Archived) -> None:
    (first,), (second,) = direct.answers("same-payload-a"), direct.answers("same-payload-b")
    assert (first.kind, second.kind) == ("response", "revisit")
    assert second["WARC-Refers-To"] == first["WARC-Record-ID"]
    assert second["WARC-Refers-To-Date"] == first["WARC-Date"]
    assert second["WARC-Refers-To-Target-URI"] == url_of("same-payload-a")
    assert b"X-Copy: b" in second.block


def test_tls_answers_name_protocol_and_cipher(direct: Archived) -> None:
    for record in direct.answers("tls") + direct.of("tls", "request"):
        assert record["WARC-Cipher-Suite"]
        assert record["WARC-Protocol"] in ("http/1.1", "tls/1.3", "tls/1.2")  # repeated: the last one is kept here


def test_sni_and_host_keep_the_name_of_the_url(direct: Archived) -> None:
    (heard,) = direct.heard_of("tls")
    assert heard.server_name == "tls.wire.example"
    assert b"Host: tls.wire.example\r\n" in heard.request


@pytest.mark.parametrize("name", THROUGH)
def test_every_byte_is_kept_through_a_proxy(proxied: tuple[Archived, Proxy], name: str) -> None:
    check_exchange(proxied[0], name, ip=None)  # the peer was the proxy: its address says nothing of the site


def test_http_is_relayed_and_https_tunnelled(proxied: tuple[Archived, Proxy]) -> None:
    asked = proxied[1].asked
    assert f"GET {url_of('plain')} HTTP/1.1" in asked
    assert "CONNECT tls.wire.example:443 HTTP/1.1" in asked
    assert not any(line.startswith("GET https") for line in asked)


def test_password_of_the_proxy_is_sent_to_it_and_kept_nowhere(proxied: tuple[Archived, Proxy]) -> None:
    archived, proxy = proxied
    secret = base64.b64encode(b"mole:secret").decode()
    assert set(proxy.credentials) == {f"Basic {secret}"}
    kept = b"".join(one.block for one in archived.records)
    kept += b"".join(
        path.read_bytes() for path in archived.home.rglob("*") if path.is_file() and path.name != "parknews.toml"
    )
    assert secret.encode() not in kept
    assert b"secret@" not in kept


def test_warcio_and_fastwarc_read_the_same_records_and_digests_hold(direct: Archived) -> None:
    (path,) = (direct.home / "warc").glob("*.warc.gz")
    with path.open("rb") as file:
        fast = [
            (one.record_id, one.verify_block_digest() if "WARC-Block-Digest" in one.headers else True)
            for one in FastIterator(file, record_types=WarcRecordType.any_type, parse_http=False)
        ]
    assert [record_id for record_id, _ in fast] == [one["WARC-Record-ID"] for one in direct.records]
    assert all(good for _, good in fast)


def test_archive_of_all_oddities_verifies(direct: Archived) -> None:
    done = parknews(direct.home, "verify")
    assert (done.code, "all agree" in done.err) == (0, True), done.err[-2000:]
