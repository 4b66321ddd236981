"""New accounts, customers, payment methods and mandates, in the shape of Stripe's API."""

from .descriptors import own_descriptors
from .shapes import listing, nothing
from .store import Body, new_id
from .testnumbers import BANK_NAME, ROUTING_NUMBER, TestNumber


def account(*, identifier: str, created: int, business_name: str | None, details: Body) -> Body:
    """Give a connected account that may take cards and bank debits at once."""
    asked: list[str] = []
    whole, prefix = own_descriptors(business_name)
    requirements = {
        **nothing("current_deadline", "disabled_reason"),
        "alternatives": [],
        "currently_due": asked,
        "errors": [],
        "eventually_due": asked,
        "past_due": asked,
        "pending_verification": asked,
    }
    return {
        "id": identifier,
        "object": "account",
        "business_profile": {
            **nothing("mcc", "product_description", "support_address", "support_email", "support_phone"),
            **nothing("support_url", "url"),
            "name": business_name,
        },
        "business_type": None,
        "capabilities": {
            "card_payments": "active",
            "transfers": "active",
            "us_bank_account_ach_payments": "active",
        },
        "charges_enabled": True,
        "controller": {"type": "application", "is_controller": True},
        "country": "US",
        "created": created,
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "external_accounts": listing([], url=f"/v1/accounts/{identifier}/external_accounts"),
        "future_requirements": requirements,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": requirements,
        "settings": {
            "card_payments": {
                **nothing("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji"),
                "statement_descriptor_prefix": prefix,
                "decline_on": {"avs_failure": False, "cvc_failure": False},
            },
            "branding": nothing("icon", "logo", "primary_color", "secondary_color"),
            "dashboard": {"display_name": business_name, "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": whole},
        },
        "tos_acceptance": nothing("date", "ip", "user_agent"),
        "type": "none",
        **details,
    }


def customer(*, created: int, details: Body) -> Body:
    """Give a customer."""
    return {
        **nothing("address", "currency", "default_source", "description", "discount", "email", "name"),
        **nothing("phone", "shipping", "test_clock", "customer_account"),
        "id": new_id("cus", length=14),
        "object": "customer",
        "balance": 0,
        "created": created,
        "delinquent": False,
        "invoice_prefix": new_id("x", length=8)[2:].upper(),
        "invoice_settings": nothing("custom_fields", "default_payment_method", "footer", "rendering_options"),
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        **details,
    }


def _method(*, created: int, kind: str, name: str, postal_code: str | None, details: Body) -> Body:
    address = {**nothing("city", "country", "line1", "line2", "state"), "postal_code": postal_code}
    return {
        **nothing("customer", "customer_account"),
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {**nothing("email", "phone", "tax_id"), "address": address, "name": name},
        "created": created,
        "livemode": False,
        "metadata": {},
        "type": kind,
        kind: details,
    }


def card(*, created: int, number: TestNumber, name: str, postal_code: str, expiry: tuple[int, int]) -> Body:
    """Give a card; ``expiry`` is month and year."""
    details = {
        **nothing("generated_from", "regulated_status", "wallet"),
        "brand": number.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": "pass",
            "cvc_check": "pass",
        },
        "country": "US",
        "display_brand": number.brand,
        "exp_month": expiry[0],
        "exp_year": expiry[1],
        "fingerprint": number.fingerprint,
        "funding": "credit",
        "last4": number.last4,
        "networks": {"available": [number.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }
    return _method(created=created, kind="card", name=name, postal_code=postal_code, details=details)


def bank_account(*, created: int, number: TestNumber, name: str, holder_type: str, account_type: str) -> Body:
    """Give a US bank account, verified."""
    details = {
        "account_holder_type": holder_type,
        "account_type": account_type,
        "bank_name": BANK_NAME,
        "financial_connections_account": None,
        "fingerprint": number.fingerprint,
        "last4": number.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": ROUTING_NUMBER,
        "status_details": {},
    }
    return _method(created=created, kind="us_bank_account", name=name, postal_code=None, details=details)


def mandate(*, accepted_at: int, method: Body, once: Body | None, online: Body) -> Body:
    """Give the recorded authorisation of debits, or of the one that ``once`` names."""
    return {
        "id": new_id("mandate"),
        "object": "mandate",
        "customer_acceptance": {"accepted_at": accepted_at, "online": online, "type": "online"},
        "livemode": False,
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], method["type"]: {}},
        "status": "active",
        **({"type": "single_use", "single_use": once} if once else {"type": "multi_use", "multi_use": {}}),
    }
