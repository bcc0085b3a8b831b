"""Sites of parks, companies and bloggers on open-source CMSs."""

import json
from collections.abc import Sequence
from functools import partial
from html import escape

from tests.farm.data import feed_xml
from tests.farm.model import Answer, Asked, Column, Story
from tests.farm.site import FarmSite, Routes


class DedeCms(FarmSite):
    """/a/COLUMN/, list_TID_2.html; /a/COLUMN/YYYY/MMDD/ID.html; GBK; side boxes of other columns."""

    kind = "dedecms"
    families = ("dedecms",)
    genre = "park"
    charset = "gb2312"
    static = "/templets/default"

    def tid(self, column: Column) -> int:
        return self.columns.index(column) + 3

    def list_path(self, column: Column, number: int) -> str:
        return f"/a/{column.key}/" if number == 1 else f"/a/{column.key}/list_{self.tid(column)}_{number}.html"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/a/{column.key}/index.html", f"/a/{column.key}/list_{self.tid(column)}_1.html")

    def story_path(self, story: Story) -> str:
        return f"/a/{story.column.key}/{story.at:%Y}/{story.at:%m%d}/{story.number}.html"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<li>[<b><a href="{self.list_path(one.column, 1)}">{one.column.name}</a></b>] <a href="{self.story_path(one)}" class="title">{escape(one.title)}</a><span class="info"><small>日期：</small>{one.minute}:00 <small>点击：</small>{one.number % 300} </span><p class="intro">{escape(one.paragraphs[0][:50])}...</p></li>'
            for one in stories
        )
        return f'<div class="listbox"><ul class="e2">{lines}</ul></div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = ["<li>首页</li>" if number == 1 else f"<li><a href='list_{self.tid(column)}_1.html'>首页</a></li>"]
        parts += [
            f'<li class="thisclass">{one}</li>'
            if one == number
            else f"<li><a href='list_{self.tid(column)}_{one}.html'>{one}</a></li>"
            for one in range(1, total + 1)
        ]
        if number < total:
            parts.append(f"<li><a href='list_{self.tid(column)}_{number + 1}.html'>下一页</a></li>")
        parts.append(f"<li><a href='list_{self.tid(column)}_{total}.html'>末页</a></li>")
        options = "".join(
            f"<option value='list_{self.tid(column)}_{one}.html'{' selected' if one == number else ''}>{one}</option>"
            for one in range(1, total + 1)
        )
        parts.append(
            f"<li><select name='sldd' onchange='location.href=this.options[this.selectedIndex].value;'>{options}</select></li>"
        )
        parts.append(
            f'<li><span class="pageinfo">共 <strong>{total}</strong>页<strong>{len(self.of(column))}</strong>条</span></li>'
        )
        return f'<div class="dede_pages"><ul class="pagelist">{"".join(parts)}</ul></div>'

    def headline(self, story: Story) -> str:
        return f'<div class="viewbox"><div class="title"><h2>{escape(story.title)}</h2></div>'

    def info(self, story: Story) -> str:
        return f'<div class="info"><small>时间:</small>{story.minute}<small>来源:</small>{escape(story.source or "")} <small>作者:</small>admin <small>点击:</small><script src="/plus/count.php?view=yes&aid={story.number}&mid=1"></script>次</div>'

    def body(self, story: Story) -> str:
        return (
            f'<div class="content"><table width="100%"><tr><td>{self.paragraphs(story)}</td></tr></table></div></div>'
        )

    def tail(self) -> str:
        return '<p class="powered">Powered by <a href="http://www.dedecms.com" target="_blank">DedeCMS_V57_GBK</a></p>'

    def search_box(self) -> str:
        return '<form action="/plus/search.php" name="formsearch"><input name="q" /><button type="submit">搜索</button></form>'


