"""From an e-mail URL to the settings of Django's mail, or of a provider's (anymail)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

FILES = "django.core.mail.backends.filebased.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
SUBMISSION_PORT, SMTPS_PORT = 587, 465
SECONDS_TO_WAIT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider whose reports are signed: its backend, the view that proves them, and what anymail calls its keys."""

    backend: str
    webhook: str
    key: str
    webhook_key: str
    domain: str = ""


PROVIDERS = {
    "mailgun": Provider(
        backend="anymail.backends.mailgun.EmailBackend",
        webhook="anymail.webhooks.mailgun.MailgunTrackingWebhookView",
        key="MAILGUN_API_KEY",
        webhook_key="MAILGUN_WEBHOOK_SIGNING_KEY",
        domain="MAILGUN_SENDER_DOMAIN",
    ),
    "sendgrid": Provider(
        backend="anymail.backends.sendgrid.EmailBackend",
        webhook="anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
        key="SENDGRID_API_KEY",
        webhook_key="SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """How mail leaves: over a mail server, through a provider, or, without a host, into files.

    ``webhook_secret`` proves what a mail server forwards, ``provider_webhook`` names the view that proves a
    provider's reports, and ``anymail`` are the provider's own settings.
    """

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: int = SECONDS_TO_WAIT
    webhook_secret: str = ""
    provider_webhook: str = ""
    anymail: Mapping[str, str] = field(default_factory=dict)


def mail_server(url: str) -> MailServer:
    """Read ``smtp://user:password@host:port/?tls=1``; an empty URL means files.

    ``tls=1`` switches to encryption after connecting (STARTTLS, port 587 unless given); ``smtps://`` begins with
    it (port 465 unless given). A provider is ``mailgun://API_KEY@sender.domain/`` or ``sendgrid://API_KEY@/``.
    With ``webhook=`` reports of what came back are taken in, proven by that secret. User, password and secrets are
    percent-encoded. Raises ValueError for anything else.
    """
    if not url:
        return MailServer(backend=FILES)
    parts = urlsplit(url)
    if parts.scheme in PROVIDERS:
        return _provider(parts, PROVIDERS[parts.scheme])
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        known = ", ".join(f"{name}://…" for name in PROVIDERS)
        raise ValueError(
            f"EMAIL_URL must read smtp://user:password@host:port/?tls=1 (or smtps://…, {known}); "
            "leave it empty for files."
        )
    options = _options(parts, {"tls", "webhook"})
    use_ssl = parts.scheme == "smtps"
    use_tls = options.get("tls", "0") == "1"
    if use_ssl and use_tls:
        raise ValueError("EMAIL_URL is either smtps:// or has tls=1, not both.")
    return MailServer(
        backend=SMTP,
        host=parts.hostname,
        port=parts.port or (SMTPS_PORT if use_ssl else SUBMISSION_PORT),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=use_tls,
        use_ssl=use_ssl,
        webhook_secret=options.get("webhook", ""),
    )


def _provider(parts: SplitResult, provider: Provider) -> MailServer:
    options = _options(parts, {"webhook", "api"})
    if not parts.username or bool(parts.hostname) != bool(provider.domain):
        wanted = f"{parts.scheme}://API_KEY@{'sender.domain' if provider.domain else ''}/?webhook=…"
        raise ValueError(f"EMAIL_URL for this provider must read {wanted}.")
    settings = {provider.key: unquote(parts.username)}
    if provider.domain:
        settings[provider.domain] = parts.hostname or ""
    if "api" in options:
        settings[provider.key.replace("API_KEY", "API_URL")] = options["api"]
    if "webhook" in options:
        settings[provider.webhook_key] = options["webhook"]
    return MailServer(
        backend=provider.backend,
        provider_webhook=provider.webhook if "webhook" in options else "",
        anymail=settings,
    )


def _options(parts: SplitResult, known: set[str]) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := options.keys() - known:
        raise ValueError(
            f"EMAIL_URL knows the options {' and '.join(sorted(known))} only, not {', '.join(sorted(unknown))}."
        )
    return options
