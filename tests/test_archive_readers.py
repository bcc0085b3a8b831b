"""The whole archive of crawls as others read it: warcio, FastWARC and pywb's indexer find the records that we find."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastWarcIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator  # type: ignore[import-untyped]

from archive.reader import scan
from archive.replay import ENVIRONMENT
from archive.verify import verify
from tests.archive_samples import exchange, write_one
from tests.conftest import crawl, well
from tests.demo.server import DemoServer
from tests.servers import chunked
from tests.showing import article_of, needed


@dataclass(frozen=True, order=True)
class Seen:
    """A record as a reader tells it.  offset: of its gzip member; length: of its block; bytes both."""

    offset: int
    type: str
    record_id: str
    length: int


def ours(path: Path) -> list[Seen]:
    return [Seen(one.ref.offset, one.ref.type, f"<{one.ref.record_id}>", one.block_length) for one in scan(path)]


def by_warcio(path: Path) -> list[Seen]:
    found = []
    with path.open("rb") as file:
        records = WarcioIterator(file, no_record_parse=True)
        for record in records:
            block = record.raw_stream.read()
            record_id = record.rec_headers.get_header("WARC-Record-ID")
            found.append(Seen(records.get_record_offset(), record.rec_type, record_id, len(block)))
    return found


def by_fastwarc(path: Path) -> list[Seen]:
    found = []
    with path.open("rb") as file:
        for record in FastWarcIterator(file, record_types=WarcRecordType.any_type, parse_http=False):
            kind, record_id = record.headers["WARC-Type"], record.headers["WARC-Record-ID"]
            found.append(Seen(record.stream_pos, kind, record_id, len(record.reader.read())))
    return found


@pytest.fixture(scope="module")
def crawled_twice(first_crawl: Path, demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The WARCs of a first crawl, of one of the changed sites (304s), and of a page fetched again (a revisit)."""
    root = Path(shutil.copytree(first_crawl, tmp_path_factory.mktemp("twice") / "home"))
    demo_server.state = 2
    crawl(root, demo_server.connect_to)
    demo_server.state = 1
    well(root, "fetch", article_of("kjt"), "--connect-to", demo_server.connect_to)
    warcs = sorted((root / "warc").iterdir())
    kinds = {seen.type for warc in warcs for seen in ours(warc)}
    assert kinds == {"warcinfo", "response", "revisit", "request", "metadata"}
    return warcs


@pytest.mark.slow
@pytest.mark.parametrize("read", [by_warcio, by_fastwarc])
def test_every_record_of_every_file_is_where_others_find_it(
    crawled_twice: list[Path], read: Callable[[Path], list[Seen]]
) -> None:
    for warc in crawled_twice:
        assert read(warc) == ours(warc)


@pytest.mark.slow
def test_pywb_indexes_every_record_that_has_a_url(crawled_twice: list[Path]) -> None:
    program = ENVIRONMENT / "bin" / "cdx-indexer"
    needed(program.exists(), "no pywb in .venv-replay: make setup")
    for warc in crawled_twice:
        words = [str(program), "--cdxj", "--allrecords", str(warc)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        lines = [json.loads(line.split(" ", 2)[2]) for line in done.stdout.splitlines() if "{" in line]
        wanted = [one for one in scan(warc) if one.ref.type != "warcinfo"]
        assert sorted((int(one["offset"]), int(one["length"]), one["url"]) for one in lines) == sorted(
            (one.ref.offset, one.ref.length, one.headers.uri("WARC-Target-URI") or "") for one in wanted
        )
        digests = {one.ref.offset: (one.ref.digest or "").removeprefix("sha1:") for one in wanted}
        told = [one for one in lines if digests[int(one["offset"])]]
        assert told
        assert all(one["digest"] == digests[int(one["offset"])] for one in told)


def test_chunked_page_is_right_by_the_standard_and_warcio_says_otherwise(tmp_path: Path) -> None:
    """README says so; when warcio learns it, this fails and the paragraph may go."""
    body = "<p>园区动态</p>".encode() * 60
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    path = write_one(tmp_path, exchange(body=chunked(body, 200), head=head, entity=body))
    assert list(verify(tmp_path, None, tmp_path)) == []
    with path.open("rb") as file:
        records = WarcioIterator(file, check_digests=True)
        passed = {record.rec_type: _digests_hold(record) for record in records}
    assert passed == {"warcinfo": True, "response": False, "request": True, "metadata": True}


def _digests_hold(record: object) -> bool:
    record.content_stream().read()  # type: ignore[attr-defined]
    return record.digest_checker.passed is not False  # type: ignore[attr-defined]
