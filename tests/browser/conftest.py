"""A real Chromium on the real service; skipped where there is none."""

import shutil

import pytest

from serving.server import keys_of, serving
from serving.shop import deploy, publish

# Nothing of its own that reaches out.
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE = 60_000


@pytest.fixture(scope="session")
def chromium():
    """The browser."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service with two versions of the shop and three lists, and a key of every role."""
    home, exported = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("export")
    first = deploy(home, exported / "first", weight=0.1)
    second = deploy(home, exported / "second")
    publish(home, second)
    keys = keys_of(home)
    with serving(home, tmp_path_factory.mktemp("log") / "log") as server:
        server.home, server.keys, server.versions = home, keys, (first, second)
        yield server


@pytest.fixture
def open_page(chromium, service):
    """Pages of a role that is signed in: `open_page("analyst", viewport=...)`."""
    contexts = []

    def opened(role="analyst", **options):
        context = chromium.new_context(base_url=service.url, locale="en-GB", **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else 0)
        page.goto("/app/sign-in")
        if role:
            page.get_by_label("API key").fill(service.keys[role])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/app/studies/shop")
        return page

    yield opened
    for context in contexts:
        context.close()
