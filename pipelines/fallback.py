"""trafilatura as the second opinion: other languages than Chinese, and pages on which our own reading came out weak.

Neither engine is better everywhere on Western pages, so they are asked to agree.  Last measured on 257, 181 and 100 pages
of three public sets, body F1: trafilatura alone 0.947 / 0.956 / 0.852, ours alone 0.902 / 0.937 / 0.836, by the rules below
0.947 / 0.959 / 0.848, with trafilatura called where our text does not fill its article.

It gets decoded text only (its own decoder ignores HTTP and meta charsets: 0.732 instead of 0.860 body F1 on GBK pages),
no metadata pass and no htmldate (both cost as much as the text and were less right than pipelines.published), and is
imported when first needed: most crawls of Chinese sites never load it.
"""

import logging
from configparser import ConfigParser
from functools import cache
from typing import Any

import nh3
from selectolax.lexbor import LexborHTMLParser

from pipelines.flow import flow_of
from pipelines.reading import Reading
from pipelines.render import ATTRIBUTES, TAGS, text_of
from pipelines.title import LIKELY, SURE
from pipelines.vocabulary import folded, is_footer

NEAR = ("zh", "bo", "ug", "mn")  # what Chinese sites are written in: our own grammar knows their heads and tails
WEAK = 60  # characters under which the body of a page without headline is doubted
SEMANTIC_SHARE, PLAIN_SHARE = 0.7, 0.9  # of the article's element that our text must fill to need no second opinion
PROSE_SHARE, LINKED_SHARE = 0.3, 0.3
SHARED, COVERED = (
    0.9,
    0.4,
)  # our text in theirs, and theirs by ours: then both mean the same article and ours is cleaner

SMALLEST = "20"  # MIN_EXTRACTED_SIZE: the default of 250 replaces short articles by the whole page (0.908 -> 0.919)


@cache
def _engine() -> tuple[Any, Any, ConfigParser]:
    import trafilatura
    from trafilatura.htmlprocessing import build_html_output
    from trafilatura.settings import use_config

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", SMALLEST)
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
    return trafilatura.bare_extraction, build_html_output, config


def is_near(language: str | None) -> bool:
    return language is None or language.startswith(NEAR)


def asks_second(reading: Reading, language: str | None, text: str | None) -> bool:
    """Whether our own reading is to be doubted: a foreign text that does not fill its article, a weak Chinese one."""
    if is_near(language):
        return reading.title.line < 0 and len(text or "") < WEAK
    return reading.title.score < SURE or not _fills_article(reading)


def _fills_article(reading: Reading) -> bool:
    """Whether our text is nearly all that stands around headline and body."""
    flow, body = reading.flow, reading.body
    headline, around = flow.lines[reading.title.line].node, body.container
    while flow.parents[around] > 0 and not around <= headline < flow.end[around]:
        around = flow.parents[around]
    chars, links, _ = flow.measure(around)
    share = sum(flow.lines[i].chars for i in body.kept) / max(1, chars - links)
    return body.origin == "text" and share >= (
        SEMANTIC_SHARE if flow.tags[around] in ("article", "main") else PLAIN_SHARE
    )


def is_borne_out(ours: str, theirs: str, headline: float) -> bool:
    """Whether nearly all of our text stands in theirs and makes up a good part of it."""
    if headline < LIKELY:
        return False
    if _prose(theirs) < PROSE_SHARE * len(theirs):
        return True  # what they found is menus
    whole = folded(theirs)
    lines = [folded(line) for line in ours.split("\n\n")]
    shared = sum(len(line) for line in lines if line in whole)
    return shared > SHARED * sum(map(len, lines)) and shared > COVERED * len(whole)


def _prose(text: str) -> int:
    return sum(
        len(line)
        for line in text.split("\n\n")
        if len(line) > 40 and line.rstrip("\"”'’)").endswith((".", "!", "?", "。", "！", "？"))
    )


def is_linked(reading: Reading, theirs: str) -> bool:
    """Whether much of what they found are links of the page: teasers of other articles."""
    linked = {folded(line.text) for line in reading.flow.lines if 2 * line.links > line.chars}
    lines = [folded(line) for line in theirs.split("\n\n")]
    return sum(len(line) for line in lines if line in linked) > LINKED_SHARE * sum(map(len, lines))


def is_foot(theirs: str) -> bool:
    """Whether most of what they found is the foot of the site: on a page without text it is all there is."""
    return 2 * sum(len(line) for line in theirs.split("\n\n") if is_footer(line)) > len(theirs)


def second_opinion(html: str, url: str, *, precise: bool) -> tuple[str, str] | None:
    """content_text and content_html as trafilatura reads the page, None if it finds no text.

    precise: prefer leaving out over taking in (best on Chinese pages; plain mode is best on English ones).
    """
    extract, to_html, config = _engine()
    found = extract(
        html, url=url or None, include_comments=False, include_tables=True,
        favor_precision=precise, with_metadata=False, config=config,
    )  # fmt: skip
    if found is None or not found.text:
        return None
    made = nh3.clean(
        to_html(found, False), tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"}, link_rel=None
    )
    flow = flow_of(LexborHTMLParser(made))
    text = text_of(flow, 0, list(range(len(flow.lines))))
    return (text, made.strip()) if text else None
