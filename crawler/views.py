"""Views of the items: feed.json (newest 500), clusters.json and the JSON Schemas, written whole or not at all."""

from collections.abc import Iterator

import msgspec

from archive.paths import Home
from archive.state import State
from crawler.clusters import clusters
from pipelines.feed import feed_json, replace, write_schemas
from pipelines.item import Item

NEWEST = 500


def write_views(home: Home, state: State) -> None:
    replace(home.feed / "feed.json", feed_json(newest(state), f"parknews: {home.root.name}"))
    replace(home.feed / "clusters.json", clusters_json(state))
    write_schemas(home.feed / "schema")


def clusters_json(state: State) -> bytes:
    return msgspec.json.format(msgspec.json.encode(clusters(state, state.get("log") or "")), indent=1) + b"\n"


def newest(state: State, limit: int = NEWEST) -> Iterator[Item]:
    """Yield the live items, newest publication first; undated ones by when they were first seen."""
    for (data,) in state.db.execute(
        "SELECT json FROM item WHERE live ORDER BY COALESCE(published, first_seen) DESC, id LIMIT ?", (limit,)
    ):
        yield msgspec.json.decode(data, type=Item)
