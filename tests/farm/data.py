"""Sites whose lists are data: feeds, sitemaps, GOV.UK-like finders with an open search, shells over JSON interfaces."""

import json
from collections.abc import Sequence
from email.utils import format_datetime
from functools import partial
from html import escape

from tests.farm.model import Answer, Asked, Column, Story
from tests.farm.site import FarmSite, Routes

JSON = "application/json; charset=utf-8"


def feed_xml(site: FarmSite, stories: Sequence[Story], following: str | None = None) -> bytes:
    """RSS 2.0.  following: path of the next page of the feed (RFC 5005)."""
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{site.url(site.story_path(one))}</link><pubDate>{format_datetime(one.at)}</pubDate><description>{escape(one.paragraphs[0][:60])}</description></item>"
        for one in stories
    )
    turn = f'<atom:link rel="next" href="{escape(site.url(following))}" />' if following else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{escape(site.name)}</title>'
        f"<link>{site.home}</link><description>feed</description>{turn}{items}</channel></rss>"
    ).encode()


class Shelled(FarmSite):
    """The home page is built in the browser: what it lists is found by data only."""

    genre = "blog"

    def list_path(self, column: Column, _number: int) -> str:
        return f"/c/{column.key}"

    def story_path(self, story: Story) -> str:
        return f"/p/{story.number}.html"

    def home_page(self) -> str:
        return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{self.name}</title>{self.head()}<link href="{self.static}/css/style.css" rel="stylesheet"></head><body><div id="app"></div><script src="{self.static}/js/site.js"></script></body></html>'

    def list_page(self, _column: Column, _number: int) -> str:
        return self.home_page()

    def menu(self) -> list[tuple[str, str]]:
        return [("首页", "/"), ("关于本站", "/about.html")]


class RssOnly(Shelled):
    """A feed of several pages (RFC 5005) is the only list."""

    kind = "rss"
    families = ("rss",)
    per_feed = 12

    def head(self) -> str:
        return '<link rel="alternate" type="application/rss+xml" title="RSS" href="/rss.xml" />'

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != "/rss.xml":
            return None
        number, stories = asked.number("paged"), self.latest(len(self.stories))
        more = f"/rss.xml?paged={number + 1}" if number * self.per_feed < len(stories) else None
        return Answer(
            feed_xml(self, stories[(number - 1) * self.per_feed : number * self.per_feed], more), "application/rss+xml"
        )


class AtomOnly(Shelled):
    """An Atom feed that holds everything."""

    kind = "atom"
    whole = True
    families = ("rss",)

    def head(self) -> str:
        return '<link rel="alternate" type="application/atom+xml" href="/atom.xml" />'

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != "/atom.xml":
            return None
        entries = "".join(
            f'<entry><title type="html">{escape(escape(one.title))}</title><link rel="alternate" href="{self.story_path(one)}"/><id>urn:uuid:{one.token}</id><published>{one.at.isoformat()}</published><updated>{one.at.isoformat()}</updated></entry>'
            for one in self.latest(len(self.stories))
        )
        text = f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{self.name}</title><id>{self.home}</id>{entries}</feed>'
        return Answer(text.encode(), "application/atom+xml; charset=utf-8")


class SitemapOnly(Shelled):
    """robots.txt names a sitemap index; its parts hold articles by column, and the single pages."""

    kind = "sitemap"
    whole = True
    families = ("sitemap",)

    def story_path(self, story: Story) -> str:
        return f"/{story.column.key}/{story.number}.html"

    def more(self) -> Routes:
        out: Routes = {
            "/robots.txt": partial(
                Answer,
                f"User-agent: *\nDisallow: /admin/\nSitemap: {self.url('/sitemap_index.xml')}\n".encode(),
                "text/plain",
            )
        }
        out["/sitemap_index.xml"] = partial(self.index)
        out["/sitemap-pages.xml"] = partial(self.urls, ["/about.html", "/contact.html", "/statement.html"])
        for column in self.columns:
            out[f"/sitemap-{column.key}.xml"] = partial(self.news, column)
        return out

    def index(self) -> Answer:
        parts = "".join(
            f"<sitemap><loc>{self.url(f'/sitemap-{key}.xml')}</loc><lastmod>2025-06-2{place}</lastmod></sitemap>"
            for place, key in enumerate(["pages", *(column.key for column in self.columns)])
        )
        return self.xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>')

    def urls(self, paths: Sequence[str]) -> Answer:
        rows = "".join(f"<url><loc>{self.url(path)}</loc></url>" for path in paths)
        return self.xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')

    def news(self, column: Column) -> Answer:
        rows = "".join(
            f"<url><loc>{self.url(self.story_path(one))}</loc><news:news><news:publication_date>{one.at.isoformat()}</news:publication_date><news:title>{escape(one.title)}</news:title></news:news></url>"
            for one in self.of(column)
        )
        return self.xml(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'
        )

    @staticmethod
    def xml(text: str) -> Answer:
        return Answer(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), "application/xml")


