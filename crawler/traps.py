"""Lists that never end: what their pages show -> the rule that ends the walk.

Servers answer a page number beyond the last with the last rows again, build calendars for ever, let a link grow at
each step (/a/a/a/), give the same rows new parameters each time, or lead in circles.  None of this is a fault of the
crawl, so a walk that meets it just ends, and the rule is named: in the capture's outcome (`list:repeats`), at the end
of a run and in `parknews status`.  Used by crawler.walk.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archive.state import State
from pipelines.dates import first_date
from spiders.cms.adapter import Row

# How a walk may end other than by coming to its end or to what is known.
RULES = {
    "loop": "the next page was asked in this walk already",
    "repeats": "every row was seen in this walk already",
    "growing-path": "links repeat a part of their path again and again",
    "future": "all rows are dated long after today",
    "page-limit": "more pages than any list has",
}
AHEAD = timedelta(days=31)  # articles are dated some weeks ahead at most; calendars go on for ever
TWINS = "twins:"  # key of the state, with the site's name: articles of it were met at second addresses
FEW_ARTICLES = 3  # articles that must agree that a parameter means nothing
FEW_TITLES = 3  # different titles that a page must show before they may speak for its URLs


def is_future(rows: Sequence[Row], now: datetime, zone: ZoneInfo) -> bool:
    """Say whether all dates of a page lie further ahead than articles are dated; most rows must show one."""
    moments = [found.moment for row in rows if (found := first_date(row.date, zone))]
    return 2 * len(moments) >= len(rows) > 0 and min(moments, default=now) > now + AHEAD


def repeats(state: State, site: str, list_url: str, run: int, rows: Sequence[Row]) -> bool:
    """Say whether a page shows what this walk has seen already, whatever it calls the addresses this time.

    Titles and days speak for a page that shows several; where it shows few, addresses must be alike up to their query,
    for two notices may bear one title.
    """
    several = len({row.title for row in rows if row.title}) >= FEW_TITLES
    return bool(rows) and all(_was_seen(state, (site, list_url, run), row, several) for row in rows)


def _was_seen(state: State, where: tuple[str, str, int], row: Row, several: bool) -> bool:
    found = state.db.execute(
        "SELECT url FROM listed WHERE site = ? AND list = ? AND run = ? AND title = ? AND date IS ?",
        (*where, row.title, row.date),
    )
    path = urlsplit(row.url).path
    return any(several or urlsplit(url).path == path for (url,) in found)


def idle_parameters(state: State, site: str) -> frozenset[str]:
    """Return the parameters whose values choose no other article: a session, the page one came from.

    Proved by what was read: several articles said the same at addresses that differ in one of them alone.
    """
    if state.get(f"{TWINS}{site}") is None:
        return frozenset()
    proofs: dict[str, set[str]] = {}
    for url, item_id in state.db.execute(
        "SELECT url, id FROM alias WHERE site = ? AND url != id AND instr(url, '?')", (site,)
    ):
        here, there = urlsplit(url), urlsplit(item_id)
        if here.path == there.path:
            differing = {pair.partition("=")[0] for pair in set(here.query.split("&")) ^ set(there.query.split("&"))}
            if len(differing - {""}) == 1:
                proofs.setdefault((differing - {""}).pop(), set()).add(item_id)
    return frozenset(name for name, articles in proofs.items() if len(articles) >= FEW_ARTICLES)


def endings(state: State, names: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return for each site (list, rule) of the walks that a rule ended last time."""
    found: dict[str, list[tuple[str, str]]] = {}
    for site, source, outcome in state.db.execute(
        "SELECT site, list, outcome FROM capture WHERE id IN ("
        "SELECT max(id) FROM capture WHERE role = 'list' AND outcome LIKE 'list:%' GROUP BY site, list) ORDER BY id"
    ):
        rule = outcome.partition(":")[2]
        if site in names and rule in RULES:
            found.setdefault(site, []).append((source, rule))
    return found


def links_elsewhere(state: State, names: Sequence[str]) -> dict[str, Counter[str]]:
    """Return for each site the hosts its lists lead to: articles that are recorded as links and not crawled."""
    found: dict[str, Counter[str]] = {}
    for site, url in state.db.execute("SELECT DISTINCT site, url FROM elsewhere"):
        if site in names:
            found.setdefault(site, Counter())[urlsplit(url).hostname or ""] += 1
    return found
