"""Settings, all from the environment; the names are listed in docs/settings.md."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from tacit.config import environment, postgres

HOME = environment.home()
DEMO = environment.flag("TACIT_DEMO", default=False)
SECRET_KEY = environment.secret_key(HOME)
DEBUG = False

SHOP_URL = environment.text("TACIT_URL", "http://127.0.0.1:8000").rstrip("/")
SHOP_NAME = environment.text("TACIT_SHOP_NAME", "Nordwind")
SHOP_MAIL = environment.text("TACIT_SHOP_MAIL", "shop@example.com")
SHOP_CURRENCY = environment.text("TACIT_CURRENCY", "EUR")
SHOP_COUNTRY = environment.text("TACIT_COUNTRY", "DE")
STAFF_MAILS = environment.words("TACIT_STAFF", "staff@example.com" if DEMO else "")
MAIL_URL = environment.text("TACIT_MAIL_URL", "")
PAYMENT_PROVIDER = environment.text("TACIT_PAYMENT_PROVIDER", "practice")
PAYMENT_CAPTURE = environment.choice("TACIT_CAPTURE", ("on_shipping", "at_once"), "on_shipping")
PRACTICE_URL = environment.text("TACIT_PRACTICE_URL", "http://127.0.0.1:8001")
PRACTICE_SECRET = environment.text("TACIT_PRACTICE_SECRET", "practice-secret")

_https = urlsplit(SHOP_URL).scheme == "https"
ALLOWED_HOSTS = environment.words(
    "TACIT_HOSTS", f"{urlsplit(SHOP_URL).hostname or 'localhost'} localhost 127.0.0.1 [::1]"
)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "tacit.core",
    "tacit.accounts",
    "tacit.catalog",
    "tacit.checkout",
    "tacit.web",
    "tacit.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tacit.web.origin.SameOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
        "OPTIONS": {"context_processors": ["tacit.web.context.shop"]},
    }
]


def _database() -> dict[str, object]:
    url = os.environ.get("DATABASE_URL") or postgres.url(HOME)
    try:
        parts = conninfo_to_dict(url)
    except Exception as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, object] = {known[key]: str(value) for key, value in parts.items() if key in known}
    options: dict[str, object] = {key: value for key, value in parts.items() if key not in known}
    options["pool"] = {"min_size": 2, "max_size": 4, "timeout": 3}
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
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATICFILES_DIRS: list[Path] = []

SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # What a visitor did wrong is the visitor's to know; 5xx is ours.
    "loggers": {"django.request": {"level": "ERROR"}},
}
