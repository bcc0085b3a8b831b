"""HTTP messages as sites really send them: parsed, framing and codings taken off, lies told."""

import gzip
import hashlib
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.coding import Chunked
from archive.message import HEAD_LIMIT, MessageStream, Payload, parse_message

HTML = "<p>园区新闻：本网讯</p>\n".encode() * 200
NOISE = random.Random(7).randbytes(150_000)


def answer(*headers: str, body: bytes = b"", eol: str = "\r\n", start: str = "HTTP/1.1 200 OK") -> bytes:
    return (eol.join((start, *headers)) + eol + eol).encode("latin-1") + body


def chunks(body: bytes, size: int = 100, extension: bytes = b"", eol: bytes = b"\r\n") -> bytes:
    out = b""
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        out += b"%X" % len(piece) + extension + eol + piece + eol
    return out + b"0" + extension + eol + b"X-Trailer: t" + eol + eol


@pytest.mark.parametrize(
    ("start", "status", "reason"),
    [
        ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.1 200 Alles  klar, Chef! (ok: yes)", 200, "Alles  klar, Chef! (ok: yes)"),
        ("HTTP/1.1 404 ", 404, ""),
        ("HTTP/1.0 301", 301, ""),
        ("HTTP/1.1 200 caf\xe9", 200, "caf\xe9"),
        ("<html>", None, ""),
        ("ICY 200 OK", None, ""),
        ("", None, ""),
    ],
)
def test_status_lines_are_read_as_sent(start: str, status: int | None, reason: str) -> None:
    message = parse_message(answer(start=start))
    assert (message.status, message.reason) == (status, reason)


def test_headers_are_pairs_in_order_as_sent() -> None:
    block = answer(
        "cOnTeNt-TyPe:text/html", "X-Pad:   v \t ", "X-Empty:", "Set-Cookie: a=1", "set-cookie: b=2", "X: caf\xe9"
    )
    message = parse_message(block)
    assert message.headers == (
        ("cOnTeNt-TyPe", "text/html"),
        ("X-Pad", "v"),
        ("X-Empty", ""),
        ("Set-Cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("X", "caf\xe9"),
    )
    assert message.get("CONTENT-TYPE") == "text/html"
    assert message.head.all("Set-Cookie") == ("a=1", "b=2")
    assert message.head.raw == block


@pytest.mark.parametrize("eol", ["\r\n", "\n"])
def test_folded_lines_are_joined_and_lines_without_a_colon_left_out(eol: str) -> None:
    block = answer("X-Fold: one", "  two", "\tthree", "this line has no colon", "Y: z", eol=eol, body=HTML)
    message = parse_message(block)
    assert message.headers == (("X-Fold", "one two three"), ("Y", "z"))
    assert message.body == HTML


def test_a_block_without_a_blank_line_is_all_head() -> None:
    message = parse_message(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    assert (message.status, message.body) == (200, b"")


def test_a_head_without_end_does_not_fill_memory() -> None:
    message = MessageStream(b"X" * 65536 for _ in range(1000))
    assert len(message.head.raw) == HEAD_LIMIT


def test_surplus_after_content_length_is_not_of_the_body() -> None:
    message = parse_message(answer(f"Content-Length: {len(HTML)}", body=HTML + b"SURPLUS"))
    assert (message.body, message.complete) == (HTML, True)


def test_a_body_short_of_its_content_length_is_incomplete() -> None:
    message = parse_message(answer("Content-Length: 99999", body=HTML))
    assert (message.body, message.complete) == (HTML, False)


def test_a_304_has_no_body_whatever_its_content_length_says() -> None:
    message = parse_message(answer("Content-Length: 777", start="HTTP/1.1 304 Not Modified"))
    assert (message.body, message.complete) == (b"", True)


def test_a_request_is_read_like_an_answer() -> None:
    message = parse_message(b"POST /list.do HTTP/1.1\r\nContent-Length: 8\r\n\r\npageNo=1")
    assert (message.head.method, message.status, message.body) == ("POST", None, b"pageNo=1")


@pytest.mark.parametrize(
    "header", ["Transfer-Encoding: chunked", "transfer-encoding:  Chunked ", "Transfer-Encoding: gzip, chunked"]
)
@pytest.mark.parametrize(("extension", "eol"), [(b"", b"\r\n"), (b'; a="q;r"', b"\r\n"), (b" ", b"\n")])
def test_chunked_bodies_are_joined(header: str, extension: bytes, eol: bytes) -> None:
    message = parse_message(answer(header, body=chunks(HTML, 333, extension, eol)))
    assert (message.body, message.complete) == (HTML, True)


def test_chunked_wins_over_content_length() -> None:
    message = parse_message(answer("Content-Length: 5", "Transfer-Encoding: chunked", body=chunks(HTML)))
    assert message.body == HTML


@given(st.binary(max_size=300), st.integers(1, 50), st.lists(st.integers(0, 900)))
def test_chunked_bodies_are_joined_wherever_the_pieces_are_cut(body: bytes, size: int, cuts: list[int]) -> None:
    framed = chunks(body, size)
    marks = [0, *sorted(cut for cut in cuts if cut < len(framed)), len(framed)]
    decoder = Chunked()
    joined = b"".join(decoder.feed(framed[start:end]) for start, end in pairwise(marks))
    assert (joined + decoder.end(), decoder.complete) == (body, True)


@pytest.mark.parametrize("kept", range(0, 500, 7))
def test_a_cut_chunked_body_gives_what_is_there(kept: int) -> None:
    framed = chunks(NOISE[:400])
    message = parse_message(answer("Transfer-Encoding: chunked", body=framed[:kept]))
    assert NOISE.startswith(message.body) or message.body == framed[:kept]
    assert message.complete == (kept > 422)
    assert len(message.body) >= min(kept, 422) - 30


def test_a_body_that_only_claims_to_be_chunked_comes_as_it_is() -> None:
    for body in (HTML, b"fin", b"z" * 100_000):
        message = parse_message(answer("Transfer-Encoding: chunked", body=body))
        assert (message.body, message.complete) == (body, False)


def test_a_chunk_of_the_wrong_length_ends_the_body() -> None:
    message = parse_message(answer("Transfer-Encoding: chunked", body=b"3\r\nabcdef\r\n0\r\n\r\n"))
    assert (message.body, message.complete) == (b"abc", False)


def test_many_small_chunks_take_linear_time() -> None:
    body = b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    message = parse_message(answer("Transfer-Encoding: chunked", body=body))
    assert message.body == b"x" * 100_000


def raw_deflate(data: bytes) -> bytes:
    codec = zlib.compressobj(wbits=-15)
    return codec.compress(data) + codec.flush()


def quick_brotli(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=1)
    return packed


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, compresslevel=1),
    "deflate": partial(zlib.compress, level=1),
    " deflate ": raw_deflate,
    "br": quick_brotli,
    "zstd": zstandard.compress,
}
PACKED = {
    "gzip": gzip.compress(HTML),
    "x-gzip": gzip.compress(HTML),
    "GZip": gzip.compress(HTML[:500]) + gzip.compress(HTML[500:]),
    "deflate": zlib.compress(HTML),
    " deflate ": raw_deflate(HTML),
    "br": brotli.compress(HTML),
    "zstd": zstandard.compress(HTML),
    "ZSTD": zstandard.compress(HTML[:4000]) + zstandard.compress(HTML[4000:]),
    "identity": HTML,
    "": HTML,
    "deflate, gzip": gzip.compress(zlib.compress(HTML)),
}


