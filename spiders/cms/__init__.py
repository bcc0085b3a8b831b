"""Adapters of CMS families: a list page -> its articles and its next page.

One module a family, named in ADAPTERS in the order in which they are asked: marks that no other family has come first,
`generic` answers when none does.  The kind belongs to the list, not to the host: one host carries several.
"""

from collections.abc import Mapping
from typing import Any

from pipelines.decode import Document
from spiders.cms import json_list, pagenumbers, sitemap
from spiders.cms.adapter import Adapter, Ask, Listing, Visit
from spiders.cms.ccontent import Ccontent
from spiders.cms.dedecms import DedeCms
from spiders.cms.discuz import Discuz
from spiders.cms.drupal import Drupal
from spiders.cms.easysite import EasySite
from spiders.cms.empirecms import EmpireCms
from spiders.cms.epoint import Epoint
from spiders.cms.founder import Founder
from spiders.cms.generic import Generic
from spiders.cms.gkmlpt import Gkmlpt
from spiders.cms.govuk import GovUk
from spiders.cms.hanweb import Hanweb
from spiders.cms.jpaas import Jpaas
from spiders.cms.json_list import JsonList
from spiders.cms.lonsun import Lonsun
from spiders.cms.nfcms import Nfcms
from spiders.cms.pbootcms import PbootCms
from spiders.cms.people import People
from spiders.cms.phpcms import PhpCms
from spiders.cms.rss import Rss
from spiders.cms.sitemap import Sitemap
from spiders.cms.trs import Trs
from spiders.cms.truecms import TrueCms
from spiders.cms.ucap import Ucap
from spiders.cms.vsb import Vsb
from spiders.cms.webplus import WebPlus
from spiders.cms.wordpress import WordPress
from spiders.cms.xinhua import Xinhua
from spiders.cms.zblog import ZBlog

FAMILIES: tuple[Adapter, ...] = (
    # answers that are no HTML
    Rss(),
    Sitemap(),
    # government platforms: what a page is made by, before what it may link to
    TrueCms(),
    Hanweb(),
    Jpaas(),
    Gkmlpt(),
    Nfcms(),
    Ucap(),
    Epoint(),
    Vsb(),
    WebPlus(),
    Lonsun(),
    EasySite(),
    Trs(),
    Xinhua(),
    Ccontent(),
    # news
    People(),
    Founder(),
    # open-source CMSs
    WordPress(),
    ZBlog(),
    PbootCms(),
    Discuz(),
    Drupal(),
    EmpireCms(),
    PhpCms(),
    DedeCms(),
    GovUk(),
    # everything else
    JsonList(),
    Generic(),
)
ADAPTERS: dict[str, Adapter] = {adapter.NAME: adapter for adapter in FAMILIES}


def recognise(page: Document) -> tuple[str, tuple[str, ...]]:
    """Return the family of a page and the marks it was known by; generic has none."""
    for name, adapter in ADAPTERS.items():
        evidence = adapter.recognise(page)
        if evidence:
            return name, evidence
    return Generic.NAME, ()


def listing(
    document: Document, cms: str | None = None, options: Mapping[str, Any] | None = None, asked: Ask | None = None
) -> Listing:
    """Read one list page.

    cms: the family, when the definition names it; a page of another kind (a data call of the family's own answers in
    XML or JSON) is still read by the named adapter.  None: recognised.
    options: those of the [[list]].  asked: the request that brought the page (None: a GET of its URL); needed where
    the page number stands in its body.  Raises KeyError for a family that is not in ADAPTERS.
    """
    if cms is None:
        cms, evidence = recognise(document)
    else:
        evidence = ADAPTERS[cms].recognise(document)
    adapter, visit = ADAPTERS[cms], Visit(options or {}, asked)
    rows = adapter.rows(document, visit)
    columns = sitemap.parts(document) if cms == Sitemap.NAME else []
    return Listing(cms, evidence, tuple(rows), adapter.following(document, rows, visit), tuple(columns))


def opening(url: str, cms: str, options: Mapping[str, Any] | None = None) -> Ask:
    """Return the request that a list begins with: its URL, or the first data call that the options describe."""
    if cms == JsonList.NAME and options and options.get("request"):
        return json_list.opening(url, options)
    return Ask(url)


def candidates(document: Document) -> list[Ask]:
    """Return what page 2 may be called when the page does not say; for onboarding to probe, likeliest first."""
    return pagenumbers.candidates(document)
