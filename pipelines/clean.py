"""Lines of the container -> the lines that are the article: head and tail grammar.

A container that leaves the headline and the line of date and source outside is trusted: only what can be nothing but
page furniture goes.  One that holds them is cut by the grammar: headline, breadcrumb, information, controls above;
credits, share bars, previous and next, related lists, notices, the foot of the site below.
"""

import re
from dataclasses import dataclass

from pipelines.docfields import is_doc_line
from pipelines.flow import Flow, Line
from pipelines.media import picture_of
from pipelines.title import LIKELY, Title
from pipelines.vocabulary import (
    BUTTONS,
    BYLINE,
    CONTROLS,
    CREDIT,
    DATE_HINT,
    FOOTER,
    INFO,
    NOTICE,
    PAGER,
    POSITION,
    SIGNS,
    SOFT_TAIL,
    TAIL,
    WEAK_INFO,
    WEST_DATE,
    folded,
    is_against,
)

ATTACHMENT = re.compile(r"附\s?[件表图录]|附：|附:|\.(?:pdf|docx?|xlsx?|zip|rar|wps|et|ofd|pptx?|txt|csv|7z)\b", re.I)
ATTACHMENT_LABEL = re.compile(r"^\W*附\s?件|^\W*相关附件|^\W*附：")
FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|rar|wps|et|ofd|pptx?|txt|csv|7z|ceb)(?:$|[?#])|download|downfile|attach", re.I
)
STRONG = 12.0  # score of a container that long lists of links above it do not part from the headline
STRONGEST = 150.0  # ... and nothing but a film does
HEADLINE = re.compile(
    r"^(?!附|[（(]?[\d一二三四五六七八九十]{1,3}[、.．)）]|.{0,10}(?:联系人?|电话|地址|邮箱|传真|网址|时间|日期)\s*[:：]|.*\d{7}|\d{4}年\d{1,2}月\d{1,2}日$).*[\u4e00-\u9fff]"
)
NUMBERED = re.compile(r"^\W*(?:\d{1,2}|[一二三四五六七八九十]+)[.、．)）]|^《|^附")
TITLE_LINES = 5
CONTROL_CHARS = 90
LISTED = 3  # so many lines of nothing but links at the end are a list of other articles
HEAD_LINES = 14  # the head never reaches further into the container
SENTENCE_END = ("。", "！", "？", "”", "!", "?", ".", "；", ";", "：", ":", "…")
DATES = re.compile(f"{DATE_HINT}|{WEST_DATE}", re.I)
BLOCKS = frozenset(["div", "ul", "ol", "table", "dl", "section", "nav", "aside", "footer", "header", "form"])


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


def is_control(text: str) -> bool:
    """A line that consists of page controls only: 【字体：大 中 小】 打印 关闭, 浏览次数：12."""
    if len(text) > CONTROL_CHARS or text.endswith("。"):
        return False
    words = SIGNS.sub("", text)
    rest = CONTROLS.sub("", words)
    return len(rest) < len(words) and len(rest) <= (0 if len(words) < 10 else 2)


def is_info(line: Line) -> bool:
    """A line of labels, dates and controls with little else: 来源：某局 发布时间：2024-05-01 【字体：大 中 小】."""
    text = line.text
    if len(text) > 240 or not (WEAK_INFO.search(text) or INFO.search(text) or BYLINE.match(text)):
        return False
    rest, labels = INFO.subn(" ", BYLINE.sub("", text))
    rest = CONTROLS.sub("", SIGNS.sub("", DATES.sub(" ", rest)))
    return len(rest) <= 10 if not labels else len(rest) <= 30 * labels and not text.endswith(("。", "！", "？"))


def is_aside(text: str) -> bool:
    """A line that may stand anywhere among the article's and is not part of it."""
    if len(text) > 160:
        return False
    return bool(CREDIT.match(text) or PAGER.match(text)) or is_control(text) or len(set(BUTTONS.findall(text))) > 1


def is_prose(line: Line) -> bool:
    return line.chars >= 20 and line.links < 0.5 * line.chars and line.stops >= 1


def body_of(flow: Flow, container: int, title: Title, origin: str, repeated: frozenset[str] = frozenset()) -> Body:
    """The article inside a container that was found by its running text, a profile or a rule.

    repeated: lines that stand on other pages of the site too; they go where they begin or end the text.
    """
    indices = [i for i in range(flow.first[container], flow.last[container]) if not flow.lines[i].hidden]
    headed = title.line >= 0 and _is_headed(flow, title.line, flow.first[container])
    low = _head_end(flow, container, indices, title, headed)
    high = _tail_start(flow, [i for i in indices if i >= low], flow.last[container], title, headed)
    within = [i for i in indices if low <= i < high]
    furniture = _furniture(flow, container, low, high)
    kept = [i for i in within if i not in furniture] or within  # a body may be nothing but a list of links
    kept = [i for i in kept if flow.lines[i].cell > container or not is_aside(flow.lines[i].text)]
    while kept and flow.lines[kept[-1]].text in repeated:
        kept.pop()
    while kept and flow.lines[kept[0]].text in repeated:
        kept.pop(0)
    kept = _without_copy(flow.lines, kept)
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
        elif is_info(line) and (not headed or INFO.search(text)) and (INFO.search(text) or i - since <= 4):
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


def _tail_start(flow: Flow, indices: list[int], end: int, title: Title, headed: bool) -> int:
    """First line that follows the article inside the container.  headed: the headline block stands outside."""
    same_title = folded(title.text or "")
    lines = flow.lines
    prose = [lines[i].chars if _runs(lines[i]) else 0 for i in indices]
    own = [
        0 if NOTICE.search(line.text) or 5 * line.links > 2 * line.chars else line.chars
        for line in map(lines.__getitem__, indices)
    ]
    after, after_own = sum(prose), sum(own)
    total, total_own = max(1, after), max(1, after_own)
    cut = len(indices)
    for place, i in enumerate(indices):
        text = lines[i].text
        after -= prose[place]
        after_own -= own[place]
        if len(text) > 100 and not FOOTER.search(text):
            continue
        if TAIL.match(text) or (FOOTER.search(text) and lines[i].stops < 8):
            ends = after < 0.5 * total
        else:
            ends = (
                bool(SOFT_TAIL.match(text))
                and len(text) < 60
                and after_own < 0.2 * total_own
                and (len(text) < 14 or not after)
            )
        if ends and (place or TAIL.match(text)):
            cut = place
            break
    kept = cut
    while kept and _is_trailing(lines[indices[kept - 1]], same_title, headed):
        kept -= 1
    links = kept
    while (
        links
        and 5 * lines[indices[links - 1]].links > 4 * lines[indices[links - 1]].chars
        and not _links_file(flow, indices[links - 1])
    ):
        links -= 1
    numbered = sum(bool(NUMBERED.match(lines[i].text)) for i in indices[links:kept])
    if kept - links >= LISTED and 2 * numbered < kept - links:
        kept = links
    return indices[kept] if kept < len(indices) else end


def _links_file(flow: Flow, i: int) -> bool:
    anchors = [flow.elements[a] for a in flow.anchors if flow.first[a] == i]
    return bool(ATTACHMENT.search(flow.lines[i].text)) or any(FILE.search(a.get("href") or "") for a in anchors)


def _runs(line: Line) -> bool:
    return line.chars > 30 and line.links < 0.3 * line.chars and line.text.endswith(SENTENCE_END)


def _is_trailing(line: Line, same_title: str, headed: bool) -> bool:
    text = line.text
    if is_aside(text):
        return True
    if ATTACHMENT.search(text):
        return False
    if is_info(line) and INFO.search(text) and (not headed or BUTTONS.search(text)):
        return True  # below its own headline block a line 来源：… is the author's
    if len(text) < 40 and SOFT_TAIL.match(text):
        return True
    # The headline again with date and counter: 某某通知 2024-05-11 本文被阅读 12 次.
    return (
        len(text) < len(same_title) + 60
        and bool(same_title)
        and same_title in folded(text)
        and bool(DATES.search(text))
    )


def _furniture(flow: Flow, container: int, low: int, high: int) -> set[int]:
    """Lines of blocks inside the container that class words or link share give away."""
    dropped: set[int] = set()
    total = max(1, flow.measure(container)[2])
    node = container + 1
    while node < flow.end[container]:
        a, b = flow.first[node], flow.last[node]
        if flow.tags[node] in BLOCKS and b > a and b > low and a < high:
            chars, links, stops = flow.measure(node)
            named = stops < 0.5 * total and is_against(flow.marks[node])
            listing = links > 0.65 * chars and stops < 0.2 * total and b - a > 2 and not _files(flow, node)
            if (named or listing) and not any(ATTACHMENT.search(flow.lines[i].text) for i in range(a, b)):
                dropped.update(range(a, b))
                node = flow.end[node]
                continue
        node += 1
    return dropped


def _files(flow: Flow, node: int) -> bool:
    """Whether an element links to files: a list of annexes is part of the article."""
    for anchor in flow.anchors:
        if node < anchor < flow.end[node] and FILE.search(flow.elements[anchor].get("href") or ""):
            return True
    return False


def _without_copy(lines: list[Line], kept: list[int]) -> list[int]:
    """Cut a second copy of the whole text (print or mobile version in the same element)."""
    seen: dict[str, int] = {}
    for place, i in enumerate(kept):
        text = lines[i].text
        if len(text) < 30:
            continue
        if seen.setdefault(text, place) == 0 and place > 1 and len(seen) > 1:
            rest = [lines[j].text for j in kept[place:] if len(lines[j].text) >= 30]
            if sum(one in seen for one in rest) > 0.8 * len(rest) and len(rest) > 1:
                return kept[:place]
    return kept


def foreign_headlines(lines: list[Line], title: str) -> int:
    """How many lines at the end are headlines of other articles that farms glue into the body without a link.

    Three or more in a row, of a headline's length, unfinished as sentences, after finished ones, and with few pairs of
    characters in common with headline and text before them (a signature or a list of annexes has many).
    """
    count = 0
    for line in reversed(lines):
        if (
            not 8 <= line.chars <= 45
            or line.links
            or line.cell > 0
            or not HEADLINE.match(line.text)
            or line.text.endswith(SENTENCE_END[:1])
        ):
            break
        count += 1
    if not LISTED <= count < len(lines) or not lines[-count - 1].text.endswith(SENTENCE_END[:4]):
        return 0
    body = folded(title + "".join(line.text for line in lines[:-count]))
    known = {body[i : i + 2] for i in range(len(body) - 1)}
    shares = []
    for line in lines[-count:]:
        same = folded(line.text)
        shares.append(sum(same[i : i + 2] in known for i in range(len(same) - 1)) / max(1, len(same) - 1))
    return count if max(shares) < 0.75 and sum(shares) < 0.5 * count else 0


def anchored_body(flow: Flow, title: Title) -> Body:
    """The article below a sure headline whose page has no running text there: a picture, a film, a few words."""
    lines = flow.lines
    low = _below_headline(flow, title.line)
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
            or FOOTER.search(line.text)
            or POSITION.match(line.text)
            or linked > 3
        ):
            high = i - max(0, linked - 1)
            break
    furniture = _furniture(flow, container, low, high)
    kept = [i for i in range(low, high) if not lines[i].hidden and i not in furniture and not is_aside(lines[i].text)]
    if all(ATTACHMENT_LABEL.match(lines[i].text) for i in kept):
        kept = []
    return Body(container, kept, low, max(low, high), "anchor")


def _below_headline(flow: Flow, title_line: int) -> int:
    """First line after the headline's date, source and controls; a picture ends them."""
    low = title_line + 1
    for i in range(low, min(len(flow.lines), low + HEAD_LINES)):
        line = flow.lines[i]
        if line.hidden:
            continue
        if any(flow.first[media] == i and _is_shown(flow, media) for media in flow.media):
            break
        if is_info(line) or is_control(line.text):
            low = i + 1
        elif i - low >= 2 or is_prose(line):
            break
    return low


def _is_shown(flow: Flow, media: int) -> bool:
    """A film, or a picture that is content and no link."""
    if flow.tags[media] != "img":
        return True
    return (
        "a" not in (flow.tags[node] for node in flow.path(media)[:3]) and picture_of(flow.elements[media]) is not None
    )


def says_something(flow: Flow, body: Body) -> bool:
    """Whether a sentence or a picture stands in the body."""
    return any(is_prose(flow.lines[i]) for i in body.kept) or any(_media(flow, body))


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
        if TAIL.match(line.text) or (len(line.text) < 100 and FOOTER.search(line.text)):
            return True
    return most > 8 and score < STRONG
