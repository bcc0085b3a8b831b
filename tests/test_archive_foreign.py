"""Other tools' WARC and WACZ files brought into a home: whatever shape they have, their records stay byte for byte."""

import base64
import gzip
import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.exchanges import exchanges
from archive.foreign import Brought, NotWarcError, bring_in, tidy
from archive.gz import Members
from archive.paths import Home
from archive.reader import scan
from archive.verify import verify

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
URL = "http://www.park.example/news/1.html"


def record(
    number: int, block: bytes = HTTP + b"<p>page</p>", kind: str = "response", *lines: str, version: str = "WARC/1.0",
    url: str = URL, date: str = "2019-05-01T08:30:15Z", mime: str = "application/http;msgtype=response",
) -> bytes:  # fmt: skip
    """Return a record as wget writes it."""
    head = [
        version, f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>",
        f"WARC-Target-URI: <{url}>", f"WARC-Date: {date}", *lines, f"Content-Type: {mime}", f"Content-Length: {len(block)}",
    ]  # fmt: skip
    return "\r\n".join([*head, "", ""]).encode() + block + b"\r\n\r\n"


ODD_HEAD = (
    record(1, HTTP + b"<p>1</p>").replace(b"WARC-Type", b"warc-type").replace(b"Content-Type: app", b"content-TYPE:app")
)
RECORDS = [
    record(
        9, b"software: Wget/1.21.3\r\n", "warcinfo", "WARC-Filename: mirror.warc.gz", mime="application/warc-fields"
    ),
    ODD_HEAD,
    record(2, HTTP + bytes(range(256)) * 900, url="http://www.park.example/photo.png"),
    record(3, b"GET / HTTP/1.1\r\n\r\n", "request", mime="application/http;msgtype=request"),
]


def members(*parts: bytes) -> bytes:
    return b"".join(gzip.compress(part, mtime=0) for part in parts)


