//! The rows are the product's own: the document says what they say. A new operation gets its row in
//! `backend/src/http/openapi/access.rs`, before it is served.

pub(super) use backend::http::openapi::access::{Access, CONFIRMED, CONFIRMED_WHERE, TABLE, Where};
