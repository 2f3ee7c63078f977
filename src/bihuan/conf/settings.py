"""Settings. Every deviation comes from a typed environment variable; an odd value stops the start with its name."""

import os
import secrets
import shlex
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvError, ValidationError, validate

from bihuan.kernel.domain import notes
from bihuan.kernel.domain.kept import kept

BASE_DIR = Path(__file__).resolve().parents[3]
PACKAGE = BASE_DIR / "src" / "bihuan"
CATALOGUE = BASE_DIR / "catalogue"

env = Env()


def _named(text: str) -> None:
    if text and (len(text) > notes.LONGEST or not notes.is_name(text)):
        raise ValidationError("a log's name has no spaces and no plus sign, and at most 200 characters")


def _signs(text: str) -> None:
    kind, _, command = text.partition(":")
    try:
        good = text == "file" or (kind == "command" and shlex.split(command) != [])
    except ValueError:  # a quotation mark that nothing closes
        good = False
    if not good:
        raise ValidationError("write file, or command: and the words of the command")


try:
    DEBUG = env.bool("BIHUAN_DEBUG", False)
    DATA_DIR = Path(env.str("BIHUAN_DATA", str(BASE_DIR / "var")))
    ALLOWED_HOSTS = env.list("BIHUAN_HOSTS", ["127.0.0.1", "localhost", "testserver"])
    SECURE = env.bool("BIHUAN_HTTPS", False)
    MAX_UPLOAD_MB = env.int("BIHUAN_MAX_UPLOAD_MB", 20, validate=validate.Range(1, 200))
    SESSION_COOKIE_AGE = env.int("BIHUAN_SESSION_MINUTES", 12 * 60, validate=validate.Range(5, 24 * 60)) * 60
    DATABASE_URL = env.str("DATABASE_URL", "")
    SECRET_KEY = env.str("BIHUAN_SECRET_KEY", "")
    IDLE_MINUTES = env.int("BIHUAN_IDLE_MINUTES", 60, validate=validate.Range(1, 24 * 60))
    MFA_FOR = env.str("BIHUAN_MFA_FOR", "nobody", validate=validate.OneOf(["nobody", "administrators", "everybody"]))
    OIDC = {name: env.str(f"BIHUAN_OIDC_{name.upper()}", "") for name in ("url", "client", "secret", "name")}
    OIDC_CLAIM = env.str("BIHUAN_OIDC_CLAIM", "preferred_username")
    MAIL_URL = env.str("BIHUAN_MAIL_URL", "")  # Apprise's form: mailtos://user:password@smtp.example.com?from=…
    NOTIFY_SPOOL = env.str("BIHUAN_NOTIFY_SPOOL", "")  # messages go into this file, for a gateway of one's own
    SITE_URL = env.str("BIHUAN_URL", "")  # how people reach this site, for links in messages
    # The name of this district's log, the same for ever: best an address without scheme that nobody else has, such as
    # bihuan.zhengdong.example/ledger. Fixed with the first checkpoint; without it the ledger gives itself one by lot.
    LEDGER_ORIGIN = env.str("BIHUAN_LEDGER_ORIGIN", "", validate=_named)
    # file: the private key lies in LEDGER_KEY. command:WORDS: the program gets what is to be signed (Ed25519) on its input and
    # answers with the signature in base64; LEDGER_KEY then holds the public key (PEM).
    LEDGER_SIGNER = env.str("BIHUAN_LEDGER_SIGNER", "file", validate=_signs)
    LEDGER_KEY = Path(env.str("BIHUAN_LEDGER_KEY", str(DATA_DIR / "ledger_key.pem")))
    PROCESSES = env.int("BIHUAN_PROCESSES", os.cpu_count() or 1, validate=validate.Range(1, 64))  # that answer requests
    THREADS = env.int("BIHUAN_THREADS", 4, validate=validate.Range(1, 64))  # of each of them
    CLOCK_DAYS = env.int("BIHUAN_CLOCK_DAYS", 3, validate=validate.Range(min=1))
    CHECK_EVENTS = env.bool("BIHUAN_CHECK_EVENTS", DEBUG)
    # Fixed with the first checkpoint. Outside witnesses (C2SP) can follow and sign a log only with sha256.
    LEDGER_HASH = env.str("BIHUAN_LEDGER_HASH", "sha256", validate=validate.OneOf(["sha256", "sm3"]))
    MAP = (
        Path(path) if (path := env.str("BIHUAN_MAP", "")) else None
    )  # GeoJSON whose features carry the codes of territories
    PROVINCE = env.str("BIHUAN_PROVINCE", "河南")  # whose tables of labels stand before the national ones
    CHECKPOINT_MINUTES = env.int("BIHUAN_CHECKPOINT_MINUTES", 10, validate=validate.Range(1, 24 * 60))
