"""Site definitions: one schema, errors that name file and key and say what would do."""

from pathlib import Path

import pytest

from spiders.site import SiteError, load, load_all

GOOD = """
title = "示范园区"
url = "http://park.example/"
kind = "park"
every = "6h"
since = 2024-01-01

[[list]]
url = "http://park.example/news/"
cms = "trs"

[[article]]
body = "div.con"
until = 2025-03-01

[expect]
min_new_per_week = 3
"""


def written(folder: Path, text: str, name: str = "park") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_definition_is_read_with_its_name(tmp_path: Path) -> None:
    site = load(written(tmp_path, GOOD))
    assert (site.name, site.host, site.period, site.list[0].cms) == ("park", "park.example", 6 * 3600, "trs")
    assert site.publisher().rules[0].body == "div.con"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('cms = "trs"', 'cms = "trss"'), r"sites/park\.toml: list\[0\]\.cms = 'trss': unknown; have .*trs"),
        (('kind = "park"', 'kind = "garden"'), r"sites/park\.toml: kind: Invalid enum value 'garden'"),
        (('every = "6h"', 'every = "six"'), r"every = 'six': a number and s, m, h or d"),
        (('url = "http://park.example/"', 'url = "park"'), r"url = 'park': an absolute http\(s\) URL"),
        (('every = "6h"', 'evry = "6h"'), r"sites/park\.toml: unknown key evry; did you mean every\? \(line 5\)"),
        (("[expect]", "[expect"), r"sites/park\.toml: "),
        (("since = 2024-01-01", 'timezone = "Asia/Xanadu"'), r"timezone = 'Asia/Xanadu': an IANA name"),
        (("since = 2024-01-01", 'article_url = "("'), r"article_url = '\(': no regular expression"),
        (
            ('body = "div.con"', 'drop = ["p", "h1:contains(x)"]'),
            r"article\[0\]\.drop\[1\] = 'h1:contains\(x\)': no CSS selector",
        ),
        (("since = 2024-01-01", 'since = "soon"'), r"sites/park\.toml: since: "),
    ],
)
def test_a_wrong_definition_names_file_and_key(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(SiteError, match=message):
        load(written(tmp_path, GOOD.replace(*change)))


@pytest.mark.parametrize("name", ["Park", "a b", "ü", "x" * 65])
def test_a_name_that_could_not_be_typed_everywhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SiteError, match="lower-case letters"):
        load(written(tmp_path, GOOD, name))


def test_bytes_that_are_no_utf_8_are_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "park.toml"
    path.write_bytes('title = "园区"\n'.encode("gbk"))
    with pytest.raises(SiteError, match=r"sites/park\.toml"):
        load(path)


def test_two_thousand_definitions_load_in_one_go(tmp_path: Path) -> None:
    for number in range(2000):
        written(tmp_path, GOOD, f"site{number:04d}")
    assert len(load_all(tmp_path)) == 2000
