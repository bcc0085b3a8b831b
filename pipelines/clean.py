"""Lines of the container -> the lines that are the article: head and tail grammar.

The head is headline, sub-column, breadcrumb, the line of date and source, controls; the tail is credits, share bars,
previous and next, related lists, notices, the foot of the site.  Works on one-line patterns (pipelines.vocabulary) and
on position; a tail mark cuts only if little running text follows it, because articles also say 相关链接.
"""

import re
import unicodedata

from pipelines.flow import Flow, Line
from pipelines.vocabulary import AGAINST, CMS, CONTROLS, CREDIT, FOOTER, INFO, POSITION, TAIL

NOT_WORD = re.compile(r"[\W_]+")
ATTACHMENT = re.compile(r"附\s?[件表图]|附：|\.(?:pdf|docx?|xlsx?|zip|rar|wps|et|ofd|pptx?|txt|csv|7z)\b", re.I)
HEAD_LINES = 14  # the head never reaches further into the container
SENTENCE_END = ("。", "！", "？", "”", "!", "?", ".", "；", ";", "：", ":")


def folded(text: str) -> str:
    """Text with nothing but its letters and digits, for comparing headlines."""
    return NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def is_control(text: str) -> bool:
    """A line that consists of page controls only: 【字体：大 中 小】 打印 关闭, 浏览次数：12."""
    return len(text) < 160 and not CONTROLS.sub("", text).strip("：: /／|｜-—、,.，。·!！?？")


def is_info(line: Line) -> bool:
    """The line below the headline, or one like it."""
    text = line.text
    return len(text) < 160 and bool(INFO.search(text)) and (line.stops < 8 or len(text) < 80) and not text.endswith(("。", "！", "？"))


def is_prose(line: Line) -> bool:
    return line.chars >= 20 and line.links < 0.5 * line.chars and line.stops >= 1


def kept_lines(flow: Flow, container: int, title: str | None) -> list[int]:
    """Indices of the lines of the container that are the article, in order."""
    indices = [i for i in range(flow.first[container], flow.last[container]) if not flow.lines[i].hidden]
    indices = _without_furniture(flow, container, indices)
    indices = _without_head(flow.lines, indices, folded(title or ""))
    return _without_tail(flow.lines, indices)


def _without_furniture(flow: Flow, container: int, indices: list[int]) -> list[int]:
    """Drop blocks inside the container that class words or link share give away."""
    total_stops = max(1, flow.measure(container)[2])
    dropped: set[int] = set()
    node = container + 1
    while node < flow.end[container]:
        if flow.tags[node] in ("div", "ul", "ol", "table", "dl", "section", "nav", "aside", "footer", "form", "h3", "h4", "p", "span") and flow.last[node] > flow.first[node]:
            chars, links, stops = flow.measure(node)
            mark = flow.marks[node]
            furniture = mark and stops < 0.3 * total_stops and AGAINST.search(mark) and not CMS.search(mark) and flow.tags[node] != "span"
            listing = chars and links > 0.65 * chars and stops < 0.2 * total_stops and flow.tags[node] not in ("p", "span", "h3", "h4")
            if (furniture or listing) and not any(ATTACHMENT.search(flow.lines[i].text) for i in range(flow.first[node], flow.last[node])):
                dropped.update(range(flow.first[node], flow.last[node]))
                node = flow.end[node]
                continue
        node += 1
    return [i for i in indices if i not in dropped] if dropped else indices


def _without_head(lines: list[Line], indices: list[int], title: str) -> list[int]:
    cut = 0
    for place, i in enumerate(indices[:HEAD_LINES]):
        line = lines[i]
        if _is_head(line, title):
            cut = place + 1
        elif is_prose(line) and (line.stops > 2 or line.chars > 60):
            break
    return indices[cut:]


def _is_head(line: Line, title: str) -> bool:
    text = line.text
    if is_control(text) or (len(text) < 120 and POSITION.match(text)):
        return True
    if is_info(line) and not text.startswith(("附件", "一、")):
        return True
    if line.links > 0.5 * line.chars and line.chars < 80 and not ATTACHMENT.search(text):
        return True
    same = folded(text) if title and len(text) < 200 else ""
    return bool(same) and (same == title or (len(same) >= 4 and same in title and len(same) > 0.5 * len(title)))


def _without_tail(lines: list[Line], indices: list[int]) -> list[int]:
    before, total = 0, sum(_prose_chars(lines[i]) for i in indices)
    for place, i in enumerate(indices):
        line = lines[i]
        if place and len(line.text) < 60 and (TAIL.match(line.text) or (FOOTER.search(line.text) and line.stops < 6)):
            after = total - before
            if after < 0.35 * total:
                indices = indices[:place]
                break
        before += _prose_chars(line)
    while indices and _is_trailing(lines[indices[-1]]):
        indices.pop()
    return [i for i in indices if not CREDIT.match(lines[i].text)]


def _prose_chars(line: Line) -> int:
    return line.chars if line.chars > 40 and line.links < 0.3 * line.chars and line.text.endswith(SENTENCE_END) else 0


def _is_trailing(line: Line) -> bool:
    text = line.text
    if ATTACHMENT.search(text):
        return False
    return bool(
        line.links > 0.6 * line.chars
        or CREDIT.match(text)
        or is_control(text)
        or (len(text) < 40 and TAIL.match(text))
        or (len(text) < 100 and FOOTER.search(text))
    )
