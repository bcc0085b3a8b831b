"""Health of sites: what is wrong now, and what of it nobody has been told yet.

Findings are made after each run from what the archive and the log hold, so a site that falls silent, is blocked or
changed its layout is named instead of giving an empty result (design, principle 6).  A finding that is new since the
last run makes `crawl` end 1; one that is gone is forgotten.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import urlsplit

from archive.state import State
from spiders.site import Site

DAY = 86400.0
QUIET_AT_LEAST = 14 * DAY  # weekends and a holiday week are no silence
QUIET_FACTOR = 4.0  # times the site's own longest usual gap
REJECTED_SHARE = 0.5
MISSING_SHARE = 0.5
FEW = 5  # articles below which a share says nothing
RECENT, DRIFTED_SHARE = 30, 1 / 3  # newest articles that are held against the profile, and how many may not fit

# Live items of a list that were read with one version of the profile.  Values: site, list, version, since when.
OF_LIST = (
    "site = ?1 AND live AND first_seen > ?4 AND "
    "id IN (SELECT a.id FROM listed l JOIN alias a ON a.site = l.site AND a.url = l.url WHERE l.site = ?1 AND l.list = ?2) "
    "AND json_extract(json, '$._parknews.version') = ?3"
)

CAUSES = {  # reasons of a whole host, not of one list of it
    "dns": "no such name",
    "connection-refused": "nobody answers",
    "connection-lost": "the connection breaks",
    "timeout": "no answer in time",
    "tls": "no valid certificate or cipher",
    "address-refused": "a private address",
}

KINDS = {  # worst first
    "blocked": "an obstacle stands before its lists",
    "list-failed": "a list cannot be had",
    "list-empty": "a list that had rows gives none: the layout may have changed",
    "articles-rejected": "most articles of the last run could not be read",
    "layout-changed": "its articles no longer look as learned: `parknews reextract SITE --relearn` learns again",
    "fields-missing": "most articles of the last run lack a field",
    "expect": "it missed what its definition expects",
    "quiet": "nothing new for far longer than usual",
    "left": "rows were left to the next run",
}


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a site.  since: unix time it was first seen; new: since the last run."""

    site: str
    kind: str
    detail: str
    since: float
    new: bool


@dataclass(frozen=True)
class Left:
    """Why rows of a host stay for a later run.

    why: paused, budget or robots-unreachable.  until: unix time from which it is asked again.  cause: why its
    robots.txt cannot be had, as the reason of a row.
    """

    why: str
    until: float
    cause: str | None = None

    @property
    def words(self) -> str:
        moment = time.strftime("%H:%M UTC", time.gmtime(self.until))
        if self.why == "robots-unreachable":
            return f"its robots.txt cannot be had ({CAUSES.get(self.cause or '', self.cause)})"
        return f"its requests of the day are spent until {moment}" if self.why == "budget" else f"not before {moment}"


def examine(
    state: State, site: Site, run: int, left: dict[str, Left], now: float | None = None
) -> list[tuple[str, str]]:
    """Return (kind, detail) of what is wrong with a site after a run."""
    now = time.time() if now is None else now
    found = [
        *_lists(state, site),
        *_articles(state, site, run),
        *_layout(state, site),
        *_expected(state, site, now),
        *_quiet(state, site, now),
    ]
    if site.host in left:
        found.append(("left", left[site.host].words))
    return found


def _lists(state: State, site: Site) -> Iterator[tuple[str, str]]:
    """What is wrong with lists; a host that does not answer is one thing wrong, however many lists it has."""
    silent: Counter[tuple[str, str]] = Counter()
    for source in site.list:
        last = state.captures(
            "site = ? AND role = 'list' AND list = ? AND outcome IS NOT NULL ORDER BY id DESC LIMIT 1",
            site.name,
            source.url,
        )
        row = state.db.execute(
            "SELECT state, reason FROM url WHERE site = ? AND role = 'list' AND list = ? AND page = 1 ORDER BY run DESC LIMIT 1",
            (site.name, source.url),
        ).fetchone()
        if row and row[0] == "failed":
            reason = str(row[1] or "failed")
            if reason in CAUSES:
                silent[urlsplit(source.url).netloc, reason] += 1
                continue
            kind = "blocked" if reason.startswith(("blocked", "robots")) else "list-failed"
            yield kind, f"{source.url}: {reason}"
        elif last and (last[0].outcome or "").startswith("list"):
            rows = state.one(
                "SELECT count(*) FROM listed WHERE site = ? AND list = ? AND run = ?",
                site.name,
                source.url,
                last[0].run,
            )
            if rows == 0:
                yield "list-empty", source.url
    for (host, reason), count in silent.items():
        yield "list-failed", f"{host} does not answer ({CAUSES[reason]}): {count} of {len(site.list)} lists not read"


