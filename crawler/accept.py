"""Accepting readings: what each one means for the frontier, for its item and for the change log.

Two steps around the append: `accept` reads the state and drafts events, `Accepted.apply` changes rows in the
transaction that also commits the events' items.  A page that is read twice (a crash between the two) drafts nothing
the second time, because its item already says the same.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from archive.paths import is_imported
from archive.state import Capture, State, Target
from crawler.rows import ask_row, host_of, is_address, key_of
from crawler.traps import TWINS
from crawler.walk import Rules, article_url, end_without_page, next_check, walk
from crawler.work import Reading
from pipelines.feed import Draft, decide, is_backfill, item_of, text_key
from pipelines.item import Article, Attachment, AttachmentState, Evidence, EvidenceRole, Item
from spiders.links import NotAnAddressError, canonical, in_scope, may_be_twins, role_of_link
from spiders.sessions import without
from spiders.site import Site

DEEPEST = 4  # style sheets that import style sheets
REQUISITES = 60  # files a page; the configuration may say less
GONE_AFTER = 2  # failing looks at a page that its list still shows
# The row has ended otherwise since: a recovery enters all that was captured before any of it is read.
LATER = "EXISTS (SELECT 1 FROM capture WHERE url_id = url.id AND id > ?)"
OF_THE_HOME = (sqlite3.Error, OSError)  # troubles of the disk, not of a page: they end the run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """One capture with what its reading gave.  error: the worker hung, died or raised."""

    capture: Capture
    target: Target | None
    reading: Reading
    error: str | None


@dataclass
class Accepted:
    """Events to append, and the row changes that go with them."""

    drafts: list[Draft] = field(default_factory=list)
    changes: list[Callable[[State], set[str]]] = field(default_factory=list)

    def apply(self, state: State) -> set[str]:
        """Change the rows; return the hosts that have new ones.  Within the caller's transaction."""
        hosts: set[str] = set()
        for change in self.changes:
            hosts |= change(state)
        return hosts


@dataclass(frozen=True)
class Known:
    """What was said of an item last."""

    item: Item
    rev: int
    live: bool
    misses: int


class _Items:
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


def accept(
    state: State, outcomes: list[Outcome], sites: dict[str, Site], run_rules: Rules, *, forced: bool
) -> Accepted:
    """Draft the events and row changes of finished readings, in order.

    A mistake of ours with one of them is told loudly and ends that one as `accept-error`; the others go on.
    """
    accepted = Accepted()
    items = _Items(state)
    for outcome in outcomes:
        drafts, changes = len(accepted.drafts), len(accepted.changes)
        try:
            _accept(accepted, items, outcome, sites.get(outcome.capture.site), run_rules.of(outcome.capture), forced)
        except OF_THE_HOME:
            raise
        except Exception:  # one page, counted with its reason
            log.exception("%s was read but could not be accepted", outcome.capture.url[:200])
            del accepted.drafts[drafts:], accepted.changes[changes:]
            accepted.changes.append(_close(outcome, "failed", "accept-error"))
        accepted.changes[changes:] = [_guarded(outcome, change) for change in accepted.changes[changes:]]
    return accepted


def _accept(accepted: Accepted, items: _Items, outcome: Outcome, site: Site | None, rules: Rules, forced: bool) -> None:
    role, status = outcome.capture.role, outcome.capture.status or 0
    if outcome.target is None:
        accepted.changes.append(_close(outcome, "kept", None))
    elif role == "robots" and status != 304 and status // 100 == 3:
        accepted.changes.append(_close(outcome, "redirect", None))  # the rules are where it leads
    elif role == "robots":
        accepted.changes.append(_robots(outcome))
    elif status in (301, 302, 303, 307, 308):
        _redirected(accepted, items, outcome, site, rules)
    elif role == "article" and site is not None:
        _article(accepted, items, outcome, site, rules, forced)
    elif _is_no_page(outcome) and site is not None:
        accepted.changes.append(_without_page(outcome, site, rules))
    elif outcome.error or outcome.reading.rejected:
        accepted.changes.append(_close(outcome, "failed", outcome.error or outcome.reading.rejected))
    else:
        accepted.changes.append(_links(outcome, site, rules))


