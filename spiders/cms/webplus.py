"""WebPlus (苏迪 Sudy): universities, research institutes, some bureaus.

Recognised by: wp_news_w, wp_paging, wp_articlecontent, /_upload/, /_visitcount, /_css/_system/.
List: /{column}/list.htm or list.psp; rows ul.news_list li with .news_title and .news_meta.
Paging: list2.htm is page 2 (counted from 1), by a.next; the counter all_pages says how many.
Article: /YYYY/MMDD/cCOLaID/page.htm (the day it was made); page.psp dynamic, pagem.htm mobile; /_redirect?… leads off
the site.
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.family import Family
from spiders.cms.marks import patterns
from spiders.links import resolve

ALL = re.compile(r"class=[\"']all_pages[\"']>\s*(\d{1,5})")
LIST = re.compile(r"/list(\d{0,5})\.(htm|psp)$")


class WebPlus(Family):
    NAME = "webplus"
    MARKS = patterns(
        parts=r"\bwp_(?:news_w\d+|paging|articlecontent|menu|entry)",
        paths=r"/_upload/(?:article|tpl|site)/|/_visitcount\?|/_css/(?:_system|tpl2)/|/_js/(?:_portletPlugs|jquery)",
        link=r"/\d{4}/\d{4}/c\d+a\d+/page\.(?:htm|psp)$",
    )

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        turn = super().following(page, rows, visit)
        total, here = ALL.search(page.text), LIST.search(page.url)
        if turn is not None or not total or not here:
            return turn
        number = int(here[1] or 1)
        url = resolve(page.url, f"list{number + 1}.{here[2]}") if number < int(total[1]) else None
        return Ask(url) if url else None