SHAPES: dict[str, bytes] = {
    "a member a record": members(*RECORDS),
    "uncompressed": b"".join(RECORDS),
    "one member for all": members(b"".join(RECORDS)),
    "two in each": members(RECORDS[0] + RECORDS[1], RECORDS[2] + RECORDS[3]),
    "cut anywhere": members(*(b"".join(RECORDS)[i : i + 10_000] for i in range(0, len(b"".join(RECORDS)), 10_000))),
    "empty members": members(b"", RECORDS[0], b"", RECORDS[1], RECORDS[2] + RECORDS[3], b""),
    "orderly at first": members(RECORDS[0], RECORDS[1]) + members(RECORDS[2] + RECORDS[3]),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


def bring(home: Home, source: Path, known: Callable[[str], bool] = lambda _: False) -> list[Brought]:
    return list(bring_in(home, source, known, lambda *_: None))


def bring_one(home: Home, tmp_path: Path, data: bytes, name: str = "mirror.warc.gz") -> Brought:
    source = tmp_path / name
    source.write_bytes(data)
    (brought,) = bring(home, source)
    return brought


def plain(home: Home, warc: str | None) -> bytes:
    """Return all records of a file of the home, after checking that each is a gzip member of its own."""
    assert warc is not None
    path, out = home.warc / warc, b""
    entries = list(scan(path))
    with path.open("rb") as file:
        codec = Members(file)
        for entry in entries:
            assert codec.begin()
            assert codec.offset == entry.ref.offset
            while piece := codec.read(1 << 16):
                out += piece
        assert not codec.begin()
    return out


def left(brought: Brought) -> list[tuple[int | None, str]]:
    return [(one.offset, one.why) for one in brought.left_out]


# ------------------------------------------------------------------------------------------------------------- shapes
@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_becomes_a_member_a_record_and_not_a_byte_of_a_record_changes(
    home: Home, tmp_path: Path, shape: str
) -> None:
    brought = bring_one(home, tmp_path, SHAPES[shape])
    assert left(brought) == []
    assert (brought.new, brought.records, brought.answers) == (True, 4, 2)
    assert plain(home, brought.warc) == b"".join(RECORDS)


def test_a_file_in_order_is_copied_byte_for_byte(home: Home, tmp_path: Path) -> None:
    brought = bring_one(home, tmp_path, SHAPES["a member a record"])
    assert (home.warc / str(brought.warc)).read_bytes() == SHAPES["a member a record"]


def test_the_name_is_made_safe_and_tells_the_file_from_ours(home: Home, tmp_path: Path) -> None:
    data = SHAPES["uncompressed"]
    brought = bring_one(home, tmp_path, data, "-- 园区 $(rm) mirror;1.WARC")
    assert brought.warc == f"rm_mirror_1~{hashlib.sha256(data).hexdigest()[:12]}.warc.gz"


def test_the_same_file_again_changes_nothing_whatever_its_name(home: Home, tmp_path: Path) -> None:
    first = bring_one(home, tmp_path, SHAPES["uncompressed"])
    before = {path: path.stat().st_mtime_ns for path in home.warc.iterdir()}
    again = bring_one(home, tmp_path, SHAPES["uncompressed"], "other.warc")
    assert (again.warc, again.new) == (first.warc, False)
    assert {path: path.stat().st_mtime_ns for path in home.warc.iterdir()} == before


def test_a_file_whose_answers_are_all_known_is_not_kept(home: Home, tmp_path: Path) -> None:
    source = tmp_path / "again.warc.gz"
    source.write_bytes(SHAPES["a member a record"])
    (brought,) = bring(home, source, lambda record_id: record_id.startswith("urn:uuid:"))
    assert (brought.warc, brought.known, left(brought)) == (None, 2, [])
    assert list(home.warc.iterdir()) == []


def test_known_answers_and_records_there_twice_are_left_out_quietly(home: Home, tmp_path: Path) -> None:
    source = tmp_path / "mixed.warc.gz"
    source.write_bytes(members(RECORDS[1], RECORDS[2], RECORDS[2]))
    (brought,) = bring(home, source, lambda record_id: record_id.endswith("01"))
    assert (brought.records, brought.known, left(brought)) == (1, 2, [])
    assert plain(home, brought.warc) == RECORDS[2]


def test_verify_takes_other_tools_ways_for_no_fault(home: Home, tmp_path: Path) -> None:
    """wget: digests over the chunk framing, a file name of its own; revisits without URI and date, as of WARC 1.0."""
    framed = b"5\r\nhello\r\n0\r\n\r\n"
    sha1 = "sha1:" + base64.b32encode(hashlib.sha1(framed).digest()).decode()
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed
    revisit = record(5, HTTP, "revisit", "WARC-Refers-To: <urn:uuid:not-here>", "WARC-Payload-Digest: " + sha1)
    data = [*RECORDS, record(4, chunked, "response", f"WARC-Payload-Digest: {sha1}"), revisit]
    brought = bring_one(home, tmp_path, members(*data))
    assert (left(brought), brought.answers) == ([], 4)
    assert list(verify(home.warc, None, home.root)) == []


def test_what_rots_after_the_import_is_found_by_verify(home: Home, tmp_path: Path) -> None:
    block = HTTP + b"<p>page</p>"
    sha1 = "sha1:" + hashlib.sha1(block).hexdigest()
    brought = bring_one(home, tmp_path, members(record(1, block, "response", f"WARC-Block-Digest: {sha1}")))
    path = home.warc / str(brought.warc)
    path.write_bytes(members(record(1, HTTP + b"<p>PAGE</p>", "response", f"WARC-Block-Digest: {sha1}")))
    assert [finding.kind for finding in verify(home.warc, None, home.root)] == ["block-digest"]


def test_requests_before_answers_and_lone_records_are_told_apart(home: Home, tmp_path: Path) -> None:
    asked = record(3, b"GET / HTTP/1.1\r\n\r\n", "request", mime="application/http;msgtype=request")
    answer = record(1, HTTP, "response", "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000003>")
    dns = record(4, b"20190501\nwww.park.example. 1 IN A 192.0.2.1\n", url="dns:www.park.example", mime="text/dns")
    brought = bring_one(home, tmp_path, members(dns, asked, answer, RECORDS[2]))
    found = [[entry.ref.type for entry in group.records] for group in exchanges(scan(home.warc / str(brought.warc)))]
    assert found == [["response"], ["request", "response"], ["response"]]
    assert brought.answers == 2  # the DNS answer is none of HTTP


# ------------------------------------------------------------------------------------------------------------- damage
@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "uncompressed"])
def test_a_damaged_record_is_left_out_and_named_and_the_rest_comes_in(home: Home, tmp_path: Path, packed: bool) -> None:
    parts = [gzip.compress(one, mtime=0) if packed else one for one in RECORDS]
    broken = (
        parts[1].replace(b"Content-Length: ", b"Content-Length: 9")
        if not packed
        else parts[1][:60] + b"\0" + parts[1][61:]
    )
    brought = bring_one(home, tmp_path, b"".join([parts[0], broken, *parts[2:]]))
    assert plain(home, brought.warc) == b"".join([RECORDS[0], *RECORDS[2:]])
    assert left(brought)[0][0] == len(parts[0])