def _articles(state: State, site: Site, run: int) -> Iterator[tuple[str, str]]:
    total, rejected = state.db.execute(
        "SELECT count(*), sum(outcome NOT IN ('article', 'twin', 'waiting', 'redirect')) FROM capture "
        "WHERE site = ? AND role = 'article' AND run = ? AND outcome IS NOT NULL AND type != 'metadata'",
        (site.name, run),
    ).fetchone()
    if total >= FEW and (rejected or 0) / total > REJECTED_SHARE:
        worst = state.one(
            "SELECT outcome FROM capture WHERE site = ? AND role = 'article' AND run = ? GROUP BY outcome ORDER BY count(*) DESC LIMIT 1",
            site.name,
            run,
        )
        yield "articles-rejected", f"{rejected} of {total}, mostly {worst}"
    for field, path in (("title", "$.title"), ("date", "$.date_published"), ("body", "$.content_text")):
        total, missing = state.db.execute(
            "SELECT count(*), sum(json_extract(json, ?) IS NULL) FROM item WHERE site = ? AND live AND first_seen >= "
            "(SELECT COALESCE(min(at), '9') FROM capture WHERE site = ? AND run = ?)",
            (path, site.name, site.name, run),
        ).fetchone()
        if total >= FEW and (missing or 0) / total > MISSING_SHARE:
            yield "fields-missing", f"{field}: {missing} of {total} new articles"


def _layout(state: State, site: Site) -> Iterator[tuple[str, str]]:
    """Hold the newest articles that were read with today's profile against it: the site's, then those of each list.

    A list has its own layout as often as not, and a small one is lost among the newest of the site.  A layout has changed
    only where it once fitted, and since: what the first run found is what was there.
    """
    version = state.one(
        "SELECT max(json_extract(json, '$._parknews.version')) FROM item WHERE site = ? AND live", site.name
    )
    since = state.one(
        "SELECT max(at) FROM capture WHERE site = ?1 AND run = (SELECT min(run) FROM capture WHERE site = ?1 AND role = 'list')",
        site.name,
    )
    if not version or since is None:
        return
    newest = {
        source.url: found
        for source in site.list
        if (found := _newest(state, site.name, source.url, version, since))
        and _once_fitted(state, site.name, source.url, version)
    }
    of_site = _drifted({item: seen for found in newest.values() for item, seen in found.items()})
    of_lists = [f"{drifted} of {url}" for url, found in newest.items() if (drifted := _drifted(found))]
    if of_site or of_lists:
        more = f" and {len(of_lists) - 1} more lists" if not of_site and len(of_lists) > 1 else ""
        yield "layout-changed", f"{of_site or of_lists[0]}{more}: parknews reextract {site.name} --relearn"


def _once_fitted(state: State, name: str, url: str, version: int) -> bool:
    fitting = f"SELECT 1 FROM item WHERE {OF_LIST} AND json_extract(json, '$._parknews.flags') NOT LIKE '%\"unknown-layout\"%'"
    return state.one(fitting, name, url, version, "") is not None


def _newest(state: State, name: str, url: str, version: int, since: str) -> dict[str, tuple[str, str]]:
    """Of the newest items of a list: id -> when it was first seen, and its flags as JSON."""
    rows = state.db.execute(
        f"SELECT id, first_seen, json_extract(json, '$._parknews.flags') FROM item WHERE {OF_LIST} "
        f"ORDER BY first_seen DESC LIMIT {RECENT}",
        (name, url, version, since),
    )
    return {item: (seen, flags) for item, seen, flags in rows}


