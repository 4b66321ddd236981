from django.db import migrations

# What the processor tells is put down in one statement, which commits by itself: news comes in hundreds a second, and
# every further statement would cost as much again. Whoever may call this can do nothing else with it.
TAKE_NEWS = """
CREATE FUNCTION payments_take_news(
    told_id text, told_account text, told_kind text, told_object text, told jsonb, asked_in text, listeners text[]
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE happened bigint;
BEGIN
    INSERT INTO payments_webhookevent (event_id, account_id, kind, object_id, payload)
    VALUES (told_id, told_account, told_kind, told_object, told) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO kit_event (name, topic, data, request_id)
    VALUES ('webhook_received', 'processor:' || told_object, jsonb_build_object('event', told_id), asked_in)
    RETURNING id INTO happened;
    INSERT INTO kit_eventdelivery (event_id, listener, topic, attempts, last_error)
    SELECT happened, listener, 'processor:' || told_object, 0, '' FROM unnest(listeners) AS listener;
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION payments_take_news(text, text, text, text, jsonb, text, text[]) TO comptoir_web;

DROP POLICY intake ON payments_webhookevent;
REVOKE ALL ON payments_webhookevent FROM comptoir_intake;
DROP POLICY intake ON kit_event;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_return_fees"), ("kit", "0003_one_wakes")]
    operations = [migrations.RunSQL(TAKE_NEWS, migrations.RunSQL.noop)]
