from django.db import migrations

# Both sides of a comparison: the old system's invoices, and what the next invoice here is reckoned from. What follows
# from a store's place asks whose the store is, and was: what is taken for the whole company is taxed at a store, too.
ELSEWHERE = "(changed.country, changed.state, changed.county, changed.city)"
AT_HOME = " UNION ALL ".join(
    f"SELECT own.company_id FROM changed own JOIN {table} t ON t.company_id = own.company_id AND t.location_id IS NULL"
    for table in ("subscriptions_subscription", "subscriptions_oneoffcharge")
)
WHOSE = {
    "cutover_legacyinvoice": {
        "insert": "SELECT company_id FROM changed",
        "update": "SELECT company_id FROM changed",
        "delete": "SELECT company_id FROM changed",
    },
    "customers_location": {
        "update": (
            "SELECT o.company_id FROM changed JOIN before USING (id)"
            " JOIN customers_ownership o ON o.location_id = changed.id"
            f" WHERE {ELSEWHERE} IS DISTINCT FROM {ELSEWHERE.replace('changed', 'before')}"
        ),
    },
    "customers_ownership": {"insert": AT_HOME, "update": AT_HOME, "delete": AT_HOME},
    # A state's rates are those of its counties and cities, too; of a vendor that collects nothing there, none matters.
    "taxes_taxrate": {
        "insert": (
            "SELECT o.company_id FROM (SELECT DISTINCT j.country, j.state FROM changed"
            " JOIN taxes_jurisdiction j ON j.id = changed.jurisdiction_id) levied"
            " JOIN customers_location l ON upper(btrim(l.country)) = levied.country"
            " AND levied.state IN ('', upper(btrim(l.state))) JOIN customers_ownership o ON o.location_id = l.id"
            " WHERE EXISTS (SELECT 1 FROM taxes_registration r JOIN taxes_jurisdiction j ON j.id = r.jurisdiction_id"
            " WHERE r.vendor_id = l.vendor_id AND j.country = levied.country)"
        ),
    },
    # Taxes are reckoned for the day of issue.
    "tenancy_vendor": {
        "update": (
            "SELECT c.id AS company_id FROM changed JOIN before USING (id)"
            " JOIN tenancy_company c ON c.vendor_id = changed.id WHERE changed.invoice_lead_days <> before.invoice_lead_days"
        ),
    },
}
ROWS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS before NEW TABLE AS changed",
    "delete": "OLD TABLE AS changed",
}


def trigger(table: str, event: str, companies: str) -> str:
    """Write the SQL of a trigger that outdates the comparisons of those whose next invoice a statement changed."""
    quoted = companies.replace("'", "''")
    return f"""
        CREATE TRIGGER {table}_outdates_{event} AFTER {event.upper()} ON {table} REFERENCING {ROWS[event]}
            FOR EACH STATEMENT EXECUTE FUNCTION cutover_outdate_changed('{quoted}');
    """


OUTDATES = "".join(trigger(table, *rule) for table, rules in WHOSE.items() for rule in rules.items())
DROP = "".join(f"DROP TRIGGER {table}_outdates_{event} ON {table};" for table, rules in WHOSE.items() for event in rules)


class Migration(migrations.Migration):
    dependencies = [
        ("cutover", "0022_deadline_papers_rules"),
        ("customers", "0019_differences_are_work"),
        ("taxes", "0002_rules"),
        ("tenancy", "0010_fewer_indexes"),
    ]
    operations = [migrations.RunSQL(OUTDATES, DROP)]
