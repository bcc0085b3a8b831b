"""Dates: the forms pages write, the labels they stand beside, and which of several is the publication."""

from zoneinfo import ZoneInfo

import pytest

from pipelines.dates import dates_in, first_date, label_of
from pipelines.fields import Metas
from pipelines.published import published, url_date

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("发布时间：2024年5月1日 09:30", "2024-05-01T09:30:00+08:00", "minute"),
        ("2024/5/1", "2024-05-01T00:00:00+08:00", "day"),
        ("发布日期:2020-12-17 00:00", "2020-12-17T00:00:00+08:00", "day"),  # 00:00: nobody chose a time
        ("2024-05-0109:30:11", "2024-05-01T09:30:11+08:00", "second"),  # glued
        ("2024-05-01T10:00:00+00:00", "2024-05-01T18:00:00+08:00", "second"),
        ("admin1年前 (2024-09-24)产业信息41", "2024-09-24T00:00:00+08:00", "day"),  # relative, an absolute one beside
        ("于2022年04月04日发表", "2022-04-04T00:00:00+08:00", "day"),
        ("民國113年5月1日", "2024-05-01T00:00:00+08:00", "day"),
        ("二〇二〇年十二月二十七日", "2020-12-27T00:00:00+08:00", "day"),
        ("2020年12月17日 下午3:05", "2020-12-17T15:05:00+08:00", "minute"),
        ("2009年4月10日10时02分", "2009-04-10T10:02:00+08:00", "minute"),
        ("Posted May 20, 2024 2:41 pm", "2024-05-20T14:41:00+08:00", "minute"),
        ("20. Mai 2024", "2024-05-20T00:00:00+08:00", "day"),
        ("20240501", "2024-05-01T00:00:00+08:00", "day"),
    ],
)
def test_date_is_read_in_the_zone_of_the_site(text: str, value: str, precision: str) -> None:
    found = dates_in(text, SHANGHAI)
    assert [(one.moment.isoformat(), one.precision) for one in found] == [(value, precision)]


@pytest.mark.parametrize(
    "text", ["2024年", "发布日期：2024-13-45", "192.168.2024.1.1", "电话：0511-2024 1101", "3天前", "2024-02-30"]
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert dates_in(text, SHANGHAI) == []


def test_short_and_bare_years_need_a_reason() -> None:
    assert dates_in("比分24-05-01", SHANGHAI) == []
    assert dates_in("时间:24-05-01", SHANGHAI, short=True)[0].moment.isoformat() == "2024-05-01T00:00:00+08:00"
    assert dates_in("113-05-01", SHANGHAI, roc=True)[0].moment.year == 2024


@pytest.mark.parametrize(
    ("before", "label"),
    [
        ("发布时间：", "published"),
        ("發布時間 : ", "published"),
        ("更新时间：", "updated"),
        ("成文日期：", "written"),
        ("截止日期：", "other"),
        ("来源：某报 ", "none"),
    ],
)
def test_label_says_what_a_date_is(before: str, label: str) -> None:
    assert label_of(before) == label


def dating(
    near: list[str],
    below: list[str] | None = None,
    row: str | None = None,
    url: str = "http://a.example/1.html",
    **metas: str,
) -> tuple[str | None, str, list[str]]:
    made = published(near, below or [], Metas(values=metas), row, url, SHANGHAI, roc=False)
    return made.found.moment.isoformat()[:16] if made.found else None, made.origin, made.flags


def test_label_beside_the_headline_wins_over_meta_row_and_url() -> None:
    made = dating(
        ["发布时间：2024-05-01 09:30"],
        row="2024-05-02",
        url="http://a.example/202405/t20240503_1.html",
        pubdate="2024-05-02 10:00",
    )
    assert made == ("2024-05-01T09:30", "label", [])


def test_meta_of_the_same_day_lends_its_time() -> None:
    assert dating(["发布时间：2024-05-01"], pubdate="2024-05-01 10:12")[0] == "2024-05-01T10:12"


def test_dates_years_apart_are_flagged_and_all_kept() -> None:
    assert dating(["发布时间：2024-05-01"], row="2009-09-30") == ("2024-05-01T00:00", "label", ["date-conflict"])


def test_written_and_closing_dates_are_never_the_publication() -> None:
    assert dating(["成文日期：2024-04-01 报名截止时间：2024-06-01"])[0] is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://a.example/xw/202405/t20240513_12.html", "2024-05-13"),
        ("http://a.example/art/2024/6/9/art_1_2.html", "2024-06-09"),
        ("http://a.example/t10221601.shtml", None),  # an id
        ("http://a.example/202405/content_1.htm", None),  # a month only
    ],
)
def test_url_date_only_where_its_form_means_publication(url: str, day: str | None) -> None:
    found = url_date(url, SHANGHAI)
    assert (found.moment.date().isoformat() if found else None) == day


@pytest.mark.parametrize("text", ["113-09-24", "[113/9/24]", "113年9月24日"])
def test_row_that_says_a_year_of_the_republic_and_nothing_else_is_read(text: str) -> None:
    found = first_date(text, SHANGHAI)
    assert found is not None
    assert found.moment.date().isoformat() == "2024-09-24"


@pytest.mark.parametrize("text", ["令 113-09-24 号", "98-05-06-07", "1130924"])
def test_other_numbers_are_no_years_of_the_republic(text: str) -> None:
    found = first_date(text, SHANGHAI)
    assert found is None or found.moment.year != 2024
