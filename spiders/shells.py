"""A page whose rows come by script -> the data call that brings them, proved by its answer.

The calls are read out of inline and own external scripts (spiders.cms.xhr); nothing is run.  Addresses that were
refused once are not asked again, and after a few of them a site is left to a browser.  Used by spiders.survey.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from spiders.cms import json_list, xhr
from spiders.cms.adapter import Ask
from spiders.links import in_scope, resolve
from spiders.probe import Probe, Prober, identity

MOST_REFUSALS = 3  # data calls that fail before shell pages are left to a browser
MOST_SCRIPTS = 4  # external scripts that are read, a site
LIBRARIES = re.compile(
    r"jquery|bootstrap|swiper|vue(?:\.|-|@)|react|angular|lodash|layui|echarts|slick|superslide|polyfill|analytics|"
    r"hm\.js|share|md5|crypto|moment|animate|wow|video|player|\.min\.css|modernizr|respond|html5shiv|iscroll|font|"
    r"axios(?:\.min)?\.js|handlebars|mustache|doT|template-web|weixin|wx|zoom|validform|dialog|chosen|pagination|swfobject",
    re.I,
)
SHELL = re.compile(
    r"\{\{|<%=|<div[^>]{0,100}\bid=[\"']?(?:app|root|__next|__nuxt)\b|\bv-for=|\bng-repeat=|x-template", re.I
)
SOURCES = ("source", "sourceName", "source_name", "contentSource", "infosource", "media", "publisher", "ly")
LONG = 1500  # characters of visible text; a page that says more is filled already


@dataclass(frozen=True)
class Call:
    """A data call that answered with a list.  options: of the `[[list]]`, tidied.  piece: it is HTML, not JSON."""

    asked: Ask
    answer: Probe
    options: dict[str, Any]
    piece: bool = False


class Shells:
    """Reads shell pages of one site."""

    def __init__(self, prober: Prober) -> None:
        self.prober = prober
        self.scripts: dict[str, str] = {}
        self.refused: set[str] = set()  # addresses without their query
        self.vain: set[tuple[str, ...]] = set()  # sets of scripts in which no data call was found that answers

    async def call(self, probe: Probe, home: str) -> Call | None:
        """Return the first data call of the page that brings titles.  Raises OutOfBudgetError."""
        if len(self.refused) >= MOST_REFUSALS or (not is_shell(probe) and probe.visible > LONG):
            return None
        calls = xhr.discover(probe.document)
        scripts = own_scripts(probe, home)
        if not calls and scripts and scripts not in self.vain:
            calls = xhr.discover(probe.document, [await self.text(url) for url in scripts])
        for options in calls[:3]:
            asked = json_list.opening(probe.url, options)
            endpoint = asked.url.partition("?")[0]
            if identity(home, asked.url) is None or endpoint in self.refused:
                continue
            answer = await self.prober.read(asked)
            proposed = json_list.propose(answer.document) if answer.obstacle is None else {}
            if proposed:
                found = {**options, **proposed} | source_key(answer, str(proposed["items"]))
                if "url" not in proposed:
                    entry = first_entry(answer, str(proposed["items"]))
                    made = xhr.address(probe.document, [await self.text(url) for url in scripts], entry)
                    found |= {"url": made} if made else {}
                return Call(asked, answer, tidy(found, probe.url))
            if is_piece(answer) and asked.method == "GET":
                request = str(options["request"])
                return Call(asked, answer, {"next": request} if "{page}" in request else {}, piece=True)
            self.refused.add(endpoint)
        self.vain.add(scripts)
        return None

    async def text(self, url: str) -> str:
        """Text of a script; each is asked once, and only so many of a site."""
        if url not in self.scripts and len(self.scripts) < MOST_SCRIPTS:
            answer = await self.prober.read(url)
            self.scripts[url] = answer.document.text if answer.obstacle is None else ""
        return self.scripts.get(url, "")


def own_scripts(probe: Probe, home: str) -> tuple[str, ...]:
    """External scripts of the page's own site, libraries left out."""
    found: dict[str, None] = {}
    for node in probe.document.tree.iter("script"):
        url = resolve(probe.document.base, node.get("src"))
        if url is not None and in_scope(home, url) and not LIBRARIES.search(url.rsplit("/", 1)[-1]):
            found[url] = None
    return tuple(found)


def is_shell(probe: Probe) -> bool:
    """Say whether a page carries the marks of templates that a script fills."""
    return bool(SHELL.search(probe.document.text[:200_000]))


def is_piece(answer: Probe) -> bool:
    """Say whether an answer is a piece of HTML with rows; a whole page is what servers send for any address."""
    if answer.obstacle is not None or answer.document.kind != "html":
        return False
    return "<body" not in answer.document.text.lower() and len(answer.listing.rows) > 0


def first_entry(answer: Probe, items: str) -> dict[str, Any]:
    """The first entry of an answer; empty when there is none."""
    first = json_list.at(json_list.value(answer.document), f"{items}.0".lstrip("."))
    return first if isinstance(first, dict) else {}


def source_key(answer: Probe, items: str) -> dict[str, str]:
    """The key of the entries that names where an article came from, as an option; none if there is none."""
    first = first_entry(answer, items)
    key = next((name for name in SOURCES if isinstance(first.get(name), str)), None)
    return {"source": key} if key else {}


def tidy(options: dict[str, Any], page: str) -> dict[str, Any]:
    """Options as a person would write them: addresses of the same host without it, what goes without saying left out."""
    granted = {"title": "title", "url": "url", "method": "GET", "first": 1}
    kept = {key: value for key, value in options.items() if value not in (None, "", {}) and granted.get(key) != value}
    if kept.get("pages"):
        kept.pop("total", None)
    root, request = urljoin(page, "/"), str(kept.get("request", ""))
    if request.startswith(root):
        kept["request"] = request[len(root) - 1 :]
    return kept