def _guarded(outcome: Outcome, change: Callable[[State], set[str]]) -> Callable[[State], set[str]]:
    """Make a change one that is undone, and ends its row as `accept-error`, when it raises half-way."""

    def guarded(state: State) -> set[str]:
        state.db.execute("SAVEPOINT change")
        try:
            hosts = change(state)
        except OF_THE_HOME:
            raise
        except Exception:  # one page, counted with its reason
            log.exception("%s was accepted but not followed up", outcome.capture.url[:200])
            state.db.execute("ROLLBACK TO change")
            hosts = _close(outcome, "failed", "accept-error")(state)
        state.db.execute("RELEASE change")
        return hosts

    return guarded


# ---------------------------------------------------------------------------------------------------- row changes
def _close(
    outcome: Outcome, kept: str | list[str], reason: str | None, extra: Callable[[State], set[str]] | None = None
) -> Callable[[State], set[str]]:
    """End a row: done, or failed(reason).  kept: what the capture row says of the reading."""

    def change(state: State) -> set[str]:
        hosts = extra(state) if extra else set()
        capture, target, reading = outcome.capture, outcome.target, outcome.reading
        state.db.execute(
            "UPDATE capture SET outcome = ?, sha256 = ? WHERE id = ?",
            (reason or (kept if isinstance(kept, str) else kept[0]), reading.sha256, capture.id),
        )
        if target is None:
            return hosts
        if is_imported(capture.warc):  # what another tool saw never stands in for an answer of our own
            state.db.execute(
                "UPDATE url SET state = ?, reason = ? WHERE id = ? AND state = 'captured'",
                ("failed" if reason else "done", reason, target.id),
            )
        elif reason is not None:
            state.db.execute(
                f"UPDATE url SET state = 'failed', reason = ? WHERE id = ? AND state IN ('captured', 'done', 'failed') AND NOT {LATER}",
                (reason, target.id, capture.id),
            )
        elif capture.status == 304:
            state.db.execute(
                f"UPDATE url SET state = CASE WHEN {LATER} THEN state ELSE 'done' END, "
                f"reason = CASE WHEN {LATER} THEN reason END, checks = checks + 1 WHERE id = ?",
                (capture.id, capture.id, target.id),
            )
        else:
            state.db.execute(
                f"UPDATE url SET state = CASE WHEN state = 'redirected' OR {LATER} THEN state ELSE 'done' END, "
                f"reason = CASE WHEN state = 'redirected' OR {LATER} THEN reason END, capture = ?, "
                "etag = COALESCE(?, etag), last_modified = COALESCE(?, last_modified), checks = checks + 1 WHERE id = ?",
                (capture.id, capture.id, capture.id, reading.etag, reading.last_modified, target.id),
            )
        return hosts

    return change


def _robots(outcome: Outcome) -> Callable[[State], set[str]]:
    """Keep an origin's rules: 2xx = its text, 4xx = none (RFC 9309 §2.3.1)."""
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    ok = (capture.status or 0) // 100 in (2, 3) and reading.text is not None

    def keep(state: State) -> set[str]:
        assert target is not None
        state.db.execute(
            "INSERT INTO origin VALUES (?, ?, ?, ?, ?) ON CONFLICT(name) DO UPDATE SET robots = excluded.robots, "
            "robots_status = excluded.robots_status, robots_at = excluded.robots_at, robots_capture = excluded.robots_capture",
            (
                target.list,
                reading.text if ok else None,
                "ok" if ok else "none",
                datetime.fromisoformat(capture.at).timestamp(),
                capture.id,
            ),
        )
        return {
            row[0]
            for row in state.db.execute(
                "SELECT DISTINCT host FROM url WHERE state IN ('pending', 'retry') AND host = ?",
                (host_of(target.list or ""),),
            )
        }

    return _close(outcome, "robots", None, keep)


def _is_no_page(outcome: Outcome) -> bool:
    """Say whether a further page of a list turned out not to be there."""
    rejected = outcome.reading.rejected or ""
    missing = rejected in ("http-404", "http-410") or rejected.startswith("soft-404")
    return missing and outcome.target is not None and outcome.target.role == "list" and outcome.target.page > 1


def _without_page(outcome: Outcome, site: Site, rules: Rules) -> Callable[[State], set[str]]:
    kept = ["list"]

    def end(state: State) -> set[str]:
        source = next((entry for entry in site.list if entry.url == outcome.capture.list), None)
        if source is not None:
            kept[0] = f"list:{end_without_page(state, site, source, rules)}"
        return {host_of(site.url)}

    return _close(outcome, kept, None, end)


