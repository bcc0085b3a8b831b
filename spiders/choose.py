"""Lists that were read -> those worth watching: the fewest that lead to every article seen.

A parent column that shows some rows of each sub-column, a home page, a label page or a second address of the same list
adds nothing and costs a request a visit; it stays only when it leads to articles that no other list leads to.  Later
pages are not known, so a row may stand there when newer ones of its kind stand on the first.
Used by spiders.onboard.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from urllib.parse import urlsplit

from spiders.cms.adapter import Row
from spiders.judge import REPEATS, article_share, day_of, promise, row_folder
from spiders.probe import place
from spiders.prospects import Found, folder_of


def chosen(
    found: Sequence[Found], home: str, dead: Container[str] = (), spoiled: Container[str] = ()
) -> tuple[list[Found], list[tuple[Found, str]]]:
    """Return the lists to keep, in the order they were found, and the others each with the reason.

    dead: URLs of lists whose next page turned out not to be there.
    """
    portals = [one for one in found if is_portal(one, found, home)]
    dropped: list[tuple[Found, str]] = []
    for one in found:
        whole = None if one in portals else filtered(one, [other for other in found if other not in portals])
        if whole is not None:
            dropped.append((one, f"a choice of what {whole.url} holds"))
    chosen_of = [one for one, _ in dropped]
    kept = [one for one in found if one not in portals and one not in chosen_of]
    for one in sorted(kept, key=_dispensable, reverse=True):
        others = [other for other in kept if other is not one]
        reason = _reason(one, others, dead, spoiled)
        if reason is not None:
            kept = others
            dropped.append((one, reason))
    for one in sorted(portals, key=lambda one: -place(one.url).count("/")):
        reason = _reason(one, kept, dead, spoiled)
        if reason is None:
            kept.append(one)
        else:
            dropped.append((one, reason))
    return [one for one in found if one in kept], dropped


def is_portal(one: Found, found: Sequence[Found], home: str) -> bool:
    """Say whether a page shows some rows of several lists: the home page, the front of a section.

    It adds to what lists hold, but never takes the place of one.
    """
    if place(one.url) == place(home):
        return True
    if one.next is not None or one.cms in ("rss", "sitemap", "json"):
        return False
    parts = [other for other in found if other is not one and len(other.known.keys() & one.known.keys()) >= 2]
    return len(parts) >= 2 and folder_of(one.url) != main_folder(one.rows)


def filtered(one: Found, found: Sequence[Found]) -> Found | None:
    """Return the list that this one shows a choice of: the same address with more parameters, and nothing of its own.

    What it shows of the days that the whole list shows must stand there too; older rows are on further pages.
    """
    here = urlsplit(one.url)
    for other in found if here.query else ():
        there = urlsplit(other.url)
        pairs = set(filter(None, there.query.split("&")))
        if other is one or other.next is None or here.path != there.path or not pairs < set(here.query.split("&")):
            continue
        shared = one.known.keys() & other.known.keys()
        oldest = min(other.days, default=None)
        newer = [row for row in one.known.values() if oldest is None or (day_of(row) or oldest) >= oldest]
        if shared and all(row.url in other.known or day_of(row) == oldest for row in newer):
            return other
    return None


def _reason(one: Found, others: list[Found], dead: Container[str], spoiled: Container[str]) -> str | None:
    same = next((other for other in others if other.known.keys() == one.known.keys()), None)
    if same is not None:
        return f"same rows as {same.url}"
    missing = [row for row in uncovered(one, others, dead) if row.url not in spoiled]
    if not missing:
        return "its rows stand in other lists"
    if REPEATS.search(one.url) and any(other.next is not None and not REPEATS.search(other.url) for other in others):
        return "sorts anew what other lists hold"
    return None


def _dispensable(one: Found) -> tuple[bool, bool, bool, bool, int, int]:
    """Order in which lists are tried to be done without: labels, parents, feeds first."""
    path = urlsplit(place(one.url)).path
    return (
        bool(REPEATS.search(one.url)),
        folder_of(one.url) != main_folder(one.rows),
        one.cms in ("rss", "sitemap"),
        promise(one.title, one.url) < 0,
        -path.strip("/").count("/") if one.next is None else -99,
        -len(one.known),
    )


def uncovered(one: Found, others: Iterable[Found], dead: Container[str] = ()) -> list[Row]:
    """Rows of a list that no other list leads to, as far as that can be told.

    A list with further pages may hold more than was seen.  It is believed to hold a row of a folder when it shows other
    rows of that folder that `one` shows too, and the row is older than what was read of it.
    """
    others = list(others)
    seen: dict[str, Row] = {}
    for other in others:
        seen |= other.known
    missing: dict[str, list[Row]] = defaultdict(list)
    own: dict[str, list[Row]] = defaultdict(list)
    for url, row in one.known.items():
        own[row_folder(url)].append(row)
        if url not in seen:
            missing[row_folder(url)].append(row)
    found: list[Row] = []
    for folder, rows in missing.items():
        deep = [
            other
            for other in others
            if other.next is not None and other.url not in dead and _shares(other, own[folder])
        ]
        ends = [min(other.days) for other in deep if other.days]
        if not deep:
            found += rows
        elif ends:
            found += [row for row in rows if (day := day_of(row)) is not None and day > max(ends)]
        elif len(rows) * 2 > len(own[folder]):
            found += rows
    return found


def _shares(other: Found, rows: list[Row]) -> bool:
    """Say whether another list shows some of these rows: two of them, or one of the folder it mostly shows."""
    shared = [row for row in rows if row.url in other.known]
    return len(shared) >= 2 or (len(shared) == 1 and main_folder(other.rows) == row_folder(shared[0].url))


def main_folder(rows: Iterable[Row]) -> str:
    """The folder that most rows stand in."""
    counts = Counter(row_folder(row.url) for row in rows)
    return counts.most_common(1)[0][0] if counts else "/"


def quality(one: Found) -> float:
    """How sure a page is a list of articles before any of them was read, 0 … 1."""
    if one.cms == "rss":
        return 0.9
    dated = sum(1.0 if row.date else 0.6 for row in one.rows if day_of(row)) / len(one.rows) if one.rows else 0.0
    worth = 0.55 * dated + 0.25 * article_share(one.rows) + 0.1 * (one.next is not None)
    worth += 0.1 if promise(one.title, one.url) > 0.4 else -0.1 if promise(one.title, one.url) < 0 else 0.0
    return max(0.0, min(1.0, worth + (0.1 if one.evidence else 0.0)))
