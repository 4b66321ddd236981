from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, may_emit, own_company, protect, visible_parent

# Behind a door anything may be said: that an owner alone invites, in the own name, and not the whole world, is seen to
# here. What has ended stays so.
OWNERS_INVITE = f"""
CREATE POLICY owners_invite ON customers_memberinvitation AS RESTRICTIVE FOR INSERT TO comptoir_portal
    WITH CHECK (invited_by_id = {OWN_USER} AND accepted_at IS NULL AND withdrawn_at IS NULL
                AND expires_at <= now() + interval '8 days'
                AND EXISTS (SELECT 1 FROM customers_member me
                            WHERE me.company_id = {OWN_COMPANY} AND me.user_id = {OWN_USER} AND me.role = 'owner'
                              AND me.ended_at IS NULL));

CREATE FUNCTION customers_few_invitations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM tenancy_company WHERE id = NEW.company_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM customers_memberinvitation
        WHERE company_id = NEW.company_id AND invited_at > NEW.invited_at - interval '1 day') >= 20
    THEN
        RAISE EXCEPTION 'company % invites too many people', NEW.company_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_few_invitations BEFORE INSERT ON customers_memberinvitation
    FOR EACH ROW EXECUTE FUNCTION customers_few_invitations();
CREATE TRIGGER customers_memberinvitation_stays_ended BEFORE UPDATE ON customers_memberinvitation
    FOR EACH ROW WHEN (OLD.accepted_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""

# Whoever accepts is nobody yet, so no door opens: two functions, which know an invitation by its token's hash alone. It
# holds as long as whoever gave it is an owner. An existing password is never replaced.
STILL_OPEN = """
      AND invitation.accepted_at IS NULL AND invitation.withdrawn_at IS NULL AND invitation.expires_at > now()
      AND EXISTS (SELECT 1 FROM customers_member owner
                  WHERE owner.company_id = invitation.company_id AND owner.user_id = invitation.invited_by_id
                    AND owner.role = 'owner' AND owner.ended_at IS NULL)
"""
INVITATIONS = f"""
CREATE FUNCTION customers_open_invitation(wanted text)
RETURNS TABLE (company_public_id uuid, company_name text, vendor_name text, email text, role text, has_login boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT company.public_id, company.name, vendor.name, invitation.email, invitation.role,
           EXISTS (SELECT 1 FROM identity_user person
                   WHERE person.email = invitation.email AND left(person.password, 1) <> '!')
    FROM customers_memberinvitation invitation
    JOIN tenancy_company company ON company.id = invitation.company_id
    JOIN tenancy_vendor vendor ON vendor.id = company.vendor_id
    WHERE invitation.token_hash = wanted {STILL_OPEN}
$$;

CREATE FUNCTION customers_accept_invitation(wanted text, given_name text, given_language text, encoded_password text,
                                            request text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    given customers_memberinvitation;
    person bigint;
BEGIN
    UPDATE customers_memberinvitation invitation SET accepted_at = now()
        WHERE invitation.token_hash = wanted {STILL_OPEN} RETURNING * INTO given;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO identity_user (email, name, language, password, is_active, date_joined)
        VALUES (given.email, given_name, given_language, encoded_password, true, now())
        ON CONFLICT (email) DO UPDATE SET password = excluded.password, name = excluded.name
            WHERE left(identity_user.password, 1) = '!';
    SELECT id INTO STRICT person FROM identity_user WHERE email = given.email;
    INSERT INTO customers_member (company_id, user_id, role) VALUES (given.company_id, person, given.role)
        ON CONFLICT (company_id, user_id) WHERE ended_at IS NULL DO NOTHING;
    INSERT INTO tenancy_auditentry (recorded_at, vendor_id, company_id, actor_kind, actor_user_id, actor_label, action,
                                    subject, after, reason, request_id)
        SELECT now(), company.vendor_id, company.id, 'customer', person, given.email, 'invitation accepted',
               'company:' || company.id, jsonb_build_object('role', given.role), '', request
        FROM tenancy_company company WHERE company.id = given.company_id;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION customers_open_invitation, customers_accept_invitation FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_open_invitation, customers_accept_invitation TO comptoir_web;
"""
DROP = "DROP FUNCTION customers_open_invitation, customers_accept_invitation"


class Migration(migrations.Migration):
    dependencies = [("customers", "0011_recipient_rules")]
    operations = [
        never_deleted("customers_memberinvitation"),
        fixed_columns(
            "customers_memberinvitation",
            ["public_id", "company_id", "email", "role", "token_hash", "invited_by_id", "invited_at", "expires_at"],
        ),
        protect(
            "customers_memberinvitation",
            portal=own_company("SELECT, INSERT, UPDATE (withdrawn_at)"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        may_emit("portal", "member_invited"),
        migrations.RunSQL(OWNERS_INVITE, "DROP FUNCTION customers_few_invitations() CASCADE"),
        migrations.RunSQL(INVITATIONS, DROP),
    ]
