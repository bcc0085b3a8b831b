"""Pager calls in the scripts of a list page -> the URL of the next page.

The arguments decide the base: createPageHTML with a number first is TRS and counts from 0, with a string first UCAP and
counts from 1; variables and plugin settings mean the same in other words.  Used by spiders.cms.turns.
"""

import re
from urllib.parse import urljoin, urlsplit

from pipelines.decode import Document
from spiders.cms.handlers import LOCATION
from spiders.cms.pagenumbers import page_number
from spiders.cms.scripts import calls, is_text, number, plain, summed, variable
from spiders.links import resolve

WRITTEN = re.compile(r"""\.\\?["']?\s*(?:\+\s*["'])?(s?html?)\b(?!\s*\()""")  # nextPage+"."+"htm", not $(…).html(
PAGE_NAME = re.compile(r"(?:cur(?:rent)?_?)?page(?:_?(?:no|num|number|index))?|pageindex|curr|current|num|index", re.I)


def called(page: Document, script: str) -> str | None:
    """A pager call or the variables that a static pager is made from."""
    for arguments in calls(script, "createPageHTML", "createPage", "createPageHTML2", "createPageHtml"):
        if len(arguments) < 4:
            continue
        if is_text(arguments[0]) and not plain(arguments[0]).isdigit() and len(arguments) >= 5:
            total, current = number(script, arguments[1]), number(script, arguments[2])
            return one_based(page, total, current, plain(arguments[3]), plain(arguments[4]))
        total, current = number(script, arguments[0]), number(script, arguments[1])
        return zero_based(page, total, current, plain(arguments[2]), plain(arguments[3]))
    pager = re.search(r"(?<![\w.])Pager\s*\(\s*\{([^{}]{5,600})\}", script)
    if pager:
        total, current = number(pager[1], "size"), number(pager[1], "current")
        name, suffix = variable(pager[1], "prefix"), variable(pager[1], "suffix")
        if total and current is not None and name and suffix:
            return zero_based(page, total, current, name, suffix)
    count, place = variable(script, "countPage"), variable(script, "currentPage")
    if count and place and (count + place).isdigit() and re.search(r"index|_\"?\s*\+", script):
        name, extension = _own_name(page)
        written = WRITTEN.search(script) if page.url.endswith("/") else None
        extension = written[1] if written else extension
        return zero_based(
            page, int(count), int(place), re.sub(rf"_{place}$", "", name) if int(place) else name, extension
        )
    records, size = variable(script, "m_nRecordCount", "nRecordCount"), variable(script, "m_nPageSize", "nPageSize")
    if records and size and (records + size).isdigit() and int(size):
        here = int(variable(script, "m_nCurrPage", "nCurrIndex") or 0)
        name, extension = _own_name(page)
        return zero_based(
            page, -(-int(records) // int(size)), here, re.sub(rf"_{here}$", "", name) if here else name, extension
        )
    for arguments in calls(script, "nsetpage"):  # current from 1, entries, entries a page
        held = [number(script, argument) or 0 for argument in arguments[:3]]
        if len(held) == 3 and all(held):
            name, extension = _own_name(page)
            return one_based(page, -(-held[1] // held[2]), held[0], re.sub(rf"_{held[0]}$", "", name), extension)
    return _assembled(page, script)


def zero_based(page: Document, total: int | None, current: int | None, name: str, extension: str) -> str | None:
    """TRS: page p (from 0) is name_p.ext.  total None: unknown, believed (`stop on nothing new` ends the walk)."""
    if current is None or (total is not None and current + 1 >= total) or not name or not extension:
        return None
    return _sibling(page, f"{name}_{current + 1}.{extension.lstrip('.')}")


def one_based(page: Document, total: int | None, current: int | None, name: str, extension: str) -> str | None:
    """UCAP: page p (from 1) is name_p.ext, the first has no number."""
    if current is None or total is None or current >= total or not name or not extension:
        return None
    return _sibling(page, f"{name}_{max(current, 1) + 1}.{extension.lstrip('.')}")


def _sibling(page: Document, name: str) -> str | None:
    return resolve(urljoin(page.url, "."), name) if re.fullmatch(r"[\w.%/~-]{1,200}", name) else None


def _own_name(page: Document) -> tuple[str, str]:
    name = urlsplit(page.url).path.rsplit("/", 1)[-1] or "index.html"
    stem, _, extension = name.rpartition(".")
    return (stem, extension) if stem else (name, "html")


def _assembled(page: Document, script: str) -> str | None:
    """A click handler that builds the URL: location.href = "/dir/" + (data.pageIndex + 1) + ".html"."""
    pages = variable(script, "pages", "pageCount", "totalPage", "totalPages", "pagecount", "countPage")
    total = variable(script, "total", "totalCount", "totalRecord", "recordCount", "count")
    size = variable(script, "pageSize", "pagesize", "numPerPage", "limit")
    if pages and pages.isdigit():
        last = int(pages)
    elif total and size and (total + size).isdigit() and int(size):
        last = -(-int(total) // int(size))
    else:
        return None
    here = page_number(page.url)
    if here is None and (bare_name := re.search(r"/(\d{1,5})\.\w{2,5}$", page.url)):
        here = int(bare_name[1])
    if (here or 1) >= last:
        return None

    def value(name: str) -> str | None:
        bare = re.sub(r"\s*[+-]\s*1", "", name.strip("() "))
        if not PAGE_NAME.fullmatch(bare.rsplit(".", 1)[-1]):
            return variable(script, bare.rsplit(".", 1)[-1])
        from_zero = bare.lower().endswith("index") and "+" not in name
        return str(here + 1 if here is not None else 1 if from_zero else 2)

    for place in LOCATION.finditer(script):
        if re.search(r"index|page|curr?|num", script[place.end() : place.end() + 300].partition(";")[0], re.I):
            url = summed(script, place.end(), value)
            if url is not None and re.search(r"[/?.]", url) and re.search(r"\d", url):
                return resolve(page.base, url)
    return None
