"""The WARC writer: records byte for byte, files that nothing spoils."""

import base64
import gzip
import io
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastwarc.warc import ArchiveIterator as FastWarcIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator  # type: ignore[import-untyped]

from archive.reader import read_record, records, scan
from archive.record import ArchiveError
from archive.recover import recover
from archive.warcfields import read_fields
from archive.writer import WarcWriter
from tests.archive_samples import (
    AT,
    BODY,
    CLOCK,
    DATE,
    HEAD,
    REQUEST,
    URL,
    exchange,
    not_modified,
    numbered_ids,
    original,
    sha1,
    write_one,
    writer,
)

NAME = "demo-20261121083000007-00000-crawl1.warc.gz"
ROOT = Path(__file__).parent.parent


def members(path: Path) -> list[bytes]:
    """Return what each gzip member of a file holds, by zlib alone."""
    found = []
    data = path.read_bytes()
    while data:
        codec = zlib.decompressobj(31)
        found.append(codec.decompress(data) + codec.flush())
        assert codec.eof
        data = codec.unused_data
    return found


def lines(*text: str) -> bytes:
    return "\r\n".join(text).encode()


def digest(data: bytes) -> str:
    return "sha1:" + base64.b32encode(sha1(data)).decode()


INFO = lines(
    "format: WARC File Format 1.1",
    "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "hostname: crawl1",
    "isPartOf: demo",
    "software: parknews/0",
    "operator: Demo Park Watch",
    "",
)
NOTES = lines(
    "via: http://www.demo-park.example/",
    "role: article",
    "rowTitle: 新闻",
    "fetchTimeMs: 42",
    "",
)


