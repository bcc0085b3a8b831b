"""Pieces of HTML that an interface hands out one by one -> rows, with the rules of server-made lists.

jpage and TrueCMS answer with <record><![CDATA[<li>…</li>]]></record>, often no well-formed XML, so the answer is read
as text; jpaas answers with one piece that holds the whole list.
"""

import html
import re

from lxml.etree import ParserError

from pipelines.decode import Document
from spiders.cms.adapter import Row
from spiders.cms.anchors import anchors
from spiders.cms.entries import Entry

MOST = 2000  # records that one answer may hold


def records(text: str) -> list[str]:
    """Return the pieces of a <datastore>, also of one that was escaped as text."""
    if "<record>" not in text and "&lt;record&gt;" in text:
        text = html.unescape(text)
    pieces = (piece.partition("</record>") for piece in text.split("<record>", MOST)[1:])
    return [piece.strip().removeprefix("<![CDATA[").removesuffix("]]>") for piece, closed, _ in pieces if closed]


def record_rows(page: Document, pieces: list[str]) -> list[Row]:
    """Return one row a piece: its best link, with the title and the date that the piece shows."""
    found: dict[str, Row] = {}
    for piece in pieces:
        entry = _entry(page, piece)
        if entry is not None and entry.url is not None and entry.url != page.url:
            found.setdefault(entry.url, Row(entry.url, entry.title, entry.date))
    return list(found.values())


def inner(page: Document, piece: str) -> Document:
    """Return the piece as a document at the same place, to be read like a list page."""
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Document(page.url, f"<html><body><div>{piece}</div></body></html>".encode("utf-8", "replace"), headers)


def _entry(page: Document, piece: str) -> Entry | None:
    # Rows of tables lose their cells outside of a table.
    wrapped = f"<table>{piece}</table>" if re.match(r"\s*<t[rdbh]", piece, re.I) else piece
    try:
        document = inner(page, wrapped)
        links = [link for link in anchors(document) if link.url is not None]
        return Entry.best(document.tree, links) if links else None
    except (ParserError, ValueError):
        return None
