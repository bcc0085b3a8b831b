"""Bytes of an answer -> text and trees, decided once.

The codec is chosen by pipelines.charset.  Articles are read from `dom`, a browser's tree (Lexbor); the adapters of
spiders/ find lists by XPath in `tree` (libxml2), which as `tree_dom` also serves where the browser's tree would be a bomb
or loses the text.  Either is parsed when it is first asked for.  Before libxml2 parses, the markup is repaired where it
would lose content: closing tags of <html> and <body> in the middle of a page (two templates glued together), NULs and
other control characters, an XML declaration.
"""

import re
from collections import Counter
from functools import cached_property
from typing import Literal
from urllib.parse import urljoin

import lxml.html
from lxml.etree import ElementDefaultClassLookup, ParserError, XMLSyntaxError
from lxml.html import HtmlComment, HtmlElement
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, SelectolaxError

from pipelines.charset import decoded
from pipelines.dom import Dom, TreeDom

Kind = Literal["html", "xml", "json", "other"]
CONTROLS = bytes([*range(9), 11, *range(14, 32), 127])
DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,300}\?>")
# Both tags may be left out in HTML; a page with one in its middle loses all that follows it in libxml2.
CLOSERS = re.compile(rb"</(?:[hH][tT][mM][lL]|[bB][oO][dD][yY])(?:[^>]{0,39}>)?")
MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|table|meta|title|a|span|br|li|h[1-6]|td|script)\b", re.I)
XML_ROOT = re.compile(
    r"^\s*(?:<\?xml[^>]{0,300}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?!!doctype html|html|\?)[a-z]", re.I | re.S
)
BINARY = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"Rar!", b"\x1f\x8b")
# lxml.html's own look-up asks Python code for every element (1 µs each, half of the walk); ours gives HtmlElement to all.
CLASSES = ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment)
# What is opened again: HTML 13.2.4.3.
FORMATTING = re.compile(rb"<(/?(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u))(?=[\s/>])", re.I)
FEW, DENSE = 1_500, 20_000  # tags; of 1,115 real pages the densest has 7,591
REPEATED = 1_000_000  # elements
UNWATCHED = LexborDocumentOptions.WO_EVENTS  # nobody watches the tree change: a tenth of the parse
EMPTY = "<html><head></head><body></body></html>"


class Document:
    """One answer read: `text` (str, newlines as sent), `dom` and `tree` (lxml root), empty if there is no markup."""

    def __init__(self, url: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.url = url
        self.body = body
        self.headers = headers
        self.content_type = next((v for k, v in headers if k.lower() == "content-type"), "")

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return decoded(self.body, self.content_type)

    @property
    def encoding(self) -> str:
        """Name of the Python codec that `text` was read with."""
        return self._decoded[0]

    @property
    def text(self) -> str:
        return self._decoded[1]

    @cached_property
    def kind(self) -> Kind:
        """What the answer is by its bytes, not by its label: JSON is often sent as text/html."""
        if self.body.startswith(BINARY):
            return "other"
        start = self.text[:4096].lstrip("\ufeff \t\r\n\x00")
        if start.startswith(("{", "[")) and not MARKUP.search(start[:200]):
            return "json"
        if XML_ROOT.match(start) and not MARKUP.search(start):
            return "xml"
        return "html"

    @cached_property
    def tree(self) -> HtmlElement:
        # huge_tree: unclosed <font> nests deeper than libxml2's default of 256 on old pages; libxml2 still stops at
        # its own hard limit, and no walk of ours recurses.
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        parser.set_element_class_lookup(CLASSES)
        try:
            markup = b"" if self.kind == "other" else repaired(self._utf8())
            return lxml.html.document_fromstring(markup or EMPTY, parser=parser)
        except (ParserError, XMLSyntaxError, ValueError):
            return lxml.html.document_fromstring(EMPTY)

    @cached_property
    def dom(self) -> Dom:
        """The answer as a browser would parse it (HTML 13.2, by Lexbor); an empty page if there is no markup.

        Raises MemoryError where it takes more than the process may have.
        """
        markup = b"" if self.kind == "other" else without_controls(self._utf8())
        if is_overgrown(markup):
            return self.tree_dom
        try:
            return LexborHTMLParser(markup, options=UNWATCHED)
        except SelectolaxError:  # it knows no other reason
            raise MemoryError from None

    @property
    def tree_dom(self) -> Dom:
        """`tree` in place of `dom`: it ends an element left open with the one around it and moves nothing."""
        return TreeDom(self.tree)

    def _utf8(self) -> bytes:
        """The text without byte order marks, as UTF-8: the body itself wherever it is that already."""
        encoding, text = self._decoded
        marked = "\ufeff" in text
        if encoding == "utf-8" and not marked and "\ufffd" not in text:
            return self.body
        return (text.replace("\ufeff", "") if marked else text).encode("utf-8", "replace")

    @cached_property
    def base(self) -> str:
        """URL that relative links of the page refer to (<base href> counts)."""
        dom = self.tree_dom if "tree" in self.__dict__ else self.dom  # whichever is parsed already
        hrefs = (node.attributes.get("href") for node in dom.tags("base"))
        return next((_joined(self.url, href) for href in hrefs if href), self.url)

    def absolute(self, href: str) -> str:
        return _joined(self.base, href)


def repaired(markup: bytes) -> bytes:
    """Markup (UTF-8) that libxml2 reads to its end; see the module docstring for what is mended and why."""
    markup = without_controls(markup)
    declaration = DECLARATION.match(markup)
    if declaration:
        markup = markup[declaration.end() :]
    return CLOSERS.sub(b"", markup)


def is_overgrown(markup: bytes) -> bool:
    """Whether a browser's parser might take minutes or gigabytes, which libxml2 does not.

    Lexbor looks through all open elements at each tag: 200,000 nested <div> take it two minutes.  And each paragraph
    opens again the formatting elements that the one before left open (HTML 13.2.4.3): 2,500 unclosed <font> and as many
    <p>, 51 kB, make six million elements.
    """
    tags = markup.count(b"<")
    if tags < FEW or tags > DENSE:
        return tags > DENSE
    ends = markup.count(b"</")
    starts = tags - ends
    unclosed = min(max(starts - ends, 0), starts // 2)  # <br> and <img> among them: quick to count
    if unclosed * (starts - unclosed) <= REPEATED:
        return False
    count = Counter(map(bytes.lower, FORMATTING.findall(markup)))
    left_open = sum(max(0, number - count[b"/" + name]) for name, number in count.items() if not name.startswith(b"/"))
    return left_open * starts > REPEATED


def without_controls(markup: bytes) -> bytes:
    # A look for each control costs a quarter of translating a page that has none, and hardly any has.
    return markup.translate(None, CONTROLS) if any(map(markup.__contains__, CONTROLS)) else markup


def _joined(base: str, href: str) -> str:
    """urljoin that leaves a broken address as it stands: `http://[` on a page is no reason to fail."""
    href = "".join(href.split("\n")).replace("\r", "").replace("\t", "").strip()
    try:
        return urljoin(base, href)
    except ValueError:
        return href
