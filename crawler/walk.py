"""Walking a list: which rows are new, which changed or vanished, and whether to turn the page.

A first walk goes back to `since`; later walks stop at what is known; `--full` goes to the end.  A list that changed
makes its newest known articles be looked at again (edits come soon after publication), and rows that vanished from
within the walked window or show another title or date are asked at once.  All within the caller's transaction.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from archive.paths import is_imported
from archive.state import Capture, State, Target
from crawler.rows import PRIORITY, ask_row, key_of
from crawler.traps import idle_parameters, is_future, repeats
from pipelines.dates import first_date
from pipelines.item import Cause
from spiders.cms.adapter import Ask, Listing, Row
from spiders.cms.shown import day_in_url
from spiders.links import NotAnAddressError, canonical, grows, in_scope, may_be_twins, role_of_link
from spiders.sessions import without
from spiders.site import ListSource, Site

DEFAULT_SINCE = timedelta(days=90)
KNOWN_TAIL = 3  # known rows in a row at the end of a page that stop an incremental walk (pinned rows are known, too)
NEWEST = 3  # known articles that are looked at again when their list has changed
SHELLS = 3  # answers without entries that may stand before the first page with some
LAST_PAGE = 2000  # no list of this kind is longer; a trap is


@dataclass(frozen=True)
class Turn:
    """What one list page came to.  ended: why the walk ended here, None while it goes on."""

    new: int
    external: int
    ended: str | None


@dataclass(frozen=True)
class Rules:
    """How a run walks.  limit: articles a site, None = all.

    replay: captures are read again without the network, each as in the run that made it; what the log said of an item
    already stands, only items it does not know are published.
    now: unix time at which "seen lately" is judged; None = the present.
    cause: what a change is put down to.
    backfill: captures are another tool's; their lists name articles, and say nothing of what the site shows now.
    """

    run: int
    full: bool
    limit: int | None = None
    replay: bool = False
    now: float | None = None
    cause: Cause = "site"
    backfill: bool = False

    def of(self, capture: Capture) -> "Rules":
        """Return the rules under which a capture is read."""
        imported = is_imported(capture.warc)
        if not self.replay and not imported:
            return self
        now = datetime.fromisoformat(capture.at).timestamp()
        return replace(self, run=capture.run or 0, now=now, backfill=imported)


def walk(
    state: State, site: Site, source: ListSource, target: Target, listing: Listing, rules: Rules, capture: int
) -> Turn:
    """Enter the rows of one list page and ask for the next one if the walk goes on.

    capture: id of the page's capture, the proof of its rows.
    Raises sqlite3.Error only; a row with an impossible URL is counted as external.
    """
    if rules.backfill:
        return _back_fill(state, site, source, target, listing, rules)
    entered = _Entered(state, site, source, rules, capture)
    again = target.page > 1 and repeats(state, site.name, source.url, rules.run, listing.rows)
    if not again:
        entered.page(listing.rows, target)
    ended = "repeats" if again else _ending(state, source, target, listing, rules, entered)
    if ended is None and listing.next is not None:
        following = msgspec.structs.replace(listing.next, url=without(listing.next.url, site.ignore))
        asked = ask_next(state, target, following, rules)
        ended = None if asked or rules.replay else "loop"
    if ended is not None:
        _after(state, site, source, rules, ended, entered.altered)
    return Turn(entered.new, entered.external, ended)


def end_without_page(state: State, site: Site, source: ListSource, rules: Rules) -> str:
    """End a walk whose next page is not there: pages are named that nobody made, or guessed because none is named."""
    if not rules.backfill:
        _after(state, site, source, rules, "no-page", 0)
    return "no-page"


def _back_fill(state: State, site: Site, source: ListSource, target: Target, listing: Listing, rules: Rules) -> Turn:
    """Ask for the articles and the next page that an imported list names, where they are not known."""
    pattern, new, external = re.compile(site.article_url) if site.article_url else None, 0, 0
    for row in listing.rows:
        url = article_url(site, row.url)
        external += url is None
        if url is not None and (pattern is None or pattern.search(url)):
            new += ask_row(
                state, site.name, url, "article", rules.run, via=target.url, hops=target.hops + "L",
                list_url=source.url, title=row.title, date=row.date, source=row.source, now=rules.now,
            )  # fmt: skip
    following = listing.next
    if following is not None:
        key = key_of(following.url, following.method, following.body)
        known = state.one("SELECT 1 FROM url WHERE site = ? AND key = ?", site.name, key)
        if not known and target.page < LAST_PAGE:
            ask_next(state, target, following, rules)
    return Turn(new, external, "imported")


class _Entered:
    """Counts while the rows of a page are entered."""

    def __init__(self, state: State, site: Site, source: ListSource, rules: Rules, capture: int) -> None:
        self.state, self.site, self.source, self.rules, self.capture = state, site, source, rules, capture
        self.new = self.external = self.altered = self.seen = self.old = self.again = self.growing = 0
        self.fresh: list[bool] = []
        count, first = state.db.execute(
            "SELECT count(*), sum(run < ?) FROM listed WHERE site = ? AND list = ?", (rules.run, site.name, source.url)
        ).fetchone()
        self.known_before = int(first or 0)
        self.position = int(count or 0) - self.known_before
        self.zone = ZoneInfo(site.timezone)
        self.pattern = re.compile(site.article_url) if site.article_url else None
        since = site.since or date.today() - DEFAULT_SINCE
        self.since = datetime(since.year, since.month, since.day, tzinfo=UTC) - timedelta(days=1)

    def page(self, rows: Sequence[Row], target: Target) -> None:
        """Enter the rows of one page in order."""
        entries = []
        for row in rows:
            url = article_url(self.site, row.url)
            if url is None:
                self._elsewhere(row)
            elif grows(url):
                self.growing += 1
            elif not self.pattern or self.pattern.search(url):
                url = self._first_name(url, row)
                entries.append((url, row, self._known(url)))
        last_known = max(
            (i for i, (_, _, known) in enumerate(entries) if known and known[2] < self.rules.run), default=-1
        )
        own = {(row.title, row.date): url for url, row, _ in entries if self._is_own(url)}
        for i, (url, row, _) in enumerate(entries):
            twin = own.get((row.title, row.date))
            if not self._is_own(url) and twin is not None and may_be_twins(url, twin):
                continue  # the same row at the mobile host
            # what stands above a known row was published after it, whatever day it shows
            self._row(url, row, target, above_known=i < last_known)

    @cached_property
    def idle(self) -> frozenset[str]:
        return idle_parameters(self.state, self.site.name)

    def _first_name(self, url: str, row: Row) -> str:
        """The address under which the list showed a row before, where only parameters that mean nothing differ."""
        if "?" not in url or not self.idle or self._known(url):
            return url
        found = self.state.db.execute(
            "SELECT url FROM listed WHERE site = ? AND list = ? AND title IS ? AND date IS ? ORDER BY run, position",
            (self.site.name, self.source.url, row.title, row.date),
        )
        bare = without(url, self.idle)
        return next((known for (known,) in found if without(known, self.idle) == bare), url)

    def _is_own(self, url: str) -> bool:
        return urlsplit(url).hostname == self.site.host

    def _known(self, url: str) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self.state.db.execute(
            "SELECT title, date, run, position FROM listed WHERE site = ? AND list = ? AND url = ?",
            (self.site.name, self.source.url, url),
        ).fetchone()
        return found

    def _row(self, url: str, row: Row, target: Target, *, above_known: bool) -> None:
        known = self._known(url)
        if known and known[2] == self.rules.run:
            self.again += 1
            return
        too_old = self._is_old(row)
        if too_old and above_known and not known:
            too_old = False
        self.old += too_old
        self.seen += 1
        self.state.db.execute(
            "INSERT INTO listed(site, list, url, title, date, position, previous, run, capture) "
            "VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?) ON CONFLICT(site, list, url) DO UPDATE SET title = excluded.title, "
            "date = excluded.date, previous = position, position = excluded.position, run = excluded.run, "
            "capture = excluded.capture",
            (self.site.name, self.source.url, url, row.title, row.date, self.position, self.rules.run, self.capture),
        )
        self.position += 1
        self.fresh.append(not known)
        self.new += not known
        if too_old and not self._asked(url):
            return
        if known and (known[0], known[1]) != (row.title, row.date):
            self.altered += 1
            look_again(self.state, self.site.name, url, self.rules.run, "altered", row)
        elif not known or not self._asked(url):
            self._ask(url, row, target)

    def _is_old(self, row: Row) -> bool:
        """Tell whether a row is before `since`: by the date it shows, or else by the day in its address."""
        if self.rules.full:
            return False
        published = first_date(row.date, self.zone)
        if published is not None:
            return published.moment < self.since
        day = day_in_url(row.url) if row.date is None else None
        return day is not None and day < self.since.date()

    def _elsewhere(self, row: Row) -> None:
        """Keep a row that leads to another host, an article in WeChat say, as a link: it is not asked."""
        self.external += 1
        try:
            url = canonical(row.url)
        except NotAnAddressError:
            return
        if in_scope(self.site.url, url):
            return  # a picture or a film of the site's own
        where = (self.site.name, self.source.url, url)
        run = self.state.one("SELECT run FROM elsewhere WHERE site = ? AND list = ? AND url = ?", *where)
        self.state.db.execute(
            "INSERT INTO elsewhere(site, list, url, title, date, run, capture) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT(site, list, url) DO UPDATE SET title = excluded.title, date = excluded.date, "
            "run = excluded.run, capture = excluded.capture",
            (*where, row.title, row.date, self.rules.run, self.capture),
        )
        if run == self.rules.run:
            self.again += 1
            return
        self.seen += 1
        self.old += self._is_old(row)
        self.fresh.append(run is None)

    def _asked(self, url: str) -> bool:
        return self.state.one("SELECT 1 FROM url WHERE site = ? AND key = ?", self.site.name, key_of(url)) is not None

    def _ask(self, url: str, row: Row, target: Target) -> None:
        if self.rules.limit is not None:
            asked = self.state.one(
                "SELECT count(*) FROM url WHERE site = ? AND role = 'article' AND run = ?",
                self.site.name,
                self.rules.run,
            )
            if asked >= self.rules.limit:
                return
        ask_row(
            self.state, self.site.name, url, "article", self.rules.run, via=target.url, hops=target.hops + "L",
            list_url=self.source.url, title=row.title, date=row.date, source=row.source, now=self.rules.now,
        )  # fmt: skip


def article_url(site: Site, url: str) -> str | None:
    """Return the identity of a row's article, None when it is on another host or no address."""
    try:
        name = without(canonical(url, home=site.url), site.ignore)
    except NotAnAddressError:
        return None
    if not in_scope(site.url, name) or role_of_link(name) in ("media", "style", "script", "font"):
        return None
    return name


