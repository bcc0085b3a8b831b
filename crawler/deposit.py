"""`parknews export bag`: what was captured and said in some days, as a deposit that can be read without parknews.

Without a site: whole WARC files that hold a capture of these days, byte for byte.  With one: the records of that site
alone, copied gzip member by gzip member into new files, with a table of where they were and are.  Originals of revisits
are inside in any case.  With them go their index, the change log's lines and the crawl logs of these days, definitions,
schemas, the home's README and manifests.  parknews.toml stays at home: it may hold a proxy's password.
"""

import hashlib
import heapq
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec

from archive.bag import Bag, new_bag
from archive.compose import warcinfo_draft
from archive.exchanges import exchanges
from archive.gz import new_compressor
from archive.index import CDXJ, covered, index_lines, write_index
from archive.manifest import Line, lines, manifests
from archive.paths import Home, is_imported
from archive.reader import Entry, scan
from archive.record import ArchiveError
from archive.state import State
from archive.warcfile import open_path
from archive.writer import CONFORMS_TO, new_urn
from crawler.config import VERSION, Config
from crawler.setup import explain

PART_SIZE = 1 << 30
PIECE = 1 << 20
PLACES = "warc/places.tsv"
Progress = Callable[[str, int, int], None]

ABOUT = """\
This is a BagIt bag (RFC 8493).  `sha256sum -c manifest-sha256.txt`, run beside that file, checks every file in data/.

data/warc/       {warcs}
data/index/      CDXJ of these WARC files: URL and time -> file and offset, as pywb reads it
data/feed/       the change log of these days, one JSON event a line, and the JSON Schemas that describe it
data/log/        every request of the runs of these days, also those that were refused (Heritrix's crawl.log form)
data/sites/      which sites were watched; data/profiles/ what was learned of their layout
data/manifests/  SHA-256 of all finished files of the archive this came from, chained day by day; what is in this bag:
                   cd data && sha256sum -c --ignore-missing manifests/*.sha256
data/README.txt  how the files of such an archive are read with standard tools

Evidence in an event names WARC file, offset and length of its record in the archive it came from.{places}
"""
WHOLE = "whole WARC files (ISO 28500) that hold a capture of these days; NAME-originals-*: records of other days that\n                 a revisit among them refers to"
OF_SITE = "the records of the site (WARC, ISO 28500), byte for byte as they were, in new files"
MOVED = "\nHere the\nrecords lie in new files: data/warc/places.tsv says where each was and is."


class NothingToDepositError(LookupError):
    """No capture in these days; the message says of when there are some."""


@dataclass(frozen=True)
class Span:
    """Days, both included, UTC.  site: None = all."""

    first: date
    last: date
    site: str | None = None

    @property
    def since(self) -> str:
        return self.first.isoformat()

    @property
    def until(self) -> str:
        """The day after, as WARC-Dates begin."""
        return (self.last + timedelta(days=1)).isoformat()

    @property
    def name(self) -> str:
        return f"{self.site + '-' if self.site else ''}{self.first}-{self.last}"


@dataclass
class Deposited:
    """What went in.  growing: WARC files that are still written, so not in it."""

    files: int = 0
    size: int = 0
    warcs: int = 0
    records: int = 0
    events: int = 0
    growing: int = 0


@dataclass
class _Work:
    """What the steps share.  taken: WARC files in the bag as they are; chosen: (warc, offset) of answers to copy."""

    home: Home
    state: State
    span: Span
    bag: Bag
    scratch: Path
    progress: Progress
    listed: dict[str, str]
    made: Deposited = field(default_factory=Deposited)
    taken: set[str] = field(default_factory=set)


def deposit(home: Home, config: Config, span: Span, output: Path, progress: Progress) -> Deposited:
    """Write the bag, whole or not at all.

    Raises NothingToDepositError; FileExistsError; ArchiveError when a WARC is missing or is not what its manifest says.
    """
    state = State(home.state)
    try:
        _refuse_nothing(state, span)
        with new_bag(output) as bag, tempfile.TemporaryDirectory(dir=output.absolute().parent) as scratch:
            listed = {one.name: one.sha256 for path in manifests(home) for one in lines(path) if isinstance(one, Line)}
            work = _Work(home, state, span, bag, Path(scratch), progress, listed)
            _warcs(work)
            _words(work)
            _around(work)
            bag.close(_info(config, span, bag))
            work.made.files, work.made.size = bag.files, bag.size
            return work.made
    finally:
        state.close()


def _refuse_nothing(state: State, span: Span) -> None:
    where, values = _where(span)
    if state.one(f"SELECT 1 FROM capture WHERE {where} LIMIT 1", *values) is None:
        first, last = state.db.execute(
            "SELECT substr(min(at), 1, 10), substr(max(at), 1, 10) FROM capture WHERE ?1 IS NULL OR site = ?1",
            (span.site,),
        ).fetchone()
        have = f"there are some from {first} to {last}" if first else "there are none at all"
        raise NothingToDepositError(
            f"no captures of {span.site or 'any site'} from {span.first} to {span.last}: {have}"
        )


