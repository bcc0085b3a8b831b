"""Hanweb JPaaS (大汉集约化平台): Zhejiang, MIIT, SAMR, MOFCOM, MOHURD, Taizhou, Yangzhou.

Recognised by: unitbuild.js, the build/unit URL, <script parseType="bulidstatic|buildstatic|build" queryData="…">.
List: /col/colN/index.html or …/index.html; a page is put together of units; each unit is such a script, its rows come
from GET {url}?webId=&pageId=&parseType=&pageType=column&tagId=&tplSetId=  as {"data": {"html": "<ul>…"}}.
Paging: paramJson={"pageNo":N,"pageSize":n} added, editType dropped; rows= and count= of the pager in the html say how
many there are.  Plain pageNo is ignored on most sites.
Units: nav, banner and list units stand on one page; the list's tagId says list, 列表, 栏目, 内容; pageType is column.
Article: …/art/Y/art_HEX.html (the year of creation in the CMS, not of publication) and the jpage form.
Traps: spelling and case of the attributes vary; single quotes inside; Referer needed; the list may be in the page
already, then the unit is asked for the second page only.
"""

import re
from urllib.parse import quote, unquote

import msgspec
from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.anchors import anchors
from spiders.cms.calls import get, parameter, with_parameter
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.lists import article_rows
from spiders.cms.marks import patterns
from spiders.cms.records import inner
from spiders.links import resolve

UNIT = "/jpaas-publish-server/front/page/build/unit"
KINDS = ("bulidstatic", "buildstatic", "build")
LIST_TAG = re.compile(r"列表|list|栏目|内容|分页|zw", re.I)
OTHER_TAG = re.compile(r"导航|位置|头部|底部|banner|nav|menu|logo|head|foot|面包屑|轮播|左侧|友情", re.I)
FIELDS = ("webId", "pageId", "parseType", "pageType", "tagId", "tplSetId")
PAGER = re.compile(
    r"\brows=[\"']?(\d{1,4})[\"'\s>][^<>]{0,300}?\bcount=[\"']?(\d{1,8})|\bcount=[\"']?(\d{1,8})[\"'\s>][^<>]{0,300}?\brows=[\"']?(\d{1,4})"
)
LINKS = re.compile(r"data-page=[\"']?(\d{1,5})")
PAGE_SIZE = 15


class Jpaas(Family):
    NAME = "hanweb-jpaas"
    MARKS = patterns(
        unit=r"/api-gateway/jpaas-publish-server/front/page/build/unit",
        script=r"<script[^>]{1,400}parseType=[\"'](?:bulidstatic|buildstatic|build)[\"']",
        loader=r"unitbuild\.js",
    )

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        if UNIT in page.url:
            piece = at(value(page), "data.html")
            return article_rows(inner(page, piece)) if isinstance(piece, str) else []
        unit = _unit(page)
        found = article_rows(page)
        return found if unit is None or _holds(page, unit, found) else []

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if UNIT in page.url:
            return _after(page, rows, visit)
        unit = _unit(page)
        if unit is None:
            return super().following(page, rows, visit)
        query = _query(unit)
        address = resolve(page.base, unit.get("url") or unit.get("Url"))
        if address is None or not query.get("tplSetId"):
            return None
        fields = {
            **{name: query[name] for name in FIELDS if query.get(name)},
            "paramJson": _numbered(2 if rows else 1, PAGE_SIZE),
        }
        joint = "&" if "?" in address else "?"
        return get(
            address + joint + "&".join(f"{name}={quote(text, safe='')}" for name, text in fields.items()), page, visit
        )


def _numbered(number: int, size: int) -> str:
    return f'{{"pageNo":{number},"pageSize":{size}}}'


def _unit(page: Document) -> HtmlElement | None:
    """The script of the unit that makes the list; the last of equals, because headers come first."""
    best: tuple[int, HtmlElement | None] = (0, None)
    for node in page.tree.iter("script"):
        if (node.get("parsetype") or "").lower() not in KINDS:
            continue
        query = _query(node)
        tag = query.get("tagId", "")
        score = (
            1 + 2 * bool(LIST_TAG.search(tag)) - 4 * bool(OTHER_TAG.search(tag)) + (query.get("pageType") == "column")
        )
        if score >= best[0]:
            best = (score, node)
    return best[1] if best[0] > 0 else None


def _query(unit: HtmlElement) -> dict[str, str]:
    """queryData: JSON with single quotes."""
    text = (unit.get("querydata") or "").replace("'", '"')
    try:
        decoded = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return (
        {str(name): str(one) for name, one in decoded.items() if one is not None} if isinstance(decoded, dict) else {}
    )


def _holds(page: Document, unit: HtmlElement, rows: list[Row]) -> bool:
    """Say whether the rows that the page shows are those of the unit: they stand in the element around its script."""
    place = unit.getparent()
    for _ in range(2):
        if place is None or place.tag in ("body", "html"):
            return False
        nodes = set(place.iter("a"))
        inside = {link.url for link in anchors(page) if link.node in nodes}
        if sum(1 for row in rows if row.url in inside) >= max(3, len(rows) // 2):
            return True
        place = place.getparent()
    return False


def _after(page: Document, rows: list[Row], visit: Visit) -> Ask | None:
    asked = unquote(parameter(page.url, "paramJson") or "")
    found = re.search(r'"pageNo"\s*:\s*"?(\d+)', asked)
    if not found or not rows:
        return None
    number, piece = int(found[1]), str(at(value(page), "data.html") or "")
    size = int(numbers[1]) if (numbers := re.search(r'"pageSize"\s*:\s*"?(\d+)', asked)) else PAGE_SIZE
    pager = PAGER.search(piece)
    if pager:
        per_page, count = (int(pager[1]), int(pager[2])) if pager[1] else (int(pager[4]), int(pager[3]))
        if number * max(per_page, 1) >= count:
            return None
    elif LINKS.search(piece) and number >= max(map(int, LINKS.findall(piece))):
        return None
    return get(with_parameter(page.url, "paramJson", quote(_numbered(number + 1, size), safe="")), page, visit)
