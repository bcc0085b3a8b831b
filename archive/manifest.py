r"""HOME/manifests/YYYY-MM-DD.sha256: what the finished files of a home were, in lines that `sha256sum -c` checks.

A WARC with its final name and a day file of the change log whose day is over are never written again.  Each is hashed
once, at the end of the run that finished it.  A day's manifest begins with a line for the manifest before it, so none
of them can be changed or taken away unseen.  To check without parknews: `cd HOME && sha256sum -c manifests/*.sha256`.
Lines are GNU coreutils' (info "md5sum invocation"): digest, two spaces, path; a backslash first where a path needs one.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from archive.lock import hold
from archive.paths import Home
from archive.warcfile import sync_directory
from archive.whole import written_whole

LINE = re.compile(r"(\\?)([0-9a-f]{64}) [ *](.+)", re.DOTALL)
ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}
ESCAPE = re.compile(r"\\[\\nr]")
PIECE = 1 << 20
# A day file is listed once a newer one is there; the newest when its day is over for so long: clocks are set back.
REST = timedelta(days=1)

Kind = Literal["line", "chain", "missing", "changed"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Line:
    """sha256: 64 hex digits.  name: path under the home, parts joined by /."""

    sha256: str
    name: str

    def text(self) -> str:
        name = self.name
        for escape, plain in ESCAPES.items():
            name = name.replace(plain, escape)
        return f"{'' if name == self.name else chr(92)}{self.sha256}  {name}\n"


@dataclass(frozen=True)
class Finding:
    """One thing wrong.  file: path under the home.  kind: line (no manifest line), chain, missing, changed."""

    file: str
    kind: Kind
    message: str


@dataclass(frozen=True)
class Checked:
    """files: how many were read; unlisted: finished files that no manifest names yet (the next run lists them)."""

    findings: tuple[Finding, ...]
    manifests: int
    files: int
    unlisted: int


def manifests(home: Home) -> list[Path]:
    return sorted(home.manifests.glob("????-??-??.sha256"))


def write_manifest(home: Home, now: datetime | None = None) -> Path | None:
    """List the finished files that no manifest names; return the manifest, None when there are none.

    The file is replaced as a whole, so that a crash leaves the old one.  now: UTC.
    """
    now = now or datetime.now(UTC)
    home.manifests.mkdir(exist_ok=True)
    with hold(home.locks / "manifests.lock", wait=True):
        there = manifests(home)
        listed = {line.name for path in there for line in lines(path) if isinstance(line, Line)}
        new = [path for path in finished(home, now) if name_of(home, path) not in listed]
        if not new:
            return None
        path = home.manifests / f"{now:%Y-%m-%d}.sha256"
        if there and there[-1] > path:  # the clock was set back: an older one is chained already
            path = there[-1]
        text = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
        if not text and there:
            text = Line(sha256_of(there[-1]), name_of(home, there[-1])).text()
        text += "".join(Line(sha256_of(one), name_of(home, one)).text() for one in new)
        with written_whole(path) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        sync_directory(home.manifests)
    return path


def check_manifests(home: Home, progress: Progress | None = None) -> Checked:
    """Read every listed file and every manifest; nothing is changed.  progress: bytes done and in all."""
    findings: list[Finding] = []
    found: dict[str, Line] = {}
    before: Path | None = None
    for path in manifests(home):
        own = list(lines(path))
        findings += [line for line in own if isinstance(line, Finding)]
        good = [line for line in own if isinstance(line, Line)]
        if before is not None:
            findings += _chained(home, path, good, before)
        found |= {line.name: line for line in good if (home.root / line.name).parent != home.manifests}
        findings += [
            Finding(line.name, "chain", f"{name_of(home, path)} follows it, but it is gone")
            for line in good
            if (home.root / line.name).parent == home.manifests and not (home.root / line.name).exists()
        ]
        before = path
    total = sum(size_of(home.root / name) for name in found)
    done = 0
    for name, line in sorted(found.items()):
        path = home.root / name
        try:
            same = sha256_of(path) == line.sha256
        except FileNotFoundError:
            findings.append(Finding(name, "missing", "it is listed and not there: put it back from a copy"))
            continue
        if not same:
            findings.append(
                Finding(name, "changed", f"its SHA-256 is no longer {line.sha256}: put it back from a copy")
            )
        done += size_of(path)
        if progress is not None:
            progress(done, total)
    unlisted = sum(name_of(home, path) not in found for path in finished(home, datetime.now(UTC)))
    return Checked(tuple(findings), len(manifests(home)), len(found), unlisted)


def lines(path: Path) -> Iterator[Line | Finding]:
    """Read a manifest; what is no line for a file of the home becomes a Finding.  Comments (#) are passed over."""
    where = f"{path.parent.name}/{path.name}"
    for number, text in enumerate(path.read_bytes().decode("utf-8", "surrogateescape").split("\n"), 1):
        if not text or text.startswith("#"):
            continue
        found = LINE.fullmatch(text)
        name = ESCAPE.sub(lambda escape: ESCAPES[escape[0]], found[3]) if found and found[1] else found and found[3]
        if found is None or not name or name.startswith("/") or ".." in name.split("/"):
            yield Finding(where, "line", f"line {number} is no SHA-256 and path of a file in the home")
        else:
            yield Line(found[2], name)


def finished(home: Home, now: datetime) -> list[Path]:
    """Return the files of the home that nobody writes any more, WARCs first, each kind by name."""
    warcs = [path for path in sorted(home.warc.glob("*.warc.gz")) if path.is_file()]
    days = sorted(home.changes.glob("????-??-??.jsonl"))
    return warcs + [path for i, path in enumerate(days) if i + 1 < len(days) or _over(path.stem, now)]


def name_of(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _over(day: str, now: datetime) -> bool:
    try:
        end = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
    except ValueError:
        return False
    return now >= end + REST


def _chained(home: Home, path: Path, good: list[Line], before: Path) -> Iterator[Finding]:
    """Check that a manifest names the one before it, and that this is still what it was."""
    link = next((line for line in good if line.name == name_of(home, before)), None)
    if link is None:
        yield Finding(name_of(home, path), "chain", f"it does not name {before.name}, the manifest before it")
    elif link.sha256 != sha256_of(before):
        yield Finding(name_of(home, before), "chain", f"it was changed after {path.name} had listed it")
