"""Inline scripts of a page -> what they say about paging and data, without running them.

Comments are taken out first: templates keep the old pager call commented out beside the new one.
Used by spiders.cms.turns and the families whose lists live in scripts.
"""

import re
from collections.abc import Callable, Iterator

from pipelines.decode import Document

MOST = 300_000  # characters of script that we look at; pagers are small, state dumps are not
# Strings are matched first so that "http://…" and "/*" inside them stay.
PIECES = re.compile(
    r"""("(?:[^"\\\n]|\\.){0,2000}"|'(?:[^'\\\n]|\\.){0,2000}')|/\*.*?(?:\*/|\Z)|//[^\n]*|<!--[^\n]*|^\s*-->[^\n]*""",
    re.S | re.M,
)
TERM = re.compile(
    r"\s*(?:\"([^\"\n]{0,500})\"|'([^'\n]{0,500})'|`([^`]{0,500})`|"
    r"(\(?\s*(?:\$\(\s*[\"'][^\"'\n]{1,60}[\"']\s*\)\.)?[A-Za-z_$][\w$.]{0,80}(?:\(\s*[\"'][\w-]{1,40}[\"']\s*\))?(?:\s*[+-]\s*1\s*\))?\)?))\s*"
)
FILLED = re.compile(r"\$\{\s*([^{}]{1,80}?)\s*\}")
ARGUMENT = re.compile(r"""\s*(?:"((?:[^"\\\n]|\\.){0,500})"|'((?:[^'\\\n]|\\.){0,500})'|([^,()'"]{0,200}))\s*(?:,|$)""")


def script_text(page: Document) -> str:
    """Return all inline scripts joined, comments out; attribute handlers (onload=) of <body> included."""
    parts: list[str] = []
    size = 0
    for node in page.tree.iter("script", "body"):
        text = (node.text if node.tag == "script" else node.get("onload")) or ""
        if node.tag == "script" and (node.get("type") or "").lower() in (
            "text/xml",
            "application/ld+json",
            "application/json",
        ):
            continue
        if size + len(text) > MOST:
            text = text[: MOST - size]
        size += len(text)
        parts.append(PIECES.sub(lambda found: found[1] or " ", text))
    return "\n".join(parts)


def calls(script: str, *names: str) -> Iterator[list[str]]:
    """Arguments of the calls of these functions, in order; strings keep their quotes, definitions are left out."""
    for found in re.finditer(
        rf"(?<![\w.])(function\s+)?(?:{'|'.join(map(re.escape, names))})\s*\(([^()]{{0,600}})\)", script
    ):
        if not found[1]:
            yield arguments(found[2])


def arguments(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text):
        match = ARGUMENT.match(text, at)
        if match is None or match.end() == at:
            break
        one, two, bare = match.groups()
        found.append(f'"{one}"' if one is not None else f'"{two}"' if two is not None else (bare or "").strip())
        at = match.end()
    return found


def is_text(argument: str) -> bool:
    return argument.startswith('"')


def plain(argument: str) -> str:
    return argument[1:-1] if is_text(argument) else argument


def number(script: str, argument: str) -> int | None:
    """Value of an argument: digits, quoted digits, or the name of a variable set to digits; ceil(a/b) of such."""
    bare = plain(argument).strip()
    if bare.isdigit():
        return int(bare)
    if re.fullmatch(r"[A-Za-z_$][\w$]{0,60}", bare):
        found = variable(script, bare)
        return int(found) if found is not None and found.isdigit() else None
    return None


def variable(script: str, *names: str) -> str | None:
    """Return what the first of these variables or object keys is set to: digits or the inside of a string."""
    for name in names:
        found = re.search(
            rf"(?<![\w$.]){re.escape(name)}[\"']?\s*[=:]\s*(?:\"([^\"\n]{{0,500}})\"|'([^'\n]{{0,500}})'|(\d{{1,9}})(?![\w.]))",
            script,
        )
        if found:
            return next(group for group in found.groups() if group is not None)
    return None


def summed(source: str, start: int, value: Callable[[str], str | None]) -> str | None:
    """Return the text that "a" + name + `b${name}` at a place of a script makes; None when a name is unknown.

    value: what a name, (name + 1) or (name - 1) stands for.
    """
    made, at = "", start
    for _ in range(20):
        term = TERM.match(source, at)
        if term is None:
            break
        one, two, template, name = term.groups()
        text: str | None = one if one is not None else two
        if template is not None:
            text = template
            known = [value(inner) for inner in FILLED.findall(template)]
            if None in known:
                return None
            fillings = iter(known)
            text = FILLED.sub(lambda _, given=fillings: next(given) or "", template)
        elif name is not None:
            text = value(name)
        if text is None:
            return None
        made, at = made + text, term.end()
        if source[at : at + 1] != "+":
            break
        at += 1
    return made or None
