"""`parknews add`: onboard sites through the real crawl and write what was proved; `parknews check`: a dry run of one.

Many sites are onboarded side by side (hosts are paced apart); each definition is written as soon as it is proved, so
a killed `add --from FILE` goes on where it was (crawler.added); a URL whose definition is there is not asked again.
"""

import asyncio
import dataclasses
import difflib
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from archive.paths import Home
from archive.state import State
from crawler.added import Finished
from crawler.config import Config
from crawler.converse import converse
from crawler.jobs import job_of
from crawler.options import Options
from crawler.relearn import keep_profile, next_profile
from crawler.rows import host_of
from crawler.work import Job, read
from pipelines.decode import Document
from pipelines.extract import extract_document
from pipelines.feed import changed_fields, item_of, replace
from pipelines.item import Item, Page
from spiders import cms
from spiders.cms.adapter import Ask
from spiders.links import NotAnAddressError, canonical, without_www
from spiders.onboard import Proposal, onboard
from spiders.probe import Answer
from spiders.site import Site, load_all

log = logging.getLogger(__name__)

SIDE_BY_SIDE = 32  # sites onboarded at once
SAMPLES = 3  # newest articles that a check reads
TRIED = 40  # archived pages on which a new definition is tried

Asker = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True)
class Added:
    """What became of one URL.  name: of the definition written, None = none was."""

    url: str
    status: str
    name: str | None
    proposal: Proposal | None
    note: str = ""


