"""The CDXJ index: rows as pywb's, merged without a gap, found fast."""

import fcntl
import random
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from archive.index import FAN, Row, covered, index_lines, lookup, merge, missing, rows, write_index
from archive.reader import WarcFormatError, scan
from archive.record import Exchange
from archive.sorting import Sorter
from tests.archive_samples import (
    AT,
    BODY,
    CLOCK,
    HEAD,
    URL,
    exchange,
    not_modified,
    numbered_ids,
    original,
    write_one,
    writer,
)

NAME = "demo-20261121083000007-00000-crawl1.warc.gz"


# Asked of pywb 2.10: cdx-indexer --cdxj --sort --postappend; less its two rows of 304s, and lengths, offsets and file names.
PYWB = [
    "example,demo-park)/list.do?__wb_method=post&pageno=1&q=%e4%b8%ad%20x 20261121083015 "
    '{"url": "http://www.demo-park.example/list.do", "mime": "text/html", "status": "200"'
    ', "digest": "7YC3ZXG4JEUACJ4BUXY2FJ34XNJZRYIG", "method": "POST", "requestBody": "pageNo=1&q=\\u4e2d x"',
    "example,demo-park)/list.do?__wb_method=post&pageno=2&q=%e4%b8%ad%20x 20261121083015 "
    '{"url": "http://www.demo-park.example/list.do", "mime": "text/html", "status": "200"'
    ', "digest": "VV4C5TNMO4H4N242MLSE7EEHH64X7MTL", "method": "POST", "requestBody": "pageNo=2&q=\\u4e2d x"',
    "example,demo-park)/news/1.html 20261121083015 "
    '{"url": "http://www.demo-park.example/news/1.html", "mime": "text/html", "status": "200"'
    ', "digest": "RCVI7GBKV6OHGAPKT4NZ35TN2JT7IVNH"',
    "example,demo-park)/news/1.html 20261121083015 "
    '{"url": "http://www.demo-park.example/news/1.html", "mime": "text/html", "status": "404"'
    ', "digest": "U3P55KR2ISSMKLKEFBEEPVYWBCJLIAL6"',
    "example,demo-park)/news/1.html 20261121083015 "
    '{"url": "http://www.demo-park.example/news/1.html", "mime": "unk", "status": "301"'
    ', "digest": "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"',
    "example,demo-park)/news/1.html?__wb_method=head 20261121083015 "
    '{"url": "http://www.demo-park.example/news/1.html", "mime": "text/html", "status": "200"'
    ', "digest": "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "method": "HEAD"',
    "example,demo-park,m)/%d0%c2?a=1&b=2 20261121083015 "
    '{"url": "http://m.demo-park.example/%D0%C2?b=2&a=1", "mime": "warc/revisit"'
    ', "digest": "RCVI7GBKV6OHGAPKT4NZ35TN2JT7IVNH"',
]


def post(body: bytes, page: bytes) -> Exchange:
    request = (
        b"POST /list.do HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
    )
    return exchange("http://www.demo-park.example/list.do", page, request=request % (len(body), body))


