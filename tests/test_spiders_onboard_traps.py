"""Onboarding of sites with traps at the door: calendars, filters, sessions, links that grow; the list alone is proposed."""

import asyncio

import pytest

from spiders.onboard import Proposal, onboard
from spiders.probe import identity
from tests.asking import Loopback
from tests.farm.doors import DOORS, SessionsAtTheDoor
from tests.farm.found import walked
from tests.farm.server import FarmServer
from tests.farm.traps import Trap

BUDGET = 60


def proposed(trap: Trap) -> tuple[Proposal, set[str], int]:
    """Onboard a trap site; return the proposal, the paths of what a walk of it finds, and the requests it cost."""
    with FarmServer([trap]) as farm:
        ask = Loopback(farm.port)
        proposal = asyncio.run(onboard(trap.home, ask, budget=BUDGET))
        spent = ask.count
        assert proposal.site is not None, proposal.sheet.as_text()
        found = walked(proposal.site, ask.fetch)
    return proposal, set(found.rows), spent


@pytest.mark.parametrize("kind", DOORS, ids=lambda kind: str(kind.NAME))
def test_site_with_a_trap_is_onboarded_by_its_one_list(kind: type[Trap]) -> None:
    trap = kind()
    proposal, found, spent = proposed(trap)
    assert proposal.site is not None
    assert {name.partition("?")[0] for name in found} == trap.articles, proposal.toml
    assert len(proposal.site.list) == 1, proposal.toml
    assert proposal.status == "ok", proposal.sheet.as_text()
    assert spent <= BUDGET


def test_session_costs_no_request_for_pages_that_were_read() -> None:
    trap = SessionsAtTheDoor()
    proposal, found, spent = proposed(trap)
    assert spent < 25, proposal.sheet.as_text()
    assert proposal.site is not None
    assert proposal.site.ignore == ("visit",)
    assert "visit=" not in proposal.toml
    assert {identity(trap.home, name) for name in found}
