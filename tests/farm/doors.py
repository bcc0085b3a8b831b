"""Traps at the door of a site: a calendar in the menu, endless filters, sessions in all links, links that grow."""

from datetime import date, timedelta

from tests.farm.model import Answer, Asked
from tests.farm.traps import Note, Trap


class CalendarAtTheDoor(Trap):
    """A calendar in the menu: each month names the next one, and each day a page that says nothing."""

    NAME, COUNT = "door-calendar", 20

    def menu(self) -> list[tuple[str, str]]:
        return [*super().menu(), ("活动日历", "/rili/2025-06.html")]

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path.startswith("/rili/"):
            year, _, month = asked.path[6:].removesuffix(".html").partition("-")
            here = date(int(year), int(month[:2]), 1)
            before, after = here - timedelta(days=5), here + timedelta(days=35)
            days = "".join(f'<td><a href="/rili/{here:%Y-%m}-{one:02}.html">{one}</a></td>' for one in range(1, 29))
            turn = f'<a href="/rili/{before:%Y-%m}.html">上一月</a><a href="/rili/{after:%Y-%m}.html">下一月</a>'
            return self.page(f"{here:%Y年%m月}活动日历", f"<table><tr>{days}</tr></table>{turn}")
        return super().answer(asked)


class FiltersAtTheDoor(Trap):
    """A list with three rows of filters; each combination is a list of its own with some of the rows."""

    NAME, COUNT = "door-filters", 20

    def list_page(self, number: int, asked: Asked) -> Answer:
        chosen = {name: asked.field(name) for name in ("year", "kind", "area") if asked.field(name)}
        found = [note for note in self.notes if all(note.number % 3 == int(value) % 3 for value in chosen.values())]
        links = []
        for name in ("year", "kind", "area"):
            for value in range(1, 7):
                query = "&".join(f"{key}={text}" for key, text in sorted({**chosen, name: str(value)}.items()))
                links.append(
                    f'<a href="/list/?{query}">{ {"year": "年份", "kind": "类别", "area": "区域"}[name] }{value}</a>'
                )
        here = "".join(f"&{key}={text}" for key, text in sorted(chosen.items()))
        turn = f'<a href="/list/?page={number + 1}{here}">下一页</a>' if number * 5 < len(found) else ""
        rows = self.rows(found[(number - 1) * 5 : number * 5], asked)
        return self.page("园区新闻", f'<div class="filter">{"".join(links)}</div>{rows}<div class="page">{turn}</div>')


class SessionsAtTheDoor(Trap):
    """Every link of every answer carries a session of its own."""

    NAME, COUNT = "door-sessions", 20

    def session(self, path: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}visit={self.asked:06d}"

    def menu(self) -> list[tuple[str, str]]:
        names = ("园区概况", "办事指南", "园区企业", "联系方式")
        return [(name, self.session(path)) for name, path in super().menu()] + [
            (name, self.session(f"/about{number}/")) for number, name in enumerate(names)
        ]

    def href(self, note: Note, asked: Asked) -> str:
        return self.session(self.path(note))

    def following(self, number: int, asked: Asked) -> str | None:
        plain = super().following(number, asked)
        return self.session(plain) if plain else None

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path.startswith("/about"):
            return self.page("园区概况", "<p>园区占地一千亩，入驻企业五十家。</p>")
        query = "&".join(pair for pair in asked.query.split("&") if not pair.startswith("visit="))
        return super().answer(Asked(asked.host, asked.method, asked.path, query))


class GrowingAtTheDoor(Trap):
    """A menu with relative links on a server that looks at the end of the path only: every page has it below itself."""

    NAME, COUNT = "door-growing", 20

    def menu(self) -> list[tuple[str, str]]:
        return [("首页", "/"), ("园区新闻", "/list/"), ("服务动态", "fuwu/"), ("园区要闻", "yaowen/")]

    def answer(self, asked: Asked) -> Answer | None:
        last = asked.path.strip("/").split("/")[-1]
        if last in ("fuwu", "yaowen"):
            return self.page("服务动态", "<p>栏目建设中。</p>")
        return super().answer(asked)


DOORS: tuple[type[Trap], ...] = (CalendarAtTheDoor, FiltersAtTheDoor, SessionsAtTheDoor, GrowingAtTheDoor)