def _drifted(items: dict[str, tuple[str, str]]) -> str:
    """Say how many of the newest do not fit, if they are too many."""
    newest = sorted(items.values(), reverse=True)[:RECENT]
    unknown = sum('"unknown-layout"' in flags for _, flags in newest)
    elsewhere = sum('"profile-disagrees"' in flags for _, flags in newest)
    if unknown + elsewhere < FEW or unknown + elsewhere <= DRIFTED_SHARE * len(newest):
        return ""
    return (
        f"{unknown + elsewhere} of the newest {len(newest)} "
        f"({unknown} of no known layout, {elsewhere} with text elsewhere)"
    )


def _expected(state: State, site: Site, now: float) -> Iterator[tuple[str, str]]:
    wanted = site.expect.min_new_per_week
    first = state.one("SELECT min(first_seen) FROM item WHERE site = ?", site.name)
    if wanted is not None and first and now - _seconds(first) > 7 * DAY:
        since = datetime.fromtimestamp(now - 7 * DAY, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        count = state.one("SELECT count(*) FROM item WHERE site = ? AND first_seen >= ?", site.name, since)
        if count < wanted:
            yield "expect", f"min_new_per_week = {wanted}, {count} came"
    paths = {
        "title": "$.title",
        "published": "$.date_published",
        "body": "$.content_text",
        "source": "$._parknews.source",
    }
    for name, share in site.expect.filled.items():
        if name not in paths:
            continue
        total, filled = state.db.execute(
            "SELECT count(*), sum(json_extract(json, ?) IS NOT NULL) FROM "
            "(SELECT json FROM item WHERE site = ? AND live ORDER BY first_seen DESC LIMIT 100)",
            (paths[name], site.name),
        ).fetchone()
        if total >= FEW and (filled or 0) / total < share:
            yield "expect", f"filled.{name} = {share}, {(filled or 0) / total:.2f} of the newest {total}"


def _quiet(state: State, site: Site, now: float) -> Iterator[tuple[str, str]]:
    """Compare the silence with the site's own rhythm of the last year."""
    days = sorted(
        _seconds(row[0])
        for row in state.db.execute(
            "SELECT DISTINCT substr(published, 1, 10) FROM item WHERE site = ? AND published IS NOT NULL ORDER BY 1 DESC LIMIT 60",
            (site.name,),
        )
    )
    if len(days) < 2 * FEW or now - days[0] > 2 * 365 * DAY:
        return  # too little, or a site that had long ended when it was added
    gaps = sorted(after - before for before, after in pairwise(days))
    usual = gaps[int(len(gaps) * 0.9)]
    silence = now - days[-1]
    if silence > max(QUIET_AT_LEAST, QUIET_FACTOR * usual):
        yield "quiet", f"{silence / DAY:.0f} days, usually {usual / DAY:.0f} at most"


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def keep(state: State, site: str, found: list[tuple[str, str]], now: float) -> list[Finding]:
    """Remember the findings of a site; forget those that are gone.  Within the caller's transaction."""
    before = {
        (kind, detail): since
        for kind, detail, since in state.db.execute("SELECT kind, detail, since FROM finding WHERE site = ?", (site,))
    }
    known = {kind for kind, _ in before}
    state.db.execute("DELETE FROM finding WHERE site = ?", (site,))
    kept = []
    for kind, detail in dict.fromkeys(found):
        since = before.get((kind, detail), now)
        state.db.execute("INSERT INTO finding VALUES (?, ?, ?, ?)", (site, kind, detail, since))
        # the same kind with another count is no news
        kept.append(Finding(site, kind, detail, since, kind not in known))
    return kept


def known(state: State) -> list[Finding]:
    """Return all findings, worst kind first, oldest first."""
    rank = {kind: i for i, kind in enumerate(KINDS)}
    rows = state.db.execute(
        "SELECT f.site, f.kind, f.detail, f.since, s.last_run FROM finding f LEFT JOIN site s ON s.name = f.site"
    ).fetchall()
    found = [Finding(site, kind, detail, since, since >= (last or 0) - 1) for site, kind, detail, since, last in rows]
    return sorted(found, key=lambda one: (rank.get(one.kind, 99), one.since, one.site))
