"""What most families are: lists in server HTML, recognised by marks, read by the general rules.

Subclasses say what differs: marks, data calls, a pager of their own.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from pipelines.decode import Document
from spiders.cms import inline, turns
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.lists import article_rows
from spiders.cms.marks import Mark, seen
from spiders.cms.scripts import script_text
from spiders.links import in_scope, resolve

# Frames that are no lists: counters, menus, logins, maps, weather, share buttons.
NO_LIST = re.compile(
    r"visit|count|tree|login|share|foot|head|top|menu|nav|search|weather|tianqi|map|player|video|baidu|qq\.com", re.I
)
REFRESH = re.compile(r"^\s*\d+\s*[;,]\s*url\s*=\s*['\"]?([^'\"\s>]{1,500})", re.I)
MOVED = re.compile(r"(?:window|self|top|document)?\.?location(?:\.href)?\s*=\s*[\"']([^\"'\n]{1,500})[\"']")


def shell(page: Document) -> Ask | None:
    """A page without rows that only holds another: its frame, its refresh, its location = "…"; one level, own host."""
    for node in page.tree.iter("meta"):
        found = (
            REFRESH.match(node.get("content") or "") if (node.get("http-equiv") or "").lower() == "refresh" else None
        )
        if found:
            return _inside(page, found[1])
    if sum(1 for _ in page.tree.iter("a")) < 5:
        moved = MOVED.search(script_text(page))
        if moved:
            return _inside(page, moved[1])
    frames = [node for node in page.tree.iter("iframe", "frame") if not NO_LIST.search(node.get("src") or "")]
    tall = [node for node in frames if not re.fullmatch(r"\s*(?:[0-9]|[1-9][0-9])(?:px)?\s*", node.get("height") or "")]
    asks = [ask for ask in (_inside(page, node.get("src")) for node in tall) if ask is not None]
    return asks[0] if len(asks) == 1 else None


def _inside(page: Document, named: str | None) -> Ask | None:
    url = resolve(page.base, named, page.encoding)
    return Ask(url) if url is not None and url != page.url and in_scope(page.url, url) else None


class Family:
    """MARKS: what it is recognised by, see spiders.cms.marks.patterns."""

    NAME: ClassVar[str]
    MARKS: ClassVar[Mapping[str, Mark]] = {}

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        return seen(page, self.MARKS)

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        found = article_rows(page)
        if any(row.date for row in found):
            return found
        carried = inline.rows(page)
        return carried if any(row.date for row in carried) or not found else found

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        turn = turns.following(page, rows) or turns.templated(page, rows, visit.options)
        return shell(page) if turn is None and not rows else turn
