"""The headline: which line of the page, which meta, which list row says it.

Agreement decides: a line counts more if <title> begins with it, if the ArticleTitle meta or the list row equals it, if it
is a heading, if it stands right above the body.  A page without any (seed 003) takes the row's title.
"""

import re
from dataclasses import dataclass

from pipelines.clean import folded
from pipelines.flow import HEADINGS, Flow
from pipelines.vocabulary import POSITION

SEPARATOR = re.compile(r"\s*[_|｜]+\s*|\s+[-–—·:：]+\s+|\s*(?:--+|——+|::|>>|»|<<|«|→)\s*|(?<=[\u3400-\u9fff”》）)!！?？\d])\s*-\s*(?=[\u3400-\u9fff])|(?<=[a-z])\s+[-–—]\s+(?=[A-Z])")
TITLE_MARK = re.compile(r"title|headline|biaoti|\bbt\b|_bt\b|\btit\b|_tit|tit\d|heading|subject|^h1|xl_tit|arc_?tit", re.I)
NOT_TITLE = re.compile(r"^(?:首页|正文|新闻中心|详情|.{0,8}(?:来源|发布时间|发布日期|日期|字体|浏览|打印)[:：]|.{0,3}位置[:：])")
WINDOW = 60  # lines above the body that may hold the headline


@dataclass(frozen=True, slots=True)
class Title:
    text: str | None
    line: int  # line of the page it stands in, -1 = none
    origin: str


def title_of(flow: Flow, start: int, metas: dict[str, str], row: str | None, site_names: frozenset[str]) -> Title:
    """start: first line of the body (headline lines stand above it); site_names: folded names of site and columns."""
    head = metas.get("<title>", "")
    head_folded, meta, row_folded = folded(head), metas.get("articletitle", ""), folded(row or "")
    meta_folded = folded(meta)
    og = folded(metas.get("og:title", ""))
    best, best_score = -1, 0.0
    for i in range(max(0, start - WINDOW), min(len(flow.lines), start + 4)):
        line = flow.lines[i]
        text = line.text
        if not 2 <= len(text) <= 200 or NOT_TITLE.match(text) or POSITION.match(text):
            continue
        block = flow.block(line.node)
        tags = {flow.tags[n] for n in flow.path(block)[:2]} & HEADINGS
        mark = flow.marks[block] + " " + (flow.marks[flow.parents[block]] if flow.parents[block] >= 0 else "")
        marked = bool(TITLE_MARK.search(mark))
        near = start - 12 <= i
        if not (tags or marked or near or text[0] in head):
            continue
        same = folded(text)
        if len(same) < 2 or same in site_names:
            continue
        score = 0.0
        if same == head_folded:
            score += 7
        elif len(same) >= 4 and head_folded.startswith(same):
            score += 5 + min(len(same), 20) / 20
        elif len(same) >= 6 and same in head_folded:
            score += 3
        elif len(head_folded) >= 8 and same.startswith(head_folded[:20]):
            score += 4
        if meta_folded and same == meta_folded:
            score += 6
        if og and (same == og or (len(same) > 6 and og.startswith(same))):
            score += 4
        if len(row_folded) >= 4 and (same == row_folded or same.startswith(row_folded.rstrip(".…"))):
            score += 6
        if tags:
            score += {"h1": 4, "h2": 3, "h3": 2.5}.get(min(tags), 1)
        if marked:
            score += 1.5
        if line.links > 0.5 * line.chars:
            score -= 5
        if near:
            score += 1
        if len(same) < 5:
            score -= 1
        score += min(len(same), 30) / 60
        if score > best_score:
            best, best_score = i, score
    if best >= 0 and best_score >= 3:
        return Title(flow.lines[best].text, best, "heading")
    if meta and meta_folded not in site_names:
        return Title(meta, -1, "meta:ArticleTitle")
    if row and len(row_folded) >= 2:
        return Title(row, -1, "row")
    return _from_head(head, site_names)


def _from_head(head: str, site_names: frozenset[str]) -> Title:
    parts = [part for part in SEPARATOR.split(head) if part and part.strip()]
    parts = [part for part in parts if folded(part) not in site_names] or []
    if not parts:
        return Title(None, -1, "none")
    first = parts[0].strip()
    return Title(first if len(first) >= 6 or len(parts) == 1 else max(parts, key=len).strip(), -1, "title")
