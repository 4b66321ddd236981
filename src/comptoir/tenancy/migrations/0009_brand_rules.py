from django.db import migrations

# Whoever stands before a vendor's door is nobody yet: three functions tell the web's login how the vendor looks, by the
# short name in the address, or by a company's address, which only those have who were given it.
BRAND = """
CREATE FUNCTION tenancy_brand(wanted text) RETURNS TABLE (slug text, name text, colour text, has_logo boolean, time_zone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.slug::text, vendor.name, vendor.colour::text, vendor.logo IS NOT NULL, vendor.time_zone::text
    FROM tenancy_vendor vendor WHERE vendor.slug = wanted
$$;
CREATE FUNCTION tenancy_brand_of_company(wanted uuid)
RETURNS TABLE (slug text, name text, colour text, has_logo boolean, time_zone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.slug::text, vendor.name, vendor.colour::text, vendor.logo IS NOT NULL, vendor.time_zone::text
    FROM tenancy_company company JOIN tenancy_vendor vendor ON vendor.id = company.vendor_id
    WHERE company.public_id = wanted
$$;
CREATE FUNCTION tenancy_brand_logo(wanted text) RETURNS TABLE (logo bytea, media_type text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.logo, vendor.logo_media_type FROM tenancy_vendor vendor WHERE vendor.slug = wanted
$$;
REVOKE ALL ON FUNCTION tenancy_brand, tenancy_brand_of_company, tenancy_brand_logo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy_brand, tenancy_brand_of_company, tenancy_brand_logo TO comptoir_web;
GRANT UPDATE (name, colour, sender_name, email, phone, logo, logo_media_type) ON tenancy_vendor TO comptoir_staff;
"""
UNDO = """
REVOKE UPDATE (name, colour, sender_name, email, phone, logo, logo_media_type) ON tenancy_vendor FROM comptoir_staff;
DROP FUNCTION tenancy_brand, tenancy_brand_of_company, tenancy_brand_logo;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0007_company_language")]
    operations = [migrations.RunSQL(BRAND, UNDO)]
