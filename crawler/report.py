"""What people see on stderr: the progress line, the closing table, the list of sites."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from crawler.run import Run, Totals

console = Console(stderr=True, highlight=False)
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

    def __init__(self, run: Run) -> None:
        self.run, self.began, self.said = run, time.monotonic(), time.monotonic()
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

    def update(self, totals: Totals) -> None:
        text = self.line(totals)
        if self.live:
            self.bar.update(self.task, description=text)
        elif time.monotonic() - self.said > EVERY:
            self.said = time.monotonic()
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def line(self, totals: Totals) -> str:
        seconds = max(0.1, time.monotonic() - self.began)
        articles = sum(site["articles"] for site in totals.by_site.values())
        return (
            f"{totals.requests} requests, {articles} articles, {size(totals.bytes)}, {totals.errors} errors, "
            f"{totals.requests / seconds:.1f}/s"
        )


def closing(run: Run) -> None:
    """Print what the run did, a line a site."""
    from pipelines.feed import ChangeLog

    events: dict[str, dict[str, int]] = {}
    for event in ChangeLog(run.home.changes).events(run.seq_before):
        ops = events.setdefault(event.site, {})
        ops[event.op] = ops.get(event.op, 0) + 1
    table = Table(title=f"run {run.id}", title_justify="left")
    for name in ("site", "requests", "read", "new", "update", "moved", "delete", "errors", "bytes"):
        table.add_column(name, justify="left" if name == "site" else "right")
    for name in sorted(run.sites):
        counts, ops = run.totals.site(name), events.get(name, {})
        table.add_row(
            Text(name),
            str(counts["requests"]),
            str(counts["articles"]),
            *(
                str(ops.get(op, 0) + (ops.get("restore", 0) if op == "new" else 0))
                for op in ("new", "update", "moved", "delete")
            ),
            str(counts["errors"]),
            size(counts["bytes"]),
        )
    console.print(table)
    for reason, count in run.totals.rejected.most_common(8):
        console.print(Text(f"  {count} × {reason}"))
    for host, why in sorted(run.totals.left.items()):
        console.print(Text(f"  {host}: left to the next run ({why})"))


@contextmanager
def rebuilding() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar: stage, done, total."""
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
