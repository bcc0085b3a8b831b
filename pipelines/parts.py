"""Articles in several pages: which links are further pages of the same article, and the pages joined to one.

Content systems number them t123_2.html, 123-2.html or ?page=2; a link counts only if it says a number or 下一页 and
differs from the page's own address in that number alone: 下一篇, and 上一页：headline, lead to other articles.
Used by pipelines.extract; the crawler fetches the parts and calls join.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec.structs import replace

from pipelines.decode import Document
from pipelines.flow import Flow
from pipelines.item import Article
from pipelines.media import Area

PAGE_LINK = re.compile(r"^\W*(?:第?\s?\d{1,2}\s?页?|下一?页|下一?頁|后一?页|尾页|末页|next(?:\spage)?|last)\W*$", re.I)
NUMBERED = re.compile(r"^(?P<stem>.*?)(?:[_-](?P<n>\d{1,2}))?(?P<ext>\.[a-z]{3,5})?$", re.I)
PAGE_KEY = re.compile(r"(?:^|&)(?:page|p|pn|pageno|currpage|pageindex|cpage)=(\d{1,2})(?=&|$)", re.I)
REACH = 8  # lines below the area that may hold the pager


def parts_of(flow: Flow, area: Area, document: Document) -> tuple[str, ...]:
    """Further pages, absolute addresses, by number, without this one."""
    found: dict[str, int] = {}
    for anchor in flow.anchors:
        if not (area.first < anchor and area.low <= flow.first[anchor] <= area.high + REACH):
            continue
        href = flow.attributes[anchor].get("href") or ""
        text = flow.text(anchor).strip()
        if not href or len(text) > 12 or not PAGE_LINK.match(text) or href.startswith(("#", "javascript:")):
            continue
        url = document.absolute(href).split("#")[0]
        number = page_number(document.url, url)
        if number is not None:
            found.setdefault(url, number)
    return tuple(sorted(found, key=lambda url: found[url]))


def page_number(own: str, other: str) -> int | None:
    """Number of a page whose address differs from `own` in the number alone; None for every other address."""
    try:
        here, there = urlsplit(own), urlsplit(other)
    except ValueError:
        return None
    if (here.scheme, here.netloc) != (there.scheme, there.netloc) or own == other:
        return None
    if here.path != there.path:
        return _numbered_path(here.path, there.path) if here.query == there.query else None
    key = PAGE_KEY.search(there.query)
    if key and PAGE_KEY.sub("", there.query).strip("&") == PAGE_KEY.sub("", here.query).strip("&"):
        return int(key[1])
    return None


def _numbered_path(here: str, there: str) -> int | None:
    """a/t1.html and a/t1_2.html belong together, a/1_2.html and a/1_3.html too, a/12.html and a/13.html do not."""
    folder, _, name = here.rpartition("/")
    other_folder, _, other = there.rpartition("/")
    mine, theirs = NUMBERED.match(name), NUMBERED.match(other)
    if folder != other_folder or not mine or not theirs or (mine["ext"] or "").lower() != (theirs["ext"] or "").lower():
        return None
    whole = name.removesuffix(mine["ext"] or "")
    if theirs["n"] and theirs["stem"] == whole:
        return int(theirs["n"])  # from the first page
    if mine["n"] and mine["stem"] and any(map(str.isdigit, mine["stem"])) and theirs["stem"] == mine["stem"]:
        return int(theirs["n"] or 1)  # from a further one
    return None


def join(articles: Sequence[Article]) -> Article:
    """One article of its pages in reading order; fields are the first page's.  Raises ValueError for none."""
    if not articles:
        raise ValueError("no pages to join")
    first = articles[0]
    texts = [article.content_text for article in articles if article.content_text]
    markups = [article.content_html for article in articles if article.content_html]
    flags = dict.fromkeys(
        flag
        for article in articles
        for flag in article.flags
        if flag not in ("short-body", "no-body", "no-date", "no-title")
    )
    kinds = [article.body_kind for article in articles]
    return replace(
        first,
        content_text="\n\n".join(texts) or None,
        content_html="\n".join(markups) or None,
        captions={url: said for article in reversed(articles) for url, said in article.captions.items()},
        images=tuple(dict.fromkeys(image for article in articles for image in article.images)),
        attachments=tuple(
            {link.url: link for article in reversed(articles) for link in reversed(article.attachments)}.values()
        )[::-1],
        body_kind="text" if "text" in kinds else first.body_kind,
        flags=(*(flag for flag in first.flags if flag in ("no-date", "no-title")), *flags),
        parts=tuple(article.url for article in articles[1:]),
    )
