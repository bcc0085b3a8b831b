"""List pages with hand-made truth -> a table by kind: links F1, titles and dates of rows, next page.

    python -m benchmarks.listings DIR

DIR holds NNN.html (bytes as sent) and NNN.json: url, cms, articles [{abs, title, date}], next_page.  Titles are
compared without white space, dates by their day; a row that shows no date must have none.
"""

import json
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from pipelines.decode import Document
from spiders.cms import listing
from spiders.cms.adapter import Listing
from spiders.cms.shown import day_shown


def measure(folder: Path) -> dict[str, Counter[str]]:
    """Return kind -> counts; prints what is wrong on each page."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for truth_file in sorted(folder.glob("*.json")):
        truth = json.loads(truth_file.read_text("utf-8"))
        page = Document(truth["url"], truth_file.with_suffix(".html").read_bytes())
        _ = page.tree
        start = time.process_time()
        found = listing(page)
        spent = time.process_time() - start
        counts = compare(truth, found, truth_file.stem)
        counts["ms"] = round(spent * 1000)
        table[f"{truth['cms'] or 'none named'} / {found.adapter}"].update(counts)
    return table


def compare(truth: dict[str, Any], found: Listing, name: str) -> Counter[str]:
    wanted = {entry["abs"]: entry for entry in truth["articles"]}
    rows = {row.url: row for row in found.rows}
    counts = Counter(pages=1, wanted=len(wanted), given=len(rows), right=len(wanted.keys() & rows.keys()))
    for url, entry in wanted.items():
        row = rows.get(url)
        title, day = (row.title, day_shown(row.date)) if row else (None, None)
        same_title = row is not None and bare(title) == bare(entry["title"])
        same_day = row is not None and (day.isoformat() if day else "") == (entry["date"] or "")[:10]
        counts.update(titles=same_title, dates=same_day)
        if row is None:
            print(f"{name}: missing {url}")
        elif not same_title:
            print(f"{name}: title {title!r}, wanted {entry['title']!r}")
    for url in rows.keys() - wanted.keys():
        print(f"{name}: false {url}")
    if truth["next_page"]:
        following = found.next.url if found.next else None
        right = following == urljoin(truth["url"], truth["next_page"])
        counts.update(turns=1, turned=right)
        if not right:
            print(f"{name}: next {following}, wanted {truth['next_page']}")
    return counts


def bare(text: str | None) -> str:
    return re.sub(r"[\s\u200b-\u200d\ufeff]", "", text or "")


def line(kind: str, counts: Counter[str]) -> str:
    precision = counts["right"] / max(counts["given"], 1)
    recall = counts["right"] / max(counts["wanted"], 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    titles, dates = (counts[key] / max(counts["wanted"], 1) for key in ("titles", "dates"))
    turns = f"{counts['turned']}/{counts['turns']}"
    return (
        f"{kind:28} {counts['pages']:5} {counts['wanted']:6} {precision:6.3f} {recall:6.3f} {f1:6.3f} "
        f"{titles:7.3f} {dates:6.3f} {turns:>6} {counts['ms'] / counts['pages']:6.1f}"
    )


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m benchmarks.listings DIR")
    table = measure(Path(sys.argv[1]))
    print(f"{'kind / adapter':28} pages  links      P      R     F1  titles  dates   next  ms/page")
    for kind, counts in sorted(table.items()):
        print(line(kind, counts))
    print(line("all", sum(table.values(), Counter())))


if __name__ == "__main__":
    main()
