"""The traps that real pages set for an extractor, one test each, on pages of our own words.

Each is a page somebody met: names, places and sentences are invented, the shape of the markup is what counts.
"""

from pathlib import Path

import pytest

from pipelines.extract import extract
from pipelines.item import Article, ArticleRule, Page, Publisher

PAGES = Path(__file__).parent / "pages"
TEXT = (
    "<p>昨天上午，河湾县水利局在城东泵站组织了今年第一次防汛演练，八十余人参加。</p>"
    "<p>演练分为预警、转移、抢险三个阶段，全程用时四十分钟，各环节衔接比去年明显顺畅。</p>"
    "<p>水利局负责人说，下一步将把演练延伸到沿河的九个行政村，争取汛期前全部完成。</p>"
)


def read(path: str, row_title: str | None = None, row_date: str | None = None) -> Article:
    body = (PAGES / path).read_bytes()
    page = Page(url="http://www.a.example/news/1.html", body=body, row_title=row_title, row_date=row_date)
    return extract(page, Publisher(name="a"))


def made(
    body: str,
    head: str = "<title>河湾县开展防汛演练</title>",
    row_title: str | None = None,
    row_date: str | None = None,
) -> Article:
    html = f'<html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    page = Page(url="http://www.a.example/x/1.html", body=html.encode(), row_title=row_title, row_date=row_date)
    return extract(page, Publisher(name="a"))


def test_admin_is_no_author() -> None:
    assert read("lushan_hr/9931.html").authors == ()
    assert made(f"<h1>河湾县开展防汛演练</h1><p>作者：admin 时间：2024-05-01</p><div>{TEXT}</div>").authors == ()


def test_label_debris_is_no_author() -> None:
    for info in ("作者： 来源：河湾县水利局", "作者：字号：大 中 小", "作者：河湾县水利局办公室"):
        assert made(f"<h1>河湾县开展防汛演练</h1><p>{info} 时间：2024-05-01</p><div>{TEXT}</div>").authors == ()


def test_author_meta_of_a_chinese_page_is_the_user_of_the_cms() -> None:
    assert (
        made(
            f"<h1>河湾县开展防汛演练</h1><div>{TEXT}</div>",
            head='<title>x</title><meta name="author" content="王小二">',
        ).authors
        == ()
    )


def test_page_date_years_off_the_row_is_flagged() -> None:
    article = made(f"<h1>河湾县开展防汛演练</h1><p>发布时间：2022-04-04</p><div>{TEXT}</div>", row_date="2019-06-15")
    assert (article.published, article.flags) == ("2022-04-04T00:00:00+08:00", ("date-conflict",))
    assert [one.origin for one in article.candidates] == ["label", "row"]


def test_masks_of_the_page_are_kept() -> None:
    assert "总面积达***万平方米" in (read("lushan_hr/9931.html").content_text or "")


def test_title_only_in_the_row() -> None:
    article = read("hekou_tv/188201.html", row_title="柑橘加工园分拣线忙", row_date="2025-06-12")
    assert (article.title, article.evidence["title"]) == ("柑橘加工园分拣线忙", "row")
    assert read("hekou_tv/188201.html").published is None


def test_row_without_title_leaves_the_pages_own() -> None:
    assert made(f"<h1>河湾县开展防汛演练</h1><div>{TEXT}</div>", row_date="2024-05-01").title == "河湾县开展防汛演练"


def test_cut_row_title_gives_way_to_the_whole_line() -> None:
    body = f"<h2>河湾县水利局组织开展今年首次防汛应急演练活动</h2><div>{TEXT}</div>"
    assert (
        made(body, head="<title>河湾水利</title>", row_title="河湾县水利局组织开展今年首次…").title
        == "河湾县水利局组织开展今年首次防汛应急演练活动"
    )


def test_place_glued_to_the_source_is_kept_there_and_cut_from_the_organisation() -> None:
    article = read("qingshi_nyj/t20250311_4021.html")
    assert (article.source, article.source_org) == ("青石晚报东郊", "青石晚报")


@pytest.mark.parametrize(
    ("source", "organisation"),
    [("本网", None), ("河湾日报", "河湾日报"), ("河湾日报柳林", "河湾日报"), ("综合甲报、乙报", None)],
)
def test_source_is_verbatim_and_its_organisation_normal_or_null(source: str, organisation: str | None) -> None:
    article = made(f"<h1>河湾县开展防汛演练</h1><p>来源：{source} 发布时间：2024-05-01</p><div>{TEXT}</div>")
    assert (article.source, article.source_org) == (source, organisation)


def test_forum_portals_name_their_source_as_where_it_is_from() -> None:
    info = '<p class="xg1">2024-5-6 09:30<span>|</span>发布者: <a href="#">admin</a><span>|</span>来自: 岚江日报</p>'
    page = f"<html><body><h1>岚江省推进园区建设</h1>{info}<div><p>{'会议指出，要加快项目落地，做好服务。' * 8}</p></div></body></html>"
    article = extract(Page("http://www.bbs.example/article-12-1.html", page.encode(), 200, (("Content-Type", "text/html; charset=utf-8"),)), Publisher("bbs"))  # fmt: skip
    assert (article.source, article.authors) == ("岚江日报", ())


def test_two_registration_numbers_stay_out_and_the_site_code_is_found() -> None:
    article = read("qingshi_nyj/t20250311_4021.html")
    assert article.site_id_code == "9901000012"
    assert "ICP" not in (article.content_text or "")


