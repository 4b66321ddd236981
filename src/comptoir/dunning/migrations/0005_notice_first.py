from django.db import migrations

from comptoir.kit.sql import check_at_commit

# Nobody is suspended, or handed over, whom the same policy gives no final notice: what it threatens would never come,
# or come untold. Looked at when all of a policy's steps are there.
NOTICE_FIRST = """
CREATE FUNCTION dunning_notice_comes_first() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_policy bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.policy_id ELSE NEW.policy_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM dunning_step WHERE policy_id = of_policy AND kind IN ('suspension', 'hand_over'))
       AND NOT EXISTS (SELECT 1 FROM dunning_step WHERE policy_id = of_policy AND kind = 'final_notice')
    THEN
        RAISE EXCEPTION 'policy %: nobody is suspended or handed over without a final notice', of_policy
            USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("dunning", "0004_paper_proof")]
    operations = [
        migrations.RunSQL(NOTICE_FIRST, "DROP FUNCTION dunning_notice_comes_first CASCADE"),
        check_at_commit("dunning_step", "dunning_notice_comes_first", on="INSERT OR UPDATE OR DELETE"),
    ]
