"""Files, pictures and films of an article: which links, scripts and frames of the page belong to it.

The area is what stands between the headline's information and the end of the article (previous and next, related
lists, foot), including the attachment block that most CMSs print below the body.  Attachments hide in href, onclick,
javascript: links, viewer frames and script variables; their names in link text, title and download attributes.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines.decode import Document
from pipelines.dom import Attributes
from pipelines.flow import Flow
from pipelines.item import AttachmentLink
from pipelines.vocabulary import SOFT_TAIL, TAIL, is_footer

FORMATS = "pdf|docx?|xlsx?|xlsm|csv|wps|et|dps|ofd|rtf|pptx?|ppsx?|zip|rar|7z|txt|ceb|cebx|odt|ods|odp|tif|tiff|epub"
FILE_PATH = re.compile(rf"\.(?:{FORMATS})$", re.I)
FILE_NAME = re.compile(rf"\.(?<=[^\s\"'<>|]\.)(?:{FORMATS})(?![a-z0-9])", re.I)
QUOTED_FILE = re.compile(rf"[\"'(=]\s*([^\"'()<>\s]{{1,400}}\.(?:{FORMATS})(?:\?[^\"'()<>\s]{{0,200}})?)[\"')]", re.I)
# Download addresses that do not end in a file name: Hanweb, VSB, WebPlus, Epoint, UCAP.
ENDPOINT = re.compile(
    r"downfile|download\.(?:jsp|do|aspx?|php|action)|/download/|filedown|downloadfile|attachguid=|attach(?:ment)?id=|/attachments?/\d"
    r"|readattach|_content/download|fileid=|getfile|/attach/",
    re.I,
)
SCRIPT_LINK = re.compile(
    rf"<a[^>]{{0,200}}?href=\\?[\"']([^\"'<>\\]{{1,400}}\.(?:{FORMATS}))\\?[\"'][^>]{{0,200}}>([^<]{{1,200}})<", re.I
)
GENERIC = re.compile(
    r"^(?:点击|點擊)?(?:此处|这里|查看|预览)?(?:附件|文件|原文)?(?:下载|下載|查看|预览)?(?:附件|文件|地址)?[\s:：>»]*$|^download$|^(?:附\s*件\s*\d*\s*[:：]?)$",
    re.I,
)
# Searched for in "/" + address, lower case.
FURNITURE = re.compile(
    r"[/_.-](?:(?:ico|icons?\d*|logo\w*|spacer|blank|loading|arrow\w*|btn\w*|button|dot|share\w*|print\w*|close|qrcode|ewm|erweima|weixin|wechat|"
    r"weibo|qq|top|home|search|notimg|nopic|avatar|red|blue|beian|ga|dangzheng|hszl|sybz|pixel|1x1|transparent|default|file_?type|attach(?:ment)?|doc|pdf|xls|zip)\d*"
    r"\.(?:png|gif|jpe?g|svg|webp|ico|bmp)(?:$|\?)|(?<=/)(?:icons?|logos?|ueditor/dialogs|filetypeimages|emotion)/)"
)
LAZY = (
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-lazyload",
    "data-echo",
    "data-actualsrc",
    "data-real-src",
    "original",
    "_src",
)
FILM = re.compile(
    r"\.(?:mp4|m3u8|flv|webm|mov|wmv)(?![a-z])|v\.qq\.com|player\.(?:youku|bilibili)|youtube\.com/embed|vimeo|tv\.cctv|ckplayer|jwplayer|dplayer|aliplayer|videojs|prism-?player|txplayer|sewise",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Area:
    """Element indices [first, end) and lines [low, high) that may hold files and pictures of the article."""

    first: int
    end: int
    low: int
    high: int


def area_of(flow: Flow, container: int, low: int, high: int, title_line: int) -> Area:
    """low, high: the article's lines in its container; the area goes on below it to the first end mark."""
    around = container
    if title_line >= 0:
        headline = flow.lines[title_line].node
        while flow.parents[around] > 0 and not around <= headline < flow.end[around]:
            around = flow.parents[around]
    bottom = flow.last[around]
    for i in range(high, bottom):
        text = flow.lines[i].text
        if len(text) < 200 and (
            TAIL.match(text) or is_footer(text) or (SOFT_TAIL.match(text) and "附件" not in text and "下载" not in text)
        ):
            bottom = i
            break
    return Area(container, flow.end[around], low, max(high, bottom))


