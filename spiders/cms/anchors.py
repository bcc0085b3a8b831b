"""A page -> its links, in page order, also those that are no <a href>: onclick, data-href, javascript: calls.

Lists of gov sites are full of `<a href="javascript:;" onclick="openUrl('./202605/t….html')">` and rows that are
clickable as a whole.  Dead links (javascript:; and the like) are kept without URL: they still show where the list is.
Used by spiders.cms.blocks, turns and columns.
"""

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms.shown import fold
from spiders.links import resolve

PAGE_LITERAL = re.compile(
    r"""['"]((?:https?:)?[\w./~%-]{1,500}?(?:\.(?:s?html?|jhtml|php|jspx?|aspx?|do|action|pdf|docx?|xlsx?|wps|ofd|zip|rar)(?:\?[^'"\s<>]{0,500})?"""
    r"""|/\?[^'"\s<>]{1,500}|/[\w~%-]{1,200}/))['"]""",
    re.I,
)
HANDLERS = ("data-href", "data-url", "data-link", "onclick", "ondblclick")
UNSEEN = {"script", "style", "noscript", "template", "textarea", "head", "select"}
# Controls of the page itself: share, print, favourites, login.
CONTROL = re.compile(r"share|print\(|favou?rite|bookmark|sethome|login|logout|search|weibo|qzone|jiathis|addthis", re.I)

# Rows, page turn and columns of one page all ask for its links; they are found once while the page lives.
KNOWN: "WeakKeyDictionary[Document, list[Anchor]]" = WeakKeyDictionary()


class Anchor:
    """One link: its element, its absolute URL (None: dead), its text and title=."""

    __slots__ = ("node", "text", "title", "url")

    def __init__(self, node: HtmlElement, url: str | None) -> None:
        self.node = node
        self.url = url
        self.text = fold("".join(texts(node)))
        self.title = fold(node.get("title"))

    @property
    def key(self) -> str:
        """What makes two links the same: the URL, for dead ones the words."""
        return self.url or f"dead:{self.text or self.title}"


def texts(node: HtmlElement) -> Iterator[str]:
    """Text nodes of an element without scripts and styles; no recursion, so that depth does no harm."""
    for _, text in texts_with_owner(node):
        yield text


def texts_with_owner(node: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Text nodes in order with the element that they stand in; tails belong to the parent."""
    skip: HtmlElement | None = None
    for event, element in walk(node):
        if skip is not None:
            if event == "end" and element is skip:
                skip = None
                if element is not node and element.tail:
                    yield element.getparent(), element.tail
            continue
        if event == "start":
            if not isinstance(element.tag, str) or element.tag in UNSEEN:
                skip = element
            elif element.text:
                yield element, element.text
        elif element is not node and element.tail:
            yield element.getparent(), element.tail


def walk(node: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """start/end events of a subtree by following pointers (lxml's iterwalk copies more than we need)."""
    current = node
    while True:
        yield "start", current
        if len(current):
            current = current[0]
            continue
        yield "end", current
        while current is not node:
            following = current.getnext()
            if following is not None:
                current = following
                break
            current = current.getparent()
            yield "end", current
        else:
            return


def anchors(page: Document) -> list[Anchor]:
    """Return the links of a page.  Links inside scripts, comments and <noscript> are none."""
    known = KNOWN.get(page)
    if known is None:
        KNOWN[page] = known = _anchors(page)
    return known


def _anchors(page: Document) -> list[Anchor]:
    found: list[Anchor] = []
    base, encoding = page.base, page.encoding
    for node in page.tree.iter("a", "area", "li", "div", "tr", "dl", "td", "span", "p"):
        href = node.get("href") if node.tag in ("a", "area") else None
        if href is not None and not href.lstrip()[:11].lower().startswith(("javascript:", "#", "void")):
            url = resolve(base, href, encoding)
            if url is not None or not href.strip():
                found.append(Anchor(node, url if href.strip() else None))
                continue
        handler = _handler(node, href)
        if handler:
            found.append(Anchor(node, resolve(base, handler, encoding)))
        elif node.tag == "a" and (href is not None or node.get("onclick")):
            found.append(Anchor(node, None))
    return found


def _handler(node: HtmlElement, href: str | None) -> str | None:
    """The address that a click on the element leads to, when a handler spells it out."""
    for text in (href, *(node.get(name) for name in HANDLERS)):
        if not text or len(text) > 4000:
            continue
        if CONTROL.search(text):
            return None
        literal = PAGE_LITERAL.search(text)
        if literal:
            return literal[1]
    for name in HANDLERS[:3]:
        value: str | None = node.get(name)
        if value and re.fullmatch(r"(?:https?:/)?[./]?[\w./~%?=&-]{3,500}", value) and re.search(r"[/.]", value):
            return value
    return None
