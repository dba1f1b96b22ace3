-- What the last check of the activity log's chain found: a note for the people who look at the log, and no evidence. Who
-- doubts it checks again.
CREATE TABLE activity_check (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    at          timestamptz NOT NULL,
    -- Entries whose hashes were made again.
    entries     bigint NOT NULL CHECK (entries >= 0),
    -- What is not right; NULL where everything is.
    broken      text,
    broken_seq  bigint,
    broken_id   uuid
);
