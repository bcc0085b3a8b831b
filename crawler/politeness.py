"""Politeness: when a host may be asked again, and what its robots.txt allows.

The floor of a host is the highest of: the default or `--delay`, its site definition, its robots.txt Crawl-delay; a
Retry-After pauses it as a whole.  Floors, pauses and the day's count live in the state, so that they outlast a
process.  robots.txt by RFC 9309: 4xx = no rules, unreachable or 5xx = stay away, kept for at most a day.
"""

import random
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from archive.state import State

ROBOTS_KEPT = 24 * 3600.0
ROBOTS_RETRY = 3600.0
LONGEST_CRAWL_DELAY = 120.0
AGENT = "parknews"


def next_day(now: float) -> float:
    """Return the unix time of the next 00:00 UTC, when budgets begin anew."""
    return (now // 86400 + 1) * 86400


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def keep_rules(state: State, origin: str, text: str | None, at: float, capture: int | None = None) -> None:
    """Keep what an origin's robots.txt said.  text: None = no rules (RFC 9309 §2.3.1.3).  at: unix time.

    capture: id of what proves it.  Within the caller's transaction.
    """
    _keep(state, origin, text, "none" if text is None else "ok", at, capture)


def keep_unreachable(state: State, origin: str, at: float) -> None:
    """Keep that an origin's robots.txt could not be had, so nothing may be asked (RFC 9309 §2.3.1.4)."""
    _keep(state, origin, None, "unreachable", at, None)


def _keep(state: State, origin: str, text: str | None, status: str, at: float, capture: int | None) -> None:
    state.db.execute(
        "INSERT INTO origin(name, robots, robots_status, robots_at, robots_capture) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT(name) DO UPDATE SET robots = ?2, robots_status = ?3, robots_at = ?4, "
        "robots_capture = COALESCE(?5, robots_capture)",
        (origin, text, status, at, capture),
    )


@dataclass
class Robots:
    """Rules of one origin.  status: ok, none (no rules) or unreachable."""

    status: str
    at: float
    rules: Protego | None

    def allows(self, url: str) -> bool:
        return self.status == "none" or (self.rules is not None and self.rules.can_fetch(url, AGENT))

    @property
    def delay(self) -> float:
        asked = self.rules.crawl_delay(AGENT) if self.rules is not None else None
        return min(float(asked or 0.0), LONGEST_CRAWL_DELAY)

    def fresh(self, since: float) -> bool:
        """Tell whether they need not be asked again; since: unix time from which a failure counts."""
        if self.status == "unreachable":
            return self.at >= since and time.time() - self.at < ROBOTS_RETRY
        return time.time() - self.at < ROBOTS_KEPT


@dataclass
class HostPace:
    """What one host may take.

    next_at: unix time of the next request by its pace; paused_until: by its own Retry-After; active: on the wire.
    """

    delay: float
    concurrency: int
    next_at: float = 0.0
    paused_until: float = 0.0
    active: int = 0
    day: str = ""
    requests: int = 0

    def sent(self, floor: float) -> None:
        """Note a request: the next one waits delay ± 50 %."""
        self.active += 1
        today = time.strftime("%Y-%m-%d", time.gmtime())
        self.requests = self.requests + 1 if self.day == today else 1
        self.day = today
        delay = max(self.delay, floor)
        self.next_at = time.time() + delay * random.uniform(0.5, 1.5)  # spreads requests, no secret


@dataclass
class Politeness:
    """Paces and robots rules of all hosts of a run.

    since: unix time; a robots.txt that could not be had before it is asked again, once a run.
    """

    state: State
    delay: float
    concurrency: int
    per_day: int
    ignore_robots: bool = False
    site_delay: dict[str, float] = field(default_factory=dict)  # host -> seconds
    site_concurrency: dict[str, int] = field(default_factory=dict)
    paces: dict[str, HostPace] = field(default_factory=dict)
    robots: dict[str, Robots] = field(default_factory=dict)
    since: float = field(default_factory=time.time)

    def pace(self, host: str) -> HostPace:
        pace = self.paces.get(host)
        if pace is None:
            delay = self.site_delay.get(host, self.delay)
            pace = self.paces[host] = HostPace(delay, self.site_concurrency.get(host, self.concurrency))
            row = self.state.db.execute("SELECT not_before, day, requests FROM host WHERE name = ?", (host,)).fetchone()
            if row:
                pace.paused_until, pace.day, pace.requests = row[0], row[1] or "", row[2]
        return pace

    def spent(self, pace: HostPace) -> bool:
        """Tell whether the host's budget of the day (UTC) is used up."""
        return pace.day == time.strftime("%Y-%m-%d", time.gmtime()) and pace.requests >= self.per_day

    def rules(self, url: str) -> Robots | None:
        """Return the robots rules for a URL, None when robots.txt must be asked first."""
        if self.ignore_robots:
            return Robots("none", time.time(), None)
        origin = origin_of(url)
        known = self.robots.get(origin)
        if known is None:
            row = self.state.db.execute(
                "SELECT robots, robots_status, robots_at FROM origin WHERE name = ?", (origin,)
            ).fetchone()
            if row and row[1]:
                known = self.robots[origin] = Robots(
                    row[1], row[2], Protego.parse(row[0] or "") if row[1] == "ok" else None
                )
        return known if known and known.fresh(self.since) else None

    def forget(self, origin: str) -> None:
        """Read the origin's rules again from the state (they have just been written)."""
        self.robots.pop(origin, None)
