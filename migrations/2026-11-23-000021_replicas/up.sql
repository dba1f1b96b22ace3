-- Several server processes share one database: each reads back what the others wrote of nodes.

ALTER TABLE node_live
    -- When this row was written, by the database's clock: what a process has not read yet is newer than what it has.
    ADD COLUMN written_at timestamptz NOT NULL DEFAULT now(),
    -- By which process; nobody reads back their own.
    ADD COLUMN written_by uuid,
    -- The hash of the secret that the last heartbeat presented: while two open, it says which one is in use.
    ADD COLUMN secret_sha256 bytea CHECK (octet_length(secret_sha256) = 32);
