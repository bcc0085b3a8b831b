"""Document -> reading: its lines, its headline and the body, before any field is taken.

Who decides the container, in this order: a rule of the site definition, the site's profile, the page's own running text,
and, where a sure headline has no text below it, what stands there.  Used by pipelines.extract, and by
pipelines.profile to learn from.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date as Day
from html import escape
from itertools import pairwise

from selectolax.lexbor import SelectolaxError

from pipelines.anchor import STRONG, STRONGEST, anchored_body, is_detached, says_something, shows_film
from pipelines.clean import Body, body_of, widened
from pipelines.container import ENOUGH, container_of
from pipelines.decode import Document
from pipelines.dom import Dom, Node, TreeDom
from pipelines.fields import Metas, metas_of
from pipelines.flow import Flow, flow_of
from pipelines.item import ArticleRule, Page, Publisher
from pipelines.profile import Profile, Template, find, found_template
from pipelines.title import LIKELY, SURE, Title, joined, title_of
from pipelines.vocabulary import folded

PARAGRAPH = 30  # characters of a link that is more than most headlines
UNTITLED = Title(None, -1, "none")


@dataclass(slots=True)
class Reading:
    """dom: what was read of the document.  score: of the container the page's own text chose, 0 = none.

    names: folded, of site and columns.
    """

    document: Document
    dom: Dom
    flow: Flow
    metas: Metas
    names: frozenset[str]
    rule: ArticleRule
    title: Title = UNTITLED
    body: Body = field(default_factory=lambda: Body(0, [], 0, 0, "none"))
    score: float = 0.0
    template: Template | None = None
    unknown: bool = False  # the site has a profile, and none of its layouts is this page's
    disagrees: bool = False

    @property
    def chars(self) -> int:
        """Characters of the body."""
        return sum(self.flow.lines[i].chars for i in self.body.kept)


def read(document: Document, page: Page, publisher: Publisher, profile: Profile | None = None) -> Reading:
    """Find headline and body of a document.

    Where markup is broken, a browser's tree may have the text in a link, a menu or a script that was never closed, or
    above its headline.  Pages that look so are read again from libxml2's, and what has more text counts.
    """
    reading = _read(document, document.dom, page, publisher, profile)
    if isinstance(reading.dom, TreeDom):
        return reading
    flow = reading.flow
    if reading.score < ENOUGH or flow.swallowed or opens_links_again(flow, document.text):
        again = _read(document, document.tree_dom, page, publisher, profile)
        # What a rule or the profile found is not given up for what neither did.
        keeps_known = reading.body.origin in ("text", "anchor", "none") or again.body.origin == reading.body.origin
        if keeps_known and again.score > reading.score and again.chars > reading.chars:
            return again
    return reading


def _read(document: Document, dom: Dom, page: Page, publisher: Publisher, profile: Profile | None) -> Reading:
    rule = rule_of(publisher, page.captured_at)
    flow = flow_of(dom, selects=bool(rule.drop or rule.body))
    metas = metas_of(dom, document.body)
    names = frozenset(folded(name) for name in (publisher.title, metas["sitename"], metas["columnname"]) if name)
    names -= {folded(metas["articletitle"])}  # some templates print the headline into ColumnName
    reading = Reading(document, dom, flow, metas, names, rule)
    for selector in reading.rule.drop:
        for node in select(reading, selector):
            flow.hide(node)
    _headline_and_container(reading, page)
    return _with_known_container(reading, profile)


def opens_links_again(flow: Flow, text: str) -> bool:
    """Whether one unclosed link of the source seems to be several of the browser's tree, one in each block behind it."""
    links = [flow.attributes[anchor] for anchor in flow.anchors]
    repeated = {
        href
        for i, (before, said) in enumerate(pairwise(links))
        if before == said and (href := said.get("href")) and _hold_text(flow, flow.anchors[i], flow.anchors[i + 1])
    }
    made = Counter(said.get("href") for said in links)
    return any(made[href] > _written(text, href) for href in repeated)


def _written(text: str, href: str) -> int:
    """How often a source has a link to an address, in the forms that nearly all are written in.

    Other forms cost a page its second reading, not its text; a pattern for all of them cost more on every page.
    """
    forms = {href, escape(href, quote=False)}
    return sum(text.count(f'href="{form}"') + text.count(f"href='{form}'") for form in forms)


