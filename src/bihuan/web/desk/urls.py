"""Addresses of this room."""

from allauth.account.views import account_inactive, password_change, reauthenticate
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from . import desk, me, notices, sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.desk, name="desk"),
    path("desk/<str:name>/", desk.group, name="desk_group"),
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-in/locked/", account_inactive, name="account_inactive"),
    path("sign-in/second/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/error/", social.login_error, name="socialaccount_login_error"),
    path("sign-in/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("me/", me.me, name="me"),
    path("me/notices/", me.channel, name="channel"),
    path("me/sessions/<int:pk>/end/", me.end_session, name="end_session"),
    path("me/password/", password_change, name="account_change_password"),
    path("me/again/", reauthenticate, name="account_reauthenticate"),
    path("me/factors/", me.to_me, name="mfa_index"),
    path("me/factors/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("me/factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("me/factors/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("me/factors/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("me/factors/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("me/factors/keys/", me.to_me, name="mfa_list_webauthn"),
    path("me/factors/keys/new/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("me/factors/keys/again/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("me/factors/keys/<int:pk>/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.all_seen, name="notices_seen"),
    path("notices/<int:pk>/", notices.open_notice, name="notice_open"),
    path("language/", sign_in.language, name="language"),
    path("healthz", sign_in.health, name="health"),
    path("me/keys/", me.keys, name="keys"),
]
