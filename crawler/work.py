"""The work of a reading process: one captured answer -> what it leads to and what it says.  And a trial for onboarding.

Reads the record from the WARC by reference, decodes and parses once, and answers with what the crawl must ask next
and, for an article, the Article.  Pure apart from reading files: the same for a live crawl, after a crash, for
`rebuild` and for re-extraction.  Runs in worker processes with a time limit; one bad page takes no other down.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from archive.message import HttpMessage, MessageStream, parse_message
from archive.reader import open_record, read_record, resolve
from archive.state import Capture
from pipelines.dates import first_date
from pipelines.decode import Document
from pipelines.extract import extract_document
from pipelines.item import Article, AttachmentLink, Page, Publisher
from pipelines.parts import join
from pipelines.profile import Profile
from spiders import cms
from spiders.cms.adapter import Ask, Listing
from spiders.cms.blocked import blocked
from spiders.links import requisites, role_of_link, stylesheet_requisites
from spiders.probe import Answer, Probe
from spiders.site import ListSource, Site

ROBOTS_BYTES = 512_000  # RFC 9309 §2.5 asks for at least 500 KiB
LARGEST_PAGE = 32 << 20  # bytes of decoded body that are parsed; a bomb is cut there


class Job(Struct, frozen=True):
    """One captured answer to read.

    payload: (warc, offset, length) of the record that holds the bytes (the original's for a revisit).
    parts: the same for further pages of an article, in reading order.
    """

    capture: Capture
    payload: tuple[str, int, int]
    warcs: str
    site: Site | None
    source: ListSource | None = None
    asked: Ask | None = None
    parts: tuple[tuple[str, tuple[str, int, int]], ...] = ()
    profile: str | None = None


class Reading(Struct, frozen=True):
    """What one answer yielded.  rejected: a short fixed reason why it is no page of its role."""

    listing: Listing | None = None
    article: Article | None = None
    rejected: str | None = None
    requisites: tuple[str, ...] = ()
    sha256: str | None = None
    size: int = 0
    text: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    location: str | None = None
    profile: int = 0


class ReadError(Exception):
    """A page cannot be read.  args: name of the error's type, its text: what surely crosses a process boundary.

    An exception that cannot be unpickled breaks the whole pool, and every page in it.
    """


def read(job: Job) -> Reading:
    """Read one capture.  Raises ReadError; the caller counts it as `read-error:<type>`."""
    try:
        return _read(job)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # told to the caller, who counts it
        raise ReadError(type(error).__name__, str(error)[:500]) from None


def judge(answer: Answer) -> None:
    """Do all that onboarding does with a page, for the limits that it may meet.

    What is found is thrown away, an error too: whoever judges the page afterwards meets it again and tells it.
    """
    try:
        probe = Probe(answer)
        extract_document(probe.document, Page(answer.url, answer.body, 200, answer.headers), Publisher("trial"))
        probe.rest()  # last, for it lets go of what is parsed
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # see above
        return


def _read(job: Job) -> Reading:
    if job.capture.role == "attachment":
        return _file(job)
    message = message_of(job.warcs, job.payload)
    reading = _page(job, message)
    return msgspec.structs.replace(reading, etag=message.get("etag"), last_modified=message.get("last-modified"))


def _page(job: Job, message: HttpMessage) -> Reading:
    capture = job.capture
    status = message.status if capture.status in (None, 304) else capture.status
    body = message.payload(LARGEST_PAGE)
    if capture.role == "robots":
        return Reading(text=body[:ROBOTS_BYTES].decode("utf-8", "replace"))
    if capture.role == "requisite":
        found = tuple(stylesheet_requisites(body.decode("utf-8", "replace"), capture.url)) if _is_css(capture) else ()
        return Reading(requisites=found, rejected=None if status == 200 else f"http-{status}")
    if status in (404, 410):
        return Reading(rejected=f"http-{status}")
    document = Document(capture.url, body, message.headers)
    if capture.role == "article" and status == 200 and not _is_markup(document, capture.url):
        return Reading(article=_file_article(job), sha256=hashlib.sha256(body).hexdigest(), size=len(body))
    obstacle = blocked(status or 200, message.headers, document.text)
    if obstacle:
        return Reading(rejected=obstacle if obstacle.startswith("soft-404") else f"blocked:{obstacle}")
    if status != 200:
        return Reading(rejected=f"http-{status}")
    needs = tuple(requisites(document)) if _is_html(document) else ()
    if capture.role == "list" and job.source is not None:
        listing = cms.listing(document, job.source.cms, job.source.options, job.asked)
        return Reading(listing=listing, requisites=needs)
    if capture.role == "article" and job.site is not None:
        profile = _profile(job.profile) if job.profile else None
        return Reading(
            article=_article(job, document, job.site, profile),
            requisites=needs,
            profile=profile.version if profile else 0,
        )
    return Reading(requisites=needs)


def _is_css(capture: Capture) -> bool:
    return capture.mime == "text/css" or capture.url.partition("?")[0].endswith(".css")


def message_of(warcs: str, payload: tuple[str, int, int]) -> HttpMessage:
    """Read an answer from the archive by reference."""
    return parse_message(read_record(resolve(Path(warcs), payload[0]), payload[1], payload[2]).block)


def _file(job: Job) -> Reading:
    """Digest an attachment as its server made it, without holding it."""
    with open_record(resolve(Path(job.warcs), job.payload[0]), job.payload[1]) as record:
        message = MessageStream(record.pieces())
        sha256, size = hashlib.sha256(), 0
        for piece in message.payload(limit=1 << 40):
            sha256.update(piece)
            size += len(piece)
    status = message.head.status if job.capture.status in (None, 304) else job.capture.status
    return Reading(
        sha256=sha256.hexdigest(),
        size=size,
        rejected=None if status == 200 else f"http-{status}",
        etag=message.head.get("etag"),
        last_modified=message.head.get("last-modified"),
    )


def _article(job: Job, document: Document, site: Site, profile: Profile | None) -> Article:
    capture, publisher = job.capture, site.publisher()
    page = Page(
        capture.url, document.body, 200, document.headers, capture.row_title, capture.row_date, capture.row_source,
        capture.list, capture.at,
    )  # fmt: skip
    articles = [extract_document(document, page, publisher, profile)]
    for url, payload in job.parts:
        message = message_of(job.warcs, payload)
        part = Document(url, message.payload(LARGEST_PAGE), message.headers)
        articles.append(extract_document(part, msgspec.structs.replace(page, url=url), publisher, profile))
    return join(articles) if job.parts else articles[0]


def _is_html(document: Document) -> bool:
    return document.content_type.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml", "")


def _is_markup(document: Document, url: str) -> bool:
    """Tell whether an article URL led to a page, not to a file (a list of PDFs is a list of articles too)."""
    mime = document.content_type.partition(";")[0].strip().lower()
    if mime in ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "application/json", "text/plain"):
        return True
    return not mime and role_of_link(url) == "page"


def _file_article(job: Job) -> Article:
    """An article that is a file: all that is known of it stood in its list row."""
    capture, zone = job.capture, ZoneInfo(job.site.timezone if job.site else "UTC")
    found = first_date(capture.row_date, zone)
    return Article(
        url=capture.url,
        title=capture.row_title,
        published=found.moment.isoformat() if found else None,
        precision=found.precision if found else None,
        date_text=capture.row_date,
        body_kind="attachment",
        attachments=(AttachmentLink(capture.url, capture.row_title),),
        evidence={"title": "row", "published": "row"},
    )


@lru_cache(maxsize=64)
def _profile(path: str) -> Profile:
    """Profiles change only between runs, so a worker reads each once."""
    return Profile.from_json(Path(path).read_bytes())
