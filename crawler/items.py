"""Items as they were said last: of the state, with the drafts of a batch that is not committed yet on top."""

from dataclasses import dataclass

import msgspec

from archive.state import State
from pipelines.feed import text_key
from pipelines.item import Item
from spiders.links import may_be_twins


@dataclass(frozen=True)
class Known:
    """What was said of an item last."""

    item: Item
    rev: int
    live: bool
    misses: int


class Items:
    """Items as the state has them, with the drafts of this batch on top."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.drafted: dict[tuple[str, str], Known] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.texts: dict[tuple[str, str], list[str]] = {}  # site and text_key -> ids drafted in this batch

    def id_of(self, site: str, url: str) -> str | None:
        if (site, url) in self.aliases:
            return self.aliases[site, url]
        found = self.state.one("SELECT id FROM alias WHERE site = ? AND url = ?", site, url)
        return str(found) if found is not None else None

    def known(self, site: str, item_id: str) -> Known | None:
        if (site, item_id) in self.drafted:
            return self.drafted[site, item_id]
        row = self.state.db.execute(
            "SELECT json, rev, live, misses FROM item WHERE site = ? AND id = ?", (site, item_id)
        ).fetchone()
        return Known(msgspec.json.decode(row[0], type=Item), row[1], bool(row[2]), row[3]) if row else None

    def twin_of(self, site: str, item: Item) -> str | None:
        """Return the id of a live item that says the same at what may be another address of the same article."""
        key = text_key(item)
        if key is None:
            return None
        rows = self.state.db.execute(
            "SELECT id FROM item INDEXED BY item_said WHERE site = ? AND digest = ? AND live ORDER BY seq LIMIT 20",
            (site, key),
        ).fetchall()
        for item_id in (*(row[0] for row in rows), *self.texts.get((site, key), ())):
            known = self.known(site, item_id)
            if item_id != item.id and known is not None and known.live and text_key(known.item) == key:
                days = {one.date_published[:10] for one in (item, known.item) if one.date_published}
                if len(days) < 2 and may_be_twins(item.url, known.item.url):
                    return str(item_id)
        return None

    def draft(self, site: str, item: Item, rev: int, live: bool) -> None:
        self.drafted[site, item.id] = Known(item, rev, live, 0)
        key = text_key(item)
        if key is not None:
            self.texts.setdefault((site, key), []).append(item.id)
        for url in {item.id, item.url, *item.extension.aliases}:
            self.aliases[site, url] = item.id
