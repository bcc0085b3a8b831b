"""`parknews export bag`: deposits of some days, whole or of one site, that stand without parknews."""

import gzip
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.index import Row
from archive.paths import Home
from archive.reader import Entry, scan
from crawler.cli import main
from tests.archive_samples import AT, exchange, original, writer
from tests.conftest import Ended, well
from tests.test_archive_bag import check

ALWAYS = ("--from", "2000-01-01", "--to", "2100-01-01")
LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def deposit(home: Path, output: Path, *words: str) -> Ended:
    """Run the command in this process."""
    arguments = ["parknews", "--home", str(home), "export", "bag", *(words or ALWAYS), "--output", str(output)]
    said = io.StringIO()
    with redirect_stderr(said), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", arguments)
        return Ended(main(), said.getvalue(), "")


def entries(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob("*.warc.gz")):
        yield from scan(path)


def members(folder: Path) -> set[bytes]:
    """The gzip members of all records, as they lie."""
    out = set()
    for path in folder.glob("*.warc.gz"):
        data = path.read_bytes()
        out |= {data[entry.ref.offset : entry.ref.offset + entry.ref.length] for entry in scan(path)}
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a page on the 21st, and on the 23rd the same page again (a revisit) and one of another site."""
    home = Home(tmp_path_factory.mktemp("days") / "home").prepare()
    site = [("site", "park"), ("role", "page"), ("run", "1")]
    with writer(home.warc) as out:
        first = out.write(exchange(), site)[0]
        out.roll()
        again = replace(exchange(), at=LATER)
        out.write(again, [("site", "park"), ("role", "page"), ("run", "2")], original(first))
        other = replace(exchange("http://www.other.example/", b"other " * 99), at=LATER)
        out.write(other, [("site", "other"), ("role", "page"), ("run", "2")])
    well(home.root, "rebuild")
    return home.root


@pytest.fixture
def three_days(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def test_whole_warcs_change_log_and_manifests_go_in_and_check_with_sha256sum(crawled: Path, tmp_path: Path) -> None:
    assert deposit(crawled, tmp_path / "bag").code == 0
    check(tmp_path / "bag")
    data = tmp_path / "bag" / "data"
    for folder in ("warc", "feed/changes", "feed/schema", "sites", "manifests"):
        inside = {path.name: path.read_bytes() for path in (data / folder).iterdir()}
        assert inside == {path.name: path.read_bytes() for path in (crawled / folder).iterdir()}, folder
    assert (data / "README.txt").read_text().startswith("This folder is a parknews home")
    done = subprocess.run("sha256sum -c --ignore-missing manifests/*", shell=True, cwd=data, check=False)
    assert done.returncode == 0
    assert len(list((data / "log").glob("*.crawl.log"))) == 1


def test_the_index_of_a_deposit_leads_to_its_records(crawled: Path, tmp_path: Path) -> None:
    deposit(crawled, tmp_path / "bag")
    (index,) = (tmp_path / "bag/data/index").iterdir()
    rows = [Row.read(line) for line in index.read_bytes().splitlines()]
    places = {(entry.ref.warc, entry.ref.offset) for entry in entries(tmp_path / "bag/data/warc")}
    assert len(rows) > 300
    assert {(row.filename, row.offset) for row in rows} <= places


def test_a_deposit_of_one_site_holds_its_exchanges_byte_for_byte_and_nothing_else(
    crawled: Path, tmp_path: Path
) -> None:
    assert deposit(crawled, tmp_path / "bag", *ALWAYS, "--site", "kjt").code == 0
    check(tmp_path / "bag")
    data = tmp_path / "bag" / "data"
    found = list(entries(data / "warc"))
    answers = [entry for entry in found if entry.ref.type in ("response", "revisit")]
    assert {entry.headers.uri("WARC-Target-URI").split("/")[2] for entry in answers} == {"kjt.demo.example"}  # type: ignore[union-attr]
    kinds = [entry.ref.type for entry in found if entry.ref.type != "warcinfo"]
    assert kinds == ["response", "request", "metadata"] * len(answers)
    assert len(members(data / "warc") - members(crawled / "warc")) == 1  # the new file's warcinfo
    (said,) = (data / "feed/changes").iterdir()
    sites = {json.loads(line)["site"] for line in said.read_text().splitlines()}
    assert sites == {"kjt"}
    assert [path.name for path in (data / "sites").iterdir()] == ["kjt.toml"]
    log = next((data / "log").iterdir()).read_text()
    assert "kjt.demo.example" in log
    assert "tv.demo.example" not in log


def test_the_table_of_places_says_where_the_proof_of_an_event_lies_now(crawled: Path, tmp_path: Path) -> None:
    deposit(crawled, tmp_path / "bag", *ALWAYS, "--site", "tv")
    data = tmp_path / "bag" / "data"
    table = {line.split("\t")[0]: line.split("\t") for line in (data / "warc/places.tsv").read_text().splitlines()[1:]}
    event = json.loads(next((data / "feed/changes").iterdir()).read_text().splitlines()[0])
    for proof in event["evidence"]:
        record_id, warc, offset, length, here, at = table[proof["record_id"]]
        assert (warc, int(offset), int(length)) == (proof["warc"], proof["offset"], proof["length"])
        member = (data / "warc" / here).read_bytes()[int(at) : int(at) + int(length)]
        assert f"WARC-Record-ID: <{record_id}>".encode() in gzip.decompress(member)


@pytest.mark.parametrize("words", [(), ("--site", "park")])
def test_the_original_of_a_revisit_is_inside_though_it_is_of_another_day(
    three_days: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = deposit(three_days, tmp_path / "bag", "--from", "2026-11-23", "--to", "2026-11-23", *words)
    assert ended.code == 0
    found = {entry.ref.record_id: entry for entry in entries(tmp_path / "bag/data/warc")}
    revisit = next(entry for entry in found.values() if entry.ref.type == "revisit")
    there = found[revisit.headers.uri("WARC-Refers-To") or ""]
    assert (there.ref.type, there.ref.date[:10]) == ("response", f"{AT:%Y-%m-%d}")
    others = [entry for entry in found.values() if "other.example" in (entry.headers.uri("WARC-Target-URI") or "")]
    assert bool(others) is not bool(words)


def test_a_tar_is_the_same_deposit(three_days: Path, tmp_path: Path) -> None:
    assert deposit(three_days, tmp_path / "days.tar").code == 0
    subprocess.run(["tar", "-xf", "days.tar"], cwd=tmp_path, check=True)
    check(tmp_path / "days")
    assert members(tmp_path / "days/data/warc") == members(three_days / "warc")


def test_bagit_of_the_library_of_congress_validates_a_deposit(three_days: Path, tmp_path: Path) -> None:
    bagit = pytest.importorskip("bagit")
    deposit(three_days, tmp_path / "bag")
    bagit.Bag(str(tmp_path / "bag")).validate()


def test_a_warc_that_is_not_what_its_manifest_says_is_not_deposited(three_days: Path, tmp_path: Path) -> None:
    path = next((three_days / "warc").glob("*.warc.gz"))
    path.write_bytes(path.read_bytes() + b"\0")
    ended = deposit(three_days, tmp_path / "bag")
    assert ended.code == 3
    assert "verify --manifest" in ended.err
    assert list(tmp_path.glob("bag*")) == []


def test_a_warc_still_being_written_is_left_out_and_said(three_days: Path, tmp_path: Path) -> None:
    path = sorted((three_days / "warc").glob("*.warc.gz"))[1]
    path.rename(path.with_name(path.name + ".open"))
    ended = deposit(three_days, tmp_path / "bag")
    assert ended.code == 0
    assert "1 WARC files are still being written" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2020-01-01", "--to", "2020-12-31"), "there are some from 2026-11-21 to 2026-11-23"),
        ((*ALWAYS, "--site", "nobody"), "there are none at all"),
        (("--from", "2026-11-23", "--to", "2026-11-21"), "is before --from"),
        (("--from", "yesterday", "--to", "2026-11-21"), "does not match the format"),
    ],
)
def test_wrong_days_and_sites_are_told_in_a_line(
    three_days: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    ended = deposit(three_days, tmp_path / "bag", *words)
    assert ended.code == 2
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_place_that_is_taken_is_left_alone(three_days: Path, tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    ended = deposit(three_days, tmp_path / "bag")
    assert ended.code == 2
    assert "name another place" in ended.err
    assert list((tmp_path / "bag").iterdir()) == []


def test_passwords_stay_at_home(three_days: Path, tmp_path: Path) -> None:
    (three_days / "parknews.toml").write_text('operator = "City Library"\nproxy = "http://me:secret@proxy.example"\n')
    deposit(three_days, tmp_path / "days.tar")
    data = io.BytesIO((tmp_path / "days.tar").read_bytes())
    assert b"secret@" not in data.getvalue()
    assert b"Source-Organization: City Library" in data.getvalue()
