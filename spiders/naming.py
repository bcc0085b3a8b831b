"""What a site is called, what kind it is and which zone its dates are in: guessed from its host and its pages.

A person may correct all of it in the definition; a wrong guess loses nothing but the zone of a date without one.
Used by spiders.inquiry.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pipelines.decode import Document
from spiders.cms.shown import fold
from spiders.links import split_host

Kind = Literal["gov", "park", "news", "enterprise", "other"]
SEPARATORS = re.compile(r"\s*(?:[|｜_—–»>/·]|--+|\s-\s|-(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])-)\s*")
EMPTY_TITLE = re.compile(
    r"(?:网站)?首\s*[页頁]|主页|网站|官网|官方网站|欢迎.{0,6}|home(?:\s?page)?|index|welcome.{0,5}|门户|无标题文档|untitled.*|",
    re.I,
)
OFFICIAL = re.compile(r"[-\s]*(?:官方网站|官网|门户网站|首页)$")
PARK = re.compile(
    r"园区|开发区|开发區|高新区|经开区|产业园|科技园|工业园|保税区|新区管|軟件园|软件园|工業區|園區|科學園|industrial park|science park",
    re.I,
)
NEWS = re.compile(
    r"日报|晚报|早报|晨报|时报|新闻网|电视|广播|融媒|传媒|报社|报业|在线网|頭條|新聞網|日報|\bnews\b|daily|times|tribune|herald|gazette",
    re.I,
)
COMPANY = re.compile(r"公司|集团|集團|股份|有限|企业|實業|实业|\b(?:co|inc|ltd|corp|gmbh|llc)\b\.?|company|group", re.I)
OFFICE = re.compile(
    r"人民政府|[省市区县州]政府|厅$|局$|委员会|管委会|办公[厅室]|海关|法院|检察院|税务|ministry|department|government|agency",
    re.I,
)
NAME_METAS = ("sitename", "og:site_name", "application-name")
OFFICIAL_MARK = re.compile(r"<meta[^>]{0,80}SiteIDCode|政府网站标识码", re.I)
RECRUITS = re.compile(r"招商|入园|入驻|园区")
ZONES = {
    "tw": "Asia/Taipei", "hk": "Asia/Hong_Kong", "mo": "Asia/Macau", "sg": "Asia/Singapore", "jp": "Asia/Tokyo",
    "kr": "Asia/Seoul", "uk": "Europe/London", "ie": "Europe/Dublin", "de": "Europe/Berlin", "fr": "Europe/Paris",
    "nl": "Europe/Amsterdam", "ch": "Europe/Zurich", "at": "Europe/Vienna", "it": "Europe/Rome", "es": "Europe/Madrid",
    "se": "Europe/Stockholm", "nz": "Pacific/Auckland", "au": "Australia/Sydney", "in": "Asia/Kolkata",
    "my": "Asia/Kuala_Lumpur", "th": "Asia/Bangkok", "vn": "Asia/Ho_Chi_Minh", "ca": "America/Toronto",
    "gov": "America/New_York", "mil": "America/New_York", "us": "America/New_York", "eu": "Europe/Brussels",
}  # fmt: skip


def name_of(url: str) -> str:
    """Name of a definition from the host: www.park.gov.cn -> park, kjt.jl.gov.cn -> kjt_jl."""
    host = (urlsplit(url).hostname or "site").lower()
    found = split_host(host)
    bare = re.fullmatch(r"[\d.]+|[^.]+", host) is not None
    own = (
        host.split(".")
        if bare
        else [*found.subdomain.split("."), found.domain]
        if found.suffix
        else host.split(".")[:-1]
    )
    labels = [label for label in own if label not in ("", "www", "m", "wap")]
    name = re.sub(r"[^a-z0-9]+", "_", "_".join(labels) or host).strip("_")
    return (name or "site")[:64]


@dataclass(frozen=True)
class Face:
    """What a page says of its site.

    title: its <title>.  names: what metas call the site.  chinese: more than a few Chinese characters.  official: the
    mark of a Chinese government site.
    """

    title: str
    names: tuple[str, ...]
    chinese: bool
    official: bool


def face_of(document: Document) -> Face:
    titles = [fold(node.text_content()) for node in document.tree.iter("title")]
    metas = [
        node
        for node in document.tree.iter("meta")
        if (node.get("name") or node.get("property") or "").lower() in NAME_METAS
    ]
    names = [fold(node.get("content")) for node in metas]
    text = document.text[:400_000]
    chinese = len(re.findall(r"[\u4e00-\u9fff]", text[:100_000])) > 50
    return Face(titles[0] if titles else "", tuple(names), chinese, OFFICIAL_MARK.search(text) is not None)


def title_of(pages: Sequence[Face]) -> str | None:
    """What a site calls itself: a meta that says so, else the part of <title> that its pages share.  The home page first."""
    for name in pages[0].names if pages else ():
        if 1 < len(name) <= 40:
            return name
    counts: Counter[str] = Counter()
    home_parts: list[str] = []
    for number, page in enumerate(pages):
        parts = [OFFICIAL.sub("", part) for part in SEPARATORS.split(page.title)]
        parts = [part for part in parts if part and len(part) <= 40 and not EMPTY_TITLE.fullmatch(part)]
        counts.update(set(parts))
        if number == 0:
            home_parts = parts
    shared = [(count, part) for part, count in counts.items() if count > 2 and count * 2 >= len(pages)]
    if shared and not any(counts[part] > 1 for part in home_parts):
        return max(shared)[1]
    if not home_parts:
        return None
    return max(home_parts, key=lambda part: (counts[part], -home_parts.index(part)))


def kind_of(host: str, title: str | None, columns: Iterable[str | None], pages: Sequence[Face]) -> Kind:
    """gov, park, news, enterprise or other, by host, name and marks."""
    name = title or ""
    if PARK.search(name):
        return "park"
    if re.search(r"(?:^|\.)(?:gov|gob|gouv|govt|mil)(?:\.|$)", host) or OFFICE.search(name):
        return "gov"
    if any(page.official for page in pages):
        return "gov"
    if NEWS.search(name):
        return "news"
    if COMPANY.search(name):
        return "enterprise"
    return "park" if sum(1 for column in columns if column and RECRUITS.search(column)) else "other"


def zone_of(host: str, pages: Sequence[Face]) -> str:
    """The zone by the country of the host; Shanghai where the text is Chinese or nothing speaks against it."""
    ending = host.rsplit(".", 1)[-1]
    if ending in ZONES:
        return ZONES[ending]
    chinese = any(page.chinese for page in pages)
    return "Asia/Shanghai" if ending == "cn" or chinese or not pages else "UTC"
