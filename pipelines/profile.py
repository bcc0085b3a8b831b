"""Site profiles: what the pages of one site and layout share, kept as readable JSON.

Pages of a site come from few templates; knowing the container of each is nearly the whole gap between 0.91 and 0.98
body F1, and lines that end every page are no article.  A profile is a proposal with its support beside it: it is used
where its container stands on the page; where the page's own text disagrees, or no container stands there, the record is
flagged.  Learned by pipelines.learn at onboarding and on reported drift only, never while crawling.
"""

import re

import msgspec
from msgspec import Struct

from pipelines.flow import Flow

CHANGING = re.compile(r"\d{3,}")


class Template(Struct, frozen=True):
    """One layout.

    container, title, date: paths of elements from the root, "html/body/div.main/div#content"; a run of three or more
    digits in a class or id is written as * because content systems number them.  suffix: what <title> says after the
    headline.  repeated: lines that begin or end the container on most pages.  support of pages: how many agreed.
    """

    container: str
    title: str | None = None
    date: str | None = None
    suffix: str | None = None
    repeated: tuple[str, ...] = ()
    support: int = 0
    pages: int = 0


class Profile(Struct, frozen=True):
    """Templates of a site, the newest and of these the best supported first.

    version: how often it was learned.  learned_from: the URLs of the pages of the last time.
    """

    version: int = 1
    templates: tuple[Template, ...] = ()
    learned_from: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=1)

    def followed_by(self, new: "Profile") -> "Profile":
        """The profile after learning again: templates that were not seen this time still serve pages of their layout."""
        seen = {_without_tbody(template.container) for template in new.templates}
        old = tuple(template for template in self.templates if _without_tbody(template.container) not in seen)
        return Profile(self.version + 1, new.templates + old, new.learned_from)

    @classmethod
    def from_json(cls, data: bytes) -> "Profile":
        """Raises msgspec.ValidationError naming the key that is wrong."""
        return msgspec.json.decode(data, type=cls)


def path_of(flow: Flow, node: int) -> str:
    """Path of an element: tags with id, else with classes, from the root; without the <tbody> that parsers add."""
    steps = [_step(flow, one) for one in flow.path(node)]
    return "/".join(reversed(steps[:1] + [step for step in steps[1:] if step != "tbody"]))


def _without_tbody(path: str) -> str:
    """A stored path without <tbody>, which those of earlier profiles have."""
    return path.replace("/tbody/", "/")


def _step(flow: Flow, node: int) -> str:
    if ident := flow.idents[node].strip():
        return f"{flow.tags[node]}#{CHANGING.sub('*', ident)}"
    return ".".join([flow.tags[node], *sorted(set(CHANGING.sub("*", flow.marks[node]).split()))])


def find(flow: Flow, path: str | None) -> list[int]:
    """Elements with this path, in the order of the page."""
    if not path:
        return []
    path = _without_tbody(path)
    last = path.rsplit("/", 1)[-1]
    tag = re.split(r"[.#]", last, maxsplit=1)[0]
    near = (node for node, name in enumerate(flow.tags) if name == tag and _step(flow, node) == last)
    return [node for node in near if path_of(flow, node) == path]


def found_template(profile: Profile, flow: Flow) -> tuple[Template, int] | None:
    """The first template whose container stands on the page exactly once, and the element."""
    for template in profile.templates:
        nodes = find(flow, template.container)
        if len(nodes) == 1:
            return template, nodes[0]
    return None
