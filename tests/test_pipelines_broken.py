"""Broken markup: what a browser's tree makes of it must not cost the article, and both trees answer alike."""

import re
from pathlib import Path

import pytest

from pipelines.decode import Document, is_overgrown
from pipelines.extract import extract
from pipelines.flow import flow_of
from pipelines.item import Article, ArticleRule, Page, Publisher
from pipelines.profile import Profile, Template
from pipelines.reading import opens_links_again

GOLDEN = sorted((Path(__file__).parent / "pages").rglob("*.html"))
URL = "http://www.broken.example/news/7.html"
SITE = Publisher(name="broken")
HEADLINE = "岚江省召开园区建设推进会"
TEXT = "".join(
    f"<p>会议指出，第{n}批园区的项目要按时开工；各市应当做好用地、用电、用水的保障，确保年内见效。</p>"
    for n in "一二三四五"
)
HEAD = f"<meta charset=utf-8><title>{HEADLINE}_岚江网</title>"
TOP = f"<h1>{HEADLINE}</h1><p>来源：岚江日报 发布时间：2026-05-04</p>"
ARTICLE = f"<div class=main>{TOP}<div class=content>{TEXT}</div></div>"


def page(body: str, head: str = HEAD, doctype: str = "<!DOCTYPE html>") -> bytes:
    return f"{doctype}<html><head>{head}</head><body>{body}</body></html>".encode()


def said(body: bytes, *rules: ArticleRule) -> Article:
    return extract(Page(URL, body), Publisher(name="broken", rules=rules))


WHOLE = said(page(ARTICLE))


def test_the_page_that_is_broken_below_is_read_whole() -> None:
    assert (WHOLE.title, WHOLE.source, WHOLE.published) == (HEADLINE, "岚江日报", "2026-05-04T00:00:00+08:00")
    assert (WHOLE.content_text or "").count("按时开工") == 5


@pytest.mark.parametrize(
    "body",
    {
        "header": page(f"<div class=top><a href='/'><img src=/logo.png></div><div class=nav>导航</div>{ARTICLE}"),
        "paragraph": page(ARTICLE.replace("<p>会议", "<p><a href='/x.html'>岚江</p><p>会议", 1)),
        "headline": page(ARTICLE.replace("<h1>", "<h1><a href='/news/7.html'>")),
        "button": page(ARTICLE.replace("<p>来源", "<div><a href='javascript:print()'>打印</div><p>来源")),
        "list": page(f"<ul><li><a href=/a/>甲<li><a href=/b/>乙</ul>{ARTICLE}"),
        "void": page(f'<a href="/top.html"/>{ARTICLE}'),
        "row": page(f"<table><tr><td>{TOP}</td></tr><tr><div class=content>{TEXT}</div></tr></table>"),
        "between-rows": page(f"<table><tr><td>{TOP}</td></tr><div class=content>{TEXT}</div></table>"),
        "script": page(f"{ARTICLE}<script>x</script>", f'{HEAD}<script src="a.js" />'),
        "iframe": page(f"<iframe src='/nav.html' style='width:0'/>{ARTICLE}"),
        "title": page(ARTICLE, f"<title/>{HEAD}"),
        "select": page(f"<form><select><option>一<option>二</form>{ARTICLE}"),
        "object": page(f"<div><object data=a.swf></div>{ARTICLE}"),
        "frameset": f"<html><head>{HEAD}</head><frameset><frame src=a.html></frameset><body>{ARTICLE}".encode(),
    }.items(),
    ids=lambda case: case[0],
)
def test_what_was_never_closed_takes_no_text(body: tuple[str, bytes]) -> None:
    made = said(body[1])
    assert (made.title, made.published, made.source) == (WHOLE.title, WHOLE.published, WHOLE.source)
    assert (made.content_text or "").count("按时开工") == 5