class PhpCms(FarmSite):
    """list-CAT-PAGE.html, show-CAT-ID-1.html, #pages with a.a1."""

    kind = "phpcms"
    families = ("phpcms",)
    genre = "park"
    static = "/statics"

    def list_path(self, column: Column, number: int) -> str:
        return f"/list-{self.columns.index(column) + 6}-{number}.html"

    def story_path(self, story: Story) -> str:
        return f"/show-{self.columns.index(story.column) + 6}-{story.number}-1.html"

    def attachment_path(self, story: Story) -> str:
        return f"/uploadfile/{story.at:%Y}/{story.at:%m%d}/{story.number}.pdf"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<li><span class="rt">{one.minute}:00</span>·<a href="{self.url(self.story_path(one))}" target="_blank">{escape(one.title)}</a></li>'
            for one in stories
        )
        return f'<ul class="list lh24 f14">{lines}</ul>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [f'<a class="a1">{len(self.of(column))}条</a>']
        parts.append(f'<a href="{self.list_path(column, max(1, number - 1))}" class="a1">上一页</a>')
        parts += [
            f"<span>{one}</span>" if one == number else f'<a href="{self.list_path(column, one)}">{one}</a>'
            for one in range(1, total + 1)
        ]
        parts.append(f'<a href="{self.list_path(column, min(total, number + 1))}" class="a1">下一页</a>')
        return f'<div id="pages" class="text-c">{" ".join(parts)}</div>'

    def headline(self, story: Story) -> str:
        return f'<div id="Article"><h1>{escape(story.title)}<br />\n<span>{story.minute}:00&nbsp;&nbsp;&nbsp;来源：{escape(story.source or "")}&nbsp;&nbsp;评论：<a href="#comment">0</a> 点击：<span id="hits"></span></span></h1>'

    def info(self, _story: Story) -> str:
        return ""

    def body(self, story: Story) -> str:
        return f'<div class="content">{self.paragraphs(story)}</div></div>'

    def tail(self) -> str:
        return '<script src="/statics/js/jquery.min.js"></script><p>Powered by <a href="http://www.phpcms.cn">PHPCMS</a> V9</p>'

    def search_box(self) -> str:
        return '<form action="/index.php?m=search&c=index&a=init" method="get"><input name="q" /></form>'


class EmpireCms(FarmSite):
    """/news/COLUMN/, index_2.html counted from 1; /news/COLUMN/YYYY-MM-DD/ID.html."""

    kind = "empirecms"
    families = ("empirecms",)
    genre = "press"
    static = "/d/file/p"

    def list_path(self, column: Column, number: int) -> str:
        return f"/news/{column.key}/" + (f"index_{number}.html" if number > 1 else "")

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/news/{column.key}/index.html",)

    def story_path(self, story: Story) -> str:
        return f"/news/{story.column.key}/{story.day}/{story.number}.html"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<tr><td height="25">·<a href="{self.story_path(one)}" title="{escape(one.title)}">{escape(one.title[:25])}</a></td><td><font color="#666666">[{one.day}]</font></td></tr>'
            for one in stories
        )
        return f'<table width="100%" class="box"><tbody>{lines}</tbody></table>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [f'<a title="Total record"><b>{len(self.of(column))}</b> </a>']
        parts += [
            f"<b>{one}</b>" if one == number else f'<a href="{self.list_path(column, one)}">{one}</a>'
            for one in range(1, total + 1)
        ]
        if number < total:
            parts.append(
                f'<a href="{self.list_path(column, number + 1)}">下一页</a>&nbsp;<a href="{self.list_path(column, total)}">尾页</a>'
            )
        return f'<div class="epages">{"&nbsp;".join(parts)}</div>'

    def info(self, story: Story) -> str:
        return f'<div class="info_text">时间：{story.day}　来源：{escape(story.source or "")}　作者：佚名　点击：<script src="/e/public/ViewClick/?classid=3&id={story.number}&addclick=1"></script></div>'

    def body(self, story: Story) -> str:
        return f'<div id="text" class="newstext">{self.paragraphs(story)}</div>'

    def search_box(self) -> str:
        return '<form action="/e/search/index.php" method="post"><input name="keyboard" /></form>'


