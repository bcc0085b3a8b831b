"""A site's URL -> a definition that was proved: columns, lists, page turns, sample articles, and a sheet that says so.

    proposal = await onboard("http://www.park.example/", ask)

Reads at most `budget` pages (spiders.inquiry: the survey finds the lists, the choice keeps the fewest that hold
everything, samples compare rows with pages), and writes nothing: the caller decides.  Used by `parknews add`.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from spiders.inquiry import Inquiry
from spiders.outcome import Proposal, proposal
from spiders.probe import Answer, Asking, OutOfBudgetError, Prober


def _silent(_line: str) -> None:
    pass


async def onboard(
    url: str,
    ask: Asking,
    *,
    budget: int = 60,
    full_proof: bool = True,
    name: str | None = None,
    say: Callable[[str], None] = _silent,
    today: date | None = None,
) -> Proposal:
    """Find and prove the lists of the site at `url`, which may be its home, a column, a list or an article.

    ask: performs one polite request.  full_proof: False reads fewer samples and page turns.  name: of the definition,
    None = from the host.  say: told a line a request.  today: None = the present.
    Raises NotAnAddressError.
    """
    inquiry = Inquiry(url, Prober(ask, budget, say), full_proof, name)
    with suppress(OutOfBudgetError):
        await inquiry.run()
    return proposal(inquiry, today or date.today())


__all__ = ["Answer", "Asking", "Proposal", "onboard"]
