"""Settings of the demo's products: no database; sessions in this process's memory, so that they can be ended."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REGISTERED: dict[str, Any] = json.loads(Path(os.environ["COMPTOIR_PRODUCTS"]).read_text())

SECRET_KEY = secrets.token_hex(32)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "comptoir.demo.product.pages"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"]}]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_NAME = "demo_products"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español")]
LOCALE_PATHS = [HERE.parents[1] / "locale"]
USE_TZ = True
