"""Sites that no adapter of its own reads: page turns in names, queries, forms, calls, frames; rows in every form."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import ClassVar

from tests.farm.content import Genre
from tests.farm.model import Answer, Asked, Column, Story, dashed
from tests.farm.site import FarmSite, Routes
from tests.farm.skin import Entry


class Plain(FarmSite):
    """/COLUMN/index_2.html by links, counted from 1; /COLUMN/YYYY-MM-DD/ID.html."""

    kind = "plain"
    families = ("generic",)
    genre: ClassVar[Genre] = "park"

    def list_path(self, column: Column, number: int) -> str:
        return f"/{column.key}/index{f'_{number}' if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/{column.key}/",)

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.day}/{story.number}.html"


class ShanghaiHex(Plain):
    """/COLUMN/YYYYMMDD/HEX32.html, #ivs_ containers, a pager of bare numbers."""

    kind = "shanghai-hex"
    genre = "gov"

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.at:%Y%m%d}/{story.token}.html"

    def rows(self, stories: Sequence[Story], here: str) -> str:
        return self.skin.rows(
            [self.entry(one, here) for one in stories], "a-span", "uli14 nowrapli padding-top-5 pageList"
        )

    def pager(self, column: Column, number: int) -> str:
        links = "".join(
            f'<li class="active"><span>{one}</span></li>'
            if one == number
            else f'<li><a href="{self.list_path(column, one)}">{one}</a></li>'
            for one in range(1, self.turns(column) + 1)
        )
        return f'<ul class="pagination">{links}</ul>'

    def headline(self, story: Story) -> str:
        return f'<h2 id="ivs_title">{escape(story.title)}</h2>'

    def info(self, story: Story) -> str:
        return f'<small class="PBtime">来源：{escape(story.source or "")}　<span id="ivs_date">({story.at:%Y年%m月%d日})</span></small>'

    def body(self, story: Story) -> str:
        return f'<div class="Article_content" id="ivs_content">{self.paragraphs(story)}</div>'


class HebeiUuid(Plain):
    """/columns/UUID/index.html, /columns/UUID/YYYYMM/DD/UUID.html, index2.html."""

    kind = "hebei-uuid"
    genre = "gov"

    def list_path(self, column: Column, number: int) -> str:
        return f"/columns/{dashed(column.token)}/index{number if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/columns/{dashed(story.column.token)}/{story.at:%Y%m}/{story.at:%d}/{dashed(story.token)}.html"


class WuxiDoc(Plain):
    """/doc/YYYY/MM/DD/ID.shtml below lists /COLUMN/index.shtml, index_2.shtml."""

    kind = "wuxi-doc"
    genre = "gov"
    extension = "shtml"

    def list_path(self, column: Column, number: int) -> str:
        return f"/zfxxgk/{column.key}/index{f'_{number}' if number > 1 else ''}.shtml"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/doc/{story.at:%Y/%m/%d}/{story.number}43.shtml"


class HuaianPager(Plain):
    """nsetpage(current, total, size): a call whose function stands in a script file; /col/A_B/index_2.html."""

    kind = "huaian-nsetpage"
    genre = "gov"

    def list_path(self, column: Column, number: int) -> str:
        return f"/col/{column.number}_872417/index{f'_{number}' if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/col/{story.column.number}_872417/art/{story.at:%Y%m}/{story.number}{story.token[:8]}.html"

    def pager(self, column: Column, number: int) -> str:
        return f'<div id="npage"></div><script>nsetpage({number},{len(self.of(column))},{self.size});</script>'


class IList(Plain):
    """/info/iList.jsp?node_id=…&cat_id=N&cur_page=P; /info/COLUMN/ID.htm."""

    kind = "ilist"
    genre = "gov"
    extension = "htm"

    def list_path(self, column: Column, number: int) -> str:
        return f"/info/iList.jsp?node_id=GKxxb&cat_id={column.number}&tm_id=126" + (
            f"&cur_page={number}" if number > 1 else ""
        )

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"{self.list_path(column, 1)}&cur_page=1",)

    def story_path(self, story: Story) -> str:
        return f"/info/{story.column.number}/{story.number}.htm"


class PhpSegments(Plain):
    """One host for all bureaus: /ns_class/COLUMN, then /ns_class/COLUMN/2; td.NewsContent."""

    kind = "changzhou-php"
    genre = "gov"

    def list_path(self, column: Column, number: int) -> str:
        return f"/ns_class/{column.key}_{column.number % 90:02}" + (f"/{number}" if number > 1 else "")

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/ns_news/{story.at:%Y}{story.number}"

    def body(self, story: Story) -> str:
        return f'<table><tr><td class="NewsContent">{self.paragraphs(story)}</td></tr></table>'