def _links(outcome: Outcome, site: Site | None, rules: Rules) -> Callable[[State], set[str]]:
    """A list, a home page, a style sheet, a file: ask what it leads to."""
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    assert target is not None
    kept = ["list" if capture.role == "list" else "kept"]

    def ask(state: State) -> set[str]:
        hosts = _ask_requisites(state, site, target, reading, rules)
        if reading.listing is not None and site is not None:
            source = next((entry for entry in site.list if entry.url == (capture.list or capture.url)), None)
            if source is not None:
                turn = walk(state, site, source, target, reading.listing, rules, capture.id)
                kept[0] = f"list:{turn.ended}" if turn.ended else "list"
                hosts |= {host_of(row.url) for row in reading.listing.rows}
                hosts.add(host_of(source.url))
                if reading.listing.next is not None:
                    hosts.add(host_of(reading.listing.next.url))
        return hosts

    return _close(outcome, kept, None, ask)


def _ask_requisites(state: State, site: Site | None, target: Target, reading: Reading, rules: Rules) -> set[str]:
    """Ask what a page needs to be shown again; of other hosts only what is seen (their scripts count visitors)."""
    hosts: set[str] = set()
    if len(target.hops) - len(target.hops.rstrip("E")) >= DEEPEST:
        return hosts
    for url in reading.requisites[:REQUISITES]:
        own = site is None or in_scope(site.url, url)
        if (own or role_of_link(url) in ("image", "style", "font")) and ask_row(
            state, target.site, url, "requisite", rules.run, via=target.url, hops=target.hops + "E", now=rules.now
        ):
            hosts.add(host_of(url))
    return hosts


# ------------------------------------------------------------------------------------------------------- articles
def _redirected(accepted: Accepted, items: _Items, outcome: Outcome, site: Site | None, rules: Rules) -> None:
    """A redirect of an article: to the home page = gone; to another address = that one is an alias."""
    capture, target = outcome.capture, outcome.target
    assert target is not None
    if target.role == "article" and site is not None:
        name = article_url(site, target.url) or target.url
        item_id = items.id_of(site.name, name)
        if capture.error == "redirected-home":
            _gone(accepted, items, outcome, rules, item_id, "redirected_home")
            return
        new = items.state.one("SELECT url FROM url WHERE id = (SELECT redirected_to FROM url WHERE id = ?)", target.id)

        def remember(state: State) -> set[str]:
            if item_id is not None and new is not None:
                other = article_url(site, new)
                if other is not None:
                    state.db.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", (site.name, other, item_id))
            return {host_of(new)} if new else set()

        accepted.changes.append(_close(outcome, "redirect", None, remember))
        return
    if target.role == "list" and target.page > 1 and site is not None and _leads_back(items.state, target):
        accepted.changes.append(_without_page(outcome, site, rules))
        return
    accepted.changes.append(_close(outcome, "redirect", None))


def _leads_back(state: State, target: Target) -> bool:
    """Say whether a page of a list redirects to what was asked before: the first page, most often."""
    via: str | None = state.one(
        "SELECT via FROM url WHERE id = (SELECT redirected_to FROM url WHERE id = ?)", target.id
    )
    return via != target.url


def _article(accepted: Accepted, items: _Items, outcome: Outcome, site: Site, rules: Rules, forced: bool) -> None:
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    assert target is not None
    name = article_url(site, capture.url) or capture.url
    item_id = items.id_of(site.name, name)
    if outcome.error:
        accepted.changes.append(_close(outcome, "failed", outcome.error))
        return
    if reading.article is not None and _is_front(items.state, site, capture):
        outcome = replace(outcome, reading=Reading(rejected="soft-404:home"))
        reading = outcome.reading
    if reading.rejected:
        gone = reading.rejected in ("http-404", "http-410") or reading.rejected.startswith("soft-404")
        _gone(accepted, items, outcome, rules, item_id, "gone") if gone else accepted.changes.append(
            _close(outcome, "failed", reading.rejected)
        )
        return
    if reading.article is None:  # not a byte has changed since it was read
        accepted.changes.append(_checked(outcome))
        return
    article = reading.article
    known = items.known(site.name, item_id) if item_id else None
    if article.body_kind == "empty" and known is not None and known.live and known.item.extension.body_kind == "text":
        _gone(accepted, items, outcome, rules, item_id, "emptied")
        return
    missing = _missing(items.state, target, article, site)
    if missing and not forced:
        accepted.changes.append(_wait(outcome, site, missing, rules))
        return
    _publish(accepted, items, outcome, article, site, rules, name, item_id)


