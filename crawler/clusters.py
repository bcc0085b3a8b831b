"""Items -> clusters of the same story on several sites, as a view: feed/clusters.json.

Kept up in the state beside the items and only for what changed since the last time (item.seq), so a run costs what is
new; everything can be made again from the items.  Only items of different sites are compared: twins within a site are
the change log's `aliases`, and the notices of one office look alike by nature.  A cluster is a chain of such pairs.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from archive.state import State
from pipelines.feed import CLUSTERS_SCHEMA
from pipelines.item import Cluster, Clusters, Item, Member
from pipelines.story import METHOD, bands, likeness, signature

ALIKE = 0.7  # share of common pieces from which two texts are one story
PARTNERS = 20  # of one item that are kept: the likeliest are enough to chain a cluster
COMPARED = 50  # candidates of one item, those with the most bands in common first; one band alone is chance
BATCH = 500  # items of one transaction
NEWEST = 500  # clusters in the view
MARK = "clusters"


def clusters(state: State, log: str) -> Clusters:
    """Take in what changed and return the view.  log: uuid of the change log whose seq the items carry."""
    while True:
        with state.transaction():
            through, done = _step(state, log)
        if done:
            break
    shown = [made for name in _newest(state) if (made := _cluster(state, name)) is not None]
    return Clusters(schema=CLUSTERS_SCHEMA, log=log, through_seq=through, clusters=tuple(shown))


def _step(state: State, log: str) -> tuple[int, bool]:
    """Take in the next items; return the seq reached and whether there were no more."""
    method, known, seq = json.loads(state.get(MARK) or '["", "", 0]')
    if (method, known) != (METHOD, log):  # another way to compare, or another count: everything anew
        for table in ("story", "band", "alike"):
            state.db.execute(f"DELETE FROM {table}")
        seq = 0
    rows = state.db.execute(
        "SELECT site, id, seq, live, json FROM item WHERE seq > ? ORDER BY seq LIMIT ?", (seq, BATCH)
    ).fetchall()
    touched: set[int] = set()
    for site, item_id, _, live, data in rows:
        touched |= _forget(state, site, item_id)
        signed = signature(msgspec.json.decode(data, type=Item).content_text) if live else None
        if signed is not None:
            touched.add(_remember(state, site, item_id, signed))
    _chain(state, touched)
    seq = rows[-1][2] if rows else seq
    state.put(MARK, json.dumps([METHOD, log, seq]))
    return seq, len(rows) < BATCH


def _forget(state: State, site: str, item_id: str) -> set[int]:
    """Take an item out; return those it was paired with."""
    story = state.one("SELECT id FROM story WHERE site = ? AND item = ?", site, item_id)
    if story is None:
        return set()
    partners = {row[0] for row in state.db.execute("SELECT other FROM alike WHERE story = ?", (story,))}
    state.db.executemany("DELETE FROM alike WHERE story = ? AND other = ?", [(one, story) for one in partners])
    for table, column in (("alike", "story"), ("band", "story"), ("story", "id")):
        state.db.execute(f"DELETE FROM {table} WHERE {column} = ?", (story,))
    return partners


def _remember(state: State, site: str, item_id: str, signed: bytes) -> int:
    """Put an item in and pair it with its like on other sites."""
    values = bands(signed)
    marks = ", ".join("?" * len(values))
    near = state.db.execute(
        f"SELECT s.id, s.signature FROM band b JOIN story s ON s.id = b.story WHERE b.value IN ({marks}) AND s.site != ? "
        "GROUP BY s.id HAVING count(*) > 1 ORDER BY count(*) DESC, s.id LIMIT ?",
        (*values, site, COMPARED),
    ).fetchall()
    story = state.db.execute(
        "INSERT INTO story(site, item, signature) VALUES (?, ?, ?)", (site, item_id, signed)
    ).lastrowid
    assert story is not None
    state.db.executemany("INSERT OR IGNORE INTO band VALUES (?, ?)", [(value, story) for value in values])
    found = sorted(((likeness(signed, other), -one) for one, other in near), reverse=True)
    for share, one in found[:PARTNERS]:
        if share >= ALIKE:
            state.db.executemany("INSERT INTO alike VALUES (?, ?, ?)", [(story, -one, share), (-one, story, share)])
    return story


def _chain(state: State, touched: set[int]) -> None:
    """Name the clusters of these stories and of all that hang together with them by their lowest member."""
    done: set[int] = set()
    for story in sorted(touched):
        if story in done:
            continue
        chain, waiting = {story}, [story]
        while waiting:
            for (other,) in state.db.execute("SELECT other FROM alike WHERE story = ?", (waiting.pop(),)):
                if other not in chain:
                    chain.add(other)
                    waiting.append(other)
        done |= chain
        name = min(chain) if len(chain) > 1 else None
        state.db.executemany("UPDATE story SET cluster = ? WHERE id = ?", [(name, one) for one in chain])


def _newest(state: State) -> Iterator[int]:
    """Yield the clusters that got a member last, newest first."""
    for (name,) in state.db.execute(
        "SELECT s.cluster FROM story s JOIN item i ON i.site = s.site AND i.id = s.item WHERE s.cluster IS NOT NULL "
        "GROUP BY s.cluster ORDER BY max(i.first_seen) DESC, s.cluster LIMIT ?",
        (NEWEST,),
    ):
        yield name


def _cluster(state: State, name: int) -> Cluster | None:
    members = sorted(
        _members(state, name), key=lambda one: (one.date_published or one.first_seen, one.first_seen, one.id)
    )
    if len({one.site for one in members}) < 2:
        return None
    return Cluster(
        key=members[0].key,
        title=members[0].title,
        first_seen=min(one.first_seen for one in members),
        source=_named(one.source for one in members),
        sites=tuple(dict.fromkeys(one.site for one in members)),
        members=tuple(members),
    )


def _members(state: State, name: int) -> Iterator[Member]:
    for data, share in state.db.execute(
        "SELECT i.json, (SELECT max(a.likeness) FROM alike a WHERE a.story = s.id) FROM story s "
        "JOIN item i ON i.site = s.site AND i.id = s.item WHERE s.cluster = ?",
        (name,),
    ):
        item = msgspec.json.decode(data, type=Item)
        more = item.extension
        yield Member(
            key=more.key, id=item.id, url=item.url, site=more.site, title=item.title, date_published=item.date_published,
            first_seen=more.first_seen, source=more.source_org or more.source, likeness=round(share, 2),
        )  # fmt: skip


def _named(sources: Iterable[str | None]) -> str | None:
    """The source that most members name, of equals the earliest member's."""
    counts = Counter(source for source in sources if source)
    return max(counts, key=lambda source: counts[source]) if counts else None
