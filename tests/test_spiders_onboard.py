"""Onboarding: from a URL alone to a definition that was proved, within its budget, and honest when it cannot be."""

import asyncio
import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from spiders.cms.adapter import Ask
from spiders.naming import name_of
from spiders.onboard import Proposal, onboard
from spiders.site import load
from tests.asking import Loopback, Pages, walked
from tests.demo.server import DemoServer
from tests.demo.truth import truth

HOME = "http://www.site.example/"
DEFINITIONS = Path(__file__).parent / "demo" / "definitions"
EACH_SITE = pytest.mark.parametrize("name", ["kjt", "hr", "yd", "tv", "tz"])
WORDS = "甘岭镇的修渠队在清晨开工，渠长三里。村里的老人说，这条渠要在雨季之前通水！水来了，田就活了。"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


def run(url: str, ask: Loopback | Pages, budget: int = 60) -> Proposal:
    return asyncio.run(onboard(url, ask, budget=budget, today=date(2024, 7, 1)))


# ------------------------------------------------------------------------------------------------ sites of own words
def page(title: str, *parts: str) -> str:
    menu = "".join(f'<li><a href="{href}">{name}</a></li>' for name, href in MENU)
    head = f"<html><head><meta charset=utf-8><title>{title} - 甘岭园区</title></head><body><ul class=nav>{menu}</ul>"
    return f"{head}<div class=main>{''.join(parts)}</div><div class=footer>甘岭园区管委会</div></body></html>"


MENU = [
    ("首页", "/"),
    ("园区新闻", "/news/"),
    ("通知公告", "/notice/"),
    ("园区概况", "/about.html"),
    ("联系我们", "/contact.html"),
]


def day(number: int) -> str:
    return (date(2024, 6, 30) - timedelta(days=2 * number)).isoformat()


def article(number: int, column: str) -> str:
    body = "".join(f"<p>第{number}篇。{WORDS}</p>" for _ in range(3))
    crumbs = f'<div class=crumbs><a href="/">首页</a> &gt; <a href="/{column}/">栏目</a></div>'
    return page(
        f"甘岭修渠记之{number}：三里长渠通到村口",
        crumbs,
        f"<h1>甘岭修渠记之{number}：三里长渠通到村口</h1><p>发布时间：{day(number)} 来源：甘岭报</p><div class=text>{body}</div>",
    )


def rows(numbers: range, column: str, *, dated: bool = True) -> str:
    shown = (
        f'<li><a href="/{column}/{n}.html">甘岭修渠记之{n}：三里长渠通到村口</a>{f"<span>{day(n)}</span>" if dated else ""}</li>'
        for n in numbers
    )
    return f"<ul class=list>{''.join(shown)}</ul>"


