"""A WACZ holds a site's captures and what they need, finds them by its index, and carries no session along."""

import gzip
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from archive.paths import Home
from archive.reader import Entry, WarcFormatError, read_record, scan
from archive.record import ArchiveError, Exchange, Original, RecordRef
from archive.searchwords import search_words
from archive.state import State
from archive.verify import verify
from archive.wacz import NothingToExportError, PageNote, Request, Summary, export_wacz, span
from archive.warcfields import read_fields
from archive.writer import WarcWriter, new_urn
from tests.archive_samples import exchange, not_modified, original
from tests.conftest import parknews, well

NOW = datetime(2026, 12, 24, 8, 0, 0, tzinfo=UTC)
HOST = "http://www.demo-park.example"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
STYLE = b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\n"


class Shelf:
    """A home that captures are put into, as a crawl does it: WARC records, then rows of the state."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root).prepare()
        self.state = State(self.home.state)
        self.writer = WarcWriter(self.home.warc, collection="demo", info={"operator": "Demo Park Watch"})

    def put(
        self, at: str, one: Exchange, *, site: str = "park", role: str = "article", first: RecordRef | None = None
    ) -> RecordRef:
        """Capture an exchange on a day ("2026-11-03").  first: the response that it repeats or confirms."""
        known = original_at(first) if first else None
        taken = replace(one, at=datetime.fromisoformat(f"{at}T08:00:00.5+00:00"))
        ref = self.writer.write(taken, [("site", site), ("role", role)], known)[0]
        row = {
            "site": site, "url": one.url, "role": role, "at": ref.date, "type": ref.type, "status": 200,
            "mime": "text/html", "warc": ref.warc, "offset": ref.offset, "length": ref.length,
            "record_id": ref.record_id, "digest": ref.digest, "refers": first and first.record_id,
        }  # fmt: skip
        self.state.insert("capture", [row])
        return ref

    def export(self, output: Path, *notes: PageNote, month: str | None = None, **more: Any) -> Summary:
        self.writer.roll()
        request = Request("park", "演示园区", "parknews/0", month, main_page=f"{HOST}/")
        return export_wacz(self.home, request, notes, output, now=NOW, **more)


class Opened:
    """A WACZ read the way a reader on the web does: by the ZIP directory, the index and byte ranges."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.zip = zipfile.ZipFile(path)
        self.names = self.zip.namelist()

    def entries(self, folder: Path) -> list[Entry]:
        """Unpack the parts and return their records."""
        for name in self.parts:
            (folder / name).write_bytes(self.zip.read(f"archive/{name}"))
        return [entry for name in self.parts for entry in scan(folder / name)]

    @property
    def parts(self) -> list[str]:
        return [name.removeprefix("archive/") for name in self.names if name.startswith("archive/")]

    @property
    def blocks(self) -> list[tuple[str, dict[str, Any]]]:
        head, *lines = self.zip.read("indexes/index.idx").decode().splitlines()
        assert head == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
        return [(key, json.loads("{" + rest)) for key, _, rest in (line.partition(" {") for line in lines)]

    @property
    def rows(self) -> list[tuple[str, dict[str, Any]]]:
        """All CDXJ lines, each block read by its own range."""
        data, found = self.zip.read("indexes/index.cdx.gz"), []
        for _, place in self.blocks:
            block = data[place["offset"] : place["offset"] + place["length"]]
            assert place["digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
            found += gzip.decompress(block).decode().splitlines()
        assert found == sorted(found)
        return [(key, json.loads("{" + rest)) for key, _, rest in (line.partition(" {") for line in found)]

    @property
    def urls(self) -> list[str]:
        return sorted(row["url"].removeprefix(HOST) for _, row in self.rows)

    def record(self, row: dict[str, Any]) -> bytes:
        """Return the gzip member that a row points at."""
        data = self.zip.read(f"archive/{row['filename']}")
        return data[int(row["offset"]) : int(row["offset"]) + int(row["length"])]

    @property
    def pages(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.zip.read("pages/pages.jsonl").decode().splitlines()]

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.zip.read("datapackage.json"))
        return found


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "home")
    with shelf.writer:
        yield shelf
    shelf.state.close()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out" / "park.wacz"


