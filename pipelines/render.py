"""Kept lines -> content_text and content_html.

content_text: paragraphs parted by a blank line, cells of a data table by tabs, spaces before CJK punctuation dropped,
NFC, no control characters.  content_html: the elements around the kept lines, allow-listed and cleaned by nh3
(Ammonia); addresses made absolute, http(s) only; lazy images get the address a browser would show.
"""

import re
import unicodedata
from html import escape

import nh3

from pipelines.decode import Document
from pipelines.flow import CELLS, Flow
from pipelines.media import image_source

SPACE_BEFORE = re.compile(r"(?<=[\u3400-\u9fff\u3000-\u303f\uff00-\uffef”’]) +(?=[，。；！？：、”’》）】])")
CELL_CHARS = 400  # a cell longer than this is a column of the layout, not of a table
CONTROL_SIGNS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
TAGS = {"p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody",
        "tfoot", "tr", "td", "th", "blockquote", "pre", "code", "figure", "figcaption", "img", "a", "b", "strong", "i", "em",
        "u", "s", "del", "ins", "sub", "sup", "div", "hr", "ruby", "rt", "rp", "video", "audio", "source"}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
              "ol": {"start"}, "video": {"src", "poster"}, "audio": {"src"}, "source": {"src", "type"}}
VOID = {"br", "img", "hr", "source", "col", "wbr"}


def tidy(text: str) -> str:
    """One line as it is published."""
    text = unicodedata.normalize("NFC", CONTROL_SIGNS.sub("", text))
    return SPACE_BEFORE.sub("", text) if " " in text else text


def text_of(flow: Flow, container: int, kept: list[int]) -> str:
    """Paragraphs of the kept lines; rows of data tables become one paragraph with tabs."""
    paragraphs: list[str] = []
    row_of: dict[int, int] = {}
    last_row = last_cell = -1
    for i in kept:
        line = flow.lines[i]
        row = _row(flow, container, line.cell, row_of)
        text = tidy(line.text)
        if row >= 0 and row == last_row:
            paragraphs[-1] += (" " if line.cell == last_cell else "\t") + text
        else:
            paragraphs.append(text)
        last_row, last_cell = row, line.cell
    return "\n\n".join(paragraphs)


def _row(flow: Flow, container: int, cell: int, known: dict[int, int]) -> int:
    """Row of a data table around a cell inside the container, -1 if there is none."""
    if cell <= container:
        return -1
    if cell not in known:
        row = flow.parents[cell]
        while row > container and flow.tags[row] != "tr":
            row = flow.parents[row]
        known[cell] = row if row > container and _is_data(flow, row) else -1
    return known[cell]


def _is_data(flow: Flow, row: int) -> bool:
    cells = [n for n in range(row + 1, flow.end[row]) if flow.tags[n] in CELLS]
    return len(cells) > 1 and all(flow.measure(cell)[0] <= CELL_CHARS for cell in cells)


def html_of(flow: Flow, container: int, kept: list[int], document: Document) -> str:
    """The container's markup with only the kept lines in it, safe to put into a page."""
    wanted = set(kept)
    low, high = (kept[0], kept[-1]) if kept else (0, -1)
    out: list[str] = []
    opened: list[int] = []

    def close(node: int) -> None:
        if flow.tags[node] in TAGS:
            out.append(f"</{flow.tags[node]}>")
        _text(flow.elements[node].tail, flow.tail_line[node])

    def _text(text: str | None, line: int) -> None:
        if text and line in wanted:
            out.append(escape(text, quote=False))

    node, stop = container + 1, flow.end[container]
    _text(flow.elements[container].text, flow.text_line[container])
    while node < stop:
        while opened and flow.end[opened[-1]] <= node:
            close(opened.pop())
        tag, element = flow.tags[node], flow.elements[node]
        inside = any(i in wanted for i in range(flow.first[node], flow.last[node]))
        void = tag in VOID or flow.end[node] == node + 1
        if inside or (tag in ("br", "img") and low <= flow.first[node] <= high + 1):
            if tag in TAGS:
                out.append(_start(tag, element, document))
            _text(element.text, flow.text_line[node])
            if tag in VOID:
                _text(element.tail, flow.tail_line[node])
            else:
                opened.append(node)
            node += 1
        else:
            _text(element.tail, flow.tail_line[node])
            node = node + 1 if void else flow.end[node]
    while opened:
        close(opened.pop())
    return nh3.clean("".join(out), tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"}, link_rel=None).strip()


def _start(tag: str, element: object, document: Document) -> str:
    attributes = ""
    for name in ATTRIBUTES.get(tag, ()):
        value = image_source(element) if tag == "img" and name == "src" else element.get(name)  # type: ignore[attr-defined]
        if value:
            if name in ("href", "src", "poster"):
                value = document.absolute(value)
            attributes += f' {name}="{escape(value)}"'
    return f"<{tag}{attributes}>"