def test_desktop_and_mobile_copy_are_one_text() -> None:
    text = read("qingshi_nyj/t20250311_4021.html").content_text or ""
    assert text.count("贺文川弯着腰") == 1


def test_column_name_above_the_headline_is_no_headline() -> None:
    assert read("qingshi_nyj/t20250311_4021.html").title == "早春育苗忙 补贴到田头"


def test_teasers_date_never_wins() -> None:
    article = read("hekou_tv/188201.html", row_date="2025-06-12")
    assert [one.origin for one in article.candidates] == ["row"]
    assert read("beiting_info/post-771.html").published == "2024-06-21T00:00:00+08:00"


def test_film_page_has_no_teaser_for_a_body() -> None:
    article = read("hekou_tv/188207.html", row_title="航拍：河口柑橘林")
    assert (article.body_kind, article.content_text) == ("video", None)


def test_unlinked_foreign_headlines_at_the_end_go_and_are_flagged() -> None:
    article = read("beiting_info/post-771.html")
    assert (article.content_text or "").endswith("资格审核预计在下月中旬完成。")
    assert "foreign-headlines" in article.flags


def test_signature_and_annexes_at_the_end_are_no_foreign_headlines() -> None:
    end = "<p>河湾县水利局办公室</p><p>河湾县水利局演练工作专班</p><p>附件：参加演练单位名单一览表</p>"
    assert made(f"<h1>河湾县开展防汛演练</h1><div class='c'>{TEXT}{end}</div>").flags == ("no-date",)


def test_doubled_first_paragraph_is_the_pages_own() -> None:
    text = read("yunfeng_group/1208.html").content_text or ""
    assert text.count("舉行動土典禮") == 2
    assert " ，" not in text


def test_converted_page_is_a_copy_suspect() -> None:
    assert "copy-suspect" in read("yunfeng_group/1208.html").flags


def test_picture_only_page_has_no_footer_for_a_body() -> None:
    article = read("qingshi_nyj/t20250401_4100.html")
    assert (article.body_kind, article.content_text) == ("image", None)
    assert article.images == ("http://www.a.example/news/W020250401123.png",)


def test_attachment_only_page() -> None:
    body = '<h1>河湾县防汛演练方案下载</h1><p class="i">发布时间：2024-05-01 来源：水利局</p><div class="fj">附件：<a href="/f/plan.pdf">演练方案.pdf</a></div><div class="foot">版权所有 河湾县水利局</div>'
    article = made(body, head="<title>河湾县防汛演练方案下载</title>")
    assert (article.body_kind, article.content_text) == ("attachment", None)
    assert [(link.url, link.title) for link in article.attachments] == [
        ("http://www.a.example/f/plan.pdf", "演练方案.pdf")
    ]


def test_article_inside_a_form() -> None:
    article = read("hailing_univ/info-1042.html")
    assert (article.authors, article.published) == (("沈若兰",), "2025-03-20T14:05:00+08:00")
    assert (article.content_text or "").count("\n\n") == 2


def test_description_in_the_menu_is_not_the_penalty_table() -> None:
    article = read("qingshi_zwgk/penalty_88.html")
    assert (article.content_text or "").startswith("序号\t当事人")
    assert article.title == "行政处罚信息公示表（青市监罚〔2025〕31号）"


def test_document_block_and_both_kinds_of_attachment_links() -> None:
    article = read("qingshi_zwgk/post_5523.html")
    assert article.doc["doc_no"] == "青农发〔2025〕9号"
    assert article.doc["validity"] == "有效"
    assert [link.title for link in article.attachments] == ["附件1：贴息申请表.docx", "附件2：材料清单.xlsx"]
    assert (article.published, article.precision) == ("2025-04-07T16:20:00+08:00", "minute")


def test_hidden_article_is_read_when_nothing_else_is_there() -> None:
    assert made(f'<h1>河湾县开展防汛演练</h1><div id="c" style="display:none">{TEXT}</div>').content_text


def test_answer_that_is_no_page_says_what_its_row_says() -> None:
    page = Page(url="http://a.example/x", body=b'{"code": 0}', row_title="演练", row_date="2024-05-01")
    article = extract(page, Publisher(name="a"))
    assert (article.title, article.published, article.flags) == ("演练", "2024-05-01T00:00:00+08:00", ("not-html",))


def test_rule_of_the_site_replaces_what_it_names_until_its_day() -> None:
    from datetime import date

    body = f'<h1>河湾水利</h1><h4 class="t">防汛演练举行</h4><div class="z">{TEXT}<p class="ad">广告：某某水泵，厂家直销，量大从优，欢迎来电咨询。</p></div>'
    rules = (ArticleRule(title="h4.t", body="div.z", drop=("p.ad",), until=date(2025, 3, 1)),)
    old = Page(url="http://a.example/1.html", body=body.encode(), captured_at="2025-02-01T00:00:00Z")
    article = extract(old, Publisher(name="a", rules=rules))
    assert (article.title, article.evidence["body"]) == ("防汛演练举行", "rule")
    assert "水泵" not in (article.content_text or "")
    new = Page(url="http://a.example/1.html", body=body.encode(), captured_at="2025-04-01T00:00:00Z")
    assert extract(new, Publisher(name="a", rules=rules)).evidence["body"] != "rule"