@pytest.fixture(autouse=True)
def out(output: Path) -> None:
    output.parent.mkdir()


def page(path: str, body: bytes = b"<p>news</p>", head: bytes = PAGE) -> Exchange:
    request = f"GET {path} HTTP/1.1\r\nHost: www.demo-park.example\r\n\r\n".encode()
    return exchange(HOST + path, body, head, request)


def original_at(ref: RecordRef) -> Original:
    """Return what a revisit of `ref` refers to, its URL read from the record."""
    return original(ref, URLS[ref.record_id])


URLS: dict[str, str] = {}


# ------------------------------------------------------------------------------------------------------ the package
def test_package_lists_its_files_with_true_digests(shelf: Shelf, output: Path) -> None:
    shelf.put("2026-11-03", page("/"))
    shelf.export(output)
    wacz = Opened(output)
    assert wacz.names == [
        "archive/park-all-00000.warc.gz",
        "indexes/index.cdx.gz",
        "indexes/index.idx",
        "pages/pages.jsonl",
        "datapackage.json",
        "datapackage-digest.json",
    ]
    for resource in wacz.manifest["resources"]:
        data = wacz.zip.read(resource["path"])
        assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    digest = hashlib.sha256(wacz.zip.read("datapackage.json")).hexdigest()
    assert json.loads(wacz.zip.read("datapackage-digest.json")) == {
        "path": "datapackage.json",
        "hash": f"sha256:{digest}",
    }
    known = {
        key: wacz.manifest[key]
        for key in ("profile", "wacz_version", "title", "created", "mainPageUrl", "mainPageDate")
    }
    assert known == {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "演示园区",
        "created": "2026-12-24T08:00:00Z",
        "mainPageUrl": f"{HOST}/",
        "mainPageDate": "2026-11-03T08:00:00Z",
    }


