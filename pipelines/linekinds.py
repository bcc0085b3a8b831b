"""One line of a page -> what it is: a control, information about the article, an aside, prose.

Single lines only, by their words; where they stand is for pipelines.clean and tail to judge.
"""

import re

from pipelines.flow import Line
from pipelines.vocabulary import (
    BUTTONS,
    BYLINE,
    CONTROLS,
    CREDIT,
    DATE_HINT,
    INFO,
    PAGER,
    SIGNS,
    WEST_DATE,
    says_info,
    says_when,
)

ATTACHMENT = re.compile(r"附\s?[件表图录]|附：|附:|\.(?:pdf|docx?|xlsx?|zip|rar|wps|et|ofd|pptx?|txt|csv|7z)\b", re.I)
CONTROL_CHARS = 90
SENTENCE_END = ("。", "！", "？", "”", "!", "?", ".", "；", ";", "：", ":", "…")
DATES = re.compile(f"{DATE_HINT}|{WEST_DATE}", re.I)


def is_control(text: str) -> bool:
    """A line that consists of page controls only: 【字体：大 中 小】 打印 关闭, 浏览次数：12."""
    if len(text) > CONTROL_CHARS or text.endswith("。"):
        return False
    words = SIGNS.sub("", text)
    if not (CONTROLS.match(words) or CONTROLS.match(words, 1) or CONTROLS.match(words, 2)):
        return False  # three letters before the first control are too many already
    rest = CONTROLS.sub("", words)
    return len(rest) < len(words) and len(rest) <= (0 if len(words) < 10 else 2)


def is_info(line: Line) -> bool:
    """A line of labels, dates and controls with little else: 来源：某局 发布时间：2024-05-01 【字体：大 中 小】."""
    text = line.text
    if len(text) > 240 or not (says_info(text) or says_when(text) or BYLINE.match(text)):
        return False
    rest, labels = INFO.subn(" ", BYLINE.sub("", text))
    rest = CONTROLS.sub("", SIGNS.sub("", DATES.sub(" ", rest)))
    return len(rest) <= 10 if not labels else len(rest) <= 30 * labels and not text.endswith(("。", "！", "？"))


def is_aside(text: str) -> bool:
    """A line that may stand anywhere among the article's and is not part of it."""
    if len(text) > 160:
        return False
    return bool(CREDIT.match(text) or PAGER.match(text)) or is_control(text) or len(set(BUTTONS.findall(text))) > 1


def is_prose(line: Line) -> bool:
    return line.chars >= 20 and line.links < 0.5 * line.chars and line.stops >= 1


def runs(line: Line) -> bool:
    return line.chars > 30 and line.links < 0.3 * line.chars and line.text.endswith(SENTENCE_END)
