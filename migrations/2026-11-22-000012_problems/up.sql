-- Problems that somebody put aside. A problem is worked out anew all the time and has no row; it is named by its id.
CREATE TABLE problem_snoozes (
    problem_id text PRIMARY KEY CHECK (length(problem_id) BETWEEN 1 AND 200),
    -- How much it mattered then: a snooze ends when it becomes worse.
    severity   text NOT NULL CHECK (severity IN ('bad', 'warn')),
    by_email   text NOT NULL,
    at         timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    reason     text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500)
);

-- Unregistered servers that somebody hid.
CREATE TABLE unregistered_ignored (
    group_id bytea PRIMARY KEY CHECK (octet_length(group_id) = 16),
    by_email text NOT NULL,
    at       timestamptz NOT NULL
);