def test_what_is_read_by_ranges_is_stored_and_found_where_wabac_looks(shelf: Shelf, output: Path) -> None:
    shelf.put("2026-11-03", page("/"))
    shelf.export(output)
    data = output.read_bytes()
    for info in Opened(output).zip.infolist():
        stored = info.filename.startswith(("archive/", "indexes/index.cdx.gz"))
        assert info.compress_type == (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        name, extra = struct.unpack("<HH", data[info.header_offset + 26 : info.header_offset + 30])
        # wabac takes the data to begin behind the name where the directory shows no extra field
        assert info.extra or not extra
        if stored:
            begin = info.header_offset + 30 + name + extra
            assert data[begin : begin + 2] == b"\x1f\x8b"


def test_every_index_line_leads_to_its_record(shelf: Shelf, output: Path) -> None:
    for number in range(40):
        shelf.put("2026-11-03", page(f"/{number}.html", b"<p>%d</p>" % number))
    summary = shelf.export(output, part_size=4000)
    wacz = Opened(output)
    assert len(wacz.parts) > 2
    assert summary.parts == wacz.parts
    assert len(wacz.rows) == summary.captures == 40
    for _, row in wacz.rows:
        member = wacz.record(row)
        record = next(ArchiveIterator(io.BytesIO(member)))
        assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == row["digest"]
        assert (
            record.content_stream().read()
            == b"<p>%s</p>" % row["url"].rpartition("/")[2].removesuffix(".html").encode()
        )
        assert row["recordDigest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
        assert (row["status"], row["mime"]) == ("200", "text/html")


def test_index_of_many_lines_is_cut_into_blocks(shelf: Shelf, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.wacz.BLOCK_LINES", 8)
    for number in range(20):
        shelf.put("2026-11-03", page(f"/{number}.html"))
    shelf.export(output)
    wacz = Opened(output)
    assert [key for key, _ in wacz.blocks] == [wacz.rows[at][0] for at in (0, 8, 16)]
    assert len(wacz.rows) == 20


def test_parts_are_sound_warc_files(shelf: Shelf, output: Path, tmp_path: Path) -> None:
    first = shelf.put("2026-10-03", page("/a.html"))
    URLS[first.record_id] = f"{HOST}/a.html"
    shelf.put("2026-11-03", page("/a.html"), first=first)
    shelf.put("2026-11-04", page("/b.html", head=PAGE[:-2] + b"Set-Cookie: a=b\r\n\r\n"))
    shelf.export(output, part_size=500)
    Opened(output).entries(tmp_path)
    found = [
        one for one in verify(tmp_path, None, tmp_path) if one.kind != "filename"
    ]  # of the warcinfo of our own file
    assert found == []


# ------------------------------------------------------------------------------------------------- what is inside
def test_only_the_records_of_the_site_are_inside(shelf: Shelf, output: Path, tmp_path: Path) -> None:
    theirs = shelf.put("2026-11-02", page("/logo.png", b"same"), site="other")
    URLS[theirs.record_id] = f"{HOST}/logo.png"
    shelf.put("2026-11-02", page("/secret.html"), site="other")
    shelf.put("2026-11-03", page("/my-logo.png", b"same"), first=theirs)
    summary = shelf.export(output)
    wacz = Opened(output)
    assert wacz.urls == ["/logo.png", "/my-logo.png"]  # theirs as the original of a revisit
    entries = wacz.entries(tmp_path)
    sites = [dict(read_fields(one.start))["site"] for one in entries if one.ref.type == "metadata"]
    assert sites == ["park"]
    assert [one.ref.type for one in entries].count("request") == 2
    assert (summary.captures, summary.lost) == (2, 0)


def test_month_brings_originals_and_styles_from_before(shelf: Shelf, output: Path) -> None:
    first = shelf.put("2026-08-01", page("/list.html", b"list"), role="list")
    URLS[first.record_id] = f"{HOST}/list.html"
    shelf.put("2026-09-01", page("/old.css", b"1", STYLE), role="requisite")
    shelf.put("2026-10-10", page("/style.css", b"2", STYLE), role="requisite")
    shelf.put("2026-10-20", page("/style.css", b"3", STYLE), role="requisite")
    shelf.put("2026-10-20", page("/new.css", b"4", STYLE), role="requisite")
    shelf.put("2026-10-20", page("/october.html", b"5"))
    shelf.put("2026-11-01", page("/new.css", b"6", STYLE), role="requisite")
    shelf.put("2026-11-30", page("/november.html", b"7"))
    shelf.put("2026-11-30", page("/list.html", b"list"), role="list", first=first)
    shelf.put("2026-12-01", page("/december.html", b"8"))
    shelf.export(output, month="2026-11")
    wacz = Opened(output)
    assert wacz.parts == ["park-2026-11-00000.warc.gz"]
    found = sorted((key.rpartition(" ")[2][:8], row["url"].removeprefix(HOST)) for key, row in wacz.rows)
    assert found == [
        ("20260801", "/list.html"),  # what the revisit of the 30th refers to
        ("20261020", "/style.css"),  # the newest within 30 days before; /new.css was fetched in the month
        ("20261101", "/new.css"),
        ("20261130", "/list.html"),
        ("20261130", "/november.html"),
    ]


def test_304_is_inside_but_not_indexed(shelf: Shelf, output: Path, tmp_path: Path) -> None:
    first = shelf.put("2026-10-01", page("/list.html"), role="list")
    URLS[first.record_id] = f"{HOST}/list.html"
    shelf.put("2026-11-03", not_modified(f"{HOST}/list.html"), role="list", first=first)
    shelf.export(output, month="2026-11")
    wacz = Opened(output)
    assert [(key, row["mime"]) for key, row in wacz.rows] == [
        ("example,demo-park)/list.html 20261001080000", "text/html")
    ]
    assert [one.ref.type for one in wacz.entries(tmp_path)].count("revisit") == 1


def test_revisit_of_a_redirect_keeps_its_status(shelf: Shelf, output: Path) -> None:
    moved = page("/old.html", b"moved", b"HTTP/1.1 302 Found\r\nLocation: /new.html\r\n\r\n")
    first = shelf.put("2026-11-01", moved)
    URLS[first.record_id] = moved.url
    shelf.put("2026-11-02", moved, first=first)
    shelf.export(output)
    assert [row["status"] for _, row in Opened(output).rows] == ["302", "302"]


def test_posted_list_is_found_by_its_form(shelf: Shelf, output: Path) -> None:
    head = b"POST /list.do HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    request = head + b"Content-Length: 8\r\n\r\npageNo=2"
    shelf.put("2026-11-01", exchange(f"{HOST}/list.do", request=request))
    shelf.export(output)
    ((key, row),) = Opened(output).rows
    assert key.startswith("example,demo-park)/list.do?__wb_method=post&pageno=2 ")
    assert (row["method"], row["requestBody"]) == ("POST", "pageNo=2")


def test_revisit_without_its_original_is_counted(shelf: Shelf, output: Path) -> None:
    gone = RecordRef("x", 0, 1, "response", new_urn(), "2026-01-01T00:00:00Z", exchange_digest(page("/a.html")))
    URLS[gone.record_id] = f"{HOST}/a.html"
    shelf.put("2026-11-01", page("/a.html"), first=gone)
    assert shelf.export(output).lost == 1


# -------------------------------------------------------------------------------------------- cookies and credentials
def test_cookies_and_credentials_are_not_inside(shelf: Shelf, output: Path, tmp_path: Path) -> None:
    request = (
        b"GET /a.html HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=s3cret\r\nAccept: */*\r\n"
        b"authorization: Basic s3cret\r\n\r\n"
    )
    head = PAGE[:-2] + b"Set-Cookie: a=s3cret;\r\n\tpath=/\r\nX-Auth-Token: s3cret\r\nServer: x\r\n\r\n"
    first = shelf.put("2026-11-01", exchange(f"{HOST}/a.html", b"<p>news</p>", head, request))
    URLS[first.record_id] = f"{HOST}/a.html"
    unchanged = b"HTTP/1.1 304 Not Modified\r\nSet-Cookie: b=s3cret\r\nETag: x\r\n\r\n"
    checked = replace(exchange(f"{HOST}/a.html", b"", unchanged, request), not_modified=True)
    shelf.put("2026-11-02", checked, first=first)
    plain = shelf.put("2026-11-03", page("/b.html"))
    summary = shelf.export(output)
    entries = Opened(output).entries(tmp_path)
    assert all(b"s3cret" not in one.start for one in entries)
    assert summary.redacted == 4  # two requests, the response, and the metadata record that keeps the 304's headers
    answer = next(one for one in entries if one.ref.record_id == first.record_id)
    assert answer.start == PAGE[:-2] + b"Server: x\r\n\r\n<p>news</p>surplus"[:-7]
    assert answer.headers.get("X-Parknews-Removed") == "set-cookie, x-auth-token"
    before = read_record(shelf.home.warc / first.warc, first.offset)
    assert answer.headers.get("X-Parknews-Original-Block-Digest") == before.headers.get("WARC-Block-Digest")
    assert answer.headers.get("WARC-Payload-Digest") == before.headers.get("WARC-Payload-Digest")
    requests = [one for one in entries if one.ref.type == "request"]
    assert requests[0].start == b"GET /a.html HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"
    assert requests[0].headers.get("X-Parknews-Removed") == "cookie, authorization"
    notes = [dict(read_fields(one.start)) for one in entries if one.ref.type == "metadata"]
    assert notes[1]["http-header"] == "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    same = next(one for one in entries if one.ref.record_id == plain.record_id)
    with zipfile.ZipFile(output) as file:
        data = file.read(f"archive/{same.ref.warc}")[same.ref.offset :][: same.ref.length]
    path = shelf.home.warc / plain.warc
    assert data == path.read_bytes()[plain.offset :][: plain.length]  # nothing to hide: copied to the byte


# -------------------------------------------------------------------------------------------------------------- pages
def test_pages_say_what_stands_on_captures_that_are_inside(shelf: Shelf, output: Path) -> None:
    before = shelf.put("2026-10-03", page("/a.html"))
    inside = shelf.put("2026-11-03", page("/b.html"))
    notes = [
        PageNote(before.record_id, "十月", None),
        PageNote(inside.record_id, "招商引资", "实施细则 2026 年公布。"),
        PageNote(inside.record_id, "again", None),
    ]
    assert shelf.export(output, *notes, month="2026-11").pages == 1
    head, one = Opened(output).pages
    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "演示园区", "hasText": True}
    assert one.pop("id") == inside.record_id.removeprefix("urn:uuid:")
    assert one == {
        "url": f"{HOST}/b.html",
        "ts": "2026-11-03T08:00:00Z",
        "title": "招商引资",
        "text": "招商引资\n实施细则 2026 年公布。\n招商 商引 引资 招商引 商引资 招商引资 实施 施细 细则 实施细 施细则 实施细则 年公 公布 年公布",
    }


def test_page_without_a_title_is_named_by_its_url(shelf: Shelf, output: Path) -> None:
    ref = shelf.put("2026-11-03", page("/b.html"))
    shelf.export(output, PageNote(ref.record_id, None, None))
    assert [Opened(output).pages[1][key] for key in ("title", "text")] == [f"{HOST}/b.html", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("招商", "招商"),
        ("高新区，高新", "高新 新区 高新区"),  # each once, not across the comma
        ("GMP认证", "认证"),  # what stands between blanks is found anyhow
        ("一 二", ""),
        ("𠮷野家", "𠮷野 野家 𠮷野家"),  # beyond the BMP
        ("", ""),
    ],
)
def test_search_words_are_the_pieces_of_two_to_four(text: str, words: str) -> None:
    assert search_words(text) == words


# ----------------------------------------------------------------------------------------------------- what goes wrong
def test_month_without_captures_says_which_there_are(shelf: Shelf, output: Path) -> None:
    shelf.put("2026-09-03", page("/a.html"))
    shelf.put("2026-11-03", page("/b.html"))
    expected = "no captures of park in 2026-10; months with some: 2026-09, 2026-11"
    with pytest.raises(NothingToExportError, match=expected):
        shelf.export(output, month="2026-10")


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2026-11", ("2026-11-01", "2026-12-01")), ("2026-12", ("2026-12-01", "2027-01-01")), (None, ("", "9"))],
)
def test_span_of_a_month(month: str | None, expected: tuple[str, str]) -> None:
    assert span(month) == expected


