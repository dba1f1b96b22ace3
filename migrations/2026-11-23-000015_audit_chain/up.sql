-- The activity log becomes a chain: each entry has a number and a hash over the one before, its number and itself.
-- Numbers and hashes stand in a table of their own, so that an entry is written once and never again.
CREATE TABLE activity_chain (
    -- 1, 2, 3, … in the order of commits, without gaps.
    seq         bigint PRIMARY KEY CHECK (seq > 0),
    activity_id uuid NOT NULL UNIQUE,
    -- SHA-256 over the hash before (32 zero bytes for the first) and the entry's text, see activity_text.
    hash        bytea NOT NULL CHECK (octet_length(hash) = 32)
);

-- The last entry that was removed by age: what is left begins after it.
CREATE TABLE activity_checkpoint (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq  bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    at   timestamptz NOT NULL DEFAULT now()
);

-- A change that is refused finds out by this whether the use case has noted it already.
CREATE INDEX activity_request ON activity (request_id) WHERE request_id IS NOT NULL;

-- One field of an entry's text: its length in bytes, a colon, itself; a hyphen alone where there is none.
CREATE FUNCTION activity_field(v text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN v IS NULL THEN '-' ELSE octet_length(convert_to(v, 'UTF8'))::text || ':' || v END $$;

-- The text of an entry that its hash is made of, version 1.
CREATE FUNCTION activity_text(n bigint, a activity) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT 'iqra-activity-1'
    || activity_field(n::text)
    || activity_field(a.id::text)
    || activity_field(((extract(epoch FROM a.at) * 1000000)::bigint)::text)
    || activity_field(a.actor)
    || activity_field(a.action)
    || activity_field(a.outcome)
    || activity_field(a.target_kind)
    || activity_field(a.target_id)
    || activity_field(a.target_name)
    || activity_field(a.region_id)
    || activity_field(a.before::text)
    || activity_field(a.after::text)
    || activity_field(a.reason)
    || activity_field(a.request_id)
    || activity_field(a.source) $$;

-- Adds one entry to the end of the chain. The lock lasts to the end of the transaction, so that the next one sees this
-- one's hash; two of the same snapshot would give one number twice, which the key refuses.
CREATE FUNCTION activity_append(a activity) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    tail_seq  bigint;
    tail_hash bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('iqra activity chain'));
    SELECT c.seq, c.hash INTO tail_seq, tail_hash FROM activity_chain c ORDER BY c.seq DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT p.seq, p.hash INTO tail_seq, tail_hash FROM activity_checkpoint p;
    END IF;
    tail_seq := coalesce(tail_seq, 0);
    tail_hash := coalesce(tail_hash, decode(repeat('00', 32), 'hex'));
    INSERT INTO activity_chain (seq, activity_id, hash) VALUES
        (tail_seq + 1, a.id, sha256(tail_hash || convert_to(activity_text(tail_seq + 1, a), 'UTF8')));
END $$;

-- What was noted before there was a chain.
DO $$
DECLARE
    a activity;
BEGIN
    FOR a IN SELECT * FROM activity ORDER BY id LOOP
        PERFORM activity_append(a);
    END LOOP;
END $$;

-- Runs when the transaction commits: the lock of the chain is the last one taken, and held for no longer than it takes
-- to commit. With the rights of the owner, because the server's own role may not write the chain.
CREATE FUNCTION activity_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM activity_append(NEW);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER activity_link AFTER INSERT ON activity
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION activity_link();

-- Nobody changes what was noted, and only activity_forget removes it.
CREATE FUNCTION activity_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('iqra.activity_forget', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the activity log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER activity_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON activity
    FOR EACH STATEMENT EXECUTE FUNCTION activity_is_kept();
CREATE TRIGGER activity_chain_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON activity_chain
    FOR EACH STATEMENT EXECUTE FUNCTION activity_is_kept();

-- Removes the oldest entries that are from before a time, at most so many, and remembers the last of them; how many.
-- Whatever is asked for, 90 days are kept: a role that may call this can age the log and not empty it. An entry that is
-- missing from the log stops it: the gap is evidence.
CREATE FUNCTION activity_forget(older_than timestamptz, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    until_at timestamptz := least(older_than, now() - interval '90 days');
    last_seq bigint;
    removed  integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('iqra activity chain'));
    WITH oldest AS (
        SELECT c.seq, a.at FROM activity_chain c LEFT JOIN activity a ON a.id = c.activity_id
        ORDER BY c.seq LIMIT most
    )
    SELECT max(o.seq) INTO last_seq FROM oldest o
    WHERE o.seq < coalesce((SELECT min(k.seq) FROM oldest k WHERE k.at IS NULL OR k.at >= until_at), 9223372036854775807);
    IF last_seq IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO activity_checkpoint (seq, hash)
        SELECT c.seq, c.hash FROM activity_chain c WHERE c.seq = last_seq
        ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = now();
    PERFORM set_config('iqra.activity_forget', 'on', true);
    DELETE FROM activity a USING activity_chain c WHERE c.activity_id = a.id AND c.seq <= last_seq;
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM activity_chain c WHERE c.seq <= last_seq;
    PERFORM set_config('iqra.activity_forget', '', true);
    RETURN removed;
END $$;

-- What runs with the owner's rights finds its tables here and nowhere else: not in a schema or among temporary tables
-- of the one who calls it.
DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['activity_field(text)', 'activity_text(bigint, activity)', 'activity_append(activity)',
                             'activity_link()', 'activity_forget(timestamptz, integer)'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', f, current_schema());
    END LOOP;
END $$;
