"""What it costs to start a command -> a table of CPU, beside `scrapy version` and `trafilatura --version`.

    python -m benchmarks.starting [HOME]

HOME: a home that was crawled; without it only commands that need none are started.  Rounds go through all commands in
turn, so that a machine that slows down slows all of them; the table gives the fastest of each.
"""

import math
import os
import subprocess
import sys
from pathlib import Path

ROUNDS = 5
BIN = Path(sys.executable).parent
PEERS = {
    "python, nothing": [sys.executable, "-c", ""],
    "scrapy version": [str(BIN / "scrapy"), "version"],
    "trafilatura --version": [str(BIN / "trafilatura"), "--version"],
}
OURS = ("--version", "crawl --help", "status", "sites", "changes --limit 1", "snapshot")


def main() -> None:
    home = ["--home", sys.argv[1]] if sys.argv[1:] else []
    asked = OURS if home else OURS[:2]
    commands = PEERS | {
        f"parknews {words}": [sys.executable, "-m", "crawler", *home, *words.split()] for words in asked
    }
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, words in commands.items():
            best[name] = min(best.get(name, math.inf), spent(words))
    for name, seconds in best.items():
        print(f"{name:30}{seconds:6.2f} s CPU{seconds / best['scrapy version']:7.2f} of scrapy version")


def spent(words: list[str]) -> float:
    before = os.times()
    subprocess.run(words, capture_output=True, check=False)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main()