def test_a_member_of_several_records_that_rotted_at_its_end_is_named_and_the_rest_comes_in(
    home: Home, tmp_path: Path
) -> None:
    rotten = bytearray(members(RECORDS[0] + RECORDS[1]))
    rotten[-6] ^= 1  # of the CRC-32, which is read after the last record
    brought = bring_one(home, tmp_path, bytes(rotten) + members(RECORDS[2], RECORDS[3]))
    assert plain(home, brought.warc) == b"".join(RECORDS[2:])
    assert [why[:14] for _, why in left(brought)] == ["no gzip member"]


def test_an_id_may_hold_any_character_that_a_header_can(home: Home, tmp_path: Path) -> None:
    odd = [record(i).replace(b"0000-0000-4000", filling) for i, filling in enumerate((b"\0x", '园 "\\'.encode()), 1)]
    brought = bring_one(home, tmp_path, members(*odd, *RECORDS[2:]))
    assert plain(home, brought.warc) == b"".join([odd[1], *RECORDS[2:]])
    assert [why.partition(" holds ")[2] for _, why in left(brought)] == ["a control character"]
    assert list(verify(home.warc, None, home.root)) == []


def test_a_torn_tail_is_named_and_what_came_before_it_is_in(home: Home, tmp_path: Path) -> None:
    data = members(*RECORDS[:3])
    brought = bring_one(home, tmp_path, data[:-1000])
    assert plain(home, brought.warc) == b"".join(RECORDS[:2])
    assert left(brought) == [(len(members(*RECORDS[:2])), "the file ends within a gzip member")]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (record(1, HTTP, "response", "WARC-Block-Digest: sha1:" + "A" * 32), "they changed after they were written"),
        (record(1, HTTP + b"x", "response", "WARC-Payload-Digest: sha1:" + "A" * 32), "they changed after"),
        (record(1, date="yesterday"), "WARC-Date 'yesterday' is none"),
        (record(1, date="2019-05-01T08:30:15"), "is none"),
        (record(1, date="9999-12-31T23:59:59Z"), "WARC-Date '9999-12-31T23:59:59Z' is yet to come"),
        (record(1, version="WARC/0.18"), "a record begins with WARC/1.1 (or 1.0)"),
        (record(1).replace(b"\r\n", b"\n"), "a record begins with WARC/1.1"),
        (record(1).replace(b"WARC-Record-ID", b"WARC-Record-Name"), "WARC-Record-ID and WARC-Date are needed"),
        (record(1).replace(b"Content-Length: ", b"Content-Length: 9999999999999"), "before its Content-Length says"),
        (record(1).replace(b"Content-Length: ", b"Content-Length: -"), "one Content-Length, in digits, is needed"),
        (b"\0" * 512, "a record begins with"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_does_not_come_in(home: Home, tmp_path: Path, bad: bytes, why: str) -> None:
    brought = bring_one(home, tmp_path, members(RECORDS[2], bad))
    assert plain(home, brought.warc) == RECORDS[2]
    assert why in left(brought)[0][1]


@pytest.mark.parametrize("shape", ["a member a record", "all in one", "uncompressed"])
def test_what_is_wrong_is_left_out_once_wherever_it_lies(home: Home, tmp_path: Path, shape: str) -> None:
    """Found by random changes: two bad records in a row made the import go round and round."""
    undated, nameless = record(1, date="yesterday"), record(3).replace(b"WARC-Date", b"WARC-Dame")
    parts = [RECORDS[0], undated, nameless, RECORDS[2], nameless, RECORDS[3], RECORDS[1]]
    data = {
        "a member a record": members(*parts),
        "all in one": members(b"".join(parts)),
        "uncompressed": b"".join(parts),
    }[shape]
    brought = bring_one(home, tmp_path, data)
    assert plain(home, brought.warc) == b"".join([RECORDS[0], *RECORDS[2:], RECORDS[1]])
    assert [why[:16] for _, why in left(brought)] == ["its WARC-Date 'y", "WARC-Type, WARC-", "WARC-Type, WARC-"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b" + os.urandom(5000),
        b"WARC/1.0\r\n" * 1000,
        members(b"no record at all " * 100),
        members(RECORDS[0], RECORDS[3]),
        gzip.compress(b"WARC/1.0\r\n" + b"A" * (8 << 20)),
    ],
    ids=["noise", "version lines", "text", "no answers", "a header without end"],
)  # fmt: skip
def test_a_file_with_nothing_to_keep_is_a_finding_and_leaves_nothing(home: Home, tmp_path: Path, data: bytes) -> None:
    brought = bring_one(home, tmp_path, data)
    assert brought.warc is None
    assert "no HTTP answer in it can be read" in left(brought)[-1][1]
    assert list(home.warc.iterdir()) == []


