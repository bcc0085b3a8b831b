"""What onboarding needs beside lists: obstacles by name, columns, one expression for the articles of a site."""

import re
import time

import pytest

from pipelines.decode import Document
from spiders.cms import ADAPTERS, listing
from spiders.cms.blocked import blocked
from spiders.cms.columns import columns
from spiders.cms.marks import needles, patterns
from spiders.cms.patterns import article_pattern
from spiders.cms.xhr import discover
from spiders.links import requisites

SITE = "http://www.yuanqu.example.cn"
ARTICLE = (
    "<html><title>园区通知</title><body>"
    + "<p>登录系统时请输入验证码，访问过于频繁会被拦截，页面不存在时请联系我们。</p>" * 40
    + "</body></html>"
)


@pytest.mark.parametrize(
    ("status", "headers", "text", "name"),
    [
        (412, (), "<html><meta id=x content=y r='m'><script r='m'>$_ts=window['$_ts'];</script></html>", "ruishu"),
        (412, (), "", "ruishu"),
        (202, (), "<script>var a=1;</script>", "ruishu"),
        (521, (("Set-Cookie", "__jsluid_s=ab; path=/"),), "<script>document.cookie='__jsl_clearance_s=1'</script>", "jiasule"),
        (200, (), "<script>document.cookie='C3VK=ab12cd; path=/; max-age=300';location.reload()</script>", "c3vk"),
        (200, (), "<html><script>var arg1='0A';setCookie('acw_sc__v2',x)</script></html>", "aliyun-waf"),
        (200, (), "<html><script>var wzwschallenge='x';</script></html>", "wzws"),
        (200, (), "<html><title>安全验证</title><div id=blockpuzzle>向右滑动完成验证</div></html>", "slider"),
        (200, (), "<html><body>您的访问过于频繁，请输入验证码</body></html>", "captcha"),
        (200, (), "<html><body>The requested URL was rejected. Your support ID is: 1</body></html>", "f5"),
        (403, (), "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script></html>", "cloudflare"),
        (200, (), "<html><title>统一身份认证平台登录</title><form><input type='password' name=p></form></html>", "login"),
        (200, (), "<html><body>环境异常 当前环境异常，完成验证后即可继续访问。</body></html>", "wechat-verify"),
        (401, (), "", "login"),
        (403, (), "<h1>403 Forbidden</h1>", "forbidden"),
        (429, (), "", "too-many"),
        (405, (), "", "refused"),
        (200, (), "<html><title>404</title><body>您访问的页面不存在</body></html>", "soft-404"),
        (200, (), "", "empty"),
        (404, (), "<html><title>404</title><body>您访问的页面不存在</body></html>", None),
        (500, (), "error", None),
        (200, (), ARTICLE, None),
        (200, (), "<html><body>" + "<a href='/a/1.html'>园区新闻</a>" * 30 + "<input type=password>登录</body></html>", None),
        (200, (), '{"code": 0, "data": []}', None),
    ],
)  # fmt: skip
def test_obstacles_are_named_and_pages_are_not(
    status: int, headers: tuple[tuple[str, str], ...], text: str, name: str | None
) -> None:
    assert blocked(status, headers, text) == name


def test_columns_are_menus_breadcrumbs_and_more_links_but_nothing_else() -> None:
    rows = "".join(
        f"<li><a href='/xw/gz/{n}.html'>园区工作动态的文章标题{n}</a><span>2024-05-{n}</span></li>"
        for n in range(10, 18)
    )
    html = f"""<div class=nav><a href='/'>首页</a><a href='/xw/'>新闻中心</a><a href='/zc/index.html'>政策<b>文件</b></a><a href='/login.jsp'>登录</a>
    <a href='http://www.other.example.cn/x/'>外站</a><a href='/lxwm/'>联系我们</a><a href='/a.pdf'>手册</a></div>
    <p>位置：<a href='/xw/'>新闻中心</a> &gt; <a href='/xw/gz/'>工作动态</a></p><ul>{rows}</ul><a href='index_2.html'>下一页</a><a href='index_2.html'>2</a>
    <div><h3>通知公告</h3><a href='/tz/list.html'>&gt;&gt;更多</a></div><a href='/2024/05/09/1.html'>一篇文章</a>
    <div class=hot><a href='/info/1/2.htm' title='园区工作动态的一篇文章在侧栏里被截去一半'>园区工作动态的一篇文章</a><a href='/info/1/3.htm'>园区另一篇文章…</a></div>"""
    document = Document(f"{SITE}/xw/gz/index.html", f"<html><meta charset=utf-8><body>{html}</body></html>".encode())
    assert [(row.url.removeprefix(SITE), row.title) for row in columns(document)] == [
        ("/xw/", "新闻中心"),
        ("/zc/index.html", "政策文件"),
        ("/xw/gz/", "工作动态"),
        ("/tz/list.html", "通知公告"),
    ]


