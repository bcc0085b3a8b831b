"""Page -> Article: one decode, one parse, one walk; every field from the same lines.

`extract` is the one function that crawl, extract and reextract call; `extract_document` does the same for a document
that is read already, so that one parse serves links and extraction.
"""

import gc
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from pipelines.beside import SUMMARY_LINES, captions_of, neighbours_of, summary_of
from pipelines.dates import first_date
from pipelines.decode import Document
from pipelines.docfields import doc_of
from pipelines.fallback import asks_second, is_borne_out, is_foot, is_linked, is_near, second_opinion
from pipelines.fields import columns_of, site_code_of, tags_of
from pipelines.flags import flags_of
from pipelines.flow import Line
from pipelines.item import Article, BodyKind, Page, Publisher
from pipelines.language import language_of
from pipelines.linekinds import is_aside, is_info
from pipelines.media import Area, area_of, attachments_of, has_film, images_of
from pipelines.parts import parts_of
from pipelines.people import authors_of, editor_of, source_of, source_org
from pipelines.profile import Profile, find
from pipelines.published import Dating, published
from pipelines.reading import Reading, matches, read
from pipelines.render import html_of, html_of_images, text_of, tidy
from pipelines.vocabulary import CREDIT, POSITION, folded, says_info

HEAD_REACH = 14  # lines above the headline that may hold its date and source
BLOCK_REACH = 60  # lines above the body that may be its block of document fields
DATED_CHARS = 400  # of a line that are searched for dates
LINK_CHARS = 12  # a shorter link below the body is a button
BELOW = 10  # lines below the body that may be information


def extract(page: Page, publisher: Publisher, profile: Profile | None = None, *, alone: bool = False) -> Article:
    """What the page says.  Never raises for what a page contains.  alone: without trafilatura's second opinion."""
    return extract_document(Document(page.url, page.body, page.headers), page, publisher, profile, alone=alone)


def extract_document(
    document: Document, page: Page, publisher: Publisher, profile: Profile | None = None, *, alone: bool = False
) -> Article:
    """`extract` for a document that is read already; page: its hints (row title and date, time of capture)."""
    if document.kind != "html":
        return _from_row(page, publisher)
    # A page makes some ten thousand small objects, none of them cyclic: the collector only looks at them in vain (11 %).
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _article(read(document, page, publisher, profile), page, publisher, alone)
    finally:
        if collecting:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Around:
    """Texts around the body, the borders between text nodes as \\x1f.  head: between breadcrumb and body; below: after it."""

    head: list[str]
    below: list[str]


def _article(reading: Reading, page: Page, publisher: Publisher, alone: bool) -> Article:
    flow, body, metas = reading.flow, reading.body, reading.metas
    title = _ruled(reading, reading.rule.title) or reading.title.text
    start = body.kept[0] if body.kept else body.low
    sample = " ".join(flow.lines[i].text for i in body.kept[:40]) or title or metas.title
    language = language_of(sample, metas.language)
    chinese = language is None or language.startswith("zh")
    around = _around(reading, start)
    columns, _ = columns_of(flow, start, metas, reading.names - _column_names(reading) | {folded(title or "")})
    dating = _dated(reading, around, page, publisher, language)
    source, source_origin = source_of(around.head + around.below, metas, columns, page.row_source)
    if ruled := _ruled(reading, reading.rule.source):
        source, source_origin = ruled, "rule"
    area = area_of(flow, body.container, body.low, body.high, reading.title.line)
    attachments = attachments_of(flow, area, reading.document)
    images = images_of(flow, area, body.container, body.high, reading.document)
    captions = captions_of(flow, area, body.container, body.high, reading.document)
    text, html, body_origin = _text(reading, language, alone)
    doc = doc_of([line for line in flow.lines[max(0, start - BLOCK_REACH) : start] if not line.hidden])
    opening = [flow.lines[i] for i in (*range(max(0, start - HEAD_REACH), start), *body.kept[:SUMMARY_LINES])]
    summary = summary_of([line for line in opening if not line.hidden], metas, doc.get("summary"), title, text)
    previous, following = neighbours_of(flow, body.low, reading.document)
    html = html or (html_of_images(images) if images else None)
    article = Article(
        url=page.url,
        title=tidy(title) if title else None,
        content_text=text,
        content_html=html,
        summary=tidy(summary) if summary else None,
        image=images[0] if images else None,
        published=dating.found.moment.isoformat() if dating.found else None,
        precision=dating.found.precision if dating.found else None,
        modified=dating.modified.moment.isoformat() if dating.modified else None,
        date_text=dating.found.text if dating.found else None,
        candidates=tuple(dating.candidates),
        source=tidy(source) if source else None,
        source_org=source_org(source, metas),
        authors=authors_of(around.head, metas, chinese),
        editor=editor_of(around.head + around.below),
        column=columns,
        tags=tags_of(metas, title, reading.names),
        language=language,
        site_name=metas["sitename"] or metas["og:site_name"] or publisher.title,
        site_id_code=site_code_of(flow, metas),
        doc=doc,
        body_kind=_kind(reading, area, text, bool(attachments), bool(images)),
        flags=(*dating.flags, *_reading_flags(reading)),
        attachments=attachments,
        images=images,
        captions={url: tidy(said) for url, said in captions.items() if url in images},
        previous=previous,
        next=following,
        parts=parts_of(flow, area, reading.document),
        evidence={
            "title": reading.title.origin,
            "source": source_origin,
            "published": dating.origin,
            "body": body_origin,
        },
    )
    raw = "\n".join(flow.lines[i].text for i in body.kept)
    return replace(article, flags=flags_of(article, raw))


