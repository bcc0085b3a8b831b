"""CPU a page of our capture against stock Scrapy's HTTP/1.1 handler, in interleaved rounds on gzipped pages.

    python -m benchmarks.capture [--rounds 7] [--pages 900] [--plain]

A small server process of its own sends 900 pages of 30 to 150 KB, made of the demo sites' sentences, gzipped (--plain: not).
Every side is the same bare spider over 16 connections; only the download handler differs:

    stock            Scrapy's handler as it comes: the body is unpacked and held
    stock, packed    the same without unpacking
    wire + WARC      our wire and writer: every byte spooled, hashed, written as response, request and metadata
    wire + tape      the same with crawl.log, look-up of digests and the state's commits, as in a crawl

Printed: CPU of the crawl process a page (the kernel's account, from the first answer to the end), and the median of the
rounds' ratios to stock; the bar for wire + WARC is 1.25.
"""

import argparse
import asyncio
import gzip
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from tests.demo.text import Writer

BAR = 1.25
CONNECTIONS = 16
SIDES = ("stock", "stock, packed", "wire + WARC", "wire + tape")
STATIC = '<li class="item-{n}"><a href="/nav/{n}/index.html" target="_blank" title="栏目{n}">栏目{n}</a></li>\n'


def pages(count: int) -> list[bytes]:
    """Make pages as CMSs do: much markup that repeats, and an article in it."""
    writer, chance, made = Writer("capture"), random.Random(1), list[bytes]()
    shell = "".join(STATIC.format(n=n) for n in range(60))
    texts = [text for day in range(1, 29) for text in writer.news(date(2026, 1, day), 6).paragraphs]
    for number in range(count):
        size, body = chance.randrange(30_000, 150_000) - 2 * len(shell), list[str]()
        while size > 0:
            piece = f'<p style="text-indent: 2em; line-height: 1.75em">{chance.choice(texts)}{number}</p>\n'
            body += [piece, STATIC.format(n=chance.randrange(10_000)) * 2]
            size -= sum(len(part.encode()) for part in body[-2:])
        text = f"<!doctype html><html><head><title>{number}</title></head><body><ul>{shell}</ul>{''.join(body)}</body></html>"
        made.append(text.encode())
    return made


# ------------------------------------------------------------------------------------------------------------- server
async def serve(folder: Path, plain: bool) -> None:
    """Answer GET /N with page N, over connections that are kept; print the port."""
    heads = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n{}Content-Length: {}\r\n\r\n"
    answers = []
    for path in sorted(folder.glob("*.html"), key=lambda path: int(path.stem)):
        data = path.read_bytes()
        body = data if plain else gzip.compress(data, 6, mtime=0)
        answers.append(heads.format("" if plain else "Content-Encoding: gzip\r\n", len(body)).encode() + body)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(answers[int(request.split()[1][1:])])
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# -------------------------------------------------------------------------------------------------------------- crawl
def crawl(side: str, port: int, count: int, folder: Path) -> None:
    """Ask every page once with one of the handlers; print the CPU seconds from the first answer to the end."""
    from scrapy import Request, Spider, signals
    from scrapy.crawler import AsyncCrawlerProcess

    began: list[float] = []

    class Bare(Spider):
        name = "bare"

        async def start(self) -> Any:
            for number in range(count):
                yield Request(f"http://127.0.0.1:{port}/{number}", dont_filter=True)

        def parse(self, response: Any) -> None:  # noqa: ARG002  # Scrapy's interface
            if not began:
                began.append(cpu())

    settings: dict[str, Any] = {
        "LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": False, "RETRY_ENABLED": False,
        "CONCURRENT_REQUESTS": CONNECTIONS, "CONCURRENT_REQUESTS_PER_DOMAIN": CONNECTIONS, "DOWNLOAD_DELAY": 0,
        "COMPRESSION_ENABLED": side == "stock", "CONCURRENT_ITEMS": 1,
    }  # fmt: skip
    if side.startswith("wire"):
        from benchmarks import handlers

        handlers.folder, handlers.with_state = folder, side == "wire + tape"
        settings["DOWNLOAD_HANDLERS"] = {"http": "benchmarks.handlers.Taped"}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Bare)
    answered: list[int] = []
    crawler.signals.connect(lambda: answered.append(1), signals.response_received, weak=False)
    process.crawl(crawler)
    process.start()
    if len(answered) != count:
        raise SystemExit(f"{side}: {len(answered)} of {count} pages came")
    print(cpu() - began[0])


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(*words: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.capture", *words]


def measure(side: str, port: int, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            run("--side", side, "--port", str(port), "--pages", str(count), "--folder", folder),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        return float(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pages", type=int, default=900)
    parser.add_argument("--plain", action="store_true", help="pages are not sent gzipped")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.folder, given.plain))
    elif given.side:
        crawl(given.side, given.port, given.pages, given.folder)
    else:
        return compare(given.rounds, given.pages, given.plain)
    return 0


def compare(rounds: int, count: int, plain: bool) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, data in enumerate(pages(count)):
            (folder / f"{number}.html").write_bytes(data)
        words = run("--serve", "--folder", name, *(["--plain"] if plain else []))
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            try:
                found: dict[str, list[float]] = {side: [] for side in SIDES}
                for number in range(rounds + 1):  # the first round warms caches and is not counted
                    for side in SIDES if number % 2 else reversed(SIDES):
                        found[side].append(measure(side, port, count))
            finally:
                server.terminate()
    kept = {side: times[1:] for side, times in found.items()}
    print(f"{count} pages, {'plain' if plain else 'gzipped'}, medians of {rounds} rounds")
    print(f"{'':<16}{'ms CPU/page':>12}{'best':>8}{'ratio to stock':>16}{'to packed':>11}")
    ratios = {}
    for side, times in kept.items():
        to = {
            other: statistics.median(mine / theirs for mine, theirs in zip(times, kept[other], strict=True))
            for other in SIDES[:2]
        }
        ratios[side] = to["stock"]
        middle, best = 1000 * statistics.median(times) / count, 1000 * min(times) / count
        print(f"{side:<16}{middle:>12.2f}{best:>8.2f}{to['stock']:>16.2f}{to['stock, packed']:>11.2f}")
    print(json.dumps({"bar": BAR, "wire + WARC": round(ratios["wire + WARC"], 3)}))
    return 0 if plain or ratios["wire + WARC"] <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
