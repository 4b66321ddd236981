"""Who pays: a person acting for a company, as the operations that talk to the processor need to know them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .gateways import Gateway
from .models import GatewayCustomer


@dataclass(frozen=True, slots=True)
class Payer:
    """Who acts for which company, in which language, on which business date, and when."""

    user_id: int
    actor: Actor
    company: CompanyRow
    vendor: VendorRow
    language: str
    today: date
    now: datetime

    @property
    def door(self) -> Callable[[], AbstractContextManager[None]]:
        """The way into the company's rows, one transaction at a time."""
        return partial(doors.portal, user_id=self.user_id, company_id=self.company.id)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the processor sends the payer afterwards: a page of ours for the setup or payment, done and not done."""

    done: Callable[[UUID], str]
    back: Callable[[UUID], str]


def customer_of(payer: Payer, gateway: Gateway) -> str:
    """Return what the processor calls the company; it is introduced the first time. Must not run in a transaction."""
    with payer.door():
        known = GatewayCustomer.objects.filter(company_id=payer.company.id).first()
    if known:
        return known.customer_id
    made = gateway.create_customer(
        reference=str(payer.company.public_id), name=payer.company.name, number=payer.company.number
    )
    with payer.door():
        GatewayCustomer.objects.bulk_create(
            [GatewayCustomer(company_id=payer.company.id, customer_id=made)], ignore_conflicts=True
        )
    return made
