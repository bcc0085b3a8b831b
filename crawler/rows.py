"""Rows of the frontier: one way in, for lists, articles, parts, attachments, requisites and redirects alike.

"Seen" is by role: lists, home and probes once a run, articles once and then by plan, requisites once in N days.
All functions work within the caller's transaction.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urldefrag, urlsplit

from w3lib.url import safe_url_string

from archive.state import State, Target
from crawler.ending import Answer
from spiders.links import in_scope, resolve, role_of_link

PRIORITY = {
    "robots": 100, "list": 90, "home": 80, "probe": 70, "page": 60, "article": 50, "part": 40, "attachment": 30, "requisite": 10,
}  # fmt: skip
PRIVATE = "~"  # rows of single URLs and probes belong to their run alone: site "~12"; they go with it
REQUISITE_KEPT = 30 * 86400.0
DEEPEST = 4  # style sheets that import style sheets
REQUISITES = 60  # files a page


@lru_cache(maxsize=4096)
def wire_url(url: str) -> str:
    """Return the URL as it goes over the wire: without fragment, escaped as Scrapy does (WHATWG query escapes).

    What is no address stays as it is; `ask_row` does not ask it.
    """
    return str(safe_url_string(urldefrag(url)[0], "utf-8")) if is_address(url) else url


def is_address(url: str) -> bool:
    """Tell whether a URL can be asked at all; pages link to impossible hosts and ports."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return resolve(f"{parts.scheme}://{parts.netloc}/", "/") is not None


def key_of(url: str, method: str = "GET", body: bytes | None = None) -> str:
    """Return the identity of a request within a site: its URL, with method and body where they are not GET's."""
    url = wire_url(url)
    if method == "GET" and not body:
        return url
    return f"{method} {url} {hashlib.sha1(body or b'', usedforsecurity=False).hexdigest()}"


def row_key(role: str, origin: str | None, url: str, method: str = "GET", body: bytes | None = None) -> str:
    """Return the key of a row: of its request, but hops of a robots.txt's redirects are rows of its origin alone."""
    key = key_of(url, method, body)
    return f"robots {origin} {key}" if role == "robots" and key != f"{origin}/robots.txt" else key


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def ask_row(
    state: State,
    site: str,
    url: str,
    role: str,
    run: int,
    *,
    via: str | None = None,
    hops: str = "",
    list_url: str | None = None,
    title: str | None = None,
    date: str | None = None,
    source: str | None = None,
    page: int = 1,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    now: float | None = None,
) -> bool:
    """Put a request into the frontier; False when it was there and is not due again by its role, or is no address."""
    if not is_address(url):
        return False
    extra, url = dict(headers), wire_url(url)
    before = state.db.total_changes
    state.db.execute(
        "INSERT INTO url(site, key, url, method, headers, body, role, host, state, priority, run, via, hops, list, row_title, "
        "row_date, row_source, page) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(site, key) DO UPDATE SET state = 'pending', run = excluded.run, via = excluded.via, hops = excluded.hops, "
        "page = excluded.page, list = excluded.list, role = excluded.role, reason = NULL, not_before = 0, attempts = 0, "
        "priority = excluded.priority, headers = excluded.headers "
        "WHERE url.state NOT IN ('pending', 'retry', 'captured') AND url.run < excluded.run AND (excluded.role IN "
        "('list', 'probe', 'page', 'robots') OR (excluded.role IN ('requisite', 'home') AND COALESCE(url.checked, 0) < ?) "
        "OR (excluded.role = 'attachment' AND (url.role = 'requisite' OR url.state = 'failed')))",
        (
            site, key_of(url, method, body), url, method, json.dumps(extra) if extra else None, body or None, role, host_of(url),
            PRIORITY[role], run, via, hops, list_url, title, date, source, page, (now or time.time()) - (7 * 86400 if role == "home" else REQUISITE_KEPT),
        ),
    )  # fmt: skip
    return state.db.total_changes > before


