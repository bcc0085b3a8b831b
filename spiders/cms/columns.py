"""A page -> links that look like other lists of the site: menus, side menus, breadcrumbs, 更多.  For onboarding.

Articles, page turns, attachments, foreign hosts, and pages of the site that are known to be no lists (login, search,
site map, contact) are left out.  What is left need not be a list of articles; reading it tells.
"""

import re

from pipelines.decode import Document
from spiders.cms.adapter import Row
from spiders.cms.anchors import Anchor, anchors
from spiders.cms.lists import article_rows
from spiders.cms.shown import CUT, day_in_url, fold, width
from spiders.cms.turns import NEXT, PREVIOUS, page_number
from spiders.links import in_scope, resolve, role_of_link

MORE = re.compile(r"[\[【(（<《>》»›\s]*(?:查看|点击)?(?:更多|更多内容|全部|more|MORE)[\]】)）>》»›\s.…+]*", re.I)
NO_LIST = re.compile(
    r"首\s*页|网站首页|主\s*页|home|登\s*[录陆]|注\s*册|设为首页|加入收藏|收藏本站|联系我们|网站地图|网站声明|"
    r"隐私.{0,4}|无障碍.{0,4}|长[者辈].{0,3}|适老.{0,4}|繁[體体].{0,2}|簡體.{0,2}|简体.{0,2}|手机版|移动版|返回.{0,4}|退出|"
    r"搜索|检索|打印|关闭|RSS|尾页|末页|上一[页条篇]|下一[页条篇]|.{0,3}ICP备.*|.{0,4}公网安备.*|contact(?: us)?|"
    r"log\s?in|sitemap|privacy.{0,20}",
    re.I,
)
LATE = re.compile(
    r"关于我们|机构(?:概况|职能|设置)|(?:单位|中心|公司|园区)(?:概况|简介|介绍)|about(?: us)?|english|en", re.I
)
SYSTEM_PATH = re.compile(
    r"/(?:login|register|reg|search|user|member|admin|cart|sso|plus/search|was5|igs/front|jsearch|wza)\b|"
    r"[?&](?:q|keyword|searchword)=",
    re.I,
)
LONGEST = 16  # characters of a column's name
HOME = re.compile(r"/(?:(?:index|default|main)\.\w+)?", re.I)


def columns(page: Document) -> list[Row]:
    """Return links in page order, each URL once, unlikely ones last; a 更多 link takes its box's heading as title."""
    links = anchors(page)
    articles = {row.url for row in article_rows(page)}
    here = {page.url, resolve(page.url, page.url)}
    found: dict[str, Row] = {}
    for link in links:
        url = link.url
        if url is None or url in articles or url in here or not _may_be(page, link, url):
            continue
        title = _title(link)
        known = found.get(url)
        if known is None or (known.title is None and title):
            found[url] = Row(url, title)
    return sorted(found.values(), key=lambda row: bool(LATE.fullmatch(row.title or "")))


def _may_be(page: Document, link: Anchor, url: str) -> bool:
    if role_of_link(url) != "page" or not in_scope(page.url, url) or day_in_url(url) or SYSTEM_PATH.search(url):
        return False
    path = url.split("/", 3)[-1] if url.count("/") > 2 else ""
    if HOME.fullmatch("/" + path):
        return False
    text = link.text or link.title
    if NO_LIST.fullmatch(text) or NEXT.fullmatch(text) or PREVIOUS.fullmatch(text) or text.strip("[] ").isdigit():
        return False
    turned = page_number(url)
    if turned is not None and turned > 1 and page_number(page.url) is not None and _stem(url) == _stem(page.url):
        return False
    return width(text) <= LONGEST and not _is_cut(link)


def _is_cut(link: Anchor) -> bool:
    """A headline that a side box cut to its width: with dots, or with the whole of it in title=."""
    stem = CUT.sub("", link.text)
    return stem != link.text or (link.title.startswith(stem) and width(link.title) > LONGEST)


def _stem(url: str) -> str:
    return re.sub(r"\d+", "#", url)


def _title(link: Anchor) -> str | None:
    text = link.text or link.title
    if not text:
        text = next((fold(image.get("alt")) for image in link.node.iterdescendants("img")), "")
    if not MORE.fullmatch(text):
        return text or None
    node = link.node
    for _ in range(4):  # 更多 stands beside the heading of its box
        previous = node.getprevious()
        while previous is not None:
            if isinstance(previous.tag, str):
                near = fold(previous.text_content())
                if near:
                    return near if width(near) <= LONGEST else None
            previous = previous.getprevious()
        parent = node.getparent()
        if parent is None:
            return None
        beside = fold("".join(text for text in parent.itertext() if isinstance(text, str))[:200])
        rest = fold(beside.replace(link.text, " "))
        if rest and width(rest) <= LONGEST:
            return rest
        node = parent
    return None
