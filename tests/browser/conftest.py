"""A real server and a real browser. The browser is found, never downloaded."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# A browser as root has no sandbox; the other switches keep it from calling home.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def find_browser(own: str) -> str | None:
    """``PARALLAX_BROWSER``, else Playwright's own, else the system's."""
    named = os.environ.get("PARALLAX_BROWSER")
    candidates = [named, own, *(shutil.which(name) for name in NAMES)]
    return next((path for path in candidates if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        path = find_browser(playwright.chromium.executable_path)
        if path is None:
            reason = "no browser found: set PARALLAX_BROWSER or install chromium"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        launched = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture
def server(tmp_path):
    """Address of a new server on runs of its own, which takes seconds to start and to read all shipped runs."""
    with serving(tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """Address of one server for all tests that can live with what others have asked there."""
    with serving(tmp_path_factory.mktemp("shared")) as address:
        yield address


def free_port() -> int:
    """A port of this computer that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path):
    """A server whose runs and log lie in ``folder``; gives its address."""
    port = free_port()
    environment = {**os.environ, "PARALLAX_RUNS_DIR": str(folder / "runs"), "PARALLAX_KEEP_FRAMES": "1"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.fileWatcherType", "none"]
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def wait_for(address: str, process: subprocess.Popen, seconds: float = 60, every: float = 0.2) -> None:
    """Return once the server answers, asked ``every`` so many seconds; the test fails where it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail("the server ended before it answered")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(every)
    pytest.fail("the server did not answer")


@pytest.fixture
def wide_page(browser):
    """An empty page, 1280 pixels wide, that waits for a minute for what it is asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield page
    context.close()
