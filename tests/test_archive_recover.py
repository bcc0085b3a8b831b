"""Recovery: what a dead writer left becomes a file of whole records, and nothing is destroyed."""

import fcntl
import gzip
import os
import random
import tracemalloc
from itertools import accumulate
from pathlib import Path

import pytest

from archive.reader import records, scan
from archive.record import ArchiveError
from archive.recover import Recovered, recover
from tests.archive_samples import exchange, write_one, writer

NAME = "demo-20261121083000007-00000-crawl1.warc.gz"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of seven exchanges, some over 64 KB."""
    noise = random.Random(1)
    bodies = [noise.randbytes(size) for size in (10, 90_000, 0, 700, 200_000, 3, 40)]
    return write_one(tmp_path_factory.mktemp("whole"), *(exchange(body=body) for body in bodies)).read_bytes()


@pytest.fixture(scope="module")
def ends(whole: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    path = tmp_path_factory.mktemp("ends") / NAME
    path.write_bytes(whole)
    return [0, *accumulate(stream.finish() for stream in records(path))]


def leave(directory: Path, data: bytes) -> Path:
    path = directory / f"{NAME}.open"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("seed", range(160))
def test_a_torn_tail_is_cut_at_the_last_whole_record_and_kept_beside(
    seed: int, whole: bytes, ends: list[int], tmp_path: Path
) -> None:
    dice = random.Random(seed)
    cut = dice.choice([dice.randrange(len(whole) + 1), dice.choice(ends) + dice.choice([0, 1, -1])])
    cut = min(max(cut, 0), len(whole))
    rest = dice.choice(
        [b"", bytes(dice.randrange(1, 5000)), dice.randbytes(dice.randrange(1, 5000)), b"\x1f\x8b\x08", b"\n"]
    )
    data = whole[:cut] + rest
    kept = max(end for end in ends if data[:end] == whole[:end])  # zeros can be the very bytes that were cut
    leave(tmp_path, data)

    report = recover(tmp_path)

    tail = data[kept:]
    assert [(found.warc, found.records, found.kept, found.cut) for found in report.recovered] == [
        (NAME, ends.index(kept), kept, len(tail))
    ]
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert left == ({NAME: whole[:kept]} if kept else {}) | ({f"{NAME}.tail": tail} if tail else {})
    assert recover(tmp_path).recovered == ()


def test_a_flipped_bit_ends_what_is_whole(whole: bytes, ends: list[int], tmp_path: Path) -> None:
    bad = bytearray(whole)
    bad[ends[4] + 200] ^= 4
    leave(tmp_path, bytes(bad))
    found = recover(tmp_path).recovered[0]
    assert (found.records, found.tail) == (4, f"{NAME}.tail")
    assert found.reason is not None


def test_a_record_that_is_not_what_its_length_says_is_not_whole(tmp_path: Path) -> None:
    path = write_one(tmp_path)
    good = path.read_bytes()
    path.unlink()
    leave(tmp_path, good + gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 5\r\n\r\nab\r\n\r\n"))
    found = recover(tmp_path).recovered[0]
    assert (found.records, found.kept) == (4, len(good))


def test_a_live_owner_keeps_its_file(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(exchange(), [])
        report = recover(tmp_path)
        assert (report.recovered, report.live) == ((), (NAME,))
        out.write(exchange(), [])
    assert len(list(scan(tmp_path / NAME))) == 7


def test_a_file_with_only_a_warcinfo_record_is_closed_as_it_is(whole: bytes, ends: list[int], tmp_path: Path) -> None:
    leave(tmp_path, whole[: ends[1]])
    assert recover(tmp_path).recovered == (Recovered(NAME, 1, ends[1], 0, None, None),)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_file_without_a_record_goes_and_its_bytes_stay(tmp_path: Path) -> None:
    leave(tmp_path, b"")
    assert recover(tmp_path).recovered == (Recovered(NAME, 0, 0, 0, None, None),)
    assert list(tmp_path.iterdir()) == []
    leave(tmp_path, b"\0" * 5000)
    assert recover(tmp_path).recovered[0].cut == 5000
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {f"{NAME}.tail": b"\0" * 5000}


def test_a_file_in_the_way_is_told_and_both_stay(whole: bytes, tmp_path: Path) -> None:
    left = leave(tmp_path, whole)
    (tmp_path / NAME).write_bytes(b"other")
    with pytest.raises(ArchiveError, match="a file of this name is there already; move one of the two away"):
        recover(tmp_path)
    assert (left.read_bytes(), (tmp_path / NAME).read_bytes()) == (whole, b"other")


def test_a_second_recovery_at_the_same_time_leaves_the_file_to_the_first(whole: bytes, tmp_path: Path) -> None:
    left = leave(tmp_path, whole)
    with left.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert recover(tmp_path).live == (NAME,)
    assert recover(tmp_path).recovered[0].warc == NAME


def test_a_recovery_that_was_itself_killed_is_done_again(whole: bytes, ends: list[int], tmp_path: Path) -> None:
    leave(tmp_path, whole[: ends[5] + 7])
    (tmp_path / f"{NAME}.tail").write_bytes(whole[ends[5] : ends[5] + 7])
    (tmp_path / f"{NAME}.tail.part").write_bytes(b"half")
    assert recover(tmp_path).recovered[0].records == 5
    assert {path.name for path in tmp_path.iterdir()} == {NAME, f"{NAME}.tail"}


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.open").write_bytes(b"")
    assert recover(tmp_path).recovered == ()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.open"]


def test_an_empty_or_missing_directory_has_nothing_to_recover(tmp_path: Path) -> None:
    assert recover(tmp_path).recovered == ()
    assert recover(tmp_path / "none").recovered == ()


def test_a_big_file_is_recovered_in_flat_memory(tmp_path: Path) -> None:
    path = write_one(tmp_path, exchange(body=b"0" * 100_000_000), exchange())
    os.rename(path, f"{path}.open")
    tracemalloc.start()
    try:
        assert recover(tmp_path).recovered[0].records == 7
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
