"""All the dates a page shows -> the one on which it was published, with the others as candidates.

Order of belief (measured on pages with hand-made truth): a label beside the headline, a meta that does not contradict
it, the list row, an unlabelled date beside the headline, structured data, the URL.  Dates of the footer, of teasers and of side
columns are never looked at: only lines between the breadcrumb and the body, and right below the body, count.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from pipelines.dates import Found, dates_in, first_date
from pipelines.fields import Metas, linked_text
from pipelines.item import DateCandidate

RANK = {
    "label": 0,
    "meta": 1,
    "row": 2,
    "near-title": 3,
    "json-ld": 4,
    "og": 4,
    "time": 4,
    "updated": 5,
    "tail": 6,
    "url": 7,
}
METAS = {
    "pubdate": "meta",
    "publishdate": "meta",
    "publish_date": "meta",
    "publishtime": "meta",
    "publish-date": "meta",
    "firstpublishedtime": "meta",
    "article:published_time": "og",
    "og:published_time": "og",
    "og:release_date": "og",
    "datepublished": "og",
    "dc.date": "og",
    "dc.date.issued": "og",
    "dcterms.created": "og",
    "apub:time": "og",
    "weibo:article:create_at": "og",
    "date": "og",
    "parsely-pub-date": "og",
    "sailthru.date": "og",
    "releasedate": "og",
}
# Only forms whose day is the publication's (or the creation's) day; month-only forms give nothing.
URL_DATES = (
    re.compile(r"/(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)/t(?P=y)(?P=m)(?P<d>[0-3]\d)_\d+"),
    re.compile(r"/t(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)_\d+"),
    re.compile(r"/(?P<y>(?:19|20)\d\d)[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})/"),
    re.compile(r"/(?P<y>20\d\d)-?(?P<m>[01]\d)/(?P<d>[0-3]\d)/"),
    re.compile(r"/(?P<y>20\d\d)/(?P<m>[01]\d)(?P<d>[0-3]\d)/"),
    re.compile(r"/(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)/"),
)
ADJACENT = timedelta(days=2)
FAR = timedelta(days=366)


@dataclass(slots=True)
class Dating:
    """The answer: `found` is None if nothing but a guess was there."""

    found: Found | None = None
    origin: str = ""
    candidates: list[DateCandidate] = field(default_factory=list)
    modified: Found | None = None
    flags: list[str] = field(default_factory=list)


def published(
    near: list[str], below: list[str], metas: Metas, row: str | None, url: str, zone: ZoneInfo, *, roc: bool
) -> Dating:
    """Choose among the candidates.

    near: texts between breadcrumb and body, headline line excluded; below: the lines right after the body.
    roc: the page is traditional Chinese, so that 113-05-01 is a date.
    """
    dating = Dating()
    found: list[tuple[int, str, Found]] = []
    for text in near:
        dates = dates_in(text, zone, roc=roc, short="时间" in text or "日期" in text)
        found.extend((*_origin(one, "near-title"), one) for one in dates)
    for key, origin in METAS.items():
        one_meta = first_date(metas[key], zone)
        if one_meta:
            found.append((RANK[origin], origin, one_meta))
    if one_linked := first_date(linked_text(metas, "datePublished", "pubDate", "dateCreated"), zone):
        found.append((RANK["json-ld"], "json-ld", one_linked))
    if one_row := first_date(row, zone, roc=roc):
        found.append((RANK["row"], "row", one_row))
    for text in below:
        for one in dates_in(text, zone, roc=roc, short="时间" in text or "日期" in text):
            rank, origin = _origin(one, "tail")
            found.append((max(rank, RANK["tail"]) if origin == "tail" else rank + 1, origin, one))
    if one_url := url_date(url, zone):
        found.append((RANK["url"], "url", one_url))
    found = [entry for entry in found if entry[1] != "other"]
    _choose(dating, found)
    return dating


def _origin(one: Found, plain: str) -> tuple[int, str]:
    if one.label == "published":
        return RANK["label"], "label"
    if one.label == "updated":
        return RANK["updated"], "updated"
    if one.label in ("written", "other"):
        return 99, "other"
    return RANK[plain], plain


def _choose(dating: Dating, found: list[tuple[int, str, Found]]) -> None:
    seen: set[tuple[str, str]] = set()
    for _, origin, one in found:
        value = one.moment.isoformat()
        if (value, origin) not in seen:
            seen.add((value, origin))
            dating.candidates.append(DateCandidate(value=value, origin=origin, text=one.text))
    if not found:
        return
    _, dating.origin, best = min(found, key=lambda entry: entry[0])
    same_day = [one for _, origin, one in found if one.moment.date() == best.moment.date() and origin != "updated"]
    finer = {"day": 0, "minute": 1, "second": 2}
    dating.found = max(same_day, key=lambda one: finer[one.precision]) if best.precision == "day" and same_day else best
    dating.modified = (
        next((one for _, origin, one in found if origin == "updated" and one.moment >= best.moment), None)
        if dating.origin != "updated"
        else None
    )
    rivals = [one for _, origin, one in found if origin not in ("updated", "url", "tail")]
    if any(abs(one.moment - best.moment) > ADJACENT for one in rivals):
        dating.flags.append("date-conflict")


def url_date(url: str, zone: ZoneInfo) -> Found | None:
    """The day a URL names in one of the forms that mean publication."""
    for form in URL_DATES:
        match = form.search(url)
        if match:
            one = first_date("-".join(match.group("y", "m", "d")), zone, short=False)
            if one:
                return one
    return None
