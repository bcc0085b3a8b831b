"""Other people's programs take our WACZ: py-wacz calls it valid, wabac and ReplayWeb.page show its pages."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.index import Row, index_lines
from archive.message import parse_message
from archive.paths import Home
from archive.reader import read_record, scan
from archive.replay import ENVIRONMENT
from tests.chromium import Chromium, ChromiumError, Tab
from tests.conftest import crawl, well
from tests.demo.server import DemoServer
from tests.showing import LIVE, article_of, loaded, look, needed, page_of

pytestmark = pytest.mark.slow
PY_WACZ = "wacz==0.6.0"
REPLAYWEB = "replaywebpage@2.5.3"
FRAME = "document.querySelector('iframe')"
SHOWN = f"{FRAME}?.contentDocument"
NOT_FOUND = "Archived Page Not Found"  # the title of wabac's own page
# A page that hands a WACZ to wabac's service worker, as ReplayWeb.page does.
WABAC_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>waiting</title>
<iframe width="1270" height="880"></iframe><script>
const worker = navigator.serviceWorker;
worker.addEventListener("message", event => { if (event.data.msg_type == "collAdded") document.title = "ready"; });
const ask = () => worker.controller.postMessage({
  msg_type: "addColl", name: "NAME", file: {sourceUrl: new URL("NAME.wacz", location).href}, skipExisting: false});
worker.addEventListener("controllerchange", ask);
worker.register("sw.js").then(() => worker.controller && ask());
</script>"""
REPLAYWEB_PAGE = """<!DOCTYPE html><meta charset="utf-8"><script src="ui.js"></script>
<replay-web-page source="demo.wacz" url="URL" embed="full" style="height: 800px"></replay-web-page>"""
# The archived page inside ReplayWeb.page's nested components.
INSIDE = """(function find(root) {
  for (const one of root.querySelectorAll("*")) {
    const there = one.tagName == "IFRAME" && one.contentDocument;
    if (there && one.contentWindow.location.pathname.includes("mp_/")) return there;
    const found = (there && find(there)) || (one.shadowRoot && find(one.shadowRoot));
    if (found) return found;
  }
  return null;
})(document)"""
PAGES_FOUND = """(function find(root, found) {
  for (const one of root.querySelectorAll("*")) {
    if (one.tagName == "WR-PAGE-ENTRY" && one.page) found.push(one.page.title);
    if (one.tagName == "IFRAME" && one.contentDocument) find(one.contentDocument, found);
    if (one.shadowRoot) find(one.shadowRoot, found);
  }
  return found;
})(document, [])"""


