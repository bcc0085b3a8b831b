"""The demo sites by name, and the page of every trap by the trap's name."""

from dataclasses import dataclass
from functools import cache

from tests.demo.hr import Hr
from tests.demo.kjt import Kjt
from tests.demo.model import DemoSite
from tests.demo.tv import Tv
from tests.demo.tz import Tz
from tests.demo.yd import Yd


@dataclass(frozen=True)
class Trap:
    """Where a trap is: name of the site, URL of the page that shows it."""

    site: str
    url: str


KINDS: tuple[type[DemoSite], ...] = (Kjt, Hr, Yd, Tv, Tz)


@cache
def sites(state: int = 1) -> dict[str, DemoSite]:
    """Return the five sites as they are in `state`, written once a process."""
    return {kind.name: kind(state) for kind in KINDS}


def traps() -> dict[str, Trap]:
    """Return trap -> page; a trap is named SITE:NAME ("kjt:pager-in-script")."""
    out = {}
    for site in sites().values():
        for name, path in site.traps.items():
            out[f"{site.name}:{name}"] = Trap(site.name, site.url(path))
    return out
