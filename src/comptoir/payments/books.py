"""What `check-books` asks of payments."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="what is in flight on an invoice is what payments under way are meant for",
        sql="""
        SELECT b.invoice_id, b.in_flight_minor, u.amount FROM invoicing_invoicebalance b
        LEFT JOIN (SELECT item.invoice_id, sum(item.amount_minor) AS amount FROM payments_paymentitem item
                   JOIN payments_payment p ON p.id = item.payment_id
                   WHERE p.status IN ('created', 'action_required', 'processing') GROUP BY 1) u
            ON u.invoice_id = b.invoice_id
        WHERE b.in_flight_minor <> coalesce(u.amount, 0)
        """,
    ),
    BookCheck(
        rule="a payment's items and what is on account add up to its amount, on invoices of its company and currency",
        sql="""
        SELECT p.id FROM payments_payment p
        LEFT JOIN payments_paymentitem item ON item.payment_id = p.id
        LEFT JOIN invoicing_invoice i ON i.id = item.invoice_id
            AND i.company_id = p.company_id AND i.currency = p.currency
        GROUP BY p.id
        HAVING coalesce(sum(item.amount_minor), 0) + p.on_account_minor <> p.amount_minor
            OR count(i.id) <> count(item.id)
        """,
    ),
    BookCheck(
        rule="what was applied to invoices is what payments that arrived, and did not come back, were meant for",
        sql="""
        SELECT coalesce(m.public_id, a.payment_public_id), coalesce(m.invoice_id, a.invoice_id), m.amount, a.amount
        FROM (SELECT p.public_id, item.invoice_id, item.amount_minor AS amount FROM payments_paymentitem item
              JOIN payments_payment p ON p.id = item.payment_id
              WHERE p.status IN ('succeeded', 'disputed')) m
        FULL JOIN (SELECT payment_public_id, invoice_id, sum(amount_minor) AS amount FROM invoicing_allocation
                   WHERE payment_public_id IS NOT NULL GROUP BY 1, 2) a
            ON a.payment_public_id = m.public_id AND a.invoice_id = m.invoice_id
        WHERE coalesce(m.amount, 0) <> coalesce(a.amount, 0)
        """,
    ),
    BookCheck(
        rule="credit that payments left is what those that arrived, and did not come back, had on account",
        sql="""
        SELECT coalesce(p.public_id, m.payment_public_id), p.on_account_minor, m.amount
        FROM (SELECT public_id, on_account_minor FROM payments_payment
              WHERE status IN ('succeeded', 'disputed') AND on_account_minor > 0) p
        FULL JOIN (SELECT payment_public_id, sum(amount_minor) AS amount FROM invoicing_creditmovement
                   WHERE payment_public_id IS NOT NULL GROUP BY 1) m ON m.payment_public_id = p.public_id
        WHERE coalesce(p.on_account_minor, 0) <> coalesce(m.amount, 0)
        """,
    ),
    BookCheck(
        rule="payments, consents and saved methods are of one company",
        sql="""
        SELECT p.id FROM payments_payment p JOIN payments_paymentmethod m ON m.id = p.method_id
        WHERE m.company_id <> p.company_id
        UNION ALL
        SELECT a.id FROM payments_authorisation a JOIN payments_paymentmethod m ON m.id = a.method_id
        WHERE m.company_id <> a.company_id
        """,
    ),
    BookCheck(
        rule="an automatic payment was begun under a consent that was active then",
        sql="""
        SELECT p.id FROM payments_payment p
        WHERE p.origin = 'autopay' AND NOT EXISTS (
            SELECT 1 FROM payments_authorisation a WHERE a.method_id = p.method_id AND a.active_since <= p.created_at
                AND (a.ended_at IS NULL OR a.ended_at >= p.created_at))
        """,
    ),
)
