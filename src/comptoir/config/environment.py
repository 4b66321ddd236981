"""What Comptoir takes from the environment, in one typed place."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Environment:
    """Every setting that differs between installations. ``docs/operations.md`` explains each."""

    home: Path
    role: Literal["owner", "web"]
    database_url: str
    database_web_url: str
    secret_key: str
    message_keys: str
    base_url: str
    trusted_proxies: int
    demo: bool
    stripe_api_key: str
    stripe_api_base: str
    stripe_webhook_secret: str
    email_url: str
    mail_from: str
    tax_rates: str
    tax_table: str
    internal_programs: tuple[str, ...]

    @property
    def mail_folder(self) -> Path:
        """Where mail is put as files when no mail server is configured."""
        return self.home / "mail"

    @classmethod
    def read(cls, source: Mapping[str, str] = os.environ) -> "Environment":
        """Read the settings; what is missing gets a value that is safe on one machine."""
        role = source.get("COMPTOIR_ROLE", "owner")
        if role not in ("owner", "web"):
            raise ValueError(f"COMPTOIR_ROLE is “{role}”; it must be “owner” or “web”.")
        database_url = source.get("DATABASE_URL", "")
        return cls(
            home=Path(source.get("COMPTOIR_HOME", "var")).absolute(),
            role="web" if role == "web" else "owner",
            database_url=database_url,
            database_web_url=source.get("DATABASE_WEB_URL", ""),
            secret_key=source.get("COMPTOIR_SECRET_KEY", ""),
            message_keys=source.get("COMPTOIR_MESSAGE_KEYS", ""),
            base_url=source.get("COMPTOIR_BASE_URL", "http://localhost:8000").rstrip("/"),
            trusted_proxies=_count(source, "COMPTOIR_TRUSTED_PROXIES"),
            demo=source.get("COMPTOIR_DEMO", "") == "1",
            stripe_api_key=source.get("STRIPE_API_KEY", ""),
            stripe_api_base=source.get("STRIPE_API_BASE", ""),
            stripe_webhook_secret=source.get("STRIPE_WEBHOOK_SECRET", ""),
            email_url=source.get("EMAIL_URL", ""),
            mail_from=source.get("COMPTOIR_MAIL_FROM", "billing@comptoir.example"),
            tax_rates=source.get("COMPTOIR_TAX_RATES", "") or "comptoir.taxes.table.applicable_rates",
            tax_table=source.get("COMPTOIR_TAX_TABLE", ""),
            internal_programs=tuple(source.get("COMPTOIR_INTERNAL_PROGRAMS", "").replace(",", " ").split()),
        )


def _count(source: Mapping[str, str], variable: str) -> int:
    given = source.get(variable, "") or "0"
    if not given.isdecimal():
        raise ValueError(f"{variable} is “{given}”; it must be a number, 0 or more.")
    return int(given)
