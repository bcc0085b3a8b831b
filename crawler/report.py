"""What people see on stderr: the progress line, the closing table, the list of sites."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from crawler.traps import RULES

if TYPE_CHECKING:  # `status` and `sites` make no run: 0.5 s of imports less
    from crawler.run import Run, Totals

console = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 120)
EVERY = 15.0  # seconds between two lines where there is no terminal


def size(count: float) -> str:
    """Return bytes for people: 12.3 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


class Progress:
    """Shows pages, articles, bytes, errors and rate while a run works."""

    def __init__(self, run: "Run", every: float = EVERY) -> None:
        """every: seconds between two lines where there is no terminal."""
        self.run, self.every = run, every
        self.began, self.said = time.monotonic(), time.monotonic()
        self.bar = Bar(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
        )
        self.task = self.bar.add_task("starting")
        self.live = console.is_terminal

    def __enter__(self) -> "Progress":
        self.run.progress = self.update
        if self.live:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self.bar.stop()

    def update(self, totals: "Totals") -> None:
        text = self.line(totals)
        if self.live:
            self.bar.update(self.task, description=text)
        elif time.monotonic() - self.said > self.every:
            self.said = time.monotonic()
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def line(self, totals: "Totals") -> str:
        seconds = max(0.1, time.monotonic() - self.began)
        articles = sum(site["articles"] for site in totals.by_site.values())
        return (
            f"{totals.requests} requests, {articles} articles, {size(totals.bytes)}, {totals.errors} errors, "
            f"{totals.requests / seconds:.1f}/s"
        )


def closing(run: "Run") -> None:
    """Print what the run did, a line a site."""
    events = _events(run)
    table = Table(title=f"run {run.id}", title_justify="left")
    for name in ("site", "requests", "read", "new", "update", "moved", "delete", "errors", "bytes"):
        table.add_column(name, justify="left" if name == "site" else "right")
    for name in sorted(run.sites):
        counts, ops = run.totals.site(name), events.get(name, Counter())
        table.add_row(
            Text(name),
            str(counts["requests"]),
            str(counts["articles"]),
            *(str(ops[op]) for op in ("new", "update", "moved", "delete")),
            str(counts["errors"]),
            size(counts["bytes"]),
        )
    console.print(table)
    for reason, count in run.totals.rejected.most_common(8):
        console.print(Text(f"  {count} × {reason}"))
    for name, source, rule in run.ended_by_rule:
        console.print(Text(f"  {name}: {source}: the walk was ended by rule {rule}: {RULES[rule]}"))
    for name, hosts in sorted(run.elsewhere.items()):
        console.print(Text(f"  {name}: {leading(hosts)}"))
    for one in run.findings:
        console.print(Text(f"  NEW {one.site}: {one.kind}: {one.detail}", style="red"))
    for host, left in sorted(run.totals.left.items()):
        console.print(Text(f"  {host}: left to the next run: {left.words}"))


def dated(run: "Run") -> Iterator[str]:
    """Yield what a log file should hold of a run: one line with its date, and one for each finding that is new."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ops = sum(_events(run).values(), Counter[str]())
    said = ", ".join(f"{ops[op]} {op}" for op in ("new", "update", "moved", "delete"))
    left = f", {len(run.totals.left)} hosts left to the next run" if run.totals.left else ""
    yield (
        f"{now} run {run.id}: {len(run.sites)} sites, {run.totals.requests} requests, {said}, {run.totals.errors} errors"
        f"{left}, {len(run.findings)} new findings"
    )
    for one in run.findings:
        yield f"{now} NEW {one.site}: {one.kind}: {one.detail}"


def _events(run: "Run") -> dict[str, Counter[str]]:
    """Count what a run published by site and op; what came back counts as new."""
    from pipelines.feed import ChangeLog

    events: dict[str, Counter[str]] = {}
    for event in ChangeLog(run.home.changes).events(run.seq_before):
        if event.site in run.sites:
            events.setdefault(event.site, Counter())["new" if event.op == "restore" else event.op] += 1
    return events


def leading(hosts: Mapping[str, int]) -> str:
    """Say how many rows of lists lead to other hosts."""
    shown = ", ".join(f"{host} {count}" for host, count in list(hosts.items())[:4])
    more = f" and {len(hosts) - 4} more hosts" if len(hosts) > 4 else ""
    return f"{sum(hosts.values())} rows lead to other sites, kept as links: {shown}{more}"


@contextmanager
def rebuilding() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar: stage, done, total; nothing where there is no terminal."""
    if not console.is_terminal:
        yield lambda stage, done, total: None  # noqa: ARG005
        return
    with Bar(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=max(1, total))
            bar.update(tasks[stage], completed=done, total=max(1, total))

        yield show


