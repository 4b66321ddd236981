from django.db import migrations

# As before, but what a mail proves needs no post, and no days in it: its paper may go whenever somebody takes it.
IN_TIME = """
CREATE OR REPLACE FUNCTION dunning_names_a_day_ahead() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF dunning_received_on(OLD.id) IS NULL AND NEW.closes_from <= 5 + coalesce(
        NEW.posted_on, (SELECT b.requested_on FROM documents_printbatch b WHERE b.id = NEW.printed_in_id))
    THEN
        RAISE EXCEPTION 'notice %: the day that it names comes before the post does', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""

# Whoever was told a day by mail is told no other on paper.
STANDS = """
CREATE FUNCTION dunning_proven_day_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF dunning_received_on(OLD.id) IS NOT NULL THEN
        RAISE EXCEPTION 'notice %: it was received, and the day that it named stands', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dunning_proven_day_stands BEFORE UPDATE OF closes_from ON dunning_notice FOR EACH ROW
    WHEN (OLD.closes_from IS DISTINCT FROM NEW.closes_from) EXECUTE FUNCTION dunning_proven_day_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("dunning", "0008_given_again")]
    operations = [
        migrations.RunSQL(IN_TIME, migrations.RunSQL.noop),
        migrations.RunSQL(STANDS, "DROP FUNCTION dunning_proven_day_stands CASCADE"),
    ]
