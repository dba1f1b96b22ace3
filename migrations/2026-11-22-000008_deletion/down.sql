DROP INDEX nodes_deleted_at;
DELETE FROM nodes WHERE deleted_at IS NOT NULL AND kind <> 'background' AND region_id IS NULL;
ALTER TABLE nodes DROP CONSTRAINT nodes_region_id_fkey;
ALTER TABLE nodes ADD CONSTRAINT nodes_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions (id);
ALTER TABLE nodes DROP CONSTRAINT nodes_region;
ALTER TABLE nodes ADD CONSTRAINT nodes_check CHECK ((kind = 'background') = (region_id IS NULL));
