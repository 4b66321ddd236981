"""What must hold of those who lost access."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="nobody is suspended by dunning without proof of a final notice, as long before as it must be and it said",
        sql="""
        SELECT s.company_id, s.product_id FROM access_standing s
        JOIN access_standingchange h ON h.id = s.change_id AND h.by = 'dunning'
        WHERE s.state IN ('suspended', 'limited') AND NOT EXISTS (
            SELECT 1 FROM dunning_closing c JOIN dunning_notice n ON n.id = c.proof_id AND n.kind = 'final_notice'
            WHERE c.company_id = s.company_id AND c.product_id = s.product_id AND c.done_at IS NOT NULL
              AND n.company_id = s.company_id AND c.proven_on + c.notice_days <= c.decided_on
              AND n.closes_from <= c.decided_on)
        """,
    ),
    BookCheck(
        rule="a company that owes nothing overdue is in good standing, as far as dunning decided it",
        sql="""
        SELECT s.company_id, s.product_id FROM access_standing s JOIN tenancy_vendor v ON v.id = s.vendor_id
        JOIN access_standingchange h ON h.id = s.change_id AND h.by = 'dunning'
        WHERE s.state IN ('suspended', 'limited') AND NOT EXISTS (
            SELECT 1 FROM invoicing_invoice i JOIN invoicing_invoicebalance b ON b.invoice_id = i.id
            WHERE i.company_id = s.company_id AND b.open_minor > 0)
        """,
    ),
)
