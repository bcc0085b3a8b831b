"""A definition -> the rows that a full walk of its lists shows, with their titles and dates; no extraction."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.decode import Document
from spiders import cms
from spiders.cms.adapter import Ask, Row
from spiders.links import role_of_link
from spiders.probe import Answer, identity
from spiders.site import Site

SHELLS = 3  # answers without rows that may stand before the first page with some
MOST = 60  # pages of one list; the farm has none that long


@dataclass
class Found:
    """rows: by identity, one that shows a date before one that shows none.  pages: answers with rows, by list URL."""

    rows: dict[str, Row] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)


def walked(site: Site, fetch: Callable[[Ask], Answer]) -> Found:
    """Walk every list of a definition to its end as a full crawl does."""
    found = Found()
    pattern = re.compile(site.article_url) if site.article_url else None
    for source in site.list:
        asked: Ask | None = cms.opening(source.url, source.cms, source.options)
        seen: set[str] = set()
        for turn in range(MOST):
            if asked is None:
                break
            answer = fetch(asked)
            if answer.status != 200:
                break
            listing = cms.listing(Document(answer.url, answer.body, answer.headers), source.cms, source.options, asked)
            rows = {identity(site.url, row.url): row for row in listing.rows}
            own = {
                name: row
                for name, row in rows.items()
                if name and role_of_link(name) == "page" and (pattern is None or pattern.search(name))
            }
            if not own.keys() - seen and (seen or listing.rows or turn >= SHELLS):
                break
            seen |= own.keys()
            found.pages[source.url] = found.pages.get(source.url, 0) + bool(own)
            for name, row in own.items():
                if found.rows.get(name, row).date is None or name not in found.rows:
                    found.rows[name] = row
            asked = listing.next
    return found
