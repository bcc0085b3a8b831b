"""What a page says of itself outside its text: metas, linked data, breadcrumb, site code, key words.

The government tag standard (国办发〔2017〕47号, annex: SiteName, SiteIDCode, ColumnName, ArticleTitle, PubDate,
ContentSource) is read case-insensitively, because vendors spell it so; template leftovers count as absent.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from pipelines.dom import Dom
from pipelines.flow import Flow, Line
from pipelines.vocabulary import POSITION, folded

LEFTOVER = re.compile(r"^(?:null|undefined|none|nan|\$\{.*|\{\{.*|<.*|\{@.*|\[an error.*|-+)$", re.I)
CRUMB_LABEL = re.compile(r"^.{0,12}?(?:位置|here)\s*(?:是|在|为|為)?\s*[:：>＞]*", re.I)
CRUMB_BREAK = re.compile(
    r"\s*(?:[>＞»›→]+|&gt;|\s[-–|｜/\\]\s|\x1f|::)\s*|(?<=[\u4e00-\u9fff])\s*[-/\\|｜]\s*(?=[\u4e00-\u9fff])"
)
NOT_COLUMN = re.compile(
    r"^(?:(?:网站|本站)?首页|(?:網站)?首頁|主页|home(?:page)?|index|正文|正文内容|内容|内容页|详情|详细(?:内容|信息|页)?|文章(?:内容|详情|正文)|信息(?:内容|详情)|新闻(?:详情|正文)|浏览|当前|列表|查看|\W*)$",
    re.I,
)
CRUMB_MARK = re.compile(r"crumb|(?<![a-z])(?:location|position|dqwz|weizhi|mbx)(?![a-z])", re.I)
SITE_CODE = re.compile(r"(?:政府)?网站标识码\s*[:：]?\s*([a-zA-Z]{0,2}\d{8,10})")
KEYWORD_BREAK = re.compile(r"[;；,，、|]+|\s{2,}")
CRUMB_CHARS = 120


@dataclass(slots=True)
class Metas:
    """metas: name or property, lower case -> content, the first that says something; title: of <title>.

    linked: objects of JSON-LD that describe an article.  language: the lang attribute.
    """

    values: dict[str, str] = field(default_factory=dict)
    title: str = ""
    linked: list[dict[str, Any]] = field(default_factory=list)
    language: str | None = None

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


# Before the plus, which may be an entity, in one byte a character and in UTF-16 of either order.  Long, so quick to miss.
JSON_LD = (b"application/ld", "application/ld".encode("utf-16-le")[:-1])


def metas_of(dom: Dom, body: bytes) -> Metas:
    """body: the page as sent."""
    root = dom.root.attributes if dom.root else {}
    metas = Metas(language=root.get("lang") or root.get("xml:lang"))
    for meta in dom.tags("meta"):
        said = meta.attributes
        name = said.get("name") or said.get("property") or said.get("itemprop")
        value = " ".join((said.get("content") or "").split()) if name else ""
        if name and value and not LEFTOVER.match(value):
            metas.values.setdefault(name.strip().lower(), value)
    metas.title = next(filter(None, (" ".join(title.text().split()) for title in dom.tags("title"))), "")
    if any(map(body.__contains__, JSON_LD)):  # hardly a page has one, and looking through all its scripts costs more
        for script in dom.tags("script"):
            if "ld+json" in (script.attributes.get("type") or ""):
                metas.linked += _articles(script.text())
    return metas


def _articles(code: str) -> list[dict[str, Any]]:
    """Objects of a JSON-LD script that carry an article's fields."""
    try:
        data = json.loads(code.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return []
    waiting: list[Any] = [data]
    found: list[dict[str, Any]] = []
    while waiting and len(found) < 8:
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting += value[:50]
        elif isinstance(value, dict):
            if "headline" in value or "datePublished" in value or "pubDate" in value:
                found.append(value)
            graph = value.get("@graph")
            if isinstance(graph, list):
                waiting += graph[:50]
    return found


def linked_text(metas: Metas, *keys: str) -> str | None:
    """First non-empty text under one of the keys; {"name": ...} and lists of such count."""
    for data in metas.linked:
        for key in keys:
            value = data.get(key)
            if isinstance(value, list):
                value = value[0] if value else None
            if isinstance(value, dict):
                value = value.get("name")
            if isinstance(value, str) and value.strip():
                return " ".join(value.split())
    return None


def columns_of(flow: Flow, before: int, metas: Metas, not_columns: frozenset[str]) -> tuple[tuple[str, ...], int]:
    """Breadcrumb without home and headline, and its line; else the ColumnName meta.

    before: line of the body.  not_columns: folded headline and site names.
    """
    for i in range(min(before, len(flow.lines)) - 1, -1, -1):
        line = flow.lines[i]
        if not line.hidden and len(line.text) <= CRUMB_CHARS and _is_crumb(flow, i):
            names = _crumbs(flow, i, not_columns)
            if names:
                return names, i
    name = metas["columnname"]
    return ((name,) if name and folded(name) not in not_columns else ()), -1


def _is_crumb(flow: Flow, i: int) -> bool:
    """A line of position: by its words, by its signs between links, or by the class of its block."""
    line = flow.lines[i]
    if POSITION.match(line.text):
        return True
    if (
        2 * line.links >= line.chars
        and len(CRUMB_BREAK.split(line.text)) > 1
        and not line.text.endswith((">", "＞", "»"))
    ):
        return True
    return line.chars < 30 and any(CRUMB_MARK.search(flow.marks[node]) for node in flow.path(flow.block(line.node))[:3])


def _crumbs(flow: Flow, i: int, not_columns: frozenset[str]) -> tuple[str, ...]:
    """Names in the line; in its whole block if every name is a line of its own (<li>, <td>)."""
    line = flow.lines[i]
    text = CRUMB_LABEL.sub("", line.text, count=1)
    pieces = CRUMB_BREAK.split(text)
    if len(pieces) < 2:  # no signs between them: the text nodes are the names
        parts = [" ".join(part.split()).strip(" >＞»›/|-→:：") for line in _block_lines(flow, i) for part in line.parts]
        pieces = [part for part in parts if not (CRUMB_LABEL.fullmatch(part) or POSITION.fullmatch(part))]
    names = [piece.strip(" 　>＞»›[]【】:：") for piece in pieces]
    return tuple(
        n for n in dict.fromkeys(names) if 1 < len(n) <= 30 and not NOT_COLUMN.match(n) and folded(n) not in not_columns
    )


def _block_lines(flow: Flow, i: int) -> list[Line]:
    """The line, or the short lines of the smallest block around that holds several."""
    for node in flow.path(flow.block(flow.lines[i].node))[:9]:
        first, last = flow.first[node], flow.last[node]
        if last - first > 1:
            lines = flow.lines[first:last]
            return (
                lines
                if flow.measure(node)[0] <= CRUMB_CHARS and all(len(line.text) <= 40 for line in lines)
                else [flow.lines[i]]
            )
    return [flow.lines[i]]


def site_code_of(flow: Flow, metas: Metas) -> str | None:
    """政府网站标识码: the SiteIDCode meta, else the foot of the page."""
    code = metas["siteidcode"].strip()
    if re.fullmatch(r"[a-zA-Z]{0,2}\d{6,10}", code):
        return code
    for line in reversed(flow.lines[-60:]):
        match = SITE_CODE.search(line.text) if "标识码" in line.text else None
        if match:
            return match[1]
    return None


def tags_of(metas: Metas, title: str | None, names: frozenset[str]) -> tuple[str, ...]:
    """Key words of the article; those of the site (its name, its columns) and the headline again are none."""
    same_title = folded(title or "")
    words = [word.strip() for word in KEYWORD_BREAK.split(metas["keywords"])]
    kept = [w for w in dict.fromkeys(words) if 1 < len(w) <= 20 and folded(w) not in names and folded(w) != same_title]
    return tuple(kept[:20])
