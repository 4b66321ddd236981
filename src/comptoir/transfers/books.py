"""What must hold of changes of owner that are done."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="from the day of a change of owner on, nothing of its stores is billed to the seller any more",
        sql="""
        SELECT t.public_id, v.invoice_id, v.position FROM transfers_transfer t
        JOIN transfers_transferstore s ON s.transfer_id = t.id
        JOIN subscriptions_subscription b ON b.company_id = t.seller_id AND b.location_id = s.location_id
            AND b.starts_on < t.takes_effect_on
        JOIN invoicing_coverage v ON v.subscription_id = b.id
            AND v.live_until > greatest(v.starts_on, t.takes_effect_on)
        WHERE t.status = 'done'
        """,
    ),
    BookCheck(
        rule="the stores of a change of owner that is done became the buyer's on its day",
        sql="""
        SELECT t.public_id, s.location_id FROM transfers_transfer t
        JOIN transfers_transferstore s ON s.transfer_id = t.id
        WHERE t.status = 'done' AND NOT EXISTS (
            SELECT 1 FROM customers_ownership own WHERE own.location_id = s.location_id
            AND own.company_id = t.buyer_id AND lower(own.period) = t.takes_effect_on)
        """,
    ),
)