def _where(span: Span) -> tuple[str, tuple[str, ...]]:
    values = (span.since, span.until)
    return ("at >= ? AND at < ? AND site = ?", (*values, span.site)) if span.site else ("at >= ? AND at < ?", values)


# ------------------------------------------------------------------------------------------------------------ records
def _warcs(work: _Work) -> None:
    where, values = _where(work.span)
    if work.span.site is None:
        _whole_files(
            work, [row[0] for row in work.state.db.execute(f"SELECT DISTINCT warc FROM capture WHERE {where}", values)]
        )
        copied = _copy(work, f"{work.span.name}-originals", _originals(work))
    else:
        copied = _copy(work, work.span.name, _of_site(work, where, values))
    _index(work, copied)


def _whole_files(work: _Work, names: list[str]) -> None:
    """Put closed WARC files in, and check each against the manifest that lists it."""
    if any(
        is_imported(name) for name in names
    ):  # what we noted of them at import lies in files of ours without captures
        notes = (
            "SELECT name FROM warc WHERE closed AND NOT EXISTS (SELECT 1 FROM capture WHERE capture.warc = warc.name)"
        )
        names += [row[0] for row in work.state.db.execute(notes) if not is_imported(row[0])]
    paths = [work.home.warc / name for name in sorted(set(names))]
    closed = [path for path in paths if not open_path(path).exists()]
    work.made.growing, paths = len(paths) - len(closed), closed
    for done, path in enumerate(paths):
        if not path.exists():
            raise ArchiveError(
                f"{path}: this WARC file is missing; put it back from a copy, then run `parknews verify`"
            )
        digest = work.bag.add(f"warc/{path.name}", path)
        if work.listed.get(f"warc/{path.name}", digest) != digest:
            raise ArchiveError(f"{path}: it is not what its manifest says; run `parknews verify --manifest`")
        work.taken.add(path.name)
        work.made.warcs += 1
        work.progress("WARC files", done + 1, len(paths))


def _originals(work: _Work) -> dict[str, set[int]]:
    """Answers that revisits in the bag refer to and that are not in it themselves."""
    chosen: dict[str, set[int]] = {}
    for name in work.taken:
        for warc, offset in work.state.db.execute(
            "SELECT DISTINCT o.warc, o.offset FROM capture r JOIN capture o ON o.record_id = r.refers "
            "WHERE r.warc = ? AND r.type = 'revisit' AND o.type = 'response'",
            (name,),
        ):
            if warc not in work.taken:
                chosen.setdefault(warc, set()).add(offset)
    return chosen


def _of_site(work: _Work, where: str, values: tuple[str, ...]) -> dict[str, set[int]]:
    """Exchanges of the site, and the originals of its revisits, of whatever day and site."""
    chosen: dict[str, set[int]] = {}
    growing: set[str] = set()
    for warc, offset in work.state.db.execute(
        f"SELECT warc, offset FROM capture WHERE {where} UNION "
        "SELECT o.warc, o.offset FROM capture o JOIN "
        f"(SELECT refers FROM capture WHERE {where} AND type = 'revisit') r ON o.record_id = r.refers AND o.type = 'response'",
        values + values,
    ):
        if open_path(work.home.warc / warc).exists():
            growing.add(warc)
        else:
            chosen.setdefault(warc, set()).add(offset)
    work.made.growing = len(growing)
    return chosen


def _copy(work: _Work, stem: str, chosen: dict[str, set[int]]) -> list[Path]:
    """Copy whole exchanges, record by record as they lie, into WARC files of their own; return these."""
    if not chosen:
        return []
    places: list[bytes] = []
    parts: list[Path] = []
    for done, (name, offsets) in enumerate(sorted(chosen.items())):
        source = work.home.warc / name
        if not source.exists():
            raise ArchiveError(
                f"{source}: this WARC file is missing; put it back from a copy, then run `parknews verify`"
            )
        opening = [entry for entry in islice(scan(source), 1) if entry.ref.type == "warcinfo"]
        for group in _groups(source, offsets):
            if not parts or parts[-1].stat().st_size > PART_SIZE:
                parts.append(_new_part(work.scratch / f"{stem}-{len(parts):05}.warc.gz", work.span))
            for entry in opening + group:
                places.append(_append(source, entry, parts[-1]))
                work.made.records += 1
            opening = []
        work.progress("records", done + 1, len(chosen))
    for part in parts:
        work.bag.add(f"warc/{part.name}", part)
        work.made.warcs += 1
    head = b"record_id\twarc\toffset\tlength\twarc_here\toffset_here\n"
    work.bag.add_lines(PLACES, [head, *places], work.scratch)
    return parts


def _groups(source: Path, offsets: set[int]) -> Iterator[list[Entry]]:
    """Yield the records of the exchanges whose answers stand at `offsets`, in file order."""
    if is_imported(source.name):  # the request may stand before its answer
        for group in exchanges(scan(source)):
            if any(entry.ref.offset in offsets for entry in group.records):
                yield list(group.records)
        return
    for offset in sorted(offsets):
        yield list(next(exchanges(scan(source, offset))).records)


