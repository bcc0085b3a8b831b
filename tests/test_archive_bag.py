"""Bags: BagIt 1.0 as folder and tar, checked with sha256sum and, where it is installed, the Library of Congress' bagit."""

import subprocess
from pathlib import Path

import pytest

from archive.bag import new_bag

INFO = [("Source-Organization", "City\r\n Library"), ("Contact-Email", "web@library.example")]


def fill(output: Path, files: dict[str, bytes], scratch: Path) -> None:
    with new_bag(output) as bag:
        for name, data in files.items():
            source = scratch / "source"
            source.write_bytes(data)
            bag.add(name, source)
        bag.add_lines("log/lines.txt", [b"one\n", b"two\n"], scratch)
        bag.close(INFO)


FILES = {"warc/a.warc.gz": bytes(range(256)) * 9000, "README.txt": b"read me\n", "empty": b"", "50%.txt": b"escaped\n"}


def check(folder: Path) -> None:
    """Check both manifests as somebody does who has nothing but coreutils."""
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        lines = (folder / manifest).read_text().replace("%25", "%")
        done = subprocess.run(
            ["sha256sum", "-c", "--strict"], cwd=folder, input=lines, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_holds_payload_and_tags_that_sha256sum_checks(tmp_path: Path) -> None:
    fill(tmp_path / "bag", FILES, tmp_path)
    check(tmp_path / "bag")
    assert {name: (tmp_path / "bag" / "data" / name).read_bytes() for name in FILES} == FILES
    assert (tmp_path / "bag" / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    info = (tmp_path / "bag" / "bag-info.txt").read_text()
    assert info.startswith("Source-Organization: City Library\n")
    assert info.endswith(f"Payload-Oxum: {sum(map(len, FILES.values())) + 8}.5\n")
    assert "data/50%25.txt" in (tmp_path / "bag" / "manifest-sha256.txt").read_text()  # RFC 8493 §2.1.3


def test_a_tar_holds_the_same_files_in_a_folder_of_its_name(tmp_path: Path) -> None:
    fill(tmp_path / "bag", FILES, tmp_path)
    fill(tmp_path / "moved.tar", FILES, tmp_path)
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "-xf", "moved.tar", "-C", "out"], cwd=tmp_path, check=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["moved"]
    assert tree(tmp_path / "out" / "moved") == tree(tmp_path / "bag")


def test_bagit_of_the_library_of_congress_validates_it(tmp_path: Path) -> None:
    bagit = pytest.importorskip("bagit")
    plain = {name: data for name, data in FILES.items() if "%" not in name}  # it does not read the RFC's escapes
    fill(tmp_path / "bag", plain, tmp_path)
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    (tmp_path / "bag" / "data" / "README.txt").write_bytes(b"read ME\n")
    assert not bag.is_valid()


@pytest.mark.parametrize("name", ["bag", "bag.tar"])
def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path, name: str) -> None:
    def fail() -> None:
        with new_bag(tmp_path / "out" / name) as bag:
            bag.add_lines("a", [b"line\n"], tmp_path)
            raise KeyboardInterrupt

    (tmp_path / "out").mkdir()
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_place_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bag.tar").write_text("mine")
    with pytest.raises(FileExistsError):
        fill(tmp_path / "bag.tar", FILES, tmp_path)
    assert (tmp_path / "bag.tar").read_text() == "mine"


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/../../b", "a//b", "a/", ".", ""])
def test_a_name_that_leads_out_of_the_payload_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a payload file"):
        fill(tmp_path / "bag", {name: b""}, tmp_path)
