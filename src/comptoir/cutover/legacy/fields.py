"""What a profile may map: the fields that customers' and old invoices' files are read into."""

from __future__ import annotations

ADDRESS_FIELDS = ("address", "city", "county", "state", "zip", "country")

CUSTOMER_FIELDS = frozenset(
    {
        "customer_number",
        "company_name",
        "language",
        "currency",
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
        "store_number",
        "store_name",
        *(f"store_{name}" for name in ADDRESS_FIELDS),
        "store_opened_on",
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


def fold(word: str) -> str:
    """This function will return the form in which two spellings of a word are held to be the same."""
    return " ".join(word.split()).casefold()
