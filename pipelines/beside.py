"""What stands beside the text: a summary, captions of pictures, the articles before and after.

Only where the page says so: a labelled block, a description written for this article, a caption's own words or element,
a link behind 上一篇 or 下一篇.  A description that is the beginning of the text cut off, or the site's, is none.
"""

import re
from html import unescape
from urllib.parse import urlsplit

from pipelines.decode import Document
from pipelines.fields import Metas
from pipelines.flow import Flow, Line, stops_in
from pipelines.media import Area, picture_of
from pipelines.vocabulary import folded

SUMMARY = re.compile(
    r"^[\s【\[（(]*(?:内容|文章|新闻|核心)?(?:摘\s?要|提\s?要|提示|導讀|导\s?读|导\s?语|abstract|summary)[\s】\]）)]*[:：】\]]\s*(?=\S)",
    re.I,
)
SUMMARY_LINES = 4  # of the text that are looked at: a summary opens it
LEAST, MOST = 20, 500  # characters of a summary
SHARED = 0.6  # of a description's pairs of characters that the text must hold: the site's own holds far fewer
CAPTION = re.compile(
    r"^[\s（(\[【]*(?:[▲△↑▼◆]|图(?:为|中|片说明|片来源|注|[\d一二三四五六七八九十]|\s?[:：])|資料圖|资料图|(?:photo|image|picture|foto)\s?(?:by\b|credit|:))"
    r"|(?:[\s/／]摄|(?<=[\u4e00-\u9fff])摄影|供图|摄)[\s)）\]】]*[。.]?$",
    re.I,
)
CAPTION_CHARS = 120
NEIGHBOUR_CHARS, LABEL_AT = 240, 8
LABELS = frozenset("上下前后")
PREVIOUS = re.compile(
    r"(?:上\s?一?\s?[篇条则]|前一[篇条则]|上一(?:个(?=\s?[:：])|主题|新闻|文章))(?!的)|prev(?:ious)?\s(?:post|article|story)|^\W*previous\s?[:：]",
    re.I,
)
NEXT = re.compile(
    r"(?:下\s?一?\s?[篇条则]|后一[篇条则]|下一(?:个(?=\s?[:：])|主题|新闻|文章))(?!的)|next\s(?:post|article|story)|^\W*next\s?[:：]",
    re.I,
)
NOWHERE = re.compile(r"^\W*(?:没有了?|沒有了?|无|暂无|已[是经].{0,12}|none|返回.{0,6}|列表)\W*$", re.I)


