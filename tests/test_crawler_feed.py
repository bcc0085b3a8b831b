"""The change log as consumers meet it: schema, text rules, cursors, snapshot, feed.json."""

import base64
import hashlib
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import crawl, parknews, well
from tests.demo.server import DemoServer

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
# JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/: what it requires, by our own reading.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
    },
    "patternProperties": {"^_[a-z]": {"type": "object"}},
    "$defs": {
        "item": {
            "type": "object",
            "required": ["id"],
            "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
            "properties": {
                "id": {"type": "string", "minLength": 1},
                **{name: {"type": "string", "pattern": "^https?://"} for name in ("url", "external_url", "image", "banner_image")},
                **{name: {"type": "string"} for name in ("title", "content_html", "content_text", "summary", "language")},
                **{name: {"type": "string", "pattern": WITH_OFFSET.pattern} for name in ("date_published", "date_modified")},
                "authors": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
                "tags": {"type": "array", "items": {"type": "string"}},
                "attachments": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["url", "mime_type"],
                        "properties": {
                            "url": {"type": "string", "pattern": "^https?://"},
                            "mime_type": {"type": "string"},
                            "title": {"type": "string"},
                            "size_in_bytes": {"type": "integer"},
                        },
                    },
                },
            },
        }
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def told(first_crawl: Path, demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after the first and the later state: all kinds of event but moved and restore."""
    home = Path(shutil.copytree(first_crawl, tmp_path_factory.mktemp("told") / "home"))
    demo_server.state = 2
    crawl(home, demo_server.connect_to)
    demo_server.state = 1
    return home


@pytest.fixture(scope="module")
def events(told: Path) -> list[dict[str, Any]]:
    return well(told, "changes").lines


def schema(home: Path, name: str) -> Draft202012Validator:
    table = json.loads((home / "feed" / "schema" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(table)
    return Draft202012Validator(table)


def texts(value: Any, place: str = "$") -> Iterator[tuple[str, str]]:
    """Yield every text of a JSON value with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, f"{place}[]")


def test_every_event_and_item_is_as_the_schemas_in_the_home_say(told: Path, events: list[dict[str, Any]]) -> None:
    change, item = schema(told, "change"), schema(told, "item")
    assert [error.message for event in events for error in change.iter_errors(event)] == []
    assert [error.message for event in events if event["item"] for error in item.iter_errors(event["item"])] == []


def test_schema_refuses_what_is_no_event(told: Path, events: list[dict[str, Any]]) -> None:
    change = schema(told, "change")
    for wrong in ({"op": "gone"}, {"seq": "1"}, {"evidence": None}, {"item": {"id": "x"}}, {"cause": None}):
        assert not change.is_valid(events[0] | wrong), wrong
    for name in events[0]:
        assert not change.is_valid({key: value for key, value in events[0].items() if key != name}), (
            f"{name} is required"
        )


def test_every_key_is_present_in_every_event(events: list[dict[str, Any]]) -> None:
    assert {tuple(event) for event in events} == {
        (
            "log",
            "seq",
            "at",
            "schema",
            "op",
            "cause",
            "backfill",
            "site",
            "id",
            "rev",
            "changed",
            "reason",
            "evidence",
            "item",
        )
    }
    assert len({tuple(event["item"]) for event in events if event["item"]}) == 1
    assert len({tuple(event["item"]["_parknews"]) for event in events if event["item"]}) == 1


