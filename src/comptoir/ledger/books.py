"""What `check-books` asks of the ledger."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="every journal entry has at least two postings and adds up to zero",
        sql="""
        SELECT e.id, count(p.entry_id), sum(p.amount_minor) FROM ledger_journalentry e
        LEFT JOIN ledger_posting p ON p.entry_id = e.id
        GROUP BY e.id HAVING count(p.entry_id) < 2 OR sum(p.amount_minor) <> 0
        """,
    ),
    BookCheck(
        rule="every posting belongs to an entry, and its account and company to the entry's vendor",
        sql="""
        SELECT p.entry_id, p.position FROM ledger_posting p
        LEFT JOIN ledger_journalentry e ON e.id = p.entry_id
        LEFT JOIN ledger_journalbatch b ON b.id = e.batch_id
        LEFT JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.vendor_id = b.vendor_id
        LEFT JOIN tenancy_company c ON c.id = p.company_id AND c.vendor_id = b.vendor_id
        WHERE a.id IS NULL
           OR (c.id IS NULL AND (p.company_id IS NOT NULL
               OR a.code NOT IN ('bank', 'suspense', 'processor_clearing', 'processor_fees')))
        """,
    ),
    BookCheck(
        rule="every journal batch is closed",
        sql="SELECT id FROM ledger_journalbatch WHERE NOT closed",
    ),
    BookCheck(
        rule="nothing was posted on a day through which the books were closed already",
        sql="""
        SELECT b.id, b.posted_on, c.closed_through FROM ledger_journalbatch b
        JOIN ledger_bookclosing c ON c.vendor_id = b.vendor_id AND c.closed_through >= b.posted_on
            AND c.recorded_at < b.recorded_at
        """,
    ),
)
