from django.db import migrations, models
from django.db.models import Q

from comptoir.tenancy.rls import may_emit

# An admin registers and changes clients on the console. A secret is written there, and never read.
OPEN = """
GRANT SELECT (disabled_at), INSERT,
      UPDATE (redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, client_secret, disabled_at)
    ON access_application TO comptoir_staff;
GRANT USAGE ON SEQUENCE access_application_id_seq TO comptoir_staff;
"""
CLOSE = """
REVOKE SELECT (disabled_at), INSERT,
       UPDATE (redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, client_secret, disabled_at)
    ON access_application FROM comptoir_staff;
REVOKE USAGE ON SEQUENCE access_application_id_seq FROM comptoir_staff;
"""

# Nobody comes in by a client that is disabled.
FITS = """
CREATE FUNCTION access_sign_on_client_is_enabled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM access_application a WHERE a.id = NEW.application_id AND a.disabled_at IS NOT NULL) THEN
        RAISE EXCEPTION 'sign-on: client % is disabled', NEW.application_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_sign_on_client_is_enabled BEFORE INSERT ON access_signon
    FOR EACH ROW EXECUTE FUNCTION access_sign_on_client_is_enabled();

CREATE TRIGGER access_application_keeps_its_id BEFORE UPDATE ON access_application
    FOR EACH ROW WHEN (OLD.client_id IS DISTINCT FROM NEW.client_id) EXECUTE FUNCTION kit_refuse_change();
"""
DROP = """
DROP FUNCTION access_sign_on_client_is_enabled CASCADE;
DROP TRIGGER access_application_keeps_its_id ON access_application;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0009_authenticated_at")]
    operations = [
        migrations.AddField(
            "application",
            "disabled_at",
            models.DateTimeField(null=True, help_text="since when nobody comes in by it"),
        ),
        migrations.AddConstraint(
            "application",
            models.CheckConstraint(
                condition=Q(
                    client_type="confidential",
                    authorization_grant_type="authorization-code",
                    algorithm="RS256",
                    client_secret__regex="^[0-9a-f]{64}$",
                    hash_client_secret=False,
                ),
                name="client_has_a_secret_known_by_its_hash",
            ),
        ),
        migrations.RunSQL(OPEN, CLOSE),
        migrations.RunSQL(FITS, DROP),
        may_emit("staff", "client_changed"),
    ]