def attachments_of(flow: Flow, area: Area, document: Document) -> tuple[AttachmentLink, ...]:
    """Files of the article, in the order of the page, each once, absolute addresses."""
    found: dict[str, str | None] = {}

    def add(address: str, title: str | None) -> None:
        url = document.absolute(address)
        try:
            path = urlsplit(url).path
        except ValueError:
            return
        if url.startswith(("http://", "https://")) and not found.get(url):
            found[url] = title or found.get(url) or _file_name(path)

    for anchor in flow.anchors:
        if area.first < anchor < area.end and area.low <= flow.first[anchor] <= area.high:
            said, text = flow.attributes[anchor], " ".join(flow.text(anchor).split())
            address = _file_address(said, text)
            if address:
                add(address, _file_title(said, text))
    for node in flow.media:
        if area.first < node < area.end and flow.tags[node] in ("iframe", "embed", "object"):
            address = _viewed_file(flow.attributes[node])
            if address:
                add(address, None)
    for node in flow.scripts:
        if area.first < node < area.end:
            for address, title in _script_files(flow.text(node)):
                add(address, title)
    return tuple(AttachmentLink(url=url, title=title) for url, title in found.items())


def _file_address(said: Attributes, text: str) -> str | None:
    href = (said.get("href") or "").strip()
    if href and not href.lower().startswith(("javascript:", "#", "mailto:", "tel:")):
        try:
            parts = urlsplit(href)
        except ValueError:
            return None
        path = parts.path.strip()
        if FILE_PATH.search(path) or FILE_PATH.search(unquote(parts.query)):
            return href
        if ENDPOINT.search(href) and not path.lower().endswith((".html", ".htm", ".shtml")):
            return href
        return href if FILE_NAME.search(text) and not path.lower().endswith((".html", ".htm", ".shtml", "/")) else None
    for code in (href, said.get("onclick"), said.get("data-url"), said.get("data-href")):
        match = QUOTED_FILE.search(f"({code})") if code else None
        if match:
            return match[1]
    return None


def _file_title(said: Attributes, text: str) -> str | None:
    """Link text, else title or download attribute; nothing if all of them say only 下载."""
    for one in (text, said.get("title"), said.get("download"), said.get("textvalue")):
        name = " ".join((one or "").split())
        if name and not GENERIC.match(name):
            return name[:300]
    return None


def _file_name(path: str) -> str | None:
    name = unquote(path.rsplit("/", 1)[-1])
    return name if FILE_PATH.search(name) and "\ufffd" not in name else None


def _viewed_file(said: Attributes) -> str | None:
    """File that a frame shows: its address itself, or the viewer's ?file= argument."""
    source = said.get("src") or said.get("data") or said.get("pdfsrc") or ""
    try:
        parts = urlsplit(source.strip())
        if FILE_PATH.search(parts.path):
            return source
        for values in parse_qs(parts.query).values():
            if FILE_PATH.search(values[0].split("?")[0]):
                return values[0]
    except ValueError:
        pass
    return None


def _script_files(code: str) -> list[tuple[str, str | None]]:
    """Files named in a script inside the area: markup written by it, then bare addresses."""
    if len(code) > 100_000 or not FILE_NAME.search(code):
        return []
    linked = [(address, " ".join(title.split())) for address, title in SCRIPT_LINK.findall(code)]
    known = {address for address, _ in linked}
    bare = [match for match in QUOTED_FILE.findall(code) if "/" in match and match not in known]
    return [*linked, *((address, None) for address in bare if "://" in address or address.startswith((".", "/")))]


def images_of(flow: Flow, area: Area, container: int, high: int, document: Document) -> tuple[str, ...]:
    """Pictures inside the container, without icons and one-pixel counters, absolute addresses."""
    found: dict[str, None] = {}
    for node in flow.media:
        if container < node < flow.end[container] and flow.tags[node] == "img" and area.low <= flow.first[node] <= high:
            address = picture_of(flow.attributes[node])
            if address:
                url = document.absolute(address)
                if url.startswith(("http://", "https://")):
                    found[url] = None
    return tuple(found)


def image_source(said: Attributes) -> str | None:
    """Address a browser would show after lazy loading; data: addresses are placeholders."""
    for name in LAZY:
        value = said.get(name)
        if value and not value.lstrip().startswith("data:"):
            return value
    value = said.get("src")
    return None if not value or value.lstrip().startswith(("data:", "javascript:", "file:")) else value


def picture_of(said: Attributes) -> str | None:
    """Address of a picture that is content, not furniture of the page."""
    address = image_source(said)
    if not address or FURNITURE.search(f"/{address.lower()}"):
        return None
    sizes = [re.match(r"\d+", said.get(side) or "") for side in ("width", "height")]
    if any(size and int(size[0]) < 30 for size in sizes):
        return None
    return address


def has_film(flow: Flow, area: Area) -> bool:
    """Whether the area holds a player: a media element, a frame of a video host, a script that starts one."""
    for node in flow.media:
        if area.first < node < area.end and area.low <= flow.first[node] <= area.high:
            if flow.tags[node] in ("video", "audio"):
                return True
            if flow.tags[node] in ("iframe", "embed", "object") and FILM.search(
                flow.attributes[node].get("src") or flow.attributes[node].get("data") or ""
            ):
                return True
    return any(area.first < node < area.end and FILM.search(flow.text(node)[:20_000]) for node in flow.scripts)
