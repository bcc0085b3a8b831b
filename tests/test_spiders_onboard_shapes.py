"""Onboarding of sites in unusual shapes, from the bare home URL: all articles, none false."""

import asyncio
from datetime import date

import pytest

from spiders.onboard import onboard
from tests.asking import walked
from tests.shapes import SHAPES, Shape
from tests.shapes_more import MORE


@pytest.mark.parametrize("shape", [*SHAPES, *MORE], ids=lambda shape: str(shape.NAME))
def test_site_is_onboarded_from_its_bare_url_with_all_articles_and_none_false(shape: type[Shape]) -> None:
    site = shape()
    proposal = asyncio.run(onboard(site.home, site, today=date(2024, 7, 1)))
    assert proposal.site is not None, proposal.sheet.as_text()
    found = walked(proposal.site, site.fetch)
    assert (sorted(site.articles - found), sorted(found - site.articles)) == ([], []), proposal.sheet.as_text()
    assert proposal.status == "ok", proposal.sheet.as_text()
    assert proposal.sheet.spent <= 60
