"""`parknews fetch`: archive single URLs by the same way as a crawl, without sites, retries or reading."""

import base64
import binascii
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from archive.paths import Home
from crawler.config import Config
from crawler.options import Options, check_operator
from crawler.politeness import origin_of
from crawler.rows import ask_row, host_of, wire_url
from crawler.run import Run, Totals
from crawler.tape import Taped
from spiders.cms.adapter import Ask


def read_asks(urls: Sequence[str], file: str | None) -> list[Ask]:
    """Return the requests of the command line and of FILE.  Raises click.UsageError naming the line."""
    asks = [_checked(Ask(url), "URL") for url in urls]
    if file is None:
        return asks
    text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{file}: line {number}"
        try:
            table = json.loads(line)
            body = base64.b64decode(table.get("body_base64") or "", validate=True)
            headers = tuple((str(k), str(v)) for k, v in (table.get("headers") or {}).items())
            ask = Ask(str(table["url"]), str(table.get("method") or "GET").upper(), headers, body)
        except (ValueError, KeyError, AttributeError, TypeError, binascii.Error) as error:
            raise click.UsageError(f'{where}: {type(error).__name__} {error}: {{"url": ...}} is needed') from error
        asks.append(_checked(ask, where))
    return asks


def _checked(ask: Ask, where: str) -> Ask:
    try:
        parts = urlsplit(ask.url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(char.isspace() or not char.isprintable() for char in ask.url):
        raise click.UsageError(f"{where}: {ask.url[:200]!r} is no absolute http(s) URL")
    if not ask.method.isalpha() or any("\n" in name + value or "\r" in name + value for name, value in ask.headers):
        raise click.UsageError(f"{where}: method or headers hold characters that HTTP does not allow")
    return ask


def fetch_all(home: Home, config: Config, asks: Sequence[Ask], options: Options, say: Callable[[Any], None]) -> Totals:
    """Fetch and archive; `say` gets one table a URL and hop: url, status, warc, offset, error (via for hops)."""

    unanswered = {wire_url(ask.url): None for ask in asks}

    def settled(taped: Taped) -> None:
        if taped.target.role == "robots":
            return
        unanswered.pop(taped.target.url, None)
        record = taped.record
        error = taped.answer.error or (taped.ending.reason if taped.ending.state == "failed" else None)
        if error == "robots-unreachable":
            error = run.dead.get(origin_of(taped.target.url), error)
        line = {
            "url": taped.target.url,
            "status": taped.answer.status,
            "warc": record.warc if record else None,
            "offset": record.offset if record else None,
            "error": error,
        }
        if taped.target.via:
            line["via"] = taped.target.via
        say(line)

    run = Run(home, config, {}, options, command="fetch", settled=settled)
    check_operator(config, run.guard, [ask.url for ask in asks])
    home.prepare()

    def seed(run: Run) -> None:
        with run.state.transaction():
            for ask in asks:
                ask_row(
                    run.state,
                    run.private,
                    ask.url,
                    "page",
                    run.id,
                    method=ask.method,
                    headers=ask.headers,
                    body=ask.body,
                )

    totals = run.execute(seed)
    for url in unanswered:
        why = totals.left[host_of(url)].why if host_of(url) in totals.left else "not-asked"
        say({"url": url, "status": None, "warc": None, "offset": None, "error": why})
    return totals
