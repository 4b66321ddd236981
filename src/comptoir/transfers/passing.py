"""The day on which stores pass over: ownership, subscriptions and the seller's credit in one transaction."""

import logging
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.customers.imports import put_contacts
from comptoir.customers.operations import add_owner, hand_over_stores
from comptoir.identity.operations import provision_login
from comptoir.invoicing.ended_service import credit_ended_service
from comptoir.kit.errors import ComptoirError
from comptoir.subscriptions.handing_over import hand_over
from comptoir.subscriptions.queries import lock
from comptoir.tenancy.audit import system
from comptoir.tenancy.operations import create_company
from comptoir.tenancy.queries import vendor
from comptoir.work.operations import close_work, open_work

from .errors import TransferNotOpen
from .models import NewCompany, Prices, Status, Transfer
from .queries import location_ids
from .telling import tell

log = logging.getLogger(__name__)

RULE = system("change of owner")
STUCK = "transfer_stuck"


def pass_over_due(*, vendor_id: int, on: date, now: datetime) -> None:
    """Let all stores pass over whose day has come. Again, it does nothing new.

    One that cannot, since something has changed meanwhile, is put on the team's list, and stops no other.
    """
    due = Transfer.objects.filter(vendor_id=vendor_id, status=Status.APPROVED, takes_effect_on__lte=on)
    for transfer_id in list(due.order_by("id").values_list("id", flat=True)):
        try:
            pass_over(transfer_id=transfer_id, today=on, now=now)
        except (ComptoirError, IntegrityError):
            log.exception("the change of owner %s could not be carried out", transfer_id)
            found = Transfer.objects.get(id=transfer_id)
            open_work(
                vendor_id=vendor_id,
                company_id=found.seller_id,
                kind="transfer_stuck",
                subject=_subject(found),
                now=now,
                urgent=True,
            )


def pass_over(*, transfer_id: int, today: date, now: datetime) -> None:
    """Let the stores of one approved change of owner pass, all or none; one that did already stays as it is.

    What the seller was billed beyond the day is credited at once; the next bill run bills the buyer from the day on.
    Raises what the packages below refuse.
    """
    with transaction.atomic():
        found = Transfer.objects.select_for_update().get(id=transfer_id)
        if found.status != Status.APPROVED or found.takes_effect_on > today:
            return
        if found.seller_id is None or found.buyer_id is None:
            raise TransferNotOpen(_("The buyer is no company yet; look at why it could not be made one."))
        stores = location_ids(found.id)
        # First what is taken, then whose the stores are: as whoever changes what is taken holds them.
        lock(company_ids=[found.seller_id, found.buyer_id])
        hand_over_stores(
            vendor_id=found.vendor_id,
            location_ids=stores,
            from_company_id=found.seller_id,
            to_company_id=found.buyer_id,
            on=found.takes_effect_on,
            actor=RULE,
            now=now,
        )
        hand_over(
            from_company_id=found.seller_id,
            to_company_id=found.buyer_id,
            location_ids=stores,
            on=found.takes_effect_on,
            keeps_prices=found.prices == Prices.AGREED,
            reason=_subject(found),
            actor=RULE,
        )
        credit_ended_service(
            vendor=vendor(found.vendor_id), company_ids=[found.seller_id], issue_date=today, run_id=None, now=now
        )
        found.status, found.done_at = Status.DONE, now
        found.save(update_fields=["status", "done_at"])
        close_work(vendor_id=found.vendor_id, kind=STUCK, subject=_subject(found), actor=RULE, now=now)
        tell(found, news="done", actor=RULE)


def open_buyer(found: Transfer) -> None:
    """Make a company of the buyer of an approved change of owner, if it is none yet, with a login for its owner.

    Must run in a transaction that holds ``found``. Raises CompanyExists.
    """
    given = NewCompany.objects.filter(transfer=found).first()
    if found.buyer_id is not None or given is None:
        return
    found.buyer_id = create_company(
        vendor_id=found.vendor_id,
        number=given.number,
        name=given.name,
        language=given.language,
        address_lines=given.address_lines,
        billed_since=found.takes_effect_on,
        actor=RULE,
    )
    put_contacts({found.buyer_id: {"owner": found.buyer_email, "billing": found.buyer_email}})
    person = provision_login(email=found.buyer_email, name=given.person, language=given.language)
    add_owner(company_id=found.buyer_id, vendor_id=found.vendor_id, user_id=person, actor=RULE)
    found.save(update_fields=["buyer_id"])


def _subject(found: Transfer) -> str:
    return f"transfer:{found.public_id}"
