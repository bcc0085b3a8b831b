"""Bodies without running text: what stands below a sure headline, and when to prefer that to a longer text elsewhere.

A picture, a film, an attachment or two sentences are an honest body; the foot of the page, a dialog and the teasers of
other articles are not, however well they are punctuated.
"""

import re

from pipelines.clean import HEAD_LINES, Body
from pipelines.flow import Flow
from pipelines.linekinds import ATTACHMENT, is_aside, is_control, is_info, is_prose
from pipelines.media import picture_of
from pipelines.tail import furniture
from pipelines.title import Title
from pipelines.vocabulary import (
    POSITION,
    SOFT_TAIL,
    TAIL,
    folded,
    is_footer,
)

ATTACHMENT_LABEL = re.compile(r"^\W*附\s?件|^\W*相关附件|^\W*附：")
STRONG = 12.0  # score of a container that long lists of links above it do not part from the headline
TABLE_CELLS, TABLE_CHARS = 6, 60  # of a body that is nothing but a table
STRONGEST = 150.0  # ... and nothing but a film does


def anchored_body(flow: Flow, title: Title) -> Body:
    """The article below a sure headline whose page has no running text there: a picture, a film, a few words."""
    lines = flow.lines
    low = _below_headline(flow, title)
    container = flow.block(lines[title.line].node)
    while flow.parents[container] > 0 and not _holds_more(flow, container, low):
        container = flow.parents[container]
    high, linked = flow.last[container], 0
    for i in range(low, high):
        line = lines[i]
        linked = linked + 1 if line.links > 0.6 * line.chars and not ATTACHMENT.search(line.text) else 0
        if (
            TAIL.match(line.text)
            or SOFT_TAIL.match(line.text)
            or is_footer(line.text)
            or POSITION.match(line.text)
            or linked > 3
        ):
            high = i - max(0, linked - 1)
            break
    dropped = furniture(flow, container, low, high)
    kept = [i for i in range(low, high) if not lines[i].hidden and i not in dropped and not is_aside(lines[i].text)]
    if all(ATTACHMENT_LABEL.match(lines[i].text) for i in kept):
        kept = []
    return Body(container, kept, low, max(low, high), "anchor")


def _below_headline(flow: Flow, title: Title) -> int:
    """First line after the headline's further lines, date, source and controls; a picture ends them."""
    low, whole = title.line + 1, folded(title.text or "")
    shown = {flow.first[media] for media in flow.media if flow.first[media] >= low and _is_shown(flow, media)}
    while low < len(flow.lines) and low not in shown and len(flow.lines[low].text) > 1:
        if folded(flow.lines[low].text) not in whole:
            break
        low += 1
    for i in range(low, min(len(flow.lines), low + HEAD_LINES)):
        line = flow.lines[i]
        if line.hidden:
            continue
        if i in shown:
            break
        heads_column = line.cell >= 0 and line.text.isalpha()  # 文号 in the first row of a table
        if (is_info(line) and not heads_column) or is_control(line.text):
            low = i + 1
        elif i - low >= 2 or is_prose(line):
            break
    return low


def _is_shown(flow: Flow, media: int) -> bool:
    """A film, or a picture that is content and no link."""
    if flow.tags[media] != "img":
        return True
    return (
        "a" not in (flow.tags[node] for node in flow.path(media)[:3]) and picture_of(flow.attributes[media]) is not None
    )


def says_something(flow: Flow, body: Body) -> bool:
    """Whether a sentence, a picture or a table of data stands in the body."""
    if any(is_prose(flow.lines[i]) for i in body.kept) or any(_media(flow, body)):
        return True
    cells = {
        line.cell: line.chars for line in map(flow.lines.__getitem__, body.kept) if line.cell >= 0 and not line.links
    }
    return len(cells) >= TABLE_CELLS and sum(cells.values()) >= TABLE_CHARS


def shows_film(flow: Flow, body: Body) -> bool:
    return any(flow.tags[media] != "img" for media in _media(flow, body))


def _media(flow: Flow, body: Body) -> list[int]:
    box, low, high = body.container, body.low, body.high
    return [m for m in flow.media if box < m < flow.end[box] and low <= flow.first[m] <= high and _is_shown(flow, m)]


def _holds_more(flow: Flow, node: int, low: int) -> bool:
    if any(not flow.lines[i].hidden for i in range(low, flow.last[node])):
        return True
    return any(
        node < media < flow.end[node] and flow.first[media] >= low and _is_shown(flow, media) for media in flow.media
    )


def is_detached(flow: Flow, container: int, score: float, title: Title) -> bool:
    """Whether a container cannot be the body of a sure headline: an end of the page, or long lists, lie between."""
    start = flow.first[container]
    if title.line >= start:
        return title.line >= flow.last[container]
    linked = most = 0
    for i in range(title.line + 1, start):
        line = flow.lines[i]
        if line.hidden:
            continue
        linked = linked + 1 if line.links > 0.6 * line.chars else 0
        most = max(most, linked)
        if TAIL.match(line.text) or (len(line.text) < 100 and is_footer(line.text)):
            return True
    return most > 8 and score < STRONG
