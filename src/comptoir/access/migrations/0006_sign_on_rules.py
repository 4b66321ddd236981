from django.db import migrations

from comptoir.kit.sql import fixed_columns
from comptoir.tenancy.rls import OWN_VENDOR, protect

# The single sign-on's own role, in which codes and tokens are given and looked at. It belongs to the whole server, as
# the others do (tenancy 0002).
ROLE = """
DO $$
BEGIN
    BEGIN
        CREATE ROLE comptoir_access NOLOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    PERFORM pg_advisory_xact_lock(hashtext('comptoir roles'));
    GRANT comptoir_access TO comptoir_web WITH INHERIT FALSE, SET TRUE;
    EXECUTE format('GRANT comptoir_access TO %I WITH INHERIT FALSE, SET TRUE', current_user);
END $$;
GRANT USAGE ON SCHEMA public TO comptoir_access;
"""

TOKENS = ("grant", "accesstoken", "refreshtoken", "idtoken", "signon")


def let_in(table: str, privileges: str, rows: str, *, policy: str = "access") -> str:
    return f"""
    GRANT {privileges} ON {table} TO comptoir_access;
    CREATE POLICY {policy} ON {table} TO comptoir_access USING ({rows}) WITH CHECK ({rows});
    """


def with_ids(table: str) -> str:
    return f"GRANT USAGE ON SEQUENCE {table}_id_seq TO comptoir_access;"


OF_VENDORS_COMPANY = "EXISTS (SELECT 1 FROM tenancy_company c WHERE c.id = company_id)"
OF_VENDOR = f"vendor_id = {OWN_VENDOR}"
# No money and no addresses: who acts for which company, its stores and its standing.
OPEN = "\n".join(
    [
        *(let_in(f"access_{name}", "SELECT, INSERT, UPDATE, DELETE", "true") for name in TOKENS),
        *(with_ids(f"access_{name}") for name in TOKENS),
        let_in("access_application", "SELECT", "true"),
        let_in("access_signingkey", "SELECT", "true"),
        let_in("access_standing", "SELECT", OF_VENDOR),
        let_in("tenancy_vendor", "SELECT (id, slug, name, time_zone, business_date)", f"id = {OWN_VENDOR}"),
        let_in("tenancy_company", "SELECT (id, public_id, vendor_id, number, name)", OF_VENDOR),
        let_in("catalog_product", "SELECT", OF_VENDOR),
        let_in("customers_location", "SELECT (id, public_id, vendor_id, number)", OF_VENDOR),
        let_in("customers_ownership", "SELECT", OF_VENDORS_COMPANY),
        let_in("customers_member", "SELECT", OF_VENDORS_COMPANY),
        let_in(
            "identity_user", "SELECT", "EXISTS (SELECT 1 FROM customers_member m WHERE m.user_id = identity_user.id)"
        ),
        # What is set in motion here: that sign-ons ended.
        let_in("kit_event", "SELECT, INSERT", f"name = 'sign_ons_ended' AND company_id IS NULL AND {OF_VENDOR}"),
        let_in(
            "kit_eventdelivery", "SELECT, INSERT", "EXISTS (SELECT 1 FROM kit_event e WHERE e.id = event_id)"
        ),
        with_ids("kit_event"),
        with_ids("kit_eventdelivery"),
    ]
)

# A client is of its product's vendor, and is come in to for a company of that vendor.
FITS = """
CREATE FUNCTION access_application_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM catalog_product p WHERE p.id = NEW.product_id AND p.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'client %: its product is another vendor''s', NEW.client_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_application_fits BEFORE INSERT OR UPDATE ON access_application
    FOR EACH ROW EXECUTE FUNCTION access_application_fits();

CREATE FUNCTION access_sign_on_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM access_application a
                   JOIN tenancy_company c ON c.vendor_id = a.vendor_id AND c.id = NEW.company_id
                   JOIN customers_member m ON m.company_id = c.id AND m.user_id = NEW.user_id AND m.ended_at IS NULL
                   WHERE a.id = NEW.application_id) THEN
        RAISE EXCEPTION 'sign-on: the person does not act for company % of the client''s vendor', NEW.company_id
            USING ERRCODE = '23514';
    END IF;
    IF EXISTS (SELECT 1 FROM access_application a
               JOIN access_standing s ON s.company_id = NEW.company_id AND s.product_id = a.product_id
               WHERE a.id = NEW.application_id AND s.state = 'suspended') THEN
        RAISE EXCEPTION 'sign-on: company % is suspended', NEW.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_sign_on_fits BEFORE INSERT ON access_signon
    FOR EACH ROW EXECUTE FUNCTION access_sign_on_fits();
CREATE TRIGGER access_sign_on_ends_once BEFORE UPDATE ON access_signon
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""
DROP = "DROP FUNCTION access_application_fits, access_sign_on_fits CASCADE"


class Migration(migrations.Migration):
    dependencies = [("access", "0005_sign_ons"), ("customers", "0013_member_invitation_rules"), ("kit", "0002_rules")]
    operations = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        protect("access_signon"),
        protect("access_signingkey"),
        migrations.RunSQL(OPEN, migrations.RunSQL.noop),
        migrations.RunSQL(FITS, DROP),
        fixed_columns("access_application", ["vendor_id", "product_id"]),
        fixed_columns("access_signingkey", ["public_id", "kid", "public_jwk", "signs_from"]),
        fixed_columns(
            "access_signon",
            ["public_id", "user_id", "application_id", "company_id", "browser", "code_hash", "started_at"],
        ),
    ]
