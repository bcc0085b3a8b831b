"""Sitemaps: urlset, sitemapindex, Google News sitemaps; also gzipped and as a plain list of URLs.

Recognised by the root element; sitemap.txt by being nothing but URLs.  Rows: loc with news:title and
news:publication_date; lastmod stands in for a missing date (it says when the page was written, or only generated).
No paging; the parts of an index are given as `columns` (newest first), to be read as lists of their own.
Traps: a sitemap lists menus, tags and pictures too: the article pattern of the definition chooses.
"""

import re

from pipelines.decode import Document
from spiders.cms import xml
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.shown import fold
from spiders.links import resolve, role_of_link

URLS_ONLY = re.compile(r"\s*(?:https?://\S{3,2000}\s+){2}")


class Sitemap:
    NAME = "sitemap"

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        name = xml.root_name(page)
        if name in ("urlset", "sitemapindex"):
            return (f"root: {name}",)
        return ("urls: plain list",) if URLS_ONLY.match(page.text[:5000]) and "<" not in page.text[:5000] else ()

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        if not xml.root_name(page):
            urls = [resolve(page.url, line.strip()) for line in page.text.splitlines()]
            return [Row(url) for url in dict.fromkeys(urls) if url is not None]
        root = xml.tree(page)
        found: dict[str, Row] = {}
        for entry in xml.children(root, "url") if root is not None else []:
            url = resolve(page.url, xml.text_of(entry, "loc"))
            if url is None or role_of_link(url) in ("image", "media"):
                continue
            news = next(iter(xml.children(entry, "news")), None)
            title = xml.text_of(news, "title") if news is not None else None
            day = xml.text_of(news, "publication_date") if news is not None else None
            found.setdefault(url, Row(url, fold(title) or None, day or xml.text_of(entry, "lastmod")))
        return list(found.values())

    def following(self, _page: Document, _rows: list[Row], _visit: Visit, /) -> Ask | None:
        return None


def parts(page: Document) -> list[Row]:
    """Return the sitemaps of an index, newest first, undated ones in their order after them."""
    root = xml.tree(page) if xml.root_name(page) == "sitemapindex" else None
    found: dict[str, Row] = {}
    for entry in xml.children(root, "sitemap") if root is not None else []:
        url = resolve(page.url, xml.text_of(entry, "loc"))
        if url is not None:
            found.setdefault(url, Row(url, None, xml.text_of(entry, "lastmod")))
    dated = sorted((row for row in found.values() if row.date), key=lambda row: row.date or "", reverse=True)
    return dated + [row for row in found.values() if not row.date]