@pytest.mark.parametrize(
    "left_open",
    [
        "<script src='x.js'/>", "<iframe src='x.html'/>", "<button>甲", "<select><option>甲", "<object data='x'>",
        "<datalist>", "<canvas>", "<a href='/'>甲", "<a href='javascript:;'>甲", "<a href='?a=1&amp;b=2'>甲",
    ],
)  # fmt: skip
def test_what_is_left_open_amid_the_text_does_not_cut_it(left_open: str) -> None:
    menu = "".join(f"<li><a href='/'>首页</a> <a href='javascript:;'>第{n}栏</a></li>" for n in range(4))
    third = TEXT.index("<p>", TEXT.index("三") - 20)
    body = page(
        f"<ul>{menu}</ul>{ARTICLE.replace(TEXT, TEXT[:third] + f'<p>{left_open}</p>' + TEXT[third:])}<p><a href='/z/'>末</a></p>"
    )
    made = said(body)
    assert (made.title, made.published) == (WHOLE.title, WHOLE.published)
    assert (made.content_text or "").count("按时开工") == 5


def test_teasers_with_links_alike_are_read_as_they_stand() -> None:
    teasers = "".join(
        f"<li><a href='/n/{n}.html?a=1&amp;b=2'><img src={n}.png></a><a href='/n/{n}.html?a=1&amp;b=2'>标题第{n}条</a>"
        f"<a href='/n/{n}.html?a=1&amp;b=2'>摘要第{n}条</a></li>"
        for n in range(9)
    )
    document = Document(URL, page(f"{ARTICLE}<ul>{teasers}</ul>"))
    assert not opens_links_again(flow_of(document.dom), document.text)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_unclosed_link_of_the_header_leaves_a_golden_page_as_it_is(path: Path) -> None:
    sound = path.read_bytes()
    broken = re.sub(rb"(<body\b[^>]*>)", rb"\1<div><a href='/'><img src=/logo.png></div>", sound, count=1, flags=re.I)
    assert broken != sound
    before, after = said(sound), said(broken)
    assert (after.title, after.published, after.source) == (before.title, before.published, before.source)
    assert after.content_text == before.content_text


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_trees_of_a_golden_page_show_the_same_lines(path: Path) -> None:
    document = Document(URL, path.read_bytes())
    one, other = flow_of(document.dom), flow_of(document.tree_dom)
    assert [line.text for line in one.lines] == [line.text for line in other.lines]
    links = [[flow.attributes[node].get("href") for node in flow.anchors] for flow in (one, other)]
    assert links[0] == links[1]
    texts = [["".join(flow.text(node).split()) for node in flow.anchors] for flow in (one, other)]
    assert texts[0] == texts[1]


# ----------------------------------------------------------------------------------------------------------- bombs
def test_ordinary_long_pages_are_no_bombs() -> None:
    table = "".join(f"<tr><td>{n}</td><td><b>甲</b><br><img src={n}.png></td></tr>" for n in range(900))
    lines = "<p><span><font color=red>一</font></span><br></p>" * 1500
    assert not is_overgrown(page(f"<table>{table}</table>"))
    assert not is_overgrown(page(lines))


@pytest.mark.parametrize(("fonts", "paragraphs"), [(4_000, 4_000), (700, 7_000), (1_900, 20_000)])
def test_unclosed_fonts_are_not_opened_again_in_each_paragraph(fonts: int, paragraphs: int) -> None:
    body = page("<p>" + "".join(f"<font color={n}>" for n in range(fonts)) + "<p>x</p>" * paragraphs)
    assert is_overgrown(body)
    assert len(flow_of(Document(URL, body).dom).tags) <= fonts + paragraphs + 10


def test_names_that_libxml2_will_not_look_up_are_read() -> None:
    body = page("<div { {x}=1 x:y=2 class=c><a:b>甲</a:b></div>")
    flow = flow_of(Document(URL, body).tree_dom)
    assert [line.text for line in flow.lines] == ["甲"]
    assert flow.marks[flow.tags.index("div")] == "c"


def test_addresses_of_a_page_read_from_the_other_tree_stay_as_written() -> None:
    dense = "<p>x</p>" * 11_000
    made = said(page(ARTICLE.replace("</div>", "<p><a href='/up/方案 一.pdf'>方案</a></p></div>", 1) + dense))
    assert [link.url for link in made.attachments] == ["http://www.broken.example/up/方案 一.pdf"]