def summary_of(
    lines: list[Line], metas: Metas, labelled: str | None, title: str | None, text: str | None
) -> str | None:
    """lines: of the head and the beginning of the text.  labelled: what the block of document fields calls one."""
    if labelled and LEAST <= len(labelled) <= MOST:
        return labelled
    for line in lines:
        label = SUMMARY.match(line.text)
        if label and LEAST <= len(line.text) - label.end() <= MOST:
            return line.text[label.end() :]
    for said in map(unescape, (metas["description"], metas["og:description"])):  # some CMSs escape it twice
        if not (LEAST <= len(said) <= MOST and text and stops_in(said)) or said[: len(said) // 2] in text:
            continue
        if _is_of_its_own(said, title or "", folded(text)):
            return said
    return None


def _is_of_its_own(description: str, title: str, text: str) -> bool:
    """Whether a description speaks of this text and is neither its headline nor a piece of it."""
    said = folded(description).replace(folded(title), "") if title else folded(description)
    begin = said[: len(said) // 2]
    if len(said) < LEAST // 2 or begin in text:
        return False
    pairs = [said[i : i + 2] for i in range(len(said) - 1)]
    return sum(pair in text for pair in pairs) >= SHARED * len(pairs)


def captions_of(flow: Flow, area: Area, container: int, high: int, document: Document) -> dict[str, str]:
    """Address of a picture -> its caption; of pictures in a row the one that the caption follows."""
    found: dict[int, tuple[str, str]] = {}  # by line: the last picture before it has it
    for node in flow.media:
        i = flow.first[node]
        if not (container < node < flow.end[container] and flow.tags[node] == "img" and area.low <= i <= high):
            continue
        address, said = picture_of(flow.attributes[node]), _figure(flow, node)
        if said is None and i < min(high, len(flow.lines)):
            line = flow.lines[i]
            shown = not line.hidden and line.chars <= CAPTION_CHARS and not line.links
            said = (i, line.text) if shown and CAPTION.search(line.text) else None
        if address and said:
            found[said[0]] = (document.absolute(address), said[1])
    return dict(found.values())


def _figure(flow: Flow, node: int) -> tuple[int, str] | None:
    """Line and text of the <figcaption> of the <figure> around a picture."""
    figure = next((one for one in flow.path(node)[1:5] if flow.tags[one] == "figure"), -1)
    if figure < 0:
        return None
    for one in range(figure + 1, flow.end[figure]):
        if flow.tags[one] == "figcaption":
            text = " ".join(line.text for line in flow.lines[flow.first[one] : flow.last[one]] if not line.hidden)
            return (flow.first[one], text) if text else None
    return None


def neighbours_of(flow: Flow, start: int, document: Document) -> tuple[str | None, str | None]:
    """Addresses of the article before and the one after, as the links below the text say.  start: first line of it."""
    links: dict[int, list[int]] = {}
    for anchor in flow.anchors:
        if flow.first[anchor] >= start:
            links.setdefault(flow.first[anchor], []).append(anchor)
    previous = following = None
    for i in range(max(0, start), len(flow.lines)):
        text = flow.lines[i].text
        if len(text) > NEIGHBOUR_CHARS or (LABELS.isdisjoint(text[:LABEL_AT]) and not text.isascii()):
            continue
        before, after = PREVIOUS.search(text), NEXT.search(text)
        if min((found.start() for found in (before, after) if found), default=LABEL_AT) >= LABEL_AT:
            continue  # in the middle of a line it is a sentence that speaks of one
        anchors = links.get(i) or _below(flow, i, links)
        for named, anchor in _shared_out(flow, before, after, anchors):
            address = _address(flow, anchor, document)
            previous = previous or (address if named == "previous" else None)
            following = following or (address if named == "next" else None)
    return previous, following


def _below(flow: Flow, i: int, links: dict[int, list[int]]) -> list[int]:
    """Links of the next line, where the label stands in a line of its own."""
    alone = i + 1 < len(flow.lines) and len(flow.lines[i].text) <= 8
    below = flow.lines[i + 1].text if alone else ""
    return links.get(i + 1, []) if below and not PREVIOUS.search(below) and not NEXT.search(below) else []


def _shared_out(
    flow: Flow, before: re.Match[str] | None, after: re.Match[str] | None, anchors: list[int]
) -> list[tuple[str, int]]:
    """Which link is which.  Both labels on one line need two links, or links that say it themselves."""
    if not (before and after):
        return [("previous" if before else "next", anchors[0])] if anchors else []
    said = [(flow.text(anchor), anchor) for anchor in anchors]
    own = [("previous", anchor) for text, anchor in said if PREVIOUS.search(text)]
    own += [("next", anchor) for text, anchor in said if NEXT.search(text)]
    if own or len(anchors) != 2:
        return own
    order = ("previous", "next") if before.start() < after.start() else ("next", "previous")
    return list(zip(order, anchors, strict=True))


def _address(flow: Flow, anchor: int, document: Document) -> str | None:
    """Absolute address of a link to another page of the same host."""
    href = (flow.attributes[anchor].get("href") or "").strip()
    if not href or href.startswith("#") or NOWHERE.match(flow.text(anchor)):
        return None
    url = document.absolute(href)
    try:
        same = urlsplit(url).netloc == urlsplit(document.url).netloc
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) and same and url != document.url else None
