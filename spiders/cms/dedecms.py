"""DedeCMS (织梦): companies, parks run as companies, associations, farms; often GBK.

Recognised by: /plus/*.php, /templets/, /dede/, "Power by DedeCms", its pager (li.thisclass, span.pageinfo), list names.
List: folder/ or list_TID_1.html, rows in server HTML.  Paging: list_TID_N.html counted from 1, links 下一页 and a
<select> of pages; the first page answers at the folder too.  Dynamic: /plus/list.php?tid=N&PageNo=2.
Article: /a/…/2020/1217/123.html, /123.html; long ones continue in 123_2.html.
Traps: side boxes (热点内容, 相关推荐) list articles of other columns without dates.
"""

from pipelines.decode import Document
from spiders.cms.family import Family
from spiders.cms.marks import generator, patterns, seen


class DedeCms(Family):
    NAME = "dedecms"
    MARKS = patterns(
        script=r"/plus/(?:view|list|search|count|ad_js|download|feedback|guestbook|recommend)\.php",
        templates=r"/templets/(?:default|\w+)/",
        credit=r"Power(?:ed)?\s*by\s*Dede\s?CMS|dedecms\.com|DedeAjax|织梦内容管理|织梦CMS",
        pager=r"<li\s+class=[\"']thisclass[\"']|<span\s+class=[\"']pageinfo[\"']>",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        marks = seen(page, self.MARKS)
        named = generator(page)
        return (f"generator: {named}", *marks) if "dede" in named.lower() else marks
