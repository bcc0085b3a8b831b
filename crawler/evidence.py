"""What proves an article: the captures of its page, further pages, list and files, as an event names them."""

from archive.state import Capture, State, Target
from crawler.rows import final_of, key_of
from crawler.work import Reading
from pipelines.item import Article, Attachment, AttachmentState, Evidence, EvidenceRole
from spiders.site import Site


def attachments_of(
    state: State, target: Target, article: Article, capture: Capture, reading: Reading
) -> tuple[tuple[Attachment, ...], tuple[Evidence, ...]]:
    """What became of the files an article names, and the captures that prove it."""
    made, files = [], []
    for link in article.attachments:
        row = state.db.execute(
            "SELECT id FROM url WHERE site = ? AND key = ?", (target.site, key_of(link.url))
        ).fetchone()
        final = final_of(state, row[0]) if row else None
        if final == target.id:  # the article is the file
            made.append(Attachment(link.url, link.title, capture.mime, reading.size, reading.sha256, "ok"))
            continue
        kept = (
            state.captures("url_id = ? AND sha256 IS NOT NULL AND outcome = 'kept' ORDER BY id DESC LIMIT 1", final)
            if final
            else []
        )
        if kept and kept[0].truncated is None:
            files.append(evidence_of("attachment", kept[0]))
            made.append(Attachment(link.url, link.title, kept[0].mime, kept[0].size, kept[0].sha256, "ok"))
        else:
            made.append(Attachment(link.url, link.title, None, None, None, _attachment_state(state, final, kept)))
    return tuple(made), tuple(files)


def _attachment_state(state: State, row: int | None, kept: list[Capture]) -> AttachmentState:
    reason = str(state.one("SELECT reason FROM url WHERE id = ?", row) or "") if row else ""
    if kept or reason == "too-big":
        return "too-big"
    if reason.startswith(("robots", "blocked", "http-401", "http-403", "http-412", "http-521")):
        return "blocked"
    return "missing"


def evidence_of(role: EvidenceRole, capture: Capture) -> Evidence:
    """Return where in which WARC a capture stands, as an event says it."""
    return Evidence(
        role, capture.warc, capture.offset, capture.length, capture.record_id, capture.digest, capture.at, capture.url
    )


def part_evidence(state: State, target: Target) -> tuple[Evidence, ...]:
    """Return the captures of the further pages of an article, in reading order."""
    found: list[Capture] = []
    for (child,) in state.db.execute(
        "SELECT child FROM need WHERE parent = ? AND role = 'part' ORDER BY rank", (target.id,)
    ).fetchall():
        found += state.captures("url_id = ? AND status = 200 ORDER BY id DESC LIMIT 1", child)
    return tuple(evidence_of("part", capture) for capture in found)


def list_evidence(state: State, site: Site, target: Target, page: Capture, names: set[str]) -> tuple[Evidence, ...]:
    """Return the list page on which the article's row stood when it was last seen.  names: what its row may be called."""
    if target.list is None:
        return ()
    marks = ", ".join("?" * len(names))
    seen = state.one(
        f"SELECT capture FROM listed WHERE site = ? AND url IN ({marks}) AND capture < ? ORDER BY list = ? DESC, capture DESC",
        site.name, *sorted(names), page.id, target.list,
    )  # fmt: skip
    if seen is None:  # its row has another address: the page that led here, before any redirect
        via: str | None = target.via
        for _ in range(12):
            before = state.one("SELECT via FROM url WHERE site = ? AND url = ? AND role = 'article'", site.name, via)
            via = before or via
        seen = state.one(
            "SELECT id FROM capture WHERE site = ? AND role = 'list' AND url = ? AND id < ? ORDER BY id DESC LIMIT 1",
            site.name, via or target.list, page.id,
        )  # fmt: skip
    found = state.captures("id = ?", seen) if seen is not None else []
    return tuple(evidence_of("list", capture) for capture in found)
