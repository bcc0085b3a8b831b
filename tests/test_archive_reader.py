"""The WARC reader: whole records, exact about what is wrong, flat in memory."""

import gzip
import hashlib
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from archive.message import MessageStream
from archive.reader import (
    UnresolvedError,
    WarcFormatError,
    open_exchange,
    open_record,
    original_of,
    read_record,
    records,
    resolve,
    scan,
)
from archive.record import ArchiveError, Original
from tests.archive_samples import BODY, DATE, HEAD, REQUEST, URL, exchange, not_modified, original, write_one, writer

RESPONSE = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    b"Content-Length: 4\r\n\r\nbody\r\n\r\n"
)


def nowhere(wanted: Original) -> None:
    return None


def file_of(directory: Path, *members: bytes, name: str = "a.warc.gz") -> Path:
    path = directory / name
    path.write_bytes(b"".join(gzip.compress(member) for member in members))
    return path


def test_records_come_with_headers_block_and_place(tmp_path: Path) -> None:
    path = write_one(tmp_path)
    entries = list(scan(path))
    assert [entry.ref.type for entry in entries] == ["warcinfo", "response", "request", "metadata"]
    assert entries[1].start == HEAD + BODY
    assert entries[2].start == REQUEST
    assert (entries[1].ref.warc, entries[1].ref.date) == (path.name, DATE)
    assert sum(entry.ref.length for entry in entries) == path.stat().st_size
    record = read_record(path, entries[1].ref.offset, entries[1].ref.length)
    assert record.block == HEAD + BODY
    assert record.headers.version == "WARC/1.1"
    assert record.headers.get("warc-target-uri") == URL


def test_a_scan_goes_on_from_a_record(tmp_path: Path) -> None:
    path = write_one(tmp_path, exchange(), exchange())
    entries = list(scan(path))
    assert list(scan(path, entries[4].ref.offset)) == entries[4:]
    assert list(scan(path, path.stat().st_size)) == []


