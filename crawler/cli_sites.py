"""Commands that look after sites and the home: init, add, check, pause, resume, retire, status, sites."""

import sys
import time
from typing import Any

import click

from crawler.command import (
    FINDING,
    WELL,
    cli,
    named_sites,
    network,
    network_words,
    open_home,
    options_of,
    print_json,
    sites_of,
    to_type,
)


@cli.command()
@click.option("--operator", help="Who crawls: a person or an organisation.")
@click.option("--contact", help="Where to reach them: a mail address or a URL.")
@click.option("--collection", help="Begins the names of WARC files (default: parknews).")
def init(operator: str | None, contact: str | None, collection: str | None) -> int:
    """Make a home: ask who crawls, write parknews.toml and a README.txt that explains the files.

    Asks for what the switches do not say; run it again to change an answer.

    \b
    parknews --home ~/news init
    parknews --home ~/news init --operator "City Library" --contact web@library.example --collection parks
    """
    from crawler.config import fault_of, load
    from crawler.setup import initialise

    home = open_home(prepare=False, new=True)
    config = load(home)
    answers = []
    for key, given, before in (
        ("operator", operator, config.operator),
        ("contact", contact, config.contact),
        ("collection", collection, config.collection),
    ):
        if given is None and sys.stdin.isatty():
            answers.append(_answer(key, before))
            continue
        answer = ((given if given is not None else before) or "").strip()
        if not answer:
            raise click.UsageError(f"--{key} is needed where nobody can be asked ({HINTS[key]})")
        fault = fault_of(key, answer)
        if fault is not None:
            raise click.UsageError(f"--{key} {answer!r}: {fault}")
        answers.append(answer)
    path = initialise(home.prepare(), *answers)
    click.echo(f"wrote {path}", err=True)
    click.echo(f"next: {to_type(home, 'add', 'URL')}", err=True)
    return WELL


def _answer(key: str, before: str | None) -> str:
    """Ask until the answer will do."""
    from crawler.config import fault_of

    while True:
        answer = str(click.prompt(f"{key} ({HINTS[key]})", default=before, err=True)).strip()
        fault = fault_of(key, answer) if answer else "an answer is needed"
        if fault is None:
            return answer
        click.echo(f"{key} {answer!r}: {fault}", err=True)


HINTS = {
    "operator": "who crawls, named in the user agent",
    "contact": "mail address or URL for site owners",
    "collection": "begins the names of WARC files",
}


@cli.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="One URL a line; # begins a comment.",
)
@click.option("--name", help="Name of the definition (one URL only; default: from the host).")
@click.option("--yes", is_flag=True, help="Write what was proved without asking.")
@click.option("--again", is_flag=True, help="Propose a known site anew (after a redesign).")
@click.option("--json", "as_json", is_flag=True, help="Print proof sheets and definitions as JSON.")
@network
def add(
    urls: tuple[str, ...], file: str | None, name: str | None, yes: bool, again: bool, as_json: bool,
    connect_to: tuple[str, ...], **network: Any,
) -> int:  # fmt: skip
    """Watch a site: find its columns, lists and page turns from its URL, prove them, write a definition.

    URL may be the home page, a column, a list or an article.  At most about 60 polite requests a site; all are
    archived.  Exit 1 when a site could not be added.

    \b
    parknews add https://www.park.example/
    parknews add --from sites.txt --yes
    parknews add --again kjt_demo        after a redesign: shows the difference and tries it on archived pages
    """
    from crawler.add import add_all, proposals_json, read_urls, repair
    from crawler.addresses import Guard
    from crawler.config import load
    from crawler.options import check_operator
    from crawler.report import added_table, proof, repaired, say_line
    from spiders.site import NAME, SiteError

    home = open_home(prepare=False, new=True)
    config, asked = load(home), read_urls(home, urls, file)
    if not asked:
        raise click.UsageError("give a URL, or --from FILE")
    if name is not None and (len(asked) > 1 or not NAME.fullmatch(name)):
        raise click.UsageError("--name takes one URL, and lower-case letters, digits, _ and -")
    if name is not None and (home.sites / f"{name}.toml").exists() and not again:
        raise SiteError(f"sites/{name}.toml is there: choose another --name, or --again to propose it anew")
    options = options_of(connect_to, **network)
    check_operator(config, Guard(options.routes), asked)
    home.prepare()
    many = len(asked) > 1

    def settle(proposal: Any, old: Any) -> bool:
        if not as_json:
            proof(proposal, brief=many)
            if old is not None:
                repaired(repair(home, proposal, old))
        if yes or many:
            return bool(proposal.status in ("ok", "partial"))
        if not sys.stdin.isatty():
            click.echo("not written: nobody can be asked, so say --yes", err=True)
            return False
        return click.confirm("write this definition?", default=proposal.status == "ok", err=True)

    results = add_all(home, config, asked, options, name=name, again=again, settle=settle, say=say_line)
    for one in results:
        if one.proposal is not None and one.proposal.site is None and not as_json:
            proof(one.proposal, brief=many)
    if as_json:
        print_json(proposals_json(results))
    added_table(results)
    written = [one.name for one in results if one.name and one.status != "known"]
    if written:
        few = written if len(written) <= 5 else []  # no names: all sites of the home
        click.echo(f"next: {to_type(home, 'crawl', *few, *network_words(connect_to, **network))}", err=True)
    return WELL if all(one.name for one in results) else FINDING


