"""What passes between a site of the farm and its server, and what a site is made of: columns and stories."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qs

Fate = Literal["answer", "hang", "reset"]


@dataclass(frozen=True)
class Asked:
    """One request.  path: without query.  body: as sent.  headers: names in lower case.

    count: how often this host was asked before.
    """

    host: str
    method: str
    path: str
    query: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    count: int = 0

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def field(self, name: str, otherwise: str = "") -> str:
        """A parameter of the query or of a form that was sent."""
        for text in (self.query, self.body.decode("utf-8", "replace")):
            found = parse_qs(text).get(name)
            if found:
                return found[0]
        return otherwise

    def number(self, name: str, otherwise: int = 1) -> int:
        text = self.field(name)
        return int(text) if text.isdigit() else otherwise


@dataclass(frozen=True)
class Answer:
    """What the server says.  fate: hang = nothing is ever sent, reset = the connection breaks."""

    body: bytes = b""
    mime: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    fate: Fate = "answer"


@dataclass(frozen=True)
class Column:
    """One column.  key: initials as paths use them.  token: 32 hexadecimal digits."""

    number: int
    key: str
    name: str
    token: str


@dataclass(frozen=True)
class Story:
    """One article as its publisher knows it.  token: 32 hexadecimal digits.  source: None = the page names none."""

    number: int
    title: str
    at: datetime
    paragraphs: tuple[str, ...]
    source: str | None
    column: Column
    token: str
    picture: bool = False
    attachment: bool = False

    @property
    def day(self) -> str:
        return f"{self.at:%Y-%m-%d}"

    @property
    def minute(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Facts:
    """What a site says of itself."""

    name: str
    icp: str
    code: str
    address: str
    phone: str


def dashed(token: str) -> str:
    """32 hexadecimal digits as a UUID."""
    return "-".join((token[:8], token[8:12], token[12:16], token[16:20], token[20:]))