class FormPost(Plain):
    """nrglIndex.action?classID=N: the page number travels in a form, cpage=N, sent by page('N')."""

    kind = "gtapp-form"
    genre = "gov"

    def list_path(self, column: Column, _number: int) -> str:
        return f"/gtapp/nrglIndex.action?classID={column.token}"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/gtapp/nrglIndex.action?messageID={story.token}"

    def rows(self, stories: Sequence[Story], here: str) -> str:
        lines = "".join(
            f'<tr><td class="nlist"><a href="{self.story_path(one)}">{escape(one.title)}</a></td><td>{one.day}</td></tr>'
            for one in stories
        )
        return f"<table>{lines}</table>"

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        turn = f"<a href=\"javascript:page('{number + 1}')\">下一页</a>" if number < total else "下一页"
        return f"""<form name="form1" id="form1" method="post" action="/gtapp/nrglIndex.action"><input type="hidden" name="classID" value="{column.token}" /><input type="hidden" name="cpage" id="cpage" value="{number}" />
第{number}页/共{total}页 {turn} <a href="javascript:page('{total}')">尾页</a></form>
<script>function page(n) {{ document.getElementById('cpage').value = n; document.form1.submit(); }}</script>"""

    def call(self, asked: Asked) -> Answer | None:
        column = next((one for one in self.columns if one.token == asked.field("classID")), None)
        if column is None or asked.path != "/gtapp/nrglIndex.action":
            return None
        return self.page(self.list_page, column, min(asked.number("cpage"), self.turns(column)))


class PostBack(Plain):
    """ASP.NET: the pager posts __EVENTTARGET back to the page; news_show.aspx?id=N."""

    kind = "aspnet-postback"

    def list_path(self, column: Column, _number: int) -> str:
        return f"/news.aspx?cid={column.number}"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/news_show.aspx?id={story.number}"

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        state = f"{column.token}{number:04}"
        links = "".join(
            f"<a href=\"javascript:__doPostBack('ctl00$pager','{to}')\">{label}</a>"
            for label, to in (("上一页", number - 1), ("下一页", number + 1))
            if 1 <= to <= total
        )
        return f"""<form method="post" action="news.aspx?cid={column.number}" id="form1"><input type="hidden" name="__EVENTTARGET" value="" /><input type="hidden" name="__EVENTARGUMENT" value="" />
<input type="hidden" name="__VIEWSTATE" value="{state}" /><div class="pager">第{number}/{total}页 {links}</div></form>"""

    def call(self, asked: Asked) -> Answer | None:
        column = next((one for one in self.columns if str(one.number) == asked.field("cid")), None)
        if asked.path != "/news.aspx" or asked.method != "POST" or column is None:
            return None
        if asked.field("__VIEWSTATE")[:32] != column.token:
            return Answer(b"<html><title>Validation of viewstate failed</title></html>", status=500)
        return self.page(self.list_page, column, min(asked.number("__EVENTARGUMENT"), self.turns(column)))


class SiteServer(Plain):
    """/channels/18.html, /channels/18_2.html; /contents/18/1234.html."""

    kind = "siteserver"
    static = "/sitefiles/assets"

    def list_path(self, column: Column, number: int) -> str:
        return f"/channels/{column.number}{f'_{number}' if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return ()

    def story_path(self, story: Story) -> str:
        return f"/contents/{story.column.number}/{story.number}.html"


