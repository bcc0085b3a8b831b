"""`ask` for onboarding without a crawler: of a server on loopback, or of pages held in memory."""

import asyncio
import http.client
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from archive.message import parse_message
from spiders.cms.adapter import Ask
from spiders.probe import Answer

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
        self.asked.append(ask.url)
        parts = urlsplit(ask.url)
        if parts.netloc != self.host:
            return Answer(ask.url, obstacle="dns")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        found = self.pages.get(path, (404, "<html><body>nothing here</body></html>"))
        status, body = found if isinstance(found, tuple) else (200, found)
        if body.startswith("-> "):
            return await self(Ask(urljoin(ask.url, body[3:])))
        kind = (
            "application/xml" if body.startswith("<?xml") else "application/json" if body[:1] in "{[" else "text/html"
        )
        return Answer(ask.url, status, (("Content-Type", f"{kind}; charset=utf-8"),), body.encode())
