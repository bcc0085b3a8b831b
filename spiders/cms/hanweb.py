"""Hanweb JCMS with jpage lists (大汉): Jiangsu, Shandong, Jiangxi, Inner Mongolia, Gansu, tax bureaus, CNIPA, NHSA.

Recognised by: <script type="text/xml"> holding a <datastore>, dataproxy.jsp, jpage scripts.  On one host several units.
List: /col/colN/index.html; the visible <ul> is empty, rows stand in <record> CDATA of the script, the first group of
them (up to perPage × 3).  The oldest version writes JS arrays urls[i], headers[i], year[i], month[i], day[i].
Paging, by version of the server:
  B  GET …/dataproxy.jsp?page=N&…, the URL printed in <nextgroup>; only `page` changes; a page there may be larger than
     the group on the column page, so counting begins where nothing can be missed.  Encrypted ids are kept verbatim.
     morecolumndataproxy.jsp and /module/jpage/dataproxy.jsp count alike.
  A  POST …/dataproxy.jsp?startrecord=46&endrecord=90&perpage=15 with a form; option form = "records" asks for it.
     Servers of 2026 ignore startrecord and obey only page: B is asked first.
The answer is text with records and <totalpage>; the last page is the one of that number or one without records.
Article: /art/Y/M/D/art_COL_ID.html, the day of publication, not zero padded.
Traps: ?uid=&pageNum= on the column never changes the answer; deep pages may be empty; the answer needs a Referer.
"""

import re
from urllib.parse import unquote

from pipelines.decode import Document
from spiders.cms import turns
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import form, get, parameter, with_parameter
from spiders.cms.family import Family
from spiders.cms.marks import patterns
from spiders.cms.records import record_rows, records
from spiders.cms.shown import clean_title
from spiders.links import resolve

NEXT_GROUP = re.compile(r"<nextgroup>\s*(?:<!\[CDATA\[)?.{0,40}?href=[\"']([^\"'<>]{5,1500})[\"']", re.S | re.I)
PROXY = re.compile(r"proxyUrl\s*:\s*[\"']([^\"']{5,300}dataproxy\.jsp[^\"']{0,300})[\"']", re.I)
PARAMETERS = re.compile(r"ajaxParam\s*:\s*\{([^{}]{5,1500})\}", re.I)
PAIR = re.compile(r"[\"']?(\w{2,30})[\"']?\s*:\s*(?:[\"']([^\"']{0,500})[\"']|(\d{1,9}))")
PER_PAGE = re.compile(r"perPage\s*:\s*[\"']?(\d{1,4})", re.I)
ARRAYS = re.compile(r"\b(urls|headers|year|month|day)\[\w+\]\s*=\s*[\"']([^\"'\n]{0,600})[\"']")
GROUPS = 3  # pages that one group of form A holds


class Hanweb(Family):
    NAME = "hanweb-jpage"
    MARKS = patterns(
        datastore=r"<script[^>]{0,80}type=[\"']text/xml[\"'][^>]{0,80}>\s*<datastore>|^\s*(?:<\?xml[^>]{0,80}\?>)?\s*<datastore>",
        proxy=r"(?:more|morecolumn)?dataproxy\.jsp",
        script=r"/script/jpage|jquery\.jpage\.js|/module/(?:web/)?jpage/",
        arrays=r"\burls\[i\]\s*=\s*[\"'][^\"']{1,300}[\"']\s*;\s*headers\[i\]",
    )

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        found = record_rows(page, records(page.text))
        return found or _array_rows(page) or super().rows(page, _visit)

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        text = page.text
        held = len(records(text))
        if "dataproxy.jsp" in page.url:
            return _after(page, held, visit)
        if not held and "dataproxy.jsp" not in text:
            return turns.following(page, rows)
        total, pages = _number(text, "totalrecord"), _number(text, "totalpage")
        if (total is not None and 0 < total <= held) or pages == 1:
            return None
        if visit.options.get("form") == "records":
            return _by_records(page, held + 1, visit)
        printed = NEXT_GROUP.search(text)
        url = resolve(page.base, printed[1].replace("&amp;", "&")) if printed else _call(page)
        if url is None:
            return None
        size = -(-total // pages) if total and pages else 0
        return get(with_parameter(url, "page", str(held // size + 1 if size else 1)), page, visit)


def _after(page: Document, held: int, visit: Visit) -> Ask | None:
    """The call after this one, made from its own URL; None when it brought nothing or was the last."""
    if not held:
        return None
    start, end = parameter(page.url, "startrecord"), parameter(page.url, "endrecord")
    if start and end and visit.asked is not None:
        step = int(end) - int(start) + 1
        total = _number(page.text, "totalrecord")
        if total is not None and int(end) >= total:
            return None
        url = with_parameter(
            with_parameter(page.url, "startrecord", str(int(end) + 1)), "endrecord", str(int(end) + step)
        )
        return Ask(url, visit.asked.method, visit.asked.headers, visit.asked.body)
    number, pages = int(parameter(page.url, "page") or 1), _number(page.text, "totalpage")
    if pages is not None and number >= pages:
        return None
    return get(with_parameter(page.url, "page", str(number + 1)), page, visit)


def _call(page: Document) -> str | None:
    """URL of form B from the parameters of the jpage call, where no nextgroup is printed."""
    proxy, given = PROXY.search(page.text), PARAMETERS.search(page.text)
    url = resolve(page.base, proxy[1]) if proxy else None
    if url is None or given is None:
        return url
    for name, text, digits in PAIR.findall(given[1]):
        url = with_parameter(url, name, text or digits)
    return resolve(page.base, url)


def _by_records(page: Document, start: int, visit: Visit) -> Ask | None:
    """Form A: the next group as a POST; fields from the printed URL or the jpage call."""
    url = _call(page)
    printed = NEXT_GROUP.search(page.text)
    if printed:
        url = resolve(page.base, printed[1].replace("&amp;", "&"))
    if url is None:
        return None
    size = PER_PAGE.search(page.text)
    per_page = int(size[1]) if size else 15
    address, _, query = url.partition("?")
    fields = {"col": "1"}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name and name != "page":
            fields[name] = unquote(value)
    fields.setdefault("sourceContentType", "1")
    address += f"?startrecord={start}&endrecord={start + per_page * GROUPS - 1}&perpage={per_page}"
    return form(address, fields, page, visit)


def _array_rows(page: Document) -> list[Row]:
    """The oldest form: one line of assignments a row."""
    held: dict[str, list[str]] = {"urls": [], "headers": [], "year": [], "month": [], "day": []}
    for name, text in ARRAYS.findall(page.text):
        held[name].append(text)
    found: dict[str, Row] = {}
    days = [f"{y}-{m:0>2}-{d:0>2}" for y, m, d in zip(held["year"], held["month"], held["day"], strict=False)]
    for place, (named, title) in enumerate(zip(held["urls"], held["headers"], strict=False)):
        url = resolve(page.base, named)
        if url is not None:
            found.setdefault(url, Row(url, clean_title(title) or None, days[place] if place < len(days) else None))
    return list(found.values())


def _number(text: str, name: str) -> int | None:
    found = re.search(rf"<{name}>\s*(\d{{1,9}})\s*</{name}>|\b{name}\s*:\s*[\"']?(\d{{1,9}})", text, re.I)
    return int(found[1] or found[2]) if found else None
