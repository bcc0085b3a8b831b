"""people.cn (人民网) and its hosted channels; GBK until about 2020 on many.

Recognised by: /n1/YYYY/MMDD/cCOL-ID.html articles (older /n/YYYY/…), rm_txt_con, tools.people.com.cn.
List: index.html, rows ul.list_14 li a + em; paging index2.html, index3.html … by links (下一页), counted from 1.
Article: the day in the URL is that of publication.
"""

from spiders.cms.family import Family
from spiders.cms.marks import patterns


class People(Family):
    NAME = "people"
    MARKS = patterns(
        link=r"/n\d?/\d{4}/\d{4}/c\d+-\d+\.html$",
        script=r"tools\.people\.com\.cn|rm_txt_(?:con|zw)|people\.com\.cn/css/",
    )
