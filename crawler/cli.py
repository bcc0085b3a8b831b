"""parknews: the command line.  Human output goes to stderr, data to stdout; exit codes are the contract of README.

Each command does three things: read what the user gave, hand it to a room, say how it ended.
"""

import errno
import math
import shlex
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click

from crawler.command import (
    FINDING,
    HELD,
    TROUBLE,
    WELL,
    WRONG_USE,
    cli,
    complain,
    existing_home,
    network,
    open_home,
    options_of,
    print_json,
    sites_of,
)

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the command line; return the exit code.  Never shows a traceback for what a user can mend."""
    shadowed = _shadowed()
    if shadowed:
        complain(shadowed)
        return WRONG_USE
    from archive.lock import HeldError
    from archive.paths import HomeError
    from archive.record import REMEDY, ArchiveError
    from archive.state import StateError
    from crawler.addresses import RouteError
    from crawler.options import NotAllowedError
    from pipelines.feed import LogError
    from spiders.site import SiteError

    try:
        return int(commands().main(prog_name="parknews", standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as help_:
        click.echo(help_.format_message(), err=True)
        return WRONG_USE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" ({context.command_path} --help)" if context else ""
        complain(f"{error.format_message()}{hint}")
        return WRONG_USE
    except (HomeError, SiteError, NotAllowedError, RouteError) as error:
        complain(error)
        return WRONG_USE
    except HeldError as error:
        complain(error)
        return HELD
    except (ArchiveError, StateError, LogError, sqlite3.Error) as error:
        complain(error)
        return TROUBLE
    except OSError as error:
        remedy = f"; {REMEDY[0].lower()}{REMEDY[1:]}" if error.errno in DISK_ERRORS else ""
        complain(f"{error.filename or 'disk'}: {error.strerror or error}{remedy}")
        return TROUBLE
    except (KeyboardInterrupt, click.Abort):
        complain("stopped; what came is kept, and the same command may be given again")
        return 130


def commands() -> click.Group:
    """Return the group with all its commands: those of the other modules join it when they are imported."""
    import crawler.cli_export
    import crawler.cli_import
    import crawler.cli_sites  # noqa: F401

    return cli


def _shadowed() -> str | None:
    """Say which package took the name of one of our rooms, if any did."""
    import archive
    import pipelines
    import spiders

    for room in (archive, pipelines, spiders):
        place = Path(room.__file__ or "").resolve().parent.parent
        if place != ROOT:
            return f"the package {room.__name__!r} at {place} shadows ours at {ROOT}: use the environment that `make setup` made"
    return None


# --------------------------------------------------------------------------------------------------------- commands
@cli.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--due", is_flag=True, help="Instead of names: every site whose `every` has passed.")
@click.option("--full", is_flag=True, help="Walk every list to its end.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N new articles a site.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Reading processes (default: one less than processors)."
)
@network
def crawl(
    names: tuple[str, ...],
    due: bool,
    full: bool,
    limit: int | None,
    workers: int | None,
    connect_to: tuple[str, ...],
    **network: Any,
) -> int:
    """Fetch new articles, archive every exchange, append to the change log.

    \b
    SITE   name of a definition in HOME/sites, without .toml (default: all)
    First run: what is newer than `since` (90 days); later runs: what is new.

    \b
    parknews crawl kjt_demo --limit 5
    parknews crawl --full --delay 5
    parknews crawl --due             from cron or a timer; ends 4 quietly while another run holds the sites
    Where no terminal is, --due writes one dated line a run and one for each new finding, and nothing if nothing is due.
    """
    from archive.lock import HeldError
    from crawler.config import load
    from crawler.options import check_operator
    from crawler.report import EVERY, Progress, closing, console, dated
    from crawler.run import Run
    from crawler.status import due_sites
    from spiders.site import SiteError

    home = open_home()
    config = load(home)
    sites, left_out = sites_of(home, names)
    if not sites:
        raise SiteError(f"no site in {home.sites}: `parknews add URL` writes a definition there")
    if due:
        if names:
            raise click.UsageError("--due takes no names: it finds the sites itself")
        sites = due_sites(home, sites)
        if not sites:
            if console.is_terminal:
                click.echo("nothing is due", err=True)
            return WELL
    logged = due and not console.is_terminal  # the line of a log file, not a table for people
    run = Run(home, config, sites, options_of(connect_to, full=full, limit=limit, workers=workers, **network))
    check_operator(
        config, run.guard, [url for site in sites.values() for url in (site.url, *(entry.url for entry in site.list))]
    )
    try:
        with Progress(run, math.inf if logged else EVERY):
            run.execute()
    except HeldError:
        if due:
            return HELD
        raise
    if logged:
        for line in dated(run):
            click.echo(line, err=True)
    else:
        closing(run)
    return FINDING if run.findings or left_out else WELL


@cli.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help='JSON Lines {"url", "method"?, "headers"?, "body_base64"?}.',
)
@network
def fetch(urls: tuple[str, ...], file: str | None, connect_to: tuple[str, ...], **network: Any) -> int:
    """Archive just these URLs; one JSON line each on stdout.

    Redirects are followed, each hop recorded; no retries; robots.txt is obeyed.

    \b
    parknews fetch https://www.example.org/
    parknews fetch --from urls.jsonl --timeout 10
    """
    from crawler.config import load
    from crawler.fetch import fetch_all, read_asks

    home = open_home(prepare=False, new=True)
    asks = read_asks(urls, file)
    if not asks:
        raise click.UsageError("give a URL, or --from FILE")
    fetch_all(home, load(home), asks, options_of(connect_to, **network), print_json)
    return WELL


@cli.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--url", help="The URL that the page was at.")
@click.option("--jsonl", is_flag=True, help='Read {"html": path, "url": ...} lines from stdin, answer a line each.')
def extract(file: str | None, url: str | None, jsonl: bool) -> int:
    """Read one HTML file (bytes as sent) and print its item as JSON.

    \b
    parknews extract page.html --url https://www.example.org/art/1.html
    """
    from crawler.tools import extract_file, extract_lines, is_list

    if jsonl:
        extract_lines(sys.stdin, print_json)
    elif file and url:
        item = extract_file(Path(file), url)
        print_json(item)
        if item.content_text is None:
            look = f"this looks like a list: parknews links {shlex.join([file, '--url', url])}"
            click.echo(look if is_list(Path(file), url) else "no article text was found on this page", err=True)
    else:
        raise click.UsageError("give FILE and --url, or --jsonl")
    return WELL


@cli.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--url", help="The URL that the page was at.")
@click.option("--cms", help="Read it as this kind instead of recognising it.")
@click.option("--jsonl", is_flag=True, help='Read {"html": path, "url": ...} lines from stdin, answer a line each.')
def links(file: str | None, url: str | None, cms: str | None, jsonl: bool) -> int:
    """Print what a list page yields: its articles and its next page.

    \b
    parknews links list.html --url https://www.example.org/news/
    """
    from crawler.tools import links_lines, links_of
    from spiders.cms import ADAPTERS

    if cms is not None and cms not in ADAPTERS:
        raise click.UsageError(f"--cms {cms}: unknown; have {', '.join(sorted(ADAPTERS))}")
    if jsonl:
        links_lines(sys.stdin, cms, print_json)
    elif file and url:
        print_json(links_of(Path(file), url, cms))
    else:
        raise click.UsageError("give FILE and --url, or --jsonl")
    return WELL


@cli.command()
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="SEQ", help="Only events after this one.")
@click.option("--site", metavar="S", help="Only this site's events.")
def changes(since: int, site: str | None) -> int:
    """Print events of the change log after SEQ as JSON Lines.

    \b
    parknews changes --since 120 --site kjt_demo
    """
    from crawler.tools import known_site
    from pipelines.feed import ChangeLog

    home = existing_home()
    log = ChangeLog(home.changes)
    if site is not None:
        known_site(home, log, site)
    newest = log.tail()
    end = newest.seq if newest else 0
    if since > end:
        click.echo(
            f"the log ends at {end}, before {since}: was it rebuilt?  If its `log` (the uuid) is another one, begin anew "
            "with `parknews snapshot`",
            err=True,
        )
    for event in log.events(since):
        if site in (None, event.site):
            print_json(event)
    return WELL


@cli.command()
def snapshot() -> int:
    """Print every live item and the seq it is true for: the way in for a new consumer.

    \b
    parknews snapshot > start.json      then: parknews changes --since <through_seq>
    """
    from crawler.tools import write_snapshot

    write_snapshot(existing_home(), sys.stdout.buffer)
    return WELL


@cli.command()
@click.option("--manifest", is_flag=True, help="Only check files against HOME/manifests; needs no state.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(manifest: bool, as_json: bool) -> int:
    """Prove that WARCs, index, state and change log agree, in both directions.

    Exit 3 when something is wrong; each finding names file and offset.

    \b
    parknews verify
    parknews verify --manifest       every finished file is still what it was when it was finished
    """
    from crawler.report import rebuilding
    from crawler.verify import verify_home, verify_manifests

    home = open_home(prepare=False) if manifest else existing_home()
    with rebuilding() as progress:
        report = verify_manifests(home, progress) if manifest else verify_home(home, progress)
    if as_json:
        print_json(report.as_table())
    else:
        for finding in report.findings:
            click.echo(f"{finding.where}: {finding.kind}: {finding.message}", err=True)
        click.echo(f"{report}: " + (f"{len(report.findings)} findings" if report.findings else "all agree"), err=True)
    return TROUBLE if report.findings else WELL


@cli.command()
def rebuild() -> int:
    """Make index, state and views again from WARCs, change log and definitions.

    Without a change log the items are found again and published under a new log uuid.

    \b
    parknews rebuild
    """
    from crawler.report import rebuilding
    from crawler.verify import rebuild_home
    from spiders.site import load_all

    home = open_home()
    with rebuilding() as progress:
        counts = rebuild_home(home, load_all(home.sites), progress)
    click.echo(
        f"rebuilt: {counts['captures']} captures, {counts['items']} items, log {counts['log']}, seq {counts['seq']}",
        err=True,
    )
    return WELL


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Listen on this address.")
@click.option("--port", type=click.IntRange(1, 65535), default=8600, show_default=True, metavar="P", help="And port.")
@click.option("--replay-only", is_flag=True, help="Only replay archived pages (the feed API is not there yet).")
def serve(host: str, port: int, replay_only: bool) -> int:
    """Show archived pages in a browser, as they were.

    Runs until Ctrl-C or SIGTERM.  What a finished run archived shows without a restart.
    Exit: 0 ended; 2 the port is taken or pywb is not installed; 3 pywb failed again and again.

    \b
    parknews serve --replay-only --port 8600
    """
    from archive.replay import ReplayError
    from crawler.serve import serve_replay
    from spiders.site import SiteError, load_all

    if not replay_only:
        raise click.UsageError("only replay is there yet: parknews serve --replay-only")
    home = open_home(prepare=False)
    try:
        pages = [site.url for site in load_all(home.sites).values()]
    except SiteError:
        pages = []
    try:
        serve_replay(home, host, port, pages, lambda line: click.echo(line, err=True))
    except ReplayError as error:
        raise click.ClickException(str(error)) from error
    return WELL


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def sites(as_json: bool) -> int:
    """List the definitions of the home and when each ran.

    \b
    parknews sites
    """
    from crawler.report import sites_table
    from crawler.tools import sites_rows
    from spiders.site import load_sound

    home = open_home()
    sound, broken = load_sound(home.sites)
    rows = sites_rows(home, sound)
    for error in broken.values():
        complain(error)
    if as_json:
        print_json(rows)
    else:
        sites_table(rows)
    return WELL