def file_full(directory: Path) -> Path:
    """One of each kind of answer; what pywb's indexer says of it stands in the test below."""
    with writer(directory) as out:
        first = out.write(exchange(), [])[0]
        out.write(exchange("http://m.demo-park.example/%D0%C2?b=2&a=1"), [], original(first))
        out.write(not_modified(), [], original(first))
        out.write(replace(not_modified(), not_modified=False), [])
        out.write(post(b"pageNo=1&q=%E4%B8%AD+x", b"one"), [])
        out.write(post(b"pageNo=2&q=%E4%B8%AD+x", b"two"), [])
        out.write(exchange(URL, b"", b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"), [])
        out.write(exchange(URL, b"gone", b"HTTP/1.1 404 Nope\r\nContent-Type: text/html; charset=gbk\r\n\r\n"), [])
        out.write(exchange(URL, b"", HEAD, request=b"HEAD /news/1.html HTTP/1.1\r\n\r\n"), [])
        out.write_failure("http://down.example/", AT, None, [("error", "timeout")])
    return directory / NAME


def test_rows_are_those_of_pywb(tmp_path: Path) -> None:
    path = file_full(tmp_path)
    at = {entry.ref.offset: entry.ref for entry in scan(path)}
    index = write_index(path, tmp_path)
    assert index.name == f"{NAME}.cdxj"
    shown = []
    for line in index.read_text().splitlines():
        row = Row.read(line.encode())
        assert (row.length, row.filename) == (at[row.offset].length, NAME)
        shown.append(re.sub(r', "(length|offset|filename)": "[^"]*"}?', "", line))
    assert shown == PYWB


def test_304s_requests_and_failures_have_no_row(tmp_path: Path) -> None:
    found = list(rows(scan(file_full(tmp_path))))
    assert [row.status for row in found] == ["200", "", "200", "200", "301", "404", "200"]


def test_rows_come_back_from_their_lines(tmp_path: Path) -> None:
    for row in rows(scan(file_full(tmp_path))):
        assert Row.read(row.line()) == row


@pytest.mark.parametrize(
    "line", [b"", b"key 2026 {}", b"key 2026", b"\xff", b'key 2026 {"url": 1', b'k 2 {"offset": "x"}']
)
def test_a_line_that_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="no CDXJ line"):
        Row.read(line)


def test_a_request_before_its_answer_folds_as_well(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(post(b"pageNo=1", b"one"), [])
    _, answer, request, _ = scan(tmp_path / NAME)
    assert [row.method for row in rows([request, answer])] == ["POST"]
    assert [row.method for row in rows([answer])] == [""]


def test_a_damaged_file_is_indexed_only_if_somebody_is_told(tmp_path: Path) -> None:
    path = write_one(tmp_path, exchange("http://a.example/"), exchange("http://b.example/"))
    data = bytearray(path.read_bytes())
    data[list(scan(path))[1].ref.offset + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(WarcFormatError):
        write_index(path, tmp_path)
    assert list(tmp_path.glob("*.cdxj*")) == []
    damage: list[WarcFormatError] = []
    write_index(path, tmp_path, on_damage=damage.append)
    assert len(damage) == 1
    assert [Row.read(line).url for line in index_lines(tmp_path)] == ["http://b.example/"]


def captures(directory: Path, files: int, each: int = 3) -> list[Path]:
    """Write small WARCs with captures of their own and one URL that all share, a day apart."""
    ids, made = numbered_ids(), []
    for number in range(files):
        day = CLOCK + timedelta(days=number)
        with writer(directory, clock=lambda day=day: day, new_id=ids) as out:  # type: ignore[misc]
            for turn in range(each):
                url = "http://a.example/same" if turn == 0 else f"http://a.example/{number}/{turn}"
                out.write(replace(exchange(url), at=day), [])
            path = out.roll()
        assert path is not None
        made.append(path)
    return made


def test_many_small_indexes_become_one_and_every_line_stays(tmp_path: Path) -> None:
    warcs, index = tmp_path / "warc", tmp_path / "index"
    index.mkdir()
    paths = captures(warcs, FAN + 1)
    assert missing(warcs, index) == paths
    for path in paths[:FAN]:
        write_index(path, index)
    before = list(index_lines(index))
    made = merge(index)
    assert [path.name[:7] for path in made] == ["merged-"]
    assert list(index.glob("*.cdxj")) == made
    assert list(index_lines(index)) == before == sorted(before)
    assert covered(index) == {path.name for path in paths[:FAN]}
    assert missing(warcs, index) == paths[FAN:]
    assert merge(index) == []
    write_index(paths[FAN], index)
    assert merge(index) == []
    assert len(lookup(index, "http://a.example/same")) == FAN + 1


def test_a_merge_that_was_killed_is_tidied_by_the_next(tmp_path: Path) -> None:
    warcs, index = tmp_path / "warc", tmp_path / "index"
    index.mkdir()
    for path in captures(warcs, FAN):
        write_index(path, index)
    singles = {path: path.read_bytes() for path in index.glob("*.cdxj")}
    made = merge(index)
    for path, data in singles.items():  # as if the kill had come before the old ones were gone
        path.write_bytes(data)
    assert len(lookup(index, "http://a.example/same")) == FAN
    merge(index)
    assert list(index.glob("*.cdxj")) == made
    assert len(lookup(index, "http://a.example/same")) == FAN


def test_an_index_whose_list_of_warcs_is_gone_is_made_again(tmp_path: Path) -> None:
    warcs, index = tmp_path / "warc", tmp_path / "index"
    index.mkdir()
    paths = captures(warcs, FAN)
    for path in paths:
        write_index(path, index)
    merge(index)[0].with_suffix(".warcs").unlink()
    assert missing(warcs, index) == paths
    for path in paths:
        write_index(path, index)
    merge(index)
    assert covered(index) == {path.name for path in paths}
    assert len(list(index_lines(index))) == FAN * 3


def test_only_one_process_merges(tmp_path: Path) -> None:
    for path in captures(tmp_path, FAN):
        write_index(path, tmp_path)
    with (tmp_path / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert merge(tmp_path) == []
    assert len(merge(tmp_path)) == 1


def test_captures_come_oldest_first_or_nearest_first(tmp_path: Path) -> None:
    for path in captures(tmp_path, 5):
        write_index(path, tmp_path)
    days = [row.timestamp[6:8] for row in lookup(tmp_path, "https://www.a.example/same/")]
    assert days == ["21", "22", "23", "24", "25"]
    near = [
        row.timestamp[6:8] for row in lookup(tmp_path, "http://a.example/same", datetime(2026, 11, 23, 20, tzinfo=UTC))
    ]
    assert near == ["23", "24", "22", "25", "21"]
    assert lookup(tmp_path, "http://a.example/sam") == []
    assert lookup(tmp_path / "none", "http://a.example/same") == []


def test_a_post_is_found_by_its_body(tmp_path: Path) -> None:
    write_index(file_full(tmp_path), tmp_path)
    found = lookup(tmp_path, "http://www.demo-park.example/list.do", method="POST", body="pageNo=2&q=中 x")
    assert [row.body for row in found] == ["pageNo=2&q=中 x"]
    assert lookup(tmp_path, "http://www.demo-park.example/list.do") == []


@pytest.mark.parametrize("seed", range(20))
def test_lookup_finds_exactly_the_lines_of_a_key_whatever_stands_around_them(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    paths = ["a", "a/b", "b", "a-b", "ab", "a?x=1", "zz" * 400]
    wanted = [
        Row(
            f"cn,x)/{dice.choice(paths)}",
            f"2026112108{number:04d}",
            "u",
            "",
            "",
            "",
            1,
            number,
            f"{dice.randrange(3)}.warc.gz",
        )
        for number in range(dice.randrange(60))
    ]
    for name in range(3):
        lines = sorted(row.line() for row in wanted if row.filename == f"{name}.warc.gz")
        (tmp_path / f"{name}.warc.gz.cdxj").write_bytes(b"".join(lines))
    for path in paths:
        expected = [row.offset for row in wanted if row.key == f"cn,x)/{path}"]
        assert [row.offset for row in lookup(tmp_path, f"http://x.cn/{path}")] == expected


def test_a_million_lines_are_searched_in_milliseconds(tmp_path: Path) -> None:
    numbers = count()
    line = '{"url": "http://x.cn/%07d", "length": "1", "offset": "%d", "filename": "a.warc.gz"}'
    for name in range(4):
        with (tmp_path / f"{name}.warc.gz.cdxj").open("w") as file:
            for number in (next(numbers) for _ in range(250_000)):
                file.write(f"cn,x)/{number:07d} 20261121083015 {line % (number, number)}\n")
    started = time.perf_counter()
    for number in range(0, 1_000_000, 10_007):
        assert [row.offset for row in lookup(tmp_path, f"http://x.cn/{number:07d}")] == [number]
    assert (time.perf_counter() - started) / 100 < 0.02


def test_lines_are_sorted_beyond_memory(tmp_path: Path) -> None:
    dice = random.Random(3)
    lines = [b"%s\n" % dice.randbytes(5).hex().encode() for _ in range(5000)]
    with Sorter(tmp_path, run_bytes=3000) as sorter:
        for line in lines:
            sorter.add(line)
        assert list(sorter) == sorted(lines)
    assert list(tmp_path.iterdir()) == []
    assert BODY
