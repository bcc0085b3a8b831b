"""The harvest: committed captures -> readings (worker processes) -> frontier rows, change log, items.

Follows the capture table, so what a killed process had captured but not read is read the same way by the next one.
One thread: it sends captures to the workers, takes their readings in order, appends events to the change log under
its lock, and then commits items, seq and progress (design, write order 3 and 4).
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Event as Flag
from threading import Thread

import msgspec

from archive.lock import hold
from archive.paths import Home
from archive.state import Capture, State, Target
from crawler.accept import accept
from crawler.jobs import job_of
from crawler.outcome import Outcome
from crawler.readers import AHEAD, Readers, reading_of
from crawler.walk import Rules
from crawler.work import Reading
from pipelines.feed import ChangeLog, Draft, new_log_id, text_key
from pipelines.item import Event
from spiders.site import Site

GATHER = 0.05  # seconds in which finished readings are gathered into one commit

log = logging.getLogger(__name__)


def _soon(future: Future[Reading], until: float) -> bool:
    """Wait for a reading until a moment; tell whether it is there."""
    left = until - time.monotonic()
    return left > 0 and bool(wait([future], timeout=left).done)


class Harvest:
    """Reads captures of the given sites until told to finish.

    progressed: called (from this thread) with hosts that have new rows and origins whose robots.txt is known.
    """

    def __init__(
        self,
        home: Home,
        sites: dict[str, Site],
        rules: Rules,
        *,
        workers: int,
        progressed: Callable[[set[str], set[str]], None],
        count: Callable[[Outcome], None],
    ) -> None:
        self.home, self.sites, self.rules, self.workers = home, sites, rules, workers
        self.progressed, self.count = progressed, count
        self.state = State(home.state)
        self.log = ChangeLog(home.changes)
        self.flag = Flag()
        self.asked_generation = self.done_generation = 0
        self.flying: deque[tuple[Capture, Target | None, Future[Reading] | None]] = deque()
        self.stopping = self.forced = False
        self.whole = True
        self.trouble: BaseException | None = None
        self.readers: Readers | None = None
        self.thread = Thread(target=self._guarded, name="harvest", daemon=True)

    def start(self) -> None:
        self.state.db.execute("CREATE TEMP TABLE scope(name TEXT PRIMARY KEY)")
        self.state.db.executemany("INSERT INTO temp.scope VALUES (?)", [(name,) for name in self.sites])
        self.asked_generation = 1
        self.readers = Readers(self.workers)
        self.thread.start()
        self.flag.set()

    def notify(self) -> None:
        """Captures were committed: there is something to read."""
        self.asked_generation += 1
        self.flag.set()

    def busy(self) -> bool:
        return self.done_generation != self.asked_generation and self.trouble is None

    def finish(self, *, whole: bool = True) -> None:
        """Read what is left and stop the workers.

        whole: the run has come to its end, so articles no longer wait for attachments that have not come.
        """
        self.stopping, self.whole = True, whole
        self.notify()
        self.thread.join()
        if self.readers is not None:
            self.readers.close()
        self.state.close()
        if self.trouble is not None:
            raise self.trouble

    # ------------------------------------------------------------------------------ in the thread
    def _guarded(self) -> None:
        try:
            self._loop()
        except BaseException as error:  # re-raised by finish() in the caller's thread
            self.trouble = error
            log.info("the harvest stopped", exc_info=True)
            self.progressed(set(), set())

    def _loop(self) -> None:
        while True:
            generation = self.asked_generation
            self._send()
            self._take()
            if self.flying:
                continue
            self._release_waiting()
            if self._unread():
                continue
            self.done_generation = generation
            if generation != self.asked_generation:
                continue
            self.progressed(set(), set())
            if self.stopping:
                if self.forced or not self.whole or not self._force():
                    return
                continue
            self.flag.wait()
            self.flag.clear()

    def _unread(self) -> bool:
        return (
            self.state.one(
                "SELECT 1 FROM capture WHERE outcome IS NULL AND site IN (SELECT name FROM temp.scope) LIMIT 1"
            )
            is not None
        )

    def _force(self) -> bool:
        """Let waiting articles go on without what they wait for; True when there were any."""
        self.forced = True
        with self.state.transaction() as db:
            return bool(
                db.execute(
                    "UPDATE capture SET outcome = NULL WHERE outcome = 'waiting' AND site IN (SELECT name FROM temp.scope)"
                ).rowcount
            )

    def _release_waiting(self) -> None:
        """Read articles again whose attachments and parts have all ended."""
        waiting = self.state.one(
            "SELECT 1 FROM capture WHERE outcome = 'waiting' AND site IN (SELECT name FROM temp.scope) LIMIT 1"
        )
        if waiting is None:
            return
        with self.state.transaction() as db:
            db.execute(
                "UPDATE capture SET outcome = NULL WHERE outcome = 'waiting' AND site IN (SELECT name FROM temp.scope) "
                "AND NOT EXISTS (SELECT 1 FROM need JOIN url ON url.id = need.child "
                "WHERE need.parent = capture.url_id AND url.state IN ('pending', 'retry', 'captured'))"
            )

    def _send(self) -> None:
        """Hand unread captures to the workers, in order; what needs no reading flies along at once."""
        assert self.readers is not None
        room = AHEAD - len(self.flying)
        if room <= 0:
            return
        last = self.flying[-1][0].id if self.flying else 0
        for capture in self.state.captures(
            "outcome IS NULL AND site IN (SELECT name FROM temp.scope) AND id > ? ORDER BY id LIMIT ?", last, room
        ):
            found = self.state.targets("id = ?", capture.url_id)
            target = found[0] if found else None
            job = (
                None if target is None else job_of(self.home, self.state, capture, target, self.sites.get(capture.site))
            )
            self.flying.append((capture, target, None if job is None else self.readers.read(job)))

    def _take(self) -> None:
        """Take finished readings from the head of the line and commit them together.

        A list is committed before an article that follows it is accepted: the article's evidence is the list page on
        which its row stood last, whatever else was read in the same moment.
        """
        outcomes: list[Outcome] = []
        lists: set[str] = set()
        until = time.monotonic() + GATHER
        while self.flying and len(outcomes) < AHEAD:
            capture, target, future = self.flying[0]
            if capture.role == "article" and capture.site in lists:
                break
            if capture.role == "list":
                lists.add(capture.site)
            if future is not None and outcomes and not future.done() and not _soon(future, until):
                break
            self.flying.popleft()
            reading, error = (Reading(), None) if future is None else reading_of(future, capture.url)
            outcomes.append(Outcome(capture, target, reading, error))
        if outcomes:
            self._commit(outcomes)

    def _commit(self, outcomes: list[Outcome]) -> None:
        with hold(self.home.locks / "changes.lock", wait=True):
            catch_up(self.state, self.log)
            accepted = accept(self.state, outcomes, self.sites, self.rules, forced=self.forced)
            events = self._append(accepted.drafts)
            with self.state.transaction():
                for event in events:
                    apply_event(self.state, event)
                hosts = accepted.apply(self.state)
        for outcome in outcomes:
            self.count(outcome)
        origins = {
            outcome.target.list
            for outcome in outcomes
            if outcome.target and outcome.target.role == "robots" and outcome.target.list
        }
        if hosts or origins:
            self.progressed(hosts, origins)

    def _append(self, drafts: list[Draft]) -> list[Event]:
        if not drafts:
            return []
        return self.log.append(drafts, log_id(self.state), int(self.state.get("seq") or 0))


def log_id(state: State) -> str:
    """Return the uuid of the home's change log; a new home gets one."""
    found = state.get("log")
    if found is None:
        found = new_log_id()
        state.put("log", found)
    return found


