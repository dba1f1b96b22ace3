-- A region that is gone takes its row with it, so that its id is free at once. Deleted nodes outlive it for their
-- thirty days and forget it; for a node that is not deleted the check below still wants a region, so that a region
-- which has such nodes cannot go.
ALTER TABLE nodes DROP CONSTRAINT nodes_check;
ALTER TABLE nodes ADD CONSTRAINT nodes_region CHECK ((kind = 'background') = (region_id IS NULL) OR deleted_at IS NOT NULL);
ALTER TABLE nodes DROP CONSTRAINT nodes_region_id_fkey;
ALTER TABLE nodes ADD CONSTRAINT nodes_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions (id) ON DELETE SET NULL;
-- Deleted nodes are looked for by their age.
CREATE INDEX nodes_deleted_at ON nodes (deleted_at) WHERE deleted_at IS NOT NULL;
