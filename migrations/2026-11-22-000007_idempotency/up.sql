-- Replies to POSTs that carried an Idempotency-Key, kept for a day.
CREATE TABLE idempotency (
    -- SHA-256 of actor, method, path and key.
    key_hash     bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    -- SHA-256 of the body; another body under the same key is an error of the client.
    body_hash    bytea NOT NULL CHECK (octet_length(body_hash) = 32),
    created_at   timestamptz NOT NULL,
    -- NULL while the first request is at work.
    status       smallint,
    -- The reply, sealed: it may hold a secret that is shown once.
    reply        bytea,
    -- The same without secrets, for after ten minutes; NULL where there is none to take out.
    reply_later  bytea
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);
