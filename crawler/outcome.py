"""What came of reading a capture: the Outcome that goes in, the events and row changes that come out, how a row ends.

A Change alters rows of the state within the caller's transaction and returns the hosts that have new ones.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from archive.paths import is_imported
from archive.state import Capture, State, StateError, Target
from crawler.work import Reading
from pipelines.feed import Draft

Change: TypeAlias = Callable[[State], set[str]]

# The row has ended otherwise since: a recovery enters all that was captured before any of it is read.
LATER = "EXISTS (SELECT 1 FROM capture WHERE url_id = url.id AND id > ?)"
HOME_TROUBLES = (StateError, sqlite3.Error, OSError)  # of the disk, not of a page: they end the run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """One capture with what its reading gave.  error: the worker hung, died or raised."""

    capture: Capture
    target: Target | None
    reading: Reading
    error: str | None


@dataclass
class Accepted:
    """Events to append, and the row changes that go with them."""

    drafts: list[Draft] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def apply(self, state: State) -> set[str]:
        """Change the rows; return the hosts that have new ones.  Within the caller's transaction."""
        hosts: set[str] = set()
        for change in self.changes:
            hosts |= change(state)
        return hosts


def close(outcome: Outcome, kept: str | list[str], reason: str | None, extra: Change | None = None) -> Change:
    """End a row: done, or failed(reason).  kept: what the capture row says of the reading."""

    def change(state: State) -> set[str]:
        hosts = extra(state) if extra else set()
        capture, target, reading = outcome.capture, outcome.target, outcome.reading
        state.db.execute(
            "UPDATE capture SET outcome = ?, sha256 = ? WHERE id = ?",
            (reason or (kept if isinstance(kept, str) else kept[0]), reading.sha256, capture.id),
        )
        if target is None:
            return hosts
        if is_imported(capture.warc):  # what another tool saw never stands in for an answer of our own
            state.db.execute(
                "UPDATE url SET state = ?, reason = ? WHERE id = ? AND state = 'captured'",
                ("failed" if reason else "done", reason, target.id),
            )
        elif reason is not None:
            state.db.execute(
                f"UPDATE url SET state = 'failed', reason = ? WHERE id = ? AND state IN ('captured', 'done', 'failed') AND NOT {LATER}",
                (reason, target.id, capture.id),
            )
        elif capture.status == 304:
            state.db.execute(
                f"UPDATE url SET state = CASE WHEN {LATER} THEN state ELSE 'done' END, "
                f"reason = CASE WHEN {LATER} THEN reason END, checks = checks + 1 WHERE id = ?",
                (capture.id, capture.id, target.id),
            )
        else:
            state.db.execute(
                f"UPDATE url SET state = CASE WHEN state = 'redirected' OR {LATER} THEN state ELSE 'done' END, "
                f"reason = CASE WHEN state = 'redirected' OR {LATER} THEN reason END, capture = ?, "
                "etag = COALESCE(?, etag), last_modified = COALESCE(?, last_modified), checks = checks + 1 WHERE id = ?",
                (capture.id, capture.id, capture.id, reading.etag, reading.last_modified, target.id),
            )
        return hosts

    return change


def guarded(outcome: Outcome, change: Change) -> Change:
    """Make a change one that is undone, and ends its row as `accept-error`, when it raises half-way."""

    def whole(state: State) -> set[str]:
        state.db.execute("SAVEPOINT change")
        try:
            hosts = change(state)
        except HOME_TROUBLES:
            raise
        except Exception:  # one page, counted with its reason
            log.exception("%s was accepted but not followed up", outcome.capture.url[:200])
            state.db.execute("ROLLBACK TO change")
            hosts = close(outcome, "failed", "accept-error")(state)
        state.db.execute("RELEASE change")
        return hosts

    return whole