def test_a_file_made_of_beginnings_takes_bounded_time(home: Home, tmp_path: Path) -> None:
    began = time.monotonic()
    brought = bring_one(home, tmp_path, b"\x1f\x8b\x08" * (2 << 20))
    assert brought.warc is None
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("data", [b"", b"<html>", b"%PDF-1.7", b"filedesc://x.arc 0.0.0.0"])
def test_what_is_no_archive_is_told_in_a_line(home: Home, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotWarcError, match=r"no WARC, WARC\.gz or WACZ: it begins with"):
        bring_one(home, tmp_path, data)


def test_what_a_killed_import_left_is_removed(home: Home) -> None:
    (home.warc / ".import-abc").write_bytes(b"half")
    tidy(home)
    assert list(home.warc.iterdir()) == []


# --------------------------------------------------------------------------------------------------------------- WACZ
def wacz(tmp_path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    path = tmp_path / "crawl.wacz"
    with zipfile.ZipFile(path, "w", method) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return path


def package_of(files: dict[str, bytes]) -> bytes:
    resources = [{"path": name, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"} for name, data in files.items()]
    return json.dumps({"resources": resources}).encode()


def test_each_warc_of_a_wacz_comes_in_under_its_own_name(home: Home, tmp_path: Path) -> None:
    files = {"archive/a.warc.gz": members(*RECORDS[:2]), "archive/b.warc": RECORDS[2]}
    source = wacz(tmp_path, files | {"datapackage.json": package_of(files), "pages/pages.jsonl": b"{}"})
    brought = bring(home, source)
    assert [one.source for one in brought] == ["crawl.wacz!a.warc.gz", "crawl.wacz!b.warc"]
    assert [left(one) for one in brought] == [[], []]
    assert b"".join(plain(home, one.warc) for one in brought) == b"".join(RECORDS[:3])


def test_names_in_a_wacz_lead_nowhere(home: Home, tmp_path: Path) -> None:
    names = [
        "archive/../../../evil.warc.gz", "/archive/evil.warc.gz", "../archive/evil.warc.gz", "archive/..\\..\\evil.warc.gz",
        "archive/\n\x1b[31mevil.warc.gz", "archive/" + "e" * 3000 + ".warc.gz", "archive/.warc.gz",
    ]  # fmt: skip
    source = wacz(tmp_path, {name: members(record(i), record(i + 50)) for i, name in enumerate(names)})
    brought = bring(home, source)
    assert {path.parent for path in tmp_path.rglob("*evil*")} <= {home.warc}
    assert all(path.name.isprintable() and "\\" not in path.name for path in home.warc.iterdir())
    assert all("\n" not in one.source and "\x1b" not in one.source for one in brought)
    assert sum(one.new for one in brought) == len(list(home.warc.iterdir())) > 0


def test_a_wacz_that_is_not_what_its_datapackage_says_is_named_and_its_whole_records_come_in(
    home: Home, tmp_path: Path
) -> None:
    files = {"archive/a.warc.gz": members(*RECORDS)}
    source = wacz(tmp_path, files | {"datapackage.json": package_of({"archive/a.warc.gz": b"other"})})
    (brought,) = bring(home, source)
    assert brought.answers == 2
    assert "datapackage.json says its SHA-256 is" in left(brought)[0][1]


def test_a_zip_bomb_is_not_unpacked(home: Home, tmp_path: Path) -> None:
    source = wacz(tmp_path, {"archive/a.warc": b"\0" * (64 << 20)}, zipfile.ZIP_DEFLATED)
    (brought,) = bring(home, source)
    assert "a ZIP bomb" in left(brought)[0][1]
    assert list(home.warc.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"index.html": b"no"}, "no WARC lies in archive/"),
        ({"archive/a.warc.gz": b"<html>"}, "it begins with '<html>'"),
        ({"archive/a.warc.gz": b"PK\x03\x04"}, "a ZIP file within the ZIP file"),
        ({"archive/a.warc.gz": members(b"junk")}, "the record header does not end"),
        ({"archive/a.warc.gz": members(*RECORDS), "datapackage.json": b"[" * 100_000}, None),
    ],
)  # fmt: skip
def test_odd_wacz_files_give_findings(home: Home, tmp_path: Path, files: dict[str, bytes], why: str | None) -> None:
    (brought,) = bring(home, wacz(tmp_path, files))
    assert why is None or why in left(brought)[0][1]
    assert brought.new is (why is None)


