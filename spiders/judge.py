"""Is this a list of articles, is this an article?  From rows, URLs, words and running text, never from a site's name.

A list of articles leads to pages that have a headline, running text with punctuation and mostly a date.  Menus lead to
columns, galleries to products, side boxes to what is listed elsewhere.  Used by spiders.survey and spiders.choose.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pipelines.item import Article
from spiders.cms.adapter import Row
from spiders.cms.blocks import looks_like_article
from spiders.cms.shown import day_in_url, day_shown, width
from spiders.links import role_of_link

Nature = Literal["article", "text", "bare", "list", "none"]

NEWSY = re.compile(
    r"新闻|新聞|资讯|資訊|动态|動態|要闻|要聞|公告|公示|通知|通告|政策|法规|法規|文件|解读|解讀|报道|報道|報導|聚焦|快讯|快訊|"
    r"简讯|頭條|头条|热点|時事|时政|信息公开|招标|招標|采购|採購|规划|党建|活动|活動|研究|会议|会讯|招商|产业|科技|媒体|媒體|"
    r"主动公开|公开(?:内容|目录|事项)|园区|行业|行業|观点|评论|专栏|综合|国内|国际|本地|社会|财经|教育|健康|旅游|文化新|工作|进展|成果|标准|数据|统计|"
    r"声音|人物|故事|博客|文章|公报|公报|计划|总结|人事|督查|培训|知识|百科|问答|"
    r"\bnews\b|press|release|notice|announce|blog|event|polic|media|update|insight|stor(?:y|ies)|article|bulletin|publication",
    re.I,
)
UNLIKELY = re.compile(
    r"产品|產品|案例|展示|图库|相册|画册|简介|簡介|概况|概況|介绍|介紹|机构|機構|领导|職能|职能|职责|联系|聯繫|关于|關於|荣誉|榮譽|资质|"
    r"留言|投诉|信箱|登录|注册|商城|购物|伙伴|链接|组织架构|团队|历程|版权|版權|声明|聲明|隐私|导航|导游|客服|购买|价格|报价|会员|"
    r"無障礙|English|英文|繁体|product|case|gallery|about|contact|career|join|team|partner|login|regist|privacy|terms|shop|cart",
    re.I,
)
PERHAPS = re.compile(  # services: pages of all sorts, lists of articles among them
    r"下载|下載|服务|服務|办事|指南|查询|查詢|调查|在线|在線|地图|地圖|帮助|互动|download|service|help|faq", re.I
)
PATH_NEWSY = re.compile(
    r"news|xinwen|zixun|xwzx|xwdt|tzgg|gsgg|gonggao|dongtai|zcfg|zcjd|zcwj|gzdt|mtbd|hyzx|hydt|press|blog|article|info|list|col\d|channel|category|cate",
    re.I,
)
PATH_UNLIKELY = re.compile(
    r"product|cpzx|cpzs|chanpin|case|about|gywm|lxwm|contact|join|zhaopin|jianjie|gsjj|download|member|video|map\b|honor|feedback|message|guestbook|shop|cart",
    re.I,
)
REPEATS = re.compile(  # lists that other lists hold already: labels, authors, days, searches, mobile twins
    r"^https?://[^/]+/(?:m|wap|mobile|3g|gate/big5|big5)/|/tags?[/.?_-]|/tags?$|/tag/|/author/|/label/|/topic/\d|/search(?!.*channelid=)|"
    r"[?&](?:tag|s|q|keyword|kw|author|auth|date|year|month|day|sort|order|filter)=|"
    r"/(?:19|20)\d\d/(?:[01]?\d/?)?(?:[0-3]?\d/?)?$|/archives?/(?:19|20)\d\d|/date/|calendar",
    re.I,
)
SENTENCE_END = re.compile(r"[。！？；!?;]|\.(?=\s|$)")
DIGITS = re.compile(r"\d+")
HASHES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{16,}", re.I)


@dataclass(frozen=True)
class Verdict:
    """What a sample page is.

    article: dated or plainly an article.  text: running text without a date.  bare: a date and little text (video,
    scan, attachment).  list: it is a list itself.  none: neither.
    """

    nature: Nature
    chars: int
    sentences: int


def verdict(article: Article, own_rows: Sequence[Row]) -> Verdict:
    """Judge a page by its extraction (made without hints from a list row) and by the rows it shows if read as a list."""
    text = article.content_text or ""
    chars, sentences = len(text), len(SENTENCE_END.findall(text))
    dated = article.published is not None and article.evidence.get("published") not in ("url", "row", "none", "")
    running = chars >= 120 and sentences >= 3
    listed = sum(1 for row in own_rows if row.date)
    if listed >= 6 and not (running and (dated or (chars >= 250 and sentences >= 4))):
        return Verdict("list", chars, sentences)
    if dated and (running or chars >= 60):
        return Verdict("article", chars, sentences)
    if running:
        return Verdict("text", chars, sentences)
    if dated or article.attachments:
        return Verdict("bare", chars, sentences)
    return Verdict("none", chars, sentences)


def promise(title: str | None, url: str) -> float:
    """How much the words and the path of a link promise a list of articles; about -1 … 1.5."""
    words, path = title or "", urlsplit(url).path
    worth = 0.0
    if NEWSY.search(words):
        worth += 0.8
    if UNLIKELY.search(words):
        worth -= 0.6
    elif PERHAPS.search(words):
        worth -= 0.25
    if PATH_NEWSY.search(path):
        worth += 0.3
    if PATH_UNLIKELY.search(path):
        worth -= 0.4
    if REPEATS.search(url):
        worth -= 1.0
    if is_numbered(url):
        worth -= 0.3
    return worth - 0.05 * path.strip("/").count("/")


def is_numbered(url: str) -> bool:
    """Say whether a page is named by a day, a hash or a bare number, as articles are; columns have names or list-12.html."""
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return bool(day_in_url(url) or HASHES.search(name) or re.fullmatch(r"\d+(?:_\d+)?\.\w+", name))


def shape(url: str) -> str:
    """A URL with numbers and hashes taken out: the same for columns that one template makes."""
    parts = urlsplit(url)
    return HASHES.sub("h", DIGITS.sub("#", parts.path)) + (
        "?" + "&".join(sorted(DIGITS.sub("#", pair) for pair in parts.query.split("&"))) if parts.query else ""
    )


def row_folder(url: str) -> str:
    """The folder of an article without its days: /zwgk/202410/t20241017_1.html and /zwgk/2024/10/17/1.html are in /zwgk/."""
    segments = urlsplit(url).path.split("/")[1:-1]
    while segments and re.fullmatch(r"\d{1,2}|(?:19|20)\d{2}(?:[-_]?\d{2}){0,2}|\d{4}", segments[-1]):
        segments.pop()
    return "/" + "".join(f"{segment}/" for segment in segments)


def day_of(row: Row) -> str | None:
    """The day of a row as YYYY-MM-DD, shown or in its URL."""
    day = day_shown(row.date) or day_in_url(row.url)
    return day.isoformat() if day else None


def dated_share(rows: Sequence[Row]) -> float:
    return sum(1 for row in rows if row.date) / len(rows) if rows else 0.0


def article_share(rows: Sequence[Row]) -> float:
    """Share of rows whose URL looks like one of an article; attachments do."""
    likely = sum(1 for row in rows if looks_like_article(row.url) or role_of_link(row.url) == "attachment")
    return likely / len(rows) if rows else 0.0


def title_width(rows: Iterable[Row]) -> float:
    sizes = sorted(width(row.title or "") for row in rows)
    return sizes[len(sizes) // 2] if sizes else 0.0


def bare_words(text: str | None) -> str:
    """Letters and digits only, for comparing titles."""
    return "".join(character for character in (text or "").lower() if character.isalnum())


def same_title(row: str | None, page: str | None) -> bool | None:
    """Compare a row's title with the page's; a cut one agrees with what it begins.  None: one of them is missing."""
    one, other = bare_words(row), bare_words(page)
    if not one or not other:
        return None
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= 6 and short in long)
