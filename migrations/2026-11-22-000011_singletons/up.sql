-- Runs of the background node's jobs, kept for 90 days.
CREATE TABLE job_runs (
    -- UUIDv7: its order is that of time, and it is the cursor of the lists.
    id               uuid PRIMARY KEY,
    -- The node it was asked of; the history outlives it.
    node_id          uuid REFERENCES nodes (id) ON DELETE SET NULL,
    job              text NOT NULL CHECK (job ~ '^[a-z0-9_-]{1,64}$'),
    state            text NOT NULL CHECK (state IN ('queued', 'accepted', 'running', 'succeeded', 'failed', 'cancelled',
                                                    'lost')),
    requested_by     text NOT NULL,
    requested_at     timestamptz NOT NULL,
    -- The process it runs in, from its first report.
    boot_id          text,
    started_at       timestamptz,
    finished_at      timestamptz,
    reported_at      timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    -- The end of what it printed, at most 64 KiB, and how much that was in all.
    output           text NOT NULL DEFAULT '' CHECK (octet_length(output) <= 65536),
    output_bytes     bigint NOT NULL DEFAULT 0,
    error            text CHECK (length(error) <= 2000),
    -- The command it rides on; commands are cleaned up on their own.
    command_id       uuid,
    push             text CHECK (length(push) <= 200)
);
CREATE INDEX job_runs_node_id ON job_runs (node_id);
CREATE INDEX job_runs_job ON job_runs (job, id DESC);
-- A job runs once at a time.
CREATE UNIQUE INDEX job_runs_one_active ON job_runs (job) WHERE state IN ('queued', 'accepted', 'running');

-- What each server process of the control plane says about itself. Written every few seconds: primary key only, and
-- room on each page for updates in place.
CREATE TABLE frontend_nodes (
    -- One run of the process.
    id         uuid PRIMARY KEY,
    hostname   text NOT NULL,
    pid        bigint NOT NULL,
    version    text NOT NULL,
    -- Names the console it carries.
    bundle     text,
    started_at timestamptz NOT NULL,
    -- By the database's clock, so that processes on several machines compare.
    last_seen  timestamptz NOT NULL DEFAULT now(),
    -- Set when it ended in order.
    stopped_at timestamptz,
    -- Its figures.
    report     jsonb NOT NULL
) WITH (fillfactor = 60);
