"""Tree -> flow: the elements of a page as arrays, and the lines of text a reader would see, in one pass.

Everything after the parse works on these arrays: a line is one block-level run of text, an element covers a range of
lines, so that the text, link share and punctuation of any element are differences of running totals.  Nothing here
knows what an article is.  The walk does not recurse: real pages nest unclosed tags thousands deep.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

import msgspec
from lxml.html import HtmlElement

# Not entered: what they hold is never text of the page.
CLOSED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "select",
        "button",
        "textarea",
        "svg",
        "object",
        "canvas",
        "option",
        "head",
        "template",
        "audio",
        "video",
        "iframe",
        "math",
        "map",
        "datalist",
        "applet",
        "frameset",
        "noframes",
        "title",
    ]
)
MEDIA = frozenset(("img", "video", "audio", "iframe", "embed", "object"))
INLINE = frozenset(
    [
        "a",
        "span",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "font",
        "sub",
        "sup",
        "small",
        "big",
        "mark",
        "label",
        "code",
        "s",
        "del",
        "ins",
        "q",
        "cite",
        "abbr",
        "bdo",
        "bdi",
        "tt",
        "time",
        "img",
        "var",
        "kbd",
        "samp",
        "strike",
        "acronym",
        "ruby",
        "rt",
        "rp",
        "rb",
        "wbr",
        "nobr",
        "data",
        "dfn",
        "blink",
        "basefont",
        "script",
        "style",
        "noscript",
        "input",
        "link",
        "meta",
    ]
)
CELLS = frozenset(("td", "th"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# What the walk asks of a tag, as one number.
BLOCK, CELL, LINK, CLOSED_KIND, SHOWN = 1, 2, 4, 8, 16
KINDS = {
    tag: (tag not in INLINE) * BLOCK
    + (tag in CELLS) * CELL
    + (tag == "a") * LINK
    + (tag in CLOSED) * CLOSED_KIND
    + (tag in MEDIA) * SHOWN
    for tag in INLINE | CELLS | CLOSED | MEDIA
}
# Sentence marks outside links: the strongest single cue for running Chinese text, and enough for Western text when
# a mark must be followed by white space (decimal points and host names do not count).
WIDE_STOPS = re.compile("[，。；！？：、“”《》（）]")
NARROW = (",", ".", ";", "!", "?")
NARROW_STOPS = re.compile("[,;!?](?=\\s|$|[\u3400-\u9fff”])|[.](?=\\s|$)")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u00ad\ufeff\ufffc\ue000-\uf8ff]")
# visibility:hidden is how pages hide the article itself until their scripts have run.
HIDDEN_CLASS = re.compile(
    r"(?:^|\s)(?:ng-hide|d-none|hidden|hide|sr-only|visually-hidden|screen-reader-text|none)(?=\s|$)"
)
HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.I)


class Line(msgspec.Struct, gc=False):
    """One run of text between two block boundaries, white space folded.

    parts: the text nodes it was made of, as they stood: the borders between them part labels and values.
    chars, links, stops: characters without spaces, those inside links, sentence marks outside links.
    node: index of the innermost element the line began in.  cell: index of the table cell around it, -1 = none.
    """

    text: str
    parts: list[str]
    chars: int
    links: int
    stops: int
    node: int
    cell: int
    hidden: bool


@dataclass(slots=True)
class Flow:
    """Elements in document order (an element's index is its place) and lines.

    marks: "class id" as written.  first, last: an element covers the lines [first, last).  end: index after its last
    descendant.  tail_line: the line an element's tail went to (its text goes to `first`).  totals: see measure.
    Comments are elements with the tag "".
    """

    elements: list[Any]
    tags: list[str]
    parents: list[int]
    marks: list[str]
    first: list[int]
    last: list[int]
    end: list[int]
    tail_line: list[int]
    hidden: set[int]  # roots of hidden blocks
    lines: list[Line]
    anchors: list[int]  # element indices of <a>
    media: list[int]  # ... of img, video, iframe
    scripts: list[int]
    total_chars: list[int] = field(default_factory=lambda: [0])
    total_links: list[int] = field(default_factory=lambda: [0])
    total_stops: list[int] = field(default_factory=lambda: [0])

    def measure(self, node: int) -> tuple[int, int, int]:
        """Characters, characters in links, sentence marks outside links of the visible lines of an element."""
        a, b = self.first[node], self.last[node]
        return (
            self.total_chars[b] - self.total_chars[a],
            self.total_links[b] - self.total_links[a],
            self.total_stops[b] - self.total_stops[a],
        )

    def path(self, node: int) -> list[int]:
        """The element and its ancestors, innermost first."""
        found = []
        while node >= 0:
            found.append(node)
            node = self.parents[node]
        return found

    def block(self, node: int) -> int:
        """The nearest element around `node` (or itself) that is not inline."""
        while node > 0 and self.tags[node] in INLINE:
            node = self.parents[node]
        return node

    def hide(self, node: int) -> None:
        """Take an element's lines out of everything: a rule of the site says it is no text."""
        self.hidden.add(node)
        for line in self.lines[self.first[node] : self.last[node]]:
            line.hidden = True
        _add_totals(self)

    def reveal(self) -> bool:
        """Show what was hidden; whether that brought running text to light."""
        shown = any(line.hidden and line.stops > 2 for line in self.lines)
        if shown:
            for line in self.lines:
                line.hidden = False
            self.hidden.clear()
            _add_totals(self)
        return shown


def stops_in(text: str) -> int:
    """How many sentence marks; in two steps, because one pattern for both costs twice as much."""
    found = len(WIDE_STOPS.findall(text))
    for sign in NARROW:
        if sign in text:
            return found + len(NARROW_STOPS.findall(text))
    return found


@lru_cache(maxsize=8192)
def hides(mark: str, style: str) -> bool:
    """Whether class words or style of an element hide it."""
    return bool(HIDDEN_CLASS.search(mark)) or bool(HIDDEN_STYLE.search(style))


def flow_of(root: HtmlElement) -> Flow:
    """Walk the tree once and return its flow.

    Written for speed: this loop is a fifth of the cost of a page.  Elements come in document order; before each one
    those that it is not inside of are left.
    """
    elements = list(root.iter())
    size = len(elements)
    tags, parents, marks = [""] * size, [-1] * size, [""] * size
    first, last, end, tail_line = [0] * size, [0] * size, [0] * size, [0] * size
    hidden: set[int] = set()
    lines: list[Line] = []
    anchors: list[int] = []
    media: list[int] = []
    scripts: list[int] = []
    parts: list[str] = []
    element: Any
    linking: set[int] = set()
    cells = [-1]
    around: list[tuple[int, Any, int]] = []  # the elements that hold the innermost one: index, element, kind
    above = root.getparent()
    inner, inner_element, inner_kind = -1, above, 0
    linked = start = hiding = made = 0  # made: how many lines there are

    def flush() -> None:
        nonlocal linked, made, parts
        text = " ".join(("".join(parts) if len(parts) > 1 else parts[0]).split())
        if (not text.isprintable() or "\ufffc" in text) and INVISIBLE.search(text):  # U+FFFC alone is printable
            text = " ".join(INVISIBLE.sub("", text).split())
        if text:
            chars = len(text) - text.count(" ")
            stops = 0 if linked >= chars else stops_in(text)
            if linked and stops:
                stops = round(stops * (1 - linked / chars))
            lines.append(Line(text, parts, chars, min(linked, chars), stops, start, cells[-1], hiding > 0))
            made += 1
        parts = []
        linked = 0

    for node, item in enumerate((*elements, None)):
        parent = above if item is None else item.getparent()
        while inner_element is not parent:  # leave it
            left, element, kind = inner, inner_element, inner_kind
            inner, inner_element, inner_kind = around.pop()
            if kind & BLOCK:
                if parts:
                    flush()
                if kind & CELL:
                    cells.pop()
            elif kind & LINK:
                linking.discard(left)
            if hiding and left in hidden:
                hiding -= 1
            last[left] = made + 1 if parts else made
            end[left] = node
            tail_line[left] = made
            if inner >= 0 and not inner_kind & CLOSED_KIND:
                tail = element.tail
                if tail and (parts or not tail.isspace()):
                    if not parts:
                        start = inner
                    parts.append(tail)
                    if linking:
                        linked += len("".join(tail.split()))
        if item is None:
            break
        parents[node] = inner
        around.append((inner, inner_element, inner_kind))
        outside = inner_kind & CLOSED_KIND  # inside <svg>, <select> ...: no text of the page
        inner, inner_element = node, item
        first[node] = made
        if outside:
            tags[node] = "option"
            inner_kind = CLOSED_KIND
            continue
        tag = item.tag
        if type(tag) is str:
            tags[node] = tag
            inner_kind = kind = KINDS.get(tag, BLOCK)
        else:
            inner_kind = kind = CLOSED_KIND  # a comment
        if kind:
            if kind & BLOCK and parts:
                flush()
                first[node] = made
            if kind & SHOWN:
                media.append(node)
            if kind & CLOSED_KIND:
                if tag == "script":
                    scripts.append(node)
                continue
        names = item.keys()
        if names:
            mark = item.get("class") or "" if "class" in names else ""
            if "id" in names and (ident := item.get("id")):
                marks[node] = mark = f"{mark} {ident}"
            elif mark:
                marks[node] = mark
            style = item.get("style") or "" if "style" in names else ""
            if (mark or style) and hides(mark, style):
                hidden.add(node)
                hiding += 1
        if kind & LINK:
            anchors.append(node)
            href = item.get("href")
            if href and not href.startswith("#"):  # tables of contents and footnotes are text
                linking.add(node)
        elif kind & CELL:
            cells.append(node)
        text = item.text
        if text and (parts or not text.isspace()):
            if not parts:
                start = node
            parts.append(text)
            if linking:
                linked += len("".join(text.split()))
    if parts:
        flush()
    flow = Flow(elements, tags, parents, marks, first, last, end, tail_line, hidden, lines, anchors, media, scripts)
    _add_totals(flow)
    return flow


def _add_totals(flow: Flow) -> None:
    flow.total_chars = list(accumulate([0 if line.hidden else line.chars for line in flow.lines], initial=0))
    flow.total_links = list(accumulate([0 if line.hidden else line.links for line in flow.lines], initial=0))
    flow.total_stops = list(accumulate([0 if line.hidden else line.stops for line in flow.lines], initial=0))
