"""How a request ends: what came over the wire -> the next state of its frontier row.

Every request ends in exactly one of captured, redirected, retry(at) or failed(reason); what a captured page means is
decided later, from the archive.  Pure functions, so that each ending has a test of its own.
"""

import email.utils
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)

from archive.state import Target
from crawler.addresses import AddressRefusedError
from spiders.links import resolve

ATTEMPTS = 3
REDIRECTS = 10
LONGEST_WAIT = 600.0  # seconds a run waits for a Retry-After; longer ones are left to the next run
REDIRECT_STATUS = {301, 302, 303, 307, 308}
# Where a removed article is sent on many sites: the home page or an error page says that it is gone.
HOME_PATH = re.compile(r"/?(?:(?:index|default|home|main|404|error|notfound|err)[\w-]*(?:\.\w{2,5})?/?)?", re.I)
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
BUSY_STATUS = {408, 425, 429, 500, 502, 503, 504, 520, 522, 524}


@dataclass(frozen=True)
class Answer:
    """What came back.  status: None when no complete header came.  headers: lower-case names, last value wins."""

    status: int | None
    headers: Mapping[str, str]
    truncated: str | None
    error: str | None


@dataclass(frozen=True)
class Ending:
    """state: captured, redirected, retry or failed.  not_before: unix time of a retry.  location: absolute URL.
    pause: seconds that the whole host is left alone."""

    state: str
    reason: str | None = None
    not_before: float = 0.0
    location: str | None = None
    pause: float = 0.0


def reason_of(error: BaseException, refused: bool) -> str:
    """Return the short fixed reason of a failure.  refused: the guard dropped every address of the host."""
    if isinstance(error, AddressRefusedError) or refused:
        return "address-refused"
    if isinstance(error, CannotResolveHostError):
        return "dns"
    if isinstance(error, DownloadTimeoutError):
        return "timeout"
    if isinstance(error, DownloadConnectionRefusedError):
        return "connection-refused"
    if isinstance(error, DownloadCancelledError):
        return "too-big"
    if isinstance(error, UnsupportedURLSchemeError):
        return "bad-scheme"
    if "SSL" in type(error).__name__ or "SSL" in str(error):
        return "tls"
    return "connection-lost"


def ending(target: Target, answer: Answer, *, limit: int = ATTEMPTS, now: float | None = None) -> Ending:
    """Return how the request ends.  limit: tries in all; `target.attempts` are those before this one."""
    attempts = target.attempts
    now = time.time() if now is None else now
    last = attempts + 1 >= limit
    if answer.error in ("address-refused", "bad-scheme"):
        return Ending("failed", answer.error)
    if answer.status is None:
        return Ending("failed", answer.error) if last else Ending("retry", answer.error, now + _backoff(attempts))
    if answer.truncated and answer.truncated != "length":
        return Ending("failed", "cut-body") if last else Ending("retry", "cut-body", now + _backoff(attempts))
    if answer.status in BUSY_STATUS:
        pause = retry_after(answer.headers.get("retry-after", ""), now)
        if last or pause > LONGEST_WAIT:
            return Ending("failed", f"http-{answer.status}", pause=pause)
        return Ending("retry", f"http-{answer.status}", now + max(pause, _backoff(attempts)), pause=pause)
    if answer.status in REDIRECT_STATUS:
        end = _redirect(target, answer.headers.get("location", "").strip())
        if end.location == target.url and "set-cookie" in answer.headers and not last:
            return Ending("retry", "cookie", now)  # a gate: the same address, with the cookie this time
        return end
    if (
        answer.truncated == "length" and answer.status < 400 and target.role != "robots"
    ):  # RFC 9309 §2.5: its start counts
        return Ending("failed", "too-big")
    return Ending("captured")


def _redirect(target: Target, location: str) -> Ending:
    """location: as sent, its bytes as Latin-1; sites write raw UTF-8 and GBK there, which keep their bytes."""
    url = resolve(target.url, NOT_ASCII.sub(lambda found: f"%{ord(found[0]):02X}", location))
    if url is None:
        return Ending("failed", "bad-redirect")
    parts = urlsplit(url)
    if len(target.hops) - len(target.hops.rstrip("R")) >= REDIRECTS:
        return Ending("failed", "redirect-loop")
    if target.role == "article" and not parts.query and HOME_PATH.fullmatch(parts.path):
        return Ending("redirected", "redirected-home", location=url)
    return Ending("redirected", location=url)


def _backoff(attempts: int) -> float:
    return float(min(60.0, 2.0 * 2**attempts) * random.uniform(0.8, 1.2))  # spreads retries, no secret


def retry_after(text: str, now: float) -> float:
    """Return the seconds a Retry-After asks for (RFC 9110 §10.2.3: seconds or a date); 0 when absent or odd."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 86400))
    try:
        moment = email.utils.parsedate_to_datetime(text).timestamp() if text else now
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, moment - now), 86400.0)
