"""Every trap of the demo sites is really in the bytes that are served, one test a trap, by the trap's name.

A trap is tested either by a row of SHOWN (what stands on its page, and how often) or by a function whose name is
the trap's: kjt:pinned-row -> test_kjt_pinned_row.
"""

import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from html import unescape

import pytest

from tests.demo.server import DemoServer
from tests.demo.sites import traps
from tests.demo.truth import ArticleTruth, truth
from tests.demo.visitor import Reply, Visitor

# Trap -> texts with the number of times each stands on the page; None: at least once.
SHOWN: dict[str, dict[str, int | None]] = {
    "kjt:page-controls": {"字体：[": 1, "分享到：": 1, "打印本页": 1},
    "kjt:department-wall-twice": {"部门网站导航": 2, "住房和城乡建设厅": 2},
    "kjt:two-icp-numbers": {"岚ICP备00000020号-1": 1, "岚ICP备00000535号": 1, "政府网站标识码:9900000057": 1},
    "kjt:empty-attachment-block": {'<div class="fj">附件:</div>': 2},
    "kjt:empty-source-label": {"来源: </span>": 1, "来源:</p>": 1},
    "kjt:style-inside-body": {'trs_web">\n<style type="text/css">.TRS_Editor P{margin-top:1em}</style>': 2},
    "kjt:article-metas": {'<meta name="ArticleTitle"': 1, '<meta name="PubDate"': 1, '<meta name="ContentSource"': 1},
    "kjt:no-article-metas": {'<meta name="ArticleTitle"': 0, '<meta name="PubDate"': 0, '<meta name="SiteIDCode"': 1},
    "hr:masks-in-body": {"配套的***基金规模不低于***亿元": 1},
    "hr:disclaimer-after-body": {'</div>\n<p class="tip">本站文章收集自公开网络': 1},
    "hr:numbered-pager": {'<ul class="pagelist">': 1, "list_6_2.html'>下一页": 1, "list_6_4.html'>末页": 1},
    "yd:label-and-date-on-two-lines": {"<span>發布時間 :</span>\n<div>20": 1},
    "yd:numbered-pager": {'<a href="/news/index-2.html">2</a>': 1, '<a href="/news/index-2.html">下一頁</a>': 1},
    "tz:generator-meta": {'<meta name="generator" content="Z-BlogPHP 1.7.3">': 1},
    "tz:contact-block": {"微信/手机：": 1, "园区招商/厂房租售：": 1, "请说明用途": 1},
    "tz:scan-copyright-link-share": {"扫描二维码，在手机上": 1, "版权声明：": 1, "本文链接：": 1, "分享给朋友：": 1},
    "tz:teasers-with-own-date": {"发布时间：20": 3},
    "tz:pager-in-query": {'href="http://tz.demo.example/?cate=2&page=2"': None},
    "tz:pager-in-name": {'href="http://tz.demo.example/category-1_2.html"': None},
    "tz:home-is-a-list": {'href="http://tz.demo.example/page_2.html"': None, 'class="post multi"': 10},
}


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def visitor(demo: DemoServer) -> Iterator[Visitor]:
    demo.state = 1
    with Visitor(demo) as visitor:
        yield visitor


def page_of(visitor: Visitor, trap: str) -> Reply:
    return visitor.get(traps()[trap].url)


def text_of(visitor: Visitor, trap: str) -> str:
    return unescape(page_of(visitor, trap).text)


def article_of(trap: str, state: int = 1) -> ArticleTruth:
    site, url = traps()[trap].site, traps()[trap].url
    return next(a for a in truth(state)[site]["articles"] if url in (a["url"], *a["aliases"]))


@pytest.mark.parametrize("trap", SHOWN)
def test_trap_stands_on_its_page(visitor: Visitor, trap: str) -> None:
    text = text_of(visitor, trap)
    for shown, times in SHOWN[trap].items():
        assert (text.count(shown) > 0) if times is None else (text.count(shown) == times), shown


