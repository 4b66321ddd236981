"""Releasing deferred revenue: what is billed in advance is earned day by day, and posted month by month.

By what is earned to date less what was posted to date, so that doing it again posts nothing, and a credit note or a
correction since the last time sets right what was recognised of it.
"""

from datetime import date, timedelta

from django.db import connection, transaction

from comptoir.ledger.closing import first_open_day
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.tenancy.queries import vendor

from .models import RevenueRecognition

# Of a line what was not credited is earned, evenly over the days that are left of it; all of it once they are over.
# A charge is earned on its own day. Nothing is before it was billed. Balances of the old system were earned there.
EARNED = """
    SELECT i.company_id, sum(CASE
        WHEN l.subscription_id IS NULL THEN CASE WHEN o.charge_on < %(until)s THEN net.minor ELSE 0 END
        WHEN g.live_until <= %(until)s THEN net.minor
        WHEN g.starts_on >= %(until)s THEN 0
        ELSE (2 * net.minor * (%(until)s - g.starts_on) + (g.live_until - g.starts_on))
             / (2 * (g.live_until - g.starts_on)) END)::bigint AS minor
    FROM invoicing_invoice i
    JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    LEFT JOIN subscriptions_oneoffcharge o ON o.id = l.charge_id
    LEFT JOIN invoicing_coverage g ON g.invoice_id = l.invoice_id AND g.position = l.position
    LEFT JOIN (SELECT invoice_id, corrects, sum(amount_minor)::bigint AS minor
               FROM invoicing_creditnoteline GROUP BY 1, 2) AS credited
        ON credited.invoice_id = l.invoice_id AND credited.corrects = l.position
    CROSS JOIN LATERAL (SELECT l.amount_minor - coalesce(credited.minor, 0) AS minor) AS net
    WHERE i.vendor_id = %(vendor)s AND i.kind = 'service' AND i.issue_date < %(until)s
    GROUP BY i.company_id
"""
TO_RELEASE = f"""
    SELECT coalesce(e.company_id, p.company_id), coalesce(e.minor, 0) - coalesce(p.minor, 0)
    FROM ({EARNED}) AS e
    FULL JOIN (SELECT company_id, -sum(amount_minor)::bigint AS minor FROM ledger_posting
               WHERE account_id = %(revenue)s GROUP BY 1) AS p ON p.company_id = e.company_id
    WHERE coalesce(e.minor, 0) <> coalesce(p.minor, 0)
    ORDER BY 1
"""


def recognise(*, vendor_id: int, until: date) -> int:
    """Post to revenue what a vendor earned by service before ``until``, and return it in minor units.

    Posted on the day before, or on the first day that is open, company by company; below zero where credits took
    back more than was earned. A vendor that was recognised up to a later day, or this one, is left as it is. One
    transaction: killed, it is done again.
    """
    seller = vendor(vendor_id)
    with transaction.atomic():
        RevenueRecognition.objects.get_or_create(vendor_id=vendor_id)
        mark = RevenueRecognition.objects.select_for_update().get(vendor_id=vendor_id)
        if mark.recognised_until is not None and mark.recognised_until >= until:
            return 0
        account = accounts(vendor_id=vendor_id, currency=seller.currency)
        with connection.cursor() as cursor:
            cursor.execute(TO_RELEASE, {"vendor": vendor_id, "until": until, "revenue": account["revenue"]})
            earned: list[tuple[int, int]] = cursor.fetchall()
        if earned:
            post(
                vendor_id=vendor_id,
                posted_on=first_open_day(vendor_id=vendor_id, day=until - timedelta(days=1)),
                reason=f"recognition:{until.isoformat()}",
                entries=(
                    Entry(
                        company_id=company_id,
                        description="revenue earned",
                        postings=[
                            PostingLine(account["deferred_revenue"], minor),
                            PostingLine(account["revenue"], -minor),
                        ],
                    )
                    for company_id, minor in earned
                ),
            )
        mark.recognised_until = until
        mark.save(update_fields=["recognised_until"])
        return sum(minor for _company_id, minor in earned)
