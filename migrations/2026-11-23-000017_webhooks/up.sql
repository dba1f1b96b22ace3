-- Webhooks: who is told of what, what was told, and what became of it.

CREATE TABLE webhooks (
    id              uuid PRIMARY KEY,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    -- As it is called; taken apart and checked anew at every call.
    url             text NOT NULL CHECK (octet_length(url) BETWEEN 1 AND 1024),
    events          text[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 20),
    -- Region IDs; NULL is all, and what belongs to none.
    region_scope    text[],
    enabled         boolean NOT NULL DEFAULT true,
    -- Set where the control plane switched it off.
    stopped_because text CHECK (stopped_because IN ('gone', 'failing')),
    -- The key of its signature, and the former one while both sign. Each is sealed for its own id.
    secret_id       uuid NOT NULL,
    secret_sealed   bytea NOT NULL,
    secret_print    text NOT NULL,
    former_id       uuid,
    former_sealed   bytea,
    former_until    timestamptz,
    -- What became of the attempts; written with them, and not part of what a version counts.
    delivered_at    timestamptz,
    failing_since   timestamptz,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    CHECK ((former_id IS NULL) = (former_sealed IS NULL) AND (former_id IS NULL) = (former_until IS NULL)),
    CHECK (stopped_because IS NULL OR NOT enabled)
);
CREATE UNIQUE INDEX webhooks_name ON webhooks (lower(name));

-- What is told: one row however many are told of it. `id` is also the `webhook-id` of every call.
CREATE TABLE webhook_messages (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL,
    event      text NOT NULL,
    region_id  text,
    -- The body, byte for byte as it is signed.
    payload    text NOT NULL CHECK (octet_length(payload) <= 65536)
);
CREATE INDEX webhook_messages_at ON webhook_messages (at);

CREATE TABLE webhook_deliveries (
    id          uuid PRIMARY KEY,
    webhook_id  uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message_id  uuid NOT NULL REFERENCES webhook_messages (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- Due from this moment on, where it waits.
    next_at     timestamptz,
    -- A server process is at it until then; after that it is anybody's.
    claimed_until timestamptz,
    finished_at timestamptz,
    replay_of   uuid,
    -- What became of each attempt, oldest first: {at, tookMs, status, code, detail}.
    attempts    jsonb NOT NULL DEFAULT '[]',
    CHECK ((state = 'waiting') = (next_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, id DESC);
CREATE INDEX webhook_deliveries_message ON webhook_deliveries (message_id);

-- Problems that were told of as open and not yet as over: so that a restart tells nothing twice and forgets nothing.
CREATE TABLE webhook_problems (
    problem_id text PRIMARY KEY CHECK (length(problem_id) BETWEEN 1 AND 200),
    told_at    timestamptz NOT NULL,
    -- The problem as it was told, for the message that says it is over.
    problem    jsonb NOT NULL
);
