"""One row of a list: its element and its links -> title and date as shown.

A row may be a card with picture, heading, teaser and 详情, all leading to the same article: the heading counts, then
the longest link text, then what stands before a link that only says more.  Used by spiders.cms.blocks and records.
"""

import re
from collections.abc import Iterable
from functools import cached_property

from lxml.html import HtmlElement

from spiders.cms.anchors import Anchor, texts_with_owner
from spiders.cms.shown import EMPTY_WORDS, Chunk, clean_title, date_of, fold, title_of, width

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TITLE_CLASS = re.compile(r"(?:^|[-_ ])(?:title|tit|bt|biaoti|subject|name|headline)(?:$|[-_ \d])", re.I)


class Entry:
    """One row of a block: the element, its links (best first) and where its texts end."""

    def __init__(self, node: HtmlElement, links: list[Anchor]) -> None:
        self.node = node
        self.links = links

    @classmethod
    def best(cls, node: HtmlElement, links: list[Anchor]) -> "Entry":
        """A row whose links are all given: those that say the same URL as the one that says most."""
        main = min(links, key=worth)
        return cls(node, sorted((link for link in links if link.url == main.url), key=worth))

    @property
    def url(self) -> str | None:
        return self.links[0].url

    @cached_property
    def shown(self) -> tuple[str | None, bool]:
        """The date in the row, and whether it stands alone."""
        return date_of(self.chunks)

    @property
    def date(self) -> str | None:
        return self.shown[0]

    @cached_property
    def chunks(self) -> list[Chunk]:
        """Texts of the row, each with whether it stands in one of its title links."""
        inside = {id(link.node) for link in self.links}
        chunks: list[Chunk] = []
        for owner, text in texts_with_owner(self.node):
            folded = fold(text)
            if folded:
                chunks.append((folded, _within(owner, inside, self.node)))
            if len(chunks) > 80:
                break
        return chunks

    @cached_property
    def title(self) -> str | None:
        """What the links say; a row whose link only says 详情 is named by its heading or first line."""
        day = self.shown[0] if self.shown[1] else None
        title = title_of(_title_texts(self.links), _title_attributes(self.links), day=day)
        if title is not None:
            return title
        heads = (fold(node.text_content()) for node in self.node.iterdescendants() if node.tag in HEADINGS)
        lines = (text for text, in_link in self.chunks if not in_link and width(text) >= 6)
        return title_of((*heads, *lines), (), day=day)


def worth(link: Anchor) -> tuple[bool, bool, float]:
    """Order of the links of one row: alive, not 详情, long."""
    return link.url is None, bool(EMPTY_WORDS.fullmatch(link.text)), -min(width(link.text), 60)


def _within(owner: HtmlElement, inside: set[int], stop: HtmlElement) -> bool:
    node: HtmlElement | None = owner
    while node is not None:
        if id(node) in inside:
            return True
        if node is stop:
            return False
        node = node.getparent()
    return False


def _title_texts(links: list[Anchor]) -> Iterable[str]:
    """What the links of a row say, best first: a heading in a card, then the longest link text, then pictures."""
    for link in links:
        if len(link.node):
            for inner in link.node.iterdescendants():
                if inner.tag in HEADINGS or (
                    isinstance(inner.tag, str) and TITLE_CLASS.search(inner.get("class") or "")
                ):
                    text = fold(inner.text_content())
                    if width(clean_title(text)) >= 2:
                        yield text
                        break
    for link in sorted(links, key=lambda one: -min(width(one.text), 60)):
        if len(link.node):  # a card without headings, or title and date in one link: its first line
            lines = [line for _, text in texts_with_owner(link.node) if (line := fold(text))]
            long = [
                line for line in lines if width(clean_title(line)) >= 4 and date_of([(line, False)]) == (None, False)
            ]
            tags = {inner.tag for inner in link.node.iterdescendants()}
            if long and (len(long) < len(lines) or (width(link.text) > 30 and tags & {"p", "div", "br", "dd", "li"})):
                yield long[0]
        yield link.text
    for link in links:
        for image in link.node.iterdescendants("img"):
            yield fold(image.get("alt"))


def _title_attributes(links: list[Anchor]) -> Iterable[str]:
    for link in links:
        yield link.title
        for inner in link.node.iterdescendants():
            if isinstance(inner.tag, str) and inner.get("title"):
                yield fold(inner.get("title"))
