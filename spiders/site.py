"""Site definitions: HOME/sites/NAME.toml -> Site, with errors that name file and key.

A definition is data only, in the order a person asks; `parknews add URL` writes it.  One TOML schema for all sites,
checked by msgspec.
"""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from pipelines.dom import is_selector
from pipelines.item import ArticleRule, Publisher
from spiders.cms import ADAPTERS
from spiders.mistakes import of_schema, of_syntax

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PERIOD = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class SiteError(ValueError):
    """A definition is wrong; the message names file, key, what came and what would do."""


class ListSource(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[list]]`: a list page to watch.

    cms: a module of spiders/cms.  max_pages: a cap on incremental runs, ignored by --full.  options: what the adapter
    needs and the page does not say (the JSON list adapter: where items, titles and dates stand).
    """

    url: str
    cms: str = "generic"
    column: str | None = None
    max_pages: int = 5
    options: dict[str, Any] = {}


class Politeness(Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds between two requests to a host (± 50 %), and how many at a time."""

    delay: float | None = None
    concurrency: int | None = None


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """Alarms, not filters."""

    min_new_per_week: int | None = None
    filled: dict[str, float] = {}


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """What we were told of one site.

    every: how often it is due ("6h").  since: the first run goes back to this day (default: 90 days).  article_url:
    regular expression found in every article URL; None = the adapters' rows are believed.  ignore: parameters of its
    links that choose no page (a session, where one came from).
    """

    url: str
    title: str | None = None
    kind: Literal["gov", "park", "news", "enterprise", "other"] = "other"
    country: str | None = None
    timezone: str = "Asia/Shanghai"
    every: str = "12h"
    tags: tuple[str, ...] = ()
    since: date | None = None
    media: bool = False
    paused: bool = False
    retired: bool = False
    article_url: str | None = None
    ignore: tuple[str, ...] = ()
    list: tuple[ListSource, ...] = ()
    article: tuple[ArticleRule, ...] = ()
    politeness: Politeness = Politeness()
    expect: Expect = Expect()
    name: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def period(self) -> float:
        """Seconds between two runs."""
        number, unit = PERIOD.fullmatch(self.every).groups()  # type: ignore[union-attr]  # checked by load
        return float(number) * SECONDS[unit]

    def publisher(self) -> Publisher:
        return Publisher(self.name, self.title, self.kind, self.timezone, self.article)


def load(path: Path) -> Site:
    """Read one definition.  Raises SiteError: `sites/x.toml: list[0].cms = "jpas": unknown; have css, jpaas, ...`."""
    where = f"sites/{path.name}"
    if not NAME.fullmatch(path.stem):
        raise SiteError(f"{where}: the name must be lower-case letters, digits, _ and - (at most 64)")
    text = ""
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
        table["name"] = path.stem
        site = msgspec.convert(table, Site)
    except OSError as error:
        raise SiteError(f"{where}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SiteError(f"{where}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{where}: {of_syntax(error, text)}") from error
    except msgspec.ValidationError as error:
        raise SiteError(f"{where}: {of_schema(error, text, Site)}") from error
    _check(site, where)
    return site


def _check(site: Site, where: str) -> None:
    def wrong(key: str, value: object, remedy: str) -> SiteError:
        return SiteError(f"{where}: {key} = {value!r}: {remedy}")

    for key, url in [("url", site.url), *((f"list[{i}].url", entry.url) for i, entry in enumerate(site.list))]:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise wrong(key, url, "an absolute http(s) URL is needed")
    if not PERIOD.fullmatch(site.every):
        raise wrong("every", site.every, 'a number and s, m, h or d, as in "6h"')
    try:
        ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise wrong("timezone", site.timezone, 'an IANA name as "Asia/Shanghai" is needed') from error
    for i, entry in enumerate(site.list):
        if entry.cms not in ADAPTERS:
            raise wrong(f"list[{i}].cms", entry.cms, f"unknown; have {', '.join(sorted(ADAPTERS))}")
    for i, rule in enumerate(site.article):
        named = {"title": rule.title, "date": rule.date, "source": rule.source, "body": rule.body}
        for key, selector in [*named.items(), *((f"drop[{k}]", one) for k, one in enumerate(rule.drop))]:
            if selector is not None and not is_selector(selector):
                raise wrong(f"article[{i}].{key}", selector, "no CSS selector (as in a browser, without :contains)")
    if site.article_url is not None:
        try:
            re.compile(site.article_url)
        except re.error as error:
            raise wrong("article_url", site.article_url, f"no regular expression: {error}") from error
    if site.politeness.delay is not None and site.politeness.delay < 0:
        raise wrong("politeness.delay", site.politeness.delay, "seconds, 0 or more")


def load_sound(folder: Path) -> tuple[dict[str, Site], dict[str, SiteError]]:
    """Read every definition of a home: those that are sound, by name, and what is wrong with the others, by name."""
    sound, broken = {}, {}
    for path in sorted(folder.glob("*.toml")):
        try:
            sound[path.stem] = load(path)
        except SiteError as error:
            broken[path.stem] = error
    return sound, broken


def load_all(folder: Path) -> dict[str, Site]:
    """Read every definition of a home, by name.  Raises SiteError for the first wrong one."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.toml"))}
