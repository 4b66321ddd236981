from django.db import migrations

# As in 0002, but a store does not change hands meanwhile: whoever hands it over waits, and then sees the service; or is
# waited for. What the old system said is loaded in bulk, of any day on which the store was the company's.
FITS = """
CREATE OR REPLACE FUNCTION subscriptions_fit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad record;
BEGIN
    PERFORM 1 FROM customers_ownership own
    WHERE EXISTS (SELECT 1 FROM added a WHERE a.location_id = own.location_id AND a.company_id = own.company_id
                  AND a.legacy_key = '')
    ORDER BY own.location_id
    FOR SHARE OF own;
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
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0008_ids_stay")]
    operations = [migrations.RunSQL(FITS, migrations.RunSQL.noop)]
