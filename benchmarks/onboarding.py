"""Sites known only by their URL -> a table of what onboarding finds of them, against truth.

    python -m benchmarks.onboarding demo             # the five demo sites
    python -m benchmarks.onboarding DIR PORT         # DIR/<host>/truth.json; a server of these hosts on 127.0.0.1:PORT

truth.json: article_urls (required), optional_urls (neither required nor wrong), home; as paths.  After onboarding the
proposed lists are walked to their ends with the adapters (no extraction): recall and false are of the rows.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from spiders.cms.adapter import Ask
from spiders.onboard import Proposal, onboard
from tests.asking import Loopback, walked
from tests.demo.server import DemoServer
from tests.demo.truth import truth


@dataclass
class Result:
    host: str
    proposal: Proposal
    asked: int
    seconds: float
    wanted: set[str]
    optional: set[str]
    got: set[str] = field(default_factory=set)

    @property
    def missing(self) -> set[str]:
        return self.wanted - self.got

    @property
    def false(self) -> set[str]:
        return self.got - self.wanted - self.optional


def path_of(url: str) -> str:
    """The form in which truth and rows are compared."""
    parts = urlsplit(url)
    path = unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
    return re.sub(r"/index\.s?html?$", "/", path) or "/"


def measure(url: str, port: int, wanted: set[str], optional: set[str], aliases: dict[str, str], budget: int) -> Result:
    ask = Loopback(port)
    start = time.perf_counter()
    proposal = asyncio.run(onboard(url, ask, budget=budget))
    result = Result(urlsplit(url).netloc, proposal, ask.count, time.perf_counter() - start, wanted, optional)
    if proposal.site is not None:
        for one in walked(proposal.site, ask.fetch):
            path = aliases.get(path_of(one), path_of(one))
            if path in wanted or ask.fetch(Ask(one)).status == 200:  # a row that leads to a 404 makes no item
                result.got.add(path)
    return result


def demo_results(budget: int) -> Iterator[Result]:
    with DemoServer() as server:
        for site in truth().values():
            wanted = {path_of(article["url"]) for article in site["articles"]}
            aliases = {path_of(alias): path_of(one["url"]) for one in site["articles"] for alias in one["aliases"]}
            yield measure(site["home"], server.port, wanted, set(), aliases, budget)


def folder_results(root: Path, port: int, budget: int, only: str) -> Iterator[Result]:
    for file in sorted(root.glob("*/truth.json")):
        known: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if only not in known["host"]:
            continue
        wanted, optional = ({path_of(path) for path in known[key]} for key in ("article_urls", "optional_urls"))
        twins = {path_of(one): path_of(group[0]) for group in known.get("duplicates", []) for one in group}
        result = measure(f"http://{known['host']}{known['home']}", port, wanted, optional, {}, budget)
        result.got |= {one for one in wanted if twins.get(one) in {twins.get(path, "-") for path in result.got}}
        yield result


@contextmanager
def shown(show: int, text: bool) -> Iterator[Any]:
    results: list[Result] = []

    def take(result: Result) -> None:
        results.append(result)
        sheet = result.proposal.sheet
        recall = 1 - len(result.missing) / max(len(result.wanted), 1)
        false = len(result.false) / max(len(result.got), 1)
        print(
            f"{result.host:24} {sheet.status:8} {sheet.confidence:5.2f} {len(sheet.lists):5} {result.asked and sheet.spent:5} "
            f"{len(result.wanted):7} {recall:7.4f} {false:7.4f} {len(result.false):6} {result.seconds:6.1f}"
        )
        if text:
            print(sheet.as_text() + "\n" + result.proposal.toml)
        for word, urls in (("missing", result.missing), ("false", result.false)):
            for url in sorted(urls)[:show]:
                print(f"    {word} {url}")

    print(f"{'site':24} {'status':8}  conf lists  asks  wanted  recall   false  count   secs")
    yield take
    wanted, missing = (sum(len(getattr(one, name)) for one in results) for name in ("wanted", "missing"))
    got, false_count = (sum(len(getattr(one, name)) for one in results) for name in ("got", "false"))
    print(f"{'all':52} {wanted:7} {1 - missing / max(wanted, 1):7.4f} {false_count / max(got, 1):7.4f} {false_count:6}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onboarding", description=__doc__.splitlines()[0])
    parser.add_argument("root", help="'demo' or a folder of hosts")
    parser.add_argument("port", type=int, nargs="?", default=8800)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--only", default="", help="part of a host name")
    parser.add_argument("--show", type=int, default=5, help="missing and false URLs a site")
    parser.add_argument("--text", action="store_true", help="proof sheets and definitions too")
    given = parser.parse_args()
    if given.root != "demo" and not Path(given.root).is_dir():
        sys.exit(f"{given.root}: no folder")
    found = (
        demo_results(given.budget)
        if given.root == "demo"
        else folder_results(Path(given.root), given.port, given.budget, given.only)
    )
    with shown(given.show, given.text) as take:
        for result in found:
            take(result)


if __name__ == "__main__":
    main()
