"""What `check-books` asks of invoices."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="an invoice's net is its lines', its tax its taxes', its balance is there, and its number is its vendor's",
        sql="""
        SELECT i.id FROM invoicing_invoice i
        LEFT JOIN (SELECT invoice_id, sum(amount_minor) AS amount FROM invoicing_invoiceline GROUP BY 1) l
            ON l.invoice_id = i.id
        LEFT JOIN (SELECT invoice_id, sum(tax_minor) AS amount FROM invoicing_invoicetax GROUP BY 1) t
            ON t.invoice_id = i.id
        LEFT JOIN invoicing_invoicebalance b ON b.invoice_id = i.id
        LEFT JOIN invoicing_invoicenumber n ON n.invoice_id = i.id
        LEFT JOIN invoicing_numberseries s ON s.id = n.series_id AND s.vendor_id = i.vendor_id
        WHERE l.amount IS DISTINCT FROM i.net_minor OR coalesce(t.amount, 0) <> i.tax_minor
           OR b.invoice_id IS NULL OR s.id IS NULL
        """,
    ),
    BookCheck(
        rule="the taxes of an invoice are what its lines bear of them",
        sql="""
        SELECT coalesce(t.invoice_id, l.invoice_id), t.tax_minor, l.tax_minor FROM invoicing_invoicetax t
        FULL JOIN (SELECT l.invoice_id, p.position, sum(p.minor) AS tax_minor, sum(l.amount_minor) AS taxable_minor
                   FROM invoicing_invoiceline l
                   CROSS JOIN unnest(l.tax_positions, l.tax_parts) AS p(position, minor) GROUP BY 1, 2) l
            ON l.invoice_id = t.invoice_id AND l.position = t.position
        WHERE t.tax_minor IS DISTINCT FROM l.tax_minor OR t.taxable_minor IS DISTINCT FROM l.taxable_minor
        """,
    ),
    BookCheck(
        rule="numbers of invoices and credit notes have no gap",
        sql="""
        SELECT s.id, count(n.number), max(n.number), s.next_number FROM invoicing_numberseries s
        LEFT JOIN (SELECT series_id, number FROM invoicing_invoicenumber
                   UNION ALL SELECT series_id, number FROM invoicing_creditnotenumber) n ON n.series_id = s.id
        GROUP BY s.id HAVING count(n.number) <> s.next_number - 1 OR coalesce(max(n.number), 0) <> s.next_number - 1
        """,
    ),
    BookCheck(
        rule="what is open on an invoice is its receivable in the ledger, and its total less what was applied",
        sql="""
        SELECT i.id, b.open_minor, p.amount, a.amount FROM invoicing_invoice i
        JOIN invoicing_invoicebalance b ON b.invoice_id = i.id
        LEFT JOIN (SELECT document_id, sum(amount_minor) AS amount FROM ledger_posting
                   WHERE document_id IS NOT NULL GROUP BY 1) p ON p.document_id = i.id
        LEFT JOIN (SELECT invoice_id, sum(amount_minor) AS amount FROM invoicing_allocation GROUP BY 1) a
            ON a.invoice_id = i.id
        WHERE b.open_minor <> coalesce(p.amount, 0) OR b.open_minor <> i.total_minor - coalesce(a.amount, 0)
        """,
    ),
    BookCheck(
        rule="a company's receivable in the ledger is what is open on its invoices, per currency",
        sql="""
        SELECT coalesce(l.company_id, o.company_id), l.amount, o.amount
        FROM (SELECT p.company_id, acc.currency, sum(p.amount_minor) AS amount FROM ledger_posting p
              JOIN ledger_ledgeraccount acc ON acc.id = p.account_id AND acc.code = 'receivable' GROUP BY 1, 2) l
        FULL JOIN (SELECT i.company_id, i.currency, sum(b.open_minor) AS amount FROM invoicing_invoice i
                   JOIN invoicing_invoicebalance b ON b.invoice_id = i.id GROUP BY 1, 2) o
            ON o.company_id = l.company_id AND o.currency = l.currency
        WHERE coalesce(l.amount, 0) <> coalesce(o.amount, 0)
        """,
    ),
    BookCheck(
        rule="a company's credit is its liability in the ledger, and what came to it less what was used, per currency",
        sql="""
        SELECT coalesce(l.company_id, g.company_id), l.amount, g.balance_minor, m.amount
        FROM (SELECT p.company_id, acc.currency, -sum(p.amount_minor) AS amount FROM ledger_posting p
              JOIN ledger_ledgeraccount acc ON acc.id = p.account_id AND acc.code = 'customer_credit' GROUP BY 1, 2) l
        FULL JOIN invoicing_companycredit g ON g.company_id = l.company_id AND g.currency = l.currency
        LEFT JOIN (SELECT credit_id, sum(amount_minor) AS amount FROM invoicing_creditmovement GROUP BY 1) m
            ON m.credit_id = g.id
        WHERE coalesce(l.amount, 0) <> coalesce(g.balance_minor, 0)
           OR coalesce(m.amount, 0) <> coalesce(g.balance_minor, 0)
        """,
    ),
    BookCheck(
        rule="tax payable moves by what invoices charge less what credit notes give back, per jurisdiction",
        sql="""
        SELECT coalesce(l.vendor_id, d.vendor_id), coalesce(l.part, d.code), l.amount, d.amount
        FROM (SELECT acc.vendor_id, acc.part, -sum(p.amount_minor) AS amount FROM ledger_posting p
              JOIN ledger_ledgeraccount acc ON acc.id = p.account_id AND acc.code = 'tax_payable' GROUP BY 1, 2) l
        FULL JOIN (
            SELECT vendor_id, code, sum(amount) AS amount FROM (
                SELECT i.vendor_id, t.jurisdiction_code AS code, t.tax_minor AS amount
                FROM invoicing_invoicetax t JOIN invoicing_invoice i ON i.id = t.invoice_id
                UNION ALL
                SELECT n.vendor_id, t.jurisdiction_code, -part.minor FROM invoicing_creditnoteline c
                JOIN invoicing_creditnote n ON n.id = c.credit_note_id
                JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.position = c.corrects
                CROSS JOIN unnest(l.tax_positions, c.tax_parts) AS part(position, minor)
                JOIN invoicing_invoicetax t ON t.invoice_id = c.invoice_id AND t.position = part.position
            ) AS charged GROUP BY 1, 2) d ON d.vendor_id = l.vendor_id AND d.code = l.part
        WHERE coalesce(l.amount, 0) <> coalesce(d.amount, 0)
        """,
    ),
    BookCheck(
        rule="what is deferred and what is earned add up to what was billed less what was credited, per company",
        sql="""
        SELECT coalesce(l.company_id, d.company_id), l.amount, d.amount
        FROM (SELECT p.company_id, -sum(p.amount_minor) AS amount FROM ledger_posting p
              JOIN ledger_ledgeraccount acc ON acc.id = p.account_id AND acc.code IN ('deferred_revenue', 'revenue')
              GROUP BY 1) l
        FULL JOIN (
            SELECT company_id, sum(amount) AS amount FROM (
                SELECT company_id, net_minor AS amount FROM invoicing_invoice WHERE kind = 'service'
                UNION ALL
                SELECT n.company_id, -n.net_minor FROM invoicing_creditnote n
                JOIN invoicing_invoice i ON i.id = n.invoice_id AND i.kind = 'service') AS billed GROUP BY 1) d
            ON d.company_id = l.company_id
        WHERE coalesce(l.amount, 0) <> coalesce(d.amount, 0)
        """,
    ),
    BookCheck(
        rule="bad debt is what was written off or lost of credit, opening balances what was brought less credits",
        sql="""
        SELECT coalesce(l.company_id, d.company_id), coalesce(l.code, d.code), l.amount, d.amount
        FROM (SELECT p.company_id, acc.code, sum(p.amount_minor) AS amount FROM ledger_posting p
              JOIN ledger_ledgeraccount acc ON acc.id = p.account_id AND acc.code IN ('bad_debt', 'opening_balance')
              GROUP BY 1, 2) l
        FULL JOIN (
            SELECT company_id, code, sum(amount) AS amount FROM (
                SELECT i.company_id, 'bad_debt' AS code, w.amount_minor AS amount
                FROM invoicing_writeoff w JOIN invoicing_invoice i ON i.id = w.invoice_id
                UNION ALL
                SELECT c.company_id, 'bad_debt', m.amount_minor FROM invoicing_creditmovement m
                JOIN invoicing_companycredit c ON c.id = m.credit_id
                WHERE m.payment_public_id IS NULL AND EXISTS (
                    SELECT 1 FROM ledger_posting p JOIN ledger_ledgeraccount acc ON acc.id = p.account_id
                    WHERE p.entry_id = m.entry_id AND acc.code = 'bad_debt')
                UNION ALL
                SELECT company_id, 'opening_balance', -net_minor FROM invoicing_invoice WHERE kind = 'opening'
                UNION ALL
                SELECT n.company_id, 'opening_balance', n.net_minor FROM invoicing_creditnote n
                JOIN invoicing_invoice i ON i.id = n.invoice_id AND i.kind = 'opening') AS documents GROUP BY 1, 2) d
            ON d.company_id = l.company_id AND d.code = l.code
        WHERE coalesce(l.amount, 0) <> coalesce(d.amount, 0)
        """,
    ),
    BookCheck(
        rule="what is open on an invoice of the old system is brought here once",
        sql="""
        SELECT i.company_id, l.description, count(*) FROM invoicing_invoice i
        JOIN invoicing_invoiceline l ON l.invoice_id = i.id
        WHERE i.kind = 'opening' AND i.total_minor > (
            SELECT coalesce(sum(n.total_minor), 0) FROM invoicing_creditnote n WHERE n.invoice_id = i.id)
        GROUP BY 1, 2 HAVING count(*) > 1
        """,
    ),
    BookCheck(
        rule="every service day from billed-from to billed-through is covered once",
        sql="""
        SELECT s.id, s.billed_from, s.billed_through FROM subscriptions_subscription s
        LEFT JOIN (
            SELECT subscription_id, min(starts_on) AS first, max(live_until) AS last,
                   bool_or(before IS DISTINCT FROM starts_on AND before IS NOT NULL) AS broken
            FROM (SELECT subscription_id, starts_on, live_until,
                         lag(live_until) OVER (PARTITION BY subscription_id ORDER BY starts_on) AS before
                  FROM invoicing_coverage WHERE live_until > starts_on) AS chained
            GROUP BY 1) g ON g.subscription_id = s.id
        WHERE (g.subscription_id IS NULL AND s.billed_through <> s.billed_from)
           OR g.first <> s.billed_from OR g.last <> s.billed_through OR g.broken
        """,
    ),
    BookCheck(
        rule="every line of a subscription covers its days, but for those that credit notes gave back",
        sql="""
        SELECT l.invoice_id, l.position FROM invoicing_invoiceline l
        LEFT JOIN invoicing_coverage g ON g.invoice_id = l.invoice_id AND g.position = l.position
            AND g.subscription_id = l.subscription_id AND g.starts_on = l.starts_on AND g.ends_on = l.ends_on
        LEFT JOIN (SELECT invoice_id, corrects, sum(ends_on - starts_on) AS days FROM invoicing_creditnoteline
                   GROUP BY 1, 2) c ON c.invoice_id = l.invoice_id AND c.corrects = l.position
        WHERE l.subscription_id IS NOT NULL
          AND (g.invoice_id IS NULL OR g.ends_on - g.live_until <> coalesce(c.days, 0))
        """,
    ),
    BookCheck(
        rule="no credit note gives back more of a line than was billed, and each is applied or kept as credit",
        sql="""
        SELECT c.invoice_id, c.corrects FROM invoicing_creditnoteline c
        JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.position = c.corrects
        GROUP BY 1, 2, l.amount_minor HAVING sum(c.amount_minor) > l.amount_minor
        UNION ALL
        SELECT n.invoice_id, n.id FROM invoicing_creditnote n
        LEFT JOIN invoicing_allocation a ON a.credit_note_id = n.id
        LEFT JOIN invoicing_creditmovement m ON m.credit_note_id = n.id
        WHERE coalesce(a.amount_minor, 0) + coalesce(m.amount_minor, 0) <> n.total_minor
        """,
    ),
)
