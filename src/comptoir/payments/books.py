"""What `check-books` asks of payments."""

from comptoir.kit.books import BookCheck

from .return_codes import RULES, Rule

VOIDED = ", ".join(f"'{code}'" for code, rule in RULES.items() if rule is Rule.VOID)
STOPPED = ", ".join(f"'{code}'" for code, rule in RULES.items() if rule in (Rule.STOP, Rule.VOID, Rule.REVIEW))

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
        rule="what was applied to invoices is what payments that arrived were meant for, less what was refunded of it",
        sql="""
        SELECT coalesce(m.public_id, a.payment_public_id), coalesce(m.invoice_id, a.invoice_id), m.amount, a.amount
        FROM (SELECT p.public_id, item.invoice_id, item.amount_minor - coalesce((
                  SELECT sum(back.amount_minor) FROM payments_refunditem back
                  JOIN payments_refund r ON r.id = back.refund_id
                  WHERE r.payment_id = p.id AND back.invoice_id = item.invoice_id
                    AND r.status IN ('processing', 'succeeded', 'failed')), 0) AS amount
              FROM payments_paymentitem item JOIN payments_payment p ON p.id = item.payment_id
              WHERE p.status IN ('succeeded', 'disputed', 'refunded')) m
        FULL JOIN (SELECT payment_public_id, invoice_id, sum(amount_minor) AS amount FROM invoicing_allocation
                   WHERE payment_public_id IS NOT NULL AND payment_public_id NOT IN (
                       SELECT public_id FROM payments_payment WHERE status = 'returned') GROUP BY 1, 2) a
            ON a.payment_public_id = m.public_id AND a.invoice_id = m.invoice_id
        WHERE coalesce(m.amount, 0) <> coalesce(a.amount, 0)
        """,
    ),
    BookCheck(
        rule="credit that payments left is what those that arrived, and did not come back, had on account",
        sql="""
        SELECT coalesce(p.public_id, m.payment_public_id), p.on_account_minor, m.amount
        FROM (SELECT public_id, on_account_minor FROM payments_payment
              WHERE status IN ('succeeded', 'disputed', 'refunded') AND on_account_minor > 0) p
        FULL JOIN (SELECT payment_public_id, sum(amount_minor) AS amount FROM invoicing_creditmovement
                   WHERE payment_public_id IS NOT NULL AND payment_public_id NOT IN (
                       SELECT public_id FROM payments_payment WHERE status = 'returned') GROUP BY 1) m
            ON m.payment_public_id = p.public_id
        WHERE coalesce(p.on_account_minor, 0) <> coalesce(m.amount, 0)
        """,
    ),
    BookCheck(
        rule="what a payment brought to invoices and credit is its amount, less what was refunded or its bank took",
        sql="""
        SELECT p.id, p.amount_minor, applied.amount, kept.amount, back.amount, taken.amount FROM payments_payment p
        LEFT JOIN (SELECT payment_public_id, sum(amount_minor) AS amount FROM invoicing_allocation GROUP BY 1) applied
            ON applied.payment_public_id = p.public_id
        LEFT JOIN (SELECT coalesce(m.payment_public_id, paid.public_id) AS payment_public_id,
                          sum(m.amount_minor) AS amount
                   FROM invoicing_creditmovement m LEFT JOIN payments_refund r ON r.public_id = m.refund_public_id
                   LEFT JOIN payments_payment paid ON paid.id = r.payment_id GROUP BY 1) kept
            ON kept.payment_public_id = p.public_id
        LEFT JOIN (SELECT payment_id, sum(amount_minor) AS amount FROM payments_refund
                   WHERE status IN ('processing', 'succeeded') GROUP BY 1) back ON back.payment_id = p.id
        LEFT JOIN (SELECT payment_id, sum(amount_minor) AS amount FROM payments_dispute
                   WHERE status = 'lost' GROUP BY 1) taken ON taken.payment_id = p.id
        WHERE coalesce(applied.amount, 0) + coalesce(kept.amount, 0) <> CASE
            WHEN p.status IN ('succeeded', 'disputed', 'refunded') THEN p.amount_minor - coalesce(back.amount, 0)
            WHEN p.status = 'returned'
                THEN p.amount_minor - coalesce(back.amount, 0) - coalesce(taken.amount, p.amount_minor)
            ELSE 0 END
        """,
    ),
    BookCheck(
        rule="a refund that left the books took from credit and invoices what it says; one that failed is credit again",
        sql="""
        SELECT r.id, r.status, m.amount, a.amount FROM payments_refund r
        FULL JOIN (SELECT refund_public_id, sum(amount_minor) AS amount FROM invoicing_creditmovement
                   WHERE refund_public_id IS NOT NULL GROUP BY 1) m ON m.refund_public_id = r.public_id
        FULL JOIN (SELECT refund_public_id, -sum(amount_minor) AS amount FROM invoicing_allocation
                   WHERE refund_public_id IS NOT NULL GROUP BY 1) a ON a.refund_public_id = r.public_id
        WHERE r.id IS NULL
           OR coalesce(a.amount, 0) <> CASE WHEN r.status IN ('created', 'canceled') THEN 0
                                            ELSE r.amount_minor - r.from_credit_minor END
           OR coalesce(m.amount, 0) <> CASE WHEN r.status IN ('created', 'canceled') THEN 0
                                            WHEN r.status = 'failed' THEN r.amount_minor - r.from_credit_minor
                                            ELSE -r.from_credit_minor END
        """,
    ),
    BookCheck(
        rule="refunds add up to what was asked for and allowed, and to no more than their payment",
        sql="""
        SELECT q.id, q.amount_minor, sum(r.amount_minor) FROM payments_refundrequest q
        LEFT JOIN payments_refund r ON r.asked_id = q.id
        GROUP BY q.id HAVING sum(r.amount_minor) IS DISTINCT FROM q.amount_minor
            OR bool_or(r.status IN ('processing', 'succeeded', 'failed') AND q.status <> 'approved')
        UNION ALL
        SELECT p.id, p.amount_minor, sum(r.amount_minor) FROM payments_payment p
        JOIN payments_refund r ON r.payment_id = p.id AND r.status IN ('created', 'processing', 'succeeded')
        GROUP BY p.id HAVING sum(r.amount_minor) > p.amount_minor
        """,
    ),
    BookCheck(
        rule="what is disputed is what open disputes withdrew, and their fees are in the books, per company",
        sql="""
        SELECT coalesce(l.company_id, d.company_id), l.disputed, d.disputed, l.fees, d.fees
        FROM (SELECT p.company_id, coalesce(sum(p.amount_minor) FILTER (WHERE a.code = 'disputed'), 0) AS disputed,
                     coalesce(sum(p.amount_minor) FILTER (WHERE a.code = 'processor_fees'
                                                          AND b.reason LIKE 'dispute:%'), 0) AS fees
              FROM ledger_posting p JOIN ledger_ledgeraccount a ON a.id = p.account_id
                  AND a.code IN ('disputed', 'processor_fees')
              JOIN ledger_journalentry e ON e.id = p.entry_id JOIN ledger_journalbatch b ON b.id = e.batch_id
              WHERE p.company_id IS NOT NULL GROUP BY 1) l
        FULL JOIN (SELECT p.company_id, sum(d.fee_minor) AS fees,
                          coalesce(sum(d.amount_minor) FILTER (WHERE d.decided_on IS NULL), 0) AS disputed
                   FROM payments_dispute d JOIN payments_payment p ON p.id = d.payment_id GROUP BY 1) d
            ON d.company_id = l.company_id
        WHERE coalesce(l.disputed, 0) <> coalesce(d.disputed, 0) OR coalesce(l.fees, 0) <> coalesce(d.fees, 0)
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
    # Debits that were made before any such authorisation was kept have none, and cannot get one.
    BookCheck(
        rule="a bank debit that a person made has its company's authorisation; else a saved card's charge alone may",
        sql="""
        SELECT p.id, a.id FROM payments_payment p
        LEFT JOIN payments_authorisation a ON a.payment_id = p.id
        WHERE p.id >= (SELECT min(payment_id) FROM payments_authorisation)
          AND CASE WHEN p.origin = 'one_time' AND p.kind = 'us_bank_account'
                   THEN a.company_id IS DISTINCT FROM p.company_id
                   ELSE a.id IS NOT NULL
                        AND (p.origin <> 'one_time' OR p.method_id IS NULL OR a.company_id <> p.company_id) END
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
    BookCheck(
        rule="what a bank refused for good stays so until it is released, and a consent that its holder denied is over",
        sql=f"""
        SELECT p.id, m.id, p.failure_code FROM payments_payment p
        JOIN payments_paymentmethod m ON m.id = p.method_id AND m.removed_at IS NULL
        WHERE p.status IN ('failed', 'returned') AND p.failure_code IN ({STOPPED}) AND m.unusable_reason = ''
          AND NOT EXISTS (SELECT 1 FROM payments_methodrelease r
                          WHERE r.method_id = m.id AND r.released_at >= p.ended_at)
        UNION ALL
        SELECT p.id, a.id, p.failure_code FROM payments_payment p
        JOIN payments_authorisation a ON a.method_id = p.method_id AND a.active_since < p.ended_at
        WHERE p.status IN ('failed', 'returned') AND p.failure_code IN ({VOIDED}) AND a.ended_at IS NULL
        """,
    ),
)
