"""Lists that were read -> those worth watching: the fewest that lead to every article seen.

A parent column that shows some rows of each sub-column, a home page, a label page or a second address of the same list
adds nothing and costs a request a visit; it stays only when it leads to articles that no other list leads to.  Later
pages are not known, so a row counts as missing only in the window of days that the other lists were read back to.
Used by spiders.onboard.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from spiders.cms.adapter import Row
from spiders.judge import REPEATS, article_share, dated_share, day_of, promise
from spiders.probe import place
from spiders.survey import Found

FEW = 3  # decidable rows below which a share says nothing


def chosen(found: Sequence[Found], home: str) -> tuple[list[Found], list[tuple[Found, str]]]:
    """Return the lists to keep, in the order they were found, and the others each with the reason."""
    kept = list(found)
    dropped: list[tuple[Found, str]] = []
    for one in sorted(found, key=lambda one: _dispensable(one, home), reverse=True):
        others = [other for other in kept if other is not one]
        if not others:
            break
        same = next((other for other in others if other.known.keys() == one.known.keys()), None)
        if same is not None:
            kept = others
            dropped.append((one, f"same rows as {same.url}"))
            continue
        missing = uncovered(one, others)
        if not missing:
            kept = others
            dropped.append((one, "its rows stand in other lists"))
    return kept, dropped


def _dispensable(one: Found, home: str) -> tuple[bool, bool, bool, bool, int, int]:
    """Order in which lists are tried to be done without: home first, then labels, feeds, short parents."""
    path = urlsplit(place(one.url)).path
    return (
        place(one.url) == place(home),
        bool(REPEATS.search(one.url)),
        one.cms in ("rss", "sitemap"),
        promise(one.title, one.url) < 0,
        -path.strip("/").count("/") if one.next is None else -99,
        -len(one.known),
    )


def uncovered(one: Found, others: Iterable[Found]) -> list[Row]:
    """Rows of a list that no other list leads to, as far as that can be told."""
    others = list(others)
    rows: dict[str, Row] = {}
    for other in others:
        rows |= other.known
    own = one.known
    missing = [row for url, row in own.items() if url not in rows]
    related = [other for other in others if other.known.keys() & own.keys()]
    if not missing or not related:
        return missing
    # Days before which a related list with further pages may hold a row that was not seen.
    horizon = max((min(other.days) for other in related if other.next is not None and other.days), default=None)
    if horizon is None:
        if any(other.next is not None for other in related):  # undated: judged by share
            return missing if len(missing) * 5 > len(own) else []
        return missing
    decidable = [row for row in own.values() if (day := day_of(row)) is not None and day > horizon]
    if len(decidable) >= FEW:
        return [row for row in decidable if row.url not in rows]
    below = [row for row in missing if not any(_holds(other, row.url) for other in others)]
    return below if len(below) * 5 > len(own) else []


def _holds(other: Found, url: str) -> bool:
    """Say whether a list's own rows stand in the folder of this URL."""
    folder = common_folder(other.rows)
    return len(folder) > 1 and urlsplit(url).path.startswith(folder)


def common_folder(rows: Sequence[Row]) -> str:
    """The deepest folder that all rows have in common, "/" when none."""
    folders = [urlsplit(row.url).path.split("/")[1:-1] for row in rows]
    common: list[str] = []
    for segments in zip(*folders, strict=False):
        if len(set(segments)) > 1:
            break
        common.append(segments[0])
    return "/" + "".join(f"{segment}/" for segment in common)


def quality(one: Found) -> float:
    """How sure a page is a list of articles before any of them was read, 0 … 1."""
    if one.cms in ("rss",):
        return 0.9
    worth = 0.55 * dated_share(one.rows) + 0.25 * article_share(one.rows) + 0.1 * (one.next is not None)
    worth += 0.1 if promise(one.title, one.url) > 0.4 else -0.1 if promise(one.title, one.url) < 0 else 0.0
    return max(0.0, min(1.0, worth + (0.1 if one.evidence else 0.0)))
