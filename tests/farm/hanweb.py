"""Hanweb sites: jpage lists in XML data stores (two generations of servers) and jpaas lists in units."""

import json
from collections.abc import Sequence
from html import escape
from urllib.parse import quote, unquote

from tests.farm.model import Answer, Asked, Column, Story
from tests.farm.site import FarmSite, metas

JSON = "application/json; charset=utf-8"


class Hanweb(FarmSite):
    """The column page holds the first group (three pages) of records, dataproxy.jsp?page=N gives any page."""

    kind = "hanweb-jpage"
    families = ("hanweb-jpage",)
    size = 5
    counts = (32, 12)
    group = 3

    def list_path(self, column: Column, _number: int) -> str:
        return f"/col/col{column.number}/index.html"

    def story_path(self, story: Story) -> str:
        day = story.at
        return f"/art/{day.year}/{day.month}/{day.day}/art_{story.column.number}_{story.number}.html"

    def attachment_path(self, story: Story) -> str:
        return f"/module/download/downfile.jsp?filename={story.number}.pdf&classid=0"

    def picture_path(self, story: Story) -> str:
        return f"/picture/0/{story.number}.png"

    def web(self) -> int:
        return self.columns[0].number % 90 + 2

    def unit(self, column: Column) -> int:
        return column.number + 7000

    def proxy(self, column: Column, page: int) -> str:
        return (
            f"/module/web/jpage/dataproxy.jsp?page={page}&appid=1&webid={self.web()}&path=/&columnid={column.number}"
            f"&unitid={self.unit(column)}&webname={quote(self.name)}&permissiontype=0"
        )

    def record(self, story: Story) -> str:
        entry = self.entry(story)
        return f'<record><![CDATA[<li>{self.skin.link(entry)}<span class="bt-data-time">{entry.shown}</span></li>]]></record>'

    def store(self, column: Column, stories: Sequence[Story]) -> str:
        total = len(self.of(column))
        return (
            f"<datastore><totalrecord>{total}</totalrecord><totalpage>{-(-total // self.size)}</totalpage>"
            f'<nextgroup><![CDATA[<a href="{self.proxy(column, 1)}"></a>]]></nextgroup>'
            f"<recordset>{''.join(map(self.record, stories))}</recordset></datastore>"
        )

    def list_page(self, column: Column, _number: int) -> str:
        held = self.of(column)[: self.size * self.group]
        unit = self.unit(column)
        call = (
            f"$('#{unit}').jpage({{themeName:'default',dataAfter:function(){{}},dataSource:dataStore,perPage:{self.size},groupSize:{self.group},"
            f"proxyUrl:'/module/web/jpage/dataproxy.jsp',ajaxParam:{{col:1,appid:1,webid:{self.web()},path:'/',columnid:{column.number},"
            f"sourceContentType:1,unitid:'{unit}',webname:'{self.name}',permissiontype:0}}}});"
        )
        main = (
            f'<script src="/script/jquery.jpage.js"></script><div id="{unit}" class="default_pgContainer"><ul></ul>'
            f'<script type="text/xml">{self.store(column, held)}</script></div><script>{call}</script>'
        )
        others = [story for story in self.latest(20) if story.column is not column]
        return self.shell(
            f"{self.name} {column.name}", main, head=self.column_metas(column), crumbs=self.crumbs((column.name, None)),
            side=self.side_menu() + self.hot(others),
        )  # fmt: skip

    def story_metas(self, story: Story) -> str:
        own = metas(i_columnid=str(story.column.number), i_articleid=str(story.number), MakeTime="2025-06-25 09:12:40")
        return super().story_metas(story) + own

    def info(self, story: Story) -> str:
        source = f"<!--<$[信息来源]>begin-->{escape(story.source or '')}<!--<$[信息来源]>end-->"
        hits = f'<script src="/module/visitcount/articlehits.jsp?colid={story.column.number}&artid={story.number}"></script>'
        return f'<div class="sp_time">发布日期：{story.minute}　信息来源：{source}　浏览次数：{hits}</div>'

    def body(self, story: Story) -> str:
        return f'<div class="bt-content zoom" id="zoom"><!--ZJEG_RSS.content.begin-->{self.paragraphs(story)}<!--ZJEG_RSS.content.end--></div>'

    def call(self, asked: Asked) -> Answer | None:
        if not asked.path.endswith("/jpage/dataproxy.jsp"):
            return None
        column = next((one for one in self.columns if str(one.number) == asked.field("columnid")), None)
        if column is None or "referer" not in asked.headers:
            return Answer(b"<datastore></datastore>", "text/xml; charset=utf-8")
        return Answer(self.store(column, self.asked_for(column, asked)).encode(), "text/xml; charset=utf-8")

    def asked_for(self, column: Column, asked: Asked) -> Sequence[Story]:
        return self.on(column, asked.number("page"))


