"""Small commands that need no crawl: extract, links, snapshot, sites."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import msgspec

from archive.paths import Home
from archive.state import State
from pipelines.decode import Document
from pipelines.extract import extract as extract_page
from pipelines.feed import ChangeLog, item_of
from pipelines.item import Attachment, Item, Page, Publisher
from spiders import cms
from spiders.links import NotAnAddressError, canonical
from spiders.site import Site, SiteError

LOCAL = Publisher("local")
ROWS_OF_A_LIST = 3


def extract_file(path: Path, url: str) -> Item:
    """Return the item of one HTML file: nothing was captured, so attachments are `missing` and first_seen is now."""
    article = extract_page(Page(url, path.read_bytes()), LOCAL)
    try:
        name = canonical(url)
    except NotAnAddressError:
        name = url
    files = tuple(Attachment(link.url, link.title, None, None, None, "missing") for link in article.attachments)
    return item_of(
        article, LOCAL, item_id=name, attachments=files, aliases=(), from_=article.evidence,
        first_seen=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )  # fmt: skip


def extract_lines(lines: Iterable[str], say: Callable[[Any], None]) -> None:
    """Answer each {"html": path, "url": ...} line with an item, plus "ms": CPU time of the call."""
    for line in lines:
        if not line.strip():
            continue
        began = time.process_time()
        try:
            asked = json.loads(line)
            began = time.process_time()
            table = msgspec.to_builtins(
                extract_file(Path(asked["html"]), asked.get("url") or "http://unknown.invalid/")
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            table = {"error": f"{type(error).__name__}: {error}"}
        table["ms"] = round((time.process_time() - began) * 1000, 3)
        say(table)


def links_of(path: Path, url: str, kind: str | None) -> dict[str, Any]:
    listing = cms.listing(Document(url, path.read_bytes()), kind)
    return {
        "adapter": listing.adapter,
        "evidence": list(listing.evidence),
        "articles": [{"url": row.url, "title": row.title, "date": row.date} for row in listing.rows],
        "next": listing.next.url if listing.next else None,
    }


def links_lines(lines: Iterable[str], kind: str | None, say: Callable[[Any], None]) -> None:
    for line in lines:
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            table = links_of(Path(asked["html"]), asked.get("url") or "http://unknown.invalid/", kind)
        except (OSError, ValueError, KeyError, TypeError) as error:
            table = {"error": f"{type(error).__name__}: {error}"}
        say(table)


def is_list(path: Path, url: str) -> bool:
    """Tell whether a page without an article gives rows enough to be a list."""
    return len(cms.listing(Document(url, path.read_bytes())).rows) >= ROWS_OF_A_LIST


def known_site(home: Home, log: ChangeLog, name: str) -> None:
    """Raise SiteError with the names there are when `name` has neither a definition nor an event."""
    have = {path.stem for path in home.sites.glob("*.toml")}
    if name not in have:
        have |= {event.site for event in log.events()}
    if name not in have:
        raise SiteError(
            f"no site {name!r} in {home.sites} or in the change log; have {', '.join(sorted(have)) or 'none yet'}"
        )


def write_snapshot(home: Home, out: IO[bytes]) -> None:
    """Write {"log", "through_seq", "items": [...]}: one reading of the state, so items and seq belong together."""
    state = State(home.state)
    try:
        state.db.execute("BEGIN")
        out.write(
            json.dumps({"log": state.get("log"), "through_seq": int(state.get("seq") or 0)}).encode()[:-1]
            + b', "items": ['
        )
        for i, (data,) in enumerate(state.db.execute("SELECT json FROM item WHERE live ORDER BY site, id")):
            out.write((b",\n" if i else b"\n") + data)
        out.write(b"\n]}\n")
        state.db.execute("COMMIT")
    finally:
        state.close()


def sites_rows(home: Home, sites: dict[str, Site]) -> list[dict[str, Any]]:
    """Return one line of plain data a site: what its definition says, and when it ran."""
    state = State(home.state)
    try:
        rows = []
        for name, site in sites.items():
            last = state.one("SELECT last_run FROM site WHERE name = ?", name)
            items = state.one("SELECT count(*) FROM item WHERE site = ? AND live", name)
            rows.append(
                {
                    "name": name, "title": site.title, "kind": site.kind, "url": site.url, "lists": len(site.list), "every": site.every,
                    "items": items, "last_run": last,
                    "state": "retired" if site.retired else "paused" if site.paused else "active",
                }
            )  # fmt: skip
        return rows
    finally:
        state.close()
