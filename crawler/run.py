"""A run: one home, some sites, from recovery to the closing table.

    recover -> seed the frontier -> crawl (tape and harvest) -> drain -> views

A run is a row of the state; the same command after a crash goes on with it.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from twisted.python.failure import Failure

from archive.index import merge
from archive.lock import hold
from archive.manifest import write_manifest
from archive.paths import Home
from archive.state import State, Target
from archive.writer import WarcWriter
from crawler.addresses import Guard, RouteError, install
from crawler.config import MB, VERSION, Config
from crawler.crawllog import CrawlLog
from crawler.frontier import DUE, Frontier
from crawler.harvest import Harvest
from crawler.health import CAUSES, Finding, Left, examine, keep
from crawler.options import Options, default_workers
from crawler.outcome import Outcome
from crawler.politeness import Politeness, keep_rules, keep_unreachable, origin_of
from crawler.rebuild import recover_home
from crawler.rows import PRIVATE, ask_row, end_of, host_of, key_of
from crawler.seeds import seed_lists
from crawler.setup import explain
from crawler.tape import Tape, Taped
from crawler.traps import endings, links_elsewhere
from crawler.views import write_views
from crawler.walk import Rules
from spiders.site import Site

PATIENCE = 120.0  # seconds a run waits for a paused host or a retry before it leaves the rest to the next run

log = logging.getLogger(__name__)


@dataclass
class Totals:
    """Counts of a run, for the progress line and the closing table; by site where it says so."""

    requests: int = 0
    bytes: int = 0
    errors: int = 0
    pages: Counter[str] = field(default_factory=Counter)  # by role
    by_site: dict[str, Counter[str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    left: dict[str, Left] = field(default_factory=dict)  # host -> why rows stay for the next run

    def site(self, name: str) -> Counter[str]:
        return self.by_site.setdefault(name, Counter())


class Run:
    """One crawl of some sites, or one `fetch` (no sites, no retries, no reading)."""

    def __init__(
        self,
        home: Home,
        config: Config,
        sites: dict[str, Site],
        options: Options,
        *,
        command: str = "crawl",
        settled: Callable[[Taped], None] | None = None,
    ) -> None:
        self.home, self.config, self.sites, self.options, self.command = home, config, sites, options, command
        self.once = command in ("fetch", "probe")
        self.talking = False  # a conversation still has something to ask
        self.on_open: Callable[[], None] = lambda: None
        self.on_leave: Callable[[str, str], None] | None = None
        self.on_stop: Callable[[], object] | None = None
        self.causes: dict[str, str] = {}  # origin -> why its robots.txt cannot be had
        self.dead: dict[str, str] = {}  # origin -> why nothing can be had of it: one of CAUSES
        self.settled = settled
        self.patience = PATIENCE
        self.timeout = options.timeout or config.limits.timeout
        self.totals = Totals()
        self.findings: list[Finding] = []
        self.ended_by_rule: list[tuple[str, str, str]] = []  # site, list, rule of crawler.traps
        self.elsewhere: dict[str, Counter[str]] = {}  # site -> hosts that rows of its lists lead to
        self.trouble: BaseException | None = None
        self.stopped = False  # by a signal
        self.frontier: Frontier | None = None
        self.process: AsyncCrawlerProcess | None = None
        self.guard = Guard(options.routes, options.allow_private)
        if config.proxy:
            if options.routes:
                raise RouteError("--connect-to has no effect behind a proxy: take `proxy` out of parknews.toml")
            self.guard.exempt.add(host_of(config.proxy))
        self.progress: Callable[[Totals], None] = lambda _: None

    # ------------------------------------------------------------------------------ from start to end
    def execute(self, seed: Callable[["Run"], None] | None = None) -> Totals:
        """Crawl until nothing is left to ask.

        Raises HeldError, NotAllowedError, ArchiveError, and KeyboardInterrupt when a signal stopped it in order.
        """
        with ExitStack() as stack:
            stack.enter_context(hold(self.home.locks / "home.lock", shared=True))
            for name in self.sites:
                stack.enter_context(hold(self.home.locks / f"site-{name}.lock"))
            with hold(self.home.locks / "recovery.lock", wait=True):
                recover_home(self.home)
            self.state = State(self.home.state)
            try:
                self._open()
                if seed:
                    seed(self)
                else:
                    seed_lists(self.state, self.sites.values(), self.id)
                self._crawl()
            finally:
                self.state.close()
        if self.trouble is not None:
            raise self.trouble
        if self.stopped:
            raise KeyboardInterrupt
        return self.totals

    def _open(self) -> None:
        names = json.dumps(sorted(self.sites))
        unfinished = (
            None
            if self.once
            else self.state.one(
                "SELECT id FROM run WHERE command = ? AND sites = ? AND ended IS NULL ORDER BY id DESC LIMIT 1",
                self.command,
                names,
            )
        )
        if unfinished is None:
            with self.state.transaction() as db:
                row = db.execute(
                    "INSERT INTO run(command, started, sites, full) VALUES (?, ?, ?, ?)",
                    (self.command, time.time(), names, self.options.full),
                )
            unfinished = row.lastrowid
        self.id = int(unfinished or 0)
        self.private = f"{PRIVATE}{self.id}"
        self._scope()
        self.rules = Rules(self.id, self.options.full, self.options.limit)
        self.seq_before = int(self.state.get("seq") or 0)
        defaults = self.config.politeness
        self.politeness = Politeness(
            self.state,
            defaults.delay if self.options.delay is None else self.options.delay,
            defaults.per_host,
            self.config.limits.requests_per_day,
            self.options.ignore_robots,
        )
        for site in self.sites.values():
            if site.politeness.delay is not None and self.options.delay is None:
                self.politeness.site_delay[site.host] = site.politeness.delay
            if site.politeness.concurrency is not None:
                self.politeness.site_concurrency[site.host] = site.politeness.concurrency

    def _scope(self) -> None:
        self.state.db.execute("CREATE TEMP TABLE scope(name TEXT PRIMARY KEY)")
        self.state.db.executemany(
            "INSERT INTO temp.scope VALUES (?)", [(name,) for name in (self.sites or [self.private])]
        )

    def _crawl(self) -> None:
        settings = Settings()
        settings.setmodule("crawler.settings", priority="project")
        self.process = AsyncCrawlerProcess(settings)
        from twisted.internet import reactor

        self.reactor = cast(Any, reactor)
        writer = WarcWriter(
            self.home.warc,
            collection=self.config.collection,
            info=self._info(),
            max_size=self.config.limits.warc_mb * MB,
            idle_seconds=self.config.limits.warc_idle,
            on_closed=lambda path: self.tape.closed(path),
        )
        self.tape = Tape(
            self.home,
            writer,
            CrawlLog(self.home.logs / f"{self.id:06d}.crawl.log"),
            run=self.id,
            committed=self._committed,
            broken=lambda trouble: self.reactor.callFromThread(self.stop, trouble),
        )
        self.harvest = (
            None
            if self.once
            else Harvest(
                self.home,
                self.sites,
                self.rules,
                workers=self.options.workers or self.config.workers or default_workers(),
                progressed=self._progressed,
                count=self._count,
            )
        )
        if self.harvest:
            self.harvest.start()
        try:
            self._engine()
        finally:
            try:
                self.tape.close()
            except Exception as trouble:  # noqa: BLE001  # raised by execute(), after the harvest has ended too
                self.trouble = self.trouble or trouble
            if self.harvest:
                self.harvest.finish(whole=not self.stopped and self.trouble is None)
        if self.stopped or self.trouble:  # the same command goes on with this run
            if self.harvest:
                write_views(self.home, self.state)
            else:
                self.state.db.execute("DELETE FROM url WHERE site = ?", (self.private,))
            return
        with self.state.transaction() as db:
            db.execute("UPDATE run SET ended = ?, ending = 'finished' WHERE id = ?", (time.time(), self.id))
            for site in self.sites.values():
                db.execute(
                    "INSERT INTO site(name, last_run, next_due) VALUES (?, ?, ?) ON CONFLICT(name) DO UPDATE SET "
                    "last_run = excluded.last_run, next_due = excluded.next_due",
                    (site.name, time.time(), time.time() + site.period),
                )
        if self.harvest:
            merge(self.home.index)
            write_views(self.home, self.state)
            if not (self.home.root / "README.txt").exists():
                explain(self.home)
            self._examine()
        else:
            self.state.db.execute("DELETE FROM url WHERE site = ?", (self.private,))
        write_manifest(self.home)

    def _examine(self) -> None:
        """Find what is wrong with the sites of this run; `findings` are those that are new."""
        now = time.time()
        with self.state.transaction():
            for site in self.sites.values():
                found = examine(self.state, site, self.id, self.totals.left, now)
                self.findings += [one for one in keep(self.state, site.name, found, now) if one.new]
        ended = endings(self.state, list(self.sites))
        self.ended_by_rule = [(name, source, rule) for name in sorted(ended) for source, rule in ended[name]]
        self.elsewhere = links_elsewhere(self.state, list(self.sites))

    def _engine(self) -> None:
        from spiders.news import NewsSpider

        assert self.process is not None
        self.crawler = self.process.create_crawler(NewsSpider)
        self.process.crawl(self.crawler, run=self)
        self.reactor.callWhenRunning(install, self.reactor, self.guard)
        self.process.start()

    def _info(self) -> dict[str, str]:
        pairs = {
            "software": f"parknews/{VERSION}",
            "operator": " ".join(part for part in (self.config.operator, self.config.contact) if part),
            "robots": "ignore" if self.options.ignore_robots else "obey",
            "http-header-user-agent": self.config.user_agent,
            "description": f"{self.command}, run {self.id}: {', '.join(sorted(self.sites)) or 'single URLs'}",
        }
        return {key: value for key, value in pairs.items() if value}

    # ------------------------------------------------------------------------------ what the frontier asks of a run
    def attach(self, frontier: Frontier) -> None:
        self.frontier = frontier
        self.reactor.callWhenRunning(self.on_open)

    def busy(self) -> bool:
        return self.talking or (self.harvest is not None and self.harvest.busy())

    def conditional(self, target: Target) -> bool:
        """Tell whether to ask only for what changed; the whole answer is needed when lists are walked to the end."""
        return not (self.options.full and target.role == "list") and not self.once

    def robots_row(self, target: Target, origin: str) -> tuple[Target, float] | None:
        """Return the request for an origin's robots.txt, and when it may be sent; None while it is on its way or read.

        Redirects are followed; where they end is what counts, and what never ends holds no rules (RFC 9309 §2.3.1.2).
        """
        first = f"{origin}/robots.txt"
        with self.state.transaction() as db:
            ask_row(self.state, target.site, first, "robots", self.id, hops="P", list_url=origin)
            row = self.state.one("SELECT id FROM url WHERE site = ? AND key = ?", target.site, key_of(first))
            last = end_of(self.state, row)
            ended, due, reason = db.execute(
                "SELECT state, not_before, reason FROM url WHERE id = ?", (last or row,)
            ).fetchone()
            if ended in ("failed", "redirected"):
                self._robots_failed(origin, "redirect-loop" if last is None else reason)
            elif ended == "done":
                if self.politeness.rules(first) is not None:
                    return None  # read a moment ago
                db.execute(  # known once, but no longer fresh
                    "UPDATE url SET state = 'pending', run = ?, hops = 'P', not_before = 0, attempts = 0 WHERE id = ?",
                    (self.id, row),
                )
                last, due = row, 0.0
        return (self.state.targets("id = ?", last)[0], due) if ended in ("pending", "retry", "done") else None

    def _robots_failed(self, origin: str, reason: str | None) -> None:
        """Keep what follows from a robots.txt that cannot be had: no rules after endless redirects, else stay away."""
        self.causes[origin] = reason or "lost"
        if reason in ("redirect-loop", "bad-redirect"):
            keep_rules(self.state, origin, None, time.time())
        else:
            keep_unreachable(self.state, origin, time.time())
        self.politeness.forget(origin)
        if self.frontier:
            self.reactor.callLater(0, self.frontier.changed, [host_of(origin)])

    def leave(self, host: str, why: str, until: float, origin: str | None = None) -> None:
        """Leave what is due at a host, or at one origin of it, to a later run from `until` on; each row is told."""
        self.totals.left.setdefault(host, Left(why, until, self.causes.get(origin or "")))
        for row in self.state.targets(f"{DUE} AND host = ? AND not_before <= ?", host, time.time()):
            if row.id not in cast(Frontier, self.frontier).leased and origin in (None, origin_of(row.url)):
                self.refuse(row, why, until)
        if self.on_leave:
            self.on_leave(host, self.dead.get(origin or "", why))

    def refuse(self, target: Target, reason: str, until: float | None = None) -> None:
        """End a row that is not asked; until: not in this run."""
        cast(Frontier, self.frontier).leased.add(target.id)
        self.tape.refuse(target, reason, until)

    def lost(self, target: Target, failure: Failure) -> None:
        """A request that failed before it came to the handler, or that could not be taped: end its row."""
        log.error("%s: %s", target.url[:200], failure.getTraceback())
        self.refuse(target, "internal-error")
        cast(Frontier, self.frontier).landed(target)

    def ask(self, site: str, url: str, role: str) -> None:
        with self.state.transaction():
            ask_row(self.state, site, url, role, self.id)
        if self.frontier:
            self.frontier.changed([host_of(url)])

    def stop(self, trouble: BaseException) -> None:
        """Stop the crawl: the archive cannot be written.  Called in the reactor's thread."""
        if self.trouble is None:
            self.trouble = trouble
            cast(Frontier, self.frontier).draining = True
            cast(Frontier, self.frontier).leased.clear()
            self.process and self.reactor.callLater(0, self._close_engine)

    def _close_engine(self) -> None:
        from scrapy.utils.defer import deferred_from_coro

        deferred_from_coro(cast(Any, self.crawler).engine.close_spider_async(reason="archive-trouble"))

    # ------------------------------------------------------------------------------ what others tell a run
    def _committed(self, taped: Sequence[Taped]) -> None:
        """From the tape's thread: these requests are in the state."""
        if self.harvest:
            self.harvest.notify()
        self.reactor.callFromThread(self._release, list(taped))

    def _release(self, taped: list[Taped]) -> None:
        for one in taped:
            self.totals.requests += one.exchange is not None
            self.totals.bytes += one.answer_bytes
            self.totals.pages[one.target.role] += 1
            site = self.totals.site(one.target.site)
            site["requests"] += one.exchange is not None
            site["bytes"] += one.answer_bytes
            if one.ending.state in ("failed", "retry"):
                self.totals.errors += one.record is not None
                site["errors"] += one.record is not None
                self.totals.rejected[one.ending.reason or "failed"] += 1
            if one.target.role == "robots" and one.target.list and one.ending.state == "failed":
                with self.state.transaction():
                    if not self.guard.refuses(one.target.list):  # else each of its rows is refused for its address
                        self._robots_failed(one.target.list, one.ending.reason)
                # where a redirect of robots.txt leads to says nothing of who sent it
                if one.ending.reason in CAUSES and origin_of(one.target.url) == one.target.list:
                    self.dead[one.target.list] = one.ending.reason
            if self.once and one.target.role == "robots" and one.ending.state == "captured":
                self._read_robots(one)
            elif self.settled:
                self.settled(one)
        if self.frontier:
            self.frontier.release([one.target for one in taped])
            hops = {host_of(one.ending.location) for one in taped if one.ending.location}
            if hops:
                self.frontier.changed(hops)
        self.progress(self.totals)

    def _read_robots(self, taped: Taped) -> None:
        """`fetch` reads no pages, but robots.txt it must obey."""
        from crawler.work import ROBOTS_BYTES, message_of

        record = taped.record
        assert record is not None
        text = None
        if record.type == "revisit":
            row = self.state.db.execute(
                "SELECT warc, offset, length FROM capture WHERE record_id = ?", (taped.refers,)
            ).fetchone()
        else:
            row = (record.warc, record.offset, record.length)
        if (taped.answer.status or 0) // 100 == 2:
            body = message_of(str(self.home.warc), tuple(row)).payload(ROBOTS_BYTES) if row else b""
            text = body.decode("utf-8", "replace")
        with self.state.transaction() as db:
            keep_rules(self.state, taped.target.list or "", text, time.time())
            db.execute("UPDATE url SET state = 'done' WHERE id = ?", (taped.target.id,))
        self.politeness.forget(taped.target.list or "")
        if self.frontier:
            self.frontier.changed([host_of(taped.target.list or "")])

    def _progressed(self, hosts: set[str], origins: set[str]) -> None:
        """From the harvest's thread: new rows, new robots rules, or it has nothing to do."""

        def tell() -> None:
            for origin in origins:
                self.politeness.forget(origin)
            if self.harvest and self.harvest.trouble and self.trouble is None:
                self.stop(self.harvest.trouble)
            if self.frontier:
                self.frontier.changed(hosts | {host_of(origin) for origin in origins})
            self.progress(self.totals)

        self.reactor.callFromThread(tell)

    def _count(self, outcome: Outcome) -> None:
        site = self.totals.site(outcome.capture.site)
        if outcome.reading.article is not None:
            site["articles"] += 1
        reason = outcome.error or outcome.reading.rejected
        if reason:
            self.totals.rejected[reason] += 1
            site["rejected"] += 1
