DROP TABLE vault_servers;
DROP TABLE data_key_wraps;
DROP TABLE data_keys;
