"""Universities and institutes: VSB lists whose page numbers count down, WebPlus lists that count up."""

from collections.abc import Sequence
from html import escape

from tests.farm.model import Column, Story
from tests.farm.site import FarmSite, metas


class Vsb(FarmSite):
    """tzgg.htm, then tzgg/{total-1}.htm … tzgg/1.htm; articles /info/COLUMN/ID.htm."""

    kind = "vsb"
    families = ("vsb",)
    genre = "campus"
    extension = "htm"
    static = "/system/resource/js"

    def list_path(self, column: Column, number: int) -> str:
        total = self.turns(column)
        return f"/xwzx/{column.key}.htm" if number == 1 else f"/xwzx/{column.key}/{total - number + 1}.htm"

    def story_path(self, story: Story) -> str:
        return f"/info/{story.column.number}/{story.number}.htm"

    def attachment_path(self, story: Story) -> str:
        return f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=12&wbfileid={story.number}"

    def href(self, story: Story, here: str) -> str:
        up = "../" * (here.count("/") - 1)
        return f"{up}{self.story_path(story)[1:]}" if here != "/" else self.story_path(story)[1:]

    def rows(self, stories: Sequence[Story], here: str) -> str:
        lines = "".join(
            f'<li id="line_u13_{place}"><a href="{self.href(one, here)}" title="{escape(one.title)}">{escape(one.title)}</a><span>{one.day}</span></li>'
            for place, one in enumerate(stories)
        )
        return f'<div class="list"><ul>{lines}</ul></div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [f'<span class="p_t">共{len(self.of(column))}条</span><span class="p_t">{number}/{total}</span>']
        for label, name, to in (
            ("首页", "p_first", 1),
            ("上页", "p_prev", number - 1),
            ("下页", "p_next", number + 1),
            ("尾页", "p_last", total),
        ):
            if 1 <= to <= total and to != number:
                parts.append(f'<span class="{name} p_fun"><a href="{self.list_path(column, to)}">{label}</a></span>')
        return f'<div class="pb_sys_common pb_sys_normal pb_sys_style1" id="fanye13">{"".join(parts)}</div>'

    def headline(self, story: Story) -> str:
        return f'<form name="_newscontent_fromname"><h1>{escape(story.title)}</h1>'

    def info(self, story: Story) -> str:
        hits = f'<script>_showDynClicks("wbnews", 1{story.column.number}, {story.number})</script>'
        return f'<div class="info">发布时间：{story.day}　来源：{escape(story.source or "")}　点击数：{hits}</div>'

    def body(self, story: Story) -> str:
        return f'<div id="vsb_content_2"><div class="v_news_content">{self.paragraphs(story)}</div></div><div id="div_vote_id"></div></form>'

    def story_metas(self, story: Story) -> str:
        return metas(pageType="3", pageTitle=story.title)


class VsbCalled(Vsb):
    """A pager without links: the total stands in a call only."""

    kind = "vsb-called"

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        go = f"_simple_list_gotopage_fun({total},'u13_goto',2)"
        return f'<table class="pb_sys_common"><tr><td id="fanye13">共{len(self.of(column))}条 {number}/{total}</td><td><input id="u13_goto" size="3" /><a href="javascript:{go};">转到</a></td></tr></table>'


class WebPlus(FarmSite):
    """/COLUMN/list.htm, list2.htm; articles /YYYY/MMDD/cCOLaID/page.htm."""

    kind = "webplus"
    families = ("webplus",)
    genre = "campus"
    extension = "htm"
    static = "/_upload/tpl/00/2f/47/template47"

    def list_path(self, column: Column, number: int) -> str:
        return f"/{column.number}/list{number if number > 1 else ''}.htm"

    def story_path(self, story: Story) -> str:
        return f"/{story.at:%Y}/{story.at:%m%d}/c{story.column.number}a{story.number}/page.htm"

    def attachment_path(self, story: Story) -> str:
        return f"/_upload/article/files/{story.token[:2]}/{story.token[2:4]}/{dash(story)}.pdf"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f"<li class=\"news n{place} clearfix\"><span class=\"news_title\"><a href='{self.story_path(one)}' target='_blank' title='{escape(one.title)}'>{escape(one.title)}</a></span><span class=\"news_meta\">{one.day}</span></li>"
            for place, one in enumerate(stories, 1)
        )
        return f'<div id="wp_news_w6"><ul class="news_list list2">{lines}</ul></div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        turn = (
            f'<li class="page_nav"><a class="next" href="{self.list_path(column, number + 1)}" target="_self"><span>下一页&gt;&gt;</span></a></li>'
            if number < total
            else ""
        )
        return f'<div id="wp_paging_w6"><ul class="wp_paging clearfix"><li class="pages_count"><span class="per_count">每页<em class="per_page">{self.size}</em>记录</span><span class="all_count">总共<em class="all_count">{len(self.of(column))}</em>记录</span></li>{turn}<li class="page_jump"><span class="pages">页码 <em class="curr_page">{number}</em>/<em class="all_pages">{total}</em></span></li></ul></div>'

    def headline(self, story: Story) -> str:
        return f'<div class="article"><h1 class="arti_title">{escape(story.title)}</h1>'

    def info(self, story: Story) -> str:
        return f'<p class="arti_metas"><span class="arti_publisher">发布者：程以宁</span><span class="arti_update">发布时间：{story.day}</span><span class="arti_views">浏览次数：<span class="WP_VisitCount" url="/_visitcountdisplay?siteId=2&type=3&articleId={story.number}">10</span></span></p>'

    def body(self, story: Story) -> str:
        return f'<div class="entry"><div class="read"><div class=\'wp_articlecontent\'>{self.paragraphs(story)}</div></div></div></div>'

    def tail(self) -> str:
        return f'<img src="/_visitcount?siteId=2&type=2&columnId={self.columns[0].number}" style="display:none" width="0" height="0" />'


class WebPlusCounted(WebPlus):
    """A pager whose next link is made by a script; only the counter says how many pages there are."""

    kind = "webplus-counted"

    def pager(self, column: Column, number: int) -> str:
        return (
            super()
            .pager(column, number)
            .replace(f'href="{self.list_path(column, number + 1)}"', 'href="javascript:void(0)"')
        )


def dash(story: Story) -> str:
    return f"{story.token[:8]}-{story.token[8:12]}"
