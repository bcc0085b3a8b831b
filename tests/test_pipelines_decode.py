"""Bytes -> codec, text and tree: what servers and templates get wrong about their own charset and markup."""

import pytest

from pipelines.charset import codec_of
from pipelines.decode import Document

HANS = "各有关单位：经研究，现将今年的工作安排通知如下，请结合实际认真做好落实，并于月底前报送情况。"
HANT = "各有關單位：經研究，現將今年的工作安排通知如下，請結合實際認真做好落實，並於月底前報送情況。"


def meta(charset: str, text: str = HANS) -> str:
    return f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'


@pytest.mark.parametrize(
    ("body", "content_type", "codec"),
    [
        (meta("gb2312", HANS + "朱镕基喆").encode("gb18030"), "", "gb18030"),  # declares the small set, uses the large
        (meta("big5", HANT).encode("big5hkscs"), "", "big5hkscs"),
        (meta("utf-8").encode("utf-8"), "text/html; charset=gbk", "utf-8"),  # one HTTP charset for all files
        (meta("gbk").encode("utf-8"), "", "utf-8"),  # template copied from a GBK site
        (meta("utf-8").encode("gb18030"), "", "gb18030"),  # declared, and does not decode
        (meta("iso-8859-1").encode("gb18030"), "", "gb18030"),  # decodes as anything, reads as nothing
        (f"<p>{HANS}</p>".encode("gb18030"), "", "gb18030"),  # nothing declared
        (f"<p>{HANT}</p>".encode("big5hkscs"), "", "big5hkscs"),
        (meta("utf-16").encode("utf-8"), "", "utf-8"),  # readable so far, so it is not UTF-16
        (f"<p>{HANS}</p>".encode("utf-16-le"), "", "utf-16-le"),  # no mark, no label
        (f"<p>{HANS}</p>".encode("utf-16"), "text/html; charset=utf-8", "utf-16"),  # the mark wins
        (b"\xef\xbb\xbf" + meta("gbk").encode("utf-8"), "", "utf-8-sig"),
        (f'<?xml version="1.0" encoding="gb2312"?><html><p>{HANS}</p></html>'.encode("gb18030"), "", "gb18030"),
        ("<p>Größe, Straße und Maß</p>".encode("latin-1"), "text/html; charset=iso-8859-1", "cp1252"),
        (b"<p>plain</p>", "text/html; charset=no-such-codec", "utf-8"),
    ],
)
def test_codec_is_what_the_bytes_are(body: bytes, content_type: str, codec: str) -> None:
    assert codec_of(body, content_type) == codec


def test_a_meta_inside_a_script_declares_nothing() -> None:
    body = f'<script>var m = "charset=big5";</script><p>{HANS}</p>'.encode("gb18030")
    assert codec_of(body) == "gb18030"


def test_text_after_a_stray_end_of_the_page_is_kept() -> None:
    body = "<html><body><p>一</p></body></html><p>二</p></body></html>三".encode()
    document = Document("http://a.example/", body)
    assert document.tree.text_content() == "一二三"
    assert document.dom.root is not None
    assert document.dom.root.text() == "一二三"


def test_control_characters_do_not_reach_the_trees() -> None:
    document = Document("http://a.example/", b"<p>a\x00b\x08c</p>")
    assert document.tree.text_content() == "abc"
    assert document.dom.root is not None
    assert document.dom.root.text() == "abc"


def test_a_million_open_tags_end_in_both_trees() -> None:
    document = Document("http://a.example/", b"<div>" * 1_000_000 + b"x")
    assert document.tree.tag == "html"
    assert document.dom.root is not None
    assert document.dom.root.tag == "html"


def test_address_of_the_page_is_the_first_base_that_names_one() -> None:
    body = b"<base target=_blank><base href='/sub/'><base href='/other/'><p>x</p>"
    assert Document("http://a.example/x/y.html", body).absolute("z") == "http://a.example/sub/z"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"title": "x"}', "json"),
        (b'[{"html": 1}]', "json"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "xml"),
        (b'<?xml version="1.0"?><html><p>x</p></html>', "html"),
        (b"%PDF-1.4 x", "other"),
        (b"", "html"),
    ],
)
def test_kind_is_what_the_bytes_are_not_what_the_label_says(body: bytes, kind: str) -> None:
    assert Document("http://a.example/", body, (("Content-Type", "text/html"),)).kind == kind


def test_a_broken_address_stays_as_it_stands() -> None:
    document = Document("http://a.example/x/", b"<p>x</p>")
    assert document.absolute("http://[") == "http://["
    assert document.absolute(" ../y.html\n") == "http://a.example/y.html"
