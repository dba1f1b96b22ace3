DROP TABLE tokens;
DROP TABLE refresh_tokens;
DROP INDEX jwt_keys_signs;
