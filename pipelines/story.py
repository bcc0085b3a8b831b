"""Text -> MinHash signature: how the same story is known again on another site.

Copies differ in white space, punctuation, script and a sentence or two at either end, so the text is folded to its
letters and digits, traditional characters are written as simplified ones, and what is compared are its overlapping
pieces of four characters.  A signature estimates the share of pieces that two texts have in common; its bands find
those worth comparing.  Used by crawler.clusters only: nothing of it is stored in an item.
"""

import hashlib
from functools import cache
from operator import eq
from struct import Struct

from opencc import OpenCC
from rensa import RMinHash

from pipelines.vocabulary import folded

PIECE = 4
LEAST = 120  # letters and digits; under that two notices of one kind share nearly all they say
MOST = 20_000  # ... that are looked at
# 32 bands of 4: two texts that share 0.7 of their pieces meet in two bands with a chance of 0.998, at 0.3 of 0.03.
BANDS, ROWS = 32, 4
SIGNATURE = Struct(f"<{BANDS * ROWS}I")
BAND = Struct("<q")
SEED = 20_000_101
METHOD = f"rensa {RMinHash.ALGORITHM_VERSION}, {BANDS} x {ROWS}, pieces of {PIECE}, from {LEAST}"


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def signature(text: str | None) -> bytes | None:
    """128 numbers of 32 bits, little-endian; None for a text too short to be told from others of its kind."""
    same = folded(_converter().convert(text)) if text else ""
    if len(same) < LEAST:
        return None
    made = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    made.update(list({same[i : i + PIECE] for i in range(min(len(same), MOST) - PIECE + 1)}))
    return SIGNATURE.pack(*made.digest())


def bands(signed: bytes) -> list[int]:
    """One signed 64-bit number for each band: two signatures that agree in a band share its number."""
    size = len(signed) // BANDS
    pieces = (bytes([i]) + signed[i * size : (i + 1) * size] for i in range(BANDS))
    return [BAND.unpack(hashlib.blake2b(piece, digest_size=8).digest())[0] for piece in pieces]


def likeness(one: bytes, other: bytes) -> float:
    """Estimated share of common pieces, 0 to 1, within 0.04 (one standard deviation at 0.7)."""
    same: int = sum(map(eq, SIGNATURE.unpack(one), SIGNATURE.unpack(other)))
    return same / (BANDS * ROWS)
