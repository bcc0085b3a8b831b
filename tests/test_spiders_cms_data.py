"""Lists that are no HTML: JSON and JSONP by the options of a definition, feeds, sitemaps; and how a shell page is read."""

import gzip
import json

import pytest

from pipelines.decode import Document
from spiders.cms import listing, opening
from spiders.cms.adapter import Ask, Row
from spiders.cms.json_list import at, propose, shown
from spiders.cms.xhr import discover, unfilled

SITE = "http://tv.yuanqu.example.cn"


def document(path: str, text: str | bytes, kind: str = "application/json") -> Document:
    return Document(
        SITE + path, text if isinstance(text, bytes) else text.encode(), (("Content-Type", f"{kind}; charset=utf-8"),)
    )


def entries(page: int, size: int = 2) -> list[dict[str, object]]:
    return [
        {"id": page * 10 + n, "title": f"<em>园区</em>新闻第{page * 10 + n}条", "link": f"/p/{page * 10 + n}.html", "publishTime": "2024-05-09 08:00:00", "media": "园区报"}
        for n in range(size)
    ]  # fmt: skip


def walk(options: dict[str, object], pages: list[str], url: str = f"{SITE}/list.html") -> list[Row]:
    """Ask the pages one after another as the spider would; the last must have no next."""
    rows: list[Row] = []
    asked: Ask | None = opening(url, "json", options)
    for text in pages:
        assert asked is not None
        found = listing(Document(asked.url, text.encode()), "json", options, asked)
        rows += found.rows
        asked = found.next
    assert asked is None
    return rows


def test_list_is_walked_by_a_template_until_the_named_number_of_pages() -> None:
    options: dict[str, object] = {
        "request": "/api/list?col=3&page={page}",
        "items": "data.list",
        "url": "link",
        "date": "publishTime",
        "source": "media",
        "pages": "data.pages",
    }
    rows = walk(options, [json.dumps({"data": {"pages": 3, "list": entries(n)}}) for n in (1, 2, 3)])
    assert len(rows) == 6
    assert rows[0] == Row(f"{SITE}/p/10.html", "园区新闻第10条", "2024-05-09 08:00:00", "园区报")


def test_number_may_travel_in_a_json_body_or_count_entries() -> None:
    posted: dict[str, object] = {
        "request": "/api",
        "method": "post",
        "body": '{"pageNo": {page}, "size": 2}',
        "headers": {"Content-Type": "application/json"},
        "first": 0,
        "total": "total",
    }
    first = opening(f"{SITE}/list.html", "json", posted)
    assert (first.method, first.body, first.headers) == (
        "POST",
        b'{"pageNo": 0, "size": 2}',
        (("Content-Type", "application/json"),),
    )
    assert len(walk(posted, [json.dumps({"total": 4, "rows": entries(n)}) for n in (1, 2)])) == 4
    offset: dict[str, object] = {"request": "/api?from={offset}&n=2", "size": 2}
    assert [opening(SITE, "json", offset).url] == [f"{SITE}/api?from=0&n=2"]
    assert len(walk(offset, [json.dumps(entries(1)), json.dumps(entries(2)), json.dumps(entries(3, 1))])) == 5


def test_page_parameter_of_the_list_url_is_enough() -> None:
    options: dict[str, object] = {"page": "p", "pages": "pages"}
    assert (
        len(walk(options, [json.dumps({"pages": 2, "list": entries(n)}) for n in (1, 2)], f"{SITE}/api?c=1&p=1")) == 4
    )


def test_jsonp_templates_for_urls_and_epochs() -> None:
    text = (
        "callback("
        + json.dumps(
            {"result": [{"title": "园区一季度工业产值增长", "docId": 7, "time": 1715216400000}, {"title": "无编号"}]}
        )
        + ");"
    )
    options = {"items": "result", "title": "title", "url": "/detail.html?id={docId}", "date": "time"}
    assert list(listing(document("/x", text), "json", options).rows) == [
        Row(f"{SITE}/detail.html?id=7", "园区一季度工业产值增长", "2024-05-09 09:00:00")
    ]


