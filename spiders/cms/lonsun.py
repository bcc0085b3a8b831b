"""Lonsun (安徽龙讯): nearly all of Anhui's government sites.

Recognised by: /public/column/ORG?type=4, #page_public_info, lonsun scripts, content/article/HEX24 links.
List, news: /xwdt/…/index.html in server HTML, or /content/column/ID?pageIndex=N.
List, openness: /public/column/ORG?type=4&action=list&nav=3&catId=N in server HTML; the pager #page_public_info is made
by a script; its anchors carry the page in an attribute (paged), the last one the total.
Paging: pageIndex=N from 1 on the same URL.
Article: /xwzx/…/123456.html, /public/ORG/ID.html; no date in the URL; metas are complete.
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import parameter, with_parameter
from spiders.cms.family import Family
from spiders.cms.marks import patterns
from spiders.cms.scripts import script_text, variable

PAGED = re.compile(r"\bpaged=[\"']?(\d{1,5})")


class Lonsun(Family):
    NAME = "lonsun"
    MARKS = patterns(
        column=r"/public/column/\d+\?(?:[^\"'\s]{0,80}&(?:amp;)?)?type=4",
        pager=r"id=[\"']page_public_info[\"']",
        script=r"lonsun|Ls\.pagination|LsPagination",
        link=r"/content/(?:detail|article)/[0-9a-f]{24}",
    )

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        turn = super().following(page, rows, visit)
        if turn is not None or not rows:
            return turn
        total = _pages(page)
        number = int(found) if (found := parameter(page.url, "pageIndex")) and found.isdigit() else 1
        return (
            Ask(with_parameter(page.url, "pageIndex", str(number + 1)))
            if total is not None and number < total
            else None
        )


def _pages(page: Document) -> int | None:
    """How many pages the list has, from the pager's anchors or from the call that makes it."""
    paged = [int(found) for found in PAGED.findall(page.text)]
    if paged:
        return max(paged)
    script = script_text(page)
    pages = variable(script, "pageCount", "totalPage", "totalPages", "pages")
    if pages and pages.isdigit():
        return int(pages)
    total, size = variable(script, "total", "totalCount", "recordCount"), variable(script, "pageSize", "linesNum")
    return -(-int(total) // int(size)) if total and size and (total + size).isdigit() and int(size) else None