except EnvError as error:
    raise ImproperlyConfigured(f"An environment variable cannot be read: {error}") from None


LEDGER_WITNESS = DATA_DIR / "ledger_witness.note"  # the newest checkpoint, kept outside the database
SECRET_KEY = SECRET_KEY or kept(DATA_DIR / "secret_key", lambda: secrets.token_urlsafe(48).encode()).decode().strip()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "bihuan.web",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "bihuan.kernel.registry",
    "bihuan.kernel.orgs",
    "bihuan.kernel.subjects",
    "bihuan.kernel.ledger",
    "bihuan.kernel.calendars",
    "bihuan.kernel.search",
    "bihuan.kernel.evidence",
    "bihuan.kernel.matters",
    "bihuan.kernel.files",
    "bihuan.instruments.administration",
    "bihuan.instruments.jobs",
    "bihuan.instruments.registers",
    "bihuan.instruments.notices",
    "bihuan.instruments.plans",
    "bihuan.instruments.projects",
    "bihuan.instruments.documents",
    "bihuan.instruments.meetings",
    "bihuan.instruments.supervision",
    "bihuan.instruments.procedures",
    "bihuan.instruments.premises",
    "bihuan.instruments.assessment",
    "bihuan.instruments.letters",
    "bihuan.instruments.accountability",
    "bihuan.instruments.commendation",
    "bihuan.mechanisms.promotion",
    "bihuan.instruments.keys",
    "bihuan.mechanisms.counselling",
    "bihuan.mechanisms.financing",
    "bihuan.mechanisms.fire",
    "bihuan.operations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bihuan.web.surface.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bihuan.web.surface.middleware.IdleMiddleware",
    "bihuan.web.surface.middleware.ViewerMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "bihuan.conf.urls"
WSGI_APPLICATION = "bihuan.conf.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", ["bihuan.web.surface.loading.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bihuan.web.surface.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.l10n",
                "django.templatetags.static",
                "bihuan.web.surface.pieces",
                "bihuan.web.promotion.words",
                "bihuan.web.fire.words",
                "bihuan.web.record.words",
                "bihuan.web.responsibility.words",
                "bihuan.web.counselling.words",
                "bihuan.web.financing.words",
            ],
        },
    }
]
FORM_RENDERER = "bihuan.web.surface.rendering.Renderer"


def _database() -> dict[str, object]:
    if not DATABASE_URL:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        return _sqlite(str(DATA_DIR / "bihuan.sqlite3"))
    if urlsplit(DATABASE_URL).scheme == "sqlite":
        return _sqlite(urlsplit(DATABASE_URL).path)
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(DATABASE_URL, conn_max_age=60))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from None
    if parsed["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name sqlite or postgres")
    # statements that come again are prepared once, which halves the database's work for short ones
    parsed["OPTIONS"] = {**parsed.get("OPTIONS", {}), "server_side_binding": True, "prepare_threshold": 5}
    return parsed


def _sqlite(name: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;"
            "PRAGMA wal_autocheckpoint=8000; PRAGMA mmap_size=1073741824;",
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "orgs.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "bihuan.web.desk.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # SESSION_COOKIE_AGE and IDLE_MINUTES end sessions; nobody is asked
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "10/m/key",
    "reauthenticate": "10/m/user",
    "door": "120/h/ip",
    "demand": "30/h/ip",
}
MFA_ADAPTER = "bihuan.web.desk.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Bihuan"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
SOCIALACCOUNT_ADAPTER = "bihuan.web.desk.accounts.CityAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "city", "name": OIDC["name"] or "OpenID Connect", "client_id": OIDC["client"],
                "secret": OIDC["secret"], "settings": {"server_url": OIDC["url"]},
            }
        ] if OIDC["url"] else [],
        "OAUTH_PKCE_ENABLED": True,
    }
}  # fmt: skip
AXES_FAILURE_LIMIT = 5
AXES_USERNAME_CALLABLE = "bihuan.web.desk.accounts.tried_name"
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "desk/locked.html"
AXES_VERBOSE = False

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}  # a task is written in the transaction of its event

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["bihuan.conf.formats"]

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a missing folder
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}}
MEDIA_ROOT = DATA_DIR / "evidence"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # a form that leads on to the city's sign-in is followed only where the policy names it
        "form-action": [
            SELF,
            *([f"{urlsplit(OIDC['url']).scheme}://{urlsplit(OIDC['url']).netloc}"] if OIDC["url"] else []),
        ],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 3600 * 24 * 30 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "bihuan.web.surface.errors.csrf_failure"

SILENCED_SYSTEM_CHECKS: list[str] = []
SITE_NAME = _("Bihuan")

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
