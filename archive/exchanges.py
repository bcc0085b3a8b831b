"""Records of a WARC file, in file order -> exchanges: the answer with the request and the metadata that belong to it.

Ours stand as response, request, metadata; wget puts the request first, others leave the metadata out or write records
that are no exchange at all.  What belongs together names each other in WARC-Concurrent-To (WARC 1.1 §5.7) and stands
together.  Used by whoever must say what a record is evidence of: rebuild, verify, import, deposits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.reader import Entry

ANSWERS = ("response", "revisit")


@dataclass(frozen=True)
class Exchanged:
    """Records that belong together, in file order."""

    records: tuple[Entry, ...]

    @property
    def answer(self) -> Entry | None:
        """The HTTP answer: a response or revisit record."""
        return next((entry for entry in self.records if is_answer(entry)), None)

    @property
    def request(self) -> Entry | None:
        return next((entry for entry in self.records if entry.ref.type == "request"), None)

    @property
    def metadata(self) -> Entry | None:
        return next((entry for entry in self.records if entry.ref.type == "metadata"), None)


class Grouping:
    """Puts records that come one after another into exchanges."""

    def __init__(self) -> None:
        self._group: list[Entry] = []

    def add(self, entry: Entry) -> Exchanged | None:
        """Take a record; return the exchange that ended before it, if one did."""
        ended = None
        if self._group and (entry.ref.type == "warcinfo" or not any(concurrent(entry, one) for one in self._group)):
            ended = self.end()
        if entry.ref.type != "warcinfo":
            self._group.append(entry)
        return ended

    def end(self) -> Exchanged | None:
        """Return the exchange that is open, if one is: at the end of each file."""
        ended = Exchanged(tuple(self._group)) if self._group else None
        self._group = []
        return ended


def exchanges(entries: Iterable[Entry]) -> Iterator[Exchanged]:
    """Yield the exchanges among the records of one file; a record that belongs to no other is one by itself.

    warcinfo records are passed over.
    """
    grouping = Grouping()
    for entry in entries:
        if ended := grouping.add(entry):
            yield ended
    if ended := grouping.end():
        yield ended


def is_answer(entry: Entry) -> bool:
    """Tell whether a record keeps the answer to an HTTP request (Heritrix writes DNS answers as responses, too)."""
    url, content_type = entry.headers.uri("WARC-Target-URI") or "", entry.headers.get("Content-Type") or ""
    return (
        entry.ref.type in ANSWERS
        and url.lower().startswith(("http://", "https://"))
        and (content_type.lower().startswith("application/http") or (entry.ref.type == "revisit" and not content_type))
    )


def concurrent(one: Entry, other: Entry) -> bool:
    """Tell whether one of two records says that it belongs to the other."""
    return f"<{other.ref.record_id}>" in one.headers.all(
        "WARC-Concurrent-To"
    ) or f"<{one.ref.record_id}>" in other.headers.all("WARC-Concurrent-To")
