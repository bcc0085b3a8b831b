"""Text of a list row -> the date and the title it shows.

Rows show dates as 2024-05-01, [05-01], 2024年5月1日, 3天前 or a box with the day above the month; titles are cut with
dots while the whole one stands in title=, wrapped in <font>, joined with the date or hidden in a card.  Dates are given
as shown (a box is written year-month-day); what moment they mean is the matter of the extraction, which knows the zone.
Used by spiders.cms.blocks and the JSON adapters.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from pipelines.dates import first_date

CHINA = ZoneInfo("Asia/Shanghai")  # a day stays the day that is shown, whatever the zone
Chunk = tuple[str, bool]  # a piece of text of a row, folded, and whether it stands inside a link of the row

MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|"
    "Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
CLOCK = r"(?:[T\s]{0,3}\d{1,2}[:：时]\d{2}(?:[:：分]\d{2}秒?|分)?)?"
YMD = rf"(?:19|20)\d\d\s?[-/.．年]\s?\d{{1,2}}\s?[-/.．月]\s?\d{{1,2}}(?!\d)\s?日?{CLOCK}"
NUMERALS = r"[一二][〇○零Оo0一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
ENGLISH = (
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s(?:{MONTHS})\.?,?\s(?:19|20)\d\d|"
    rf"(?:{MONTHS})\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d"
)
FULL = re.compile(rf"(?<![\d.])(?:{YMD}|{NUMERALS}|(?:{ENGLISH})(?!\d))")
# Only believed when they are all that an element says: "05-10" in a sentence is a range, "113-09-24" a file number.
ALONE = re.compile(
    rf"(?:{YMD}|{NUMERALS}|{ENGLISH}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|1\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}|"
    rf"(?:0?[1-9]|1[0-2])[-月](?:0?[1-9]|[12]\d|3[01])日?{CLOCK}|(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])|(?:今天|昨天|前天)\s?(?:\d{{1,2}}:\d{{2}})?|\d{{1,3}}\s?(?:秒|分钟|小时|天|周|个月|年)前|刚刚|"
    r"\d{1,2}:\d{2})"
)
BRACKETED = re.compile(r"[\[(（【]\s?\d{1,2}[-/月.]\d{1,2}日?\s?[\])）】]")
LABEL = re.compile(
    r"^(?:[\u4e00-\u9fff\s]{0,6}(?:时\s*间|日\s*期|發布|发布|发表)(?:日期|时间|于|於)?|"
    r"Posted on|Date|Published|Updated)\s*[:：]?\s*"
)
PUBLISHED = re.compile(r"发布|發布|发表|發表|公开|刊发|Posted|Published", re.I)
BRACKETS = " \t\u3000[]【】()（）〔〕<>《》|｜·/-–—:：,，;"
DAY = re.compile(r"(\d{1,2})日?")
YEAR_MONTH = re.compile(r"((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})月?")
MONTH_WORD = re.compile(r"(\d{1,2})月")
YEAR_WORD = re.compile(r"((?:19|20)\d\d)年?")
URL_DAYS = (  # catalogue of date forms in article URLs; year, month, day
    re.compile(r"/t((?:19|20)\d\d)(\d\d)(\d\d)_\d+\.s?html?"),
    re.compile(r"/art/(\d{4})/(\d{1,2})/(\d{1,2})/art_\d+_\d+"),
    re.compile(r"/((?:19|20)\d\d)[-/]?(\d{1,2})[-/](\d{1,2})/(?=[^/]*\w)"),
    re.compile(r"/((?:19|20)\d\d)(\d\d)(\d\d)/(?=[^/]*\w)"),
    re.compile(r"/((?:19|20)\d\d)/(\d\d)(\d\d)/(?=[^/]*\w)"),
    re.compile(r"/((?:19|20)\d\d)(\d\d)(\d\d)\d{4,}/index\.s?html?"),
)

CUT = re.compile(r"(?:\.{2,}|…+|・{2,})\s*$")
EMPTY_WORDS = re.compile(
    r"[\[【(（<《\s]*(?:查看|阅读|閱讀|点击|了解|详情|詳情|详细|全文|正文|更多|原文|内容|进入|下载|read |"
    r"more|details?|view|[»>→+])+"
    r"[\]】)）>》\s.…]*|.?",
    re.I,
)
BULLETS = re.compile(r"^(?:[\s·•●○▪■□◆◇►▶→※☆★＊*|»>›・‧–—-]|\[?(?:置顶|最新|new|hot|图文|推荐)\]|&nbsp;?)+", re.I)
BEFORE_MARK = re.compile(r"(?<=[^\x00-\x7f]) (?=[，。、；：！？）》」』】”’])")
EMPTY_BRACKETS = re.compile(r"\s*[\[(（【]\s*[\])）】]\s*$")
TOOLTIP = re.compile(r"^(?:文章|新闻|信息)?标\s*题\s*[:：]\s*")
TOOLTIP_REST = re.compile(
    r"\s*(?:作\s*者|(?:发布|更新|添加|录入)?(?:时间|日期)|点击(?:数|次数)?|浏览(?:数|次数)?|来源)\s*[:：].{0,200}$"
)
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\xad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def fold(text: str | None) -> str:
    """One line, single blanks, nothing invisible."""
    return " ".join(INVISIBLE.sub("", text or "").split())


def width(text: str) -> float:
    """Length as read: a Chinese character is one, a Latin letter a half."""
    return len(text) - 0.5 * len(text.encode("ascii", "ignore"))


def date_of(chunks: Sequence[Chunk], *, with_links: bool = True) -> tuple[str | None, bool]:
    """Return the date a row shows (None if it shows none), and whether it stands alone or after its label.

    A date that stands alone counts before one inside a short text; sentences are not searched, and inside a link only
    what is set off from the title.
    """
    alone: list[tuple[bool, str]] = []
    loose: list[str] = []
    for place, (text, in_link) in enumerate(chunks):
        if in_link and not with_links:
            continue
        bare = text.strip(BRACKETS)
        label = LABEL.match(bare)
        rest = bare[label.end() :].strip(BRACKETS) if label else bare
        if rest and len(rest) < 40 and ALONE.fullmatch(rest):
            before = chunks[place - 1][0] if place else ""
            marked = bool(PUBLISHED.search(label[0] if label else before if len(before) < 12 else ""))
            alone.append((marked, rest))
            continue
        boxed = _box(chunks, place)
        if boxed:
            alone.append((False, boxed))
            continue
        if len(text) < 60 or not in_link:
            found = _set_off(text) if in_link or len(text) >= 40 else FULL.search(text)
            if found:
                loose.append(found[0].strip(BRACKETS))
    # "10:32" alone is a clock beside its date, or a list of today; a day says more.
    alone.sort(key=lambda one: (not one[0], ":" in one[1] and len(one[1]) < 6))
    return (alone[0][1], True) if alone else (loose[0] if loose else None, False)


def _set_off(text: str) -> re.Match[str] | None:
    """A date at the very start or end of a text, parted from the rest by a blank or a bracket.

    A month and day without year must be in brackets: [05-10].
    """
    short = BRACKETED.match(text) or BRACKETED.search(text, max(0, len(text) - 9))
    if short and (short.start() == 0 or short.end() == len(text)):
        return short
    for match in FULL.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if not after.strip(BRACKETS) and (not before or before[-1] in BRACKETS):
            return match
        if not before.strip(BRACKETS) and (not after or after[0] in BRACKETS):
            return match
    return None


def _box(chunks: Sequence[Chunk], place: int) -> str | None:
    """Day and year-month in neighbouring elements, either first; day, month, year in three."""
    texts = [chunks[i][0].strip(BRACKETS) for i in range(place, min(place + 3, len(chunks)))]
    if len(texts) < 2 or max(len(texts[0]), len(texts[1])) > 8:
        return None
    for first, second in ((texts[0], texts[1]), (texts[1], texts[0])):
        day, month = DAY.fullmatch(first), YEAR_MONTH.fullmatch(second)
        if day and month:
            return _ymd(month[1], month[2], day[1])
    if len(texts) == 3:
        years = [YEAR_WORD.fullmatch(text) for text in texts]
        for at, year in enumerate(years):
            if year and at != 1:
                one, two = (text for i, text in enumerate(texts) if i != at)
                for month_text, day_text in ((one, two), (two, one)):
                    month, day = MONTH_WORD.fullmatch(month_text), DAY.fullmatch(day_text)
                    if month and day:
                        return _ymd(year[1], month[1], day[1])
    return None


def _ymd(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def day_in_url(url: str) -> date | None:
    """Return the day an article URL carries, None if it carries none; t10221601.shtml carries none."""
    for pattern in URL_DAYS:
        found = pattern.search(url)
        if found:
            try:
                day = date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                continue
            if 1990 <= day.year <= 2100:
                return day
    return None


def day_shown(text: str | None) -> date | None:
    """Return the day of a date as shown when it names a year, as feeds write it too; None for 05-01, 3天前 and the like."""
    found = first_date(text, CHINA, short=False)
    return found.moment.date() if found else None


def clean_title(text: str, *, day: str | None = None) -> str:
    """Drop bullets, pin marks, blanks before Chinese punctuation, empty brackets and a date set off at either end.

    day: the date that the row shows elsewhere; another one in the title then belongs to it.
    """
    title = EMPTY_BRACKETS.sub("", BEFORE_MARK.sub("", BULLETS.sub("", fold(text))))
    found = _set_off(title)
    if (
        found
        and day is not None
        and re.findall(r"\d+", found[0])[-2:] != re.findall(r"\d+", day.partition(" ")[0])[-2:]
    ):
        found = None
    if found and width(title) - width(found[0]) >= 4:
        title = f"{title[: found.start()]} {title[found.end() :]}".strip(" \t\u3000|｜·–—-:：")
        title = EMPTY_BRACKETS.sub("", re.sub(r"^[\[(（【]\s*[\])）】]\s*", "", title))
    return title


def title_of(texts: Iterable[str], attributes: Iterable[str], *, day: str | None = None) -> str | None:
    """Choose the title of a row.

    texts: what its links say, best first.  attributes: title= of the links and of what is in them.  The whole title of
    an attribute wins over a cut text; an attribute that says something else (a tooltip) does not.
    """
    wholes = [clean_title(TOOLTIP.sub("", TOOLTIP_REST.sub("", one)), day=day) for one in attributes]
    best = ""
    for text in texts:
        title = clean_title(text, day=day)
        if title and not EMPTY_WORDS.fullmatch(title) and not ALONE.fullmatch(title.strip(BRACKETS)):
            best = title
            break
    stem = CUT.sub("", best).strip()
    for whole in wholes:
        if not whole or EMPTY_WORDS.fullmatch(whole) or ALONE.fullmatch(whole.strip(BRACKETS)):
            continue
        same = whole.replace(" ", "").startswith(stem.replace(" ", "")[:40])
        if not best or (same and len(whole) > len(stem)):
            return whole
    return best or None
