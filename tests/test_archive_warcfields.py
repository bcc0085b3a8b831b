"""warc-fields: what is written is read, whatever the pages put into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warcfields import read_fields, write_fields

NAMES = st.text("abcXYZ019-_.", min_size=1)
# Any code point, lone surrogates too: a title can come from a broken decoder.
VALUES = st.text(st.characters(exclude_categories=[]))


@given(st.lists(st.tuples(NAMES, VALUES)))
def test_fields_come_back_as_they_were_given(pairs: list[tuple[str, str]]) -> None:
    assert read_fields(write_fields(pairs)) == tuple(pairs)


@given(VALUES)
def test_no_value_makes_a_second_line(value: str) -> None:
    block = write_fields([("rowTitle", value)])
    assert len(block.splitlines()) == 1
    assert len(block.decode().splitlines()) == 1
    assert block.endswith(b"\r\n")


def test_a_hostile_title_forges_no_field() -> None:
    block = write_fields([("rowTitle", "招商\r\nrole: robots\r\n\r\nWARC/1.1")])
    assert block == "rowTitle: 招商\\u000d\\u000arole: robots\\u000d\\u000a\\u000d\\u000aWARC/1.1\r\n".encode()


@pytest.mark.parametrize("value", ["http://a.example/?q=%B2%E2&x=1#y", "关于 2026 年", 'it\'s 100 % "ok"; a=b'])
def test_ordinary_values_are_written_as_they_are(value: str) -> None:
    assert write_fields([("via", value)]) == f"via: {value}\r\n".encode()


@pytest.mark.parametrize("name", ["", "a b", "a:b", "via\r\nx", "字段", " via"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no field name"):
        write_fields([(name, "x")])


def test_blocks_of_other_tools_are_read_as_far_as_they_go() -> None:
    block = b"software: Heritrix\n  3.4\r\nno colon here\r\nempty:\r\nbad: \xff\r\nslash: C:\\temp\\x"
    assert read_fields(block) == (
        ("software", "Heritrix 3.4"),
        ("empty", ""),
        ("bad", "\ufffd"),
        ("slash", "C:\\temp\\x"),
    )