class PbootCms(FarmSite):
    """/COLUMN/, /COLUMN_2/; /COLUMN/ID.html; header X-Powered-By; a company with products beside its news."""

    kind = "pbootcms"
    families = ("pbootcms",)
    genre = "park"
    headers = (("X-Powered-By", "PbootCMS"),)
    static = "/template/default"
    products = 6

    def list_path(self, column: Column, number: int) -> str:
        return f"/{column.key}{f'_{number}' if number > 1 else ''}/"

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.number}.html"

    def menu(self) -> list[tuple[str, str]]:
        return [*super().menu(), ("产品中心", "/product/")]

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<a href="{self.story_path(one)}" class="media"><div class="media-body"><h5>{escape(one.title)}</h5><p>{escape(one.paragraphs[0][:60])}</p><small>{one.day}</small></div></a>'
            for one in stories
        )
        return f'<div class="news-list">{lines}</div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [
            f'<a class="page-item page-link{" active" if one == number else ""}" href="{self.list_path(column, one)}">{one}</a>'
            for one in range(1, total + 1)
        ]
        turn = (
            f'<a class="page-item page-link" href="{self.list_path(column, number + 1)}">下一页</a>'
            if number < total
            else '<a class="page-item page-link" href="javascript:;">下一页</a>'
        )
        return f'<div class="pagebar pagination">{"".join(parts)}{turn}</div>'

    def info(self, story: Story) -> str:
        return f'<div class="text-secondary"><span>时间：{story.minute}:00</span><span>来源：{escape(story.source or "")}</span><span>访问量：{story.number % 900}</span></div>'

    def more(self) -> Routes:
        out: Routes = {"/product/": partial(self.page, self.gallery)}
        return out | {
            f"/product/{one}.html": partial(self.page, self.product, one) for one in range(1, self.products + 1)
        }

    def gallery(self) -> str:
        cards = "".join(
            f'<div class="card"><a href="/product/{one}.html"><img src="/template/default/images/bg.png" alt="" /><p>标准厂房{one}号楼</p></a></div>'
            for one in range(1, self.products + 1)
        )
        return self.shell(
            f"产品中心-{self.name}", f'<div class="row">{cards}</div>', crumbs=self.crumbs(("产品中心", None))
        )

    def product(self, number: int) -> str:
        main = f"<h1>标准厂房{number}号楼</h1><img src='/template/default/images/bg.png' /><ul><li>面积：{number}200平方米</li><li>层高：{number + 4}米</li><li>荷载：{number}.5吨</li></ul>"
        return self.shell(
            f"标准厂房{number}号楼-{self.name}", main, crumbs=self.crumbs(("产品中心", "/product/"), ("详情", None))
        )


