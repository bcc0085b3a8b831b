"""The next page: from what the page says, in every way that pages say it, and never from a guess."""

import pytest

from pipelines.decode import Document
from spiders.cms import candidates, listing
from spiders.cms.adapter import Ask
from spiders.cms.turns import page_number, with_page

SITE = "http://www.yuanqu.example.cn"
ROWS = (
    "<ul>"
    + "".join(
        f"<li><a href='/xw/{n}.html'>园区工作动态的文章标题{n}</a><span>2024-05-{n}</span></li>" for n in range(10, 18)
    )
    + "</ul>"
)


def turn(pager: str, path: str = "/xw/index.html") -> Ask | None:
    html = f"<html><head><meta charset=utf-8></head><body><div>{ROWS}{pager}</div></body></html>"
    return listing(Document(SITE + path, html.encode()), "generic").next


@pytest.mark.parametrize(
    ("path", "pager", "following"),
    [
        pytest.param("/gfxwj/index.shtml", "<script>createPageHTML(25, 0, \"index\", \"shtml\");</script>", "/gfxwj/index_1.shtml", id="TRS"),
        pytest.param("/gfxwj/index_23.shtml", "<script>createPageHTML(25, 23, \"index\", \"shtml\");</script>", "/gfxwj/index_24.shtml", id="TRS to the last"),
        pytest.param("/gfxwj/index_24.shtml", "<script>createPageHTML(25, 24, \"index\", \"shtml\");</script>", None, id="TRS last"),
        pytest.param("/xw/index_17431.html", "<script>createPageHTML(10,0,\"index_17431\",\"html\")</script>", "/xw/index_17431_1.html", id="TRS with channel"),
        pytest.param("/xw/", "<script>var countPage = 9;//pages\nvar currentPage = 1;\ncreatePageHTML(countPage, currentPage, 'index', 'html', 300);</script>", "/xw/index_2.html", id="TRS variables"),
        pytest.param("/xw/", "<script>Pager({size:16, current:0, prefix:'index',suffix:'html',visible:5});</script>", "/xw/index_1.html", id="TRS Pager"),
        pytest.param("/xw/index.html", "<script>var currentPage = 0;//from 0\nvar countPage = 25;\nwrite('index'+'_' + i)</script>", "/xw/index_1.html", id="TRS pager written out"),
        pytest.param("/xw/", "<script>var m_nRecordCount = \"41\"; var m_nPageSize = 20;</script>", "/xw/index_1.html", id="TRS record count"),
        pytest.param("/xw/", "<script>//createPageHTML(9, 0, 'index', 'html');</script>", None, id="commented out"),
        pytest.param("/xw/", "<script>/* createPageHTML(9, 0,\n 'index', 'html'); */</script>", None, id="commented out over lines"),
        pytest.param("/xw/", "<script>function createPageHTML(a, b, c, d) { return a + b }</script>", None, id="only defined"),
        pytest.param("/xw/xxgk_list.shtml", "<script>createPageHTML('page_div', 12, 1, 'xxgk_list', 'shtml', 230);</script>", "/xw/xxgk_list_2.shtml", id="UCAP"),
        pytest.param("/xw/xxgk_list_11.shtml", "<script>createPageHTML('page_div', 12, 11, 'xxgk_list', 'shtml', 230);</script>", "/xw/xxgk_list_12.shtml", id="UCAP to the last"),
        pytest.param("/xw/xxgk_list_12.shtml", "<script>createPageHTML('page_div', 12, 12, 'xxgk_list', 'shtml', 230);</script>", None, id="UCAP last"),
        pytest.param("/col/13_2/index.html", "<script>nsetpage(1,41,20,'x')</script>", "/col/13_2/index_2.html", id="nsetpage"),
        pytest.param("/xw/", "<script>var currentPage = 0;var countPage = 3;document.write('<a href=\"index'+'_'+n+'.'+'htm\">');</script>", "/xw/index_1.htm", id="TRS pager written out with its extension"),
        pytest.param("/xw/", "<a href='javascript:;' class='loadmore' data-url='/xw/more?page=2'>加载更多</a>", "/xw/more?page=2", id="load more"),
        pytest.param("/xw/", "<button data-next='/xw/?page=2'>点击加载更多</button>", "/xw/?page=2", id="load more button"),
        pytest.param("/xw/", "<div class='box'><a href='/zt/2/'>查看更多</a></div>", None, id="more of a numbered column"),
        pytest.param("/xw/", "<div class='box'><a href='/zt/'>查看更多</a></div>", None, id="more of another column"),
        pytest.param("/xw/", "<b>1</b><a href='p2.html'>&gt;</a>", "/xw/p2.html", id="arrow to p2"),
        pytest.param("/xw/index.html", "<a href='index_2.html'>下一页</a>", "/xw/index_2.html", id="next"),
        pytest.param("/xw/index.html", "<a href='index_2.html'>[下页]</a>", "/xw/index_2.html", id="next in brackets"),
        pytest.param("/xw/index.html", "<a href='index_2.html' title='下一页'><img src=r.png></a>", "/xw/index_2.html", id="next as a picture"),
        pytest.param("/xw/index.html", "<a href='?page=2'>Next ›</a>", "/xw/index.html?page=2", id="English"),
        pytest.param("/xw/index.html", "<a class='next' href='index_2.html'>&gt;</a>", "/xw/index_2.html", id="arrow"),
        pytest.param("/xw/index.html", "<link rel=next href='/xw/p/2/'>", "/xw/p/2/", id="link rel"),
        pytest.param("/xw/list_6_3.html", "<a href='list_6_2.html'>上一页</a><a href='list_6_2.html'>2</a><li class=thisclass>3</li>下一页 末页", None, id="last of links"),
        pytest.param("/xw/index.html", "<span class=cur>1</span><a href='index_2.html'>2</a><a href='index_3.html'>3</a>", "/xw/index_2.html", id="numbers"),
        pytest.param("/xw/index_2.html", "<a href='index.html'>1</a><b>2</b><a href='index_3.html'>3</a>", "/xw/index_3.html", id="numbers in the middle"),
        pytest.param("/xw/index_2.html", "<li><a href='index.html'>1</a></li><li class=on><a href='index_2.html'>2</a></li><li><a href='index_3.html'>3</a></li>", "/xw/index_3.html", id="numbers in items"),
        pytest.param("/xw/index_3.html", "<a href='index.html'>1</a><a href='index_2.html'>2</a><b>3</b>", None, id="last number"),
        pytest.param("/xw/index.html", "<select><option value='list_6_1.html' selected>1</option><option value='list_6_2.html'>2</option></select>", "/xw/list_6_2.html", id="select"),
        pytest.param("/xw/list_6_2.html", "<select><option value='list_6_1.html'>1</option><option value='list_6_2.html' selected>2</option></select>", None, id="select last"),
        pytest.param("/xw/index_2.html", "<p>第2页/共26页</p>", "/xw/index_3.html", id="counter on a numbered page"),
        pytest.param("/xw/index.html", "<p>第1页/共26页</p>", None, id="counter alone"),
        pytest.param("/xw/index.html", "<script>function go(p){ if(p){ window.location.href = 'list_' + p + '.html'; } }</script><a href='javascript:go(2)'>下一页</a>", "/xw/list_2.html", id="function"),
        pytest.param("/xw/index.html", "<script>var col='77'; var toPage = function(n){location.href=\"/l.jsp?c=\"+col+\"&p=\"+(n+1);}</script><a href='#' onclick='toPage(1)'>下一页</a>", "/l.jsp?c=77&p=2", id="function with arithmetic"),
        pytest.param("/xw/index.html", "<script>laypage({pages: 12, curr: 1, jump: function(obj){ location.href = '?page=' + obj.curr; }})</script>", "/xw/index.html?page=2", id="pager plugin"),
        pytest.param("/xw/index.html?page=12", "<script>laypage({pages: 12, jump: function(obj){ location.href = '?page=' + obj.curr; }})</script>", None, id="pager plugin last"),
        pytest.param("/xw/index.html", "<a class=next href='javascript:;'>下一页</a>", None, id="dead next"),
        pytest.param("/xw/index.html", "<a class='next disabled' href='index_2.html'>下一页</a>", None, id="greyed next"),
        pytest.param("/xw/index.html", "<a href='index.html'>下一页</a>", None, id="next to itself"),
        pytest.param("/xw/index.html", "<a href='http://other.example.cn/p2.html'>下一页</a>", None, id="next off the site"),
        pytest.param("/xw/index.html", "<div class=swiper><a class=next href='/pic_2.html'></a></div>", None, id="carousel"),
        pytest.param("/xw/index.html", "<a href='/xw/10.html'>下一篇</a>", None, id="next article"),
        pytest.param("/xw/index_9.html", "<a href='index.html'>下一页</a>", None, id="last page leads back to the first"),
        pytest.param("/xw/index.html", "", None, id="no sign"),
    ],
)  # fmt: skip
def test_next_page(path: str, pager: str, following: str | None) -> None:
    found = turn(pager, path)
    assert (found.url if found else None) == (SITE + following if following else None)


