-- When a drain should be over, and what happens then.
ALTER TABLE platform ADD COLUMN intent_deadline timestamptz,
    ADD COLUMN intent_on_deadline text NOT NULL DEFAULT 'hold' CHECK (intent_on_deadline IN ('hold', 'force'));
ALTER TABLE regions ADD COLUMN intent_deadline timestamptz,
    ADD COLUMN intent_on_deadline text NOT NULL DEFAULT 'hold' CHECK (intent_on_deadline IN ('hold', 'force'));
ALTER TABLE nodes ADD COLUMN intent_deadline timestamptz,
    ADD COLUMN intent_on_deadline text NOT NULL DEFAULT 'hold' CHECK (intent_on_deadline IN ('hold', 'force'));

-- Signals to nodes, with their receipts.
CREATE TABLE commands (
    id            uuid PRIMARY KEY,
    node_id       uuid NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('shutdown', 'end_sessions', 'run_job')),
    args          jsonb NOT NULL DEFAULT '{}',
    state         text NOT NULL CHECK (state IN ('queued', 'offered', 'accepted', 'done', 'failed', 'refused',
                                                 'expired', 'superseded', 'cancelled')),
    detail        text CHECK (length(detail) <= 500),
    -- The process it is meant for; its successor must not receive it.
    boot_id       text,
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL,
    not_after     timestamptz NOT NULL,
    offered_at    timestamptz,
    offered_count integer NOT NULL DEFAULT 0,
    accepted_at   timestamptz,
    finished_at   timestamptz,
    push          text CHECK (length(push) <= 200)
);
CREATE INDEX commands_node_id ON commands (node_id, created_at DESC);
CREATE INDEX commands_open ON commands (created_at) WHERE state IN ('queued', 'offered', 'accepted');

-- How far a node is on its way to zero; survives a restart of the control plane. Gone when the intent is active again.
CREATE TABLE drains (
    node_id         uuid PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    -- Of the desired state it belongs to.
    generation      bigint NOT NULL,
    requested_at    timestamptz NOT NULL,
    delivered_at    timestamptz,
    acknowledged_at timestamptz,
    drained_at      timestamptz,
    started_with    integer,
    -- The deadline was acted upon.
    deadline_done   boolean NOT NULL DEFAULT false
);
