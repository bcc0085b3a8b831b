"""Whatever the bytes, extraction ends soon and its answer is an Article of the schema."""

import json
import random
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipelines.extract import extract
from pipelines.feed import item_of, schemas
from pipelines.item import Article, Page, Publisher

PUBLISHER = Publisher(name="a")
SCHEMA = Draft202012Validator(schemas()["item"])
PAGES = sorted((Path(__file__).parent / "pages").rglob("*.html"))
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
TAGS = st.sampled_from(
    [
        "div",
        "p",
        "table",
        "tr",
        "td",
        "span",
        "a",
        "form",
        "iframe",
        "br",
        "script",
        "h1",
        "ul",
        "li",
        "font",
        "b",
        "img",
        "title",
        "body",
        "html",
        "select",
        "svg",
    ]
)


def check(body: bytes) -> Article:
    made = extract(Page(url="http://www.a.example/x.html", body=body), PUBLISHER)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Article) == made
    item = item_of(
        made, PUBLISHER, item_id=made.url, attachments=(), aliases=(), first_seen="2026-11-01T00:00:00Z", from_={}
    )
    SCHEMA.validate(json.loads(msgspec.json.encode(item)))  # what consumers are promised
    for text in (made.title, made.content_text, made.source):
        assert text is None or text.strip()
        assert text is None or not any(ord(sign) < 32 and sign not in "\n\t" for sign in text)
    return made


@QUIET
@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    check(body)


@QUIET
@given(st.lists(st.tuples(TAGS, st.text(max_size=30), st.booleans()), max_size=60))
def test_any_nesting(pieces: list[tuple[str, str, bool]]) -> None:
    markup = "".join(
        f"<{tag} class='{text[:5]!r}'>{text}" + (f"</{tag}>" if closed else "") for tag, text, closed in pieces
    )
    check(f"<meta charset=utf-8>{markup}".encode("utf-8", "replace"))


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_mutated_pages(path: Path) -> None:
    page, dice = path.read_bytes(), random.Random(path.stem)
    for _ in range(12):
        body = bytearray(page)
        for _ in range(dice.randint(1, 30)):
            at, size = dice.randrange(len(body)), dice.randint(1, 60)
            if dice.random() < 0.5:
                del body[at : at + size]
            else:
                body[at:at] = bytes(dice.choices(b"<>/&;\"'= \x00\xff\xe4", k=size % 7)) + page[at : at + size]
            if not body:
                break
        check(bytes(body))


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 200_000,
        b"<p>" + "来源：".encode() * 50_000,
        b"<p>" + "（记者 ".encode() * 50_000,
        b"<h1>" + b"2024-05-01 " * 50_000,
        b"<title>" + "首页 > ".encode() * 50_000,
        b"<table><tr><td>" * 3_000 + "正文。".encode(),
        b"<a href='x'>" * 20_000 + "下一页".encode(),
        b"<meta charset=" + b"x" * 500_000,
        "【打印】分享".encode() * 40_000,
        b"<p>" + b"".join(b"<font color=%d>" % i for i in range(4_000)) + b"<p>x" * 4_000,
    ],
    ids=["deep", "labels", "brackets", "dates", "crumbs", "tables", "anchors", "meta", "controls", "fonts"],
)
def test_bombs_end_in_seconds(body: bytes) -> None:
    began = time.process_time()
    check(body)
    assert time.process_time() - began < 10
