"""News organisations: Founder portals and e-papers, people.cn channels, Xinhua lists from a data source file."""

import json
from collections.abc import Sequence
from functools import partial
from html import escape

from tests.farm.model import Answer, Column, Story
from tests.farm.site import FarmSite, Routes, metas


class Founder(FarmSite):
    """node_N.htm, node_N_2.htm counted from 1; rows without dates; articles /YYYY-MM/DD/content_ID.htm."""

    kind = "founder"
    families = ("founder",)
    genre = "press"
    extension = "htm"

    def list_path(self, column: Column, number: int) -> str:
        return f"/{column.key}/node_{column.number}{f'_{number}' if number > 1 else ''}.htm"

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.at:%Y-%m}/{story.at:%d}/content_{story.number}.htm"

    def rows(self, stories: Sequence[Story], here: str) -> str:
        lines = "".join(
            f'<li><a href="{self.story_path(one)}" target="_blank">{escape(one.title)}</a></li>' for one in stories
        )
        return f'<div class="newslist"><ul>{lines}</ul></div>'

    def story_metas(self, story: Story) -> str:
        said = f"<enpproperty><articleid>{story.number}</articleid><date>{story.minute}:00:000</date><author></author><title>{escape(story.title)}</title><nodename>{story.column.name}</nodename><source>{escape(story.source or '')}</source></enpproperty>"
        return f"<!--{said}-->\n"

    def info(self, story: Story) -> str:
        return f'<div class="info"><span>{story.at:%Y-%m-%d %H:%M:%S}</span><span>来源：{escape(story.source or "")}</span></div>'

    def body(self, story: Story) -> str:
        return f'<div class="article-content"><founder-content><!--enpcontent-->{self.paragraphs(story)}<!--/enpcontent--></founder-content></div>'


class People(FarmSite):
    """index.html, index2.html; /n1/YYYY/MMDD/cCOL-ID.html; GBK."""

    kind = "people"
    families = ("people",)
    genre = "press"
    charset = "gb2312"
    static = "/img/MAIN"

    def list_path(self, column: Column, number: int) -> str:
        return f"/GB/{column.number}/index{number if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/GB/{column.number}/",)

    def story_path(self, story: Story) -> str:
        return f"/n1/{story.at:%Y}/{story.at:%m%d}/c{story.column.number}-{story.number}00.html"

    def rows(self, stories: Sequence[Story], here: str) -> str:
        lines = "".join(
            f"<li><a href='{self.story_path(one)}' target=_blank>{escape(one.title)}</a> <em>{one.day}</em></li>"
            for one in stories
        )
        return f"<div class='ej_list_box clear'><ul class='list_14'>{lines}</ul></div>"

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [
            f"<a href='{self.list_path(column, one).rpartition('/')[2]}'{' class=common_current_page' if one == number else ''}>{one}</a>"
            for one in range(1, total + 1)
        ]
        if number < total:
            parts.append(f"<a href='{self.list_path(column, number + 1).rpartition('/')[2]}'>下一页</a>")
        return f"<div class='page_n clearfix'>{''.join(parts)}</div>"

    def story_metas(self, story: Story) -> str:
        return metas(publishdate=story.day, source=f"来源：{story.source}", contentid=str(story.number))

    def info(self, story: Story) -> str:
        return f'<div class="channel cf"><div class="col-1-1 fl">{story.at:%Y年%m月%d日%H:%M} | 来源：<a href="http://media.link1.example/">{escape(story.source or "")}</a></div></div>'

    def body(self, story: Story) -> str:
        return f'<div class="rm_txt_con cf" id="rm_txt_zw">{self.paragraphs(story)}<div class="edit cf">(责编：程以宁、陆启明)</div></div>'

    def tail(self) -> str:
        return '<script src="http://tools.people.com.cn/libs/jquery.js"></script>'


class Xinhua(FarmSite):
    """The page shows ten rows; ds_HEX32.json holds the whole list, up to a thousand."""

    kind = "xinhua-ds"
    whole = True
    families = ("xinhua-ds",)
    genre = "press"
    counts = (45, 12)

    def list_path(self, column: Column, _number: int) -> str:
        return f"/{column.key}/index.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/{column.key}/",)

    def story_path(self, story: Story) -> str:
        return f"/{story.at:%Y%m%d}/{story.token}/c.html"

    def list_page(self, column: Column, _number: int) -> str:
        first = self.of(column)[:10] if column is self.columns[0] else ()
        rows = "".join(
            f'<div class="item"><div class="tit"><a href="{self.story_path(one)}" target="_blank">{escape(one.title)}</a></div><div class="time">{one.day}</div></div>'
            for one in first
        )
        main = f'<div class="columBox" id="content-list" data="datasource:{column.token}" datatype="ds" preview="ds_">{rows}</div><div class="xpage-more-btn">查看更多</div>'
        return self.shell(f"{column.name}-{self.name}", main, side=self.side_menu())

    def more(self) -> Routes:
        return {f"/{column.key}/ds_{column.token}.json": partial(self.source_file, column) for column in self.columns}

    def source_file(self, column: Column) -> Answer:
        rows = [
            {
                "title": one.title,
                "publishUrl": f"..{self.story_path(one)}",
                "publishTime": f"{one.minute}:00",
                "author": "",
                "sourceText": one.source,
            }
            for one in self.of(column)
        ]
        return Answer(json.dumps({"datasource": rows}, ensure_ascii=False).encode(), "application/json")

    def info(self, story: Story) -> str:
        return f'<div class="header-info"><span>{story.at:%Y-%m-%d %H:%M:%S}</span><span class="source">来源：{escape(story.source or "")}</span></div>'

    def body(self, story: Story) -> str:
        return f'<div id="detail"><span id="detailContent">{self.paragraphs(story)}</span></div>'
