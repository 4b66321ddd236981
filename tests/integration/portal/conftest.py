"""Two vendors, three companies, and the people who act for them."""

from dataclasses import dataclass

import pytest

from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import (
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
    """Anna owns Arches and Bistro, customers of Northwind; Carl owns Cantina, a customer of Harbor."""

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


@pytest.fixture
def world(fresh_database: Database) -> World:
    """Everybody, each company with a store and an open invoice of October."""
    northwind = make_vendor(slug="northwind", name="Northwind")
    harbor = make_vendor(slug="harbor", name="Harbor")
    arches = make_company(vendor=northwind, name="Arches Burgers LLC", billing_email="books@arches.example")
    bistro = make_company(vendor=northwind, name="Bistro Verte Inc", language="fr")
    cantina = make_company(vendor=harbor, name="Cantina Sol LLC", language="es")
    for company, store in ((arches, "Arches Downtown"), (bistro, "Bistro Plateau"), (cantina, "Cantina Pier")):
        plan = make_plan(vendor=company.vendor, name="Enterprise Office")
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
        nora=make_staff(vendor=northwind, user=make_user(email="nora@northwind.example", name="Nora"), role="admin"),
        hugo=make_staff(vendor=harbor, user=make_user(email="hugo@harbor.example", name="Hugo"), role="admin"),
        invoices={invoice.company.name: invoice for invoice in issued},
    )