def column_pages(column: str, first: int, count: int, size: int = 8) -> dict[str, str]:
    """A column of `count` articles: its list pages index.html, index_2.html … and the articles."""
    pages: dict[str, str] = {}
    turns = -(-count // size)
    for number in range(1, turns + 1):
        start = first + (number - 1) * size
        following = f'<a href="/{column}/index_{number + 1}.html">下一页</a>' if number < turns else ""
        body = rows(range(start, min(start + size, first + count)), column) + f"<div class=pages>{following}</div>"
        pages[f"/{column}/" if number == 1 else f"/{column}/index_{number}.html"] = page(column, body)
    return pages | {f"/{column}/{n}.html": article(n, column) for n in range(first, first + count)}


def small_site() -> dict[str, str]:
    home = page("首页", rows(range(1, 6), "news"), rows(range(101, 105), "notice"))
    single = page("关于", f"<h1>园区概况</h1><p>{WORDS * 3}</p>")
    return (
        {"/": home, "/about.html": single, "/contact.html": single}
        | column_pages("news", 1, 20)
        | column_pages("notice", 101, 12)
    )


def lists_of(proposal: Proposal) -> set[str]:
    return {entry.url for entry in proposal.site.list} if proposal.site else set()


SMALL_LISTS = {f"{HOME}news/", f"{HOME}notice/"}


# ------------------------------------------------------------------------------------------------ the demo sites
@EACH_SITE
def test_demo_site_is_onboarded_from_its_bare_url_with_all_articles_and_none_false(demo: DemoServer, name: str) -> None:
    known = truth()[name]
    ask = Loopback(demo.port)
    proposal = run(known["home"], ask)
    assert proposal.status == "ok", proposal.sheet.as_text()
    assert proposal.site is not None
    aliases = {alias: article["url"] for article in known["articles"] for alias in article["aliases"]}
    found = {aliases.get(url, url) for url in walked(proposal.site, ask.fetch)}
    assert found == {article["url"] for article in known["articles"]}


@EACH_SITE
def test_definition_written_is_as_short_as_the_committed_one(demo: DemoServer, name: str, tmp_path: Path) -> None:
    proposal = run(truth()[name]["home"], Loopback(demo.port))
    file = tmp_path / "site.toml"
    file.write_text(proposal.toml, "utf-8")
    committed = DEFINITIONS / f"{name}.toml"
    assert len(proposal.toml.splitlines()) <= len(committed.read_text("utf-8").splitlines())
    ours, theirs = load(file), load(committed)
    assert {(one.url, one.cms, one.column) for one in ours.list} == {
        (one.url, one.cms, one.column) for one in theirs.list
    }
    assert (ours.title, ours.url, ours.kind) == (theirs.title, theirs.url, theirs.kind)


def test_proof_sheet_compares_rows_with_pages_and_counts_the_cost(demo: DemoServer) -> None:
    sheet = run(truth()["kjt"]["home"], Loopback(demo.port)).sheet
    assert len(sheet.samples) >= 5
    assert all(sample.title_agrees and sample.date_agrees for sample in sheet.samples)
    turns = [one.turn for one in sheet.lists if one.turn]
    assert turns
    assert all(turn.proved and turn.older for turn in turns)
    assert sheet.cost.requests >= len(sheet.lists)
    assert "title agrees" in sheet.as_text()
    assert sheet.as_json()["lists"][0]["evidence"]


def test_profile_is_learnt_from_the_sample_pages(demo: DemoServer) -> None:
    proposal = run(truth()["kjt"]["home"], Loopback(demo.port))
    assert proposal.profile is not None
    assert proposal.profile.templates
    assert set(proposal.profile.learned_from) <= {page.url for page in proposal.samples}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://www.park.example/", "park"),
        ("https://kjt.sheng.gov.cn/", "kjt_sheng"),
        ("http://m.news-site.com.cn/x", "news_site"),
        ("http://127.0.0.1:8000/", "127_0_0_1"),
        ("http://localhost/", "localhost"),
    ],
)
def test_name_comes_from_the_host(url: str, name: str) -> None:
    assert name_of(url) == name


# ------------------------------------------------------------------------------------------------ where it starts
@pytest.mark.parametrize("start", ["", "news/", "notice/index_2.html", "news/7.html"])
def test_home_column_list_and_article_urls_lead_to_the_same_lists(start: str) -> None:
    proposal = run(HOME + start, Pages(small_site()))
    assert lists_of(proposal) == SMALL_LISTS, proposal.sheet.as_text()
    assert proposal.site is not None
    assert proposal.site.url == HOME


def test_url_without_a_scheme_is_read_as_http() -> None:
    assert lists_of(run("www.site.example", Pages(small_site()))) == SMALL_LISTS


@pytest.mark.parametrize(
    "stub",
    [
        '<html><head><meta http-equiv="refresh" content="0;url=/main/"></head></html>',
        '<html><script>window.location.href="/main/";</script></html>',
    ],
)
def test_stub_at_the_door_is_followed(stub: str) -> None:
    pages = small_site()
    pages["/main/"] = pages["/"]
    assert lists_of(run(HOME, Pages(pages | {"/": stub}))) == SMALL_LISTS


