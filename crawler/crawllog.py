"""HOME/log/RUN.crawl.log: one Heritrix-shaped line for every request, also for what was refused and why.

Fields, parted by spaces: time the line was written, status, size, URL, hop path, via, MIME type, thread (role here),
begin and duration (yyyymmddHHMMSSmmm+ms), payload digest, source (site), annotations.  Negative status codes are
Heritrix's (docs "Status Codes"): -2 connection failed, -1 DNS, -4 time-out, -5 connection lost, -9998 robots,
-5003 budget, -4000 size; ours: -6001 address refused.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from archive.record import Exchange, RecordRef
from archive.state import Target
from archive.whole import named
from crawler.ending import Answer, Ending

CODES = {
    "dns": -1,
    "connection-refused": -2,
    "timeout": -4,
    "connection-lost": -5,
    "tls": -2,
    "bad-scheme": -7,
    "robots": -9998,
    "robots-unreachable": -61,
    "budget": -5003,
    "too-big": -4000,
    "address-refused": -6001,
    "out-of-scope": -5000,
}


class CrawlLog:
    """Appends lines, those of a commit in one write, so that the log keeps up with the state and no line is torn."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lines: list[str] = []
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def line(
        self, target: Target, answer: Answer, ending: Ending, exchange: Exchange | None, record: RecordRef | None
    ) -> None:
        now = datetime.now(UTC)
        status = answer.status if answer.status is not None else CODES.get(ending.reason or answer.error or "", -3000)
        begin = (
            f"{exchange.at:%Y%m%d%H%M%S}{exchange.at.microsecond // 1000:03d}+{exchange.elapsed_ms}"
            if exchange
            else "-"
        )
        notes = [
            note for note in (ending.state, ending.reason, answer.truncated and f"trunc-{answer.truncated}") if note
        ]
        if record and record.type == "revisit":
            notes.append("duplicate")
        mime = answer.headers.get("content-type", "-").split(";")[0].strip()
        fields = [
            f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            f"{status:5d}",
            f"{exchange.payload_length if exchange else 0:10d}",
            _safe(target.url),
            target.hops or "-",
            _safe(target.via or "-"),
            _safe(mime or "-"),
            target.role,
            begin,
            (record.digest if record else None) or "-",
            target.site or "-",
            ",".join(notes),
        ]
        self._lines.append(" ".join(fields) + "\n")

    def flush(self) -> None:
        """Append the lines, all of them or none.  Raises OSError that names the file."""
        data, self._lines = memoryview("".join(self._lines).encode()), []
        size = os.fstat(self._handle).st_size
        try:
            while data:  # a disk nearly full takes less than it is given, and raises on the next try
                data = data[os.write(self._handle, data) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, size)
            raise named(error, self._path) from error

    def close(self) -> None:
        try:
            self.flush()
        finally:
            os.close(self._handle)


def _safe(text: str) -> str:
    """Escape what a hostile URL or header could forge a field or a line with."""
    return quote(text, safe="%/:=&?~#+!$,;'@()*[]-._") or "-"
