"""No page of the portal asks the database more than eight times, whatever there is of everything."""

from datetime import date

from django.db import transaction

from comptoir.customers.inviting import invite
from comptoir.customers.models import StoreDifference, StoreVerification
from comptoir.customers.recipients import ask_recipient
from comptoir.identity.models import User
from comptoir.inbox.files import NewFile
from comptoir.inbox.operations import open_thread, write_message
from comptoir.invoicing.models import Invoice
from comptoir.payments.models import PaymentMethod
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import company_row
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.transfers.starting import OtherSide, Papers, start_sale
from tests.addresses import OF_A_CUSTOMER, address
from tests.belongings import PDF, Belongings, furnish
from tests.databases import Database
from tests.factories import NOW, TESTS, TODAY, issue_invoices, make_location, make_member, make_subscription
from tests.ways_to_pay import part_payment
from tests.web import WebClient
from tests.worlds import World

MOST = 8


def test_a_page_asks_as_often_for_many_as_for_one_and_never_more_than_eight_times(
    world: World, fresh_database: Database
) -> None:
    company, october = world.arches, world.invoices[world.arches.name]
    own = furnish(company, invoice=october, owner=world.anna, staff=world.nora)
    web = WebClient(fresh_database)
    web.force_login(world.anna)
    for_one = _queries(web, own)
    _more_of_everything(company, invoice=october, owner=world.anna)
    for_many = _queries(web, own)
    assert len(for_one) > 40
    assert {name: (len(said), said) for name, said in for_many.items() if len(said) > MOST} == {}
    assert {
        name: (len(for_one[name]), for_many[name]) for name in for_one if len(for_many[name]) > len(for_one[name])
    } == {}


def _queries(web: WebClient, own: Belongings) -> dict[str, list[str]]:
    """What each page says to the database once what it makes for the first time is made."""
    found = {}
    for name in OF_A_CUSTOMER:
        if web.get(address(name, own)).status_code != 405:
            web.get(address(name, own))
            found[name] = web.queries
    return found


def _more_of_everything(company: Company, *, invoice: Invoice, owner: User) -> None:
    plan = company.subscriptions.get().plan
    stores = [make_location(company=company) for _ in range(6)]
    for store in stores:
        make_subscription(company=company, plan=plan, location=store)
        StoreVerification.objects.create(
            company=company, location=store, answer="closed", answered_by=owner, answered_at=NOW
        )
        StoreDifference.objects.create(
            vendor=company.vendor, company=company, location=store, kind="closed", ours={}, said_by=owner, said_at=NOW,
            theirs={"closed_on": TODAY.isoformat()},
        )  # fmt: skip
    for through in (date(2020, 10, 1), date(2020, 11, 1), date(2020, 12, 1)):
        issue_invoices(vendor=company.vendor, through=through)
    method = PaymentMethod.objects.get(company=company, gateway_id=f"pm_{company.id}")
    for number in range(3):
        part_payment(company, invoice=invoice, method=method)
        PaymentMethod.objects.create(
            company=company, gateway_id=f"pm_more_{number}", kind="card", brand="Visa", last4=f"424{number}",
            saved_at=NOW, expires_on=date(2020, 10, 1),
        )  # fmt: skip
        make_member(company=company, role="viewer")
    with transaction.atomic():
        for number in range(3):
            _asks_and_sells(company, owner=owner, store=stores[number].public_id, number=number)


def _asks_and_sells(company: Company, *, owner: User, store: object, number: int) -> None:
    acting = Actor(kind="customer", label=owner.email, user_id=owner.id)
    asking = {"company_id": company.id, "vendor_id": company.vendor_id, "user_id": owner.id, "actor": TESTS, "now": NOW}
    invite(email=f"more-{number}@example.com", role="viewer", **asking)
    ask_recipient(email=f"further-{number}@example.com", **asking)
    files = [NewFile(name=f"{number}-{each}.pdf", content=PDF) for each in range(2)]
    thread = open_thread(
        vendor=vendor_row(company.vendor_id), company_id=company.id, topic="other", subject="More", text="More.",
        attached=files, actor=acting, now=NOW,
    )  # fmt: skip
    write_message(
        thread_public_id=thread, vendor=vendor_row(company.vendor_id), text="Again.", attached=files, actor=acting,
        now=NOW,
    )  # fmt: skip
    start_sale(
        seller=company_row(company), store_ids=[store], on=date(2020, 12, 1),
        buyer=OtherSide(email=f"buys-{number}@example.com", name="B"), papers=Papers(note="", files=files),
        actor=acting, today=TODAY, now=NOW,
    )  # fmt: skip
