"""UCAP / CMSPRO (开普云): gov.cn, Sichuan, Hainan, Xinjiang, Heilongjiang, CSRC, NHC, Suzhou, Suqian, Zhenjiang.

Recognised by: UCAPTITLE, UCAPCONTENT and PUBLISHTIME tags, #UCAP-CONTENT, createPageHTML with a string first, list
pages list.shtml, xxgk_list.shtml and kin beside /YYYYMM/HEX32.shtml articles, /common/search/HEX32 calls.
List: server HTML; file names list, nav_list, common_list, xxgk_list, xwzx_list …; a bare folder often answers 403.
Paging: createPageHTML('page_div', total, current, 'list', 'shtml', rows): page p counted from 1 is list_p.shtml, the
first list.shtml; the extension is that of the call, whatever the page itself is called.
JSON A: GET /common/search/HEX32?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=N (also /search/,
/searchList/): data {total, page, rows, results [{title, url, publishedTimeStr}]}.
JSON B: POST /szinf/xxgk/interfacesWebZcwj/loadData?pageSize=15, form pageIndex=N&channel_id=UUID: data {allRow,
totalPage, list [{TITLE, URL, PUBLISHED_TIME_FORMAT}]}.
Article: /site/column/YYYYMM/HEX32.shtml (month only) or …/Y/M/D/HEX32.shtml (day, not zero padded).
Traps: hours may be of a 12-hour clock; xxgk_lists.shtml is a shell over sub-columns; some calls carry a token that
only a browser makes.
"""

import re
from typing import Any

from pipelines.decode import Document
from spiders.cms import calls, json_list
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import counted_on, get, parameter, with_parameter
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import patterns
from spiders.links import resolve

SEARCH = re.compile(
    r"[\"'`]((?:https?://[\w.:-]{4,80})?/(?:common/)?search(?:List)?/[0-9a-f]{32}(?:\?[^\"'`\s<>]{0,600})?)[\"'`]", re.I
)
LOAD = re.compile(
    r"[\"'`]((?:https?://[\w.:-]{4,80})?/[\w/]{0,60}interfacesWebZcwj/loadData[^\"'`\s<>]{0,300})[\"'`]", re.I
)
CHANNEL = re.compile(r"channel_?id[\"']?\s*[:=]\s*[\"']([0-9a-f-]{8,40})[\"']", re.I)
FORM_A: dict[str, Any] = {"items": "data.results", "title": "title", "url": "url", "date": "publishedTimeStr"}
FORM_B: dict[str, Any] = {"items": "data.list", "title": "TITLE", "url": "URL", "date": "PUBLISHED_TIME_FORMAT"}
DEFAULTS = {"_isAgg": "true", "_isJson": "true", "_pageSize": "20", "_template": "index", "page": "1"}


class Ucap(Family):
    NAME = "ucap"
    MARKS = patterns(
        tags=r"<UCAP(?:TITLE|CONTENT)|id=[\"']UCAP-CONTENT|<PUBLISHTIME",
        pager=r"createPageHTML\(\s*['\"][^'\"\d][^'\"]{0,40}['\"]\s*,\s*\d+\s*,\s*\d+\s*,\s*['\"]",
        search=r"/(?:common/)?search(?:List)?/[0-9a-f]{32}\b",
        openness=r"interfacesWebZcwj/loadData",
        manuscript=r"manuscriptPage_\d|<meta[^>]{1,40}name=[\"']?manuscriptId|templateId=\w+&(?:amp;)?websiteId=",
        link=r"/(?:20\d{4}|20\d\d/\d{1,2}/\d{1,2})/[0-9a-f]{32}\.s?html$",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        form = _form(page)
        return (f"json: {form['items']}",) if form else super().recognise(page)

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        form = _form(page)
        if form:
            return json_list.rows_of(page, {**form, **visit.options})
        return super().rows(page, visit)

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        form = _form(page)
        if form is FORM_A:
            total, size = at(value(page), "data.total"), at(value(page), "data.rows")
            number = parameter(page.url, "page") or "1"
            last = isinstance(total, int) and isinstance(size, int) and int(number) * max(size, 1) >= total
            url = counted_on(page.url, "page") or with_parameter(page.url, "page", "2")
            return None if last or not rows else get(url, page, visit)
        if form is FORM_B:
            return _next_load(page, rows, visit)
        turn = super().following(page, rows, visit)
        if turn is not None or rows:
            return turn
        return _first_call(page, visit)


def _form(page: Document) -> dict[str, Any]:
    """Which of the two JSON forms an answer has; empty for pages."""
    if page.text.lstrip()[:1] != "{":
        return {}
    answer = value(page)
    if isinstance(at(answer, "data.results"), list) and at(answer, "data.total") is not None:
        return FORM_A
    return (
        FORM_B
        if isinstance(at(answer, "data.list.0.MANUSCRIPT_ID"), str) or at(answer, "data.allRow") is not None
        else {}
    )


def _first_call(page: Document, visit: Visit) -> Ask | None:
    """A shell page: the first data call that its scripts name."""
    found = SEARCH.search(page.text)
    url = resolve(page.base, found[1].replace("&amp;", "&")) if found else None
    if url is not None:
        for name, text in DEFAULTS.items():
            url = url if parameter(url, name) else with_parameter(url, name, text)
        return get(url, page, visit)
    load = LOAD.search(page.text)
    url = resolve(page.base, load[1].replace("&amp;", "&")) if load else None
    if url is None:
        return None
    channel = CHANNEL.search(page.text)
    return _load(url, 1, channel[1] if channel else None, page, visit)


def _load(url: str, number: int, channel: str | None, page: Document, visit: Visit) -> Ask:
    return calls.form(url, {"pageIndex": str(number), **({"channel_id": channel} if channel else {})}, page, visit)


def _next_load(page: Document, rows: list[Row], visit: Visit) -> Ask | None:
    body = visit.asked.body.decode("utf-8", "replace") if visit.asked else ""
    number, channel = re.search(r"pageIndex=(\d+)", body), re.search(r"channel_id=([\w-]+)", body)
    pages = at(value(page), "data.totalPage")
    if not rows or not number or (isinstance(pages, int) and int(number[1]) >= pages):
        return None
    return _load(page.url, int(number[1]) + 1, channel[1] if channel else None, page, visit)
