"""A redesign: pages that no longer look as learned are a finding, and the command that it names mends it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.item import Page, Publisher
from pipelines.learn import learn
from pipelines.profile import Profile
from tests.conftest import parknews, routed, rows, site, well
from tests.servers import Play, ScriptedServer, answer, listing

HTML = "Content-Type: text/html; charset=utf-8"
HOST = "www.redesign.example"
THINGS = ("水泵", "路灯", "围墙", "雨棚", "井盖", "扶手", "信箱", "花架", "凉亭", "岗亭")
ONCE = "<p>值班室电话请拨总机，由总机转接，节假日照常有人接听，感谢您的关心。</p>"


def news(number: int, box: str) -> bytes:
    """An article of our own in one of the two layouts; each ends with a line that all pages have."""
    thing = THINGS[number % len(THINGS)]
    text = (
        f"<p>第{number}号{thing}今天换成了新的，工人们从清早做到中午，路过的人都说好看。</p>"
        f"<p>换下来的旧{thing}送到了东边的仓库，等着下个月一起运走，账上记作{number * 17}元。</p>{ONCE}"
    )
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>第{number}号{thing}换新_演示园</title></head><body>'
        f'<ul class="menu"><li><a href="/">首页</a></li></ul><div class="{box}-page"><h1>第{number}号{thing}换新</h1>'
        f'<p class="info">发布时间：2026-05-{number % 28 + 1:02} 来源：演示园</p><div class="{box}">{text}</div></div></body></html>'
    ).encode()


def plays(count: int, old: int) -> dict[str, Play]:
    """The first `old` articles in the old layout, the others in the new one."""
    links = [(f"/n/{number}.html", f"第{number}号{THINGS[number % len(THINGS)]}换新") for number in range(count)]
    script = {"/list/": Play(answer(listing("新闻", links[::-1]), HTML)), "/robots.txt": Play(answer(b"", HTML))}
    for number, (path, _) in enumerate(links):
        script[path] = Play(answer(news(number, "old" if number < old else "new"), HTML))
    return script


def two_lists(notes: int, old: int) -> dict[str, Play]:
    """Forty articles in one layout, and a small list beside them of which the first `old` are in a layout of their own.

    A third list is in no layout at all, from the first day.
    """
    script = plays(40, 40)
    boxes = {
        "notes": ["note" if number < old else "card" for number in range(notes)],
        "odds": [f"odd{number * 'x'}" for number in range(8)],
    }
    for name, of_each in boxes.items():
        links = [(f"/{name}/{i}.html", f"第{i}号{THINGS[i % len(THINGS)]}换新") for i in range(len(of_each))]
        script[f"/{name}/"] = Play(answer(listing(name, links[::-1]), HTML))
        for number, box in enumerate(of_each):
            script[f"/{name}/{number}.html"] = Play(answer(news(1000 * len(name) + number, box), HTML))
    return script


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(plays(8, 8)) as made:
        yield made


def findings(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(parknews(home, "status", "--json").out)["findings"]
    return [one for one in found if one["kind"] == "layout-changed"]


def profile_of(home: Path) -> Profile:
    return Profile.from_json((home / "profiles" / "park.json").read_bytes())


def test_redesign_is_found_named_and_mended_and_the_old_layout_keeps_its_template(
    server: ScriptedServer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    site(home, "park", HOST)
    pages = [Page(f"http://{HOST}/n/{number}.html", news(number, "old")) for number in range(6)]
    (home / "profiles").mkdir()
    (home / "profiles" / "park.json").write_bytes(learn(pages, Publisher("park")).to_json())
    reach = routed(server.connect_to)
    well(home, "crawl", *reach)
    assert findings(home) == []
    assert {row[0] for row in rows(home, "SELECT json_extract(json, '$._parknews.version') FROM item")} == {1}

    server.script.update(plays(20, 8))
    ended = parknews(home, "crawl", *reach)
    assert ended.code == 1  # a finding that is new
    (found,) = findings(home)
    assert found["detail"].startswith("12 of the newest 12 (12 of no known layout, 0 with text elsewhere)")
    assert "parknews reextract park --relearn" in found["detail"]
    new = "SELECT count(*) FROM item WHERE CAST(json AS TEXT) LIKE '%值班室电话%'"
    assert rows(home, new) == [(12,)]  # without its layout the line that all pages have is text

    before = profile_of(home)
    well(home, "reextract", "park", "--relearn")
    after = profile_of(home)
    assert (before.version, after.version) == (1, 2)
    assert [template.container for template in after.templates] == [
        "html/body/div.new-page/div.new",
        "html/body/div.old-page/div.old",
    ]
    assert all(template.support > 1 for template in after.templates)
    assert rows(home, new) == [(0,)]
    assert findings(home) == []
    causes = {(event["op"], event["cause"]) for event in well(home, "changes", "--since", "20").lines}
    assert causes == {("update", "extractor")}
    well(home, "crawl", *reach)
    assert findings(home) == []


def test_relearning_what_shares_no_layout_changes_nothing(server: ScriptedServer, tmp_path: Path) -> None:
    server.script |= {
        f"/n/{number}.html": Play(answer(news(number, f"box{number * 'x'}"), HTML)) for number in range(8)
    }
    home = tmp_path / "home"
    site(home, "park", HOST)
    well(home, "crawl", *routed(server.connect_to))
    well(home, "reextract", "--relearn")
    assert not (home / "profiles" / "park.json").exists()
    assert "--relearn writes profiles" in parknews(home, "reextract", "--relearn", "--dry-run").err


def test_redesign_of_a_small_list_is_found_and_learned_beside_a_large_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    site(home, "park", HOST, lists=("/list/", "/notes/", "/odds/"))
    layouts = (("old", 0), ("note", 5000))
    pages = [
        Page(f"http://{HOST}/{box}/{number}.html", news(since + number, box))
        for box, since in layouts
        for number in range(6)
    ]
    (home / "profiles").mkdir()
    (home / "profiles" / "park.json").write_bytes(learn(pages, Publisher("park")).to_json())
    with ScriptedServer(two_lists(6, 6)) as server:
        reach = routed(server.connect_to)
        parknews(home, "crawl", *reach)
        assert findings(home) == []  # the third list has never fitted: nothing has changed

        server.script.update(two_lists(14, 6))
        server.script["/list/"] = plays(60, 60)["/list/"]
        server.script.update(plays(60, 60))
        assert parknews(home, "crawl", *reach).code == 1
        (found,) = findings(home)
        assert found["detail"].startswith("8 of the newest 8 (8 of no known layout, 0 with text elsewhere) of ")
        assert f"http://{HOST}/notes/: parknews reextract park --relearn" in found["detail"]

        parknews(home, "reextract", "park", "--relearn")
        assert "html/body/div.card-page/div.card" in [one.container for one in profile_of(home).templates]
        assert findings(home) == []
        parknews(home, "crawl", *reach)
        assert findings(home) == []