def test_every_trap_has_a_test_by_name() -> None:
    named = {trap for trap in traps() if "test_" + re.sub(r"\W", "_", trap) in globals()}
    assert named | SHOWN.keys() == traps().keys()


# ----------------------------------------------------------------------------------------------- 000
def test_kjt_pager_in_script(visitor: Visitor) -> None:
    text = text_of(visitor, "kjt:pager-in-script")
    assert 'createPageHTML(3, 0, "index", "html")' in text
    assert "index_1.html" not in text
    second = visitor.get(traps()["kjt:pager-in-script"].url + "index_1.html")
    assert 'createPageHTML(3, 1, "index", "html")' in second.text


def test_kjt_pinned_row(visitor: Visitor) -> None:
    dates = re.findall(r"<li>.*?<span>([\d-]+)</span></li>", text_of(visitor, "kjt:pinned-row"))
    assert "[置顶]" in text_of(visitor, "kjt:pinned-row")
    assert dates[0] < dates[-1] < dates[1]


def test_kjt_cut_row_title(visitor: Visitor) -> None:
    rows = re.findall(r'title="([^"]+)">([^<]+)…</a>', text_of(visitor, "kjt:cut-row-title"))
    assert rows
    assert all(whole.startswith(cut) and len(whole) > len(cut) for whole, cut in rows)


def test_kjt_desktop_and_mobile_copy(visitor: Visitor) -> None:
    text, article = text_of(visitor, "kjt:desktop-and-mobile-copy"), article_of("kjt:desktop-and-mobile-copy")
    assert all(text.count(line) == 2 for line in article["body"])
    assert re.search(r"来源:\S+ </span><span>发布日期:", text)
    assert re.search(r"发布时间:\S+ \d\d:\d\d\s+来源:", text)


def test_kjt_column_name_above_headline(visitor: Visitor) -> None:
    text, article = text_of(visitor, "kjt:column-name-above-headline"), article_of("kjt:column-name-above-headline")
    assert f'<h2 class="lm">媒体聚焦</h2>\n<h3 class="bt">{article["title"]}</h3>' in text


def test_kjt_source_glued_to_place(visitor: Visitor) -> None:
    source = article_of("kjt:source-glued-to-place")["source"]
    assert source is not None
    assert re.fullmatch(r"(岚江日报|澄湾晚报|.+)(澄湾|雁洲|汀原|柏川|禾陵|鹭岭|景泽|栖川|霁州|榆澜)", source)
    assert f"来源:{source} " in text_of(visitor, "kjt:source-glued-to-place")


def test_kjt_attachment_pdf(visitor: Visitor) -> None:
    data = _attachment(visitor, "kjt:attachment-pdf", "pdf")
    assert data.startswith(b"%PDF-1.4")
    start = int(data.split(b"startxref\n")[1].split()[0])
    assert data[start:].startswith(b"xref\n0 6")


def test_kjt_attachment_docx(visitor: Visitor) -> None:
    package = zipfile.ZipFile(io.BytesIO(_attachment(visitor, "kjt:attachment-docx", "docx")))
    assert package.testzip() is None
    assert "申报书（演示）" in "".join(ElementTree.fromstring(package.read("word/document.xml")).itertext())


