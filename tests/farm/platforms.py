"""Government platforms with lists of their own: Epoint, TrueCMS, Lonsun, EasySite, the content.html family."""

import json
from collections.abc import Sequence
from html import escape

from tests.farm.model import Answer, Asked, Column, Story, dashed
from tests.farm.site import FarmSite, metas

JSON = "application/json; charset=utf-8"


class Epoint(FarmSite):
    """Static lists: moreinfo.html, then 2.html, 3.html in the folder of the category, by a click handler."""

    kind = "epoint"
    families = ("epoint",)
    static = "/EWB-FRONT"

    def category(self, column: Column) -> str:
        return f"00{column.number % 7 + 1}{self.columns.index(column) + 1:03}"

    def folder(self, column: Column) -> str:
        category = self.category(column)
        return f"/{column.key}/{category[:3]}/{category}/"

    def list_path(self, column: Column, number: int) -> str:
        return f"{self.folder(column)}{'moreinfo' if number == 1 else number}.html"

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m%d}/{dashed(story.token)}.html"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<li class="ewb-list-node clearfix"><a href="{self.story_path(story)}" class="ewb-list-name" title="{escape(story.title)}">{escape(story.title)}</a><span class="ewb-list-date">{story.day}</span></li>'
            for story in stories
        )
        return f'<ul class="ewb-list">{lines}</ul>'

    def pager(self, column: Column, number: int) -> str:
        return f"""<div class="pager" id="page"></div><script>
$('#page').pagination({{pageIndex: {number - 1}, pageSize: {self.size}, total: {len(self.of(column))}, showInfo: true}});
var total = {len(self.of(column))}, pageSize = {self.size};
$('#page').on('pageClicked', function (event, data) {{ window.location.href = "{self.folder(column)}" + (data.pageIndex + 1) + ".html"; }});
</script>"""

    def tail(self) -> str:
        return '<script src="/js/webBuilderCommon.js"></script>'

    def info(self, story: Story) -> str:
        return f'<div class="ewb-article-sources"><span>信息时间：{story.minute}</span><span>信息来源：{escape(story.source or "")}</span></div>'

    def body(self, story: Story) -> str:
        return f'<div class="ewb-article" id="infocontent">{self.paragraphs(story)}</div>'


class EpointOpenness(Epoint):
    """govInfoPub.html?categorynum=N: a shell whose rows come by a POST of JSON; siteGuid stands in a script file."""

    kind = "epoint-openness"
    counts = (112, 9)
    size = 50

    def list_path(self, column: Column, _number: int) -> str:
        return f"/zfxxgk/govInfoPub.html?deptcode=&categorynum={self.category(column)}"

    def list_page(self, column: Column, _number: int) -> str:
        main = f'<div class="ewb-right"><h2 class="ewb-title">{column.name}</h2><ul class="ewb-data-items" id="list"></ul><div id="pager"></div></div>'
        return self.shell(f"{column.name}_{self.name}", main, head=self.column_metas(column))

    def call(self, asked: Asked) -> Answer | None:
        if asked.path == "/js/webBuilderCommon.js":
            script = f'var siteInfo = {{"projectName": "/EWB-FRONT", "siteGuid": "{dashed(self.columns[0].token)}"}};\n'
            return Answer(script.encode(), "application/javascript")
        if asked.path != "/EWB-FRONT/rest/lightfrontaction/getgovinfolist" or asked.method != "POST":
            return None
        said = json.loads(asked.body or b"{}")
        column = next((one for one in self.columns if self.category(one) == said.get("categorynum")), None)
        if column is None or said.get("siteGuid") != dashed(self.columns[0].token):
            return Answer(json.dumps({"custom": {"data": [], "count": 0}}).encode(), JSON)
        number, size = int(said.get("pageIndex", 1)), min(50, int(said.get("pageSize", 10)))
        data = [
            {"infourl": self.story_path(one), "realtitle": one.title, "title": one.title[:20], "infodate": one.day}
            for one in self.of(column)[(number - 1) * size : number * size]
        ]
        return Answer(json.dumps({"custom": {"data": data, "count": len(self.of(column))}}).encode(), JSON)


