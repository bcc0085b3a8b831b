"""The command line as a contract: exit codes, one clear line for what a user can mend, data on stdout alone."""

import itertools
import json
import logging
import os
import pty
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.lock import hold
from crawler.cli import main
from tests.conftest import ROOT, Ended, command, parknews, routed, site
from tests.servers import Play, ScriptedServer, answer

COMMANDS = [
    "add", "changes", "check", "crawl", "export", "extract", "fetch", "import", "init", "links", "pause", "rebuild", "reextract", "resume", "retire",
    "serve", "sites", "snapshot", "status", "verify",
]  # fmt: skip


def one_line(done: Ended, code: int, *words: str) -> None:
    """Check that a command ended with `code` and one line on stderr that holds `words`; nothing on stdout."""
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) == 1, done.err
    assert done.err.startswith("parknews: ")
    for word in words:
        assert word in done.err
    assert done.out == ""


Said = Callable[..., Ended]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Said:
    """`parknews` in this process, for what ends before anything is crawled: a process of its own costs two seconds."""

    def run(home: Path | None, *words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["parknews", *(("--home", str(home)) if home else ()), *words])
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
        code = main()
        out, err = capfd.readouterr()
        return Ended(code, err, out)

    return run


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    site(home, "park", "www.park.example")
    return home


# ------------------------------------------------------------------------------------------------------ definitions
def test_unknown_site_is_named_with_those_there_are(bare: Path, said: Said) -> None:
    one_line(said(bare, "crawl", "parc", *routed("::127.0.0.1:9")), 2, "parc", "have park")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('url = "http://www.park.example/', ("sites/broken.toml", "end of document")),
        (
            'url = "http://www.park.example/"\nevry = "6h"',
            ("sites/broken.toml", "evry", "did you mean every?", "(line 2)"),
        ),
        (
            'url = "http://www.park.example/"\n[[list]]\nurl = "http://www.park.example/l/"\ncolum = "x"',
            ("(line 4)", "list[0]", "colum; did you mean column?"),
        ),
        ('url = "http://www.park.example/"\n[politeness]\nhaste = 1', ("(line 3)", "haste; have delay, concurrency")),
        ('url = "http://www.park.example/"\nkind = gov', ("line 2", 'text needs "quotes"')),
        (
            'url = "http://www.park.example/"\n[[list]]\nurl = "http://www.park.example/l/"\ncms = "jpas"',
            ("list[0].cms", "jpas", "jpaas"),
        ),
        ('url = "www.park.example"', ("sites/broken.toml", "url", "absolute")),
        ('url = "http://www.park.example/"\nevery = "often"', ("every", "often", "6h")),
        ('url = "http://www.park.example/"\ntimezone = "Asia/Nowhere"', ("timezone", "Asia/Nowhere")),
        ('url = "http://www.park.example/"\nkind = "shop"', ("kind: ", "shop", "(line 2)")),
        ('url = "http://www.park.example/"\narticle_url = "("', ("article_url", "regular expression")),
        ('title = "no address"', ("sites/broken.toml", "url")),
    ],
)
def test_broken_definition_names_file_key_and_remedy(bare: Path, said: Said, text: str, words: tuple[str, ...]) -> None:
    (bare / "sites" / "broken.toml").write_text(text, encoding="utf-8")
    one_line(said(bare, "crawl", "broken", *routed("::127.0.0.1:9")), 2, *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("operator = ", ("parknews.toml",)),
        ('operater = "x"', ("parknews.toml", "operater; did you mean operator?", "(line 1)")),
        ('[limits]\npage_mb = "much"', ("parknews.toml", "page_mb")),
        ('collection = "a/b"', ("parknews.toml", "collection", "a/b")),
        ('operator = "a\\nb"\ncontact = "c@d"', ("parknews.toml", "operator")),
        ('operator = "a"\ncontact = "c"', ("parknews.toml", "contact", "mail address")),
    ],
)
def test_broken_configuration_names_file_and_key(bare: Path, said: Said, text: str, words: tuple[str, ...]) -> None:
    (bare / "parknews.toml").write_text(text)
    one_line(said(bare, "crawl", *routed("::127.0.0.1:9")), 2, *words)


def test_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    one_line(parknews(tmp_path / "file" / "home", "crawl"), 2, str(tmp_path / "file" / "home"), "--home")


@pytest.mark.parametrize("words", [("changes",), ("snapshot",), ("verify",), ("verify", "--manifest"), ("crawl",), ("status",),
    ("sites",), ("rebuild",), ("reextract",), ("serve", "--replay-only"), ("check", "park"), ("pause", "park"), ("export", "wacz", "park")])  # fmt: skip
