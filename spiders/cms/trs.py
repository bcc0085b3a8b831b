"""TRS WCM (拓尔思; also 海云 HyCloud) with its IGS and WAS search fronts: most ministries, fifteen provinces.

Recognised by: articles tYYYYMMDD_ID.html in YYYYMM folders; class TRS_Editor and its kin; `CurrChnlCls` breadcrumbs; a
pager call whose first argument is a number; /igs/front/, /was5/web/ links.  "trs" alone is no mark.
List: static, a folder of pinyin initials or index.html, index_CID.html; rows in server HTML, links relative to it.
Paging: createPageHTML(total, current, "index", "html"): page p counted from 0 is index_p.html, the first index.html;
the name may carry the channel (index_17431_1.html).  Variables countPage/currentPage, Pager({…}) and m_nRecordCount
mean the same.  Many sites generate only the first 10-50 pages; beyond them comes a stub or 404.  The number of pages
is never trusted: nothing new ends the walk.
WAS and IGS fronts answer HTML or JSON; their lists count `page=` or `pageNumber=` from 1 (JSON: adapter "json").
Article: date in the URL is the day of import, close to the day of publication.
Traps: GBK pages on UTF-8 hosts; <a onclick="jumpToDetail('./202605/t….html')">; the same id under two columns.
"""

from spiders.cms.family import Family
from spiders.cms.marks import patterns


class Trs(Family):
    NAME = "trs"
    MARKS = patterns(
        pager=r"createPage(?:HTML)?\(\s*(?:\d+|[a-z_]\w*)\s*,\s*\w+\s*,\s*[\"'][^\"']+[\"']\s*,\s*[\"']s?html?[\"']",
        editor=r"TRS_Editor|TRS_UEDITOR|trs_editor_view|trs_paper_default|TRS_PreAppend|Custom_UnionStyle|TRS_AUTOADD",
        frame=r"CurrChnlCls|_trs_ta_js",
        front=r"/igs/front/|/was5/web/|/was40/",
        link=r"/(?:19|20)\d{4}/t(?:19|20)\d{6}_\d+\.s?html?$",
    )