class TrueCms(FarmSite):
    """The first rows stand hidden in #initData; more come by getMessage.do as JSONP around XML."""

    kind = "truecms"
    families = ("truecms",)
    size = 4
    counts = (34, 9)
    held = 16
    proxy = "/truecms/messageController/getMessage.do"

    def folder(self, column: Column) -> str:
        return f"/{self.columns[0].key[:2]}{self.columns[-1].key}/{column.key}/"

    def list_path(self, column: Column, _number: int) -> str:
        return f"{self.folder(column)}{column.key}.html"

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}content/{dashed(story.token)}.html"

    def list_page(self, column: Column, _number: int) -> str:
        first = "".join(
            f'<li><a href="{self.story_path(one)}" title="{escape(one.title)}">{escape(one.title)}</a><span>{one.day}</span></li>'
            for one in self.of(column)[: self.held]
        )
        call = (
            f"$('#list').jpage({{dataBefore: '', perPage: {self.size}, groupSize: 3, totalRecord: {len(self.of(column))}, "
            f"proxyUrl: '{self.proxy}', ajaxParam: {{columnId: '{dashed(column.token)}'}}}});"
        )
        main = f'<h2>{column.name}</h2><ul id="list"></ul><div id="initData" style="display:none"><ul>{first}</ul></div><script src="/truecms/js/jquery.jpage.js"></script><script>{call}</script>'
        return self.shell(f"{column.name}_{self.name}", main, head=self.column_metas(column), side=self.side_menu())

    def info(self, story: Story) -> str:
        return f'<div class="bt-info">来源：{escape(story.source or "")}　发布时间：{story.minute}　字体：[ 大 中 小 ]</div>'

    def body(self, story: Story) -> str:
        return f'<div class="bt-content pages_content">{self.paragraphs(story)}</div>'

    def call(self, asked: Asked) -> Answer | None:
        column = next((one for one in self.columns if dashed(one.token) == asked.field("columnId")), None)
        if asked.path != self.proxy or column is None or "referer" not in asked.headers:
            return None
        start, end = asked.number("startrecord"), asked.number("endrecord")
        if end - start + 1 > 60:
            return self.missing()
        records = "".join(
            f'<record><![CDATA[<li><a href="{self.story_path(one)}">{escape(one.title)}</a><span>{one.day}</span></li>]]></record>'
            for one in self.of(column)[start - 1 : end]
        )
        store = (
            f"<datastore><totalrecord>{len(self.of(column))}</totalrecord><recordset>{records}</recordset></datastore>"
        )
        return Answer(
            f"{asked.field('callback', 'cb')}({json.dumps({'result': store})})".encode(),
            "text/javascript; charset=utf-8",
        )


class Lonsun(FarmSite):
    """News lists by ?pageIndex=N; the openness column by /public/column/ORG?type=4, its pager made by a script."""

    kind = "lonsun"
    families = ("lonsun",)

    @property
    def organ(self) -> int:
        return 6_600_000 + self.columns[0].number

    def list_path(self, column: Column, number: int) -> str:
        turn = f"pageIndex={number}" if number > 1 else ""
        if column is self.columns[0]:
            return f"/xwdt/{column.key}/index.html" if number == 1 else f"/content/column/{column.number}?{turn}"
        return f"/public/column/{self.organ}?type=4&action=list&nav=3&catId={column.number}" + (
            f"&{turn}" if turn else ""
        )

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/content/column/{column.number}?pageIndex=1",) if column is self.columns[0] else ()

    def story_path(self, story: Story) -> str:
        if story.column is self.columns[0]:
            return f"/xwdt/{story.column.key}/{story.number}1.html"
        return f"/public/{self.organ}/{story.number}1.html"

    def rows(self, stories: Sequence[Story], here: str) -> str:
        name = "doc_list" if here.startswith("/public") else "navjz"
        lines = "".join(
            f'<li><a href="{self.url(self.story_path(one))}" class="left" title="{escape(one.title)}" target="_blank">{escape(one.title)}</a><span class="right date">{one.day}</span></li>'
            for one in stories
        )
        return f'<ul class="{name} clearfix">{lines}</ul>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        if column is not self.columns[0]:
            links = "".join(f'<a href="javascript:;" paged="{one}">{one}</a>' for one in range(1, total + 1))
            return f'<div id="page_public_info" class="pagination">{links}<a href="javascript:;" paged="{total}">尾页</a></div>'
        parts = [
            f'<a href="{escape(self.list_path(column, to))}">{label}</a>'
            for label, to in (("上一页", number - 1), ("下一页", number + 1), ("尾页", total))
            if 1 <= to <= total and to != number
        ]
        return f'<div class="ls-page pagination">{"".join(parts)}<span>共{total}页</span></div><script src="/assets/lonsun/js/page.js"></script>'

    def story_metas(self, story: Story) -> str:
        return super().story_metas(story) + metas(HtmlGenerateTime="2025-06-26 10:11:12")

    def info(self, story: Story) -> str:
        return f'<div class="wzbjxx"><p>发布时间：{story.minute}</p><p>信息来源：{escape(story.source or "")}</p><p>浏览次数：<span id="views"></span></p></div>'

    def body(self, story: Story) -> str:
        return f'<div class="wzcon j-fontContent clearfix">{self.paragraphs(story)}</div>'


