from django.db import migrations

# What is changed here of a company that waits to be moved makes its comparison untrue: it must be compared again. Who
# compares holds what this takes a share of (taking_turns): none of what it reads changes unseen before it commits.
OUTDATE = """
CREATE FUNCTION cutover_outdate(asked bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    waiting bigint[] := (SELECT array_agg(c.id ORDER BY c.id) FROM unnest(asked) one(id) JOIN tenancy_company c USING (id)
                         WHERE c.billed_since IS NULL);
BEGIN
    IF waiting IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('comptoir comparison'), vendor_id::int) FROM (
        SELECT DISTINCT c.vendor_id FROM unnest(waiting) one(id) JOIN tenancy_company c USING (id) ORDER BY c.vendor_id) s;
    PERFORM 1 FROM unnest(waiting) one(id) JOIN cutover_comparison c ON c.company_id = one.id
        WHERE c.is_current ORDER BY c.company_id FOR UPDATE OF c;
    UPDATE cutover_comparison c SET is_current = false FROM unnest(waiting) one(id)
        WHERE c.company_id = one.id AND c.is_current;
END $$;

CREATE FUNCTION cutover_outdate_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    companies bigint[];
BEGIN
    EXECUTE 'SELECT array_agg(DISTINCT company_id) FROM (' || TG_ARGV[0] || ') found' INTO companies;
    PERFORM cutover_outdate(companies);
    RETURN NULL;
END $$;

CREATE FUNCTION cutover_outdate_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM cutover_outdate(ARRAY[NEW.company_id]);
    RETURN NULL;
END $$;
"""

# Of which companies a change of these tables changes the next invoice.
WHOSE = {
    "subscriptions_oneoffcharge": "SELECT company_id FROM changed",
    "subscriptions_chargewithdrawal": (
        "SELECT g.company_id FROM changed JOIN subscriptions_oneoffcharge g ON g.id = changed.charge_id"
    ),
    "subscriptions_discount": (
        "SELECT s.company_id FROM changed JOIN subscriptions_subscription s ON s.id = changed.subscription_id"
    ),
    "subscriptions_billingpreferences": "SELECT company_id FROM changed",
    "catalog_price": (
        "SELECT s.company_id FROM changed JOIN subscriptions_subscription s ON s.plan_id = changed.plan_id"
        " WHERE s.agreed_price_minor IS NULL"
    ),
    "taxes_exemptioncertificate": "SELECT company_id FROM changed",
    "taxes_registration": (
        "SELECT c.id AS company_id FROM changed JOIN tenancy_company c ON c.vendor_id = changed.vendor_id"
    ),
}
EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
CHANGED = "\n".join(
    f"""
    CREATE TRIGGER {table}_outdates_{event} AFTER {event.upper()} ON {table}
        REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION cutover_outdate_changed('{companies}');
    """
    for table, companies in WHOSE.items()
    for event, rows in EVENTS.items()
)

# Of services, a bill run moves millions along: row by row, and only where terms change.
TERMS = ("location_id", "agreed_price_minor", "anchor_day", "starts_on", "ends_on", "billed_from")
SERVICES = f"""
CREATE TRIGGER subscriptions_subscription_outdates_insert AFTER INSERT ON subscriptions_subscription
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION cutover_outdate_changed('SELECT company_id FROM changed');
CREATE TRIGGER subscriptions_subscription_outdates_update AFTER UPDATE OF {", ".join(TERMS)} ON subscriptions_subscription
    FOR EACH ROW WHEN ({" OR ".join(f"OLD.{term} IS DISTINCT FROM NEW.{term}" for term in TERMS)})
    EXECUTE FUNCTION cutover_outdate_row();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cutover", "0019_import_changes_rules"),
        ("catalog", "0004_plans_keep_their_ids"),
        ("subscriptions", "0005_vendor_and_plan_by_set"),
        ("taxes", "0002_rules"),
    ]
    operations = [
        migrations.RunSQL(OUTDATE, migrations.RunSQL.noop),
        migrations.RunSQL(CHANGED, migrations.RunSQL.noop),
        migrations.RunSQL(SERVICES, migrations.RunSQL.noop),
    ]
