"""Flow -> the element that holds the article's running text.

Punctuation outside links is the score: every line of running text gives its marks to the block around it and, ever
less, to the blocks around that.  Link share damps, class and id words of known CMSs and of page furniture are evidence,
never a rule.  Choosing the container is nearly the whole difference between 0.91 and 0.98 body F1.
"""

from functools import lru_cache

from pipelines.flow import CELLS, HEADINGS, INLINE, Flow
from pipelines.vocabulary import CMS, NOTICE, SOFT_TAIL, TAIL, is_against, is_footer

# Blocks that hold one paragraph or row: what they say counts for the block around them.
PARAGRAPHS = HEADINGS | {"p", "li", "dd", "dt", "blockquote", "tr", "tbody", "thead", "pre", "center", "font"}
TRANSPARENT = PARAGRAPHS | INLINE
DECAY = (1.0, 0.6, 0.35)
NOTICE_WEIGHT = 0.2
DATA_CELLS = 4
CELL_CHARS = 300  # more text than this is a column of the layout
EARLIER, EARLIER_SHARE = 10.0, 0.1  # score of a text that can be the article although a longer one follows
ENOUGH = 3.0  # score under which a container is only a guess


def container_of(flow: Flow, after: int = -1) -> tuple[int, float]:
    """Index of the container and its score; (-1, 0.0) if no line of the page is running text.

    after: line of a headline that is sure: what ends above it is not its body (descriptions in menus).
    """
    scores: dict[int, float] = {}
    data: dict[int, int] = {}
    tables: dict[int, int] = {}
    for line in flow.lines[after + 1 :]:
        if line.hidden or line.links > 0.5 * line.chars or (line.stops < 1 and line.chars < 25 and line.cell < 0):
            continue
        if line.chars < 200 and is_footer(line.text):
            continue
        weight = line.stops + min(line.chars / 100, 3.0)
        if line.stops > 3 and len(set(NOTICE.findall(line.text))) > 1:
            weight *= NOTICE_WEIGHT  # 凡本站注明…转载…版权: long, well punctuated, and no article
        box = _box(flow, line.node, data, tables)
        if line.stops < 1 and line.chars < 25 and box != data.get(line.cell):
            continue
        for share in DECAY:
            if flow.parents[box] < 0:
                break
            scores[box] = scores.get(box, 0.0) + weight * share
            inner, box = box, flow.parents[box]
            while is_wrapper(flow, box, inner):
                inner, box = box, flow.parents[box]
    for node in scores:
        chars, links, _ = flow.measure(node)
        scores[node] *= (1 - links / max(1, chars)) * evidence(flow, node) * surroundings(flow, node)
    best = max(scores, key=lambda node: scores[node], default=-1)
    if best < 0 or scores[best] <= 0:
        return -1, 0.0
    if after >= 0:
        best = _before_break(flow, scores, best)
    return _climb(flow, best, after), scores[best]


def is_wrapper(flow: Flow, node: int, inner: int) -> bool:
    """Whether an element around another adds no text to it: layers of markup are no distance."""
    return flow.parents[node] > 0 and flow.first[node] == flow.first[inner] and flow.last[node] == flow.last[inner]


def _before_break(flow: Flow, scores: dict[int, float], best: int) -> int:
    """The first text below a sure headline, if an end of an article parts it from the best.

    A short report above a stream of longer teasers is the article.
    """
    enough = max(EARLIER, EARLIER_SHARE * scores[best])
    for node in sorted(scores, key=lambda node: (flow.first[node], -flow.last[node])):
        if flow.first[node] >= flow.first[best]:
            return best
        if (
            scores[node] >= enough
            and flow.last[node] <= flow.first[best]
            and _is_broken(flow, flow.last[node], flow.first[best])
        ):
            return max((n for n in scores if flow.last[n] <= flow.first[best]), key=lambda n: scores[n])
    return best


def _is_broken(flow: Flow, low: int, high: int) -> bool:
    """Whether a list of links or an end mark stands between two lines."""
    linked = 0
    for line in flow.lines[low:high]:
        if line.hidden:
            continue
        linked = linked + 1 if line.links > 0.6 * line.chars else 0
        if linked >= 3 or (len(line.text) < 60 and (TAIL.match(line.text) or SOFT_TAIL.match(line.text))):
            return True
    return False


def _box(flow: Flow, node: int, data: dict[int, int], tables: dict[int, int]) -> int:
    """The block around a paragraph; for a cell of a data table the block around the table.  data: cells known so far."""
    while flow.parents[node] > 0:
        tag = flow.tags[node]
        if tag in CELLS:
            if node not in data:
                data[node] = _around_table(flow, node, tables)
            return data[node]
        if tag not in TRANSPARENT:
            return node
        node = flow.parents[node]
    return node


def _around_table(flow: Flow, cell: int, tables: dict[int, int]) -> int:
    """The cell itself if it is a column of the layout, else the block its table stands in.  tables: known so far."""
    if flow.measure(cell)[0] > CELL_CHARS:
        return cell
    table = flow.parents[cell]
    while table > 0 and flow.tags[table] != "table":
        table = flow.parents[table]
    if table not in tables:
        cells = sum(flow.tags[n] in CELLS and flow.last[n] > flow.first[n] for n in range(table + 1, flow.end[table]))
        around = flow.parents[table]
        while around > 0 and flow.tags[around] in TRANSPARENT:
            around = flow.parents[around]
        tables[table] = around if cells >= DATA_CELLS else -1
    return cell if tables[table] < 0 else tables[table]


def evidence(flow: Flow, node: int) -> float:
    """What tag, class and id say of an element: above 1 for, below 1 against."""
    return _evidence(flow.tags[node], flow.marks[node])


@lru_cache(maxsize=8192)
def _evidence(tag: str, mark: str) -> float:
    factor = {"article": 1.3, "main": 1.1, "nav": 0.1, "footer": 0.1, "header": 0.4, "aside": 0.6}.get(tag, 1.0)
    if not mark:
        return factor
    if CMS.search(mark):
        return factor * 1.6
    return factor * 0.3 if is_against(mark) else factor


def surroundings(flow: Flow, node: int) -> float:
    """What the next elements around say: an item of a list, a block of recommendations."""
    factor = 1.0
    for around in flow.path(flow.parents[node])[:4]:
        if flow.tags[around] == "li" or is_against(flow.marks[around]):
            factor *= 0.6
    return factor


def _climb(flow: Flow, best: int, after: int) -> int:
    """To the parent while that adds much running text and few links: articles cut into several blocks.

    after: line of a sure headline; running text above it is not climbed to.
    """
    node = best
    while flow.parents[node] > 0:
        node = flow.parents[node]
        chars, links, stops = flow.measure(best)
        more_chars, more_links, more_stops = (
            wide - narrow for wide, narrow in zip(flow.measure(node), (chars, links, stops), strict=True)
        )
        if not more_chars:
            continue  # a wrapper
        above = flow.first[node]
        if above < after < flow.first[best] and flow.total_stops[after] - flow.total_stops[above] > 2:
            return best
        if more_stops < 6 or more_stops < 0.25 * stops or more_links > 0.25 * more_chars:
            return best
        best = node
    return best
