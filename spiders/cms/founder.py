"""Founder (方正翔宇): newspapers, news portals of press groups, e-papers.

Recognised by: <!--enpcontent-->, <founder-content>, enpproperty, node_N.htm beside /YYYY-MM/DD/content_ID.htm.
List: node_N.htm, its later pages node_N_2.htm (counted from 1), by links; rows often without dates, the URL has the day.
E-paper: /html/YYYY-MM/DD/node_1.htm is a page of one issue; 下一版 is another page of paper, not of a list.
Article: the day in the URL is that of publication (of the issue).  Traps: the body stands twice in e-papers.
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Row, Visit
from spiders.cms.anchors import anchors
from spiders.cms.family import Family
from spiders.cms.marks import patterns
from spiders.cms.shown import EMPTY_WORDS, clean_title
from spiders.links import resolve

ISSUE = re.compile(r"/(?:\d{4}-\d{2}/\d{2}|\d{6}/\d{2})/node_\d+\.s?html?$")
NODE = re.compile(r"/node_\d+(?:_\d+)?\.s?html?$")
STORY = re.compile(r"/content_\d+(?:_\d+)?\.s?html?$")


class Founder(Family):
    NAME = "founder"
    MARKS = patterns(
        comments=r"<!--\s*/?enp(?:content|property)|<founder-content|<enp(?:content|property)",
        link=r"\d{4}-\d{2}/\d{2}/content_\d+\.s?html?$",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        """Articles alone are no proof, other CMSs write content_ID.htm too: lists called node_N must be there."""
        marks = super().recognise(page)
        if marks and not any(mark.startswith("comments") for mark in marks):
            nodes = [link.url for link in anchors(page) if link.url and NODE.search(link.url)]
            return (*marks, f"list: {(nodes or [page.url])[0]}") if nodes or NODE.search(page.url) else ()
        return marks

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        if not ISSUE.search(page.url):
            return super().rows(page, visit)
        found: dict[str, Row] = {}
        folder = resolve(page.url, ".") or ""
        for link in anchors(page):  # titles of one printed page; area maps and pictures lead to the same stories
            if link.url is None or not STORY.search(link.url) or not link.url.startswith(folder):
                continue
            title = clean_title(link.text or link.title)
            known = found.get(link.url)
            if known is None or (known.title is None and title):
                found[link.url] = Row(link.url, None if EMPTY_WORDS.fullmatch(title) else title)
        return list(found.values())
