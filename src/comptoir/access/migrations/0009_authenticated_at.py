from django.db import migrations, models

# Until now the person's last login anywhere was told instead. What is open already is taken to have begun with a login.
FILL = """
ALTER TABLE access_signon DISABLE TRIGGER USER;
UPDATE access_signon SET authenticated_at = started_at;
ALTER TABLE access_signon ENABLE TRIGGER USER;
"""
FIXED = """
CREATE TRIGGER access_signon_fixed_login BEFORE UPDATE OF authenticated_at ON access_signon
    FOR EACH ROW WHEN (OLD.authenticated_at IS DISTINCT FROM NEW.authenticated_at) EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0008_program_rules")]
    operations = [
        migrations.AddField(
            "signon",
            "authenticated_at",
            models.DateTimeField(null=True, help_text="when the person last proved who they are, in that login"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "signon",
            "authenticated_at",
            models.DateTimeField(help_text="when the person last proved who they are, in that login"),
        ),
        migrations.RunSQL(FIXED, "DROP TRIGGER access_signon_fixed_login ON access_signon"),
    ]
