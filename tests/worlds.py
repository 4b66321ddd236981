"""A small world with everything in it: two vendors, three companies, and the people who act for them."""

import hashlib
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import TOTP

from comptoir.identity.models import StaffInvitation, User
from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company, Vendor
from tests.factories import (
    NOW,
    issue_invoices,
    make_company,
    make_location,
    make_member,
    make_plan,
    make_staff,
    make_subscription,
    make_user,
    make_vendor,
)


@dataclass(frozen=True)
class World:
    """Anna owns Arches and Bistro, customers of Northwind; Carl owns Cantina, a customer of Harbor.

    Nora is on Northwind's billing team, Hugo on Harbor's, both with a second factor.
    """

    northwind: Vendor
    harbor: Vendor
    arches: Company
    bistro: Company
    cantina: Company
    anna: User
    carl: User
    nora: User
    hugo: User
    invoices: dict[str, Invoice]


def make_world() -> World:
    """Make everybody, each company with a store and an open invoice of October."""
    northwind = make_vendor(slug="northwind", name="Northwind")
    harbor = make_vendor(slug="harbor", name="Harbor")
    arches = make_company(vendor=northwind, name="Arches Burgers LLC", billing_email="books@arches.example")
    bistro = make_company(vendor=northwind, name="Bistro Verte Inc", language="fr")
    cantina = make_company(vendor=harbor, name="Cantina Sol LLC", language="es", billing_email="books@cantina.example")
    for company, store in ((arches, "Arches Downtown"), (bistro, "Bistro Plateau"), (cantina, "Cantina Pier")):
        plan = make_plan(vendor=company.vendor, name="Enterprise Office", scope="location")
        make_subscription(company=company, plan=plan, location=make_location(company=company, name=store))
    anna = make_user(email="anna@arches.example", name="Anna", also=["books@arches.example"])
    carl = make_user(email="carl@cantina.example", name="Carl", language="es")
    for company in (arches, bistro):
        make_member(company=company, user=anna)
    make_member(company=cantina, user=carl)
    issued = [*issue_invoices(vendor=northwind), *issue_invoices(vendor=harbor)]
    return World(
        northwind=northwind,
        harbor=harbor,
        arches=arches,
        bistro=bistro,
        cantina=cantina,
        anna=anna,
        carl=carl,
        nora=_staff(northwind, name="Nora"),
        hugo=_staff(harbor, name="Hugo"),
        invoices={invoice.company.name: invoice for invoice in issued},
    )


def _staff(vendor: Vendor, *, name: str) -> User:
    person = make_staff(
        vendor=vendor, user=make_user(email=f"{name}@{vendor.slug}.example".lower(), name=name), role="admin"
    )
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    StaffInvitation.objects.create(
        vendor=vendor,
        email=f"next@{vendor.slug}.example",
        role="clerk",
        token_hash=hashlib.sha256(vendor.slug.encode()).hexdigest(),
        invited_by=name,
        expires_at=NOW,
    )
    return person
