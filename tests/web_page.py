"""A web map opened in Debian's Chromium, with the network cut."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
# Software rendering: the same picture on every machine, with or without a graphics card.
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
             "--enable-unsafe-swiftshader"]  # fmt: skip


@contextmanager
def browser():
    """Start Chromium, or skip."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian: chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield started
        finally:
            started.close()


class Opened:
    """A page, what it asked for and what it complained of."""

    def __init__(self, browser, path, *, width=1300, height=800):
        self.requests, self.complaints = [], []
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.context.set_offline(True)
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route("http*://**", lambda route: route.abort())
        self.page.goto(path.resolve().as_uri())
        self.page.wait_for_selector("html[data-ready=yes]", state="attached", timeout=60_000)

    def _console(self, message):
        if message.type in {"error", "warning"} and "GPU stall" not in message.text:
            self.complaints.append(message.text)

    def run(self, script):
        return self.page.evaluate(script)

    def settle(self):
        """Wait until the map is drawn."""
        for _ in range(300):
            self.page.wait_for_timeout(100)
            if self.run("page.map.loaded() && !page.map.isMoving()"):
                self.page.wait_for_timeout(200)
                return
        raise AssertionError("the map did not come to rest")

    def close(self):
        self.context.close()


def has_namespaces():
    """Tell whether a process may be started without any network."""
    import subprocess

    found = shutil.which("unshare")
    return bool(found) and subprocess.run([found, "-n", "true"], check=False).returncode == 0