@pytest.mark.parametrize("there", [False, True])
def test_only_what_brings_something_in_begins_a_home(
    tmp_path: Path, said: Said, words: tuple[str, ...], there: bool
) -> None:
    home = tmp_path / "mistyped"
    if there:  # a folder that is something else
        home.mkdir()
        (home / "letter.txt").write_text("ours")
    one_line(said(home, *words), 2, f"no home at {home}", f"parknews --home {home} init", "PARKNEWS_HOME")
    assert [path.name for path in home.glob("*")] == (["letter.txt"] if there else [])


@pytest.mark.parametrize("words", [("add", "http://www.park.example/"), ("fetch", "http://www.park.example/")])
def test_refusal_to_crawl_makes_no_home(tmp_path: Path, said: Said, words: tuple[str, ...]) -> None:
    one_line(said(tmp_path / "mistyped", *words), 2, "operator")
    assert not (tmp_path / "mistyped").exists()


def test_home_may_stand_behind_the_command_too(bare: Path, tmp_path: Path, said: Said) -> None:
    done = said(tmp_path / "other", "sites", "--json", "--home", str(bare))
    assert [one["name"] for one in json.loads(done.out)] == ["park"]


# -------------------------------------------------------------------------------------------------------------- init
WHO = ("--operator", "City Library", "--contact", "web@library.example")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--operator", "City Library", "--contact", "ask me"), ("--contact", "'ask me'", "mail address")),
        ((*WHO, "--collection", "parks@home"), ("--collection", "parks@home", "letters")),
        (("--operator", "City\tLibrary", "--contact", "web@library.example"), ("--operator", "control characters")),
        (("--operator", "City Library"), ("--contact", "needed")),
    ],
)
def test_init_names_the_wrong_answer_and_makes_nothing(
    tmp_path: Path, said: Said, words: tuple[str, ...], told: tuple[str, ...]
) -> None:
    one_line(said(tmp_path / "home", "init", *words), 2, *told)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("contact", ["web@library.example", "https://library.example/crawler"])
def test_init_says_what_to_type_next_so_that_a_shell_takes_it(tmp_path: Path, said: Said, contact: str) -> None:
    home = tmp_path / "my news"
    done = said(home, "init", "--operator", "City Library", "--contact", contact)
    assert done.code == 0, done.err
    words = shlex.split(done.err.partition("next: ")[2])
    assert words[1:] == ["--home", str(home), "add", "URL"]
    assert words[0] == "parknews" or (ROOT / words[0]).exists()


