"""make demo: the main job on a fresh machine, in one go and without the network.

Starts the five demo sites on loopback, crawls them into a home of their own, lets them change, crawls again, verifies
archive, index, state and feed, and compares what came with the truth that the sites were made from.
"""

import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from archive.paths import Home
from tests.demo.score import score, show
from tests.demo.server import DemoServer


def step(text: str) -> None:
    print(f"\n== {text}", flush=True)


def parknews(home: Path, *words: str) -> int:
    print("$", shlex.join(["parknews", "--home", str(home), *words]), flush=True)
    return subprocess.run([sys.executable, "-m", "crawler", "--home", str(home), *words], check=False).returncode


def main(folder: Path) -> int:
    began = time.monotonic()
    if folder.exists():
        if not (folder / "sites").is_dir():
            print(f"{folder} is there and is no demo home: name another with `make demo HOME_DIR=...`", file=sys.stderr)
            return 2
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    codes = [parknews(folder, "init", "--operator", "parknews demo", "--contact", "demo@parknews.example")]
    with DemoServer() as sites:
        to = ("--connect-to", sites.connect_to, "--delay", "0")
        step(f"Five invented sites answer on {sites.address[0]}:{sites.port}; each is added from its bare URL")
        urls = [f"http://{host}/" for host in sites.hosts if not host.startswith("control.")]
        codes.append(parknews(folder, "add", "--yes", *urls, *to))
        step("First crawl, to the end of every list")
        codes.append(parknews(folder, "crawl", "--full", *to))
        sites.state = 2
        step("Overnight each site has published three articles, edited one and removed one; second crawl")
        codes.append(parknews(folder, "crawl", *to))
    step("Do archive, index, state and feed agree?")
    codes.append(parknews(folder, "verify"))
    step("Against the truth the sites were made from")
    scores = score(Home(folder.resolve()), 2)
    show(scores)
    well = not any(codes) and all(one.well for one in scores.values())
    step(f"{'All well' if well else 'NOT WELL'}, {time.monotonic() - began:.0f} s.  Look around:")
    print(
        f"""
  .venv/bin/parknews --home {folder} changes | tail -1          the newest event, with its proof
  .venv/bin/parknews --home {folder} changes --since 218        only what the second crawl found
  zcat {folder}/warc/*.warc.gz | less                           every byte that went over the wire
  .venv/bin/parknews --home {folder} serve --replay-only        the archived pages in your browser

  Your own home next:  .venv/bin/parknews --home ~/news init
"""
    )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-home")))
