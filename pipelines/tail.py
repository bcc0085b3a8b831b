"""Where an article ends: tail marks, furniture inside the container, second copies, headlines of other stories.

A tail mark cuts only if little running text follows it, because articles also say 相关链接.
"""

import re

from pipelines.flow import Flow, Line
from pipelines.linekinds import ATTACHMENT, DATES, SENTENCE_END, is_aside, is_info, runs
from pipelines.title import Title
from pipelines.vocabulary import (
    BUTTONS,
    NOTICE,
    SOFT_TAIL,
    TAIL,
    folded,
    is_against,
    is_footer,
    says_info,
)

FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|rar|wps|et|ofd|pptx?|txt|csv|7z|ceb)(?:$|[?#])|download|downfile|attach", re.I
)
HEADLINE = re.compile(
    r"^(?!附|[（(]?[\d一二三四五六七八九十]{1,3}[、.．)）]|.{0,10}(?:联系人?|电话|地址|邮箱|传真|网址|时间|日期)\s*[:：]|.*\d{7}|\d{4}年\d{1,2}月\d{1,2}日$).*[\u4e00-\u9fff]"
)
NUMBERED = re.compile(r"^\W*(?:\d{1,2}|[一二三四五六七八九十]+)[.、．)）]|^《|^附")
LISTED = 3  # so many lines of nothing but links at the end are a list of other articles
BLOCKS = frozenset(["div", "ul", "ol", "table", "dl", "section", "nav", "aside", "footer", "header", "form"])


def tail_start(flow: Flow, indices: list[int], end: int, title: Title, headed: bool) -> int:
    """First line that follows the article inside the container.  headed: the headline block stands outside."""
    same_title = folded(title.text or "")
    lines = flow.lines
    prose = [lines[i].chars if runs(lines[i]) else 0 for i in indices]
    after = sum(prose)
    total = max(1, after)
    cut = len(indices)
    for place, i in enumerate(indices):
        text = lines[i].text
        after -= prose[place]
        foot = is_footer(text)
        if len(text) > 100 and not foot:
            continue
        marked = TAIL.match(text) is not None
        if marked or (foot and lines[i].stops < 8):
            ends = after < 0.5 * total
        else:
            ends = len(text) < 60 and (len(text) < 14 or not after) and bool(SOFT_TAIL.match(text))
            ends = ends and _is_nearly_over(lines, indices, place)
        if ends and (place or marked):
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


def _is_nearly_over(lines: list[Line], indices: list[int], place: int) -> bool:
    """Whether little of the article's own text stands behind a place: notices and lists of links are not its own."""
    own = [
        0 if 5 * lines[i].links > 2 * lines[i].chars or NOTICE.search(lines[i].text) else lines[i].chars
        for i in indices
    ]
    return sum(own[place + 1 :]) < 0.2 * max(1, sum(own))


def _links_file(flow: Flow, i: int) -> bool:
    hrefs = [flow.attributes[a].get("href") for a in flow.anchors if flow.first[a] == i]
    return bool(ATTACHMENT.search(flow.lines[i].text)) or any(FILE.search(href) for href in hrefs if href)


def _is_trailing(line: Line, same_title: str, headed: bool) -> bool:
    text = line.text
    if is_aside(text):
        return True
    if ATTACHMENT.search(text):
        return False
    if is_info(line) and says_info(text) and (not headed or BUTTONS.search(text)):
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


def furniture(flow: Flow, container: int, low: int, high: int) -> set[int]:
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
        if node < anchor < flow.end[node] and FILE.search(flow.attributes[anchor].get("href") or ""):
            return True
    return False


def without_copy(lines: list[Line], kept: list[int]) -> list[int]:
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
