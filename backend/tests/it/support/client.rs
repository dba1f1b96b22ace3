//! A client of the API that keeps every reply.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::auth::LoginReply;
use common::problem::Problem;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a request proves itself with.
#[derive(Clone)]
pub(crate) enum Auth {
    None,
    Cookie(String),
    Bearer(String),
    Secret(String),
}

/// Heads and bodies of replies and messages of streams, as they came.
#[derive(Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<Vec<String>>>);

impl Transcript {
    pub(crate) fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Forgets the last reply: the one that may hold a secret.
    pub(crate) fn forget_last(&self) {
        self.0.lock().unwrap().pop();
    }
}

/// Speaks to one server with one credential.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    auth: Auth,
    transcript: Transcript,
}

/// A reply, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    asked: String,
}

impl Client {
    pub(crate) fn new(base: &str, auth: Auth, transcript: Transcript) -> Self {
        super::app::prepare();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
        Self { http, base: base.to_owned(), auth, transcript }
    }

    /// The same with another credential.
    pub(crate) fn with(&self, auth: Auth) -> Self {
        Self { auth, ..self.clone() }
    }

    /// The same, spoken to another server, over new connections.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self::new(base, self.auth.clone(), self.transcript.clone())
    }

    pub(crate) fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The session id in the cookie.
    pub(crate) fn cookie(&self) -> &str {
        match &self.auth {
            Auth::Cookie(value) => value,
            _ => panic!("this client has no cookie"),
        }
    }

    /// A new session.
    pub(crate) async fn signed_in(&self, email: &str, password: &str) -> Self {
        let reply = self.with(Auth::None).login(email, password).await.expect(200);
        self.with(Auth::Cookie(reply.session_cookie().expect("a session cookie")))
    }

    /// Tries to sign in.
    pub(crate) async fn login(&self, email: &str, password: &str) -> Reply {
        self.post(common::paths::LOGIN, &json!({"email": email, "password": password})).await
    }

    /// The same session through an access token.
    pub(crate) async fn with_token(&self) -> Self {
        let reply: LoginReply = self.post("/api/v1/auth/refresh", &json!({})).await.expect(200).json();
        self.with(Auth::Bearer(reply.access_token))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Gives the password again, as a dangerous action asks for where the clock was moved on.
    pub(crate) async fn confirmed(&self) {
        let body = json!({"password": super::app::PASSWORD});
        self.post(common::paths::CONFIRM, &body).await.expect(200);
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request with the credential, to be changed and sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.auth {
            Auth::None => request,
            Auth::Cookie(value) => request.header("cookie", format!("iqra={value}")),
            Auth::Bearer(token) => request.bearer_auth(token),
            Auth::Secret(secret) => request.header("x-api-key", secret),
        }
    }

    /// Sends it and reads the whole reply.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let request = request.build().unwrap();
        let asked = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await.unwrap_or_else(|e| panic!("{asked}: {e:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|e| panic!("{asked}: {e:?}"));
        self.transcript.note(format!("{asked} → {status}\n{headers:?}\n{text}"));
        if headers.get("content-type").is_some_and(|kind| kind == "application/problem+json") {
            let code = serde_json::from_str::<Problem>(&text).map(|p| p.code).unwrap_or_default();
            assert!(backend::http::codes::is_known(&code), "{asked}: {code} is not listed in http/codes.rs");
        }
        Reply { status, headers, text, asked }
    }
}

impl Reply {
    /// The reply if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self
    }

    /// A header that must be there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value =
            self.headers.get(name).unwrap_or_else(|| panic!("{}: no {name}: {:?}", self.asked, self.headers));
        value.to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn value(&self) -> Value {
        self.json()
    }

    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        let kind = self.header("content-type");
        assert!(kind.starts_with("application/json"), "{}: {kind}", self.asked);
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{}: {e}: {}", self.asked, self.text))
    }

    /// The problem this reply must be, whole in its form.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Problem {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        let p: Problem = serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{}: {e}", self.asked));
        assert_eq!((p.status, p.code.as_str()), (status, code), "{}: {}", self.asked, self.text);
        assert_eq!(p.type_, format!("urn:iqra:problem:{code}"));
        assert!(!p.title.is_empty() && !p.detail.is_empty(), "{}", self.text);
        let (process, n) = p.request_id.split_once('-').expect("a request id of two parts");
        assert!(process.len() == 8 && n != "0", "{} has no number of its own", p.request_id);
        p
    }

    /// Field errors as (pointer, code).
    #[track_caller]
    pub(crate) fn field_errors(&self) -> Vec<(String, String)> {
        self.problem(422, "invalid").errors.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    /// The value of the session cookie that the reply sets.
    pub(crate) fn session_cookie(&self) -> Option<String> {
        let set = self.headers.get("set-cookie")?.to_str().ok()?;
        let value = set.strip_prefix("iqra=")?.split(';').next()?;
        (!value.is_empty()).then(|| value.to_owned())
    }
}

/// A header for [`RequestBuilder::headers`] from any text.
pub(crate) fn header(name: &'static str, value: &str) -> HeaderMap {
    [(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())].into_iter().collect()
}
