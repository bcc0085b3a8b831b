"""Site definitions: HOME/sites/NAME.toml -> Site, with errors that name file and key.

A definition is data only, in the order a person asks; `parknews add URL` writes it.  One TOML schema for all sites,
checked by msgspec.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from pipelines.item import ArticleRule, Publisher

NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"


class SiteError(ValueError):
    """A definition is wrong; the message names file, key, what came and what would do."""


class ListSource(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[list]]`: a list page to watch.  max_pages caps incremental runs only."""

    url: str
    cms: str = "generic"
    column: str | None = None
    max_pages: int = 5
    options: dict[str, Any] = {}  # what the adapter needs and the page does not say (JSON lists)


class Politeness(Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds between two requests to a host (± 50 %), and how many at a time."""

    delay: float | None = None
    concurrency: int | None = None


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """Alarms, not filters."""

    min_new_per_week: int | None = None
    filled: dict[str, float] = {}


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """What we were told of one site."""

    url: str
    title: str | None = None
    kind: Literal["gov", "park", "news", "enterprise", "other"] = "other"
    country: str | None = None
    timezone: str = "Asia/Shanghai"
    every: str = "12h"
    tags: tuple[str, ...] = ()
    since: date | None = None
    article: tuple[ArticleRule, ...] = ()
    list: tuple[ListSource, ...] = ()
    article_url: str | None = None  # regular expression that article URLs match; learned by `add`
    politeness: Politeness = Politeness()
    expect: Expect = Expect()
    paused: bool = False
    retired: bool = False
    media: bool = False
    name: str = ""

    def publisher(self) -> Publisher:
        return Publisher(self.name, self.title, self.kind, self.timezone, self.article)


def load(path: Path) -> Site:
    """Read one definition.  Raises SiteError: `sites/x.toml: list[0].cms: ...`."""
    raise NotImplementedError


def load_all(folder: Path) -> dict[str, Site]:
    raise NotImplementedError


_ = (tomllib, msgspec)
