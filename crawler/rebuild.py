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

from archive.index import missing, write_index
from archive.lock import hold
from archive.message import HttpHead, parse_head
from archive.paths import Home
from archive.reader import Entry, WarcFormatError, open_record, scan
from archive.recover import recover
from archive.state import State, Target
from archive.warcfields import read_fields
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
    """Enter the exchanges of a WARC from `offset` on, in one transaction; return how many."""
    count = 0
    with state.transaction() as db:
        for exchange in exchanges(path, offset):
            enter(state, exchange)
            count += 1
        db.execute(
            "INSERT INTO warc VALUES (?, ?, 1) ON CONFLICT(name) DO UPDATE SET committed = excluded.committed",
            (path.name, size),
        )
    return count


@dataclass(frozen=True)
class Exchanged:
    """The records of one exchange as they lie in a WARC.  main: response, revisit, or metadata alone."""

    main: Entry
    request: Entry | None
    fields: dict[str, str]


def exchanges(path: Path, offset: int = 0) -> Iterator[Exchanged]:
    """Yield the exchanges of a file of ours: response or revisit, request, metadata, in this order."""
    group: list[Entry] = []
    for entry in scan(path, offset):
        if entry.ref.type == "warcinfo":
            continue
        group.append(entry)
        if entry.ref.type == "metadata":
            main = next((one for one in group if one.ref.type in ("response", "revisit")), entry)
            request = next((one for one in group if one.ref.type == "request"), None)
            yield Exchanged(main, request, dict(read_fields(_block(path, entry))))
            group = []
    main_left = next((one for one in group if one.ref.type in ("response", "revisit")), None)
    if main_left is not None:  # the cut took its metadata: still an answer that need not be asked again
        yield Exchanged(main_left, next((one for one in group if one.ref.type == "request"), None), {})


def _block(path: Path, entry: Entry) -> bytes:
    if entry.block_length <= len(entry.start):
        return entry.start
    with open_record(path, entry.ref.offset) as record:
        return b"".join(record.pieces())


def enter(state: State, exchange: Exchanged) -> None:
    """Insert the capture of an exchange and end its row as the live crawl would have."""
    main, fields = exchange.main, exchange.fields
    url = main.headers.uri("WARC-Target-URI") or ""
    kind = main.ref.type if main.ref.type in ("response", "revisit") else "metadata"
    not_modified = "server-not-modified" in (main.headers.get("WARC-Profile") or "")
    raw = fields.get("http-header", "").encode("latin-1", "replace") if not_modified else main.start
    head = parse_head(HEAD_END.split(raw, maxsplit=1)[0] + b"\r\n\r\n") if kind != "metadata" else None
    truncated = main.headers.get("WARC-Truncated") if kind == "response" else None
    answer = Answer(
        head.status if head else None,
        {name.lower(): value for name, value in head.pairs} if head else {},
        truncated,
        fields.get("error"),
    )
    method, body = _asked(exchange.request)
    target = _target(state, url, method, body, exchange)
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
        size=_body_length(main, head) if kind == "response" else 0,
        refers=(main.headers.uri("WARC-Refers-To")) if kind == "revisit" else None,
        run=int(fields["run"]) if fields.get("run", "").isdigit() else None,
    )
    if state.one("SELECT 1 FROM capture WHERE warc = ? AND offset = ?", main.ref.warc, main.ref.offset):
        return
    state.insert("capture", [captured])
    if exchange.request is not None and answer.error != "unanswered":
        count_request(state, target.host, _seconds(main.ref.date), end.pause)
    if target.id == 0:  # a single URL or a probe: it has no row in the frontier
        return
    settle_row(state, target, end.state, end.reason, end.not_before, end.location, target.run, _seconds(main.ref.date))


def _body_length(main: Entry, head: HttpHead | None) -> int:
    found = HEAD_END.search(main.start)
    return main.block_length - found.end() if found and head else 0


def _asked(request: Entry | None) -> tuple[str, bytes]:
    if request is None:
        return "GET", b""
    head, _, body = request.start.partition(b"\r\n\r\n")
    return head.split(b" ", 1)[0].decode("latin-1") or "GET", body


def _seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()


def _target(state: State, url: str, method: str, body: bytes, exchange: Exchanged) -> Target:
    """Return the frontier row of an exchange, made anew from its metadata when there is none."""
    fields = exchange.fields
    site, key = fields.get("site", ""), row_key(fields.get("role", "page"), fields.get("list"), url, method, body)
    run = int(fields["run"]) if fields.get("run", "").isdigit() else 0
    known = state.targets("site = ? AND key = ?", site, key)
    if not known and not fields:
        known = state.targets("key = ? AND state IN ('pending', 'retry') LIMIT 1", key)
    if not known and not site:
        return Target(
            0, "", key, url, method, None, body or None, fields.get("role", "page"), host_of(url), "", 0, 0, run, fields.get("via"),
            fields.get("hopsFromSeed", ""), None, None, None, None, 1, None, None, None, None,
        )  # fmt: skip
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
    return state.targets("id = ?", row.id)[0]
