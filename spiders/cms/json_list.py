"""Lists behind a JSON (or JSONP) endpoint, driven by data in the definition: the page is a shell, the rows come by XHR.

The list's `url` is the address of the first answer, or the human page if `request` says where the answers are.  What
is left out is found in the answer itself when it uses usual names (`propose` does that for onboarding):

    [list.options]
    page    = "pageNo"                # the parameter of `url` that counts pages; or, instead:
    request = "https://www.x.cn/api/list?col=12&page={page}"   # {page}; {offset} counts entries
    method  = "POST"                  # default GET
    body    = '{"pageNo": {page}}'    # sent as it stands, {page} and {offset} filled
    headers = { Content-Type = "application/json" }
    first   = 1                       # number of the first page (0 for some)
    size    = 20                      # entries a page; tells the last one and feeds {offset}
    items   = "data.list"             # path to the entries; "*" walks a list
    title   = "title"
    url     = "url"                   # a path, or a template over the entry: "/detail.html?id={id}"
    date    = "publishTime"           # text as shown, or seconds/milliseconds since 1970 (given in UTC+8)
    source  = "mediaName"             # who wrote it
    total   = "data.total"            # entries in all; or pages = "data.totalPage"
    html    = "data.html"             # instead of items: a piece of HTML that holds the list

Recognised by a body that is JSON or JSONP with a list of objects that have a title.  Paging: the page number comes from
the request that brought the answer; the last page is where total, pages or a short page say so, or nothing came.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from pipelines.decode import Document
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.lists import article_rows
from spiders.cms.records import inner
from spiders.cms.shown import clean_title
from spiders.links import resolve


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Names that answers of the known platforms and of the usual frameworks use, best first.
TITLES = _names("title realtitle TITLE Title headline subject doctitle DOCTITLE articleTitle infoTitle bt name")
URLS = _names("url URL link linkurl infourl href docpuburl DOCPUBURL publishUrl post_url web_url articleUrl path")
DATES = _names(
    "publishedTimeStr display_publish_time first_publish_time publishTime publish_time PUBDATE pubDate pubdate "
    "pub_date infodate webdate docreltime DOCRELTIME PUBLISHED_TIME_FORMAT publishDate publish_date publishedTime "
    "published releaseTime release_time public_timestamp trs_time createTime create_time created_at date time "
    "datetime showTime"
)
SOURCES = _names(
    "source sourceText docsource DOCSOURCE sourceName source_name infosource articleSource origin ly publisher"
)
TOTALS = _names("total totalCount total_count totalcount totalRecord totalRecords AllCount allRow count recordCount")
PAGES = _names("totalPage totalPages pages pageCount total_page total_pages pagecount totalPageNum")
JSONP = re.compile(r"^\s*(?:/\*\*/)?\s*[\w$.]{1,100}\s*\(\s*(?=[\[{])")
CHINA = timezone(timedelta(hours=8))
DEEPEST = 40  # levels; answers are shallow, hostile ones are not


class JsonList:
    NAME = "json"

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if not re.match(r"\s*(?:[\[{]|(?:/\*\*/)?\s*[\w$.]{1,100}\s*\()", page.text[:200]):
            return ()
        found = propose(page)
        return (f"json: {found['items'] or '(root)'} with {found.get('title')}",) if found else ()

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        return rows_of(page, _options(page, visit))

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        options = _options(page, visit)
        template = _template(options, page, visit)
        if not rows or "{" not in template + str(options.get("body") or ""):
            return None
        first, size = int(options.get("first", 1)), int(options.get("size") or len(rows))
        here = _number(template, str(options.get("body") or ""), page, visit, size)
        here = first if here is None else here
        answer = value(page)
        total, pages = _count(answer, options.get("total")), _count(answer, options.get("pages"))
        done = here - first + 1
        if pages is not None and done >= pages:
            return None
        if total is not None and done * size >= total:
            return None
        if total is None and pages is None and len(_entries(answer, options)) < size:
            return None
        return request({**options, "request": template}, page.url, here + 1, size)


def rows_of(page: Document, options: Mapping[str, Any]) -> list[Row]:
    """Return the entries of an answer where the options say they are."""
    answer = value(page)
    if isinstance(options.get("html"), str):
        piece = at(answer, options["html"])
        return article_rows(inner(page, piece)) if isinstance(piece, str) else []
    found: dict[str, Row] = {}
    for entry in _entries(answer, options):
        url = _address(page, entry, options)
        if url is not None:
            title = at(entry, str(options.get("title", "title")))
            day = shown(at(entry, str(options["date"]))) if options.get("date") else None
            named = at(entry, str(options["source"])) if options.get("source") else None
            found.setdefault(url, Row(url, plain(title), day, plain(named)))
    return list(found.values())


def opening(url: str, options: Mapping[str, Any]) -> Ask:
    """Return the request of the first page of a list whose human page is `url`."""
    return request(options, url, int(options.get("first", 1)), int(options.get("size") or 0))


def request(options: Mapping[str, Any], base: str, number: int, size: int) -> Ask:
    """Fill the templates of the options with a page number.  Raises ValueError when the template is no address."""
    first = int(options.get("first", 1))
    places = {"{page}": str(number), "{offset}": str((number - first) * size)}

    def fill(text: str) -> str:
        for name, filled in places.items():
            text = text.replace(name, filled)
        return text

    url = resolve(base, fill(str(options.get("request") or base)))
    if url is None:
        raise ValueError(f"options.request = {options.get('request')!r}: no http(s) address")
    headers = tuple((str(name), str(text)) for name, text in dict(options.get("headers") or {}).items())
    return Ask(url, str(options.get("method", "GET")).upper(), headers, fill(str(options.get("body") or "")).encode())


def propose(page: Document) -> dict[str, Any]:
    """Return options (items, title, url, date, source, total, pages) that fit an answer; empty when it lists no titles."""
    answer = value(page)
    best: tuple[int, str, list[Any]] = (0, "", [])
    for path, found in _lists(answer):
        objects = [entry for entry in found if isinstance(entry, dict)]
        titled = sum(
            1
            for entry in objects
            if _first(entry, TITLES) and (_first(entry, URLS) or _first(entry, DATES) or "id" in entry)
        )
        if titled > best[0]:
            best = (titled, path, objects)
    if not best[0]:
        return {}
    entry = best[2][0]
    options: dict[str, Any] = {"items": best[1]}
    for name, known in (("title", TITLES), ("url", URLS), ("date", DATES)):
        key = _first(entry, known)
        if key:
            options[name] = key
    named = next((key for key in SOURCES if any(isinstance(one.get(key), str) and one[key] for one in best[2])), None)
    if named:
        options["source"] = named
    for path, count in _numbers(answer):
        key = path.rsplit(".", 1)[-1]
        if key in TOTALS and "total" not in options and count >= len(best[2]):
            options["total"] = path
        elif key in PAGES and "pages" not in options:
            options["pages"] = path
    return options


def value(page: Document) -> Any:
    """The answer as Python values; JSONP unwrapped; None when it is no JSON."""
    text = page.text.lstrip("\ufeff \r\n\t")
    wrapped = JSONP.match(text)
    if wrapped:
        text = text[wrapped.end() : text.rfind(")")]
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def at(answer: Any, path: str) -> Any:
    """Follow a path of keys and numbers; "" is the answer itself, "*" gathers over a list; None where it ends."""
    found = answer
    for number, key in enumerate(filter(None, path.split("."))):
        if key == "*":
            rest = ".".join(path.split(".")[number + 1 :])
            inner = [at(one, rest) for one in found] if isinstance(found, list) else []
            return [one for many in inner for one in (many if isinstance(many, list) else [many])]
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.lstrip("-").isdigit() and -len(found) <= int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found


def plain(title: object) -> str | None:
    """A title from JSON: entities and highlighting tags out."""
    if not isinstance(title, str | int):
        return None
    return clean_title(html.unescape(re.sub(r"<[^<>]{0,200}>", "", str(title)))) or None


def shown(day: object) -> str | None:
    """A date from JSON: text as it stands, seconds or milliseconds since 1970 as local time of China."""
    if isinstance(day, bool) or day is None:
        return None
    if isinstance(day, str) and not day.strip().isdigit():
        return " ".join(day.split()) or None
    number = int(float(str(day).strip()))
    for unit in (1, 1000):
        if 600_000_000 < number / unit < 4_000_000_000:
            return datetime.fromtimestamp(number / unit, CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return str(day) if 19_900_000 < number < 21_000_000 else None


def _options(page: Document, visit: Visit) -> Mapping[str, Any]:
    """What the definition says, filled up with what the answer itself shows."""
    if {"items", "title", "url"} <= set(visit.options) or "html" in visit.options:
        return visit.options
    return {**propose(page), **visit.options}


def _entries(answer: Any, options: Mapping[str, Any]) -> list[Any]:
    found = at(answer, str(options.get("items", "")))
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _address(page: Document, entry: Any, options: Mapping[str, Any]) -> str | None:
    named = str(options.get("url", "url"))
    if "{" in named:
        keys = re.findall(r"\{([\w.]+)\}", named)
        values = {key: at(entry, key) for key in keys}
        if any(found is None or found == "" for found in values.values()):
            return None
        return resolve(
            str(options.get("base") or page.url), re.sub(r"\{([\w.]+)\}", lambda m: str(values[m[1]]), named)
        )
    found = at(entry, named)
    return resolve(str(options.get("base") or page.url), found) if isinstance(found, str) else None


def _template(options: Mapping[str, Any], page: Document, visit: Visit) -> str:
    """The `request` of the options, or the URL of this page with its page parameter (of any value) as the place."""
    if options.get("request"):
        return str(options["request"])
    url, name = (visit.asked.url if visit.asked else page.url), str(options.get("page") or "")
    if not name:
        return url if options.get("body") else ""
    form = re.sub(rf"([?&]{re.escape(name)}=)[^&#]*", lambda found: f"{found[1]}{{page}}", url, count=1)
    return form if "{page}" in form else f"{url}{'&' if '?' in url else '?'}{name}={{page}}"


def _number(template: str, body: str, page: Document, visit: Visit, size: int) -> int | None:
    """Page number of the request that brought this answer, read back through the template."""
    asked = visit.asked
    first = int(visit.options.get("first", 1))
    texts = (
        (template, asked.url if asked else page.url),
        (body, asked.body.decode("utf-8", "replace") if asked else ""),
    )
    for form, text in texts:
        for place in ("{page}", "{offset}"):
            if place not in form or not text:
                continue
            head, tail = form.split(place, 1)
            near = re.search(re.escape(head[-20:]) + r"(\d{1,9})" + re.escape(re.split(r"[{]", tail)[0][:20]), text)
            if near:
                return int(near[1]) if place == "{page}" else first + int(near[1]) // max(size, 1)
    return None


def _count(answer: Any, path: object) -> int | None:
    found = at(answer, str(path)) if path else None
    return int(found) if isinstance(found, int | str) and str(found).isdigit() else None


def _first(entry: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if entry.get(name) not in (None, "", [], {})), None)


def _walk(answer: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its path, without recursion; of lists only the first entry is entered."""
    waiting: list[tuple[str, Any, int]] = [("", answer, 0)]
    seen = 0
    while waiting and seen < 5000:
        path, found, depth = waiting.pop(0)
        seen += 1
        yield path, found
        if depth < DEEPEST:
            if isinstance(found, dict):
                waiting += [
                    (f"{path}.{key}".lstrip("."), one, depth + 1)
                    for key, one in found.items()
                    if "." not in key and key
                ]
            elif isinstance(found, list) and found and isinstance(found[0], dict | list):
                waiting.append((f"{path}.0".lstrip("."), found[0], depth + 1))


def _lists(answer: Any) -> Iterator[tuple[str, list[Any]]]:
    return ((path, found) for path, found in _walk(answer) if isinstance(found, list))


def _numbers(answer: Any) -> Iterator[tuple[str, int]]:
    for path, found in _walk(answer):
        if (
            isinstance(found, int | str)
            and not isinstance(found, bool)
            and str(found).isdigit()
            and len(str(found)) < 10
        ):
            yield path, int(found)
