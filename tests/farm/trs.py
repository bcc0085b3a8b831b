"""TRS WCM sites: folders of initials, tYYYYMMDD_ID.html below months, pagers made by a call that counts from 0."""

from collections.abc import Sequence
from html import escape

from tests.farm.model import Answer, Asked, Column, Story
from tests.farm.site import FarmSite

STYLE = '<style type="text/css">.TRS_Editor P{margin:0;line-height:1.8;font-size:12pt;}</style>'


class Trs(FarmSite):
    """createPageHTML(total, current, "index", "html"): page p counted from 0 is index_p.html."""

    kind = "trs"
    families = ("trs",)
    static = "/images"

    def folder(self, column: Column) -> str:
        return f"/zwgk/{column.key}/"

    def name_of(self, _column: Column) -> str:
        """Name of the list files."""
        return "index"

    def list_path(self, column: Column, number: int) -> str:
        named = self.name_of(column)
        if number > 1:
            return f"{self.folder(column)}{named}_{number - 1}.{self.extension}"
        return self.folder(column) if named == "index" else f"{self.folder(column)}{named}.{self.extension}"

    def aliases(self, column: Column) -> Sequence[str]:
        return (f"{self.folder(column)}index.{self.extension}",) if self.name_of(column) == "index" else ()

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m}/t{story.at:%Y%m%d}_{story.number}.{self.extension}"

    def picture_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m}/W0{story.at:%Y%m%d}{story.number}.png"

    def attachment_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m}/P0{story.at:%Y%m%d}{story.number}.pdf"

    def href(self, story: Story, here: str) -> str:
        folder = here.rpartition("/")[0] + "/"
        path = self.story_path(story)
        return f"./{path.removeprefix(folder)}" if path.startswith(folder) else path

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        call = f'createPageHTML({total}, {number - 1}, "{self.name_of(column)}", "{self.extension}");'
        return f'<div class="page"><script language="JavaScript">{call}</script></div>'

    def body(self, story: Story) -> str:
        kind = "view TRS_UEDITOR trs_paper_default trs_web" if self.seed[-1] in "02468" else "TRS_Editor"
        return f'<div class="article_con" id="zoom"><div class="{kind}">{STYLE}{self.paragraphs(story)}</div></div>'

    def head(self) -> str:
        return '<meta name="others" content="页面生成时间 2025-06-24 17:04:32" />\n'


class TrsChannel(Trs):
    """The name of the list files carries the channel: createPage(4, 0, "index_1743", "shtml")."""

    kind = "trs-channel"
    extension = "shtml"

    def name_of(self, column: Column) -> str:
        return f"index_{column.number}"

    def pager(self, column: Column, number: int) -> str:
        call = f'createPage({self.turns(column)}, {number - 1}, "{self.name_of(column)}", "{self.extension}");'
        return f'<div class="page"><script type="text/javascript">{call}</script></div>'


class TrsCount(Trs):
    """The pager is written out by the page's own script from countPage and currentPage."""

    kind = "trs-count"
    extension = "htm"

    def pager(self, column: Column, number: int) -> str:
        return f"""<div class="fenye"><script language="JavaScript">
var currentPage = {number - 1};//所在页从0开始
var prevPage = currentPage-1//上一页
var nextPage = currentPage+1//下一页
var countPage = {self.turns(column)}//共多少页
if(countPage>1&&currentPage!=(countPage-1))
 document.write("<a href=\\"index"+"_"+nextPage+"."+"htm\\">下一页</a>");
</script></div>"""


class TrsRecords(Trs):
    """The pager is made by a script file from m_nRecordCount and m_nPageSize."""

    kind = "trs-records"

    def pager(self, column: Column, number: int) -> str:
        return (
            f'<script>var m_nRecordCount = "{len(self.of(column))}"; var m_nPageSize = {self.size};'
            f'var m_nCurrPage = {number - 1};</script><script src="/images/js/page.js"></script>'
        )


class TrsMedia(Trs):
    """A newspaper on TRS: days as folders, gb2312, a title block of its own, sources behind the headline."""

    kind = "trs-media"
    genre = "press"
    charset = "gb2312"
    extension = "shtml"

    def folder(self, column: Column) -> str:
        return f"/{column.key}/"

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.at:%Y%m}/{story.at:%d}/t{story.at:%Y%m%d}_{story.number}.shtml"

    def info(self, story: Story) -> str:
        return f'<div class="laiyuan">{story.at:%Y年%m月%d日 %H:%M}　来源：{escape(story.source or "")}　责任编辑：程以宁</div>'

    def body(self, story: Story) -> str:
        return f'<div id="articleText"><div class="TRS_Editor">{STYLE}{self.paragraphs(story)}</div></div>'


class TrsWas(Trs):
    """The second column is a list of the WAS front: /was5/web/search?channelid=N&page=P, links counted from 1."""

    kind = "trs-was"

    def list_path(self, column: Column, number: int) -> str:
        if column is self.columns[0]:
            return super().list_path(column, number)
        return f"/was5/web/search?channelid={column.number}" + (f"&page={number}" if number > 1 else "")

    def aliases(self, column: Column) -> Sequence[str]:
        return super().aliases(column) if column is self.columns[0] else ()

    def pager(self, column: Column, number: int) -> str:
        if column is self.columns[0]:
            return super().pager(column, number)
        total = self.turns(column)
        links = f'<a href="search?channelid={column.number}&amp;page={number + 1}">下一页</a>' if number < total else ""
        return f'<div class="fanye">第 {number} 页/共 {total} 页 {links}</div><script>var countPage={total}; var recordCount={len(self.of(column))};</script>'

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != "/was5/web/search":
            return None
        column = next((one for one in self.columns if str(one.number) == asked.field("channelid")), None)
        number = asked.number("page")
        return self.page(self.list_page, column, number) if column and number <= self.turns(column) else None
