"""From an e-mail URL to Django's mail settings."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

FILES = "django.core.mail.backends.filebased.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
SUBMISSION_PORT, SMTPS_PORT = 587, 465
SECONDS_TO_WAIT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """How mail leaves: over a mail server, or, without a host, into files."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: int = SECONDS_TO_WAIT


def mail_server(url: str) -> MailServer:
    """This function will read ``smtp://user:password@host:port/?tls=1``; an empty URL means files.

    ``tls=1`` switches to encryption after connecting (STARTTLS, port 587 unless given); ``smtps://`` begins with
    it (port 465 unless given). User and password are percent-encoded. Raises ValueError for anything else.
    """
    if not url:
        return MailServer(backend=FILES)
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError(
            "EMAIL_URL must read smtp://user:password@host:port/?tls=1 (or smtps://…); leave it empty for files."
        )
    options = parse_qs(parts.query)
    if unknown := options.keys() - {"tls"}:
        raise ValueError(f"EMAIL_URL knows the option tls only, not {', '.join(sorted(unknown))}.")
    use_ssl = parts.scheme == "smtps"
    use_tls = options.get("tls", ["0"])[-1] == "1"
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
    )