class HyWeb(Plain):
    """Taiwan's lp-16-1.html, lp-16-1-2-8.html, cp-16-ID-token-1.html; years of the republic, traditional labels."""

    kind = "hyweb"
    genre = "gov"

    def list_path(self, column: Column, number: int) -> str:
        return f"/lp-{column.number}-1{f'-{number}-{self.size}' if number > 1 else ''}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/lp-{column.number}-1-1-{self.size}.html",)

    def story_path(self, story: Story) -> str:
        return f"/cp-{story.column.number}-{story.number}-{story.token[:5]}-1.html"

    def minguo(self, story: Story) -> str:
        return f"{story.at.year - 1911}-{story.at:%m-%d}"

    def entry(self, story: Story, here: str = "/") -> Entry:
        return Entry(self.story_path(story), story.title, self.minguo(story), story.paragraphs[0][:50])

    def rows(self, stories: Sequence[Story], here: str) -> str:
        lines = "".join(
            f'<li><a href="{self.story_path(one)[1:]}" title="{escape(one.title)}">{escape(one.title)}</a><time>{self.minguo(one)}</time></li>'
            for one in stories
        )
        return f'<section class="list"><ul>{lines}</ul></section>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [
            f'<li class="is-active"><a href="#">{one}</a></li>'
            if one == number
            else f'<li><a href="{self.list_path(column, one)[1:]}">{one}</a></li>'
            for one in range(1, total + 1)
        ]
        if number < total:
            parts.append(
                f'<li class="next"><a href="{self.list_path(column, number + 1)[1:]}" title="下一頁">下一頁</a></li>'
            )
        return f'<section class="pagination"><ul>{"".join(parts)}</ul></section>'

    def story_metas(self, story: Story) -> str:
        return ""

    def info(self, story: Story) -> str:
        return f'<section class="info"><ul><li>發布日期：<time>{self.minguo(story)}</time></li><li>資料來源：{escape(story.source or "")}</li><li>點閱次數：{story.number % 500}</li></ul></section>'

    def body(self, story: Story) -> str:
        return f'<section class="cp">{self.paragraphs(story)}</section>'


class FrameList(Plain):
    """The column page is a shell, its list sits in a frame of the same host."""

    kind = "frame"
    genre = "gov"

    def list_path(self, column: Column, _number: int) -> str:
        return f"/{column.key}/index.html"

    def inner_path(self, column: Column, number: int) -> str:
        return f"/{column.key}/list_inner{f'_{number}' if number > 1 else ''}.html"

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.at:%Y%m}/{story.number}.html"

    def list_page(self, column: Column, _number: int) -> str:
        main = f'<h2>{column.name}</h2><iframe src="{self.inner_path(column, 1)}" width="700" height="480" frameborder="0" scrolling="no"></iframe>'
        return self.shell(f"{column.name}-{self.name}", main, head=self.column_metas(column))

    def inner_page(self, column: Column, number: int) -> str:
        total = self.turns(column)
        turn = f'<a href="{self.inner_path(column, number + 1)}">下一页</a>' if number < total else ""
        rows = self.skin.rows([self.entry(one) for one in self.on(column, number)], "a-span")
        return f"<html><head><meta charset=utf-8><title>list</title></head><body>{rows}<p>{number}/{total} {turn}</p></body></html>"

    def more(self) -> Routes:
        return {
            self.inner_path(column, number): partial(self.page, self.inner_page, column, number)
            for column in self.columns
            for number in range(1, self.turns(column) + 1)
        }


class Unsigned(Plain):
    """The pager is made by a script file: nothing in the page says what page 2 is called; it is index_2.html."""

    kind = "unsigned"
    genre = "gov"

    def pager(self, column: Column, number: int) -> str:
        return f'<div class="page" id="pageBox"></div><script src="{self.static}/js/pager.js"></script>'


class UnsignedZero(Unsigned):
    """The same, counted from 0: page 2 is index_1.html."""

    kind = "unsigned-zero"

    def list_path(self, column: Column, number: int) -> str:
        return f"/{column.key}/index{f'_{number - 1}' if number > 1 else ''}.html"


class LabelledQuery(Plain):
    """Everything behind one script: index.php?cid=3&page=2, show.php?id=N, a counter and arrows."""

    kind = "query-arrows"
    genre = "blog"

    def list_path(self, column: Column, number: int) -> str:
        return f"/index.php?cid={self.columns.index(column) + 3}" + (f"&page={number}" if number > 1 else "")

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"{self.list_path(column, 1)}&page=1",)

    def story_path(self, story: Story) -> str:
        return f"/show.php?id={story.number}"

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        back = f'<a href="{escape(self.list_path(column, 1))}&amp;page={number - 1}">&lt;</a>' if number > 1 else ""
        ahead = f'<a href="{escape(self.list_path(column, number + 1))}">&gt;</a>' if number < total else ""
        return f'<div class="paging">{back}<span>{number}/{total}</span>{ahead}</div>'


class ClickRows(Plain):
    """Rows without addresses: onclick="openUrl('…')"."""

    kind = "click-rows"
    genre = "gov"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<li><a href="javascript:void(0)" onclick="openUrl(\'{self.story_path(one)}\')" title="{escape(one.title)}">{escape(one.title)}</a><span>{one.day}</span></li>'
            for one in stories
        )
        return f'<ul class="{self.skin.list}">{lines}</ul><script>function openUrl(u) {{ window.open(u); }}</script>'
