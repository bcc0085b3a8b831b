"""The headline: which line of the page, which meta, which list row says it.

Agreement decides: a line counts more if <title> begins with it, if the ArticleTitle meta or the list row equals it, if
it is a heading, if date and source stand below it, if the body follows.  A page that shows none takes the row's title.
Used by pipelines.extract; the line found is also the anchor from which bodies without running text are found.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.fields import Metas
from pipelines.flow import HEADINGS, INLINE, Flow, Line
from pipelines.vocabulary import DATE_HINT, DATED, INFO, POSITION, SOFT_TAIL, TAIL, folded, says_info, says_when

SEPARATOR = re.compile(
    r"\s*[_|｜]+\s*|\s+[-–—·:：]+\s+|\s*(?:--+|——+|::|>>|»|<<|«|→)\s*"
    r"|(?<=[\u3400-\u9fff”》）)!！?？\d])\s*[-–]\s*(?=[\u3400-\u9fff])|\s+[-–—]\s+(?=[A-Z])"
)
TITLE_MARK = re.compile(
    r"title|headline|biaoti|(?<![a-z])bt(?![a-z])|(?<![a-z])tit(?![a-z])|heading|subject|xl_?bt", re.I
)
LIST_MARK = re.compile(r"related|recommend|hot|rank|side|foot|nav|logo|header|comment", re.I)
NOT_TITLE = re.compile(
    r"^(?:首页|正文|新闻中心|详情|.{0,8}(?:来源|发布时间|发布日期|日期|字体|浏览|打印|电话|地址)[:：])"
)
AFTER_TITLE = re.compile(
    rf"[(（\[【\s]*(?:(?:发布|更新)?(?:时间|日期)\s*[:：]?)?\s*(?:{DATE_HINT})[)）\]】\s]*|[\W\d_]*"
)
CUT = re.compile(f"{DATE_HINT}|{INFO.pattern}")
ABOVE = 12  # a headline stands at most so many lines above the body, or is a heading
SURE, LIKELY = 9.0, 4.0
META_SURE = 12  # letters of a line that is the ArticleTitle meta to the last sign: nothing more is needed
HEADED, HEADED_FROM = 4.0, 6.0
METAS_LESS = 8.0  # a line with less loses against an ArticleTitle meta that says something else


@dataclass(frozen=True, slots=True)
class Title:
    """text is None if page and row show none.  line: where it stands, -1 = nowhere.  score: see SURE."""

    text: str | None
    line: int
    origin: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Spoken:
    """What speaks for a headline besides the lines themselves, folded for comparison."""

    head: str  # <title>
    meta: str  # ArticleTitle
    social: str  # og:title
    row: str
    names: frozenset[str]  # site, columns: never headlines

    @classmethod
    def of(cls, metas: Metas, row: str | None, names: frozenset[str]) -> "Spoken":
        head, meta, social = (folded(text) for text in (metas.title, metas["articletitle"], metas["og:title"]))
        return cls(
            head, meta if meta not in names else "", social if social not in names else "", folded(row or ""), names
        )


def title_of(flow: Flow, start: int, metas: Metas, row: str | None, names: frozenset[str]) -> Title:
    """start: first line of the likely body, -1 = unknown; row: the list row's title; names: folded, of site and columns."""
    spoken = Spoken.of(metas, row, names)
    firsts = {text[0] for text in (metas.title, metas["articletitle"], row) if text}
    best, best_score, best_tag = -1, 0.0, ""
    tags, parents, marks = flow.tags, flow.parents, flow.marks
    for i, line in enumerate(flow.lines):
        text = line.text
        if line.hidden or not 2 <= len(text) <= 200:
            continue
        block = line.node
        while block > 0 and tags[block] in INLINE:
            block = parents[block]
        tag = tags[block]
        if tag not in HEADINGS:
            tag = tags[parents[block]]
            if tag not in HEADINGS:
                tag = ""
                if line.links > 0.4 * line.chars:
                    continue
        near = 0 <= start - i <= ABOVE or 0 < i - start <= 3
        if not (tag or near or text[0] in firsts or is_marked(marks[block])):
            continue
        same, whole = folded(text), folded(_heading(flow, i, spoken))
        score = _score(flow, i, same, tag, spoken, near)
        if whole != same:
            score = max(score, _score(flow, i, whole, tag, spoken, near))
        if near:
            score += 1.5
        elif start >= 0 and i > start and same not in (spoken.meta, spoken.row) and whole != spoken.meta:
            score -= 4
        # A heading with its date below outweighs a later line that only repeats <title>: the site's name as signature.
        ahead = HEADED if best_tag and best_score >= HEADED_FROM and not tag else 0.0
        if score > best_score + ahead and not (best_score > 3 and same == folded(flow.lines[best].text)):
            best, best_score, best_tag = i, score, tag
    if spoken.meta and best >= 0 and best_score < METAS_LESS and folded(flow.lines[best].text) not in spoken.meta:
        return _without_line(metas, row, spoken)
    if best >= 0 and best_score >= 3 and len(spoken.meta) > 12:
        shown = folded(_heading(flow, best, spoken))
        if shown != spoken.meta and spoken.meta.startswith(shown) and len(shown) >= 8:
            return Title(metas["articletitle"], best, "meta:ArticleTitle", best_score)  # the page prints it in pieces
    if best >= 0 and best_score >= 3:
        return Title(_whole(_heading(flow, best, spoken), row), best, "line", best_score)
    return _without_line(metas, row, spoken)


