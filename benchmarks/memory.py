"""Memory of a crawl, workers included: flat over 20,000 fetches, and with one attachment of 300 MB.

    python -m benchmarks.memory [--fetches 20000] [--attachment 300]

A server process of its own plays 20 sites, each a list with page turns and articles of 20 to 60 KB sent gzipped, and one
site with an article whose attachment is long.  They are crawled as users do (capture, archive, state, extraction, change
log), without delay.  Printed: memory of the process tree at each quarter, and its peak up to there; then the same of the
crawl that brings the attachment.  Memory is the sum of the proportional set sizes (PSS: pages that processes share
count once), looked at four times a second.  Bar: 400 MB.
"""

import argparse
import asyncio
import gzip
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from archive.reader import scan
from benchmarks.pipeline import resident, tree
from tests.demo.text import Writer

BAR = 400.0  # MB
SITES, ROWS = 20, 50  # rows a list page
STEP = 0.25  # seconds between looks
MEGABYTE = 1 << 20
PAGE = '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{0}</title></head><body>{1}</body></html>'
LONG = "long"


# ------------------------------------------------------------------------------------------------------------- server
def day(number: int) -> date:
    """Return the day of an article: recent, or the crawl would end with the finding that a site fell silent."""
    return date.today() - timedelta(number % 28)


class Sites:
    """Answers of all sites, made when asked for: nothing is held but a stock of paragraphs."""

    def __init__(self, articles: int, megabytes: int) -> None:
        self.articles, self.megabytes, self.asked = articles, megabytes, 0
        writer = Writer("memory")
        drafts = [writer.news(date(2026, 1, 1) + timedelta(day), 6) for day in range(28)]
        self.texts = [text for draft in drafts for text in draft.paragraphs]
        self.block = random.Random(2).randbytes(MEGABYTE)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readline():
            host = ""
            while line := (await reader.readline()).strip():
                if line.lower().startswith(b"host:"):
                    host = line[5:].strip().decode().partition(".")[0]
            self.asked += 1
            path = request.split()[1].decode()
            if path.endswith(".zip"):
                self.head(writer, "200 OK", "application/zip", self.megabytes * MEGABYTE)
                for number in range(self.megabytes):
                    writer.write(number.to_bytes(8) + self.block[8:])
                    await writer.drain()
            elif path == "/asked":
                self.asked -= 1
                self.send(writer, "200 OK", str(self.asked).encode())
            else:
                text = self.page(host, path)
                self.send(writer, "200 OK" if text else "404 Not Found", gzip.compress(text.encode(), 6, mtime=0), True)
            await writer.drain()
        writer.close()

    def send(self, writer: asyncio.StreamWriter, status: str, body: bytes, packed: bool = False) -> None:
        self.head(writer, status, "text/html; charset=utf-8", len(body), packed)
        writer.write(body)

    def head(self, writer: asyncio.StreamWriter, status: str, mime: str, length: int, packed: bool = False) -> None:
        coding = "Content-Encoding: gzip\r\n" if packed else ""
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: {mime}\r\n{coding}Content-Length: {length}\r\n\r\n".encode())

    def page(self, host: str, path: str) -> str:
        count = 1 if host == LONG else self.articles
        kind, _, number = path.strip("/").removesuffix(".html").partition("/")
        if kind == "":
            return PAGE.format("首页", '<ul><li><a href="/list/">动态</a></li></ul>')
        if kind == "list":
            return self.listing(int(number or 1), count)
        return self.article(host, int(number)) if kind == "art" else ""

    def listing(self, number: int, count: int) -> str:
        first, last = (number - 1) * ROWS, min(number * ROWS, count)
        rows = "".join(
            f'<li><a href="/art/{one}.html">{self.title(one)}</a><span>{day(one)}</span></li>\n'
            for one in range(first, last)
        )
        turn = f'<a href="/list/{number + 1}.html">下一页</a>' if last < count else ""
        return PAGE.format("动态", f'<ul class="list">\n{rows}</ul><div class="page">{turn}</div>')

    def title(self, number: int) -> str:
        return f"第{number}号通报：{self.texts[number % len(self.texts)][:14]}"

    def article(self, host: str, number: int) -> str:
        chance, size = random.Random(f"{host}{number}"), 0
        paragraphs = []
        wanted = chance.randrange(20_000, 60_000)
        while size < wanted:
            paragraphs.append(f"<p>{chance.choice(self.texts)}</p>")
            size += len(paragraphs[-1].encode())
        link = '<p>附件：<a href="/files/volume.zip">全部材料.zip</a></p>' if host == LONG else ""
        info = f'<div class="info">发布时间：{day(number)} 来源：{host}</div>'
        return PAGE.format(
            self.title(number),
            f'<h1>{self.title(number)}</h1>{info}<div class="content">{"".join(paragraphs)}{link}</div>',
        )


