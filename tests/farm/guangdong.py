"""Guangdong's pair: NFCMS news pages, and the gkmlpt openness lists that a script fills from a JSON interface."""

import json
from functools import partial
from html import escape
from typing import ClassVar

from tests.farm.model import Answer, Asked, Column, Story
from tests.farm.site import FarmSite, Routes
from tests.farm.skin import Entry

UA_SNIFF = "if (/mobile|android|iphone/i.test(navigator.userAgent)) {{ location.href = '{twin}'; }}"


class Nfcms(FarmSite):
    """index.html, index_2.html counted from 1; post_ID.html below the column, mpost_ID.html for phones."""

    kind = "nfcms"
    families: ClassVar[tuple[str, ...]] = ("nfcms",)

    def folder(self, column: Column) -> str:
        return f"/xwzx/{column.key}/"

    def list_path(self, column: Column, number: int) -> str:
        return f"{self.folder(column)}index{f'_{number}' if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (self.folder(column),)

    def story_path(self, story: Story) -> str:
        return f"{self.folder(story.column)}content/post_{story.number}.html"

    def href(self, story: Story, _here: str) -> str:
        return self.url(self.story_path(story))

    def entry(self, story: Story, here: str = "/") -> Entry:
        """Every ninth row leads to the page for phones, as editors paste what they see."""
        one = super().entry(story, here)
        href = one.href.replace("/post_", "/mpost_") if story.number % 9 == 0 else one.href
        return Entry(href, one.title, one.shown, one.summary)

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        links = "".join(
            f'<a class="{name}" href="{self.url(self.list_path(column, to))}">{label}</a>'
            for label, name, to in (
                ("首页", "first", 1),
                ("上一页", "prev", number - 1),
                ("下一页", "next", number + 1),
                ("尾页", "last", total),
            )
            if 1 <= to <= total and to != number
        )
        return f'<div class="page">{links}</div>'

    def head(self) -> str:
        return f"<script>var NFCMS_SITE_ID={self.columns[0].number}01;var NFCMS_CAT_ID={self.columns[0].number};</script>\n"

    def story_metas(self, story: Story) -> str:
        twin = self.story_path(story).replace("/post_", "/mpost_")
        return (
            super().story_metas(story)
            + f"<script>var NFCMS_POST_ID={story.number};{UA_SNIFF.format(twin=twin)}</script>\n"
        )

    def info(self, story: Story) -> str:
        return f'<ul class="zw-info"><li class="date">时间：{story.minute}</li><li class="ly"><span id="laiyuan">来源：{escape(story.source or "")}</span></li></ul>'

    def body(self, story: Story) -> str:
        return f'<div class="zw" id="zoomcon">{self.paragraphs(story)}</div><div id="ul_xgfj"></div>'

    def noise(self, story: Story) -> str:
        return (
            super().noise(story)
            + '<div class="sweep">扫一扫在手机打开当前页</div><span id="NFCMS-POST-VISIT-2"></span>'
        )

    def tail(self) -> str:
        return '<script src="http://statistics.gd.gov.cn/nfcms/visit.js"></script>'

    def more(self) -> Routes:
        return {
            self.story_path(story).replace("/post_", "/mpost_"): partial(self.page, self.phone_page, story)
            for story in self.stories
        }

    def phone_page(self, story: Story) -> str:
        return f"<html><head><meta charset=utf-8><title>{escape(story.title)}</title></head><body><h1>{escape(story.title)}</h1><p>{story.minute}</p>{self.paragraphs(story)}</body></html>"


class Gkmlpt(Nfcms):
    """News in NFCMS, and a second column that is an openness list: /gkmlpt/index#COLUMN over api/all/COLUMN?page=N.

    The openness column is the longer one; the interface gives ten rows a page.
    """

    kind = "gkmlpt"
    families = ("gkmlpt", "nfcms")
    counts = (10, 27)
    batch = 10

    @property
    def open(self) -> Column:
        return self.columns[1]

    @property
    def sid(self) -> int:
        return 750_000 + self.columns[0].number

    def list_path(self, column: Column, number: int) -> str:
        return "/gkmlpt/index" if column is self.open else super().list_path(column, number)

    def aliases(self, column: Column) -> tuple[str, ...]:
        return () if column is self.open else super().aliases(column)

    def story_path(self, story: Story) -> str:
        if story.column is not self.open:
            return super().story_path(story)
        number = story.number + 3_000_000
        return f"/gkmlpt/content/{number // 10**6}/{number // 1000}/post_{number}.html"

    def entry(self, story: Story, here: str = "/") -> Entry:
        return Entry(self.story_path(story), story.title, story.day)

    def menu(self) -> list[tuple[str, str]]:
        """The menu names the column behind the #, as these sites do."""
        return [
            (name, f"{href}#{self.open.number}" if href == "/gkmlpt/index" else href) for name, href in super().menu()
        ]

    def list_page(self, column: Column, number: int) -> str:
        if column is not self.open:
            return super().list_page(column, number)
        tree = [
            {"id": column.number, "name": column.name, "parent": 0, "post_count": 31, "children": [], "jump_url": ""}
        ]
        config = {"SID": str(self.sid), "TREE": tree, "SERVICE_AREA_ID": 755, "BASE": "/gkmlpt"}
        return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{self.name}政府信息公开目录</title>{self.site_metas()}
<script>window._CONFIG = {json.dumps(config)};</script><link href="/gkmlpt/static/css/app.css" rel="stylesheet"></head>
<body><div id="app"></div><script src="/gkmlpt/static/js/app.js"></script></body></html>"""

    def story_page(self, story: Story) -> str:
        if story.column is not self.open:
            return super().story_page(story)
        body = f'<div class="article-content">{self.paragraphs(story)}</div>'
        rows = {
            "索引号": f"{self.content.facts.code}/{story.at.year}-{story.number}",
            "发布机构": self.name,
            "成文日期": story.day,
        }
        grid = "".join(f"<tr><td>{name}：</td><td>{text}</td></tr>" for name, text in rows.items())
        return self.shell(
            self.story_title(story),
            f'<table class="classify">{grid}</table>{self.headline(story)}<p class="time">发布日期：{story.minute}　来源：{escape(story.source or "")}</p>{body}',
            head=self.story_metas(story) + f"<script>window._CONFIG = {{SID: '{self.sid}'}};</script>",
        )

    def call(self, asked: Asked) -> Answer | None:
        head, _, column = asked.path.rpartition("/")
        if head != "/gkmlpt/api/all" or asked.field("sid") != str(self.sid):
            return None
        stories = self.of(self.open) if column in ("0", str(self.open.number)) else ()
        number = asked.number("page")
        articles = [
            {
                "id": story.number, "title": story.title, "url": self.url(self.story_path(story)),
                "post_url": self.url(self.story_path(story)), "date": int(story.at.timestamp()),
                "display_publish_time": int(story.at.timestamp()), "publisher": self.name, "identifier": "", "document_number": "",
                "classify_main_name": self.open.name, "attachment": [], "is_expired": 0, "is_abolished": 0,
            }
            for story in stories[(number - 1) * self.batch : number * self.batch]
        ]  # fmt: skip
        answer = {"classify": {"id": self.open.number, "post_count": len(stories) + 4}, "articles": articles}
        return Answer(json.dumps(answer).encode(), "application/json")