@pytest.mark.parametrize("coding", PACKED)
def test_content_codings_are_taken_off(coding: str) -> None:
    message = parse_message(answer(f"Content-Encoding: {coding}", body=PACKED[coding]))
    assert message.body == PACKED[coding]
    assert message.decoded() == Payload(HTML, None)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
@pytest.mark.parametrize("body", [HTML, b"<!doctype html><html>" + HTML, "已解码".encode("gbk"), b"{}", NOISE])
def test_a_body_that_is_not_what_its_coding_says_comes_as_it_is(coding: str, body: bytes) -> None:
    message = parse_message(answer(f"Content-Encoding: {coding}", body=body))
    assert message.decoded() == Payload(body, "mislabelled")


@pytest.mark.parametrize("coding", ["gzip", "deflate", " deflate ", "br", "zstd"])
def test_an_empty_body_has_no_coding(coding: str) -> None:
    assert parse_message(answer(f"Content-Encoding: {coding}")).payload() == b""


@pytest.mark.parametrize("coding", BOMBS)
def test_cut_coded_bodies_give_what_is_there(coding: str) -> None:
    packed = BOMBS[coding](NOISE + HTML * 100)
    found = parse_message(answer(f"Content-Encoding: {coding}", body=packed[:100_000])).decoded()
    assert NOISE.startswith(found.data[:150_000])
    assert len(found.data) > 60_000
    assert found.note == "cut"


def test_a_gzip_body_damaged_in_the_middle_gives_what_came_before() -> None:
    packed = bytearray(gzip.compress(NOISE))
    packed[100_000:100_400] = bytes(400)
    found = parse_message(answer("Content-Encoding: gzip", body=bytes(packed))).decoded()
    assert NOISE[:90_000] == found.data[:90_000]
    assert found.note == "damaged"


@pytest.mark.parametrize("coding", ["compress", "aes128gcm", "gzip, gzip, gzip, gzip, gzip"])
def test_a_coding_nobody_knows_is_left_on(coding: str) -> None:
    assert parse_message(answer(f"Content-Encoding: {coding}", body=HTML)).decoded() == Payload(HTML, "unknown-coding")


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_cut_at_the_limit_in_flat_memory(coding: str) -> None:
    packed = BOMBS[coding](bytes(200_000_000))
    message = parse_message(answer(f"Content-Encoding: {coding}", body=packed))
    tracemalloc.start()
    try:
        found = message.decoded(limit=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()
    assert found == Payload(bytes(1_000_000), "limit")


def test_a_payload_of_exactly_the_limit_is_whole() -> None:
    message = parse_message(answer("Content-Encoding: gzip", body=gzip.compress(HTML)))
    assert message.decoded(len(HTML)) == Payload(HTML, None)
    assert message.decoded(len(HTML) - 1) == Payload(HTML[:-1], "limit")
    assert message.decoded(0) == Payload(b"", "limit")


def test_a_long_payload_streams_in_flat_memory() -> None:
    def pieces() -> Iterator[bytes]:
        yield answer("Transfer-Encoding: chunked")
        for _ in range(1000):
            yield b"10000\r\n" + bytes(65536) + b"\r\n"
        yield b"0\r\n\r\n"

    tracemalloc.start()
    try:
        digest, size = hashlib.sha1(), 0
        for piece in MessageStream(pieces()).payload():
            digest.update(piece)
            size += len(piece)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert size == 65_536_000
