"""Bytes of an answer -> text and tree, decided once.

Order of belief: BOM, HTTP charset, <meta>, then what decodes without error; gb2312 and gbk are read as gb18030
because pages declare the small set and use the large one.  Used by extraction and by the adapters, so that both
see the same tree.
"""

import re
from functools import cached_property
from urllib.parse import urljoin

import lxml.html
from lxml.etree import ParserError
from lxml.html import HtmlElement

META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([a-zA-Z0-9_-]+)", re.I)
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs"}


class Document:
    """One answer read: `text` (str, newlines as sent), `tree` (lxml root; empty document if there is no markup)."""

    def __init__(self, url: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.url = url
        self.body = body
        self.headers = headers
        self.content_type = next((v for k, v in headers if k.lower() == "content-type"), "")

    @cached_property
    def encoding(self) -> str:
        """Name of the Python codec that `text` was read with."""
        if self.body.startswith(b"\xef\xbb\xbf"):
            return "utf-8-sig"
        named = re.search(r"charset\s*=\s*[\"']?([\w-]+)", self.content_type, re.I)
        inside = META_CHARSET.search(self.body[:4096])
        for name in (named and named[1], inside and inside[1].decode("ascii"), "utf-8", "gb18030"):
            if not name:
                continue
            codec = WIDER.get(name.lower(), name.lower())
            try:
                self.body.decode(codec)
            except (LookupError, UnicodeDecodeError):
                continue
            return codec
        return "utf-8"

    @cached_property
    def text(self) -> str:
        return self.body.decode(self.encoding, "replace")

    @cached_property
    def tree(self) -> HtmlElement:
        try:
            return lxml.html.document_fromstring(self.text.replace("\x00", ""))
        except (ParserError, ValueError):
            return lxml.html.document_fromstring("<html><body></body></html>")

    @cached_property
    def base(self) -> str:
        """URL that relative links of the page refer to (<base href> counts)."""
        for node in self.tree.iter("base"):
            if node.get("href"):
                return urljoin(self.url, node.get("href"))
        return self.url

    def absolute(self, href: str) -> str:
        return urljoin(self.base, href.strip())