def test_forms_are_submitted_with_the_next_number() -> None:
    pager = (
        "<form name=f action='/list.do' method=post><input type=hidden name=col value='12'><input type=hidden name=pageNo value='1'>"
        "<input type=submit name=go value=x></form><script>function toPage(n){document.f.pageNo.value=n;document.f.submit();}</script>"
        "<a href='javascript:toPage(2)'>下一页</a>"
    )
    found = turn(pager)
    assert found is not None
    assert (found.method, found.url, found.body) == ("POST", f"{SITE}/list.do", b"col=12&pageNo=2")
    got = turn(pager.replace("method=post", "method=get"))
    assert got == Ask(f"{SITE}/list.do?col=12&pageNo=2")


def test_asp_net_post_backs_send_the_state_of_the_form() -> None:
    pager = (
        "<form method=post action='list.aspx'><input type=hidden name=__VIEWSTATE value='/wEP+x='><select name=year><option value=2023>"
        "<option value=2024 selected></select><a href=\"javascript:__doPostBack('Pager1','2')\">下一页</a></form>"
    )
    found = turn(pager)
    assert found is not None
    assert (found.method, found.url) == ("POST", f"{SITE}/xw/list.aspx")
    assert found.body == b"__VIEWSTATE=%2FwEP%2Bx%3D&year=2024&__EVENTTARGET=Pager1&__EVENTARGUMENT=2"


