"""A site of the farm: home, two columns with list pages, stories, single pages, files; families override the parts.

Pages are made when they are asked for.  What every family shares stands here: the frame of a page (menu, crumbs, side
lists, friend links, footer), rows, the parts of an article and the noise around it.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from typing import ClassVar, TypeAlias

from tests.demo import files
from tests.farm.content import Content, Genre, content
from tests.farm.model import Answer, Asked, Column, Story
from tests.farm.skin import Entry, Skin

FRIENDS = ("澄湾政务公开", "岚江省统计信息", "雁洲市人民政府", "柏川招商在线")
CSS = "body{margin:0;background:#fff url(/static/images/bg.png)}.list li{line-height:32px}\n"
Routes: TypeAlias = dict[str, Callable[[], Answer]]  # path (with query) -> what makes its answer

SCRIPT = "var site = {ready: function (run) { window.onload = run; }};\n"


@dataclass(frozen=True)
class Truth:
    """What a reader would find.  articles: URL -> story.  optional: URLs that are neither articles nor wrong."""

    home: str
    kind: str
    families: tuple[str, ...]
    articles: dict[str, Story]
    optional: frozenset[str]


class FarmSite(ABC):
    """kind: its name in the farm.  families: adapters that may read its lists, its own first.

    size: rows a list page.  counts: stories of each column.  charset: of its pages.
    whole: its lists come in one answer, there are no page turns.
    """

    kind: ClassVar[str]
    families: ClassVar[tuple[str, ...]]
    genre: ClassVar[Genre] = "gov"
    charset: ClassVar[str] = "utf-8"
    size: ClassVar[int] = 8
    counts: tuple[int, ...] = (26, 10)
    headers: ClassVar[tuple[tuple[str, str], ...]] = ()
    static: ClassVar[str] = "/static"
    whole: ClassVar[bool] = False
    extension: ClassVar[str] = "html"
    statement: ClassVar[str] = "网站声明"

    def __init__(self, host: str, seed: str) -> None:
        self.host, self.seed = host, seed
        self.rng = random.Random(f"{seed}/skin")
        self.skin = Skin.drawn(self.rng)

    # ------------------------------------------------------------------------------------------------ what it has
    @cached_property
    def content(self) -> Content:
        return content(self.seed, self.genre, self.counts)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.content.columns

    @property
    def stories(self) -> tuple[Story, ...]:
        return self.content.stories

    @property
    def name(self) -> str:
        return self.content.facts.name

    @property
    def home(self) -> str:
        return f"http://{self.host}/"

    def url(self, path: str) -> str:
        return path if path.startswith("http") else f"http://{self.host}{path}"

    def of(self, column: Column) -> tuple[Story, ...]:
        return tuple(story for story in self.stories if story.column is column)

    def turns(self, column: Column) -> int:
        """Number of list pages."""
        return max(1, -(-len(self.of(column)) // self.size))

    def on(self, column: Column, number: int) -> tuple[Story, ...]:
        """Stories of one list page, counted from 1."""
        return self.of(column)[(number - 1) * self.size : number * self.size]

    def latest(self, count: int) -> list[Story]:
        return sorted(self.stories, key=lambda story: story.at, reverse=True)[:count]

    def truth(self) -> Truth:
        articles = {self.url(self.story_path(story)): story for story in self.stories}
        return Truth(self.home, self.kind, self.families, articles, frozenset(map(self.url, self.optional())))

    def optional(self) -> Sequence[str]:
        """Paths of pages that are neither articles nor wrong."""
        return ()

    # ------------------------------------------------------------------------------------------------ addresses
    @abstractmethod
    def list_path(self, column: Column, number: int) -> str:
        """Where a list page answers; number counted from 1."""

    @abstractmethod
    def story_path(self, story: Story) -> str: ...

    def single_path(self, key: str) -> str:
        return f"/{key}.{self.extension}"

    def picture_path(self, story: Story) -> str:
        return f"/upload/{story.at:%Y%m}/{story.number}.png"

    def attachment_path(self, story: Story) -> str:
        return f"/upload/{story.at:%Y%m}/{story.number}.pdf"

    def aliases(self, _column: Column) -> Sequence[str]:
        """Other paths of the first list page."""
        return ()

    # ------------------------------------------------------------------------------------------------ the frame
    def shell(self, title: str, main: str, *, head: str = "", crumbs: str = "", side: str = "") -> str:
        """A whole page.  side: what stands beside main."""
        skin = self.skin
        menu = "".join(f'<li><a href="{href}">{name}</a></li>' for name, href in self.menu())
        body = f'<div class="main fl">{crumbs}{main}</div>' + (f'<div class="{skin.side}">{side}</div>' if side else "")
        return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head>
<meta http-equiv="Content-Type" content="text/html; charset={self.charset}" />
<title>{escape(title)}</title>
{head}<link rel="stylesheet" type="text/css" href="{self.static}/css/style.css" />
{self.head()}</head><body>
<div class="header"><div class="{skin.wrap}"><div class="{skin.logo}"><a href="/"><img src="{self.static}/images/logo.png" alt="{escape(self.name)}" /></a></div>
{self.search_box()}</div></div>
<div class="{skin.nav}"><ul class="{skin.wrap}">{menu}</ul></div>
<div class="{skin.wrap} clearfix">{body}</div>
{self.footer()}
<script type="text/javascript" src="{self.static}/js/site.js"></script>
{self.tail()}</body></html>"""

    def head(self) -> str:
        """What the family writes into the head of every page."""
        return ""

    def tail(self) -> str:
        """What the family writes at the end of every page."""
        return ""

    def search_box(self) -> str:
        return '<form class="search" action="/search.jsp" method="get"><input name="q" value="请输入关键字" /><input type="submit" value="搜索" /></form>'

    def menu(self) -> list[tuple[str, str]]:
        """Name and address of each entry."""
        columns = [(column.name, self.list_path(column, 1)) for column in self.columns]
        return [("首页", "/"), *columns, *((name, self.single_path(key)) for key, name in self.singles())]

    def singles(self) -> tuple[tuple[str, str], ...]:
        about = {"gov": "机构职能", "campus": "单位概况"}.get(self.genre, "关于我们")
        return (("about", about), ("contact", "联系我们"))

    def footer(self) -> str:
        facts = self.content.facts
        friends = "".join(
            f'<li><a href="http://www.link{number}.example/" target="_blank">{name}</a></li>'
            for number, name in enumerate(FRIENDS)
        )
        return f"""<div class="yqlj"><h4>友情链接</h4><ul>{friends}</ul></div>
<div class="footer"><p><a href="/sitemap.htm">网站地图</a> | <a href="{self.single_path("statement")}">网站声明</a> | <a href="{self.single_path("contact")}">联系我们</a> | <a href="/login.jsp">登录</a></p>
<p>版权所有：{escape(facts.name)}　地址：{facts.address}　电话：{facts.phone}</p>
<p>网站标识码：{facts.code}　<a href="https://beian.miit.gov.cn/" target="_blank">{facts.icp}</a></p></div>"""

    def crumbs(self, *steps: tuple[str, str | None]) -> str:
        """Where the reader is.  steps: name and address, None = no link."""
        skin = self.skin
        named = " &gt; ".join(
            f'<a href="{href}">{name}</a>' if href else name for name, href in (("首页", "/"), *steps)
        )
        return f'<div class="{skin.crumb}">{skin.here}{named}</div>'

    def hot(self, other: Sequence[Story]) -> str:
        """A side list without dates."""
        rows = "".join(
            f'<li><a href="{self.story_path(story)}" title="{escape(story.title)}">{escape(story.title[:16])}</a></li>'
            for story in other[:5]
        )
        return f'<div class="hot"><h3>热点信息</h3><ul>{rows}</ul></div>'

    def side_menu(self) -> str:
        rows = "".join(f'<li><a href="{self.list_path(column, 1)}">{column.name}</a></li>' for column in self.columns)
        return f'<div class="leftnav"><ul>{rows}</ul></div>'

    # ------------------------------------------------------------------------------------------------ list pages
    def entry(self, story: Story, here: str = "/") -> Entry:
        """A story as a row of the page at `here`."""
        return Entry(self.href(story, here), story.title, format(story.at, self.skin.day), story.paragraphs[0][:60])

    def href(self, story: Story, _here: str) -> str:
        """How a row links to a story; families with relative links override it."""
        return self.story_path(story)

    def rows(self, stories: Sequence[Story], here: str) -> str:
        """The list of a list page."""
        return self.skin.rows([self.entry(story, here) for story in stories])

    def pager(self, column: Column, number: int) -> str:
        """The page turn, by links; families override it."""
        total = self.turns(column)
        links = [f"<span>共{len(self.of(column))}条</span>"]
        if number > 1:
            links.append(f'<a href="{self.list_path(column, number - 1)}">上一页</a>')
        links += [
            f'<b class="current">{one}</b>' if one == number else f'<a href="{self.list_path(column, one)}">{one}</a>'
            for one in range(1, total + 1)
        ]
        if number < total:
            links.append(f'<a href="{self.list_path(column, number + 1)}">下一页</a>')
        return f'<div class="pages">{"".join(links)}</div>'

    def list_page(self, column: Column, number: int) -> str:
        here = self.list_path(column, number)
        rows = self.rows(self.on(column, number), here)
        others = [story for story in self.latest(20) if story.column is not column]
        return self.shell(
            f"{column.name}-{self.name}",
            f'<h2 class="tit">{column.name}</h2>{rows}{self.pager(column, number)}',
            head=self.column_metas(column),
            crumbs=self.crumbs((column.name, None)),
            side=self.side_menu() + self.hot(others),
        )

    def column_metas(self, column: Column) -> str:
        return self.site_metas() + metas(ColumnName=column.name, ColumnType=column.name) if self.genre == "gov" else ""

    # ------------------------------------------------------------------------------------------------ articles
    def story_page(self, story: Story) -> str:
        column = story.column
        others = [one for one in self.of(column) if one is not story]
        return self.shell(
            self.story_title(story),
            f"{self.headline(story)}{self.info(story)}{self.body(story)}{self.noise(story)}{self.neighbours(story)}",
            head=self.story_metas(story),
            crumbs=self.crumbs((column.name, self.list_path(column, 1)), ("正文", None)),
            side=self.hot(others[:6]),
        )

    def story_title(self, story: Story) -> str:
        return f"{story.title}-{self.name}"

    def site_metas(self) -> str:
        facts = self.content.facts
        return metas(SiteName=facts.name, SiteDomain=self.host, SiteIDCode=facts.code)

    def story_metas(self, story: Story) -> str:
        """The tags that government sites must bear."""
        if self.genre != "gov":
            return ""
        official = metas(
            ArticleTitle=story.title,
            PubDate=story.minute,
            ContentSource=story.source or self.name,
            Keywords="",
            Author="",
        )
        return self.column_metas(story.column) + official

    def headline(self, story: Story) -> str:
        return f'<h1 class="title">{escape(story.title)}</h1>'

    def info(self, story: Story) -> str:
        said = self.skin.info.format(minute=story.minute, day=story.day, source=escape(story.source or ""))
        return f'<div class="info">{said}</div>'

    def paragraphs(self, story: Story) -> str:
        parts = [f"<p>　　{escape(text)}</p>" for text in story.paragraphs]
        if story.picture:
            image = f'<p style="text-align:center"><img src="{self.picture_path(story)}" alt="" /></p>'
            parts.insert(1, image)
        if story.attachment:
            parts.append(f'<p>附件：<a href="{self.attachment_path(story)}">{escape(story.title[:12])}附表.pdf</a></p>')
        return "\n".join(parts)

    def body(self, story: Story) -> str:
        return f'<div class="content" id="zoom">{self.paragraphs(story)}</div>'

    def noise(self, _story: Story) -> str:
        return (
            '<div class="share">分享到：<a href="javascript:;">微信</a><a href="javascript:;">微博</a></div>'
            '<div class="tools">【<a href="javascript:window.print();">打印本页</a>】【<a href="javascript:window.close();">关闭窗口</a>】</div>'
        )

    def neighbours(self, story: Story) -> str:
        row = self.of(story.column)
        at = row.index(story)
        lines = []
        for label, place in (("上一篇", at - 1), ("下一篇", at + 1)):
            near = row[place] if 0 <= place < len(row) else None
            said = f'<a href="{self.story_path(near)}">{escape(near.title)}</a>' if near else "没有了"
            lines.append(f"<p>{label}：{said}</p>")
        return f'<div class="prevnext">{"".join(lines)}</div>'

    # ------------------------------------------------------------------------------------------------ other pages
    def home_page(self) -> str:
        boxes = "".join(self.box(column) for column in self.columns)
        pictures = "".join(
            f'<li><a href="{self.story_path(story)}"><img src="{self.picture_path(story)}" alt="{escape(story.title)}" /><span>{escape(story.title)}</span></a></li>'
            for story in self.latest(12)
            if story.picture
        )
        focus = f'<div class="focus"><ul>{pictures}</ul></div>' if pictures else ""
        banner = f'<div class="banner"><a href="http://zt.link0.example/"><img src="{self.static}/images/bg.png" alt="专题专栏" /></a></div>'
        return self.shell(self.name, focus + banner + boxes, head=self.site_metas() if self.genre == "gov" else "")

    def box(self, column: Column) -> str:
        """The newest of one column on the home page."""
        rows = "".join(
            f"<li>{self.skin.link(self.entry(story))}<span>{story.at:%m-%d}</span></li>"
            for story in self.of(column)[:6]
        )
        more = f'<a class="more" href="{self.list_path(column, 1)}">更多&gt;&gt;</a>'
        return f'<div class="box"><div class="hd"><h3>{column.name}</h3>{more}</div><ul>{rows}</ul></div>'

    def single_page(self, key: str, name: str) -> str:
        facts = self.content.facts
        text = {
            "about": f"{self.name}主要负责本地产业服务与信息发布。内设办公室、产业科、服务科三个科室。办公时间为工作日上午九点至下午五点。",
            "contact": f"地址：{facts.address}。电话：{facts.phone}。邮编：310000。",
            "statement": f"本网站由{self.name}主办，转载请注明出处。",
        }[key]
        main = f"<h1>{name}</h1><div class='single'><p>{text}</p></div>"
        return self.shell(f"{name}-{self.name}", main, crumbs=self.crumbs((name, None)))

    def login_page(self) -> str:
        return f"<html><head><title>用户登录</title></head><body><form action='/login.jsp' method='post'>{self.name}用户名<input name='u' />密码<input type='password' name='p' /></form></body></html>"

    # ------------------------------------------------------------------------------------------------ answers
    def page(self, make: Callable[..., str], *given: object) -> Answer:
        """A page in the charset of the site."""
        body = make(*given).encode("gb18030" if self.charset.startswith("gb") else self.charset, "xmlcharrefreplace")
        return Answer(body, f"text/html; charset={self.charset}" if self.says_charset else "text/html")

    @property
    def says_charset(self) -> bool:
        """GBK sites leave it to the meta tag, as they do."""
        return self.charset == "utf-8"

    @cached_property
    def routes(self) -> Routes:
        """All that does not depend on the request beyond its address."""
        out: Routes = {"/": partial(self.page, self.home_page)}
        for column in self.columns:
            for number in range(1, self.turns(column) + 1):
                out.setdefault(self.list_path(column, number), partial(self.page, self.list_page, column, number))
            for path in self.aliases(column):
                out[path] = out[self.list_path(column, 1)]
        for story in self.stories:
            out[self.story_path(story)] = partial(self.page, self.story_page, story)
            if story.picture:
                out[self.picture_path(story)] = partial(Answer, files.png(60, 30, (40, 90, 120)), "image/png")
            if story.attachment:
                out[self.attachment_path(story)] = partial(Answer, files.pdf([f"No {story.number}"]), "application/pdf")
        for key, name in (*self.singles(), ("statement", self.statement)):
            out[self.single_path(key)] = partial(self.page, self.single_page, key, name)
        out["/login.jsp"] = partial(self.page, self.login_page)
        out[f"{self.static}/css/style.css"] = partial(Answer, CSS.encode(), "text/css")
        out[f"{self.static}/js/site.js"] = partial(Answer, SCRIPT.encode(), "application/javascript")
        for picture in ("logo", "bg"):
            out[f"{self.static}/images/{picture}.png"] = partial(Answer, files.png(40, 20, (90, 60, 120)), "image/png")
        return {**out, **self.more()}

    def more(self) -> Routes:
        """Further answers of the family."""
        return {}

    def call(self, _asked: Asked) -> Answer | None:
        """Answers that depend on the request: data calls, dynamic lists; None = nothing there."""
        return None

    def respond(self, asked: Asked) -> Answer:
        made = self.routes.get(asked.target) if asked.method != "POST" else None
        answer = made() if made else self.call(asked)
        if answer is None and asked.path == "/index.html":
            answer = self.routes["/"]()
        answer = answer or self.missing()
        return Answer(answer.body, answer.mime, answer.status, (*self.headers, *answer.headers), answer.fate)

    def missing(self) -> Answer:
        return Answer(b"<html><head><title>404 Not Found</title></head><body>404 Not Found</body></html>", status=404)


def metas(**named: str) -> str:
    """Meta tags, a line each."""
    return "".join(f'<meta name="{name}" content="{escape(text)}" />\n' for name, text in named.items())
