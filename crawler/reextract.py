"""`parknews reextract`: the newest capture of every live item is read again with today's extractor, without the network.

Changes of fields are reported; unless it is a dry run they are published as updates with cause `extractor`, so that
nobody takes them for edits by the publisher.  Killed, the same command goes on behind the last batch it committed.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import msgspec

from archive.lock import hold
from archive.paths import Home
from archive.state import Capture, State
from crawler.accept import accept
from crawler.harvest import apply_event, catch_up, log_id
from crawler.jobs import job_of
from crawler.outcome import Outcome
from crawler.readers import AHEAD, Readers, reading_of
from crawler.rebuild import recover_home
from crawler.relearn import relearn
from crawler.views import write_views
from crawler.walk import Rules
from crawler.work import Job, Reading
from pipelines.feed import EXTRACTOR, ChangeLog, Draft
from pipelines.item import Item
from spiders.site import Site

BATCH = 200  # items of one commit
EXAMPLES = 5  # shown for each field
SHOWN = 80  # characters of a long text

Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """read: items read again.  changed: by field.  rejected: pages that today's reader refuses, by reason."""

    read: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    items: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    published: int = 0
    learned: dict[str, tuple[int, int]] = field(
        default_factory=dict
    )  # site -> version of its new profile, layouts in it


def reextract(
    home: Home, sites: dict[str, Site], *, workers: int, dry_run: bool, progress: Progress, again: bool = False
) -> Report:
    """Read again, report, publish.  again: learn the profiles of the sites first.

    Raises HeldError while a crawl holds one of the sites.
    """
    report = Report()
    with ExitStack() as stack:
        stack.enter_context(hold(home.locks / "home.lock", shared=True))
        for name in sites:
            stack.enter_context(hold(home.locks / f"site-{name}.lock"))
        with hold(home.locks / "recovery.lock", wait=True):
            recover_home(home)
        state = State(home.state)
        stack.callback(state.close)
        for name, site in sites.items() if again else ():
            profile = relearn(home, state, site)
            if profile is not None:
                report.learned[name] = (profile.version, len(profile.templates))
        work = _Work(home, state, sites, workers, dry_run, report)
        stack.enter_context(work.readers)
        total = sum(state.one("SELECT count(*) FROM item WHERE site = ? AND live", name) for name in sites)
        for batch in work.batches():
            work.settle(batch)
            progress("items", report.read, total)
        work.finish()
    return report


class _Work:
    def __init__(
        self, home: Home, state: State, sites: dict[str, Site], workers: int, dry_run: bool, report: Report
    ) -> None:
        self.home, self.state, self.sites, self.dry_run, self.report = home, state, sites, dry_run, report
        self.readers = Readers(workers)
        self.mark = f"reextract {EXTRACTOR} {','.join(sorted(sites))}"
        self.rules = Rules(0, False, cause="extractor")

    def batches(self) -> Iterator[list[Outcome]]:
        """Yield outcomes in the order of (site, id), read by the workers ahead of time."""
        flying: deque[tuple[Capture, Future[Reading]]] = deque()
        batch: list[Outcome] = []
        jobs = self._jobs()
        while True:
            while len(flying) < AHEAD and (one := next(jobs, None)) is not None:
                capture, job = one
                flying.append((capture, self.readers.read(job)))
            if not flying:
                break
            capture, future = flying.popleft()
            batch.append(self._outcome(capture, future))
            if len(batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _jobs(self) -> Iterator[tuple[Capture, Job]]:
        begin = json.loads(self.state.get(self.mark) or '["", ""]') if not self.dry_run else ["", ""]
        for name, site in sorted(self.sites.items()):
            after = begin[1] if name == begin[0] else "" if name > begin[0] else None
            if after is None:
                continue
            while rows := self.state.db.execute(
                "SELECT id FROM item WHERE site = ? AND live AND id > ? ORDER BY id LIMIT 500", (name, after)
            ).fetchall():
                for (item_id,) in rows:
                    found = self.state.captures(
                        "site = ? AND role = 'article' AND outcome = 'article' AND status IN (200, 304) AND url IN "
                        "(SELECT url FROM alias WHERE site = ? AND id = ?) ORDER BY id DESC LIMIT 1",
                        name, name, item_id,
                    )  # fmt: skip
                    if not found:
                        continue
                    targets = self.state.targets("id = ?", found[0].url_id)
                    job = job_of(self.home, self.state, found[0], targets[0] if targets else None, site, again=True)
                    if job is not None:
                        yield found[0], job
                after = rows[-1][0]

    def _outcome(self, capture: Capture, future: Future[Reading]) -> Outcome:
        reading, error = reading_of(future, capture.url)
        targets = self.state.targets("id = ?", capture.url_id)
        return Outcome(capture, targets[0] if targets else None, reading, error)

    def settle(self, batch: list[Outcome]) -> None:
        """Report what changed in a batch; publish it unless this is a dry run."""
        readable = []
        for outcome in batch:
            self.report.read += 1
            reason = outcome.error or outcome.reading.rejected
            if reason:
                self.report.rejected[reason] += 1
            elif outcome.reading.article is not None:
                readable.append(outcome)
        with hold(self.home.locks / "changes.lock", wait=True):
            changes = ChangeLog(self.home.changes)
            catch_up(self.state, changes)
            drafts = accept(self.state, readable, self.sites, self.rules, forced=True).drafts
            self._note(drafts)
            events = [] if self.dry_run else changes.append(drafts, log_id(self.state), int(self.state.get("seq") or 0))
            if not self.dry_run:
                last = batch[-1].capture
                item_id = self.state.one("SELECT id FROM alias WHERE site = ? AND url = ?", last.site, last.url)
                with self.state.transaction():
                    for event in events:
                        apply_event(self.state, event)
                    self.state.put(self.mark, json.dumps([last.site, item_id or ""]))
        self.report.published += len(events)

    def _note(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self.report.items += 1
            row = self.state.one("SELECT json FROM item WHERE site = ? AND id = ?", draft.site, draft.id)
            before = msgspec.json.decode(row, type=Item) if row else None
            for name in draft.changed or (draft.op,):
                self.report.changed[name] += 1
                shown = self.report.examples.setdefault(name, [])
                if len(shown) < EXAMPLES and before is not None and draft.item is not None:
                    shown.append((draft.id, *_difference(_value(before, name), _value(draft.item, name))))

    def finish(self) -> None:
        if not self.dry_run:
            self.state.db.execute("DELETE FROM meta WHERE key = ?", (self.mark,))
            write_views(self.home, self.state)


def _value(item: Item, name: str) -> Any:
    return getattr(item, name, None) if hasattr(item, name) else getattr(item.extension, name, None)


def _difference(before: Any, after: Any) -> tuple[Any, Any]:
    """Return two values; of long texts what stands where they begin to differ."""
    if not (isinstance(before, str) and isinstance(after, str)) or max(len(before), len(after)) < SHOWN:
        return before, after
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    begin = max(0, same - 10)
    cut, shown = "…" if begin else "", slice(begin, begin + SHOWN)
    return cut + before[shown], cut + after[shown]
