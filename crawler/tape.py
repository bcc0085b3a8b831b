"""The tape: taped exchanges -> WARC records, then (after the fsync) their rows in the state.

One thread owns the writer, so records lie in order and no lock is needed; compression and SHA-1 release the GIL.
`put` returns when the bytes are in the file, not when they are durable: the batch that names them is committed only
after the fsync (design, write order 1 and 2), and until then their requests stay leased.
"""

import base64
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

from archive.index import write_index
from archive.paths import IMPORTED, Home
from archive.record import Exchange, Original, RecordRef
from archive.state import State, Target
from archive.writer import WarcWriter
from crawler.crawllog import CrawlLog
from crawler.ending import Answer, Ending
from crawler.rows import PRIVATE, capture_values, count_request, settle_row
from crawler.wire import Recordings

UNANSWERED = Answer(None, {}, None, "unanswered")
COMMIT_AFTER = 0.05  # seconds that a captured page waits for its batch
DEDUP_FROM = 256  # bytes; a revisit record of less costs more than it saves


@dataclass(frozen=True)
class Taped:
    """One ended request, on its way into the state."""

    target: Target
    ending: Ending
    answer: Answer
    exchange: Exchange | None
    record: RecordRef | None
    refers: str | None  # record id of the original when the record is a revisit
    others: tuple[RecordRef, ...] = ()  # requests before it that a dead pooled connection did not answer

    @property
    def answer_bytes(self) -> int:
        """Bytes of the answer on the wire."""
        return self.exchange.end - self.exchange.start if self.exchange else 0

    @property
    def body_bytes(self) -> int:
        return self.answer_bytes - self.exchange.head_length if self.exchange else 0


@dataclass
class _Batch:
    taped: list[Taped] = field(default_factory=list)
    digests: dict[str, Original] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)


