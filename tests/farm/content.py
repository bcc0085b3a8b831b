"""A seed -> what a site of the farm has to say: its name, two columns, their stories."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from tests.demo import words
from tests.demo.model import ZONE
from tests.demo.text import Writer
from tests.farm import english
from tests.farm.model import Column, Facts, Story

Genre = Literal["gov", "park", "press", "campus", "blog", "western"]

NEWEST = date(2025, 6, 20)
COLUMNS: dict[Genre, tuple[tuple[str, str], ...]] = {
    "gov": (
        ("gzdt", "工作动态"), ("tzgg", "通知公告"), ("bmdt", "部门动态"), ("zwyw", "政务要闻"), ("gsgg", "公示公告"), ("zcjd", "政策解读"),
    ),
    "park": (("yqdt", "园区动态"), ("tzgg", "通知公告"), ("hyzx", "行业资讯"), ("qydt", "企业动态"), ("zszx", "招商资讯")),
    "press": (("bdxw", "本地新闻"), ("cjxw", "财经新闻"), ("shxw", "社会新闻"), ("kjxw", "科技新闻"), ("yqxw", "园区新闻")),
    "campus": (("xwdt", "新闻动态"), ("tzgg", "通知公告"), ("kyjz", "科研进展"), ("mtbd", "媒体报道")),
    "blog": (("cyxx", "产业信息"), ("yqzs", "园区招商"), ("hydt", "行业动态"), ("zcjd", "政策解读")),
    "western": (("news", "News"), ("press-releases", "Press releases"), ("announcements", "Announcements")),
}  # fmt: skip


@dataclass(frozen=True)
class Content:
    """All that the pages of one site are made of.  stories: newest first within each column, columns in order."""

    facts: Facts
    columns: tuple[Column, ...]
    stories: tuple[Story, ...]


def content(seed: str, genre: Genre, counts: tuple[int, ...]) -> Content:
    """Write a site.  counts: stories of each column."""
    writer = Writer(seed)
    rng = writer.rng
    columns = tuple(
        Column(number, key, name, token(rng))
        for number, (key, name) in zip(
            sorted(rng.sample(range(1012, 9870), len(counts))), rng.sample(COLUMNS[genre], len(counts)), strict=True
        )
    )
    facts = _facts(rng, genre)
    number = rng.randrange(10_000, 90_000)
    given: set[str] = set()
    stories: list[Story] = []
    for column, count in zip(columns, counts, strict=True):
        start = NEWEST - timedelta(days=rng.randrange(1, 20))
        numbers = sorted((number + step * 7 for step in range(count)), reverse=True)
        number += count * 7 + 3
        for one, day in zip(numbers, writer.days(start, count), strict=True):
            title, paragraphs = english.draft(rng, given) if genre == "western" else _news(writer, day)
            stories.append(
                Story(
                    one,
                    title,
                    _moment(rng, day),
                    paragraphs,
                    _source(rng, genre, facts),
                    column,
                    token(rng),
                    picture=rng.random() < 0.25,
                    attachment=rng.random() < 0.1,
                )
            )
    return Content(facts, columns, tuple(stories))


def token(rng: random.Random) -> str:
    """32 hexadecimal digits."""
    return f"{rng.getrandbits(128):032x}"


def _news(writer: Writer, day: date) -> tuple[str, tuple[str, ...]]:
    draft = writer.news(day)
    return draft.title, draft.paragraphs


def _moment(rng: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(rng.randrange(8, 19), rng.randrange(60)), ZONE)


def _source(rng: random.Random, genre: Genre, facts: Facts) -> str | None:
    return None if genre == "western" else rng.choice((*words.MEDIA, facts.name))


def _facts(rng: random.Random, genre: Genre) -> Facts:
    names = {
        "gov": lambda: rng.choice(words.DISTRICTS) + rng.choice(words.BUREAUS),
        "park": lambda: rng.choice(words.PARKS),
        "press": lambda: rng.choice(words.CITIES) + rng.choice(("新闻网", "日报网", "融媒网")),
        "campus": lambda: rng.choice(words.LABS),
        "blog": lambda: rng.choice(words.CITIES) + "产业信息网",
        "western": lambda: rng.choice(english.SLOTS["place"]) + " Development Office",
    }
    western = genre == "western"
    street = (
        f"{rng.randrange(2, 90)} Quay Road"
        if western
        else f"{rng.choice(words.CITIES)}市创新路{rng.randrange(2, 900)}号"
    )
    return Facts(
        name=names[genre](),
        icp=f"岚ICP备{rng.randrange(10**7, 10**8)}号",
        code=f"{rng.randrange(10**9, 10**10)}",
        address=street,
        phone=f"0{rng.randrange(100, 999)}-{rng.randrange(10**6, 10**7)}",
    )
