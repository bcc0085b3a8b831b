"""Each CMS family on a small page of its kind: recognised and not taken for another, rows as shown, the next request.

The pages are ours; what they imitate is said in the manual of each module of spiders/cms.
"""

import json
from urllib.parse import unquote

import pytest

from pipelines.decode import Document
from spiders.cms import ADAPTERS, listing, opening, recognise
from spiders.cms.adapter import Ask, Listing

SITE = "http://www.yuanqu.example.cn"
TITLES = (
    "园区召开生物医药项目推进会",
    "关于申报年度科技计划的通知",
    "智能装备产业联盟在园区成立",
    "孵化器新增入驻企业二十家",
)
DAYS = ("2024-05-09", "2024-05-06", "2024-04-30", "2024-04-28")
Row = tuple[str, str | None, str | None]


def page(path: str, body: str, headers: tuple[tuple[str, str], ...] = (), head: str = "") -> Document:
    """A page with a menu above and a foot below, as every site has them."""
    menu = "".join(
        f'<li><a href="/{name}/">{text}</a></li>' for name, text in (("gk", "公开"), ("fw", "服务"), ("hd", "互动"))
    )
    html = (
        f"<html><head><meta charset=utf-8>{head}<title>工作动态</title></head><body><div class=nav><ul>{menu}</ul></div>{body}"
        "<div class=footer><a href='/about.html'>关于我们</a> <a href='https://beian.example.cn/'>某ICP备00000001号</a></div>"
        "</body></html>"
    )
    return Document(SITE + path, html.encode(), (("Content-Type", "text/html; charset=utf-8"), *headers))


def answer(path: str, text: str, kind: str = "application/json") -> Document:
    return Document(SITE + path, text.encode(), (("Content-Type", f"{kind}; charset=utf-8"),))


def rows_html(links: list[str], days: tuple[str, ...] = DAYS) -> str:
    entries = zip(links, TITLES, days, strict=False)
    return (
        "<ul class=list>" + "".join(f"<li><a href='{u}'>{t}</a><span>{d}</span></li>" for u, t, d in entries) + "</ul>"
    )


def numbered(form: str) -> list[str]:
    return [form.format(n=n) for n in (9104, 9101, 9099, 9087)]


def records(links: list[str]) -> str:
    pieces = zip(links, TITLES, DAYS, strict=False)
    return "".join(
        f"<record><![CDATA[<li><a href='{u}' title='{t}'>{t[:8]}…</a><b>[{d}]</b></li>]]></record>"
        for u, t, d in pieces
    )


HEX = [f"{n:032x}" for n in (0xA1B2C3D4E5F60718293A4B5C6D7E8F90, 0xB1, 0xC1, 0xD1)]
HEX = [value.replace("000", "1f3") for value in HEX]
UNIT = (
    "<script src='/unitbuild.js' parseType='bulidstatic' url='/api-gateway/jpaas-publish-server/front/page/build/unit' "
    "queryData=\"{'webId':'w1','pageId':'p1','parseType':'bulidstatic','pageType':'column','tagId':'{tag}',"
    "'tplSetId':'s1','editType':'null'}\"></script>"
)