class GovUk(FarmSite):
    """Finders in HTML with ?page=2, and /api/search.json behind them."""

    kind = "govuk"
    families = ("govuk",)
    genre = "western"
    static = "/assets/frontend"
    statement = "Privacy"

    def list_path(self, column: Column, number: int) -> str:
        return f"/search/{column.key}" + (f"?page={number}" if number > 1 else "")

    def story_path(self, story: Story) -> str:
        slug = "-".join("".join(one if one.isalnum() else " " for one in story.title.lower()).split())
        return f"/government/{story.column.key}/{slug}"

    def single_path(self, key: str) -> str:
        return f"/help/{key}"

    def singles(self) -> tuple[tuple[str, str], ...]:
        return (("about", "About"), ("contact", "Contact"))

    def shell(self, title: str, main: str, *, head: str = "", crumbs: str = "", side: str = "") -> str:
        menu = "".join(
            f'<li class="gem-c-layout-super-navigation-header__item"><a href="{href}">{name}</a></li>'
            for name, href in self.menu()
        )
        return f"""<!DOCTYPE html><html lang="en" class="govuk-template"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}
<link rel="stylesheet" href="{self.static}/css/style.css"></head><body class="gem-c-layout-for-public govuk-template__body">
<header class="gem-c-layout-super-navigation-header"><a href="/">GOV</a><ul>{menu}</ul></header>
<div class="govuk-width-container"><main class="govuk-main-wrapper" id="content">{crumbs}{main}</main></div>
<footer class="govuk-footer"><a href="/help/statement">Privacy</a><a href="/help/contact">Contact</a></footer></body></html>"""

    def menu(self) -> list[tuple[str, str]]:
        return [("Home" if href == "/" else name, href) for name, href in super().menu()]

    def crumbs(self, *steps: tuple[str, str | None]) -> str:
        return '<nav class="govuk-breadcrumbs"><a href="/">Home</a></nav>'

    def rows(self, stories: Sequence[Story], _here: str) -> str:
        lines = "".join(
            f'<li class="gem-c-document-list__item"><div class="gem-c-document-list__item-title"><a class="govuk-link" href="{self.story_path(one)}">{escape(one.title)}</a></div><p class="gem-c-document-list__item-description">{escape(one.paragraphs[0][:70])}</p><ul class="gem-c-document-list__item-metadata"><li class="gem-c-document-list__attribute">Updated: <time datetime="{one.day}">{one.at.day} {one.at:%B %Y}</time></li></ul></li>'
            for one in stories
        )
        return f'<div class="finder-results"><ul class="gem-c-document-list">{lines}</ul></div>'

    def pager(self, column: Column, number: int) -> str:
        if number == self.turns(column):
            return ""
        return f'<nav class="govuk-pagination"><div class="govuk-pagination__next"><a class="govuk-link govuk-pagination__link" href="{self.list_path(column, number + 1)}" rel="next"><span class="govuk-pagination__link-title">Next page</span></a></div></nav>'

    def hot(self, other: Sequence[Story]) -> str:
        return ""

    def home_page(self) -> str:
        parts = "".join(
            f'<h2>{column.name}</h2>{self.rows(self.of(column)[:4], "/")}<a href="{self.list_path(column, 1)}">See all</a>'
            for column in self.columns
        )
        return self.shell(self.name, parts)

    def headline(self, story: Story) -> str:
        return f'<div class="gem-c-title"><h1 class="gem-c-title__text">{escape(story.title)}</h1></div>'

    def info(self, story: Story) -> str:
        return f'<div class="gem-c-metadata"><dl><dt>From:</dt><dd>{self.name}</dd><dt>Published</dt><dd>{story.at.day} {story.at:%B %Y}</dd></dl></div>'

    def body(self, story: Story) -> str:
        text = "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs)
        return f'<div class="gem-c-govspeak govuk-govspeak">{text}</div>'

    def noise(self, _story: Story) -> str:
        return '<div class="gem-c-share-links">Share this page</div>'

    def neighbours(self, _story: Story) -> str:
        return ""

    def single_page(self, key: str, name: str) -> str:
        return self.shell(name, f"<h1>{name}</h1><p>Write to {self.content.facts.address}.</p>")

    def call(self, asked: Asked) -> Answer | None:
        if asked.path == "/api/search.json":
            start, count = asked.number("start", 0), asked.number("count", 10)
            stories = self.latest(len(self.stories))
            results = [
                {"title": one.title, "link": self.story_path(one), "public_timestamp": one.at.isoformat()}
                for one in stories[start : start + count]
            ]
            return Answer(json.dumps({"results": results, "total": len(stories), "start": start}).encode(), JSON)
        return None


