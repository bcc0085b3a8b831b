"""The answers of imported WARC files, waiting for the frontier to ask for them: what the network is to a crawl.

A definition's lists and home page are asked first; reading them brings rows for articles, those bring attachments and
requisites, and each row that an answer of the pool fits takes all its answers, oldest first.  Lives in a database of its
own beside the state, so that memory is flat; holds nothing that the files do not.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.exchanges import Exchanged, exchanges
from archive.message import parse_head
from archive.reader import Entry, scan
from archive.state import State
from crawler.rebuild import asked
from crawler.rows import key_of
from crawler.walk import article_url
from spiders.cms import opening
from spiders.links import in_scope, role_of_link
from spiders.site import Site

SCHEMA = """
CREATE TABLE pool.answer(
  id INTEGER PRIMARY KEY, warc TEXT NOT NULL, offset INTEGER NOT NULL, request INTEGER, record_id TEXT NOT NULL, url TEXT NOT NULL,
  key TEXT NOT NULL, name TEXT, site TEXT, at TEXT NOT NULL, page INTEGER NOT NULL, digest TEXT,
  refers_id TEXT, refers_url TEXT, refers_at TEXT, needs INTEGER, taken INTEGER NOT NULL DEFAULT 0,
  again INTEGER NOT NULL);
