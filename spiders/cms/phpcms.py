"""PHPCMS V9: news sites, associations, parks run as companies.

Recognised by: index.php?m=content&c=index, /statics/ with its css names, generator or credit.
List: index.php?m=content&c=index&a=lists&catid=N, /html/column/, list-CAT-PAGE.html; rows in server HTML.
Paging: #pages with links (下一页, class a1), counted from 1.
Article: /html/2020/xw_1217/123.html, show-CAT-ID-PAGE.html, content-CAT-ID-PAGE.html, ?a=show&catid=&id=.
Only the generic rules are used: its own were not seen on a page.
"""

from spiders.cms.family import Family
from spiders.cms.marks import patterns


class PhpCms(Family):
    NAME = "phpcms"
    MARKS = patterns(
        call=r"index\.php\?m=(?:content|search|wap|comment|member)&(?:amp;)?c=index",
        statics=r"/statics/(?:css|js|images)/(?:reset|default_blue|jquery\.min|search_common|[\w-]*phpcms)",
        credit=r"Powered by\s*(?:<[^>]{1,100}>)?\s*PHPCMS|phpcms\.cn",
        link=r"/index\.php\?m=content&c=index&a=(?:lists|show)",
    )
