"""A page -> the marks of a CMS family that it bears, as evidence a person can check.

A mark is a name and a regular expression on the HTML as decoded (or, `link`: on the URLs of the page's links to its
own host, one a line).  Several marks of one family may be seen, and several families on one page (a list of one CMS in
the frame of another); the order of ADAPTERS decides.  Thirty families times several marks on long pages would cost
more than reading the list, so an expression is only tried where a word that it cannot do without is in the text.
"""

import re
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from msgspec import Struct

from pipelines.decode import Document
from spiders.cms.anchors import anchors
from spiders.links import in_scope

LOOKED_AT = 400_000  # characters
SHORTEST = 3  # letters that a word needs to be worth looking for
LOWERED: "WeakKeyDictionary[Document, tuple[str, str]]" = WeakKeyDictionary()


class Mark(Struct, frozen=True):
    """needles: lower-case words of which a match holds at least one; empty = not known."""

    pattern: re.Pattern[str]
    needles: tuple[str, ...]
    on_links: bool


def patterns(**marks: str) -> Mapping[str, Mark]:
    """Name of a mark -> its expression, letter case ignored.  `link` is matched on the URLs of links ($ ends one)."""
    return {
        name: Mark(re.compile(expression, re.I | (re.M if name == "link" else 0)), needles(expression), name == "link")
        for name, expression in marks.items()
    }


def needles(expression: str) -> tuple[str, ...]:
    """Return for each alternative of an expression its longest literal word; () when one has none long enough."""
    found: list[str] = []
    best, run, depth, at = "", "", 0, 0

    def longer() -> str:
        return max(best, run, key=len)

    while at < len(expression):
        character = expression[at]
        step = 1
        literal = ""
        if character == "\\":
            step = 2
            literal = "" if expression[at + 1].isalnum() else expression[at + 1]
        elif character == "[":
            step = expression.index("]", at + 2) + 1 - at
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            found.append(longer())
            best, run = "", ""
        elif character not in ".^$|?*+{":
            literal = character
        if character in "?*{":
            best, run = max(best, run[:-1], key=len), ""
            step = expression.index("}", at) + 1 - at if character == "{" else 1
        elif depth == 0 and literal:
            run += literal
        else:
            best, run = longer(), ""
        at += step
    found.append(longer())
    return tuple(word.lower() for word in found) if all(len(word) >= SHORTEST for word in found) else ()


def seen(page: Document, marks: Mapping[str, Mark]) -> tuple[str, ...]:
    """Return "name: what matched" for each mark on the page, in the order given; JSON answers bear none."""
    text = page.text[:LOOKED_AT]
    if text.lstrip("\ufeff \r\n\t")[:1] in ("{", "["):
        return ()
    lowered, links = _lowered(page)
    found = []
    for name, mark in marks.items():
        where = links if mark.on_links else lowered
        if mark.needles and not any(word in where for word in mark.needles):
            continue
        match = mark.pattern.search(links if mark.on_links else text)
        if match:
            found.append(f"{name}: {' '.join(match[0].split())[:60]}")
    return tuple(found)


def _lowered(page: Document) -> tuple[str, str]:
    """Text and links of the own host in lower case, made once a page."""
    known = LOWERED.get(page)
    if known is None:
        urls = [link.url for link in anchors(page) if link.url is not None and in_scope(page.url, link.url)]
        links = "\n".join(dict.fromkeys(urls))
        LOWERED[page] = known = (page.text[:LOOKED_AT].lower(), links.lower())
    return known


def header(page: Document, name: str) -> str:
    """Value of a response header, "" if it is not there."""
    return next((value for key, value in page.headers if key.lower() == name.lower()), "")


def generator(page: Document) -> str:
    """What <meta name=generator> says."""
    if "generator" not in _lowered(page)[0]:
        return ""
    for node in page.tree.iter("meta"):
        if (node.get("name") or "").lower() == "generator":
            return (node.get("content") or "").strip()
    return ""
