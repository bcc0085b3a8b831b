"""The second and third crawl of the demo sites: what the publisher did since is said, with proof, and little is asked.

State 2 of each site has three new articles, one edited, one removed (404, soft 404, or sent to the home page).  Every
record that an event names is read back with warcio at its offset and must be what it is said to be.
"""

import base64
import gzip
import hashlib
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from tests.conftest import crawl, crawl_log, parknews, rows, well
from tests.demo.server import DemoServer, Hit
from tests.demo.truth import SiteTruth, truth

SITES = ["hr", "kjt", "tv", "tz", "yd"]
REASONS = {"gone": "gone", "soft-404": "gone", "redirected-home": "redirected_home"}


@dataclass(frozen=True)
class Later:
    """A home after three crawls: state 1, state 2, state 2 again.  hits, events: of the second and third."""

    home: Path
    first_hits: int
    hits: tuple[list[Hit], list[Hit]]
    first_events: list[dict[str, Any]]
    events: tuple[list[dict[str, Any]], list[dict[str, Any]]]

    def ops(self, site: str, op: str) -> list[dict[str, Any]]:
        return [one for one in self.events[0] if (one["site"], one["op"]) == (site, op)]


@pytest.fixture(scope="module")
def later(first_crawl: Path, demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Later:
    home = Path(shutil.copytree(first_crawl, tmp_path_factory.mktemp("later") / "home"))
    first_events = well(home, "changes").lines
    first_hits = sum(fields[11].split(",")[0] != "refused" for fields in crawl_log(home))
    demo_server.state = 2
    found = []
    for _ in range(2):
        demo_server.hits.clear()
        since = well(home, "changes").lines[-1]["seq"]
        crawl(home, demo_server.connect_to)
        found.append((list(demo_server.hits), well(home, "changes", "--since", str(since)).lines))
    demo_server.state = 1
    (second_hits, second), (third_hits, third) = found
    return Later(home, first_hits, (second_hits, third_hits), first_events, (second, third))


def site_truth(site: str) -> SiteTruth:
    return truth(2)[site]


@pytest.mark.parametrize("site", SITES)
def test_exactly_three_new_one_update_one_delete(later: Later, site: str) -> None:
    assert Counter(one["op"] for one in later.events[0] if one["site"] == site) == {"new": 3, "update": 1, "delete": 1}
    assert {one["cause"] for one in later.events[0]} == {"site"}
    assert not any(one["backfill"] for one in later.events[0])


@pytest.mark.parametrize("site", SITES)
def test_new_articles_are_those_that_were_published(later: Later, site: str) -> None:
    found = later.ops(site, "new")
    assert sorted(one["item"]["url"] for one in found) == sorted(site_truth(site)["new"])
    assert [(one["rev"], one["changed"], one["reason"]) for one in found] == [(1, [], None)] * 3


@pytest.mark.parametrize("site", SITES)
def test_edited_article_says_what_changed(later: Later, site: str) -> None:
    (change,) = site_truth(site)["changed"]
    (event,) = later.ops(site, "update")
    assert event["item"]["url"] == change["url"]
    assert sorted(event["changed"]) == sorted(change["fields"])
    assert (event["rev"], event["reason"]) == (2, None)
    before = next(one for one in later.first_events if (one["site"], one["id"]) == (site, event["id"]))
    for name in change["fields"]:
        assert event["item"][name] != before["item"][name]
    assert event["item"]["_parknews"]["first_seen"] == before["item"]["_parknews"]["first_seen"]


@pytest.mark.parametrize("site", SITES)
def test_removed_article_is_deleted_with_a_reason(later: Later, site: str) -> None:
    (removal,) = site_truth(site)["removed"]
    (event,) = later.ops(site, "delete")
    known = next(one for one in later.first_events if (one["site"], one["id"]) == (site, event["id"]))
    assert known["item"]["url"] == removal["url"]
    assert (event["item"], event["reason"], event["rev"]) == (None, REASONS[removal["how"]], 2)


# ------------------------------------------------------------------------------------------------------- evidence
@dataclass(frozen=True)
class Proof:
    """A record read back by warcio.  body: content coding undone; of the original for a revisit."""

    kind: str
    headers: dict[str, str]
    status: int | None
    location: str | None
    body: bytes


def read(home: Path, warc: str, offset: int, length: int) -> Proof:
    """Read the record at an offset; it must be one whole gzip member of exactly that length."""
    with (home / "warc" / warc).open("rb") as file:
        file.seek(offset)
        member = file.read(length)
    gzip.decompress(member)  # whole, and nothing behind it
    with (home / "warc" / warc).open("rb") as file:
        file.seek(offset)
        record = next(iter(ArchiveIterator(file)))
        headers = dict(record.rec_headers.headers)
        http = record.http_headers
        body = record.content_stream().read()
        if record.rec_type == "revisit":
            body = original(home, headers["WARC-Refers-To"])
        status = int(http.get_statuscode()) if http else None
        return Proof(record.rec_type, headers, status, http.get_header("Location") if http else None, body)


def original(home: Path, record_id: str) -> bytes:
    for path in sorted((home / "warc").glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_headers.get_header("WARC-Record-ID") == record_id:
                    return bytes(record.content_stream().read())
    raise AssertionError(f"{record_id} is nowhere")


def text(body: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("neither UTF-8 nor GBK")


@pytest.mark.parametrize("site", SITES)
def test_every_evidence_record_is_where_and_what_it_is_said_to_be(later: Later, site: str) -> None:
    events = [one for one in later.first_events + later.events[0] if one["site"] == site]
    assert all(event["evidence"] for event in events)
    for event in events:
        for proof in event["evidence"]:
            record = read(later.home, proof["warc"], proof["offset"], proof["length"])
            assert record.kind in ("response", "revisit")
            assert record.headers["WARC-Record-ID"] == f"<{proof['record_id']}>"
            assert record.headers["WARC-Target-URI"] == proof["url"]
            assert record.headers["WARC-Date"] == proof["captured_at"]
            assert record.headers.get("WARC-Payload-Digest") == proof["digest"]
            check_role(event, proof["role"], proof["url"], record)


def check_role(event: dict[str, Any], role: str, url: str, record: Proof) -> None:
    """page: the article's own words; list: its row; attachment: its file; absence: that it is no more."""
    item = event["item"]
    if role == "page":
        assert url == item["url"]
        assert record.status in (None, 200)
        if item["content_text"]:
            words = re.sub(r"\s", "", item["content_text"])[:12]
            assert words[:6] in re.sub(r"<[^>]*>|\s|&nbsp;", "", text(record.body))
    elif role == "list":
        path = (item["_parknews"]["aliases"] or [item["url"]])[0].partition(".example")[2]
        digits = re.findall(r"\d+", path)[-1]
        assert digits in text(record.body), "the list page has a row that leads to the article"
    elif role == "attachment":
        assert hashlib.sha256(record.body).hexdigest() in {one["sha256"] for one in item["attachments"]}
    elif role == "absence":
        assert item is None
        gone = record.status in (404, 410)
        home = record.status in (301, 302) and re.fullmatch(r"(https?://[^/]+)?/?", record.location or "")
        assert gone or home or "不存在" in text(record.body)
    else:
        raise AssertionError(f"unknown role {role}")


@pytest.mark.parametrize("site", SITES)
def test_roles_of_the_evidence(later: Later, site: str) -> None:
    for event in [one for one in later.first_events + later.events[0] if one["site"] == site]:
        roles = Counter(one["role"] for one in event["evidence"])
        if event["op"] == "delete":
            assert roles == {"absence": 1}
            continue
        attachments = [one for one in event["item"]["attachments"] if one["state"] == "ok"]
        assert roles["page"] == 1
        assert roles["list"] >= 1
        assert roles["attachment"] == len(attachments)


def test_digests_of_the_evidence_hold(later: Later) -> None:
    """Over the bytes after transfer coding; read raw, for a revisit the original's digest."""
    for event in later.events[0]:
        for proof in event["evidence"]:
            with (later.home / "warc" / proof["warc"]).open("rb") as file:
                file.seek(proof["offset"])
                record = next(iter(ArchiveIterator(file, no_record_parse=True)))
                if record.rec_type != "response":
                    continue
                block = record.raw_stream.read()
            head, _, body = block.partition(b"\r\n\r\n")
            if b"chunked" in head.lower():
                body = dechunked(body)
            digest = hashlib.sha1(body, usedforsecurity=False).digest()
            wanted = "sha1:" + base64.b32encode(digest).decode() if body else None
            assert proof["digest"] == wanted


def dechunked(body: bytes) -> bytes:
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        out, body = out + body[:length], body[length + 2 :]
    return out


# --------------------------------------------------------------------------------------------------------- economy
def test_second_crawl_asks_less_than_a_fifth_of_the_first(later: Later) -> None:
    assert len(later.hits[0]) * 5 < later.first_hits, f"{len(later.hits[0])} after {later.first_hits}"


def test_what_is_asked_again_is_asked_conditionally(later: Later) -> None:
    """Whatever had a validator in the first crawl."""
    known = {url for (url,) in rows(later.home, "SELECT url FROM url WHERE COALESCE(etag, last_modified) IS NOT NULL")}
    new = {url for site in SITES for url in site_truth(site)["new"]}
    again = [hit for hit in later.hits[1] if f"http://{hit.host}{hit.path}" in known - new]
    assert again
    assert all(hit.if_none_match or hit.if_modified_since for hit in again)


def test_third_crawl_asks_the_lists_alone_and_all_say_304(later: Later) -> None:
    lists = {url for (url,) in rows(later.home, "SELECT url FROM url WHERE role = 'list' AND page = 1")}
    asked = {f"http://{hit.host}{hit.path}" for hit in later.hits[1]}
    assert asked == lists
    assert [hit.status for hit in later.hits[1]] == [304] * len(lists)
    assert later.events[1] == []


def test_nothing_is_asked_that_robots_txt_forbids(later: Later) -> None:
    forbidden = {url for site in truth(2).values() for url in site["disallowed"]}
    asked = {f"http://{hit.host}{hit.path}" for hits in later.hits for hit in hits}
    assert forbidden
    assert asked & forbidden == set()


def test_304_is_kept_as_a_revisit_without_a_block(later: Later) -> None:
    """Its own header block would be replayed as a blank page; it stands in the metadata record."""
    found = []
    for path in sorted((later.home / "warc").glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                if "server-not-modified" in (record.rec_headers.get_header("WARC-Profile") or ""):
                    found.append((record.rec_headers, record.raw_stream.read()))  # noqa: PERF401
    said = sum(hit.status == 304 for hits in later.hits for hit in hits)
    assert len(found) == said > 0
    for headers, block in found:
        assert block == b""
        assert headers.get_header("Content-Length") == "0"
        assert headers.get_header("WARC-Refers-To")
        assert original(later.home, headers.get_header("WARC-Refers-To"))


def test_archive_index_state_and_log_agree_after_three_crawls(later: Later) -> None:
    done = parknews(later.home, "verify")
    assert (done.code, "all agree" in done.err) == (0, True), done.err[-2000:]
