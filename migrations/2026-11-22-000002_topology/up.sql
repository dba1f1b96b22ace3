-- What operators register: the platform, regions, nodes and their secrets. Heartbeats never write here.

CREATE TABLE platform (
    -- One row.
    id                    boolean PRIMARY KEY DEFAULT true CHECK (id),
    intent                text NOT NULL DEFAULT 'active' CHECK (intent IN ('active', 'maintenance')),
    intent_public_reason  text CHECK (length(intent_public_reason) <= 500),
    intent_private_reason text CHECK (length(intent_private_reason) <= 500),
    intent_until          timestamptz,
    intent_by             text,
    intent_at             timestamptz,
    generation            bigint NOT NULL DEFAULT 1,
    version               bigint NOT NULL DEFAULT 1
);
INSERT INTO platform DEFAULT VALUES;

CREATE TABLE regions (
    id                    text PRIMARY KEY CHECK (id ~ '^[A-Z]{2}-[A-Z0-9-]{1,32}$'),
    country_code          text NOT NULL CHECK (country_code ~ '^[A-Z]{2}$'),
    name                  text NOT NULL CHECK (length(name) BETWEEN 1 AND 32),
    display_name          text CHECK (length(display_name) <= 80),
    intent                text NOT NULL DEFAULT 'active' CHECK (intent IN ('active', 'maintenance', 'disabled')),
    intent_public_reason  text CHECK (length(intent_public_reason) <= 500),
    intent_private_reason text CHECK (length(intent_private_reason) <= 500),
    intent_until          timestamptz,
    intent_by             text,
    intent_at             timestamptz,
    generation            bigint NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL DEFAULT now(),
    version               bigint NOT NULL DEFAULT 1
);

CREATE TABLE nodes (
    id                    uuid PRIMARY KEY,
    external_id           text CHECK (length(external_id) BETWEEN 1 AND 64),
    region_id             text REFERENCES regions (id),
    kind                  text NOT NULL CHECK (kind IN ('proxy', 'backend', 'background')),
    endpoint_scheme       text NOT NULL CHECK (endpoint_scheme IN ('http', 'https')),
    endpoint_host         text NOT NULL CHECK (length(endpoint_host) BETWEEN 1 AND 253),
    endpoint_port         integer NOT NULL CHECK (endpoint_port BETWEEN 1 AND 65535),
    endpoint_path         text NOT NULL DEFAULT '',
    sip_host              text CHECK (length(sip_host) <= 253),
    sip_port              integer CHECK (sip_port BETWEEN 1 AND 65535),
    sip_transport         text NOT NULL DEFAULT 'udp' CHECK (sip_transport IN ('udp', 'tcp', 'tls')),
    display_name          text CHECK (length(display_name) <= 80),
    notes                 text CHECK (length(notes) <= 2000),
    labels                jsonb NOT NULL DEFAULT '{}',
    development           boolean NOT NULL DEFAULT false,
    max_concurrent_calls  integer CHECK (max_concurrent_calls BETWEEN 1 AND 100000),
    intent                text NOT NULL DEFAULT 'active' CHECK (intent IN ('active', 'maintenance', 'disabled')),
    intent_public_reason  text CHECK (length(intent_public_reason) <= 500),
    intent_private_reason text CHECK (length(intent_private_reason) <= 500),
    intent_until          timestamptz,
    intent_by             text,
    intent_at             timestamptz,
    generation            bigint NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL DEFAULT now(),
    -- A tombstone keeps the id and the secret's hash for 30 days, so that late heartbeats are recognised.
    deleted_at            timestamptz,
    deleted_by            text,
    version               bigint NOT NULL DEFAULT 1,
    -- The background node is one per cluster and has no region; the others have one.
    CHECK ((kind = 'background') = (region_id IS NULL))
);
CREATE INDEX nodes_region_id ON nodes (region_id);
CREATE UNIQUE INDEX nodes_endpoint ON nodes (endpoint_host, endpoint_port, endpoint_path) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX nodes_external_id ON nodes (external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX nodes_one_background ON nodes (kind) WHERE kind = 'background' AND deleted_at IS NULL;

CREATE TABLE node_secrets (
    id          uuid PRIMARY KEY,
    node_id     uuid NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    -- Look-up by the SHA-256 of the whole secret; ciphertext for what the server itself must send.
    sha256      bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    sealed      bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    -- Set when a newer secret replaces this one: until then both work.
    valid_until timestamptz
);
CREATE INDEX node_secrets_node_id ON node_secrets (node_id);
