"""The links of a page -> blocks: links in the same kind of place, each with its row.

Links of one list have the same path of elements and classes down from <body>, numbers and states (odd, last, on) taken
out.  A row is the largest element around one of them that holds no other link of the group, so that cards, tables, one
<ul> a row and doubled links come out alike.  Blocks that turn out to be one list are joined: rows with classes of
their own, lists cut into several <ul>, picture and title links of the same rows.
"""

import math
import re
from collections import Counter, defaultdict

from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms.anchors import Anchor, anchors
from spiders.cms.blocks import ASIDE_HEADS, Block, heading, looks_like_article
from spiders.cms.entries import HEADINGS, Entry, worth
from spiders.cms.shown import width

DIGITS = re.compile(r"\d+")
STATE = re.compile(
    r"^(?:odd|even|first|last|on|cur|current|active|hover|alt|top|new|line|clearfix|cl|fl|fr|item|li|animated|wow)?[-_]?#?$"
)
ROWS = {"li", "tr", "dd", "dt", "dl", "article"}  # made to be rows, whatever their class
DEEPEST = 14  # levels that a row may be above its link
LABEL_WIDTH = 8  # a category or bureau named beside the title: [通知], 省科技厅


def blocks(page: Document, links: list[Anchor] | None = None) -> list[Block]:
    """Return the groups of links of a page, in page order of their first links.  Menus are among them."""
    links = anchors(page) if links is None else links
    groups: dict[str, list[Anchor]] = defaultdict(list)
    paths: dict[HtmlElement, str] = {}
    for link in links:
        if link.node.tag == "a" or not any(child.get("href") for child in link.node.iterdescendants("a")):
            groups[_path(link.node, paths)].append(link)  # a clickable row with links of its own: those count
    found = [
        Block(page, entries, order)
        for order, group in enumerate(groups.values())
        if (entries := _entries(_titles(group)))
    ]
    return _joined(page, [part for block in found for part in _split(page, block)])


def _path(node: HtmlElement, known: dict[HtmlElement, str]) -> str:
    """Tags and classes from <body> down: the same for all rows of a list."""
    chain: list[HtmlElement] = []
    current: HtmlElement | None = node
    while current is not None and current not in known:
        chain.append(current)
        current = current.getparent()
    path = known[current] if current is not None else ""
    for element in reversed(chain):
        path = f"{path}>{element.tag}.{_kind(element) if element.get('class') else ''}"[-600:]
        known[element] = path
    return path


def _titles(group: list[Anchor]) -> list[Anchor]:
    """The group without labels: short links beside a longer one of the same row, that repeat or lead to lists."""
    beside: dict[HtmlElement, list[Anchor]] = defaultdict(list)
    for link in group:
        parent = link.node.getparent()
        if parent is not None:
            beside[parent].append(link)
    if all(len(members) < 2 for members in beside.values()):
        return group
    times = Counter(link.key for link in group)
    labels: set[int] = set()
    for members in beside.values():
        longest = max(width(link.text or link.title) for link in members)
        for link in members:
            size = width(link.text or link.title)
            short = link.text and size <= LABEL_WIDTH and size * 2 <= longest
            if short and (times[link.key] > 1 or not (link.url and looks_like_article(link.url))):
                labels.add(id(link))
    return [link for link in group if id(link) not in labels]


def _entries(group: list[Anchor]) -> list[Entry]:
    """Find the row of each link: climb as long as only links with the same key are inside."""
    inside: dict[HtmlElement, set[str]] = defaultdict(set)
    for link in group:
        node: HtmlElement | None = link.node
        for _ in range(DEEPEST):
            if node is None or node.tag in ("body", "html"):
                break
            inside[node].add(link.key)
            node = node.getparent()
    tops: list[tuple[HtmlElement, int, bool]] = []
    for link in group:
        node, height, bounded = link.node, 0, False
        while True:
            parent = node.getparent()
            if parent is None or parent.tag in ("body", "html", "form") or parent not in inside:
                break
            if len(inside[parent]) > 1:
                bounded = True
                break
            node, height = parent, height + 1
        tops.append((node, height, bounded))
    heights = [height for _, height, bounded in tops if bounded]
    limit = max(heights) if heights else 2
    entries: dict[HtmlElement, Entry] = {}
    for link, (node, height, bounded) in zip(group, tops, strict=True):
        row = node if bounded else _lone_row(link.node, min(limit, height))
        if row in entries:
            entries[row].links.append(link)
        else:
            entries[row] = Entry(row, [link])
    for entry in entries.values():
        entry.links.sort(key=worth)
    return list(entries.values())


