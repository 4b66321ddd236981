from django.db import migrations

# Mail that lets somebody in is sent before any door is open, too, and is from the vendor as all its mail is.
COLUMNS = "slug text, name text, colour text, has_logo boolean, time_zone text"
SENDER = ", sender_name text, email text"
SQL = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS"
SEEN = """SELECT vendor.slug::text, vendor.name, vendor.colour::text, vendor.logo IS NOT NULL, vendor.time_zone::text"""
SENDS = ", vendor.sender_name::text, vendor.email::text"


def brand(columns: str, seen: str) -> str:
    return f"""
        DROP FUNCTION tenancy_brand, tenancy_brand_of_company;
        CREATE FUNCTION tenancy_brand(wanted text) RETURNS TABLE ({columns}) {SQL} $$
            {seen} FROM tenancy_vendor vendor WHERE vendor.slug = wanted
        $$;
        CREATE FUNCTION tenancy_brand_of_company(wanted uuid) RETURNS TABLE ({columns}) {SQL} $$
            {seen} FROM tenancy_company company JOIN tenancy_vendor vendor ON vendor.id = company.vendor_id
            WHERE company.public_id = wanted
        $$;
        REVOKE ALL ON FUNCTION tenancy_brand, tenancy_brand_of_company FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION tenancy_brand, tenancy_brand_of_company TO comptoir_web;
    """


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0012_portal_done_once")]
    operations = [migrations.RunSQL(brand(COLUMNS + SENDER, SEEN + SENDS), brand(COLUMNS, SEEN))]
