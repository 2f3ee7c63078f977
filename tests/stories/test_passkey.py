"""A passkey in a real browser with an authenticator that the browser plays: set up once, then sign in without a password."""

from __future__ import annotations

import pytest

from ..support import PASSWORD, District

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


def test_a_passkey_signs_in_without_a_password(chromium, d: District, live_server, settings) -> None:
    from django.core.cache import cache

    cache.clear()
    d.people["jfj1"].set_password(PASSWORD)
    d.people["jfj1"].save()
    url = live_server.url.replace("127.0.0.1", "localhost")
    page = chromium.new_context(locale="zh-CN").new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{url}/sign-in/")
    page.fill("#id_login", "jfj1")
    page.fill("#id_password", PASSWORD)
    page.click("form button.btn-primary")
    page.goto(f"{url}/me/factors/keys/new/")
    page.fill("#id_password", PASSWORD)
    page.click("form button.btn-primary")
    page.wait_for_selector("#mfa_webauthn_add")
    page.fill("#id_name", "办公电脑")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda u: "keys/new" not in u)
    page.goto(f"{url}/me/")
    assert "办公电脑" in page.inner_text("main")
    page.context.clear_cookies()
    page.goto(f"{url}/sign-in/")
    page.click("#passkey_login")
    page.wait_for_selector(".topbar")
    assert "测试jfj1" in page.inner_text(".topbar")
    assert faults == []