def _reading_flags(reading: Reading) -> list[str]:
    flags = ["profile-disagrees"] if reading.disagrees else ["unknown-layout"] if reading.unknown else []
    return [*flags, "foreign-headlines"] if reading.body.foreign else flags


def _column_names(reading: Reading) -> frozenset[str]:
    return frozenset((folded(reading.metas["columnname"]),))


def _ruled(reading: Reading, selector: str | None) -> str | None:
    """Text of the first element a rule's selector finds."""
    texts = (" ".join(match.text().split()) for match in matches(reading, selector))
    return next(filter(None, texts), None)


def _text(reading: Reading, language: str | None, alone: bool) -> tuple[str | None, str | None, str]:
    """content_text, content_html and who found them."""
    flow, body = reading.flow, reading.body
    text = text_of(flow, body.container, body.kept) or None
    if not alone and body.origin not in ("rule", "profile") and asks_second(reading, language, text):
        second = second_opinion(reading.document.text, reading.document.url, precise=is_near(language))
        borne_out = second and text and is_borne_out(text, second[0], reading.title.score)
        if second and not borne_out and not is_linked(reading, second[0]) and not is_foot(second[0]):
            return second[0], second[1], "trafilatura"
    return text, html_of(flow, body.container, body.kept, reading.document) or None, body.origin


def _kind(reading: Reading, area: Area, text: str | None, files: bool, images: bool) -> BodyKind:
    """A body without words is what it shows: film, picture, file, nothing."""
    if text:
        return "text"
    if has_film(reading.flow, area):
        return "video"
    if images:
        return "image"
    return "attachment" if files else "empty"


def _dated(reading: Reading, around: Around, page: Page, publisher: Publisher, language: str | None) -> Dating:
    zone = ZoneInfo(publisher.timezone)
    ruled = _ruled(reading, reading.rule.date)
    head = [ruled] if ruled else [_glued(text) for text in around.head]
    below = [_glued(text) for text in around.below]
    roc = language == "zh-Hant"
    return published(head, below, reading.metas, page.row_date, page.url, zone, roc=roc)


def _around(reading: Reading, start: int) -> Around:
    flow, title_line = reading.flow, reading.title.line
    low = max(0, start - HEAD_REACH)
    if 0 <= title_line < start:
        low = title_line if start - title_line < 40 else low
    indices = [i for i in range(low, start) if i != title_line]
    indices = _above(reading, low) + indices
    known = find(flow, reading.template.date) if reading.template else []
    indices = [i for node in known for i in range(flow.first[node], flow.last[node]) if i not in indices] + indices
    last = reading.body.kept[-1] + 1 if reading.body.kept else reading.body.low
    below = _below(reading, last) if reading.body.kept or title_line >= 0 else []
    return Around([_bordered(flow.lines[i].parts) for i in indices], [_bordered(line.parts) for line in below])


def _below(reading: Reading, last: int) -> list[Line]:
    """Lines right below the body that may be information; teasers with dates of their own begin where links do."""
    found: list[Line] = []
    for line in reading.flow.lines[last : last + BELOW]:
        if 2 * line.links > line.chars > LINK_CHARS and not is_info(line) and not is_aside(line.text):
            break
        if not line.hidden and (
            len(line.text) < 100 or is_info(line) or is_aside(line.text) or CREDIT.search(line.text)
        ):
            found.append(line)
    return found


def _above(reading: Reading, low: int) -> list[int]:
    """Lines above the headline that are information: some layouts print date and source first."""
    found: list[int] = []
    for i in range(low - 1, max(-1, low - HEAD_REACH), -1):
        line = reading.flow.lines[i]
        if POSITION.match(line.text) or (line.links > 0.8 * line.chars and line.chars > 12):
            break
        if is_info(line) and says_info(line.text):
            found.append(i)
    return found


def _bordered(parts: list[str]) -> str:
    return "\x1f".join(" ".join(part.split()) for part in parts)


def _glued(text: str) -> str:
    return " ".join(text[:DATED_CHARS].replace("\x1f", " ").split())


def _from_row(page: Page, publisher: Publisher) -> Article:
    """All that is known of an answer that is no page: what its list row says."""
    found = first_date(page.row_date, ZoneInfo(publisher.timezone))
    return Article(
        url=page.url,
        title=page.row_title,
        published=found.moment.isoformat() if found else None,
        precision=found.precision if found else None,
        date_text=page.row_date if found else None,
        body_kind="empty",
        flags=("not-html",),
        evidence={"title": "row", "published": "row"},
    )
