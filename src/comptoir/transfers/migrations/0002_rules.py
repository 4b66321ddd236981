from django.db import migrations

from comptoir.kit.sql import append_only, check_at_commit, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, Access, may_emit, own_vendor, protect, visible_parent

# Each side sees what it is in. A customer begins as oneself, and names the other side in words alone.
IN_IT = f"(seller_id = {OWN_COMPANY} OR buyer_id = {OWN_COMPANY})"
BEGUN_ONESELF = f"""
CREATE POLICY begun_oneself ON transfers_transfer AS RESTRICTIVE FOR INSERT TO comptoir_portal WITH CHECK (
    (started_side = 'seller' AND status = 'started' AND seller_id = {OWN_COMPANY} AND buyer_id IS NULL
     AND buyer_accepted_at IS NULL)
    OR (started_side = 'buyer' AND status = 'asked' AND buyer_id = {OWN_COMPANY} AND seller_accepted_at IS NULL));
CREATE POLICY begun_by_the_team ON transfers_transfer AS RESTRICTIVE FOR INSERT TO comptoir_staff WITH CHECK (
    started_side = 'team' AND status = 'started' AND seller_accepted_at IS NULL AND buyer_accepted_at IS NULL);
"""

# It goes forward, ends once, and each side speaks for itself: whatever SQL is said behind its door.
MOVES = """
CREATE FUNCTION transfers_transfer_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    door text := current_setting('role');
    own bigint := nullif(current_setting('app.company_id', true), '')::bigint;
BEGIN
    IF OLD.status IN ('done', 'declined', 'withdrawn') THEN
        RAISE EXCEPTION 'change of owner %: it has ended', OLD.public_id USING ERRCODE = '23514';
    END IF;
    IF OLD.status <> NEW.status AND NEW.status <> ALL (CASE OLD.status
        WHEN 'asked' THEN ARRAY['started', 'declined', 'withdrawn']
        WHEN 'started' THEN ARRAY['accepted', 'declined', 'withdrawn']
        WHEN 'accepted' THEN ARRAY['approved', 'declined', 'withdrawn']
        ELSE ARRAY['done', 'withdrawn'] END)
    THEN
        RAISE EXCEPTION 'change of owner %: from % it does not become %', OLD.public_id, OLD.status, NEW.status
            USING ERRCODE = '23514';
    END IF;
    IF (OLD.seller_accepted_at IS NOT NULL AND NEW.seller_accepted_at IS DISTINCT FROM OLD.seller_accepted_at)
       OR (OLD.buyer_accepted_at IS NOT NULL AND (NEW.buyer_accepted_at IS DISTINCT FROM OLD.buyer_accepted_at
           OR NEW.invitation IS DISTINCT FROM OLD.invitation))
       OR (OLD.seller_id IS NOT NULL AND NEW.seller_id IS DISTINCT FROM OLD.seller_id)
       OR (OLD.buyer_id IS NOT NULL AND NEW.buyer_id IS DISTINCT FROM OLD.buyer_id)
       OR (OLD.store_count > 0 AND NEW.store_count <> OLD.store_count)
    THEN
        RAISE EXCEPTION 'change of owner %: what was said stays said', OLD.public_id USING ERRCODE = '23514';
    END IF;
    IF door = 'comptoir_portal' AND (
        NEW.status NOT IN (OLD.status, 'accepted', 'withdrawn')
        OR (NEW.seller_accepted_at IS DISTINCT FROM OLD.seller_accepted_at AND own IS DISTINCT FROM OLD.seller_id)
        OR (NEW.buyer_accepted_at IS DISTINCT FROM OLD.buyer_accepted_at AND own IS DISTINCT FROM OLD.buyer_id)
        OR (NEW.invitation IS DISTINCT FROM OLD.invitation AND own IS DISTINCT FROM OLD.seller_id)
        OR (NEW.status = 'withdrawn'
            AND NEW.withdrawn_side <> CASE own WHEN OLD.seller_id THEN 'seller' ELSE 'buyer' END))
       OR (door = 'comptoir_staff' AND (NEW.status = 'done' OR (NEW.status = 'withdrawn' AND NEW.withdrawn_side <> 'team')))
    THEN
        RAISE EXCEPTION 'change of owner %: nobody speaks for another', OLD.public_id USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_transfer_moves BEFORE UPDATE ON transfers_transfer
    FOR EACH ROW EXECUTE FUNCTION transfers_transfer_moves();
"""

