"""Onboarding through the real crawl: every question gets an answer, also one that somebody else asked before."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.site import load
from tests.conftest import ROOT, command, parknews
from tests.farm.kinds import site_of
from tests.farm.model import Answer, Asked
from tests.farm.server import FarmServer

PLAIN, MAPPED = site_of("plain"), site_of("sitemap")


class Door:
    """A host that sends everybody elsewhere."""

    def __init__(self, host: str, to: str) -> None:
        self.host, self.to = host, to

    def respond(self, asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(status=404)
        return Answer(status=302, headers=(("Location", self.to),))


@pytest.fixture(scope="module")
def farm() -> Iterator[FarmServer]:
    doors = [Door("one.farm.example", PLAIN.home), Door("two.farm.example", PLAIN.home)]
    round_about = [
        Door("ping.farm.example", "http://pong.farm.example/"),
        Door("pong.farm.example", "http://ping.farm.example/"),
    ]
    with FarmServer([PLAIN, MAPPED, *doors, *round_about]) as server:
        yield server


def test_robots_txt_that_the_crawl_has_read_is_given_to_onboarding_too(farm: FarmServer, tmp_path: Path) -> None:
    done = parknews(tmp_path, "add", MAPPED.home, "--yes", "--connect-to", farm.connect_to, "--delay", "0", timeout=60)
    assert done.code == 0, done.err
    assert farm.targets(MAPPED.host).count("/robots.txt") == 1
    site = load(next((tmp_path / "sites").glob("*.toml")))
    assert {one.cms for one in site.list} == {"sitemap"}


def test_two_addresses_that_lead_to_one_site_are_both_answered(farm: FarmServer, tmp_path: Path) -> None:
    urls = ("http://one.farm.example/", "http://two.farm.example/", PLAIN.home)
    done = parknews(tmp_path, "add", *urls, "--yes", "--connect-to", farm.connect_to, "--delay", "0", timeout=60)
    assert farm.targets(PLAIN.host).count("/") == 1
    assert len(list((tmp_path / "sites").glob("*.toml"))) == 1, done.err


def test_redirects_in_a_circle_are_named(farm: FarmServer, tmp_path: Path) -> None:
    url = "http://ping.farm.example/"
    done = parknews(tmp_path, "add", url, "--yes", "--connect-to", farm.connect_to, "--delay", "0", timeout=60)
    assert done.code == 1
    assert "redirect-loop" in done.err


def test_host_with_and_without_www_is_one_site_and_again_needs_one_that_is_there(
    farm: FarmServer, tmp_path: Path
) -> None:
    switches = ("--yes", "--connect-to", farm.connect_to, "--delay", "0")
    assert parknews(tmp_path, "add", MAPPED.home, *switches, timeout=60).code == 0
    other = MAPPED.home.replace("www.", "")
    assert parknews(tmp_path, "add", other, *switches).err.startswith("known ")
    done = parknews(tmp_path, "add", "--again", PLAIN.home, *switches)
    assert done.code == 1
    assert "no site of this home is there" in done.err
    assert len(list((tmp_path / "sites").glob("*.toml"))) == 1


def test_interrupted_onboarding_ends_with_one_line(farm: FarmServer, tmp_path: Path) -> None:
    words = command(tmp_path, "add", PLAIN.home, "--yes", "--connect-to", farm.connect_to, "--delay", "0.3")
    before = len(farm.hits)
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while len(farm.hits) < before + 3 and process.poll() is None:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.splitlines()[-1].startswith("parknews: stopped; ")
    assert "Task" not in err
    assert "Error" not in err
