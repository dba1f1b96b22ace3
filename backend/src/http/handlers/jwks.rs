//! Public keys that sign tokens.

use actix_web::http::header::{CacheControl, CacheDirective};
use actix_web::{HttpResponse, get, web};
use common::tokens::Jwks;

use crate::services::App;

/// How long others may keep the list, in seconds. Whoever meets a `kid` that is not in it asks again.
const KEPT_SECONDS: u32 = 300;

/// Read the public keys of tokens.
///
/// The keys that tokens of this server are checked by, as a JWK Set (RFC 7517, RFC 8037); the one that signs now comes
/// first. A former key stays until its last token has ended. A good signature is not enough to believe a token:
/// only this server knows whether it was revoked.
#[utoipa::path(tag = "auth", operation_id = "getJwks", summary = "Read the public keys of tokens", security(()),
    responses((status = 200, body = Jwks, headers(("Cache-Control" = String)))))]
#[get("/.well-known/jwks.json")]
pub async fn jwks(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(KEPT_SECONDS)]))
        .json(app.signer.now().jwks())
}
