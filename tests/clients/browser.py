"""A headless browser, driven by its own debugging protocol: no driver of another version to match.

It speaks to one page: commands are answered in order, events are kept until somebody looks.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium")


class Page:
    """An open page and what it told so far."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.last_id = 0

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and give its result."""
        self.last_id += 1
        self.socket.send(json.dumps({"id": self.last_id, "method": method, "params": parameters}))
        while (message := json.loads(self.socket.recv(timeout=60))).get("id") != self.last_id:
            self.events.append(message)
        assert "error" not in message, f"{method}: {message}"
        result: dict[str, Any] = message["result"]
        return result

    def evaluate(self, script: str) -> Any:
        """The value of a script in the page."""
        return self("Runtime.evaluate", expression=script, returnByValue=True)["result"]["value"]

    def wait_until(self, is_so: Callable[[], bool], seconds: float, what: str) -> None:
        """Ask until it is so; every question also collects the events since the last one."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.5)

    def responses(self, path: str) -> dict[str, str]:
        """Addresses below a path that were answered in full so far, by the ids of the requests."""
        done = {e["params"]["requestId"] for e in self._events("Network.loadingFinished")}
        return {
            e["params"]["requestId"]: e["params"]["response"]["url"]
            for e in self._events("Network.responseReceived")
            if path in e["params"]["response"]["url"] and e["params"]["requestId"] in done
        }

    def asked_hosts(self) -> set[str | None]:
        """Every host that anything was asked of; what the page's policy forbade was never sent."""
        forbidden = {
            e["params"]["requestId"]
            for e in self._events("Network.loadingFailed")
            if e["params"].get("blockedReason") == "csp"
        }
        sent = [e["params"] for e in self._events("Network.requestWillBeSent")]
        urls = [e["request"]["url"] for e in sent if e["requestId"] not in forbidden]
        return {urlsplit(url).hostname for url in urls if url.startswith("http")}

    def body(self, request_id: str) -> Any:
        """The JSON that a request was answered with."""
        return json.loads(self("Network.getResponseBody", requestId=request_id)["body"])

    def screenshot(self, path: Path) -> None:
        """A picture of what is in the window."""
        path.write_bytes(b64decode(self("Page.captureScreenshot")["data"]))

    def _events(self, method: str) -> Iterator[dict[str, Any]]:
        return (event for event in self.events if event.get("method") == method)


@contextmanager
def open_page(profile: Path, width: int, height: int) -> Iterator[Page]:
    """An empty page in a browser of its own, which ends with the block."""
    assert CHROMIUM is not None
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", f"--window-size={width},{height}", f"--user-data-dir={profile}",
        "--remote-debugging-port=0", "about:blank",
    ]  # fmt: skip
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = profile / "DevToolsActivePort"
        for _ in range(120):
            if address.exists() and len(address.read_text().splitlines()) == 2:
                break
            time.sleep(0.5)
        port = address.read_text().splitlines()[0]
        pages = requests.get(f"http://127.0.0.1:{port}/json/list", timeout=30).json()
        (target,) = [page for page in pages if page["type"] == "page"]
        with connect(target["webSocketDebuggerUrl"], max_size=None) as socket:
            page = Page(socket)
            page("Network.enable")
            page("Page.enable")
            yield page
    finally:
        browser.terminate()
        browser.wait(timeout=30)
