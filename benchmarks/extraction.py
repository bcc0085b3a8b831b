"""Extraction beside its peers: body F1, exact fields and CPU on a directory of pages with truth, in one run.

    python -m benchmarks.extraction DIR [--profiles] [--repeat 3] [--peers SITE-PACKAGES]...

DIR: pages ID.html with ID.json beside each ({"title", "date", "source", "author", "body", "optional", "url"}; a key that
is not there is not scored).  --profiles: pages of one host learn from the other half of the host's pages.  --peers: where
readability-lxml, gne and magic-html are installed (they pin versions that the crawler cannot have); our own libraries go
first.  Peers that are nowhere are named and left out.  Systems take turns page by page and round by round, so that the
noise of the machine hits all alike, twice each; CPU is process time, the least of all runs, and the ratio is against
trafilatura with its metadata.  Everybody gets the same decoded text but us: our time includes decoding.  Pages belong to
their publishers: DIR lies outside the repository.
"""

import argparse
import importlib
import json
import logging
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipelines.decode import Document
from pipelines.extract import extract
from pipelines.flow import flow_of
from pipelines.item import Page, Publisher
from pipelines.learn import learn
from pipelines.profile import Profile
from pipelines.render import text_of

GRAM = 4
SITE = Publisher(name="benchmark")
DAY = re.compile(r"((?:19|20)\d\d)\D(\d{1,2})\D(\d{1,2})")
FIELDS = ("title", "date", "source", "author")
LEAST_SIBLINGS = 4


@dataclass(frozen=True)
class Case:
    """A page and its truth."""

    name: str
    page: Page
    text: str
    truth: dict[str, Any]

    @property
    def host(self) -> str:
        return urlsplit(self.page.url).netloc


@dataclass
class Tally:
    """What one system did.  fields: name -> Counter of ok, wrong, missing, spurious."""

    f1: list[float] = field(default_factory=list)
    seconds: float = 0.0
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


Answer = dict[str, Any]
System = Callable[[Case], Answer]


def squeezed(text: str | None) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text or ""))


def grams(text: str) -> Counter[str]:
    return Counter(text[i : i + GRAM] for i in range(max(1, len(text) - GRAM + 1))) if text else Counter()


def body_f1(got: str, body: str, optional: list[str]) -> float:
    """Character 4-grams; optional lines are neither required nor wrong."""
    have, want = grams(squeezed(got)), grams(squeezed(body))
    free: Counter[str] = Counter()
    for line in optional:
        free += grams(squeezed(line))
    shared = sum((have & want).values())
    false, missed = sum((have - want - free).values()), sum((want - have).values())
    return 1.0 if not (shared or false or missed) else 2 * shared / (2 * shared + false + missed)


def folded(kind: str, value: Any) -> str:
    text = " ".join(value) if isinstance(value, list | tuple) else str(value or "")
    if kind == "date":
        day = DAY.search(text)
        return "-".join(part.zfill(2) for part in day.groups()) if day else ""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def judged(kind: str, got: Any, wanted: Any) -> str:
    have, want = folded(kind, got), folded(kind, wanted)
    if not want:
        return "spurious" if have else "none"
    return "ok" if have == want else "wrong" if have else "missing"


def ours(profiles: dict[str, Profile] | None = None, *, alone: bool = False) -> System:
    def run(case: Case) -> Answer:
        made = extract(case.page, SITE, profiles.get(case.name) if profiles else None, alone=alone)
        return {
            "title": made.title,
            "date": made.published,
            "source": made.source,
            "author": made.authors,
            "text": made.content_text,
        }

    return run


def trafilatura_with(**options: Any) -> System:
    trafilatura = importlib.import_module("trafilatura")

    def run(case: Case) -> Answer:
        made = trafilatura.bare_extraction(
            case.text, url=case.page.url or None, with_metadata=True, include_comments=False, **options
        )
        return {"title": made.title, "date": made.date, "author": made.author, "text": made.text} if made else {}

    return run


def tuned_trafilatura() -> System:
    """The best of its settings on short Chinese pages: small results kept, precision favoured."""
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "60")
    return trafilatura_with(favor_precision=True, config=config)


def readability() -> System:
    module = importlib.import_module("readability")

    def run(case: Case) -> Answer:
        document = module.Document(case.text)
        return {"title": document.short_title(), "text": plain(document.summary())}

    return run


def gne() -> System:
    extractor = importlib.import_module("gne").GeneralNewsExtractor()

    def run(case: Case) -> Answer:
        made = extractor.extract(case.text)
        return {"title": made["title"], "date": made["publish_time"], "author": made["author"], "text": made["content"]}

    return run


def magic() -> System:
    extractor = importlib.import_module("magic_html").GeneralExtractor()

    def run(case: Case) -> Answer:
        made = extractor.extract(html=case.text, base_url=case.page.url or "http://page.example/")
        return {"title": made.get("title"), "text": plain(made.get("html") or "")}

    return run


