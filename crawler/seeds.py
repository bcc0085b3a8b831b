"""Where a run begins: home pages, lists, planned looks at known articles, and what an earlier run gave up."""

import time
from collections.abc import Iterable

from archive.state import State
from crawler.rows import ask_row
from spiders.cms import opening
from spiders.site import Site

RECHECKS = 200  # planned looks at known articles a site and run


def seed_lists(state: State, sites: Iterable[Site], run: int) -> None:
    """Put what the sites of a run begin with into the frontier, in one transaction."""
    with state.transaction() as db:
        for site in sites:
            for source in site.list:
                first = opening(source.url, source.cms, source.options)
                ask_row(
                    state, site.name, first.url, "list", run, list_url=source.url, method=first.method,
                    headers=first.headers, body=first.body,
                )  # fmt: skip
                if first.url != source.url:  # the page that people see is kept as well
                    ask_row(state, site.name, source.url, "home", run)
            # behind the lists: a home page that is a list itself is walked as one
            ask_row(state, site.name, site.url, "home", run)
            db.execute(
                "UPDATE url SET state = 'pending', run = ?, why = 'plan', not_before = 0, attempts = 0 WHERE id IN ("
                "SELECT id FROM url WHERE site = ? AND role = 'article' AND next_check <= ? AND run < ? "
                "AND state IN ('done', 'failed') ORDER BY next_check LIMIT ?)",
                (run, site.name, time.time(), run, RECHECKS),
            )
            # a host that could not be reached is asked for its robots.txt again by each run
            db.execute(
                "UPDATE url SET not_before = 0 WHERE site = ? AND state = 'retry' AND reason = 'robots-unreachable'",
                (site.name,),
            )
            # what a run gave up for reasons of the day is tried again by the next one
            db.execute(
                "UPDATE url SET state = 'pending', run = ?, not_before = 0, attempts = 0 WHERE site = ? AND state = 'failed' "
                "AND run < ? AND reason IN ('timeout', 'dns', 'connection-lost', 'connection-refused', 'cut-body', 'tls', "
                "'http-429', 'http-500', 'http-502', 'http-503', 'http-504') AND role IN ('article', 'part', 'attachment') "
                "AND COALESCE(checked, 0) > ?",
                (run, site.name, run, time.time() - 14 * 86400),
            )