def test_init_asks_a_wrong_answer_again_and_keeps_the_others(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(
        command(tmp_path / "home", "init"), cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    os.write(ours, b"City Library\nnobody\nweb@library.example\nparks@home\nparks\n")
    _, err = asking.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert asking.returncode == 0, err
    assert "'nobody': a mail address" in err
    assert "'parks@home': ASCII" in err
    written = tomllib.loads((tmp_path / "home" / "parknews.toml").read_text())
    assert [written[key] for key in ("operator", "contact", "collection")] == [
        "City Library", "web@library.example", "parks",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ exports
@pytest.mark.parametrize("words", [("wacz", "kjt"), ("bag", "--from", "2020-01-01", "--to", "2040-01-01")])
def test_export_does_not_write_over_a_file(
    first_crawl: Path, tmp_path: Path, said: Said, words: tuple[str, ...]
) -> None:
    output = tmp_path / "ours.tar"
    output.write_text("ours")
    done = said(first_crawl, "export", *words, "--output", str(output))
    one_line(done, 2, f"{output} is there already", "--output", f"parknews export {words[0]} --help")
    assert output.read_text() == "ours"


def test_others_hosts_are_not_crawled_without_an_operator(bare: Path) -> None:
    one_line(parknews(bare, "crawl"), 2, "www.park.example", "operator", "parknews init")
    one_line(parknews(bare, "fetch", "http://www.park.example/"), 2, "operator")


# ----------------------------------------------------------------------------------------------------------- network
@pytest.mark.parametrize("route", ["nonsense", "a:b", "a:80:b:x", "::1::", ":80::80"])
@pytest.mark.parametrize("name", [("crawl",), ("fetch", "http://www.park.example/")])
def test_bad_route_is_quoted_with_the_form_that_would_do(
    bare: Path, said: Said, name: tuple[str, ...], route: str
) -> None:
    one_line(said(bare, *name, "--connect-to", route), 2, repr(route), "HOST:PORT:ADDR:PORT")


@pytest.mark.parametrize("line", ["{", "[]", "7", '"x"', "{}", '{"url": 5}', '{"url": "ftp://a/"}', '{"url": "http://a b/"}',
    '{"url": "http://a.example/", "body_base64": "%%%"}', '{"url": "http://a.example/", "headers": ["a"]}',
    '{"url": "http://a.example/", "headers": {"A": "b\\r\\nC: d"}}', '{"url": "http://a.example/", "method": "GET /"}',
    '{"url": "http://a.example:99999/"}', '{"url": "http://[::1/"}', '{"url": null}',
])  # fmt: skip
def test_bad_line_of_fetch_is_named_by_number_and_nothing_is_asked(
    bare: Path, said: Said, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "asks.jsonl"
    with ScriptedServer() as server:
        path.write_text(f'{{"url": "http://good.example/"}}\n\n{line}\n')
        done = said(bare, "fetch", "--from", str(path), *routed(server.connect_to))
        one_line(done, 2, "line 3")
        assert server.heard == []


@pytest.mark.parametrize(
    "line", ["not a url", "http://www.park.example/ news", "htp://www.park.example/", "ftp://www.park.example/"]
)
@pytest.mark.parametrize("where", ["URL", "line 3"])
def test_what_is_no_address_is_named_before_anything_is_asked(
    bare: Path, tmp_path: Path, said: Said, line: str, where: str
) -> None:
    path = tmp_path / "sites.txt"
    path.write_text(f"http://good.example/  # the first\n\n{line}\n")
    words = [line] if where == "URL" else ["--from", str(path)]
    with ScriptedServer() as server:
        one_line(said(bare, "add", *words, *routed(server.connect_to)), 2, where, repr(line), "http:// or https://")
        assert server.heard == []


def test_nobody_there_is_told_apart_from_being_kept_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    urls = ["http://nosuch.invalid/", f"http://shut.example:{port}/", "http://127.0.0.1:1/"]
    words = ["--connect-to", f"shut.example:{port}:127.0.0.1:{port}", "--delay", "0", "--timeout", "10"]
    (tmp_path / "parknews.toml").write_text('operator = "Command Line Test"\ncontact = "cli@example.org"\n')
    done = parknews(tmp_path, "add", "--yes", *urls, *words)
    assert done.code == 1
    told = {line.split()[1]: line for line in done.err.splitlines() if "  ->  " in line}
    assert "failed" in told[urls[0]]
    assert "the name nosuch.invalid is not known to DNS" in told[urls[0]]
    assert "failed" in told[urls[1]]
    assert f"nobody answers on shut.example:{port}" in told[urls[1]]
    assert "--allow-private if it is yours" in told[urls[2]]


@pytest.mark.parametrize("words", [("fetch",), ("fetch", "www.park.example"), ("fetch", "--from", "/nowhere.jsonl"), ("crawl", "--limit", "0"),
    ("crawl", "--delay", "-1"), ("crawl", "--nonsense"), ("nonsense",), ("extract",), ("changes", "--since", "x")])  # fmt: skip
def test_wrong_use_is_one_line_and_exit_2(bare: Path, said: Said, words: tuple[str, ...]) -> None:
    one_line(said(bare, *words), 2)


def test_fetch_prints_a_line_for_every_url_and_hop_and_nothing_else_on_stdout(bare: Path) -> None:
    moved = Play(answer(b"", "Location: /there", status="HTTP/1.1 302 Found"))
    script = {
        "/robots.txt": Play(answer(b"User-agent: *\nDisallow: /no")),
        "/moved": moved,
        "/there": Play(answer(b"here")),
    }
    with ScriptedServer(script) as server:
        urls = [f"http://www.park.example{path}" for path in ("/moved", "/no", "/missing")]
        done = parknews(bare, "fetch", *urls, *routed(server.connect_to))
    assert done.code == 0, done.err
    found = {line["url"].partition(".example")[2]: (line["status"], line["error"]) for line in done.lines}
    assert found == {"/moved": (302, None), "/there": (200, None), "/no": (None, "robots"), "/missing": (404, None)}
    assert all({"url", "status", "warc", "offset", "error"} <= line.keys() for line in done.lines)


def test_fetch_waits_for_its_turn_when_urls_share_a_host(bare: Path) -> None:
    """With a delay, too: the second and third are not left out."""
    script = {path: Play(answer(b"x")) for path in ("/1", "/2", "/3")}
    with ScriptedServer(script) as server:
        urls = [f"http://www.park.example{path}" for path in script]
        done = parknews(bare, "fetch", *urls, "--connect-to", server.connect_to, "--delay", "0.4")
        assert [line["status"] for line in done.lines] == [200, 200, 200]
        moments = [one.at for one in server.heard]
        assert all(later - earlier >= 0.19 for earlier, later in itertools.pairwise(moments))  # delay - 50 %


def test_fetch_says_so_when_robots_txt_cannot_be_had(bare: Path) -> None:
    script = {"/robots.txt": Play(answer(b"down", status="HTTP/1.1 503 Down")), "/1": Play(answer(b"x"))}
    with ScriptedServer(script) as server:
        done = parknews(bare, "fetch", "http://www.park.example/1", *routed(server.connect_to))
        assert [(line["status"], line["error"]) for line in done.lines] == [(None, "robots-unreachable")]
        assert "/1" not in server.paths()


@pytest.mark.parametrize(("to", "error"), [("nodns.invalid:80", "dns"), ("127.0.0.1:9", "connection-refused")])
def test_fetch_names_what_is_wrong_with_a_dead_host(bare: Path, to: str, error: str) -> None:
    home = bare.with_name("named")
    assert parknews(home, "init", "--operator", "Test", "--contact", "test@park.example").code == 0
    done = parknews(home, "fetch", "http://www.park.example/", *routed(f"::{to}"))
    assert [(line["status"], line["error"]) for line in done.lines] == [(None, error)], done.err


def test_fetch_calls_no_host_dead_for_where_its_robots_txt_leads(bare: Path) -> None:
    script = {"/robots.txt": Play(answer(b"", "Location: http://www.away.example/", status="HTTP/1.1 301 Moved"))}
    with ScriptedServer(script) as server:
        routes = routed(server.connect_to.replace("::", "www.park.example:80:", 1), "www.away.example:80:127.0.0.1:9")
        done = parknews(bare, "fetch", "http://www.park.example/1", *routes)
    assert [(line["status"], line["error"]) for line in done.lines] == [(None, "robots-unreachable")], done.err


# ------------------------------------------------------------------------------------------------- logs and findings
def test_due_crawl_writes_lines_for_a_log_and_status_ends_1_while_a_finding_is_new(bare: Path, said: Said) -> None:
    gone = {"/robots.txt": Play(answer(status="HTTP/1.1 404 Not Found"))}
    with ScriptedServer(gone) as server:  # its list is not there
        first = parknews(bare, "crawl", "--due", *routed(server.connect_to))
        lines = first.err.splitlines()
        assert (first.code, first.out, len(lines)) == (1, "", 2), first.err
        assert re.fullmatch(
            r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ run 1: 1 sites, 3 requests, 0 new, 0 update, 0 moved, 0 delete, \d errors, 1 new findings",
            lines[0],
        )  # fmt: skip
        assert re.fullmatch(r"20\S+Z NEW park: list-failed: .*", lines[1])
        assert said(bare, "crawl", "--due", *routed(server.connect_to)) == Ended(0, "", "")  # nothing is due
        told = said(bare, "status")
        assert told.code == 1
        assert "NEW park: list-failed" in told.err
        assert parknews(bare, "crawl", *routed(server.connect_to)).code == 0  # the same finding is no news
    with closing(sqlite3.connect(bare / "state.sqlite")) as db, db:
        db.execute("UPDATE finding SET since = since - 7200")
    assert said(bare, "status").code == 1  # first seen within the day that `status` looks back
    assert said(bare, "status", "--since", "1h").code == 0


# ----------------------------------------------------------------------------------------------------- reading tools
def test_changes_of_a_site_that_never_was_are_wrong_use(crawled: Path, said: Said) -> None:
    one_line(said(crawled, "changes", "--site", "kjtt"), 2, "kjtt", "have", "kjt")
    (crawled / "sites" / "kjt.toml").unlink()  # its events stay, so its name stays known
    done = said(crawled, "changes", "--site", "kjt")
    assert (done.code, done.err) == (0, "")
    assert {line["site"] for line in done.lines} == {"kjt"}


def test_changes_after_the_end_of_the_log_say_so(first_crawl: Path, said: Said) -> None:
    end = said(first_crawl, "changes").lines[-1]["seq"]
    assert said(first_crawl, "changes", "--since", str(end)) == Ended(0, "", "")
    beyond = said(first_crawl, "changes", "--since", str(end + 1))
    assert (beyond.code, beyond.out) == (0, "")
    assert f"the log ends at {end}" in beyond.err


def test_extract_says_when_a_page_looks_like_a_list(tmp_path: Path, said: Said) -> None:
    page = tmp_path / "list page.html"
    rows_ = "".join(
        f'<li><a href="/art/{n}.html">The park opens its hall number {n}</a><span>2026-10-{n:02}</span></li>'
        for n in range(1, 21)
    )
    page.write_text(f"<html><title>News</title><body><ul>{rows_}</ul></body></html>", encoding="utf-8")
    done = said(None, "extract", str(page), "--url", "http://www.park.example/news/")
    assert (done.code, done.lines[0]["content_text"]) == (0, None)
    head, _, line = done.err.strip().partition("parknews ")
    assert "looks like a list" in head
    assert len(said(None, *shlex.split(line)).lines[0]["articles"]) == 20


# ---------------------------------------------------------------------------------------------------------- holders
def test_site_that_another_process_crawls_is_exit_4(bare: Path) -> None:
    with hold(bare / "lock" / "site-park.lock"):
        one_line(parknews(bare, "crawl", *routed("::127.0.0.1:9")), 4, "site-park is held by process")


def test_home_in_use_is_not_rebuilt(bare: Path) -> None:
    with hold(bare / "lock" / "home.lock", shared=True):
        one_line(parknews(bare, "rebuild"), 4, "home is held by")


# ------------------------------------------------------------------------------------------------------------- help
@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_an_example_to_paste(said: Said, name: str) -> None:
    help_ = said(None, name, "--help").out
    assert re.search(rf"^\s+parknews (?:--home \S+ )?{name}\b", help_, re.M), help_


@pytest.mark.parametrize("words", [(), ("export",)])
def test_a_command_without_words_shows_its_help(said: Said, words: tuple[str, ...]) -> None:
    done = said(None, *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: parknews")
    assert "Commands:" in done.err


def test_every_command_is_looked_at_here() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    listed = re.findall(r"^  ([a-z]+)  ", done.stdout.partition("Commands:")[2], re.M)
    assert sorted(listed) == COMMANDS
    assert "Exit: 0 well; 1" in done.stdout


def test_scrapy_finds_the_spider_from_the_root() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["news"]


def test_home_comes_from_the_environment_too(bare: Path) -> None:
    words = [word for word in command(bare, "sites", "--json") if word not in ("--home", str(bare))]
    environment = os.environ | {"PARKNEWS_HOME": str(bare)}
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, env=environment)
    assert [one["name"] for one in json.loads(done.stdout)] == ["park"]


def test_slip_in_one_definition_stops_no_other_site_and_is_shown(bare: Path) -> None:
    (bare / "parknews.toml").write_text('operator = "Test"\ncontact = "a@example.org"\n')
    (bare / "sites" / "broken.toml").write_text('url = "http://www.broken.example/"\nevry = "6h"\n')
    done = parknews(bare, "crawl", "--due", *routed("::127.0.0.1:9"), "--timeout", "2")
    assert done.code == 1
    assert "broken.toml" in done.err
    assert re.search(r"^20\S+Z parknews: \S+broken\.toml: .*evry.* \(left out\)$", done.err, re.M), done.err
    status = json.loads(parknews(bare, "status", "--json").out)
    assert [row["site"] for row in status["sites"]] == ["park"]
    assert status["sites"][0]["last_run"] is not None
    assert {(one["site"], one["kind"]) for one in status["findings"]} >= {("broken", "definition"), ("park", "left")}
    one_line(parknews(bare, "crawl", "broken"), 2, "broken.toml", "evry")


def test_items_of_a_site_whose_definition_is_gone_are_named(crawled: Path) -> None:
    (crawled / "sites" / "tv.toml").unlink()
    (finding,) = json.loads(parknews(crawled, "status", "--json").out)["findings"]
    assert (finding["site"], finding["kind"]) == ("tv", "no-definition")
    assert "put it back" in finding["detail"]


@pytest.mark.parametrize("words", ["--version", "crawl --help", "status", "sites", "changes", "snapshot"])
def test_command_that_crawls_nothing_loads_no_crawler(crawled: Path, words: str) -> None:
    """Scrapy and its downloader cost most of a second, which whoever asks for news every minute would pay."""
    program = (
        "import sys\nfrom crawler.cli import main\n"
        "code = main()\n"
        "print('ended', code, *{'scrapy', 'trafilatura', 'requests'} & set(sys.modules), file=sys.stderr)"
    )
    words_of = [sys.executable, "-c", program, "--home", str(crawled), *words.split()]
    done = subprocess.run(words_of, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.fullmatch("ended [01]", done.stderr.splitlines()[-1])
