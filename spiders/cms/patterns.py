"""URLs of articles of one site -> one regular expression that finds their like, short enough to read and edit.

A tail that no other page has (a date, a hash, a letter before a long number) is enough; a weak one (/12.html) keeps
the folders it was seen in, so that products and pictures numbered alike stay out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4,12}", re.I)
HASH = re.compile(r"(?<![0-9a-zA-Z])(?=[0-9a-f]*\d)[0-9a-f]{16,64}(?![0-9a-zA-Z])", re.I)
PIECE = re.compile(r"(\x00U\x00|\x00S\x00|\x00H\d+\x00|\d+)")
SURE = re.compile(r"\x00[UH]|(?:^|[^0-9])(?:19|20)\d{6}[_.-]")
INDEX_NAMES = re.compile(r"(?:index|content|c|page|detail)\.(?:s?html?|psp|jsp)", re.I)
STRONG = re.compile(r"\[0-9a-f\]|\\d\{8\}|\\d\{6\}/|(?:19\|20)|\\d\{4\}[-/]")
MOST_FORMS = 6  # alternatives; a site with more forms of article URLs is left without a pattern
MOST_FOLDERS = 12
RARE = 0.03  # share of samples below which a form is an accident


def article_pattern(urls: Iterable[str]) -> str:
    """Return a pattern for re.search on a URL that finds these and their like; "" when they have no common form."""
    samples = list(dict.fromkeys(urls))
    if len({urlsplit(url).netloc for url in samples}) > 1:
        home = Counter(urlsplit(url).netloc for url in samples).most_common(1)[0][0]
        samples = [url for url in samples if urlsplit(url).netloc == home]
    forms: dict[str, list[tuple[list[str], list[str]]]] = defaultdict(list)
    for url in samples:
        folders, tail = _split(url)
        forms[_shape(tail)].append((folders, tail))
    kept = {shape: members for shape, members in forms.items() if len(members) >= max(1, RARE * len(samples))}
    if not kept or len(kept) > MOST_FORMS or (len(kept) > 2 and len(kept) * 2 > len(samples)):
        return ""
    parts = sorted({_expression(members) for members in kept.values()})
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _split(url: str) -> tuple[list[str], list[str]]:
    """Folders, and the tail: the last segment (with its query) and numbered segments before it."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    last = segments.pop() if segments and not parts.path.endswith("/") else ""
    if parts.query:
        last += "?" + parts.query
    if not last and segments:
        last = segments.pop() + "/"
    tail = [last]
    if INDEX_NAMES.fullmatch(last) and segments:
        tail.insert(0, segments.pop())
    if SURE.search(_mask(tail[0])):  # a hash or a day says enough; keep the folder of the day for the reader
        return (segments[:-1], [segments[-1], *tail]) if segments and segments[-1].isdigit() else (segments, tail)
    while segments and re.fullmatch(r"[\d-]+", segments[-1]):
        tail.insert(0, segments.pop())
    if len(tail) > 2 and not re.search(r"\d", last):  # /2024/05/01/any-words/
        tail[-1] = "\x00S\x00" + ("/" if last.endswith("/") else re.sub(r"^[^.]*", "", last))
    return segments, tail


def _mask(segment: str) -> str:
    return HASH.sub(lambda found: f"\x00H{len(found[0])}\x00", UUID.sub("\x00U\x00", segment))


def _shape(tail: list[str]) -> str:
    """The tail with numbers taken out, but not the words: show_12.html is not list_12.html."""
    return "/".join(re.sub(r"\d+", "#", re.sub(r"\x00(?:U|S|H\d+)\x00", "*", _mask(segment))) for segment in tail)


def _expression(members: list[tuple[list[str], list[str]]]) -> str:
    tails = [[PIECE.split(_mask(segment)) for segment in tail] for _, tail in members]
    segments = []
    for place in range(len(tails[0])):
        columns = list(zip(*(tail[place] for tail in tails), strict=True))
        segments.append("".join(_piece(column) for column in columns))
    tail = "/".join(segments)
    end = (
        "$"
        if tail.endswith(("html", "htm", "/", "php", "jsp", "aspx", "pdf")) or re.search(r"\)$|\+$|\}$", tail)
        else ""
    )
    if STRONG.search(tail) or re.match(r"[a-zA-Z]+_?\\d[+{]", tail):
        return f"/{tail}{end}"
    return f"{_folders([folders for folders, _ in members])}/{tail}{end}"


def _piece(column: tuple[str, ...]) -> str:
    """One piece of a segment over all samples: a literal, a number, a hash."""
    first = column[0]
    if all(re.fullmatch(r"\d+", piece) for piece in column):
        size = len(first)
        return rf"\d{{{size}}}" if size in (4, 6, 8) and all(len(piece) == size for piece in column) else r"\d+"
    if first.startswith("\x00U"):
        return r"[0-9a-f]{8}-[0-9a-f-]+"
    if first.startswith("\x00H"):
        return rf"[0-9a-f]{{{first[2:-1]}}}" if len(set(column)) == 1 else r"[0-9a-f]{16,}"
    if first == "\x00S\x00":
        return "[^/]+"
    return _literal(first) if len(set(column)) == 1 else r"[\w.-]+"


def _literal(text: str) -> str:
    """re.escape without the backslashes that nobody needs to read."""
    return re.escape(text).replace("\\-", "-")


def _folders(paths: list[list[str]]) -> str:
    """Folders of a weak tail: common start, then the alternatives, masked where there are many."""
    unique = sorted({"/".join(path) for path in paths})
    if len(unique) == 1:
        return f"/{_literal(unique[0])}" if unique[0] else r"\w"  # at the root: host, then the tail
    depth = 0
    while all(len(path) > depth for path in paths) and len({path[depth] for path in paths}) == 1:
        depth += 1
    head = "".join(f"/{_literal(segment)}" for segment in paths[0][:depth])
    rests = sorted({"/".join(path[depth:]) for path in paths})
    if len(rests) <= MOST_FOLDERS and all(rests):
        return f"{head}/(?:{'|'.join(_literal(rest) for rest in rests)})"
    return head
