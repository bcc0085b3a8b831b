"""Commands that make files for others out of the archive: export wacz, export bag."""

from datetime import datetime
from pathlib import Path

import click

from crawler.command import WELL, cli, existing_home

THERE = "{} is there already: move it away, or name another place with --output"


@cli.group()
def export() -> None:
    """Make files for others out of the archive.

    \b
    parknews export wacz kjt_demo --month 2026-11
    parknews export bag --from 2026-11-01 --to 2026-11-30 --output deposit
    """


@export.command()
@click.argument("name", metavar="SITE")
@click.option("--month", metavar="YYYY-MM", help="Only what was captured then (UTC).")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Default: SITE-YYYY-MM.wacz here."
)
def wacz(name: str, month: str | None, output: Path | None) -> int:
    """Write the captures of a site as a WACZ, which ReplayWeb.page opens.

    With titles, text and a search that finds Chinese words; originals of revisits are inside, cookies and credentials
    are not.  Take a month at a time: readers hold the list of pages in memory.

    \b
    parknews export wacz kjt_demo --month 2026-11
    """
    from archive.reader import WarcFormatError
    from archive.record import ArchiveError
    from archive.wacz import NothingToExportError, span
    from crawler.export import export_site
    from crawler.report import rebuilding, size
    from spiders.site import load

    home = existing_home()
    definition = home.sites / f"{name}.toml"
    try:
        span(month)
        target = output or Path(f"{name}{f'-{month}' if month else ''}.wacz")
        if target.exists():
            raise click.UsageError(THERE.format(target))
        site = load(definition) if definition.exists() else None
        with rebuilding() as progress:
            made = export_site(home, name, site, month, target, progress)
    except (NothingToExportError, ValueError) as error:
        if isinstance(error, WarcFormatError):
            raise ArchiveError(f"{error}: run `parknews verify`") from error
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{target}: {size(made.size)}, {made.captures} captures in {made.records} records, {made.pages} pages with text; "
        f"cookies or credentials taken out of {made.redacted} records",
        err=True,
    )
    if made.lost:
        click.echo(f"{made.lost} revisits are inside without their originals: run `parknews verify`", err=True)
    return WELL


@export.command()
@click.option(
    "--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="YYYY-MM-DD, UTC."
)
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The last day.")
@click.option("--site", metavar="S", help="Only the records of this site.")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), metavar="PLACE", help="A new folder, or FILE.tar."
)
def bag(first: datetime, last: datetime, site: str | None, output: Path) -> int:
    """Write some days of the archive as a BagIt deposit, readable and checkable without parknews.

    Inside: WARC files and their index, change log, crawl logs, definitions, schemas, manifests, SHA-256 of everything.
    Nothing is taken out: cookies that servers set are in it.  A WARC file still being written is left out and named.
    Exit: 0 well; 2 nothing in these days, or PLACE is there; 3 a WARC file is missing or was changed.

    \b
    parknews export bag --from 2026-11-01 --to 2026-11-30 --output /media/deposit/2026-11.tar
    parknews export bag --from 2026-01-01 --to 2026-12-31 --site kjt_demo --output kjt_demo-2026
    """
    from crawler.config import load
    from crawler.deposit import NothingToDepositError, Span, deposit
    from crawler.report import rebuilding, size

    home = existing_home()
    if last < first:
        raise click.UsageError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}")
    try:
        with rebuilding() as progress:
            made = deposit(home, load(home), Span(first.date(), last.date(), site), output, progress)
    except NothingToDepositError as error:
        raise click.ClickException(str(error)) from error
    except FileExistsError as error:
        raise click.UsageError(THERE.format(output)) from error
    click.echo(
        f"{output}: {size(made.size)} in {made.files} files, {made.warcs} WARC files, {made.events} events"
        + (f", {made.records} records copied" if made.records else ""),
        err=True,
    )
    if made.growing:
        click.echo(
            f"{made.growing} WARC files are still being written and not in it: repeat it when their run has ended",
            err=True,
        )
    return WELL