class ZBlog(FarmSite):
    """The home page is the list of all posts; categories repeat them; cards with everything in one line."""

    kind = "zblog"
    families = ("zblog",)
    genre = "blog"
    headers = (("Product", "Z-BlogPHP 1.7.3"),)
    static = "/zb_users/theme/tpure"

    def list_path(self, column: Column, number: int) -> str:
        return f"/category-{self.columns.index(column) + 1}{f'_{number}' if number > 1 else ''}.html"

    def story_path(self, story: Story) -> str:
        return f"/post/{story.number}.html"

    def head(self) -> str:
        return '<meta name="generator" content="Z-BlogPHP 1.7.3.3290 Finch" />\n<script src="/zb_system/script/common.js"></script>\n<link rel="alternate" type="application/rss+xml" href="/feed.php" title="RSS" />\n'

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        return "".join(
            f'<div class="post multi"><h2 class="post-title"><a href="{self.url(self.story_path(one))}">{escape(one.title)}</a></h2><div class="post-body">{escape(one.paragraphs[0][:70])}...</div><h6 class="post-footer"><span>admin</span><span>1年前 ({one.day})</span><span><a href="{self.list_path(one.column, 1)}">{one.column.name}</a></span><span>{one.number % 400}</span></h6></div>'
            for one in stories
        )

    def pager(self, column: Column, number: int) -> str:
        return self.bar([self.list_path(column, one) for one in range(1, self.turns(column) + 1)], number)

    def bar(self, paths: Sequence[str], number: int) -> str:
        parts = [f'<a href="{self.url(paths[0])}"><span class="page">‹‹</span></a>']
        parts += [
            f'<span class="page now-page">{at}</span>'
            if at == number
            else f'<a href="{self.url(path)}"><span class="page">{at}</span></a>'
            for at, path in enumerate(paths, 1)
        ]
        if number < len(paths):
            parts.append(f'<a href="{self.url(paths[number])}"><span class="page">›</span></a>')
        parts.append(f'<a href="{self.url(paths[-1])}"><span class="page">››</span></a>')
        return f'<div class="pagebar">{"".join(parts)}</div>'

    @property
    def front(self) -> list[str]:
        total = -(-len(self.stories) // self.size)
        return ["/", *(f"/page_{one}.html" for one in range(2, total + 1))]

    def home_page(self) -> str:
        return self.front_page(1)

    def front_page(self, number: int) -> str:
        stories = self.latest(len(self.stories))[(number - 1) * self.size : number * self.size]
        side = self.side_menu() + self.hot(self.latest(8))
        return self.shell(self.name, self.rows(stories, "/") + self.bar(self.front, number), side=side)

    def info(self, story: Story) -> str:
        return f'<h6 class="post-footer">admin 发布于 {story.minute} 分类：<a href="{self.list_path(story.column, 1)}">{story.column.name}</a> 阅读({story.number % 400})</h6>'

    def body(self, story: Story) -> str:
        return f'<div class="post-body">{self.paragraphs(story)}<p>版权声明：本文由{self.name}发布，如需转载请注明出处。</p><p>本文链接：{self.url(self.story_path(story))}</p></div>'

    def more(self) -> Routes:
        out: Routes = {
            path: partial(self.page, self.front_page, number) for number, path in enumerate(self.front, 1) if number > 1
        }
        return out | {"/feed.php": partial(self.feed)}

    def feed(self) -> Answer:
        return Answer(feed_xml(self, self.latest(10)), "text/xml; charset=utf-8")


class WordPress(FarmSite):
    """/category/NAME/page/2/, /YYYY/MM/DD/slug/, REST at /wp-json/, feeds; cards with time elements."""

    kind = "wordpress"
    families = ("wordpress", "rss")
    genre = "park"
    static = "/wp-content/themes/park"

    def list_path(self, column: Column, number: int) -> str:
        return f"/category/{column.key}/" + (f"page/{number}/" if number > 1 else "")

    def story_path(self, story: Story) -> str:
        return f"/{story.at:%Y/%m/%d}/{story.column.key}-{story.number}/"

    def single_path(self, key: str) -> str:
        return f"/{key}/"

    def picture_path(self, story: Story) -> str:
        return f"/wp-content/uploads/{story.at:%Y/%m}/{story.number}.png"

    def head(self) -> str:
        return "<meta name='generator' content='WordPress 6.5.2' />\n<link rel='https://api.w.org/' href='/wp-json/' />\n<link rel='alternate' type='application/rss+xml' title='Feed' href='/feed/' />\n"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        return "".join(
            f'<article id="post-{one.number}" class="post type-post hentry"><header class="entry-header"><h2 class="entry-title"><a href="{self.url(self.story_path(one))}" rel="bookmark">{escape(one.title)}</a></h2><div class="entry-meta"><time class="entry-date published" datetime="{one.at.isoformat()}">{one.at:%Y年%m月%d日}</time></div></header><div class="entry-summary"><p>{escape(one.paragraphs[0][:60])} [&hellip;]</p></div></article>'
            for one in stories
        )

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [
            f'<span aria-current="page" class="page-numbers current">{one}</span>'
            if one == number
            else f'<a class="page-numbers" href="{self.url(self.list_path(column, one))}">{one}</a>'
            for one in range(1, total + 1)
        ]
        if number < total:
            parts.append(
                f'<a class="next page-numbers" href="{self.url(self.list_path(column, number + 1))}">下一页</a>'
            )
        return (
            f'<nav class="navigation pagination"><div class="nav-links">{"".join(parts)}</div></nav>'
            if total > 1
            else ""
        )

    def headline(self, story: Story) -> str:
        return f'<article class="post"><header class="entry-header"><h1 class="entry-title">{escape(story.title)}</h1>'

    def info(self, story: Story) -> str:
        source = f"<span class='source'>来源：{escape(story.source)}</span>" if story.source else ""
        return f'<div class="entry-meta"><time class="entry-date published" datetime="{story.at.isoformat()}">{story.at:%Y年%m月%d日}</time>{source}</div></header>'

    def body(self, story: Story) -> str:
        return f'<div class="entry-content">{self.paragraphs(story)}</div></article>'

    def more(self) -> Routes:
        return {"/feed/": partial(self.feed)}

    def feed(self) -> Answer:
        return Answer(feed_xml(self, self.latest(10)), "application/rss+xml; charset=utf-8")

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != "/wp-json/wp/v2/posts":
            return None
        size, number = asked.number("per_page", 10), asked.number("page")
        posts = [
            {
                "id": one.number,
                "date": f"{one.at:%Y-%m-%dT%H:%M:%S}",
                "link": self.url(self.story_path(one)),
                "title": {"rendered": escape(one.title)},
                "content": {"rendered": self.paragraphs(one)},
            }
            for one in self.latest(len(self.stories))[(number - 1) * size : number * size]
        ]
        pages = -(-len(self.stories) // size)
        return Answer(
            json.dumps(posts).encode(), "application/json; charset=UTF-8", headers=(("X-WP-TotalPages", str(pages)),)
        )


class Discuz(FarmSite):
    """A portal: portal.php?mod=list&catid=N&page=P, article-AID-1.html, a forum and a login box beside it."""

    kind = "discuz"
    families = ("discuz",)
    genre = "press"
    charset = "gbk"
    static = "/static/image/common"

    def list_path(self, column: Column, number: int) -> str:
        return f"/portal.php?mod=list&catid={self.columns.index(column) + 1}" + (
            f"&page={number}" if number > 1 else ""
        )

    def story_path(self, story: Story) -> str:
        return f"/article-{story.number}-1.html"

    def menu(self) -> list[tuple[str, str]]:
        return [(name, escape(href)) for name, href in (*super().menu(), ("论坛", "/forum.php"))]

    def head(self) -> str:
        return "<meta name=\"generator\" content=\"Discuz! X3.4\" />\n<script>var STYLEID = '1', STATICURL = 'static/', discuz_uid = '0';</script>\n"

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<dl class="bbda cl"><dt class="xs2"><a href="{self.story_path(one)[1:]}" target="_blank" class="xi2">{escape(one.title)}</a> </dt><dd class="xs2 cl">{escape(one.paragraphs[0][:60])}</dd><dd><span class="xg1"> {one.at:%Y-}{one.at.month}-{one.at.day} {one.at:%H:%M}</span></dd></dl>'
            for one in stories
        )
        return f'<div class="bm_c xld">{lines}</div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        parts = [
            f"<strong>{one}</strong>" if one == number else f'<a href="{escape(self.list_path(column, one))}">{one}</a>'
            for one in range(1, total + 1)
        ]
        turn = (
            f'<a href="{escape(self.list_path(column, number + 1))}" class="nxt">下一页</a>' if number < total else ""
        )
        return f'<div class="pgs cl"><div class="pg">{"".join(parts)}<label><input type="text" name="custompage" class="px" size="2" value="{number}" /><span> / {total} 页</span></label>{turn}</div></div>'

    def headline(self, story: Story) -> str:
        return f'<div class="bm vw"><div class="h hm"><h1 class="ph">{escape(story.title)}</h1>'

    def info(self, story: Story) -> str:
        return f'<p class="xg1">{story.at:%Y-}{story.at.month}-{story.at.day} {story.at:%H:%M}<span class="pipe">|</span>发布者: <a href="home.php?mod=space&amp;uid=1">admin</a><span class="pipe">|</span>查看: <em id="_viewnum">{story.number % 900}</em><span class="pipe">|</span>评论: 0<span class="pipe">|</span>来自: {escape(story.source or "")}</p></div>'

    def body(self, story: Story) -> str:
        return f'<div class="d"><table cellpadding="0" cellspacing="0" class="vwtb"><tr><td id="article_content">{self.paragraphs(story)}</td></tr></table></div></div>'

    def more(self) -> Routes:
        out: Routes = {"/forum.php": partial(self.page, self.forum), "/portal.php": partial(self.page, self.home_page)}
        for column in self.columns:
            out[f"{self.list_path(column, 1)}&page=1"] = partial(self.page, self.list_page, column, 1)
        return out

    def forum(self) -> str:
        boards = "".join(
            f'<td><a href="forum-{one}-1.html">{name}</a></td>'
            for one, name in enumerate(("本地闲谈", "房产家居", "亲子教育"), 1)
        )
        return self.shell(f"论坛-{self.name}", f"<table><tr>{boards}</tr></table>")


