"""The change log: what was said, one JSON line an event, appended and never changed.

Day files (HOME/feed/changes/YYYY-MM-DD.jsonl) are cut at 00:00 UTC and never written to a day older than the newest.
Lines are appended in one write and fsynced before the state learns of them, so the log is never behind the state;
readers stop at the last newline.  A cursor is (log, seq).  Used by crawler.harvest (writes) and the views.
"""

import base64
import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from archive.whole import named, written_whole
from pipelines.item import (
    Article,
    Attachment,
    Author,
    Cause,
    Clusters,
    Event,
    Evidence,
    Extension,
    Item,
    Op,
    Picture,
    Publisher,
)

SCHEMA = "parknews.change/1"
CLUSTERS_SCHEMA = "parknews.clusters/1"
EXTRACTOR = "parknews/1"
BACKFILL_AFTER = timedelta(days=7)
SAYS_ENOUGH = 60  # letters; shorter texts are alike by chance
# What makes an update: fields a reader would call the article.  Markup, hints and counters are not among them.
COMPARED = ("title", "content_text", "date_published", "authors", "attachments")
COMPARED_EXTENSION = ("source", "doc", "body_kind")


class LogError(Exception):
    """The change log contradicts itself; the message names file, line and remedy."""


def key_of(item_id: str) -> str:
    """Return the first 26 characters of lower-case base32(sha256(id))."""
    return base64.b32encode(hashlib.sha256(item_id.encode()).digest()).decode().lower()[:26]


def item_of(
    article: Article,
    publisher: Publisher,
    *,
    item_id: str,
    attachments: tuple[Attachment, ...],
    aliases: tuple[str, ...],
    first_seen: str,
    from_: dict[str, str],
    profile: int = 0,
) -> Item:
    """Make the item that consumers see.  profile: version of the site profile it was read with, 0 = none."""
    return Item(
        id=item_id,
        url=article.url,
        title=article.title,
        content_text=article.content_text,
        content_html=article.content_html,
        summary=article.summary,
        image=article.image,
        date_published=article.published,
        date_modified=article.modified,
        authors=tuple(Author(name) for name in article.authors),
        tags=article.tags,
        language=article.language,
        attachments=attachments,
        extension=Extension(
            key=key_of(item_id),
            site=publisher.name,
            site_name=article.site_name or publisher.title,
            kind=publisher.kind,
            column=article.column,
            source=article.source,
            source_org=article.source_org,
            author=article.authors[0] if article.authors else None,
            editor=article.editor,
            site_id_code=article.site_id_code,
            doc=article.doc,
            body_kind=article.body_kind,
            published_precision=article.precision,
            date_text=article.date_text,
            date_candidates=article.candidates,
            flags=article.flags,
            from_=from_,
            aliases=aliases,
            first_seen=first_seen,
            version=profile,
            extractor=EXTRACTOR,
            images=tuple(Picture(url, article.captions.get(url)) for url in article.images),
            previous=article.previous,
            next=article.next,
        ),
    )


def text_key(item: Item) -> str | None:
    """Return the same for two items that say the same, spaces and punctuation apart; None where too little is said."""
    said = "".join(character for character in item.content_text or "" if character.isalnum())
    return hashlib.sha256(said.encode()).hexdigest()[:32] if len(said) >= SAYS_ENOUGH else None


def changed_fields(before: Item, after: Item) -> tuple[str, ...]:
    """Return the names of the fields whose change is an update, in the order of the schema."""
    names = [name for name in COMPARED if getattr(before, name) != getattr(after, name)]
    names += [name for name in COMPARED_EXTENSION if getattr(before.extension, name) != getattr(after.extension, name)]
    return tuple(names)


def decide(before: Item | None, live: bool, after: Item) -> tuple[Op, tuple[str, ...]] | None:
    """Return what happened to an item, None when nothing did.  before: what was said last; live: not deleted since."""
    if before is None:
        return "new", ()
    changed = changed_fields(before, after)
    if not live:
        return "restore", changed
    if changed:
        return "update", (*changed, "url") if before.url != after.url else changed
    return ("moved", ("url",)) if before.url != after.url else None


def is_backfill(item: Item, first_or_full: bool, captured_at: str) -> bool:
    """Tell whether a new item was published over 7 days before a first run or --full found it."""
    if not first_or_full or item.date_published is None:
        return False
    return datetime.fromisoformat(captured_at) - datetime.fromisoformat(item.date_published) > BACKFILL_AFTER


@dataclass(frozen=True)
class Draft:
    """An event that has no seq yet."""

    op: Op
    cause: Cause
    backfill: bool
    site: str
    id: str
    rev: int
    changed: tuple[str, ...]
    reason: str | None
    evidence: tuple[Evidence, ...]
    item: Item | None

    def numbered(self, log: str, seq: int, at: str) -> Event:
        return Event(
            log, seq, at, SCHEMA, self.op, self.cause, self.backfill, self.site, self.id, self.rev, self.changed,
            self.reason, self.evidence, self.item,
        )  # fmt: skip


