"""Dates as pages write them -> moments with a precision and the label they stand beside.

Sites write 2024年5月1日, 2024-05-01 09:30, 113年5月1日 (Republic of China), 二〇二四年五月一日, 24-05-01 or May 1, 2024, glue
labels to them, and hardly ever name a zone, so the zone comes from the site definition.  00:00 is what a CMS prints
when nobody chose a time: day precision.  A year alone is never a date.  Used by pipelines.published and docfields.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pipelines.item import Precision

Label = Literal["published", "updated", "written", "other", "none"]
EARLIEST, LATEST = 1990, 2100  # before the first web sites a date on a page is history, not news

_TIME = (
    r"(?:(?:[日T\s,，]|&nbsp;|/|-|星期.|周.|[（(]?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[)）]?){0,6}"
    r"(?P<ampm>上午|下午|晚上|凌晨|早上|中午)?\s?(?P<h>[01]?\d|2[0-4])\s?[:：时時點点]\s?(?P<mi>[0-5]\d)(?:分)?(?:\s?[:：]?\s?(?P<s>[0-5]\d)(?!\d))?)?"
)
# Year first, any separator, time optional.
YEAR_FIRST = re.compile(
    r"(?<![\d.])(?P<y>(?:19|20)\d\d)\s?(?:[-/.．－—_]|年)\s?(?P<m>\d{1,2})\s?(?:[-/.．－—_]|月)\s?(?P<d>\d{1,2})(?:日|号)?(?!\d(?!\d[:：])|\.\d|号(?:令|文))"
    + _TIME
)
COMPACT = re.compile(
    r"(?<![\d./-])(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?:\s?(?P<h>[01]\d|2[0-3]):?(?P<mi>[0-5]\d):?(?P<s>[0-5]\d)?)?(?![\d./-])"
)
ROC = re.compile(
    r"(?:中華民國|中华民国|民國|民国)\s?(?P<y>\d{2,3})\s?(?:年|[-/.])\s?(?P<m>\d{1,2})\s?(?:月|[-/.])\s?(?P<d>\d{1,2})日?"
    + _TIME
)
ROC_BARE = re.compile(
    r"(?<![\d.])(?P<y>1[01]\d|[89]\d)\s?(?:年|[-/.])\s?(?P<m>\d{1,2})\s?(?:月|[-/.])\s?(?P<d>\d{1,2})日?(?!\d)" + _TIME
)
ROC_ALONE = re.compile(
    r"[\s\[(（【]*1[01]\d\s?(?:[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}|年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)[\s\])）】]*"
)
TWO_DIGITS = re.compile(
    r"(?<![\d.])'?(?P<y>[0-4]\d)\s?(?:[-/.]|年)\s?(?P<m>\d{1,2})\s?(?:[-/.]|月)\s?(?P<d>\d{1,2})日?(?!\d|\.\d)" + _TIME
)
NUMERALS = re.compile(
    r"(?P<y>[一二][〇○ＯОO零九一二三四五六七八]{3})年(?P<m>[一二三四五六七八九十]{1,2})月(?P<d>[一二三四五六七八九十廿卅]{1,3})[日号]"
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar",
            "feb february februar",
            "mar march märz maerz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<m>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_WEST_TIME = r"(?:\s?(?:,|\||at|um|-|–|·)?\s?(?P<h>[01]?\d|2[0-3])[:.](?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d))?\s?(?P<ampm>[ap]\.?m\b\.?)?)?"
MONTH_FIRST = re.compile(
    r"\b" + _MONTH + r"\s?(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s?(?P<y>(?:19|20)\d\d)\b" + _WEST_TIME, re.I
)
DAY_FIRST = re.compile(
    r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?\s?(?:of\s)?" + _MONTH + r",?\s?(?P<y>(?:19|20)\d\d)\b" + _WEST_TIME, re.I
)
DOTTED = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d)(?!\d)" + _WEST_TIME)
ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)T(?P<h>\d\d):(?P<mi>\d\d)(?::(?P<s>\d\d))?(?:[.,]\d+)?\s?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)

POSSIBLE = re.compile(r"\d[-/.年．－—_ ]|\d{6}|[〇○一二三四五六七八九]年|(?:19|20)\d\d\b")
MONTH_HINT = re.compile(r"\b(?:jan|feb|m[aä]r|ma[iy]|apr|jun|jul|aug|sep|o[ck]t|nov|de[cz])", re.I)

PUBLISHED = re.compile(
    r"(?:发布|发表|發布|發佈|發表|刊发|刊登|发稿|公布|公开|上网|上载|上传|登载|录入|添加|创建|编发|信息|文章|上稿|推送|更新发布|新闻)\s?的?(?:时间|日期|時間|于|於)"
    r"|^(?:时间|日期|時間)|(?<![\u4e00-\u9fff])(?:时间|日期|時間)|发布(?:于)?|发表于|發布於|posted(?:\son)?|published(?:\son)?|publish\sdate|release\sdate|\bdate|veröffentlicht|stand",
    re.I,
)
UPDATED = re.compile(r"更新|修改|修订|updated|modified|aktualisiert", re.I)
WRITTEN = re.compile(r"成文|印发|生成|签发|制发|发文|产生|形成")
UNRELATED = re.compile(
    r"截止|截至|有效|施行|实施|生效|废止|失效|打印|访问|今天|今日|现在|当前|开始|结束|报名|会议|活动|出生|开标|起止|版权|copyright|©|expires?|event",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a text.  start, end: where it stands there; label: what the words before it say it is."""

    moment: datetime
    precision: Precision
    text: str
    start: int
    end: int
    label: Label = "none"