def test_an_exchange_is_warcinfo_response_request_and_metadata_byte_for_byte(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(exchange(), [("via", "http://www.demo-park.example/"), ("role", "article"), ("rowTitle", "新闻")])
    warcinfo, response, request, metadata = members(tmp_path / NAME)
    assert warcinfo == lines(
        "WARC/1.1",
        "WARC-Type: warcinfo",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
        "WARC-Date: 2026-11-21T08:30:00.007000Z",
        f"WARC-Filename: {NAME}",
        f"WARC-Block-Digest: {digest(INFO)}",
        "Content-Type: application/warc-fields",
        "Content-Length: 205",
        "",
        INFO.decode(),
        "",
        "",
    )
    assert response == (
        lines(
            "WARC/1.1",
            "WARC-Type: response",
            "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002>",
            "WARC-Date: 2026-11-21T08:30:15.123456Z",
            "WARC-Target-URI: http://www.demo-park.example/news/1.html",
            "WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
            "WARC-IP-Address: 192.0.2.7",
            "WARC-Protocol: http/1.1",
            f"WARC-Payload-Digest: {digest(BODY)}",
            f"WARC-Block-Digest: {digest(HEAD + BODY)}",
            "Content-Type: application/http;msgtype=response",
            "Content-Length: 424",
            "",
            "",
        )
        + HEAD
        + BODY
        + b"\r\n\r\n"
    )
    assert request == (
        lines(
            "WARC/1.1",
            "WARC-Type: request",
            "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000003>",
            "WARC-Date: 2026-11-21T08:30:15.123456Z",
            "WARC-Target-URI: http://www.demo-park.example/news/1.html",
            "WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
            "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000002>",
            "WARC-IP-Address: 192.0.2.7",
            "WARC-Protocol: http/1.1",
            f"WARC-Block-Digest: {digest(REQUEST)}",
            "Content-Type: application/http;msgtype=request",
            "Content-Length: 58",
            "",
            "",
        )
        + REQUEST
        + b"\r\n\r\n"
    )
    assert metadata == lines(
        "WARC/1.1",
        "WARC-Type: metadata",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000004>",
        "WARC-Date: 2026-11-21T08:30:15.123456Z",
        "WARC-Target-URI: http://www.demo-park.example/news/1.html",
        "WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
        "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000002>",
        f"WARC-Block-Digest: {digest(NOTES)}",
        "Content-Type: application/warc-fields",
        "Content-Length: 86",
        "",
        NOTES.decode(),
        "",
        "",
    )


def test_an_identical_payload_is_a_revisit_with_its_own_head_and_no_body(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Served: twice\r\n\r\n"
    with writer(tmp_path) as out:
        first = out.write(exchange(), [])[0]
        out.write(exchange("http://m.demo-park.example/1", head=head), [], original(first))
    assert members(tmp_path / NAME)[4] == (
        lines(
            "WARC/1.1",
            "WARC-Type: revisit",
            "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000005>",
            "WARC-Date: 2026-11-21T08:30:15.123456Z",
            "WARC-Target-URI: http://m.demo-park.example/1",
            "WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
            "WARC-IP-Address: 192.0.2.7",
            "WARC-Protocol: http/1.1",
            "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
            "WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000002>",
            "WARC-Refers-To-Target-URI: http://www.demo-park.example/news/1.html",
            "WARC-Refers-To-Date: 2026-11-21T08:30:15.123456Z",
            f"WARC-Payload-Digest: {digest(BODY)}",
            "WARC-Truncated: length",
            f"WARC-Block-Digest: {digest(head)}",
            "Content-Type: application/http;msgtype=response",
            "Content-Length: 61",
            "",
            "",
        )
        + head
        + b"\r\n\r\n"
    )


def test_a_304_is_a_revisit_without_a_block_and_its_head_is_in_the_metadata(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        first = out.write(exchange(), [])[0]
        refs = out.write(not_modified(), [("role", "article")], original(first))
    assert members(tmp_path / NAME)[4] == lines(
        "WARC/1.1",
        "WARC-Type: revisit",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000005>",
        "WARC-Date: 2026-11-21T08:30:15.123456Z",
        "WARC-Target-URI: http://www.demo-park.example/news/1.html",
        "WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
        "WARC-IP-Address: 192.0.2.7",
        "WARC-Protocol: http/1.1",
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        "WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000002>",
        "WARC-Refers-To-Target-URI: http://www.demo-park.example/news/1.html",
        "WARC-Refers-To-Date: 2026-11-21T08:30:15.123456Z",
        f"WARC-Payload-Digest: {digest(BODY)}",
        "Content-Length: 0",
        "",
        "",
        "",
        "",
    )
    assert [ref.type for ref in refs] == ["revisit", "request", "metadata"]
    kept = dict(read_fields(read_record(tmp_path / NAME, refs[2].offset, refs[2].length).block))
    assert kept["http-header"].encode("latin-1") == b'HTTP/1.1 304 Not Modified\r\nETag: "caf\xe9"\r\n\r\n'


def test_a_304_nobody_knows_the_original_of_is_kept_as_it_came(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        ref = out.write(not_modified(), [])[0]
    assert ref.type == "response"
    assert b"304 Not Modified" in members(tmp_path / NAME)[1]


def test_a_failure_is_its_request_if_bytes_were_sent_and_metadata(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        unsent = out.write_failure(URL, AT, None, [("error", "DNS lookup failed")])
        sent = out.write_failure(URL, AT, REQUEST, [("error", "connection reset")])
    assert [ref.type for ref in unsent] == ["metadata"]
    assert [ref.type for ref in sent] == ["request", "metadata"]
    found = list(scan(tmp_path / NAME))
    assert found[1].headers.all("WARC-Concurrent-To") == ()
    assert found[3].headers.all("WARC-Concurrent-To") == (f"<{sent[0].record_id}>",)
    assert read_fields(found[3].start) == (("error", "connection reset"),)


def test_an_answer_whose_head_never_ended_leaves_its_bytes_in_the_metadata(tmp_path: Path) -> None:
    cut = replace(exchange(), head_length=0, end=25 + 30, payload_sha1=None, truncated="disconnect")
    with writer(tmp_path) as out:
        refs = out.write(cut, [("error", "connection lost")])
    assert [ref.type for ref in refs] == ["request", "metadata"]
    assert dict(read_fields(list(scan(tmp_path / NAME))[2].start))["received"].encode() == (HEAD + BODY)[:30]


def test_a_cut_answer_says_so_and_is_never_a_revisit(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        first = out.write(exchange(), [])[0]
        ref = out.write(replace(exchange(), truncated="time"), [], original(first))[0]
    headers = read_record(tmp_path / NAME, ref.offset).headers
    assert (ref.type, headers.get("WARC-Truncated")) == ("response", "time")


def test_an_answer_without_a_body_has_no_payload_digest(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        ref = out.write(exchange(body=b"", head=b"HTTP/1.1 204 No Content\r\n\r\n"), [])[0]
    assert ref.digest is None
    assert read_record(tmp_path / NAME, ref.offset).headers.get("WARC-Payload-Digest") is None


def test_protocols_cipher_and_ipv6_peer_stand_on_answer_and_request(tmp_path: Path) -> None:
    tls = replace(exchange(), ip="2001:db8::7", protocols=("http/1.1", "tls/1.3"), cipher="TLS_AES_128_GCM_SHA256")
    with writer(tmp_path) as out:
        out.write(tls, [])
    for entry in list(scan(tmp_path / NAME))[1:3]:
        assert entry.headers.all("WARC-Protocol") == ("http/1.1", "tls/1.3")
        assert entry.headers.get("WARC-Cipher-Suite") == "TLS_AES_128_GCM_SHA256"
        assert entry.headers.get("WARC-IP-Address") == "2001:db8::7"


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://a.example/%D0%c2?q=%B2%E2&x='(b)!", "http://a.example/%D0%c2?q=%B2%E2&x='(b)!"),
        ("http://a.example/新闻 1", "http://a.example/%E6%96%B0%E9%97%BB%201"),
        ("http://a.example/\r\nWARC-Type: response", "http://a.example/%0D%0AWARC-Type:%20response"),
    ],
)
def test_target_uris_are_ascii_as_requested_and_forge_no_header(tmp_path: Path, url: str, written: str) -> None:
    path = write_one(tmp_path, exchange(url))
    assert [entry.headers.all("WARC-Target-URI") for entry in scan(path)][1:] == [(written,)] * 3


def test_a_header_value_with_a_line_end_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    with writer(tmp_path) as out, pytest.raises(ValueError, match="WARC-IP-Address"):
        out.write(replace(exchange(), ip="192.0.2.7\r\nX: y"), [])
    assert list(tmp_path.iterdir()) == []


def test_a_revisit_of_something_else_is_refused_and_the_next_exchange_is_welcome(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        first = out.write(exchange(), [])[0]
        with pytest.raises(ValueError, match="not that of its original"):
            out.write(exchange(body=b"other"), [], original(first))
        out.write(exchange(body=b"other"), [])
    assert [entry.ref.type for entry in scan(tmp_path / NAME)] == ["warcinfo", *["response", "request", "metadata"] * 2]


@pytest.mark.parametrize("body", [bytes(range(256)) * 25_000, b"0" * 30_000_000], ids=["6 MB", "30 MB of zeros"])
def test_a_long_answer_is_streamed_and_reads_back_whole(tmp_path: Path, body: bytes) -> None:
    path = write_one(tmp_path, exchange(body=body), exchange())
    blocks = [b"".join(stream.pieces()) for stream in records(path)]
    assert blocks[1] == HEAD + body
    assert len(blocks) == 7


def test_a_spool_that_is_shorter_than_promised_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(exchange(), [])
        before = out.position
        for length in (100, 6 << 20):
            short = exchange(body=os.urandom(length))
            with pytest.raises(ValueError, match="are missing from its spool"):
                out.write(replace(short, end=short.end + 1000), [])
            assert out.position == before
        out.write(exchange(), [])
    assert len(list(scan(tmp_path / NAME))) == 7


def test_refs_say_where_the_records_are(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        refs = out.write(exchange(), []) + out.write(exchange("http://b.example/"), [])
        assert out.position == (NAME, refs[-1].offset + refs[-1].length)
        assert refs[0].date == DATE
        for ref in refs:
            record = read_record(tmp_path / f"{NAME}.open", ref.offset, ref.length)
            assert record.headers.uri("WARC-Record-ID") == ref.record_id
            assert record.headers.get("WARC-Payload-Digest") == ref.digest
    assert [entry.ref for entry in scan(tmp_path / NAME)][1:] == list(refs)


def test_an_exchange_leaves_in_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    sizes: list[int] = []

    def counted(handle: int, data: bytes) -> int:
        sizes.append(len(data))
        return write(handle, data)

    monkeypatch.setattr(os, "write", counted)
    with writer(tmp_path) as out:
        out.write(exchange(body=os.urandom(3 << 20)), [])
        assert (len(sizes), out.position) == (1, (NAME, sizes[0]))
        out.write(exchange(), [])
        assert len(sizes) == 2


def test_a_writer_with_nothing_to_say_leaves_nothing_behind(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        out.sync()
        assert out.position is None
        assert out.roll_if_due() is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_open_until_it_is_closed_and_closing_is_told(tmp_path: Path) -> None:
    closed: list[Path] = []
    out = writer(tmp_path, on_closed=closed.append)
    out.write(exchange(), [])
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.open"]
    out.sync()
    assert out.close() == tmp_path / NAME
    assert closed == [tmp_path / NAME]
    assert list(tmp_path.iterdir()) == [tmp_path / NAME]
    with pytest.raises(ArchiveError, match="this WARC writer is closed"):
        out.write(exchange(), [])


def test_a_file_over_its_size_is_followed_by_another(tmp_path: Path) -> None:
    with writer(tmp_path, max_size=1000) as out:
        refs = [out.write(exchange(), [])[0] for _ in range(3)]
        last = out.position
    assert len({ref.warc for ref in refs}) == 3
    assert [len(list(scan(tmp_path / ref.warc))) for ref in refs] == [4, 4, 4]
    assert last is not None
    assert out.position == last


def test_an_idle_file_is_due(tmp_path: Path) -> None:
    with writer(tmp_path, idle_seconds=0.0) as out:
        out.write(exchange(), [])
        assert out.roll_if_due() == tmp_path / NAME


def test_a_clock_set_back_overwrites_nothing(tmp_path: Path) -> None:
    times = iter([CLOCK, CLOCK - timedelta(hours=1), CLOCK, CLOCK])
    ids = numbered_ids()
    with writer(tmp_path, clock=lambda: next(times), max_size=1, new_id=ids) as out:
        for _ in range(2):
            out.write(exchange(), [])
    with writer(tmp_path, clock=lambda: next(times), new_id=ids) as again:  # a new process counts from 0
        again.write(exchange(), [])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "demo-20261121073000007-00001-crawl1.warc.gz",
        "demo-20261121083000007-00000-crawl1.warc.gz",
        "demo-20261121083000007-00001-crawl1.warc.gz",
    ]
    assert sum(len(list(scan(tmp_path / name))) for name in names) == 12


def test_two_writers_with_one_clock_have_a_file_each(tmp_path: Path) -> None:
    ids = numbered_ids()
    with writer(tmp_path, new_id=ids) as one, writer(tmp_path, new_id=ids) as other:
        for out in (one, other, one, other):
            out.write(exchange(), [])
    assert [len(list(scan(path))) for path in sorted(tmp_path.iterdir())] == [7, 7]


@pytest.mark.parametrize("collection", ["", "a/b", "a b", "../x", "新闻", "-x"])
def test_a_collection_that_is_no_file_name_is_refused(tmp_path: Path, collection: str) -> None:
    with pytest.raises(ValueError, match="collection"):
        WarcWriter(tmp_path, collection=collection, info={})


def test_a_name_taken_while_writing_is_not_overwritten(tmp_path: Path) -> None:
    out = writer(tmp_path)
    out.write(exchange(), [])
    (tmp_path / NAME).write_bytes(b"somebody else's")
    with pytest.raises(ArchiveError, match="a file of this name is there already"):
        out.close()
    assert (tmp_path / NAME).read_bytes() == b"somebody else's"
    assert len(list(scan(tmp_path / f"{NAME}.open"))) == 4


def test_a_directory_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "warc").write_text("a file")
    with pytest.raises(ArchiveError, match=r"warc: File exists; no WARC file can be begun there\. Free the disk or"):
        writer(tmp_path / "warc").write(exchange(), [])


def test_a_forked_child_does_not_keep_the_lock_of_its_parent(tmp_path: Path) -> None:
    program = """
import os, sys, time
from pathlib import Path
from tests.archive_samples import exchange, writer
out = writer(Path(sys.argv[1]))
out.write(exchange(), [])
if os.fork() == 0:
    print("forked", flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert parent.stdout is not None
    try:
        assert parent.stdout.readline() == b"forked\n"
        assert recover(tmp_path).live == (NAME,)
        parent.kill()
        parent.wait()
        assert [found.records for found in recover(tmp_path).recovered] == [4]
    finally:
        parent.stdout.close()
        os.killpg(parent.pid, signal.SIGKILL)


DISK_FULL = """
import resource, sys
from pathlib import Path
import pytest
from archive.reader import scan
from archive.record import ArchiveError
from tests.archive_samples import exchange, numbered_ids, writer
import os

where, hard = Path(sys.argv[1]), resource.getrlimit(resource.RLIMIT_FSIZE)[1]
bodies = [os.urandom(300), os.urandom(3000), os.urandom(5 << 20)]
for number, limit in enumerate(int(text) for text in sys.argv[2:]):
    directory, whole = where / str(number), 0
    out = writer(directory, new_id=numbered_ids())
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))  # a real limit: write(2) is short, then fails
    with pytest.raises(ArchiveError, match="run the same command again"):
        for turn in range(100):
            out.write(exchange(body=bodies[turn % 3]), [])
            whole += 3
    at = out.position
    with pytest.raises(ArchiveError):
        out.write(exchange(), [])
    out.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    left = sorted(directory.iterdir())
    if not whole:
        assert not left and at is None, left
        continue
    assert [path.name for path in left] == [at[0]], left
    assert left[0].stat().st_size == at[1] <= limit
    assert len(list(scan(left[0]))) == whole + 1
print("held")
"""


def test_a_full_disk_leaves_the_file_at_its_last_whole_exchange(tmp_path: Path) -> None:
    limits = [
        1,
        100,
        400,
        700,
        1500,
        2100,
        3000,
        5500,
        6000,
        6001,
        6500,
        100_000,
        3 << 20,
        5 << 20,
        5_300_000,
        12_000_000,
    ]
    done = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(tmp_path), *map(str, limits)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("held\n", "")


KILLED = """
import os, sys
from pathlib import Path
from archive.writer import WarcWriter
from tests.archive_samples import exchange
out = WarcWriter(Path(sys.argv[1]), collection="demo", info={})
bodies = [os.urandom(500), os.urandom(200_000), os.urandom(5 << 20)]
for number in range(1_000_000):
    out.write(exchange(f"http://a.example/{number}", bodies[number % 3]), [])
    os.write(1, b".")
"""


def killed_after(directory: Path, seconds: float) -> int:
    """Run a writer for a while, kill it; return how many of its writes had returned."""
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(directory)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout as said:
        first = said.read(1)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
        return len(first + said.read())


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.1, 0.17, 0.23])
def test_a_killed_writer_loses_no_exchange_that_write_had_returned_from(tmp_path: Path, seconds: float) -> None:
    returned = killed_after(tmp_path, seconds)
    report = recover(tmp_path).recovered
    kept = [entry.headers.get("WARC-Target-URI") for path in tmp_path.glob("*.gz") for entry in scan(path)]
    answers = kept[1:][::3]
    assert len(report) == 1
    assert answers[:returned] == [f"http://a.example/{number}" for number in range(returned)]
    assert len(answers) <= returned + 1


def mixed(directory: Path) -> Path:
    """Write one of each kind of record."""
    with writer(directory) as out:
        first = out.write(exchange(), [("role", "list")])[0]
        out.write(exchange("http://m.demo-park.example/1"), [], original(first))
        out.write(not_modified(), [], original(first))
        chunked = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        out.write(exchange(body=b"5\r\nhello\r\n0\r\n\r\n", head=chunked, entity=b"hello"), [])
        out.write_failure(URL, AT, REQUEST, [("error", "timeout")])
    return directory / NAME


def test_warcio_reads_every_record_and_finds_its_digests_right(tmp_path: Path) -> None:
    wanted = list(scan(mixed(tmp_path)))
    with (tmp_path / NAME).open("rb") as file:
        walk = WarcioIterator(file, check_digests=True)
        for entry in wanted:
            record = next(walk)
            block = record.raw_stream.read()
            assert record.rec_headers.get_header("WARC-Record-ID") == f"<{entry.ref.record_id}>"
            assert (record.rec_type, walk.get_record_offset()) == (entry.ref.type, entry.ref.offset)
            if entry.block_length:
                head = record.http_headers.to_bytes() if record.http_headers else b""
                assert len(block) <= len(entry.start) <= len(head) + len(block)
            if record.rec_type != "response" or b"chunked" not in entry.start:  # warcio issue 74
                assert record.digest_checker.passed in (True, None), record.digest_checker.problems
        assert next(walk, None) is None


def test_fastwarc_reads_every_record_and_finds_its_block_digests_right(tmp_path: Path) -> None:
    wanted = list(scan(mixed(tmp_path)))
    file = io.BytesIO((tmp_path / NAME).read_bytes())
    found = []
    for record in FastWarcIterator(file, record_types=WarcRecordType.any_type, parse_http=False):
        assert record.verify_block_digest(consume=False) or not record.content_length
        found.append((record.record_id, record.content_length, record.reader.read()))
    assert found == [(f"<{entry.ref.record_id}>", entry.block_length, entry.start) for entry in wanted]


def test_gzip_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    whole = gzip.decompress(mixed(tmp_path).read_bytes())
    assert whole.count(b"WARC/1.1\r\nWARC-Type: ") == 1 + 3 * 4 + 2


def test_zlib_writes_the_same_records_where_isal_is_not_there(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["isal"] = None
from pathlib import Path
from archive import gz
from tests.test_archive_writer import mixed
assert not gz.HAS_ISAL
mixed(Path(sys.argv[1]))
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "zlib")], cwd=ROOT, check=True)
    mixed(tmp_path / "isal")
    assert members(tmp_path / "zlib" / NAME) == members(tmp_path / "isal" / NAME)


def test_naive_dates_are_refused(tmp_path: Path) -> None:
    with writer(tmp_path) as out, pytest.raises(ValueError, match="without a zone"):
        out.write(replace(exchange(), at=datetime(2026, 1, 1)), [])


def test_dates_of_other_zones_are_written_in_utc(tmp_path: Path) -> None:
    shanghai = AT.astimezone(ZoneInfo("Asia/Shanghai"))
    with writer(tmp_path) as out:
        assert out.write(replace(exchange(), at=shanghai), [])[0].date == DATE


@pytest.fixture(autouse=True)
def _no_open_descriptors_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before
