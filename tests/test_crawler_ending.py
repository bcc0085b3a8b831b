"""The decision how a request ends, from status, headers and error alone."""

from dataclasses import replace

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)

from archive.state import TARGET, Target
from crawler.addresses import AddressRefusedError
from crawler.ending import ATTEMPTS, LONGEST_WAIT, REDIRECTS, Answer, Ending, ending, reason_of, retry_after

NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z
ROW = Target(**dict.fromkeys(TARGET.split(", "), None) | {  # type: ignore[arg-type]
    "id": 1, "site": "park", "key": "k", "url": "http://www.park.example/news/1.html", "method": "GET", "role": "article",
    "host": "www.park.example", "state": "pending", "priority": 50, "attempts": 0, "run": 1, "hops": "L", "page": 1,
})  # fmt: skip


def ends(
    status: int | None = 200, row: Target = ROW, truncated: str | None = None, error: str | None = None, **headers: str
) -> Ending:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ending(row, Answer(status, named, truncated, error), now=NOW)


@pytest.mark.parametrize("status", [200, 203, 204, 206, 304, 400, 401, 403, 404, 410, 412, 451, 501, 521, 999])
def test_answer_is_captured_and_judged_later_from_the_archive(status: int) -> None:
    assert ends(status) == Ending("captured")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_busy_server_is_asked_again_until_the_attempts_are_used_up(status: int) -> None:
    for attempts in range(ATTEMPTS - 1):
        found = ends(status, replace(ROW, attempts=attempts))
        assert (found.state, found.reason) == ("retry", f"http-{status}")
        assert found.not_before > NOW
    assert ends(status, replace(ROW, attempts=ATTEMPTS - 1)) == Ending("failed", f"http-{status}")


def test_each_retry_waits_longer_than_the_one_before() -> None:
    waits = [ends(500, replace(ROW, attempts=attempts)).not_before - NOW for attempts in range(ATTEMPTS - 1)]
    assert waits == sorted(waits)
    assert waits[0] >= 1


def test_retry_after_pauses_the_host_and_a_long_one_ends_the_request() -> None:
    found = ends(503, retry_after="30")
    assert (found.state, found.pause) == ("retry", 30.0)
    assert found.not_before >= NOW + 30
    assert ends(503, retry_after=str(int(LONGEST_WAIT) + 1)) == Ending("failed", "http-503", pause=LONGEST_WAIT + 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120), (" 7 ", 7), ("0", 0), ("", 0), ("soon", 0), ("-5", 0), ("1.5", 0), ("٣", 0),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60),
        ("Mon, 21 Sep 2026 14:13:00 GMT", 0),  # past
        ("Mon, 21 Sep 2099 14:13:00 GMT", 86400),  # nobody waits for years
        ("999999999999999999", 86400), ("Mon, 99 Sep 2026 99:99:99 GMT", 0),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date_and_nothing_else(text: str, seconds: float) -> None:
    assert retry_after(text, NOW) == seconds


@pytest.mark.parametrize("error", ["timeout", "dns", "connection-lost", "connection-refused", "tls", "cut-body"])
def test_trouble_on_the_wire_is_tried_again_then_failed_with_its_reason(error: str) -> None:
    assert ends(None, error=error).state == "retry"
    assert ends(None, replace(ROW, attempts=ATTEMPTS - 1), error=error) == Ending("failed", error)


@pytest.mark.parametrize("error", ["address-refused", "bad-scheme"])
def test_what_may_not_be_asked_is_not_asked_again(error: str) -> None:
    assert ends(None, error=error) == Ending("failed", error)


def test_fetch_does_not_retry() -> None:
    assert ending(ROW, Answer(500, {}, None, None), limit=1, now=NOW) == Ending("failed", "http-500")
    assert ending(ROW, Answer(None, {}, None, "timeout"), limit=1, now=NOW) == Ending("failed", "timeout")


