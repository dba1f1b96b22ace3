ALTER TABLE node_live DROP COLUMN secret_sha256, DROP COLUMN written_by, DROP COLUMN written_at;