def sites_table(rows: list[dict[str, Any]]) -> None:
    table = Table()
    for name in ("site", "title", "kind", "lists", "every", "items", "last run", "state"):
        table.add_column(name)
    for row in rows:
        last = datetime.fromtimestamp(row["last_run"], UTC).strftime("%Y-%m-%d %H:%MZ") if row["last_run"] else "never"
        table.add_row(
            *(Text(str(row[key] or "")) for key in ("name", "title", "kind", "lists", "every", "items")),
            last,
            row["state"],
        )
    console.print(table)


def say_line(text: str) -> None:
    """One line of progress of a conversation; shown where somebody is looking."""
    if console.is_terminal:
        console.print(Text(text[:200], style="dim"))


def proof(proposal: Any, *, brief: bool) -> None:
    """Show a proof sheet and the definition it proves; brief: the first line alone."""
    text = proposal.sheet.as_text()
    if brief:
        console.print(Text(text.splitlines()[0]))
        return
    console.print(Text(text.rstrip()))
    if proposal.toml:
        console.print(Text("\n" + proposal.toml.rstrip() + "\n", style="bold"))


def repaired(repair: Any) -> None:
    """Show what a new definition changes, in the file and on archived pages."""
    console.print(Text(repair.diff or "the definition stays as it is"))
    told = f"tried on {repair.same + repair.changed + repair.lost} archived articles: {repair.same} read the same"
    fields = ", ".join(f"{name} {count}" for name, count in sorted(repair.fields.items()))
    console.print(
        Text(
            told
            + (f", {repair.changed} differ ({fields})" if repair.changed else "")
            + (f", {repair.lost} lost" if repair.lost else "")
        )
    )


def added_table(results: list[Any]) -> None:
    """Print what became of each URL."""
    counts: dict[str, int] = {}
    for one in results:
        counts[one.status] = counts.get(one.status, 0) + 1
        where = f"sites/{one.name}.toml" if one.name else one.note or "nothing written"
        console.print(Text(f"{one.status:<8} {one.url}  ->  {where}"), soft_wrap=True)
    if len(results) > 1:
        console.print(Text(", ".join(f"{count} {status}" for status, count in sorted(counts.items()))))


def check_table(report: dict[str, Any]) -> None:
    for entry in report["lists"]:
        trouble = entry["obstacle"] or (f"HTTP {entry['status']}" if entry["status"] != 200 else None)
        if trouble:
            console.print(Text(f"{entry['url']}: {trouble}", style="red"))
            continue
        console.print(
            Text(
                f"{entry['url']}  {entry['cms']}: {entry['rows']} rows, {entry['dated']} dated, next page: {entry['next'] or 'none'}"
            )
        )
        for sample in entry["articles"]:
            if sample.get("title") is None and sample["obstacle"]:
                console.print(Text(f"    {sample['url']}: {sample['obstacle']}"))
                continue
            console.print(
                Text(
                    f"    {sample.get('date') or 'no date':<26}{sample.get('title') or sample['row_title'] or 'no title'}  "
                    f"({sample.get('source') or 'no source'}, {sample.get('characters', 0)} characters)"
                )
            )


