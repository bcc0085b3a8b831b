"""A Site -> the TOML that a person reads and edits.

Keys stand in the order of the schema, and nothing that goes without saying.  Used by spiders.outcome.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from spiders.site import ListSource, Site


def as_toml(site: Site, unread: Iterable[str] = ()) -> str:
    """Write a definition.  unread: lists that were taken without being read; they get a comment."""
    doubtful = set(unread)
    head: list[tuple[str, object]] = [("title", site.title), ("url", site.url), ("kind", site.kind)]
    head += [("timezone", site.timezone if site.timezone != "Asia/Shanghai" else None)]
    head += [("article_url", site.article_url)]
    head += [("ignore", site.ignore or None)]
    parts = [_table(head)]
    for entry in site.list:
        comment = "# not read yet: same form as the lists above\n" if entry.url in doubtful else ""
        fields: list[tuple[str, object]] = [("url", entry.url), ("cms", entry.cms), ("column", entry.column)]
        if entry.max_pages != ListSource.__struct_defaults__[2]:
            fields.append(("max_pages", entry.max_pages))
        parts.append(f"{comment}[[list]]\n{_table(fields)}")
        if entry.options:
            parts.append("[list.options]\n" + _table(list(entry.options.items())))
    return "\n".join(parts)


def _table(fields: list[tuple[str, object]]) -> str:
    shown = [(_key(key), _value(value)) for key, value in fields if value is not None]
    longest = max((len(key) for key, _ in shown), default=0)
    return "".join(f"{key:<{longest}} = {value}\n" for key, value in shown)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    text = str(value)
    if "\\" in text or '"' in text:
        if "'" not in text and "\n" not in text:
            return f"'{text}'"
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(one if one >= " " and one != "\x7f" else f"\\u{ord(one):04x}" for one in text)
    return f'"{escaped}"'
