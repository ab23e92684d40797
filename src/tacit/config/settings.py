"""Settings, all from the environment; the names are listed in docs/settings.md."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from tacit.config import collected, environment, logs, payments, postgres, settings_file
from tacit.web import theme

HOME = environment.home()
settings_file.load(HOME)
DEMO = environment.flag("TACIT_DEMO", default=False)
SECRET_KEY = environment.secret_key(HOME)
DEBUG = False
SAMPLE_PAGES = Path(__file__).parents[1] / "connectors" / "sample_shop" / "pages"
SAMPLE_PREVIEW = SAMPLE_PAGES.with_name("preview.jpg")

SHOP_URL = environment.origin("TACIT_URL", "http://127.0.0.1:8000")
SHOP_NAME = environment.short("TACIT_SHOP_NAME", "Nordwind")
SHOP_ACCENT = environment.colour("TACIT_ACCENT", "#1f4d3a")
SHOP_ACCENT_ON_PAPER = theme.light_accent(SHOP_ACCENT).plain  # in mails, whose ground is white
SHOP_GROUND = environment.ground("TACIT_GROUND", "#fbfaf7")
SHOP_MARK = environment.mark("TACIT_MARK")
SHOP_MARK_ALONE = environment.flag("TACIT_MARK_ALONE", default=False)
SHOP_PAGES = environment.pages("TACIT_PAGES", default=SAMPLE_PAGES if DEMO else None)
SHOP_PREVIEW = environment.preview(
    "TACIT_PREVIEW", default=SAMPLE_PREVIEW if DEMO and SHOP_NAME == "Nordwind" else None
)
SHOP_MAIL = environment.address("TACIT_SHOP_MAIL", "shop@example.com")
SHOP_CURRENCIES = environment.currencies("TACIT_CURRENCIES", first="TACIT_CURRENCY", demo=DEMO)
SHOP_CURRENCY = SHOP_CURRENCIES[0]
SHOP_COUNTRY = environment.country("TACIT_COUNTRY", "DE")
SHOP_TIME_ZONE = environment.time_zone("TACIT_TIME_ZONE", country=SHOP_COUNTRY)
SHOP_CUT_OFF = environment.whole("TACIT_CUT_OFF", 14, least=0, most=24)
STAFF_MAILS = environment.addresses("TACIT_STAFF", "staff@example.com" if DEMO else "")
MAIL_URL = environment.text("TACIT_MAIL_URL", "")
PAYMENT_PROVIDER = environment.adapter("TACIT_PAYMENT_PROVIDER", demo=DEMO)
PAYMENT_CAPTURE = environment.choice("TACIT_CAPTURE", ("on_shipping", "at_once"), "on_shipping")
CARRIER = environment.adapter("TACIT_CARRIER", demo=DEMO)
PRACTICE_URL = environment.text("TACIT_PRACTICE_URL", "http://127.0.0.1:8001")
PRACTICE_SECRET = environment.practice_secret(
    "TACIT_PRACTICE_SECRET", needed=PAYMENT_PROVIDER == "practice" and not DEMO
)
# Where placing an order may redirect to: the origin of the provider's hosted page.
PAYMENT_PAGES = payments.pages(PAYMENT_PROVIDER)
STRIPE_KEY = payments.stripe_key(chosen=PAYMENT_PROVIDER, demo=DEMO)
STRIPE_WEBHOOK_SECRETS = payments.stripe_webhook_secrets(chosen=PAYMENT_PROVIDER)
STRIPE_API = payments.stripe_api()
KEEP_TAX_YEARS = environment.whole("TACIT_KEEP_TAX_YEARS", 10, least=0, most=30)
PAGE_CACHE_SECONDS = environment.whole("TACIT_PAGE_CACHE", 5, least=0, most=3600)
RATE = environment.whole("TACIT_RATE", 240, least=0, most=100_000)
FRAGMENTS_OFF = frozenset(environment.words("TACIT_FRAGMENTS_OFF", ""))

_https = urlsplit(SHOP_URL).scheme == "https"
ALLOWED_HOSTS = environment.hosts("TACIT_HOSTS", of=SHOP_URL)
BEHIND_PROXY = environment.flag("TACIT_PROXY", default=False)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "tacit.core",
    "tacit.accounts",
    "tacit.catalog",
    "tacit.checkout",
    "tacit.web",
    "tacit.api",
    "tacit.config",
]

MIDDLEWARE = [
    "tacit.web.security.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tacit.api.edge.ApiErrors",
    "tacit.web.language.LanguageMiddleware",
    "tacit.web.origin.SameOriginMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tacit.web.cache.KeptPages",  # what is below it adds nothing to a page for everybody
    "tacit.web.limits.RateLimits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

ROOT_URLCONF = "tacit.config.urls"
WSGI_APPLICATION = "tacit.config.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["tacit.web.context.shop"],
            "builtins": ["tacit.web.templatetags.quick"],
        },
    }
]


def _database() -> dict[str, object]:
    url = os.environ.get("DATABASE_URL") or postgres.url(HOME)
    try:
        parts = conninfo_to_dict(url)
    except Exception as error:
        raise environment.SettingError(f"DATABASE_URL cannot be read: {error}") from error
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, object] = {known[key]: str(value) for key, value in parts.items() if key in known}
    options: dict[str, object] = {key: value for key, value in parts.items() if key not in known}
    # A server that was away is asked again soon: given up after two seconds, then tried at the next request.
    options["pool"] = {"min_size": 2, "max_size": 4, "timeout": 3, "reconnect_timeout": 2}
    # Statements are prepared after three uses: PostgreSQL needs a third less CPU for a purchase.
    options["server_side_binding"] = True
    options["prepare_threshold"] = 3
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        **settings,
    }


DATABASES = {"default": _database()}
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / collected.FOLDER
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tacit.web.static_files.StaticFiles"},
}
STATICFILES_DIRS: list[Path] = []

SESSION_ENGINE = "tacit.config.sessions"
SESSION_COOKIE_SECURE = _https
# Under https no other host of the merchant's domain, and no plain page, can plant these cookies.
COOKIE_PREFIX = "__Host-" if _https else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# The proxy that ends TLS says so, and must not let clients say it; docs/running.md.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # no token: changing requests must come from our own pages, docs/decisions/0002-same-origin.md
    "security.W005",  # other subdomains of the merchant's domain are not ours to bind
    "security.W008",  # the proxy redirects to https; behind it health checks come as plain http
    "security.W021",  # whether a whole domain is preloaded into browsers is its owner's decision
]

LOG_FORMAT = environment.choice("TACIT_LOG", logs.FORMATS, "lines")
LOGGING = logs.config(LOG_FORMAT)
if LOG_FORMAT == "json":
    MIDDLEWARE.insert(0, "tacit.config.logs.RequestLog")
if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # set by `tacit serve --metrics-port`
    MIDDLEWARE.insert(0, "tacit.config.metrics.CountRequests")