def test_kjt_attachment_xlsx(visitor: Visitor) -> None:
    package = zipfile.ZipFile(io.BytesIO(_attachment(visitor, "kjt:attachment-xlsx", "xlsx")))
    assert package.testzip() is None
    assert "演示单位甲" in "".join(ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml")).itertext())


def _attachment(visitor: Visitor, trap: str, kind: str) -> bytes:
    found = next(f for f in article_of(trap)["attachments"] if f["url"].endswith(kind))
    name = found["url"].rsplit("/", 1)[1]
    assert f'<a href="./{name}">{found["title"]}</a>' in text_of(visitor, trap)
    return visitor.get(found["url"]).body


def test_kjt_policy_table(visitor: Visitor) -> None:
    text, fields = text_of(visitor, "kjt:policy-table"), article_of("kjt:policy-table")["doc"]
    assert {"索引号", "发文字号", "成文日期", "发文机关", "有效性"} <= fields.keys()
    assert "索 引 号：" in text
    assert all(f"<td>{value}</td>" in text for value in fields.values())


def test_kjt_article_redirects(visitor: Visitor) -> None:
    reply, article = page_of(visitor, "kjt:article-redirects"), article_of("kjt:article-redirects")
    assert (reply.status, reply.headers["location"]) == (302, article["url"])
    assert article["aliases"] == [traps()["kjt:article-redirects"].url]


def test_kjt_listed_twice() -> None:
    assert len(article_of("kjt:listed-twice")["in_lists"]) == 2


def test_kjt_silent_edit(demo: DemoServer, visitor: Visitor) -> None:
    _assert_edit(demo, visitor, "kjt:silent-edit", row_differs=False)


def test_kjt_gone_404(demo: DemoServer, visitor: Visitor) -> None:
    assert page_of(visitor, "kjt:gone-404").status == 200
    demo.state = 2
    assert page_of(visitor, "kjt:gone-404").status == 404


# ----------------------------------------------------------------------------------------------- 001
def test_hr_gbk_declared_gb2312(visitor: Visitor) -> None:
    reply = page_of(visitor, "hr:gbk-declared-gb2312")
    assert reply.headers["content-type"] == "text/html; charset=gb2312"
    assert b"charset=gb2312" in reply.body
    assert {"镕", "㎡"} <= set(reply.body.decode("gbk"))
    with pytest.raises(UnicodeDecodeError):
        reply.body.decode("gb2312")


def test_hr_gbk_character_in_title(visitor: Visitor) -> None:
    assert "镕" in article_of("hr:gbk-character-in-title")["title"]
    assert "<h2>对话卞镕：".encode("gbk") in page_of(visitor, "hr:gbk-character-in-title").body


def test_hr_admin_published_line(visitor: Visitor) -> None:
    year, month, day = article_of("hr:admin-published-line")["date"][:10].split("-")
    assert f"Admin - admin 于{year}年{month}月{day}日发表" in text_of(visitor, "hr:admin-published-line")
    assert article_of("hr:admin-published-line")["source"] is None


def test_hr_link_farm(visitor: Visitor) -> None:
    farm = re.search(r'<ol class="farm">(.*?)</ol>', text_of(visitor, "hr:link-farm"), re.S)
    assert farm
    assert farm[1].count("<li><a href=") == 100


def test_hr_farm_row_emptied(visitor: Visitor) -> None:
    assert len(re.findall(r"<li><a [^>]+>[^<]*已被清空\d{4}-\d\d-\d\d ", text_of(visitor, "hr:farm-row-emptied"))) == 1


def test_hr_listed_twice() -> None:
    assert len(article_of("hr:listed-twice")["in_lists"]) == 2


def test_hr_silent_edit(demo: DemoServer, visitor: Visitor) -> None:
    _assert_edit(demo, visitor, "hr:silent-edit", row_differs=False)


def test_hr_soft_404(demo: DemoServer, visitor: Visitor) -> None:
    demo.state = 2
    reply = page_of(visitor, "hr:soft-404")
    assert reply.status == 200
    assert "已不存在" in reply.text


# ----------------------------------------------------------------------------------------------- 002
def test_yd_traditional_characters(visitor: Visitor) -> None:
    body = "".join(article_of("yd:traditional-characters")["body"])
    assert len(set(body) & set("產業醫藥園區萬與個進設備")) >= 5
    assert not set(body) & set("产业医药园区万与个进设备") - set("药区")


def test_yd_doubled_first_paragraph(visitor: Visitor) -> None:
    text = text_of(visitor, "yd:doubled-first-paragraph")
    lines = re.findall(r"<p>([^<]+)</p>", text)
    article = article_of("yd:doubled-first-paragraph")
    assert lines[0] == lines[1]
    assert article["body"].count(article["body"][0]) == 1
    assert article["optional"] == article["body"][:1]


def test_yd_space_before_punctuation(visitor: Visitor) -> None:
    assert len(re.findall(r"\w [，。]", text_of(visitor, "yd:space-before-punctuation"))) >= 5
    assert not any(re.search(r" [，。]", line) for line in article_of("yd:space-before-punctuation")["body"])


def test_yd_space_before_punctuation_in_title(visitor: Visitor) -> None:
    title = article_of("yd:space-before-punctuation-in-title")["title"]
    assert f"<h1>{title.replace('，', ' ，')}</h1>" in text_of(visitor, "yd:space-before-punctuation-in-title")


def test_yd_sidebar_row_without_title(visitor: Visitor) -> None:
    sidebar = text_of(visitor, "yd:sidebar-row-without-title").split("最新動態", 1)[1]
    assert re.search(r'<a href="/\w+/\d+\.html"></a>\n<span>\d{4}-\d\d-\d\d</span>', sidebar)


def test_yd_list_row_without_title(visitor: Visitor) -> None:
    assert re.search(r'<a href="/news/\d+\.html"></a>\n<span>', text_of(visitor, "yd:list-row-without-title"))


def test_yd_article_of_row_without_title(visitor: Visitor) -> None:
    article = article_of("yd:article-of-row-without-title")
    assert article["row_title"] is None
    assert article["title"] in text_of(visitor, "yd:article-of-row-without-title").replace(" ，", "，")


def test_yd_sitemap(visitor: Visitor) -> None:
    root = ElementTree.fromstring(page_of(visitor, "yd:sitemap").body)
    found = {node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert found == {a["url"] for a in truth()["yd"]["articles"]}
    assert f"Sitemap: {traps()['yd:sitemap'].url}" in visitor.get("http://yd.demo.example/robots.txt").text


def test_yd_listed_twice() -> None:
    assert len(article_of("yd:listed-twice")["in_lists"]) == 2


def test_yd_edit_with_new_title(demo: DemoServer, visitor: Visitor) -> None:
    _assert_edit(demo, visitor, "yd:edit-with-new-title", row_differs=True)


def test_yd_redirected_home(demo: DemoServer, visitor: Visitor) -> None:
    demo.state = 2
    reply = page_of(visitor, "yd:redirected-home")
    assert (reply.status, reply.headers["location"]) == (302, "http://yd.demo.example/")


# ----------------------------------------------------------------------------------------------- 003
def test_tv_nothing_but_text_on_page(visitor: Visitor) -> None:
    text, article = text_of(visitor, "tv:nothing-but-text-on-page"), article_of("tv:nothing-but-text-on-page")
    assert "<title>岚江融媒</title>" in text
    assert article["title"] not in text
    assert f"{article['row_date']}" not in text
    assert article["source"] is not None
    assert article["source"] not in text
    assert re.findall(r"<h\d|<meta name", text) == []


def test_tv_list_behind_json(visitor: Visitor) -> None:
    text = text_of(visitor, "tv:list-behind-json")
    assert '<ul id="list" data-channel="park"></ul>' in text
    assert "/p/" not in text
    assert "/api/list?channel=" in visitor.get("http://tv.demo.example/static/list.js").text


def test_tv_json_list(visitor: Visitor) -> None:
    row = json.loads(page_of(visitor, "tv:json-list").text)["data"]["list"][0]
    article = next(a for a in truth()["tv"]["articles"] if a["url"].endswith(row["url"]))
    assert (row["title"], row["publishTime"]) == (article["title"], article["row_date"])
    assert (row["source"] or None) == article["source"]


def test_tv_teasers_glued_to_dates(visitor: Visitor) -> None:
    text = re.sub(r"<[^>]+>", "", text_of(visitor, "tv:teasers-glued-to-dates"))
    assert len(re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S", text, re.M)) >= 6


def test_tv_video_only(visitor: Visitor) -> None:
    article = article_of("tv:video-only")
    assert (article["body"], article["body_kind"]) == ([], "video")
    assert '<div id="content">\n<video src="/media/clip.mp4"' in text_of(visitor, "tv:video-only")
    assert visitor.get("http://tv.demo.example/media/clip.mp4").body[4:8] == b"ftyp"


def test_tv_listed_twice() -> None:
    assert len(article_of("tv:listed-twice")["in_lists"]) == 2


def test_tv_edit_with_new_date(demo: DemoServer, visitor: Visitor) -> None:
    _assert_edit(demo, visitor, "tv:edit-with-new-date", row_differs=True)


def test_tv_gone_404(demo: DemoServer, visitor: Visitor) -> None:
    demo.state = 2
    assert page_of(visitor, "tv:gone-404").status == 404


# ----------------------------------------------------------------------------------------------- 004
def test_tz_byline_in_one_string(visitor: Visitor) -> None:
    text = re.sub(r"<[^>]+>", "", text_of(visitor, "tz:byline-in-one-string"))
    assert re.search(r"^admin\d年前 \(\d{4}-\d\d-\d\d\)栖川产业信息\d+$", text, re.M)


def test_tz_counter_differs_each_time(visitor: Visitor) -> None:
    first, second = (page_of(visitor, "tz:counter-differs-each-time") for _ in range(2))
    assert first.body != second.body
    assert re.sub(rb"<em>\d+</em>", b"", first.body) == re.sub(rb"<em>\d+</em>", b"", second.body)
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["etag"].startswith('W/"')


def test_tz_foreign_headlines_in_body(visitor: Visitor) -> None:
    trap = "tz:foreign-headlines-in-body"
    body = re.search(r'<div class="post-body">(.*?)<div class="contact">', text_of(visitor, trap), re.S)
    assert body
    lines = re.findall(r"<p>　　(.+?)</p>", body[1])
    assert lines[:-5] == article_of(trap)["body"]
    assert not any("<a" in line or line in article_of(trap)["body"] for line in lines[-5:])


def test_tz_page_without_validators(visitor: Visitor) -> None:
    headers = page_of(visitor, "tz:page-without-validators").headers
    assert "etag" not in headers
    assert "last-modified" not in headers


def test_tz_rss(visitor: Visitor) -> None:
    root = ElementTree.fromstring(page_of(visitor, "tz:rss").body)
    assert [node.text for node in root.iter("link")][1:] == [a["url"] for a in truth()["tz"]["articles"][:10]]


def test_tz_edit_with_new_title(demo: DemoServer, visitor: Visitor) -> None:
    _assert_edit(demo, visitor, "tz:edit-with-new-title", row_differs=True)


def test_tz_gone_404(demo: DemoServer, visitor: Visitor) -> None:
    demo.state = 2
    assert page_of(visitor, "tz:gone-404").status == 404


def _assert_edit(demo: DemoServer, visitor: Visitor, trap: str, row_differs: bool) -> None:
    before, after = article_of(trap, 1), article_of(trap, 2)
    old = page_of(visitor, trap)
    demo.state = 2
    new = page_of(visitor, trap)
    assert old.headers["etag"] != new.headers["etag"]
    assert before["body"] != after["body"]
    assert ((before["row_title"], before["row_date"]) != (after["row_title"], after["row_date"])) == row_differs
    lists = [page for page in truth(2)[traps()[trap].site]["lists"] if page["url"] in after["in_lists"]]
    assert all((after["row_title"] or "") in visitor.get(page["url"]).text for page in lists)
