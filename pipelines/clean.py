"""Lines of the container -> the lines that are the article: the grammar of heads.

A container that leaves the headline and the line of date and source outside is trusted: only what can be nothing but
page furniture goes.  One that holds them is cut by the grammar: headline, breadcrumb, information, controls above;
credits, share bars, previous and next, related lists, notices, the foot of the site below (pipelines.tail).
"""

from dataclasses import dataclass

from pipelines.docfields import is_doc_line
from pipelines.flow import Flow, Line
from pipelines.linekinds import ATTACHMENT, DATES, is_aside, is_info, is_prose
from pipelines.tail import foreign_headlines, furniture, tail_start, without_copy
from pipelines.title import LIKELY, Title
from pipelines.vocabulary import (
    POSITION,
    SOFT_TAIL,
    TAIL,
    folded,
    is_against,
    says_info,
)

TITLE_LINES = 5
HEAD_LINES = 14  # the head never reaches further into the container


@dataclass(slots=True)
class Body:
    """container: its element.  kept: the article's lines.  low, high: lines [low, high) between head and tail.

    foreign: how many headlines of other articles were cut off its end.
    """

    container: int
    kept: list[int]
    low: int
    high: int
    origin: str
    foreign: int = 0


def body_of(flow: Flow, container: int, title: Title, origin: str, repeated: frozenset[str] = frozenset()) -> Body:
    """The article inside a container that was found by its running text, a profile or a rule.

    repeated: lines that stand on other pages of the site too; they go where they begin or end the text.
    """
    indices = [i for i in range(flow.first[container], flow.last[container]) if not flow.lines[i].hidden]
    headed = title.line >= 0 and _is_headed(flow, title.line, flow.first[container])
    low = _head_end(flow, container, indices, title, headed)
    high = tail_start(flow, [i for i in indices if i >= low], flow.last[container], title, headed)
    within = [i for i in indices if low <= i < high]
    dropped = furniture(flow, container, low, high)
    kept = [i for i in within if i not in dropped] or within  # a body may be nothing but a list of links
    kept = [i for i in kept if flow.lines[i].cell > container or not is_aside(flow.lines[i].text)]
    while kept and flow.lines[kept[-1]].text in repeated:
        kept.pop()
    while kept and flow.lines[kept[0]].text in repeated:
        kept.pop(0)
    kept = without_copy(flow.lines, kept)
    foreign = foreign_headlines([flow.lines[i] for i in kept], title.text or "")
    return Body(container, kept[: len(kept) - foreign], low, high, origin, foreign)


def widened(flow: Flow, container: int, title: Title) -> int:
    """Up from the container to the block beside the headline, while that adds text of the article only.

    Bodies are cut into sections and quotes; the block that stands beside headline and information holds them all.
    """
    if title.line < 0:
        return container
    headline = flow.lines[title.line].node
    parent = flow.parents[container]
    while parent > 0 and not parent <= headline < flow.end[parent] and _adds_text_only(flow, parent, container):
        container, parent = parent, flow.parents[parent]
    return container


def _adds_text_only(flow: Flow, parent: int, container: int) -> bool:
    if is_against(flow.marks[parent]):
        return False
    lines = flow.lines
    for i in range(flow.first[parent], flow.first[container]):
        line = lines[i]
        if not line.hidden and (line.links > 0.4 * line.chars or TAIL.match(line.text) or POSITION.match(line.text)):
            return False
    below, above = 0, flow.total_chars[flow.last[container]] - flow.total_chars[flow.first[parent]]
    for i in range(flow.last[container], flow.last[parent]):
        line = lines[i]
        if line.hidden:
            continue
        if TAIL.match(line.text) or SOFT_TAIL.match(line.text):
            break
        below += line.chars
        dated = line.chars < 60 and DATES.search(line.text) and line.chars > 14  # a comment's or a teaser's head
        if dated or (line.links > 0.4 * line.chars and not ATTACHMENT.search(line.text)):
            return False
    return 2 * below <= above


def _head_end(flow: Flow, container: int, indices: list[int], title: Title, headed: bool) -> int:
    """First line after the head."""
    lines, end = flow.lines, flow.first[container]
    same_title = folded(title.text or "")
    since = flow.first[container]
    stops = flow.total_stops
    above = stops[max(since, title.line)] - stops[since]
    if since <= title.line and title.score >= LIKELY and 5 * above <= stops[flow.last[container]] - stops[since]:
        # What stands above the headline is not the article.
        block = flow.block(lines[title.line].node)
        end = since = max(title.line + 1, flow.last[block] if flow.last[block] - title.line < TITLE_LINES else 0)
        indices = [i for i in indices if i >= end]
    for i in indices[:HEAD_LINES]:
        if i < end:
            continue
        line = lines[i]
        text = line.text
        if i == title.line or (not headed and _repeats(text, same_title)):
            end = since = i + 1
        elif is_aside(text) or (len(text) < 120 and POSITION.match(text)):
            end = i + 1
        elif is_doc_line(line):
            end = max(end, _block_end(flow, container, line))
        elif is_info(line) and (not headed or says_info(text)) and (says_info(text) or i - since <= 4):
            end = i + 1
        elif headed or (is_prose(line) and (line.stops > 2 or line.chars > 50)):
            break
    return end


def _is_headed(flow: Flow, title_line: int, start: int) -> bool:
    """Whether headline and information stand above the container, so that its first lines are text."""
    return any(not line.hidden and is_info(line) for line in flow.lines[title_line + 1 : start][:HEAD_LINES])


def _block_end(flow: Flow, container: int, line: Line) -> int:
    """First line after the table of document fields that a line stands in."""
    table = flow.block(line.node)
    for node in flow.path(table):
        if node <= container:
            break
        if flow.tags[node] in ("table", "dl", "ul"):
            return flow.last[node]
    return flow.last[table]


def _repeats(text: str, same_title: str) -> bool:
    same = folded(text) if same_title and len(text) < 200 else ""
    return same == same_title != "" or (len(same) >= 6 and same in same_title and 2 * len(same) > len(same_title))