def test_list_in_a_frame_is_found_behind_its_column() -> None:
    pages = small_site()
    pages["/box/news.html"] = pages.pop("/news/")
    pages["/news/"] = page("新闻", '<iframe src="/box/news.html"></iframe>')
    proof = next(one for one in run(HOME, Pages(pages)).sheet.lists if one.column == "园区新闻")
    assert proof.rows == 8
    assert proof.has_next


# ------------------------------------------------------------------------------------------------ what is left out
def test_pages_that_only_repeat_other_lists_are_left_out_with_the_reason() -> None:
    pages = small_site()
    pages["/all/"] = page("全部", rows(range(1, 5), "news"), rows(range(101, 104), "notice"))
    pages["/about.html"] = page("关于", '<a href="/all/">新闻动态</a>')
    proposal = run(HOME, Pages(pages))
    assert lists_of(proposal) == SMALL_LISTS
    assert {one.url: one.why for one in proposal.sheet.dropped}[f"{HOME}all/"] == "its rows stand in other lists"


def test_parent_column_is_kept_when_it_alone_leads_to_some_articles() -> None:
    pages = small_site()
    pages["/all/"] = page("全部", rows(range(1, 5), "news"), rows(range(300, 306), "rest"))
    pages |= {f"/rest/{n}.html": article(n, "rest") for n in range(300, 306)}
    pages["/about.html"] = page("关于", '<a href="/all/">新闻动态</a>')
    assert lists_of(run(HOME, Pages(pages))) == SMALL_LISTS | {f"{HOME}all/"}


def test_gallery_of_products_is_no_list_of_articles() -> None:
    pages = small_site()
    cards = "".join(
        f'<li><a href="/product/{n}.html"><img src="/p{n}.jpg"><p>修渠机型号{n}</p></a></li>' for n in range(1, 13)
    )
    pages["/product/"] = page("产品中心", f"<ul class=cards>{cards}</ul>")
    pages |= {
        f"/product/{n}.html": page(f"修渠机{n}", f"<h1>修渠机型号{n}</h1><p>功率{n}千瓦</p>") for n in range(1, 13)
    }
    pages["/about.html"] = page("关于", '<a href="/product/">产品中心</a>')
    assert lists_of(run(HOME, Pages(pages))) == SMALL_LISTS


def test_undated_company_news_is_taken_when_its_rows_lead_to_articles() -> None:
    pages = small_site()
    pages["/news/"] = page("新闻", rows(range(1, 9), "news", dated=False))
    assert f"{HOME}news/" in lists_of(run(HOME, Pages(pages)))


# ------------------------------------------------------------------------------------------------ feeds and sitemaps
def test_site_that_has_only_a_feed_is_read_by_it() -> None:
    items = "".join(
        f"<item><title>甘岭修渠记之{n}：三里长渠通到村口</title><link>{HOME}p/{n}</link><pubDate>{day(n)}</pubDate></item>"
        for n in range(1, 9)
    )
    pages = {
        "/": '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>甘岭</body></html>',
        "/feed.xml": f"<?xml version='1.0'?><rss><channel>{items}</channel></rss>",
    } | {f"/p/{n}": article(n, "news") for n in range(1, 9)}
    proposal = run(HOME, Pages(pages))
    assert (
        [(one.url, one.cms) for one in proposal.site.list] == [(f"{HOME}feed.xml", "rss")] if proposal.site else False
    )


