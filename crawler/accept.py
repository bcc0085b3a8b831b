"""Accepting readings: what each one means for the frontier, for its item and for the change log.

Two steps around the append: `accept` reads the state and drafts events, `Accepted.apply` changes rows in the
transaction that also commits the events' items.  A page that is read twice (a crash between the two) drafts nothing
the second time, because its item already says the same.  Articles have a room of their own: crawler.articles.
"""

import logging
from datetime import datetime

from archive.state import State, Target
from crawler.articles import accept_article, accept_redirect
from crawler.ending import REDIRECT_STATUS
from crawler.items import Items
from crawler.outcome import HOME_TROUBLES, Accepted, Change, Outcome, close, guarded
from crawler.politeness import keep_rules
from crawler.rows import ask_requisites, host_of
from crawler.walk import Rules, end_without_page, walk
from spiders.site import Site

log = logging.getLogger(__name__)


def accept(
    state: State, outcomes: list[Outcome], sites: dict[str, Site], run_rules: Rules, *, forced: bool
) -> Accepted:
    """Draft the events and row changes of finished readings, in order.

    A mistake of ours with one of them is told loudly and ends that one as `accept-error`; the others go on.
    """
    accepted = Accepted()
    items = Items(state)
    for outcome in outcomes:
        drafts, changes = len(accepted.drafts), len(accepted.changes)
        try:
            _accept(accepted, items, outcome, sites.get(outcome.capture.site), run_rules.of(outcome.capture), forced)
        except HOME_TROUBLES:
            raise
        except Exception:  # one page, counted with its reason
            log.exception("%s was read but could not be accepted", outcome.capture.url[:200])
            del accepted.drafts[drafts:], accepted.changes[changes:]
            accepted.changes.append(close(outcome, "failed", "accept-error"))
        accepted.changes[changes:] = [guarded(outcome, change) for change in accepted.changes[changes:]]
    return accepted


def _accept(accepted: Accepted, items: Items, outcome: Outcome, site: Site | None, rules: Rules, forced: bool) -> None:
    state, role, status = items.state, outcome.capture.role, outcome.capture.status or 0
    if outcome.target is None:
        accepted.changes.append(close(outcome, "kept", None))
    elif role == "robots" and status != 304 and status // 100 == 3:
        accepted.changes.append(close(outcome, "redirect", None))  # the rules are where it leads
    elif role == "robots":
        accepted.changes.append(_robots(outcome))
    elif status in REDIRECT_STATUS and role == "article" and site is not None:
        accept_redirect(accepted, items, outcome, site, rules)
    elif status in REDIRECT_STATUS and site is not None and _leads_back(state, outcome.target):
        accepted.changes.append(_without_page(outcome, site, rules))
    elif status in REDIRECT_STATUS:
        accepted.changes.append(close(outcome, "redirect", None))
    elif role == "article" and site is not None:
        accept_article(accepted, items, outcome, site, rules, forced)
    elif _is_no_page(outcome) and site is not None:
        accepted.changes.append(_without_page(outcome, site, rules))
    elif outcome.error or outcome.reading.rejected:
        accepted.changes.append(close(outcome, "failed", outcome.error or outcome.reading.rejected))
    else:
        accepted.changes.append(_links(outcome, site, rules))


def _robots(outcome: Outcome) -> Change:
    """Keep an origin's rules: 2xx = its text, 4xx = none (RFC 9309 §2.3.1)."""
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    ok = (capture.status or 0) // 100 in (2, 3)

    def keep(state: State) -> set[str]:
        assert target is not None
        moment = datetime.fromisoformat(capture.at).timestamp()
        keep_rules(state, target.list or "", reading.text if ok else None, moment, capture.id)
        return {
            row[0]
            for row in state.db.execute(
                "SELECT DISTINCT host FROM url WHERE state IN ('pending', 'retry') AND host = ?",
                (host_of(target.list or ""),),
            )
        }

    return close(outcome, "robots", None, keep)


def _is_no_page(outcome: Outcome) -> bool:
    """Say whether a further page of a list turned out not to be there."""
    rejected = outcome.reading.rejected or ""
    missing = rejected in ("http-404", "http-410") or rejected.startswith("soft-404")
    return missing and outcome.target is not None and outcome.target.role == "list" and outcome.target.page > 1


def _without_page(outcome: Outcome, site: Site, rules: Rules) -> Change:
    kept = ["list"]

    def end(state: State) -> set[str]:
        source = next((entry for entry in site.list if entry.url == outcome.capture.list), None)
        if source is not None:
            kept[0] = f"list:{end_without_page(state, site, source, rules)}"
        return {host_of(site.url)}

    return close(outcome, kept, None, end)


def _links(outcome: Outcome, site: Site | None, rules: Rules) -> Change:
    """A list, a home page, a style sheet, a file: ask what it leads to."""
    capture, target, reading = outcome.capture, outcome.target, outcome.reading
    assert target is not None
    kept = ["list" if capture.role == "list" else "kept"]

    def ask(state: State) -> set[str]:
        hosts = ask_requisites(state, site.url if site else None, target, reading.requisites, rules.run, rules.now)
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

    return close(outcome, kept, None, ask)


def _leads_back(state: State, target: Target) -> bool:
    """Say whether a further page of a list redirects to what was asked before: the first page, most often."""
    if target.role != "list" or target.page < 2:
        return False
    via: str | None = state.one(
        "SELECT via FROM url WHERE id = (SELECT redirected_to FROM url WHERE id = ?)", target.id
    )
    return via != target.url