@pytest.fixture(scope="module")
def later(first_crawl: Path, demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The crawled demo sites, looked at again: lists answer 304."""
    root = Path(shutil.copytree(first_crawl, tmp_path_factory.mktemp("later") / "home"))
    demo_server.state = 1
    crawl(root, demo_server.connect_to)
    return Home(root)


@pytest.fixture(scope="module")
def exported(later: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A WACZ of two sites: one of plain pages, one whose columns come by calls."""
    folder = tmp_path_factory.mktemp("exported")
    for name in ("kjt", "tv"):
        well(later.root, "export", "wacz", name, "--output", str(folder / f"{name}.wacz"))
    return {name: folder / f"{name}.wacz" for name in ("kjt", "tv")}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server on `tmp_path` / "web", with byte ranges; its address."""
    folder = tmp_path / "web"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class Ranges(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            return super().do_GET()
        data = path.read_bytes()
        first = int(asked[1]) if asked[1] else max(len(data) - int(asked[2]), 0)
        last = min(int(asked[2]), len(data) - 1) if asked[1] and asked[2] else len(data) - 1
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(data[first : last + 1])
        return None

    def end_headers(self) -> None:
        # A test puts another page in place of the first, often in the same second, and Last-Modified has no less:
        # the browser was told 304, kept the first page, and the package of the second was never opened.
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def py_wacz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """py-wacz in an environment of its own: it brings fifty packages."""
    folder = tmp_path_factory.mktemp("py-wacz")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", PY_WACZ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    needed(done.returncode == 0, f"{PY_WACZ} cannot be installed: {done.stderr[-300:]}")
    return folder / "bin" / "wacz"


@pytest.mark.parametrize("name", ["kjt", "tv"])
def test_py_wacz_calls_it_valid(py_wacz: Path, exported: dict[str, Path], name: str) -> None:
    words = [str(py_wacz), "validate", "-f", str(exported[name])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation succeeded, the passed WACZ is valid" in done.stdout


@pytest.mark.parametrize("name", ["kjt", "tv"])
def test_wabac_shows_pages_as_they_are_live(
    browser: Chromium, exported: dict[str, Path], demo: DemoServer, web: str, tmp_path: Path, name: str
) -> None:
    tab = opened_by_wabac(browser, exported[name], web, tmp_path / "web")
    for kind in ("home", "column", "article"):
        url = page_of(name, kind)
        live = browser.tab()
        live.go(url, loaded(LIVE))
        wanted = look(live, LIVE)
        live.close()
        demo.hits.clear()
        show(tab, f"{web}w/{name}/", url)
        assert look(tab, SHOWN) == wanted, kind
        assert demo.hits == []
    tab.close()


def test_wabac_shows_the_original_for_a_revisit_and_a_304(
    browser: Chromium, later: Home, exported: dict[str, Path], web: str, tmp_path: Path
) -> None:
    twice = next(
        row for row in map(Row.read, index_lines(later.index)) if row.mime == "warc/revisit" and ".demo" in row.url
    )
    site = twice.url.split("/")[2].partition(".")[0]
    path = tmp_path / "revisit.wacz"
    well(later.root, "export", "wacz", site, "--output", str(path))
    tab = opened_by_wabac(browser, path, web, tmp_path / "web")
    picture = f"fetch('{web}w/revisit/{twice.timestamp}id_/{twice.url}').then(one => one.bytes())"
    size = tab.evaluate(f"{picture}.then(one => one.length)")
    assert size == original_size(later, twice)
    tab.close()
    column = page_of("kjt", "column")
    checked = [
        entry.ref.date
        for warc in sorted(later.warc.glob("*.warc.gz"))
        for entry in scan(warc)
        if entry.headers.uri("WARC-Target-URI") == column
        and "not-modified" in (entry.headers.get("WARC-Profile") or "")
    ]
    tab = opened_by_wabac(browser, exported["kjt"], web, tmp_path / "web")
    show(tab, f"{web}w/kjt/", column, re.sub("[^0-9]", "", checked[0])[:14])
    assert "工作动态" in tab.evaluate(f"{SHOWN}.title")
    assert tab.evaluate(f"{SHOWN}.body.innerText.length") > 500
    tab.close()


def test_replayweb_page_opens_it_and_finds_chinese_words(
    browser: Chromium, exported: dict[str, Path], web: str, tmp_path: Path
) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch ReplayWeb.page with")
    done = subprocess.run([npm, "pack", REPLAYWEB], cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{REPLAYWEB} cannot be fetched: {done.stderr[-300:]}")
    subprocess.run(["tar", "xzf", done.stdout.split()[-1]], cwd=tmp_path, check=True)
    folder = tmp_path / "web"
    (folder / "replay").mkdir()
    for there in (folder / "ui.js", folder / "replay" / "ui.js", folder / "replay" / "sw.js"):
        shutil.copy(tmp_path / "package" / there.name, there)
    shutil.copy(exported["kjt"], folder / "demo.wacz")
    article = article_of("kjt")
    (folder / "index.html").write_text(REPLAYWEB_PAGE.replace("URL", article))
    tab = browser.tab()
    with_worker(tab, web)
    tab.go(web, f"{INSIDE}?.readyState == 'complete' && {INSIDE}.images.length > 0", 60)
    tab.wait(f"[...{INSIDE}.images].every(one => one.naturalWidth > 0)")
    headline = max(re.findall("[一-鿿]{5,}", tab.evaluate(f"{INSIDE}.title")), key=len)
    assert [url for url in tab.asked if not url.startswith((web, "data:", "blob:"))] == []
    tab.close()
    word = headline[1:4]  # from the middle, where no blank parts it from its neighbours
    (folder / "index.html").write_text(
        REPLAYWEB_PAGE.replace('url="URL"', "").replace("embed", f'query="{word}" embed')
    )
    tab = browser.tab()
    tab.go(f"{web}#view=pages&query={word}", f"{PAGES_FOUND}.length > 0", 60)
    tab.browser.pump(3)
    found = tab.evaluate(PAGES_FOUND)
    assert any(word in one for one in found), (word, found)
    assert len(found) < 10  # of some fifty pages
    tab.close()


def original_size(home: Home, twice: Row) -> int:
    """Return the length of the payload that a revisit repeats."""
    same = (row for row in map(Row.read, index_lines(home.index)) if row.digest == twice.digest and row.status == "200")
    first = next(same)
    return len(parse_message(read_record(home.warc / first.filename, first.offset).block).body)


def opened_by_wabac(browser: Chromium, wacz: Path, web: str, folder: Path) -> Tab:
    """Open a WACZ with the copy of wabac that pywb brings along (AGPL: used as it is, never ours)."""
    worker = next(ENVIRONMENT.glob("lib/python3*/site-packages/pywb/static/wabacSW.js"), None)
    needed(worker, "no pywb in .venv-replay: make setup")
    assert worker is not None
    shutil.copy(worker, folder / "sw.js")
    shutil.copy(wacz, folder)
    (folder / "index.html").write_text(WABAC_PAGE.replace("NAME", wacz.stem))
    tab = browser.tab()
    tab.go(web, "document.title == 'ready'", 60)
    return tab


def with_worker(tab: Tab, web: str) -> None:
    """Open a page of ReplayWeb.page and wait until its service worker is active.

    Its frame leads to an address that only the worker answers.  On a first visit the frame may be faster, and then shows
    for ever what the server has there, here a directory: under load 2 of 15 times.
    """
    tab.go(web, "document.readyState == 'complete'")
    worker = "navigator.serviceWorker.getRegistration('replay/').then(one => one?.active?.state)"
    for _ in range(300):
        if tab.evaluate(worker) == "activated":
            return
        tab.browser.pump(0.1)
    raise AssertionError(f"the worker of ReplayWeb.page is {tab.evaluate(worker)}")


def show(tab: Tab, place: str, url: str, at: str = "") -> None:
    """Show a page.  place: the collection's address, ended by a slash."""
    tab.evaluate(f"{FRAME}.src = {json.dumps(f'{place}{at}mp_/{url}')}")
    try:
        tab.wait(f"{loaded(SHOWN)} && {FRAME}.contentWindow.location.href.endsWith({json.dumps(f'mp_/{url}')})")
    except ChromiumError as error:
        raise AssertionError(f"{url} does not show: {error}") from error
    assert tab.evaluate(f"{SHOWN}.title") != NOT_FOUND, tab.refused
