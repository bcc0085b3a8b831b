"""Fixity: manifests of finished files, checked by sha256sum and by us; each planted fault is found."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.manifest import Line, check_manifests, manifests, write_manifest
from archive.paths import Home
from tests.archive_samples import exchange, write_one
from tests.conftest import parknews

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def say(home: Home, day: str) -> Path:
    path = home.changes / f"{day}.jsonl"
    path.write_text('{"seq": 1}\n')
    return path


def archive(home: Home, name: str) -> Path:
    """Put a finished WARC with one exchange into a home."""
    made = write_one(home.warc, exchange(url=f"http://www.demo-park.example/{name}"))
    return made.rename(home.warc / f"{name}.warc.gz")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three days: a WARC on each, day files of which the newest is still written."""
    home = Home(tmp_path / "home").prepare()
    for name, day, moment in (
        ("a", "2026-11-23", MONDAY),
        ("b", "2026-11-24", TUESDAY),
        ("c", "2026-11-25", WEDNESDAY),
    ):
        archive(home, name)
        say(home, day)
        write_manifest(home, moment)
    return home


def sha256sum(home: Home) -> "subprocess.CompletedProcess[str]":
    names = [f"manifests/{path.name}" for path in manifests(home)]
    return subprocess.run(
        ["sha256sum", "-c", "--strict", *names], cwd=home.root, capture_output=True, text=True, check=False
    )


def findings(home: Home) -> list[tuple[str, str]]:
    return [(one.file, one.kind) for one in check_manifests(home).findings]


def test_every_finished_file_is_listed_once_and_sha256sum_agrees(home: Home) -> None:
    names = [line.split("  ")[1] for path in manifests(home) for line in path.read_text().splitlines()]
    assert names == [
        "warc/a.warc.gz",
        "manifests/2026-11-23.sha256", "warc/b.warc.gz", "feed/changes/2026-11-23.jsonl",
        "manifests/2026-11-24.sha256", "warc/c.warc.gz", "feed/changes/2026-11-24.jsonl",
    ]  # fmt: skip
    assert sha256sum(home).returncode == 0
    checked = check_manifests(home)
    assert (checked.findings, checked.manifests, checked.files) == ((), 3, 5)


def test_a_listed_file_is_not_read_again(home: Home) -> None:
    (home.warc / "a.warc.gz").write_bytes(b"changed since")
    archive(home, "d")
    path = write_manifest(home, WEDNESDAY)
    assert path is not None
    assert "warc/a.warc.gz" not in path.read_text()
    assert "warc/d.warc.gz" in path.read_text()


def test_a_run_without_new_files_writes_nothing(home: Home) -> None:
    before = {path: path.read_bytes() for path in manifests(home)}
    assert write_manifest(home, WEDNESDAY) is None
    assert {path: path.read_bytes() for path in manifests(home)} == before


def test_the_newest_day_file_is_listed_when_its_day_is_over_for_a_day(home: Home) -> None:
    assert write_manifest(home, datetime(2026, 11, 26, 23, 59, tzinfo=UTC)) is None
    path = write_manifest(home, datetime(2026, 11, 27, 0, 0, tzinfo=UTC))
    assert path is not None
    assert path.read_text().splitlines()[1].endswith("  feed/changes/2026-11-25.jsonl")


def test_a_file_still_open_is_not_listed(home: Home) -> None:
    (home.warc / "now.warc.gz.open").write_bytes(b"growing")
    assert write_manifest(home, WEDNESDAY) is None


def test_a_clock_set_back_adds_to_the_newest_manifest_and_the_chain_holds(home: Home) -> None:
    archive(home, "d")
    path = write_manifest(home, MONDAY)
    assert path is not None
    assert path.name == "2026-11-25.sha256"
    assert findings(home) == []


def test_a_flipped_bit_is_found(home: Home) -> None:
    path = home.warc / "b.warc.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert findings(home) == [("warc/b.warc.gz", "changed")]
    assert sha256sum(home).returncode == 1


def test_a_missing_file_is_found(home: Home) -> None:
    (home.changes / "2026-11-23.jsonl").unlink()
    assert findings(home) == [("feed/changes/2026-11-23.jsonl", "missing")]


def test_an_edited_manifest_breaks_the_chain_even_where_it_agrees_with_the_files(home: Home) -> None:
    """Somebody changes a WARC and its line: every file agrees with its manifest, but not the manifests with each other."""
    warc, manifest = home.warc / "a.warc.gz", home.manifests / "2026-11-23.sha256"
    shutil.copy(home.warc / "b.warc.gz", warc)
    digest = next(line for line in (home.manifests / "2026-11-24.sha256").read_text().splitlines() if "b.warc" in line)
    manifest.write_text(digest.replace("b.warc", "a.warc") + "\n")
    assert findings(home) == [("manifests/2026-11-23.sha256", "chain")]
    assert sha256sum(home).returncode == 1


def test_a_manifest_taken_out_of_the_middle_is_missed(home: Home) -> None:
    (home.manifests / "2026-11-24.sha256").unlink()
    assert ("manifests/2026-11-24.sha256", "chain") in findings(home)
    assert ("manifests/2026-11-25.sha256", "chain") in findings(home)


def test_the_oldest_manifest_taken_away_is_missed(home: Home) -> None:
    (home.manifests / "2026-11-23.sha256").unlink()
    assert ("manifests/2026-11-23.sha256", "chain") in findings(home)


@pytest.mark.parametrize("line", ["no manifest line", "0" * 64 + "  /etc/passwd", "0" * 64 + "  ../other/a.warc.gz"])
def test_a_line_that_names_no_file_of_the_home_is_a_finding(home: Home, line: str) -> None:
    with (home.manifests / "2026-11-25.sha256").open("a") as file:
        file.write(line + "\n")
    assert findings(home) == [("manifests/2026-11-25.sha256", "line")]


def test_a_name_with_a_backslash_is_written_as_sha256sum_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path).prepare()
    archive(home, "a").rename(home.warc / "a\\n b.warc.gz")
    write_manifest(home, MONDAY)
    assert manifests(home)[0].read_text().startswith("\\")
    assert sha256sum(home).returncode == 0
    assert findings(home) == []


def test_line_text_is_that_of_sha256sum() -> None:
    assert Line("a" * 64, "warc/x.warc.gz").text() == "a" * 64 + "  warc/x.warc.gz\n"


def test_a_crawl_lists_what_it_finished_and_verify_manifest_needs_nothing_but_the_files(crawled: Path) -> None:
    warc = next((crawled / "warc").glob("*.warc.gz"))
    assert warc.name in "".join(path.read_text() for path in manifests(Home(crawled)))
    for path in (*crawled.glob("state.sqlite*"), *(crawled / "index").iterdir()):
        path.unlink()
    assert parknews(crawled, "verify", "--manifest").code == 0
    with warc.open("r+b") as file:
        file.seek(1000)
        file.write(b"bit rot")
    ended = parknews(crawled, "verify", "--manifest")
    assert ended.code == 3
    assert f"warc/{warc.name}: changed:" in ended.err


def test_a_home_without_manifests_proves_nothing(home: Home) -> None:
    shutil.rmtree(home.manifests)
    ended = parknews(home.root, "verify", "--manifest")
    assert ended.code == 2
    assert "no manifests yet" in ended.err
