"""The same story on several sites: found through script, punctuation and frills, kept up with what changes."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from archive.paths import Home
from archive.state import State
from crawler.clusters import clusters
from crawler.harvest import apply_event
from crawler.views import write_views
from pipelines.feed import SCHEMA, item_of
from pipelines.item import Article, Cluster, Event, Op, Publisher
from pipelines.story import bands, likeness, signature
from tests.conftest import ROOT, new_home
from tests.demo.hant import TABLE

LOG = "5f0c1a52-0000-4000-8000-000000000000"


def told(number: int, sentences: int = 12) -> str:
    """A story of our own: the same number, the same words."""
    chance = random.Random(number)
    who = ("仓库的保管员", "新来的会计", "开车的师傅", "检验室的同事", "园区的花匠", "值夜班的电工")
    what = ("把账本对了一遍", "给机器换了滤网", "在门口量了雨水", "修好了那盏灯", "清点了蓝色的箱子", "写下当天的温度")
    when = ("清早", "午后", "下班以前", "雨停之后", "周末", "月底")
    return "\n\n".join(
        f"{chance.choice(when)}，{chance.choice(who)}{chance.choice(what)}，一共用了{chance.randrange(900)}分钟，记作第{chance.randrange(9000)}号。"
        for _ in range(sentences)
    )


class Said:
    """Items of several sites in a state, said by events with one count."""

    def __init__(self, path: Path) -> None:
        self.state, self.seq = State(path), 0

    def say(self, site: str, name: str, text: str | None, *, source: str | None = None, day: int = 1) -> None:
        """An item with this text; None takes it away."""
        self.seq += 1
        item_id, item = f"http://{site}.example/{name}", None
        if text is not None:
            article = Article(
                url=item_id, title=f"题目{name}", content_text=text, published=f"2026-10-{day:02}T00:00:00+08:00", source=source,
                source_org=source,
            )  # fmt: skip
            item = item_of(
                article, Publisher(site), item_id=item_id, attachments=(), aliases=(),
                first_seen=f"2026-11-{day:02}T00:00:00Z", from_={},
            )  # fmt: skip
        op: Op = "delete" if item is None else "new"
        event = Event(
            LOG, self.seq, "2026-11-01T00:00:00Z", SCHEMA, op, "site", False, site, item_id, 1, (), None, (), item
        )
        with self.state.transaction():
            apply_event(self.state, event)

    def clusters(self) -> tuple[Cluster, ...]:
        return clusters(self.state, LOG).clusters

    def joined(self) -> list[set[str]]:
        """Members of each cluster as site/name."""
        return [{one.id.removeprefix("http://").replace(".example", "") for one in c.members} for c in self.clusters()]


@pytest.fixture
def said(tmp_path: Path) -> Iterator[Said]:
    made = Said(tmp_path / "state.sqlite")
    yield made
    made.state.close()


def test_copies_are_found_through_script_punctuation_and_a_sentence_more(said: Said) -> None:
    story = told(1)
    said.say("gov", "a", story, day=3, source="某厅")
    said.say("park", "b", story.replace("，", " , ").replace("\n\n", ""), day=4, source="某厅")
    said.say("hant", "c", story.translate(TABLE), day=5)
    said.say(
        "news", "d", "编者按：这一条转自别处。\n\n" + story + "\n\n记者在现场看到的就是这些。", day=2, source="某报"
    )
    said.say("other", "e", told(2))
    (cluster,) = said.clusters()
    assert [one.site for one in cluster.members] == ["news", "gov", "park", "hant"]
    assert cluster.sites == ("news", "gov", "park", "hant")
    assert cluster.source == "某厅"
    assert cluster.first_seen == "2026-11-02T00:00:00Z"
    assert cluster.key == cluster.members[0].key
    assert all(one.likeness >= 0.7 for one in cluster.members)


def test_twins_within_one_site_and_short_notices_are_no_cluster(said: Said) -> None:
    said.say("gov", "a", told(1))
    said.say("gov", "b", told(1))
    said.say("gov", "short", "今日停水，明日恢复，请各单位做好准备。")
    said.say("park", "short", "今日停水，明日恢复，请各单位做好准备。")
    assert said.clusters() == ()
    said.say("park", "c", told(1))
    assert said.joined() == [{"gov/a", "gov/b", "park/c"}]


def test_an_item_leaves_with_its_text_and_comes_back_with_it(said: Said) -> None:
    for site in ("gov", "park", "news"):
        said.say(site, "a", told(1))
    assert said.joined() == [{"gov/a", "park/a", "news/a"}]
    said.say("park", "a", told(9))
    assert said.joined() == [{"gov/a", "news/a"}]
    said.say("news", "a", None)
    assert said.joined() == []
    said.say("news", "a", told(1))
    said.say("park", "a", told(1))
    assert said.joined() == [{"gov/a", "park/a", "news/a"}]


def test_what_hung_together_by_one_item_falls_apart_without_it(said: Said) -> None:
    parts = told(1, 40).split("\n\n")
    said.say("one", "a", "\n\n".join(parts[:32]))
    said.say("two", "a", "\n\n".join(parts[4:36]))
    said.say("three", "a", "\n\n".join(parts[8:40]))
    ends = likeness(*(signature("\n\n".join(part)) or b"" for part in (parts[:32], parts[8:40])))
    assert ends < 0.7  # the ends are no pair of their own
    assert said.joined() == [{"one/a", "two/a", "three/a"}]
    said.say("two", "a", None)
    assert said.joined() == []


def test_only_what_changed_is_taken_in(said: Said) -> None:
    for number in range(30):
        said.say("gov", str(number), told(number))
        said.say("park", str(number), told(number))
    assert len(said.clusters()) == 30
    written: list[str] = []
    said.say("news", "7", told(7))
    said.state.db.set_trace_callback(written.append)
    assert {"gov/7", "park/7", "news/7"} in said.joined()
    said.state.db.set_trace_callback(None)
    assert sum(line.startswith("INSERT INTO story") for line in written) == 1
    written.clear()
    said.state.db.set_trace_callback(written.append)
    said.clusters()
    said.state.db.set_trace_callback(None)
    assert not any("INTO story" in line or "INTO band" in line or "INTO alike" in line for line in written)


def test_step_by_step_and_all_at_once_say_the_same(said: Said, tmp_path: Path) -> None:
    chance = random.Random(11)
    other = Said(tmp_path / "other.sqlite")
    for _ in range(120):
        site, name = chance.choice(("gov", "park", "news", "farm")), str(chance.randrange(12))
        text = None if chance.random() < 0.2 else told(chance.randrange(6))
        for home in (said, other):
            home.say(site, name, text)
        said.clusters()
    assert len(said.joined()) > 2
    assert sorted(map(sorted, said.joined())) == sorted(map(sorted, other.joined()))
    other.state.close()


def test_another_log_begins_anew(said: Said) -> None:
    said.say("gov", "a", told(1))
    said.say("park", "a", told(1))
    assert len(clusters(said.state, LOG).clusters) == 1
    made = clusters(said.state, "00000000-0000-4000-8000-000000000001")
    assert made.through_seq == 2
    assert len(made.clusters) == 1
    assert said.state.one("SELECT count(*) FROM story") == 2


def test_view_is_written_with_its_schema(said: Said, tmp_path: Path) -> None:
    root = new_home(tmp_path / "home")
    home = Home(root)
    home.feed.mkdir(parents=True)
    said.state.put("log", LOG)
    said.say("gov", "a", told(1), source=None)
    said.say("park", "a", told(1), source="某报")
    (home.feed / "schema").mkdir()
    write_views(home, said.state)
    view = json.loads((home.feed / "clusters.json").read_text("utf-8"))
    schema = json.loads((home.feed / "schema" / "clusters.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(view)
    assert view["schema"] == "parknews.clusters/1"
    assert (view["log"], view["through_seq"]) == (LOG, 2)
    assert view["clusters"][0]["source"] == "某报"


def test_signature_is_the_same_in_every_process() -> None:
    code = "import sys; from pipelines.story import signature; sys.stdout.write(signature(sys.stdin.read()).hex())"
    made = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, input=told(3), capture_output=True, text=True, check=True,
            encoding="utf-8", env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    signed = signature(told(3))
    assert signed is not None
    assert made == [signed.hex()] * 2
    assert len(signed) == 512
    assert len(set(bands(signed))) == 32
    assert likeness(signed, signed) == 1.0


@pytest.mark.parametrize("text", [None, "", "太短", "，。" * 400])
def test_text_with_too_few_words_has_no_signature(text: str | None) -> None:
    assert signature(text) is None