def follow_redirect(state: State, target: Target, location: str, run: int) -> int | None:
    """Put the redirect's target into the frontier with the hints of the row it came from; return its id.

    A target that this run has asked already is not asked again: the redirect ends at a seen URL.
    """
    location = wire_url(location)
    key = row_key(target.role, target.list, location)
    state.db.execute(
        "INSERT INTO url(site, key, url, role, host, state, priority, run, via, hops, list, row_title, row_date, row_source, page, headers, why) "
        "SELECT ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, why FROM url WHERE id = ? "
        "ON CONFLICT(site, key) DO UPDATE SET state = 'pending', run = excluded.run, via = excluded.via, hops = excluded.hops, why = excluded.why "
        "WHERE (url.run < excluded.run OR url.role = 'robots') AND url.role = excluded.role "
        "AND url.state NOT IN ('pending', 'retry', 'captured')",
        (
            target.site, key, location, target.role, host_of(location), target.priority, run, target.url,
            target.hops + "R", target.list, target.row_title, target.row_date, target.row_source, target.page, target.headers, target.id,
        ),
    )  # fmt: skip
    row = state.one("SELECT id FROM url WHERE site = ? AND key = ?", target.site, key)
    if row is not None:
        state.db.execute("UPDATE OR IGNORE need SET child = ? WHERE child = ?", (row, target.id))
    return int(row) if row is not None else None


def end_of(state: State, row: int) -> int | None:
    """Follow the redirects of a row; return the row where they end, None when they go in a circle."""
    seen: set[int] = set()
    following: int | None = row
    while following is not None:
        if following in seen:
            return None
        seen.add(row := following)
        following = state.one("SELECT redirected_to FROM url WHERE id = ? AND state = 'redirected'", row)
    return row


def final_of(state: State, row: int) -> int:
    """Follow the redirects of a row to the one that has the answer; of a circle, the row itself."""
    return end_of(state, row) or row


def ask_requisites(
    state: State, site: str | None, target: Target, urls: Sequence[str], run: int, now: float | None
) -> set[str]:
    """Ask what a page needs to be shown again; return the hosts.

    site: URL of the site; of other hosts only what is seen is asked (their scripts count visitors).
    """
    hosts: set[str] = set()
    if len(target.hops) - len(target.hops.rstrip("E")) >= DEEPEST:
        return hosts
    for url in urls[:REQUISITES]:
        own = site is None or in_scope(site, url)
        if (own or role_of_link(url) in ("image", "style", "font")) and ask_row(
            state, target.site, url, "requisite", run, via=target.url, hops=target.hops + "E", now=now
        ):
            hosts.add(host_of(url))
    return hosts


def capture_values(
    target: Target, answer: Answer, ended: str, kind: str, *, reason: str | None = None, **record: Any
) -> dict[str, Any]:
    """Return a capture row.  outcome NULL = still to be read from the archive; set where there is nothing to read."""
    mime = answer.headers.get("content-type", "").split(";")[0].strip().lower()[:100] or None
    single = not target.site or target.site.startswith(PRIVATE)
    unread = ended in ("captured", "redirected") and not single
    return {
        "url_id": None if single else target.id,
        "site": "" if single else target.site,
        "url": target.url,
        "role": target.role,
        "type": kind,
        "status": answer.status if kind != "metadata" else None,
        "mime": mime,
        "truncated": answer.truncated,
        "error": answer.error or (reason if ended == "redirected" else None),
        "list": target.list,
        "row_title": target.row_title,
        "row_date": target.row_date,
        "row_source": target.row_source,
        "outcome": None if unread else "kept" if ended == "captured" else ended,
        **record,
    }


def count_request(state: State, host: str, at: float, pause: float) -> None:
    """Count a request against its host's budget of the day (UTC); pause: seconds its answer asks to be left alone."""
    state.db.execute(
        "INSERT INTO host(name, not_before, day, requests) VALUES (?, ?, ?, 1) ON CONFLICT(name) DO UPDATE SET "
        "not_before = max(not_before, excluded.not_before), "
        "requests = CASE WHEN day = excluded.day THEN requests + 1 ELSE 1 END, day = excluded.day",
        (host, at + pause if pause else 0.0, time.strftime("%Y-%m-%d", time.gmtime(at))),
    )


def settle_row(
    state: State,
    target: Target,
    ended: str,
    reason: str | None,
    not_before: float,
    location: str | None,
    run: int,
    checked: float,
    *,
    tried: bool = True,
) -> None:
    """Move a row to the state its request ended in; a redirect puts its target into the frontier.

    tried: False = it was never sent, which is no attempt.
    """
    redirected_to = None
    if ended == "redirected" and location and reason is None:
        redirected_to = follow_redirect(state, target, location, run)
    state.db.execute(
        "UPDATE url SET state = ?, reason = ?, not_before = ?, redirected_to = ?, checked = ?, "
        "attempts = CASE WHEN ? = 'retry' THEN attempts + ? ELSE 0 END WHERE id = ?",
        (ended, reason, not_before, redirected_to, checked, ended, tried, target.id),
    )
