"""What the replay tests share: which demo pages to look at, and what a page looks like in a browser."""

import json
import os
import re
import socket
from typing import Any

import pytest

from tests.chromium import Tab
from tests.demo.sites import sites

# What a page looks like: each element with its style, loaded images with their width, its own text (a bare number may
# be the counter of readers, which the live page moves on).
LOOK = """(page => JSON.stringify([...page.body.querySelectorAll("*")]
  .filter(one => !["SCRIPT", "STYLE", "NOSCRIPT"].includes(one.tagName))
  .map(one => {
    const style = page.defaultView.getComputedStyle(one);
    const text = [...one.childNodes].filter(node => node.nodeType == 3).map(node => node.data.trim()).join("")
      .replace(/^[0-9]+$/, "#");
    return [one.tagName, style.display, style.color, style.backgroundColor, style.backgroundImage != "none",
            style.fontSize, style.fontWeight, style.maxWidth, one.naturalWidth || 0, text];
  })))"""
LIVE = "document"


def needed(found: object, reason: str) -> None:
    """Skip where a thing is not installed; where CI says it must be, fail."""
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def page_of(name: str, kind: str) -> str:
    """Return the URL of a demo site's home, column, page 2 or article."""
    site = sites()[name]
    if kind == "home":
        return site.home
    if kind == "article":
        return article_of(name)
    column = site.columns[0]
    if kind == "column" and name == "tv":  # its rows come by a call
        return site.url(column.path)
    return site.url(site.list_path(column, 1 if kind == "column" else 2))


def article_of(name: str) -> str:
    """Return an article that has text, and a picture too if any has."""
    texts = [one for one in sites()[name].articles() if one.body_kind == "text" and one.listed_as is None]
    return sites()[name].url(max(texts, key=lambda one: len(one.pictures)).path)


def loaded(page: str) -> str:
    """Return the JavaScript that is true once the document `page` names is there whole."""
    return f"{page}?.readyState == 'complete' && {page}.defaultView.location.href.startsWith('http')"


def look(tab: Tab, page: str) -> list[Any]:
    """Return what a page looks like once scripts and images have come to rest."""
    before, found = "", "-"
    while found != before:
        tab.browser.pump(0.2)
        before, found = found, tab.evaluate(f"{LOOK}({page})")
    seen: list[Any] = json.loads(found)
    return seen


def refused(tab: Tab) -> set[str]:
    """Return what was answered 400 and above, by its own URL; without the icon that browsers ask for unbidden."""
    found = {re.sub(r" http://127.*?/archive/(?:[0-9]*[a-z]{2}_/)?", " ", one) for one in tab.refused}
    return {one for one in found if not one.endswith("/favicon.ico")}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
