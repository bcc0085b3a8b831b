"""Articles that were read: what they say is held against what was said of them, and becomes events with their proof.

crawler.accept hands each one over; the drafts and the changes of rows go where all others go (crawler.outcome).
"""

import time
from dataclasses import replace

import msgspec

from archive.state import Capture, State, Target
from crawler.evidence import attachments_of, evidence_of, list_evidence, part_evidence
from crawler.items import Items, Known
from crawler.outcome import Accepted, Change, Outcome, close
from crawler.rows import ask_requisites, ask_row, final_of, host_of, is_address, key_of
from crawler.traps import TWINS
from crawler.walk import Rules, article_url, next_check
from crawler.work import Reading
from pipelines.feed import Draft, decide, is_backfill, item_of
from pipelines.item import Article, Item
from spiders.links import NotAnAddressError, canonical, role_of_link
from spiders.sessions import without
from spiders.site import Site

GONE_AFTER = 2  # failing looks at a page that its list still shows


def accept_redirect(accepted: Accepted, items: Items, outcome: Outcome, site: Site, rules: Rules) -> None:
    """A redirect of an article: to the home page = gone; to another address = that one is an alias."""
    capture, target = outcome.capture, outcome.target
    assert target is not None
    item_id = items.id_of(site.name, article_url(site, target.url) or target.url)
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

    accepted.changes.append(close(outcome, "redirect", None, remember))


def accept_article(accepted: Accepted, items: Items, outcome: Outcome, site: Site, rules: Rules, forced: bool) -> None:
    """An article's page: gone, as it was, waiting for its files and further pages, or to be published.

    forced: wait for nothing; the run has come to its end.
    """
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    assert target is not None
    name = article_url(site, capture.url) or capture.url
    item_id = items.id_of(site.name, name)
    if outcome.error:
        accepted.changes.append(close(outcome, "failed", outcome.error))
        return
    if reading.article is not None and _is_front(items.state, site, capture):
        outcome = replace(outcome, reading=Reading(rejected="soft-404:home"))
        reading = outcome.reading
    if reading.rejected:
        if reading.rejected in ("http-404", "http-410") or reading.rejected.startswith("soft-404"):
            _gone(accepted, items, outcome, rules, item_id, "gone")
        else:
            accepted.changes.append(close(outcome, "failed", reading.rejected))
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
            "SELECT 1 FROM need WHERE parent = ? AND child = ?", target.id, final_of(state, row[0])
        )
        if (
            row is None
            or not needed
            or state.one("SELECT state FROM url WHERE id = ?", final_of(state, row[0]))
            in ("pending", "retry", "captured")
        ):
            open_ones.append((url, role))
    return open_ones


def _wait(outcome: Outcome, site: Site, missing: list[tuple[str, str]], rules: Rules) -> Change:
    """Ask what the article needs; it is read again when all of it has ended."""
    target, reading = outcome.target, outcome.reading
    assert target is not None

    def change(state: State) -> set[str]:
        hosts = ask_requisites(state, site.url, target, reading.requisites, rules.run, rules.now)
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
                "INSERT OR IGNORE INTO need VALUES (?, ?, ?, ?)", (target.id, final_of(state, child), role, rank)
            )
            hosts.add(host_of(url))
        return hosts

    return change


def _checked(outcome: Outcome) -> Change:
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

    return close(outcome, "article", None, plan)


def _gone(accepted: Accepted, items: Items, outcome: Outcome, rules: Rules, item_id: str | None, reason: str) -> None:
    """A page that is no more: a delete when its list dropped it too or it failed twice, else one miss."""
    capture, target = outcome.capture, outcome.target
    assert target is not None
    failure = outcome.reading.rejected or reason
    known = items.known(target.site, item_id) if item_id else None
    if known is None or item_id is None or not known.live or _is_second(items.state, target, known):
        accepted.changes.append(close(outcome, "failed", failure))
        return
    if _is_said(items.state, rules):
        accepted.changes.append(close(outcome, "failed", failure))
        return
    if target.why != "vanished" and known.misses + 1 < GONE_AFTER and reason != "emptied":

        def miss(state: State) -> set[str]:
            state.db.execute("UPDATE item SET misses = misses + 1 WHERE site = ? AND id = ?", (target.site, item_id))
            state.db.execute("UPDATE url SET next_check = ? WHERE id = ?", (time.time() + 86400, target.id))
            return set()

        accepted.changes.append(close(outcome, "failed", failure, miss))
        return
    evidence = (evidence_of("absence", capture),)
    accepted.drafts.append(
        Draft("delete", "site", False, target.site, item_id, known.rev + 1, (), reason, evidence, None)
    )
    items.drafted[target.site, item_id] = Known(known.item, known.rev + 1, False, 0)
    accepted.changes.append(close(outcome, "failed", failure))


def _publish(
    accepted: Accepted,
    items: Items,
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
    attachments, files = attachments_of(state, target, article, capture, reading)
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
    if before is not None and _is_said(state, rules):
        decision = None
    if decision is not None:
        op, changed = decision
        row_list = list_evidence(state, site, target, capture, {name, *aliases})
        evidence = (evidence_of("page", capture), *part_evidence(state, target), *row_list, *files)
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
        return ask_requisites(state, site.url, target, reading.requisites, rules.run, rules.now)

    accepted.changes.append(close(outcome, "article", None, plan))


def _is_said(state: State, rules: Rules) -> bool:
    """Tell whether this is a rebuild whose log has said what there was to say of known items."""
    return rules.replay and state.get("seq_at_rebuild") != "0"


def _is_second(state: State, target: Target, known: Known, name: str | None = None) -> bool:
    """Say whether an address is a further one of an item, neither its own nor where it has moved to."""
    if (name or target.url) in (known.item.id, known.item.url):
        return False
    return state.one("SELECT 1 FROM url WHERE redirected_to = ?", target.id) is None


def _second_address(accepted: Accepted, items: Items, outcome: Outcome, rules: Rules, item_id: str, name: str) -> None:
    """One article at two addresses (print view, mobile host, another column): the later one becomes an alias.

    It is not looked at again by plan: edits are seen at the first.
    """
    capture, target = outcome.capture, outcome.target
    assert target is not None
    known = items.known(target.site, item_id)
    assert known is not None
    extension = known.item.extension
    if name not in (known.item.id, *extension.aliases) and not _is_said(items.state, rules):
        item = msgspec.structs.replace(
            known.item, extension=msgspec.structs.replace(extension, aliases=(*extension.aliases, name))
        )
        evidence = (evidence_of("page", capture),)
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

    accepted.changes.append(close(outcome, "twin", None, remember))


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
