"""Rows that a page carries as data in a script of its own: var list = [{"title": …}], __NEXT_DATA__, application/json.

Such a page draws its list by script, but asks for nothing: all it shows came with it.  Only JSON is read (keys in
quotes); what names titles, addresses and days is found as in the answers of data calls (spiders.cms.json_list).  Used
by spiders.cms.family where the page itself shows no list, or one without days.
"""

import json
import re
from collections.abc import Iterator

from pipelines.decode import Document
from spiders.cms import json_list
from spiders.cms.adapter import Row
from spiders.links import in_scope

FEWEST = 3
MOST = 40  # places of a page that are tried
LARGEST = 2_000_000  # characters of a script
TITLED = re.compile(rf"\"(?:{'|'.join(json_list.TITLES[:-1])})\"\s*:")
BEGINS = re.compile(r"(?:[=(:,]|^)\s*(?=[\[{])")
DECODER = json.JSONDecoder()


def rows(page: Document) -> list[Row]:
    """Return the rows of the largest list of titles with addresses in the page's scripts; [] when there is none."""
    if not TITLED.search(page.text):
        return []
    best: list[Row] = []
    for value in _values(page):
        answer = Document(page.url, json.dumps(value).encode(), (("Content-Type", "application/json"),))
        options = json_list.propose(answer)
        if "url" not in options:
            continue
        found = [row for row in json_list.rows_of(answer, options) if in_scope(page.url, row.url)]
        if len(found) >= max(FEWEST, len(best) + 1):
            best = found
    return best


def _values(page: Document) -> Iterator[object]:
    """JSON values of the scripts that hold titles; a value inside another one is not given again."""
    tried = 0
    for node in page.tree.iter("script"):
        text = (node.text or "")[:LARGEST]
        if not TITLED.search(text):
            continue
        at = 0
        while tried < MOST:
            begins = BEGINS.search(text, at)
            if begins is None:
                break
            try:
                value, at = DECODER.raw_decode(text, begins.end())
            except (ValueError, RecursionError):
                at = begins.end() + 1
                continue
            if isinstance(value, list | dict) and value:
                tried += 1
                yield value
