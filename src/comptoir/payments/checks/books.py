"""What `check-books` asks of checks."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="a deposit that was closed ties out, and once it is posted all its checks are in the books",
        sql="""
        SELECT d.id, d.control_minor, sum(c.amount_minor) FROM payments_deposit d
        LEFT JOIN payments_receivedcheck c ON c.deposit_id = d.id
        WHERE d.status IN ('closed', 'posted')
        GROUP BY d.id
        HAVING sum(c.amount_minor) IS DISTINCT FROM d.control_minor
            OR count(c.id) <> coalesce(d.control_count, count(c.id))
            OR bool_or((c.status = 'entered') = (d.status = 'posted'))
        """,
    ),
    BookCheck(
        rule="a check that was applied is a payment over its whole amount, and comes back when that does",
        sql="""
        SELECT c.id, p.id FROM payments_receivedcheck c
        FULL JOIN (SELECT * FROM payments_payment WHERE origin = 'check' AND status = 'succeeded') p
            ON p.id = c.payment_id
        WHERE c.id IS NULL OR p.amount_minor <> c.amount_minor OR (c.status = 'applied') <> (p.id IS NOT NULL)
        """,
    ),
    BookCheck(
        rule="what checks left in suspense is what the waiting ones are over, per vendor",
        sql="""
        SELECT coalesce(l.vendor_id, w.vendor_id), l.amount, w.amount
        FROM (SELECT b.vendor_id, -sum(p.amount_minor) AS amount FROM ledger_journalbatch b
              JOIN ledger_journalentry e ON e.batch_id = b.id
              JOIN ledger_posting p ON p.entry_id = e.id
              JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code = 'suspense'
              WHERE b.reason LIKE 'check:%' OR b.reason IN (
                  SELECT 'payment:' || public_id FROM payments_payment WHERE origin = 'check')
              GROUP BY 1) l
        FULL JOIN (SELECT vendor_id, sum(amount_minor) AS amount FROM payments_receivedcheck WHERE status = 'waiting'
                   GROUP BY 1) w ON w.vendor_id = l.vendor_id
        WHERE coalesce(l.amount, 0) <> coalesce(w.amount, 0)
        """,
    ),
)
