"""GOV.UK: search and organisation lists by its open JSON; pages in HTML by the general rules.

Recognised by: results with link and public_timestamp; HTML with the govuk- classes of gem-c-document-list.
List: /api/search.json?filter_organisations=X&count=50&start=0&order=-public_timestamp&fields=title,link,
public_timestamp: {results [{title, link, public_timestamp}], total, start}; the definition gives that URL.
Paging: start grows by count until total.  Finders in HTML: ?page=2, link rel=next.
Article: /government/news/slug; the same path under /api/content/ is JSON with body and both dates.
"""

from pipelines.decode import Document
from spiders.cms import json_list
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import get, parameter, with_parameter
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import patterns

FORM = {"items": "results", "title": "title", "url": "link", "date": "public_timestamp"}


class GovUk(Family):
    NAME = "govuk"
    MARKS = patterns(layout=r"gem-c-document-list|class=[\"']finder-results|govuk-template[\s\S]{0,200}gem-c-")

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if _is_search(page):
            return ("json: results with link and total",)
        return super().recognise(page)

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        return json_list.rows_of(page, FORM) if _is_search(page) else super().rows(page, visit)

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if not _is_search(page):
            return super().following(page, rows, visit)
        total, start = at(value(page), "total"), parameter(page.url, "start") or "0"
        after = int(start) + len(rows) if start.isdigit() else 0
        if not rows or not isinstance(total, int) or after >= total:
            return None
        return get(with_parameter(page.url, "start", str(after)), page, visit)


def _is_search(page: Document) -> bool:
    if page.text.lstrip()[:1] != "{":
        return False
    answer = value(page)
    return isinstance(at(answer, "results.0.link"), str) and isinstance(at(answer, "total"), int)
