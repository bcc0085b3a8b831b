"""`parknews export wacz`: what the definition and the change log know of a site's captures, for archive.wacz.

The archive knows bytes; titles and text come from here: of lists and home pages from the definition, of articles from
the events that were made of their captures.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive.paths import Home
from archive.state import State
from archive.wacz import PageNote, Request, Summary, export_wacz
from crawler.config import VERSION
from crawler.rows import REQUISITE_KEPT
from pipelines.feed import ChangeLog
from spiders.site import Site


def export_site(
    home: Home, name: str, site: Site | None, month: str | None, output: Path, progress: Callable[[str, int, int], None]
) -> Summary:
    """Write the WACZ of a site.  site: its definition, None if that is gone (captures stay).

    progress: called with stage, done and total.  Raises as archive.wacz.export_wacz.
    """
    title = (site.title if site else None) or name
    request = Request(
        site=name,
        title=f"{title} {month}" if month else title,
        software=f"parknews/{VERSION}",
        month=month,
        main_page=site.url if site else None,
        requisite_days=REQUISITE_KEPT / 86400,
    )
    return export_wacz(
        home,
        request,
        notes(home, name, site),
        output,
        now=datetime.now(UTC),
        progress=lambda done, total: progress("captures", done, total),
    )


def notes(home: Home, name: str, site: Site | None) -> Iterator[PageNote]:
    """Yield title and text of the site's captured pages: home and lists first, then articles, as last said of each."""
    yield from _list_notes(home, name, site)
    log, last = ChangeLog(home.changes), dict[str, int]()
    for event in log.events():
        if event.site == name and event.item is not None:
            last |= {proof.record_id: event.seq for proof in event.evidence if proof.role == "page"}
    for event in log.events():
        if event.site == name and event.item is not None:
            for proof in event.evidence:
                if last.get(proof.record_id) == event.seq:
                    yield PageNote(proof.record_id, event.item.title, event.item.content_text)


def _list_notes(home: Home, name: str, site: Site | None) -> Iterator[PageNote]:
    columns = {entry.url: entry.column for entry in site.list if entry.column} if site else {}
    title = (site.title if site else None) or name
    state = State(home.state)
    try:
        pages = (
            "SELECT record_id, url, list FROM capture WHERE site = ? AND role IN ('home', 'list') "
            "AND type IN ('response', 'revisit') AND status = 200 AND mime = 'text/html' ORDER BY role, id"
        )
        for record_id, url, source in state.db.execute(pages, (name,)):
            column = columns.get(source) or columns.get(url)
            yield PageNote(record_id, f"{column} - {title}" if column else title, None)
    finally:
        state.close()
