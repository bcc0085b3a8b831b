"""A page -> the marks of a CMS family that it bears, as evidence a person can check.

A mark is a name and a regular expression on the HTML as decoded; several of one family may be seen, several families on
one page too (a list of one CMS in the frame of another), so all are kept and the order of ADAPTERS decides.
"""

import re
from collections.abc import Mapping

from pipelines.decode import Document

LOOKED_AT = 400_000  # characters


def patterns(**marks: str) -> Mapping[str, re.Pattern[str]]:
    """Name of a mark -> its expression, letter case ignored."""
    return {name: re.compile(expression, re.I) for name, expression in marks.items()}


def seen(page: Document, marks: Mapping[str, re.Pattern[str]]) -> tuple[str, ...]:
    """Return "name: what matched" for each mark on the page, in the order given."""
    text = page.text[:LOOKED_AT]
    found = []
    for name, pattern in marks.items():
        match = pattern.search(text)
        if match:
            found.append(f"{name}: {' '.join(match[0].split())[:60]}")
    return tuple(found)


def header(page: Document, name: str) -> str:
    """Value of a response header, "" if it is not there."""
    return next((value for key, value in page.headers if key.lower() == name.lower()), "")


def generator(page: Document) -> str:
    """What <meta name=generator> says."""
    for node in page.tree.iter("meta"):
        if (node.get("name") or "").lower() == "generator":
            return (node.get("content") or "").strip()
    return ""