@cli.command()
@click.argument("name", metavar="SITE")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@network
def check(name: str, as_json: bool, connect_to: tuple[str, ...], **network: Any) -> int:
    """Dry run: ask each list's first page and its newest articles, show what a crawl would see.

    What is fetched is archived (role probe); feed and frontier are not touched.  Exit 1 when a list gives nothing.

    \b
    parknews check kjt_demo
    """
    from crawler.add import check as look
    from crawler.addresses import Guard
    from crawler.config import load
    from crawler.options import check_operator
    from crawler.report import check_table

    home = open_home()
    site = named_sites(home, (name,))[name.removesuffix(".toml")]
    config, options = load(home), options_of(connect_to, **network)
    check_operator(config, Guard(options.routes), [site.url])
    report = look(home, config, site, options)
    if as_json:
        print_json(report)
    else:
        check_table(report)
    return WELL if report["lists"] and all(entry.get("rows") for entry in report["lists"]) else FINDING


def _switch(name: str, verb: str, **flags: bool) -> int:
    from crawler.setup import switch

    home = open_home()
    site = next(iter(named_sites(home, (name,))))
    switch(home, site, **flags)
    click.echo(f"{site}: {verb}", err=True)
    return WELL


@cli.command()
@click.argument("name", metavar="SITE")
def pause(name: str) -> int:
    """Leave a site out of all runs until `resume`.

    \b
    parknews pause kjt_demo
    """
    return _switch(name, "paused", paused=True)


@cli.command()
@click.argument("name", metavar="SITE")
def resume(name: str) -> int:
    """Take a paused or retired site into the runs again.

    \b
    parknews resume kjt_demo
    """
    return _switch(name, "active", paused=False, retired=False)


@cli.command()
@click.argument("name", metavar="SITE")
def retire(name: str) -> int:
    """Stop watching a site for good; nothing that was kept is deleted.

    \b
    parknews retire kjt_demo
    """
    return _switch(name, "retired, all its captures and items stay", retired=True)


@cli.command()
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Reading processes (default: all processors).")
@click.option("--dry-run", is_flag=True, help="Report what would change, publish nothing.")
@click.option("--relearn", is_flag=True, help="First learn the layouts of the sites again, from their newest articles.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def reextract(names: tuple[str, ...], workers: int | None, dry_run: bool, relearn: bool, as_json: bool) -> int:
    """Read the archive again with today's extractor, without the network.

    Changes are reported by field and published as updates with cause `extractor`.

    \b
    parknews reextract --dry-run
    parknews reextract kjt_demo --relearn
    """
    import os

    from crawler.reextract import reextract as read_again
    from crawler.report import rebuilding, reextracted

    if relearn and dry_run:
        raise click.UsageError("--relearn writes profiles, --dry-run nothing: give one of them")
    home = open_home()
    chosen, _ = sites_of(home, names)
    with rebuilding() as progress:
        report = read_again(
            home, chosen, workers=workers or os.cpu_count() or 1, dry_run=dry_run, progress=progress, again=relearn
        )
    if as_json:
        print_json(vars(report))
    else:
        reextracted(report, dry_run)
    return WELL


@cli.command()
@click.option(
    "--since", metavar="T", help="Count events from here: 7d, 12h or 2026-11-01 (default 24h).", default="24h"
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(since: str, as_json: bool) -> int:
    """One screen, worst first: what is wrong, what ran and is next, what came, how long the disk lasts.

    Exit 1 when a finding is NEW: of a site's last run, or first seen after --since; so a daily job can tell somebody.

    \b
    parknews status
    parknews status --since 7d --json
    """
    from crawler.report import status_screen
    from crawler.status import status_of
    from spiders.site import load_sound

    home = open_home()
    table = status_of(home, *load_sound(home.sites), _moment(since))
    if as_json:
        print_json(table)
    else:
        status_screen(table, since)
    return FINDING if any(one["new"] for one in table["findings"]) else WELL


def _moment(text: str) -> float:
    """Read 7d, 12h, 30m or a day or moment in ISO form.  Raises click.UsageError."""
    from datetime import UTC, datetime

    units = {"m": 60, "h": 3600, "d": 86400}
    if text[-1:] in units and text[:-1].isdigit():
        return time.time() - int(text[:-1]) * units[text[-1]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--since {text}: 7d, 12h or 2026-11-01 is needed") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
