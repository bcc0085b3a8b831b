"""Change log against the truth of the demo sites: who is missing, who is false, which field is wrong.

    python -m tests.demo.score HOME [--state 2]

Used by `make demo`, the tests and benchmarks; exits 1 when anything differs.
"""

import argparse
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.paths import Home
from pipelines.feed import ChangeLog
from pipelines.item import Event, Item
from tests.demo.truth import truth

GRAM = 4
DOC = {
    "索引号": "index_no", "主题分类": "topic", "发文机关": "issuer", "成文日期": "written_date", "发文字号": "doc_no",
    "发布日期": "publish_date", "有效性": "validity", "标题": "title", "名称": "title",
}  # fmt: skip
WELL = 0.98  # body F1 a site


@dataclass
class Score:
    """Counts of one site.  wrong: (field, url, got, wanted)."""

    articles: int = 0
    missing: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    ops: Counter[str] = field(default_factory=Counter)

    @property
    def body(self) -> float:
        return sum(self.f1) / len(self.f1) if self.f1 else 1.0

    @property
    def well(self) -> bool:
        return not (self.missing or self.false or self.wrong) and self.body >= WELL


def grams(text: str) -> Counter[str]:
    squeezed = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return Counter(squeezed[i : i + GRAM] for i in range(max(1, len(squeezed) - GRAM + 1))) if squeezed else Counter()


def body_f1(got: str, wanted: list[str], optional: list[str]) -> float:
    """Character 4-gram F1; optional lines are neither required nor wrong."""
    have, want, free = grams(got), grams("\n".join(wanted)), grams("\n".join(optional))
    both = sum((have & want).values())
    false = sum((have - want - free).values())
    missed = sum((want - have).values())
    return 1.0 if not (both or false or missed) else 2 * both / (2 * both + false + missed)


def items_of(events: list[Event]) -> dict[tuple[str, str], Item]:
    """What the log says is live."""
    live: dict[tuple[str, str], Item] = {}
    for event in events:
        if event.item is None:
            live.pop((event.site, event.id), None)
        else:
            live[event.site, event.id] = event.item
    return live


def score(home: Home, state: int) -> dict[str, Score]:
    """Compare the live items of each site with the truth of a state."""
    events = list(ChangeLog(home.changes).events())
    live = items_of(events)
    scores: dict[str, Score] = {}
    names = {event.site for event in events}
    for name, wanted in truth(state).items():
        site = next((one for one in names if one == name or one.startswith(name)), name)
        result = scores[name] = Score()
        mine = {item.url: item for (owner, _), item in live.items() if owner == site}
        for article in wanted["articles"]:
            result.articles += 1
            item = mine.pop(article["url"], None)
            if item is None:
                result.missing.append(article["url"])
                continue
            _compare(result, item, dict(article))
        result.false += list(mine)
        result.ops.update(event.op for event in events if event.site == site)
    return scores


def _compare(result: Score, item: Item, wanted: dict[str, Any]) -> None:
    pairs = [
        ("title", item.title, wanted["title"]),
        ("date", item.date_published, wanted["date"]),
        ("precision", item.extension.published_precision, wanted["precision"]),
        ("source", item.extension.source, wanted["source"]),
        ("body_kind", item.extension.body_kind, wanted["body_kind"]),
        (
            "attachments",
            sorted((one.url, one.sha256 or "", one.state) for one in item.attachments),
            sorted((one["url"], one["sha256"], "ok") for one in wanted["attachments"]),
        ),
    ]
    pairs += [
        (f"doc.{DOC[label]}", item.extension.doc.get(DOC[label]), value) for label, value in wanted["doc"].items()
    ]
    result.wrong += [(name, item.url, got, want) for name, got, want in pairs if got != want]
    result.f1.append(body_f1(item.content_text or "", wanted["body"], [*wanted["optional"], wanted["title"]]))
    if result.f1[-1] < WELL:
        result.wrong.append(("body", item.url, round(result.f1[-1], 3), WELL))


def show(scores: dict[str, Score], *, most: int = 12) -> None:
    print(f"{'site':<6}{'articles':>9}{'missing':>9}{'false':>7}{'wrong fields':>14}{'body F1':>9}   events")
    for name, one in scores.items():
        ops = " ".join(f"{op} {count}" for op, count in sorted(one.ops.items()))
        print(
            f"{name:<6}{one.articles:>9}{len(one.missing):>9}{len(one.false):>7}{len(one.wrong):>14}{one.body:>9.4f}   {ops}"
        )
    for name, one in scores.items():
        for url in (*one.missing[:most], *(f"false: {url}" for url in one.false[:most])):
            print(f"  {name}: {url}")
        for what, url, got, wanted in one.wrong[:most]:
            print(f"  {name}: {what} of {url}: got {got!r}, wanted {wanted!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--state", type=int, default=1)
    given = parser.parse_args()
    scores = score(Home(given.home), given.state)
    show(scores)
    return 0 if all(one.well for one in scores.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