def catch_up(state: State, changes: ChangeLog) -> int:
    """Apply events that a killed process appended but did not commit; return how many.  Hold the log's lock."""
    newest = changes.tail()
    seq = int(state.get("seq") or 0)
    if newest is None or newest.seq <= seq:
        return 0
    count = 0
    with state.transaction():
        state.put("log", newest.log)
        for event in changes.events(seq):
            apply_event(state, event)
            count += 1
    return count


def apply_event(state: State, event: Event) -> None:
    """Make the item table say what the event says.  Within the caller's transaction."""
    where = (event.site, event.id)
    if event.item is None:
        state.db.execute(
            "UPDATE item SET live = 0, rev = ?, seq = ?, misses = 0 WHERE site = ? AND id = ?",
            (event.rev, event.seq, *where),
        )
    else:
        item = event.item
        state.db.execute(
            "INSERT INTO item(site, id, key, rev, live, seq, digest, published, first_seen, json) "
            "VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?) "
            "ON CONFLICT(site, id) DO UPDATE SET rev = excluded.rev, live = 1, seq = excluded.seq, misses = 0, "
            "digest = excluded.digest, published = excluded.published, json = excluded.json",
            (
                *where,
                item.extension.key,
                event.rev,
                event.seq,
                text_key(item),
                item.date_published,
                item.extension.first_seen,
                msgspec.json.encode(item),
            ),
        )
        for url in {item.id, item.url, *item.extension.aliases}:
            state.db.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", (event.site, url, event.id))
    state.put("seq", str(event.seq))