class ChangeLog:
    """The day files of one home.  Callers hold the log's lock around `tail`, `repair` and `append`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("????-??-??.jsonl"))

    def repair(self) -> int:
        """Cut a half line that a killed process left at the end of the newest file; return the bytes cut."""
        for path in reversed(self.files()):
            with path.open("r+b") as file:
                size = file.seek(0, os.SEEK_END)
                whole = _last_newline(file, size)
                if whole < size:
                    file.truncate(whole)
                    os.fsync(file.fileno())
                return size - whole
        return 0

    def tail(self) -> Event | None:
        """Return the newest event, None for an empty log."""
        for path in reversed(self.files()):
            line = last_line(path)
            if line:
                return decode(line, path)
        return None

    def append(self, drafts: Iterable[Draft], log: str, seq: int) -> list[Event]:
        """Number drafts from seq + 1 on, append them in one write, fsync, return them."""
        now = datetime.now(UTC)
        at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        events = [draft.numbered(log, seq + i, at) for i, draft in enumerate(drafts, 1)]
        if not events:
            return []
        newest = self.files()[-1:]
        path = self.folder / f"{now:%Y-%m-%d}.jsonl"
        if newest and newest[0] > path:  # the clock was set back: never write to an older day
            path = newest[0]
        fresh = not path.exists()
        data = b"".join(encode(event) + b"\n" for event in events)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(handle).st_size
            try:
                written = os.write(handle, data)
                while written < len(data):
                    written += os.write(handle, data[written:])
                os.fsync(handle)
            except OSError as error:
                with suppress(OSError):  # what stays is a half line, which `repair` cuts
                    os.ftruncate(handle, size)
                raise named(error, path) from error
        finally:
            os.close(handle)
        if fresh:
            folder = os.open(self.folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        return events

    def events(self, since: int = 0) -> Iterator[Event]:
        """Yield the events after `since` in order; a half line at the end is not there yet."""
        files = self.files()
        start = 0
        for i, path in enumerate(files):
            line = first_line(path)
            if line and decode(line, path).seq <= since + 1:
                start = i
        for event in self.events_of(files[start:]):
            if event.seq > since:
                yield event

    def events_of(self, files: Iterable[Path]) -> Iterator[Event]:
        """Yield the events of some day files in order; a half line at the end is not there yet."""
        for path in files:
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield decode(line, path)


def encode(event: Event) -> bytes:
    return msgspec.json.encode(event)


def decode(line: bytes, path: Path) -> Event:
    try:
        return msgspec.json.decode(line, type=Event)
    except msgspec.MsgspecError as error:
        raise LogError(
            f"{path}: a line is no event ({error}): restore the file from a copy, or rebuild the log"
        ) from error


def _last_newline(file: Any, size: int) -> int:
    """Return the offset just behind the last newline."""
    position = size
    while position > 0:
        step = min(65536, position)
        file.seek(position - step)
        found = file.read(step).rfind(b"\n")
        if found >= 0:
            return int(position - step + found + 1)
        position -= step
    return 0


def first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        line = file.readline()
    return line if line.endswith(b"\n") else b""


def last_line(path: Path) -> bytes:
    """Return the last whole line of a file without reading the rest."""
    with path.open("rb") as file:
        end = _last_newline(file, file.seek(0, os.SEEK_END))
        if end == 0:
            return b""
        begin = _last_newline(file, end - 1)
        file.seek(begin)
        return file.read(end - begin)


def new_log_id() -> str:
    return str(uuid.uuid4())


# ------------------------------------------------------------------------------------------------------- views
def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas (2020-12) of item, event and clusters, generated from the types."""
    found: dict[str, dict[str, Any]] = {}
    for name, kind in (("item", Item), ("change", Event), ("clusters", Clusters)):
        schema = msgspec.json.schema(kind)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["$id"] = f"urn:parknews:schema:{name}:1"
        found[name] = schema
    return found


def write_schemas(folder: Path) -> None:
    for name, schema in schemas().items():
        replace(folder / f"{name}.schema.json", json.dumps(schema, ensure_ascii=False, indent=1).encode() + b"\n")


def feed_json(items: Iterable[Item], title: str) -> bytes:
    """Return a JSON Feed 1.1 document of the items in the order given, null keys left out."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "description": "Articles with their proof in the archive; edits and removals are in the change log.",
        "items": [_in_feed(item) for item in items],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n"


def _in_feed(item: Item) -> Any:
    """Return an item as JSON Feed 1.1 wants it: content in one form at least, a type for each attachment."""
    table = msgspec.to_builtins(item)
    for attachment in table["attachments"]:
        attachment["mime_type"] = attachment["mime_type"] or "application/octet-stream"
    table = _without_null(table)
    if "content_html" not in table:
        table.setdefault("content_text", "")
    return table


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_null(inner) for inner in value]
    return value


def replace(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: a reader never sees half of it."""
    with written_whole(path) as file:
        file.write(data)
