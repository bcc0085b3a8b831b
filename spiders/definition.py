"""What onboarding found -> a Site, and the TOML that a person reads and edits; name, title, kind and zone guessed.

The TOML has the keys in the order of the schema and nothing that goes without saying.  Used by spiders.onboard.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pipelines.decode import Document
from spiders.cms.shown import fold
from spiders.links import SUFFIXES
from spiders.site import ListSource, Site

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
    found = SUFFIXES(host)
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


def title_of(pages: Iterable[Document]) -> str | None:
    """What a site calls itself: a meta that says so, else the part of <title> that its pages share."""
    documents = list(pages)
    for document in documents[:1]:
        for node in document.tree.iter("meta"):
            if (node.get("name") or node.get("property") or "").lower() in (
                "sitename",
                "og:site_name",
                "application-name",
            ):
                said = fold(node.get("content"))
                if 1 < len(said) <= 40:
                    return said
    counts: Counter[str] = Counter()
    home_parts: list[str] = []
    for number, document in enumerate(documents):
        titles = [fold(node.text_content()) for node in document.tree.iter("title")][:1]
        parts = [OFFICIAL.sub("", part) for title in titles for part in SEPARATORS.split(title)]
        parts = [part for part in parts if part and len(part) <= 40 and not EMPTY_TITLE.fullmatch(part)]
        counts.update(set(parts))
        if number == 0:
            home_parts = parts
    shared = [(count, part) for part, count in counts.items() if count > 2 and count * 2 >= len(documents)]
    if shared and not any(counts[part] > 1 for part in home_parts):
        return max(shared)[1]
    if not home_parts:
        return None
    return max(home_parts, key=lambda part: (counts[part], -home_parts.index(part)))


def kind_of(host: str, title: str | None, columns: Iterable[str | None], home: Document | None) -> Kind:
    """gov, park, news, enterprise or other, by host, name and marks."""
    name = title or ""
    if PARK.search(name):
        return "park"
    if re.search(r"(?:^|\.)(?:gov|gob|gouv|govt|mil)(?:\.|$)", host) or OFFICE.search(name):
        return "gov"
    if home is not None and re.search(r"<meta[^>]{0,80}SiteIDCode|政府网站标识码", home.text[:400_000], re.I):
        return "gov"
    if NEWS.search(name):
        return "news"
    if COMPANY.search(name):
        return "enterprise"
    return "park" if sum(1 for column in columns if column and RECRUITS.search(column)) else "other"


def zone_of(host: str, pages: Iterable[Document]) -> str:
    """The zone by the country of the host; Shanghai where the text is Chinese or nothing speaks against it."""
    ending = host.rsplit(".", 1)[-1]
    if ending in ZONES:
        return ZONES[ending]
    texts = [page.text[:100_000] for page in pages]
    chinese = any(len(re.findall(r"[\u4e00-\u9fff]", text)) > 50 for text in texts)
    return "Asia/Shanghai" if ending == "cn" or chinese or not texts else "UTC"


def as_toml(site: Site, unread: Iterable[str] = ()) -> str:
    """Write a definition.  unread: lists that were taken without being read; they get a comment."""
    doubtful = set(unread)
    head: list[tuple[str, object]] = [("title", site.title), ("url", site.url), ("kind", site.kind)]
    head += [("timezone", site.timezone if site.timezone != "Asia/Shanghai" else None)]
    head += [("article_url", site.article_url)]
    parts = [_table(head)]
    for entry in site.list:
        comment = "# not read yet: same form as the lists above\n" if entry.url in doubtful else ""
        fields: list[tuple[str, object]] = [("url", entry.url), ("cms", entry.cms), ("column", entry.column)]
        if entry.max_pages != ListSource.__struct_defaults__[2]:
            fields.append(("max_pages", entry.max_pages))
        parts.append(f"{comment}[[list]]\n{_table(fields)}")
        if entry.options:
            parts.append("[list.options]\n" + _table(list(entry.options.items())))
    return "\n".join(parts)


def _table(fields: list[tuple[str, object]]) -> str:
    shown = [(_key(key), _value(value)) for key, value in fields if value is not None]
    longest = max((len(key) for key, _ in shown), default=0)
    return "".join(f"{key:<{longest}} = {value}\n" for key, value in shown)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    text = str(value)
    if "\\" in text or '"' in text:
        if "'" not in text and "\n" not in text:
            return f"'{text}'"
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(one if one >= " " and one != "\x7f" else f"\\u{ord(one):04x}" for one in text)
    return f'"{escaped}"'
