-- Queues of webhooks are bounded, and what ends many deliveries at once does so in pieces.

-- Messages that were left out because so many waited already. Beside the webhook and not in it: who writes messages
-- holds the webhook together with others and could not write there.
CREATE TABLE webhook_dropped (
    webhook_id uuid PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
    messages   bigint NOT NULL CHECK (messages > 0),
    since      timestamptz NOT NULL,
    last_at    timestamptz NOT NULL
);

-- Webhooks that were deleted while there were deliveries of theirs. Those go in pieces, so nothing may cascade to them.
CREATE TABLE webhook_leftovers (
    webhook_id uuid PRIMARY KEY
);
ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_webhook_id_fkey;
