"""A TOML file that is wrong -> one line that says where it is wrong and what would do.

tomllib names line and column but not what was meant; msgspec names a path of keys ($.list[0].cms) but no line.
Used by spiders.site for definitions and by crawler.config for HOME/parknews.toml.
"""

import difflib
import re
import tomllib

import msgspec
from msgspec import Struct, inspect

UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
BARE = re.compile(r"\s*[\w.\"'-]+\s*=\s*(?!true\b|false\b|inf\b|nan\b)[^\W\d]")  # key = word


def of_syntax(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Say what a file that is no TOML lacks.  text: the file."""
    place = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = text.splitlines()[int(place[1]) - 1 : int(place[1])] if place else []
    return f'{error}: text needs "quotes"' if line and BARE.match(line[0]) and '"' not in line[0] else str(error)


def of_schema(error: msgspec.ValidationError, text: str, kind: type[Struct]) -> str:
    """Say which key of a TOML file is wrong, on which line.  text: the file.  kind: what it should have become."""
    message, _, end = str(error).partition(" - at `$")
    path = end.strip(".`")
    unknown = UNKNOWN.match(message)
    if unknown is None:
        return f"{path or 'the table'}: {message}{_line(text, path.rpartition('.')[2])}"
    key, have = unknown[1], _keys(kind, path)
    meant = difflib.get_close_matches(key, have, 1)
    where = f"{path}: " if path else ""
    remedy = f"did you mean {meant[0]}?" if meant else f"have {', '.join(have)}"
    return f"{where}unknown key {key}; {remedy}{_line(text, key)}"


def _line(text: str, key: str) -> str:
    """Return " (line 3)" where the key stands on one line only."""
    form = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    numbers = [number for number, line in enumerate(text.splitlines(), 1) if form.match(line)] if key else []
    return f" (line {numbers[0]})" if len(numbers) == 1 else ""


def _keys(kind: type[Struct], path: str) -> list[str]:
    """Return the keys that the table at `path` may have.  path: list[0], politeness, "" for the top."""
    found: inspect.Type = inspect.type_info(kind)
    for part in re.findall(r"\[[^\]]*\]|[^.\[]+", path):
        if isinstance(found, inspect.VarTupleType | inspect.ListType):
            found = found.item_type
        elif isinstance(found, inspect.StructType):
            found = next(field.type for field in found.fields if field.encode_name == part)
    fields = found.fields if isinstance(found, inspect.StructType) else ()
    return [field.encode_name for field in fields if field.encode_name != "name"]  # the file's name is the site's
