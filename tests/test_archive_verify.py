"""verify: says nothing of a sound archive, and names every planted fault."""

import gzip
import hashlib
import random
import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.index import write_index
from archive.reader import Entry, scan
from archive.verify import Finding, compare, verify
from tests.archive_samples import AT, BODY, HEAD, REQUEST, URL, exchange, not_modified, numbered_ids, original, writer


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two WARCs with every kind of record, and their index."""
    (tmp_path / "index").mkdir()
    chunked = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    packed = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    closed: list[Path] = []
    with writer(tmp_path / "warc", on_closed=closed.append) as out:
        first = out.write(exchange(body=framed, head=chunked, entity=BODY), [])[0]
        out.write(exchange("http://b.example/", gzip.compress(BODY, mtime=0), packed), [])
        out.write(exchange("http://c.example/", b"", b"HTTP/1.1 204 No Content\r\n\r\n"), [])
        out.write(
            replace(exchange("http://d.example/", framed[:50], chunked, entity=framed[5:50]), truncated="time"), []
        )
        out.roll()
        out.write(exchange("http://e.example/"), [], original(first))
        out.write(not_modified(), [], original(first))
        out.write_failure("http://f.example/", AT, REQUEST, [("error", "timeout")])
    for path in closed:
        write_index(path, tmp_path / "index")
    return tmp_path


def check(home: Path) -> list[Finding]:
    return list(verify(home / "warc", home / "index", home))


def files(home: Path) -> list[Path]:
    return sorted((home / "warc").iterdir())


def kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


def test_a_sound_archive_has_no_findings(home: Path) -> None:
    assert check(home) == []


def test_progress_comes_to_its_end_and_every_entry_is_shown(home: Path) -> None:
    steps: list[tuple[int, int]] = []
    entries: list[Entry] = []
    told = verify(
        home / "warc", home / "index", home, progress=lambda *step: steps.append(step), on_entry=entries.append
    )
    assert list(told) == []
    total = sum(path.stat().st_size for path in files(home))
    assert steps[-1] == (total, total)
    assert entries == [entry for path in files(home) for entry in scan(path)]
    assert [path.name for path in home.iterdir() if path.is_file()] == []


@pytest.mark.parametrize("seed", range(60))
def test_any_flipped_bit_is_found_and_only_its_record_suffers(seed: int, home: Path) -> None:
    dice = random.Random(seed)
    path = dice.choice(files(home))
    data = bytearray(path.read_bytes())
    at = dice.randrange(len(data))
    struck = next(entry for entry in scan(path) if entry.ref.offset <= at < entry.ref.offset + entry.ref.length)
    if at - struck.ref.offset in (4, 5, 6, 7, 8, 9):  # gzip's time, hint and system: nothing of the record
        pytest.skip("this byte means nothing")
    data[at] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    found = check(home)
    assert found[0].kind == "structure"
    assert (found[0].file, found[0].offset) == (path.name, struck.ref.offset)
    assert {finding.kind for finding in found} <= {"structure", "stray-row", "revisit"}
    assert sum(finding.kind == "structure" for finding in found) == 1


def test_a_cut_tail_is_found(home: Path) -> None:
    path = files(home)[1]
    path.write_bytes(path.read_bytes()[:-1])
    (found,) = check(home)
    assert (found.kind, found.file) == ("structure", path.name)
    assert found.message.startswith("cut: the file ends within a gzip member")


def test_a_missing_file_is_found_from_the_index_and_from_what_refers_to_it(home: Path) -> None:
    gone = files(home)[0]
    gone.unlink()
    found = check(home)
    assert kinds(found) == ["revisit", "revisit", "missing"]
    assert found[2] == Finding("missing", gone.name, None, "the index has 4 captures in this file, which is not there")


def test_a_missing_index_line_is_found(home: Path) -> None:
    index = sorted((home / "index").iterdir())[0]
    lines = index.read_bytes().splitlines(keepends=True)
    index.write_bytes(b"".join(lines[1:]))
    (found,) = check(home)
    assert (found.kind, found.file) == ("no-row", files(home)[0].name)
    assert found.offset is not None
    assert "run `parknews rebuild`" in found.message


def test_index_lines_that_are_wrong_are_found(home: Path) -> None:
    index = sorted((home / "index").iterdir())[1]
    index.write_bytes(index.read_bytes().replace(b'"offset": "', b'"offset": "9') + b"zz nonsense\n")
    assert sorted(kinds(check(home))) == ["index-line", "no-row", "stray-row"]


def test_a_missing_index_file_is_found(home: Path) -> None:
    sorted((home / "index").iterdir())[0].unlink()
    name = files(home)[0].name
    assert check(home) == [Finding("no-row", name, None, "this file is not indexed; run `parknews rebuild`")]


def repacked(path: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    """Change one record, inside its gzip member."""
    data = path.read_bytes()
    entry = list(scan(path))[number]
    start, end = entry.ref.offset, entry.ref.offset + entry.ref.length
    path.write_bytes(data[:start] + gzip.compress(change(gzip.decompress(data[start:end])), mtime=0) + data[end:])


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda record: record.replace(old, new, 1)


@pytest.mark.parametrize(
    ("file", "record", "change", "kind", "message"),
    [
        (0, 1, replacing(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunKed"), "block-digest", "they changed after"),
        (0, 4, replacing(b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A"), "payload-digest", "declared sha1:A"),
        (0, 3, replacing(b"sha1:", b"crc9:"), "block-digest", "algorithm is not known"),
        (0, 6, replacing(b"WARC/1.1", b"WARC/1.0"), "version", "WARC/1.0 and WARC/1.1"),
        (0, 0, replacing(b"WARC-Filename: demo", b"WARC-Filename: omed"), "filename", "its warcinfo says omed-"),
        (1, 1, replacing(b"WARC-Refers-To-Target-URI: http", b"WARC-Refers-To-Target-URI: ftp"), "revisit", "not a response with"),
        (1, 1, replacing(b"Refers-To-Date: 2026-", b"Refers-To-Date: 2025-"), "revisit", "not a response with"),
        (1, 4, replacing(b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:B"), "revisit", "not a response with"),
        (1, 4, replacing(b"WARC-Refers-To: <urn:uuid:0", b"WARC-Refers-To: <urn:uuid:9"), "revisit", "not in this archive"),
        (1, 4, replacing(b"WARC-Refers-To-Date", b"X-Refers-To-Date"), "revisit", "cannot be replayed"),
        (1, 2, replacing(b"Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000016", b"Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002"), "duplicate-id", "is also the id"),
    ],
)  # fmt: skip
def test_planted_faults_are_named(
    file: int, record: int, change: Callable[[bytes], bytes], kind: str, message: str, home: Path
) -> None:
    path = files(home)[file]
    before = path.read_bytes()
    repacked(path, record, change)
    assert path.read_bytes() != before
    found = [finding for finding in check(home) if finding.kind not in ("no-row", "stray-row")]
    assert kinds(found) == [kind]
    assert message in found[0].message


@pytest.mark.parametrize("label", ["sha256:", "SHA-256:"])
def test_digests_of_other_algorithms_and_spellings_are_checked(label: str, home: Path) -> None:
    path = files(home)[0]
    declared = f"WARC-Block-Digest: {label}{hashlib.sha256(REQUEST).hexdigest()}\r\n".encode()
    repacked(path, 2, lambda record: re.sub(rb"WARC-Block-Digest: .*\r\n", declared, record))
    assert declared in gzip.decompress(path.read_bytes())
    assert "block-digest" not in kinds(check(home))


def test_a_growing_file_is_checked_as_far_as_it_goes(home: Path) -> None:
    ids = numbered_ids()
    for _ in range(100):
        ids()
    with writer(home / "warc", new_id=ids) as out:
        out.write(exchange("http://g.example/"), [])
        (path,) = (home / "warc").glob("*.open")
        with path.open("ab") as file:
            file.write(b"\x1f\x8b\x08half")
        assert check(home) == []


def test_state_and_feed_are_compared_place_by_place() -> None:
    held = [("a.warc.gz", 10), ("a.warc.gz", 20), ("b.warc.gz", 10)]
    named = [("a.warc.gz", 20), ("b.warc.gz", 10), ("b.warc.gz", 30)]
    assert list(compare(held, named, "state")) == [
        Finding("missing", "a.warc.gz", 10, "this record is not in the state"),
        Finding("stray", "b.warc.gz", 30, "the state names a record here, the archive has none"),
    ]


def test_a_long_file_is_verified_in_flat_memory(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        out.write(exchange(body=bytes(100_000_000)), [])
        for number in range(300):
            out.write(exchange(f"{URL}?{number}"), [])
    tracemalloc.start()
    try:
        assert list(verify(tmp_path / "warc", None, tmp_path)) == []
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()