def read_urls(home: Home, urls: Sequence[str], file: str | None) -> list[str]:
    """Return the URLs of the command line and of FILE (one a line, # begins a comment); a known site's name stands for its
    URL.  Raises click.UsageError naming the line."""
    found = [(url, "URL") for url in urls]
    if file is not None:
        lines = (sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")).splitlines()
        for number, line in enumerate(lines, 1):
            text = line.split(" #")[0].strip()
            if text and not text.startswith("#"):
                found.append((text, f"{file}: line {number}"))
    known = load_all(home.sites)
    found = [(known[url].url if url in known else url, where) for url, where in found]
    for url, where in found:
        checked = url if "://" in url else f"http://{url}/"
        try:
            if any(char.isspace() for char in url):
                raise NotAnAddressError(url)
            canonical(checked)
        except NotAnAddressError as error:
            raise click.UsageError(
                f"{where}: {url[:200]!r} is no web address: begin with http:// or https://, no blanks inside"
            ) from error
    return list(dict.fromkeys(url if "://" in url else f"http://{url}/" for url, _ in found))


def add_all(
    home: Home,
    config: Config,
    urls: Sequence[str],
    options: Options,
    *,
    name: str | None,
    again: bool,
    settle: Callable[[Proposal, Site | None], bool],
    say: Callable[[str], None],
) -> list[Added]:
    """Onboard each URL; `settle` decides whether a proposal is written.  Results come in the order they are ready."""
    known = load_all(home.sites)
    finished = Finished(home, urls)
    try:
        by_host = {without_www(site.host): site for site in known.values()}
        leads = finished.leads()
        by_host = {without_www(host): known[there] for host, there in leads.items() if there in known} | by_host
        batch = _Batch(home, finished, name, again, settle, say, by_host, set(known))
        before = finished.before()
        rest = []
        for url in urls:
            status, there, note = before.get(url, ("", None, ""))
            if status and (there is None or there in known):
                batch.results.append(Added(url, status, there, None, note or "done before the command was stopped"))
            else:
                rest.append(url)

        async def talk(ask: Asker) -> None:
            await asyncio.gather(*(batch.one(url, ask) for url in rest))

        converse(home, config, options, talk)
        finished.close(whole=True)
    except BaseException:
        finished.close(whole=False)
        raise
    return batch.results


class _Batch:
    """The sites of one command, onboarded side by side."""

    def __init__(
        self,
        home: Home,
        finished: Finished,
        name: str | None,
        again: bool,
        settle: Callable[[Proposal, Site | None], bool],
        say: Callable[[str], None],
        by_host: dict[str, Site],
        taken: set[str],
    ) -> None:
        self.home, self.finished, self.name, self.again = home, finished, name, again
        self.settle, self.say, self.by_host, self.taken = settle, say, by_host, taken
        self.results: list[Added] = []
        self.gate = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(self, url: str, ask: Asker) -> None:
        there = self.by_host.get(without_www(host_of(url)))
        if self._is_known(there):
            assert there is not None
            self._end(Added(url, "known", there.name, None, f"sites/{there.name}.toml is there"))
            return
        if self.again and there is None:
            have = ", ".join(sorted(self.taken)) or "none yet"
            self._end(Added(url, "failed", None, None, f"no site of this home is there to propose anew; have {have}"))
            return
        async with self.gate:
            try:
                proposal = await onboard(
                    url, ask, name=self.name, say=lambda line: self.say(f"{urlsplit(url).hostname}: {line}")
                )
            except Exception as error:  # one site that breaks us must not end the other hundreds
                log.exception("%s could not be onboarded", url)
                self._end(Added(url, "failed", None, None, f"error: {type(error).__name__}: {error}"))
                return
        site, written = proposal.site, None
        if site is not None:  # it may have led to another host
            there = self.by_host.get(without_www(site.host), there)
        if self._is_known(there):
            assert there is not None
            self._lead(url, there)
            self._end(Added(url, "known", there.name, None, f"leads to {there.url}, sites/{there.name}.toml is there"))
            return
        if site is not None and proposal.toml and self.settle(proposal, there if self.again else None):
            written = write(self.home, proposal, self.taken, there.name if self.again and there else None)
            self.by_host[without_www(site.host)] = msgspec.structs.replace(site, name=written)
            self._lead(url, self.by_host[without_www(site.host)])
        # hundreds of sites: of each only what the table and --json say stays in memory
        kept = dataclasses.replace(proposal, profile=None, samples=())
        walls = proposal.sheet.obstacles if site is None else ()
        self._end(Added(url, proposal.status, written, kept, f"nothing written: {walls[0]}" if walls else ""))

    def _is_known(self, there: Site | None) -> bool:
        return there is not None and not self.again and self.name is None

    def _lead(self, url: str, site: Site) -> None:
        if host_of(url) != site.host:
            self.finished.lead(host_of(url), site.name)

    def _end(self, added: Added) -> None:
        self.results.append(added)
        self.finished.note(added.url, added.status, added.name, added.note)


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
        keep_profile(home, name, proposal.profile)
    return name


@dataclass(frozen=True)
class Repair:
    """What a new definition would change.  diff: of the TOML.  same, changed: archived articles read with it.

    fields: how many of those differ by field.  lost: their pages give no article any more.
    """

    diff: str
    same: int
    changed: int
    lost: int
    fields: dict[str, int]


def repair(home: Home, proposal: Proposal, old: Site) -> Repair:
    """Try a proposal on the newest archived pages of a site and hold it against what was said of them."""
    assert proposal.site is not None
    before = (home.sites / f"{old.name}.toml").read_text("utf-8")
    diff = difflib.unified_diff(
        before.splitlines(keepends=True), proposal.toml.splitlines(keepends=True), f"sites/{old.name}.toml", "proposed"
    )
    site = msgspec.structs.replace(proposal.site, name=old.name)
    fields: Counter[str] = Counter()
    same = changed = lost = 0
    with TemporaryDirectory() as folder:
        profile = Path(folder) / "profile.json"
        if proposal.profile is not None:
            profile.write_bytes(next_profile(home, old.name, proposal.profile).to_json())
        for item, job in _archived(home, site):
            reading = read(msgspec.structs.replace(job, profile=str(profile) if profile.exists() else None))
            if reading.article is None:
                lost += 1
                continue
            told = item_of(
                msgspec.structs.replace(reading.article, url=item.url), site.publisher(), item_id=item.id,
                attachments=item.attachments, aliases=item.extension.aliases, first_seen=item.extension.first_seen, from_={},
            )  # fmt: skip
            names = changed_fields(item, told)
            fields.update(names)
            same, changed = (same, changed + 1) if names else (same + 1, changed)
    return Repair("".join(diff), same, changed, lost, dict(fields))


def _archived(home: Home, site: Site) -> Iterator[tuple[Item, Job]]:
    if not home.state.exists():
        return
    state = State(home.state)
    try:
        rows = state.db.execute(
            "SELECT id, json FROM item WHERE site = ? AND live ORDER BY first_seen DESC LIMIT ?", (site.name, TRIED)
        ).fetchall()
        for item_id, data in rows:
            found = state.captures(
                "site = ? AND role = 'article' AND outcome = 'article' AND url IN (SELECT url FROM alias WHERE site = ? AND id = ?) "
                "ORDER BY id DESC LIMIT 1",
                site.name, site.name, item_id,
            )  # fmt: skip
            job = job_of(home, state, found[0], None, site, again=True) if found else None
            if job is not None:
                yield msgspec.json.decode(data, type=Item), job
    finally:
        state.close()


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
