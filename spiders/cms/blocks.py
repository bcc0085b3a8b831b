"""A list on a page: its rows with links, dates and titles, and what it is worth.

Dates are looked for in the row, then in what stands between it and the next.  `Block.score` says how much a group of
links looks like a list of articles, rather than a menu, a side box or friend links.  Blocks are made by
spiders.cms.grouping and chosen by spiders.cms.lists.
"""

import re
from functools import cached_property, lru_cache
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms.adapter import Row
from spiders.cms.anchors import texts_with_owner
from spiders.cms.entries import Entry
from spiders.cms.shown import EMPTY_WORDS, Chunk, date_of, day_in_url, fold, width
from spiders.links import in_scope, role_of_link

DIGITS = re.compile(r"\d+")


def _words(names: str) -> re.Pattern[str]:
    """Any of these words as a part of a class or id: "nav" in top-nav, not in navy."""
    return re.compile(rf"(?:^|[-_ ])(?:{'|'.join(names.split())})(?:$|[-_ #])", re.I)


# Names of what surrounds a group.  Chinese templates use pinyin.
FURNITURE = _words(
    "nav menu navbar navigation head header foot footer topbar top crumbs? breadcrumb location position weizhi dqwz "
    "wz dz curmb yqlj yqlink friend friendlinks? links? link-?box ljdh share bdshare tags? tagcloud login search "
    "ewm qr sitemap copyright daohang caidan submenu subnav leftnav pagination pager? pages fenye yeshu page_?list"
)
ASIDE = _words(
    "side sidebar aside sub hot rank ranking recommend related relate tuijian xgwz xiangguan widget rmtj rmwz banner "
    "swiper slide slider focus carousel marquee scroll ad ads adv"
)
SIDEBAR = _words("side sidebar aside widget related recommend tuijian")
ASIDE_HEADS = re.compile(
    r"热门|热点|推荐|相关|排行|点击|友情链接|常用链接|相关链接|猜你|最新(?:文章|发布|资讯|新闻)|随机|本月|本周|阅读榜|联系我们|专题|Hot|Related|Popular|Recent",
    re.I,
)
LIST_URL = re.compile(
    r"/$|/(?:index|list|default|home|main|more)[-_\d]*(?:\.\w{2,5})?$|[_/-]list(?:[-_]?\d+)*\.\w+$|[?&](?:page|cid|catid|tid)=\d+$",
    re.I,
)
SLUG = re.compile(r"/(?:[a-z0-9]+-){3,}[a-z0-9]+/?(?:\.html?)?$|/\d{5,}/(?:index\.s?html?)?$", re.I)
ARTICLE_URL = re.compile(
    r"(?:/t?\d{4,8}[-_/].*\d|[-_/=](?:[a-z]*\d{2,}|[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{20,})(?:\.\w{2,5})?$|content|article|detail|show|view|news|info|post)",
    re.I,
)


