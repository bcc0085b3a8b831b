"""Files -> a BagIt 1.0 bag (RFC 8493), as a folder or as one tar file, streamed and whole or not at all.

    bagit.txt, bag-info.txt        what it is, who made it
    data/…                         the payload
    manifest-sha256.txt            sha256sum's lines for the payload: `sha256sum -c manifest-sha256.txt` checks it
    tagmanifest-sha256.txt         the same for the files above

Memory is flat and each byte is read once: digests are taken while it is copied.  Knows nothing of what it packs.
"""

import hashlib
import io
import os
import re
import shutil
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from archive.warcfile import sync_directory

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PIECE = 1 << 20
# RFC 8493 §2.1.3: these are written as percent escapes in manifests.
ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
UNSAFE_PART = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")


class Sink(Protocol):
    """Takes files by name, in order."""

    def put(self, name: str, source: BinaryIO, size: int, pieces: Callable[[bytes], None]) -> None:
        """Store `size` bytes of `source` as `name`, telling each piece."""

    def finish(self) -> None:
        """Return when all of it is on the disk."""

    def close(self) -> None:
        """Let go of the draft, finished or not."""


@dataclass
class Bag:
    """A bag while it is filled.  files, size: of the payload."""

    sink: Sink
    payload: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0

    @property
    def files(self) -> int:
        return len(self.payload)

    def add(self, name: str, path: Path) -> str:
        """Put a file into the payload under `name` (parts joined by /); return its SHA-256.

        ValueError for a name that leads out of the payload.
        """
        if UNSAFE_PART.search(name):
            raise ValueError(f"{name!r} is no name of a payload file")
        with path.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            digest = self._put(f"data/{name}", source, size)
        self.payload.append((f"data/{name}", digest))
        self.size += size
        return digest

    def add_lines(self, name: str, lines: Iterable[bytes], scratch: Path) -> None:
        """Put lines into the payload; nothing if there are none.  scratch: a folder that can hold them for a while."""
        draft = scratch / "lines.tmp"
        with draft.open("wb") as file:
            file.writelines(lines)
        if draft.stat().st_size:
            self.add(name, draft)
        draft.unlink()

    def close(self, info: Iterable[tuple[str, str]]) -> None:
        """Write the tag files.  info: of bag-info.txt (RFC 8493 §2.2.2); Payload-Oxum is added."""
        fields = [*info, ("Payload-Oxum", f"{self.size}.{self.files}")]
        text = "".join(f"{label}: {' '.join(value.split())}\n" for label, value in fields)
        self._tag("bagit.txt", DECLARATION)
        self._tag("bag-info.txt", text.encode())
        self._tag("manifest-sha256.txt", manifest(self.payload))
        self._put("tagmanifest-sha256.txt", *_bytes(manifest(self.tags)))
        self.sink.finish()

    def _tag(self, name: str, data: bytes) -> None:
        self.tags.append((name, self._put(name, *_bytes(data))))

    def _put(self, name: str, source: BinaryIO, size: int) -> str:
        digest = hashlib.sha256()
        self.sink.put(name, source, size, digest.update)
        return digest.hexdigest()


@contextmanager
def new_bag(output: Path) -> Iterator[Bag]:
    """Make the bag `output`: a tar file if it ends so, else a folder.  It appears when the block has ended well.

    In a tar the bag lies in a folder of its name (RFC 8493 §4).  Raises FileExistsError when there is something.
    """
    if output.exists():
        raise FileExistsError(17, "it is there already; name another place", str(output))
    draft = output.with_name(output.name + ".part")
    _remove(draft)  # of a command that was killed
    sink: Sink = Tar(draft, output.stem) if output.suffix == ".tar" else Folder(draft)
    try:
        yield Bag(sink)
        draft.rename(output)
        sync_directory(output.absolute().parent)
    finally:
        sink.close()
        with suppress(OSError):
            _remove(draft)


class Folder:
    """A bag as files in a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir()

    def put(self, name: str, source: BinaryIO, size: int, pieces: Callable[[bytes], None]) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            copied = 0
            while piece := source.read(min(PIECE, size - copied)):
                file.write(piece)
                pieces(piece)
                copied += len(piece)
            file.flush()
            os.fsync(file.fileno())
        if copied != size:
            raise OSError(5, f"it got shorter while it was copied: {copied} of {size} bytes", name)

    def finish(self) -> None:
        for folder in [self._path, *(path for path in self._path.rglob("*") if path.is_dir())]:
            sync_directory(folder)

    def close(self) -> None:
        pass


class Tar:
    """A bag in one tar file (POSIX.1-2001), without owners: it says nothing of the machine."""

    def __init__(self, path: Path, folder: str) -> None:
        self._file, self._folder, self._now = path.open("wb"), folder, int(time.time())
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # finish()

    def put(self, name: str, source: BinaryIO, size: int, pieces: Callable[[bytes], None]) -> None:
        entry = tarfile.TarInfo(f"{self._folder}/{name}")
        entry.size, entry.mode, entry.mtime = size, 0o644, self._now
        self._tar.addfile(entry, _Told(source, pieces))

    def finish(self) -> None:
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class _Told(io.RawIOBase):
    """A file that tells what is read of it."""

    def __init__(self, source: BinaryIO, pieces: Callable[[bytes], None]) -> None:
        self._source, self._pieces = source, pieces

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._pieces(data)
        return data


def manifest(files: Iterable[tuple[str, str]]) -> bytes:
    """Return manifest lines for (path, digest) pairs."""
    return "".join(f"{digest}  {_escaped(path)}\n" for path, digest in files).encode()


def _escaped(path: str) -> str:
    return "".join(ESCAPED.get(char, char) for char in path)


def _bytes(data: bytes) -> tuple[BinaryIO, int]:
    return io.BytesIO(data), len(data)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
