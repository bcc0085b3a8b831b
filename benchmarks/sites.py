"""Body F1 by site on whole sites with truth: ours page by page, ours with the site's profile, trafilatura.

    python -m benchmarks.sites DIR [--most 120]

DIR: one folder a host, holding the site's files, `truth.json` ({"article_urls": [...], "titles": {url: ...}, "dates": {url:
"YYYY-MM-DD" | null}}) and `truth_bodies.jsonl` ({"url", "body"} lines).  --most: article pages of a host that are read,
evenly spread.  A profile is learned from eight pages spread over the others, as onboarding does; pages without a body are
scored for fields only.  The sites belong to their publishers: DIR lies outside the repository.
"""

import argparse
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from benchmarks.extraction import SITE, Answer, Case, System, Tally, ours, score, share, trafilatura_with
from pipelines.decode import Document
from pipelines.item import Page
from pipelines.learn import learn

SAMPLES = 8
LEAST = 20  # characters of a body that is scored


def cases_of(folder: Path, most: int) -> list[Case]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    lines = (folder / "truth_bodies.jsonl").read_text("utf-8").splitlines()
    bodies = {one["url"]: one["body"] for one in map(json.loads, lines)}
    urls = truth["article_urls"]
    found = []
    for url in urls[:: max(1, len(urls) // most)]:
        page = Page(url=f"http://{folder.name}{url}", body=(folder / unquote(url).lstrip("/")).read_bytes())
        wanted: Answer = {"title": truth["titles"].get(url), "date": truth["dates"].get(url)}
        if len(bodies.get(url) or "") >= LEAST:
            wanted["body"] = bodies[url]
        found.append(Case(url, page, Document(page.url, page.body).text, wanted))
    return found


def with_profile(cases: list[Case]) -> System:
    """Each half of the pages is read with what was learned from the other."""
    halves = [cases[::2], cases[1::2]]
    profiles = {}
    for half, other in (halves, halves[::-1]):
        learned = learn([case.page for case in other[:: max(1, len(other) // SAMPLES)]], SITE)
        profiles.update({case.name: learned for case in half})
    return ours(profiles)


def tallies(cases: list[Case]) -> Iterator[tuple[str, Tally]]:
    systems = {"ours": ours(), "ours, with profile": with_profile(cases), "trafilatura": trafilatura_with()}
    for name, run in systems.items():
        tally = Tally()
        for case in cases:
            score(tally, run(case), case.truth)
        yield name, tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--most", type=int, default=120)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print("| site | system | pages | body F1 | >=.99 | <.80 | title | date |\n|---|---|---|---|---|---|---|---|")
    for truth in sorted(options.directory.glob("*/truth.json")):
        cases = cases_of(truth.parent, options.most)
        for name, tally in tallies(cases):
            count = max(1, len(tally.f1))
            cells = [
                str(len(cases)),
                f"{sum(tally.f1) / count:.4f}",
                f"{sum(f1 >= 0.99 for f1 in tally.f1) / count:.2f}",
                str(sum(f1 < 0.80 for f1 in tally.f1)),
                share(tally.fields["title"]),
                share(tally.fields["date"]),
            ]
            print(f"| {truth.parent.name} | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
