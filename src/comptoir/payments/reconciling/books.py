"""What `check-books` asks of the processor's books as they are kept here."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="what the processor kept is in the books, day by day, to the cent",
        sql="""
        SELECT f.fee_entry_id, f.minor, x.amount_minor
        FROM (SELECT fee_entry_id, sum(fee_minor) AS minor FROM payments_processormovement
              WHERE fee_entry_id IS NOT NULL GROUP BY 1) f
        FULL JOIN (SELECT p.entry_id, p.amount_minor FROM ledger_posting p
                   JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code = 'processor_fees'
                   JOIN ledger_journalentry e ON e.id = p.entry_id
                   JOIN ledger_journalbatch b ON b.id = e.batch_id
                   WHERE b.reason LIKE 'processor_fees:%') x ON x.entry_id = f.fee_entry_id
        WHERE f.minor IS DISTINCT FROM x.amount_minor
        """,
    ),
    BookCheck(
        rule="a payout is in the bank from its arrival, with its amount, and no longer once it was sent back",
        sql="""
        SELECT p.gateway_id, p.amount_minor, x.amount_minor
        FROM (SELECT gateway_id, entry_id, amount_minor FROM payments_processorpayout WHERE entry_id IS NOT NULL
              UNION ALL
              SELECT gateway_id, back_entry_id, -amount_minor FROM payments_processorpayout
              WHERE back_entry_id IS NOT NULL) p
        FULL JOIN (SELECT p.entry_id, p.amount_minor FROM ledger_posting p
                   JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code = 'bank'
                   JOIN ledger_journalentry e ON e.id = p.entry_id
                   JOIN ledger_journalbatch b ON b.id = e.batch_id
                   WHERE b.reason LIKE 'payout:%') x ON x.entry_id = p.entry_id
        WHERE p.amount_minor IS DISTINCT FROM x.amount_minor
        """,
    ),
    BookCheck(
        rule="a payout is what its movements add up to, of its own vendor and currency, or that is on the list",
        sql="""
        SELECT p.gateway_id, p.amount_minor, sum(m.amount_minor - m.fee_minor)
        FROM payments_processorpayout p LEFT JOIN payments_processormovement m ON m.payout_id = p.id
        WHERE p.is_itemised AND NOT EXISTS (
            SELECT 1 FROM payments_difference d WHERE d.vendor_id = p.vendor_id AND d.kind = 'payout'
                AND d.subject = p.gateway_id AND (d.closed_on IS NULL OR d.settled_by <> ''))
        GROUP BY p.id
        HAVING coalesce(sum(m.amount_minor - m.fee_minor), 0) <> p.amount_minor
            OR bool_or(m.vendor_id <> p.vendor_id OR m.currency <> p.currency)
        """,
    ),
    BookCheck(
        rule="what is with the processor by our books is what it says, and what is on its way, or it is listed why not",
        sql="""
        SELECT r.vendor_id, r.day, r.currency, r.clearing_minor, r.balance_minor, r.on_its_way_minor, r.differing_minor
        FROM payments_reconciledday r
        WHERE r.clearing_minor <> r.balance_minor + r.on_its_way_minor + r.differing_minor
          AND NOT EXISTS (SELECT 1 FROM payments_difference d WHERE d.vendor_id = r.vendor_id
                          AND d.kind = 'clearing' AND d.currency = r.currency
                          AND d.found_on <= r.day AND (d.closed_on IS NULL OR d.closed_on > r.day))
        """,
    ),
)
