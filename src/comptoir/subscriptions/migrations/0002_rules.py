from django.db import migrations

from comptoir.kit.sql import append_only, check_at_commit, fixed_columns, never_deleted
from comptoir.tenancy.rls import own_company, own_vendor, protect, visible_parent

# Each bill run moves billed-through of most rows. No index has it, and pages have room, so that no index is touched.
ROOM_TO_MOVE = "ALTER TABLE subscriptions_subscription SET (fillfactor = 50)"

# Billed-through moves only from within the trigger of coverage (depth above 0). Until the first day is billed here,
# the old system's word may still be corrected, both dates together.
BILLED_THROUGH = """
CREATE FUNCTION subscriptions_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'billed-through of subscription % is moved by coverage alone', NEW.id
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER subscriptions_subscription_billed_through BEFORE UPDATE ON subscriptions_subscription
    FOR EACH ROW WHEN (
        (OLD.billed_through IS DISTINCT FROM NEW.billed_through OR OLD.billed_from IS DISTINCT FROM NEW.billed_from)
        AND pg_trigger_depth() = 0
        AND NOT (OLD.billed_from = OLD.billed_through AND NEW.billed_from = NEW.billed_through)
    ) EXECUTE FUNCTION subscriptions_refuse_move();
CREATE TRIGGER subscriptions_subscription_starts_unbilled BEFORE INSERT ON subscriptions_subscription
    FOR EACH ROW WHEN (NEW.billed_through <> NEW.billed_from) EXECUTE FUNCTION subscriptions_refuse_move();
"""

# Whom, what and where never change once a subscription is there, so they are looked at once, by set: it may be loaded
# with millions. The old system's word on a store's days counts if it was the company's on any of them.
FITS = """
CREATE FUNCTION subscriptions_fit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad record;
BEGIN
    SELECT a.id, CASE
        WHEN c.id IS NULL THEN 'its company is another vendor''s'
        WHEN p.id IS NULL THEN 'its plan is another vendor''s'
        WHEN a.location_id IS NULL THEN 'its plan is sold per store, and it names none'
        WHEN p.scope = 'company' THEN 'its plan is sold per company, and it names a store'
        ELSE 'the company does not own the store on its first day' END AS reason
    INTO bad
    FROM added a
    LEFT JOIN tenancy_company c ON c.id = a.company_id AND c.vendor_id = a.vendor_id
    LEFT JOIN catalog_plan p ON p.id = a.plan_id AND p.vendor_id = a.vendor_id
    WHERE c.id IS NULL OR p.id IS NULL OR (p.scope = 'location') <> (a.location_id IS NOT NULL)
       OR (a.location_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM customers_ownership own
            JOIN customers_location l ON l.id = own.location_id AND l.vendor_id = a.vendor_id
            WHERE own.location_id = a.location_id AND own.company_id = a.company_id
              AND CASE WHEN a.legacy_key = '' THEN own.period @> a.starts_on
                       ELSE own.period && daterange(a.starts_on, a.ends_on) END))
    LIMIT 1;
    IF bad.id IS NOT NULL THEN
        RAISE EXCEPTION 'subscription %: %', bad.id, bad.reason USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_subscription_fits AFTER INSERT ON subscriptions_subscription
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_fit();
"""

