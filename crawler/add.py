"""`parknews add`: onboard sites through the real crawl and write what was proved; `parknews check`: a dry run of one.

Many sites are onboarded side by side (hosts are paced apart); each definition is written as soon as it is proved, so
a killed `add --from FILE` goes on where it was: a URL whose definition is there is not asked again.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from archive.paths import Home
from crawler.config import Config
from crawler.converse import converse
from crawler.rows import host_of
from crawler.run import Options
from pipelines.decode import Document
from pipelines.extract import extract_document
from pipelines.feed import replace
from pipelines.item import Page
from spiders import cms
from spiders.cms.adapter import Ask
from spiders.links import NotAnAddressError, canonical
from spiders.onboard import Proposal, onboard
from spiders.probe import Answer
from spiders.site import Site, load_all

SIDE_BY_SIDE = 32  # sites onboarded at once
SAMPLES = 3  # newest articles that a check reads

Asker = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True)
class Added:
    """What became of one URL.  name: of the definition written, None = none was."""

    url: str
    status: str
    name: str | None
    proposal: Proposal | None
    note: str = ""


def read_urls(urls: Sequence[str], file: str | None) -> list[str]:
    """Return the URLs of the command line and of FILE (one a line, # begins a comment).  Raises click.UsageError."""
    found = [(url, "URL") for url in urls]
    if file is not None:
        lines = (sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")).splitlines()
        for number, line in enumerate(lines, 1):
            text = line.split(" #")[0].strip()
            if text and not text.startswith("#"):
                found.append((text.split()[0], f"{file}: line {number}"))
    for url, where in found:
        checked = url if "://" in url else f"http://{url}/"
        try:
            canonical(checked)
        except NotAnAddressError as error:
            raise click.UsageError(f"{where}: {url[:200]!r} is no web address ({error})") from error
    return list(dict.fromkeys(url if "://" in url else f"http://{url}/" for url, _ in found))


def add_all(
    home: Home,
    config: Config,
    urls: Sequence[str],
    options: Options,
    *,
    name: str | None,
    again: bool,
    settle: Callable[[Proposal], bool],
    say: Callable[[str], None],
) -> list[Added]:
    """Onboard each URL; `settle` decides whether a proposal is written.  Results come in the order they are ready."""
    known = load_all(home.sites)
    by_host = {site.host: site for site in known.values()}
    results: list[Added] = []
    taken = set(known)
    gate = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(url: str, ask: Asker) -> None:
        there = by_host.get(host_of(url))
        if there is not None and not again and name is None:
            results.append(Added(url, "known", there.name, None, f"sites/{there.name}.toml is there"))
            return
        async with gate:
            proposal = await onboard(url, ask, name=name, say=lambda line: say(f"{urlsplit(url).hostname}: {line}"))
        written = None
        if proposal.site is not None and proposal.toml and settle(proposal):
            written = write(home, proposal, taken, there.name if again and there else None)
        results.append(Added(url, proposal.status, written, proposal))

    async def talk(ask: Asker) -> None:
        await asyncio.gather(*(one(url, ask) for url in urls))

    converse(home, config, options, talk)
    return results


def write(home: Home, proposal: Proposal, taken: set[str], old: str | None) -> str:
    """Write the definition and the profile; return the name, which never replaces another site's."""
    assert proposal.site is not None
    base = old or proposal.site.name
    name, number = base, 2
    while name in taken and name != old:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    replace(home.sites / f"{name}.toml", proposal.toml.encode())
    if proposal.profile is not None:
        replace(home.profiles / f"{name}.json", proposal.profile.to_json())
    return name


def check(home: Home, config: Config, site: Site, options: Options) -> dict[str, Any]:
    """Ask the first page of each list and its newest articles; say what a crawl would see.  The feed is not touched."""
    report: dict[str, Any] = {"site": site.name, "lists": []}

    async def talk(ask: Asker) -> None:
        for source in site.list:
            first = cms.opening(source.url, source.cms, source.options)
            answer = await ask(first)
            entry: dict[str, Any] = {
                "url": source.url,
                "cms": source.cms,
                "obstacle": answer.obstacle,
                "status": answer.status,
            }
            report["lists"].append(entry)
            if answer.obstacle or answer.status != 200:
                continue
            document = Document(answer.url, answer.body, answer.headers)
            listing = cms.listing(document, source.cms, source.options, first)
            entry |= {
                "rows": len(listing.rows),
                "dated": sum(row.date is not None for row in listing.rows),
                "next": listing.next.url if listing.next else None,
                "recognised": cms.recognise(document)[0],
                "articles": [await _sample(ask, site, row) for row in listing.rows[:SAMPLES]],
            }

    converse(home, config, options, talk)
    return report


async def _sample(ask: Asker, site: Site, row: Any) -> dict[str, Any]:
    answer = await ask(Ask(row.url))
    sample: dict[str, Any] = {
        "url": row.url,
        "row_title": row.title,
        "row_date": row.date,
        "obstacle": answer.obstacle,
        "status": answer.status,
    }
    if answer.obstacle or answer.status != 200:
        return sample
    page = Page(answer.url, answer.body, 200, answer.headers)
    article = extract_document(Document(answer.url, answer.body, answer.headers), page, site.publisher())
    sample |= {
        "title": article.title,
        "date": article.published,
        "source": article.source,
        "characters": len(article.content_text or ""),
        "body_kind": article.body_kind,
        "flags": list(article.flags),
    }
    return sample


def proposals_json(results: Sequence[Added]) -> list[dict[str, Any]]:
    return [
        {
            "url": one.url, "status": one.status, "name": one.name, "note": one.note or None,
            "definition": one.proposal.toml if one.proposal else None,
            "proof": msgspec.to_builtins(one.proposal.sheet.as_json()) if one.proposal else None,
        }
        for one in results
    ]  # fmt: skip
