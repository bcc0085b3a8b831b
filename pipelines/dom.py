"""What is asked of a parsed page, and libxml2's tree seen through the same questions.

Lexbor's parser and nodes answer them as they are.  TreeDom answers them from an lxml tree, for the pages that a browser's
parser cannot be trusted with (pipelines.decode): slower, and such pages are few.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import LxmlError, _Element
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

TEXT = LexborHTMLParser("x").body.first_child.tag_id  # type: ignore[union-attr]
LEAST_UNKNOWN = 1000  # tags that HTML does not know have addresses for numbers, which hold for one page only
Attributes = dict[str, str | None]
TABLE_BODY = re.compile(r"\btbody\s*>?\s*")


class Node(Protocol):
    """An element, a text or a comment.  tag_id: TEXT for a text; from LEAST_UNKNOWN on it says nothing."""

    @property
    def tag_id(self) -> int: ...
    @property
    def tag(self) -> str | None: ...
    @property
    def is_element_node(self) -> bool: ...
    @property
    def attributes(self) -> Attributes: ...
    @property
    def text_content(self) -> str | None: ...
    @property
    def first_child(self) -> "Node | None": ...
    @property
    def next(self) -> "Node | None": ...
    @property
    def mem_id(self) -> int: ...
    def text(self) -> str:
        """All text inside an element, scripts' code among it."""
        ...


class Dom(Protocol):
    """A page.  css: raises SelectolaxError or ValueError for a selector it does not know."""

    @property
    def root(self) -> Node | None: ...
    def tags(self, name: str) -> Sequence[Node]: ...
    def css(self, query: str) -> Sequence[Node]: ...


def is_selector(text: str) -> bool:
    """Whether a text is a CSS selector as browsers know it."""
    try:
        LexborHTMLParser("").css(text)
    except (SelectolaxError, ValueError):
        return False
    return True


class TreeNode:
    """A node of an lxml tree: an element or comment, or the text at its beginning, or the one behind it."""

    __slots__ = ("after", "element", "said")

    def __init__(self, element: _Element, said: str | None = None, *, after: bool = False) -> None:
        self.element = element
        self.said = said
        self.after = after

    @property
    def tag_id(self) -> int:
        return LEAST_UNKNOWN if self.said is None else TEXT

    @property
    def tag(self) -> str | None:
        return self.element.tag if self.is_element_node else None

    @property
    def is_element_node(self) -> bool:
        return self.said is None and isinstance(self.element.tag, str)

    @property
    def attributes(self) -> Attributes:
        return dict(cast(Any, self.element.items()))  # attrib.keys() may name what attrib[] refuses: `{`

    @property
    def text_content(self) -> str | None:
        return self.said

    @property
    def first_child(self) -> "TreeNode | None":
        if self.element.text:
            return TreeNode(self.element, self.element.text)
        return _node(next(iter(self.element), None))

    @property
    def next(self) -> "TreeNode | None":
        if self.said is not None and not self.after:
            return _node(next(iter(self.element), None))
        if self.said is None and self.element.tail:
            return TreeNode(self.element, self.element.tail, after=True)
        return _node(self.element.getnext())

    @property
    def mem_id(self) -> int:
        return id(self.element)

    def text(self) -> str:
        return "".join(cast(Iterator[str], self.element.itertext()))


def _node(element: _Element | None) -> TreeNode | None:
    return None if element is None else TreeNode(element)


class TreeDom:
    """An lxml tree as a Dom."""

    def __init__(self, tree: _Element) -> None:
        self.tree = tree

    @property
    def root(self) -> TreeNode:
        return TreeNode(self.tree)

    def tags(self, name: str) -> list[TreeNode]:
        return [TreeNode(element) for element in self.tree.iter(name)]

    def css(self, query: str) -> list[TreeNode]:
        """Rules are written for a browser's tree, where a table has a <tbody> whether the page writes one or not."""
        found = self._css(query)
        return found or (self._css(TABLE_BODY.sub("", query)) if "tbody" in query else [])

    def _css(self, query: str) -> list[TreeNode]:
        try:
            elements = CSSSelector(query, translator="html")(self.tree)
        except (SelectorError, LxmlError) as error:  # the two engines do not know all the same
            raise ValueError(f"{query}: {error}") from None
        return [TreeNode(element) for element in cast(list[_Element], elements)]