class EasySite(FarmSite):
    """/a/b/column/index.html, further pages by /eportal/ui?…currentPage=N; the ids stand in hidden inputs."""

    kind = "easysite"
    families = ("easysite",)
    static = "/eportal/uiFramework"

    def folder(self, column: Column) -> str:
        return f"/{column.number}/{column.number + 31}/"

    def dynamic(self, column: Column, number: int) -> str:
        return f"/eportal/ui?pageId={column.number}&currentPage={number}&moduleId={column.token}&staticRequest=yes"

    def list_path(self, column: Column, number: int) -> str:
        return f"{self.folder(column)}index.html" if number == 1 else self.dynamic(column, number)

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (self.folder(column), self.dynamic(column, 1))

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m%d%H%M}{story.number}/index.html"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<tr><td height="22"><font class="newslist_style"><a href="{self.story_path(one)}" onclick="void(0)" title="{escape(one.title)}">{escape(one.title)}</a></font><span class="hui12">{one.day}</span></td></tr>'
            for one in stories
        )
        return f'<div class="portlet easysite-list"><table width="95%">{lines}</table></div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        return (
            f'<input type="hidden" id="eprotalCurrentPageId" value="{column.number}" /><input type="hidden" name="article_paging_list_hidden" moduleid="{column.token}" currentpage="{number}" totalpage="{total}" />'
            f'<div class="pagingNormal"><a style="cursor:pointer" onclick="queryArticleByCondition(this,\'next\')">下一页</a><span>{number}/{total}</span></div>'
        )

    def info(self, story: Story) -> str:
        return f'<div class="easysite-news-operation"><p class="easysite-news-describe-info">文章来源：{escape(story.source or "")}　{story.minute}</p></div>'

    def body(self, story: Story) -> str:
        return f'<div class="easysite-news-text" id="easysiteText"><div id="zoom">{self.paragraphs(story)}</div></div>'


class Ccontent(FarmSite):
    """/nA/nB/index.html, articles /nA/nB/cID/content.html, older pages index_NODE_N.html counted down."""

    kind = "ccontent"
    families = ("ccontent",)

    def folder(self, column: Column) -> str:
        return f"/n{self.columns[0].number}588/n{column.number}320/"

    def list_path(self, column: Column, number: int) -> str:
        name = "index" if number == 1 else f"index_{column.number}320_{self.turns(column) + 1 - number}"
        return f"{self.folder(column)}{name}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (self.folder(column),)

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}c{story.number}12/content.html"

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [
            f'<a href="{self.list_path(column, to)}">{label}</a>'
            for label, to in (("首页", 1), ("上一页", number - 1), ("下一页", number + 1), ("尾页", total))
            if 1 <= to <= total and to != number
        ]
        return f'<div class="pag">共{total}页 {" ".join(parts)}</div>'

    def body(self, story: Story) -> str:
        return f'<div class="zsy_comain"><div id="ztdx" class="wordContent">{self.paragraphs(story)}</div></div>'
