"""Codings of HTTP taken off piece by piece: chunks (RFC 9112 §7.1), then gzip, deflate, br, zstd (RFC 9110 §8.4).

Sites lie: a page says gzip and is plain, says chunked and is not, sends deflate without its zlib wrapper, stops in the
middle.  Bytes that are not what their header says come out as they are, of cut ones what is there; the note tells.
Nothing is held beyond a piece, so 300 MB answers and decompression bombs stay flat.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Literal

import brotli  # type: ignore[import-untyped]  # it has no stubs
import zstandard

from archive.gz import CHUNK, CODEC_ERRORS, WBITS, new_decompressor

# limit: more would have come.  cut: ended early.  damaged: wrong in the middle.  mislabelled: not this coding at all.
Note = Literal["limit", "cut", "damaged", "mislabelled", "unknown-coding"]

SIZE_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?", re.DOTALL)
LINE_LIMIT = 1 << 14
# More codings than this on one answer are an attack, not a page.
CODINGS_LIMIT = 4
# An error loses what its piece had given, so pieces are small; a call costs a microsecond.
STEP = 1 << 12
# Until so much has come out, a coding without a signature of its own may still prove to be a lie.
DOUBT = 1 << 16
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
SIGNATURE = 4
# RFC 9659 allows 8 MB on the web; a frame that wants more would take it from our memory.
ZSTD_WINDOW = 8 << 20
# zstandard has no limit on what a call gives; 4 bytes can mean a block of 128 KiB, so this many can mean 2 MiB.
ZSTD_STEP = 64


class CodingError(ValueError):
    """The bytes stop being what the coding wants."""


class CutError(CodingError):
    """The bytes end before the coding does."""


class Chunked:
    """Takes chunk framing off; bare LF and chunk extensions are taken, trailers left out.

    complete: the last chunk came.  Bytes whose very first line is no chunk size come out as they are.
    """

    def __init__(self) -> None:
        self._buffer, self._at = b"", 0
        self._left = 0
        self._step: Callable[[], bytes | None] = self._size
        self._begun = False
        self.complete = False

    def feed(self, data: bytes) -> bytes:
        """Return what of the entity body `data` brings."""
        self._buffer, self._at = self._buffer[self._at :] + data, 0
        out: list[bytes] = []
        while self._at < len(self._buffer) and (piece := self._step()) is not None:
            out.append(piece)
        return b"".join(out)

    def end(self) -> bytes:
        """Return what was held back in doubt: all of it if not one chunk size came."""
        return b"" if self._begun else self._buffer[self._at :]

    def _size(self) -> bytes | None:
        newline = self._buffer.find(b"\n", self._at, self._at + LINE_LIMIT)
        if newline < 0 and len(self._buffer) - self._at < LINE_LIMIT:
            return None
        found = SIZE_LINE.fullmatch(self._buffer, self._at, newline) if newline >= 0 else None
        if found is None:
            self._step = self._drop if self._begun else self._pass
            return b""
        self._begun, self._at, self._left = True, newline + 1, int(found[1], 16)
        self.complete = self._left == 0
        self._step = self._data if self._left else self._drop
        return b""

    def _data(self) -> bytes:
        piece = self._buffer[self._at : self._at + self._left]
        self._at += len(piece)
        self._left -= len(piece)
        if not self._left:
            self._step = self._data_end
        return piece

    def _data_end(self) -> bytes | None:
        end = self._buffer[self._at : self._at + 2]
        if end == b"\r":
            return None
        width = 2 if end == b"\r\n" else 1 if end[:1] == b"\n" else 0
        self._at += width
        self._step = self._size if width else self._drop
        return b""

    def _pass(self) -> bytes:
        piece, self._at = self._buffer[self._at :], len(self._buffer)
        return piece

    def _drop(self) -> None:
        """Leave out trailers, and what follows a broken frame: not of the body."""
        self._at = len(self._buffer)


class Measured:
    """Takes a body whose end is announced by Content-Length (length) or by the end of the connection (None)."""

    def __init__(self, length: int | None) -> None:
        self._length, self._seen = length, 0

    @property
    def complete(self) -> bool:
        return self._length is None or self._seen >= self._length

    def feed(self, data: bytes) -> bytes:
        if self._length is not None:
            data = data[: self._length - self._seen]
        self._seen += len(data)
        return data

    def end(self) -> bytes:
        return b""


class Unpacked:
    """The pieces of an entity body with its content codings taken off, at most `limit` bytes in all.

    codings: of Content-Encoding, in the order applied.  note: what was wrong, known once all pieces were taken.
    """

    def __init__(self, pieces: Iterable[bytes], codings: Iterable[str], limit: int) -> None:
        self.note: Note | None = None
        self._left = limit
        self._pieces = iter(pieces)
        names = [name for coding in codings if (name := coding.strip().lower()) not in ("", "identity")]
        if len(names) > CODINGS_LIMIT or any(name not in CODINGS for name in names):
            self.note, names = "unknown-coding", []
        for name in reversed(names):
            self._pieces = self._unpack(self._pieces, CODINGS[name])

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if len(piece) > self._left:
                self.note = "limit"
                yield piece[: self._left]
                return
            self._left -= len(piece)
            if piece:
                yield piece

    def _unpack(self, pieces: Iterator[bytes], pick: "Callable[[bytes], Coding | None]") -> Iterator[bytes]:
        parts = _parts(pieces)
        first = next(parts, b"")
        coding, parts = pick(first), chain((first,), parts)
        if coding is None:
            self.note = "mislabelled" if first else self.note
            yield from parts
        elif coding.signed:
            yield from self._keep_what_came(coding.run(parts))
        else:
            yield from self._in_doubt(coding, parts)

    def _keep_what_came(self, unpacked: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from unpacked
        except CutError:
            self.note = "cut"
        except CodingError:
            self.note = "damaged"

    def _in_doubt(self, coding: "Coding", parts: Iterator[bytes]) -> Iterator[bytes]:
        """Hold what comes out until there is enough of it to believe; an error before that means: not this coding."""
        kept: list[bytes] = []
        unpacked = coding.run(_noted(parts, kept))
        held = b""
        try:
            while len(held) < DOUBT and (piece := next(unpacked, None)) is not None:
                held += piece
        except CodingError as error:
            if isinstance(error, CutError) and len(held) > sum(map(len, kept)):  # text taken for it does not grow
                self.note = "cut"
                yield held
            else:
                self.note = "mislabelled"
                yield from chain(kept, parts)
            return
        yield held
        yield from self._keep_what_came(unpacked)


@dataclass(frozen=True)
class Coding:
    """How to take a coding off.  signed: its first bytes tell that it is this one.  run raises CodingError."""

    run: Callable[[Iterator[bytes]], Iterator[bytes]]
    signed: bool


def _parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in parts of at most STEP, the first long enough for a signature."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= SIGNATURE:
            break
    for piece in chain((head,), pieces):
        for start in range(0, len(piece), STEP):
            yield piece[start : start + STEP]


def _noted(parts: Iterator[bytes], kept: list[bytes]) -> Iterator[bytes]:
    """Keep what passes, as long as the coding may still be a lie (a coding that has given DOUBT bytes is believed)."""
    for part in parts:
        kept.append(part)
        yield part


def _inflate(parts: Iterator[bytes], wbits: int) -> Iterator[bytes]:
    codec = new_decompressor(wbits)
    for part in parts:
        data = part
        while data:
            if codec.eof:
                if wbits != WBITS or not GZIP.startswith(data[:2]):
                    return  # what follows the end is not of the body
                codec = new_decompressor(wbits)
            try:
                yield codec.decompress(data, CHUNK)
            except CODEC_ERRORS as error:
                raise CodingError(str(error)) from error
            data = codec.unused_data if codec.eof else codec.unconsumed_tail
    while not codec.eof:
        rest = codec.decompress(b"", CHUNK)
        if not rest and not codec.eof:
            raise CutError("the compressed bytes end early")
        yield rest


def _unbrotli(parts: Iterator[bytes]) -> Iterator[bytes]:
    codec = brotli.Decompressor()
    for part in parts:
        data = part
        while not codec.is_finished():
            try:
                yield codec.process(data, output_buffer_limit=CHUNK)
            except brotli.error as error:
                raise CodingError(str(error)) from error
            data = b""
            if codec.can_accept_more_data():
                break
    if not codec.is_finished():
        raise CutError("the compressed bytes end early")


def _unzstd(parts: Iterator[bytes]) -> Iterator[bytes]:
    context = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    codec = context.decompressobj()
    for part in parts:
        data = part
        while data:
            if codec.eof:
                if not ZSTD.startswith(data[:4]):
                    return  # what follows the end is not of the body
                codec = context.decompressobj()
            try:
                yield codec.decompress(data[:ZSTD_STEP])
            except zstandard.ZstdError as error:
                raise CodingError(str(error)) from error
            data = codec.unused_data + data[ZSTD_STEP:]
    if not codec.eof:
        raise CutError("the compressed bytes end early")


def _gzip(first: bytes) -> Coding | None:
    return Coding(partial(_inflate, wbits=WBITS), signed=True) if first.startswith(GZIP) else None


def _deflate(first: bytes) -> Coding:
    """RFC 9110 means zlib's wrapper (RFC 1950); many servers send raw deflate (RFC 1951) under this name."""
    wrapped = len(first) > 1 and first[0] & 15 == 8 and first[0] >> 4 < 8 and (first[0] << 8 | first[1]) % 31 == 0
    return Coding(partial(_inflate, wbits=15 if wrapped else -15), signed=wrapped)


def _br(first: bytes) -> Coding | None:
    return Coding(_unbrotli, signed=False) if first else None


def _zstd(first: bytes) -> Coding | None:
    return Coding(_unzstd, signed=True) if first.startswith(ZSTD) else None


CODINGS: dict[str, Callable[[bytes], Coding | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
    "zstd": _zstd,
}