@pytest.mark.parametrize("month", ["2026-13", "2026", "26-11", "2026-1", "2026-11-01"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ValueError, match="is no month; one looks like 2026-11"):
        span(month)


def test_failed_export_leaves_nothing_and_spoils_nothing(shelf: Shelf, output: Path) -> None:
    ref = shelf.put("2026-11-03", page("/a.html"))
    shelf.export(output)
    good = output.read_bytes()
    path = shelf.home.warc / ref.warc
    data = bytearray(path.read_bytes())
    data[ref.offset + 40] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(WarcFormatError):
        shelf.export(output)
    path.unlink()
    with pytest.raises(ArchiveError, match="this WARC file is missing"):
        shelf.export(output)
    assert [one.name for one in output.parent.iterdir()] == [output.name]
    assert output.read_bytes() == good


# -------------------------------------------------------------------------------------------------------- the command
def test_command_exports_a_crawled_site(first_crawl: Path, output: Path) -> None:
    ended = well(first_crawl, "export", "wacz", "kjt", "--output", str(output))
    assert ended.out == ""
    assert ended.err.startswith(f"{output}: ")
    wacz = Opened(output)
    assert {row["url"].split("/")[2] for _, row in wacz.rows} == {"kjt.demo.example"}
    pages = {one["url"]: one for one in wacz.pages[1:]}
    assert pages["http://kjt.demo.example/"]["title"] == "岚江省科学技术厅"
    articles = [one for one in pages.values() if len(one["text"]) > 200]
    assert len(articles) > 30
    stamps = {(row["url"], key.rpartition(" ")[2]) for key, row in wacz.rows}
    digits = str.maketrans("", "", "-:TZ")
    assert {(one["url"], one["ts"].translate(digits)) for one in pages.values()} <= stamps


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "parknews: no captures of nowhere in the archive; months with some: none\n"),
        (("kjt", "--month", "11/2026"), "parknews: '11/2026' is no month; one looks like 2026-11\n"),
    ],
)
def test_what_cannot_be_exported_is_one_line_and_exit_2(
    first_crawl: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    ended = parknews(first_crawl, "export", "wacz", *words, "--output", str(tmp_path / "x.wacz"))
    assert (ended.code, ended.out, ended.err) == (2, "", message)
    assert not (tmp_path / "x.wacz").exists()


def exchange_digest(one: Exchange) -> str:
    from archive.compose import sha1_text

    assert one.payload_sha1 is not None
    return sha1_text(one.payload_sha1)
