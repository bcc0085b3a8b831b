"""Feeds: RSS 0.9-2.0, Atom, RDF; also JSON Feed.

Recognised by the root element (rss, feed, RDF) or the JSON Feed version.  Rows: item or entry; link, else guid when it
is an address; titles may be escaped HTML; date from pubDate, published, dc:date, updated.  Paging: a feed is one
page, except RFC 5005 and WordPress feeds that give a link rel="next".
Traps: relative links are against the feed; content is often cut, so the article page is read all the same.
"""

import re

import lxml.html
import msgspec
from lxml import etree

from pipelines.decode import Document
from spiders.cms import xml
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.anchors import texts
from spiders.cms.shown import clean_title, fold
from spiders.links import resolve

ROOTS = {"rss": "RSS", "feed": "Atom", "rdf": "RDF"}
JSON_FEED = re.compile(r"\s*\{.{0,200}?\"version\"\s*:\s*\"https://jsonfeed\.org/version/", re.S)


class Rss:
    NAME = "rss"

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if JSON_FEED.match(page.text[:400]):
            return ("root: JSON Feed",)
        name = xml.root_name(page)
        return (f"root: {ROOTS[name]}",) if name in ROOTS else ()

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        if JSON_FEED.match(page.text[:400]):
            return _json_rows(page)
        root = xml.tree(page)
        found: dict[str, Row] = {}
        for item in _items(root) if root is not None else []:
            url = _link(page, item)
            if url is not None:
                title, day = (
                    xml.text_of(item, "title"),
                    xml.text_of(item, "pubdate", "published", "date", "issued", "updated", "modified"),
                )
                found.setdefault(url, Row(url, _plain(title), day))
        return list(found.values())

    def following(self, page: Document, _rows: list[Row], _visit: Visit, /) -> Ask | None:
        if JSON_FEED.match(page.text[:400]):
            named = _decoded(page).get("next_url")
            url = resolve(page.url, named) if isinstance(named, str) else None
            return Ask(url) if url is not None and url != page.url else None
        root = xml.tree(page)
        if root is None:
            return None
        for channel in (root, *xml.children(root, "channel")):
            for link in xml.children(channel, "link"):
                url = resolve(page.url, link.get("href")) if link.get("rel") == "next" else None
                if url is not None and url != page.url:
                    return Ask(url)
        return None


def _items(root: etree._Element) -> list[etree._Element]:
    """Entries of the root or of its channel (RSS 2.0 keeps them there, RDF beside it)."""
    places = [root, *xml.children(root, "channel")]
    return [item for place in places for item in xml.children(place, "item", "entry")]


def _link(page: Document, item: etree._Element) -> str | None:
    links = list(xml.children(item, "link"))
    for link in sorted(links, key=lambda one: one.get("rel") not in (None, "alternate")):
        url = resolve(page.url, link.get("href") or xml.text(link))
        if url is not None and link.get("rel") in (None, "alternate"):
            return url
    for node in xml.children(item, "guid", "id"):
        if node.get("isPermaLink") != "false":
            named = xml.text(node)
            return resolve(page.url, named) if named.lower().startswith("http") else None
    return None


def _plain(title: str | None) -> str | None:
    """Titles in feeds are text, escaped HTML or CDATA with HTML."""
    if title and re.search(r"<\w|&\w+;|&#\d+;", title):
        title = "".join(texts(lxml.html.fromstring(f"<p>{title}</p>")))
    return clean_title(title) or None if title else None


class _FeedItem(msgspec.Struct):
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    date_published: str | None = None


def _decoded(page: Document) -> dict[str, object]:
    try:
        value = msgspec.json.decode(page.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _json_rows(page: Document) -> list[Row]:
    found: dict[str, Row] = {}
    items = _decoded(page).get("items")
    for raw in items if isinstance(items, list) else []:
        try:
            item = msgspec.convert(raw, _FeedItem)
        except msgspec.ValidationError:
            continue
        url = resolve(page.url, item.url or item.external_url)
        if url is not None:
            found.setdefault(url, Row(url, fold(item.title) or None, item.date_published))
    return list(found.values())
