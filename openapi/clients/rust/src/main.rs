//! A node's life through the generated Rust client: sign in, region, node, heartbeat, online, drain, delete.

use std::env;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use client::types::{
    CreateNode, CreateRegion, Goodbye, Heartbeat, LoginRequest, Problem, RuntimeReport, Sessions, SetIntent,
};
use client::{Client, Error, ResponseValue};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

/// What the generator made of the document.
#[allow(
    clippy::all,
    dead_code,
    unused_imports,
    reason = "made by a generator, and more than one story needs"
)]
mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

type Failed = Box<dyn std::error::Error>;
type Done<T = ()> = Result<T, Failed>;

/// What went wrong, in the problem's own words.
fn told(what: &str, e: Error<Problem>) -> Failed {
    match e {
        Error::ErrorResponse(reply) => {
            format!("{what}: {} {}: {}", reply.status(), reply.code, reply.detail).into()
        }
        other => format!("{what}: {other}").into(),
    }
}

fn with(url: &str, name: HeaderName, value: &str) -> Done<Client> {
    let headers: HeaderMap = [(name, HeaderValue::from_str(value)?)].into_iter().collect();
    let http =
        reqwest::Client::builder().default_headers(headers).timeout(Duration::from_secs(15)).no_proxy();
    Ok(Client::new_with_client(url, http.build()?))
}

/// A text of a bounded length, which is a type of its own here.
fn text<T: FromStr>(text: &str) -> Done<Option<T>>
where
    T::Err: std::error::Error + 'static,
{
    Ok(Some(text.parse()?))
}

fn etag<T>(reply: &ResponseValue<T>) -> Done<String> {
    Ok(reply.headers().get("etag").ok_or("the reply has no ETag")?.to_str()?.to_owned())
}

/// The node, proving itself with its own secret and nothing else.
struct Node {
    api: Client,
    boot_id: String,
    seq: i64,
}

impl Node {
    async fn beat(&mut self, phone: u32, obeyed: Option<i64>) -> Done<client::types::HeartbeatReply> {
        self.seq += 1;
        let runtime = RuntimeReport::builder().status(client::types::Runtime::Running);
        let sessions = Sessions::builder().phone(phone).web(0).max(25);
        let body = Heartbeat::builder().boot_id(text(&self.boot_id)?).seq(self.seq).version(text("1.4.2")?);
        let body = body.runtime(Some(runtime.try_into()?)).sessions(Some(sessions.try_into()?));
        let body = body.observed_generation(obeyed);
        let reply = self.api.heartbeat().body(body).send().await;
        Ok(reply.map_err(|e| told("heartbeat", e))?.into_inner())
    }
}

fn main() -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), story()).await })?
}

async fn story() -> Done {
    let (url, email, password) = (env::var("IQRA_URL")?, env::var("IQRA_EMAIL")?, env::var("IQRA_PASSWORD")?);
    let open = Client::new_with_client(&url, reqwest::Client::builder().no_proxy().build()?);
    let body = LoginRequest::builder().email(email).password(password);
    let signed = open.login().body(body).send().await.map_err(|e| told("sign in", e))?;
    let api = with(&url, AUTHORIZATION, &format!("Bearer {}", signed.access_token))?;

    let body = CreateRegion::builder().country_code("OM").name("rust").display_name(text("Rust")?);
    let region = api.create_region().body(body).send().await.map_err(|e| told("create region", e))?;
    let region = region.into_inner().id;
    let body = CreateNode::builder().region_id(region.clone()).kind(client::types::NodeKind::Backend);
    let body = body.endpoint("http://10.1.0.3:5002").max_concurrent_calls(NonZeroU32::new(25));
    let made = api.create_node().body(body).send().await.map_err(|e| told("register node", e))?.into_inner();
    let id = made.node.id;
    let secret = made.plain_secret.ok_or("the reply to a new node holds no secret")?;
    let own = with(&url, HeaderName::from_static("x-api-key"), &secret)?;
    let mut node = Node { api: own, boot_id: format!("rust-{}", std::process::id()), seq: 0 };

    let seen = loop {
        node.beat(2, None).await?;
        let seen = api.get_node().node_id(id.clone()).send().await.map_err(|e| told("read node", e))?;
        if seen.status.word == client::types::StatusWord::Online {
            break seen;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    if seen.sessions.as_ref().and_then(|s| s.phone) != Some(2) {
        return Err("the figures of the heartbeat are not shown".into());
    }

    // Without the newest version nothing is changed.
    let wanted = SetIntent::builder().state(client::types::IntentState::Disabled);
    let wanted: SetIntent = wanted.private_reason(text("The story ends")?).try_into()?;
    let stale = api.set_node_intent().node_id(id.clone()).if_match("\"0\"").body(wanted.clone()).send().await;
    match stale {
        Err(Error::ErrorResponse(reply)) if reply.code == "version_stale" => {}
        other => return Err(format!("a stale version was taken: {other:?}").into()),
    }

    // It is the last of its kind: the preview says so, and its token confirms it.
    let preview = api.preview_node_intent().node_id(id.clone()).body(wanted.clone()).send().await;
    let preview = preview.map_err(|e| told("preview", e))?;
    let confirmed = SetIntent { preview_token: text(&preview.preview_token)?, ..wanted.clone() };
    let drained =
        api.set_node_intent().node_id(id.clone()).if_match(etag(&seen)?).body(confirmed).send().await;
    drained.map_err(|e| told("drain", e))?;
    let reply = node.beat(0, None).await?;
    if reply.desired.state != client::types::DesiredState::Drain {
        return Err(format!("the node is told {}", reply.desired.state).into());
    }
    // It has closed its entrances, and says twice that no work is left.
    loop {
        node.beat(0, Some(reply.desired.generation)).await?;
        let now = api.get_node().node_id(id.clone()).send().await.map_err(|e| told("read node", e))?;
        if now.drain.as_ref().is_some_and(|d| d.phase == client::types::DrainPhase::Drained) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let body = Goodbye::builder().boot_id(node.boot_id.clone()).reason(text("shutdown")?);
    node.api.goodbye().body(body).send().await.map_err(|e| told("goodbye", e))?;

    // The server wants to be sure that the process is gone.
    loop {
        let deletion = api.get_node_deletion().node_id(id.clone()).send().await;
        if deletion.map_err(|e| told("what a deletion needs", e))?.allowed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let last = api.get_node().node_id(id.clone()).send().await.map_err(|e| told("read node", e))?;
    let gone = api.delete_node().node_id(id.clone()).if_match(etag(&last)?).send().await;
    gone.map_err(|e| told("delete node", e))?;
    match api.get_node().node_id(id).send().await {
        Err(Error::ErrorResponse(reply)) if reply.code == "not_found" => {}
        other => return Err(format!("the node is still there: {other:?}").into()),
    }

    let place = region.to_string();
    let empty = api.get_region().region_id(place.clone()).send().await.map_err(|e| told("read region", e))?;
    let off =
        api.set_region_intent().region_id(place.clone()).if_match(etag(&empty)?).body(wanted).send().await;
    let off = off.map_err(|e| told("disable region", e))?;
    let gone = api.delete_region().region_id(place).if_match(etag(&off)?).send().await;
    gone.map_err(|e| told("delete region", e))?;
    println!("rust: {} and its node lived and were deleted", *region);
    Ok(())
}
