"""How allauth signs people in here: no sign-up, second factors kept encrypted, the city's identities matched by name."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bihuan.kernel.orgs.models import Person

from ..surface.errors import page


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account name of an attempt to sign in, for counting failures."""
    return str((credentials or {}).get("username") or request.POST.get("login", ""))


class AccountAdapter(DefaultAccountAdapter):
    """People are entered by an administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are useless without the installation's key."""

    def _box(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(sha256(b"mfa:" + settings.SECRET_KEY.encode()).digest()))

    def encrypt(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box().decrypt(encrypted_text.encode()).decode()


class CityAdapter(DefaultSocialAccountAdapter):
    """The city's OpenID Connect says who somebody is; which posts they hold is said here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Match a first sign-in to the person whose account name the city states; strangers get a page that says so."""
        if sociallogin.is_existing:
            return
        data = sociallogin.account.extra_data
        told = {**data.get("id_token", {}), **data.get("userinfo", data)}
        person = Person.objects.filter(username=str(told.get(settings.OIDC_CLAIM, "")), is_active=True).first()
        if person is None or request.user.is_authenticated:
            title = _("The city knows you, but nobody here has this account name; ask your administrator.")
            raise ImmediateHttpResponse(page(request, 403, title=title))
        sociallogin.connect(request, person)