def _is_front(state: State, site: Site, capture: Capture) -> bool:
    """Say whether an article's address brought the home page or a list, byte for byte: what is gone is hidden by it."""
    for url in {site.url, *(source.url for source in site.list)} - {capture.url}:
        seen = state.one(
            "SELECT c.digest FROM url u JOIN capture c ON c.id = u.capture WHERE u.site = ? AND u.key = ?",
            site.name, key_of(url),
        )  # fmt: skip
        if seen is not None and seen == capture.digest:
            return True
    return False


def _missing(state: State, target: Target, article: Article, site: Site) -> list[tuple[str, str]]:
    """Return (url, role) of the parts and attachments that must end before the article is whole."""
    wanted = [(url, "part") for url in article.parts] + [
        (link.url, "attachment") for link in article.attachments if site.media or role_of_link(link.url) != "media"
    ]
    wanted = [(url, role) for url, role in wanted if is_address(url)]
    open_ones = []
    for url, role in wanted:
        row = state.db.execute(
            "SELECT id, state, role FROM url WHERE site = ? AND key = ?", (target.site, key_of(url))
        ).fetchone()
        if row is not None and row[0] == target.id:
            continue
        needed = row is not None and state.one(
            "SELECT 1 FROM need WHERE parent = ? AND child = ?", target.id, _final(state, row[0])
        )
        if (
            row is None
            or not needed
            or state.one("SELECT state FROM url WHERE id = ?", _final(state, row[0]))
            in ("pending", "retry", "captured")
        ):
            open_ones.append((url, role))
    return open_ones


def _final(state: State, row: int) -> int:
    """Follow redirects of a row to the one that has the answer."""
    for _ in range(12):
        following = state.one("SELECT redirected_to FROM url WHERE id = ? AND state = 'redirected'", row)
        if following is None:
            return row
        row = following
    return row


def _wait(outcome: Outcome, site: Site, missing: list[tuple[str, str]], rules: Rules) -> Callable[[State], set[str]]:
    """Ask what the article needs; it is read again when all of it has ended."""
    target, reading = outcome.target, outcome.reading
    assert target is not None

    def change(state: State) -> set[str]:
        hosts = _ask_requisites(state, site, target, reading, rules)
        state.db.execute("UPDATE capture SET outcome = 'waiting' WHERE id = ?", (outcome.capture.id,))
        for rank, (url, role) in enumerate(missing):
            ask_row(
                state,
                target.site,
                url,
                role,
                rules.run,
                via=target.url,
                hops=target.hops + ("L" if role == "part" else "E"),
                now=rules.now,
            )
            child = state.one("SELECT id FROM url WHERE site = ? AND key = ?", target.site, key_of(url))
            state.db.execute(
                "INSERT OR IGNORE INTO need VALUES (?, ?, ?, ?)", (target.id, _final(state, child), role, rank)
            )
            hosts.add(host_of(url))
        return hosts

    return change


def _checked(outcome: Outcome) -> Callable[[State], set[str]]:
    """An article that is as it was: plan the next look."""
    target = outcome.target
    assert target is not None

    def plan(state: State) -> set[str]:
        published = state.one(
            "SELECT item.published FROM item JOIN alias ON alias.site = item.site AND alias.id = item.id WHERE alias.site = ? AND alias.url = ?",
            target.site,
            target.url,
        )
        checks = state.one("SELECT checks FROM url WHERE id = ?", target.id) or 0
        state.db.execute("UPDATE url SET next_check = ? WHERE id = ?", (next_check(published, checks), target.id))
        state.db.execute(
            "UPDATE item SET misses = 0 WHERE site = ? AND id = (SELECT id FROM alias WHERE site = ? AND url = ?)",
            (target.site, target.site, target.url),
        )
        return set()

    return _close(outcome, "article", None, plan)


