//! How the SDK's requests travel: over one connection, opened by the outbound connector to an address that passed the
//! policy, and opened again to that same address where the storage closed it.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use chrono::DateTime;
use common::time::Timestamp;
use http_body_util::Full;
use hyper::header::{DATE, HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use parking_lot::Mutex;
use tokio::time::timeout;

use crate::clients::connector::{Answer, Connector, Link, OutboundError, Route, Stage};

struct Inner {
    connector: Connector,
    route: Route,
    host: String,
    link: tokio::sync::Mutex<Option<Link>>,
    /// What the last reply's `Date` was, and when that was here.
    date: Mutex<Option<(Timestamp, Timestamp)>>,
}

/// A connection to one storage. Cheap to clone.
#[derive(Clone)]
pub(super) struct Session(Arc<Inner>);

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("host", &self.0.host).finish_non_exhaustive()
    }
}

impl Session {
    /// Requests for `host` go over `link`, which was opened along `route`.
    pub(super) fn new(connector: Connector, route: Route, host: String, link: Link) -> Self {
        let link = tokio::sync::Mutex::new(Some(link));
        Self(Arc::new(Inner { connector, route, host, link, date: Mutex::new(None) }))
    }

    /// For the SDK.
    pub(super) fn http_client(&self) -> SharedHttpClient {
        let session = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(session.clone()))
    }

    /// How far the storage's clock is ahead of ours, in seconds, as its last reply told.
    pub(super) fn clock_offset_seconds(&self) -> Option<i64> {
        let date = *self.0.date.lock();
        date.map(|(theirs, ours)| (theirs.millis() - ours.millis()) / 1000)
    }

    async fn exchange(&self, request: Request<SdkBody>) -> Result<Answer, OutboundError> {
        // A host that was not looked up and vetted is not called, whatever the SDK makes of the settings.
        if request.uri().host() != Some(self.0.host.as_str()) {
            return Err(OutboundError::Host);
        }
        let request = origin_form(request)?;
        let mut slot = self.0.link.lock().await;
        let mut kept = slot.take();
        if let Some(link) = &mut kept
            && !link.ready().await
        {
            kept = None;
        }
        let mut link = match kept {
            Some(link) => link,
            None => {
                let mut route = self.0.route.clone();
                let (stream, _) = self.0.connector.connect(&mut route).await?;
                self.0.connector.secure(&route, stream).await?.0
            }
        };
        let answer = link.send(request).await?;
        *slot = Some(link);
        let date = answer.headers.get(DATE).and_then(|d| d.to_str().ok());
        if let Some(date) = date.and_then(|d| DateTime::parse_from_rfc2822(d).ok()) {
            let theirs = Timestamp(date.timestamp_millis());
            *self.0.date.lock() = Some((theirs, self.0.connector.clock().wall()));
        }
        Ok(answer)
    }
}

/// The request as it is written on a connection: path and query, and the host in its header.
fn origin_form(request: Request<SdkBody>) -> Result<Request<Full<Bytes>>, OutboundError> {
    let (mut head, body) = request.into_parts();
    let host = head.uri.authority().map(|a| a.as_str()).unwrap_or_default();
    let host = HeaderValue::from_str(host).map_err(|_| OutboundError::Unsendable)?;
    head.headers.insert(HOST, host);
    let path = head.uri.path_and_query().cloned().ok_or(OutboundError::Unsendable)?;
    head.uri = Uri::from(path);
    let bytes = body.bytes().map(Bytes::copy_from_slice).ok_or(OutboundError::Unsendable)?;
    Ok(Request::from_parts(head, Full::new(bytes)))
}

fn reply(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let mut response = Response::new(SdkBody::from(answer.body));
    *response.status_mut() =
        hyper::StatusCode::from_u16(answer.status).map_err(|e| ConnectorError::other(e.into(), None))?;
    *response.headers_mut() = answer.headers;
    HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
}

impl HttpConnector for Session {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let session = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
            let deadline = session.0.connector.deadline();
            let answer = timeout(deadline, session.exchange(request))
                .await
                .unwrap_or(Err(OutboundError::Timeout(Stage::Reply)))
                .map_err(|e| ConnectorError::other(e.into(), None))?;
            reply(answer)
        })
    }
}
