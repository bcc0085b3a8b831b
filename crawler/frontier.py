"""The frontier: a Scrapy SCHEDULER over state.sqlite that a `kill -9` cannot make forget.

Rows are pending -> captured -> done | failed(reason) | retry(at) | redirected(to).  Leases live in memory only: what
was on the wire when a process died is still pending in the state, and what was captured is read from the archive.
A request is handed out only when its host may be asked now, so Scrapy's own slots never queue.
"""

import json
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler

from archive.state import TARGET, Target
from crawler.config import MB
from crawler.politeness import ROBOTS_RETRY, next_day, origin_of
from crawler.wire import wake

if TYPE_CHECKING:
    from crawler.run import Run

AHEAD = 32  # rows of a host read at once
DUE = "state IN ('pending', 'retry') AND site IN (SELECT name FROM temp.scope)"


class Frontier(BaseScheduler):
    """Hands out what may be asked now; the tape and the harvest move the rows."""

    run: "Run"

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self.leased: set[int] = set()
        self.queues: dict[str, deque[Target]] = {}  # hosts that may have rows, in turn
        self.wake_at: dict[str, float] = {}  # host -> unix time of its next retry
        self.timer: Any = None
        self.draining = False

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Frontier":
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        self.run = cast("Any", spider).run
        self.state, self.politeness = self.run.state, self.run.politeness
        self.run.attach(self)
        self.queues = {row[0]: deque() for row in self.state.db.execute(f"SELECT DISTINCT host FROM url WHERE {DUE}")}

    def close(self, reason: str) -> None:
        self.run.stopped = reason == "shutdown"  # Scrapy's word for a signal
        self._call_later(None)
        if self.run.stopped and self.run.on_stop:
            self.run.on_stop()

    def has_pending_requests(self) -> bool:
        """Keep the spider open while rows wait, exchanges are on the wire or pages are still being read."""
        return bool(self.leased) or self.run.busy() or (bool(self.queues) and not self.draining)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request that a component hands to the engine (`engine.crawl`): it becomes a row like any other."""
        self.run.ask(str(request.meta.get("site", "")), request.url, str(request.meta.get("role", "page")))
        return True

    def changed(self, hosts: Iterable[str] = ()) -> None:
        """Rows of these hosts were added or freed: let the engine ask again."""
        for host in hosts:
            self.queues.setdefault(host, deque())
            self.wake_at.pop(host, None)
        if self.crawler.engine is not None:
            wake(self.crawler.engine)

    def landed(self, target: Target, pause: float = 0.0) -> None:
        """The exchange is over and in the WARC file: its host may be asked again, its row is still leased.

        pause: seconds that the host wants to be left alone.
        """
        pace = self.politeness.pace(target.host)
        pace.active = max(0, pace.active - 1)
        if pause:
            pace.paused_until = max(pace.paused_until, time.time() + pause)
        self.changed()

    def release(self, targets: list[Target]) -> None:
        """The tape has committed these requests."""
        self.leased.difference_update(target.id for target in targets)
        self.changed({target.host for target in targets})

    def next_request(self) -> Request | None:
        if self.draining:
            return None
        now, soonest = time.time(), None
        for host in list(self.queues):
            pace = self.politeness.pace(host)
            waits = max(pace.paused_until, self.wake_at.get(host, 0.0))
            ready = max(pace.next_at, waits)
            if pace.active >= pace.concurrency:
                continue
            spent = self.politeness.spent(pace)
            if spent or waits > now + self.run.patience:
                self.run.leave(host, "budget" if spent else "paused", next_day(now) if spent else waits)
                self.queues.pop(host)
                continue
            if ready <= now:
                target = self._take(host, now)
                if target is not None:
                    self.queues[host] = self.queues.pop(host)  # round robin over hosts
                    return self._send(target)
                ready = self.wake_at.get(host, 0.0)
            if ready > now:
                soonest = min(soonest or ready, ready)
        self._call_later(soonest)
        return None

    # ------------------------------------------------------------------------------
    def _take(self, host: str, now: float) -> Target | None:
        """Return the next request of a host, its robots.txt first; None when there is none to send now."""
        while self._fill(host, now):
            target = self.queues[host][0]
            if target.id not in self.leased and target.role != "robots":
                rules = self.politeness.rules(target.url)
                if self.run.guard.refuses(target.url):
                    self.run.refuse(target, "address-refused")
                elif rules is None:
                    return self._robots(target, now)
                elif rules.status == "unreachable":  # RFC 9309 §2.3.1.4: stay away
                    self.run.leave(host, "robots-unreachable", rules.at + ROBOTS_RETRY, origin_of(target.url))
                    self.queues[host].clear()
                    continue
                elif not rules.allows(target.url):
                    self.run.refuse(target, "robots")
            self.queues[host].popleft()
            if target.id not in self.leased:
                return target
        return None

    def _robots(self, target: Target, now: float) -> Target | None:
        """Return the request for robots.txt of the target's origin, None when it is not to be sent now."""
        found = self.run.robots_row(target, origin_of(target.url))
        if found is None or found[0].id in self.leased or found[0].host != target.host:
            return None
        row, due = found
        if due > now:
            self.wake_at[target.host] = due
            return None
        return row

    def _fill(self, host: str, now: float) -> bool:
        """Read the host's next rows; forget the host when it has none but leased ones."""
        if self.queues[host]:
            return True
        rows = self.state.db.execute(
            f"SELECT {TARGET} FROM url WHERE {DUE} AND host = ? AND not_before <= ? ORDER BY priority DESC, id LIMIT ?",
            (host, now, AHEAD + len(self.leased)),
        )
        self.queues[host].extend(target for target in (Target(*row) for row in rows) if target.id not in self.leased)
        if self.queues[host]:
            return True
        due = self.state.one(f"SELECT min(not_before) FROM url WHERE {DUE} AND host = ? AND not_before > ?", host, now)
        if due is None:
            self.queues.pop(host)
        else:
            self.wake_at[host] = due
        return False

    def _send(self, target: Target) -> Request:
        rules = None if target.role == "robots" else self.politeness.rules(target.url)
        self.leased.add(target.id)
        self.politeness.pace(target.host).sent(rules.delay if rules else 0.0)
        run, config = self.run, self.run.config
        headers = {
            "User-Agent": config.user_agent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
            "Accept-Encoding": "gzip, deflate, br",
        }
        conditional = bool(target.capture and (target.etag or target.last_modified)) and run.conditional(target)
        if conditional and target.etag:
            headers["If-None-Match"] = target.etag
        if conditional and target.last_modified:
            headers["If-Modified-Since"] = target.last_modified
        if target.headers:
            headers.update(json.loads(target.headers))
        megabytes = {"attachment": config.limits.attachment_mb, "requisite": config.limits.requisite_mb}
        meta: dict[str, Any] = {
            "target": target,
            "conditional": conditional,
            "cookiejar": target.site,
            "download_slot": target.host,
            "proxy": config.proxy,  # None: none, whatever the environment says
            "download_timeout": run.timeout,
            "download_maxsize": megabytes.get(target.role, config.limits.page_mb) * MB,
        }
        return Request(
            target.url,
            method=target.method,
            headers=headers,
            body=target.body or b"",
            meta=meta,
            dont_filter=True,
            callback=cast(Any, self.crawler.spider).answered,
            errback=cast(Any, self.crawler.spider).failed,
        )

    def _call_later(self, moment: float | None) -> None:
        if self.timer is not None and self.timer.active():
            self.timer.cancel()
        if moment is not None:
            from twisted.internet import reactor

            self.timer = cast(Any, reactor).callLater(max(0.005, moment - time.time()), self.changed)
