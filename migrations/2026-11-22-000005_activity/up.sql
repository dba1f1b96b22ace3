-- Every attempt to change something, with its outcome. Rows are never changed.
CREATE TABLE activity (
    -- UUIDv7: its order is that of time, and it is the cursor of the list.
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    action      text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('allowed', 'denied', 'refused')),
    target_kind text NOT NULL,
    target_id   text NOT NULL,
    target_name text,
    region_id   text,
    before      jsonb,
    after       jsonb,
    reason      text,
    request_id  text,
    source      text
);
CREATE INDEX activity_target ON activity (target_kind, target_id, id DESC);
CREATE INDEX activity_actor ON activity (actor, id DESC);
CREATE INDEX activity_region ON activity (region_id, id DESC) WHERE region_id IS NOT NULL;

-- What happened to nodes and regions. Partitioned by month, so that the old goes by dropping a table.
CREATE TABLE events (
    id        uuid NOT NULL,
    at        timestamptz NOT NULL,
    node_id   uuid,
    region_id text,
    kind      text NOT NULL,
    from_word text,
    to_word   text,
    detail    text,
    actor     text,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX events_node ON events (node_id, at DESC);
CREATE INDEX events_region ON events (region_id, at DESC);
-- Takes what no month's table takes; the server makes those ahead.
CREATE TABLE events_default PARTITION OF events DEFAULT;