def _lone_row(node: HtmlElement, height: int) -> HtmlElement:
    """The row of a link that stands alone in its list: as high as rows elsewhere, at most the next li, tr, dl."""
    for _ in range(height):
        parent = node.getparent()
        if parent is None or node.tag in ("li", "tr", "dl", "article"):
            break
        node = parent
    return node


def _split(page: Document, block: Block) -> list[Block]:
    """Templates without classes give the list, a side box and a menu the same path: part them by what they are like.

    Lists beside each other in one block are told apart by the name of their box, by whether they show dates, whether
    they lead to articles, and whether to those of this column.
    """
    places: dict[HtmlElement, list[Entry]] = defaultdict(list)
    for entry in block.entries:
        places[entry.node.getparent()].append(entry)
    if len(places) < 2 or len(places) * 2 > len(block.entries) + 2:
        return [block]
    shown = {id(entry): day for entry, day in zip(block.entries, block.dates, strict=True)}
    parts: dict[tuple[bool, ...], list[Entry]] = defaultdict(list)
    folder = page.url.partition("?")[0].rpartition("/")[0] + "/"
    for place, entries in places.items():
        live = [entry.url for entry in entries if entry.url]
        parts[
            bool(ASIDE_HEADS.search(heading(place))),
            sum(1 for entry in entries if shown[id(entry)]) * 2 >= len(entries),
            not live or sum(1 for url in live if looks_like_article(url)) * 2 >= len(live),
            not live or sum(1 for url in live if url.startswith(folder)) * 2 >= len(live),
        ].extend(entries)
    return [Block(page, part, block.order) for part in parts.values()]


def _joined(page: Document, found: list[Block]) -> list[Block]:
    """Merge blocks that are one list; of links of the same rows those with the best titles win."""
    owner: dict[HtmlElement, Entry] = {}
    homes: dict[tuple[HtmlElement, str, str], list[Entry]] = {}
    grown: dict[int, list[Entry]] = {}
    for block in sorted(found, key=_weight, reverse=True):
        home = grown.setdefault(id(block), [])
        for entry in block.entries:
            if entry.node in owner:
                theirs = owner[entry.node]
                theirs.links.extend(link for link in entry.links if link.url == theirs.url or theirs.url is None)
                continue
            owner[entry.node] = entry
            places = _places(entry)
            target = next((homes[place] for place in places if place in homes), home)
            target.append(entry)
            for place in places:
                homes.setdefault(place, target)
    order = {node: place for place, node in enumerate(page.tree.iter())}
    kept = []
    for block in found:
        entries = sorted(grown[id(block)], key=lambda entry: order[entry.node])
        if entries:
            kept.append(Block(page, entries, block.order))
    return kept


def _weight(block: Block) -> float:
    """Which of several groups of links in the same rows are the titles: many, long, leading to articles."""
    sizes = sorted(width(entry.links[0].text or entry.links[0].title) for entry in block.entries)
    typical = min(sizes[len(sizes) // 2], 30.0)
    return (typical + 5 * block.article_like) * math.sqrt(len(block.entries))


def _places(entry: Entry) -> list[tuple[HtmlElement, str, str]]:
    """Where rows of the same list stand: in the same parent, or in a sibling of it of the same tag and class."""
    parent = entry.node.getparent()
    if parent is None:
        return []
    places = [(parent, entry.node.tag, "" if entry.node.tag in ROWS else _kind(entry.node))]
    above = parent.getparent()
    before = parent.getprevious()
    if (
        above is not None
        and not (before is not None and before.tag in HEADINGS)  # a list with a name of its own
        and parent.tag in ("ul", "ol", "dl", "table", "tbody")
        and entry.node.tag in ROWS
    ):
        places.append((above, f"{parent.tag} {entry.node.tag}", _kind(parent)))
    return places


def _kind(node: HtmlElement) -> str:
    """Classes of an element without numbers and states."""
    words = DIGITS.sub("#", node.get("class") or "").split()
    return ".".join(sorted({word for word in words if not STATE.match(word)}))
