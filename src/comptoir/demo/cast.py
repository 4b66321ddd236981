"""Who plays in the demo: two vendors, and the billing teams that log in. All of it is made up and public."""

import base64
import hashlib
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PASSWORD = "pepper-mill-2020"  # noqa: S105  printed by the demo for everybody to use
CODE_LASTS_SECONDS = 30
STARTS_ON = date(2020, 9, 1)
EXPORTS = Path(__file__).with_name("export")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of a billing team, with a second factor that everybody may know."""

    name: str
    email: str
    role: str

    @property
    def totp_secret(self) -> str:
        """The second factor's secret, the same in every demo."""
        return base64.b32encode(hashlib.sha256(self.email.encode()).digest()[:20]).decode()

    def code(self, *, now: float | None = None) -> str:
        """Return the one-time code that is valid at ``now``, in seconds since the epoch; without it, this moment's."""
        moment = time.time() if now is None else now
        return str(format_hotp_value(hotp_value(self.totp_secret, int(moment) // CODE_LASTS_SECONDS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVendor:
    """A vendor of the demo, and what its old system exported."""

    slug: str
    name: str
    legal_name: str
    time_zone: str
    colour: str
    email: str
    phone: str
    address_lines: tuple[str, ...]
    profile: str
    export: Path
    imported: bool
    team: tuple[Person, ...]


NORTHWIND = DemoVendor(
    slug="northwind",
    name="Northwind Restaurant Systems",
    legal_name="Northwind Restaurant Systems, Inc.",
    time_zone="America/New_York",
    colour="#1f5f8b",
    email="billing@northwind.example",
    phone="(555) 555-0142",
    address_lines=("500 Commerce Square", "Pittsburgh, PA 15222", "United States"),
    profile="demo",
    export=EXPORTS / "demo-customers.csv",
    imported=False,
    team=(
        Person(name="Ada Whitfield", email="ada@northwind.example", role="admin"),
        Person(name="Carl Bishop", email="carl@northwind.example", role="clerk"),
    ),
)
HARBOR = DemoVendor(
    slug="harbor",
    name="Harbor POS",
    legal_name="Harbor Point of Sale LLC",
    time_zone="America/Los_Angeles",
    colour="#a3412a",
    email="billing@harbor.example",
    phone="(555) 555-0177",
    address_lines=("12 Embarcadero West", "Oakland, CA 94607", "United States"),
    profile="harbor",
    export=EXPORTS / "harbor-customers.csv",
    imported=True,
    team=(
        Person(name="Iris Monroe", email="iris@harbor.example", role="admin"),
        Person(name="Tom Alvarez", email="tom@harbor.example", role="clerk"),
    ),
)
VENDORS = (NORTHWIND, HARBOR)
# The last invoice of each customer that the first vendor's old system made.
OLD_INVOICES = EXPORTS / "demo-invoices.csv"


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """One of the first vendor's products, which runs in the demo."""

    name: str
    colour: str


PRODUCTS = {
    "erestaurant": DemoProduct(name="eRestaurant", colour="#9a3412"),
    "xformity": DemoProduct(name="Xformity", colour="#5b3d9e"),
    "netpos": DemoProduct(name="NetPOS", colour="#0f6b4f"),
}