@pytest.mark.parametrize(
    ("urls", "pattern", "others"),
    [
        (["/xw/202405/t20240509_41.html", "/tz/gg/202404/t20240401_7.html"], r"/\d{6}/t\d{8}_\d+\.html$", ["/xw/index_1.html"]),
        (["/xw/hydt/46.html", "/xw/gsdt/141.html"], r"/xw/(?:gsdt|hydt)/\d+\.html$", ["/cp/46.html"]),
        (["/art/2020/1/7/art_1_456.html", "/art/2021/11/17/art_13_4.html"], r"/\d{4}/\d+/\d+/art_\d+_\d+\.html$", ["/col/col1/index.html"]),
        (["/y/c1/202405/0123456789abcdef0123456789abcdef.shtml", "/y/c2/202404/fedcba9876543210fedcba9876543210.shtml"], r"/\d{6}/[0-9a-f]{32}\.shtml$", ["/y/c1/list.shtml"]),
        (["/z/20240509/46ce3724-3f6c-4df9-b07a-56c83f68.html", "/z/20240508/7832cb8a-3089-46fe-a895-3afd3cfa.html"], r"/\d{8}/[0-9a-f]{8}-[0-9a-f-]+\.html$", ["/z/2.html"]),
        (["/info/1026/9104.htm", "/info/1027/9.htm"], r"/\d{4}/\d+\.htm$", ["/xw/tzgg.htm"]),
        (["/show.asp?id=4", "/show.asp?id=1234"], r"\w/show\.asp\?id=\d+$", ["/list.asp?id=4"]),
        (["/content/post_1.html", "/a/content/post_22.html"], r"/post_\d+\.html$", ["/a/index.html"]),
        (["/n1/c12345678/content.html", "/n2/n3/c2/content.html"], r"/c\d+/content\.html$", ["/n1/index.html"]),
        (["/2024/05/09/park-opens/", "/2024/05/10/new-hall/"], r"/\d{4}/\d+/\d+/[^/]+/$", ["/category/news/"]),
    ],
)  # fmt: skip
def test_one_expression_for_the_articles_of_a_site(urls: list[str], pattern: str, others: list[str]) -> None:
    found = article_pattern(SITE + url for url in urls)
    assert found == pattern
    assert all(re.search(found, SITE + url) for url in urls)
    assert not any(re.search(found, SITE + url) for url in others)


def test_urls_without_a_common_form_have_no_expression() -> None:
    assert article_pattern([]) == ""
    assert article_pattern(SITE + "/" + "abcdefgh"[n] * 3 + ".html" for n in range(8)) == ""


def test_words_that_a_mark_cannot_do_without_are_found_in_what_it_matches() -> None:
    assert needles(r"TRS_Editor|createPage(?:HTML)?\(\s*\d") == ("trs_editor", "createpage")
    assert needles(r"abc?d|[xyz]{3}") == ()
    samples = {
        "wp-content": r"(?:src|href)=[\"'][^\"'\s]{0,9}/wp-(?:content|includes)/",
        "x_dataproxy.jsp": r"(?:more)?dataproxy\.jsp",
    }
    for word, expression in samples.items():
        mark = patterns(one=expression)["one"]
        assert any(needle in f"href='/{word}/'" for needle in mark.needles)


HOSTILE = {
    "deep": "<div>" * 3000 + "<a href='/1.html'>标题标题标题标题</a>",
    "nested links": "".join(f"<div><a href='/a/{n}.html'>标题标题标题标题标题</a>" for n in range(800)),
    "many rows": "".join(
        f"<li><a href='/a/{n}.html'>标题标题标题标题{n}</a><i>2024-01-02</i></li>" for n in range(1500)
    ),
    "arrows": "<li><a href='/1.html'>" + ">" * 50_000 + "</a></li>",
    "brackets": "<p>" + "[(【" * 30_000 + "</p><a href='/1.html'>x</a>",
    "digits": "<li><a href='/1.html'>" + "2024-" * 20_000 + "</a></li>",
    "quotes": "<script>" + "\"'" * 50_000 + "</script>",
    "calls": "<script>" + "createPageHTML(" * 10_000 + "location.href=" * 10_000 + "</script>",
    "records": "<script type='text/xml'><datastore>" + "<record><![CDATA[" * 10_000 + "</script>dataproxy.jsp",
    "css": "<style>" + "url(" * 30_000 + "</style>",
    "srcset": "<img srcset='" + "a ," * 30_000 + "'>",
    "json": '{"data":' * 2000 + "[" * 2000,
    "xml": "<rss>" + "<item>" * 20_000,
    "control": "\x00\x01<a href='\x02/1.html'>\x03</a>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_little_and_raise_nothing(name: str) -> None:
    document = Document(f"{SITE}/xw/", HOSTILE[name].encode(), (("Content-Type", "text/html; charset=utf-8"),))
    _ = document.tree
    start = time.process_time()
    listing(document)
    columns(document)
    requisites(document)
    discover(document)
    blocked(200, (), document.text)
    assert time.process_time() - start < 3
    for family in ADAPTERS if len(HOSTILE[name]) < 30_000 else ():
        listing(document, family)
