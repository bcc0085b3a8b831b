"""What a right crawl of the demo sites gives: made from the data the pages are made from, never read from pages.

`truth(state)` is per site, `report(state)` the same as one JSON value with the traps.  Text is as DESIGN of the feed
says: no space before CJK punctuation; None = neither page nor list row shows it.
"""

import hashlib
from typing import TypedDict

from tests.demo.model import Article, BodyKind, DemoSite, ListPage, Precision, Removal
from tests.demo.sites import sites, traps


class AttachmentTruth(TypedDict):
    url: str
    title: str
    mime_type: str
    size: int
    sha256: str


class RowTruth(TypedDict):
    """One row of a list page.  url: what it links to.  title: None = the row shows only a date."""

    url: str
    title: str | None
    date: str
    pinned: bool


class ListTruth(TypedDict):
    """One list page.  url: where its rows are (the JSON call on 003); next: the same of the following page."""

    url: str
    column: str
    number: int
    next: str | None
    rows: list[RowTruth]


class ArticleTruth(TypedDict):
    """One article.

    url: where it answers 200.  aliases: URLs that redirect to it.  date: RFC 3339.  body: paragraphs in order.
    optional: lines of the page that a reader may count in or leave out (the double of a doubled paragraph).
    in_lists: URLs of the list pages with a row for it; row_title, row_date: what its row shows.
    """

    url: str
    aliases: list[str]
    title: str
    date: str
    precision: Precision
    source: str | None
    body: list[str]
    optional: list[str]
    body_kind: BodyKind
    attachments: list[AttachmentTruth]
    doc: dict[str, str]
    columns: list[str]
    in_lists: list[str]
    row_title: str | None
    row_date: str


class ChangeTruth(TypedDict):
    url: str
    fields: list[str]
    silent: bool


class RemovalTruth(TypedDict):
    url: str
    how: Removal


class SiteTruth(TypedDict):
    """One site in one state.  new, changed, removed: against state 1.  not_articles: an item for these is false."""

    host: str
    home: str
    title: str
    site_id_code: str | None
    lists: list[ListTruth]
    articles: list[ArticleTruth]
    not_articles: list[str]
    disallowed: list[str]
    new: list[str]
    changed: list[ChangeTruth]
    removed: list[RemovalTruth]


class TrapTruth(TypedDict):
    site: str
    url: str


class Report(TypedDict):
    """What `python -m tests.demo.server --write-truth` writes."""

    state: int
    sites: dict[str, SiteTruth]
    traps: dict[str, TrapTruth]


def truth(state: int = 1) -> dict[str, SiteTruth]:
    return {name: site_truth(site) for name, site in sites(state).items()}


def report(state: int = 1) -> Report:
    places = {name: TrapTruth(site=trap.site, url=trap.url) for name, trap in traps().items()}
    return Report(state=state, sites=truth(state), traps=places)


def site_truth(site: DemoSite) -> SiteTruth:
    lists = site.list_pages()
    articles = [_article(site, a, lists) for a in site.articles()]
    files = {f["url"] for a in articles for f in a["attachments"]}
    known = {a["url"] for a in articles} | {alias for a in articles for alias in a["aliases"]} | files
    pages = (site.url(p) for p, answer in site.answers.items() if answer.mime.startswith("text/html"))
    return SiteTruth(
        host=site.host,
        home=site.home,
        title=site.title,
        site_id_code=site.site_id_code,
        lists=[_list(site, page) for page in lists],
        articles=articles,
        not_articles=sorted(set(pages) - known),
        disallowed=[site.url(path) for path in site.disallowed],
        new=[site.url(a.path) for a in site.articles() if a.born == 2],
        changed=_changed(site) if site.state == 2 else [],
        removed=[RemovalTruth(url=site.url(a.path), how=site.removal) for a in site.removed()],
    )


def _article(site: DemoSite, article: Article, lists: list[ListPage]) -> ArticleTruth:
    return ArticleTruth(
        url=site.url(article.path),
        aliases=[site.url(article.listed_as)] if article.listed_as else [],
        title=article.title,
        date=article.at.isoformat(),
        precision=article.precision,
        source=article.source,
        body=list(article.paragraphs),
        optional=[article.paragraphs[0]] if "doubled-first-paragraph" in article.marks else [],
        body_kind=article.body_kind,
        attachments=[
            AttachmentTruth(
                url=site.url(f.path),
                title=f.title,
                mime_type=f.mime,
                size=len(f.data),
                sha256=hashlib.sha256(f.data).hexdigest(),
            )
            for f in article.attachments
        ],
        doc=dict(article.doc),
        columns=[c.name for c in site.columns if c.key in article.columns and not c.repeats],
        in_lists=[site.url(page.path) for page in lists if any(a.path == article.path for a in page.articles)],
        row_title=article.row_title,
        row_date=site.row_date(article),
    )


def _list(site: DemoSite, page: ListPage) -> ListTruth:
    return ListTruth(
        url=site.url(page.path),
        column=page.column.name,
        number=page.number,
        next=site.url(page.next) if page.next else None,
        rows=[
            RowTruth(url=site.url(a.link), title=a.row_title, date=site.row_date(a), pinned=i < page.pinned)
            for i, a in enumerate(page.articles)
        ],
    )


def _changed(site: DemoSite) -> list[ChangeTruth]:
    out = []
    for before in site.stock:
        after = site.edits.get(before.path)
        if after is None:
            continue
        fields = ["content_text"]
        fields += ["title"] if after.title != before.title else []
        fields += ["date_published"] if after.at != before.at else []
        out.append(ChangeTruth(url=site.url(after.path), fields=fields, silent=len(fields) == 1))
    return out
