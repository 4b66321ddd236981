"""Django's settings. What differs between installations comes from ``environment``."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from .database import connection_settings
from .email import mail_server
from .environment import Environment

ENVIRONMENT = Environment.read()
PACKAGE = Path(__file__).resolve().parent.parent

# Without a key, commands that sign nothing still work; those that do refuse to start (see cli.preparation).
SECRET_KEY = ENVIRONMENT.secret_key or "not-a-secret-only-for-commands-that-sign-nothing"
# Without one, what needs it says so; see inbox.sealing.
MESSAGE_KEYS = ENVIRONMENT.message_keys
DEBUG = False
BASE_URL = ENVIRONMENT.base_url
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"]
DEMO = ENVIRONMENT.demo
SECURE = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "procrastinate.contrib.django",
    "comptoir.kit",
    "comptoir.tenancy",
    "comptoir.identity",
    "comptoir.ledger",
    "comptoir.taxes",
    "comptoir.documents",
    "comptoir.mailer",
    "comptoir.inbox",
    "comptoir.work",
    "comptoir.answers",
    "comptoir.customers",
    "comptoir.catalog",
    "comptoir.subscriptions",
    "comptoir.invoicing",
    "comptoir.payments",
    "comptoir.access",
    "comptoir.notices",
    "comptoir.cutover",
    "comptoir.dunning",
    "comptoir.transfers",
    "comptoir.sso",
    "comptoir.portal",
    "comptoir.console",
    "comptoir.look",
    "comptoir.demo",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
    "anymail",
]

MIDDLEWARE = [
    "comptoir.config.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "comptoir.config.middleware.bounded_body",
    "comptoir.config.middleware.content_security_policy",
    "comptoir.config.middleware.not_kept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "comptoir.config.middleware.expected_errors",
]

ROOT_URLCONF = "comptoir.config.urls"
WSGI_APPLICATION = "comptoir.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comptoir.config.context.demo",
                "comptoir.config.context.vendor",
            ],
        },
    }
]

_database_url, _database_variable = (
    (ENVIRONMENT.database_web_url, "DATABASE_WEB_URL")
    if ENVIRONMENT.role == "web"
    else (ENVIRONMENT.database_url, "DATABASE_URL")
)
DATABASES = {
    "default": connection_settings(_database_url or "postgresql:///comptoir", variable=_database_variable),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Attempts are counted here. With room for few, whoever tries many addresses would have the counts thrown out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "identity_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies
ACCOUNT_ADAPTER = "comptoir.sso.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"reset_password": "comptoir.sso.forms.ResetPasswordForm"}
MFA_ADAPTER = "comptoir.sso.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody signs up: an address that has a login had its first password by mail.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = "Comptoir"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
# With the prefix a browser takes the cookies from this host alone, not from a neighbour under the same domain.
SESSION_COOKIE_NAME = "__Host-comptoir_session" if SECURE else "comptoir_session"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"

OAUTH2_PROVIDER_APPLICATION_MODEL = "access.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "access.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "access.AccessToken"  # noqa: S105  a model's name
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "access.RefreshToken"  # noqa: S105  a model's name
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "access.IDToken"  # noqa: S105  a model's name
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": BASE_URL,
    "OAUTH2_VALIDATOR_CLASS": "comptoir.access.validator.Validator",
    "SCOPES": {"openid": "who came in, and for which company", "profile": "the name", "email": "the e-mail address"},
    "DEFAULT_SCOPES": ["openid"],
    "PKCE_REQUIRED": True,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "ID_TOKEN_EXPIRE_SECONDS": 600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": SESSION_COOKIE_AGE,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    **dict.fromkeys(
        (
            f"COMPLIANT_BCP_RFC9700_{rule}"
            for rule in (
                "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS",
                "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_SCHEME", "REDIRECT_URI_MATCHING", "PKCE_REQUIRED",
            )
        ),
        True,
    ),
}  # fmt: skip

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("es", _("Spanish"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
WHITENOISE_USE_FINDERS = True

DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from
_mail_server = mail_server(ENVIRONMENT.email_url)
EMAIL_BACKEND = _mail_server.backend
EMAIL_HOST = _mail_server.host
EMAIL_PORT = _mail_server.port
EMAIL_HOST_USER = _mail_server.user
EMAIL_HOST_PASSWORD = _mail_server.password
EMAIL_USE_TLS = _mail_server.use_tls
EMAIL_USE_SSL = _mail_server.use_ssl
EMAIL_TIMEOUT = _mail_server.timeout
EMAIL_FILE_PATH = str(ENVIRONMENT.mail_folder)
ANYMAIL = {**_mail_server.anymail, "REQUESTS_TIMEOUT": _mail_server.timeout}
MAIL_PROVIDER_WEBHOOK = _mail_server.provider_webhook
MAIL_WEBHOOK_SECRET = _mail_server.webhook_secret

STRIPE_API_KEY = ENVIRONMENT.stripe_api_key
STRIPE_API_BASE = ENVIRONMENT.stripe_api_base
STRIPE_WEBHOOK_SECRET = ENVIRONMENT.stripe_webhook_secret

TAX_RATES = ENVIRONMENT.tax_rates
TAX_TABLE = ENVIRONMENT.tax_table

INTERNAL_PROGRAMS = ENVIRONMENT.internal_programs

PROCRASTINATE_IMPORT_PATHS = ["comptoir.config.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "one_line": {"()": "comptoir.config.log_lines.OneLineWithoutSecrets"},
        "request_id": {"()": "comptoir.kit.request_id.RequestIdFilter"},
    },
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s request=%(request_id)s %(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id", "one_line"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

from .listeners import DELIVERED_FIRST, EVENT_LISTENERS  # noqa: E402  the wiring is data of its own

__all__ = ["DELIVERED_FIRST", "EVENT_LISTENERS"]
