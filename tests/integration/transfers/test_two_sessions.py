"""A service starts while its store changes hands: it ends with the seller and begins with the buyer, or is refused."""

import threading
from collections.abc import Callable
from datetime import date

from django.db import connections, transaction

from comptoir.subscriptions.errors import SubscriptionRefused
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.operations import Taken, start
from comptoir.transfers.passing import pass_over
from tests.databases import Database
from tests.factories import NOW, TESTS

from .conftest import ON, Sale


def beside(database: Database, do: Callable[[], object]) -> threading.Thread:
    """Begin to do it in a session of its own, and let it come as far as it can meanwhile."""

    def connected() -> None:
        with database.as_owner():
            do()
        connections.close_all()

    session = threading.Thread(target=connected)
    session.start()
    session.join(1)
    return session


def test_what_is_started_before_the_store_passes_passes_with_it(sale: Sale, fresh_database: Database) -> None:
    sold, _kept = sale.stores
    transfer_id = sale.approved(stores=[sold])
    taken = Taken(sale.plan.id, sold.id)
    with transaction.atomic():
        start(company_id=sale.seller.id, taken=taken, starts_on=date(2020, 10, 5), actor=TESTS)
        passing = beside(fresh_database, lambda: pass_over(transfer_id=transfer_id, today=ON, now=NOW))
    passing.join(20)

    there = Subscription.objects.filter(location=sold)
    assert list(there.filter(company=sale.seller).values_list("ends_on", flat=True)) == [ON, ON]
    assert list(there.filter(company=sale.buyer).values_list("starts_on", "ends_on")) == [(ON, None)] * 2


def test_nothing_is_started_for_the_seller_once_the_store_passes(sale: Sale, fresh_database: Database) -> None:
    sold, _kept = sale.stores
    transfer_id = sale.approved(stores=[sold])
    refused: list[str] = []

    def begin() -> None:
        try:
            with transaction.atomic():
                start(company_id=sale.seller.id, taken=Taken(sale.plan.id, sold.id), starts_on=ON, actor=TESTS)
        except SubscriptionRefused as error:
            refused.append(str(error))

    with transaction.atomic():
        pass_over(transfer_id=transfer_id, today=ON, now=NOW)
        beginning = beside(fresh_database, begin)
    beginning.join(20)

    assert not Subscription.objects.filter(company=sale.seller, location=sold, ends_on=None).exists()
    assert len(refused) == 1
    assert "name one that the company owns on" in refused[0]
