"""Many sites by `add --from FILE`: killed and started again, blocked and broken ones among them, lines that redirect."""

from pathlib import Path

import pytest

from benchmarks.onboard_many import trial
from spiders.site import load_all
from tests.conftest import altered, parknews, routed
from tests.farm.broken import Broken
from tests.farm.kinds import site_of
from tests.farm.model import Answer, Asked
from tests.farm.server import FarmServer


class Moved:
    """An old host that sends every visitor to the new one."""

    def __init__(self, host: str, to: str) -> None:
        self.host, self.to = host, to

    def respond(self, asked: Asked) -> Answer:
        return Answer(status=301, headers=(("Location", f"{self.to}{asked.target.lstrip('/')}"),))


class Lured:
    """A public site whose robots.txt redirects to a private address."""

    host = "www.lured.example"

    def respond(self, asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(status=302, headers=(("Location", "http://10.0.0.1/robots.txt"),))
        return Answer(b"<p>here</p>")


def new_home(folder: Path) -> Path:
    home = folder / "home"
    assert parknews(home, "init", "--operator", "Test", "--contact", "test@farm.example").code == 0
    return home


def test_empty_robots_file_and_dead_servers_end_with_a_word_for_each(tmp_path: Path) -> None:
    """An empty robots.txt permits everything; a server that is down keeps nobody out, so it has failed."""
    home = new_home(tmp_path)
    sites = [Broken(way, 0) for way in ("empty", "down", "reset", "missing", "forbidden", "no-robots")]
    with FarmServer(sites) as farm:
        ended = parknews(home, "add", *(site.home for site in sites), *routed(farm.connect_to), timeout=60)
        assert "/" in farm.targets(sites[0].host)
    for site in sites:
        assert f"{site.status:<8} {site.home}" in ended.err, ended.err
    assert "2 blocked, 4 failed" in ended.err


def test_line_that_redirects_is_not_asked_again(tmp_path: Path) -> None:
    home, site = new_home(tmp_path), site_of("trs")
    file = tmp_path / "sites.txt"
    file.write_text(f"http://old.host.example/\n{Broken('missing', 0).home}\n")
    with FarmServer([site, Moved("old.host.example", site.home), Broken("missing", 0)]) as farm:
        words = ("add", "--from", str(file), *routed(farm.connect_to))
        first = parknews(home, *words)
        assert set(load_all(home / "sites")) == {"trs_farm"}
        farm.hits.clear()
        second = parknews(home, *words)
        asked = {hit.host for hit in farm.hits}
    assert "ok       http://old.host.example/  ->  sites/trs_farm.toml" in first.err
    assert "known    http://old.host.example/" in second.err
    assert asked == {"www.missing0.broken.example"}  # what failed is asked again


def test_robots_file_that_leads_to_a_private_address_makes_no_private_site(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    with FarmServer([Lured()]) as farm:
        route = f"{Lured.host}:80:127.0.0.1:{farm.port}"
        ended = parknews(home, "add", f"http://{Lured.host}/", "--connect-to", route, "--delay", "0")
        assert farm.targets(Lured.host) == ["/robots.txt"]
    assert f"failed   http://{Lured.host}/" in ended.err, ended.err
    assert "robots-unreachable" in ended.err
    assert "private" not in ended.err


def test_page_that_takes_too_long_is_named_and_keeps_no_other_site_waiting(tmp_path: Path) -> None:
    """Each attribute is compared with all before it: 100,000 of one tag take any parser a minute and more."""
    home, site, bomb = new_home(tmp_path), site_of("trs"), Broken("bomb", 0)
    program = altered(tmp_path / "hasty.py", "import crawler.readers\ncrawler.readers.TIME_LIMIT = 4.0")
    with FarmServer([site, bomb]) as farm:
        words = ("add", bomb.home, site.home, *routed(farm.connect_to))
        ended = parknews(home, *words, program=program, timeout=60)
    assert set(load_all(home / "sites")) == {"trs_farm"}
    assert f"failed   {bomb.home}" in ended.err
    assert f"read-timeout: {bomb.home} (it takes longer" in ended.err


@pytest.mark.slow
def test_killed_command_goes_on_with_what_was_not_finished(tmp_path: Path) -> None:
    report = trial(26, 0.05, 0.5, 1, tmp_path)
    assert not report.wrong, report.wrong
    assert (report.found, report.false) == (report.wanted, 0)
    assert report.said["site"].keys() <= {"ok", "partial"}