def _gone(accepted: Accepted, items: _Items, outcome: Outcome, rules: Rules, item_id: str | None, reason: str) -> None:
    """A page that is no more: a delete when its list dropped it too or it failed twice, else one miss."""
    capture, target = outcome.capture, outcome.target
    assert target is not None
    failure = outcome.reading.rejected or reason
    known = items.known(target.site, item_id) if item_id else None
    if known is None or item_id is None or not known.live or _is_second(items.state, target, known):
        accepted.changes.append(_close(outcome, "failed", failure))
        return
    if rules.replay and items.state.get("seq_at_rebuild") != "0":
        accepted.changes.append(_close(outcome, "failed", failure))  # the log has said what there was to say
        return
    if target.why != "vanished" and known.misses + 1 < GONE_AFTER and reason != "emptied":

        def miss(state: State) -> set[str]:
            state.db.execute("UPDATE item SET misses = misses + 1 WHERE site = ? AND id = ?", (target.site, item_id))
            state.db.execute("UPDATE url SET next_check = ? WHERE id = ?", (time.time() + 86400, target.id))
            return set()

        accepted.changes.append(_close(outcome, "failed", failure, miss))
        return
    evidence = (_evidence("absence", capture),)
    accepted.drafts.append(
        Draft("delete", "site", False, target.site, item_id, known.rev + 1, (), reason, evidence, None)
    )
    items.drafted[target.site, item_id] = Known(known.item, known.rev + 1, False, 0)
    accepted.changes.append(_close(outcome, "failed", failure))


def _publish(
    accepted: Accepted,
    items: _Items,
    outcome: Outcome,
    article: Article,
    site: Site,
    rules: Rules,
    name: str,
    item_id: str | None,
) -> None:
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    assert target is not None
    state = items.state
    known = items.known(site.name, item_id) if item_id else None
    before = known.item if known else None
    attachments, files = _attachments(state, target, article, capture, reading)
    aliases = _aliases(state, site, target, name, before)
    item = item_of(
        msgspec.structs.replace(article, url=name),
        site.publisher(),
        item_id=before.id if before else name,
        attachments=attachments,
        aliases=aliases,
        first_seen=before.extension.first_seen if before else capture.at,
        from_=article.evidence,
        profile=reading.profile,
    )
    second = before if known is not None and known.live and _is_second(state, target, known, name) else None
    twin = second.id if second is not None else items.twin_of(site.name, item) if before is None else None
    if twin is not None:
        _second_address(accepted, items, outcome, rules, twin, name)
        return
    decision = decide(before, known.live if known else False, item)
    if rules.replay and before is not None and items.state.get("seq_at_rebuild") != "0":
        decision = None
    if decision is not None:
        op, changed = decision
        row_list = _list_evidence(state, site, target, capture, {name, *aliases})
        parts = tuple(_evidence("part", part) for part in _part_captures(state, target))
        evidence = (_evidence("page", capture), *parts, *row_list, *files)
        first = (
            state.one(
                "SELECT count(*) FROM run WHERE id < ? AND ended IS NOT NULL AND sites LIKE ?",
                rules.run,
                f'%"{site.name}"%',
            )
            == 0
        )
        backfill = op == "new" and (rules.backfill or is_backfill(item, rules.full or first, capture.at))
        rev = known.rev + 1 if known else 1
        accepted.drafts.append(Draft(op, rules.cause, backfill, site.name, item.id, rev, changed, None, evidence, item))
        items.draft(site.name, item, rev, True)

    def plan(state: State) -> set[str]:
        checks = 0 if decision else int(state.one("SELECT checks FROM url WHERE id = ?", target.id) or 0)
        state.db.execute(
            "UPDATE url SET next_check = ?, checks = ? WHERE id = ?",
            (next_check(article.published, checks), checks, target.id),
        )
        for url in {name, *aliases}:
            state.db.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", (site.name, url, item.id))
        return _ask_requisites(state, site, target, reading, rules)

    accepted.changes.append(_close(outcome, "article", None, plan))


def _is_second(state: State, target: Target, known: Known, name: str | None = None) -> bool:
    """Say whether an address is a further one of an item, neither its own nor where it has moved to."""
    if (name or target.url) in (known.item.id, known.item.url):
        return False
    return state.one("SELECT 1 FROM url WHERE redirected_to = ?", target.id) is None


def _second_address(accepted: Accepted, items: _Items, outcome: Outcome, rules: Rules, item_id: str, name: str) -> None:
    """One article at two addresses (print view, mobile host, another column): the later one becomes an alias.

    It is not looked at again by plan: edits are seen at the first.
    """
    capture, target = outcome.capture, outcome.target
    assert target is not None
    known = items.known(target.site, item_id)
    assert known is not None
    extension = known.item.extension
    if name not in (known.item.id, *extension.aliases) and not (
        rules.replay and items.state.get("seq_at_rebuild") != "0"
    ):
        item = msgspec.structs.replace(
            known.item, extension=msgspec.structs.replace(extension, aliases=(*extension.aliases, name))
        )
        evidence = (_evidence("page", capture),)
        rev = known.rev + 1
        accepted.drafts.append(
            Draft("update", rules.cause, False, target.site, item_id, rev, ("aliases",), None, evidence, item)
        )
        items.draft(target.site, item, rev, True)

    def remember(state: State) -> set[str]:
        state.db.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", (target.site, name, item_id))
        state.put(f"{TWINS}{target.site}", "1")
        state.db.execute("UPDATE url SET next_check = NULL WHERE id = ?", (target.id,))
        return set()

    accepted.changes.append(_close(outcome, "twin", None, remember))