@pytest.mark.parametrize("cut", [30, 200, 2000])
def test_a_torn_wacz_is_a_finding(home: Home, tmp_path: Path, cut: int) -> None:
    source = wacz(tmp_path, {"archive/a.warc.gz": members(*RECORDS)})
    source.write_bytes(source.read_bytes()[:cut])
    (brought,) = bring(home, source)
    assert "no ZIP file that can be read" in left(brought)[0][1]


def test_a_wacz_with_a_flipped_bit_or_a_password_is_a_finding(home: Home, tmp_path: Path) -> None:
    source = wacz(tmp_path, {"archive/a.warc.gz": members(*RECORDS)})
    data = bytearray(source.read_bytes())
    data[100] ^= 1
    source.write_bytes(data)
    (flipped,) = bring(home, source)
    assert "it cannot be unpacked" in left(flipped)[0][1]
    data[100] ^= 1
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1  # bit 0: encrypted
    source.write_bytes(data)
    (locked,) = bring(home, source)
    assert "it cannot be unpacked" in left(locked)[0][1]
    assert list(home.warc.iterdir()) == []


def test_a_compressed_record_of_a_gigabyte_of_zeros_stays_flat(home: Home, tmp_path: Path) -> None:
    import resource

    size = 1 << 30
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as file:
        head, _, _ = record(1, b"").partition(b"Content-Length: 0")
        file.write(head + b"Content-Length: %d\r\n\r\n" % (size + len(HTTP)) + HTTP)
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
        file.write(b"\r\n\r\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert bring_one(home, tmp_path, out.getvalue()).answers == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
