"""What a run is told by the command line, and whether it may start.  Light: every command reads it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import Guard, Route
from crawler.config import Config


class NotAllowedError(Exception):
    """The run may not start; the message says why and what would do."""


@dataclass(frozen=True)
class Options:
    """What the command line says of a run."""

    full: bool = False
    limit: int | None = None
    delay: float | None = None
    timeout: float | None = None
    routes: tuple[Route, ...] = ()
    allow_private: bool = False
    ignore_robots: bool = False
    workers: int | None = None


def default_workers() -> int:
    return max(1, min(4, (os.cpu_count() or 2) - 1))


def check_operator(config: Config, guard: Guard, urls: Sequence[str]) -> None:
    """Refuse to crawl others' hosts without a name.  Raises NotAllowedError."""
    if config.operator and config.contact:
        return
    for url in urls:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if guard.reaches_out(parts.hostname or "", port):
            raise NotAllowedError(
                f"{parts.hostname}: crawling needs an operator and a contact in parknews.toml, so that the site's owner "
                "knows whom to ask: run `parknews init`"
            )
