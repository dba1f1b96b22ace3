ALTER TABLE node_live DROP COLUMN written_by, DROP COLUMN written_at;
