"""The command that takes archives of other tools in: import."""

from pathlib import Path

import click

from crawler.command import FINDING, WELL, cli, open_home, print_json


@cli.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE..."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def import_(files: tuple[Path, ...], as_json: bool) -> int:
    """Take in what other tools captured: WARC, WARC.gz or WACZ of wget, Heritrix, warcprox, browsertrix ...

    Every record is kept byte for byte and shows in replay.  Pages of sites that are defined are read without the
    network: lists and articles as in a crawl, their events marked `backfill`; so add the sites first.  The same file
    again changes nothing.  What is damaged is left out and named.
    Exit: 0 well; 1 something was left out; 2 no such file, or no WARC; 3 the disk refuses; 4 a site is being crawled.

    \b
    parknews import mirror-2019.warc.gz crawl.wacz
    """
    from archive.foreign import NotWarcError
    from crawler.config import load
    from crawler.importing import import_files
    from crawler.report import imported_lines, rebuilding
    from spiders.site import load_all

    home = open_home(new=True)
    sites = {name: site for name, site in load_all(home.sites).items() if not site.retired}
    try:
        with rebuilding() as progress:
            done = import_files(home, load(home), sites, files, progress)
    except NotWarcError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(done.as_table())
    else:
        for line in imported_lines(done):
            click.echo(line, err=True)
    return FINDING if done.findings else WELL
