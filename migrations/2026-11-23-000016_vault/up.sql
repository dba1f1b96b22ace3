-- Keys that secrets are sealed under. Each is itself sealed under one or more master keys, which are not in here.
CREATE TABLE data_keys (
    -- In front of every ciphertext it made.
    id         bytea PRIMARY KEY CHECK (octet_length(id) = 4),
    -- `prepared`: every server is to know it before it is used; `current`: seals; `retired`: only opens.
    state      text NOT NULL CHECK (state IN ('prepared', 'current', 'retired')),
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX data_keys_current ON data_keys (state) WHERE state = 'current';
CREATE UNIQUE INDEX data_keys_prepared ON data_keys (state) WHERE state = 'prepared';

CREATE TABLE data_key_wraps (
    data_key bytea NOT NULL REFERENCES data_keys (id) ON DELETE CASCADE,
    -- Id of the master key: the first four bytes of its SHA-256.
    master   bytea NOT NULL CHECK (octet_length(master) = 4),
    sealed   bytea NOT NULL,
    PRIMARY KEY (data_key, master)
);

-- What each running server can open, for the one who changes keys: ids of keys in hexadecimal, never a key.
CREATE TABLE vault_servers (
    id      uuid PRIMARY KEY,
    -- Machine and address.
    name    text NOT NULL,
    masters text[] NOT NULL,
    keys    text[] NOT NULL,
    current text,
    -- By the database's clock.
    seen_at timestamptz NOT NULL DEFAULT now()
);