# family -> page, (URL, title, date) of the first row, URL of the next request
PAGES: dict[str, tuple[Document, Row | None, str | None]] = {
    "trs": (
        page(
            "/xwzx/gzdt/",
            rows_html(["./202405/t20240509_9104.html", "./202405/t20240506_9101.html", "./202404/t20240430_9099.html"])
            + '<script>\n//createPageHTML(2, 0, "old", "htm");\ncreatePageHTML(25, 0, "index", "shtml");\n</script>',
        ),
        (f"{SITE}/xwzx/gzdt/202405/t20240509_9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/xwzx/gzdt/index_1.shtml",
    ),
    "ucap": (
        page(
            "/yq/xxgk/xxgk_list.shtml",
            rows_html([f"202405/{code}.shtml" for code in HEX])
            + "<script>window.onload=function(){createPageHTML('page_div', 12, 1, 'xxgk_list', 'shtml', 230);}</script>",
        ),
        (f"{SITE}/yq/xxgk/202405/{HEX[0]}.shtml", TITLES[0], DAYS[0]),
        f"{SITE}/yq/xxgk/xxgk_list_2.shtml",
    ),
    "hanweb-jpage": (
        page(
            "/col/col123/index.html",
            '<div id="77"><ul></ul><script type="text/xml"><datastore><totalrecord>41</totalrecord><totalpage>3</totalpage>'
            "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page=1&amp;columnid=123&amp;unitid=77\"></a>]]></nextgroup>"
            f"<recordset>{records(numbered('/art/2024/5/9/art_123_{n}.html'))}</recordset></datastore></script></div>",
        ),
        (f"{SITE}/art/2024/5/9/art_123_9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/module/web/jpage/dataproxy.jsp?page=1&columnid=123&unitid=77",
    ),
    "hanweb-jpaas": (
        page("/col/col9/index.html", UNIT.replace("{tag}", "导航") + f"<div>{UNIT.replace('{tag}', '当前栏目list')}</div>"),
        None,
        f"{SITE}/api-gateway/jpaas-publish-server/front/page/build/unit?webId=w1&pageId=p1&parseType=bulidstatic"
        "&pageType=column&tagId=当前栏目list&tplSetId=s1&paramJson={\"pageNo\":1,\"pageSize\":15}",
    ),
    "nfcms": (
        page(
            "/xwzx/index.html",
            "<script>var NFCMS_SITE_ID='755001';</script>" + rows_html(numbered("/xwzx/content/post_{n}.html"))
            + "<div class=page><span>1</span><a href='index_2.html'>2</a><a class=next href='index_2.html'>下一页</a>"
            "<a class=last href='index_7.html'>尾页</a></div>",
        ),
        (f"{SITE}/xwzx/content/post_9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/xwzx/index_2.html",
    ),
    "gkmlpt": (
        page("/zqhjj/gkmlpt/index", "<div id=app></div><script>window._CONFIG = {'SID':'758019', TREE:[]};</script>"),
        None,
        f"{SITE}/zqhjj/gkmlpt/api/all/0?page=1&sid=758019",
    ),
    "epoint": (
        page(
            "/zwgk/001002/moreinfo.html",
            "<div class='ewb-list'><table><tr><th>标题</th><th>发布时间</th></tr>"
            + "".join(
                f"<tr><td><a href='20240509/{code[:8]}-{code[8:12]}-4a1b-9c2d-{code[20:]}.html'>{title}</a></td><td>{day}</td></tr>"
                for code, title, day in zip(HEX, TITLES, DAYS, strict=True)
            )
            + "</table></div><div id=page></div><script src='/js/webBuilderCommon.js'></script>"
            "<script>$('#page').pagination({pageIndex:0, pageSize: 15, total: 40}).on('pageClicked', function (e, data) {"
            "if(data.pageIndex==0){window.location.href='/zwgk/001002/moreinfo.html';}"
            "else{window.location.href='/zwgk/001002/'+(data.pageIndex+1)+'.html';}});</script>",
        ),
        (f"{SITE}/zwgk/001002/20240509/{HEX[0][:8]}-{HEX[0][8:12]}-4a1b-9c2d-{HEX[0][20:]}.html", TITLES[0], DAYS[0]),
        f"{SITE}/zwgk/001002/2.html",
    ),
    "truecms": (
        page(
            "/yq/tzgg/tzgg.html",
            f"<div id='initData' style='display:none'>{rows_html(numbered('content/{n}-4b1c.html'))}</div>"
            "<script>$('#c').jpage({proxyUrl:'/truecms/messageController/getMessage.do',perPage:10,groupSize:3,"
            "ajaxParam:{columnId:'754f6db5-d294-46d5-b25c-da3a86d102cd'}});</script>",
        ),
        (f"{SITE}/yq/tzgg/content/9104-4b1c.html", TITLES[0], DAYS[0]),
        f"{SITE}/truecms/messageController/getMessage.do?startrecord=5&endrecord=34&perpage=10"
        "&columnId=754f6db5-d294-46d5-b25c-da3a86d102cd&callback=cb",
    ),
    "vsb": (
        page(
            "/xwzx/zcyzc.htm",
            "<script src='/system/resource/js/centerCutImg.js'></script>" + rows_html(numbered("../info/1026/{n}.htm"))
            + "<input onkeydown=\"if(event.keyCode==13){_simple_list_gotopage_fun(31,&quot;u13_goto&quot;,2)}\">",
        ),
        (f"{SITE}/info/1026/9104.htm", TITLES[0], DAYS[0]),
        f"{SITE}/xwzx/zcyzc/30.htm",
    ),
    "webplus": (
        page(
            "/1042/list.htm",
            f"<div id='wp_news_w6'>{rows_html(numbered('/2024/0509/c1042a{n}/page.htm'))}</div><div id='wp_paging_w6'>"
            "<em class='curr_page'>1</em>/<em class='all_pages'>8</em></div>",
        ),
        (f"{SITE}/2024/0509/c1042a9104/page.htm", TITLES[0], DAYS[0]),
        f"{SITE}/1042/list2.htm",
    ),
    "lonsun": (
        page(
            "/public/column/4443193?type=4&action=list&nav=3&catId=5336732",
            rows_html(numbered("/public/4443193/{n}.html"))
            + "<div id='page_public_info'><a paged='1'>1</a><a paged='2'>2</a><a paged='6'>末页</a></div>",
        ),
        (f"{SITE}/public/4443193/9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/public/column/4443193?type=4&action=list&nav=3&catId=5336732&pageIndex=2",
    ),
    "easysite": (
        page(
            "/eportal/ui?pageId=302266",
            "<input type=hidden id='eprotalCurrentPageId' value='302266'>" + rows_html(numbered("/yq/zwgk/{n}/index.html"))
            + "<div class='easysite-page'><input name='article_paging_list_hidden' moduleid='08654b53' totalpage='9'></div>",
        ),
        (f"{SITE}/yq/zwgk/9104/index.html", TITLES[0], DAYS[0]),
        f"{SITE}/eportal/ui?pageId=302266&currentPage=2&moduleId=08654b53&staticRequest=yes",
    ),
    "ccontent": (
        page("/n2588035/n2588320/index.html", rows_html(numbered("/n2588035/n2588320/c{n}/content.html"))),
        (f"{SITE}/n2588035/n2588320/c9104/content.html", TITLES[0], DAYS[0]),
        None,
    ),
    "xinhua-ds": (
        page("/kj/index.html", "<div data='datasource:x'></div><script>load('ds_" + HEX[0] + ".json')</script>"),
        None,
        f"{SITE}/kj/ds_{HEX[0]}.json",
    ),
    "founder": (
        page("/xw/node_12.htm", rows_html(numbered("/2024-05/09/content_{n}.htm"), ()) + "<a href='node_12_2.htm'>下一页</a>"
             + "".join(f"<li><a href='/2024-05/09/content_{n}.htm'>{t}</a></li>" for n, t in zip((9104, 9101), TITLES, strict=False))),
        (f"{SITE}/2024-05/09/content_9104.htm", TITLES[0], None),
        f"{SITE}/xw/node_12_2.htm",
    ),
    "people": (
        page(
            "/GB/461529/index.html",
            rows_html(numbered("/n1/2024/0509/c461529-4068{n}.html")) + "<a href='index2.html'>下一页</a>",
        ),
        (f"{SITE}/n1/2024/0509/c461529-40689104.html", TITLES[0], DAYS[0]),
        f"{SITE}/GB/461529/index2.html",
    ),
    "wordpress": (
        page(
            "/category/news/",
            "".join(
                f"<article class='post'><h2 class='entry-title'><a href='/2024/05/09/p{n}/'>{t}</a></h2><span class='cat'>"
                f"<a href='/category/news/'>新闻</a></span><time class='entry-date' datetime='{d}'>{d}</time><p>摘要。</p></article>"
                for n, t, d in zip((9104, 9101, 9099, 9087), TITLES, DAYS, strict=True)
            )
            + "<a class='next page-numbers' href='/category/news/page/2/'>»</a>",
            head="<meta name='generator' content='WordPress 6.4'><link rel='stylesheet' href='/wp-content/themes/t/style.css'>",
        ),
        (f"{SITE}/2024/05/09/p9104/", TITLES[0], DAYS[0]),
        f"{SITE}/category/news/page/2/",
    ),
    "zblog": (
        page(
            "/category-1.html",
            "".join(
                f"<div class='post'><h2><a href='/post/{n}.html'>{t}</a></h2><div class='meta'>admin1年前 ({d})园区信息41</div></div>"
                for n, t, d in zip((9104, 9101, 9099, 9087), TITLES, DAYS, strict=True)
            )
            + "<div class='pagebar'><span>1</span><a href='/category-1_2.html'>2</a><a href='/category-1_2.html'>›</a></div>",
            head="<meta name='generator' content='Z-BlogPHP 1.7.3'>",
        ),
        (f"{SITE}/post/9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/category-1_2.html",
    ),
    "pbootcms": (
        page(
            "/list_5/",
            rows_html(numbered("/news/{n}.html")) + "<a href='/list_5_2/'>下一页</a>",
            headers=(("X-Powered-By", "PbootCMS"),),
        ),
        (f"{SITE}/news/9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/list_5_2/",
    ),
    "discuz": (
        page(
            "/portal.php?mod=list&catid=2",
            "<script>var discuz_uid = '0';</script>"
            + "".join(
                f"<dl class='bbda cl'><dt><a href='article-{n}-1.html' class='xi2'>{t}</a></dt><dd>摘要若干。</dd><dd><span class='xg1'>{d} 09:30</span></dd></dl>"
                for n, t, d in zip((9104, 9101, 9099, 9087), TITLES, DAYS, strict=True)
            )
            + "<div class='pg'><strong>1</strong><a href='portal.php?mod=list&amp;catid=2&amp;page=2'>2</a>"
            "<a href='portal.php?mod=list&amp;catid=2&amp;page=2' class='nxt'>下一页</a></div>",
            head="<meta name='generator' content='Discuz! X3.4'>",
        ),
        (f"{SITE}/article-9104-1.html", TITLES[0], "2024-05-09 09:30"),
        f"{SITE}/portal.php?mod=list&catid=2&page=2",
    ),
    "drupal": (
        page(
            "/news",
            "".join(
                f"<div class='views-row'><h3><a href='/node/{n}'>{t}</a></h3><time datetime='{d}T09:00:00Z'>{d}</time></div>"
                for n, t, d in zip((9104, 9101, 9099, 9087), TITLES, DAYS, strict=True)
            )
            + "<ul class='pager'><li class='pager__item--next'><a href='?page=1' rel='next'>Next ›</a></li></ul>",
            head="<meta name='Generator' content='Drupal 10 (https://www.drupal.org)'>",
        ),
        (f"{SITE}/node/9104", TITLES[0], DAYS[0]),
        f"{SITE}/news?page=1",
    ),
    "empirecms": (
        page(
            "/news/hydt/",
            rows_html(numbered("/news/hydt/{n}.html"))
            + "<div><a title=\"Total record\">&nbsp;<b>77</b> </a>&nbsp;<b>1</b>&nbsp;<a href='/news/hydt/index_2.html'>2</a>&nbsp;"
            "<a href='/news/hydt/index_2.html'>下一页</a>&nbsp;<a href='/news/hydt/index_4.html'>尾页</a></div>",
        ),
        (f"{SITE}/news/hydt/9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/news/hydt/index_2.html",
    ),
    "phpcms": (
        page(
            "/index.php?m=content&c=index&a=lists&catid=6",
            rows_html(numbered("/index.php?m=content&amp;c=index&amp;a=show&amp;catid=6&amp;id={n}"))
            + "<div id='pages' class='text-c'><a class='a1'>40条</a> <span>1</span> <a href='?m=content&amp;c=index&amp;a=lists&amp;catid=6&amp;page=2'>2</a>"
            "<a href='?m=content&amp;c=index&amp;a=lists&amp;catid=6&amp;page=2' class='a1'>下一页</a></div>",
        ),
        (f"{SITE}/index.php?m=content&c=index&a=show&catid=6&id=9104", TITLES[0], DAYS[0]),
        f"{SITE}/index.php?m=content&c=index&a=lists&catid=6&page=2",
    ),
    "dedecms": (
        page(
            "/xwzx/list_6_1.html",
            "<form action='/plus/search.php'></form>" + rows_html(numbered("/xwzx/2024/0509/{n}.html"))
            + "<ul class='pagelist'><li>首页</li><li class='thisclass'>1</li><li><a href='list_6_2.html'>2</a></li>"
            "<li><a href='list_6_2.html'>下一页</a></li><li><span class='pageinfo'>共 <strong>3</strong>页</span></li></ul>",
        ),
        (f"{SITE}/xwzx/2024/0509/9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/xwzx/list_6_2.html",
    ),
    "govuk": (
        answer(
            "/api/search.json?filter_organisations=park&count=2&start=0",
            json.dumps({"results": [{"title": "New science park", "link": "/government/news/park", "public_timestamp": "2024-05-09T10:00:00Z"}], "total": 5}),
        ),
        (f"{SITE}/government/news/park", "New science park", "2024-05-09T10:00:00Z"),
        f"{SITE}/api/search.json?filter_organisations=park&count=2&start=1",
    ),
    "generic": (
        page("/news/", rows_html(numbered("/news/{n}.html")) + "<a href='/news/index-2.html'>下一頁</a>"),
        (f"{SITE}/news/9104.html", TITLES[0], DAYS[0]),
        f"{SITE}/news/index-2.html",
    ),
}  # fmt: skip


def first(found: Listing) -> Row | None:
    return (found.rows[0].url, found.rows[0].title, found.rows[0].date) if found.rows else None


@pytest.mark.parametrize("family", PAGES)
def test_page_of_a_family_is_recognised_with_evidence_and_read(family: str) -> None:
    document, row, following = PAGES[family]
    found = listing(document)
    assert found.adapter == family
    assert bool(found.evidence) == (family != "generic")
    assert first(found) == row
    assert (unquote(found.next.url) if found.next else None) == following


@pytest.mark.parametrize("family", PAGES)
def test_page_of_a_family_is_not_taken_for_another_kind(family: str) -> None:
    document = PAGES[family][0]
    others = {name for name, adapter in ADAPTERS.items() if adapter.recognise(document)} - {family}
    assert others <= {"json"} | ({"trs"} if family == "xinhua-ds" else set())
    assert recognise(document)[0] == family


def test_every_family_has_a_page_here_or_a_test_of_its_own() -> None:
    assert set(ADAPTERS) - set(PAGES) == {"rss", "sitemap", "json"}


def test_jpage_answers_are_walked_by_their_page_number_until_the_last() -> None:
    text = f"<datastore><totalrecord>6</totalrecord><totalpage>2</totalpage><recordset>{records(numbered('/art/2024/5/9/art_123_{n}.html'))}</recordset></datastore>"
    path = "/module/web/jpage/dataproxy.jsp?page={}&columnid=123"
    asked = Ask(SITE + path.format(1), headers=(("Referer", f"{SITE}/col/col123/index.html"),))
    one = listing(answer(path.format(1), text, "text/xml"), "hanweb-jpage", asked=asked)
    assert [row.url for row in one.rows] == [SITE + url for url in numbered("/art/2024/5/9/art_123_{n}.html")]
    assert [row.title for row in one.rows] == list(TITLES)  # the whole one of title=, not the cut text
    assert one.next == Ask(SITE + path.format(2), headers=asked.headers)
    assert listing(answer(path.format(2), text, "text/xml"), "hanweb-jpage", asked=one.next).next is None
    nothing = "<datastore><recordset></recordset></datastore>"
    assert listing(answer(path.format(1), nothing, "text/xml"), "hanweb-jpage").next is None


def test_jpage_may_be_asked_by_records_when_the_definition_says_so() -> None:
    found = listing(PAGES["hanweb-jpage"][0], "hanweb-jpage", {"form": "records"}).next
    assert found is not None
    assert (found.method, found.url) == (
        "POST",
        f"{SITE}/module/web/jpage/dataproxy.jsp?startrecord=5&endrecord=49&perpage=15",
    )
    assert found.body == b"col=1&columnid=123&unitid=77&sourceContentType=1"
    text = f"<datastore><totalrecord>60</totalrecord>{records(numbered('/art/2024/5/9/art_1_{n}.html'))}</datastore>"
    after = listing(Document(found.url, text.encode()), "hanweb-jpage", asked=found).next
    assert after is not None
    assert after.url.endswith("startrecord=50&endrecord=94&perpage=15")
    assert after.body == found.body


def test_oldest_jpage_lists_are_javascript_arrays() -> None:
    script = "".join(
        f"urls[i]='/art/2008/5/9/art_1_{n}.html';headers[i]=\"{title}\";year[i]='2008';month[i]='5';day[i]='9';i++;"
        for n, title in enumerate(TITLES)
    )
    found = listing(page("/col/col1/index.html", f"<script>{script}</script>"))
    assert found.adapter == "hanweb-jpage"
    assert first(found) == (f"{SITE}/art/2008/5/9/art_1_0.html", TITLES[0], "2008-05-09")


def test_jpaas_units_answer_with_html_and_end_by_their_count() -> None:
    ask = listing(PAGES["hanweb-jpaas"][0]).next
    assert ask is not None
    assert ("Referer", f"{SITE}/col/col9/index.html") in ask.headers
    piece = (
        rows_html([f"/col/col9/art/2024/art_{code}.html" for code in HEX])
        + '<div class="pagination" rows="15" count="31"></div>'
    )
    text = json.dumps({"success": True, "data": {"html": piece}})
    one = listing(Document(ask.url, text.encode()), "hanweb-jpaas", asked=ask)
    assert first(one) == (f"{SITE}/col/col9/art/2024/art_{HEX[0]}.html", TITLES[0], DAYS[0])
    two = listing(Document(one.next.url, text.encode()), "hanweb-jpaas", asked=one.next) if one.next else None
    assert two is not None
    assert two.next is not None
    assert '"pageNo":3' in unquote(two.next.url)
    assert listing(Document(two.next.url, text.encode()), "hanweb-jpaas", asked=two.next).next is None


def test_rows_that_a_jpaas_page_shows_itself_are_taken_and_the_unit_is_asked_for_the_second_page() -> None:
    body = f"<div class='list'>{rows_html([f'art/2024/art_{code}.html' for code in HEX])}{UNIT.replace('{tag}', '分页列表')}</div>"
    found = listing(page("/col/col9/index.html", body))
    assert len(found.rows) == 4
    assert found.next is not None
    assert '"pageNo":2' in unquote(found.next.url)


def test_gkmlpt_is_asked_for_the_column_of_the_definition_until_no_rows_come() -> None:
    shell = listing(PAGES["gkmlpt"][0], "gkmlpt", {"column": 5066})
    assert shell.next is not None
    assert shell.next.url == f"{SITE}/zqhjj/gkmlpt/api/all/5066?page=1&sid=758019"
    article = {
        "title": TITLES[0],
        "url": "http://www.yuanqu.example.cn/zqhjj/gkmlpt/content/3/3255/post_3255421.html",
        "post_url": "x",
        "display_publish_time": 1715216400,
    }
    one = listing(Document(shell.next.url, json.dumps({"articles": [article]}).encode()), "gkmlpt", asked=shell.next)
    assert first(one) == (article["url"], TITLES[0], "2024-05-09 09:00:00")
    assert one.next is not None
    assert "page=2" in one.next.url
    assert listing(Document(one.next.url, b'{"articles": []}'), "gkmlpt", asked=one.next).next is None


def test_ucap_shells_are_followed_to_their_search_call() -> None:
    shell = listing(
        page(
            "/zwgk/index.shtml",
            f"<div id=list></div><script>$.get('/common/search/{HEX[0]}?_isAgg=true', show)</script>",
        ),
        "ucap",
    )
    assert shell.next is not None
    assert shell.next.url.startswith(f"{SITE}/common/search/{HEX[0]}?_isAgg=true&_isJson=true&_pageSize=20")
    data = {
        "data": {
            "total": 21,
            "page": 1,
            "rows": 20,
            "results": [{"title": TITLES[0], "url": "/zwgk/1.shtml", "publishedTimeStr": "2024-05-09 08:00:00"}],
        }
    }
    one = listing(Document(shell.next.url, json.dumps(data).encode()), asked=shell.next)
    assert one.adapter == "ucap"
    assert first(one) == (f"{SITE}/zwgk/1.shtml", TITLES[0], "2024-05-09 08:00:00")
    assert one.next is not None
    assert one.next.url.endswith("page=2")
    assert listing(Document(one.next.url, json.dumps(data).encode()), asked=one.next).next is None


def test_ucap_form_b_counts_in_the_body() -> None:
    asked = Ask(
        f"{SITE}/szinf/xxgk/interfacesWebZcwj/loadData?pageSize=15",
        "POST",
        (("Referer", SITE),),
        b"pageIndex=1&channel_id=ab-1",
    )
    data = {
        "data": {
            "allRow": 16,
            "totalPage": 2,
            "list": [
                {"TITLE": TITLES[0], "URL": "/a.shtml", "PUBLISHED_TIME_FORMAT": "2024-05-09", "MANUSCRIPT_ID": "1"}
            ],
        }
    }
    one = listing(Document(asked.url, json.dumps(data).encode()), "ucap", asked=asked)
    assert one.next is not None
    assert one.next.body == b"pageIndex=2&channel_id=ab-1"
    assert listing(Document(asked.url, json.dumps(data).encode()), "ucap", asked=one.next).next is None


def test_epoint_openness_pages_read_the_common_script_and_then_the_interface() -> None:
    column = "/zwgk/govInfoPub.html?deptcode=D1&categorynum=003010"
    shell = listing(
        page(column, "<div class='ewb-list' id=x></div><script src='/js/webBuilderCommon.js'></script>"), "epoint"
    )
    assert shell.next == Ask(f"{SITE}/js/webBuilderCommon.js", headers=(("Referer", SITE + column),))
    script = Document(shell.next.url, b'var siteInfo={"projectName":"/EWB-FRONT","siteGuid":"7eb5"};')
    call = listing(script, "epoint", asked=shell.next).next
    assert call is not None
    assert (call.method, call.url) == ("POST", f"{SITE}/EWB-FRONT/rest/lightfrontaction/getgovinfolist")
    assert json.loads(call.body) == {
        "deptcode": "D1",
        "categorynum": "003010",
        "siteGuid": "7eb5",
        "pageIndex": 1,
        "pageSize": 50,
    }
    entry = {
        "infourl": "/zwgk/003010/20240509/a.html",
        "realtitle": TITLES[0],
        "title": TITLES[0][:5],
        "infodate": "2024-05-09",
    }
    full = Document(
        call.url, json.dumps({"custom": {"data": [{**entry, "infourl": f"/a/{n}.html"} for n in range(50)]}}).encode()
    )
    one = listing(full, "epoint", asked=call)
    assert first(one) == (f"{SITE}/a/0.html", TITLES[0], DAYS[0])
    assert one.next is not None
    assert json.loads(one.next.body)["pageIndex"] == 2
    short = Document(call.url, json.dumps({"custom": {"data": [entry]}}).encode())
    assert listing(short, "epoint", asked=one.next).next is None


def test_truecms_answers_are_jsonp_with_a_datastore() -> None:
    asked = listing(PAGES["truecms"][0]).next
    assert asked is not None
    inner = f"<datastore><totalrecord>40</totalrecord><recordset>{records(numbered('/yq/tzgg/content/{n}.html'))}</recordset></datastore>"
    found = listing(Document(asked.url, f"cb({json.dumps({'result': inner})});".encode()), "truecms", asked=asked)
    assert [row.date for row in found.rows] == list(DAYS)
    assert found.next is not None
    assert "startrecord=35&endrecord=64" in found.next.url
    assert listing(Document(found.next.url, f"cb({json.dumps({'result': inner})});".encode()), "truecms").next is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/xwzx/zcyzc.htm", "/xwzx/zcyzc/30.htm"),
        ("/xwzx/zcyzc/30.htm", "/xwzx/zcyzc/29.htm"),
        ("/xwzx/zcyzc/2.htm", "/xwzx/zcyzc/1.htm"),
        ("/xwzx/zcyzc/1.htm", None),
    ],
)
def test_vsb_counts_down_to_the_oldest_page(url: str, expected: str | None) -> None:
    body = rows_html(numbered("/info/1026/{n}.htm")) + "<a onclick='_simple_list_gotopage_fun(31,\"u1\",2)'>跳转</a>"
    found = listing(page(url, body), "vsb")
    assert (found.next.url if found.next else None) == (SITE + expected if expected else None)


def test_xinhua_data_source_is_the_whole_list() -> None:
    data = {
        "datasource": [
            {"title": TITLES[0], "publishUrl": f"/20240509/{HEX[0]}/c.html", "publishTime": "2024-05-09 10:00:00"}
        ]
    }
    found = listing(answer(f"/kj/ds_{HEX[1]}.json", json.dumps(data)))
    assert (found.adapter, found.next) == ("xinhua-ds", None)
    assert first(found) == (f"{SITE}/20240509/{HEX[0]}/c.html", TITLES[0], "2024-05-09 10:00:00")


def test_founder_issue_pages_list_the_stories_of_that_page_once() -> None:
    body = (
        "<map><area href='content_1.htm'></map>"
        + "".join(f"<tr><td><a href='content_{n}.htm'>{title}</a></td></tr>" for n, title in enumerate(TITLES, 1))
        + "<a href='node_2.htm'>下一版</a><a href='../08/content_9.htm'>昨日头条要闻</a>"
    )
    found = listing(page("/html/2024-05/09/node_1.htm", f"<!--enpproperty --><table>{body}</table>"))
    assert [row.title for row in found.rows] == list(TITLES)
    assert found.next is None


def test_wordpress_rest_is_walked_by_its_page_header() -> None:
    posts = json.dumps(
        [
            {
                "link": f"{SITE}/2024/05/09/a/",
                "title": {"rendered": "A &amp; B &#8211; 园区动态"},
                "date": "2024-05-09T08:00:00",
            }
        ]
    )
    url = f"{SITE}/wp-json/wp/v2/posts?per_page=1&page=1"
    found = listing(Document(url, posts.encode(), (("X-WP-TotalPages", "2"),)))
    assert first(found) == (f"{SITE}/2024/05/09/a/", "A & B – 园区动态", "2024-05-09T08:00:00")
    assert found.next is not None
    assert listing(Document(found.next.url, posts.encode(), (("X-WP-TotalPages", "2"),))).next is None


def test_family_that_is_told_is_used_whatever_the_page_looks_like() -> None:
    assert listing(PAGES["generic"][0], "trs").adapter == "trs"
    assert opening(f"{SITE}/a/", "trs") == Ask(f"{SITE}/a/")
    with pytest.raises(KeyError):
        listing(PAGES["generic"][0], "jpas")
