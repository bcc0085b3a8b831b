"""The kinds of the farm by name, and a site of each."""

from tests.farm.campus import Vsb, VsbCalled, WebPlus, WebPlusCounted
from tests.farm.data import AtomOnly, GovUk, JsonIds, JsonPost, JsonShell, RssOnly, SitemapOnly
from tests.farm.guangdong import Gkmlpt, Nfcms
from tests.farm.hanweb import Hanweb, HanwebArrays, HanwebRecords, Jpaas
from tests.farm.opensource import DedeCms, Discuz, Drupal, EmpireCms, PbootCms, PhpCms, WordPress, ZBlog
from tests.farm.plain import (
    ClickRows,
    FormPost,
    FrameList,
    HebeiUuid,
    HuaianPager,
    HyWeb,
    IList,
    LabelledQuery,
    PhpSegments,
    Plain,
    PostBack,
    ShanghaiHex,
    SiteServer,
    Unsigned,
    UnsignedZero,
    WuxiDoc,
)  # fmt: skip
from tests.farm.platforms import Ccontent, EasySite, Epoint, EpointOpenness, Lonsun, TrueCms
from tests.farm.press import Founder, People, Xinhua
from tests.farm.site import FarmSite
from tests.farm.trs import Trs, TrsChannel, TrsCount, TrsMedia, TrsRecords, TrsWas
from tests.farm.ucap import Ucap, UcapOpenness, UcapSearch

KINDS: dict[str, type[FarmSite]] = {
    one.kind: one
    for one in (
        Trs, TrsChannel, TrsCount, TrsRecords, TrsMedia, TrsWas, Hanweb, HanwebRecords, HanwebArrays, Jpaas, Ucap,
        UcapSearch, UcapOpenness, Nfcms, Gkmlpt, Epoint, EpointOpenness, TrueCms, Lonsun, EasySite, Ccontent, Vsb,
        VsbCalled, WebPlus, WebPlusCounted, Founder, People, Xinhua, DedeCms, PhpCms, EmpireCms, PbootCms, ZBlog,
        WordPress, Discuz, Drupal, RssOnly, AtomOnly, SitemapOnly, GovUk, JsonShell, JsonIds, JsonPost, Plain,
        ShanghaiHex, HebeiUuid, WuxiDoc, HuaianPager, IList, PhpSegments, FormPost, PostBack, SiteServer, HyWeb,
        FrameList, Unsigned, UnsignedZero, LabelledQuery, ClickRows,
    )
}  # fmt: skip


def site_of(kind: str, number: int = 0) -> FarmSite:
    """The site of a kind with a number: the same in every run."""
    return KINDS[kind](f"www.{kind}{number or ''}.farm.example", f"farm/{kind}/{number}")
