"""The demo sites' lists, from the first page to the last: every entry of the truth, nothing else, title and date."""

import pytest

from pipelines.decode import Document
from spiders.cms import listing, opening
from spiders.cms.adapter import Ask, Row
from spiders.cms.columns import columns
from spiders.cms.json_list import propose
from spiders.cms.shown import day_shown
from spiders.cms.xhr import discover
from spiders.site import ListSource, load
from tests.demo import DEFINITIONS
from tests.demo.model import DemoSite
from tests.demo.sites import sites

SITES = {name: load(DEFINITIONS / f"{name}.toml") for name in sites()}
LISTS = [(name, source) for name, site in SITES.items() for source in site.list]


def document(site: DemoSite, url: str) -> Document:
    found = site.answers[url.removeprefix(f"http://{site.host}")]
    return Document(url, found.body, (("Content-Type", found.mime),))


@pytest.mark.parametrize(("name", "source"), LISTS, ids=lambda one: getattr(one, "column", one))
def test_list_of_a_demo_site_is_walked_to_its_end(name: str, source: ListSource) -> None:
    site = sites()[name]
    rows: dict[str, Row] = {}
    asked: Ask | None = opening(source.url, source.cms, source.options)
    pages = 0
    while asked is not None and pages < 20:
        found = listing(document(site, asked.url), source.cms, source.options, asked)
        assert found.rows, asked.url
        rows |= {row.url: row for row in found.rows}
        asked, pages = found.next, pages + 1
    column = next(one for one in site.columns if one.name == source.column)
    truth = {site.url(article.link): article for article in site.listed(column)}
    assert rows.keys() == truth.keys()
    assert {url: (row.title or "").replace(" ", "") for url, row in rows.items()} == {
        url: (article.row_title or "").replace(" ", "") for url, article in truth.items()
    }
    assert {url: day_shown(row.date) for url, row in rows.items()} == {url: one.at.date() for url, one in truth.items()}


@pytest.mark.parametrize("name", SITES)
def test_first_page_of_a_demo_list_is_recognised_and_found_from_home(name: str) -> None:
    site = sites()[name]
    home = document(site, f"http://{site.host}/")
    linked = {row.url for row in columns(home)}
    for column in site.columns:
        assert column.path == "/" or site.url(column.path) in linked
    for source in SITES[name].list:
        if source.cms != "json":
            assert listing(document(site, source.url)).adapter == source.cms


def test_json_list_of_the_demo_broadcaster_is_proposed_from_its_shell_page() -> None:
    site = sites()["tv"]
    shell = document(site, site.url(site.columns[0].path))
    proposed = discover(shell, [site.answers["/static/list.js"].body.decode()])
    answer = document(site, opening(shell.url, "json", proposed[0]).url)
    options = {**proposed[0], **propose(answer)}
    assert {key: options[key] for key in ("items", "title", "url", "date")} == {
        "items": "data.list",
        "title": "title",
        "url": "url",
        "date": "publishTime",
    }
    assert listing(answer, "json", options).next is not None
