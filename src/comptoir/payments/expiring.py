"""Telling a company that a card expires: 30 days before, and 7, once each."""

from datetime import date, timedelta

from django.db import transaction

from comptoir.kit.events import emit

from .models import ExpiryReminder, PaymentMethod

EARLY_DAYS, LATE_DAYS = 30, 7


def remind_of_expiring_cards(*, vendor_id: int, on: date) -> None:
    """Have a vendor's customers told of saved cards whose last good day is 30 days away or less, and again at 7.

    A card that is saved later, or a day on which nothing ran, falls into the window all the same: it is told when it
    is seen, once for each window and date of expiry. Done again, it tells nobody twice.
    """
    kept = PaymentMethod.objects.filter(
        company__vendor_id=vendor_id,
        removed_at=None,
        unusable_reason="",
        expires_on__gt=on + timedelta(days=1),
        expires_on__lte=on + timedelta(days=EARLY_DAYS + 1),
    )
    for method in kept.select_related("company").order_by("id"):
        if method.expires_on is None:
            continue
        last_good_day = method.expires_on - timedelta(days=1)
        window = LATE_DAYS if last_good_day <= on + timedelta(days=LATE_DAYS) else EARLY_DAYS
        with transaction.atomic():
            reminder, is_new = ExpiryReminder.objects.get_or_create(
                method=method, expires_on=method.expires_on, days_before=window, defaults={"told_on": on}
            )
            if is_new:
                emit(
                    name="card_expires",
                    topic=f"payment_method:{method.public_id}",
                    vendor_id=vendor_id,
                    company_id=method.company_id,
                    data={"method": str(method.public_id), "reminder": reminder.id},
                )