def _new_part(path: Path, span: Span) -> Path:
    fields = [
        ("software", f"parknews/{VERSION}"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", CONFORMS_TO),
        ("description", f"Records of {span.site or 'several sites'}, {span.first} to {span.last}, copied unchanged"),
    ]
    draft = warcinfo_draft(path.name, datetime.now(UTC), fields, new_urn())
    assert isinstance(draft.block, bytes)
    codec = new_compressor()
    head = draft.head(hashlib.sha1(draft.block, usedforsecurity=False).digest(), len(draft.block))
    path.write_bytes(codec.compress(head + draft.block + b"\r\n\r\n") + codec.flush())
    return path


def _append(source: Path, entry: Entry, part: Path) -> bytes:
    """Copy a gzip member; return the line of the table that says where it was and is."""
    ref = entry.ref
    with source.open("rb") as old, part.open("ab") as new:
        here, left = new.tell(), ref.length
        old.seek(ref.offset)
        while left and (piece := old.read(min(PIECE, left))):
            left -= new.write(piece)
    return f"{ref.record_id}\t{ref.warc}\t{ref.offset}\t{ref.length}\t{part.name}\t{here}\n".encode()


def _index(work: _Work, copied: list[Path]) -> None:
    """Index what is in the bag: our own lines for whole files, new ones for the rest."""
    known = covered(work.home.index)
    for path in [*copied, *(work.home.warc / name for name in sorted(work.taken - known))]:
        write_index(path, work.scratch)
    kept = (line for line in index_lines(work.home.index) if _filename(line) in work.taken)
    fresh = index_lines(work.scratch)
    work.bag.add_lines(f"index/{work.span.name}{CDXJ}", heapq.merge(kept, fresh), work.scratch)


def _filename(line: bytes) -> str:
    return str(json.loads(line.split(b" ", 2)[2])["filename"])


# ------------------------------------------------------------------------------------------------ what was said of it
def _words(work: _Work) -> None:
    """The change log's lines of these days; with a site only those of it."""
    for path in sorted(work.home.changes.glob("????-??-??.jsonl")):
        if work.span.since <= path.stem < work.span.until:
            work.bag.add_lines(f"feed/changes/{path.name}", _events(work, path), work.scratch)
    for path in sorted((work.home.feed / "schema").glob("*.json")):
        work.bag.add(f"feed/schema/{path.name}", path)


def _events(work: _Work, path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n") and (work.span.site is None or _site_of(line) == work.span.site):
                work.made.events += 1
                yield line


class _Named(msgspec.Struct):
    site: str


def _site_of(line: bytes) -> str:
    return msgspec.json.decode(line, type=_Named).site


def _around(work: _Work) -> None:
    """Crawl logs of the runs of these days, definitions, manifests, and what explains it all."""
    home, span = work.home, work.span
    where, values = _where(span)
    runs = {row[0] for row in work.state.db.execute(f"SELECT DISTINCT run FROM capture WHERE {where}", values)}
    began = "SELECT id FROM run WHERE started >= ? AND started < ?"
    seconds = [datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() for day in (span.since, span.until)]
    runs |= {row[0] for row in work.state.db.execute(began, seconds)}
    for run in sorted(runs - {None}):
        path = home.logs / f"{run:06d}.crawl.log"
        if path.exists():
            work.bag.add_lines(f"log/{path.name}", _log_lines(path, span.site), work.scratch)
    names = [span.site] if span.site else [path.stem for path in sorted(home.sites.glob("*.toml"))]
    for name in names:
        for path in (home.sites / f"{name}.toml", home.profiles / f"{name}.json"):
            if path.exists():
                work.bag.add(f"{path.parent.name}/{path.name}", path)
    if span.site is None:
        for path in manifests(home):
            work.bag.add(f"manifests/{path.name}", path)
    if not (home.root / "README.txt").exists():
        explain(home)
    work.bag.add("README.txt", home.root / "README.txt")
    moved = span.site is not None
    about = ABOUT.format(warcs=OF_SITE if moved else WHOLE, places=MOVED if moved else "")
    work.bag.add_lines("DEPOSIT.txt", [about.encode()], work.scratch)


def _log_lines(path: Path, site: str | None) -> Iterator[bytes]:
    """Lines of a crawl.log; its eleventh field is the site."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n") and (site is None or line.split()[10:11] == [site.encode()]):
                yield line


def _info(config: Config, span: Span, bag: Bag) -> Iterable[tuple[str, str]]:
    """Labels of RFC 8493 §2.2.2."""
    if config.operator:
        yield "Source-Organization", config.operator
    if config.contact:
        yield "Contact-Email" if "@" in config.contact else "Contact-Name", config.contact
    of = f"of the site {span.site}" if span.site else "of all sites"
    yield "External-Description", f"Web archive {of}, captured from {span.first} to {span.last} (UTC), with change log"
    yield "External-Identifier", f"{config.collection}-{span.name}"
    yield "Bagging-Date", datetime.now(UTC).date().isoformat()
    yield "Bag-Size", f"{max(bag.size // 1_000_000, 1)} MB"
    yield "Bag-Software-Agent", f"parknews/{VERSION}"