def test_texts_are_never_empty_and_hold_no_control_characters(events: list[dict[str, Any]]) -> None:
    for event in events:
        for place, text in texts(event):
            assert text, f"{place} of {event['id']} is empty; null says that there is none"
            assert unicodedata.is_normalized("NFC", text), f"{place} of {event['id']}"
            bad = [char for char in text if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t"]
            assert not bad, f"{place} of {event['id']}: {bad}"


def test_log_lines_are_compact_utf_8_json_with_a_newline(told: Path) -> None:
    for path in (told / "feed" / "changes").glob("*.jsonl"):
        data = path.read_bytes()
        assert data.endswith(b"\n")
        assert b"\\u" not in re.sub(rb"\\\\", b"", data), "text is UTF-8, not escaped"
        for line in data.splitlines():
            json.loads(line.decode("utf-8"))


def test_times_of_ours_are_utc_and_those_of_the_page_keep_its_offset(events: list[dict[str, Any]]) -> None:
    for event in events:
        assert UTC.fullmatch(event["at"])
        assert all(UTC.fullmatch(proof["captured_at"]) for proof in event["evidence"])
        if event["item"]:
            extension = event["item"]["_parknews"]
            assert UTC.fullmatch(extension["first_seen"])
            if event["item"]["date_published"]:
                assert WITH_OFFSET.fullmatch(event["item"]["date_published"])
                assert extension["published_precision"] in ("day", "minute", "second")
            else:
                assert extension["published_precision"] is None


def test_key_is_made_of_the_id(events: list[dict[str, Any]]) -> None:
    for event in events:
        if event["item"]:
            digest = hashlib.sha256(event["id"].encode()).digest()
            assert event["item"]["_parknews"]["key"] == base64.b32encode(digest).decode().lower()[:26]
            assert event["item"]["id"] == event["id"]


def test_first_run_marks_what_is_older_than_a_week_as_backfill(events: list[dict[str, Any]]) -> None:
    for event in events:
        published = event["item"] and event["item"]["date_published"]
        if event["op"] == "new" and published and event["backfill"]:
            age = datetime.fromisoformat(event["at"]) - datetime.fromisoformat(published)
            assert age.days >= 7
    assert {event["backfill"] for event in events if event["op"] != "new"} == {False}


def test_html_of_an_item_holds_only_what_is_allowed_and_absolute_addresses(events: list[dict[str, Any]]) -> None:
    for event in events:
        html = (event["item"] or {}).get("content_html") or ""
        assert not re.search(
            r"<\s*(?:script|style|iframe|object|embed|form|input|link|meta|base)\b|\son\w+\s*=|\sstyle\s*=", html, re.I
        )
        addresses = re.findall(r'\s(?:src|href|poster)="([^"]*)"', html)
        assert [one for one in addresses if not one.startswith(("http://", "https://"))] == []


# --------------------------------------------------------------------------------------------------------- cursors
def test_cursor_is_exclusive_and_gap_free(told: Path, events: list[dict[str, Any]]) -> None:
    last = events[-1]["seq"]
    assert [event["seq"] for event in events] == list(range(1, last + 1))
    assert len({event["log"] for event in events}) == 1
    for since in (0, 1, last - 5, last - 1, last, last + 100):
        found = well(told, "changes", "--since", str(since)).lines
        assert found == events[since:]


def test_changes_of_one_site_keep_their_seq(told: Path, events: list[dict[str, Any]]) -> None:
    found = well(told, "changes", "--site", "tz", "--since", "10").lines
    assert found == [event for event in events[10:] if event["site"] == "tz"]


def test_snapshot_and_the_changes_after_it_give_what_all_changes_give(
    told: Path, first_crawl: Path, events: list[dict[str, Any]]
) -> None:
    """A new consumer starts with a snapshot of any moment."""
    live: dict[tuple[str, str], Any] = {}
    for event in events:
        live.pop((event["site"], event["id"]), None)
        if event["item"]:
            live[event["site"], event["id"]] = event["item"]
    for home in (first_crawl, told):
        start = json.loads(well(home, "snapshot").out)
        assert start["log"] == events[0]["log"]
        state = {(item["_parknews"]["site"], item["id"]): item for item in start["items"]}
        assert len(state) == len(start["items"])
        for event in well(told, "changes", "--since", str(start["through_seq"])).lines:
            state.pop((event["site"], event["id"]), None)
            if event["item"]:
                state[event["site"], event["id"]] = event["item"]
        assert state == live


def test_reader_meets_whole_lines_alone_while_the_log_is_written(told: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(told, tmp_path / "home"))
    (path,) = (home / "feed" / "changes").glob("*.jsonl")
    whole = path.read_bytes()
    for cut in (1, 50, len(whole.splitlines(keepends=True)[-1]) - 1):
        path.write_bytes(whole[:-cut])
        assert len(well(home, "changes").lines) == whole.count(b"\n") - 1


def test_line_that_is_no_event_is_named_and_exit_is_3(told: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(told, tmp_path / "home"))
    (path,) = (home / "feed" / "changes").glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:5], b'{"seq": 6}\n', *lines[6:]]))
    done = parknews(home, "changes")
    assert done.code == 3
    assert path.name in done.err
    assert len(done.err.splitlines()) == 1


# ------------------------------------------------------------------------------------------------------- feed.json
def test_feed_json_is_a_json_feed(told: Path, events: list[dict[str, Any]]) -> None:
    feed = json.loads((told / "feed" / "feed.json").read_text("utf-8"))
    errors = [
        f"{list(error.path)}: {error.message[:200]}" for error in Draft202012Validator(JSON_FEED).iter_errors(feed)
    ]
    assert errors == []
    live = {event["id"] for event in events} - {event["id"] for event in events if event["op"] == "delete"}
    assert {item["id"] for item in feed["items"]} == live
    assert not [place for place, text in texts(feed) if text == "null"]


def test_feed_json_is_newest_first_and_holds_no_null(told: Path) -> None:
    text = (told / "feed" / "feed.json").read_text("utf-8")
    items = json.loads(text)["items"]
    moments = [item.get("date_published") or item["_parknews"]["first_seen"] for item in items]
    assert [datetime.fromisoformat(one) for one in moments] == sorted(
        map(datetime.fromisoformat, moments), reverse=True
    )
    assert ": null" not in text
