"""HOME/state.sqlite: frontier, captures, items and hosts, always rebuildable from WARCs, change log and sites/.

Write order: WARC bytes are fsynced before a row names them, log lines before an item does (design, write order); so
the archive is never behind the state.  Each thread opens its own State; writers use short `transaction()`s, readers
none (WAL).  Times are unix seconds (REAL) where we compute with them and RFC 3339 text where they are a record's.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.record import REMEDY

SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS warc(name TEXT PRIMARY KEY, committed INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run(
  id INTEGER PRIMARY KEY, command TEXT NOT NULL, started REAL NOT NULL, ended REAL, ending TEXT,
  sites TEXT NOT NULL, full INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS url(
  id INTEGER PRIMARY KEY, site TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL, method TEXT NOT NULL DEFAULT 'GET',
  headers TEXT, body BLOB, role TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, not_before REAL NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, run INTEGER NOT NULL, via TEXT,
  hops TEXT NOT NULL DEFAULT '', list TEXT, row_title TEXT, row_date TEXT, row_source TEXT, page INTEGER NOT NULL DEFAULT 1,
  why TEXT, redirected_to INTEGER, capture INTEGER, etag TEXT, last_modified TEXT, checked REAL, next_check REAL,
  checks INTEGER NOT NULL DEFAULT 0, UNIQUE(site, key));
CREATE INDEX IF NOT EXISTS url_due ON url(host, priority DESC, id) WHERE state IN ('pending', 'retry');
CREATE INDEX IF NOT EXISTS url_redirected ON url(redirected_to) WHERE redirected_to IS NOT NULL;
CREATE INDEX IF NOT EXISTS url_check ON url(site, next_check) WHERE next_check IS NOT NULL;
CREATE TABLE IF NOT EXISTS need(parent INTEGER NOT NULL, child INTEGER NOT NULL, role TEXT NOT NULL, rank INTEGER NOT NULL,
  PRIMARY KEY(parent, child)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS need_child ON need(child);
CREATE TABLE IF NOT EXISTS capture(
  id INTEGER PRIMARY KEY, url_id INTEGER, site TEXT NOT NULL, url TEXT NOT NULL, role TEXT NOT NULL, run INTEGER,
  at TEXT NOT NULL, type TEXT NOT NULL, status INTEGER, mime TEXT, warc TEXT NOT NULL, offset INTEGER NOT NULL,
  length INTEGER NOT NULL, record_id TEXT NOT NULL, digest TEXT, size INTEGER NOT NULL DEFAULT 0, truncated TEXT,
  error TEXT, refers TEXT, list TEXT, row_title TEXT, row_date TEXT, row_source TEXT, outcome TEXT, sha256 TEXT, UNIQUE(warc, offset));
CREATE INDEX IF NOT EXISTS capture_digest ON capture(digest) WHERE type = 'response';
CREATE INDEX IF NOT EXISTS capture_open ON capture(id) WHERE outcome IS NULL;
CREATE INDEX IF NOT EXISTS capture_waiting ON capture(id) WHERE outcome = 'waiting';
CREATE INDEX IF NOT EXISTS capture_url ON capture(url_id, id);
CREATE INDEX IF NOT EXISTS capture_record ON capture(record_id);
CREATE INDEX IF NOT EXISTS capture_site ON capture(site, run);
CREATE INDEX IF NOT EXISTS capture_list ON capture(site, list, id) WHERE role = 'list';
CREATE TABLE IF NOT EXISTS listed(
  site TEXT NOT NULL, list TEXT NOT NULL, url TEXT NOT NULL, title TEXT, date TEXT, position INTEGER NOT NULL,
  previous INTEGER, run INTEGER NOT NULL, capture INTEGER,
  PRIMARY KEY(site, list, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS elsewhere(
  site TEXT NOT NULL, list TEXT NOT NULL, url TEXT NOT NULL, title TEXT, date TEXT, run INTEGER NOT NULL, capture INTEGER,
  PRIMARY KEY(site, list, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item(
  site TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, rev INTEGER NOT NULL, live INTEGER NOT NULL, seq INTEGER NOT NULL,
  digest TEXT, published TEXT, first_seen TEXT NOT NULL, misses INTEGER NOT NULL DEFAULT 0, json BLOB NOT NULL,
  PRIMARY KEY(site, id)) WITHOUT ROWID;
DROP INDEX IF EXISTS item_recent;
CREATE INDEX IF NOT EXISTS item_latest ON item(COALESCE(published, first_seen) DESC, id) WHERE live;
CREATE INDEX IF NOT EXISTS item_said ON item(digest, site);
CREATE INDEX IF NOT EXISTS item_seq ON item(seq);
CREATE TABLE IF NOT EXISTS story(
  id INTEGER PRIMARY KEY, site TEXT NOT NULL, item TEXT NOT NULL, signature BLOB NOT NULL, cluster INTEGER, UNIQUE(site, item));
CREATE INDEX IF NOT EXISTS story_cluster ON story(cluster) WHERE cluster IS NOT NULL;
CREATE TABLE IF NOT EXISTS band(value INTEGER NOT NULL, story INTEGER NOT NULL, PRIMARY KEY(value, story)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS band_story ON band(story);
CREATE TABLE IF NOT EXISTS alike(
  story INTEGER NOT NULL, other INTEGER NOT NULL, likeness REAL NOT NULL, PRIMARY KEY(story, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias(site TEXT NOT NULL, url TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(site, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS origin(
  name TEXT PRIMARY KEY, robots TEXT, robots_status TEXT, robots_at REAL, robots_capture INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS host(
  name TEXT PRIMARY KEY, not_before REAL NOT NULL DEFAULT 0, delay REAL NOT NULL DEFAULT 0, day TEXT, requests INTEGER NOT NULL DEFAULT 0)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS finding(
  site TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY(site, kind, detail)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS added(
  batch TEXT NOT NULL, url TEXT NOT NULL, status TEXT NOT NULL, name TEXT, note TEXT NOT NULL, PRIMARY KEY(batch, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS site(name TEXT PRIMARY KEY, last_run REAL, next_due REAL, note TEXT) WITHOUT ROWID;
"""
DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
LIVE = "('pending', 'retry', 'captured')"  # states in which a request has not ended yet


