-- Rotation of signing keys, refresh tokens of the command line, and automation tokens.

-- One key signs. Where servers that started at once made several, the oldest has been signing.
UPDATE jwt_keys SET retired_at = now()
    WHERE retired_at IS NULL
        AND kid <> (SELECT kid FROM jwt_keys WHERE retired_at IS NULL ORDER BY created_at, kid LIMIT 1);
CREATE UNIQUE INDEX jwt_keys_signs ON jwt_keys ((true)) WHERE retired_at IS NULL;

-- Each is good once. A used one stays until its session ends: presented again, it shows that two have it.
CREATE TABLE refresh_tokens (
    -- SHA-256 of the token; the token itself is only with its owner.
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    sid        uuid NOT NULL REFERENCES sessions (sid) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_sid ON refresh_tokens (sid);

CREATE TABLE tokens (
    -- `jti` in the token.
    id             uuid PRIMARY KEY,
    name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    scope          text NOT NULL CHECK (scope IN ('read', 'operate', 'admin')),
    -- Region IDs in which it may change things; NULL is everywhere its creator may.
    region_scope   text[],
    -- Networks it may be used from, in CIDR form; empty is anywhere.
    networks       text[] NOT NULL DEFAULT '{}',
    -- The key that signed it: kept as long as the token works.
    kid            text NOT NULL REFERENCES jwt_keys (kid),
    -- It dies with the account that made it.
    created_by     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz,
    last_used_at   timestamptz,
    last_used_from text,
    revoked_at     timestamptz,
    -- E-mail: the account may be gone one day.
    revoked_by     text,
    version        bigint NOT NULL DEFAULT 1
);
CREATE INDEX tokens_created_by ON tokens (created_by);
CREATE INDEX tokens_kid ON tokens (kid);
