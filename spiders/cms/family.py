"""What most families are: lists in server HTML, recognised by marks, read by the general rules.

Subclasses say what differs: marks, data calls, a pager of their own.
"""

from collections.abc import Mapping
from typing import ClassVar

from pipelines.decode import Document
from spiders.cms import turns
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.lists import article_rows
from spiders.cms.marks import Mark, seen


class Family:
    """MARKS: what it is recognised by, see spiders.cms.marks.patterns."""

    NAME: ClassVar[str]
    MARKS: ClassVar[Mapping[str, Mark]] = {}

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        return seen(page, self.MARKS)

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        return article_rows(page)

    def following(self, page: Document, rows: list[Row], _visit: Visit, /) -> Ask | None:
        return turns.following(page, rows)
