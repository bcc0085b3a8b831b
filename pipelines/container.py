"""Flow -> the element that holds the article's running text.

Punctuation outside links is the score: every line of running text gives its marks to the block around it and, ever
less, to the blocks around that.  Link share damps, class and id words of known CMSs and of page furniture are evidence,
never a rule.  Choosing the container is nearly the whole difference between 0.91 and 0.98 body F1.
"""

from pipelines.flow import HEADINGS, Flow
from pipelines.vocabulary import AGAINST, CMS, FOOTER, FOR

# Blocks that hold one paragraph or row: what they say counts for the block around them.
PARAGRAPHS = HEADINGS | {"p", "li", "dd", "dt", "blockquote", "tr", "tbody", "thead", "pre", "center", "font"}
DECAY = (1.0, 0.6, 0.35)
ENOUGH = 3.0  # score under which a container is only a guess


def container_of(flow: Flow) -> tuple[int, float]:
    """Index of the container and its score; (-1, 0.0) if no line of the page is running text."""
    scores: dict[int, float] = {}
    for line in flow.lines:
        if line.hidden or (line.stops < 1 and line.chars < 25) or line.links > 0.5 * line.chars:
            continue
        if line.chars < 200 and FOOTER.search(line.text):
            continue
        weight = line.stops + min(line.chars / 100, 3.0)
        box = flow.block(line.node)
        while flow.tags[box] in PARAGRAPHS and flow.parents[box] > 0:
            box = flow.parents[box]
        for share in DECAY:
            if flow.parents[box] < 0:
                break
            scores[box] = scores.get(box, 0.0) + weight * share
            box = flow.parents[box]
    best, top = -1, 0.0
    for node, score in scores.items():
        chars, links, _ = flow.measure(node)
        score *= (1 - links / max(1, chars)) * evidence(flow, node) * surroundings(flow, node)
        if score > top:
            best, top = node, score
    return (_climb(flow, best), top) if best >= 0 else (-1, 0.0)


def evidence(flow: Flow, node: int) -> float:
    """What tag, class and id say of an element: above 1 for, below 1 against."""
    mark = flow.marks[node]
    factor = {"article": 1.3, "main": 1.1, "nav": 0.1, "footer": 0.1, "header": 0.4, "aside": 0.6}.get(flow.tags[node], 1.0)
    if not mark:
        return factor
    if CMS.search(mark):
        return factor * 1.6
    if AGAINST.search(mark) and not FOR.search(mark):
        return factor * 0.3
    return factor


def surroundings(flow: Flow, node: int) -> float:
    """What the next elements around say: an item of a list, a block of recommendations."""
    factor = 1.0
    for around in flow.path(flow.parents[node])[:4]:
        if flow.tags[around] == "li":
            factor *= 0.6
        elif flow.marks[around] and AGAINST.search(flow.marks[around]) and not FOR.search(flow.marks[around]):
            factor *= 0.6
    return factor


def _climb(flow: Flow, best: int) -> int:
    """To the parent while that adds much running text and few links: articles cut into several blocks."""
    while flow.parents[best] > 0:
        parent = flow.parents[best]
        chars, links, stops = flow.measure(best)
        more_chars, more_links, more_stops = (wide - narrow for wide, narrow in zip(flow.measure(parent), (chars, links, stops), strict=True))
        if more_stops < 6 or more_stops < 0.25 * stops or more_links > 0.25 * max(1, more_chars):
            return best
        best = parent
    return best
