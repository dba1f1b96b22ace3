DROP TABLE jwt_keys;
DROP TABLE sessions;
DROP TABLE users;
DROP SEQUENCE change_seq;
