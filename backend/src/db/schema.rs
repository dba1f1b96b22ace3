//! Tables as diesel sees them. A test compares this with the migrated database.

mod kept;
mod told;

pub use kept::{
    activity_chain, activity_check, activity_checkpoint, data_key_wraps, data_keys, vault_servers,
};
pub use told::{
    webhook_deliveries, webhook_dropped, webhook_leftovers, webhook_messages, webhook_problems, webhooks,
};

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        display_name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        role -> Text,
        region_scope -> Nullable<Array<Nullable<Text>>>,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
        version -> Int8,
        revision -> Int8,
        last_active_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sessions (id_hash) {
        id_hash -> Bytea,
        sid -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
        source -> Text,
        user_agent -> Nullable<Text>,
        kind -> Text,
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invitations (token_hash) {
        token_hash -> Bytea,
        user_id -> Uuid,
        kind -> Text,
        made_by -> Text,
        made_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    jwt_keys (kid) {
        kid -> Text,
        sealed -> Bytea,
        public_key -> Bytea,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    platform (id) {
        id -> Bool,
        intent -> Text,
        intent_public_reason -> Nullable<Text>,
        intent_private_reason -> Nullable<Text>,
        intent_until -> Nullable<Timestamptz>,
        intent_by -> Nullable<Text>,
        intent_at -> Nullable<Timestamptz>,
        generation -> Int8,
        version -> Int8,
        intent_deadline -> Nullable<Timestamptz>,
        intent_on_deadline -> Text,
    }
}

diesel::table! {
    regions (id) {
        id -> Text,
        country_code -> Text,
        name -> Text,
        display_name -> Nullable<Text>,
        intent -> Text,
        intent_public_reason -> Nullable<Text>,
        intent_private_reason -> Nullable<Text>,
        intent_until -> Nullable<Timestamptz>,
        intent_by -> Nullable<Text>,
        intent_at -> Nullable<Timestamptz>,
        generation -> Int8,
        created_at -> Timestamptz,
        version -> Int8,
        intent_deadline -> Nullable<Timestamptz>,
        intent_on_deadline -> Text,
    }
}

diesel::table! {
    nodes (id) {
        id -> Uuid,
        external_id -> Nullable<Text>,
        region_id -> Nullable<Text>,
        kind -> Text,
        endpoint_scheme -> Text,
        endpoint_host -> Text,
        endpoint_port -> Int4,
        endpoint_path -> Text,
        sip_host -> Nullable<Text>,
        sip_port -> Nullable<Int4>,
        sip_transport -> Text,
        display_name -> Nullable<Text>,
        notes -> Nullable<Text>,
        labels -> Jsonb,
        development -> Bool,
        max_concurrent_calls -> Nullable<Int4>,
        intent -> Text,
        intent_public_reason -> Nullable<Text>,
        intent_private_reason -> Nullable<Text>,
        intent_until -> Nullable<Timestamptz>,
        intent_by -> Nullable<Text>,
        intent_at -> Nullable<Timestamptz>,
        generation -> Int8,
        created_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        deleted_by -> Nullable<Text>,
        version -> Int8,
        intent_deadline -> Nullable<Timestamptz>,
        intent_on_deadline -> Text,
    }
}

diesel::table! {
    node_secrets (id) {
        id -> Uuid,
        node_id -> Uuid,
        sha256 -> Bytea,
        sealed -> Bytea,
        created_at -> Timestamptz,
        valid_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    node_live (node_id) {
        node_id -> Uuid,
        last_seen -> Nullable<Timestamptz>,
        boot_id -> Nullable<Text>,
        boot_seq -> Nullable<Int8>,
        liveness -> Text,
        liveness_since -> Timestamptz,
        interval_ms -> Int8,
        beat -> Nullable<Jsonb>,
        source -> Nullable<Text>,
        written_at -> Timestamptz,
        written_by -> Nullable<Uuid>,
        secret_sha256 -> Nullable<Bytea>,
    }
}

diesel::table! {
    rejections (id) {
        id -> Uuid,
        group_hash -> Bytea,
        reason -> Text,
        node_id -> Nullable<Uuid>,
        claimed_node -> Nullable<Text>,
        claimed_region -> Nullable<Text>,
        claimed_kind -> Nullable<Text>,
        source -> Text,
        fingerprint -> Nullable<Text>,
        first_at -> Timestamptz,
        last_at -> Timestamptz,
        count -> Int8,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(invitations -> users (user_id));
diesel::joinable!(nodes -> regions (region_id));
diesel::joinable!(node_secrets -> nodes (node_id));
diesel::joinable!(node_live -> nodes (node_id));
diesel::joinable!(rejections -> nodes (node_id));
diesel::allow_tables_to_appear_in_same_query!(
    users,
    sessions,
    invitations,
    jwt_keys,
    platform,
    regions,
    nodes,
    node_secrets,
    node_live,
    rejections,
);

diesel::table! {
    commands (id) {
        id -> Uuid,
        node_id -> Uuid,
        kind -> Text,
        args -> Jsonb,
        state -> Text,
        detail -> Nullable<Text>,
        boot_id -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamptz,
        not_after -> Timestamptz,
        offered_at -> Nullable<Timestamptz>,
        offered_count -> Int4,
        accepted_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        push -> Nullable<Text>,
    }
}

diesel::table! {
    drains (node_id) {
        node_id -> Uuid,
        generation -> Int8,
        requested_at -> Timestamptz,
        delivered_at -> Nullable<Timestamptz>,
        acknowledged_at -> Nullable<Timestamptz>,
        drained_at -> Nullable<Timestamptz>,
        started_with -> Nullable<Int4>,
        deadline_done -> Bool,
    }
}

diesel::table! {
    activity (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor -> Text,
        action -> Text,
        outcome -> Text,
        target_kind -> Text,
        target_id -> Text,
        target_name -> Nullable<Text>,
        region_id -> Nullable<Text>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        reason -> Nullable<Text>,
        request_id -> Nullable<Text>,
        source -> Nullable<Text>,
    }
}

diesel::table! {
    events (at, id) {
        id -> Uuid,
        at -> Timestamptz,
        node_id -> Nullable<Uuid>,
        region_id -> Nullable<Text>,
        kind -> Text,
        from_word -> Nullable<Text>,
        to_word -> Nullable<Text>,
        detail -> Nullable<Text>,
        actor -> Nullable<Text>,
    }
}

diesel::table! {
    region_storage (region_id) {
        region_id -> Text,
        endpoint_host -> Text,
        endpoint_port -> Int4,
        ssl -> Bool,
        access_key -> Text,
        secret_id -> Uuid,
        secret_sealed -> Bytea,
        secret_fingerprint -> Text,
        secret_at -> Timestamptz,
        bucket -> Text,
        signing_region -> Text,
        path_style -> Text,
        prefix -> Text,
        version -> Int8,
        updated_at -> Timestamptz,
        updated_by -> Text,
    }
}

diesel::table! {
    storage_health (region_id) {
        region_id -> Text,
        ok -> Bool,
        step -> Nullable<Text>,
        detail -> Nullable<Text>,
        checked_at -> Timestamptz,
        since -> Timestamptz,
    }
}

diesel::table! {
    idempotency (key_hash) {
        key_hash -> Bytea,
        body_hash -> Bytea,
        created_at -> Timestamptz,
        status -> Nullable<Int2>,
        reply -> Nullable<Bytea>,
        reply_later -> Nullable<Bytea>,
    }
}

diesel::table! {
    job_runs (id) {
        id -> Uuid,
        node_id -> Nullable<Uuid>,
        job -> Text,
        state -> Text,
        requested_by -> Text,
        requested_at -> Timestamptz,
        boot_id -> Nullable<Text>,
        started_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        reported_at -> Nullable<Timestamptz>,
        cancel_requested -> Bool,
        output -> Text,
        output_bytes -> Int8,
        error -> Nullable<Text>,
        command_id -> Nullable<Uuid>,
        push -> Nullable<Text>,
    }
}

diesel::table! {
    frontend_nodes (id) {
        id -> Uuid,
        hostname -> Text,
        pid -> Int8,
        version -> Text,
        bundle -> Nullable<Text>,
        started_at -> Timestamptz,
        last_seen -> Timestamptz,
        stopped_at -> Nullable<Timestamptz>,
        report -> Jsonb,
    }
}

diesel::allow_tables_to_appear_in_same_query!(job_runs, commands);

diesel::table! {
    history_1m (subject, bucket) {
        subject -> Text,
        bucket -> Timestamptz,
        metrics -> Array<Nullable<Int2>>,
        mins -> Array<Nullable<Float4>>,
        avgs -> Array<Nullable<Float4>>,
        maxs -> Array<Nullable<Float4>>,
        samples -> Array<Nullable<Int2>>,
    }
}

diesel::table! {
    history_15m (subject, bucket) {
        subject -> Text,
        bucket -> Timestamptz,
        metrics -> Array<Nullable<Int2>>,
        mins -> Array<Nullable<Float4>>,
        avgs -> Array<Nullable<Float4>>,
        maxs -> Array<Nullable<Float4>>,
        samples -> Array<Nullable<Int2>>,
    }
}

diesel::table! {
    history_1h (subject, bucket) {
        subject -> Text,
        bucket -> Timestamptz,
        metrics -> Array<Nullable<Int2>>,
        mins -> Array<Nullable<Float4>>,
        avgs -> Array<Nullable<Float4>>,
        maxs -> Array<Nullable<Float4>>,
        samples -> Array<Nullable<Int2>>,
    }
}

diesel::table! {
    problem_snoozes (problem_id) {
        problem_id -> Text,
        severity -> Text,
        by_email -> Text,
        at -> Timestamptz,
        until -> Timestamptz,
        reason -> Text,
    }
}

diesel::table! {
    unregistered_ignored (group_id) {
        group_id -> Bytea,
        by_email -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        sid -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tokens (id) {
        id -> Uuid,
        name -> Text,
        scope -> Text,
        region_scope -> Nullable<Array<Nullable<Text>>>,
        networks -> Array<Nullable<Text>>,
        kid -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        last_used_from -> Nullable<Text>,
        revoked_at -> Nullable<Timestamptz>,
        revoked_by -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::joinable!(tokens -> users (created_by));
diesel::allow_tables_to_appear_in_same_query!(tokens, users);