# Across tables that a policy may hide from whoever writes. A company that is known is called by its own name.
FITS = """
CREATE FUNCTION transfers_transfer_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    other record;
BEGIN
    FOR other IN SELECT id, vendor_id, name FROM tenancy_company WHERE id IN (NEW.seller_id, NEW.buyer_id) LOOP
        IF other.vendor_id <> NEW.vendor_id THEN
            RAISE EXCEPTION 'change of owner %: company % is another vendor''s', NEW.public_id, other.id
                USING ERRCODE = '23514';
        END IF;
        IF other.id = NEW.seller_id THEN NEW.seller_name := other.name; ELSE NEW.buyer_name := other.name; END IF;
    END LOOP;
    IF TG_OP = 'INSERT' AND EXISTS (SELECT 1 FROM ledger_bookclosing b
                                    WHERE b.vendor_id = NEW.vendor_id AND b.closed_through >= NEW.takes_effect_on) THEN
        RAISE EXCEPTION 'change of owner %: the books of that day are closed', NEW.public_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_transfer_fits BEFORE INSERT OR UPDATE OF seller_id, buyer_id ON transfers_transfer
    FOR EACH ROW EXECUTE FUNCTION transfers_transfer_fits();

CREATE FUNCTION transfers_store_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM transfers_transfer t JOIN customers_ownership own ON own.company_id = t.seller_id
        WHERE t.id = NEW.transfer_id AND own.location_id = NEW.location_id AND upper_inf(own.period)
          AND own.period @> t.takes_effect_on AND lower(own.period) IS DISTINCT FROM t.takes_effect_on)
    THEN
        RAISE EXCEPTION 'store % is not the seller''s to pass on', NEW.location_id USING ERRCODE = '23514';
    END IF;
    SELECT l.number || ' ' || l.name INTO NEW.label FROM customers_location l WHERE l.id = NEW.location_id;
    NEW.closed_at := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_store_fits BEFORE INSERT ON transfers_transferstore
    FOR EACH ROW EXECUTE FUNCTION transfers_store_fits();

CREATE FUNCTION transfers_close_stores() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE transfers_transferstore SET closed_at = now() WHERE transfer_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_close_stores AFTER UPDATE OF status ON transfers_transfer
    FOR EACH ROW WHEN (NEW.status IN ('done', 'declined', 'withdrawn')) EXECUTE FUNCTION transfers_close_stores();
CREATE TRIGGER transfers_store_stays BEFORE UPDATE ON transfers_transferstore
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION kit_refuse_change();
"""

# How many stores there are is said with the transfer, so none can be put to it afterwards; and done is when they passed.
WHOLE = """
CREATE FUNCTION transfers_has_its_stores() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted bigint := CASE TG_TABLE_NAME WHEN 'transfers_transfer' THEN (to_jsonb(NEW) ->> 'id')::bigint
                                        ELSE (to_jsonb(NEW) ->> 'transfer_id')::bigint END;
BEGIN
    IF (SELECT store_count FROM transfers_transfer WHERE id = wanted)
       <> (SELECT count(*) FROM transfers_transferstore WHERE transfer_id = wanted)
    THEN
        RAISE EXCEPTION 'change of owner % has not the stores that it says', wanted USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION transfers_stores_have_passed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status = 'done' AND EXISTS (
        SELECT 1 FROM transfers_transferstore s WHERE s.transfer_id = NEW.id AND NOT EXISTS (
            SELECT 1 FROM customers_ownership own WHERE own.location_id = s.location_id
            AND own.company_id = NEW.buyer_id AND lower(own.period) = NEW.takes_effect_on))
    THEN
        RAISE EXCEPTION 'change of owner %: not all stores have passed', NEW.public_id USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
"""

SEALED = """
ALTER TABLE transfers_document ADD CONSTRAINT paper_is_sealed
    CHECK (octet_length(sealed_name) > 32 AND octet_length(sealed_content) = size_bytes + 32);
"""

