"""The general rules: which links of a page are its list, with the title and the date that each row shows."""

import pytest

from pipelines.decode import Document
from spiders.cms import listing
from spiders.cms.adapter import Row
from spiders.cms.shown import date_of, day_in_url, day_shown

URL = "http://www.yuanqu.example.cn/xw/gzdt/index.html"
NEWS = (
    ("202405/t20240509_41.html", "园区召开生物医药产业项目推进会议", "2024-05-09"),
    ("202405/t20240506_40.html", "关于组织申报年度科技计划的通知", "2024-05-06"),
    ("202404/t20240430_39.html", "智能装备产业联盟在园区正式成立", "2024-04-30"),
    ("202404/t20240428_38.html", "园区孵化器新增入驻企业二十余家", "2024-04-28"),
    ("202404/t20240420_37.html", "全国专家来园区调研医疗器械检测", "2024-04-20"),
)
MENU = (
    "<div class=nav><ul>"
    + "".join(f"<li><a href='/{n}/'>{t}</a></li>" for n, t in (("a", "首页"), ("b", "信息公开"), ("c", "办事服务")))
    + "</ul></div>"
)
FRIENDS = (
    "<div class=links>友情链接"
    + "".join(f"<a href='http://f{n}.example.gov.cn/'>某某省科学技术厅网站</a>" for n in range(8))
    + "</div>"
)


def rows(body: str, url: str = URL) -> list[Row]:
    html = f"<html><head><meta charset=utf-8></head><body>{MENU}{body}{FRIENDS}</body></html>"
    return list(listing(Document(url, html.encode()), "generic").rows)


def expected() -> list[tuple[str, str | None, str | None]]:
    return [(f"http://www.yuanqu.example.cn/xw/gzdt/{name}", title, day) for name, title, day in NEWS]


def found(body: str, url: str = URL) -> list[tuple[str, str | None, str | None]]:
    return [(row.url, row.title, row.date) for row in rows(body, url)]


def each(form: str) -> str:
    return "".join(form.format(u=u, t=t, d=d, cut=t[:9] + "...", n=n) for n, (u, t, d) in enumerate(NEWS))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<ul>" + each("<li><a href='{u}'>{t}</a><span>{d}</span></li>") + "</ul>", id="list"),
        pytest.param("<ul>" + each("<li class='odd{n}'><span>[{d}]</span><a href='{u}'><font color=red>{t}</font></a></li>") + "</ul>", id="date first"),
        pytest.param("<ul>" + each("<li>·<a href='{u}' title='{t}'>{cut}</a> {d}</li>") + "</ul>", id="cut text, whole title attribute"),
        pytest.param("<ul>" + each("<li><a href='{u}' title='标题：{t}\n发布时间：{d}'>{cut}</a> {d}</li>") + "</ul>", id="tooltip"),
        pytest.param("<table>" + each("<tr><td>{n}</td><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>") + "</table>", id="table"),
        pytest.param("<table><tr>" + each("<td><a href='{u}'>{t}</a></td><td>{d}</td>") + "</tr></table>", id="cells of one row"),
        pytest.param("<dl>" + each("<dt><a href='{u}'>{t}</a></dt><dd>{d}</dd>") + "</dl>", id="date after the row"),
        pytest.param("<dl>" + each("<dt>{d}</dt><dd><a href='{u}'>{t}</a></dd>") + "</dl>", id="date before the row"),
        pytest.param("<div>" + each("<a href='{u}'>{t}</a> ({d})<br>") + "</div>", id="loose links"),
        pytest.param("<div>" + each("<ul class=row><li class=t><a href='{u}'><b>{t}</b></a></li><li>发布时间：{d}</li></ul>") + "</div>", id="one list a row"),
        pytest.param("<div>" + each("<a class=card href='{u}'><h4>{t}</h4><span>{d}</span><p>摘要摘要摘要摘要摘要摘要。</p></a>") + "</div>", id="cards that are links"),
        pytest.param(
            "<div>" + each("<div class=c><a href='{u}'><img src=1.jpg></a><h3><a href='{u}'>{t}</a></h3><p>据2020年1月31日文件，工作有序。</p><i>{d}</i><a href='{u}'>[详情]</a></div>") + "</div>",
            id="picture, title and more",
        ),
        pytest.param("<ul>" + each("<li><h3>{t}</h3><p>{d}</p><a href='{u}'>查看详情&gt;&gt;</a></li>") + "</ul>", id="link says only more"),
        pytest.param("<ul>" + each("<li><a href='/xw/gzdt/tz/'>[通知]</a><a href='{u}'>{t}</a><em>{d}</em></li>") + "</ul>", id="category labels"),
        pytest.param("<ul>" + each("<li onclick=\"window.open('{u}')\"><b>{t}</b><span>{d}</span></li>") + "</ul>", id="rows with onclick"),
        pytest.param("<ul>" + each("<li><a href='javascript:;' onclick=\"jumpToDetail('./{u}')\">{t}</a><span>{d}</span></li>") + "</ul>", id="links with onclick"),
        pytest.param("<ul>" + each("<li data-href='{u}'><p>{t}</p><span>{d}</span></li>") + "</ul>", id="data-href"),
        pytest.param("".join(f"<ul class='u wow'>{part}</ul>" for part in each("<li><a href='{u}'>{t}</a><span>{d}</span></li>|").split("|")), id="list in pieces"),
        pytest.param("<ul>" + each("<li><a href='{u}'><a href='{u}'>{t}</a><span>{d}</span></li>") + "</ul>", id="links opened twice"),
        pytest.param("<ul>" + each("<li><a href='{u}'>{t}　{d}</a></li>") + "</ul>", id="date inside the link"),
    ],
)  # fmt: skip
def test_rows_are_found_with_title_and_date_in_any_layout(body: str) -> None:
    assert found(body) == expected()


