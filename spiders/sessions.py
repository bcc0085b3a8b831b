"""Parameters of a site's links that choose no page: a session, a visit, the page one came from.

Told by the links of two answers: one parameter has one value in all links of the first and another in all of the
second, and several links are the same but for it.  Nobody asks for such a parameter again: each visit would find every
page anew.  Used by spiders.probe while a site is looked at, and by the crawl (`ignore` of a definition).
"""

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

from spiders.cms.pagenumbers import PAGE_PARAMETER

FEW = 3  # links that must be the same but for the parameter


def without(url: str, parameters: Iterable[str]) -> str:
    """The address without these parameters."""
    path, mark, query = url.partition("?")
    names = set(parameters)
    if not mark or not names:
        return url
    kept = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in names)
    return f"{path}?{kept}" if kept else path


class Sessions:
    """Learns from the links of each answer of one site.  idle: the parameters found so far."""

    def __init__(self) -> None:
        self.idle: set[str] = set()
        self._seen: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)  # name -> value, links of an answer

    def note(self, links: Iterable[str]) -> bool:
        """Take the links of one answer, absolute; say whether a parameter turned out to mean nothing."""
        values: dict[str, set[str]] = defaultdict(set)
        bare: dict[str, set[str]] = defaultdict(set)
        for url in links:
            for pair in urlsplit(url).query.split("&"):
                name, _, value = pair.partition("=")
                if value and name not in self.idle and not PAGE_PARAMETER.search(f"?{name}=1"):
                    values[name].add(value)
                    bare[name].add(without(url, [name]))
        learnt = False
        for name, found in values.items():
            if len(found) > 1 or len(bare[name]) < FEW:
                continue
            here = (found.pop(), frozenset(bare[name]))
            if any(value != here[0] and len(urls & here[1]) >= FEW for value, urls in self._seen[name]):
                self.idle.add(name)
                learnt = True
            self._seen[name].append(here)
        return learnt


__all__ = ["Sessions", "without"]
