"""A page -> the rows of its list of articles: which blocks of links make up the list.

Blocks of links in the same kind of place are scored by dates in the rows, length of titles, form of the URLs, size and
what stands around them (menus, side boxes, friend links).  A page with a page turn has one list; a column page made of
several boxes of the same sort gives them all.  Rows whose links were destroyed still show where the list is; a list
may have one row; pages without any list give none.
"""

import re

from pipelines.decode import Document
from spiders.cms import turns
from spiders.cms.adapter import Row
from spiders.cms.anchors import anchors
from spiders.cms.blocks import Block, blocks

ENOUGH = 0.5  # score below which a block is no list of articles


def article_rows(page: Document) -> list[Row]:
    """Return the entries of the page's list in page order, each URL once."""
    found: dict[str, Row] = {}
    for block in chosen(page):
        for row in block.rows:
            found.setdefault(row.url, row)
    return list(found.values())


def chosen(page: Document) -> list[Block]:
    """Return the blocks that make up the page's list, in page order."""
    links = anchors(page)
    scored = sorted(blocks(page, links), key=lambda block: -block.score)
    if not scored or scored[0].score < ENOUGH:
        return []
    main = scored[0]
    if turns.has_pager(page, main.rows, links):
        return [main]
    forms = {_form(row.url) for row in main.rows}
    alike = [block for block in scored[1:] if block.rows and forms & {_form(row.url) for row in block.rows}]
    dated = [block for block in alike if block.score >= ENOUGH and block.dated >= 0.6]
    if main.dated < 0.6:
        boxes = [block for block in alike if block.score >= ENOUGH]
    elif dated or len(main.rows) < 10 or len({entry.node.getparent() for entry in main.entries}) > 1:
        boxes = [block for block in alike if block in dated or _is_box(block)]
    else:
        boxes = []
    return sorted([main, *boxes], key=lambda block: block.order)


def _is_box(block: Block) -> bool:
    """A box of a column page without dates (headline, pictures, carousel) still has titles and leads to articles."""
    return block.score > 0.2 and block.title_width >= 6 and block.article_like >= 0.5 and not block.is_furniture


def _form(url: str) -> str:
    """Last part of a URL with numbers and hashes taken out."""
    name = url.partition("?")[0].rsplit("/", 1)[-1]
    return re.sub(r"\d+", "#", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{16,}", "h", name))
