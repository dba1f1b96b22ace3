-- People who are invited, and sessions that say what they are and when their password was given last.

-- Who was invited has none yet.
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;
-- `version` counts changes of what a person may do and is part of access tokens; this one counts every change, for ETag.
ALTER TABLE users ADD COLUMN revision bigint NOT NULL DEFAULT 1;
-- When a session was used last, to the minute; outlives the session.
ALTER TABLE users ADD COLUMN last_active_at timestamptz;

ALTER TABLE sessions ADD COLUMN kind text NOT NULL DEFAULT 'browser' CHECK (kind IN ('browser', 'command_line'));
-- When the password was given last in this session; dangerous actions ask for one that is not long ago.
ALTER TABLE sessions ADD COLUMN confirmed_at timestamptz;

-- One-time links by which a person chooses a password.
CREATE TABLE invitations (
    -- SHA-256 of the 256-bit secret; the secret itself is in the link alone.
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('invitation', 'reset')),
    made_by    text NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
-- Of a person's links at most one works: a new one takes the place of the one before.
CREATE UNIQUE INDEX invitations_user_id ON invitations (user_id);
CREATE INDEX invitations_expires_at ON invitations (expires_at);
