"""Epoint WebBuilder (新点): trade centres (公共资源交易) everywhere, Xuzhou and others.

Recognised by: EWB-FRONT, EpointWebBuilder, webBuilderCommon.js, ewb- classes, inteligentsearch/rest.
List, static: …/{categorynum}/moreinfo.html (also tradeInfo, …_moreinfo), rows in server HTML, tables or lists.
Paging, static: the pager's click handler says it: location.href = "/…/{categorynum}/" + (data.pageIndex+1) + ".html"
with total and pageSize, so page 2 is 2.html in the folder of the category, whatever the first page is called.
List, by script: govInfoPub.html?deptcode=&categorynum=: rows by POST {projectName}/rest/lightfrontaction/
getgovinfolist with {deptcode, categorynum, siteGuid, pageIndex (from 1), pageSize}; projectName and siteGuid stand in
/js/webBuilderCommon.js, which is read on the way.  Answer: custom.data [{infourl, realtitle, title, infodate}].
Full-text search (getFullTextDataNew) is left to adapter "json".
Article: /{folder}/{categorynum}/YYYYMMDD/UUID.html; the day is that of publication, sometimes not the visible one.
Traps: pages beyond the static ones (100) are answered by ?pageIndex=; attachments behind a slider.
"""

import re

import msgspec

from pipelines.decode import Document
from spiders.cms import json_list
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import get, json_body, parameter
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import patterns
from spiders.links import resolve

CATEGORY = re.compile(r"categorynum=(\w+)", re.I)
SITE_INFO = re.compile(r"siteInfo\s*=\s*\{([^{}]{5,2000})\}")
KEY = re.compile(r"[\"']?(projectName|siteGuid)[\"']?\s*:\s*[\"']([^\"']{1,200})[\"']")
COMMON = "/js/webBuilderCommon.js"
LIST_CALL = "/rest/lightfrontaction/getgovinfolist"
PAGE_SIZE = 50


class Epoint(Family):
    NAME = "epoint"
    MARKS = patterns(
        script=r"webBuilderCommon\.js|EpointWebBuilder|WebbuilderMIS|/EWB-FRONT",
        search=r"inteligentsearch/rest",
        layout=r"class=[\"'][^\"']{0,100}\bewb-(?:list|page|container|trade|data|right|info|nav|loc)",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if LIST_CALL in page.url or isinstance(_entries(page), list):
            return ("json: custom.data with infourl",)
        return super().recognise(page)

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        entries = _entries(page)
        if entries is None:
            return [] if page.url.endswith(COMMON) else super().rows(page, visit)
        found: dict[str, Row] = {}
        for entry in entries:
            url = resolve(
                page.url, next((at(entry, key) for key in ("infourl", "linkurl", "url") if at(entry, key)), None)
            )
            if url is not None:
                title = at(entry, "realtitle") or at(entry, "title")
                day = at(entry, "infodate") or at(entry, "webdate")
                found.setdefault(url, Row(url, json_list.plain(title), json_list.shown(day)))
        return list(found.values())

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if LIST_CALL in page.url:
            return _after(page, rows, visit)
        info = SITE_INFO.search(page.text)
        column = _column_url(page, visit)
        category = CATEGORY.search(column)
        if info and category:
            held = dict(KEY.findall(info[1]))
            fields = {
                "deptcode": parameter(column, "deptcode") or "",
                "categorynum": category[1],
                "siteGuid": held.get("siteGuid", ""),
                "pageIndex": 1,
                "pageSize": PAGE_SIZE,
            }
            url = resolve(page.base, held.get("projectName", "/EWB-FRONT").rstrip("/") + LIST_CALL)
            return json_body(url, fields, page, visit) if url else None
        turn = super().following(page, rows, visit)
        if turn is None and not rows and CATEGORY.search(page.url) and COMMON in page.text:
            url = resolve(page.base, COMMON)
            return get(url, page, visit) if url else None
        return turn


def _column_url(page: Document, visit: Visit) -> str:
    """URL of the column page: this one, or the Referer of the call that brought the script."""
    if not page.url.endswith(COMMON) or visit.asked is None:
        return page.url
    return next((text for name, text in visit.asked.headers if name == "Referer"), page.url)


def _entries(page: Document) -> list[object] | None:
    if page.text.lstrip()[:1] != "{":
        return None
    for path in ("custom.data", "custom"):
        found = at(value(page), path)
        if isinstance(found, list) and (not found or at(found[0], "infourl")):
            return found
    return None


def _after(page: Document, rows: list[Row], visit: Visit) -> Ask | None:
    if not rows or visit.asked is None:
        return None
    try:
        fields = msgspec.json.decode(visit.asked.body, type=dict[str, str | int])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    number, size = int(fields.get("pageIndex", 1)), int(fields.get("pageSize", PAGE_SIZE))
    total = next(
        (
            at(value(page), path)
            for path in ("custom.count", "custom.total", "custom.AllCount")
            if at(value(page), path)
        ),
        None,
    )
    if (isinstance(total, int | str) and str(total).isdigit() and number * size >= int(total)) or len(rows) < size:
        return None
    return json_body(page.url, {**fields, "pageIndex": number + 1}, page, visit)
