DROP TABLE invitations;
ALTER TABLE sessions DROP COLUMN confirmed_at;
ALTER TABLE sessions DROP COLUMN kind;
ALTER TABLE users DROP COLUMN last_active_at;
ALTER TABLE users DROP COLUMN revision;
-- The program of before knows nobody without a password; who was only invited is invited again.
DELETE FROM users WHERE password_hash IS NULL;
ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL;