def _hold_text(flow: Flow, one: int, other: int) -> bool:
    """Whether two links hold text, one of them a paragraph: not a teaser's picture and headline, not two buttons."""
    chars = flow.measure(one)[0], flow.measure(other)[0]
    return min(chars) > 0 and max(chars) >= PARAGRAPH


def rule_of(publisher: Publisher, captured_at: str | None) -> ArticleRule:
    """The rule in force when the page was captured: the earliest `until` after that day, else the one without."""
    day = Day.fromisoformat(captured_at[:10]) if captured_at else None
    dated = [rule for rule in publisher.rules if rule.until and day and day < rule.until]
    plain = [rule for rule in publisher.rules if rule.until is None]
    return min(dated, key=lambda rule: rule.until or Day.max) if dated else plain[0] if plain else ArticleRule()


def select(reading: Reading, selector: str | None) -> list[int]:
    """Element indices a CSS selector of a rule finds; what stands in a closed element has none."""
    known = {match.mem_id for match in matches(reading, selector)}
    return [node for node, item in enumerate(reading.flow.nodes) if item.mem_id in known] if known else []


def matches(reading: Reading, selector: str | None) -> Sequence[Node]:
    """Elements a CSS selector of a rule finds; a selector that is none finds nothing."""
    if not selector:
        return ()
    try:
        return reading.dom.css(selector)
    except (SelectolaxError, ValueError):
        return ()


def _headline_and_container(reading: Reading, page: Page) -> None:
    flow, metas, names = reading.flow, reading.metas, reading.names
    title = title_of(flow, -1, metas, page.row_title, names)
    container, score = container_of(flow, title.line if title.score >= SURE else -1)
    if score < ENOUGH and flow.hidden and flow.reveal():
        container, score = container_of(flow)  # the article itself waits for a script to show it
    if title.score < SURE:
        title = title_of(flow, flow.first[container] if score >= ENOUGH else -1, metas, page.row_title, names)
    reading.title, reading.score = title, score
    reading.body = _body(flow, container, score, title)


def _body(flow: Flow, container: int, score: float, title: Title) -> Body:
    """By the container if it can be the headline's, else by what stands below the headline."""
    if title.line < 0:
        return body_of(flow, container, title, "text") if container >= 0 else Body(0, [], 0, 0, "none")
    if container < 0:
        return anchored_body(flow, title)
    if title.score >= SURE and is_detached(flow, container, score, title):
        anchored = anchored_body(flow, title)
        if score < STRONG or (score < STRONGEST and says_something(flow, anchored)) or shows_film(flow, anchored):
            return anchored
    body = body_of(flow, widened(flow, container, title), title, "text")
    if not body.kept or (score < ENOUGH and title.score >= LIKELY):
        anchored = anchored_body(flow, title)
        apart = flow.first[container] >= anchored.high or anchored.low > flow.last[container]
        if not body.kept or apart or flow.tags[container] == "body":
            return anchored
    return body


def _with_known_container(reading: Reading, profile: Profile | None) -> Reading:
    """Replace the body by that of the rule or the profile, and say if the page's own text disagrees."""
    nodes = select(reading, reading.rule.body)
    if nodes:
        reading.body = body_of(reading.flow, nodes[0], reading.title, "rule")
        return reading
    known = found_template(profile, reading.flow) if profile else None
    if known is None:
        reading.unknown = bool(profile and profile.templates)
        return reading
    template, node = known
    own, reading.template = reading.body, template
    reading.title = _known_title(reading, template)
    body = body_of(reading.flow, node, reading.title, "profile", frozenset(template.repeated))
    nested = node <= own.container < reading.flow.end[node] or own.container <= node < reading.flow.end[own.container]
    reading.disagrees = reading.score >= STRONG and not nested
    if body.kept or not own.kept or not reading.disagrees:
        reading.body = body
    return reading


def _known_title(reading: Reading, template: Template) -> Title:
    """The headline where the template has it; <title> without the site's suffix if it came from there."""
    title, flow = reading.title, reading.flow
    if title.line >= 0 and title.score >= SURE:
        return title
    for node in find(flow, template.title):
        texts = [line.text for line in flow.lines[flow.first[node] : flow.last[node]] if not line.hidden]
        if texts:
            return Title("".join(joined(texts)), flow.first[node], "profile", SURE)
    if title.origin == "head" and template.suffix and reading.metas.title.endswith(template.suffix):
        return Title(reading.metas.title.removesuffix(template.suffix).strip(), -1, "head")
    return title
