"""Every address there is, and how it is written with what belongs to somebody."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.belongings import Belongings

# Pages for anybody, each with the reason.
FOR_ANYBODY = {
    "account_login": "the way in",
    "account_reset_password": "the way in",
    "account_set_password": "leads to the way in",
    "account_reset_password_done": "the way in",
    "account_reset_password_from_key": "the way in, with a link that was mailed",
    "account_reset_password_from_key_done": "the way in",
    "mfa_login_webauthn": "the way in",
    "account_logout": "says good-bye",
    "account_inactive": "says that a login is closed",
    "front_door": "a vendor's way in",
    "letter_link": "the way in, with a link that was mailed",
    "brand_css": "how a vendor looks, for its login page",
    "brand_logo": "how a vendor looks, for its login page",
    "set_language": "a choice of words",
    "console_invitation": "the way in, with a link that was mailed",
    "billing_email_link": "what a link that was mailed is for",
    "company_invitation": "the way in, with a link that was mailed",
    "recipient_link": "what a link that was mailed is for",
    "transfer_link": "what a link that was mailed is for",
    "api:stripe_webhook": "signed by the processor",
    "api:mail_webhook": "signed by the mail provider",
    "api:returned_mail_webhook": "signed by the mail server",
    "programs:access": "for programs, with their key",
    "programs:access_of_many": "for programs, with their key",
    "programs:openapi-json": "what programs may ask",
    "openid_configuration": "what the single sign-on is",
    "openid_keys": "what its signatures are verified with",
    "openid_authorize": "the way in to a product; shows nothing without a login",
    "openid_token": "for products, with their secret and a code",
    "openid_revoke": "for products, with their secret",
    "openid_userinfo": "for products, with a token",
    "openid_logout": "says good-bye",
    "healthz": "for whoever watches",
}
SIGNED = {"api:stripe_webhook", "api:mail_webhook", "api:returned_mail_webhook"} | {
    # What programs send, with a secret, a key or a hint of their own; no cookie opens any of it.
    *("openid_token", "openid_revoke", "openid_userinfo", "openid_logout"),
    *("programs:access", "programs:access_of_many", "programs:openapi-json"),
}
# What an address names that belongs to nobody.
OF_NOBODY: dict[str, Any] = {
    "word": "bank-account",
    "what": "start",
    "role": "clerk",
    "uidb36": "1",
    "key": "set-password",
    "token": "nonsense",
    "decision": "send",
    "pk": 1,
    "tongue": "en",
    "letter": "reminder",
    "colour": "0b5d5b",
    "session": 1,
}
# Where the same word in an address means something else than elsewhere.
MEANT: dict[str, dict[str, str]] = {
    "console:books_account": {"number": "account"},
    "console:correction_approve": {"number": "correction"},
    "console:correction_refuse": {"number": "correction"},
    "console:subscription_act": {"what": "subscription_act"},
    "console:invoice_act": {"what": "invoice_act"},
    "console:check_act": {"what": "check_act"},
    "console:comparison_act": {"what": "comparison_act"},
    "console:dispute_act": {"what": "dispute_act"},
    "console:refund_check": {"what": "refund_act"},
    "console:help_page": {"key": "help_key"},
    "console:transfer_act": {"what": "transfer_act"},
    "console:move_act": {"what": "move_act"},
    "console:client_act": {"what": "client_act"},
    "console:dunning_act": {"what": "dunning_act"},
    "console:dunning_stop": {"what": "dunning_stop"},
    "console:dunning_text": {"what": "dunning_step", "word": "preview_language"},
    "console:preview": {"what": "preview", "word": "preview_language"},
}
ACTS = {
    "subscription_act": "stop",
    "invoice_act": "credit",
    "check_act": "return",
    "comparison_act": "sign",
    "dispute_act": "accept",
    "refund_act": "check-written",
    "help_key": "furnished",
    "transfer_act": "approve",
    "move_act": "letter",
    "preview": "receipt",
    "client_act": "disable",
    "dunning_act": "hold",
    "dunning_stop": "allow",
    "dunning_step": "reminder",
    "preview_language": "fr",
}


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every address's name, and the names of what is in it."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield prefix + entry.name, tuple(entry.pattern.regex.groupindex)
        else:
            yield from addresses(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)


ADDRESSES = dict(addresses())
BEHIND_LOGIN = sorted(ADDRESSES.keys() - FOR_ANYBODY.keys())
OF_A_CUSTOMER = [name for name in BEHIND_LOGIN if name.startswith("portal:")]
OF_A_TEAM = [name for name in BEHIND_LOGIN if name.startswith("console:")]


def address(name: str, things: Belongings, **instead: Any) -> str:
    """Write an address with what belongs to somebody."""
    known: Mapping[str, Any] = {**OF_NOBODY, **ACTS, **asdict(things), **instead}
    parts = {part: MEANT.get(name, {}).get(part, part) for part in ADDRESSES[name]}
    missing = set(parts.values()) - known.keys()
    assert not missing, f"tell this test what {missing} of {name} is: add it to Belongings"
    return reverse(name, kwargs={part: known[meant] for part, meant in parts.items()})
