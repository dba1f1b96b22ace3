//! The little of the server's API that the demo needs.

use crate::failure::{Context, Done};
use crate::sign_in::SignIn;
use serde_json::{Value, json};
use std::time::Duration;

/// Our own server on this machine answers at once, or something is wrong.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A client of the server, signed in or not.
pub(crate) struct Api {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Api {
    /// A client for the server at `base` (`http://127.0.0.1:8080`), not signed in.
    pub(crate) fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            // A proxy of the environment has no business between us and our own server.
            .proxy(None)
            .build();
        Self { agent: config.into(), base: base.to_owned(), token: None }
    }

    /// The status of a GET, and its body as text.
    pub(crate) fn fetch(&self, path: &str) -> Done<(u16, String)> {
        let url = format!("{}{path}", self.base);
        let mut reply =
            self.agent.get(&url).header("accept", "text/html,application/json").call().doing(&url)?;
        let text = reply.body_mut().read_to_string().doing(&url)?;
        Ok((reply.status().as_u16(), text))
    }

    /// Whether the server says that it is ready; false while nobody answers.
    pub(crate) fn is_ready(&self) -> bool {
        self.fetch("/readyz").is_ok_and(|(status, _)| status == 200)
    }

    /// Signs in; every call after it carries the access token.
    pub(crate) fn sign_in(&mut self, sign_in: &SignIn) -> Done {
        let reply = self
            .post("/api/v1/auth/login", &json!({ "email": sign_in.email, "password": sign_in.password }))?;
        self.token = Some(text(&reply, "accessToken")?);
        Ok(())
    }

    /// GET that must succeed.
    pub(crate) fn get(&self, path: &str) -> Done<Value> {
        let url = format!("{}{path}", self.base);
        let mut call = self.agent.get(&url);
        if let Some(token) = &self.token {
            call = call.header("authorization", format!("Bearer {token}"));
        }
        read(&format!("GET {path}"), call.call().doing(&url)?)
    }

    /// POST that must succeed.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Done<Value> {
        let url = format!("{}{path}", self.base);
        let mut call = self.agent.post(&url);
        if let Some(token) = &self.token {
            call = call.header("authorization", format!("Bearer {token}"));
        }
        read(&format!("POST {path}"), call.send_json(body).doing(&url)?)
    }
}

impl Api {
    /// PUT based on `version`, where there is one, which must succeed.
    pub(crate) fn put(&self, path: &str, version: Option<i64>, body: &Value) -> Done<Value> {
        let url = format!("{}{path}", self.base);
        let mut call = self.agent.put(&url);
        if let Some(version) = version {
            call = call.header("if-match", format!("\"{version}\""));
        }
        if let Some(token) = &self.token {
            call = call.header("authorization", format!("Bearer {token}"));
        }
        read(&format!("PUT {path}"), call.send_json(body).doing(&url)?)
    }
}

/// The body of a success, or the problem's own words.
fn read(what: &str, mut reply: ureq::http::Response<ureq::Body>) -> Done<Value> {
    let status = reply.status();
    let body = reply.body_mut().read_to_string().doing(what)?;
    let value: Value = serde_json::from_str(&body).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let words = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Err(format!("{what} answered {status}: {} {}", words("title"), words("detail")).trim().to_owned().into())
}

/// A text that a reply must hold.
pub(crate) fn text(reply: &Value, name: &str) -> Done<String> {
    let found = reply.get(name).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("The server's reply holds no `{name}`.").into())
}