class HanwebRecords(Hanweb):
    """The older server: it obeys startrecord and endrecord of a POST; any page= brings the first group again."""

    kind = "hanweb-records"

    def asked_for(self, column: Column, asked: Asked) -> Sequence[Story]:
        start, end = asked.number("startrecord"), asked.number("endrecord", self.size * self.group)
        return self.of(column)[start - 1 : end]


class HanwebArrays(Hanweb):
    """The oldest generation: the whole list stands in arrays of the column page."""

    kind = "hanweb-arrays"
    whole = True

    def list_page(self, column: Column, _number: int) -> str:
        lines = "".join(
            f"urls[i]='{self.story_path(one)}';headers[i]=\"{escape(one.title)}\";year[i]='{one.at.year}';month[i]='{one.at.month}';day[i]='{one.at.day}';i++;\n"
            for one in self.of(column)
        )
        script = f"<script>var urls=[],headers=[],year=[],month=[],day=[],i=0;\n{lines}showList(1);</script>"
        main = f'<table id="list"><tbody></tbody></table>{script}<div id="pages"></div>'
        return self.shell(
            f"{self.name} {column.name}", main, crumbs=self.crumbs((column.name, None)), side=self.side_menu()
        )


class Jpaas(FarmSite):
    """Each box of a column page is a unit; its rows come as JSON with HTML inside."""

    kind = "hanweb-jpaas"
    families = ("hanweb-jpaas",)
    size = 6
    unit = "/api-gateway/jpaas-publish-server/front/page/build/unit"

    def list_path(self, column: Column, _number: int) -> str:
        return f"/col/col{column.number}/index.html"

    def story_path(self, story: Story) -> str:
        return f"/art/{story.at.year}/art_{story.token}.html"

    def script(self, tag: str, column: Column) -> str:
        fields = {
            "parseType": "bulidstatic", "webId": self.columns[0].token, "tplSetId": self.columns[-1].token,
            "pageType": "column", "tagId": tag, "editType": "null", "pageId": column.token,
        }  # fmt: skip
        query = "{" + ",".join(f"'{name}':'{text}'" for name, text in fields.items()) + "}"
        return f'<script type="text/javascript" src="/jpaas/unitbuild.js" url="{self.unit}" parseType="bulidstatic" queryData="{query}"></script>'

    def list_page(self, column: Column, _number: int) -> str:
        boxes = "".join(
            f'<div class="unit">{self.script(tag, column)}</div>' for tag in ("栏目导航", "当前位置", "当前栏目list")
        )
        return self.shell(f"{column.name}_{self.name}", boxes, head=self.column_metas(column))

    def info(self, story: Story) -> str:
        return f'<p class="xx"><span>发布时间：{story.minute}</span><span>来源：{escape(story.source or "")}</span></p>'

    def body(self, story: Story) -> str:
        return f'<div class="bt-content zoom jpaas-ai-content" id="zoom">{self.paragraphs(story)}</div>'

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != self.unit:
            return None
        column = next((one for one in self.columns if one.token == asked.field("pageId")), None)
        if column is None or asked.field("tplSetId") != self.columns[-1].token or "referer" not in asked.headers:
            return Answer(json.dumps({"success": False, "data": None}).encode(), JSON)
        if asked.field("tagId") != "当前栏目list":
            piece = self.side_menu()
        else:
            said = json.loads(unquote(asked.field("paramJson")) or "{}")
            piece = self.piece(column, int(said.get("pageNo", 1)))
        return Answer(json.dumps({"success": True, "code": "200", "data": {"html": piece}}).encode(), JSON)

    def piece(self, column: Column, number: int) -> str:
        rows = self.skin.rows([self.entry(story) for story in self.on(column, number)])
        links = "".join(f'<a data-page="{one}">{one}</a>' for one in range(1, self.turns(column) + 1))
        return f'{rows}<div class="pagination" rows="{self.size}" count="{len(self.of(column))}">{links}</div>'