class JsonShell(FarmSite):
    """Column pages are shells; a script file asks an interface for pages of rows that carry their addresses."""

    kind = "json"
    families = ("json",)
    genre = "park"

    def list_path(self, column: Column, _number: int) -> str:
        return f"/channel/{column.key}.html"

    def story_path(self, story: Story) -> str:
        return f"/article/{story.number}.html"

    def list_page(self, column: Column, _number: int) -> str:
        main = f'<h2>{column.name}</h2><div id="news-list" data-channel="{column.number}"></div><div id="pager"></div><script src="/js/list.js"></script>'
        return self.shell(f"{column.name}-{self.name}", main)

    def script(self) -> str:
        return """var box = document.getElementById('news-list');
var pageSize = PAGESIZE;
function load(page) {
  $.ajax({type: "GET", url: "/api/news/list", data: {channelId: box.getAttribute('data-channel'), pageNum: page, pageSize: pageSize}, success: function (got) {
    var html = ''; got.data.list.forEach(function (one) { html += '<li><a href="' + one.url + '">' + one.title + '</a></li>'; }); box.innerHTML = html;
  }});
}
load(1);
""".replace("PAGESIZE", str(self.size))

    def row(self, one: Story) -> dict[str, object]:
        return {
            "id": one.number,
            "title": one.title,
            "url": self.story_path(one),
            "publishTime": f"{one.minute}:00",
            "sourceName": one.source,
        }

    def call(self, asked: Asked) -> Answer | None:
        if asked.path == "/js/list.js":
            return Answer(self.script().encode(), "application/javascript")
        if asked.path != "/api/news/list":
            return None
        column = next((one for one in self.columns if str(one.number) == asked.field("channelId")), None)
        stories = self.on(column, asked.number("pageNum")) if column else ()
        total = len(self.of(column)) if column else 0
        return Answer(
            json.dumps({"code": 0, "data": {"total": total, "list": [self.row(one) for one in stories]}}).encode(), JSON
        )


class JsonIds(JsonShell):
    """Rows carry ids only; the script makes the addresses."""

    kind = "json-ids"

    def script(self) -> str:
        return super().script().replace("one.url", "'/article/' + one.id + '.html'")

    def row(self, one: Story) -> dict[str, object]:
        return {"id": one.number, "title": one.title, "createTime": int(one.at.timestamp()) * 1000, "author": "admin"}


class JsonPost(JsonShell):
    """The interface wants a POST of JSON."""

    kind = "json-post"

    def script(self) -> str:
        return """var pageSize = PAGESIZE;
var channel = $('#news-list').attr('data-channel');
function load(pageNum) {
  $.ajax({url: "/api/news/list", type: "POST", contentType: "application/json", data: JSON.stringify({channelId: channel, pageNum: pageNum, pageSize: pageSize}), success: draw});
}
load(1);
""".replace("PAGESIZE", str(self.size))

    def call(self, asked: Asked) -> Answer | None:
        if asked.path != "/api/news/list":
            return super().call(asked)
        if asked.method != "POST":
            return Answer(b'{"code": 405}', JSON, 405)
        said = json.loads(asked.body or b"{}")
        query = f"channelId={said.get('channelId')}&pageNum={said.get('pageNum', 1)}"
        return super().call(Asked(asked.host, "GET", asked.path, query))
