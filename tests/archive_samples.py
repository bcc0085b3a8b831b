"""Exchanges, clocks and ids for the tests of archive/: fixed, so that whole records can be compared byte for byte."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from archive.record import Exchange, Original, RecordRef
from archive.writer import WarcWriter

AT = datetime(2026, 11, 21, 8, 30, 15, 123456, tzinfo=UTC)
DATE = "2026-11-21T08:30:15.123456Z"
CLOCK = datetime(2026, 11, 21, 8, 30, 0, 7000, tzinfo=UTC)
URL = "http://www.demo-park.example/news/1.html"
REQUEST = b"GET /news/1.html HTTP/1.1\r\nHost: www.demo-park.example\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
BODY = "<p>园区新闻</p>".encode() * 20


def sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def exchange(
    url: str = URL, body: bytes = BODY, head: bytes = HEAD, request: bytes = REQUEST, entity: bytes | None = None
) -> Exchange:
    """Return an answered exchange.  body: as sent; entity: it without transfer coding, if that differs."""
    payload = body if entity is None else entity
    return Exchange(
        url=url,
        at=AT,
        request=request,
        response=io.BytesIO(b"HTTP/1.1 100 Continue\r\n\r\n" + head + body + b"surplus"),
        start=25,
        end=25 + len(head) + len(body),
        head_length=len(head),
        payload_sha1=sha1(payload) if payload else None,
        payload_length=len(payload),
        ip="192.0.2.7",
        protocols=("http/1.1",),
        cipher=None,
        truncated=None,
        elapsed_ms=42,
    )


def not_modified(url: str = URL) -> Exchange:
    head = b'HTTP/1.1 304 Not Modified\r\nETag: "caf\xe9"\r\n\r\n'
    return replace(exchange(url, b"", head), not_modified=True)


def original(ref: RecordRef, url: str = URL) -> Original:
    assert ref.digest is not None
    return Original(url, ref.date, ref.record_id, ref.digest)


def numbered_ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}"


def writer(
    directory: Path,
    *,
    clock: Callable[[], datetime] = lambda: CLOCK,
    max_size: int = 1 << 30,
    idle_seconds: float = 600.0,
    new_id: Callable[[], str] | None = None,
    on_closed: Callable[[Path], None] | None = None,
) -> WarcWriter:
    return WarcWriter(
        directory,
        collection="demo",
        info={"software": "parknews/0", "operator": "Demo Park Watch"},
        max_size=max_size,
        idle_seconds=idle_seconds,
        clock=clock,
        new_id=new_id or numbered_ids(),
        hostname="crawl1",
        on_closed=on_closed,
    )


def write_one(directory: Path, *exchanges: Exchange) -> Path:
    """Write exchanges (one by default) to a closed WARC; return its path."""
    with writer(directory) as out:
        for each in exchanges or (exchange(),):
            out.write(each, [("role", "article")])
        path = out.roll()
    assert path is not None
    return path
