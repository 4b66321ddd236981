"""What `check-books` asks of invoices."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="an invoice's total is its lines', its balance is there, and its number is its vendor's",
        sql="""
        SELECT i.id FROM invoicing_invoice i
        LEFT JOIN (SELECT invoice_id, sum(amount_minor) AS amount FROM invoicing_invoiceline GROUP BY 1) l
            ON l.invoice_id = i.id
        LEFT JOIN invoicing_invoicebalance b ON b.invoice_id = i.id
        LEFT JOIN invoicing_invoicenumber n ON n.invoice_id = i.id
        LEFT JOIN invoicing_numberseries s ON s.id = n.series_id AND s.vendor_id = i.vendor_id
        WHERE l.amount IS DISTINCT FROM i.total_minor OR b.invoice_id IS NULL OR s.id IS NULL
        """,
    ),
    BookCheck(
        rule="invoice numbers have no gap",
        sql="""
        SELECT s.id, count(n.number), max(n.number), s.next_number FROM invoicing_numberseries s
        LEFT JOIN invoicing_invoicenumber n ON n.series_id = s.id
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
        rule="every service day from billed-from to billed-through is covered once",
        sql="""
        SELECT s.id, s.billed_from, s.billed_through FROM subscriptions_subscription s
        LEFT JOIN (
            SELECT subscription_id, min(starts_on) AS first, max(ends_on) AS last, sum(ends_on - starts_on) AS days,
                   bool_or(before IS DISTINCT FROM starts_on AND before IS NOT NULL) AS broken
            FROM (SELECT subscription_id, starts_on, ends_on,
                         lag(ends_on) OVER (PARTITION BY subscription_id ORDER BY starts_on) AS before
                  FROM invoicing_coverage) AS chained
            GROUP BY 1) g ON g.subscription_id = s.id
        WHERE (g.subscription_id IS NULL AND s.billed_through <> s.billed_from)
           OR g.first <> s.billed_from OR g.last <> s.billed_through OR g.broken
        """,
    ),
    BookCheck(
        rule="every line of an invoice covers its days",
        sql="""
        SELECT l.id FROM invoicing_invoiceline l
        LEFT JOIN invoicing_coverage g ON g.line_id = l.id AND g.subscription_id = l.subscription_id
            AND g.starts_on = l.starts_on AND g.ends_on = l.ends_on
        WHERE g.id IS NULL
        """,
    ),
)
