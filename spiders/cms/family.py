"""What most families are: lists in server HTML, recognised by marks, read by the general rules.

Subclasses say what differs: marks, data calls, a pager of their own.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from pipelines.decode import Document
from spiders.cms import turns
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.lists import article_rows
from spiders.cms.marks import seen


class Family:
    """MARKS: name of a mark -> regular expression on the decoded HTML."""

    NAME: ClassVar[str]
    MARKS: ClassVar[Mapping[str, re.Pattern[str]]] = {}

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        return seen(page, self.MARKS)

    def rows(self, page: Document, _visit: Visit, /) -> list[Row]:
        return article_rows(page)

    def following(self, page: Document, rows: list[Row], _visit: Visit, /) -> Ask | None:
        return turns.following(page, rows)
