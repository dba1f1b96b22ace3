-- People, their sessions, and the keys that sign access tokens.

-- One sequence numbers every change of the registry: replies carry it as X-Change, snapshots and deltas as `change`.
CREATE SEQUENCE change_seq AS bigint START 1;

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    -- Lower case; the server folds what is typed.
    email         text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 1 AND 254),
    display_name  text CHECK (length(display_name) <= 80),
    -- PHC string of argon2id.
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    -- Region IDs in which this person may change things; NULL is everywhere.
    region_scope  text[],
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz,
    version       bigint NOT NULL DEFAULT 1
);

CREATE TABLE sessions (
    -- SHA-256 of the 256-bit session id; the id itself is only in the browser's cookie.
    id_hash      bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    -- Names the session in access tokens, without revealing the id.
    sid          uuid NOT NULL UNIQUE,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    source       text NOT NULL,
    user_agent   text
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE jwt_keys (
    kid         text PRIMARY KEY,
    -- PKCS#8 of the Ed25519 key, sealed under the master key.
    sealed      bytea NOT NULL,
    -- Raw 32-byte public key.
    public_key  bytea NOT NULL CHECK (octet_length(public_key) = 32),
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz
);