def test_day_boxes_are_put_together() -> None:
    body = "<ul>" + each("<li><div><b>09</b><i>2024-05</i></div><a href='{u}'>{t}</a></li>") + "</ul>"
    assert {day for _, _, day in found(body)} == {"2024-05-09"}


def test_dates_without_year_and_relative_ones_are_given_as_shown() -> None:
    body = "<ul>" + each("<li><a href='{u}'>{t}</a><span>[05-09]</span></li>") + "</ul>"
    assert {day for _, _, day in found(body)} == {"05-09"}
    body = "<ul>" + each("<li><a href='{u}'>{t}</a><span>3天前</span></li>") + "</ul>"
    assert {day for _, _, day in found(body)} == {"3天前"}


def test_a_date_in_the_teaser_of_one_row_is_not_its_date() -> None:
    teasers = ["厂房已于2018年4月16日", "供热节能环保", "换热设备运行", "新产品通过鉴定", "设备选型要点"]
    body = "<ul class=newslist>" + "".join(
        f"<li><h2><a href='/{n}.html'>{t}</a></h2><p>{teaser}</p></li>" for n, ((_, t, _), teaser) in enumerate(zip(NEWS, teasers, strict=True), 40)
    ) + "</ul>"  # fmt: skip
    assert [day for _, _, day in found(body)] == [None] * 5


def test_a_date_that_belongs_to_the_title_stays_in_it() -> None:
    body = "<ul><li><a href='1001.html'>园区疫情防控情况通报 2022-02-01</a><span>2022-02-02</span></li></ul>"
    assert found(body)[0][1:] == ("园区疫情防控情况通报 2022-02-01", "2022-02-02")


def test_row_without_words_has_no_title() -> None:
    body = (
        "<ul><li><a href='1420.html'></a><span>2024-06-26</span></li>"
        + each("<li><a href='{u}'>{t}</a><span>{d}</span></li>")
        + "</ul>"
    )
    assert found(body)[0][1:] == (None, "2024-06-26")


def test_rows_whose_links_were_destroyed_show_where_the_list_is() -> None:
    dead = "".join(f"<li><a href='javascript:;'>{t}</a><p>{t}</p><span>{d}</span></li>" for _, t, d in NEWS[1:])
    side = (
        "<div><h3>热点</h3><ul>"
        + "".join(f"<li><a href='/o/{n}.html'>别处的热点文章标题若干字</a></li>" for n in range(100, 108))
        + "</ul></div>"
    )
    assert (
        found(
            f"<ul class=box><li><a href='{NEWS[0][0]}'>{NEWS[0][1]}</a><p>x</p><span>{NEWS[0][2]}</span></li>{dead}</ul>{side}"
        )
        == expected()[:1]
    )


def test_page_without_a_list_of_articles_has_no_rows() -> None:
    assert found("<p>栏目建设中</p>") == []
    assert (
        found(
            "<ul>"
            + "".join(f"<li><a href='/p/{n}.html'><img src='{n}.jpg'>产品{n}</a></li>" for n in range(10, 22))
            + "</ul>"
        )
        == []
    )


SIDE = "<div class=side><h3>推荐阅读</h3><ul>" + "".join(
    f"<li><a href='/qt/202301/t20230101_{n}.html'>其他栏目的旧文章标题第{n}号</a><span>2023-01-01</span></li>" for n in range(10, 20)
) + "</ul></div>"  # fmt: skip
PLAIN_SIDE = SIDE.replace(" class=side", "")


