"""Traps: a full crawl of lists that never end; each walk ends by a rule that is named, and one article is one item."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Ended, parknews, routed, rows, site
from tests.farm.model import Answer, Asked
from tests.farm.server import FarmServer, Served
from tests.farm.traps import Calendar, Elsewhere, Sessions, SoftPages, Trap, traps

SITES = {one.NAME: one for one in traps()}
BY_RULE = {name: one.RULE for name, one in SITES.items() if one.RULE in ("repeats", "loop", "growing-path", "future")}


@dataclass(frozen=True)
class Trial:
    """What one full crawl of all traps came to.  asked: path with query of each request, by host."""

    home: Path
    ended: Ended
    asked: dict[str, list[str]]
    items: dict[str, dict[str, list[str]]]  # site -> id -> aliases
    rules: dict[str, list[dict[str, str]]]  # site -> what `status` says of walks that a rule ended


def named(trap: str) -> str:
    return trap.replace(".", "_").replace("-", "_")


class Mobile:
    """The mobile host of a site, on the same server."""

    def __init__(self, host: str, trap: Trap) -> None:
        self.host, self.trap = host, trap

    def respond(self, asked: Asked) -> Answer:
        return self.trap.respond(asked)


def served() -> list[Served]:
    return [*SITES.values(), Mobile("m.twins.trap.example", SITES["www.twins"])]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    home = tmp_path_factory.mktemp("traps") / "home"
    assert parknews(home, "init", "--operator", "Test", "--contact", "test@trap.example").code == 0
    for trap in SITES.values():
        site(home, named(trap.NAME), trap.host)
    with FarmServer(served()) as farm:
        ended = parknews(home, "crawl", "--full", *routed(farm.connect_to), timeout=300)
        asked = {host: farm.targets(host) for host in farm.sites}
    said = parknews(home, "snapshot")
    items: dict[str, dict[str, list[str]]] = {}
    for item in json.loads(said.out)["items"]:
        items.setdefault(item["_parknews"]["site"], {})[item["id"]] = item["_parknews"]["aliases"]
    status = json.loads(parknews(home, "status", "--json").out)
    return Trial(home, ended, asked, items, {one["site"]: one["ended_by_rule"] for one in status["sites"]})


def test_crawl_of_traps_ends_well(trial: Trial) -> None:
    assert trial.ended.code == 0, trial.ended.err[-3000:]
    assert "NEW" not in trial.ended.err


@pytest.mark.parametrize("trap", SITES)
def test_walk_ends_by_rule_within_the_pages_it_may_cost(trial: Trial, trap: str) -> None:
    made = SITES[trap]
    ends = rows(
        trial.home, "SELECT outcome FROM capture WHERE site = ? AND role = 'list' ORDER BY id DESC LIMIT 1", named(trap)
    )
    assert ends == [(f"list:{made.RULE}",)]
    lists = [path for path in trial.asked[made.host] if path.startswith("/list/")]
    assert len(lists) <= made.PAGES, lists


@pytest.mark.parametrize("trap", [name for name in SITES if not isinstance(SITES[name], Sessions | Calendar)])
def test_one_article_is_one_item_and_nothing_else_is(trial: Trial, trap: str) -> None:
    assert set(trial.items[named(trap)]) == SITES[trap].articles


def test_mobile_host_is_not_asked_for_what_the_site_has_itself(trial: Trial) -> None:
    assert trial.asked["m.twins.trap.example"] == []


def test_rows_with_a_session_of_their_own_are_one_item_each(trial: Trial) -> None:
    ids = [urlsplit(name).path for name in trial.items["sessions"]]
    assert sorted(ids) == sorted(urlsplit(name).path for name in SITES["sessions"].articles)


def test_calendar_does_not_hide_what_was_published(trial: Trial) -> None:
    assert SITES["calendar"].articles <= set(trial.items["calendar"])
    assert len(trial.asked["calendar.trap.example"]) < 25


def test_second_addresses_of_an_article_become_its_aliases(trial: Trial) -> None:
    site_ = SITES["www.twins"]
    for note in site_.notes:
        own = f"http://{site_.host}{site_.path(note)}"
        aliases = trial.items["www_twins"][own]
        assert sorted(urlsplit(name).path for name in aliases) == [
            f"/b/{note.number}.html",
            f"/print/{note.number}.html",
        ]
    assert not [path for path in trial.asked[site_.host] if "jsessionid" in path or "utm_" in path or "from=" in path]


def test_rows_that_lead_elsewhere_are_kept_as_links_and_not_asked(trial: Trial) -> None:
    made = SITES["elsewhere"]
    assert isinstance(made, Elsewhere)
    kept = rows(trial.home, "SELECT url, title FROM elsewhere WHERE site = 'elsewhere'")
    outside = [note for note in made.notes if note not in made.own()]
    assert sorted(title for _, title in kept) == sorted(note.title for note in outside)
    assert not any(trial.asked.get(urlsplit(url).hostname or "") for url, _ in kept)
    assert "elsewhere: 10 rows lead to other sites, kept as links: " in trial.ended.err


@pytest.mark.parametrize("trap", BY_RULE)
def test_rule_is_named_at_the_end_of_the_run_and_in_status(trial: Trial, trap: str) -> None:
    said = f"{named(trap)}: http://{SITES[trap].host}/list/: the walk was ended by rule {BY_RULE[trap]}: "
    assert said in " ".join(trial.ended.err.split())
    assert trial.rules[named(trap)] == [{"list": f"http://{SITES[trap].host}/list/", "rule": BY_RULE[trap]}]


def test_status_names_no_rule_where_a_list_came_to_its_end(trial: Trial) -> None:
    assert {name for name, ended in trial.rules.items() if ended} == {named(trap) for trap in BY_RULE}


def test_pages_that_hide_that_an_article_is_gone_are_no_articles(trial: Trial) -> None:
    for name, reason in (("soft_404", "soft-404"), ("home_for_all", "soft-404:home")):
        gone = rows(trial.home, "SELECT reason FROM url WHERE site = ? AND url LIKE '%/a/9.html'", name)
        assert gone == [(reason,)]
    assert isinstance(SITES["soft-404"], SoftPages)


def test_everything_that_was_said_is_proved(trial: Trial) -> None:
    assert parknews(trial.home, "verify").code == 0


@pytest.mark.slow
def test_later_crawls_ask_the_lists_and_say_nothing_new(trial: Trial) -> None:
    """A session in the address is proved to mean nothing when each article has been read with two of them."""
    said = [trial.ended.code]
    with FarmServer(served()) as farm:
        for _ in range(2):
            before = parknews(trial.home, "changes").lines
            farm.hits.clear()
            said.append(parknews(trial.home, "crawl", *routed(farm.connect_to), timeout=300).code)
            asked = [hit.host for hit in farm.hits if hit.target.startswith(("/a/", "/b/", "/print/"))]
            new = [one for one in parknews(trial.home, "changes").lines[len(before) :] if one["site"] != "sessions"]
            assert new == []
    assert said == [0, 0, 0]
    assert "sessions.trap.example" not in asked
    assert parknews(trial.home, "changes").lines[len(before) :] == []
