"""What `make demo` prints when everything runs: where to click."""

from django.conf import settings
from django.urls import reverse

from comptoir.cutover.legacy.shipped import shipped_profile

from .cast import NORTHWIND, PASSWORD, PRODUCTS, VENDORS


def links(*, products_url: str) -> str:
    """Return the addresses and the logins, for a terminal."""
    base = settings.BASE_URL
    rows = [
        ("What to click, step by step", base + reverse("demo:home")),
        ("Portal (customers log in here)", base + reverse("account_login")),
        *((f"Console of {each.name}", f"{base}/console/{each.slug}/") for each in VENDORS),
        ("Mailbox (every mail that was sent)", base + reverse("demo:mailbox")),
        *((f"{each.name} (log in as a customer)", f"{products_url}/{code}/") for code, each in PRODUCTS.items()),
        ("The payment processor's stand-in", f"{settings.STRIPE_API_BASE}/sandbox/"),
    ]
    width = max(len(name) for name, _address in rows) + 2
    people = [person for vendor in VENDORS for person in vendor.team]
    longest = max(len(person.email) for person in people) + 2
    return "\n".join(
        [
            "",
            *(f"  {name:<{width}}{address}" for name, address in rows),
            "",
            f"Billing teams, all with the password {PASSWORD}; the one-time codes are on the first page above:",
            *(f"  {person.email:<{longest}}{person.role}" for person in people),
            "",
            f"To import for {NORTHWIND.name}, the old system's export and its mapping profile:",
            f"  {NORTHWIND.export}",
            f"  {shipped_profile(NORTHWIND.profile)}",
        ]
    )
