from django.db import migrations

from comptoir.tenancy.rls import OWN_USER, OWN_VENDOR, Access, open_to_web, own_vendor, protect

CACHE = """
CREATE TABLE identity_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX identity_cache_expires ON identity_cache (expires);
"""

LOGIN_TABLES = {
    "identity_user": "SELECT, UPDATE",
    "identity_loginaddress": "SELECT",
    "identity_cache": "SELECT, INSERT, UPDATE, DELETE",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "django_content_type": "SELECT",
    "account_emailaddress": "SELECT, INSERT, UPDATE, DELETE",
    "account_emailconfirmation": "SELECT, INSERT, UPDATE, DELETE",
    "mfa_authenticator": "SELECT, INSERT, UPDATE, DELETE",
}

# Whoever is on the billing team may be named to it, and a person may see the own roles before choosing a vendor.
OWN_ROLES = f"(vendor_id = {OWN_VENDOR} OR user_id = {OWN_USER})"
# A page ends a role, at its own vendor; only an invitation that was accepted gives one.
OWN_ENDED = f"vendor_id = {OWN_VENDOR}"
ROLE_STAYS_ENDED = """
CREATE TRIGGER identity_staffmember_stays_ended BEFORE UPDATE ON identity_staffmember
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""
STAFF_VENDORS = f"""
CREATE POLICY staff_of ON tenancy_vendor FOR SELECT TO comptoir_staff USING (EXISTS (
    SELECT 1 FROM identity_staffmember member
    WHERE member.vendor_id = tenancy_vendor.id AND member.user_id = {OWN_USER} AND member.ended_at IS NULL));
"""
PEOPLE = f"""
ALTER TABLE identity_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY web ON identity_user TO comptoir_web USING (true) WITH CHECK (true);
GRANT SELECT (id, email, name, language) ON identity_user TO comptoir_portal, comptoir_staff;
CREATE POLICY colleagues ON identity_user FOR SELECT TO comptoir_staff USING (EXISTS (
    SELECT 1 FROM identity_staffmember member WHERE member.user_id = identity_user.id));
"""

# Whoever accepts is nobody yet, so no door opens: two functions, which know an invitation by its token's hash alone,
# do for the web's login what it may not do itself. An existing password is never replaced.
INVITATIONS = """
CREATE FUNCTION identity_open_invitation(wanted text)
RETURNS TABLE (vendor_slug text, vendor_name text, email text, role text, has_login boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.slug, vendor.name, invitation.email, invitation.role,
           EXISTS (SELECT 1 FROM identity_user person
                   WHERE person.email = invitation.email AND left(person.password, 1) <> '!')
    FROM identity_staffinvitation invitation JOIN tenancy_vendor vendor ON vendor.id = invitation.vendor_id
    WHERE invitation.token_hash = wanted AND invitation.accepted_at IS NULL AND invitation.expires_at > now()
$$;

CREATE FUNCTION identity_accept_invitation(wanted text, given_name text, given_language text, encoded_password text,
                                           request text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invitation identity_staffinvitation;
    person bigint;
BEGIN
    UPDATE identity_staffinvitation SET accepted_at = now()
        WHERE token_hash = wanted AND accepted_at IS NULL AND expires_at > now()
        RETURNING * INTO invitation;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO identity_user (email, name, language, password, is_active, date_joined)
        VALUES (invitation.email, given_name, given_language, encoded_password, true, now())
        ON CONFLICT (email) DO UPDATE SET password = excluded.password, name = excluded.name
            WHERE left(identity_user.password, 1) = '!';
    UPDATE identity_staffinvitation SET expires_at = now()
        WHERE vendor_id = invitation.vendor_id AND email = invitation.email AND accepted_at IS NULL
          AND expires_at > now();
    SELECT id INTO STRICT person FROM identity_user WHERE email = invitation.email;
    INSERT INTO identity_staffmember (vendor_id, user_id, role) VALUES (invitation.vendor_id, person, invitation.role)
        ON CONFLICT (vendor_id, user_id) WHERE ended_at IS NULL DO NOTHING;
    INSERT INTO tenancy_auditentry (recorded_at, vendor_id, actor_kind, actor_user_id, actor_label, action, subject,
                                    after, reason, request_id)
        VALUES (now(), invitation.vendor_id, 'staff', person, invitation.email, 'invitation accepted',
                'staff_invitation:' || invitation.id, jsonb_build_object('role', invitation.role), '', request);
    RETURN person;
END $$;
REVOKE ALL ON FUNCTION identity_open_invitation, identity_accept_invitation FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_open_invitation, identity_accept_invitation TO comptoir_web;
"""
DROP_INVITATIONS = "DROP FUNCTION identity_open_invitation, identity_accept_invitation"


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("tenancy", "0002_rules"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE identity_cache"),
        *(open_to_web(table, privileges) for table, privileges in LOGIN_TABLES.items()),
        protect("identity_staffmember", staff=Access("SELECT, UPDATE (ended_at)", OWN_ROLES, written=OWN_ENDED)),
        protect("identity_staffinvitation", staff=own_vendor("SELECT, INSERT, UPDATE (expires_at)")),
        migrations.RunSQL(ROLE_STAYS_ENDED, migrations.RunSQL.noop),
        migrations.RunSQL(STAFF_VENDORS, migrations.RunSQL.noop),
        migrations.RunSQL(PEOPLE, migrations.RunSQL.noop),
        migrations.RunSQL(INVITATIONS, DROP_INVITATIONS),
    ]
