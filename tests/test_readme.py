"""README: what it tells to type is there, and the systemd units it shows are good ones."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crawler.cli import commands

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


def test_the_systemd_units_are_well_formed(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    service, timer = re.findall(r"```ini\n(.*?)```", README, re.S)
    program = tmp_path / "parknews"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "parknews.service").write_text(service.replace("%h/parknews/.venv/bin/parknews", str(program)))
    (tmp_path / "parknews.timer").write_text(timer)
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "parknews.service"), str(tmp_path / "parknews.timer")],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "parknews" in line]
    assert ours == []
