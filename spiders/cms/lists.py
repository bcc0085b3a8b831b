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
from spiders.cms.blocks import LIST_URL, Block, looks_like_article
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
            if len(blocks_of_page) > 1 and block is not main and _form(row.url) not in forms:
                continue  # a box may end with a link to its column
            if block.article_like < 0.5 or not LIST_URL.search(row.url) or looks_like_article(row.url):
                found.setdefault(row.url, row)
    return list(found.values())


def chosen(page: Document) -> tuple[list[Block], Block | None]:
    """Return the blocks that make up the page's list, in page order, and the best of them."""
    links = anchors(page)
    near = _pager_places(page, links)
    lists = [block for block in blocks(page, links) if block.score >= 0]
    if max((block.score for block in lists), default=0) < ENOUGH:
        return [], None
    good = [block for block in lists if block.score >= ENOUGH]
    main = max([block for block in good if not block.is_aside] or good, key=lambda block: _standing(block, near))
    if turns.has_pager(page, main.rows, links):
        return [_turned(page, main, near)], main
    forms = {_form(row.url) for row in main.rows}
    # A list of some length in its own folder: boxes with articles of other columns only stand beside it.
    whole = main.below >= 0.8 and len(main.rows) >= 8
    alike = [
        block
        for block in lists
        if block is not main
        and forms & {_form(row.url) for row in block.rows}
        and (not whole or block.below >= 0.5)
        and not block.is_aside
    ]
    dated = [block for block in alike if block.score >= ENOUGH and block.dated >= 0.6]
    places = len({entry.node.getparent() for entry in main.entries})
    if main.dated < 0.6:
        boxes = [block for block in alike if block.score >= ENOUGH]
        if len(boxes) > 1 or places > 2:
            boxes += [block for block in alike if block.score < ENOUGH and _is_box(block)]
    elif dated or len(main.rows) < 10 or places > 1:
        boxes = [block for block in alike if block in dated or _is_box(block)]
    else:
        boxes = []
    return sorted([main, *boxes], key=lambda block: block.order), main


def _pager_places(page: Document, links: list[Anchor]) -> dict[HtmlElement, int]:
    """Elements around the page turn -> how many levels above it: the list it turns is in one of the lowest."""
    turning = [link.node for link in links if turns.is_turn(link)]
    turning += [node for node in page.tree.iter("script") if "createPage" in (node.text or "")]
    turning += list(turns.page_selects(page))
    places: dict[HtmlElement, int] = {}
    for start in turning:
        node = start.getparent()
        for level in range(PAGER_LEVELS):
            if node is None or node.tag in ("body", "html"):
                break
            places[node] = min(level, places.get(node, level))
            node = node.getparent()
    return places


def _standing(block: Block, near: dict[HtmlElement, int]) -> float:
    """Score of a block, higher when the page turn stands close to it and when its articles are the column's own."""
    score = block.score + 1.2 * block.below
    node = block.entries[0].node.getparent()
    for _ in range(PAGER_LEVELS):
        if node is None:
            break
        if node in near:
            return score + 0.6 - 0.1 * near[node]
        node = node.getparent()
    return score


def _turned(page: Document, main: Block, near: dict[HtmlElement, int]) -> Block:
    """The part of a block that the page turn stands with, where the same kind of place occurs elsewhere too."""
    levels: dict[HtmlElement, int] = {}
    for entry in main.entries:
        place = node = entry.node.getparent()
        while place not in levels and node is not None:
            if node in near:
                levels[place] = near[node]
            node = node.getparent()
        levels.setdefault(place, PAGER_LEVELS)
    closest = min(levels.values())
    kept = [entry for entry in main.entries if levels[entry.node.getparent()] == closest]
    return main if len(kept) == len(main.entries) else Block(page, kept, main.order)


def _is_box(block: Block) -> bool:
    """A box of a column page without dates (headline, pictures, carousel) still has titles and leads to articles."""
    return block.score > 0.2 and block.title_width >= 6 and block.article_like >= 0.5 and not block.is_furniture


def _form(url: str) -> str:
    """Last part of a URL with numbers and hashes taken out."""
    name = url.partition("?")[0].rsplit("/", 1)[-1]
    return re.sub(r"\d+", "#", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{16,}", "h", name))
