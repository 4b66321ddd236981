from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER

# Behind a door anything may be said: that an owner alone passes stores on, and invites few in a day, is seen to here.
OWNER = f"""EXISTS (SELECT 1 FROM customers_member me WHERE me.company_id = {OWN_COMPANY} AND me.user_id = {OWN_USER}
                AND me.role = 'owner' AND me.ended_at IS NULL)"""
OWNERS_ALONE = f"""
CREATE POLICY owners_begin ON transfers_transfer AS RESTRICTIVE FOR INSERT TO comptoir_portal WITH CHECK ({OWNER});
CREATE POLICY owners_answer ON transfers_transfer AS RESTRICTIVE FOR UPDATE TO comptoir_portal USING ({OWNER});
CREATE POLICY owners_give_papers ON transfers_document AS RESTRICTIVE FOR INSERT TO comptoir_portal WITH CHECK ({OWNER});

CREATE FUNCTION transfers_few_invitations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM tenancy_company WHERE id = NEW.seller_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM tenancy_auditentry
        WHERE company_id = NEW.seller_id AND action IN ('change of owner started', 'change of owner invited')
          AND recorded_at > now() - interval '1 day') >= 20
    THEN
        RAISE EXCEPTION 'change of owner %: company % invites too many', NEW.public_id, NEW.seller_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_few_invitations BEFORE INSERT OR UPDATE OF invitation ON transfers_transfer
    FOR EACH ROW WHEN (current_user = 'comptoir_portal' AND NEW.invitation IS NOT NULL)
    EXECUTE FUNCTION transfers_few_invitations();
"""
UNDO = """
DROP FUNCTION transfers_few_invitations() CASCADE;
DROP POLICY owners_give_papers ON transfers_document;
DROP POLICY owners_answer ON transfers_transfer;
DROP POLICY owners_begin ON transfers_transfer;
"""


class Migration(migrations.Migration):
    dependencies = [("transfers", "0003_links"), ("customers", "0013_member_invitation_rules")]
    operations = [migrations.RunSQL(OWNERS_ALONE, UNDO)]