def _ending(
    state: State, source: ListSource, target: Target, listing: Listing, rules: Rules, entered: _Entered
) -> str | None:
    """Return why the walk ends on this page, None when it goes on."""
    if listing.next is None:
        return "last-page"
    if target.page >= LAST_PAGE:
        return "page-limit"
    if rules.limit is not None:
        asked = state.one(
            "SELECT count(*) FROM url WHERE site = ? AND role = 'article' AND run = ?", target.site, rules.run
        )
        if asked >= rules.limit:
            return "limit"
    if not listing.rows and not entered.position and target.page <= SHELLS:
        return None  # a shell: its entries come with the next request, or with the one after a script file
    if entered.seen == 0:
        return (
            "growing-path"
            if entered.growing
            else "repeats"
            if entered.again
            else "no-articles"
            if listing.rows
            else "empty"
        )
    if grows(listing.next.url):
        return "growing-path"
    now = datetime.fromtimestamp(rules.now or time.time(), UTC)
    if is_future(listing.rows, now, entered.zone):
        return "future"
    if rules.full:
        return None
    if entered.old and entered.old == entered.seen:
        return "since"
    if not entered.known_before:
        return "max-pages" if target.page >= source.max_pages and not _dated(state, target, source) else None
    if not any(entered.fresh) or (len(entered.fresh) >= KNOWN_TAIL and not any(entered.fresh[-KNOWN_TAIL:])):
        return "known"
    return "max-pages" if target.page >= source.max_pages else None