class Block:
    """Links of one kind of place.  `entries` in page order; dead ones (url None) count for the shape."""

    def __init__(self, page: Document, entries: list[Entry], order: int) -> None:
        self.page = page
        self.entries = entries
        self.order = order

    @cached_property
    def rows(self) -> list[Row]:
        """Entries that lead somewhere, each URL once, with title and date as shown."""
        found: dict[str, Row] = {}
        for entry, day in zip(self.entries, self.dates, strict=True):
            if entry.url is not None and entry.url not in found and entry.url != self.page.url:
                found[entry.url] = Row(entry.url, entry.title, day)
        return list(found.values())

    @cached_property
    def dates(self) -> list[str | None]:
        """The date of each entry: in the row if rows have them, else between the rows (after, then before)."""
        shown = [entry.shown for entry in self.entries]
        inside = [day for day, _ in shown]
        if sum(map(bool, inside)) * 2 < len(inside):  # a date in the teaser of a few rows is not theirs
            inside = [day if alone else None for day, alone in shown]
        if any(inside) or len(self.entries) == 1:
            return inside
        after, before = (
            [date_of(chunks, with_links=False)[0] for chunks in self._gaps(ahead=ahead)] for ahead in (True, False)
        )
        between = max(after, before, key=lambda days: sum(map(bool, days)))  # the wrong side lacks one
        return between if sum(map(bool, between)) * 2 >= len(between) else inside

    def _gaps(self, *, ahead: bool) -> list[list[Chunk]]:
        """Texts between an entry and its neighbour in the same parent, or the parent's next sibling for lone rows."""
        nodes = {id(entry.node) for entry in self.entries}
        gaps: list[list[Chunk]] = []
        for entry in self.entries:
            chunks: list[Chunk] = []
            if ahead and entry.node.tail:
                chunks.append((fold(entry.node.tail), False))
            current = entry.node
            for _ in range(4):
                current = current.getnext() if ahead else current.getprevious()
                if current is None or id(current) in nodes:
                    break
                if isinstance(current.tag, str):
                    chunks += [(fold(text), False) for _, text in islice(texts_with_owner(current), 40)]
                if ahead and current.tail:
                    chunks.append((fold(current.tail), False))
            gaps.append([chunk for chunk in chunks if chunk[0]])
        return gaps

    @cached_property
    def surroundings(self) -> str:
        """class and id of everything around the rows, innermost first."""
        words: list[str] = []
        node = self.entries[0].node
        while node is not None and node.tag not in ("body", "html"):
            words.append(f"{node.tag} {node.get('class') or ''} {node.get('id') or ''}")
            node = node.getparent()
        return " ".join(words)

    @cached_property
    def heading(self) -> str:
        """Short text right before the block: the name of a box."""
        return heading(self.entries[0].node)

    @cached_property
    def dated(self) -> float:
        """Share of rows that show a date."""
        return sum(map(bool, self.dates)) / len(self.entries)

    @cached_property
    def url_dated(self) -> float:
        live = [entry.url for entry in self.entries if entry.url]
        return sum(1 for url in live if day_in_url(url)) / len(live) if live else 0.0

    @cached_property
    def article_like(self) -> float:
        """Share of live URLs that look like articles rather than like lists or home pages."""
        live = [entry.url for entry in self.entries if entry.url]
        if not live:
            return 0.0
        return sum(1.0 for url in live if looks_like_article(url)) / len(live)

    @cached_property
    def _link_width(self) -> float:
        """An upper bound of title_width that costs little: most groups of links on a page are menus."""
        sizes = sorted(
            60.0
            if EMPTY_WORDS.fullmatch(link.text)
            else max(width(link.text), width(link.title), 4.0 * (not link.text))
            for link in (entry.links[0] for entry in self.entries)
        )
        return sizes[len(sizes) // 2]

    @cached_property
    def title_width(self) -> float:
        sizes = sorted(width(entry.title or "") for entry in self.entries)
        return sizes[len(sizes) // 2]

    @cached_property
    def below(self) -> float:
        """Share of live URLs in the folder of the page, or below it: a column's own articles."""
        folder = self.page.url.partition("?")[0].rpartition("/")[0] + "/"
        live = [entry.url for entry in self.entries if entry.url]
        if not live or folder.count("/") < 4:
            return 0.0
        return sum(1 for url in live if url.startswith(folder)) / len(live)

    @cached_property
    def own(self) -> float:
        live = [entry.url for entry in self.entries if entry.url]
        return sum(1 for url in live if in_scope(self.page.url, url)) / len(live) if live else 1.0

    @cached_property
    def is_furniture(self) -> bool:
        """Menus, footers, breadcrumbs, friend links, by the names of what is around."""
        return bool(FURNITURE.search(self.surroundings))

    @cached_property
    def is_aside(self) -> bool:
        """A side box by its class or by its name: 热点, 推荐, 相关."""
        return bool(SIDEBAR.search(self.surroundings) or ASIDE_HEADS.search(self.heading))

    @cached_property
    def score(self) -> float:
        """How much this looks like the page's list of articles; below 0.5 it is not one."""
        size = len(self.entries)
        if self._link_width < 4 or self.title_width < 4:
            return -1.0
        titles = max(0.0, min(1.0, (self.title_width - 4) / 8))
        worth = 0.9 * self.dated + 0.7 * titles + 0.4 * self.article_like + 0.3 * max(self.url_dated, 0.0)
        if not self.dated:
            worth -= 0.35
        if self.own < 0.5:
            worth -= 0.3 if self.dated else 0.8
        worth += 0.3 * self.below
        if not self.article_like and all(LIST_URL.search(entry.url or "/") for entry in self.entries):
            worth -= 0.8  # names of columns, even where they carry dates
        if size == 1 and not self.article_like:
            worth -= 0.5
        words = self.surroundings
        if self.is_furniture and self.dated < 0.5:
            worth -= 0.8
        if ASIDE.search(words):
            worth -= 0.1 if self.dated >= 0.5 else 0.35
        if self.is_aside:
            worth -= 0.5
        many = min(1.0, 0.35 + 0.13 * size) if size < 6 else min(1.35, 1.0 + size / 100)
        return worth * many if worth > 0 else worth


def heading(node: HtmlElement) -> str:
    """Short text right before an element or what is around it."""
    for _ in range(4):
        previous = node.getprevious()
        while previous is not None and not isinstance(previous.tag, str):
            previous = previous.getprevious()
        if previous is not None:
            text = fold(previous.text_content())
            if text:
                return text if len(text) < 30 else ""
        parent = node.getparent()
        if parent is None or parent.tag == "body":
            break
        node = parent
    return ""


@lru_cache(maxsize=4096)
def looks_like_article(url: str) -> bool:
    """A guess from the URL alone: dated or numbered, and not the name of a list."""
    if day_in_url(url):
        return True
    parts = urlsplit(url)
    tail = parts.path + (f"?{parts.query}" if parts.query else "")
    if role_of_link(url) == "attachment":
        return True
    if SLUG.search(parts.path):
        return True
    return not LIST_URL.search(tail) and bool(ARTICLE_URL.search(tail)) and bool(DIGITS.search(tail))