def status_screen(status: dict[str, Any], since: str) -> None:
    """One screen, worst first."""
    rows = status["sites"]
    wrong = sum(row["state"] == "wrong" for row in rows)
    console.print(
        Text(
            f"{len(rows)} sites, {sum(row['state'] == 'well' for row in rows)} well, {wrong} with findings",
            style="bold",
        )
    )
    for one in status["findings"]:
        days = (time.time() - one["since"]) / 86400
        mark = "NEW " if one["new"] else f"{days:.0f}d  " if days >= 1 else "    "
        console.print(Text(f"  {mark}{one['site']}: {one['kind']}: {one['detail']}", style="red" if one["new"] else ""))
    for row in rows:
        for ended in row["ended_by_rule"]:
            console.print(Text(f"  {row['site']}: {ended['list']}: its walk was ended by rule {ended['rule']}"))
        if row["elsewhere"]:
            console.print(Text(f"  {row['site']}: {leading(row['elsewhere'])}"))
    table = Table()
    for name in ("site", "state", "items", f"new {since}", "edits", "removals", "last run", "next"):
        table.add_column(name, justify="right" if name in ("items", f"new {since}", "edits", "removals") else "left")
    shown = rows[:40]
    for row in shown:
        table.add_row(
            Text(row["site"]), row["state"], str(row["items"]), str(row["new"]), str(row["update"]), str(row["delete"]),
            _ago(row["last_run"]), _ahead(row["next_due"]),
        )  # fmt: skip
    console.print(table)
    if len(rows) > len(shown):
        console.print(Text(f"  and {len(rows) - len(shown)} more, all well (parknews sites)"))
    run, disk = status["last_run"], status["disk"]
    if run:
        ended = (
            f"ended {_ago(run['ended'])}"
            if run["ended"]
            else "not ended: running, or stopped (the same command goes on)"
        )
        console.print(Text(f"last run {run['id']} ({run['command']}): {ended}; {status['pending']} requests wait"))
    left = f"{disk['days_left']} days left" if disk["days_left"] is not None else "no pace yet"
    console.print(
        Text(f"disk: {size(disk['used'])} kept, {size(disk['bytes_a_day'])} a day, {size(disk['free'])} free, {left}")
    )


def _ago(moment: float | None) -> str:
    if moment is None:
        return "never"
    minutes = (time.time() - moment) / 60
    return (
        f"{minutes:.0f} min ago"
        if minutes < 120
        else f"{minutes / 60:.0f} h ago"
        if minutes < 2880
        else f"{minutes / 1440:.0f} d ago"
    )


def _ahead(moment: float | None) -> str:
    if moment is None:
        return "–"
    minutes = (moment - time.time()) / 60
    return "now" if minutes <= 0 else f"in {minutes:.0f} min" if minutes < 120 else f"in {minutes / 60:.0f} h"


def reextracted(report: Any, dry_run: bool) -> None:
    """Print what a re-extraction changed, by field, with examples."""
    for site, (version, layouts) in report.learned.items():
        console.print(Text(f"{site}: profile {version}, {layouts} layout{'s' * (layouts > 1)}"))
    said = f"{report.items} would change" if dry_run else f"{report.published} updates published"
    console.print(Text(f"{report.read} articles read again, {said}"))
    for name, count in report.changed.most_common():
        console.print(Text(f"  {count} × {name}"))
        for item_id, before, after in report.examples.get(name, [])[:3]:
            console.print(Text(f"      {item_id}: {before!r} -> {after!r}"))
    for reason, count in report.rejected.most_common():
        console.print(Text(f"  {count} × not read: {reason}"))


def imported_lines(done: Any) -> Iterator[str]:
    """Yield what an import did, a line a file, what it left out below it, and totals."""
    for one in done.files:
        what = (
            f"{one.records} records, {one.answers} answers"
            if one.new
            else "is here already"
            if one.warc
            else "nothing new"
        )
        known = f", {one.known} known before" if one.known else ""
        yield f"{one.source}: {what}{known}" + (f" -> warc/{one.warc}" if one.new else "")
        for left in one.left_out[:SHOWN]:
            yield f"  left out{'' if left.offset is None else f' at byte {left.offset}'}: {left.why}"
        if len(one.left_out) > SHOWN:
            yield f"  left out: {len(one.left_out) - SHOWN} more"
    if done.roles:
        yield "came in as " + ", ".join(f"{count} {role}" for role, count in sorted(done.roles.items()))
        events = ", ".join(f"{count} {op}" for op, count in sorted(done.events.items()))
        yield f"published as back-fill: {events or 'nothing'}"
    for site, count in sorted(done.unread.items()):
        yield f"{site}: {count} pages that no imported list, article_url or known article's address names are only kept"
    for host, count in done.undefined.most_common(SHOWN):
        yield f"{host}: {count} pages are only kept, no site here is at {host}: parknews add {host}, then import the file again"


SHOWN = 10  # stretches left out, named on the screen
