"""The line below the headline -> source, authors, editor.

Values end where the next label, a date or a control begins; the borders between the page's text nodes help, because
来源：某报2024-05-01 is glued only for the reader.  `Admin` and label debris are nobody.
"""

import re

from pipelines.fields import Metas, linked_text

SPACE = "[\\s\u3000\xa0]"
LABEL_END = re.compile(
    r"(?:信息来源|文章来源|稿件来源|来\s*源|來\s*源|稿\s*源|作\s*者|撰\s*稿(?:人)?|编\s*辑|編\s*輯|责任编辑|责\s*编|审\s*核|校\s*对|记\s*者|通讯员|发布(?:者|人|时间|日期|机构|单位|于)|發布(?:時間|日期)|(?:更新|发表|发稿|录入|上传|公开)?(?:时间|日期)|時間|日期|字\s*[体号]|字體|浏览|瀏覽|点击|點擊|阅读|访问|人气|打印|分享|收藏|关闭|摄影|【|\[|〖|views?\b|date\b|author\b|source\b)"
    r"|(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]|[|｜]|\s{3,}|\t|\x1f|[\s\u3000][\u4e00-\u9fff]{2,5}\s?[:：]",
    re.I,
)
SOURCE = re.compile(
    r"(?:信息来源|文章来源|稿件来源|新闻来源|内容来源|消息来源|来"
    + SPACE
    + r"*源|來"
    + SPACE
    + r"*源|稿"
    + SPACE
    + r"*源|出处|转自|来自|來自|供稿单位|(?<![a-z])source)"
    + SPACE
    + r"*[:：]"
    + SPACE
    + "*",
    re.I,
)
AUTHOR = re.compile(
    r"(?:作"
    + SPACE
    + r"*者|撰稿人?|撰文|文字|文图|图文|本报记者|记者|通讯员|特约记者|供稿人?|(?<![a-z])author|(?<![a-z])by(?=\s*:))"
    + SPACE
    + r"*[:：/]"
    + SPACE
    + "*",
    re.I,
)
EDITOR = re.compile(
    r"(?:责任编辑|責任編輯|网络编辑|值班编辑|责"
    + SPACE
    + r"*编|编"
    + SPACE
    + r"*辑|編"
    + SPACE
    + r"*輯|(?<![a-z])editor)"
    + SPACE
    + r"*[:：/]"
    + SPACE
    + "*",
    re.I,
)
EMPTY = re.compile(r"^(?:无|暂无|未知|不详|null|none|undefined|-+|--|n/a|\s*|[:：].*|.*[<{$@].*|https?:.*)$", re.I)
NOBODY = re.compile(
    r"^(?:admin\w*|administrator|root|test|system|系统管理员|管理员|超级管理员|网站管理员|编辑|小编|佚名|匿名|未知|本站|本网|原创|转载|网络|互联网|网站|webmaster|user|editor|null|none|undefined|作者|记者|来源|來源|时间|日期|字号|字体|浏览|点击|阅读|打印|分享|无|[\d\W_]+)$",
    re.I,
)
NAME = re.compile(
    r"^[\u3400-\u9fff]{2,4}$|^[\u3400-\u9fff]{1,8}[·•][\u3400-\u9fff·•]{1,12}$|^[A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]*){1,3}$"
)
SPLIT = re.compile(r"[\s,，、;；/&\u3000]+|\band\b")
SPLIT_WEST = re.compile(r"\s*(?:,|;|&|\band\b)\s*")
ROLES = frozenset(("记者", "通讯员", "本报记者", "见习记者", "特约记者", "文", "图"))
ORGANISATION = re.compile(
    r"(?:局|厅|部|委|办|网|报|社|中心|公司|集团|台|院|所|处|科|学校|大学|学院|协会|政府|街道|镇|乡|客户端|融媒体|频道|宣传|组)$"
)
AUTHOR_METAS = ("author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator")
DATE = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")
OUTLET = re.compile(
    r"^[\u4e00-\u9fff·《》\w-]*(?:网|报|报》|社|局|厅|委|办|客户端|日报|晚报|时报|在线|台|融媒体中心|融媒|频道|政府|新闻|娱乐|音乐|体育|财经|科技)$"
)
NOT_NAME = re.compile(
    r"^(?:本网|本报|.{0,4}(?:新闻|要闻|动态|资讯)$|.*(?:浏览|打印|收藏|分享|评论|首页|阅读|点击|字体)|www\.|http)", re.I
)
BYLINE = re.compile(r"(?:^|\x1f|\s)(?i:by):?[\s\x1f]+([A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]*){1,3})")
SEVERAL = re.compile(r"[、,，;；|/]|\s综合|^综合|原创|转载|https?:|www\.", re.I)
GLUED_PLACE = re.compile(
    r"^(.{1,16}?(?:日报|晚报|时报|晨报|早报|商报|快报|周报|都市报|青年报|新华社|新华网|人民网|中新社|电视台|客户端))(?!社|网|客户端|集团|记者|频道|融媒)[\u4e00-\u9fff]{2,4}$"
)
QUOTE = re.compile(r"[”“。！？]")
SELF = re.compile(
    r"^(?:本站|本网|本网站|本站原创|原创|网络|互联网|网站|admin|佚名|转载|网络转载|本站编辑|未知|其他|其它|整理)$", re.I
)


