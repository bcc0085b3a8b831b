r"""application/warc-fields (WARC 1.1 §4): name: value lines, the block of warcinfo and metadata records.

Values come from pages (a list row's title, an error text), so they can hold anything.  A value is written on one line,
with \uXXXX (four hex digits) for control characters, line separators, lone surrogates, a space at either end, and the
backslash itself.  So no value can forge a field, and what is written is what is read.  Readers that know nothing of it
still see one line a field; ordinary values, URLs and Chinese titles among them, are written as they are.
"""

import re
from collections.abc import Iterable

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# C0, DEL, C1, line and paragraph separator, lone surrogates, the escape itself; blanks only at the ends.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\\\]|^ +| +$")
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")

Fields = tuple[tuple[str, str], ...]


def write_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return the block: UTF-8, CRLF after each line, order and repeats kept.

    ValueError for a name that is no RFC 9110 token.
    """
    lines = []
    for name, value in fields:
        if NAME.fullmatch(name) is None:
            raise ValueError(f"warc-fields: {name!r} is no field name; letters, digits and - _ . are")
        lines.append(f"{name}: {UNSAFE.sub(_escape, value)}\r\n" if value else f"{name}:\r\n")
    return "".join(lines).encode()


def read_fields(block: bytes) -> Fields:
    """Return the pairs as they were given to write_fields; of other tools' blocks, what can be read.

    Folded lines are joined, lines without a colon left out, bytes that are not UTF-8 become U+FFFD.
    """
    pairs: list[tuple[str, str]] = []
    for line in block.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t") and pairs:
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {line.strip(' ')}")
        elif ":" in line:
            name, _, value = line.partition(":")
            pairs.append((name, value.strip(" ")))
    return tuple((name, ESCAPE.sub(_unescape, value)) for name, value in pairs)


def _escape(found: re.Match[str]) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in found.group())


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
