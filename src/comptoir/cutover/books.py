"""What must hold of companies that were moved: one system bills each, and no day of a service twice or never."""

from comptoir.kit.books import BookCheck

CHECKS = (
    BookCheck(
        rule="a company that was moved is billed here from its day on, and one taken back is not",
        sql="""
        SELECT c.id, c.billed_since, m.moved_on, m.taken_back_at FROM cutover_move m
        JOIN tenancy_company c ON c.id = m.company_id
        WHERE m.taken_back_at IS NULL AND c.billed_since IS DISTINCT FROM m.moved_on
        """,
    ),
    BookCheck(
        rule="each service of a moved company begins here on the day where the old system stopped",
        sql="""
        SELECT s.id, s.billed_from, h.billed_through FROM cutover_move m
        JOIN subscriptions_subscription s ON s.company_id = m.company_id AND s.legacy_key <> ''
        LEFT JOIN cutover_handover h ON h.move_id = m.id AND h.subscription_id = s.id
        WHERE m.moved_on IS NOT NULL AND m.taken_back_at IS NULL AND h.billed_through IS DISTINCT FROM s.billed_from
        """,
    ),
    BookCheck(
        rule="no company is billed for services here that the old system bills",
        sql="""
        SELECT c.id, i.id FROM tenancy_company c JOIN invoicing_invoice i ON i.company_id = c.id AND i.kind = 'service'
        WHERE c.billed_since IS NULL
        """,
    ),
    BookCheck(
        rule="what a company owed in the old system is collected here only while it is billed here",
        sql="""
        SELECT c.id, i.id FROM tenancy_company c JOIN invoicing_invoice i ON i.company_id = c.id AND i.kind = 'opening'
        WHERE c.billed_since IS NULL AND EXISTS (SELECT 1 FROM cutover_move m WHERE m.company_id = c.id)
        AND i.total_minor > (
            SELECT coalesce(sum(n.total_minor), 0) FROM invoicing_creditnote n WHERE n.invoice_id = i.id)
        """,
    ),
    BookCheck(
        rule="nothing is left of what an import brought that was undone",
        sql="""
        SELECT u.read_id, l.company_id FROM cutover_importundo u
        JOIN (SELECT imported_by_id, company_id FROM cutover_legacycompany
              UNION ALL SELECT imported_by_id, company_id FROM cutover_legacyinvoice) l ON l.imported_by_id = u.read_id
        WHERE u.status = 'done'
        """,
    ),
)