def labelled(text: str, label: re.Pattern[str], limit: int = 60) -> str | None:
    """What stands behind a label, up to the next label, date or border; None if nothing does."""
    for match in label.finditer(text):
        rest = text[match.end() : match.end() + 4 * limit].lstrip("\x1f \t\xa0\u3000")
        stop = LABEL_END.search(rest)
        value = rest[: stop.start()] if stop else rest
        value = value.strip(" \t\xa0\u3000:：,，;；、-—/|()（）\x1f")
        if len(value) > 1 and not EMPTY.match(value) and len(value) <= limit:
            return " ".join(value.split())
    return None


def source_of(texts: list[str], metas: Metas, columns: tuple[str, ...], row: str | None) -> tuple[str | None, str]:
    """The source as the page words it, and where it stood: label, meta, list row, a bare name beside the date."""
    official = _meta_source(metas)
    for text in texts:
        value = labelled(text, SOURCE) if len(text) < 300 else None
        if value and not QUOTE.search(value):
            cut = value.rstrip("….】」")
            return (official, "meta") if official and cut != value and official.startswith(cut) else (value, "label")
    if official:
        return official, "meta"
    if row and not EMPTY.match(row):
        return row.strip(), "row"
    for text in texts[:4]:
        value = _beside_date(text, columns)
        if value:
            return value, "beside-date"
    return None, "none"


def _meta_source(metas: Metas) -> str | None:
    for key in ("contentsource", "source", "docsource", "article:source"):
        value = SOURCE.sub("", metas[key]).strip()
        if len(value) > 1 and not EMPTY.match(value) and len(value) <= 80 and "://" not in value:
            return value
    return None


def _beside_date(text: str, columns: tuple[str, ...]) -> str | None:
    """An organisation's name in a text node of its own on the line of the date."""
    if not DATE.search(text):
        return None
    for part in text.split("\x1f"):
        name = part.strip(" |｜·-—:：")
        if 3 <= len(name) <= 20 and OUTLET.search(name) and not NOT_NAME.search(name) and name not in columns:
            return name
    return None


def source_org(source: str | None, metas: Metas) -> str | None:
    """The source as the name of an organisation; None for 本网, Admin, several names and what is no name.

    A place glued to an outlet (某某日报广州) is cut where the meta or the outlet's own suffix ends.
    """
    if not source:
        return None
    official = _meta_source(metas)
    name = source.strip("《》〈〉“”\"' ")
    if official and name.startswith(official):
        name = official
    if SELF.match(name) or len(name) > 30 or SEVERAL.search(name):
        return None
    glued = GLUED_PLACE.match(name)
    name = re.sub(r"(?:官方)?(?:微信)?公众号$|官方微博$|客户端$", "", glued[1] if glued else name).strip("《》 -—·:：")
    return name if len(name) > 1 else None


def authors_of(texts: list[str], metas: Metas, chinese: bool) -> tuple[str, ...]:
    """Names of people behind a label; the author meta counts only outside Chinese pages (there it is the CMS user)."""
    for text in texts:
        value = labelled(text, AUTHOR)
        names = names_in(value) if value else ()
        if names:
            return names
    if chinese:
        return ()
    seen = " ".join(texts)
    for value in (
        linked_text(metas, "author"),
        *(metas[key] for key in AUTHOR_METAS if metas[key] and metas[key] in seen),
    ):
        names = names_in(re.sub(r"^by\s+", "", value, flags=re.I)) if value and len(value) <= 80 else ()
        if names:
            return names
    for text in texts:
        match = BYLINE.search(text)
        if match:
            return names_in(match[1])
    return ()


def names_in(value: str) -> tuple[str, ...]:
    """Names of people in a value; nothing if any part of it is not one."""
    if _is_person(value):
        return (value,)
    for break_ in (SPLIT, SPLIT_WEST):
        names = [part.strip() for part in break_.split(value) if part and part.strip() and part.strip() not in ROLES]
        if names and all(map(_is_person, names)):
            return tuple(dict.fromkeys(names))
    return ()


def _is_person(name: str) -> bool:
    return bool(NAME.match(name)) and not NOBODY.match(name) and not ORGANISATION.search(name)


def editor_of(texts: list[str]) -> str | None:
    for text in texts:
        value = labelled(text, EDITOR, 24)
        if value and not NOBODY.match(value):
            return value.strip("】])） ")
    return None