# -------------------------------------------------------------------------------------------- what links and rules see
def test_words_of_a_button_are_those_of_its_link() -> None:
    file = "<p><a href='/download?key=3'><button>实施方案.pdf</button></a></p>"
    made = said(page(ARTICLE.replace(TEXT, TEXT + file)))
    assert [link.title for link in made.attachments] == ["实施方案.pdf"]
    pager = "<div><a href='7_2.html'><button>2</button></a> <a href='7_3.html'><button>下一页</button></a></div>"
    made = said(page(ARTICLE + pager))
    assert made.parts == ("http://www.broken.example/news/7_2.html", "http://www.broken.example/news/7_3.html")
    beside = "<p>上一篇：<a href='/a/'><button>没有了</button></a></p><p>下一篇：<a href='8.html'><button>下文</button></a></p>"
    made = said(page(ARTICLE + beside))
    assert (made.previous, made.next) == (None, "http://www.broken.example/news/8.html")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("kind", ["ld+json", "ld&#x2B;json"])
def test_json_ld_is_found_however_it_is_written(encoding: str, kind: str) -> None:
    script = f'<script type="application/{kind}">{{"@type": "NewsArticle", "datePublished": "2026-05-04T10:11:12+08:00"}}</script>'
    body = page(ARTICLE, HEAD.replace("utf-8", encoding) + script).decode().encode(encoding)
    assert said(body).published == "2026-05-04T10:11:12+08:00"


def test_rule_finds_what_a_browser_would() -> None:
    assert said(page(ARTICLE), ArticleRule(title="title")).title == f"{HEADLINE}_岚江网"
    boxed = f"<table class=box><tr><td>{TOP}</td></tr><tr><td><p>{TEXT}</td></tr></table>"
    ruled = said(page(boxed), ArticleRule(body="table.box > tbody > tr + tr > td"))
    assert (ruled.evidence["body"], ruled.content_text) == ("rule", WHOLE.content_text)
    assert said(page(ARTICLE), ArticleRule(body="h1:contains('x')")).content_text == WHOLE.content_text


@pytest.mark.parametrize("more", ["", "<p>x</p>" * 11_000])
def test_rules_hold_on_either_tree(more: str) -> None:
    boxed = f"<table class=box><tr><td>{TOP}</td></tr><tr><td><p>{TEXT}</td></tr></table>"
    ruled = said(
        page(boxed + more), ArticleRule(body="table.box > tbody > tr + tr > td", drop=("div:not(.a, .b)", "p >"))
    )
    assert (ruled.evidence["body"], ruled.content_text) == ("rule", WHOLE.content_text)


def test_what_a_rule_finds_is_not_given_up_for_more_text() -> None:
    broken = f"<div class=main><h1>{HEADLINE}</h1><div class=content>今日休市。</div></div><form><select></form><div>{TEXT}</div>"
    made = said(page(broken), ArticleRule(body="div.content"))
    assert (made.content_text, made.evidence["body"]) == ("今日休市。", "rule")


@pytest.mark.parametrize(
    "way", ["<script>open('{}')</script>", "<a href='#' onclick='down(\"{}\")'>甲</a>", "<iframe src='/v?file={}'>"]
)
def test_file_at_an_address_that_is_none_is_no_file(way: str) -> None:
    made = said(page(ARTICLE.replace(TEXT, TEXT + way.format("http://[z/a.pdf"))))
    assert (made.content_text or "").count("按时开工") == 5
    assert made.attachments == ()


def test_layout_learned_again_replaces_the_path_with_a_table_body() -> None:
    old = Profile(1, (Template(container="html/body/table/tbody/tr/td.c", support=8),))
    new = Profile(1, (Template(container="html/body/table/tr/td.c", support=9),))
    assert [template.container for template in old.followed_by(new).templates] == ["html/body/table/tr/td.c"]