class StateError(Exception):
    """The database cannot be used; the message names file and remedy."""


@dataclass(frozen=True)
class Target:
    """One row of the frontier: a URL to ask, with what its capture must remember.

    headers: JSON object of extra request headers or None.  body: request body for POST.  hops: Heritrix hop path
    (L link, E embed, R redirect, P prerequisite).  page: number of a list page, from 1.  why: what an article is asked
    again for (vanished, altered, recent, plan).
    """

    id: int
    site: str
    key: str
    url: str
    method: str
    headers: str | None
    body: bytes | None
    role: str
    host: str
    state: str
    priority: int
    attempts: int
    run: int
    via: str | None
    hops: str
    list: str | None
    row_title: str | None
    row_date: str | None
    row_source: str | None
    page: int
    why: str | None
    capture: int | None
    etag: str | None
    last_modified: str | None


TARGET = ", ".join(Target.__dataclass_fields__)


@dataclass(frozen=True)
class Capture:
    """One answer in the archive (or a failure that left only a metadata record: type "metadata")."""

    id: int
    url_id: int | None
    site: str
    url: str
    role: str
    run: int | None
    at: str
    type: str
    status: int | None
    mime: str | None
    warc: str
    offset: int
    length: int
    record_id: str
    digest: str | None
    size: int
    truncated: str | None
    error: str | None
    refers: str | None
    list: str | None
    row_title: str | None
    row_date: str | None
    row_source: str | None
    outcome: str | None
    sha256: str | None


CAPTURE = ", ".join(Capture.__dataclass_fields__)


class _Connection(sqlite3.Connection):
    """A connection whose errors of disk and file name the file and what would do."""

    path: Path

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            _tell(error, self.path)
            raise

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.DatabaseError as error:
            _tell(error, self.path)
            raise


def _tell(error: sqlite3.DatabaseError, path: Path) -> None:
    """Raise StateError when disk or file are to blame; any other error is our mistake."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the extended code says the rest
    if code in DAMAGED:
        raise StateError(f"{path}: {error}: delete it and run `parknews rebuild`") from error
    if code in DISK:
        raise StateError(f"{path}: {error}; nothing that was archived is lost. {REMEDY}") from error


class State:
    """One connection to state.sqlite."""

    def __init__(self, path: Path) -> None:
        try:
            self.db = sqlite3.connect(
                path, isolation_level=None, timeout=60, check_same_thread=False, factory=_Connection
            )
            self.db.path = path
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")
            # measured: with the default 1,000 pages SQLite is disk-bound after 2 M rows
            self.db.execute("PRAGMA wal_autocheckpoint = 20000")
            self.db.executescript(SCHEMA)
            version = self.get("schema")
            if version is None:
                self.put("schema", str(SCHEMA_VERSION))
            elif int(version) != SCHEMA_VERSION:
                raise StateError(
                    f"{path}: schema {version}, this program reads {SCHEMA_VERSION}: run `parknews rebuild`"
                )
        except sqlite3.DatabaseError as error:  # of connect and executescript
            _tell(error, path)
            raise

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block in one write transaction; rolled back when it raises."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:  # SQLite itself rolls back when the disk is full
                self.db.execute("ROLLBACK")
            raise

    def get(self, key: str) -> str | None:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def put(self, key: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value)
        )

    def one(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, None when there is no row."""
        row = self.db.execute(sql, values).fetchone()
        return row[0] if row else None

    def targets(self, where: str, *values: Any) -> list[Target]:
        return [Target(*row) for row in self.db.execute(f"SELECT {TARGET} FROM url WHERE {where}", values)]

    def captures(self, where: str, *values: Any) -> list[Capture]:
        return [Capture(*row) for row in self.db.execute(f"SELECT {CAPTURE} FROM capture WHERE {where}", values)]

    def insert(self, table: str, rows: Iterable[dict[str, Any]], *, ignore: bool = False) -> None:
        verb = "INSERT OR IGNORE" if ignore else "INSERT"
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" * len(row))
            self.db.execute(f"{verb} INTO {table}({names}) VALUES ({marks})", tuple(row.values()))
