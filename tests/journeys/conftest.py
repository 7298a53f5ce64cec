"""A real browser on the demonstration, as a newcomer gets it: same command, same server, same headers.

The site runs in its own process on its own data folder; journeys never touch the database.
"""

import base64
import contextlib
import hmac
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = Path(__file__).parent / "vendor/axe/axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("PALIER_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESK = {"width": 1280, "height": 768}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ABSENT = "aucun Chromium trouvé (installez chromium, ou donnez son chemin dans PALIER_CHROMIUM)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium journeys are skipped, or fail in CI."""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=ABSENT))


# The demonstration accounts, each with the cookie of a session opened without paying for the forms.
SESSIONS = """
import json
from django.test import Client
from palier.accounts.api import User, demo_accounts
from tests.factories import sign_in
accounts = demo_accounts()
for account in accounts:
    client = sign_in(Client(), User.objects.get(email=account["login"]))
    account["session"] = {name: cookie.value for name, cookie in client.cookies.items()}
print(json.dumps(accounts))
"""


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Site:
    """The running demonstration: its address and its accounts."""

    url: str
    accounts: list[dict[str, Any]]

    def account(self, name: str) -> dict[str, Any]:
        """The demonstration account of a place or role: `mairie-carvin`, `coordinator`…"""
        return next(a for a in self.accounts if a["login"].startswith(f"{name}@"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("site"), _free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PALIER_", "DJANGO_", "PYTEST_"))}
    env = {**kept, "PALIER_MODE": "demo", "PALIER_DATA_DIR": str(folder), "PALIER_PORT": str(port)}
    log = folder / "site.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log)
        shell = [sys.executable, "manage.py", "shell", "--no-imports", "-c", SESSIONS]
        listing = subprocess.run(shell, cwd=ROOT, env=env, check=True, capture_output=True)
        yield Site(url, json.loads(listing.stdout))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the demonstration did not start:\n{log.read_text()[-800:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.fail(ABSENT)
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; the tests that share the worker still speak to their database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Watch:
    """What a page must never do: speak in the console, fail a request, call another host."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.faults: list[str] = []

    def follow(self, context: Any) -> None:
        context.add_init_script(path=AXE)
        context.on("console", self._console)
        context.on("weberror", lambda e: self.faults.append(f"script: {e.error}"))
        context.on("request", self._request)

    def _console(self, message: Any) -> None:
        # The browser notes by itself the 422 of a form sent back with its errors.
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"another host: {request.url}")


@dataclass
class Visitor:
    """A browser window and what is watched in it."""

    page: Any
    site: Site
    watch: Watch

    def open(self, path: str) -> Any:
        return self.page.goto(self.site.url + path)

    def check(self, *, phone: bool = True) -> None:
        """The page shown, in its present state: no axe violation, silent console, no other host, no horizontal
        scroll here nor at 320 px, even with text spaced by the reader, valid HTML."""
        page = self.page
        where = page.url.removeprefix(self.site.url)
        assert self.watch.faults == [], where
        page.locator("h1").first.wait_for()
        assert page.locator("h1").count() == 1, where
        assert _axe(page) == [], where
        assert page.evaluate(WIDER) == [], where
        if phone:
            size = page.viewport_size
            page.set_viewport_size({"width": 320, "height": 640})
            assert page.evaluate(WIDER) == [], f"{where} at 320 px"
            assert _axe(page, preload=False) == [], f"{where} at 320 px"
            page.evaluate(SPACED)
            assert page.evaluate(WIDER) == [], f"{where} at 320 px, with spaced text"
            page.evaluate("document.adoptedStyleSheets = []")
            page.set_viewport_size(size)
        validate(where, page.content())

    def picture(self, name: str, *, phone: bool = False) -> None:
        """Keep a picture for the guide, when PALIER_PICTURES names a folder (docs/img)."""
        folder = os.environ.get("PALIER_PICTURES")
        if folder:
            size = self.page.viewport_size
            self.page.evaluate("scrollTo(0, 0)")
            self.page.set_viewport_size({"width": 390, "height": 844} if phone else {"width": 1280, "height": 800})
            self.page.screenshot(path=Path(folder) / f"{name}.png")
            self.page.set_viewport_size(size)

    def walk(self) -> list[str]:
        """Press Tab through the whole page; each stop must be visible and show its focus. The stops, in order."""
        self.page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges(); scrollTo(0, 0)")
        stops: list[str] = []
        for _ in range(400):
            self.page.keyboard.down("Tab")
            stop = self.page.evaluate(FOCUSED)
            if stop is None:
                self.page.keyboard.up("Tab")
                return stops
            assert stop["shown"], f"focus is not visible on {stop['html']}"
            stops.append(stop["name"])
        raise AssertionError(f"the keyboard is trapped: {stops[-5:]}")


# WCAG 1.4.12: the spacing that a reader may impose.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important }'
    + '* { word-spacing: .16em !important } p { margin-bottom: 2em !important }');
  document.adoptedStyleSheets = [sheet];
}"""
# The document itself may not scroll sideways; a table in its own scrolling frame may.
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? []
  : [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  // A tile of a drawing shows its focus by its own thick line.
  const line = e.namespaceURI.endsWith('svg') ? parseFloat(getComputedStyle(e.querySelector('rect')).strokeWidth) : 0;
  return {
    name: (e.getAttribute('aria-label') || e.innerText || e.name || e.tagName).trim().slice(0, 80),
    html: e.outerHTML.slice(0, 160),
    shown: (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 3 || line > 3) && r.width > 0 && r.height > 0
      && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth,
  };
}"""


def _axe(page: Any, *, preload: bool = True) -> list[str]:
    """`preload` reads the style sheets again, for the one rule on them, which knows nothing of the window's width."""
    quick = {"resultTypes": ["violations"], "selectors": False, "elementRef": False}
    result = page.evaluate("options => axe.run(document, options)", {"runOnly": AXE_TAGS, "preload": preload, **quick})
    return [f"{v['id']}: {n['html'][:140]}" for v in result["violations"] for n in v["nodes"]]


_validator: list[str] = []


def validate(where: str, html: str) -> None:
    """No error for the Nu Html Checker, when its jar is given in PALIER_VNU (CI does)."""
    if not _validator:
        return
    request = urllib.request.Request(
        f"{_validator[0]}/?out=json&level=error", html.encode(), {"Content-Type": "text/html; charset=utf-8"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        messages = json.load(answer)["messages"]
    faults = [f"{m['message']} {m.get('extract', '')}" for m in messages if m["type"] != "info"]
    assert faults == [], where


@pytest.fixture(scope="session", autouse=True)
def _nu_html_checker() -> Iterator[None]:
    jar = os.environ.get("PALIER_VNU")
    if not jar:
        yield
        return
    port = _free_port()
    command = [
        "java",
        "-Dnu.validator.servlet.bind-address=127.0.0.1",
        "-cp",
        jar,
        "nu.validator.servlet.Main",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("the Nu Html Checker did not start")
        _validator.append(f"http://127.0.0.1:{port}")
        yield
    finally:
        process.terminate()
        process.wait(20)


def open_window(chromium: Any, site: Site, **options: Any) -> Visitor:
    """A window of its own: no cookie, nothing in its cache."""
    context = chromium.new_context(locale="fr-FR", viewport=DESK, **options)
    context.set_default_timeout(10_000)
    watch = Watch(site.url)
    watch.follow(context)
    return Visitor(context.new_page(), site, watch)


@pytest.fixture(scope="session")
def windows(chromium: Any, site: Site) -> Iterator[dict[str, Visitor]]:
    """Windows by who looks through them, kept from test to test: opening one costs more than most tests made in it."""
    kept: dict[str, Visitor] = {}
    yield kept
    for visitor in kept.values():
        visitor.page.context.close()


def _again(windows: dict[str, Visitor], who: str) -> Visitor:
    """The window of somebody, where the last test left it: a journey begins by opening a page."""
    visitor = windows[who]
    visitor.page.set_viewport_size(DESK)
    visitor.watch.faults.clear()
    return visitor


@pytest.fixture
def newcomer(chromium: Any, site: Site) -> Iterator[Visitor]:
    """Somebody without an account, on a first visit: nothing kept by the browser."""
    visitor = open_window(chromium, site)
    yield visitor
    visitor.page.context.close()


@pytest.fixture
def anyone(chromium: Any, site: Site, windows: dict[str, Visitor]) -> Visitor:
    """Somebody without an account."""
    if "anyone" not in windows:
        windows["anyone"] = open_window(chromium, site)
    windows["anyone"].page.context.clear_cookies()
    return _again(windows, "anyone")


@pytest.fixture
def anyone_without_script(chromium: Any, site: Site, windows: dict[str, Visitor]) -> Visitor:
    """Somebody whose browser runs no JavaScript."""
    if "no script" not in windows:
        windows["no script"] = open_window(chromium, site, java_script_enabled=False)
    windows["no script"].page.context.clear_cookies()
    return _again(windows, "no script")


def totp(secret: str, at: float | None = None) -> str:
    """The code of the moment (RFC 6238: SHA-1, 30 s, 6 digits)."""
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), "sha1").digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def log_in(visitor: Visitor, account: dict[str, Any]) -> None:
    """Password, then second factor, as the agent does it."""
    page = visitor.page
    visitor.open("/bureau/")
    page.fill("input[name=login]", account["login"])
    page.fill("input[name=password]", account["password"])
    page.get_by_role("button", name="Se connecter").click()
    page.fill("input[name=code]", totp(account["totp_secret"]))
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/bureau/")


def _at_work(chromium: Any, site: Site, windows: dict[str, Visitor], name: str) -> Visitor:
    """The window of somebody whose session is open. test_account and test_agent log in by the real forms."""
    if name not in windows:
        windows[name] = open_window(chromium, site)
        cookies = [
            {"name": key, "value": value, "url": site.url} for key, value in site.account(name)["session"].items()
        ]
        windows[name].page.context.add_cookies(cookies)
    return _again(windows, name)


@pytest.fixture
def registrar(chromium: Any, site: Site, windows: dict[str, Visitor]) -> Visitor:
    """An agent of a level 2 place, who logged in by the real forms: pages that ask again who is there do not yet.
    A one-time code serves once, so their window stays open."""
    if "mairie-carvin" not in windows:
        visitor = open_window(chromium, site)
        log_in(visitor, site.account("mairie-carvin"))
        windows["mairie-carvin"] = visitor
    return _again(windows, "mairie-carvin")


@pytest.fixture
def informer(chromium: Any, site: Site, windows: dict[str, Visitor]) -> Visitor:
    """An agent of a level 1 place."""
    return _at_work(chromium, site, windows, "cllaj-oignies")


@pytest.fixture
def coordinator(chromium: Any, site: Site, windows: dict[str, Visitor]) -> Visitor:
    """Who steers the network: figures, and no name."""
    return _at_work(chromium, site, windows, "coordinator")


@pytest.fixture
def auditor(chromium: Any, site: Site, windows: dict[str, Visitor]) -> Visitor:
    """Who protects data: the journal."""
    return _at_work(chromium, site, windows, "auditor")