def test_site_that_has_only_a_sitemap_is_read_by_it_and_its_other_pages_are_kept_out() -> None:
    names = [*(f"news/2024-06-{n:02}/{n}.html" for n in range(1, 13)), "about.html", "contact.html"]
    entries = "".join(f"<url><loc>{HOME}{name}</loc></url>" for name in names)
    pages = {
        "/": "<html><body>甘岭</body></html>",
        "/robots.txt": f"User-agent: *\nSitemap: {HOME}map.xml\n",
        "/map.xml": f"<?xml version='1.0'?><urlset>{entries}</urlset>",
        "/about.html": page("关于", "<h1>园区概况</h1>"),
        "/contact.html": page("联系", "<h1>联系</h1>"),
    } | {f"/news/2024-06-{n:02}/{n}.html": article(n, "news") for n in range(1, 13)}
    proposal = run(HOME, Pages(pages))
    assert proposal.site is not None, proposal.sheet.as_text()
    assert lists_of(proposal) == {f"{HOME}map.xml"}
    assert proposal.site.article_url is not None
    assert [name for name in names if re.search(proposal.site.article_url, HOME + name)] == names[:12]


# ------------------------------------------------------------------------------------------------ honest failure
def test_blocked_site_is_named_and_left_alone() -> None:
    wall = "<html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></html>"
    ask = Pages({"/": (412, wall)})
    proposal = run(HOME, ask)
    assert (proposal.status, proposal.site, proposal.toml) == ("blocked", None, "")
    assert proposal.sheet.obstacles == (f"ruishu: {HOME}",)
    assert len(ask.asked) <= 2


def test_site_that_does_not_answer_has_failed() -> None:
    proposal = run("http://nowhere.example/", Pages({}))
    assert proposal.status == "failed"
    assert proposal.sheet.obstacles[0].startswith("dns: ")


def test_empty_site_has_failed_without_a_guess() -> None:
    ask = Pages({"/": page("首页", "<p>建设中</p>")})
    proposal = run(HOME, ask)
    assert (proposal.status, proposal.site) == ("failed", None)
    assert len(ask.asked) < 20


def test_blocked_column_is_reported_while_the_rest_is_onboarded() -> None:
    pages: dict[str, str | tuple[int, str]] = {**small_site(), "/notice/": (403, "forbidden")}
    proposal = run(HOME, Pages(pages))
    assert proposal.status == "partial"
    assert f"{HOME}news/" in lists_of(proposal)
    assert any("blocked:forbidden" in line and "/notice/" in line for line in proposal.sheet.obstacles)


def test_page_that_only_a_browser_fills_is_said_to_need_one() -> None:
    shell = '<html><head><title>应用</title></head><body><div id="app"></div><script src="/static/main.js"></script></body></html>'
    proposal = run(HOME, Pages({"/": shell, "/static/main.js": "webpackJsonp([],{})"}))
    assert proposal.status == "failed"
    assert f"needs-browser: {HOME}" in proposal.sheet.obstacles


# ------------------------------------------------------------------------------------------------ budget and traps
@pytest.mark.parametrize("budget", [1, 5, 12, 30, 60])
def test_budget_is_kept(budget: int) -> None:
    ask = Pages(small_site())
    assert run(HOME, ask, budget).sheet.spent == len(ask.asked) <= budget


def test_huge_menu_does_not_hide_the_lists() -> None:
    pages = small_site()
    farm = "".join(f'<a href="/zhan/{n}/">分站{n}</a>' for n in range(3000))
    pages = {path: body.replace("</body>", f"<div class=links>{farm}</div></body>") for path, body in pages.items()}
    ask = Pages(pages)
    assert lists_of(run(HOME, ask)) == SMALL_LISTS
    assert len(ask.asked) <= 60


def test_calendar_without_end_is_left_after_a_few_days() -> None:
    class Calendar(Pages):
        def at(self, path: str, ask: Ask) -> str | tuple[int, str]:
            found = re.search(r"/calendar\?day=(\d+)", ask.url)
            if found:
                links = "".join(f'<a href="/calendar?day={int(found[1]) + n}">第{n}日</a>' for n in range(1, 31))
                return page("日历", links)
            return super().at(path, ask)

    pages = small_site()
    pages["/about.html"] = page("关于", "".join(f'<a href="/calendar?day={n}">新闻日历{n}</a>' for n in range(40)))
    ask = Calendar(pages)
    assert lists_of(run(HOME, ask)) == SMALL_LISTS
    assert sum("calendar" in url for url in ask.asked) <= 6


