"""verify: WARC = index = state = change log, in both directions.  rebuild: index, state and views made again.

The archive room checks files and index; here the captures of the state are held against the records, the events of
the log against captures, and the items against the events.  Facts are compared in a scratch database on the disk.
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from archive.exchanges import Exchanged, Grouping
from archive.lock import hold
from archive.manifest import check_manifests, manifests, write_manifest
from archive.paths import IMPORTED, Home, HomeError
from archive.reader import Entry
from archive.state import State
from archive.verify import verify
from crawler.harvest import Harvest, log_id
from crawler.health import examine, keep
from crawler.options import default_workers
from crawler.politeness import Politeness
from crawler.pool import end_unanswered
from crawler.rebuild import main_of, recover_home
from crawler.views import write_views
from crawler.walk import Rules
from pipelines.feed import ChangeLog, LogError
from pipelines.item import Event
from spiders.site import Site

Progress = Callable[[str, int, int], None]


def quiet(*_: object) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Finding:
    """One disagreement.  where: file and byte, or log and seq.  kind: a short fixed name."""

    where: str
    kind: str
    message: str


@dataclass
class Report:
    findings: list[Finding]
    files: int = 0
    records: int = 0
    captures: int = 0
    events: int = 0
    items: int = 0

    def __str__(self) -> str:
        return (
            f"{self.records} records in {self.files} files, {self.captures} captures, {self.events} events, "
            f"{self.items} items"
        )

    def as_table(self) -> dict[str, Any]:
        table: dict[str, Any] = msgspec.to_builtins(vars(self))
        return table


@dataclass
class Fixity:
    """What `verify --manifest` found.  unlisted: finished files that the next run will list."""

    findings: list[Finding]
    manifests: int
    files: int
    unlisted: int

    def __str__(self) -> str:
        return f"{self.files} files in {self.manifests} manifests, {self.unlisted} not listed yet"

    def as_table(self) -> dict[str, Any]:
        table: dict[str, Any] = msgspec.to_builtins(vars(self))
        return table


def verify_home(home: Home, progress: Progress = quiet) -> Report:
    """Check a home; nothing is changed.  Findings come in the order of the stages."""
    report = Report([])
    with tempfile.TemporaryDirectory(dir=home.root, prefix=".verify-") as scratch:
        facts = sqlite3.connect(Path(scratch) / "facts.sqlite", isolation_level=None)
        facts.execute("PRAGMA synchronous = OFF")
        facts.execute(
            "CREATE TABLE place(warc TEXT, offset INTEGER, record_id TEXT, digest TEXT, PRIMARY KEY(warc, offset)) WITHOUT ROWID"
        )
        facts.execute("BEGIN")
        places = _Places(facts)
        for finding in verify(
            home.warc,
            home.index,
            Path(scratch),
            on_entry=places.add,
            progress=lambda done, total: progress("records", done, total),
        ):
            where = finding.file if finding.offset is None else f"{finding.file} at byte {finding.offset}"
            report.findings.append(Finding(where, finding.kind, finding.message))
        places.end()
        facts.execute("COMMIT")
        facts.execute("ATTACH ? AS home", (str(home.state),))
        report.records, report.files = places.records, len(places.files)
        report.findings += _captures(facts, report)
        report.findings += _events(home, facts, report)
        facts.close()
    return report


def verify_manifests(home: Home, progress: Progress = quiet) -> Fixity:
    """Check the finished files of a home against its manifests, without state or index.

    Raises HomeError when there is no manifest: nothing could be proved.
    """
    if not manifests(home):
        raise HomeError(f"home {home.root}: no manifests yet; every run writes one when it ends")
    found = check_manifests(home, lambda done, total: progress("files", done, total))
    wrong = [Finding(one.file, one.kind, one.message) for one in found.findings]
    return Fixity(wrong, found.manifests, found.files, found.unlisted)


class _Places:
    """Collects where the record of each exchange lies that a capture must name."""

    def __init__(self, facts: sqlite3.Connection) -> None:
        self.facts, self.records, self.files = facts, 0, set[str]()
        self.grouping, self.file = Grouping(), ""

    def add(self, entry: Entry) -> None:
        self.records += 1
        self.files.add(entry.ref.warc)
        if entry.ref.warc != self.file:
            self.end()
            self.file = entry.ref.warc
        self._place(self.grouping.add(entry))

    def end(self) -> None:
        self._place(self.grouping.end())

    def _place(self, exchanged: Exchanged | None) -> None:
        main = main_of(exchanged) if exchanged else None
        if main is not None:
            digest = main.headers.get("WARC-Payload-Digest")
            self.facts.execute(
                "INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)",
                (main.ref.warc, main.ref.offset, main.ref.record_id, digest),
            )


def _captures(facts: sqlite3.Connection, report: Report) -> Iterator[Finding]:
    report.captures = facts.execute("SELECT count(*) FROM home.capture").fetchone()[0]
    for warc, offset, url in facts.execute(
        "SELECT c.warc, c.offset, c.url FROM home.capture c LEFT JOIN place p ON p.warc = c.warc AND p.offset = c.offset "
        "AND p.record_id = c.record_id AND p.digest IS c.digest WHERE p.warc IS NULL ORDER BY 1, 2"
    ):
        yield Finding(
            f"{warc} at byte {offset}",
            "capture-without-record",
            f"the state names a record of {url[:200]} that is not there",
        )
    for warc, offset, record_id in facts.execute(
        "SELECT p.warc, p.offset, p.record_id FROM place p LEFT JOIN home.capture c ON c.warc = p.warc AND c.offset = p.offset "
        "WHERE c.warc IS NULL ORDER BY 1, 2"
    ):
        yield Finding(
            f"{warc} at byte {offset}",
            "record-without-capture",
            f"the state does not know {record_id}: run `parknews rebuild`",
        )


def _events(home: Home, facts: sqlite3.Connection, report: Report) -> Iterator[Finding]:
    facts.execute(
        "CREATE TABLE said(site TEXT, id TEXT, rev INTEGER, seq INTEGER, live INTEGER, json BLOB, PRIMARY KEY(site, id)) WITHOUT ROWID"
    )
    facts.execute("BEGIN")
    before, log = 0, None
    try:
        for event in ChangeLog(home.changes).events():
            where = f"change log, seq {event.seq}"
            report.events += 1
            if event.seq != before + 1:
                yield Finding(where, "seq", f"follows seq {before}")
            if log not in (None, event.log):
                yield Finding(where, "log-uuid", f"{event.log} after {log}")
            before, log = event.seq, event.log
            yield from _evidence(facts, event, where)
            facts.execute(
                "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(site, id) DO UPDATE SET rev = excluded.rev, seq = excluded.seq, "
                "live = excluded.live, json = COALESCE(excluded.json, json)",
                (
                    event.site,
                    event.id,
                    event.rev,
                    event.seq,
                    event.item is not None,
                    msgspec.json.encode(event.item) if event.item else None,
                ),
            )
    except LogError as error:
        yield Finding("change log", "line", str(error))
    facts.execute("COMMIT")
    yield from _items(facts, report, before, log)


def _evidence(facts: sqlite3.Connection, event: Event, where: str) -> Iterator[Finding]:
    if not event.evidence:
        yield Finding(where, "no-evidence", f"{event.id} has no record to prove it")
    for proof in event.evidence:
        row = facts.execute(
            "SELECT record_id, digest FROM place WHERE warc = ? AND offset = ?", (proof.warc, proof.offset)
        ).fetchone()
        if row is None or row[0] != proof.record_id or row[1] != proof.digest:
            yield Finding(
                where,
                "evidence",
                f"{proof.role} record {proof.record_id} is not at byte {proof.offset} of {proof.warc}",
            )


def _items(facts: sqlite3.Connection, report: Report, seq: int, log: str | None) -> Iterator[Finding]:
    report.items = facts.execute("SELECT count(*) FROM home.item WHERE live").fetchone()[0]
    kept = dict(facts.execute("SELECT key, value FROM home.meta"))
    if int(kept.get("seq") or 0) != seq or (log is not None and kept.get("log") != log):
        yield Finding("state", "seq", f"the state is at {kept.get('log')} {kept.get('seq')}, the log at {log} {seq}")
    for site, name in facts.execute(
        "SELECT s.site, s.id FROM said s LEFT JOIN home.item i ON i.site = s.site AND i.id = s.id AND i.rev = s.rev AND i.seq = s.seq "
        "AND i.live = s.live AND i.json = s.json WHERE i.id IS NULL"
    ):
        yield Finding(
            f"item {name}", "item", f"the state says something else of it than the log ({site}): run `parknews rebuild`"
        )
    for site, name in facts.execute(
        "SELECT i.site, i.id FROM home.item i LEFT JOIN said s ON s.site = i.site AND s.id = i.id WHERE s.id IS NULL"
    ):
        yield Finding(f"item {name}", "item-without-event", f"the log never said it ({site}): run `parknews rebuild`")


# ------------------------------------------------------------------------------------------------------- rebuild
def rebuild_home(home: Home, sites: dict[str, Site], progress: Progress) -> dict[str, Any]:
    """Make index, state and views again.  Raises HeldError while another process uses the home."""
    with hold(home.locks / "home.lock"):
        for path in [*home.index.glob("*"), *home.root.glob("state.sqlite*"), home.feed / "feed.json"]:
            path.unlink(missing_ok=True)
        recover_home(home, lambda done, total: progress("records", done, total))
        state = State(home.state)
        try:
            state.put("seq_at_rebuild", state.get("seq") or "0")
            _runs(state, sites)
            _read_again(home, state, sites, progress)
            for (run,) in state.db.execute("SELECT id FROM run WHERE command = 'import'").fetchall():
                end_unanswered(state, run)
            _refused(state)
            _findings(state, sites)
            write_views(home, state)
            write_manifest(home)
            return {
                "captures": state.one("SELECT count(*) FROM capture"),
                "items": state.one("SELECT count(*) FROM item WHERE live"),
                "log": log_id(state),
                "seq": int(state.get("seq") or 0),
            }
        finally:
            state.close()


def _runs(state: State, sites: dict[str, Site]) -> None:
    """Runs and last visits as the captures tell them."""
    with state.transaction() as db:
        for run, names, first, last in db.execute(
            "SELECT run, json_group_array(DISTINCT site), min(at), max(at) FROM capture WHERE run IS NOT NULL "
            "AND NOT instr(warc, ?) GROUP BY run",
            (IMPORTED,),
        ).fetchall():
            seconds = [datetime.fromisoformat(moment).timestamp() for moment in (first, last)]
            kept = json.dumps(sorted(name for name in json.loads(names) if name))
            db.execute(
                "INSERT OR IGNORE INTO run(id, command, started, ended, ending, sites) VALUES (?, 'crawl', ?, ?, 'rebuilt', ?)",
                (run, *seconds, kept),
            )
        db.execute(
            "INSERT OR IGNORE INTO run(id, command, started, ended, ending, sites) "
            "SELECT DISTINCT run, 'import', ?1, ?1, 'rebuilt', '[]' FROM capture WHERE run IS NOT NULL AND instr(warc, ?2)",
            (time.time(), IMPORTED),
        )
        for name, site in sites.items():
            last = state.one("SELECT max(at) FROM capture WHERE site = ? AND NOT instr(warc, ?)", name, IMPORTED)
            if last:
                moment = datetime.fromisoformat(last).timestamp()
                db.execute(
                    "INSERT OR IGNORE INTO site(name, last_run, next_due) VALUES (?, ?, ?)",
                    (name, moment, moment + site.period),
                )


def _read_again(home: Home, state: State, sites: dict[str, Site], progress: Progress) -> None:
    total = state.one("SELECT count(*) FROM capture WHERE outcome IS NULL")
    done = 0

    def count(_: object) -> None:
        nonlocal done
        done += 1
        progress("pages", done, total)

    harvest = Harvest(
        home,
        sites,
        Rules(0, False, replay=True),
        workers=default_workers(),
        progressed=quiet,
        count=count,
    )
    harvest.start()
    harvest.finish()


def _findings(state: State, sites: dict[str, Site]) -> None:
    """What was wrong after each site's last run, as far as the archive tells; none of it is news."""
    with state.transaction():
        for name, site in sites.items():
            run = state.one("SELECT max(run) FROM capture WHERE site = ? AND NOT instr(warc, ?)", name, IMPORTED)
            last = state.one("SELECT last_run FROM site WHERE name = ?", name)
            if run is not None and last is not None and not site.retired:
                keep(state, name, examine(state, site, run, {}), last - 2)


def _refused(state: State) -> None:
    """Rows that robots.txt refuses would be refused again by the next run: end them now."""
    rules = Politeness(state, 0.0, 1, 1)
    with state.transaction() as db:
        for row in state.targets("state = 'pending' AND role != 'robots'"):
            known = rules.rules(row.url)
            if known and known.status == "ok" and not known.allows(row.url):
                db.execute("UPDATE url SET state = 'failed', reason = 'robots' WHERE id = ?", (row.id,))
