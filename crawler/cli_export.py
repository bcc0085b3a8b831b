"""Commands that make files for others out of the archive: export wacz."""

from pathlib import Path

import click

from crawler.command import WELL, cli, existing_home


@cli.group()
def export() -> None:
    """Make files for others out of the archive."""


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
    parknews export wacz demo_park --month 2026-11
    """
    from archive.reader import WarcFormatError
    from archive.record import ArchiveError
    from archive.wacz import NothingToExportError, span
    from crawler.export import export_site
    from crawler.report import size
    from spiders.site import load

    home = existing_home()
    definition = home.sites / f"{name}.toml"
    try:
        span(month)
        target = output or Path(f"{name}{f'-{month}' if month else ''}.wacz")
        made = export_site(home, name, load(definition) if definition.exists() else None, month, target)
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