# On each of its days an add-on has its plan beside it, for the same store, in one unit or in several one after
# another. Looked at when an add-on comes, and at commit when dates of either change.
ADDONS = """
CREATE FUNCTION subscriptions_addon_without_plan(company bigint, location bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT a.id FROM subscriptions_subscription a
    JOIN catalog_plan p ON p.id = a.plan_id AND p.addon_of_id IS NOT NULL
    WHERE a.company_id = company AND a.location_id IS NOT DISTINCT FROM location
      AND (a.ends_on IS NULL OR a.ends_on > a.starts_on)
      AND NOT coalesce((
        SELECT range_agg(daterange(b.starts_on, b.ends_on)) @> daterange(a.starts_on, a.ends_on)
        FROM subscriptions_subscription b
        WHERE b.company_id = company AND b.plan_id = p.addon_of_id AND b.location_id IS NOT DISTINCT FROM location
      ), false)
    LIMIT 1
$$;

CREATE FUNCTION subscriptions_refuse_addon_alone(addon bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF addon IS NOT NULL THEN
        RAISE EXCEPTION 'add-on % is taken on days on which its plan is not', addon USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION subscriptions_addons_come_with_their_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM subscriptions_refuse_addon_alone(subscriptions_addon_without_plan(place.company_id, place.location_id))
    FROM (SELECT DISTINCT a.company_id, a.location_id FROM added a
          JOIN catalog_plan p ON p.id = a.plan_id AND p.addon_of_id IS NOT NULL) AS place;
    RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_subscription_addons AFTER INSERT ON subscriptions_subscription
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_addons_come_with_their_plan();

CREATE FUNCTION subscriptions_addons_keep_their_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM subscriptions_refuse_addon_alone(subscriptions_addon_without_plan(NEW.company_id, NEW.location_id));
    RETURN NULL;
END $$;
"""

CHARGE_FITS = """
CREATE FUNCTION subscriptions_charge_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c JOIN catalog_product p ON p.vendor_id = c.vendor_id
                   WHERE c.id = NEW.company_id AND p.id = NEW.product_id) THEN
        RAISE EXCEPTION 'charge %: its product is another vendor''s', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.location_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM customers_ownership own WHERE own.location_id = NEW.location_id
            AND own.company_id = NEW.company_id AND own.period @> NEW.charge_on) THEN
        RAISE EXCEPTION 'charge %: the company does not own the store on that day', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_oneoffcharge_fits AFTER INSERT ON subscriptions_oneoffcharge
    FOR EACH ROW EXECUTE FUNCTION subscriptions_charge_fits();
"""

DISCOUNT_TERMS = ["subscription_id", "kind", "basis_points", "amount_minor", "starts_on"]
OF_OWN_COMPANIES = {"parent": "tenancy_company", "column": "company_id"}


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("tenancy", "0002_rules"), ("customers", "0002_rules")]
    operations = [
        migrations.RunSQL(ROOM_TO_MOVE, migrations.RunSQL.noop),
        migrations.RunSQL(BILLED_THROUGH, "DROP FUNCTION subscriptions_refuse_move() CASCADE"),
        migrations.RunSQL(FITS, "DROP FUNCTION subscriptions_fit() CASCADE"),
        migrations.RunSQL(ADDONS, migrations.RunSQL.noop),
        check_at_commit(
            "subscriptions_subscription", "subscriptions_addons_keep_their_plan", on="UPDATE OF starts_on, ends_on"
        ),
        migrations.RunSQL(CHARGE_FITS, "DROP FUNCTION subscriptions_charge_fits() CASCADE"),
        never_deleted("subscriptions_subscription"),
        fixed_columns("subscriptions_subscription", ["vendor_id", "company_id", "location_id", "plan_id"]),
        never_deleted("subscriptions_discount"),
        fixed_columns("subscriptions_discount", DISCOUNT_TERMS),
        append_only("subscriptions_oneoffcharge"),
        never_deleted("subscriptions_billingpreferences"),
        fixed_columns("subscriptions_billingpreferences", ["company_id"]),
        protect(
            "subscriptions_subscription",
            portal=own_company("SELECT"),
            staff=own_vendor("SELECT, INSERT, UPDATE (anchor_day, ends_on)"),
        ),
        protect(
            "subscriptions_discount",
            staff=visible_parent(
                "SELECT, INSERT, UPDATE (ends_on)", parent="subscriptions_subscription", column="subscription_id"
            ),
        ),
        protect("subscriptions_oneoffcharge", staff=visible_parent("SELECT, INSERT", **OF_OWN_COMPANIES)),
        protect("subscriptions_billingpreferences", staff=visible_parent("SELECT, INSERT, UPDATE", **OF_OWN_COMPANIES)),
    ]
