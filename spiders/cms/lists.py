"""A page -> the rows of its list of articles: which blocks of links make up the list.

Blocks of links in the same kind of place are scored by dates in the rows, length of titles, form of the URLs, size and
what stands around them (menus, side boxes, friend links).  A page with a page turn has one list; a column page made of
several boxes of the same sort gives them all.  Rows whose links were destroyed still show where the list is; a list
may have one row; pages without any list give none.
"""

import re

from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms import turns
from spiders.cms.adapter import Row
from spiders.cms.anchors import Anchor, anchors
from spiders.cms.blocks import Block
from spiders.cms.grouping import blocks

PAGER_LEVELS = 6  # above the page turn that its list is looked for
ENOUGH = 0.5  # score below which a block is no list of articles


def article_rows(page: Document) -> list[Row]:
    """Return the entries of the page's list in page order, each URL once."""
    blocks_of_page, main = chosen(page)
    forms = {_form(row.url) for row in main.rows} if main else set()
    found: dict[str, Row] = {}
    for block in blocks_of_page:
        for row in block.rows:
            if block is main or _form(row.url) in forms:  # a box may end with a link to its column
                found.setdefault(row.url, row)
    return list(found.values())


def chosen(page: Document) -> tuple[list[Block], Block | None]:
    """Return the blocks that make up the page's list, in page order, and the best of them."""
    links = anchors(page)
    near = _pager_places(links)
    lists = [block for block in blocks(page, links) if block.score >= 0]
    if max((block.score for block in lists), default=0) < ENOUGH:
        return [], None
    main = max((block for block in lists if block.score >= ENOUGH), key=lambda block: _standing(block, near))
    if turns.has_pager(page, main.rows, links):
        return [main], main
    forms = {_form(row.url) for row in main.rows}
    alike = [block for block in lists if block is not main and forms & {_form(row.url) for row in block.rows}]
    dated = [block for block in alike if block.score >= ENOUGH and block.dated >= 0.6]
    if main.dated < 0.6:
        boxes = [block for block in alike if block.score >= ENOUGH]
    elif dated or len(main.rows) < 10 or len({entry.node.getparent() for entry in main.entries}) > 1:
        boxes = [block for block in alike if block in dated or _is_box(block)]
    else:
        boxes = []
    return sorted([main, *boxes], key=lambda block: block.order), main


def _pager_places(links: list[Anchor]) -> dict[HtmlElement, int]:
    """Elements around the page turn -> how many levels above it: the list it turns is in one of the lowest."""
    places: dict[HtmlElement, int] = {}
    for link in links:
        if turns.NEXT.fullmatch(link.text) or turns.PREVIOUS.fullmatch(link.text):
            node = link.node.getparent()
            for level in range(PAGER_LEVELS):
                if node is None or node.tag in ("body", "html"):
                    break
                places[node] = min(level, places.get(node, level))
                node = node.getparent()
    return places


def _standing(block: Block, near: dict[HtmlElement, int]) -> float:
    """Score of a block, higher when the page turn stands close to it."""
    node = block.entries[0].node.getparent()
    for _ in range(PAGER_LEVELS):
        if node is None:
            break
        if node in near:
            return block.score + 0.6 - 0.1 * near[node]
        node = node.getparent()
    return block.score


def _is_box(block: Block) -> bool:
    """A box of a column page without dates (headline, pictures, carousel) still has titles and leads to articles."""
    return block.score > 0.2 and block.title_width >= 6 and block.article_like >= 0.5 and not block.is_furniture


def _form(url: str) -> str:
    """Last part of a URL with numbers and hashes taken out."""
    name = url.partition("?")[0].rsplit("/", 1)[-1]
    return re.sub(r"\d+", "#", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{16,}", "h", name))
