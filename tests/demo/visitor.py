"""A plain HTTP client for tests of the demo sites: a URL and headers -> the answer of a DemoServer, redirects kept."""

import gzip
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Self
from urllib.parse import urlsplit

from tests.demo.server import DemoServer


@dataclass(frozen=True)
class Reply:
    """body: content-coding undone.  headers: lower-case names, the last value of each."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as a browser reads it: what is declared gb2312 is read as GBK."""
        head = self.headers.get("content-type", "") + self.body[:1000].decode("latin-1")
        return self.body.decode("gbk" if "gb2312" in head else "utf-8")


class Visitor:
    """One kept-alive connection to `server`, whatever host a URL names."""

    def __init__(self, server: DemoServer) -> None:
        self._connection = HTTPConnection(*server.address, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._connection.close()

    def get(self, url: str, method: str = "GET", **headers: str) -> Reply:
        """Ask for `url`.  headers: names with _ for -, as in If_None_Match."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self._connection.request(method, path, headers=sent)
        answer = self._connection.getresponse()
        body = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        if found.get("content-encoding") == "gzip" and body:
            body = gzip.decompress(body)
        return Reply(answer.status, found, body)