def test_a_growing_file_is_scanned_to_its_last_whole_record(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        refs = out.write(exchange(), [])
        path = resolve(tmp_path, refs[0].warc)
        with path.open("ab") as file:
            file.write(gzip.compress(RESPONSE)[:50])
        assert [entry.ref for entry in scan(path)][1:] == list(refs)


def test_a_closed_file_cut_short_is_an_error_after_what_is_whole(tmp_path: Path) -> None:
    path = write_one(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    seen: list[str] = []
    with pytest.raises(WarcFormatError, match="the file ends within a gzip member") as error:
        seen.extend(entry.ref.type for entry in scan(path))
    assert error.value.kind == "cut"


def test_a_scan_that_is_told_of_damage_goes_on_behind_it(tmp_path: Path) -> None:
    path = write_one(tmp_path, exchange(body=BODY * 50), exchange())
    entries = list(scan(path))
    data = bytearray(path.read_bytes())
    data[entries[1].ref.offset + 300] ^= 1
    path.write_bytes(data)
    damage: list[WarcFormatError] = []
    assert list(scan(path, on_damage=damage.append)) == [entries[0], *entries[2:]]
    assert [error.offset for error in damage] == [entries[1].ref.offset]


@pytest.mark.parametrize(
    ("members", "kind", "message"),
    [
        ([RESPONSE * 2], "members", "more than one record, so none can be read by its offset; `warcio recompress`"),
        ([RESPONSE + b"x"], "members", "more than one record"),
        (
            [RESPONSE.replace(b"WARC/1.1", b"WARC/2.0")],
            "version",
            "begins with WARC/1.1 \\(or 1.0\\), not with b'WARC/2.0",
        ),
        ([b"\r\n" + RESPONSE], "version", "begins with WARC/1.1"),
        ([RESPONSE.replace(b"Content-Length: 4", b"Content-Length: 5")], "end", "its Content-Length may be wrong"),
        ([RESPONSE.replace(b"Content-Length: 4", b"Content-Length: 99")], "length", "the block ends 91 bytes before"),
        ([RESPONSE.replace(b"Content-Length: 4", b"Content-Length: -4")], "header", "there is \\['-4'\\]"),
        ([RESPONSE.replace(b"Content-Length: 4\r\n", b"")], "header", "there is \\[\\]"),
        ([RESPONSE.replace(b"Content-Length: 4", b"Content-Length: 4\r\nContent-Length: 4")], "header", "one Content"),
        ([RESPONSE.replace(b"WARC-Date", b"X-Date")], "header", "WARC-Date are needed"),
        ([RESPONSE.replace(b"WARC-Type: response", b"no colon")], "header", "no header line: 'no colon'"),
        ([b"WARC/1.1\r\n" + b"A: " + b"x" * 3_000_000], "header", "does not end within"),
        ([b"WARC/1.1\r\nContent-Length: 4\r\n"], "header", "does not end within"),
        ([b""], "header", "does not end within 0 bytes"),
    ],
)
def test_what_is_no_record_is_told_with_file_and_offset(
    members: list[bytes], kind: str, message: str, tmp_path: Path
) -> None:
    path = file_of(tmp_path, *members)
    with pytest.raises(WarcFormatError, match=message) as error:
        list(scan(path))
    assert (error.value.kind, error.value.offset, error.value.path) == (kind, 0, path)


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    path = file_of(tmp_path, RESPONSE)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(WarcFormatError, match="no gzip member") as error:
        read_record(path, 0)
    assert error.value.kind == "gzip"


def test_plain_files_of_other_tools_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(RESPONSE.replace(b"WARC/1.1", b"WARC/1.0") * 3)
    entries = list(scan(path))
    assert [(entry.ref.offset, entry.ref.length) for entry in entries] == [
        (at * len(RESPONSE), len(RESPONSE)) for at in range(3)
    ]
    assert read_record(path, len(RESPONSE), len(RESPONSE)).block == b"body"


def test_folded_and_angled_headers_of_other_tools_are_read(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, RESPONSE.replace(b"\r\n\r\nbody", b"\r\nX: a\r\n  b\r\nWARC-Target-URI: <http://a/>\r\n\r\nbody")
    )
    headers = read_record(path, 0).headers
    assert (headers.get("X"), headers.uri("WARC-Target-URI")) == ("a b", "http://a/")


def test_a_record_of_another_length_than_expected_is_an_error(tmp_path: Path) -> None:
    path = file_of(tmp_path, RESPONSE)
    with pytest.raises(WarcFormatError, match="bytes, 7 were expected"):
        read_record(path, 0, 7)


def test_an_offset_where_nothing_starts_is_an_error(tmp_path: Path) -> None:
    path = file_of(tmp_path, RESPONSE)
    for offset in (3, path.stat().st_size, 10_000):
        with pytest.raises(WarcFormatError):
            read_record(path, offset)


def test_a_block_over_the_limit_is_left_to_streaming(tmp_path: Path) -> None:
    path = write_one(tmp_path, exchange(body=bytes(2_000_000)))
    offset = list(scan(path))[1].ref.offset
    with pytest.raises(WarcFormatError, match="open_record streams it"):
        read_record(path, offset, limit=1_000_000)


def test_a_body_of_300_mb_is_written_and_streamed_in_flat_memory(tmp_path: Path) -> None:
    head, piece, count = b"HTTP/1.1 200 OK\r\n\r\n", bytes(1 << 20), 300
    spool, digest = tmp_path / "spool", hashlib.sha1(usedforsecurity=False)
    with spool.open("wb") as file:
        file.write(head)
        for _ in range(count):
            file.write(piece)
            digest.update(piece)
    tracemalloc.start()
    try:
        with spool.open("rb") as response, writer(tmp_path) as out:
            long = replace(
                exchange(),
                response=response,
                start=0,
                end=len(head) + (count << 20),
                head_length=len(head),
                payload_sha1=digest.digest(),
                payload_length=count << 20,
            )
            ref = out.write(long, [])[0]
            with open_record(resolve(tmp_path, ref.warc), ref.offset) as stream:
                found = hashlib.sha1(usedforsecurity=False)
                for part in MessageStream(stream.pieces()).payload(limit=1 << 30):
                    found.update(part)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
    assert found.digest() == digest.digest()


@pytest.mark.parametrize("level", [0, 1, 9])
def test_members_of_any_compression_are_read(level: int, tmp_path: Path) -> None:
    body = bytes(1_000_000) + bytes(range(256)) * 1000
    path = tmp_path / "a.warc.gz"
    member = RESPONSE.replace(b"Content-Length: 4\r\n\r\nbody", b"Content-Length: %d\r\n\r\n" % len(body) + body)
    codec = zlib.compressobj(level, wbits=31)
    path.write_bytes((codec.compress(member) + codec.flush()) * 2)
    assert [stream.read() == body for stream in records(path)] == [True, True]


def test_members_with_a_name_and_a_comment_are_read(tmp_path: Path) -> None:
    packed = gzip.compress(RESPONSE)
    named = packed[:3] + b"\x1c" + packed[4:10] + b"\x04\x00sl\x00\x00a.warc\x00a comment\x00" + packed[10:]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(named * 2)
    assert [entry.ref.offset for entry in scan(path)] == [0, len(named)]


def test_a_file_is_found_open_or_closed_and_missed_loudly(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        name = out.write(exchange(), [])[0].warc
        assert resolve(tmp_path, name) == tmp_path / f"{name}.open"
    assert resolve(tmp_path, name) == tmp_path / name
    with pytest.raises(ArchiveError, match=r"gone\.warc\.gz: this WARC file is missing; put it back from a copy"):
        resolve(tmp_path, "gone.warc.gz")


@pytest.fixture
def revisited(tmp_path: Path) -> tuple[Path, str, list[int]]:
    """A file with a chunked original, an identical answer that came unchunked, and a 304: their offsets."""
    chunked = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    plain = HEAD.replace(b"\r\n\r\n", b"\r\nX-Served: again\r\n\r\n")
    with writer(tmp_path) as out:
        first = out.write(exchange(body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY), head=chunked, entity=BODY), [])[0]
        again = out.write(exchange(head=plain), [], original(first))[0]
        unchanged = out.write(not_modified(), [], original(first))[0]
    return tmp_path, first.warc, [first.offset, again.offset, unchanged.offset]


def test_a_revisit_has_its_own_head_and_the_body_of_its_original(revisited: tuple[Path, str, list[int]]) -> None:
    directory, warc, offsets = revisited
    asked: list[Original] = []

    def find(wanted: Original) -> tuple[str, int]:
        asked.append(wanted)
        return warc, offsets[0]

    first, again, unchanged = (open_exchange(directory, warc, offset, find=find) for offset in offsets)
    assert [message.payload() for message in (first, again, unchanged)] == [BODY, BODY, BODY]
    assert again.get("X-Served") == "again"
    assert (unchanged.status, unchanged.get("Transfer-Encoding")) == (200, "chunked")
    assert [(wanted.url, wanted.date) for wanted in asked] == [(URL, DATE)] * 2


def test_a_revisit_without_its_original_is_told(revisited: tuple[Path, str, list[int]]) -> None:
    directory, warc, offsets = revisited
    with pytest.raises(UnresolvedError, match=f"its original {URL} of {DATE} is not known"):
        open_exchange(directory, warc, offsets[1], find=nowhere)
    with pytest.raises(UnresolvedError, match="is not the payload sha1:"):
        open_exchange(directory, warc, offsets[1], find=lambda _: (warc, offsets[1]))


def test_a_request_is_no_answer(tmp_path: Path) -> None:
    path = write_one(tmp_path)
    with pytest.raises(WarcFormatError, match="neither a response nor a revisit"):
        open_exchange(tmp_path, path.name, list(scan(path))[2].ref.offset, find=nowhere)


def test_only_revisits_have_an_original(tmp_path: Path) -> None:
    path = write_one(tmp_path)
    assert [original_of(entry.headers) for entry in scan(path)] == [None] * 4


def test_a_file_closed_after_it_was_found_open_is_read_under_its_final_name(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        ref = out.write(exchange(), [])[0]
        found = resolve(tmp_path, ref.warc)
        assert found.name.endswith(".open")
    assert not found.exists()
    assert read_record(found, ref.offset, ref.length).block.endswith(BODY)