async def serve(articles: int, megabytes: int) -> None:
    server = await asyncio.start_server(Sites(articles, megabytes).answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def served(articles: int, megabytes: int) -> Iterator[int]:
    words = [sys.executable, "-m", "benchmarks.memory", "--serve", str(articles), "--attachment", str(megabytes)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


# -------------------------------------------------------------------------------------------------------------- crawl
def new_home(home: Path, megabytes: int) -> None:
    (home / "sites").mkdir(parents=True)
    (home / "parknews.toml").write_text(f"[limits]\nrequests_per_day = 100000\nattachment_mb = {megabytes + 1}\n")
    for name in [*(f"park{number}" for number in range(SITES)), LONG]:
        url = f"http://{name}.memory.example"
        (home / "sites" / f"{name}.toml").write_text(
            f'url = "{url}/"\nsince = 2019-01-01\n[[list]]\nurl = "{url}/list/"\n'
        )


def watch(home: Path, port: int, sites: list[str], look: Callable[[float], None]) -> None:
    """Crawl sites; `look` gets the memory of the process tree in MB."""
    words = [sys.executable, "-m", "crawler", "--home", str(home), "crawl", *sites, "--full", "--delay", "0"]
    words += ["--connect-to", f"::127.0.0.1:{port}", "--timeout", "600"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            look(sum(resident(pid) for pid in tree(process.pid)))
            time.sleep(STEP)
        if process.returncode:
            raise SystemExit(f"the crawl ended {process.returncode}: {process.stderr and process.stderr.read()[-800:]}")


def asked(port: int) -> int:
    from urllib.request import urlopen

    with urlopen(f"http://127.0.0.1:{port}/asked", timeout=60) as answer:
        return int(answer.read())


def longest(home: Path) -> int:
    """Return the length of the longest record block of a home."""
    return max(entry.block_length for path in (home / "warc").glob("*.warc.gz") for entry in scan(path))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fetches", type=int, default=20_000)
    parser.add_argument("--attachment", type=int, default=300, metavar="MB")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.attachment))
        return 0
    articles = given.fetches // SITES
    with tempfile.TemporaryDirectory() as folder, served(articles, given.attachment) as port:
        home = Path(folder) / "home"
        new_home(home, given.attachment)
        worst = max(many(home, port, given.fetches), one(home, port, given.attachment))
    print(f"peak {worst:.0f} MB, bar {BAR:.0f} MB")
    return 0 if worst < BAR else 1


def many(home: Path, port: int, fetches: int) -> float:
    """Crawl the sites with many articles; print memory at each quarter of the fetches, return the peak."""
    marks = [fetches * quarter // 4 for quarter in (1, 2, 3, 4)]
    peak, since, began = 0.0, 0.0, time.monotonic()
    print(f"{'fetches':>9}{'seconds':>9}{'MB now':>9}{'peak of quarter':>17}{'peak so far':>13}", flush=True)

    def look(memory: float) -> None:
        nonlocal peak, since
        peak, since = max(peak, memory), max(since, memory)
        if marks and memory and asked(port) >= marks[0]:
            print(
                f"{marks.pop(0):>9}{time.monotonic() - began:>9.0f}{memory:>9.0f}{since:>17.0f}{peak:>13.0f}",
                flush=True,
            )
            since = 0.0

    watch(home, port, [f"park{number}" for number in range(SITES)], look)
    print(f"{asked(port):>9}{time.monotonic() - began:>9.0f}{'-':>9}{since:>17.0f}{peak:>13.0f}  the end", flush=True)
    return peak


def one(home: Path, port: int, megabytes: int) -> float:
    """Crawl the site with the long attachment; print the peak and return it."""
    peak = 0.0

    def look(memory: float) -> None:
        nonlocal peak
        peak = max(peak, memory)

    watch(home, port, [LONG], look)
    found = longest(home) / MEGABYTE
    if found < megabytes:
        raise SystemExit(f"the longest record has {found:.0f} MB: the attachment was not archived whole")
    print(f"a crawl with an attachment of {megabytes} MB, archived whole: peak {peak:.0f} MB", flush=True)
    return peak


if __name__ == "__main__":
    sys.exit(main())
