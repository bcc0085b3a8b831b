"""UCAP sites (CMSPRO): static lists that count from 1, and two generations of JSON searches behind empty lists."""

import json
from collections.abc import Sequence
from html import escape

from tests.farm.model import Answer, Asked, Column, Story, dashed
from tests.farm.site import FarmSite, metas

JSON = "application/json; charset=utf-8"
GATE = """<div id="qr_container"><canvas id="Canvas">用来校验该浏览器是否支持HTML5</canvas><div id="div_div"></div><p>扫一扫在手机打开当前页</p></div>"""


class Ucap(FarmSite):
    """createPageHTML('page_div', total, current, 'list', 'shtml', rows): page p counted from 1 is list_p.shtml."""

    kind = "ucap"
    families = ("ucap",)
    extension = "shtml"
    static = "/xhtml"
    file = "list"

    def folder(self, column: Column) -> str:
        return f"/{self.columns[0].key[::-1]}/{column.key}/"

    def list_path(self, column: Column, number: int) -> str:
        return f"{self.folder(column)}{self.file}{f'_{number}' if number > 1 else ''}.shtml"

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m}/{story.token}.shtml"

    def picture_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m}/{story.token}/images/{story.number}.png"

    def attachment_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}{story.at:%Y%m}/{story.token}/files/{story.number}.pdf"

    def rows(self, stories: Sequence[Story], here: str) -> str:
        lines = "".join(
            f'<li><h4><a href="{self.story_path(story)}" title="{escape(story.title)}" target="_blank">{escape(story.title[:24])}</a></h4><span class="time">{story.day}</span></li>'
            for story in stories
        )
        return f'<ul class="pageList infoList listContent">{lines}</ul>'

    def pager(self, column: Column, number: int) -> str:
        call = (
            f"createPageHTML('page_div',{self.turns(column)}, {number},'{self.file}','shtml',{len(self.of(column))});"
        )
        return f'<div id="page_div" class="pagination_index"></div><script type="text/javascript">{call}</script>'

    def head(self) -> str:
        return f'<script type="text/javascript" src="/xhtml/js/jquery.min.js"></script><!-- templateId={self.columns[0].token}&websiteId={self.columns[-1].token} -->\n'

    def story_metas(self, story: Story) -> str:
        return super().story_metas(story) + metas(manuscriptId=story.token)

    def headline(self, story: Story) -> str:
        return f"<h1><UCAPTITLE>{escape(story.title)}</UCAPTITLE></h1>"

    def info(self, story: Story) -> str:
        return f'<div class="article-info"><span>发布日期：<PUBLISHTIME>{story.minute}</PUBLISHTIME></span><span>来源：{escape(story.source or "")}</span></div>'

    def body(self, story: Story) -> str:
        return f'<div id="zoomcon" class="article-content"><UCAPCONTENT>{self.paragraphs(story)}</UCAPCONTENT></div>'

    def noise(self, story: Story) -> str:
        return super().noise(story) + GATE


class UcapSearch(Ucap):
    """The list page is empty; its script asks /common/search/HEX32 for JSON pages."""

    kind = "ucap-search"
    file = "common_list"

    def list_path(self, column: Column, _number: int) -> str:
        return f"{self.folder(column)}{self.file}.shtml"

    def list_page(self, column: Column, _number: int) -> str:
        address = (
            f"/common/search/{column.token}?_isAgg=true&_isJson=true&_pageSize={self.size}&_template=index"
            "&_rangeTimeGte=&_channelName=&page="
        )
        script = f"var channel = '{column.token}';\nfunction load(n) {{ $.ajax({{url: \"{address}\" + n, type: 'get', dataType: 'json', success: function (got) {{ draw(got.data); }}}}); }}\nload(1);"
        main = (
            f'<h2>{column.name}</h2><ul class="pageList" id="list"></ul><div id="pages"></div><script>{script}</script>'
        )
        return self.shell(f"{column.name}_{self.name}", main, head=self.column_metas(column), side=self.side_menu())

    def call(self, asked: Asked) -> Answer | None:
        column = next((one for one in self.columns if asked.path == f"/common/search/{one.token}"), None)
        if column is None:
            return None
        number = asked.number("page")
        results = [
            {
                "title": story.title, "url": self.story_path(story), "subTitle": "", "content": story.paragraphs[0][:80],
                "publishedTimeStr": f"{story.minute}:00", "channelName": column.name, "domainMetaList": [],
            }
            for story in self.on(column, number)
        ]  # fmt: skip
        data = {
            "total": len(self.of(column)),
            "page": number,
            "rows": self.size,
            "channelId": column.token,
            "results": results,
        }
        return Answer(json.dumps({"code": 200, "data": data}, ensure_ascii=False).encode(), JSON)


class UcapOpenness(Ucap):
    """The list page asks interfacesWebZcwj/loadData by POST: pageIndex and channel_id in a form."""

    kind = "ucap-openness"
    file = "zcwj_list"
    path = "/szinf/xxgk/interfacesWebZcwj/loadData"

    def list_path(self, column: Column, _number: int) -> str:
        return f"{self.folder(column)}{self.file}.shtml"

    def list_page(self, column: Column, _number: int) -> str:
        script = f"var channel_id = '{dashed(column.token)}';\n$.ajax({{type: 'post', url: \"{self.path}?pageSize={self.size}\", data: {{pageIndex: 1, channel_id: channel_id}}, success: draw}});"
        main = f'<h2>{column.name}</h2><div id="zcwj"></div><script>{script}</script>'
        return self.shell(f"{column.name}_{self.name}", main, head=self.column_metas(column), side=self.side_menu())

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != self.path or asked.method != "POST":
            return None
        column = next((one for one in self.columns if dashed(one.token) == asked.field("channel_id")), None)
        if column is None:
            return Answer(json.dumps({"code": 1, "data": None}).encode(), JSON)
        found = [
            {
                "TITLE": story.title, "URL": self.story_path(story), "C_WJBH": "", "PUBLISHED_TIME_FORMAT": story.day,
                "C_FWRQ_FORMAT": "", "C_SYH": f"{self.content.facts.code}/{story.number}", "MANUSCRIPT_ID": story.token,
            }
            for story in self.on(column, asked.number("pageIndex"))
        ]  # fmt: skip
        data = {"allRow": len(self.of(column)), "totalPage": self.turns(column), "list": found}
        return Answer(json.dumps({"code": 0, "data": data}, ensure_ascii=False).encode(), JSON)
