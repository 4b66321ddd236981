"""The demo's data: two vendors and their billing teams; everything else comes of what people click."""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from comptoir.access.clients import clients_of, register_client, remove_client
from comptoir.access.signing import rotate_if_old
from comptoir.catalog.operations import add_product
from comptoir.catalog.queries import products as products_of
from comptoir.cutover.company_list import CompanyFilter, public_ids
from comptoir.cutover.importing import import_export
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.moving import move_company, move_ids_to_carry_out
from comptoir.cutover.planning import add_companies, create_wave
from comptoir.cutover.running import send_wave
from comptoir.cutover.waves import waves
from comptoir.identity.operations import accept_invitation, invite_staff
from comptoir.kit.clocks import wall_now
from comptoir.payments.operations import advance_gateway_clock, open_gateway_account
from comptoir.tenancy.audit import system
from comptoir.tenancy.operations import create_vendor
from comptoir.tenancy.queries import business_today, vendor_by_slug, vendors

from .cast import NORTHWIND, PASSWORD, PRODUCTS, STARTS_ON, VENDORS, DemoVendor, Person
from .plan import plan_waves

LOADER = system("demo's data")


def load_if_empty() -> None:
    """Make the demo's vendors that are not there yet, each with an account at the processor. Again, it changes nothing.

    Calls the processor: must not run in a transaction.
    """
    there = {vendor.slug: vendor.id for vendor in vendors()}
    for wanted in VENDORS:
        vendor_id = there.get(wanted.slug)
        if vendor_id is None:
            vendor_id = _make(wanted, now=wall_now())
        open_gateway_account(vendor_id=vendor_id)


def register_products(*, kept: Path, products_url: str) -> None:
    """Register the demo's products for the single sign-on, once; what they need to know is kept in a file of theirs."""
    there: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    vendor_id = vendor_by_slug(NORTHWIND.slug).id
    known = {row.client_id for row in clients_of(vendor_id)}
    given = {code: row["client_id"] for code, row in there.get("products", {}).items()}
    if there.get("url") == products_url and there["issuer"] == settings.BASE_URL and known >= set(given.values()):
        return
    for client_id in known:
        remove_client(vendor_id=vendor_id, client_id=client_id, actor=LOADER)
    rotate_if_old(now=wall_now())
    in_catalog = {row.code for row in products_of(vendor_id)}
    products = {}
    for code, product in PRODUCTS.items():
        if code not in in_catalog:
            add_product(vendor_id=vendor_id, code=code, name=product.name, tax_category="software", actor=LOADER)
        where = f"{products_url}/{code}"
        made = register_client(
            vendor_id=vendor_id,
            product_code=code,
            redirect_uris=[f"{where}/back"],
            post_logout_uris=[f"{where}/"],
            backchannel_logout_uri=f"{where}/ended",
            actor=LOADER,
        )
        products[code] = {"name": product.name, "colour": product.colour, **asdict(made)}
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({"issuer": settings.BASE_URL, "url": products_url, "products": products}, out)


def set_processors_clocks() -> None:
    """Set the clocks of the processor's stand-in to the days that the vendors have reached: it may have been off then.

    Raises GatewayUnclear, GatewayRefused.
    """
    for each in vendors():
        if each.business_date is not None:
            now = datetime.combine(each.business_date, time(12), tzinfo=UTC)
            advance_gateway_clock(vendor_id=each.id, now=now)


def move_everybody() -> dict[str, int]:
    """Import what no person has imported, and move all companies that are not; return how many that were."""
    found = {}
    for wanted in VENDORS:
        seller = vendor_by_slug(wanted.slug)
        today = business_today(seller, now=wall_now())
        _import_customers(wanted, now=wall_now())
        unmoved = public_ids(vendor_id=seller.id, wanted=CompanyFilter(moved="free"))
        with transaction.atomic():
            if unmoved:
                wave_id = create_wave(
                    vendor_id=seller.id,
                    name="Everybody",
                    first_invoice_month=today,
                    deadline=today,
                    actor=LOADER,
                    today=today,
                )
                add_companies(vendor_id=seller.id, wave_id=wave_id, company_public_ids=unmoved, actor=LOADER)
            planned = [row.id for row in waves(seller.id) if not row.is_sent and row.companies]
            for wave_id in planned:
                send_wave(vendor_id=seller.id, wave_id=wave_id, actor=LOADER, today=today, now=wall_now())
        moves = [move_id for wave_id in planned for move_id in move_ids_to_carry_out(wave_id)]
        for move_id in moves:  # at once, so that there is something to bill when this returns
            move_company(move_id=move_id, now=wall_now())
        found[wanted.slug] = len(moves)
    return found


def _make(wanted: DemoVendor, *, now: datetime) -> int:
    """Make a vendor whole or not at all, so that a load that was interrupted is done again."""
    with transaction.atomic():
        vendor_id = create_vendor(
            slug=wanted.slug,
            name=wanted.name,
            legal_name=wanted.legal_name,
            currency="USD",
            time_zone=wanted.time_zone,
            language="en",
            email=wanted.email,
            actor=LOADER,
            address_lines=wanted.address_lines,
            phone=wanted.phone,
            colour=wanted.colour,
            business_date=STARTS_ON,
        )
        for person in wanted.team:
            _join(person, vendor_id=vendor_id, now=now)
        if wanted.imported:
            _import_customers(wanted, now=now)
            plan_waves(vendor_id=vendor_id, actor=LOADER, today=STARTS_ON)
    return vendor_id


def _join(person: Person, *, vendor_id: int, now: datetime) -> None:
    invited = invite_staff(vendor_id=vendor_id, email=person.email, role=person.role, actor=LOADER, now=now)
    user_id = accept_invitation(token=invited.token, name=person.name, language="en", password=PASSWORD)
    TOTP.activate(get_user_model()._default_manager.get(pk=user_id), person.totp_secret)


def _import_customers(wanted: DemoVendor, *, now: datetime) -> None:
    profile = shipped_profile(wanted.profile)
    import_export(
        vendor_slug=wanted.slug,
        profile_text=profile.read_text(),
        profile_name=profile.stem,
        content=wanted.export.read_bytes(),
        filename=wanted.export.name,
        actor=LOADER,
        now=now,
    )
