"""A list page -> the request of its next page, from what the page itself says; never from a guess.

Order of belief: a next link that leads somewhere; a pager call in a script (its arguments decide the base: number
first is TRS and counts from 0, string first is UCAP and counts from 1); numbered links; a <select> of pages; a counter
"2/26" on a page whose own URL carries the 2.  A page that gives no sign has no next: sign-less probing is the matter
of onboarding (`candidates`).  Used by the generic adapter and most families.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from weakref import WeakKeyDictionary

from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row
from spiders.cms.anchors import Anchor, anchors
from spiders.cms.handlers import clicked
from spiders.cms.pagenumbers import PAGE_PARAMETER
from spiders.cms.pagenumbers import page_number as page_number
from spiders.cms.pagenumbers import with_page as with_page
from spiders.cms.pagers import called
from spiders.cms.scripts import calls, script_text
from spiders.cms.shown import fold
from spiders.links import in_scope, resolve, role_of_link

EDGES = r"[\s\[\]【】()（）<>《》«»‹›→|·.…\xa0]*"
NEXT = re.compile(
    rf"{EDGES}(?:下一?[页頁]|[后後]一?[页頁]|次页|下[页頁]|翻下页|下一步|next(?:\s*page)?|older(?:\s*(?:posts|entries))?|更早的?(?:文章|内容)?|较旧的?(?:文章)?){EDGES}",
    re.I,
)
PREVIOUS = re.compile(rf"{EDGES}(?:上一?[页頁]|前一[页頁]|prev(?:ious)?(?:\s*page)?){EDGES}", re.I)
ARROW = re.compile(r"[>›→»＞〉▶]|&gt;")
NEXT_CLASS = re.compile(r"(?:^|[-_ ])(?:next|nextpage|next-?page|page-?next|pagenext|nxt|xyy|xiayiye)(?:$|[-_ ])", re.I)
CAROUSEL = re.compile(
    r"swiper|slick|slide|carousel|banner|focus|bx-|flex-|owl|rollpic|scroll|lunbo|tempwrap|hd\b|\bbd\b", re.I
)
OFF = re.compile(r"(?:^|[-_ ])(?:disabled?|off|gray|grey|no|nolink|none|unable)(?:$|[-_ ])", re.I)
CURRENT = re.compile(
    r"(?:^|[-_ ])(?:on|cur|curr|current|active|now|sel|selected|thisclass|this|dq|hover)(?:$|[-_ ])",
    re.I,
)
COUNTER = re.compile(
    r"(?:第|页次[:：]?\s*)?\s*(\d{1,5})\s*(?:页\s*)?[/／]\s*(?:共\s*)?(\d{1,5})\s*页?|第\s*(\d{1,5})\s*页.{0,12}?共\s*(\d{1,5})\s*页|共\s*(\d{1,5})\s*页.{0,12}?第\s*(\d{1,5})\s*页"
)
LOADS = re.compile(
    rf"{EDGES}(?:点击)?(?:加载|载入|查看|显示|浏览|展开)更多.{{0,4}}{EDGES}|{EDGES}(?:load|show|view) more.{{0,9}}{EDGES}",
    re.I,
)
LOADS_CLASS = re.compile(r"(?:^|[-_ ])load[-_]?more(?:$|[-_ ])|jiazai", re.I)
LOADS_FROM = ("data-url", "data-href", "data-next", "data-next-url", "data-link", "data-src", "data-action", "href")
PAGE_OPTION = re.compile(r"第?\s*\d{1,5}\s*页?")

# The list asks whether there is a page turn, then the adapter for the turn itself.
FOUND: "WeakKeyDictionary[Document, tuple[frozenset[str], Ask | None]]" = WeakKeyDictionary()


def following(page: Document, rows: list[Row], links: list[Anchor] | None = None) -> Ask | None:
    """Return the request of the next page.  rows: the entries of this page; none of them is a page turn."""
    articles = frozenset(row.url for row in rows)
    known = FOUND.get(page)
    if known is not None and known[0] == articles:
        return known[1]
    links = anchors(page) if links is None else links
    script = script_text(page)
    turn = _ask(page, articles, explicit(page, links, articles) or called(page, script))
    turn = turn or _clicked(page, links, script)
    turn = turn or _ask(page, articles, numbered(page, links, articles) or selected(page) or counted(page))
    turn = turn or _ask(page, articles, loaded(page, articles))
    FOUND[page] = (articles, turn)
    return turn


def _ask(page: Document, articles: AbstractSet[str], url: str | None) -> Ask | None:
    if url is None or url == page.url or url in articles or _wraps(page.url, url):
        return None
    return Ask(url)


def _wraps(here: str, there: str) -> bool:
    """The next link of a last page that leads back to the first: index_26.html -> index.html."""
    number = page_number(here)
    if number is None or number < 2 or page_number(there) is not None:
        return False
    return re.sub(rf"[-_]{number}(\.\w{{2,5}})$", r"\1", here) == there


def _clicked(page: Document, links: list[Anchor], script: str) -> Ask | None:
    """A next link without address whose click the script explains."""
    for link in links:
        if link.url is None and link.node.tag == "a" and NEXT.fullmatch(link.text) and not _is_off(link.node):
            ask = clicked(page, link.node, script)
            if ask is not None and (ask.method != "GET" or ask.url != page.url):
                return ask
    return None


def is_turn(link: Anchor) -> bool:
    """Say whether a link is part of a pager: next, previous, an arrow, a page number."""
    text = link.text
    return bool(NEXT.fullmatch(text) or PREVIOUS.fullmatch(text) or ARROW.fullmatch(text)) or (
        link.node.tag == "a"
        and len(text) < 5
        and text.strip("[]()").isdigit()
        and (link.url is None or page_number(link.url) is not None)
    )


def templated(page: Document, rows: list[Row], options: Mapping[str, Any]) -> Ask | None:
    """What the definition says where the page gives no sign: options `next` = "index_{page}.html" (against the list's
    folder), `second` = number of the second page (2; 1 where the site counts from 0).  Onboarding proves and writes them.
    """
    template = resolve(page.url, str(options.get("next") or "").replace("{page}", "000page000"))
    if not rows or template is None or "000page000" not in template:
        return None
    head, _, tail = template.partition("000page000")
    here = re.fullmatch(re.escape(head) + r"(\d{1,5})" + re.escape(tail), page.url)
    second = options.get("second", 2)
    number = int(here[1]) + 1 if here else second if isinstance(second, int) else 2
    return Ask(f"{head}{number}{tail}")


def has_pager(page: Document, rows: list[Row], links: list[Anchor]) -> bool:
    """Say whether the page is one of several, also on the last of them."""
    if following(page, rows, links) is not None:
        return True
    if any(PREVIOUS.fullmatch(link.text) for link in links):
        return True
    return any(True for _ in calls(script_text(page), "createPageHTML", "createPage")) or selected(page) is not None


def explicit(page: Document, links: list[Anchor], articles: AbstractSet[str]) -> str | None:
    """A link that says it: rel=next, 下一页, an arrow in a pager."""
    for node in page.tree.iter("link", "a"):
        if "next" in (node.get("rel") or "").lower().split():
            url = resolve(page.base, node.get("href"))
            if url is not None and _may_turn(page, url, articles) and (node.tag == "a" or page_number(url) is not None):
                return url
    arrows: list[str] = []
    for link in links:
        if link.url is None or link.node.tag != "a":
            continue
        label = link.text or fold(link.node.get("aria-label")) or link.title
        said = NEXT.fullmatch(link.text) or (
            len(link.text) < 3 and (NEXT.fullmatch(link.title) or NEXT.fullmatch(fold(link.node.get("aria-label"))))
        )
        if said and _may_turn(page, link.url, articles) and not _is_off(link.node):
            return link.url
        if len(label) < 3 and not _in_carousel(link.node) and _may_turn(page, link.url, articles):
            image = next((fold(i.get("alt")) for i in link.node.iterdescendants("img")), "")
            marked = NEXT_CLASS.search(link.node.get("class") or "") or NEXT.fullmatch(image)
            if marked or (ARROW.fullmatch(label) and page_number(link.url) is not None):
                arrows.append(link.url)
    here = page_number(page.url)
    for url in arrows:
        there = page_number(url)
        if here is None or there is None or there != here - 1:
            return url
    return None


def numbered(page: Document, links: list[Anchor], articles: AbstractSet[str]) -> str | None:
    """Links 1 2 3 … in one place: the one after the current.  The current is no link, or marked, or this URL."""
    places: dict[HtmlElement, list[Anchor]] = {}
    for link in links:
        if link.text.strip("[]【】()·. ").isdigit() and len(link.text) < 8 and link.node.tag == "a":
            place = link.node.getparent()
            if place is not None and len(place) <= 1 and place.getparent() is not None:
                place = place.getparent()  # <li><a>2</a></li>
            places.setdefault(place, []).append(link)
    for place, members in places.items():
        alive = {int(link.text.strip("[]【】()·. ")): link.url for link in members if link.url is not None}
        here = _current(page, place, members)
        url = alive.get(here + 1) if here is not None else None
        if url is not None and _may_turn(page, url, articles) and (page_number(url) is not None or len(alive) > 1):
            return url
    return None


def _current(page: Document, place: HtmlElement, members: list[Anchor]) -> int | None:
    """Number of this page as its pager shows it."""
    values = {id(link.node): int(link.text.strip("[]【】()·. ")) for link in members}
    for link in members:
        if link.url == page.url:
            return values[id(link.node)]
    for link in members:
        around = (
            (link.node.get("class") or "")
            + " "
            + ((link.node.getparent().get("class") or "") if link.node.getparent() is not place else "")
        )
        if CURRENT.search(around):
            return values[id(link.node)]
    linked = {id(link.node) for link in members if link.url is not None}
    standing: list[tuple[bool, int]] = []
    for node in place.iterdescendants():
        if not isinstance(node.tag, str) or node.tag in ("option", "script") or id(node) in linked or len(node):
            continue
        parent = node.getparent()
        text = fold(node.text).strip("[]【】()·. ")
        if text.isdigit() and len(text) < 6 and not (parent is not None and id(parent) in linked):
            value = int(text)
            if value not in values.values() and (value + 1 in values.values() or value - 1 in values.values()):
                standing.append((not CURRENT.search(node.get("class") or ""), value))
    if standing:
        return min(standing, key=lambda one: one[0])[1]
    bare = re.search(r"(?<!\d)(\d{1,5})(?!\d)", fold(place.text))
    if bare and int(bare[1]) + 1 == min(values.values()):
        return int(bare[1])
    return 1 if 2 in values.values() and 1 not in values.values() else None


def selected(page: Document) -> str | None:
    """<select> of pages whose option values are URLs: the option after the chosen one."""
    for select in page_selects(page):
        options = list(select.iter("option"))
        values = [(option.get("value") or "").strip() for option in options]
        if not all(re.search(r"[./?]", value) for value in values[1:]):
            continue
        chosen = next((i for i, option in enumerate(options) if option.get("selected") is not None), None)
        if chosen is None:
            chosen = next((i for i, value in enumerate(values) if resolve(page.base, value) == page.url), 0)
        if chosen + 1 < len(values):
            return resolve(page.base, values[chosen + 1])
    return None


def loaded(page: Document, articles: AbstractSet[str]) -> str | None:
    """A button that loads more and says in an attribute where from, or as a link with the parameter of a page."""
    for node in page.tree.iter("a", "button", "div", "span", "p"):
        words = f"{node.get('class') or ''} {node.get('id') or ''}"
        if not (LOADS.fullmatch(fold(node.text)) or LOADS_CLASS.search(words)):
            continue
        for name in LOADS_FROM:
            url = resolve(page.base, node.get(name), page.encoding)
            named = name != "href" or (url is not None and PAGE_PARAMETER.search(url))  # links name columns, too
            if url is not None and named and _may_turn(page, url, articles) and page_number(url) is not None:
                return url
    return None


def page_selects(page: Document) -> Iterator[HtmlElement]:
    """<select> elements that offer page numbers."""
    for select in page.tree.iter("select"):
        options = list(select.iter("option"))
        if len(options) > 1 and all(PAGE_OPTION.fullmatch(fold(option.text_content())) for option in options[:50]):
            yield select


def counted(page: Document) -> str | None:
    """This URL carries its number and the page says there are more: 2/26 on index_2.html leads to index_3.html."""
    here = page_number(page.url)
    if here is None:
        return None
    near = " ".join(
        fold(text)
        for text in page.tree.xpath("//text()[contains(., '页') or contains(., '/')]")[:400]
        if len(text) < 60
    )
    for found in COUNTER.finditer(near):
        one, two, three, four, five, six = (int(value) if value else None for value in found.groups())
        current, total = (one, two) if one is not None else (three, four) if three is not None else (six, five)
        if current == here and total is not None and current < total:
            return with_page(page.url, here + 1)
    return None


def _may_turn(page: Document, url: str, articles: AbstractSet[str]) -> bool:
    return url != page.url and url not in articles and in_scope(page.url, url) and role_of_link(url) == "page"


def _is_off(node: HtmlElement) -> bool:
    """Greyed out, as on the last page."""
    return node.get("disabled") is not None or bool(OFF.search(node.get("class") or ""))


def _in_carousel(node: HtmlElement) -> bool:
    current: HtmlElement | None = node
    for _ in range(4):
        if current is None:
            return False
        if CAROUSEL.search(f"{current.get('class') or ''} {current.get('id') or ''}"):
            return True
        current = current.getparent()
    return False
