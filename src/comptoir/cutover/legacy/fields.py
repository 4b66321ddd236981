"""What a profile may map: the fields that customers' and old invoices' files are read into."""

from __future__ import annotations

from functools import lru_cache

ADDRESS_FIELDS = ("address", "city", "county", "state", "zip", "country")

COMPANY_FIELDS = frozenset(
    {
        "company_name",
        "language",
        "owner_email",
        "billing_email",
        "phone",
        *ADDRESS_FIELDS,
        "payment_method",
        "balance",
        "charged_to_date",
        "last_invoice_number",
        "last_invoice_date",
        "last_invoice_amount",
    }
)
STORE_FIELDS = frozenset(
    {
        "store_number",
        "store_name",
        "store_brand",
        "store_opened_on",
        "country",
        *(f"store_{name}" for name in ADDRESS_FIELDS),
    }
)
TAKEN_FIELDS = frozenset(
    {
        "product",
        "plan",
        "cadence",
        "anchor_day",
        "price",
        "billed_through",
        "starts_on",
        "tenure_months",
        "minimum_term",
        "minimum_term_ends_on",
    }
)
CUSTOMER_FIELDS = frozenset({*COMPANY_FIELDS, *STORE_FIELDS, *TAKEN_FIELDS, "customer_number", "currency"})
INVOICE_FIELDS = frozenset(
    {
        "customer_number",
        "invoice_number",
        "issued_on",
        "invoice_total",
        "currency",
        "store_number",
        "product",
        "plan",
        "description",
        "starts_on",
        "ends_on",
        "amount",
        "tax",
        "open_amount",
    }
)

# Each group needs at least one of its fields, from a column or from a default.
CUSTOMER_NEEDS = (
    ("company_name",),
    ("country",),
    ("payment_method",),
    ("product", "plan"),
    ("cadence",),
    ("price",),
    ("billed_through",),
)
INVOICE_NEEDS = (
    ("invoice_number",),
    ("issued_on",),
    ("product", "plan"),
    ("starts_on",),
    ("ends_on",),
    ("amount",),
)

CADENCES = ("monthly", "quarterly", "annual")
LANGUAGES = ("en", "fr", "es")
PAYMENT_KINDS = ("ach", "card", "check", "other")

# Fields whose words a profile may translate into Comptoir's own.
WORD_FIELDS = (
    "cadence",
    "payment_method",
    "language",
    "product",
    "plan",
    "state",
    "country",
    "minimum_term",
)


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Return the form in which two spellings of a word are held to be the same."""
    return " ".join(word.split()).casefold()