def _aliases(state: State, site: Site, target: Target, name: str, before: Item | None) -> tuple[str, ...]:
    """Other addresses of the same article: what redirected here, and what it was called before."""
    found = list(before.extension.aliases) if before else []
    for (url,) in state.db.execute("SELECT url FROM url WHERE redirected_to = ? AND role = 'article'", (target.id,)):
        try:
            found.append(without(canonical(url, home=site.url), site.ignore))
        except NotAnAddressError:
            continue
    if before is not None and before.url != name:
        found.append(before.url)
    own = {name, before.id if before else name}
    return tuple(dict.fromkeys(url for url in found if url not in own))


def _attachments(
    state: State, target: Target, article: Article, capture: Capture, reading: Reading
) -> tuple[tuple[Attachment, ...], tuple[Evidence, ...]]:
    made, files = [], []
    for link in article.attachments:
        row = state.db.execute(
            "SELECT id FROM url WHERE site = ? AND key = ?", (target.site, key_of(link.url))
        ).fetchone()
        final = _final(state, row[0]) if row else None
        if final == target.id:  # the article is the file
            made.append(Attachment(link.url, link.title, capture.mime, reading.size, reading.sha256, "ok"))
            continue
        kept = (
            state.captures("url_id = ? AND sha256 IS NOT NULL AND outcome = 'kept' ORDER BY id DESC LIMIT 1", final)
            if final
            else []
        )
        if kept and kept[0].truncated is None:
            files.append(_evidence("attachment", kept[0]))
            made.append(Attachment(link.url, link.title, kept[0].mime, kept[0].size, kept[0].sha256, "ok"))
        else:
            made.append(Attachment(link.url, link.title, None, None, None, _attachment_state(state, final, kept)))
    return tuple(made), tuple(files)


def _attachment_state(state: State, row: int | None, kept: list[Capture]) -> AttachmentState:
    reason = str(state.one("SELECT reason FROM url WHERE id = ?", row) or "") if row else ""
    if kept or reason == "too-big":
        return "too-big"
    if reason.startswith(("robots", "blocked", "http-401", "http-403", "http-412", "http-521")):
        return "blocked"
    return "missing"


def _evidence(role: EvidenceRole, capture: Capture) -> Evidence:
    return Evidence(
        role, capture.warc, capture.offset, capture.length, capture.record_id, capture.digest, capture.at, capture.url
    )


def _part_captures(state: State, target: Target) -> list[Capture]:
    found: list[Capture] = []
    for (child,) in state.db.execute(
        "SELECT child FROM need WHERE parent = ? AND role = 'part' ORDER BY rank", (target.id,)
    ).fetchall():
        found += state.captures("url_id = ? AND status = 200 ORDER BY id DESC LIMIT 1", child)
    return found


def _list_evidence(state: State, site: Site, target: Target, page: Capture, names: set[str]) -> tuple[Evidence, ...]:
    """The list page on which the article's row stood when it was last seen.  names: what its row may be called."""
    if target.list is None:
        return ()
    marks = ", ".join("?" * len(names))
    seen = state.one(
        f"SELECT capture FROM listed WHERE site = ? AND url IN ({marks}) AND capture < ? ORDER BY list = ? DESC, capture DESC",
        site.name, *sorted(names), page.id, target.list,
    )  # fmt: skip
    if seen is None:  # its row has another address: the page that led here, before any redirect
        via: str | None = target.via
        for _ in range(12):
            before = state.one("SELECT via FROM url WHERE site = ? AND url = ? AND role = 'article'", site.name, via)
            via = before or via
        seen = state.one(
            "SELECT id FROM capture WHERE site = ? AND role = 'list' AND url = ? AND id < ? ORDER BY id DESC LIMIT 1",
            site.name, via or target.list, page.id,
        )  # fmt: skip
    found = state.captures("id = ?", seen) if seen is not None else []
    return tuple(_evidence("list", capture) for capture in found)
