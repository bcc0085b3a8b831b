"""A headless Chromium for tests, steered over its debugging pipe: no WebSocket, no driver, standard library only.

The protocol (CDP): JSON messages ended by a zero byte, commands on the browser's file 3, answers and events on its 4
(--remote-debugging-pipe; https://chromedevtools.github.io/devtools-protocol/).
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox: tests run as root in containers.  The rest keeps it from talking to anybody but us.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--remote-debugging-pipe",
    "--window-size=1280,900",
)


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class ChromiumError(Exception):
    """The browser says no, ends, or does not get ready in time."""


@dataclass
class Tab:
    """One page.  asked: every URL requested by the page and its frames, in order.

    refused: those answered 400 and above, each with its status before it.  said: what went wrong on the way, for messages.
    """

    browser: "Chromium"
    session: str
    target: str
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def go(self, url: str, ready: str, seconds: float = 30.0) -> None:
        """Open `url` and wait until the JavaScript expression `ready` is true.  ChromiumError if it never is."""
        self.browser.call("Page.navigate", {"url": url}, self.session)
        self.wait(ready, seconds)

    def wait(self, ready: str, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                if self.evaluate(f"Boolean({ready})") is True:
                    return
            except ChromiumError as error:  # between two documents there is nothing to ask
                self.said.append(str(error))
            if time.monotonic() > end:
                raise ChromiumError(
                    f"not ready in {seconds} s: {ready}; {self.said[-3:]}; {self.evaluate('location.href')}"
                )
            self.browser.pump(0.1)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        wish = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = self.browser.call("Runtime.evaluate", wish, self.session)
        if "exceptionDetails" in answer:
            raise ChromiumError(json.dumps(answer["exceptionDetails"], ensure_ascii=False)[:500])
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> None:
        answer = self.browser.call("Page.captureScreenshot", {"format": "png"}, self.session)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        self.browser.call("Target.closeTarget", {"targetId": self.target})


class Chromium:
    """A browser with a profile of its own.  A context manager.

    resolve: Chromium's --host-resolver-rules, e.g. "MAP *.demo.example 127.0.0.1:8700".
    """

    def __init__(self, program: str, profile: Path, resolve: str = "") -> None:
        self._tabs: dict[str, Tab] = {}
        self._next, self._held = 0, b""
        commands_out, self._commands = _pipe()
        self._answers, answers_in = _pipe()
        flags = [*FLAGS, f"--user-data-dir={profile}", *([f"--host-resolver-rules={resolve}"] if resolve else [])]
        self._process = subprocess.Popen(
            [
                "sh",
                "-c",
                f'exec "$@" 3</dev/fd/{commands_out} 4>/dev/fd/{answers_in}',
                "sh",
                program,
                *flags,
                "about:blank",
            ],
            pass_fds=(commands_out, answers_in),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(commands_out)
        os.close(answers_in)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._commands)
        os.close(self._answers)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def tab(self) -> Tab:
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        tab = self._tabs[session] = Tab(self, session, target)
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable", {}, session)
        return tab

    def call(
        self, method: str, params: dict[str, Any], session: str | None = None, seconds: float = 30.0
    ) -> dict[str, Any]:
        """Send a command and return its result; events that come first are noted."""
        self._next += 1
        number = self._next
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        answer = self._read(lambda message: message.get("id") == number, seconds)
        if answer is None:
            raise ChromiumError(f"{method}: no answer in {seconds} s")
        if "error" in answer:
            raise ChromiumError(f"{method}: {answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result

    def pump(self, seconds: float) -> None:
        """Take in events for so long."""
        self._read(lambda _: False, seconds)

    def _read(self, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any] | None:
        end = time.monotonic() + seconds
        while True:
            line, mark, rest = self._held.partition(b"\0")
            if mark:
                self._held = rest
                message: dict[str, Any] = json.loads(line)
                self._note(message)
                if wanted(message):
                    return message
                continue
            if not select.select([self._answers], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            piece = os.read(self._answers, 1 << 20)
            if not piece:
                raise ChromiumError(f"the browser ended, status {self._process.wait(10)}")
            self._held += piece

    def _note(self, message: dict[str, Any]) -> None:
        tab = self._tabs.get(message.get("sessionId", ""))
        if tab is None:
            return
        if message.get("method") == "Network.requestWillBeSent":
            tab.asked.append(message["params"]["request"]["url"])
        elif message.get("method") == "Network.responseReceived":
            answer = message["params"]["response"]
            if answer["status"] >= 400:
                tab.refused.append(f"{answer['status']} {answer['url']}")
        elif message.get("method") == "Network.loadingFailed":
            tab.said.append(f"{message['params'].get('errorText')} {message['params'].get('blockedReason', '')}")


def _pipe() -> tuple[int, int]:
    """Return both ends of a pipe, numbered above what the browser's 3 and 4 could overwrite on the way."""
    low = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low)
    for end in low:
        os.close(end)
    return read, write