@pytest.mark.parametrize(
    ("body", "following"),
    [
        ("<iframe src='/xw/frame.html' width=100% height=800></iframe>", "/xw/frame.html"),
        ("<iframe src='/tool/visitcount.jsp'></iframe>", None),
        ("<iframe src='/a.html' height=40></iframe>", None),
        ("<iframe src='http://weather.example.com/x'></iframe>", None),
        ("<script>window.location.href='/xw/new/index.html';</script>", "/xw/new/index.html"),
        ("<meta http-equiv=refresh content='0; url=/xw/new/'>", "/xw/new/"),
    ],
)
def test_page_that_only_holds_another_is_followed_one_level(body: str, following: str | None) -> None:
    found = listing(Document(f"{SITE}/xw/index.html", f"<html><body>{body}</body></html>".encode()), "generic")
    assert found.rows == ()
    assert (found.next.url if found.next else None) == (SITE + following if following else None)


@pytest.mark.parametrize(
    ("url", "number", "third"),
    [
        ("/xw/index_2.html", 2, "/xw/index_3.html"),
        ("/xw/list-6-2.html", 2, "/xw/list-6-3.html"),
        ("/xw/?page=2&x=1", 2, "/xw/?page=3&x=1"),
        ("/xw/page/2/", 2, "/xw/page/3/"),
        ("/xw/index.html", None, None),
    ],
)
def test_page_numbers_in_urls(url: str, number: int | None, third: str | None) -> None:
    assert page_number(SITE + url) == number
    if third is not None:
        assert with_page(SITE + url, 3) == SITE + third


def test_guesses_for_onboarding_come_in_the_order_of_how_often_they_are_right() -> None:
    document = Document(f"{SITE}/xw/index.html", b"<html></html>")
    names = [ask.url.removeprefix(f"{SITE}/xw/") for ask in candidates(document)]
    assert names[:3] == ["index_1.html", "index_2.html", "index-2.html"]
    assert "index.html?page=2" in names
    assert listing(document).next is None


def test_one_page_may_be_walked_to_its_end() -> None:
    """Three pages of links: each gives the next, the last none, no page twice."""
    pages = {
        f"/xw/{'index' if n == 1 else f'index_{n}'}.html": "".join(f"<a href='index{'' if i == 1 else f'_{i}'}.html'>{i}</a> " for i in (1, 2, 3) if i != n)
        + f"<b>{n}</b>"
        + (f"<a href='index_{n + 1}.html'>下一页</a>" if n < 3 else "<span>下一页</span>")
        for n in (1, 2, 3)
    }  # fmt: skip
    seen, path = [], "/xw/index.html"
    while path not in seen:
        seen.append(path)
        following = turn(pages[path], path)
        path = following.url.removeprefix(SITE) if following else path
    assert seen == list(pages)
