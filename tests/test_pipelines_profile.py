"""Profiles: learned from a few pages of one site, used, checked for drift, written as JSON that a person can read."""

import msgspec
import pytest

from pipelines.extract import extract
from pipelines.item import Page, Publisher
from pipelines.learn import drift, learn
from pipelines.profile import Profile, Template

SITE = Publisher(name="a")
TOPICS = ("灌溉渠", "蔬菜棚", "果树园", "养鱼塘", "粮仓库", "机耕路", "苗木场", "加工坊")


def news(n: int, *, box: str = "con", promotion: bool = True, short: bool = False) -> Page:
    topic = TOPICS[n % len(TOPICS)]
    text = f"<p>本周二，{topic}项目第{n}标段通过验收，比原计划提前了十二天。</p>"
    if not short:
        text += f"<p>施工单位介绍，{topic}改造采用了新的分段作业法，质量与进度都有保证。</p><p>验收组建议，后续把经验写成手册，供各乡镇参考。</p>"
    ad = "<p>本栏目长期招募通讯员，有意者请与值班室联系，欢迎来稿。</p>" if promotion else ""
    html = (
        f'<html><head><meta charset="utf-8"><title>{topic}项目第{n}标段通过验收-山前县农业网</title></head><body><ul class="nav"><li><a href="/">首页</a></li></ul>'
        f'<div class="main"><h1 class="bt">{topic}项目第{n}标段通过验收</h1><p class="xx">时间：2024-05-{n % 28 + 1:02} 来源：县农业局</p><div class="{box} v{1000 + n}">{text}{ad}</div></div></body></html>'
    )
    return Page(url=f"http://www.a.example/n/{n}.html", body=html.encode())


def test_container_headline_date_and_suffix_are_learned() -> None:
    template = learn([news(n) for n in range(6)], SITE).templates[0]
    assert template.container == "html/body/div.main/div.con.v*"
    assert template.title == "html/body/div.main/h1.bt"
    assert template.date == "html/body/div.main/p.xx"
    assert template.suffix == "-山前县农业网"
    assert (template.support, template.pages) == (6, 6)


def test_line_that_ends_every_page_is_no_article() -> None:
    profile = learn([news(n) for n in range(6)], SITE)
    article = extract(news(9), SITE, profile)
    assert "招募通讯员" not in (article.content_text or "")
    assert article.evidence["body"] == "profile"
    assert "招募通讯员" in (extract(news(9), SITE).content_text or "")


def test_two_pages_are_enough_for_a_container_but_not_for_repeated_lines() -> None:
    template = learn([news(1), news(2)], SITE).templates[0]
    assert template.container.endswith("div.con.v*")
    assert template.repeated == ()


def test_several_layouts_give_several_templates() -> None:
    profile = learn([news(n) for n in range(5)] + [news(n, box="old") for n in range(5, 8)], SITE)
    assert [template.container for template in profile.templates] == [
        "html/body/div.main/div.con.v*",
        "html/body/div.main/div.old.v*",
    ]
    assert extract(news(20, box="old"), SITE, profile).evidence["body"] == "profile"


@pytest.mark.parametrize("written", ["<tr>", "<tbody><tr>"])
@pytest.mark.parametrize("stored", ["table/tr/td.cell/div.con.v*", "table/tbody/tr/td.cell/div.con.v*"])
def test_a_table_body_that_parsers_add_makes_no_other_layout(written: str, stored: str) -> None:
    def in_a_table(page: Page) -> Page:
        body = page.body.decode().replace('<div class="con', f'<table>{written}<td class="cell"><div class="con', 1)
        return msgspec.structs.replace(page, body=body.encode())

    known = Profile(templates=(Template(container=f"html/body/div.main/{stored}"),))
    assert extract(in_a_table(news(9)), SITE, known).evidence["body"] == "profile"


def test_short_page_of_a_known_layout_is_read_by_its_container() -> None:
    profile = learn([news(n) for n in range(6)], SITE)
    assert (
        extract(news(7, short=True, promotion=False), SITE, profile).content_text
        == "本周二，加工坊项目第7标段通过验收，比原计划提前了十二天。"
    )


def test_page_whose_own_text_lies_elsewhere_is_flagged() -> None:
    profile = Profile(templates=(Template(container="html/body/div.side", support=9),))
    page = news(3)
    moved = page.body.replace(b"</body>", '<div class="side"><p>值班电话一览表</p></div></body>'.encode())
    article = extract(Page(url=page.url, body=moved), SITE, profile)
    assert "profile-disagrees" in article.flags


def test_drift_counts_pages_that_no_longer_fit() -> None:
    profile = learn([news(n) for n in range(6)], SITE)
    assert drift(profile, [news(n) for n in range(10, 14)], SITE).share == 0.0
    redesigned = drift(profile, [news(n, box="art") for n in range(10, 14)], SITE)
    assert (redesigned.missing, redesigned.share) == (4, 1.0)


def test_profile_survives_json_and_a_wrong_one_is_refused() -> None:
    profile = learn([news(n) for n in range(6)], SITE)
    assert Profile.from_json(profile.to_json()) == profile
    with pytest.raises(msgspec.ValidationError, match="templates"):
        Profile.from_json(b'{"version": 1, "templates": 3}')


def test_nothing_is_learned_from_nothing() -> None:
    assert learn([], SITE).templates == ()
    assert learn([news(1)], SITE).templates == ()
