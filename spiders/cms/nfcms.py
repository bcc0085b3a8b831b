"""NFCMS (南方新闻网 CMS): news pages of Guangdong's government sites.

Recognised by: NFCMS_*_ID variables, NFCMS-POST-VISIT, statistics.gd.gov.cn, links /content/post_ID.html.
List: server HTML, …/index.html; rows lead to content/post_ID.html below the column.  Paging: index_2.html is page 2
(counted from 1), by links; a.last has the number of the last page.
Article: no date in the URL; mpost_ID.html is its mobile twin (one identity: spiders.links.canonical).
Traps: rows that lead to WeChat or to other departments; the openness list of the same host is gkmlpt.
"""

from spiders.cms.family import Family
from spiders.cms.marks import patterns


class Nfcms(Family):
    NAME = "nfcms"
    MARKS = patterns(
        ids=r"NFCMS_(?:SITE|POST|CAT|PAGE)_ID",
        visits=r"NFCMS-POST-VISIT",
        counter=r"statistics\.gd\.gov\.cn",
        link=r"(?<!/gkmlpt)/content/m?post_\d+\.html$",
    )
