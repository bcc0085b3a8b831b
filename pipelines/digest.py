"""Article -> a digest that changes when its publisher changed it, not when a counter ticked.

Over title, text, day and time, source and attachments.  Counters (浏览次数：41), relative dates (3天前) and white space
are taken out first: they differ at every visit.  Used to tell an edit from a visit.
"""

import hashlib
import re

from pipelines.item import Article

COUNTERS = re.compile(
    r"(?:浏览|瀏覽|点击|點擊|阅读|閱讀|访问|人气|热度|打印|评论|点赞|收藏|转发)\s*(?:次数|次數|人数|数量|总数|数|量|率)?\s*[:：(（\[]?\s*\d+\s*(?:次|人次|人)?"
    r"|\d+\s*(?:次|人次|人)?(?:浏览|阅读|点击|访问|评论|点赞)|\b\d+ (?:views?|comments?|likes?|shares?)\b",
    re.I,
)
RELATIVE = re.compile(
    r"(?:\d+|[一二三四五六七八九十几半]+)\s*(?:秒|分钟|分鐘|小时|小時|天|日|周|週|星期|个月|個月|年)\s*(?:钟|鐘)?(?:之)?[前以][前]?|刚刚|剛剛|今天\s?\d{1,2}:\d{2}|昨天\s?\d{1,2}:\d{2}"
    r"|\b\d+ (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?) ago\b",
    re.I,
)
SPACES = re.compile(r"\s+")


def digest(article: Article) -> str:
    """Hexadecimal SHA-256 of what the article says."""
    fields = [article.title, article.content_text, article.published, article.source]
    fields += [f"{link.url} {link.title}" for link in article.attachments]
    return hashlib.sha256("\x1f".join(map(_stable, fields)).encode()).hexdigest()


def _stable(text: str | None) -> str:
    if not text:
        return ""
    return SPACES.sub("", RELATIVE.sub("", COUNTERS.sub("", text)))
