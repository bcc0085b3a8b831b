"""The change log: appended whole, numbered without gaps, repaired after a crash, never written to an older day."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import msgspec
import pytest

from pipelines.feed import (
    ChangeLog,
    Draft,
    LogError,
    changed_fields,
    decide,
    feed_json,
    is_backfill,
    item_of,
    key_of,
    last_line,
    schemas,
)
from pipelines.item import Article, Attachment, Evidence, Item, Publisher

LOG = "5f0c1a52-0000-4000-8000-000000000000"
PUBLISHER = Publisher("park", "示范园区", "park")
PROOF = Evidence("page", "a.warc.gz", 0, 10, "urn:uuid:1", "sha1:A", "2026-11-01T00:00:00Z", "http://a.example/1")


def item(url: str = "http://a.example/1", **fields: object) -> Item:
    article = Article(
        url=url, title="题", content_text="一段。", published="2026-10-01T00:00:00+08:00", precision="day"
    )
    return item_of(
        msgspec.structs.replace(article, **fields),
        PUBLISHER,
        item_id="http://a.example/1",
        attachments=(),
        aliases=(),
        first_seen="2026-11-01T00:00:00Z",
        from_={},
    )


def draft(**fields: object) -> Draft:
    values: dict[str, object] = {
        "op": "new", "cause": "site", "backfill": False, "site": "park", "id": "http://a.example/1", "rev": 1, "changed": (),
        "reason": None, "evidence": (PROOF,), "item": item(),
    }  # fmt: skip
    return Draft(**(values | fields))  # type: ignore[arg-type]


def test_events_are_numbered_without_gaps_and_read_back(tmp_path: Path) -> None:
    log = ChangeLog(tmp_path)
    log.append([draft(), draft(id="http://a.example/2")], LOG, 0)
    log.append([draft(id="http://a.example/3")], LOG, 2)
    assert [event.seq for event in log.events()] == [1, 2, 3]
    assert [event.seq for event in log.events(since=2)] == [3]
    newest = log.tail()
    assert newest is not None
    assert newest.seq == 3


def test_a_half_line_is_not_read_and_is_cut_by_repair(tmp_path: Path) -> None:
    log = ChangeLog(tmp_path)
    log.append([draft()], LOG, 0)
    path = log.files()[0]
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"log": "5f0c')
    assert [event.seq for event in log.events()] == [1]
    assert log.repair() == len(b'{"log": "5f0c')
    assert path.read_bytes() == whole


def test_the_last_line_of_a_long_file_is_found_from_its_end(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-01.jsonl"
    path.write_bytes(b"x" * 200_000 + b"\n" + b"y" * 150_000 + b"\n")
    assert last_line(path) == b"y" * 150_000 + b"\n"


def test_a_clock_set_back_never_writes_to_an_older_day(tmp_path: Path) -> None:
    tomorrow = tmp_path / f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}.jsonl"
    log = ChangeLog(tmp_path)
    log.append([draft()], LOG, 0)
    log.files()[0].rename(tomorrow)
    log.append([draft(id="http://a.example/2")], LOG, 1)
    assert log.files() == [tomorrow]
    assert [event.seq for event in log.events()] == [1, 2]


def test_a_line_that_is_no_event_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "2026-11-01.jsonl").write_text('{"seq": 1}\n')
    with pytest.raises(LogError, match=r"2026-11-01\.jsonl"):
        list(ChangeLog(tmp_path).events())


def test_every_key_is_present_in_the_log_and_none_is_an_empty_string(tmp_path: Path) -> None:
    log = ChangeLog(tmp_path)
    log.append([draft(item=item(title=None, content_text=None))], LOG, 0)
    event = json.loads(log.files()[0].read_text("utf-8"))
    schema = schemas()["change"]
    jsonschema.Draft202012Validator(schema).validate(event)
    assert event["item"]["title"] is None
    assert set(schema["$defs"]["Item"]["properties"]) == set(event["item"])
    assert set(schema["$defs"]["Extension"]["properties"]) == set(event["item"]["_parknews"])


@pytest.mark.parametrize(
    ("before", "live", "after", "expected"),
    [
        (None, False, item(), ("new", ())),
        (item(), True, item(), None),
        (item(), True, item(title="另题"), ("update", ("title",))),
        (item(), True, item(content_html="<p>一段。</p>"), None),  # markup alone is no edit
        (item(), True, item(flags=("no-date",)), None),
        (item(), True, item(url="http://a.example/moved"), ("moved", ("url",))),
        (item(), True, item(url="http://a.example/moved", title="另题"), ("update", ("title", "url"))),
        (item(), False, item(), ("restore", ())),
    ],
)
def test_what_happened_to_an_item(before: Item | None, live: bool, after: Item, expected: object) -> None:
    assert decide(before, live, after) == expected


def test_a_changed_attachment_is_an_edit() -> None:
    one = Attachment("http://a.example/a.pdf", "附件", "application/pdf", 10, "00", "ok")
    before = msgspec.structs.replace(item(), attachments=(one,))
    after = msgspec.structs.replace(item(), attachments=(msgspec.structs.replace(one, sha256="11"),))
    assert changed_fields(before, after) == ("attachments",)


@pytest.mark.parametrize(
    ("first", "captured", "expected"),
    [
        (True, "2026-10-20T00:00:00Z", True),
        (True, "2026-10-05T00:00:00Z", False),
        (False, "2026-10-20T00:00:00Z", False),
    ],
)
def test_backfill_is_what_a_first_run_finds_over_a_week_late(first: bool, captured: str, expected: bool) -> None:
    assert is_backfill(item(), first, captured) is expected


def test_a_key_is_short_stable_and_safe_in_a_url() -> None:
    assert key_of("http://a.example/1") == key_of("http://a.example/1")
    assert key_of("http://a.example/1") != key_of("http://a.example/2")
    assert len(key_of("x")) == 26
    assert key_of("x").isalnum()


def test_the_feed_leaves_null_keys_out_and_has_what_json_feed_asks_for() -> None:
    feed = json.loads(feed_json([item(title=None)], "示范"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    entry = feed["items"][0]
    assert entry["id"] == "http://a.example/1"
    assert entry["content_text"] == "一段。"
    assert "title" not in entry
    assert None not in entry["_parknews"].values()
