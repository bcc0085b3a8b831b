"""XML answers (feeds, sitemaps) -> a tree, with a parser that fetches nothing and expands nothing.

lxml instead of feedparser: the three formats are small, the parser is here already and can be closed against
entities and network, and feedparser would sanitise what the archive keeps anyway.
"""

import gzip
import re
import zlib
from collections.abc import Iterator

from lxml import etree

from pipelines.decode import Document

LARGEST = 60_000_000  # bytes after unpacking; the sitemap protocol allows 50 MB
START = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?(?:\s*<[?!][^>]*>)*\s*<(?:[\w.-]+:)?([\w.-]+)")
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def root_name(page: Document) -> str:
    """Local name of the root element, "" when the answer is not XML; reads the start only."""
    found = START.match(unpacked(page, 4000)[:4000])
    return found[1].decode("ascii", "replace").lower() if found else ""


def unpacked(page: Document, most: int = LARGEST) -> bytes:
    """The body; .xml.gz is unpacked up to `most` bytes."""
    if not page.body.startswith(b"\x1f\x8b"):
        return page.body
    try:
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(page.body, most)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def tree(page: Document) -> etree._Element | None:
    """Return the root; broken feeds are read as far as they go (recover)."""
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    source = unpacked(page).decode("utf-8", "replace") if page.body.startswith(b"\x1f\x8b") else page.text
    try:
        return etree.fromstring(
            DECLARATION.sub("", source.replace("\x00", ""), count=1).lstrip("\ufeff \r\n\t").encode("utf-8", "replace"),
            parser,
        )
    except (etree.XMLSyntaxError, ValueError):
        return None


def children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Children with these local names, whatever their namespace."""
    for child in node:
        if isinstance(child.tag, str) and etree.QName(child).localname.lower() in names:
            yield child


def text(node: etree._Element) -> str:
    """All text inside an element, blanks folded."""
    pieces = node.xpath(".//text()")  # not itertext: it spells out entities that were left alone
    return " ".join("".join(map(str, pieces)).split()) if isinstance(pieces, list) else ""


def text_of(node: etree._Element, *names: str) -> str | None:
    """Text of the first child that has one of these names and says something."""
    for name in names:
        for child in children(node, name):
            if text(child):
                return text(child)
    return None
