"""EmpireCMS (帝国): companies, local news, associations.

Recognised by: /e/public/, /e/action/, /e/search/, /e/data/, /d/file/, its pager with <a title="Total record">.
List: folder/, rows in server HTML (templates of every sort, cards too).
Paging: index_2.html is page 2 (counted from 1), by links; dynamic /e/action/ListInfo/?classid=6&page=1 counts from 0.
Article: /a/b/123.html, /news/2020-12-17/123.html; /e/action/ShowInfo.php?classid=&id=.
"""

from pipelines.decode import Document
from spiders.cms.family import Family
from spiders.cms.marks import generator, patterns, seen


class EmpireCms(Family):
    NAME = "empirecms"
    MARKS = patterns(
        pager=r"<a title=[\"']Total record[\"']>",
        path=r"/e/(?:public/(?:onclick|ViewClick|count)|action/(?:ListInfo|ShowInfo)|search/(?:index\.php|result)|data/(?:js|images|tmp)|DownSys|pl/|member/(?:login|doaction|register))",
        files=r"(?:src|href)=[\"'][^\"'\s]{0,100}/d/file/",
        credit=r"Powered by\s*(?:<[^>]{1,200}>\s*){0,3}EmpireCMS|ecmsinfo|phome\.net",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        named = generator(page)
        marks = seen(page, self.MARKS)
        return (f"generator: {named}", *marks) if "empire" in named.lower() else marks
