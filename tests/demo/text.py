"""Seeded writer: a seed -> headlines and bodies of demo articles, the same in every run and on every Python.

All words come from tests.demo.words and tests.demo.sentences.  One writer never gives the same headline twice, and
uses all sentences of a shelf before it takes one again, so that articles of a site share hardly a line.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.demo import sentences, words

SHORTEST = 150  # characters of a report without its last paragraph


@dataclass(frozen=True)
class Draft:
    """A headline and its paragraphs, in simplified characters."""

    title: str
    paragraphs: tuple[str, ...]


class Scene(dict[str, str]):
    """Slots of one article: names are fixed when it is made, figures are drawn at each use."""

    def __init__(self, rng: random.Random, day: date) -> None:
        firms = rng.sample([brand + trade for brand in words.BRANDS for trade in words.TRADES], 2)
        people = rng.sample([first + last for first in words.SURNAMES for last in words.GIVEN], 2)
        fields = rng.sample(words.FIELDS, 2)
        super().__init__(
            firm=firms[0],
            firm2=firms[1],
            person=people[0],
            person2=people[1],
            field=fields[0],
            field2=fields[1],
            city=rng.choice(words.CITIES),
            park=rng.choice(words.PARKS),
            district=rng.choice(words.DISTRICTS),
            lab=rng.choice(words.LABS),
            bureau=rng.choice(words.BUREAUS),
            product=rng.choice(words.PRODUCTS),
            role=rng.choice(words.TITLES),
            office=rng.choice(words.OFFICES),
            nextyear=f"{day.year + 2}年",
        )
        self._figures: dict[str, Callable[[], str]] = {
            "pct": lambda: f"{rng.uniform(2.1, 69):.1f}%",
            "yi": lambda: f"{rng.uniform(1.2, 96):.1f}亿元",
            "wan": lambda: f"{rng.randrange(120, 9800, 10)}万元",
            "area": lambda: f"{rng.uniform(0.6, 38):.1f}万平方米",
            "few": lambda: str(rng.randrange(3, 10)),
            "n": lambda: str(rng.randrange(11, 97)),
            "nn": lambda: str(rng.randrange(102, 987)),
            "big": lambda: str(rng.randrange(1020, 9870)),
            "day": lambda: _day(day - timedelta(days=rng.randrange(0, 5))),
            "month": lambda: f"{rng.randrange(1, 13)}月",
        }

    def __missing__(self, slot: str) -> str:
        return self._figures[slot]()


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


class Shelf:
    """Patterns in a random order; none comes again before all have come."""

    def __init__(self, rng: random.Random, patterns: tuple[str, ...]) -> None:
        self._rng, self._patterns = rng, patterns
        self._left: list[str] = []

    def take(self) -> str:
        if not self._left:
            self._left = self._rng.sample(self._patterns, len(self._patterns))
        return self._left.pop()


class Writer:
    """Drafts of one site.  seed: any text; the same seed gives the same drafts in the same order."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self._given: set[str] = set()
        self._headlines = Shelf(self.rng, sentences.HEADLINES)
        self._openings = Shelf(self.rng, sentences.OPENINGS)
        self._middles = Shelf(self.rng, sentences.MIDDLES)
        self._quotes = Shelf(self.rng, sentences.QUOTES)
        self._closings = Shelf(self.rng, sentences.CLOSINGS)
        self._sections = Shelf(self.rng, sentences.SECTIONS)
        self._clauses = Shelf(self.rng, sentences.CLAUSES)
        self._preambles = Shelf(self.rng, sentences.POLICY_PREAMBLES)
        self._policy_subjects = Shelf(self.rng, sentences.POLICY_SUBJECTS)
        self._farm = Shelf(self.rng, sentences.FARM)

    def scene(self, day: date) -> Scene:
        return Scene(self.rng, day)

    def news(self, day: date, size: int | None = None) -> Draft:
        """Write one report.  size: number of middle paragraphs, drawn when None; 0 gives a short notice."""
        scene = self.scene(day)
        title = self.headline(scene)
        body = [self._unseen(self._openings, scene)]
        size = self.rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 9)) if size is None else size
        for number in range(size):
            if size >= 5 and number % 3 == 1:
                body.append(self._unseen(self._sections, scene))
            body.append(self._paragraph(scene, quoted=number % 2 == 1))
        while sum(map(len, body)) < SHORTEST:
            body.append(self._paragraph(scene, quoted=False))
        body.append(self._unseen(self._closings, scene))
        return Draft(title, tuple(body))

    def policy(self, day: date, issuer: str) -> Draft:
        """Write one notice of rules: addressees, numbered clauses, signature, date, stamp."""
        scene = self.scene(day)
        subject = self._policy_subjects.take().format_map(scene)
        clauses = [self._clauses.take().format_map(scene) for _ in range(self.rng.randrange(4, 7))]
        return Draft(
            f"{issuer}印发《{subject}》的通知",
            (
                "各市（县）科学技术局，各高新区管委会，各有关单位：",
                self._preambles.take().format_map({**scene, "subject": subject}),
                *(f"{'一二三四五六七'[number]}、{clause}" for number, clause in enumerate(clauses)),
                f"本措施自{day.year}年{day.month % 12 + 1}月1日起施行，有效期{scene['few']}年，由{issuer}负责解释。",
                issuer,
                f"{day.year}年{day.month}月{day.day}日",
                "（此件公开发布）",
            ),
        )

    def headline(self, scene: Scene) -> str:
        return self._unseen(self._headlines, scene)

    def sentence(self, day: date) -> str:
        """Return one sentence more, for an edit."""
        return self._middles.take().format_map(self.scene(day))

    def farm_titles(self, day: date, count: int) -> list[str]:
        """Return headlines of everyday news that no demo article carries."""
        return [self._farm.take().format_map(self.scene(day)) for _ in range(count)]

    def days(self, newest: date, count: int) -> list[date]:
        """Return descending days, none twice: 44 of them span about two years."""
        days = [newest]
        while len(days) < count:
            days.append(days[-1] - timedelta(days=self.rng.randrange(6, 28)))
        return days

    def _unseen(self, shelf: Shelf, scene: Scene) -> str:
        """Return a sentence of `shelf` that this writer has not given before."""
        while True:
            text = shelf.take().format_map(scene)
            if text not in self._given:
                self._given.add(text)
                return text

    def _paragraph(self, scene: Scene, quoted: bool) -> str:
        parts = [self._unseen(self._middles, scene) for _ in range(self.rng.choice((1, 2, 2, 3)))]
        if quoted:
            parts.insert(self.rng.randrange(len(parts) + 1), self._unseen(self._quotes, scene))
        return "".join(parts)
