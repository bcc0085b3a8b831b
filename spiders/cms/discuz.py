"""Discuz! portals and forums: city portals, communities.

Recognised by: generator Discuz!, portal.php, forum.php, static/image/common, discuz_uid.
List: portal.php?mod=list&catid=N: rows dl.bbda with dt a, dd text, span.xg1 date; forum lists: tbody[id^=normalthread].
Paging: &page=N from 1, links 下一页 (a.nxt).  Article: portal.php?mod=view&aid=N, article-N-1.html, thread-N-1-1.html.
Only the generic rules are used: its own were not seen on a page.
"""

from pipelines.decode import Document
from spiders.cms.family import Family
from spiders.cms.marks import generator, patterns, seen


class Discuz(Family):
    NAME = "discuz"
    MARKS = patterns(
        script=r"\bdiscuz_uid\b|\bSTYLEID\s*=\s*'\d+',\s*STATICURL",
        link=r"/(?:portal|forum)\.php\?mod=(?:list|view|viewthread|forumdisplay)",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        named = generator(page)
        return ((f"generator: {named}",) if named.lower().startswith("discuz") else ()) + seen(page, self.MARKS)
