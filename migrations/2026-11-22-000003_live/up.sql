-- What heartbeats write. Narrow, primary key only, room on each page: an index on a column that every heartbeat
-- changes would end heap-only updates.

CREATE TABLE node_live (
    node_id        uuid PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    -- By the database's clock, computed from the receiver's monotonic age.
    last_seen      timestamptz,
    boot_id        text,
    boot_seq       bigint,
    liveness       text NOT NULL DEFAULT 'never_seen'
                   CHECK (liveness IN ('never_seen', 'live', 'stale', 'offline', 'left')),
    liveness_since timestamptz NOT NULL DEFAULT now(),
    -- What the node was last told; silence is judged by it.
    interval_ms    bigint NOT NULL,
    -- The last heartbeat, as understood.
    beat           jsonb,
    source         text
) WITH (fillfactor = 60);

-- Refused heartbeats, grouped; never the secret itself.
CREATE TABLE rejections (
    id             uuid PRIMARY KEY,
    -- SHA-256 over the grouping columns, so that one narrow index serves the upsert.
    group_hash     bytea NOT NULL UNIQUE CHECK (octet_length(group_hash) = 32),
    reason         text NOT NULL,
    node_id        uuid REFERENCES nodes (id) ON DELETE CASCADE,
    claimed_node   text,
    claimed_region text,
    claimed_kind   text,
    source         text NOT NULL,
    fingerprint    text,
    first_at       timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    count          bigint NOT NULL
);
CREATE INDEX rejections_node_id ON rejections (node_id);
CREATE INDEX rejections_last_at ON rejections (last_at);
