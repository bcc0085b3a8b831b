"""TrueCMS: Nantong, Lianyungang, the Shanghai people's congress.

Recognised by: messageController/getMessage.do, #initData, ajaxParam with columnId.
List: /{site}/{column}/{column}.html; the first rows (30 to 60) stand in the hidden #initData or in a dataStore string.
Paging: GET …/getMessage.do?startrecord=&endrecord=&perpage=&columnId=UUID&callback=cb, answered by JSONP or JSON whose
result is a <datastore> with <record> pieces.  Steps of perPage × groupSize; ceilings differ, large ones answer 404.
Lianyungang has switched the interface off (404): its first rows are all there is.
Article: /{site}/{column}/content/UUID.html, no date in the URL; some rows are onclick="name2('…')".
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.anchors import anchors
from spiders.cms.calls import get, parameter, with_parameter
from spiders.cms.entries import Entry
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import patterns
from spiders.cms.records import record_rows, records
from spiders.links import resolve

CALL = re.compile(r"proxyUrl\s*:\s*[\"']([^\"'\n]{0,300}messageController/getMessage\.do)", re.I)
COLUMN = re.compile(r"columnId\s*[:=]\s*[\"']([0-9a-fA-F-]{8,40})[\"']")
SIZE = re.compile(r"perPage\s*:\s*(\d{1,3})", re.I)
GROUP = re.compile(r"groupSize\s*:\s*(\d{1,2})", re.I)
TOTAL = re.compile(r"<totalrecord>\s*(\d+)|totalRecord\s*:\s*[\"']?(\d+)", re.I)


class TrueCms(Family):
    NAME = "truecms"
    MARKS = patterns(
        call=r"messageController/getMessage\.do",
        first=r"id=[\"']initData[\"']",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        return ("call: getMessage.do",) if "getMessage.do" in page.url else super().recognise(page)

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        if "getMessage.do" in page.url:
            return record_rows(page, records(str(at(value(page), "result") or "")))
        return _first_rows(page) or record_rows(page, records(page.text)) or super().rows(page, visit)

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if "getMessage.do" in page.url:
            return _after(page, rows, visit)
        call, column = CALL.search(page.text), COLUMN.search(page.text)
        url = resolve(page.base, call[1]) if call else None
        total = TOTAL.search(page.text)
        if url is None or not column or (total and int(total[1] or total[2]) <= len(rows)):
            return super().following(page, rows, visit)
        size = int(found[1]) if (found := SIZE.search(page.text)) else 10
        step = size * (int(found[1]) if (found := GROUP.search(page.text)) else 3)
        fields = (
            f"startrecord={len(rows) + 1}&endrecord={len(rows) + step}&perpage={size}&columnId={column[1]}&callback=cb"
        )
        return get(f"{url}?{fields}", page, visit)


def _after(page: Document, rows: list[Row], visit: Visit) -> Ask | None:
    start, end = parameter(page.url, "startrecord"), parameter(page.url, "endrecord")
    total = TOTAL.search(str(at(value(page), "result") or ""))
    if not rows or not start or not end or (total and int(end) >= int(total[1] or total[2])):
        return None
    url = with_parameter(page.url, "startrecord", str(int(end) + 1))
    return get(with_parameter(url, "endrecord", str(2 * int(end) - int(start) + 1)), page, visit)


def _first_rows(page: Document) -> list[Row]:
    """The rows of #initData, one a list element."""
    found: dict[str, Row] = {}
    links = [link for link in anchors(page) if link.url is not None]
    for place in page.tree.xpath("//*[@id='initData']"):
        for row in place.iter("li", "tr", "record"):
            nodes = set(row.iter())
            inside = [link for link in links if link.node in nodes]
            if inside:
                entry = Entry.best(row, inside)
                if entry.url is not None:
                    found.setdefault(entry.url, Row(entry.url, entry.title, entry.date))
    return list(found.values())