CREATE INDEX pool.answer_key ON answer(key) WHERE NOT taken;
CREATE INDEX pool.answer_name ON answer(name) WHERE NOT taken;
CREATE INDEX pool.answer_record ON answer(record_id);
CREATE INDEX pool.answer_url ON answer(url, at);
"""
COLUMNS = "id, warc, offset, request, record_id, url, at"
# A revisit waits for its original if that belongs to another row; of its own row it comes before it.
READY = (
    "NOT a.taken AND (a.needs IS NULL OR (SELECT o.taken OR (o.key = a.key AND o.at < a.at) FROM pool.answer o "
    "WHERE o.id = a.needs))"
)
DIGITS = re.compile(r"\d+")
BATCH = 5000  # answers given at once
LIKE_ARTICLES = 3  # known articles with an address of one shape make it the shape of articles


@dataclass(frozen=True)
class Waiting:
    """An answer of the pool.  request: offset of its request record in the same file."""

    id: int
    warc: str
    offset: int
    request: int | None
    record_id: str
    url: str
    at: str


@dataclass(frozen=True)
class Asked:
    """An answer and what it was asked as.  url: as the frontier has it.  fields: of the note (see Tape)."""

    answer: Waiting
    url: str
    fields: dict[str, str]


class Pool:
    """Use it in one thread.  scratch: a path for its database, gone with `close`."""

    def __init__(self, state: State, sites: dict[str, Site], scratch: Path) -> None:
        self.state, self.sites, self._scratch = state, sites, scratch
        self._hosts: dict[str, str | None] = {}
        state.db.execute("ATTACH ? AS pool", (str(scratch),))
        state.db.execute("PRAGMA pool.journal_mode = OFF")
        state.db.execute("PRAGMA pool.synchronous = OFF")
        for statement in SCHEMA.split(";"):
            state.db.execute(statement)

    def close(self) -> None:
        self.state.db.execute("DETACH pool")
        self._scratch.unlink(missing_ok=True)

    def fill(self, warc: Path) -> int:
        """Take in the answers of a file that the state does not know; return how many.

        And, of a file that came in before, those of a site that was defined since: one that has nothing of this file.
        """
        with self.state.transaction() as db:
            before = db.total_changes
            served = {row[0] for row in db.execute("SELECT DISTINCT site FROM capture WHERE warc = ?", (warc.name,))}
            for group in exchanges(scan(warc)):
                if group.answer is None:
                    continue
                again = self._captured(group.answer.ref.warc, group.answer.ref.offset)
                if not again or self._site_of(_url(group.answer)) not in {None, *served}:
                    self._add(db, group, again)
            return db.total_changes - before

    def knows(self, record_id: str) -> bool:
        """Tell whether an answer is in the state or in the pool already."""
        return any(
            self.state.one(f"SELECT 1 FROM {table} WHERE record_id = ?", record_id) is not None
            for table in ("capture", "pool.answer")
        )

    def settle(self) -> None:
        """Tie revisits to their originals in the pool.  After the last fill."""
        with self.state.transaction() as db:
            for sql in (
                "o.record_id = a.refers_id",
                "o.url = a.refers_url AND o.at = a.refers_at",
                "o.url = a.url AND o.digest = a.digest AND o.refers_id IS NULL AND o.refers_url IS NULL AND o.at < a.at",
            ):
                db.execute(
                    f"UPDATE pool.answer AS a SET needs = (SELECT o.id FROM pool.answer o WHERE {sql} AND o.id != a.id LIMIT 1) "
                    "WHERE needs IS NULL AND (refers_id IS NOT NULL OR refers_url IS NOT NULL)"
                )

    def names(self) -> set[str]:
        """Return the names of the sites that answers may belong to."""
        return {row[0] for row in self.state.db.execute("SELECT DISTINCT site FROM pool.answer WHERE site IS NOT NULL")}

    # -------------------------------------------------------------------------- who asks for what
    def opening(self) -> Iterator[Asked]:
        """Give the lists and home pages of the definitions."""
        for site in self.sites.values():
            for source in site.list:
                first = opening(source.url, source.cms, source.options)
                yield from self._keyed(site, key_of(first.url, first.method, first.body), first.url, "list", source.url)
            yield from self._keyed(site, key_of(site.url), site.url, "home", None)

    def asked(self, after: int = 0) -> tuple[list[Asked], int]:
        """Return what rows of the frontier ask for, each row's answers oldest first; and the row to go on after.

        after: only rows with a higher id.  An article's row fits by name too: others met it under addresses of their own.
        """
        newest = int(self.state.one("SELECT max(id) FROM url") or 0)
        columns = ", ".join(f"a.{name}" for name in COLUMNS.split(", "))
        rows = f"SELECT u.id, u.site, u.url, u.role, u.via, u.hops, u.list, u.row_title, u.row_date, u.row_source, u.page, {columns}"
        where = f"u.id > ? AND u.site IN (SELECT name FROM temp.scope) AND {READY}"
        found = self.state.db.execute(
            f"{rows} FROM url u JOIN pool.answer a ON a.key = u.key WHERE {where} "
            f"AND (u.site = a.site OR u.role IN ('requisite', 'attachment', 'part', 'list')) UNION ALL "
            f"{rows} FROM url u JOIN pool.answer a ON a.name = u.key AND a.site = u.site AND a.key != u.key WHERE {where} "
            f"AND u.role = 'article' ORDER BY 1, {len(columns.split()) + 11} LIMIT {BATCH}",
            (after, after),
        ).fetchall()
        given: dict[int, Asked] = {}
        for _, site, url, role, via, hops, source, title, date, origin, page, *answer in found:
            waiting = Waiting(*answer)
            known = {
                "via": via, "hopsFromSeed": hops or None, "site": site, "role": role, "list": source, "rowTitle": title,
                "rowDate": date, "rowSource": origin, "page": str(page) if page > 1 else None,
            }  # fmt: skip
            fields = {name: value for name, value in known.items() if value is not None}
            given.setdefault(waiting.id, Asked(waiting, url, fields))
        return list(given.values()), found[-1][0] - 1 if len(found) == BATCH else newest

    def alike(self) -> Iterator[Asked]:
        """Give pages of a site that `article_url` names, or whose addresses have the shape of articles that are known."""
        for site in self.sites.values():
            pattern = re.compile(site.article_url) if site.article_url else None
            shapes: dict[str, int] = {}
            for (url,) in self.state.db.execute(
                "SELECT url FROM url WHERE site = ? AND role = 'article' AND state = 'done'", (site.name,)
            ):
                shape = DIGITS.sub("0", url)
                shapes[shape] = shapes.get(shape, 0) + 1
            for name in self._pages(site):
                shape = DIGITS.sub("0", name)
                like = shape != name and shapes.get(shape, 0) >= LIKE_ARTICLES
                if pattern.search(name) if pattern else like:
                    yield from self._named(site, name)

    def needed(self) -> Iterator[Asked]:
        """Give originals that revisits wait for and nothing asks for."""
        yield from self._left("a.id IN (SELECT needs FROM pool.answer WHERE NOT taken)")

    def left(self) -> Iterator[Asked]:
        """Give of the rest, oldest first: kept for replay."""
        yield from self._left("NOT again")

    def undefined(self, url: str) -> bool:
        """Tell whether no site of the home may have this page."""
        return self._site_of(url) is None

    def take(self, taken: Iterable[Asked]) -> None:
        """Say that these are on their way into the state."""
        self.state.db.executemany("UPDATE pool.answer SET taken = 1 WHERE id = ?", [(one.answer.id,) for one in taken])

    def unread(self) -> dict[str, int]:
        """Count the pages of sites that nothing asked for."""
        sql = "SELECT site, count(DISTINCT name) FROM pool.answer WHERE NOT taken AND page AND site IS NOT NULL GROUP BY site"
        return dict(self.state.db.execute(sql).fetchall())

    # --------------------------------------------------------------------------
    def _captured(self, warc: str, offset: int) -> bool:
        return self.state.one("SELECT 1 FROM capture WHERE warc = ? AND offset = ?", warc, offset) is not None

    def _add(self, db: sqlite3.Connection, group: Exchanged, again: bool) -> None:
        answer, request = group.answer, group.request
        assert answer is not None
        url = _url(answer)
        method, body = asked(request)
        site = self._site_of(url)
        name = article_url(self.sites[site], url) if site and method == "GET" else None
        head = parse_head(answer.start.partition(b"\r\n\r\n")[0])
        mime = (head.get("content-type") or "text/html").partition(";")[0].strip().lower()
        page = head.status == 200 and "html" in mime and name is not None
        headers = answer.headers
        db.execute(
            "INSERT INTO pool.answer(warc, offset, request, record_id, url, key, name, site, at, page, digest, refers_id, refers_url, "
            "refers_at, again) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                answer.ref.warc, answer.ref.offset, request.ref.offset if request else None, answer.ref.record_id, url,
                _key(url, method, body), _key(name) if name else None, site, answer.ref.date, page, answer.ref.digest,
                headers.uri("WARC-Refers-To") if answer.ref.type == "revisit" else None,
                (headers.uri("WARC-Refers-To-Target-URI") or url) if answer.ref.type == "revisit" else None,
                headers.get("WARC-Refers-To-Date"), again,
            ),
        )  # fmt: skip

    def _site_of(self, url: str) -> str | None:
        """Return the site whose pages may live at an address."""
        host = url.partition("://")[2].partition("/")[0]
        if host not in self._hosts:
            found = (name for name, site in self.sites.items() if in_scope(site.url, f"http://{host}/"))
            self._hosts[host] = next(found, None)
        return self._hosts[host]

    def _keyed(self, site: Site, key: str, url: str, role: str, source: str | None) -> Iterator[Asked]:
        fields = {"site": site.name, "role": role} | ({"list": source} if source else {})
        for row in self.state.db.execute(
            f"SELECT {COLUMNS} FROM pool.answer a WHERE key = ? AND {READY} ORDER BY at", (key,)
        ).fetchall():
            yield Asked(Waiting(*row), url, fields)

    def _pages(self, site: Site) -> list[str]:
        found = self.state.db.execute(
            f"SELECT DISTINCT name FROM pool.answer a WHERE site = ? AND page AND {READY}", (site.name,)
        )
        return [row[0] for row in found]

    def _named(self, site: Site, name: str) -> Iterator[Asked]:
        for row in self.state.db.execute(
            f"SELECT {COLUMNS} FROM pool.answer a WHERE name = ? AND site = ? AND {READY} ORDER BY at",
            (name, site.name),
        ).fetchall():
            yield Asked(Waiting(*row), name, {"site": site.name, "role": "article"})

    def _left(self, where: str) -> Iterator[Asked]:
        for row in self.state.db.execute(
            f"SELECT {COLUMNS} FROM pool.answer a WHERE NOT taken AND {where} ORDER BY at, id LIMIT {BATCH}"
        ).fetchall():
            answer = Waiting(*row)
            role = "page" if role_of_link(answer.url) in ("page", "attachment") else "requisite"
            yield Asked(answer, answer.url, {"role": role})


def end_unanswered(state: State, run: int) -> None:
    """End the rows that an import brought and no answer came for: the next crawl asks for what it sees itself."""
    left = "run = ? AND state IN ('pending', 'retry')"
    with state.transaction() as db:
        db.execute(
            f"UPDATE url SET state = 'done', reason = NULL, not_before = 0 WHERE {left} AND capture IS NOT NULL", (run,)
        )
        db.execute(
            f"UPDATE url SET state = 'failed', reason = 'not-imported', not_before = 0 WHERE {left} AND "
            "(id IN (SELECT child FROM need) OR id IN (SELECT url_id FROM capture WHERE url_id IS NOT NULL))",
            (run,),
        )
        db.execute(f"DELETE FROM url WHERE {left}", (run,))


def _url(answer: Entry) -> str:
    return (answer.headers.uri("WARC-Target-URI") or "").partition("#")[0]


def _key(url: str, method: str = "GET", body: bytes | None = None) -> str:
    """Return the frontier's key; of an address that is none, the address."""
    try:
        return key_of(url, method, body)
    except ValueError:
        return url
