"""Addresses: what is dropped, what two links to one article have in common, what a page needs to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.decode import Document
from spiders.links import (
    LONGEST,
    NotAnAddressError,
    canonical,
    grows,
    in_scope,
    may_be_twins,
    requisites,
    resolve,
    role_of_link,
    stylesheet_requisites,
)

HOME = "http://www.park.example.cn/xw/index.html"


@pytest.mark.parametrize(
    "href",
    [
        "javascript:void(0)",
        " JavaScript:open('a.html')",
        "data:text/html,x",
        "mailto:a@b.cn",
        "file:///etc/passwd",
        "weixin://dl/business",
        "tel:010",
        "#top",
        "",
        "   ",
        "a\x01b.html",
        "http://",
        "http://[::1",
        "http://bad host/",
        "http://x.cn:99999/",
        "http://x.cn/" + "a" * LONGEST,
        None,
    ],
)
def test_what_is_no_address_is_dropped(href: str | None) -> None:
    assert resolve(HOME, href) is None


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("./202405/t20240501_12.html", "http://www.park.example.cn/xw/202405/t20240501_12.html"),
        ("../a/b.html", "http://www.park.example.cn/a/b.html"),
        ("/a//b.html", "http://www.park.example.cn/a//b.html"),
        ("?page=2", "http://www.park.example.cn/xw/index.html?page=2"),
        ("//img.example.cn/a.png", "http://img.example.cn/a.png"),
        ("http:list.html", "http://www.park.example.cn/xw/list.html"),  # a scheme without slashes is relative
        ("a\\b.html", "http://www.park.example.cn/xw/a/b.html"),
        ("a\n b.html", "http://www.park.example.cn/xw/a%20b.html"),
        ("/公告.html#x", "http://www.park.example.cn/%E5%85%AC%E5%91%8A.html"),
        ("HTTP://WWW.Park.Example.CN./x", "http://www.park.example.cn/x"),
        ("http://user:secret@www.park.example.cn/x", "http://www.park.example.cn/x"),
        ("http://园区.cn/x", "http://xn--dkrx9f.cn/x"),
    ],
)
def test_links_are_made_absolute_as_browsers_do(href: str, expected: str) -> None:
    assert resolve(HOME, href) == expected


def test_query_is_escaped_in_the_encoding_of_the_page_and_the_path_in_utf8() -> None:
    assert resolve(HOME, "/公/s.asp?q=告", "gb18030") == "http://www.park.example.cn/%E5%85%AC/s.asp?q=%B8%E6"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("http://x.cn/a/1.html", "HTTP://X.CN:80/a/./b/../1.html#top"),
        ("http://x.cn/a/1.html", "http://x.cn.//a//1.html?utm_source=wx&spm=a2.b3"),
        ("http://x.cn/a?id=1", "http://x.cn/a;jsessionid=0A1B?id=1&PHPSESSID=ff&from=timeline&isappinstalled=0"),
        ("http://x.cn/a?id=1&b=2", "http://x.cn/a?id=1&amp;b=2&print=1"),
        ("http://x.cn/content/post_12.html", "http://x.cn/content/mpost_12.html"),
        ("http://x.cn/2024/0102/c1a2/page.htm", "http://x.cn/2024/0102/c1a2/pagem.htm"),
        ("http://www.x.cn/zc/1.htm", "http://big5.x.cn/gate/big5/www.x.cn/zc/1.htm"),
        (
            "http://x.cn/info/1074/64481.htm",
            "http://x.cn/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1074&wbnewsid=64481",
        ),
        ("http://x.cn/~a/%E5%85%AC.html", "http://x.cn/%7Ea/%e5%85%ac.html"),
        ("http://x.cn/%E5%85%AC.html", "http://x.cn/公.html"),
        ("http://x.cn/a?id=1", "http://x.cn/a?id=1&_=1700000000000&r=0.1234567"),
    ],
)
def test_one_article_has_one_identity(first: str, second: str) -> None:
    assert canonical(first) == canonical(second) == first


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("http://x.cn/a?id=1", "http://x.cn/a?id=2"),
        ("http://x.cn/a?from=2024-01-01", "http://x.cn/a?from=2024-02-01"),  # a range, not where it was shared
        ("http://x.cn/a?view=list", "http://x.cn/a?view=map"),
        ("http://x.cn/A.html", "http://x.cn/a.html"),
        ("http://m.x.cn/a.html", "http://www.x.cn/a.html"),  # a mobile host is a twin only when we are told
        ("http://x.cn:8080/a", "http://x.cn/a"),
        ("http://x.cn/a/", "http://x.cn/a"),
    ],
)
def test_what_may_be_another_article_stays_another(first: str, second: str) -> None:
    assert canonical(first) != canonical(second)


@pytest.mark.parametrize(
    ("url", "trap"),
    [
        ("http://x.cn/a/a/a/", True),
        ("http://x.cn/news/list/news/list/news/list/1.html", True),
        ("http://x.cn/a/a/1.html", False),
        ("http://x.cn/2024/11/11/11/1.html", False),  # days and numbers repeat by chance
        ("http://x.cn/0/0/0/1.html", False),
    ],
)
def test_paths_that_grow_at_each_step_are_told(url: str, trap: bool) -> None:
    assert grows(url) is trap


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        ("http://x.cn/a/123.html", "http://x.cn/print/123.html", True),
        ("http://x.cn/a/123.html", "http://m.x.cn/a/123.html", True),
        ("http://x.cn/art/art_12_4567.html", "http://x.cn/art/art_13_4567.html", True),
        ("http://x.cn/show?id=7&sid=a", "http://x.cn/show?id=7&sid=b", True),
        ("http://x.cn/show?id=7", "http://x.cn/show?id=7&catid=3", True),
        ("http://x.cn/opening-day/", "http://x.cn/print/opening-day/", True),
        ("http://x.cn/show?id=7", "http://x.cn/show?id=8", False),
        ("http://x.cn/show?newsid=7", "http://x.cn/show?newsid=8", False),
        ("http://x.cn/a/123.html", "http://x.cn/a/124.html", False),
        ("http://x.cn/a/123.html", "http://x.cn/a/opening-day.html", False),
    ],
)
def test_addresses_that_may_be_of_one_article(one: str, other: str, twins: bool) -> None:
    assert may_be_twins(one, other) is may_be_twins(other, one) is twins


def test_gbk_escapes_keep_their_bytes() -> None:
    """%B5%41 is one character in GBK: its second byte must not be opened as an A."""
    assert canonical("http://x.cn/s?q=%b5%41%ab%40") == "http://x.cn/s?q=%B5%41%AB%40"


def test_twins_and_the_form_of_the_home_page_apply_when_told() -> None:
    twins = {"m.x.cn": "www.x.cn"}
    assert canonical("http://m.x.cn/a.html", twins=twins) == "http://www.x.cn/a.html"
    assert canonical("http://x.cn:80/a.html", home="https://www.x.cn/") == "https://www.x.cn/a.html"
    assert canonical("http://news.x.cn/a.html", home="https://www.x.cn/") == "http://news.x.cn/a.html"


@pytest.mark.parametrize("url", ["ftp://x.cn/", "x.cn/a", "http:///a", "http://x cn/", "http://x.cn/" + "a" * LONGEST])
def test_identity_of_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(NotAnAddressError):
        canonical(url)


@given(st.text(max_size=80))
def test_any_text_is_resolved_or_dropped_and_identity_is_stable(text: str) -> None:
    url = resolve(HOME, text)
    if url is not None:
        assert url.isascii()
        once = canonical(url)
        assert canonical(once) == once


def test_scope_is_the_host_with_its_www_and_mobile_twins() -> None:
    site = "http://www.kjt.example.gov.cn/"
    assert in_scope(site, "https://kjt.example.gov.cn/a")
    assert in_scope(site, "http://m.kjt.example.gov.cn/a")
    assert not in_scope(site, "http://czt.example.gov.cn/a")
    assert not in_scope(site, "javascript:void(0)")
    assert in_scope(site, "http://czt.example.gov.cn/a", wide=True)
    assert not in_scope(site, "http://other.gov.cn/a", wide=True)  # gov.cn is a public suffix


@pytest.mark.parametrize(
    ("url", "role"),
    [
        ("http://x.cn/a.PDF?v=1", "attachment"),
        ("http://x.cn/P020240501.wps", "attachment"),
        ("http://x.cn/a.ofd", "attachment"),
        ("http://x.cn/module/download/downfile.jsp?filename=1&classid=0", "attachment"),
        ("http://x.cn/system/_content/download.jsp?wbfileid=1", "attachment"),
        ("http://x.cn/down.jsp?file=a.docx", "attachment"),
        ("http://x.cn/v.mp4", "media"),
        ("http://x.cn/i.jpeg", "image"),
        ("http://x.cn/a.css", "style"),
        ("http://x.cn/a.js", "script"),
        ("http://x.cn/a.shtml", "page"),
        ("http://x.cn/show.aspx?id=1", "page"),
        ("http://x.cn/a/", "page"),
    ],
)
def test_role_follows_from_extension_and_download_scripts(url: str, role: str) -> None:
    assert role_of_link(url) == role


def test_requisites_are_everything_a_page_is_drawn_with_and_nothing_else() -> None:
    html = b"""<html><head><base href="/t/"><link rel="stylesheet" href="a.css"><link rel="alternate" href="feed.xml">
    <link rel="shortcut icon" href="/favicon.ico"><style>@import "b.css"; .x{background:url(c.png)} /* url(no.png) */</style>
    <script src="d.js"></script></head><body background="e.gif" style="background:url('f.png')">
    <img src="blank.gif" data-src="g.jpg" data-original='h.jpg'><img srcset="i.jpg 1x, j,k.jpg 2x" src="data:image/gif;base64,xx">
    <picture><source srcset="l.webp 100w,m.webp 200w"></picture><iframe src="n.html"></iframe><a href="o.html">x</a>
    <video poster="p.jpg" src="q.mp4"></video><input type="image" src="r.png"><table><tr><td background="s.gif"></td></tr></table></body></html>"""
    names = [url.removeprefix("http://x.cn/t/") for url in requisites(Document("http://x.cn/a/b.html", html))]
    assert names == [
        "a.css", "http://x.cn/favicon.ico", "b.css", "c.png", "d.js", "e.gif", "f.png", "blank.gif", "g.jpg", "h.jpg",
        "i.jpg", "j,k.jpg", "l.webp", "m.webp", "p.jpg", "r.png", "s.gif",
    ]  # fmt: skip


def test_stylesheets_name_imports_backgrounds_and_fonts() -> None:
    css = "@import 'base.css'; @import url(more.css); a{background:url( \"../i/a b.png\" )} /* url(x.png) */ @font-face{src:url(f.woff2)} b{background:url(data:x)}"
    assert stylesheet_requisites(css, "http://x.cn/css/main.css") == [
        "http://x.cn/css/base.css",
        "http://x.cn/css/more.css",
        "http://x.cn/i/a%20b.png",
        "http://x.cn/css/f.woff2",
    ]
