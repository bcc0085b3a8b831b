"""Page -> Article: one decode, one parse, one walk; every field from the same lines.

`extract` is the one function that crawl, extract and reextract call; `extract_document` does the same for a document
that is read already, so that one parse serves links and extraction.
"""

import json
import sys
import time
from collections.abc import Iterable
from typing import IO
from zoneinfo import ZoneInfo

import msgspec

from pipelines.clean import STRONG, STRONGEST, Body, anchored_body, body_of, is_detached, says_something, shows_film, widened
from pipelines.container import ENOUGH, container_of
from pipelines.decode import Document
from pipelines.flow import Flow, flow_of
from pipelines.item import Article, Page, Publisher
from pipelines.people import authors_of, editor_of, source_of, source_org
from pipelines.published import published
from pipelines.render import html_of, text_of
from pipelines.title import LIKELY, SURE, Title, folded, title_of
from pipelines.vocabulary import POSITION


def extract(page: Page, publisher: Publisher) -> Article:
    """What the page says.  Never raises for what a page contains."""
    return extract_document(Document(page.url, page.body, page.headers), page, publisher)


def extract_document(document: Document, page: Page, publisher: Publisher) -> Article:
    """`extract` for a document that is read already; page: its hints (row title and date, time of capture)."""
    metas = metas_of(document)
    flow = flow_of(document.tree)
    zone = ZoneInfo(publisher.timezone)
    names = frozenset(folded(name) for name in (publisher.title, metas.get("sitename"), metas.get("columnname")) if name)
    names -= {folded(metas.get("articletitle", ""))}  # some templates print the headline into ColumnName
    title = title_of(flow, -1, metas, page.row_title, names)
    container, score = container_of(flow, title.line if title.score >= SURE else -1)
    if title.score < SURE:
        title = title_of(flow, flow.first[container] if container >= 0 else -1, metas, page.row_title, names)
    body = _body(flow, container, score, title)
    container, kept = body.container, body.kept
    above = head_lines(flow, title.line, kept[0] if kept else body.low)
    near = ["\x1f".join(flow.lines[i].parts) for i in above]
    last = kept[-1] + 1 if kept else body.low
    below = ["\x1f".join(line.parts) for line in flow.lines[last : last + 6]]
    dating = published([_plain(text) for text in near], [_plain(text) for text in below], metas, page.row_date, page.url, zone, roc=False)
    source, source_origin = source_of([_plain_bordered(text) for text in near + below], metas)
    text = text_of(flow, container, kept) if kept else None
    return Article(
        url=page.url,
        title=title.text,
        content_text=text,
        content_html=html_of(flow, container, kept, document) if kept else None,
        published=dating.found.moment.isoformat() if dating.found else None,
        precision=dating.found.precision if dating.found else None,
        date_text=dating.found.text if dating.found else None,
        candidates=tuple(dating.candidates),
        source=source,
        source_org=source_org(source),
        authors=authors_of([_plain_bordered(text) for text in near], metas),
        editor=editor_of([_plain_bordered(text) for text in near + below]),
        flags=tuple(dating.flags),
        body_kind="text" if text else "empty",
        evidence={"title": title.origin, "source": source_origin, "published": dating.origin, "body": body.origin},
    )


def _body(flow: Flow, container: int, score: float, title: Title) -> Body:
    """By the container if it can be the headline's, else by what stands below the headline."""
    if title.line < 0:
        return body_of(flow, container, title, "text") if container >= 0 else Body(0, [], 0, 0, "none")
    if container < 0:
        return anchored_body(flow, title)
    if title.score >= SURE and is_detached(flow, container, score, title):
        anchored = anchored_body(flow, title)
        if score < STRONG or (score < STRONGEST and says_something(flow, anchored)) or shows_film(flow, anchored):
            return anchored
    body = body_of(flow, widened(flow, container, title), title, "text")
    if not body.kept or (score < ENOUGH and title.score >= LIKELY):
        anchored = anchored_body(flow, title)
        if not body.kept or flow.first[container] >= anchored.high or anchored.low > flow.last[container]:
            return anchored
    return body


def _plain(text: str) -> str:
    return " ".join(text.replace("\x1f", "").split())


def _plain_bordered(text: str) -> str:
    return "\x1f".join(" ".join(part.split()) for part in text.split("\x1f"))


def head_lines(flow: Flow, title_line: int, body_start: int) -> list[int]:
    """Lines that may carry date, source and author: between headline and body, else right above the body."""
    if 0 <= title_line < body_start and body_start - title_line < 40:
        low = title_line
        for i in range(title_line - 1, max(-1, title_line - 4), -1):
            if flow.lines[i].links > 0.5 * flow.lines[i].chars or POSITION.match(flow.lines[i].text):
                break
            low = i
    else:
        low = max(0, body_start - 10)
    return [i for i in range(low, body_start) if i != title_line]


def metas_of(document: Document) -> dict[str, str]:
    """Meta name or property (lower case) -> content, the first that is not empty; "<title>" -> title element."""
    metas: dict[str, str] = {}
    for element in document.tree.iter("meta", "title"):
        if element.tag == "title":
            metas.setdefault("<title>", " ".join("".join(element.itertext()).split()))
            continue
        name = element.get("name") or element.get("property") or element.get("itemprop")
        value = " ".join((element.get("content") or "").split())
        if name and value and value.lower() not in ("null", "undefined"):
            metas.setdefault(name.strip().lower(), value)
    return metas


def answer_lines(lines: Iterable[str], out: IO[str]) -> None:
    """Answer {"html": path, "url": ...} lines with a flat prediction each, timed (for scoring tools)."""
    for line in lines:
        asked = json.loads(line)
        with open(asked["html"], "rb") as file:
            body = file.read()
        started = time.process_time()
        article = extract(Page(url=asked.get("url") or "", body=body), Publisher(name="page"))
        spent = 1000 * (time.process_time() - started)
        answer = {"title": article.title, "date": article.published, "source": article.source, "author": list(article.authors), "text": article.content_text or "", "ms": spent}
        out.write(msgspec.json.encode(answer).decode() + "\n")
        out.flush()


if __name__ == "__main__":
    answer_lines(sys.stdin, sys.stdout)