def test_html_inside_json() -> None:
    piece = (
        "<ul>"
        + "".join(
            f"<li><a href='/p/{n}.html'>园区工作动态的文章标题{n}</a><span>2024-05-{n}</span></li>"
            for n in range(10, 15)
        )
        + "</ul>"
    )
    rows = listing(document("/x", json.dumps({"data": {"html": piece}})), "json", {"html": "data.html"}).rows
    assert rows[0] == Row(f"{SITE}/p/10.html", "园区工作动态的文章标题10", "2024-05-10")


def test_options_are_proposed_from_one_answer() -> None:
    answer = document("/api", json.dumps({"code": 0, "data": {"total": 41, "pages": 21, "list": entries(1)}}))
    assert propose(answer) == {
        "items": "data.list",
        "title": "title",
        "url": "link",
        "date": "publishTime",
        "total": "data.total",
        "pages": "data.pages",
    }
    assert propose(document("/api", '{"menu": [{"name": "x"}]}')) == {}
    assert propose(document("/api", "no json")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[[[[",
        "null",
        '{"a":' * 3000 + "1" + "}" * 3000,
        "cb(",
        '{"data": {"list": [1, "x", null, {}]}}',
        '{"data": {"list": {"title": 1}}}',
    ],
)
def test_broken_answers_have_no_rows_and_no_next(text: str) -> None:
    found = listing(
        document("/x?page=1", text), "json", {"items": "data.list", "request": "/x?page={page}", "url": "url"}
    )
    assert (found.rows, found.next) == ((), None)


def test_paths_into_answers() -> None:
    answer = {"a": [{"b": 1}, {"b": [2, 3]}], "c": {"d": "x"}}
    assert at(answer, "a.*.b") == [1, 2, 3]
    assert at(answer, "a.1.b.0") == 2
    assert (at(answer, "c.d"), at(answer, "c.x.y"), at(answer, "")) == ("x", None, answer)
    assert (shown(None), shown("20240509"), shown(17), shown(" 2024-05-09  08:00 ")) == (
        None,
        "20240509",
        None,
        "2024-05-09 08:00",
    )


def test_shell_page_tells_its_data_calls() -> None:
    page = document("/c/park.html", "<ul id=list data-channel=park></ul><script>var site = 'S9';</script>", "text/html")
    script = """
      fetch("/api/list?channel=" + box.dataset.channel + "&page=" + page).then(show);
      $.ajax({url: "/api/getNews", type: "post", data: {siteId: site, pageNo: pageNo, pageSize: 15}});
      axios.post('/rest/query', JSON.stringify({channel: 4, pageIndex: cur}));
      var rows = 15, part = $('#list').attr('data-channel');
      $.ajax({type: "GET", url: "/api/rows", data: {column: part, of: box.getAttribute('data-channel'), size: rows, page: page, q: ''}});
      $.getJSON(`/data/list_${pageNum}.json`); fetch(unknownThing + "/list"); fetch("/static/a.js"); // fetch("/api/old?page=1")
    """
    found = discover(page, [script])
    assert found == [
        {"request": f"{SITE}/api/list?channel=park&page={{page}}"},
        {"request": f"{SITE}/api/getNews", "method": "POST", "body": "siteId=S9&pageNo={page}&pageSize=15", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"request": f"{SITE}/rest/query", "method": "POST", "body": '{"channel": 4, "pageIndex": {page}}', "headers": {"Content-Type": "application/json"}},
        {"request": f"{SITE}/api/rows?column=park&of=park&size=15&page={{page}}&q="},
        {"request": f"{SITE}/data/list_{{page}}.json"},
    ]  # fmt: skip


def test_pages_that_only_a_browser_fills_are_told() -> None:
    assert unfilled(document("/", "<div id=app></div><script src=/a.js></script>", "text/html"))
    assert unfilled(document("/", "<li ng-repeat='n in news'>{{ n.title }}</li>", "text/html"))
    assert not unfilled(document("/", "<ul><li><a href=/1.html>园区新闻</a></li></ul>", "text/html"))


RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title><link>/</link>
<item><title><![CDATA[园区<b>新闻</b>一]]></title><link> /a/1.html </link><pubDate>Thu, 09 May 2024 08:00:00 +0800</pubDate></item>
<item><title>二 &amp;amp; 三</title><guid>http://tv.yuanqu.example.cn/a/2.html</guid><dc:date>2024-05-08</dc:date></item>
<item><title>坏链接</title><link>javascript:alert(1)</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/feed?p=2"/><entry><title>Park opens</title>
<link rel="self" href="/x"/><link rel="alternate" href="/a/3.html"/><published>2024-05-09T08:00:00Z</published><updated>2024-06-01T00:00:00Z</updated></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/><item><title>旧格式</title>
<link>/a/4.html</link></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "/f?2",
        "items": [
            {"id": "5", "url": "/a/5.html", "title": "五", "date_published": "2024-05-09T00:00:00+08:00"},
            {"id": 6},
        ],
    }
)


@pytest.mark.parametrize(
    ("text", "rows", "following"),
    [
        (RSS, [Row(f"{SITE}/a/1.html", "园区新闻一", "Thu, 09 May 2024 08:00:00 +0800"), Row(f"{SITE}/a/2.html", "二 & 三", "2024-05-08")], None),
        (ATOM, [Row(f"{SITE}/a/3.html", "Park opens", "2024-05-09T08:00:00Z")], f"{SITE}/feed?p=2"),
        (RDF, [Row(f"{SITE}/a/4.html", "旧格式")], None),
        (JSON_FEED, [Row(f"{SITE}/a/5.html", "五", "2024-05-09T00:00:00+08:00")], f"{SITE}/f?2"),
        (RSS[: RSS.index("<item><title>坏")], [Row(f"{SITE}/a/1.html", "园区新闻一", "Thu, 09 May 2024 08:00:00 +0800"), Row(f"{SITE}/a/2.html", "二 & 三", "2024-05-08")], None),
    ],
    ids=["rss", "atom", "rdf", "json feed", "cut rss"],
)  # fmt: skip
def test_feeds_of_all_kinds(text: str, rows: list[Row], following: str | None) -> None:
    found = listing(document("/feed", text, "application/xml"))
    assert (found.adapter, list(found.rows)) == ("rss", rows)
    assert (found.next.url if found.next else None) == following


def test_feeds_expand_no_entities_and_fetch_nothing() -> None:
    text = '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><channel><item><title>&x;甲</title><link>/1.html</link></item></channel></rss>'
    assert listing(document("/feed", text, "text/xml")).rows == (Row(f"{SITE}/1.html", "甲"),)


URLSET = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>http://tv.yuanqu.example.cn/a/1.html</loc><lastmod>2024-06-01</lastmod><news:news><news:publication_date>2024-05-09</news:publication_date>
<news:title>园区新闻</news:title></news:news></url><url><loc>http://tv.yuanqu.example.cn/a/2.html</loc><lastmod>2024-05-01</lastmod></url>
<url><loc>http://tv.yuanqu.example.cn/i/1.jpg</loc></url></urlset>"""


def test_sitemaps_plain_gzipped_and_as_text() -> None:
    rows = (Row(f"{SITE}/a/1.html", "园区新闻", "2024-05-09"), Row(f"{SITE}/a/2.html", None, "2024-05-01"))
    assert listing(document("/sitemap.xml", URLSET, "text/xml")).rows == rows
    zipped = listing(document("/sitemap.xml.gz", gzip.compress(URLSET.encode()), "application/gzip"))
    assert (zipped.adapter, zipped.rows, zipped.next) == ("sitemap", rows, None)
    plain = listing(document("/sitemap.txt", f"{SITE}/a/1.html\n{SITE}/a/2.html\n", "text/plain"))
    assert (plain.adapter, [row.url for row in plain.rows]) == ("sitemap", [row.url for row in rows])


def test_parts_of_a_sitemap_index_are_columns_newest_first() -> None:
    text = "<sitemapindex><sitemap><loc>/s1.xml</loc><lastmod>2023-01-01</lastmod></sitemap><sitemap><loc>/s2.xml</loc><lastmod>2024-01-01</lastmod></sitemap><sitemap><loc>/s3.xml</loc></sitemap></sitemapindex>"
    found = listing(document("/sitemap.xml", text, "text/xml"))
    assert found.rows == ()
    assert [row.url for row in found.columns] == [f"{SITE}/s2.xml", f"{SITE}/s1.xml", f"{SITE}/s3.xml"]
