//! Webhooks: who is told, what is told, and what became of it.

diesel::table! {
    webhooks (id) {
        id -> Uuid,
        name -> Text,
        url -> Text,
        events -> Array<Nullable<Text>>,
        region_scope -> Nullable<Array<Nullable<Text>>>,
        enabled -> Bool,
        stopped_because -> Nullable<Text>,
        secret_id -> Uuid,
        secret_sealed -> Bytea,
        secret_print -> Text,
        former_id -> Nullable<Uuid>,
        former_sealed -> Nullable<Bytea>,
        former_until -> Nullable<Timestamptz>,
        delivered_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        created_by -> Text,
        created_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    webhook_messages (id) {
        id -> Uuid,
        at -> Timestamptz,
        event -> Text,
        region_id -> Nullable<Text>,
        payload -> Text,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Uuid,
        webhook_id -> Uuid,
        message_id -> Uuid,
        created_at -> Timestamptz,
        state -> Text,
        next_at -> Nullable<Timestamptz>,
        claimed_until -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        replay_of -> Nullable<Uuid>,
        attempts -> Jsonb,
    }
}

diesel::table! {
    webhook_problems (problem_id) {
        problem_id -> Text,
        told_at -> Timestamptz,
        problem -> Jsonb,
    }
}

diesel::table! {
    webhook_dropped (webhook_id) {
        webhook_id -> Uuid,
        messages -> Int8,
        since -> Timestamptz,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_leftovers (webhook_id) {
        webhook_id -> Uuid,
    }
}

diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(webhook_deliveries -> webhook_messages (message_id));
diesel::allow_tables_to_appear_in_same_query!(webhooks, webhook_messages, webhook_deliveries);
