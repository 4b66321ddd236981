"""The stand-in's own Django settings: pages and translations only; its data is in its own SQLite file."""

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

DATA = Path(os.environ.get("COMPTOIR_HOME") or "./var").resolve() / "sandbox"

API_KEY = os.environ.get("STRIPE_SANDBOX_KEY") or "sk_test_sandbox"
# How long setting a clock may wait for the webhooks that it caused.
WAIT_SECONDS = float(os.environ.get("STRIPE_SANDBOX_WAIT_SECONDS") or 20)

# Nothing is signed with it: there are no sessions, cookies or logins here.
SECRET_KEY = "the-sandbox-keeps-no-secrets"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["stripe_sandbox"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "stripe_sandbox.urls"
DATABASES: dict[str, Any] = {}
TEMPLATES: list[dict[str, Any]] = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("es", _("Spanish"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # A 4xx answer is the sandbox working as it should.
    "loggers": {"django.request": {"level": "ERROR"}},
}
