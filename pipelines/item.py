"""What passes between the rooms after capture: Page in, Article out, Event into the change log.

A Page is one archived answer with the hints that came with it; an Article is what extraction says of it; an Item is
an Article as consumers see it (JSON Feed 1.1 plus `_parknews`), an Event one line of the change log.  JSON Schemas
of Item and Event are generated from these types (`parknews.change/1`): within /1 only optional keys may be added.
"""

from datetime import date as Day
from typing import Any, Literal

from msgspec import Struct, field

BodyKind = Literal["text", "image", "video", "attachment", "empty"]
Precision = Literal["day", "minute", "second"]
AttachmentState = Literal["ok", "too-big", "blocked", "missing"]
Op = Literal["new", "update", "moved", "delete", "restore"]
Cause = Literal["site", "extractor", "definition", "operator"]
EvidenceRole = Literal["page", "part", "list", "attachment", "absence"]


class ArticleRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[article]]` table of a site definition: CSS selectors for what the extractor gets wrong.

    `until`: the rule holds for pages captured before this day (old layouts keep theirs); None = still holds.
    """

    title: str | None = None
    date: str | None = None
    source: str | None = None
    body: str | None = None
    drop: tuple[str, ...] = ()
    until: Day | None = None


class Publisher(Struct, frozen=True):
    """What extraction must know of the site a page came from (spiders.site makes it from the definition)."""

    name: str  # name of the definition: "demo_park"
    title: str | None = None  # as the site names itself
    kind: str = "other"  # gov, park, news, enterprise, other
    timezone: str = "Asia/Shanghai"  # IANA zone of every date on its pages
    rules: tuple[ArticleRule, ...] = ()


class Page(Struct, frozen=True):
    """One archived answer, content-decoded, with the hints that led to it.

    body: entity body, transfer- and content-encoding undone, charset not: bytes as the author's server made them.
    headers: pairs in the order of the wire, names as sent, both decoded as latin-1.
    row_title, row_date, row_source: what the list row that linked here showed (as text); None = no row or nothing shown.
    captured_at: RFC 3339 UTC with Z.
    """

    url: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    row_title: str | None = None
    row_date: str | None = None
    row_source: str | None = None
    list_url: str | None = None
    captured_at: str | None = None


class AttachmentLink(Struct, frozen=True):
    """An attachment as the page names it; whether it was captured is added later (Attachment)."""

    url: str
    title: str | None


class DateCandidate(Struct, frozen=True):
    """One date that the page, its list row or its URL shows, and where it stood.

    value: RFC 3339 with the offset of the site.  origin: label, meta, row, url, json-ld, near-title, body ...
    """

    value: str
    origin: str
    text: str


class Article(Struct, frozen=True):
    """What extraction says of one page.  None = looked for and not there; () = none; never "".

    published: RFC 3339 with the offset of the site ("2024-05-01T00:00:00+08:00").
    content_html: allow-listed tags, absolute http(s) URLs only.  content_text: paragraphs parted by a blank line,
    table cells by tabs.  captions: image -> the words below it.  previous, next: neighbouring articles.  parts: further pages of the same article, absolute URLs in reading order, without this one.
    evidence: for each field the place it was taken from, for people and for the proof sheet, not for consumers.
    """

    url: str
    title: str | None = None
    content_text: str | None = None
    content_html: str | None = None
    summary: str | None = None
    image: str | None = None
    published: str | None = None
    precision: Precision | None = None
    modified: str | None = None
    date_text: str | None = None
    candidates: tuple[DateCandidate, ...] = ()
    source: str | None = None
    source_org: str | None = None
    authors: tuple[str, ...] = ()
    editor: str | None = None
    column: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    site_name: str | None = None
    site_id_code: str | None = None
    doc: dict[str, str] = field(default_factory=dict)
    body_kind: BodyKind = "text"
    flags: tuple[str, ...] = ()
    attachments: tuple[AttachmentLink, ...] = ()
    images: tuple[str, ...] = ()
    captions: dict[str, str] = field(default_factory=dict)
    previous: str | None = None
    next: str | None = None
    parts: tuple[str, ...] = ()
    evidence: dict[str, str] = field(default_factory=dict)


# ------------------------------------------------------------------------------------------- what consumers see
class Author(Struct, frozen=True):
    name: str


class Attachment(Struct, frozen=True):
    """JSON Feed 1.1 attachment plus sha256 (lower-case hex of the entity body) and what became of it."""

    url: str
    title: str | None
    mime_type: str | None
    size_in_bytes: int | None
    sha256: str | None
    state: AttachmentState


class Picture(Struct, frozen=True):
    """A picture of the article.  caption: what the page writes below it."""

    url: str
    caption: str | None


class Extension(Struct, frozen=True):
    """The `_parknews` object of an item."""

    key: str  # first 26 characters of lower-case base32(sha256(id))
    site: str
    site_name: str | None
    kind: str
    column: tuple[str, ...]
    source: str | None
    source_org: str | None
    author: str | None
    editor: str | None
    site_id_code: str | None
    doc: dict[str, str]
    body_kind: BodyKind
    published_precision: Precision | None
    date_text: str | None
    date_candidates: tuple[DateCandidate, ...]
    flags: tuple[str, ...]
    from_: dict[str, str] = field(name="from")
    aliases: tuple[str, ...]
    first_seen: str
    version: int
    extractor: str
    images: tuple[Picture, ...] = ()
    previous: str | None = None  # addresses of the neighbouring articles, as the page links them
    next: str | None = None


class Item(Struct, frozen=True):
    """A JSON Feed 1.1 item with our extension; in the change log every key is present."""

    id: str
    url: str
    title: str | None
    content_text: str | None
    content_html: str | None
    summary: str | None
    image: str | None
    date_published: str | None
    date_modified: str | None
    authors: tuple[Author, ...]
    tags: tuple[str, ...]
    language: str | None
    attachments: tuple[Attachment, ...]
    extension: Extension = field(name="_parknews")


class Evidence(Struct, frozen=True):
    """One WARC record that proves an event.

    warc: final file name (without .open).  offset, length: the gzip member, in bytes.  record_id: "urn:uuid:...", without angle brackets.
    digest: WARC-Payload-Digest ("sha1:" + base32).  captured_at: WARC-Date.
    """

    role: EvidenceRole
    warc: str
    offset: int
    length: int
    record_id: str
    digest: str | None
    captured_at: str
    url: str


class Event(Struct, frozen=True):
    """One line of the change log; (log, seq) is a consumer's cursor."""

    log: str
    seq: int
    at: str
    schema: str
    op: Op
    cause: Cause
    backfill: bool
    site: str
    id: str
    rev: int
    changed: tuple[str, ...]
    reason: str | None
    evidence: tuple[Evidence, ...]
    item: Item | None


class Member(Struct, frozen=True):
    """An item of a cluster.  source: the organisation, else as named.  likeness: to the most alike other member, 0 to 1."""

    key: str
    id: str
    url: str
    site: str
    title: str | None
    date_published: str | None
    first_seen: str
    source: str | None
    likeness: float


class Cluster(Struct, frozen=True):
    """One story on several sites.  Members by publication, the earliest first; key and title are the first one's.

    source: the one that most members name.  first_seen: when the first of them was seen here.
    """

    key: str
    title: str | None
    first_seen: str
    source: str | None
    sites: tuple[str, ...]
    members: tuple[Member, ...]


class Clusters(Struct, frozen=True):
    """feed/clusters.json: a view, made of the items as of (log, through_seq)."""

    schema: str
    log: str
    through_seq: int
    clusters: tuple[Cluster, ...]


def article_from(record: dict[str, Any]) -> Article:
    """Build an Article from its JSON form; raises msgspec.ValidationError with the path of the wrong key."""
    from msgspec import convert

    return convert(record, Article)