def dates_in(text: str, zone: ZoneInfo, *, roc: bool = False, short: bool = False) -> list[Found]:
    """All dates of `text` in the order they stand.

    roc: bare 113年5月1日 counts as 2024 (only where a label or a traditional page says so).
    short: 24-05-01 counts as 2024-05-01 (only beside a label: elsewhere it is a size, a score, a telephone number).
    """
    if not POSSIBLE.search(text):
        return []
    found: list[Found] = []
    forms = [YEAR_FIRST]
    if "T" in text:
        forms.insert(0, ISO)
    if "民" in text:
        forms.append(ROC)
    if "〇" in text or "○" in text or "零" in text or "二" in text:
        forms.append(NUMERALS)
    if MONTH_HINT.search(text):
        forms += [MONTH_FIRST, DAY_FIRST]
    if "." in text:
        forms.append(DOTTED)
    forms.append(COMPACT)
    if roc:
        forms.append(ROC_BARE)
    if short:
        forms.append(TWO_DIGITS)
    for form in forms:
        for match in form.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            moment = _moment(match, form, zone)
            if moment is not None:
                found.append(_found(text, match, moment))
    return sorted(found, key=lambda one: one.start)


def first_date(text: str | None, zone: ZoneInfo, *, roc: bool = False, short: bool = True) -> Found | None:
    """The first date of a short text that is nothing else: a meta value, a list row, a labelled cell.

    A year of three digits counts as one of the Republic of China when the text says nothing else: 113-09-24.
    """
    roc = roc or bool(text and ROC_ALONE.fullmatch(text))
    found = dates_in(text[:200], zone, roc=roc, short=short) if text else []
    return found[0] if found else None


def _moment(match: re.Match[str], form: re.Pattern[str], zone: ZoneInfo) -> tuple[datetime, Precision] | None:
    groups = match.groupdict()
    try:
        year, month, day = _year(groups["y"], form), _month(groups["m"]), _number(groups["d"])
        hour, minute, second = (int(groups.get(key) or 0) for key in ("h", "mi", "s"))
        hour = _clock(hour, groups.get("ampm"))
        precision: Precision = "day"
        if hour or minute or second:
            precision = "second" if groups.get("s") else "minute"
        if not EARLIEST <= year <= LATEST:
            return None
        moment = datetime(year, month, day, hour % 24, minute, second, tzinfo=zone)
    except (ValueError, KeyError, OverflowError):
        return None
    if groups.get("zone"):
        moment = datetime.fromisoformat(moment.replace(tzinfo=None).isoformat() + groups["zone"].replace("Z", "+00:00"))
        moment = moment.astimezone(zone)
    return moment, precision


def _year(text: str, form: re.Pattern[str]) -> int:
    if form in (ROC, ROC_BARE):
        return int(text) + 1911
    if form is TWO_DIGITS:
        return int(text) + 2000
    if form is NUMERALS:
        return int("".join(str(max(0, "零一二三四五六七八九".find(sign))) for sign in text))
    return int(text)


def _month(text: str) -> int:
    return MONTHS.get(text.lower().rstrip("."), 0) or _number(text)


def _number(text: str) -> int:
    """5, 十二, 二十三 or 廿三."""
    if text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.rpartition("十")
    digits = "零一二三四五六七八九"
    if not ten:
        return digits.index(text)
    return 10 * (digits.index(tens) if tens else 1) + (digits.index(ones) if ones else 0)


def _clock(hour: int, ampm: str | None) -> int:
    if ampm is None:
        return hour
    late = ampm in ("下午", "晚上") or ampm[0] in "pP"
    if late and hour < 12:
        return hour + 12
    return 0 if ampm[0] in "aA" and hour == 12 else hour


def _found(text: str, match: re.Match[str], moment: tuple[datetime, Precision]) -> Found:
    return Found(
        moment[0],
        moment[1],
        match[0].strip(),
        match.start(),
        match.end(),
        label_of(text[max(0, match.start() - 16) : match.start()]),
    )


def label_of(before: str) -> Label:
    """What the words right before a date (after the last other value) say it is."""
    before = (
        re.split(r"[\d|｜；;。，,】\])）]|\s{2,}", before.rstrip(" :：\t\xa0\u3000[【（(于於"))[-1] if before else ""
    )
    before = before.replace(" ", "").replace("\u3000", "").replace("\xa0", "")
    if not before:
        return "none"
    if UNRELATED.search(before):
        return "other"
    if WRITTEN.search(before):
        return "written"
    if UPDATED.search(before) and not re.search("发布|發布", before):
        return "updated"
    if PUBLISHED.search(before):
        return "published"
    return "none"
