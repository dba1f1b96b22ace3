DROP TABLE storage_health;
DROP TABLE region_storage;
