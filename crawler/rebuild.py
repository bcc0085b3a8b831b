"""From the archive to the state: after a crash (the records that the state does not know yet) and as a whole.

What is committed stays as it is; whole records beyond it become captures and their rows captured, so that they are
read from the archive and not asked again; events beyond the state's seq are applied.  `rebuild` is the same from
offset 0, then every capture is read once more without the network: same function, same order, same result.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.exchanges import Exchanged
from archive.exchanges import exchanges as grouped
from archive.index import missing, write_index
from archive.lock import hold
from archive.message import parse_head
from archive.paths import IMPORTED, Home, is_imported
from archive.reader import Entry, WarcFormatError, entry_of, final_name, open_record, resolve, scan
from archive.record import ArchiveError
from archive.recover import recover
from archive.state import State, Target
from archive.warcfields import read_fields
from archive.whole import tidy_drafts
from crawler.ending import Answer, ending
from crawler.harvest import catch_up
from crawler.rows import PRIORITY, capture_values, count_request, host_of, row_key, settle_row
from pipelines.feed import ChangeLog

log = logging.getLogger(__name__)
HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Rolled:
    """What a recovery found.  cut: bytes of torn tails, kept as .tail; captures and events: beyond the state."""

    cut: int = 0
    captures: int = 0
    events: int = 0


def recover_home(home: Home, progress: Callable[[int, int], None] | None = None) -> Rolled:
    """Bring the state up to what lies in WARCs and log.  Run by every command that writes, under the recovery lock."""
    found = recover(home.warc)
    for folder in (home.feed, home.feed / "schema", home.manifests):
        tidy_drafts(folder)
    state = State(home.state)
    try:
        captures = 0
        files = [path for path in sorted(home.warc.glob("*.warc.gz")) if path.name not in found.live]
        sizes = {path: path.stat().st_size for path in files}
        done = 0
        for path in files:
            committed = state.one("SELECT committed FROM warc WHERE name = ?", path.name) or 0
            if committed < sizes[path]:
                try:
                    captures += roll_forward(state, path, committed, sizes[path])
                except WarcFormatError as error:  # what is whole before it was indexed; verify says what is wrong
                    log.error("%s: run `parknews verify`", error)
            state.db.execute("UPDATE warc SET closed = 1 WHERE name = ? AND NOT closed", (path.name,))
            done += sizes[path]
            if progress:
                progress(done, sum(sizes.values()))
        for path in missing(home.warc, home.index):
            write_index(path, home.index, on_damage=lambda error: log.error("%s: run `parknews verify`", error))
        with hold(home.locks / "changes.lock", wait=True):
            changes = ChangeLog(home.changes)
            changes.repair()
            events = catch_up(state, changes)
    finally:
        state.close()
    return Rolled(sum(one.cut for one in found.recovered), captures, events)


def roll_forward(state: State, path: Path, offset: int, size: int) -> int:
    """Enter the exchanges of a WARC from `offset` on, in one transaction; return how many.

    Those of an imported WARC come in by the notes that the import wrote to a file of ours.
    """
    count, name = 0, final_name(path)
    with state.transaction() as db:
        for exchange in () if is_imported(name) else exchanges(path, offset):
            enter(state, exchange)
            count += 1
        db.execute(
            "INSERT INTO warc VALUES (?, ?, ?) ON CONFLICT(name) DO UPDATE SET committed = excluded.committed",
            (name, size, path.name == name),
        )
    return count


@dataclass(frozen=True)
class Entered:
    """An exchange on its way into the state.

    main: response, revisit, or metadata alone.  url: as the frontier has it.  fields: what was noted of it.
    """

    main: Entry
    request: Entry | None
    url: str
    fields: dict[str, str]

    @property
    def run(self) -> int | None:
        return int(self.fields["run"]) if self.fields.get("run", "").isdigit() else None

    @property
    def imported(self) -> bool:
        return is_imported(self.main.ref.warc)


def exchanges(path: Path, offset: int = 0) -> Iterator[Entered]:
    """Yield the exchanges of a file of ours, and those in imported files of which it holds our notes."""
    for group in grouped(scan(path, offset)):
        main, note = main_of(group), group.metadata
        fields = dict(read_fields(_block(path, note))) if note else {}
        if note is not None and "importedOffset" in fields:
            try:
                yield _noted(path.parent, note, fields)
            except (ArchiveError, WarcFormatError, ValueError, KeyError) as error:
                log.error("%s: an import's note leads nowhere: %s", path, error)
        elif main is not None:
            yield Entered(main, group.request, main.headers.uri("WARC-Target-URI") or "", fields)


def main_of(group: Exchanged) -> Entry | None:
    """Return the record that the capture of an exchange names: the answer, or the metadata of a failure of ours.

    None for what is no exchange: notes of an import, other records of other tools.
    """
    note = group.metadata
    if group.answer is not None or note is None or is_imported(note.ref.warc):
        return group.answer
    about = note.headers.get("WARC-Refers-To") or (note.headers.uri("WARC-Target-URI") or "").startswith("urn:")
    return None if about else note


def _noted(warcs: Path, note: Entry, fields: dict[str, str]) -> Entered:
    """Find what an import has noted: WARC file, offset of the answer, offset of its request if there is one."""
    path = resolve(warcs, Path(fields["importedWarc"]).name)
    request = _entry(path, int(fields["importedRequest"])) if "importedRequest" in fields else None
    main = _entry(path, int(fields["importedOffset"]))
    return Entered(main, request, note.headers.uri("WARC-Target-URI") or "", fields)


def _entry(path: Path, offset: int) -> Entry:
    with open_record(path, offset) as stream:
        return entry_of(stream, stream.pieces())


def _block(path: Path, entry: Entry) -> bytes:
    if entry.block_length <= len(entry.start):
        return entry.start
    with open_record(path, entry.ref.offset) as record:
        return b"".join(record.pieces())


def enter(state: State, exchange: Entered) -> None:
    """Insert the capture of an exchange and end its row as the live crawl would have."""
    main = exchange.main
    where = (main.ref.warc, main.ref.offset)
    known = state.one("SELECT site FROM capture WHERE warc = ? AND offset = ?", *where)
    if known is not None and (known or not (exchange.imported and exchange.fields.get("site"))):
        return
    # an imported answer that was only kept, as no site was defined then: now a site has it
    state.db.execute("DELETE FROM capture WHERE warc = ? AND offset = ?", where)
    kind = main.ref.type if main.ref.type in ("response", "revisit") else "metadata"
    refers = _refers(state, exchange) if kind == "revisit" else None
    answer, size = _answer(state, exchange, kind, refers)
    method, body = asked(exchange.request)
    target, ours = _target(state, method, body, exchange)
    end = ending(target, answer)
    captured = capture_values(
        target,
        answer,
        end.state,
        kind,
        reason=end.reason,
        warc=main.ref.warc,
        offset=main.ref.offset,
        length=main.ref.length,
        record_id=main.ref.record_id,
        at=main.ref.date,
        digest=main.headers.get("WARC-Payload-Digest"),
        size=size,
        refers=refers,
        run=exchange.run,
    )
    aside = _aside(state, target, answer, exchange, refers) if exchange.imported else None
    if exchange.imported:
        captured |= {"url": main.headers.uri("WARC-Target-URI") or ""} | ({"outcome": aside} if aside else {})
    state.insert("capture", [captured])
    if exchange.request is not None and answer.error != "unanswered" and not exchange.imported:
        count_request(state, target.host, _seconds(main.ref.date), end.pause)
    if target.id and ours and not aside:  # a single URL or a probe has no row in the frontier
        settle_row(
            state, target, end.state, end.reason, end.not_before, end.location, target.run, _seconds(main.ref.date)
        )


def _answer(state: State, exchange: Entered, kind: str, refers: str | None) -> tuple[Answer, int]:
    """Return what came back, and how many bytes its body has on the wire."""
    main, fields = exchange.main, exchange.fields
    if kind == "metadata":
        return Answer(None, {}, None, fields.get("error")), 0
    not_modified = "server-not-modified" in (main.headers.get("WARC-Profile") or "")
    raw = main.start
    if not_modified and not exchange.imported:
        raw = fields.get("http-header", "").encode("latin-1", "replace")
    head = parse_head(HEAD_END.split(raw, maxsplit=1)[0] + b"\r\n\r\n")
    status = head.status
    if status is None and exchange.imported and kind == "revisit":  # some tools leave the header block out
        status = 304 if not_modified else state.one("SELECT status FROM capture WHERE record_id = ?", refers)
    truncated = main.headers.get("WARC-Truncated") if kind == "response" else None
    table = {name.lower(): value for name, value in head.pairs}
    return Answer(status, table, truncated, fields.get("error")), _body_length(main) if kind == "response" else 0


def _refers(state: State, exchange: Entered) -> str | None:
    """Return the record id of a revisit's original; of other tools' files only if the archive has it.

    WARC 1.1 §6.7: they name it by its id, by URI and date, or by the digest alone.
    """
    headers = exchange.main.headers
    named = headers.uri("WARC-Refers-To")
    if not exchange.imported:
        return named
    places = (
        ("record_id = ?", (named,)),
        ("url = ? AND at = ?", (headers.uri("WARC-Refers-To-Target-URI"), headers.get("WARC-Refers-To-Date"))),
        ("digest = ? AND instr(warc, ?)", (headers.get("WARC-Payload-Digest"), IMPORTED)),
    )
    found = (state.one(f"SELECT record_id FROM capture WHERE type = 'response' AND {sql}", *at) for sql, at in places)
    return next((record_id for record_id in found if record_id), None)


def _aside(state: State, target: Target, answer: Answer, exchange: Entered, refers: str | None) -> str | None:
    """Say why an imported answer is kept but not read; None if it is read."""
    if answer.status == 304:
        return "not-modified"
    if exchange.main.ref.type == "revisit" and refers is None:
        return "unresolved"
    newer = (
        "SELECT 1 FROM capture WHERE url_id = ? AND type != 'metadata' AND julianday(at) > julianday(?) "
        "AND outcome IS NOT 'not-modified' AND outcome IS NOT 'unresolved'"
    )
    if target.id and target.role != "list" and state.one(newer, target.id, exchange.main.ref.date):
        return "older"  # an item says what its site says now
    return None


def _body_length(main: Entry) -> int:
    found = HEAD_END.search(main.start)
    return main.block_length - found.end() if found else 0


def asked(request: Entry | None) -> tuple[str, bytes]:
    """Return method and body of a request record; GET when there is none."""
    if request is None:
        return "GET", b""
    head, _, body = request.start.partition(b"\r\n\r\n")
    return head.split(b" ", 1)[0].decode("latin-1") or "GET", body


def _seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()


def _target(state: State, method: str, body: bytes, exchange: Entered) -> tuple[Target, bool]:
    """Return the frontier row of an exchange, made anew from its metadata when there is none; and whether it ends it.

    An import ends rows that came with it, and leaves those that the crawl has or is about to ask.
    """
    fields, url = exchange.fields, exchange.url
    site, key = fields.get("site", ""), row_key(fields.get("role", "page"), fields.get("list"), url, method, body)
    run = exchange.run or 0
    known = state.targets("site = ? AND key = ?", site, key)
    if not known and not fields:
        known = state.targets("key = ? AND state IN ('pending', 'retry') LIMIT 1", key)
    if not known and not site:
        return Target(
            0, "", key, url, method, None, body or None, fields.get("role", "page"), host_of(url), "", 0, 0, run, fields.get("via"),
            fields.get("hopsFromSeed", ""), None, None, None, None, 1, None, None, None, None,
        ), False  # fmt: skip
    if known and exchange.imported and known[0].run != run:
        return known[0], False
    if not known:
        role = fields.get("role", "page")
        extra = {}
        if exchange.request is not None and method != "GET":
            extra = {
                k: v
                for k, v in parse_head(exchange.request.start).pairs
                if k.lower() in ("content-type", "x-requested-with")
            }
        state.insert(
            "url",
            [
                {
                    "site": site, "key": key, "url": url, "method": method, "headers": json.dumps(extra) if extra else None,
                    "body": body or None, "role": role, "host": host_of(url), "state": "pending",
                    "priority": PRIORITY.get(role, 0), "run": run, "via": fields.get("via"), "hops": fields.get("hopsFromSeed", ""),
                    "list": fields.get("list"), "row_title": fields.get("rowTitle"), "row_date": fields.get("rowDate"), "row_source": fields.get("rowSource"),
                    "page": int(fields.get("page", "1")), "why": fields.get("why"),
                }
            ],
        )  # fmt: skip
        known = state.targets("site = ? AND key = ?", site, key)
    row = known[0]
    state.db.execute(
        "UPDATE url SET run = max(run, ?), row_title = COALESCE(?, row_title), row_date = COALESCE(?, row_date), why = ? WHERE id = ?",
        (run, fields.get("rowTitle"), fields.get("rowDate"), fields.get("why"), row.id),
    )
    return state.targets("id = ?", row.id)[0], True
