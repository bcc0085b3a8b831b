"""Chinese text -> words that a search box finds which knows only words between blanks.

ReplayWeb.page's search takes what stands between two blanks for a word and finds whole words only: 招商 does not find
招商引资 in running text.  So each run of Han characters is also given in all its pieces of two, three and four.
(Tried with ReplayWeb.page 2.5.3: pieces of two alone find no query of three or four.)  Used by archive.wacz.
"""

import re

# CJK Unified Ideographs with extensions A to H, compatibility ideographs (Unicode 16).
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
SIZES = (2, 3, 4)
# Of a very long page so many characters are cut into pieces: they take about nine times the room of the text.
TEXT_LIMIT = 20_000


def search_words(text: str) -> str:
    """Return the pieces of the runs of Han characters in `text`, each once, parted by blanks."""
    runs = HAN.findall(text[:TEXT_LIMIT])
    pieces = (run[at : at + size] for run in runs for size in SIZES for at in range(len(run) - size + 1))
    return " ".join(dict.fromkeys(pieces))