STAYS = [
    "public_id", "vendor_id", "takes_effect_on", "started_side", "started_by", "started_at", "asked_stores",
    "buyer_number", "seller_email",
]  # fmt: skip
WITHDRAWAL = "withdrawn_at, withdrawn_side, withdrawn_by, reason"
INVITATION = "buyer_email, buyer_language, invitation, accept_hash, withdraw_hash, invitation_expires_at"
ACCEPTANCE = "seller_accepted_at, seller_accepted_by, buyer_accepted_at, buyer_accepted_by"
DECISION = "approved_at, approved_by, prices, declined_at, declined_by"
OWN_SALE = f"""
EXISTS (SELECT 1 FROM transfers_transfer t WHERE t.id = {{table}}.transfer_id AND t.seller_id = {OWN_COMPANY})
"""
SEEN = "EXISTS (SELECT 1 FROM transfers_transfer parent WHERE parent.id = {table}.transfer_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("transfers", "0001_initial"),
        ("customers", "0009_one_open_email_change"),
        ("ledger", "0004_closing_rules"),
        ("tenancy", "0003_door_events"),
    ]
    operations = [
        migrations.RunSQL(MOVES, "DROP FUNCTION transfers_transfer_moves CASCADE"),
        migrations.RunSQL(
            FITS, "DROP FUNCTION transfers_transfer_fits, transfers_store_fits, transfers_close_stores CASCADE"
        ),
        migrations.RunSQL(WHOLE, "DROP FUNCTION transfers_has_its_stores, transfers_stores_have_passed CASCADE"),
        migrations.RunSQL(SEALED, migrations.RunSQL.noop),
        check_at_commit("transfers_transfer", "transfers_has_its_stores", on="INSERT OR UPDATE OF store_count"),
        check_at_commit("transfers_transferstore", "transfers_has_its_stores"),
        check_at_commit("transfers_transfer", "transfers_stores_have_passed", on="UPDATE OF status"),
        never_deleted("transfers_transfer"),
        never_deleted("transfers_transferstore"),
        never_deleted("transfers_newcompany"),
        never_deleted("transfers_document"),
        fixed_columns("transfers_transfer", STAYS),
        fixed_columns("transfers_transferstore", ["transfer_id", "location_id", "label"]),
        fixed_columns(
            "transfers_newcompany", ["transfer_id", "name", "person", "language", "address_lines", "given_at"]
        ),
        fixed_columns(
            "transfers_document",
            ["public_id", "transfer_id", "company_id", "given_by", "given_at", "media_type", "size_bytes"],
        ),
        protect(
            "transfers_transfer",
            portal=Access(f"SELECT, INSERT, UPDATE (status, {ACCEPTANCE}, {WITHDRAWAL}, {INVITATION})", IN_IT),
            staff=own_vendor(
                f"SELECT, INSERT, UPDATE (status, seller_id, store_count, {DECISION}, {WITHDRAWAL},"
                f" {INVITATION})"
            ),
        ),
        migrations.RunSQL(BEGUN_ONESELF, migrations.RunSQL.noop),
        protect(
            "transfers_transferstore",
            portal=Access("SELECT, INSERT", SEEN, written=OWN_SALE),
            staff=visible_parent("SELECT, INSERT", parent="transfers_transfer", column="transfer_id"),
        ),
        protect(
            "transfers_newcompany",
            staff=visible_parent("SELECT, UPDATE (number)", parent="transfers_transfer", column="transfer_id"),
        ),
        append_only("transfers_note"),
        protect(
            "transfers_note",
            portal=Access("SELECT, INSERT", f"company_id = {OWN_COMPANY} AND {SEEN}"),
            staff=Access("SELECT, INSERT", SEEN, written=f"company_id IS NULL AND {SEEN}"),
        ),
        protect(
            "transfers_document",
            portal=Access("SELECT, INSERT", f"company_id = {OWN_COMPANY} AND {SEEN}"),
            staff=Access("SELECT, INSERT", SEEN, written=f"company_id IS NULL AND {SEEN}"),
        ),
        may_emit("portal", "transfer_changed"),
        may_emit("staff", "transfer_changed"),
    ]