@pytest.mark.parametrize("cut", ["disconnect", "time", "unspecified"])
def test_cut_body_is_asked_again_whatever_its_status(cut: str) -> None:
    assert ends(200, truncated=cut).state == "retry"
    assert ends(404, replace(ROW, attempts=ATTEMPTS - 1), truncated=cut) == Ending("failed", "cut-body")


def test_body_beyond_the_limit_fails_at_once_but_errors_keep_their_status_and_robots_its_start() -> None:
    assert ends(200, truncated="length", error="too-big") == Ending("failed", "too-big")
    assert ends(404, truncated="length", error="too-big") == Ending("captured")
    assert ends(200, replace(ROW, role="robots"), truncated="length", error="too-big") == Ending("captured")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/news/2.html", "http://www.park.example/news/2.html"),
        ("2.html", "http://www.park.example/news/2.html"),
        ("  2.html#top ", "http://www.park.example/news/2.html"),
        ("?id=2", "http://www.park.example/news/1.html?id=2"),
        ("//other.example/a", "http://other.example/a"),
        ("https://www.park.example/news/1.html", "https://www.park.example/news/1.html"),
        ("\\news\\2.html", "http://www.park.example/news/2.html"),
        ("/a b.html", "http://www.park.example/a%20b.html"),
        ("/新闻.html".encode().decode("latin-1"), "http://www.park.example/%E6%96%B0%E9%97%BB.html"),
        ("/新闻.html".encode("gbk").decode("latin-1"), "http://www.park.example/%D0%C2%CE%C5.html"),
        ("/%d0%c2.html", "http://www.park.example/%d0%c2.html"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_leads_to_an_absolute_url(status: int, location: str, url: str) -> None:
    assert ends(status, location=location) == Ending("redirected", location=url)


@pytest.mark.parametrize(
    "location",
    ["", "ftp://www.park.example/a", "javascript:void(0)", "data:,x", "http://[::1/", "http://a.example:99999/", "http://a..b/",
     f"http://{'a' * 64}.example/", "http:///", "/" + "a" * 5000, "/a\x00b", "#top"],
)  # fmt: skip
def test_redirect_to_what_is_no_address_fails(location: str) -> None:
    assert ends(302, location=location) == Ending("failed", "bad-redirect")


@pytest.mark.parametrize("path", ["/", "/index.html", "/index.shtml", "/default.aspx", "/404.html", "/error/", ""])
def test_article_sent_to_the_home_or_error_page_is_gone(path: str) -> None:
    found = ends(302, location=f"http://www.park.example{path}")
    assert (found.state, found.reason) == ("redirected", "redirected-home")


def test_other_roles_may_be_sent_home() -> None:
    assert ends(302, replace(ROW, role="list"), location="/").reason is None


def test_redirects_are_followed_so_far_and_no_further() -> None:
    assert ends(302, replace(ROW, hops="L" + "R" * (REDIRECTS - 1)), location="/b").state == "redirected"
    assert ends(302, replace(ROW, hops="L" + "R" * REDIRECTS), location="/b") == Ending("failed", "redirect-loop")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (AddressRefusedError("x"), "address-refused"),
        (CannotResolveHostError("x"), "dns"),
        (DownloadTimeoutError("x"), "timeout"),
        (DownloadConnectionRefusedError("x"), "connection-refused"),
        (DownloadCancelledError("x"), "too-big"),
        (UnsupportedURLSchemeError("x"), "bad-scheme"),
        (OSError("SSL: CERTIFICATE"), "tls"),
        (RuntimeError("x"), "connection-lost"),
    ],
)
def test_reason_of_a_failure_is_short_and_fixed(error: Exception, reason: str) -> None:
    assert reason_of(error, refused=False) == reason


def test_name_that_has_private_addresses_alone_is_refused_not_unknown() -> None:
    assert reason_of(CannotResolveHostError("x"), refused=True) == "address-refused"
