"""Golden pages: what extraction says of each page in tests/pages, field by field.

tests/pages/<site>/<slug>.html with <slug>.json beside it: {"page": hints, "article": what we want}.  A missing .json is
written and the test fails once: read it, then commit it.  All text in tests/pages is our own; the markup is our
guess at what such content systems emit.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipelines.extract import extract
from pipelines.item import Page, Publisher

PAGES = Path(__file__).parent / "pages"
HTML = sorted(PAGES.rglob("*.html"))


def article_of(path: Path, hints: dict[str, Any]) -> dict[str, Any]:
    page = Page(url=hints["url"], body=path.read_bytes(), **{k: v for k, v in hints.items() if k.startswith("row_")})
    made: dict[str, Any] = json.loads(msgspec.json.encode(extract(page, Publisher(name=path.parent.name))))
    return made


@pytest.mark.parametrize("path", HTML, ids=[str(path.relative_to(PAGES)) for path in HTML])
def test_golden_page(path: Path) -> None:
    wanted = path.with_suffix(".json")
    if not wanted.exists():
        hints = {"url": f"http://www.{path.parent.name.replace('_', '-')}.example/news/{path.name}"}
        both = {"page": hints, "article": article_of(path, hints)}
        wanted.write_text(json.dumps(both, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{wanted} was missing and is written now: read it, then commit it")
    golden = json.loads(wanted.read_text("utf-8"))
    assert article_of(path, golden["page"]) == golden["article"]