def _score(flow: Flow, i: int, same: str, tag: str, spoken: Spoken, near: bool) -> float:
    line = flow.lines[i]
    if len(same) < 2 or same in spoken.names or NOT_TITLE.match(line.text) or POSITION.match(line.text):
        return -1.0
    score = min(len(same), 30) / 60 + {"h1": 4.0, "h2": 3.0, "h3": 2.5, "": 0.0}.get(tag, 1.0)
    if same == spoken.head:
        score += 7
    elif len(same) >= 4 and spoken.head.startswith(same):
        score += 5 + min(len(same), 20) / 20
    elif len(same) >= 8 and same in spoken.head:
        score += 3
    elif len(spoken.head) >= 8 and same.startswith(spoken.head[:24]):
        score += 4
    if spoken.meta and same == spoken.meta:
        score += 7.5 if len(same) < META_SURE else SURE
    if len(spoken.social) > 3 and (same == spoken.social or (len(same) > 6 and spoken.social.startswith(same))):
        score += 4
    if len(spoken.row) >= 4 and (same == spoken.row or same.startswith(spoken.row)):
        score += 7
    block = flow.block(line.node)
    around = flow.marks[flow.parents[block]]
    if is_marked(flow.marks[block]) or is_marked(around):
        score += 1.5
    if is_listed(flow.marks[block]) or is_listed(around):
        score -= 1.5
    if line.links > 0.4 * line.chars:
        score -= 5
    if score < 1.5 and not near:
        return score  # nothing speaks for it: the rest cannot lift it to a headline
    if TAIL.match(line.text) or SOFT_TAIL.match(line.text) or (says_info(line.text) and says_when(line.text)):
        score -= 4
    if len(same) < 5:
        score -= 1
    if line.text.endswith(("。", "；", "，")):
        score -= 3
    return score + _information_below(flow, i, bare=score >= 2)


@lru_cache(maxsize=8192)
def is_marked(mark: str) -> bool:
    return bool(mark) and TITLE_MARK.search(mark) is not None


@lru_cache(maxsize=8192)
def is_listed(mark: str) -> bool:
    return bool(mark) and LIST_MARK.search(mark) is not None


def _information_below(flow: Flow, i: int, *, bare: bool) -> float:
    """A headline has date and source below it, within a few lines.  bare: a date without label counts too."""
    for below, line in enumerate(flow.lines[i + 1 : i + 5]):
        text = line.text
        if not line.hidden and (
            (len(text) < 160 and says_info(text)) or (bare and len(text) < 40 and DATED.search(text))
        ):
            return 3.0 if below == 0 else 2.0
        if line.stops > 4:
            break
    return 0.0


def _heading(flow: Flow, i: int, spoken: Spoken) -> str:
    """The line, with the other lines of its block if together they are the headline (<br> inside <h1>)."""
    block = flow.block(flow.lines[i].node)
    around = flow.lines[flow.first[block] : flow.last[block]]
    texts = (
        [
            line.text
            for line in around
            if not line.links and not AFTER_TITLE.fullmatch(line.text) and not says_info(line.text)
        ]
        if len(around) > 1
        else []
    )
    if 1 < len(texts) <= 4 and sum(map(len, texts)) <= 200:
        same = folded("".join(texts))
        if flow.tags[block] in HEADINGS or same in (spoken.meta, spoken.row, spoken.social) or same in spoken.head:
            return "".join(joined(texts))
    text = _without_information(flow.lines[i])
    begin = folded(text)[:6]  # the pattern is dear: only where what it leaves can be the headline
    if begin in (spoken.head[:6], spoken.meta[:6], spoken.row[:6]) and (after := CUT.search(text)):
        shorter = text[: after.start()].strip(" (（[【|-")
        if len(folded(shorter)) >= 6 and (
            spoken.head.startswith(folded(shorter)) or folded(shorter) in (spoken.meta, spoken.row)
        ):
            return shorter
    return text


def _without_information(line: Line) -> str:
    """The line without a date or counter in an element of its own at its end: <h2>headline <small>2024-05-11</small>."""
    parts = [" ".join(part.split()) for part in line.parts]
    while len(parts) > 1 and (not parts[-1] or AFTER_TITLE.fullmatch(parts[-1])):
        parts.pop()
    shorter = " ".join("".join(line.parts[: len(parts)]).split())
    return shorter if len(parts) < len(line.parts) and len(folded(shorter)) >= 4 else line.text


def joined(texts: list[str]) -> list[str]:
    """Parts of a headline with a space between them unless both neighbours are Chinese."""
    parts = texts[:1]
    for text in texts[1:]:
        parts += [text] if ord(parts[-1][-1]) > 0x2E80 and ord(text[0]) > 0x2E80 else [" ", text]
    return parts


def _whole(text: str, row: str | None) -> str:
    """The page's line; the row's text if the page cuts it short."""
    if row and text.endswith(("…", "...")) and folded(row).startswith(folded(text)) and len(row) > len(text):
        return row
    return text


def _without_line(metas: Metas, row: str | None, spoken: Spoken) -> Title:
    if spoken.meta:
        return Title(metas["articletitle"], -1, "meta:ArticleTitle")
    if row and len(spoken.row) >= 2:
        return Title(row, -1, "row")
    parts = [part.strip() for part in SEPARATOR.split(metas.title) if part and folded(part)]
    parts = [part for part in parts if folded(part) not in spoken.names]
    if not parts:
        return Title(None, -1, "none")
    text = parts[0] if len(parts[0]) >= 6 or len(parts) == 1 else max(parts[:2], key=len)
    return Title(text, -1, "head")
