"""Kept lines -> content_text and content_html.

content_text: paragraphs parted by a blank line, cells of a data table by tabs, spaces before CJK punctuation dropped,
NFC, no control characters.  content_html: the elements around the kept lines, allow-listed and cleaned by nh3
(Ammonia); addresses made absolute, http(s) only; lazy images get the address a browser would show.
"""

import re
import unicodedata
from html import escape
from itertools import accumulate

import nh3

from pipelines.decode import Document
from pipelines.dom import Attributes
from pipelines.flow import CELLS, Flow
from pipelines.media import image_source, picture_of

SPACE_BEFORE = re.compile(r"(?<=[\u3400-\u9fff\u3000-\u303f\uff00-\uffef”’]) +(?=[，。；！？：、”’》）】])")
CELL_CHARS = 400  # a cell longer than this is a column of the layout, not of a table
CONTROL_SIGNS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
TAGS = {
    "p",
    "br",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "blockquote",
    "pre",
    "code",
    "figure",
    "figcaption",
    "img",
    "a",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "del",
    "ins",
    "sub",
    "sup",
    "div",
    "hr",
    "ruby",
    "rt",
    "rp",
    "video",
    "audio",
    "source",
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "video": {"src", "poster"},
    "audio": {"src"},
    "source": {"src", "type"},
}
ORDERED = {tag: sorted(names) for tag, names in ATTRIBUTES.items()}  # the same in every process: sets are not
PAIRED = TAGS - {"br", "img", "hr", "source"}
SCHEMES = {"http", "https"}


def tidy(text: str) -> str:
    """One line as it is published."""
    if not text.isprintable():
        text = CONTROL_SIGNS.sub("", text)
    text = unicodedata.normalize("NFC", text)
    return SPACE_BEFORE.sub("", text) if " " in text else text


def text_of(flow: Flow, container: int, kept: list[int]) -> str:
    """Paragraphs of the kept lines; rows of data tables become one paragraph with tabs."""
    paragraphs: list[str] = []
    row_of: dict[int, int] = {}
    last_row = last_cell = -1
    for i in kept:
        line = flow.lines[i]
        row = -1 if line.cell <= container else _row(flow, container, line.cell, row_of)
        text = tidy(line.text)
        if row >= 0 and row == last_row:
            paragraphs[-1] += (" " if line.cell == last_cell else "\t") + text
        else:
            paragraphs.append(text)
        last_row, last_cell = row, line.cell
    return "\n\n".join(paragraphs)


def _row(flow: Flow, container: int, cell: int, known: dict[int, int]) -> int:
    """Row of a data table around a cell inside the container, -1 if there is none.  known: cells and rows met so far."""
    if cell not in known:
        row = flow.parents[cell]
        while row > container and flow.tags[row] != "tr":
            row = flow.parents[row]
        if row not in known:
            known[row] = row if row > container and _is_data(flow, row) else -1
        known[cell] = known[row]
    return known[cell]


def _is_data(flow: Flow, row: int) -> bool:
    cells = [n for n in range(row + 1, flow.end[row]) if flow.tags[n] in CELLS]
    return len(cells) > 1 and all(flow.measure(cell)[0] <= CELL_CHARS for cell in cells)


def html_of(flow: Flow, container: int, kept: list[int], document: Document) -> str:
    """The container's markup with only the kept lines in it, safe to put into a page."""
    if not kept:
        return ""
    markup = "".join(_pieces(flow, container, kept, document))
    return nh3.clean(markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None).strip()


def html_of_images(images: tuple[str, ...]) -> str:
    """Markup of an article that is only pictures."""
    markup = "".join(f'<p><img src="{escape(address)}"></p>' for address in images)
    return nh3.clean(markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def _pieces(flow: Flow, container: int, kept: list[int], document: Document) -> list[str]:
    """Tags and texts of the kept lines; elements outside the allow-list leave only their texts."""
    tags, first, last, ends = flow.tags, flow.first, flow.last, flow.end
    texts, lines, text_first, text_last = flow.pieces, flow.piece_line, flow.piece_first, flow.piece_last
    wanted, pictured = set(kept), _around_pictures(flow, container, kept[0], kept[-1] + 1)
    # before[i]: kept lines before line i, less those before the container
    before = [0] * first[container]
    before += accumulate(map(wanted.__contains__, range(first[container], last[container] + 1)), initial=0)
    out: list[str] = []
    opened = [container]
    at = text_first[container]  # the next text

    def say(until: int) -> None:
        """Texts up to a border of an element."""
        nonlocal at
        while at < until:
            if lines[at] in wanted and (text := texts[at]):
                out.append("\n" if text.isspace() else escape(text, quote=False))
            at += 1

    node = container + 1
    while opened:
        inner = opened[-1]
        if node >= ends[inner]:
            if at < text_last[inner]:
                say(text_last[inner])
            opened.pop()
            if opened and tags[inner] in PAIRED:
                out.append(f"</{tags[inner]}>")
            continue
        if at < text_first[node]:
            say(text_first[node])
        tag, since = tags[node], first[node]
        if before[last[node]] > before[since] or node in pictured or (tag == "br" and since in wanted):
            if tag in TAGS:
                out.append(_start(tag, flow.attributes[node], document))
            opened.append(node)
            node += 1
        else:
            at, node = text_last[node], ends[node]
    return out


def _around_pictures(flow: Flow, container: int, low: int, high: int) -> set[int]:
    """Pictures and films between two lines of the container, with the elements around them."""
    found: set[int] = set()
    for media in flow.media:
        if container < media < flow.end[container] and low <= flow.first[media] <= high:
            said = flow.attributes[media]
            if (picture_of(said) if flow.tags[media] == "img" else said.get("src")) is None:
                continue
            node = media
            while node > container and node not in found:
                found.add(node)
                node = flow.parents[node]
    return found


def _start(tag: str, said: Attributes, document: Document) -> str:
    if tag not in ORDERED:
        return f"<{tag}>"
    attributes = ""
    for name in ORDERED[tag]:
        value = image_source(said) if tag == "img" and name == "src" else said.get(name)
        if value:
            if name in ("href", "src", "poster"):
                value = document.absolute(value)
            attributes += f' {name}="{escape(value)}"'
    return f"<{tag}{attributes}>"
