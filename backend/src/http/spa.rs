//! The console: files carried inside the program, already compressed, under names that hold their hash.

use std::collections::BTreeMap;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_embed::RustEmbed;

use super::openapi;
use super::problem::ApiError;
use crate::auth::sha256;

/// Debug builds read the folder at run time, release builds carry it.
#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
struct Dist;

/// What is known of the console and the API's paths, worked out once.
pub struct Spa {
    policy: HeaderValue,
    docs_policy: HeaderValue,
    /// Path template and its methods.
    methods: BTreeMap<String, String>,
}

/// Swagger UI draws with inline styles and inlined icons; it has a policy of its own.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

impl Spa {
    /// Reads the page's inline scripts and the API's paths.
    pub fn new(document: &serde_json::Value) -> Self {
        let page = Dist::get("index.html")
            .map(|f| String::from_utf8_lossy(&f.data).into_owned())
            .unwrap_or_default();
        let hashes: Vec<String> = inline_scripts(&page)
            .iter()
            .map(|s| format!("'sha256-{}'", STANDARD.encode(sha256(s.as_bytes()))))
            .collect();
        let text = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {}; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
            hashes.join(" ")
        );
        Self {
            policy: HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'")),
            docs_policy: HeaderValue::from_static(DOCS_POLICY),
            methods: openapi::methods(document),
        }
    }

    /// The content policy of a page at this path.
    pub fn policy_for(&self, path: &str) -> HeaderValue {
        if path.starts_with("/api/docs") { self.docs_policy.clone() } else { self.policy.clone() }
    }

    /// What a known path allows.
    fn allowed(&self, path: &str) -> Option<&str> {
        let matches = |template: &str| actix_web::dev::ResourceDef::new(template).is_match(path);
        self.methods.iter().find(|(template, _)| matches(template)).map(|(_, methods)| methods.as_str())
    }
}

/// Names the console this program carries: the hash in the name of its WebAssembly file, which a page finds in its own
/// `<link rel="preload">`. `None` where it carries none.
pub fn bundle() -> Option<String> {
    let page = Dist::get("index.html")?;
    bundle_of(&String::from_utf8_lossy(&page.data))
}

fn bundle_of(page: &str) -> Option<String> {
    let (before, _) = page.split_once(".wasm\"")?;
    let (_, hash) = before.rsplit_once('.')?;
    let hex = (8..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| hash.to_owned())
}

/// Bodies of `<script>` elements without a `src`.
fn inline_scripts(page: &str) -> Vec<&str> {
    let mut rest = page;
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((tag, body)) = after.split_once('>') else { break };
        let Some((script, tail)) = body.split_once("</script>") else { break };
        if !tag.contains("src=") && !script.is_empty() {
            found.push(script);
        }
        rest = tail;
    }
    found
}

/// Everything that no route took: a file of the console, its page, 405 or 404.
pub async fn fallback(req: HttpRequest, spa: web::Data<Spa>) -> HttpResponse {
    let path = req.path();
    let reading = matches!(*req.method(), Method::GET | Method::HEAD);
    if let Some(allow) = spa.allowed(path) {
        let e = ApiError::Request {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "method_not_allowed",
            detail: format!("{} does not take {}.", path, req.method()),
            errors: Vec::new(),
            allow: Some(allow.to_owned()),
        };
        return e.error_response();
    }
    if reading && let Some(response) = file(&req, path.trim_start_matches('/')) {
        return response;
    }
    let wants_page = super::extract::header(&req, header::ACCEPT).is_some_and(|a| a.contains("text/html"));
    if reading && wants_page && !path.starts_with("/api") && !path.starts_with("/assets/") {
        return file(&req, "index.html").unwrap_or_else(|| {
            let detail = "The console is not built. `cargo xtask bundle` builds it.";
            ApiError::request(StatusCode::NOT_FOUND, "no_console", detail).error_response()
        });
    }
    ApiError::request(StatusCode::NOT_FOUND, "not_found", format!("There is nothing at {path}."))
        .error_response()
}

fn file(req: &HttpRequest, path: &str) -> Option<HttpResponse> {
    let path = if path.is_empty() { "index.html" } else { path };
    // Compressed forms are served under the name of the original only.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let accepted = super::extract::header(req, header::ACCEPT_ENCODING).unwrap_or_default();
    let best = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| accepts(accepted, name))
        .find_map(|(name, ending)| Some((Some(name), Dist::get(&format!("{path}{ending}"))?)));
    let plain = Dist::get(path)?;
    let kind = plain.metadata.mimetype().to_owned();
    let (encoding, found) = best.unwrap_or((None, plain));
    let etag = format!("\"{}\"", STANDARD.encode(found.metadata.sha256_hash()));
    let mut response = HttpResponse::Ok();
    let text = kind.starts_with("text/") || kind.ends_with("javascript");
    response.content_type(if text { format!("{kind}; charset=utf-8") } else { kind });
    response.insert_header((header::VARY, "accept-encoding"));
    response.insert_header((header::ETAG, etag.as_str()));
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.insert_header((header::CACHE_CONTROL, cache));
    if super::extract::header(req, header::IF_NONE_MATCH) == Some(&etag) {
        return Some(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    // Said even where it is none: the middleware that compresses leaves such bodies alone.
    response.insert_header((header::CONTENT_ENCODING, encoding.unwrap_or("identity")));
    if *req.method() == Method::HEAD {
        return Some(response.finish());
    }
    Some(response.body(found.data.into_owned()))
}

/// Whether `Accept-Encoding` names a coding without switching it off by `q=0`.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        pieces.next().is_some_and(|name| name.eq_ignore_ascii_case(coding))
            && !pieces.any(|p| p.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_inline_scripts_only() {
        let page = r#"<script>a()</script><script type="module">b()</script><script src="/x.js"></script>"#;
        assert_eq!(inline_scripts(page), ["a()", "b()"]);
    }

    #[test]
    fn the_console_is_named_by_its_program() {
        let page = r#"<link rel="preload" href="/assets/console.b03ce914ec67d483.wasm" as="fetch">"#;
        assert_eq!(bundle_of(page).as_deref(), Some("b03ce914ec67d483"));
        for other in ["", r#"href="/console.wasm""#, r#"href="/assets/console.nothexnothex.wasm""#] {
            assert_eq!(bundle_of(other), None, "{other}");
        }
    }

    #[test]
    fn codings() {
        assert!(accepts("gzip, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("", "br"));
    }
}
