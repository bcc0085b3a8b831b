"""DOM -> flow: the elements of a page as arrays, and the lines of text a reader would see, in one pass.

Everything after the walk works on these arrays: a line is one block-level run of text, an element covers a range of
lines, so that the text, link share and punctuation of any element are differences of running totals.  Nothing here
knows what an article is.  The walk does not recurse: real pages nest unclosed tags thousands deep.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

import msgspec

from pipelines.dom import LEAST_UNKNOWN, TEXT, Attributes, Dom, Node

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
        "noembed",
    ]
)
SPEAKING = frozenset(("script", "button"))  # closed, but asked for what they hold: code, a link's words
# Closed elements that may hold sentences by right.
QUIET = frozenset(("style", "head", "noscript"))
STOPS_INSIDE = 9  # sentence marks in a closed element that make it one that was left open
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
ATTRIBUTED = MEDIA | CELLS | {"a", "ol", "source"}  # whose attributes are asked for later
# What the walk asks of a tag, as one number.
BLOCK, CELL, LINK, CLOSED_KIND, SHOWN, TOLD = 1, 2, 4, 8, 16, 32
KINDS = {
    tag: (tag not in INLINE) * BLOCK
    + (tag in CELLS) * CELL
    + (tag == "a") * LINK
    + (tag in CLOSED) * CLOSED_KIND
    + (tag in MEDIA) * SHOWN
    + (tag in ATTRIBUTED) * TOLD
    for tag in INLINE | CELLS | CLOSED | MEDIA | ATTRIBUTED
}
COMMENT = ("", -1)
KNOWN: dict[int, tuple[str, int]] = {}  # name and kind by Lexbor's number of a tag, filled as tags are met
NONE: Attributes = {}
UNPLACED = -1  # line of a piece that stands in none
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
    """Elements in document order (an element's index is its place), texts in document order, and lines.

    Closed elements are among them, what they hold is not.  What is kept of each is little, since keeping costs more than
    asking: nodes: only for rules that select.  attributes: of ATTRIBUTED tags, empty for others.  idents: id, "" = none;
    marks: "class id" as written.  pieces: the texts as they stand, white space alone as " ", those of scripts and buttons
    too; piece_line: the line each went to, UNPLACED for those two.  An element covers the pieces [piece_first,
    piece_last) and the lines [first, last).  end: index after its last descendant.  swallowed: a closed element holds
    running text, a script with an address markup.  totals: see measure.
    """

    nodes: list[Node]
    attributes: list[Attributes]
    idents: list[str]
    tags: list[str]
    parents: list[int]
    marks: list[str]
    pieces: list[str]
    piece_line: list[int]
    piece_first: list[int]
    piece_last: list[int]
    first: list[int]
    last: list[int]
    end: list[int]
    hidden: set[int]  # roots of hidden blocks
    lines: list[Line]
    anchors: list[int]  # element indices of <a>
    media: list[int]  # ... of img, video, iframe
    scripts: list[int]
    swallowed: bool
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

    def text(self, node: int) -> str:
        """All text inside an element, scripts' code among it."""
        return "".join(self.pieces[self.piece_first[node] : self.piece_last[node]])

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


# Two with one argument each: a cache for both together costs twice as much to ask.
@lru_cache(maxsize=8192)
def marked_hidden(mark: str) -> bool:
    return HIDDEN_CLASS.search(mark) is not None


@lru_cache(maxsize=8192)
def styled_hidden(style: str) -> bool:
    return HIDDEN_STYLE.search(style) is not None


def flow_of(page: Dom, *, selects: bool = False) -> Flow:
    """Walk the tree once and return its flow.  selects: keep the nodes, for rules.

    Written for speed: this loop is a quarter of the cost of a page.  It does not enter what is closed.
    """
    nodes: list[Node] = []
    tags: list[str] = []
    parents: list[int] = []
    marks: list[str] = []
    attributes: list[Attributes] = []
    idents: list[str] = []
    pieces: list[str] = []
    piece_line: list[int] = []
    piece_first: list[int] = []
    piece_last: list[int] = []
    first: list[int] = []
    last: list[int] = []
    end: list[int] = []
    hidden: set[int] = set()
    lines: list[Line] = []
    anchors: list[int] = []
    media: list[int] = []
    scripts: list[int] = []
    parts: list[str] = []
    linking: set[int] = set()
    cells = [-1]
    around: list[tuple[Node, int, int]] = []  # the open elements: node; index and kind of the one around
    inner, inner_kind = -1, 0
    swallowed = False
    linked = start = hiding = made = held = 0  # made, held: how many lines and pieces there are
    known = KNOWN.get

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

    item: Node | None = page.root
    while item is not None:
        number = item.tag_id
        if number == TEXT:
            text = item.text_content or ""
            piece_line.append(made)
            held += 1
            if text.isspace():
                pieces.append(" ")
                if parts:
                    parts.append(text)
            else:
                pieces.append(text)
                if not parts:
                    start = inner
                parts.append(text)
                if linking:
                    linked += len("".join(text.split()))
        elif (found := known(number) or _kind_of(item)) is not COMMENT:
            tag, kind = found
            if kind & BLOCK and parts:
                flush()
            node, said = len(tags), item.attributes
            tags.append(tag)
            if selects:
                nodes.append(item)
            attributes.append(said if kind & TOLD else NONE)
            parents.append(inner)
            piece_first.append(held)
            piece_last.append(held)
            first.append(made)
            last.append(made + 1 if parts else made)
            end.append(node + 1)
            mark, ident, hiding_it = "", "", False
            if said:
                mark, ident = said.get("class") or "", said.get("id") or ""
                if ident:
                    mark = f"{mark} {ident}"
                style = said.get("style")
                if (mark and marked_hidden(mark)) or (style and styled_hidden(style)):
                    hiding_it = True
                    hidden.add(node)
            idents.append(ident)
            marks.append(mark)
            if kind & LINK:
                anchors.append(node)
            elif kind & SHOWN:
                media.append(node)
            below = item.first_child
            if kind & CLOSED_KIND:
                if tag in SPEAKING:
                    pieces.append(item.text())
                    piece_line.append(UNPLACED)
                    held += 1
                    piece_last[node] = held
                if tag == "script":
                    scripts.append(node)
                    swallowed |= "src" in said and "</" in pieces[-1]
                elif below is not None and tag not in QUIET:
                    swallowed |= stops_in(item.text()) > STOPS_INSIDE
            elif below is not None:  # enter it
                around.append((item, inner, inner_kind))
                item, inner, inner_kind = below, node, kind
                if hiding_it:
                    hiding += 1
                if kind & LINK:
                    href = said.get("href")
                    if href and not href.startswith("#"):  # tables of contents and footnotes are text
                        linking.add(node)
                elif kind & CELL:
                    cells.append(node)
                continue
        item = item.next
        while item is None and around:  # leave the innermost element
            if inner_kind & BLOCK:
                if parts:
                    flush()
                if inner_kind & CELL:
                    cells.pop()
            elif inner_kind & LINK:
                linking.discard(inner)
            if hiding and inner in hidden:
                hiding -= 1
            last[inner] = made + 1 if parts else made
            end[inner] = len(tags)
            piece_last[inner] = held
            item, inner, inner_kind = around.pop()
            item = item.next
    if parts:
        flush()
    flow = Flow(
        nodes,
        attributes,
        idents,
        tags,
        parents,
        marks,
        pieces,
        piece_line,
        piece_first,
        piece_last,
        first,
        last,
        end,
        hidden,
        lines,
        anchors,
        media,
        scripts,
        swallowed,
    )
    _add_totals(flow)
    return flow


def _kind_of(item: Node) -> tuple[str, int]:
    """Name and kind of an element; COMMENT for what is neither element nor text."""
    if not item.is_element_node:
        return COMMENT
    found = item.tag or "", KINDS.get(item.tag or "", BLOCK)
    if item.tag_id < LEAST_UNKNOWN:
        KNOWN[item.tag_id] = found
    return found


def _add_totals(flow: Flow) -> None:
    flow.total_chars = list(accumulate([0 if line.hidden else line.chars for line in flow.lines], initial=0))
    flow.total_links = list(accumulate([0 if line.hidden else line.links for line in flow.lines], initial=0))
    flow.total_stops = list(accumulate([0 if line.hidden else line.stops for line in flow.lines], initial=0))
