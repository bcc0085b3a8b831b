"""Site profiles: what the pages of one site and layout share, learned from a few of them, kept as readable JSON.

Pages of a site come from few templates; knowing the container of each is nearly the whole gap between 0.91 and 0.98
body F1, and lines that repeat on other pages are no article.  A profile is a proposal with its support beside it: it is used
where its container is found, and where the page's own text disagrees the record is flagged.  Learned at onboarding
and on reported drift only, never while crawling.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from pipelines.flow import INLINE, Flow

VERSION = 1
SUPPORT = 2  # pages that must agree on a container, or show a line
REPEATED_SHARE = 0.5
REPEATED_CHARS = 200
COVERED = 0.9  # share of the body's own text a learned container must hold
CHANGING = re.compile(r"\d{3,}")


class Template(Struct, frozen=True):
    """One layout.

    container, title, date: paths of elements from the root, "html/body/div.main/div#content"; a run of three or more
    digits in a class or id is written as * because content systems number them.  suffix: what <title> says after the headline.
    repeated: lines inside the container that stand on several pages.  support of pages: how many agreed.
    """

    container: str
    title: str | None = None
    date: str | None = None
    suffix: str | None = None
    repeated: tuple[str, ...] = ()
    support: int = 0
    pages: int = 0


class Profile(Struct, frozen=True):
    """Templates of a site, the best supported first.  learned_from: the pages, as their reader names them."""

    version: int = VERSION
    templates: tuple[Template, ...] = ()
    learned_from: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=1)

    @classmethod
    def from_json(cls, data: bytes) -> "Profile":
        """Raises msgspec.ValidationError naming the key that is wrong."""
        return msgspec.json.decode(data, type=cls)


class Seen(Struct, frozen=True):
    """What learning needs of one page.

    paths: of the container and the elements around it up to the headline's block, innermost first, with the lines each holds.
    kept: lines of the body.
    """

    name: str
    paths: tuple[tuple[str, tuple[str, ...]], ...]
    kept: tuple[str, ...]
    title: str | None
    date: str | None
    suffix: str | None


def path_of(flow: Flow, node: int) -> str:
    """Path of an element: tags with id, else classes, from the root."""
    return "/".join(reversed([_step(flow, one) for one in flow.path(node)]))


def _step(flow: Flow, node: int) -> str:
    element = flow.elements[node]
    ident, mark = element.get("id"), element.get("class")
    step = flow.tags[node]
    if ident:
        step += "#" + CHANGING.sub("*", ident.strip())
    elif mark:
        step += "." + ".".join(sorted(CHANGING.sub("*", mark).split()))
    return step


def found_template(profile: Profile, flow: Flow) -> tuple[Template, int] | None:
    """The first template whose container stands on the page, and the element."""
    for template in profile.templates:
        node = find(flow, template.container)
        if node >= 0:
            return template, node
    return None


def find(flow: Flow, path: str) -> int:
    """First element with this path, -1 if there is none."""
    last = path.rsplit("/", 1)[-1]
    tag = re.match(r"[^.#]+", last)
    for node, name in enumerate(flow.tags):
        if tag and name == tag[0] and _step(flow, node) == last and path_of(flow, node) == path:
            return node
    return -1


def profile_of(pages: Sequence[Seen]) -> Profile:
    """Vote: the innermost path that holds the bodies of most pages, then the same among the rest."""
    templates: list[Template] = []
    left = list(pages)
    while len(left) >= SUPPORT:
        path = _best_path(left)
        if path is None:
            break
        agreed = [page for page in left if path in dict(page.paths)]
        templates.append(_template(path, agreed, len(left)))
        left = [page for page in left if page not in agreed]
    return Profile(templates=tuple(templates), learned_from=tuple(page.name for page in pages))


def _best_path(pages: list[Seen]) -> str | None:
    support = Counter(path for page in pages for path, _ in page.paths)
    if not support:
        return None
    most = max(support.values())
    if most < SUPPORT:
        return None
    close = [path for path, count in support.items() if count >= 0.8 * most]
    return max(close, key=lambda path: (support[path] == most, path.count("/")))


def _template(path: str, pages: list[Seen], seen: int) -> Template:
    lines = Counter(line for page in pages for line in set(dict(page.paths)[path]) if len(line) <= REPEATED_CHARS)
    enough = max(SUPPORT, REPEATED_SHARE * len(pages))
    repeated = tuple(line for line, count in lines.items() if count >= enough and len(pages) > SUPPORT)
    return Template(
        container=path,
        title=_common(page.title for page in pages),
        date=_common(page.date for page in pages),
        suffix=_common(page.suffix for page in pages),
        repeated=repeated,
        support=len(pages),
        pages=seen,
    )


def _common(values: Iterable[str | None]) -> str | None:
    counted = Counter(value for value in values if value)
    best = counted.most_common(1)
    return best[0][0] if best and best[0][1] >= SUPPORT else None


def is_candidate(flow: Flow, node: int) -> bool:
    """Whether an element can be a learned container: a block, not the page itself."""
    return flow.tags[node] not in INLINE and flow.tags[node] not in ("html", "body")
