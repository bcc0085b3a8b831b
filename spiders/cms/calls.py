"""Requests of CMS data calls: parameters of a URL read and changed, forms and JSON bodies made, Referer kept."""

import re
from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Visit


def parameter(url: str, name: str) -> str | None:
    """Value of a query parameter as it stands in the URL, escapes and all; the first, letter case of names ignored."""
    found = re.search(rf"[?&]{re.escape(name)}=([^&#]*)", url, re.I)
    return found[1] if found else None


def with_parameter(url: str, name: str, value: str) -> str:
    """The URL with this parameter set; the others stay as they are and where they are."""
    form = re.compile(rf"([?&]{re.escape(name)}=)[^&#]*", re.I)
    if form.search(url):
        return form.sub(lambda found: found[1] + value, url, count=1)
    return f"{url}{'&' if '?' in url else '?'}{name}={value}"


def counted_on(url: str, name: str) -> str | None:
    """The URL with a page parameter raised by one, None if it has none."""
    value = parameter(url, name)
    return with_parameter(url, name, str(int(value) + 1)) if value and value.isdigit() else None


def referer(page: Document, visit: Visit) -> tuple[tuple[str, str], ...]:
    """Headers of a data call: the Referer of the list page, handed on from call to call."""
    kept = tuple(pair for pair in visit.asked.headers if pair[0].lower() == "referer") if visit.asked else ()
    return kept or (("Referer", page.url),)


def get(url: str, page: Document, visit: Visit) -> Ask:
    return Ask(url, "GET", referer(page, visit))


def encoded(fields: Mapping[str, str], encoding: str = "utf-8") -> str:
    """Fields as a form sends them, in the encoding of its page."""
    pairs = ((name.encode(encoding, "replace"), value.encode(encoding, "replace")) for name, value in fields.items())
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def form(url: str, fields: Mapping[str, str], page: Document, visit: Visit) -> Ask:
    """A POST as a browser's form sends it.  fields: values not yet escaped."""
    body = encoded(fields)
    headers = (("Content-Type", "application/x-www-form-urlencoded"), *referer(page, visit))
    return Ask(url, "POST", headers, body.encode())


def json_body(url: str, fields: Mapping[str, object], page: Document, visit: Visit) -> Ask:
    headers = (("Content-Type", "application/json"), *referer(page, visit))
    return Ask(url, "POST", headers, msgspec.json.encode(dict(fields)))
