-- Several server processes share one database: each reads back what the others wrote of nodes.

ALTER TABLE node_live
    -- When this row was written, by the database's clock: what a process has not read yet is newer than what it has.
    ADD COLUMN written_at timestamptz NOT NULL DEFAULT now(),
    -- By which process; nobody reads back their own.
    ADD COLUMN written_by uuid;