def _dated(state: State, target: Target, source: ListSource) -> bool:
    return bool(
        state.one(
            "SELECT 1 FROM listed WHERE site = ? AND list = ? AND date IS NOT NULL LIMIT 1", target.site, source.url
        )
    )


def ask_next(state: State, target: Target, following: Ask, rules: Rules) -> bool:
    """Put the next page of a list into the frontier; False when this run has asked it already."""
    return ask_row(
        state, target.site, following.url, "list", rules.run, via=target.url, hops=target.hops + "L", list_url=target.list,
        page=target.page + 1, method=following.method, headers=following.headers, body=following.body, now=rules.now,
    )  # fmt: skip


def _after(state: State, site: Site, source: ListSource, rules: Rules, ended: str, altered: int) -> None:
    """End a walk: ask again what vanished, and the newest known articles when anything changed."""
    where = (site.name, source.url)
    window = state.one("SELECT max(previous) FROM listed WHERE site = ? AND list = ? AND run = ?", *where, rules.run)
    if rules.full and ended in ("last-page", "no-page"):
        window = 1 << 60
    if window is None:
        return
    vanished = [
        row[0]
        for row in state.db.execute(
            "SELECT url FROM listed WHERE site = ? AND list = ? AND run < ? AND position <= ?",
            (*where, rules.run, window),
        )
    ]
    for url in vanished:
        look_again(state, site.name, url, rules.run, "vanished", None)
        state.db.execute("DELETE FROM listed WHERE site = ? AND list = ? AND url = ?", (*where, url))
    walked = state.one("SELECT count(*) FROM listed WHERE site = ? AND list = ? AND run = ?", *where, rules.run)
    state.db.execute(
        "UPDATE listed SET position = position + ? WHERE site = ? AND list = ? AND run < ?",
        (max(0, walked - min(window, 1 << 40) - 1), *where, rules.run),
    )
    changed = vanished or state.one(
        "SELECT 1 FROM listed WHERE site = ? AND list = ? AND run = ? AND previous IS NULL", *where, rules.run
    )
    if not changed and not altered:
        return
    newest = state.db.execute(
        "SELECT url FROM listed WHERE site = ? AND list = ? AND run = ? AND previous IS NOT NULL ORDER BY position LIMIT ?",
        (*where, rules.run, NEWEST),
    ).fetchall()
    for (url,) in newest:
        look_again(state, site.name, url, rules.run, "recent", None)


