"""`parknews status`: one screen, worst first: what is wrong, what ran, what is next, what came, how long the disk lasts."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archive.paths import Home
from archive.state import State
from crawler import health
from crawler.traps import endings, links_elsewhere
from pipelines.feed import ChangeLog
from spiders.site import Site

DAY = 86400.0


def status_of(home: Home, sites: dict[str, Site], broken: Mapping[str, Exception], since: float) -> dict[str, Any]:
    """Return the whole status as plain data.

    broken: what is wrong with definitions, by name.  since: unix time from which events are counted and findings are
    new; those of a site's last run always are.
    """
    state = State(home.state)
    try:
        findings = [
            vars(one) | {"new": one.new or one.since >= since} for one in health.known(state) if one.site in sites
        ]
        findings = [vars(one) for one in _definitions(state, sites, broken)] + findings
        wrong = {one["site"] for one in findings}
        events = _events(home, since)
        ended, elsewhere = endings(state, list(sites)), links_elsewhere(state, list(sites))
        rows = []
        for name, site in sites.items():
            last, due = state.db.execute("SELECT last_run, next_due FROM site WHERE name = ?", (name,)).fetchone() or (
                None,
                None,
            )
            rows.append(
                {
                    "site": name,
                    "state": "retired"
                    if site.retired
                    else "paused"
                    if site.paused
                    else "wrong"
                    if name in wrong
                    else "well"
                    if last
                    else "new",
                    "items": state.one("SELECT count(*) FROM item WHERE site = ? AND live", name),
                    "last_run": last,
                    "next_due": None if site.paused or site.retired else due or time.time(),
                    **{op: events.get((name, op), 0) for op in ("new", "update", "delete")},
                    "ended_by_rule": [{"list": source, "rule": rule} for source, rule in ended.get(name, [])],
                    "elsewhere": dict(elsewhere.get(name, Counter()).most_common()),
                    "findings": [f"{one['kind']}: {one['detail']}" for one in findings if one["site"] == name],
                }
            )
        order = {"wrong": 0, "new": 1, "well": 2, "paused": 3, "retired": 4}
        rows.sort(key=lambda row: (order[str(row["state"])], -len(row["findings"]), str(row["site"])))
        run = state.db.execute(
            "SELECT id, command, started, ended, ending FROM run ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return {
            "home": str(home.root),
            "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sites": rows,
            "findings": findings,
            "last_run": dict(zip(("id", "command", "started", "ended", "ending"), run, strict=True)) if run else None,
            "pending": state.one("SELECT count(*) FROM url WHERE state IN ('pending', 'retry') AND site != ''"),
            "disk": _disk(home, state),
        }
    finally:
        state.close()


def _definitions(state: State, sites: dict[str, Site], broken: Mapping[str, Exception]) -> Iterator[health.Finding]:
    """Definitions that cannot be read, and sites whose items are there but whose definition is gone."""
    now = time.time()
    for name, error in broken.items():
        yield health.Finding(name, "definition", str(error), now, True)
    for name, count in state.db.execute("SELECT site, count(*) FROM item WHERE live GROUP BY site").fetchall():
        if name not in sites and name not in broken:
            why = f"{count} items, but no sites/{name}.toml: put it back; a site that is over is retired, not deleted"
            yield health.Finding(name, "no-definition", why, now, False)


def due_sites(home: Home, sites: dict[str, Site]) -> dict[str, Site]:
    """Return the sites whose `every` has passed since their last run."""
    if not home.state.exists():
        return sites
    state = State(home.state)
    try:
        waiting = {row[0] for row in state.db.execute("SELECT name FROM site WHERE next_due > ?", (time.time(),))}
        return {name: site for name, site in sites.items() if name not in waiting}
    finally:
        state.close()


def _events(home: Home, since: float) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    begin = datetime.fromtimestamp(since, UTC)
    seen = ChangeLog(home.changes)
    files = [path for path in seen.files() if path.stem >= begin.strftime("%Y-%m-%d")]
    for event in seen.events_of(files):
        if datetime.fromisoformat(event.at) >= begin:
            op = "new" if event.op == "restore" else "update" if event.op == "moved" else event.op
            counts[event.site, op] = counts.get((event.site, op), 0) + 1
    return counts


def _disk(home: Home, state: State) -> dict[str, Any]:
    """Bytes kept, bytes a day over the last 30 days of running, days that are left at that pace."""
    used = sum(path.stat().st_size for path in home.root.rglob("*") if path.is_file())
    recent = (
        state.one(
            "SELECT sum(length) FROM capture WHERE at >= ?",
            datetime.fromtimestamp(time.time() - 30 * DAY, UTC).isoformat(),
        )
        or 0
    )
    first = state.one("SELECT min(started) FROM run WHERE started >= ?", time.time() - 30 * DAY)
    days = max(1.0, (time.time() - first) / DAY) if first else 1.0
    free = shutil.disk_usage(home.root).free
    a_day = recent / days
    return {
        "used": used,
        "free": free,
        "bytes_a_day": round(a_day),
        "days_left": round(free / a_day) if a_day else None,
    }
