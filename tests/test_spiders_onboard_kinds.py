"""Onboarding of served sites of many kinds: all articles over at least three list pages of a column, none false."""

import asyncio
from datetime import date

import pytest

from spiders.onboard import onboard
from tests.asking import walked
from tests.kinds import Kind, kinds


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: str(kind.NAME))
def test_site_is_onboarded_from_its_bare_url_with_all_articles_and_none_false(kind: type[Kind]) -> None:
    site = kind()
    proposal = asyncio.run(onboard(site.home, site, today=date(2024, 7, 1)))
    assert proposal.site is not None, proposal.sheet.as_text()
    found = walked(proposal.site, site.fetch)
    assert (sorted(site.articles - found), sorted(found - site.articles)) == ([], []), proposal.sheet.as_text()
    assert proposal.status == "ok", proposal.sheet.as_text()
    assert proposal.sheet.spent <= 60
