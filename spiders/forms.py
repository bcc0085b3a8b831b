"""Rows that were seen -> the `article_url` of a definition, when one is needed.

Most lists need none: their rows are believed.  It is written when rows lead to columns, menus or single pages, which is
what sitemaps and portal pages do; it must find every other row of the lists, or it is left out.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from urllib.parse import urlsplit

from spiders.cms.patterns import article_pattern
from spiders.inquiry import Inquiry
from spiders.judge import is_numbered, row_folder

MOST_FOLDERS = 12
LAST_NUMBER = re.compile(r"\\d\{\d\}(?=(?:\\\.\w+)?\$?$)")  # numbers that end a name grow longer one day


def article_url(found: Inquiry) -> str | None:
    """Return an expression that finds the rows that are articles and not those that are none; None when not needed."""
    rows = {url for one in found.kept for url in one.known}
    bad = {url for url in rows if found.is_no_article(url)}
    bad |= _unproved(found)
    good = rows - bad
    if not bad or not good:
        return None
    for expression in (article_pattern(sorted(good)), _folders(good)):
        if expression:
            expression = LAST_NUMBER.sub(r"\\d+", expression)
            compiled = re.compile(expression)
            if all(compiled.search(url) for url in good) and not all(compiled.search(url) for url in bad):
                return expression
    return None


def _unproved(found: Inquiry) -> set[str]:
    """Rows of sitemaps, which name every page of a site, of a kind that no sample proved."""
    kinds: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for one in found.kept:
        if one.cms == "sitemap":
            for url in one.known:
                kinds[kind_of_row(url)].append(url)
    proved = {kind_of_row(url) for url, nature in found.samples.natures.items() if nature in ("article", "text")}
    return {url for kind, urls in kinds.items() if kind not in proved for url in urls}


def kind_of_row(url: str) -> tuple[str, bool]:
    return row_folder(url), is_numbered(url)


def _folders(urls: Collection[str]) -> str | None:
    """Pages of these folders, whatever they are called."""
    folders = sorted({row_folder(url) for url in urls})
    if len(folders) > MOST_FOLDERS or "/" in folders:
        return None
    hosts = {urlsplit(url).netloc for url in urls}
    names = "|".join(re.escape(folder.strip("/")).replace("\\-", "-") for folder in folders)
    return f"//{re.escape(min(hosts))}/(?:{names})/." if len(hosts) == 1 else None