class Drupal(FarmSite):
    """Views in English: ?page=1 is page 2; /node/ID; time elements."""

    kind = "drupal"
    families = ("drupal",)
    genre = "western"
    headers = (("X-Generator", "Drupal 10 (https://www.drupal.org)"), ("X-Drupal-Cache", "HIT"))
    static = "/sites/default/files"
    statement = "Privacy"

    def aliases(self, column: Column) -> tuple[str, ...]:
        return (f"/{column.key}?page=0",)

    def list_path(self, column: Column, number: int) -> str:
        return f"/{column.key}" + (f"?page={number - 1}" if number > 1 else "")

    def story_path(self, story: Story) -> str:
        return f"/node/{story.number}"

    def single_path(self, key: str) -> str:
        return f"/{key}"

    def singles(self) -> tuple[tuple[str, str], ...]:
        return (("about", "About us"), ("contact", "Contact"))

    def shell(self, title: str, main: str, *, head: str = "", crumbs: str = "", side: str = "") -> str:
        menu = "".join(f'<li class="menu-item"><a href="{href}">{name}</a></li>' for name, href in self.menu())
        return f"""<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8" />
<meta name="Generator" content="Drupal 10 (https://www.drupal.org)" /><title>{escape(title)}</title>{head}
<link rel="stylesheet" href="{self.static}/css/style.css" /></head><body><header role="banner"><a href="/"><img src="{self.static}/images/logo.png" alt="Home" /></a>
<nav role="navigation"><ul class="menu">{menu}</ul></nav></header><main role="main"><div class="region region-content">{crumbs}{main}</div><aside>{side}</aside></main>
<footer role="contentinfo"><p>{self.name}, {self.content.facts.address}</p><a href="/statement">Privacy</a> <a href="/contact">Contact</a></footer></body></html>"""

    def menu(self) -> list[tuple[str, str]]:
        return [("Home" if href == "/" else name, href) for name, href in super().menu()]

    def crumbs(self, *steps: tuple[str, str | None]) -> str:
        inner = "".join(
            f"<li><a href='{href}'>{name}</a></li>" if href else "" for name, href in (("Home", "/"), *steps)
        )
        return f'<nav class="breadcrumb"><ol>{inner}</ol></nav>'

    def hot(self, other: Sequence[Story]) -> str:
        return ""

    def row(self, one: Story) -> str:
        return f'<div class="views-row"><div class="views-field views-field-title"><h3><a href="{self.story_path(one)}" hreflang="en">{escape(one.title)}</a></h3></div><div class="views-field views-field-created"><time datetime="{one.at.isoformat()}">{one.at.day} {one.at:%B %Y}</time></div></div>'

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        return f'<div class="views-element-container"><div class="view-content">{"".join(map(self.row, stories))}</div></div>'

    def pager(self, column: Column, number: int) -> str:
        total = self.turns(column)
        items = "".join(
            f'<li class="pager__item{" is-active" if one == number else ""}"><a href="?page={one - 1}" title="Go to page {one}">{one}</a></li>'
            for one in range(1, total + 1)
        )
        turn = (
            f'<li class="pager__item pager__item--next"><a href="?page={number}" title="Go to next page" rel="next"><span>Next ›</span></a></li>'
            if number < total
            else ""
        )
        return f'<nav class="pager" role="navigation"><ul class="pager__items">{items}{turn}</ul></nav>'

    def box(self, column: Column) -> str:
        return f"<section><h2>{column.name}</h2>{''.join(map(self.row, self.of(column)[:5]))}<a href='{self.list_path(column, 1)}'>More</a></section>"

    def home_page(self) -> str:
        return self.shell(self.name, "".join(map(self.box, self.columns)))

    def headline(self, story: Story) -> str:
        return f'<article class="node node--type-article"><h1 class="page-title">{escape(story.title)}</h1>'

    def info(self, story: Story) -> str:
        return f'<div class="node__meta">Published on <time datetime="{story.at.isoformat()}">{story.at.day} {story.at:%B %Y}</time></div>'

    def body(self, story: Story) -> str:
        return f'<div class="field field--name-body field--type-text-with-summary">{self.paragraphs(story)}</div></article>'

    def paragraphs(self, story: Story) -> str:
        return "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs)

    def noise(self, _story: Story) -> str:
        return '<div class="share">Share this page: <a href="#">Mail</a></div>'

    def neighbours(self, _story: Story) -> str:
        return ""

    def single_page(self, key: str, name: str) -> str:
        return self.shell(
            f"{name} | {self.name}",
            f"<h1>{name}</h1><p>{self.name} looks after land and firms. Write to {self.content.facts.address}.</p>",
        )

    def login_page(self) -> str:
        return "<html><title>Log in</title><form><input name='n'><input type='password' name='p'></form></html>"