@pytest.mark.parametrize("side", [SIDE, PLAIN_SIDE])
@pytest.mark.parametrize("pager", ["", "<p><a href='index_1.html'>下一页</a></p>"])
def test_side_boxes_are_not_the_list(side: str, pager: str) -> None:
    main = "<div><ul>" + each("<li><a href='{u}'>{t}</a><span>{d}</span></li>") + f"</ul>{pager}</div>"
    assert found(main + side) == expected()
    assert found(side + main) == expected()


def test_column_page_gives_all_its_boxes() -> None:
    boxes = "".join(
        f"<div class=box{b}><h3>栏目{b}<a href='/xw/gzdt/c{b}/'>更多</a></h3><ul>"
        + "".join(
            f"<li><a href='c{b}/202405/t20240501_{b}{n}.html'>栏目文章的标题第{b}{n}号内容</a><i>05-01</i></li>"
            for n in range(6)
        )
        + "</ul></div>"
        for b in range(3)
    )
    pictures = (
        "<div class=slide>"
        + "".join(
            f"<a href='c9/202405/t20240501_9{n}.html'><img src='{n}.jpg'><p>图片新闻的标题第{n}号内容</p></a>"
            for n in range(3)
        )
        + "</div>"
    )
    urls = [row.url.rsplit("_", 1)[1] for row in rows(pictures + boxes)]
    assert sorted(urls) == sorted(
        [f"{b}{n}.html" for b in range(3) for n in range(6)] + [f"9{n}.html" for n in range(3)]
    )


def test_articles_elsewhere_are_given_as_links() -> None:
    body = (
        "<ul>"
        + each("<li><a href='{u}'>{t}</a><span>{d}</span></li>")
        + "<li><a href='https://mp.weixin.qq.com/s/abc'>一图读懂园区新政策内容</a><span>2024-04-01</span></li></ul>"
    )
    assert found(body)[-1] == ("https://mp.weixin.qq.com/s/abc", "一图读懂园区新政策内容", "2024-04-01")


def test_english_lists() -> None:
    body = (
        "<div>"
        + "".join(
            f"<div class=item><h3><a href='/news/{n}-park-opens'>Science park opens building number {n}</a></h3><p>May {n}, 2024</p></div>"
            for n in range(10, 16)
        )
        + "</div>"
    )
    assert found(body, "http://www.park.example.com/news/")[0] == (
        "http://www.park.example.com/news/10-park-opens",
        "Science park opens building number 10",
        "May 10, 2024",
    )


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("/art/2020/1/7/art_123_456.html", "2020-01-07"),
        ("/zfwzjyh/t10221601.shtml", None),
        ("/col6845/col6850/202507/t20250716_1169812.html", "2025-07-16"),
        ("/2020-12/17/content_1.htm", "2020-12-17"),
        ("/20231105/0123456789abcdef0123456789abcdef/c.html", "2023-11-05"),
        ("/2021/1/8/0123456789abcdef0123456789abcdef.html", "2021-01-08"),
        ("/2020/1217/c1042a1234/page.htm", "2020-12-17"),
        ("/art/2020/art_0123456789abcdef0123456789abcdef.html", None),
        ("/content/post_20201217.html", None),
        ("/2020/1399/1.html", None),
    ],
)
def test_day_in_url(url: str, day: str | None) -> None:
    found_day = day_in_url("http://x.cn" + url)
    assert (found_day.isoformat() if found_day else None) == day


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("admin1年前 (2024-09-24)园区信息41", "2024-09-24"),
        ("于2022年04月04日发表", "2022年04月04日"),
        ("發布時間 : 2023-04-26", "2023-04-26"),
        ("二〇二〇年十二月十七日", "二〇二〇年十二月十七日"),
        ("索引号 2026-02-00018", None),
        ("第5-10号", None),
        ("2/31", None),
        ("17 Dec 2020", "17 Dec 2020"),
        ("20201217", "20201217"),
        ("113-09-24", "113-09-24"),
    ],
)
def test_date_as_shown(text: str, shown: str | None) -> None:
    assert date_of([(text, False)])[0] == shown


def test_day_of_a_shown_date() -> None:
    assert str(day_shown("2024年5月1日 09:30")) == "2024-05-01"
    assert str(day_shown("Sun, 08 Jun 2025 16:16:00 +0800")) == "2025-06-08"
    assert str(day_shown("113-09-24")) == "2024-09-24"
    assert day_shown("05-01") is None
    assert day_shown("2024-02-30") is None