def plain(html: str) -> str:
    flow = flow_of(Document("", html.encode("utf-8", "replace")).dom)
    return text_of(flow, 0, list(range(len(flow.lines))))


def cases_in(directory: Path) -> list[Case]:
    cases = []
    for truth_file in sorted(directory.rglob("*.json")):
        page_file = truth_file.with_suffix(".html")
        if page_file.exists():
            truth = json.loads(truth_file.read_text("utf-8"))
            page = Page(url=truth.get("url") or "", body=page_file.read_bytes())
            cases.append(Case(truth_file.stem, page, Document(page.url, page.body).text, truth))
    return cases


def profiles_of(cases: list[Case]) -> dict[str, Profile]:
    """Profile for each page, learned from that half of its host's pages in which it is not."""
    hosts: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        hosts[case.host].append(case)
    found: dict[str, Profile] = {}
    for host, pages in hosts.items():
        if host and len(pages) >= LEAST_SIBLINGS:
            for half, others in ((pages[::2], pages[1::2]), (pages[1::2], pages[::2])):
                profile = learn([case.page for case in others], SITE)
                found.update({case.name: profile for case in half})
    return found


def systems_for(cases: list[Case], with_profiles: bool) -> dict[str, System]:
    makers: dict[str, Callable[[], System]] = {
        "ours": ours,
        "ours, no second opinion": lambda: ours(alone=True),
        "trafilatura": trafilatura_with,
        "trafilatura, tuned": tuned_trafilatura,
        "readability-lxml": readability,
        "gne": gne,
        "magic-html": magic,
    }
    if with_profiles:
        profiles = profiles_of(cases)
        print(f"profiles for {len(profiles)} of {len(cases)} pages")
        makers["ours, with profile"] = lambda: ours(profiles)
    systems: dict[str, System] = {}
    for name, maker in makers.items():
        try:
            systems[name] = maker()
        except ImportError:
            print(f"{name}: not installed, left out")
    return systems


def score(tally: Tally, answer: Answer, truth: dict[str, Any]) -> None:
    if "body" in truth:
        optional = [*(truth.get("optional") or []), truth.get("title") or ""]
        tally.f1.append(body_f1(answer.get("text") or "", truth["body"] or "", optional))
    for kind in FIELDS:
        if kind in truth:
            tally.fields[kind][judged(kind, answer.get(kind), truth[kind])] += 1


def measure(cases: list[Case], systems: dict[str, System], repeat: int) -> dict[str, Tally]:
    tallies = {name: Tally() for name in systems}
    for run in systems.values():
        run(cases[0])  # imports and caches are not counted
    for case in cases:
        best = dict.fromkeys(systems, float("inf"))
        answers: dict[str, Answer] = {}
        for _ in range(repeat):
            for name, run in systems.items():
                for _ in range(2):  # the first finds the caches full of another's code, as no worker ever does
                    began = time.process_time()
                    try:
                        answers[name] = run(case)
                    except (ValueError, TypeError, AttributeError, IndexError, KeyError) as error:  # its own trouble
                        answers[name] = {"error": repr(error)}
                    best[name] = min(best[name], time.process_time() - began)
        for name, tally in tallies.items():
            tally.seconds += best[name]
            score(tally, answers[name], case.truth)
    return tallies


def share(counts: Counter[str]) -> str:
    asked = counts["ok"] + counts["wrong"] + counts["missing"]
    return f"{counts['ok'] / asked:.3f}" if asked else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--profiles", action="store_true")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peers", type=Path, action="append", default=[])
    options = parser.parse_args()
    sys.path += [str(path) for path in options.peers]
    logging.disable(logging.CRITICAL)
    cases = cases_in(options.directory)
    if not cases:
        parser.error(f"{options.directory}: no ID.html with ID.json beside it")
    tallies = measure(cases, systems_for(cases, options.profiles), options.repeat)
    base = tallies.get("trafilatura", next(iter(tallies.values()))).seconds
    print(f"\n{len(cases)} pages; invented = given though the page has none; CPU against trafilatura with metadata\n")
    print("| system | body F1 | >=.99 | <.80 | title | date | source | author | invented | ms a page | CPU ratio |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, tally in sorted(tallies.items(), key=lambda entry: -sum(entry[1].f1)):
        count = max(1, len(tally.f1))
        cells = [
            f"{sum(tally.f1) / count:.4f}",
            f"{sum(f1 >= 0.99 for f1 in tally.f1) / count:.2f}",
            str(sum(f1 < 0.80 for f1 in tally.f1)),
            *(share(tally.fields[kind]) for kind in FIELDS),
            str(sum(tally.fields[kind]["spurious"] for kind in FIELDS)),
            f"{1000 * tally.seconds / len(cases):.1f}",
            f"{tally.seconds / base:.3f}",
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
