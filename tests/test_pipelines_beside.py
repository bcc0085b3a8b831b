"""Summary, captions and neighbours: taken where the page says so, and nothing where it does not."""

import pytest

from pipelines.extract import extract
from pipelines.item import Article, Page, Publisher

URL = "http://www.beside.example/news/20.html"
TITLE = "村口的老桥修好了"
TEXT = (
    "<p>下了三天雨以后，村口那座老桥终于修好，木匠把最后一块板钉上，孩子们第一个跑过去。</p>"
    "<p>桥面比从前宽了一尺，两边加了栏杆，晚上还有一盏灯，照着上学和赶集的人。</p>"
    "<p>会计说，木料是邻村送的，工钱由大家分摊，账目贴在祠堂门口，谁都可以去看。</p>"
)


def article(text: str = TEXT, *, head: str = "", below: str = "", metas: str = "") -> Article:
    html = (
        f'<html><head><meta charset="utf-8"><title>{TITLE}-演示村</title>{metas}</head><body><div class="wrap"><h1>{TITLE}</h1>'
        f'<p class="info">发布时间：2026-05-02 来源：演示村</p>{head}<div class="box">{text}</div>{below}</div></body></html>'
    )
    return extract(Page(URL, html.encode()), Publisher("village"))


def described(text: str, name: str = "description") -> Article:
    return article(metas=f'<meta name="{name}" content="{text}">')


# ----------------------------------------------------------------------------------------------------- summary
@pytest.mark.parametrize("label", ["摘要：", "【内容提要】", "导读: ", "内容摘要：", "【核心提示】"])
def test_labelled_block_is_the_summary(label: str) -> None:
    said = "一座木桥修了三天，花的是大家的钱，用的是邻村的料。"
    assert article(head=f"<div>{label}{said}</div>").summary == said
    assert article(f"<p>{label}{said}</p>{TEXT}").summary == said


def test_description_of_this_text_in_other_words_is_the_summary() -> None:
    said = "老桥修好，桥面宽了一尺，两边加了栏杆；木料是邻村送的，工钱大家分摊。"
    assert described(said).summary == said
    assert described(said, "og:description").summary == said
    assert described(said.replace("；", "&amp;middot;")).summary == said.replace("；", "·")


@pytest.mark.parametrize(
    "said",
    [
        "下了三天雨以后，村口那座老桥终于修好，木匠把最后一块板钉上，孩子们第一个跑",  # the text cut off
        f"{TITLE}-演示村，{TITLE}，新闻，动态，通知，公告栏目",  # headline and key words
        "演示村门户网站为您提供最新的通知公告、政策解读、办事指南和便民服务，欢迎访问。",  # the site's
        f"{TITLE}",
        "修好了。",
        "",
    ],
)
def test_description_that_says_nothing_of_its_own_is_none(said: str) -> None:
    assert described(said).summary is None


# ---------------------------------------------------------------------------------------------------- captions
def captions(text: str) -> dict[str, str]:
    made = article(TEXT + text)
    assert set(made.captions) <= set(made.images)
    return {url.rsplit("/", 1)[1]: said for url, said in made.captions.items()}


def test_figcaption_and_the_line_that_says_it_is_one_are_captions() -> None:
    figure = '<figure><a href="/p/1.jpg"><img src="/p/1.jpg"></a><figcaption>修好的桥</figcaption></figure>'
    below = '<p><img src="/p/2.jpg"></p><p>图为孩子们过桥。</p><p><img src="/p/3.jpg"></p><p>桥头的灯 某某摄</p>'
    row = '<p><img src="/p/4.jpg"></p><p><img src="/p/5.jpg"></p><p>▲新旧两块桥板</p>'
    assert captions(figure + below + row) == {
        "1.jpg": "修好的桥", "2.jpg": "图为孩子们过桥。", "3.jpg": "桥头的灯 某某摄", "5.jpg": "▲新旧两块桥板",
    }  # fmt: skip


def test_text_below_a_picture_is_no_caption() -> None:
    assert (
        captions('<p><img src="/p/1.jpg" alt="DSC_0012"></p><p>修桥的人当晚就回去了，明年他们还要来修水渠。</p>') == {}
    )
    assert captions('<p><img src="/p/1.jpg"></p><p><a href="/more.html">图为更多图片</a></p>') == {}


# -------------------------------------------------------------------------------------------------- neighbours
def neighbours(below: str) -> tuple[str | None, str | None]:
    made = article(below=below)
    short = [url and url.removeprefix("http://www.beside.example") for url in (made.previous, made.next)]
    return short[0], short[1]


@pytest.mark.parametrize(
    "below",
    [
        '<p>上一篇：<a href="19.html">路灯亮了</a></p><p>下一篇：<a href="21.html">新的水井</a></p>',
        '<ul><li><span>上一篇</span></li><li><a href="19.html">路灯亮了</a></li><li>下一篇</li><li><a href="21.html">新的水井</a></li></ul>',
        '<p>上一条：<a href="19.html">路灯亮了</a> 下一条：<a href="21.html">新的水井</a></p>',
        '<p>下一条：<a href="21.html">新的水井</a> 上一条：<a href="19.html">路灯亮了</a></p>',
        '<p><a href="19.html">上一篇：路灯亮了</a> <a href="21.html">下一篇：新的水井</a> <a href="/">返回列表</a></p>',
        '<div>Previous post: <a href="19.html">Lamps</a></div><div>Next post: <a href="21.html">A well</a></div>',
    ],
)
def test_links_behind_their_labels_are_the_neighbours(below: str) -> None:
    assert neighbours(below) == ("/news/19.html", "/news/21.html")


@pytest.mark.parametrize(
    "below",
    [
        '<p>上一篇：没有了</p><p>下一篇：<a href="javascript:;">没有了</a></p>',
        '<p>上一篇：<a href="#">没有了</a></p><p>下一篇：<a href="/news/">返回列表</a></p>',
        '<p>上一篇：<a href="http://elsewhere.example/1.html">别处的新闻</a></p>',
        '<p>上一篇：<a href="/news/20.html">村口的老桥修好了</a></p>',
        '<p><a href="2.html">下一页</a></p>',
        '<p>上一篇 下一篇 <a href="/news/">列表</a></p>',
        '<p>上一个周末来的人更多，名单见<a href="names.html">名单</a>。</p>',
        '<p>木匠在这里住了两天，下一篇报道会讲<a href="well.html">新的水井</a>。</p>',
        '<p><a href="http://[broken">上一篇：坏掉的地址</a></p>',
    ],
)
def test_labels_that_lead_nowhere_give_none(below: str) -> None:
    assert neighbours(below) == (None, None)


def test_page_that_says_none_of_it_has_none_of_it() -> None:
    made = article()
    assert (made.summary, made.captions, made.previous, made.next) == (None, {}, None, None)
