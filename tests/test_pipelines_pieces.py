"""The smaller steps: safe markup, tables, digest, document block, media, parts, language, people."""

import msgspec
import pytest

from pipelines.digest import digest
from pipelines.extract import extract
from pipelines.item import Article, AttachmentLink, Page, Publisher
from pipelines.language import language_of
from pipelines.parts import join, page_number
from pipelines.people import SOURCE as SOURCE_LABEL
from pipelines.people import labelled, names_in

SENTENCES = "<p>上周五，山前县图书馆的新馆向读者开放，首日接待了两千三百人次。</p><p>馆长介绍，新馆设有自修区、儿童区和地方文献室，周末延长到晚上九点。</p>"


def article(inside: str) -> Article:
    html = f'<html><head><meta charset="utf-8"><title>新图书馆开放</title></head><body><h1>新图书馆开放</h1><p>发布时间：2024-05-01 来源：县文旅局</p><div class="text">{SENTENCES}{inside}</div></body></html>'
    return extract(Page(url="http://www.a.example/x/y.html", body=html.encode()), Publisher(name="a"))


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<img src="x.png" onerror="alert(1)">',
        '<a href="javascript:alert(1)">看</a>',
        '<a href="data:text/html,x">看</a>',
        '<iframe src="http://b.example/"></iframe>',
        '<p style="background:url(javascript:x)" onclick="x()">看</p>',
        "<svg><script>x</script></svg>",
        '<math><mi href="javascript:x">a</mi></math>',
    ],
)
def test_markup_is_safe_to_put_into_a_page(evil: str) -> None:
    html = article(f"<p>更多服务信息，可以到馆咨询。{evil}</p>").content_html or ""
    assert not any(word in html for word in ("script", "onerror", "onclick", "data:", "style", "iframe", "alert"))


def test_addresses_in_markup_are_absolute_and_lazy_pictures_shown() -> None:
    html = (
        article(
            '<p><img src="/blank.gif" data-original="../pic/1.jpg" alt="新馆"></p><p>详情见<a href="more.html">这里</a>，欢迎来馆。</p>'
        ).content_html
        or ""
    )
    assert 'src="http://www.a.example/pic/1.jpg"' in html
    assert 'href="http://www.a.example/x/more.html"' in html


def test_cells_are_parted_by_tabs_and_merged_cells_kept_in_markup() -> None:
    made = article(
        '<table><tr><td colspan="2"><p>开放时间</p></td><td>电话</td></tr><tr><td>周一</td><td>9-17</td><td>咨询台</td></tr></table>'
    )
    assert (made.content_text or "").endswith("开放时间\t电话\n\n周一\t9-17\t咨询台")
    assert 'colspan="2"' in (made.content_html or "")


def test_text_is_nfc_without_controls_and_spaces_before_stops() -> None:
    text = article("<p>读者说 ，cafe\u0301 里的咖啡\u200b不错\u0007 。</p>").content_text or ""
    assert text.endswith("读者说，café 里的咖啡不错。")


def test_digest_ignores_counters_relative_dates_and_spaces() -> None:
    one = Article(
        url="http://a.example/1", title="通知", content_text="正文。\n\n浏览次数：41 次\n\n3天前", source="县报"
    )
    two = msgspec.structs.replace(one, content_text="正文。 \n\n浏览次数：1093 次\n\n2周前", url="http://a.example/2")
    assert digest(one) == digest(two)
    for change in (
        {"title": "通告"},
        {"content_text": "正文！"},
        {"source": "市报"},
        {"attachments": (AttachmentLink("http://a.example/f.pdf", "f"),)},
    ):
        assert digest(msgspec.structs.replace(one, **change)) != digest(one)


def test_viewer_frames_and_scripts_name_attachments() -> None:
    made = article(
        '<iframe src="/pdf/web/viewer.html?file=/up/plan.pdf"></iframe><script>var fj = \'<a href="./P01.docx">报名表</a>\';</script>'
    )
    assert [(link.url, link.title) for link in made.attachments] == [
        ("http://www.a.example/up/plan.pdf", "plan.pdf"),
        ("http://www.a.example/x/P01.docx", "报名表"),
    ]


@pytest.mark.parametrize(
    ("own", "other", "number"),
    [
        ("http://a/x/t1_22.html", "http://a/x/t1_22_2.html", 2),
        ("http://a/x/12.html", "http://a/x/13.html", None),  # the next article
        ("http://a/12_2.html", "http://a/12.html", 1),
        ("http://a/v?id=3", "http://a/v?id=3&page=2", 2),
        ("http://a/v?id=3", "http://a/v?id=4", None),
        ("http://a/news_2.html", "http://a/news_3.html", None),
        ("http://a/1.html", "http://b/1_2.html", None),
    ],
)
def test_part_differs_in_the_number_alone(own: str, other: str, number: int | None) -> None:
    assert page_number(own, other) == number


def test_pages_are_joined_in_reading_order() -> None:
    pages = [
        Article(
            url=f"http://a.example/{n}", title="走读", content_text=f"第{n}页。", images=(f"http://a.example/{n}.jpg",)
        )
        for n in (1, 2, 3)
    ]
    whole = join(pages)
    assert whole.content_text == "第1页。\n\n第2页。\n\n第3页。"
    assert whole.parts == ("http://a.example/2", "http://a.example/3")
    assert len(whole.images) == 3
    with pytest.raises(ValueError, match="no pages"):
        join([])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这个项目已经开始实施，各单位要认真落实。", "zh-Hans"),
        ("這個項目已經開始實施，各單位要認真落實。", "zh-Hant"),
        ("The board said in a statement that work is to begin this week.", "en"),
        ("Die Arbeiten haben in dieser Woche begonnen und werden von der Stadt bezahlt.", "de"),
        ("工事は今週から始まりました。", "ja"),
        ("2024", None),
    ],
)
def test_language_with_script(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("来源：河湾日报 发布时间：2024-05-01", "河湾日报"),
        ("来源：河湾日报2024-05-01", "河湾日报"),
        ("来 源：水利局 供稿：田河", "水利局"),
        ("来源：\x1f\x1f责任编辑：某", None),
        ("来源：", None),
    ],
)
def test_value_ends_where_the_next_label_or_date_begins(text: str, value: str | None) -> None:
    assert labelled(text, SOURCE_LABEL) == value


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("韩松年", ("韩松年",)),
        ("韩松年 宋一鸣", ("韩松年", "宋一鸣")),
        ("Admin", ()),
        ("县水利局", ()),
        ("来源", ()),
        ("Nora Whitfield", ("Nora Whitfield",)),
    ],
)
def test_names_are_people_or_nobody(value: str, names: tuple[str, ...]) -> None:
    assert names_in(value) == names
