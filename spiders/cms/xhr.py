"""A shell page whose rows come by script -> the data calls that its scripts spell out, as options of adapter "json".

Nothing is run: the first argument of fetch, $.get, axios, url: … is read as a sum of strings and names; names that
count pages become {page}, data- attributes and variables of the page are put in, and what stays unknown makes the call
useless.  Onboarding asks the first page of each proposal and lets `json_list.propose` read the answer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pipelines.decode import Document
from spiders.cms.marks import patterns, seen
from spiders.cms.scripts import MOST, PIECES, script_text, summed, variable
from spiders.links import resolve, role_of_link

CALL = re.compile(
    r"(?:\bfetch|\$\.(?:get|post|getJSON|ajax)|axios(?:\.(?:get|post))?|\brequest(?:\.(?:get|post))?)\s*\(\s*(?=[\"'`\w])|"
    r"\)\.load\(\s*(?=[\"'`])|\burl\s*:\s*(?=[\"'`\w])|\.open\(\s*[\"'](?:GET|POST)[\"']\s*,\s*"
)
COUNTS = re.compile(
    r"(?:cur(?:rent)?_?)?(?:page|pn)(?:_?(?:no|num|number|index|idx))?|pageindex|pageno|cur|curr|p", re.I
)
FIXED = re.compile(
    r"([?&](?:page|pageno|pageindex|pagenum|page_no|pageNumber|pn|p|currentPage|curPage)=)(?:\d{1,3})?(?=&|$)", re.I
)
BLANKS = patterns(
    template=r"\{\{\s*[\w.$]{1,60}\s*[|}]|<%=\s*[\w.]{1,60}\s*%>|\{\{~",
    binding=r"\s(?:v-for|v-html|ng-repeat|ng-app|data-bind|x-data)=[\"']",
    root=r"<div[^<>]{0,80}\bid=[\"']?(?:app|root|__next|__nuxt)[\"']?[^<>]{0,80}>\s*</div>",
)
DATA = re.compile(r"api|json|list|data|query|rest|page|interface|news|article|info|action|servlet|\.do\b|search", re.I)
KEY = re.compile(r"(?:^|,)\s*[\"']?([\w.\[\]-]{1,60})[\"']?\s*:\s*")
LEADS = re.compile(r"href\s*[=:]\s*|location(?:\.href)?\s*=\s*(?!=)|window\.open\(\s*|data-(?:url|href)\s*=\s*")
JOINED = re.compile(r"""(?<!\\)["']\s*\+\s*["']""")
FILLED_IN = re.compile(
    r"""["'`]?\s*\+\s*([A-Za-z_$][\w$.]{0,60})\s*(?:\+\s*["'`]|(?=[,;)\n]|$))|\$\{\s*([\w$.]{1,60})\s*\}|\{\{\s*([\w$.]{1,60})\s*\}\}|<%=\s*([\w$.]{1,60})\s*%>"""
)
DEEPEST = 3  # variables that are set to others


def discover(page: Document, scripts: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return options (request, method, body, headers) of the data calls that may fill the page, likeliest first.

    scripts: text of the page's own external scripts, which usually hold them.
    """
    sources = [script_text(page), *(PIECES.sub(lambda found: found[1] or " ", text[:MOST]) for text in scripts)]
    everything = "\n".join(sources)
    found: dict[str, dict[str, Any]] = {}
    for source in sources:
        before = 0
        for call in CALL.finditer(source):
            following = CALL.search(source, call.end())
            opened = source.rfind("ajax(", max(before, call.start() - 300), call.start())  # type may stand before url
            start = opened if opened >= 0 else call.start()
            near = source[start : following.start() if following else start + 1200]
            before = call.end()
            address = summed(source, call.end(), lambda name: _value(name, page, everything))
            if address is None or not DATA.search(address) or role_of_link(address) in ("script", "style", "image"):
                continue
            options = _options(page, address, near[:1400], everything)
            if options is not None:
                found.setdefault(options["request"] + str(options.get("body", "")), options)
    return sorted(found.values(), key=lambda one: "{page}" not in one["request"] + str(one.get("body", "")))


def address(page: Document, scripts: Iterable[str], entry: Mapping[str, Any]) -> str | None:
    """Return where the scripts lead from an entry that carries no address: "/article/{id}.html"; None if they do not say.

    entry: one of the answer; only its keys are filled in, and one of them at least.
    """
    for source in (*scripts, script_text(page)):
        for place in LEADS.finditer(source[:MOST]):
            text = JOINED.sub("", source[place.end() : place.end() + 400])
            text = FILLED_IN.sub(lambda found: f"{{{next(name for name in found.groups() if name)}}}", text)
            text = re.split(r"[\s\"'`<>\\]", text.lstrip("\\\"'` +"), maxsplit=1)[0]
            names = re.findall(r"\{([^{}]{1,80})\}", text)
            keys = [name.strip().rsplit(".", 1)[-1] for name in names]
            if names and all(entry.get(key) not in (None, "") for key in keys) and re.search(r"[/?.]", text):
                for name, key in zip(names, keys, strict=True):
                    text = text.replace(f"{{{name}}}", f"{{{key}}}")
                return text
    return None


def unfilled(page: Document) -> tuple[str, ...]:
    """Return marks of a page that only a script can fill: template placeholders, the empty root of an application.

    Together with no rows and no data call found: needs a browser.
    """
    return seen(page, BLANKS)


def _value(name: str, page: Document, everything: str, depth: int = DEEPEST) -> str | None:
    """What a name stands for: a page counter, a data- attribute, a variable set to a text, a number or one of these."""
    held = re.search(r"\.dataset\.(\w+)$|(?:getAttribute|data|attr)\(\s*[\"'](?:data-)?([\w-]+)[\"']\s*\)$", name)
    if held:
        attribute = "data-" + re.sub(r"([A-Z])", lambda found: "-" + found[1].lower(), held[1] or held[2])
        return next((node.get(attribute) for node in page.tree.xpath(f"//*[@{attribute}]")), None)
    last = re.sub(r"\s*[+-]\s*1", "", name.strip("() ")).rsplit(".", 1)[-1]
    if COUNTS.fullmatch(last):
        return "{page}"
    known = variable(everything, last)
    set_to = (
        re.search(rf"(?<![\w$.]){re.escape(last)}\s*=\s*(?=[$\w])", everything) if known is None and depth else None
    )
    if set_to:
        return summed(everything, set_to.end(), lambda inner: _value(inner, page, everything, depth - 1))
    return known


def _options(page: Document, address: str, near: str, everything: str) -> dict[str, Any] | None:
    address = address if "{page}" in address else FIXED.sub(lambda found: found[1] + "{page}", address, count=1)
    url = resolve(page.base, address.replace("{page}", "000page000"))
    if url is None:
        return None
    options: dict[str, Any] = {"request": url.replace("000page000", "{page}")}
    posts = re.search(r"\$\.post|axios\.post|(?:type|method)\s*:\s*[\"']post|\.open\(\s*[\"']POST", near, re.I)
    fields = re.search(
        r"\bdata\s*:\s*(JSON\.stringify\(\s*)?\{([^{}]{0,800})\}|JSON\.stringify\(\s*\{([^{}]{0,800})\}", near
    )
    if fields:
        pairs = list(_pairs(fields[2] or fields[3] or "", page, everything))
        as_json = bool(fields[1] or fields[3])
        if posts and as_json:
            inner = ", ".join(
                f'"{key}": {value if value == "{page}" or value.isdigit() else chr(34) + value + chr(34)}'
                for key, value in pairs
            )
            options |= {"method": "POST", "body": f"{{{inner}}}", "headers": {"Content-Type": "application/json"}}
        elif pairs:
            form = "&".join(f"{quote(key)}={value if value == '{page}' else quote(value)}" for key, value in pairs)
            if posts:
                options |= {
                    "method": "POST",
                    "body": form,
                    "headers": {"Content-Type": "application/x-www-form-urlencoded"},
                }
            else:
                options["request"] += ("&" if "?" in options["request"] else "?") + form
    elif posts:
        options["method"] = "POST"
    return options


def _pairs(fields: str, page: Document, everything: str) -> Iterator[tuple[str, str]]:
    """Keys of an object literal with what they are set to; those whose value is not known are left out."""
    for found in KEY.finditer(fields):
        figure = re.compile(r"\d{1,12}(?![\w.])").match(fields, found.end())
        value = figure[0] if figure else summed(fields, found.end(), lambda name: _value(name, page, everything))
        if value is None and re.compile(r"\"\"|''").match(fields, found.end()):
            value = ""
        if value is None:
            continue
        yield found[1], "{page}" if COUNTS.fullmatch(found[1]) and value.isdigit() else value