def look_again(state: State, site: str, url: str, run: int, reason: str, row: Row | None) -> None:
    """Ask an article again in this run, if it was asked before; a row's new title and date become its hints."""
    state.db.execute(
        "UPDATE url SET state = 'pending', run = ?, why = ?, not_before = 0, attempts = 0, priority = ?, "
        "row_title = COALESCE(?, row_title), row_date = COALESCE(?, row_date) "
        "WHERE site = ? AND key = ? AND role = 'article' AND state IN ('done', 'failed', 'redirected') AND run < ?",
        (
            run,
            reason,
            PRIORITY["article"],
            row.title if row else None,
            row.date if row else None,
            site,
            key_of(url),
            run,
        ),
    )


def next_check(published: str | None, checks: int, now: float | None = None) -> float:
    """Return when an unchanged article is looked at again: soon while it is young, ever more seldom later."""
    now = time.time() if now is None else now
    age = (now - datetime.fromisoformat(published).timestamp()) / 86400 if published else 30.0
    days = 1.0 if age < 7 else 3.0 if age < 30 else 10.0 if age < 90 else 45.0 if age < 365 else 180.0
    return now + 86400 * min(days * 2.0 ** min(checks, 3), 360.0)


__all__ = ["Rules", "Turn", "article_url", "end_without_page", "look_again", "next_check", "walk"]
