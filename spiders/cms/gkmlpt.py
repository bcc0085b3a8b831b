"""gkmlpt (广东省政府信息公开目录平台): the openness lists of all bodies in Guangdong, a script over a JSON interface.

Recognised by: /gkmlpt/ with window._CONFIG and SID; answers with articles and post_url.
List: {base}/gkmlpt/index#COLUMN (base may be a folder).  The column stands behind the # and never reaches the server:
the definition names it, [list.options] column = 5066; without it everything is read (column 0).
Data: GET {base}/gkmlpt/api/all/{column}?page=N&sid=SID, N from 1, about 100 rows: {classify {post_count}, articles
[{title, url, post_url, date, display_publish_time (unix seconds), document_number, identifier …}]}.
Paging: until no rows come; post_count counts more than the interface lists.
Article: {base}/gkmlpt/content/A/BBBB/post_ID.html, its text in window._CONFIG.DETAIL.content.
Traps: rows that jump to other hosts; http answers where https fails.
"""

import re

from pipelines.decode import Document
from spiders.cms import json_list
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import counted_on, get
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import patterns
from spiders.links import resolve

SID = re.compile(r"[\"']?\bSID[\"']?\s*[:=]\s*[\"']?(\d{3,12})", re.I)
BASE = re.compile(r"^(https?://[^/]+(?:/[\w-]+)*?)/gkmlpt(?:/|$)")
API = re.compile(r"/gkmlpt/api/all/(\d+)\?")
FORM = {"items": "articles", "title": "title", "url": "url", "date": "display_publish_time"}


class Gkmlpt(Family):
    NAME = "gkmlpt"
    MARKS = patterns(
        config=r"window\._CONFIG\s*=[\s\S]{0,3000}?\bSID[\"']?\s*:",
        path=r"(?:href|src)=[\"'][^\"'\s]{0,200}/gkmlpt/(?:index|api|static|assets|_nuxt)",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if API.search(page.url) or isinstance(at(_answer(page), "articles.0.post_url"), str):
            return ("json: articles with post_url",)
        return super().recognise(page) if "/gkmlpt" in page.url or "_CONFIG" in page.text else ()

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        answer = _answer(page)
        articles = at(answer, "articles")
        found: dict[str, Row] = {}
        for entry in articles if isinstance(articles, list) else []:
            url = resolve(page.url, next((at(entry, key) for key in ("url", "post_url") if at(entry, key)), None))
            if url is not None:
                keys = ("display_publish_time", "first_publish_time", "date", "created_at")
                day = next((json_list.shown(at(entry, key)) for key in keys if at(entry, key)), None)
                found.setdefault(url, Row(url, json_list.plain(at(entry, "title")), day))
        return list(found.values())

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if API.search(page.url):
            url = counted_on(page.url, "page") if rows else None
            return get(url, page, visit) if url else None
        sid, base = SID.search(page.text), BASE.match(page.url)
        if not sid or not base:
            return None
        fragment = re.search(r"#/?(\d+)", visit.asked.url if visit.asked else page.url)
        column = visit.options.get("column") or (fragment[1] if fragment else 0)
        return get(f"{base[1]}/gkmlpt/api/all/{column}?page=1&sid={sid[1]}", page, visit)


def _answer(page: Document) -> object:
    return value(page) if page.text.lstrip()[:1] == "{" else None
