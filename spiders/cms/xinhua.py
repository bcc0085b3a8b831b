"""Xinhua (新华网, news.cn) and ministries hosted there (NEA): lists filled from a data source file.

Recognised by: ds_HEX32.json, articles /YYYYMMDD/HEX32/c.html, older /YYYY-MM/DD/c_ID.htm.
List: the page names a file ds_HEX32.json, which holds the whole list (up to 1000): datasource [{title, publishUrl,
publishTime, author, sourceText}].  Rows in the page, where there are some, are its beginning.
Paging: none; the file is the list.  Article: the day in the URL is that of publication.
"""

import re

from pipelines.decode import Document
from spiders.cms import json_list
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import get
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import patterns
from spiders.links import resolve

SOURCE = re.compile(r"[\"'(=]\s*([\w./:%-]{0,300}ds_[0-9a-f]{32}\.json)", re.I)
NAMED = re.compile(r"(?:data-?source|datasource|data)[\"']?\s*[:=]\s*[\"'](?:datasource:)?([0-9a-f]{32})[\"']", re.I)
FORM = {"items": "datasource", "title": "title", "url": "publishUrl", "date": "publishTime"}


class Xinhua(Family):
    NAME = "xinhua-ds"
    MARKS = patterns(
        source=r"ds_[0-9a-f]{32}\.json|(?:data-?source|data)[\"']?\s*[:=]\s*[\"']datasource:[0-9a-f]{32}",
        link=r"/\d{8}/[0-9a-f]{32}/c\.html$",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if page.text.lstrip()[:1] == "{":
            return ("json: datasource with publishUrl",) if at(value(page), "datasource.0.publishUrl") else ()
        return super().recognise(page)

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        return json_list.rows_of(page, FORM) if page.text.lstrip()[:1] == "{" else super().rows(page, visit)

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if page.text.lstrip()[:1] == "{":
            return None
        source, named = SOURCE.search(page.text), NAMED.search(page.text)
        url = resolve(page.base, source[1]) if source else resolve(page.base, f"ds_{named[1]}.json") if named else None
        return get(url, page, visit) if url else super().following(page, rows, visit)
