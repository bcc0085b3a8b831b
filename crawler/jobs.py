"""What a worker must read of a capture: the record that holds its bytes, and what goes with it.

A revisit's bytes lie in its original's record; a list needs its definition and the request that brought it, an article
its further pages and the site's profile.
"""

from typing import Any

import msgspec

from archive.paths import Home
from archive.state import Capture, State, Target
from crawler.work import Job
from spiders.cms.adapter import Ask
from spiders.site import ListSource, Site

READ = ("list", "article", "part", "home", "robots", "attachment")


def job_of(
    home: Home, state: State, capture: Capture, target: Target | None, site: Site | None, *, again: bool = False
) -> Job | None:
    """Return what to read, None when the row and the headers say it all.

    again: read an article although it has not changed a byte since it was read.
    """
    if capture.type == "metadata" or ((capture.status or 0) // 100 == 3 and capture.status != 304):
        return None
    if capture.role not in READ and not _is_stylesheet(capture):
        return None
    payload = payload_of(state, capture)
    if payload is None or (not again and target is not None and _unchanged(state, capture, target)):
        return None
    source = source_of(site, capture.list or capture.url) if capture.role == "list" else None
    asked = None
    if capture.role == "list":
        if source is None or target is None:
            return None  # the definition no longer has this list
        asked = Ask(target.url, target.method, headers_of(target), target.body or b"")
    parts = tuple(_parts(state, target)) if capture.role == "article" and target is not None else ()
    profile = home.profiles / f"{capture.site}.json"
    return Job(capture, payload, str(home.warc), site, source, asked, parts, str(profile) if profile.exists() else None)


def _is_stylesheet(capture: Capture) -> bool:
    return capture.role == "requisite" and (capture.mime == "text/css" or ".css" in capture.url)


def _unchanged(state: State, capture: Capture, target: Target) -> bool:
    """Tell whether an article is byte for byte what was read before."""
    if capture.role != "article" or target.capture in (None, capture.id) or not capture.digest:
        return False
    old = state.captures("id = ?", target.capture)
    return bool(old) and old[0].digest == capture.digest and old[0].outcome == "article"


def payload_of(state: State, capture: Capture) -> tuple[str, int, int] | None:
    """Return (warc, offset, length) of the record that holds the bytes; None when an original is not known."""
    if capture.type == "response":
        return capture.warc, capture.offset, capture.length
    row: Any = state.db.execute(
        "SELECT warc, offset, length FROM capture WHERE record_id = ? AND type = 'response'", (capture.refers,)
    ).fetchone()
    return tuple(row) if row else None


def source_of(site: Site | None, url: str) -> ListSource | None:
    return next((source for source in site.list if source.url == url), None) if site else None


def headers_of(target: Target) -> tuple[tuple[str, str], ...]:
    return tuple(dict(msgspec.json.decode(target.headers)).items()) if target.headers else ()


def _parts(state: State, target: Target) -> list[tuple[str, tuple[str, int, int]]]:
    found = []
    for (child,) in state.db.execute(
        "SELECT child FROM need WHERE parent = ? AND role = 'part' ORDER BY rank", (target.id,)
    ).fetchall():
        for part in state.captures("url_id = ? AND status = 200 ORDER BY id DESC LIMIT 1", child):
            payload = payload_of(state, part)
            if payload:
                found.append((part.url, payload))
    return found
