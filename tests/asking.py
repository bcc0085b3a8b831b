"""`ask` for onboarding without a crawler: of a server on loopback, or of pages held in memory."""

import asyncio
import http.client
import re
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

from archive.message import parse_message
from pipelines.decode import Document
from spiders import cms
from spiders.cms.adapter import Ask
from spiders.links import role_of_link
from spiders.probe import Answer, identity
from spiders.site import Site

SHELLS = 3  # answers without rows that may stand before the first page with some
PLAIN = {"Accept-Encoding": "identity"}


class Loopback:
    """`ask` for servers on 127.0.0.1: every host is there, three redirects are followed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.count = 0

    async def __call__(self, ask: Ask) -> Answer:
        return await asyncio.to_thread(self.fetch, ask)

    def fetch(self, ask: Ask) -> Answer:
        self.count += 1
        url = ask.url
        for _ in range(4):
            parts = urlsplit(url)
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            try:
                connection.request(
                    ask.method, path, ask.body or None, {**PLAIN, **dict(ask.headers), "Host": parts.netloc}
                )
                reply = connection.getresponse()
                headers = tuple(reply.getheaders())
                body = reply.read()
            except (OSError, http.client.HTTPException) as error:
                return Answer(url, obstacle=type(error).__name__.lower())
            finally:
                connection.close()
            location = {name.lower(): value for name, value in headers}.get("location")
            if reply.status in (301, 302, 303, 307, 308) and location:
                url = urljoin(url, location)
                continue
            head = "".join(f"{name}: {value}\r\n" for name, value in headers if name.lower() != "transfer-encoding")
            message = parse_message(f"HTTP/1.1 {reply.status} -\r\n{head}\r\n".encode("latin-1") + body)
            return Answer(url, reply.status, headers, message.payload(50_000_000))
        return Answer(url, obstacle="redirect-loop")


class Pages:
    """A site in memory.  pages: path (with query) -> body, (status, body), or a redirect as "-> /path".

    asked: the URLs that were asked for, in order.
    """

    def __init__(self, pages: Mapping[str, str | tuple[int, str]], host: str = "www.site.example") -> None:
        self.pages, self.host = pages, host
        self.asked: list[str] = []

    async def __call__(self, ask: Ask) -> Answer:
        return self.fetch(ask)

    def fetch(self, ask: Ask) -> Answer:
        self.asked.append(ask.url)
        parts = urlsplit(ask.url)
        if parts.netloc != self.host:
            return Answer(ask.url, obstacle="dns")
        found = self.at(parts.path + (f"?{parts.query}" if parts.query else ""), ask)
        status, body = found if isinstance(found, tuple) else (200, found)
        if body.startswith("-> "):
            return self.fetch(Ask(urljoin(ask.url, body[3:])))
        kind = (
            "application/xml" if body.startswith("<?xml") else "application/json" if body[:1] in "{[" else "text/html"
        )
        return Answer(ask.url, status, (("Content-Type", f"{kind}; charset=utf-8"), *self.headers()), body.encode())

    def at(self, path: str, ask: Ask) -> str | tuple[int, str]:  # noqa: ARG002  # sites with data calls read its body
        """What stands at a path (with query)."""
        return self.pages.get(path, (404, "<html><body>nothing here</body></html>"))

    def headers(self) -> tuple[tuple[str, str], ...]:
        return ()


def walked(site: Site, fetch: Callable[[Ask], Answer], most: int = 400) -> set[str]:
    """URLs that a full crawl of a definition would ask for as articles; no list deeper than `most` pages."""
    found: set[str] = set()
    pattern = re.compile(site.article_url) if site.article_url else None
    for source in site.list:
        asked: Ask | None = cms.opening(source.url, source.cms, source.options)
        seen: set[str] = set()
        done: set[tuple[str, bytes]] = set()
        while asked is not None and (asked.url, asked.body) not in done and len(done) < most:
            done.add((asked.url, asked.body))
            answer = fetch(asked)
            if answer.status != 200:
                break
            listing = cms.listing(Document(answer.url, answer.body, answer.headers), source.cms, source.options, asked)
            names = [identity(site.url, row.url) for row in listing.rows]
            rows = {name for name in names if name and role_of_link(name) not in ("media", "style", "script", "font")}
            rows = {name for name in rows if pattern is None or pattern.search(name)}
            if not rows - seen and (seen or listing.rows or len(done) > SHELLS):
                break
            seen |= rows
            asked = listing.next
        found |= seen
    return found
