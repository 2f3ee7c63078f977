"""The browser of the stories: Debian's Chromium, quiet; the desks of several people, on a desktop and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..support import PASSWORD, District

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
    "--disable-component-update",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
SIZES = {"desktop": (1366, 860), "phone": (390, 844)}


class Desk:
    """Signed-in pages of several people, all of one width; errors of the console fail the test."""

    def __init__(self, browser, server, size: str) -> None:
        self.browser, self.url, self.size, self.faults, self.pages = browser, server.url, size, [], {}

    def nobody(self):
        """A page of somebody without an account."""
        if "" not in self.pages:
            width, height = SIZES[self.size]
            page = self.browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True).new_page()
            page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
            self.pages[""] = page
        return self.pages[""]

    def of(self, who: str):
        if not who:
            return self.nobody()
        if who not in self.pages:
            width, height = SIZES[self.size]
            page = self.browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True).new_page()
            page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
            page.on(
                "request",
                lambda r: (
                    None if r.url.startswith((self.url, "data:")) else self.faults.append(f"left the house: {r.url}")
                ),
            )
            page.goto(f"{self.url}/sign-in/")
            page.fill("#id_login", who)
            page.fill("#id_password", PASSWORD)
            page.click("form button.btn-primary")
            self.pages[who] = page
        return self.pages[who]

    def accessible(self, who: str, path: str) -> None:
        page = self.of(who)
        page.goto(self.url + path)
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        lines = [f"{v['id']}: {n['html'][:120]}" for v in found["violations"] for n in v["nodes"][:2]]
        assert not lines, f"{path} {self.size}\n" + "\n".join(lines)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide at {self.size}"


@pytest.fixture(params=sorted(SIZES))
def desk(request, chromium, live_server) -> Iterator[Desk]:
    if AXE.exists() is False:
        pytest.fail("axe-core is missing: run make test, which installs the front-end packages")
    found = Desk(chromium, live_server, request.param)
    yield found
    for page in found.pages.values():
        page.context.close()


@pytest.fixture
def town(transactional_db) -> District:
    d = District()
    for person in d.people.values():
        person.set_password(PASSWORD)
        person.save()
    return d
