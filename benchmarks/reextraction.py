"""Re-extraction of an archive beside plain trafilatura over the same records, in one run, on the same number of cores.

    python -m benchmarks.reextraction [--pages 10000] [--workers 2]

The archive: article pages of the demo sites and of generated sites of all kinds of the farm, brought in by `parknews
import` (not measured).  Ours is the whole command: `reextract` reads every record, extracts all fields, compares them with
what was said and publishes what changed.  Plain trafilatura is given the same records, read and decoded by us (it would
garble GBK itself), in a pool of as many processes, with metadata; its answers are thrown away.  Printed: wall seconds,
CPU seconds of the process tree, pages/s, and the memory of the tree (proportional set size) at ten moments of each.
"""

import argparse
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from http.client import responses
from pathlib import Path

from archive.message import parse_message
from archive.reader import read_record
from benchmarks.pipeline import resident, tree
from pipelines.charset import decoded
from tests.demo.sites import sites
from tests.farm.kinds import KINDS, site_of
from tests.farm.model import Asked

DATE = "2026-11-01T00:00:00Z"
LEAST = 800  # bytes; less is a shell that a script fills
CHUNK = 50
ROOT = Path(__file__).resolve().parents[1]
Ref = tuple[str, int, int]


@dataclass(frozen=True)
class Made:
    """One article page.  head: the HTTP head, body: as sent."""

    url: str
    head: bytes
    body: bytes


def pages(count: int) -> Iterator[Made]:
    """Different pages, the demo's first, then generated sites of every kind in turn."""
    made = 0
    for each in pages_of_demo():
        yield each
        made += 1
    number = 1000
    while made < count:
        for kind in KINDS:
            site = site_of(kind, number)
            site.counts = (30, 20)
            for story in site.stories:
                path, _, query = site.story_path(story).partition("?")
                answer = site.respond(Asked(site.host, "GET", path, query))
                if answer.status == 200 and "html" in answer.mime and len(answer.body) >= LEAST and made < count:
                    made += 1
                    yield Made(
                        f"{site.home.rstrip('/')}{site.story_path(story)}",
                        head_of(answer.mime, answer.body),
                        answer.body,
                    )
        number += 1


def pages_of_demo() -> Iterator[Made]:
    for site in sites().values():
        for article in site.articles():
            answer = site.article_answer(article)
            yield Made(site.url(article.path), head_of(answer.mime, answer.body), answer.body)


def head_of(mime: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 {responses[200]}\r\nContent-Type: {mime}\r\nContent-Length: {len(body)}\r\n\r\n".encode()


def write_archive(path: Path, count: int) -> list[Ref]:
    """Write the pages as WARC response records, a gzip member each; return where they lie."""
    refs: list[Ref] = []
    with path.open("wb") as file:
        for page in pages(count):
            block = page.head + page.body
            head = (
                f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {page.url}\r\nWARC-Date: {DATE}\r\n"
                f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\nContent-Type: application/http;msgtype=response\r\n"
                f"Content-Length: {len(block)}\r\n\r\n"
            )
            member = gzip.compress(head.encode() + block + b"\r\n\r\n", 6)
            refs.append((str(path), file.tell(), len(member)))
            file.write(member)
    return refs


def plain(refs: list[Ref]) -> int:
    """Read records and give them to trafilatura; return how many it found a text in."""
    import trafilatura

    found = 0
    for path, offset, length in refs:
        message = parse_message(read_record(Path(path), offset, length).block)
        text = decoded(message.payload(32 << 20), message.get("content-type") or "")[1]
        made = trafilatura.bare_extraction(text, with_metadata=True, include_comments=False)
        found += bool(getattr(made, "text", None))
    return found


def run_plain(refs_file: Path, workers: int) -> int:
    refs = [
        (path, int(offset), int(length)) for path, offset, length in map(str.split, refs_file.read_text().splitlines())
    ]
    with ProcessPoolExecutor(workers) as pool:
        return sum(pool.map(plain, (refs[i : i + CHUNK] for i in range(0, len(refs), CHUNK))))


@dataclass(frozen=True)
class Measured:
    seconds: float
    cpu: float
    memory: list[float]  # MB of the tree, every half second


def measure(command: list[str]) -> Measured:
    before, began, memory = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            memory.append(sum(resident(pid) for pid in tree(process.pid)))
            time.sleep(0.5)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{command} ended {process.returncode}: {process.stderr and process.stderr.read()[-600:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Measured(
        time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, memory
    )


def definitions(home: Path, urls: set[str]) -> None:
    """A definition for each host that takes every page for an article."""
    (home / "sites").mkdir(parents=True)
    for number, home_url in enumerate(sorted(urls)):
        lines = f"url = '{home_url}'\nsince = 1990-01-01\narticle_url = '.'\n[[list]]\nurl = '{home_url}none/'\n"
        (home / "sites" / f"s{number}.toml").write_text(lines, encoding="utf-8")


def tenths(memory: list[float]) -> str:
    picked = [memory[min(len(memory) - 1, i * len(memory) // 10)] for i in range(1, 10)]
    return " ".join(f"{value:.0f}" for value in picked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)  # run by ourselves, as a process tree of its own
    options = parser.parse_args()
    if options.plain:
        run_plain(options.plain, options.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        home, archive = Path(folder) / "home", Path(folder) / "pages.warc.gz"
        refs = write_archive(archive, options.pages)
        definitions(home, {"/".join(page.url.split("/")[:3]) + "/" for page in pages(options.pages)})
        parknews = [sys.executable, "-m", "crawler", "--home", str(home)]
        subprocess.run([*parknews, "import", str(archive)], cwd=ROOT, check=False, capture_output=True)
        listed = subprocess.run([*parknews, "snapshot"], cwd=ROOT, check=True, capture_output=True).stdout
        items = listed.count(b'"_parknews"')
        print(f"{len(refs)} pages written, {items} items; {options.workers} workers on {os.cpu_count()} cores\n")
        lines = Path(folder) / "refs"
        lines.write_text("".join(f"{path} {offset} {length}\n" for path, offset, length in refs))
        me = [sys.executable, "-m", "benchmarks.reextraction", "--workers", str(options.workers), "--plain", str(lines)]
        found = {
            "parknews reextract": (items, measure([*parknews, "reextract", "--workers", str(options.workers)])),
            "plain trafilatura": (len(refs), measure(me)),
        }
    print("| | pages/s | wall s | CPU s | CPU ms a page | memory MB over time |\n|---|---|---|---|---|---|")
    for name, (count, one) in found.items():
        print(
            f"| {name} | {count / one.seconds:.0f} | {one.seconds:.0f} | {one.cpu:.0f} | {1000 * one.cpu / count:.1f} | {tenths(one.memory)} |"
        )


if __name__ == "__main__":
    main()