def test_pages_that_link_to_themselves_under_ever_new_names_end() -> None:
    class Mirror(Pages):
        def at(self, path: str, ask: Ask) -> str | tuple[int, str]:
            return page("更多", f'<a href="{path}x/">更多</a>') if path.endswith("/x/") else super().at(path, ask)

    pages = small_site()
    pages["/contact.html"] = page("联系", '<a href="/x/">更多</a>')
    ask = Mirror(pages)
    assert lists_of(run(HOME, ask)) == SMALL_LISTS
    assert len(ask.asked) <= 60


def test_definition_written_is_valid_toml_whatever_the_site_calls_itself() -> None:
    pages = {path: body.replace("甘岭园区</title>", '甘岭"园区\\\x01</title>') for path, body in small_site().items()}
    proposal = run(HOME, Pages(pages))
    assert tomllib.loads(proposal.toml)["url"] == HOME


# ------------------------------------------------------------------------------------------------ page 2
class Anything(Pages):
    """A server that answers every name with one page."""

    answer = ""

    def at(self, path: str, ask: Ask) -> str | tuple[int, str]:
        found = super().at(path, ask)
        return self.answer if isinstance(found, tuple) and found[0] == 404 else found


def silent_site() -> dict[str, str]:
    """Lists that name no second page; there is none either."""
    pages = {path: re.sub(r"<div class=pages>.*?</div>", "", body) for path, body in small_site().items()}
    return {path: body for path, body in pages.items() if "index_" not in path}


@pytest.mark.parametrize("answer", ["/", "/news/"])
def test_server_that_answers_anything_is_not_taken_to_have_a_second_page(answer: str) -> None:
    ask = Anything(silent_site())
    ask.answer = ask.pages[answer] if isinstance(ask.pages[answer], str) else ""  # type: ignore[assignment]
    proposal = run(HOME, ask)
    assert lists_of(proposal) == SMALL_LISTS
    assert all(one.turn is None for one in proposal.sheet.lists)
    assert proposal.site is not None
    assert all(not entry.options for entry in proposal.site.list)


@pytest.mark.parametrize(
    ("form", "options"), [("index_{}.html", {"next": "index_{page}.html"}), ("?page={}", {"next": "?page={page}"})]
)
def test_second_page_that_nothing_names_is_found_and_written_down(form: str, options: dict[str, str]) -> None:
    pages = silent_site()
    pages["/news/" + form.format(2)] = page("新闻", rows(range(9, 17), "news"))
    pages["/notice/" + form.format(2)] = page("通知", rows(range(109, 113), "notice"))
    proposal = run(HOME, Pages(pages))
    assert proposal.site is not None
    assert [entry.options for entry in proposal.site.list] == [options, options]
    turns = [one.turn for one in proposal.sheet.lists if one.turn]
    assert [(turn.how, turn.proved) for turn in turns] == [("guessed", True)] * 2


def test_page_two_that_shows_page_one_again_is_said_to_prove_nothing() -> None:
    pages = small_site()
    pages |= {f"/{column}/index_2.html": pages[f"/{column}/"] for column in ("news", "notice")}
    sheet = run(HOME, Pages(pages)).sheet
    turn = next(one.turn for one in sheet.lists if one.turn)
    assert not turn.proved
    assert sheet.confidence < 1.0


def test_mobile_twin_of_the_site_is_not_watched_beside_it() -> None:
    pages = small_site()
    twin = {f"/wap{path}": body.replace('href="/', 'href="/wap/') for path, body in pages.items()}
    pages["/"] = pages["/"].replace("</body>", '<a href="/wap/">手机门户</a></body>')
    assert lists_of(run(HOME, Pages(pages | twin))) == SMALL_LISTS
