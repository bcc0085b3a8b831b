"""The command group and what its commands share: the home, the switches of the network, the exit codes.

Human output goes to stderr, data to stdout.  Commands stand in crawler.cli and crawler.cli_*; `main` is in crawler.cli.
"""

import logging
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

WELL, FINDING, WRONG_USE, TROUBLE, HELD = 0, 1, 2, 3, 4


def complain(message: object) -> None:
    """Say what is wrong, in one line; with its moment where it goes to the log file of `crawl --due`."""
    logged = "--due" in sys.argv and not sys.stderr.isatty()
    click.echo(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ ', time.gmtime()) if logged else ''}parknews: {message}", err=True)


def open_home(prepare: bool = True, new: bool = False) -> Any:
    """Return the home that was named, its folders made where prepare says so.

    new: it need not be there yet.  Only what brings something in (init, add, fetch, import) may begin a home; a
    mistyped --home of any other command must not.  Raises HomeError.
    """
    from archive.paths import Home, HomeError

    home = Home.find(click.get_current_context().find_root().params.get("home"))
    if not new and not home.is_there():
        raise HomeError(
            f"no home at {home.root}: `parknews --home {shlex.quote(str(home.root))} init` makes one, or name another "
            "with --home or PARKNEWS_HOME"
        )
    return home.prepare() if prepare else home


def existing_home() -> Any:
    """Return a home that has been crawled.  Raises HomeError."""
    from archive.paths import HomeError

    home = open_home(prepare=False)
    if not home.state.exists():
        raise HomeError(f"home {home.root}: nothing is there yet: crawl first, or name another with --home")
    return home


def to_type(home: Any, *words: str) -> str:
    """Return a command line for this home that can be pasted into a shell as it stands."""
    return shlex.join([_program(), "--home", str(home.root), *words])


def _program() -> str:
    """Name this program as a shell finds it: by name on PATH, else the script that was called or lies beside Python."""
    if shutil.which("parknews"):
        return "parknews"
    called = Path(sys.argv[0])
    script = called if called.name == "parknews" else Path(sys.executable).with_name("parknews")
    if not script.exists():
        return "parknews"
    script = script.absolute()
    return str(script.relative_to(Path.cwd())) if script.is_relative_to(Path.cwd()) else str(script)


def network_words(connect_to: tuple[str, ...], **given: Any) -> list[str]:
    """Return the switches of `network` as they were typed, for the command that comes next."""
    words = [word for route in connect_to for word in ("--connect-to", route)]
    for key, value in given.items():
        if value is not None and value is not False:
            words.append(f"--{key.replace('_', '-')}")
            words += [] if value is True else [f"{value:g}"]
    return words


def network(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the switches of every command that fetches."""
    for option in (
        click.option(
            "--connect-to",
            multiple=True,
            metavar="HOST:PORT:ADDR:PORT",
            help="Connect there instead, as in curl; an empty HOST or PORT matches any.",
        ),
        click.option("--allow-private", is_flag=True, help="Allow private, loopback and link-local addresses."),
        click.option(
            "--delay",
            type=click.FloatRange(min=0),
            metavar="S",
            help="Seconds between requests to a host instead of the defaults.",
        ),
        click.option("--ignore-robots", is_flag=True, help="Do not ask for robots.txt (your own sites only)."),
        click.option(
            "--timeout", type=click.FloatRange(min=0.1), metavar="S", help="Seconds for a whole answer (default 60)."
        ),
    ):
        command = option(command)
    return command


def options_of(connect_to: tuple[str, ...], **given: Any) -> Any:
    from crawler.addresses import Route
    from crawler.options import Options

    return Options(routes=tuple(Route.parse(text) for text in connect_to), **given)


def sites_of(home: Any, names: tuple[str, ...]) -> tuple[dict[str, Any], bool]:
    """Return the sites that are named, or all that are neither paused nor retired; and whether any was left out.

    Of all, one whose definition is wrong is told of and left out: a slip in one file must not stop the others.  Of
    those that are named, it raises SiteError.
    """
    from spiders.site import load_sound

    if names:
        return named_sites(home, names), False
    sites, broken = load_sound(home.sites)
    if broken and not sites:
        raise next(iter(broken.values()))
    for error in broken.values():
        complain(f"{error} (left out)")
    return {name: site for name, site in sites.items() if not (site.paused or site.retired)}, bool(broken)


def named_sites(home: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the sites that are named, with or without .toml.  Raises SiteError."""
    from spiders.site import SiteError, load

    found = {}
    for name in dict.fromkeys(names):
        path = home.sites / f"{name.removesuffix('.toml')}.toml"
        if not path.exists():
            have = ", ".join(sorted(one.stem for one in home.sites.glob("*.toml"))) or "none yet"
            raise SiteError(f"no site {name!r} in {home.sites}; have {have}")
        found[path.stem] = load(path)
    return found


def print_json(value: Any) -> None:
    import msgspec

    data = msgspec.json.encode(value) + b"\n"
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _without_traceback(record: logging.LogRecord) -> bool:
    """What went wrong, for people; -v shows where."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]!r}", None
        record.exc_info = record.exc_text = None
    return True


def _home_after(ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.find_root().params["home"] = value


class _Command(click.Command):
    """A command that takes --home behind its name as well as before it."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        home = click.Option(
            ["--home"], metavar="DIR", expose_value=False, callback=_home_after, help="The home, as before the command."
        )
        return [*super().get_params(ctx), home]


class _Group(click.Group):
    command_class = _Command
    group_class = type


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home",
    metavar="DIR",
    help="The home: one deployment in one directory (default: PARKNEWS_HOME, else archive/data).",
)
@click.option("-v", "--verbose", count=True, help="Say more; -vv shows every request.")
@click.version_option("0.1.0", prog_name="parknews")
def cli(home: str | None, verbose: int) -> None:  # noqa: ARG001  # read from the context by open_home
    """Crawl, archive and extract government, park and local-news sites.

    \b
    parknews --home ~/news crawl            all sites of the home
    parknews --home ~/news changes          what is new, as JSON Lines
    parknews --home ~/news verify           prove that archive, state and feed agree

    Exit: 0 well; 1 a new finding; 2 wrong use; 3 archive or disk trouble; 4 held by another process.
    """
    level = [logging.ERROR, logging.INFO, logging.DEBUG][min(verbose, 2)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    handler = logging.getLogger().handlers[0]
    handler.setLevel(level)  # Scrapy sets the levels of its own loggers anew
    if not verbose:
        handler.addFilter(_without_traceback)
