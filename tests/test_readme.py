"""README: what it tells to type is there, and the systemd units it shows are good ones."""

import gzip
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from crawler.cli import commands
from pipelines.feed import ChangeLog

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")


def test_every_command_of_the_table_exists() -> None:
    named = set(re.findall(r"^\| `([a-z]+)", README, re.M))
    table = re.search(r"\| command \| does \|\n(.*?)\n\n", README, re.S)
    assert table is not None
    words = {word for row in re.findall(r"`([a-z]+)", table[1]) for word in [row]}
    there = set(commands().commands)
    assert words - {"parknews", "pause", "resume", "retire", "sites"} <= there
    assert {"pause", "resume", "retire"} <= there
    assert named


def test_every_command_has_help_with_a_line_to_paste() -> None:
    for name, command in commands().commands.items():
        assert command.help is not None, name
        assert f"parknews {name}" in command.help or f"parknews --home ~/news {name}" in command.help, name


def test_every_line_to_paste_is_taken_by_its_command() -> None:
    lines = re.findall(r"^    parknews ([a-z]+)(.*)$", README, re.M)
    assert {name for name, _ in lines} >= {"init", "add", "crawl", "changes", "snapshot", "serve"}
    lines += re.findall(r"`parknews ([a-z]+)([^`…]*)`", README)
    for name, rest in lines:
        words = shlex.split(rest.partition(" > ")[0], comments=True)
        assert name in commands().commands, name
        command, place = commands().commands[name], name
        if isinstance(command, click.Group):
            command, place = command.commands[words[0]], f"{name} {words[0]}"
        known = {option for one in command.get_params(click.Context(command)) for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, place


def test_warcio_shows_the_body_of_a_proof_as_readme_says(first_crawl: Path) -> None:
    """Compressed and in chunks, as the demo site of a television station sends it."""
    proof = next(
        one for event in ChangeLog(first_crawl / "feed" / "changes").events() if event.site == "tv"
        for one in event.evidence if one.role == "page"
    )  # fmt: skip
    warc = first_crawl / "warc" / proof.warc
    record = gzip.decompress(warc.read_bytes()[proof.offset : proof.offset + proof.length])
    assert re.search(rb"(?i)content-encoding: gzip", record)
    assert b"<html" not in record
    words = [str(Path(sys.executable).with_name("warcio")), "extract", "--payload", str(warc), str(proof.offset)]
    assert b"<html" in subprocess.run(words, capture_output=True, check=True).stdout


def test_the_systemd_units_are_well_formed(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    service, timer, tell = re.findall(r"```ini\n(.*?)```", README, re.S)
    program = tmp_path / "parknews"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "parknews.service").write_text(service.replace("%h/parknews/.venv/bin/parknews", str(program)))
    (tmp_path / "parknews.timer").write_text(timer)
    (tmp_path / "parknews-tell.service").write_text(tell.replace("%h/parknews/.venv/bin/parknews", str(program)))
    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(path) for path in sorted(tmp_path.glob("parknews*.*")))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "parknews" in line]
    assert ours == []
