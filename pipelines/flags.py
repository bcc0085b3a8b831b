"""Quality flags: what a reader of the record should know before trusting it.

A flag is a short fixed word; none of them changes the record.  Marks of copied and machine-spun pages after the farms
found beside real park news: spaces before every comma, simplified words inside a converted traditional text,
headlines of other stories glued into the end, a headline with nothing of the text in it.
"""

import re

from pipelines.item import Article
from pipelines.vocabulary import each, folded

SPACED_STOP = re.compile(r"[\u3400-\u9fff] [，。；、！？]")
# Characters that only a mechanical conversion writes: 方麵, 後麵 in place of 方面, 體係 of 體系, 隻有 of 只有.
BROKEN_CONVERSION = re.compile(
    r"[方前後全表對局裏層]麵|麵[對積向臨前]|體係|關係統|隻[有是能要好]|[一唯]隻(?=能|有|是)|幹[部淨]部|麽(?=麽)|瞭(?=瞭)"
)
PINYIN = re.compile(r"[(（](?<=[\u3400-\u9fff].)[a-z]{1,6}[)）]")
GAMBLING = re.compile(
    r"bet\d{2,3}|BET\d{2,3}|体育投注|博彩|娱乐城|棋牌(?:官网|平台)|彩票(?:官网|平台|投注)|老虎机|真人(?:娱乐|荷官)|"
    + each("欧亚 澳门 太阳城 威尼斯", "(?:国际|集团|官网)")
)
BETS = ("bet", "BET", "投注", "博彩", "娱乐", "棋牌", "彩票", "老虎机", "国际", "官网")
MACHINE = re.compile(
    r"作为(?:一[个名])?(?:AI|人工智能)(?:语言)?模型|as an AI language model|本文由AI(?:自动)?生成|机器(?:人)?自动生成",
    re.I,
)
SHORT = 40
SAMPLE = 2000  # characters of a text that are looked at closely


def flags_of(article: Article, raw_text: str) -> tuple[str, ...]:
    """raw_text: the body's lines before tidying, because tidying takes out the spaces that give a copy away."""
    text, title = article.content_text or "", article.title or ""
    flags = list(article.flags)
    if article.title is None:
        flags.append("no-title")
    if article.published is None:
        flags.append("no-date")
    if article.body_kind == "text" and len(text) < SHORT:
        flags.append("short-body")
    if article.body_kind == "empty":
        flags.append("no-body")
    if _is_copied(raw_text, text):
        flags.append("copy-suspect")
    if any(map(text.__contains__, BETS)) and (GAMBLING.search(title) or len(GAMBLING.findall(text)) >= 2):
        flags.append("spam-suspect")
    if ("模型" in text or "生成" in text or "AI" in text) and MACHINE.search(text):
        flags.append("machine-made")
    if article.body_kind == "text" and _strange_title(title, text):
        flags.append("title-unlike-body")
    return tuple(dict.fromkeys(flags))


def _is_copied(raw_text: str, text: str) -> bool:
    if (" ，" in raw_text or " 。" in raw_text) and len(SPACED_STOP.findall(raw_text)) >= 5:
        return True
    if any(map(text.__contains__, "麵係隻幹瞭")) and len(BROKEN_CONVERSION.findall(text)) >= 2:
        return True
    return ("(" in text or "（" in text) and len(PINYIN.findall(text[:SAMPLE])) >= 2


def _strange_title(title: str, text: str) -> bool:
    """Chinese headline of which hardly a pair of characters occurs in a long enough text."""
    same, body = folded(title), text[:SAMPLE]
    if len(same) < 8 or len(body) < 200 or same.isascii():
        return False
    pairs = {same[i : i + 2] for i in range(len(same) - 1)}
    return sum(pair in body for pair in pairs) < 0.15 * len(pairs)
