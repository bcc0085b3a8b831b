"""The records of a gzipped WARC that does not keep one in a member: many in one member, or one in many.

FastWARC's writer puts all of them into one unless it is told otherwise; WARC 1.1 annex D.2 only recommends the right way.
Used by archive.foreign, which packs them anew.
"""

from typing import BinaryIO

from archive.gz import CHUNK, Members


class Loose:
    """The records of a file whatever its gzip members: many in one, one in many.  A reader.Source."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._members = Members(file, offset)
        self._held = self._last = b""
        self._within = False
        self.offset = offset

    @property
    def end(self) -> int:
        return self._members.end

    def begin(self) -> bool:
        while self.at_border():
            self._within = self._members.begin()
            if not self._within:
                return False
        self.offset = self._members.offset
        return True

    def at_border(self) -> bool:
        """Tell whether nothing is left of the member; an empty one counts as nothing."""
        if not self._held and self._within:
            self._held = self._members.read(CHUNK)
            self._within = bool(self._held)
        return not self._held

    def read(self, size: int) -> bytes:
        if self._held:
            self._last, self._held = self._held[:size], self._held[size:]
            return self._last
        self._last = self._members.read(size) if self._within else b""
        while not self._last:
            self._within = self._members.begin()
            if not self._within:
                break
            self._last = self._members.read(size)
        return self._last

    def leave(self, ahead: int) -> bool:
        if ahead:  # it came with the last piece that was read: a header is looked for piece by piece
            self._held = self._last[-ahead:] + self._held
        return True
