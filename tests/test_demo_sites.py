"""The demo sites say what their truth says, in both states, and a crawl along their lists finds all of it."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.demo.server import DemoServer
from tests.demo.truth import SiteTruth, truth
from tests.demo.visitor import Visitor

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("kjt", "hr", "yd", "tv", "tz")
BOTH_STATES = pytest.mark.parametrize("state", [1, 2])
EACH_SITE = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def visitor(demo: DemoServer) -> Iterator[Visitor]:
    demo.state = 1
    with Visitor(demo) as visitor:
        yield visitor


def links(page: str, base: str) -> set[str]:
    return {urljoin(base, unescape(link)) for link in re.findall(r'<a [^>]*?href=["\']([^"\']+)', page)}


@EACH_SITE
def test_each_site_has_forty_articles_and_two_columns_of_three_pages(name: str) -> None:
    site = truth()[name]
    assert 40 <= len(site["articles"]) <= 48
    assert sum(pages >= 3 for pages in Counter(page["column"] for page in site["lists"]).values()) >= 2


@BOTH_STATES
@EACH_SITE
def test_every_article_attachment_and_list_of_the_truth_answers(
    demo: DemoServer, visitor: Visitor, name: str, state: int
) -> None:
    demo.state = state
    site = truth(state)[name]
    for url in [a["url"] for a in site["articles"]] + [page["url"] for page in site["lists"]]:
        assert visitor.get(url).status == 200, url
    for attachment in (f for a in site["articles"] for f in a["attachments"]):
        body = visitor.get(attachment["url"]).body
        assert hashlib.sha256(body).hexdigest() == attachment["sha256"]


@BOTH_STATES
@EACH_SITE
def test_pages_show_title_date_source_and_body_of_the_truth(
    demo: DemoServer, visitor: Visitor, name: str, state: int
) -> None:
    demo.state = state
    for article in truth(state)[name]["articles"]:
        page = re.sub(r" (?=[，。、！；])", "", unescape(visitor.get(article["url"]).text))
        assert all(paragraph in page for paragraph in article["body"])
        if name != "tv":  # there only the list knows
            assert article["title"] in page
            assert article["date"][:10] in page or f"{article['date'][:4]}年" in page
            assert article["source"] is None or article["source"] in page


@BOTH_STATES
@EACH_SITE
def test_a_crawl_from_home_along_the_lists_finds_every_article(
    demo: DemoServer, visitor: Visitor, name: str, state: int
) -> None:
    demo.state = state
    site = truth(state)[name]
    pages = {page["url"]: page for page in site["lists"]}
    home = links(visitor.get(site["home"]).text, site["home"]) | {site["home"]}
    found: set[str] = set()
    for first in [page for page in site["lists"] if page["number"] == 1]:
        entry = (
            first["url"] if name != "tv" else re.sub(r"/api/list\?channel=(\w+).*", r"/channel/\1.html", first["url"])
        )
        assert entry in home
        url: str | None = first["url"]
        while url:
            text = visitor.get(url).text
            shown = set(re.findall(r'"url": "([^"]+)"', text)) if name == "tv" else links(text, url)
            rows = {row["url"] for row in pages[url]["rows"]}
            assert rows <= {urljoin(url, link) for link in shown}
            found |= rows
            url = pages[url]["next"]
    assert found == {(a["aliases"] or [a["url"]])[0] for a in site["articles"]}


@BOTH_STATES
@EACH_SITE
def test_rows_run_newest_first_but_for_the_pinned_one(name: str, state: int) -> None:
    for column in {page["column"] for page in truth(state)[name]["lists"]}:
        rows = [row for page in truth(state)[name]["lists"] if page["column"] == column for row in page["rows"]]
        dates = [row["date"] for row in rows if not row["pinned"]]
        assert dates == sorted(dates, reverse=True)


@EACH_SITE
def test_bodies_differ_and_hardly_share_a_line(name: str) -> None:
    articles = [a for a in truth()[name]["articles"] if not a["doc"] and a["body_kind"] == "text"]
    lines = Counter(line for a in articles for line in a["body"])
    assert [line for line, count in lines.items() if count > 1] == []
    assert all(150 <= sum(map(len, a["body"])) <= 1500 for a in articles)
    assert len({a["title"] for a in articles}) == len(articles)


@EACH_SITE
def test_articles_spread_over_about_two_years(name: str) -> None:
    years = sorted(int(a["date"][:4]) + int(a["date"][5:7]) / 12 for a in truth()[name]["articles"])
    assert 1.5 <= years[-1] - years[0] <= 2.5


@EACH_SITE
def test_pages_that_are_no_articles_answer_and_are_linked_from_the_home_page(visitor: Visitor, name: str) -> None:
    site = truth()[name]
    articles = {a["url"] for a in site["articles"]} | {alias for a in site["articles"] for alias in a["aliases"]}
    assert not articles & set(site["not_articles"])
    assert all(visitor.get(url).status == 200 for url in site["not_articles"])
    home = links(visitor.get(site["home"]).text, site["home"])
    assert len(home & set(site["not_articles"])) >= 4


# --------------------------------------------------------------------------------------------- the later state
@EACH_SITE
def test_later_state_has_three_new_one_changed_one_removed(name: str) -> None:
    before, after = truth(1)[name], truth(2)[name]
    assert (len(after["new"]), len(after["changed"]), len(after["removed"])) == (3, 1, 1)
    assert {a["url"] for a in after["articles"]} - {a["url"] for a in before["articles"]} == set(after["new"])
    gone = {a["url"] for a in before["articles"]} - {a["url"] for a in after["articles"]}
    assert gone == {removal["url"] for removal in after["removed"]}
    kept = {a["url"]: a for a in before["articles"]}
    differing = {a["url"] for a in after["articles"] if a["url"] in kept and _said(a) != _said(kept[a["url"]])}
    assert differing == {change["url"] for change in after["changed"]}


def _said(article: object) -> dict[str, object]:
    assert isinstance(article, dict)
    return {key: article[key] for key in ("title", "date", "source", "body", "attachments", "doc")}


@EACH_SITE
def test_new_articles_stand_at_the_top_of_their_lists(name: str) -> None:
    site = truth(2)[name]
    firsts = [page for page in site["lists"] if page["number"] == 1]
    for url in site["new"]:
        assert any(url in [row["url"] for row in page["rows"][:4]] for page in firsts)


@EACH_SITE
def test_changed_article_was_among_the_three_newest_and_its_row_tells_unless_silent(name: str) -> None:
    before, after = truth(1)[name], truth(2)[name]
    change = after["changed"][0]
    rows = [[row for row in page["rows"] if not row["pinned"]] for page in before["lists"] if page["number"] == 1]
    assert any(change["url"] in [row["url"] for row in newest[:3]] for newest in rows)
    assert change["silent"] == (name in ("kjt", "hr"))
    assert _row(before, change["url"]) != _row(after, change["url"]) or change["silent"]


def _row(site: SiteTruth, url: str) -> tuple[str | None, str]:
    return next((row["title"], row["date"]) for page in site["lists"] for row in page["rows"] if row["url"] == url)


@EACH_SITE
def test_an_edit_changes_a_figure_and_adds_a_sentence(name: str) -> None:
    url = truth(2)[name]["changed"][0]["url"]
    old, new = (next(a["body"] for a in truth(s)[name]["articles"] if a["url"] == url) for s in (1, 2))
    assert [i for i, line in enumerate(new) if line != old[i]] == [1]
    assert len(new[1]) > len(old[1]) + 15
    assert re.findall(r"\d+", new[1])[0] != re.findall(r"\d+", old[1])[0]


@EACH_SITE
def test_removed_article_stood_on_a_first_list_page(name: str) -> None:
    url = truth(2)[name]["removed"][0]["url"]
    firsts = [page for page in truth(1)[name]["lists"] if page["number"] == 1]
    assert any(url in [row["url"] for row in page["rows"]] for page in firsts)


@EACH_SITE
def test_validators_tell_exactly_what_differs_in_the_later_state(demo: DemoServer, name: str) -> None:
    old, new = (demo.shops[(f"{name}.demo.example", state)].site.answers for state in (1, 2))
    for path in old.keys() & new.keys():
        same = old[path].body == new[path].body and old[path].status == new[path].status
        if old[path].tag or new[path].tag:
            assert (old[path].tag == new[path].tag) == same, path
        if old[path].modified and new[path].modified:
            assert (old[path].modified == new[path].modified) == same, path


# --------------------------------------------------------------------------------------------- how they are made
def test_truth_is_the_same_in_every_process_and_needs_only_python(tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.json"
        command = (
            "import sys; sys.path.insert(0, '.'); from tests.demo.server import main; sys.exit(main(sys.argv[1:]))"
        )
        # -S: no site-packages, so an import from outside the standard library would fail
        run = [sys.executable, "-S", "-c", command, "--write-truth", str(path), "--state", "2"]
        subprocess.run(run, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        written.append(path.read_bytes())
    assert written[0] == written[1]
