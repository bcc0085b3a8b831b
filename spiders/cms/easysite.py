"""EasySite (中科汇联): customs, the central bank, some bureaus of Beijing.

Recognised by: /eportal/ui?pageId=, easysite- classes, eprotalCurrentPageId.
List: /a/b/c/index.html or /eportal/ui?pageId=N; rows li a + span, or tables with font.newslist_style.
Paging: /eportal/ui?pageId=N&currentPage=P&moduleId=HEX32&staticRequest=yes, counted from 1; the ids stand in hidden
inputs: #eprotalCurrentPageId and article_paging_list_hidden with moduleid and totalpage.  The first static pages are
linked (index.html, HEX8-2.html); links go first.
Article: /a/b/c/TIMESTAMPID/index.html; at the central bank the id begins with the day.
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import parameter
from spiders.cms.family import Family
from spiders.cms.marks import patterns
from spiders.links import resolve


class EasySite(Family):
    NAME = "easysite"
    MARKS = patterns(
        path=r"/eportal/(?:ui\?|fileDir|uiFramework)",
        inputs=r"eprotalCurrentPageId|article_paging_list_hidden",
        layout=r"class=[\"'][^\"']{0,80}\beasysite-",
    )

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        turn = super().following(page, rows, visit)
        if turn is not None or not rows:
            return turn
        module, total, current = "", 0, 0
        for node in page.tree.xpath("//input[@name='article_paging_list_hidden']"):
            module, total = node.get("moduleid") or "", _number(node.get("totalpage"))
            current = _number(node.get("currentpage"))
        place = next(iter(page.tree.xpath("//input[@id='eprotalCurrentPageId']")), None)
        page_id = (place.get("value") if place is not None else None) or parameter(page.url, "pageId")
        here = current or _number(parameter(page.url, "currentPage")) or 1
        if not module or not page_id or here >= total or not re.fullmatch(r"\w{1,40}", module):
            return None
        url = resolve(
            page.base, f"/eportal/ui?pageId={page_id}&currentPage={here + 1}&moduleId={module}&staticRequest=yes"
        )
        return Ask(url) if url else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
