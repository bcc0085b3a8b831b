"""VSB (博达 Visual SiteBuilder): universities, hospitals, some county sites.

Recognised by: /system/resource/ scripts, _simple_list_gotopage_fun, pb_sys_ pager, _newscontent_fromname, vsb_content.
List: …/tzgg.htm, rows li[id^=line_u].  Dynamic twin: /xlist.jsp?urltype=tree.TreeTempUrl&wbtreeid=N.
Paging: DESCENDING: page 2 is tzgg/{total-1}.htm, the last tzgg/1.htm; all numbers shift by one when a page fills up, so
a page number is no key.  下页 links (a.Next, .p_next) are walked; where they are missing, the total that
_simple_list_gotopage_fun(31, …) names makes page 2, and the number in the URL the rest.
Article: /info/COLUMN/ID.htm, no date in the URL; content.jsp?…&wbtreeid=&wbnewsid= is the same article
(spiders.links.canonical).
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.family import Family
from spiders.cms.marks import patterns
from spiders.cms.scripts import calls, number, script_text
from spiders.links import resolve

HANDLER = re.compile(r"_simple_list_gotopage_fun\(\s*(\d{1,5})\s*,")
FIRST = re.compile(r"^(.*/)([^/]+?)\.(htm|html)$")
LATER = re.compile(r"^(.*/[^/]+)/(\d{1,5})\.(htm|html)$")


class Vsb(Family):
    NAME = "vsb"
    MARKS = patterns(
        resource=r"/system/resource/(?:js|code|css|style)/|/system/_content/download\.jsp|/system/_owners/",
        pager=r"_simple_list_gotopage_fun|\bpb_sys_(?:common|full|normal|style)|id=[\"']fanye\d+",
        news=r"_newscontent_fromname|vsb_content|v_news_content|_showDynClicks|id=[\"']line_u\d+_\d+",
    )

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        turn = super().following(page, rows, visit)
        if turn is not None:
            return turn
        script = script_text(page)
        handler = HANDLER.search(page.text)
        total = next((number(script, found[0]) for found in calls(script, "_simple_list_gotopage_fun") if found), None)
        total = total or (int(handler[1]) if handler else None)
        later, first = LATER.match(page.url), FIRST.match(page.url)
        if total is None or total < 2:
            return None
        if later and int(later[2]) < total:
            url = f"{later[1]}/{int(later[2]) - 1}.{later[3]}" if int(later[2]) > 1 else None
        elif first:
            url = f"{first[1]}{first[2]}/{total - 1}.{first[3]}"
        else:
            return None
        named = resolve(page.url, url) if url else None
        return Ask(named) if named else None
