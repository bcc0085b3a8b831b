"""The demo sites from their bare URLs, over three scheduled runs: every trap has a test by name.

One home for the whole file: added, crawled in the first state, in the later state, and once more unchanged.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.paths import Home
from archive.state import State
from pipelines.feed import ChangeLog
from pipelines.item import Event, Item
from tests.conftest import well
from tests.demo import DEFINITIONS
from tests.demo.score import Score, items_of, score
from tests.demo.server import DemoServer, Hit
from tests.demo.sites import traps
from tests.demo.truth import SiteTruth, truth

NAMES = ("hr", "kjt", "tv", "tz", "yd")


@dataclass(frozen=True)
class Story:
    """What happened: scores after the first and the second run, hits and events of each of the three."""

    home: Home
    first: dict[str, Score]
    second: dict[str, Score]
    hits: tuple[list[Hit], list[Hit], list[Hit]]
    events: tuple[list[Event], list[Event], list[Event]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    root = tmp_path_factory.mktemp("story") / "home"
    with DemoServer() as server:
        to = ("--connect-to", server.connect_to, "--delay", "0")
        well(root, "add", "--yes", *(f"http://{name}.demo.example/" for name in NAMES), *to)
        home = Home(root)
        hits: list[list[Hit]] = []
        events: list[list[Event]] = []
        scores: list[dict[str, Score]] = []
        for state, switches in ((1, ("--full",)), (2, ("--due",)), (2, ("--due",))):
            server.state = state
            server.hits.clear()
            _let_pass(home)
            seq = sum(len(one) for one in events)
            well(root, "crawl", *switches, *to)
            hits.append(list(server.hits))
            events.append(list(ChangeLog(home.changes).events(seq)))
            scores.append(score(home, state))
        yield Story(home, scores[0], scores[1], (hits[0], hits[1], hits[2]), (events[0], events[1], events[2]))


def _let_pass(home: Home) -> None:
    """Make every site due, as if its `every` had passed."""
    state = State(home.state)
    state.db.execute("UPDATE site SET next_due = 0")
    state.close()


@pytest.fixture(scope="module")
def items(story: Story) -> dict[str, Item]:
    """What was live after the first run, by URL."""
    return {item.url: item for item in items_of(story.events[0]).values()}


@pytest.mark.parametrize("name", NAMES)
def test_all_articles_of_a_site_come_from_its_bare_url_and_none_is_false(story: Story, name: str) -> None:
    result = story.first[name]
    assert (result.missing, result.false) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_titles_dates_sources_documents_and_attachments_are_exact(story: Story, name: str) -> None:
    assert story.first[name].wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_bodies_are_the_articles(story: Story, name: str) -> None:
    assert story.first[name].body >= 0.98


def test_each_article_is_in_the_log_exactly_once(story: Story) -> None:
    counts = Counter((event.site, event.id) for event in story.events[0])
    assert set(counts.values()) == {1}
    assert {event.op for event in story.events[0]} == {"new"}


@pytest.mark.parametrize("trap", sorted(traps()))
def test_trap(story: Story, items: dict[str, Item], trap: str) -> None:
    """The page of the trap is the article the truth tells, or no article at all."""
    name, url = trap.split(":")[0], traps()[trap].url
    articles = {one["url"]: one for one in truth(1)[name]["articles"]}
    aliases = {alias: one["url"] for one in articles.values() for alias in one["aliases"]}
    if url in aliases:
        assert url in items[aliases[url]].extension.aliases
    elif url in articles:
        wrong = [one for one in story.first[name].wrong if one[1] == url]
        assert url in items, "the article is missing"
        assert wrong == []
    else:
        assert url not in items


@pytest.mark.parametrize("name", NAMES)
def test_the_later_state_gives_three_new_one_update_one_delete(story: Story, name: str) -> None:
    mine = [event for event in story.events[1] if event.site.startswith(name)]
    wanted: SiteTruth = truth(2)[name]
    assert Counter(event.op for event in mine) == {"new": 3, "update": 1, "delete": 1}
    assert {event.cause for event in mine} == {"site"}
    by_op = {op: {event.id for event in mine if event.op == op} for op in ("new", "update", "delete")}
    assert by_op["new"] == set(wanted["new"])
    assert by_op["update"] == {one["url"] for one in wanted["changed"]}
    assert by_op["delete"] == {one["url"] for one in wanted["removed"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_delete_has_no_item_a_reason_and_the_failing_capture_as_proof(story: Story, name: str) -> None:
    event = next(one for one in story.events[1] if one.op == "delete" and one.site.startswith(name))
    how = truth(2)[name]["removed"][0]["how"]
    assert (event.item, event.reason) == (None, "redirected_home" if how == "redirected-home" else "gone")
    assert [proof.role for proof in event.evidence] == ["absence"]


def test_an_edit_says_which_fields_changed(story: Story) -> None:
    for event in story.events[1]:
        if event.op == "update":
            assert "content_text" in event.changed
            assert event.rev == 2


def test_the_second_run_asks_less_than_a_fifth_of_the_first(story: Story) -> None:
    assert len(story.hits[1]) < len(story.hits[0]) / 5


def test_an_unchanged_site_costs_its_lists_alone_all_answered_304(story: Story) -> None:
    assert story.events[2] == []
    assert {hit.status for hit in story.hits[2]} == {304}
    lists = {page["url"] for site in truth(2).values() for page in site["lists"]}
    assert {f"http://{hit.host}{hit.path}" for hit in story.hits[2]} <= lists


def test_nothing_that_robots_txt_disallows_was_asked(story: Story) -> None:
    disallowed = [url for site in truth(1).values() for url in site["disallowed"]]
    asked = {f"http://{hit.host}{hit.path}" for hits in story.hits for hit in hits}
    assert disallowed
    assert asked.isdisjoint(disallowed)


def test_the_definitions_written_are_as_short_as_those_a_person_wrote(story: Story) -> None:
    for name in NAMES:
        written = next(story.home.sites.glob(f"{name}*.toml")).read_text("utf-8")
        by_hand = (Path(DEFINITIONS) / f"{name}.toml").read_text("utf-8")
        assert len(written.splitlines()) <= len(by_hand.splitlines()) + 1


def test_archive_index_state_and_log_agree_in_the_end(story: Story) -> None:
    assert "all agree" in well(story.home.root, "verify").err
