"""`parknews import`: what other tools captured enters the same line, without the network.

    FILE -> HOME/warc/NAME~….warc.gz (archive.foreign) -> a note of each answer, in a WARC of ours -> capture and row of the
    state -> harvest -> change log

The note is a metadata record that refers to the answer and says as what it came in (site, role, list, run …), as the
metadata of an exchange of ours does; so `rebuild` and a killed import find everything again.  Which answer is what, the
frontier decides as in a crawl, with the imported answers for a network (crawler.pool).  What another tool saw never
stands in for an answer of ours: no revisit refers to it, and no conditional request is made from it.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from typing import Any

import msgspec

from archive.foreign import Brought, bring_in, kind_of, tidy
from archive.index import merge, missing, write_index
from archive.lock import hold
from archive.manifest import write_manifest
from archive.paths import Home
from archive.reader import resolve
from archive.state import State
from archive.writer import WarcWriter
from crawler.config import MB, VERSION, Config
from crawler.harvest import Harvest
from crawler.options import default_workers
from crawler.outcome import Outcome
from crawler.pool import Asked, Pool, end_unanswered
from crawler.rebuild import recover_home, roll_forward
from crawler.rows import host_of
from crawler.views import write_views
from crawler.walk import Rules
from pipelines.feed import ChangeLog
from spiders.site import Site

Progress = Callable[[str, int, int], None]
UNFINISHED = "SELECT max(id) FROM run WHERE command = 'import' AND ended IS NULL"
UNFINISHED_SITES = f"SELECT DISTINCT site FROM capture WHERE run = ({UNFINISHED})"
LEFT_NAMED = 20  # stretches that did not come in, named in the note of a file


@dataclass
class Imported:
    """What an import did.  roles: answers by what they came in as.  events: by op.  unread: pages of a site that neither
    its lists nor its article_url name.  undefined: pages of hosts that no definition covers."""

    files: list[Brought] = field(default_factory=list)
    run: int | None = None
    roles: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    unread: dict[str, int] = field(default_factory=dict)
    undefined: Counter[str] = field(default_factory=Counter)

    @property
    def findings(self) -> int:
        return sum(len(one.left_out) for one in self.files)

    def as_table(self) -> dict[str, Any]:
        table: dict[str, Any] = msgspec.to_builtins(vars(self))
        return table


def import_files(
    home: Home, config: Config, sites: dict[str, Site], paths: Sequence[Path], progress: Progress
) -> Imported:
    """Bring files in, read what they say, publish it as back-fill.  The same files again change nothing.

    Raises NotWarcError before anything is changed, HeldError, ArchiveError.
    """
    for path in paths:
        kind_of(path)
    done = Imported()
    with ExitStack() as stack:
        stack.enter_context(hold(home.locks / "home.lock", shared=True))
        stack.enter_context(hold(home.locks / "import.lock"))
        with hold(home.locks / "recovery.lock", wait=True):
            recover_home(home)
        state = State(home.state)
        stack.callback(state.close)
        tidy(home)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=home.root, prefix=".import-")))
        pool = Pool(state, sites, scratch / "pool.sqlite")
        stack.callback(pool.close)
        new, filled = 0, set[str]()
        for path in paths:
            for brought in bring_in(home, path, pool.knows, lambda now, total: progress("files", now, total)):
                done.files.append(brought)
                if brought.warc and brought.warc not in filled:  # at once: the next file may hold the same answers
                    filled.add(brought.warc)
                    new += pool.fill(home.warc / brought.warc)
        pool.settle()
        wanted = pool.names() | {row[0] for row in state.db.execute(UNFINISHED_SITES)}
        concerned = {name: site for name, site in sites.items() if name in wanted}
        for name in concerned:
            stack.enter_context(hold(home.locks / f"site-{name}.lock"))
        if new or state.one(UNFINISHED) is not None:
            _Import(home, config, concerned, state, pool, new, done, progress).execute()
    return done


class _Import:
    """One run over a filled pool."""

    def __init__(
        self, home: Home, config: Config, sites: dict[str, Site], state: State, pool: Pool, total: int, done: Imported,
        progress: Progress,
    ) -> None:  # fmt: skip
        self.home, self.sites, self.state, self.pool, self.done, self.progress = (
            home,
            sites,
            state,
            pool,
            done,
            progress,
        )
        self.run = done.run = self._open()
        self.idle = Flag()
        self.entered, self.total = 0, total
        self.closed: list[Path] = []  # not committed yet
        self.written: list[str] = []
        self.writer = WarcWriter(
            home.warc,
            collection=config.collection,
            info=_info(config, self.run),
            max_size=config.limits.warc_mb * MB,
            on_closed=self._closed,
        )
        rules = Rules(self.run, True, backfill=True)
        self.harvest = Harvest(
            home,
            sites,
            rules,
            workers=config.workers or default_workers(),
            progressed=self._progressed,
            count=self._count,
        )
        state.db.execute("CREATE TEMP TABLE scope(name TEXT PRIMARY KEY)")
        state.db.executemany("INSERT INTO temp.scope VALUES (?)", [(name,) for name in sites])

    def _open(self) -> int:
        """Go on with an import that was killed, or begin a run; no site counts as crawled by it."""
        unfinished = self.state.one(UNFINISHED)
        if unfinished is not None:
            return int(unfinished)
        with self.state.transaction() as db:
            row = db.execute(
                "INSERT INTO run(command, started, sites, full) VALUES ('import', ?, '[]', 1)", (time.time(),)
            )
        return int(row.lastrowid or 0)

    def execute(self) -> None:
        before, whole = int(self.state.get("seq") or 0), False
        self.harvest.start()
        try:
            with self.writer:
                for brought in self.done.files:
                    self._note_file(brought)
                self._rounds()
                while self._enter(self.pool.left()):
                    pass
            whole = True
        finally:
            self.harvest.finish(whole=whole)
        self._close(before)

    def _rounds(self) -> None:
        """Let the frontier ask until it asks for nothing that the pool has."""
        newest = 0
        self._wait()  # what an import that was killed had entered
        self._enter(self.pool.opening())
        while True:
            asked, newest = self.pool.asked(newest)
            if self._enter(asked):
                continue
            asked, _ = self.pool.asked()
            if not (self._enter(asked) or self._enter(self.pool.alike()) or self._enter(self.pool.needed())):
                break
        self.done.unread = self.pool.unread()

    def _enter(self, asked: Iterable[Asked]) -> int:
        """Note answers, enter them into the state, have them read; return how many there were."""
        given = list(asked)
        if not given:
            return 0
        for one in given:
            self.writer.write_note(one.url, one.answer.record_id, _fields(one, self.run))
            self.done.roles[one.fields["role"]] += 1
            if one.fields["role"] == "page" and self.pool.undefined(one.url):
                self.done.undefined[host_of(one.url)] += 1
        self.writer.sync()
        self._commit(self.writer.position)
        self.pool.take(given)
        self.entered += len(given)
        self.progress("answers", self.entered, self.total)
        self.harvest.notify()
        self._wait()
        return len(given)

    def _wait(self) -> None:
        """Return when all that was entered has been read."""
        while self.harvest.busy():
            self.idle.wait(1.0)
            self.idle.clear()
        if self.harvest.trouble is not None:
            raise self.harvest.trouble

    def _commit(self, position: tuple[str, int] | None) -> None:
        """Enter what was noted into the state, by the way that a recovery takes."""
        for name in [path.name for path in self.closed] + ([position[0]] if position else []):
            path = resolve(self.home.warc, name)
            committed = int(self.state.one("SELECT committed FROM warc WHERE name = ?", name) or 0)
            roll_forward(self.state, path, committed, path.stat().st_size)
        self.closed.clear()

    def _closed(self, path: Path) -> None:
        self.closed.append(path)
        self.written.append(path.name)

    def _note_file(self, brought: Brought) -> None:
        """Say where an imported file came from."""
        if not brought.new or brought.warc is None:
            return
        left = [f"{'' if one.offset is None else f'byte {one.offset}: '}{one.why}" for one in brought.left_out]
        fields = [
            ("importedWarc", brought.warc), ("importedFrom", brought.source), ("sha256", brought.sha256),
            ("records", str(brought.records)), *(("leftOut", text) for text in left[:LEFT_NAMED]), ("run", str(self.run)),
        ]  # fmt: skip
        self.writer.write_note(f"urn:sha256:{brought.sha256}", None, fields)

    def _close(self, before: int) -> None:
        self._commit(None)
        end_unanswered(self.state, self.run)
        for path in missing(self.home.warc, self.home.index):
            write_index(path, self.home.index)
        merge(self.home.index)
        with self.state.transaction() as db:
            db.executemany("UPDATE warc SET closed = 1 WHERE name = ?", [(name,) for name in self.written])
            db.execute("UPDATE run SET ended = ?, ending = 'finished' WHERE id = ?", (time.time(), self.run))
        write_views(self.home, self.state)
        write_manifest(self.home)
        for event in ChangeLog(self.home.changes).events(before):
            self.done.events[event.op] += 1

    # ------------------------------------------------------------------------------ from the harvest's thread
    def _progressed(self, hosts: set[str], origins: set[str]) -> None:  # noqa: ARG002
        self.idle.set()

    def _count(self, outcome: Outcome) -> None:
        self.done.outcomes[outcome.error or outcome.reading.rejected or "read"] += 1


def _fields(one: Asked, run: int) -> list[tuple[str, str]]:
    answer = one.answer
    place = {"importedWarc": answer.warc, "importedOffset": str(answer.offset)}
    if answer.request is not None:
        place["importedRequest"] = str(answer.request)
    return [*one.fields.items(), ("run", str(run)), *place.items()]


def _info(config: Config, run: int) -> dict[str, str]:
    pairs = {
        "software": f"parknews/{VERSION}",
        "operator": " ".join(part for part in (config.operator, config.contact) if part),
        "description": f"import, run {run}: notes of answers in WARC files of other tools",
    }
    return {key: value for key, value in pairs.items() if value}
