//! The chain of the activity log, and the keys that secrets are sealed under.

diesel::table! {
    activity_chain (seq) {
        seq -> Int8,
        activity_id -> Uuid,
        hash -> Bytea,
    }
}

diesel::table! {
    activity_checkpoint (one) {
        one -> Bool,
        seq -> Int8,
        hash -> Bytea,
        at -> Timestamptz,
    }
}

diesel::table! {
    activity_check (one) {
        one -> Bool,
        at -> Timestamptz,
        entries -> Int8,
        broken -> Nullable<Text>,
        broken_seq -> Nullable<Int8>,
        broken_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    data_keys (id) {
        id -> Bytea,
        state -> Text,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    data_key_wraps (data_key, master) {
        data_key -> Bytea,
        master -> Bytea,
        sealed -> Bytea,
    }
}

diesel::table! {
    vault_servers (id) {
        id -> Uuid,
        name -> Text,
        masters -> Array<Nullable<Text>>,
        keys -> Array<Nullable<Text>>,
        current -> Nullable<Text>,
        seen_at -> Timestamptz,
    }
}

diesel::joinable!(data_key_wraps -> data_keys (data_key));
diesel::allow_tables_to_appear_in_same_query!(data_keys, data_key_wraps);
