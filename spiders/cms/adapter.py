"""What an adapter of a CMS family is: one module that answers for a list page.

The module's docstring is its manual: what the CMS is, how it is recognised, how its lists and page turns work, its
traps.  The functions are pure: the same document always gives the same answer, no network, so that the live crawl,
recovery after a crash, `parknews links` and the tests all use the same code.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from pipelines.decode import Document


class Row(Struct, frozen=True):
    """One entry of a list: where it leads and what it showed.  url: absolute.  date: as text, as shown."""

    url: str
    title: str | None = None
    date: str | None = None
    source: str | None = None


class Ask(Struct, frozen=True):
    """One request that a list needs for its next page: a plain URL, or a form/JSON call of the CMS."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Listing(Struct, frozen=True):
    """What one list page yields, in page order.

    No rows and a `next` is a shell page: the entries come with that request.
    """

    adapter: str
    evidence: tuple[str, ...]
    rows: tuple[Row, ...]
    next: Ask | None
    columns: tuple[Row, ...] = ()  # links to other lists of the site, for onboarding; the parts of a sitemap index


class Visit(Struct, frozen=True):
    """How we came to a page: `options` of its [[list]], and the request that brought it (None: a GET of its URL).

    The request matters where the page number travels in a body (JSON and form calls), not in the URL.
    """

    options: Mapping[str, Any] = {}
    asked: Ask | None = None


class Adapter(Protocol):
    """One family.  NAME is what a definition's `cms` says; the module's docstring is the manual."""

    @property
    def NAME(self) -> str: ...

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        """Return the marks seen, strongest first; empty = not this family."""

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        """Return the entries of the list in page order, doubles removed."""

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        """Return the request of the next (older) page, None on the last one."""