class Tape:
    """Writes exchanges and commits what they mean for the frontier."""

    def __init__(
        self,
        home: Home,
        writer: WarcWriter,
        log: CrawlLog,
        *,
        run: int,
        committed: Callable[[list[Taped]], None],
        broken: Callable[[BaseException], None],
    ) -> None:
        """committed, broken: called from the tape's thread; after broken nothing is committed any more."""
        self.home, self.writer, self.log, self.run = home, writer, log, run
        self.committed, self.broken = committed, broken
        self.trouble: BaseException | None = None
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="tape")
        self.state = State(home.state)
        self.batch = _Batch()
        self.timer: Timer | None = None
        self.roller = self._roll_later()

    def put(
        self,
        target: Target,
        recordings: Recordings,
        answer: Answer,
        ending: Ending,
        *,
        proxied: bool,
        conditional: bool,
    ) -> "Future[None]":
        """Write what was taped of one request.  The future is done when write() has returned."""
        return self.thread.submit(self._put, target, recordings, answer, ending, proxied, conditional)

    def refuse(self, target: Target, reason: str, until: float | None = None) -> None:
        """End a request that was never sent (robots, address, budget): a crawl.log line, and a failed row.

        until: unix time before which it is not asked; then the row is left to a later run instead.
        """
        ending = Ending("failed", reason) if until is None else Ending("retry", reason, until)
        self.thread.submit(self._refuse, target, ending)

    def close(self) -> None:
        """Commit what is open, close the WARC and index it.  Raises what the last write raised."""
        self.thread.submit(self._close).result()
        self.thread.shutdown()

    # ------------------------------------------------------------------------------ in the thread
    def _put(
        self, target: Target, recordings: Recordings, answer: Answer, ending: Ending, proxied: bool, conditional: bool
    ) -> None:
        url = target.url
        exchange: Exchange | None = None
        record: RecordRef | None = None
        original: Original | None = None
        others: list[RecordRef] = []
        for recording in recordings:
            last = recording is recordings[-1]
            fields = self._fields(target, answer if last else UNANSWERED)
            exchange = recording.exchange(url, proxied=proxied, conditional=conditional, status=answer.status)
            original = self._original(exchange, target)
            refs = self.writer.write(exchange, fields, original)
            record = next((ref for ref in refs if ref.type in ("response", "revisit")), refs[-1])
            recording.spool.close()
            if not last:
                others.append(record)
        if record is None:
            refs = self.writer.write_failure(url, datetime.now(UTC), None, self._fields(target, answer))
            record = refs[-1]
        if record.type == "response" and record.digest and exchange and not exchange.truncated:
            self.batch.digests[record.digest] = Original(url, record.date, record.record_id, record.digest)
        refers = original.record_id if original and record.type == "revisit" else None
        self.log.line(target, answer, ending, exchange, record)
        self.batch.taped.append(Taped(target, ending, answer, exchange, record, refers, tuple(others)))
        self._commit_soon()

    def _refuse(self, target: Target, ending: Ending) -> None:
        answer = Answer(None, {}, None, ending.reason)
        self.log.line(target, answer, ending, None, None)
        self.batch.taped.append(Taped(target, ending, answer, None, None, None))
        self._commit_soon()

    def _fields(self, target: Target, answer: Answer) -> list[tuple[str, str]]:
        """The metadata record: Heritrix's names, then ours, which bytes cannot give back."""
        pairs = [
            ("via", target.via),
            ("hopsFromSeed", target.hops),
            ("site", None if target.site.startswith(PRIVATE) else target.site),
            ("role", target.role),
            ("list", target.list),
            ("rowTitle", target.row_title),
            ("rowDate", target.row_date),
            ("rowSource", target.row_source),
            ("run", str(self.run)),
            ("page", str(target.page) if target.page > 1 else None),
            ("why", target.why),
            ("error", answer.error),
        ]
        return [(name, value) for name, value in pairs if value is not None]

    def _original(self, exchange: Exchange, target: Target) -> Original | None:
        """Return the record that a revisit refers to: same payload seen, or what a 304 confirms."""
        if exchange.not_modified:
            row = self.state.db.execute(  # what it confirms may be a revisit itself: its original holds the bytes
                "SELECT o.url, o.at, o.record_id, o.digest FROM capture c JOIN capture o "
                "ON o.record_id = CASE c.type WHEN 'revisit' THEN c.refers ELSE c.record_id END "
                "WHERE c.id = ? AND o.type = 'response' AND o.digest IS NOT NULL",
                (target.capture,),
            ).fetchone()
            return Original(*row) if row else None
        if exchange.payload_sha1 is None or exchange.truncated or exchange.payload_length < DEDUP_FROM:
            return None
        digest = "sha1:" + base64.b32encode(exchange.payload_sha1).decode()
        if digest in self.batch.digests:
            return self.batch.digests[digest]
        row = self.state.db.execute(
            "SELECT url, at, record_id, digest, warc FROM capture WHERE digest = ? AND type = 'response' AND truncated IS NULL "
            "AND NOT instr(warc, ?) ORDER BY id LIMIT 1",  # what another tool declares may be wrong
            (digest, IMPORTED),
        ).fetchone()
        if row is None or not any((self.home.warc / f"{row[4]}{end}").exists() for end in ("", ".open")):
            return None  # a revisit of a file that is gone could never be shown
        return Original(*row[:4])

    def closed(self, path: Path) -> None:
        """Take note of a WARC that got its final name (the writer calls it); it is indexed with the next batch."""
        self.batch.closed.append(path.name)

    def _commit_soon(self) -> None:
        if self.timer is None:
            self.timer = Timer(COMMIT_AFTER, lambda: self.thread.submit(self._commit))
            self.timer.daemon = True
            self.timer.start()

    def _roll_later(self) -> Timer:
        """Look later whether the WARC is idle: while nothing comes, nothing else would close it."""
        timer = Timer(self.writer.idle_seconds / 2, lambda: self.thread.submit(self._roll))
        timer.daemon = True
        timer.start()
        return timer

    def _roll(self) -> None:
        self._guarded(self.writer.roll_if_due)
        self._commit()
        self.roller = self._roll_later()

    def _commit(self) -> None:
        self.timer = None
        self._guarded(self._commit_batch)

    def _guarded(self, work: Callable[[], object]) -> None:
        """Make something durable.  If that fails the run must end: the next one rolls forward from the WARC."""
        if self.trouble is not None:
            return
        try:
            work()
        except BaseException as error:
            self.trouble = error
            self.broken(error)
            raise

    def _commit_batch(self) -> None:
        batch, self.batch = self.batch, _Batch()
        if not batch.taped and not batch.closed:
            return
        self.writer.sync()
        self.log.flush()
        with self.state.transaction():
            for taped in batch.taped:
                self._settle(taped)
            self._mark(self.writer.position, closed=batch.closed)
        for name in batch.closed:
            write_index(self.home.warc / name, self.home.index)
        self.committed(batch.taped)

    def _mark(self, position: tuple[str, int] | None, closed: Iterable[str]) -> None:
        for name in closed:
            size = (self.home.warc / name).stat().st_size
            self.state.db.execute(
                "INSERT INTO warc VALUES (?, ?, 1) ON CONFLICT(name) DO UPDATE SET committed = excluded.committed, closed = 1",
                (name, size),
            )
        if position:
            self.state.db.execute(
                "INSERT INTO warc VALUES (?, ?, 0) ON CONFLICT(name) DO UPDATE SET committed = excluded.committed",
                position,
            )

    def _settle(self, taped: Taped) -> None:
        target, ending = taped.target, taped.ending
        for record in taped.others:
            self._capture(target, UNANSWERED, Ending("retry"), record, 0, None)
        if taped.record:
            size = taped.body_bytes if taped.exchange and taped.record.type == "response" else 0
            self._capture(target, taped.answer, ending, taped.record, size, taped.refers)
        settle_row(
            self.state,
            target,
            ending.state,
            ending.reason,
            ending.not_before,
            ending.location,
            self.run,
            time.time(),
            tried=taped.record is not None,
        )
        if taped.exchange is not None:
            count_request(self.state, target.host, time.time(), ending.pause)

    def _capture(
        self, target: Target, answer: Answer, ending: Ending, record: RecordRef, size: int, refers: str | None
    ) -> None:
        kind = record.type if record.type in ("response", "revisit") else "metadata"
        values = capture_values(
            target,
            answer,
            ending.state,
            kind,
            reason=ending.reason,
            warc=record.warc,
            offset=record.offset,
            length=record.length,
            record_id=record.record_id,
            at=record.date,
            digest=record.digest,
            size=size,
            refers=refers,
            run=self.run,
        )
        self.state.insert("capture", [values])

    def _close(self) -> None:
        self.roller.cancel()
        if self.timer is not None:
            self.timer.cancel()
        try:
            self._commit()
        finally:
            self.writer.close()
        if self.batch.closed and self.trouble is None:
            with self.state.transaction():
                self._mark(None, self.batch.closed)
            for name in self.batch.closed:
                write_index(self.home.warc / name, self.home.index)
        self.log.close()
        self.state.close()
