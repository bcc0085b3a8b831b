"""Page numbers in list URLs: read, changed, and guessed where a page gives no sign.

?page=3, index_3.html, list-6-3.html, /page/3/.  Used by spiders.cms.turns and by onboarding, which probes the guesses.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipelines.decode import Document
from spiders.cms.adapter import Ask

SUFFIX = re.compile(r"^(.*?[-_/]|(?:p|pg|page))(\d{1,5})(\.\w{2,5}|/)?$", re.I)
PAGE_PARAMETER = re.compile(
    r"([?&](?:page|pageno|pageindex|page_no|page_index|pagenum|pagenumber|curpage|cur_page|currentpage|currpage|p|pg|paged|pn|pager)=)(\d{1,5})(?=&|$)",
    re.I,
)


def page_number(url: str) -> int | None:
    """Page number that a list URL carries: ?page=3, index_3.html, list-6-3.html, /page/3/."""
    parameter = PAGE_PARAMETER.search(url)
    if parameter:
        return int(parameter[2])
    parts = urlsplit(url)
    if parts.query:
        return None
    suffix = SUFFIX.match(
        parts.path.rsplit("/", 1)[-1] if not parts.path.endswith("/") else "/".join(parts.path.split("/")[-3:])
    )
    return int(suffix[2]) if suffix else None


def with_page(url: str, value: int) -> str:
    """The same list URL with another page number."""
    if PAGE_PARAMETER.search(url):
        return PAGE_PARAMETER.sub(lambda found: f"{found[1]}{value}", url, count=1)
    return re.sub(r"(\d{1,5})(\.\w{2,5}|/)?$", lambda found: f"{value}{found[2] or ''}", url)


def candidates(page: Document) -> list[Ask]:
    """Return what page 2 may be called where the page gives no sign, likeliest first; for onboarding to probe.

    Accept the first that brings at least three articles unknown on page 1; then try number 1 too, in case the site
    counts from 0.  Only for first pages.
    """
    return [Ask(url) for url in dict.fromkeys(_guesses(page.url)) if url != page.url]


def _guesses(url: str) -> Iterator[str]:
    base = url.partition("#")[0]
    path, mark, query = base.partition("?")
    folder, _, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not mark:
        if dot:
            for form in ("_1", "_2", "-2", "2", "-1"):
                yield f"{folder}/{stem}{form}.{extension}"
            if stem != "index":
                yield from (f"{folder}/index_{n}.{extension}" for n in (1, 2))
            yield f"{folder}/{stem}/2.{extension}"
            yield f"{folder}/2.{extension}"
        else:
            yield from (f"{path.rstrip('/')}/index_{n}.{e}" for e in ("html", "shtml", "htm") for n in (1, 2))
            yield f"{path.rstrip('/')}/list_2.html"
            yield f"{path.rstrip('/')}/2/"
            yield f"{path.rstrip('/')}/page/2/"
    joint = "&" if mark and query else "?"
    for parameter in ("page", "pageNo", "PageIndex", "cur_page", "currentPage", "pageNum", "p"):
        yield f"{base.rstrip('&')}{joint}{parameter}=2"
