"""Signing in: password, second factor, the city's OpenID Connect; sessions that end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from ..support import PASSWORD, District

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(d: District):
    from django.core.cache import cache

    cache.clear()
    found = d.people["jfj1"]
    found.set_password(PASSWORD)
    found.save()
    return found


def sign_in(**more: str) -> Client:
    client = Client()
    client.post("/sign-in/", {"login": "jfj1", "password": PASSWORD, **more})
    return client


def inside(client: Client) -> bool:
    return client.get("/matters/").status_code == 200


def test_a_password_opens_the_desk_and_nothing_else_does(person) -> None:
    assert inside(sign_in())
    assert not inside(sign_in(password="wrong"))
    page = Client().post("/sign-in/", {"login": "nobody", "password": "x"}).content.decode()
    assert "%(" not in page
    assert not inside(Client())


def test_a_second_factor_is_asked_for_and_checked(person) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    assert secret not in json.dumps(Authenticator.objects.get(type="totp").data)
    client = sign_in()
    assert not inside(client)
    assert "/sign-in/second/" in client.post("/sign-in/", {"login": "jfj1", "password": PASSWORD})["Location"]
    client.post("/sign-in/second/", {"code": "000000"})
    assert not inside(client)
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    client.post("/sign-in/second/", {"code": code})
    assert inside(client)


def test_a_recovery_code_works_once(person) -> None:
    totp.TOTP.activate(person, totp.generate_totp_secret())
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    first, second = sign_in(), sign_in()
    first.post("/sign-in/second/", {"code": code})
    second.post("/sign-in/second/", {"code": code})
    assert (inside(first), inside(second)) == (True, False)


def test_setting_up_an_app_shows_its_code_and_gives_recovery_codes(person) -> None:
    client = sign_in()
    assert "/me/again/" in client.get("/me/factors/app/")["Location"]
    client.post("/me/again/", {"password": "wrong"})
    assert "/me/again/" in client.get("/me/factors/app/")["Location"]
    client.post("/me/again/", {"password": PASSWORD})
    page = client.get("/me/factors/app/").content.decode()
    assert "data:image/svg" in page
    secret = client.session["mfa.totp.secret"]
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    client.post("/me/factors/app/", {"code": totp.format_hotp_value(totp.hotp_value(secret, counter))})
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert client.get("/me/factors/codes/").content.decode().count("<code>") == 10


def test_changing_factors_needs_the_password_again_after_a_while(person) -> None:
    client = sign_in()
    client.post("/me/again/", {"password": PASSWORD})
    assert client.get("/me/factors/app/").status_code == 200
    with time_machine.travel(timezone.now().timestamp() + 900):
        response = client.get("/me/factors/app/")
        assert "/me/again/" in response["Location"]


def test_an_idle_session_ends(person, settings) -> None:
    client = sign_in()
    assert inside(client)
    start = timezone.now().timestamp()
    with time_machine.travel(start + settings.IDLE_MINUTES * 60 - 60):
        assert inside(client)
    with time_machine.travel(start + settings.IDLE_MINUTES * 60 + 120):
        assert inside(client)
    with time_machine.travel(start + 3 * settings.IDLE_MINUTES * 60):
        assert not inside(client)


def test_own_sessions_are_listed_and_can_be_ended_and_nobody_elses(person, d: District, at) -> None:
    here, there = sign_in(), sign_in()
    assert here.get("/me/").content.decode().count("127.0.0.1") == 2
    other = UserSession.objects.exclude(session_key=here.session.session_key).get()
    assert at("cgj1").post(f"/me/sessions/{other.pk}/end/").status_code == 404
    assert inside(there)
    here.post(f"/me/sessions/{other.pk}/end/")
    assert (inside(here), inside(there)) == (True, False)


@pytest.mark.parametrize(
    ("policy", "who", "led"),
    [("administrators", "admin", True), ("administrators", "jfj1", False), ("everybody", "jfj1", True)],
)
def test_whoever_owes_a_second_factor_is_led_to_it(d: District, at, settings, policy: str, who: str, led: bool) -> None:
    settings.MFA_FOR = policy
    client = at(who)
    assert (client.get("/m/fire/").status_code == 302) is led
    response = client.get("/units/")
    assert (response.status_code == 302 and response["Location"] == "/me/") is led
    assert client.get("/me/").status_code == 200
    totp.TOTP.activate(d.people[who], totp.generate_totp_secret())
    assert client.get("/units/").status_code == 200


def test_nobody_signs_up(client) -> None:
    for url in ("/sign-in/signup/", "/accounts/signup/", "/me/factors/webauthn/signup/"):
        assert client.post(url, {"username": "x", "password1": "y"}).status_code in (302, 404)


class City(BaseHTTPRequestHandler):
    """The city's identity server, as far as a sign-in needs it."""

    name = "jfj1"

    def _send(self, data: dict) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.startswith("/.well-known/"):
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            self._send({"issuer": here, "jwks_uri": here, **{f"{k}_endpoint": f"{here}/{v}" for k, v in names.items()}})
        else:
            self._send({"sub": "42", "preferred_username": City.name, "name": "示例"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send({"access_token": "t", "token_type": "Bearer"})

    def log_message(self, *args) -> None:
        return


@pytest.fixture
def city(settings) -> Iterator[type[City]]:
    server = HTTPServer(("127.0.0.1", 0), City)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/.well-known/openid-configuration"
    app = {
        "provider_id": "city",
        "name": "市统一认证",
        "client_id": "b",
        "secret": "s",
        "settings": {"server_url": url},
    }
    settings.OIDC = {"url": url, "client": "b", "secret": "s", "name": "市统一认证"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    yield City
    server.shutdown()
    server.server_close()


def through_the_city() -> Client:
    client = Client()
    gone = client.post("/sign-in/oidc/city/login/")
    state = parse_qs(urlsplit(gone["Location"]).query)["state"][0]
    client.get("/sign-in/oidc/city/login/callback/", {"code": "c", "state": state})
    return client


def test_the_citys_identity_signs_in_the_person_of_that_name(person, city) -> None:
    assert "市统一认证" in Client().get("/sign-in/").content.decode()
    city.name = "jfj1"
    for _ in range(2):
        client = through_the_city()
        assert inside(client)
    assert "jfj1" in client.get("/me/").content.decode()


@pytest.mark.parametrize("name", ["stranger", ""])
def test_a_name_that_nobody_here_has_is_told_so_and_makes_no_account(person, city, name: str) -> None:
    from bihuan.kernel.orgs.models import Person

    before = Person.objects.count()
    city.name = name
    assert not inside(through_the_city())
    assert Person.objects.count() == before


def test_a_locked_person_cannot_come_in_through_the_city(person, city) -> None:
    city.name = "jfj1"
    assert inside(through_the_city())
    person.is_active = False
    person.save()
    assert not inside(through_the_city())
