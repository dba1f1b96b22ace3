-- S3 storage of a region; audio is kept near the call.
CREATE TABLE region_storage (
    region_id          text PRIMARY KEY REFERENCES regions (id) ON DELETE CASCADE,
    -- Host, with a port where it is not the scheme's; the scheme follows from ssl.
    endpoint_host      text NOT NULL CHECK (length(endpoint_host) BETWEEN 1 AND 253),
    endpoint_port      integer NOT NULL CHECK (endpoint_port BETWEEN 1 AND 65535),
    ssl                boolean NOT NULL,
    access_key         text NOT NULL CHECK (length(access_key) BETWEEN 1 AND 128),
    -- Part of what the ciphertext is bound to; new with every new secret key.
    secret_id          uuid NOT NULL,
    secret_sealed      bytea NOT NULL,
    secret_fingerprint text NOT NULL,
    secret_at          timestamptz NOT NULL,
    bucket             text NOT NULL CHECK (length(bucket) BETWEEN 3 AND 63),
    signing_region     text NOT NULL CHECK (length(signing_region) BETWEEN 1 AND 64),
    path_style         text NOT NULL DEFAULT 'auto' CHECK (path_style IN ('auto', 'on', 'off')),
    prefix             text NOT NULL DEFAULT '' CHECK (length(prefix) <= 200),
    version            bigint NOT NULL DEFAULT 1,
    updated_at         timestamptz NOT NULL,
    updated_by         text NOT NULL
);

-- The newest check by the server; changes of it are events.
CREATE TABLE storage_health (
    region_id  text PRIMARY KEY REFERENCES regions (id) ON DELETE CASCADE,
    ok         boolean NOT NULL,
    step       text,
    detail     text CHECK (length(detail) <= 500),
    checked_at timestamptz NOT NULL,
    since      timestamptz NOT NULL
);
