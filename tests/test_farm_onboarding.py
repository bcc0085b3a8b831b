"""A site of every kind of the farm, known by its home URL alone: its lists are found, read to their ends, and nothing else."""

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest

from pipelines.decode import Document
from spiders import cms
from spiders.cms.shown import day_shown
from spiders.judge import same_title
from spiders.onboard import onboard
from spiders.probe import identity
from tests.asking import Loopback
from tests.farm.found import walked
from tests.farm.kinds import KINDS, site_of
from tests.farm.model import Asked
from tests.farm.server import FarmServer
from tests.farm.site import FarmSite

# What is known to be wrong, with the reason; a kind leaves this table with the change that mends it.
OPEN: dict[str, str] = {}
PAGED = 3  # list pages that the longest list of a site must have shown
BUDGET = 60


@pytest.fixture(scope="module")
def farm() -> Iterator[FarmServer]:
    with FarmServer(site_of(kind) for kind in KINDS) as server:
        yield server


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.xfail(reason=OPEN[kind])) if kind in OPEN else kind for kind in KINDS],
)
def test_site_is_onboarded_from_its_home_and_walked_to_the_last_article(farm: FarmServer, kind: str) -> None:
    site = site_of(kind)
    truth = site.truth()
    ask = Loopback(farm.port)
    proposal = asyncio.run(onboard(site.home, ask, budget=BUDGET, today=date(2025, 7, 1)))
    assert proposal.site is not None, proposal.sheet.as_text()
    assert ask.count <= BUDGET
    assert {one.cms for one in proposal.site.list} <= set(truth.families), proposal.toml
    found = walked(proposal.site, ask.fetch)
    wanted = {identity(site.home, url): story for url, story in truth.articles.items()}
    assert set(found.rows) - {identity(site.home, url) for url in truth.optional} == set(wanted), proposal.toml
    assert max(found.pages.values()) >= (1 if site.whole else PAGED)
    assert len(proposal.site.list) <= len(site.columns) + 1, proposal.toml  # the home page may be one
    for name, story in wanted.items():
        row = found.rows[name or ""]
        assert same_title(row.title, story.title), row
        assert row.date is None or day_shown(row.date) in (None, story.at.date()), row
    dated = sum(1 for row in found.rows.values() if row.date)
    assert kind == "founder" or dated >= 0.9 * len(found.rows)
    assert proposal.status == ("partial" if "needs-browser" in " ".join(proposal.sheet.obstacles) else "ok")


@pytest.mark.parametrize("kind", KINDS)
def test_list_pages_are_taken_for_their_family_and_no_other(kind: str) -> None:
    site = site_of(kind)
    for column in site.columns:
        assert recognised(site, site.list_path(column, 1)) in (*site.families, "generic"), column
    own = {recognised(site, site.list_path(column, 1)) for column in site.columns}
    assert own & set(site.families) or site.families[0] in ("rss", "sitemap", "json")


def recognised(site: FarmSite, path: str) -> str:
    path, _, query = path.partition("?")
    answer = site.respond(Asked(site.host, "GET", path, query))
    assert answer.status == 200
    document = Document(site.url(path), answer.body, (("Content-Type", answer.mime), *answer.headers))
    return cms.recognise(document)[0]
