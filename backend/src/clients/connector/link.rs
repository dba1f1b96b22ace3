//! One open connection and the HTTP/1.1 requests on it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::OutboundError;

/// How much of a reply's body is read.
const BODY_MAX: usize = 16 * 1024;
/// How long the rest of a reply is waited for of which only the status matters.
const REST: Duration = Duration::from_secs(1);

/// A request's body: in memory.
pub(super) type Body = Full<Bytes>;

/// A body of these bytes.
pub(super) fn body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
}

/// A reply, read to its end. Redirects are replies like any other.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body. Not for operators' eyes.
    pub body: Bytes,
}

/// An open connection. Closed when dropped.
pub struct Link {
    sender: SendRequest<Body>,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    pub(super) async fn open(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) -> Result<Self, OutboundError> {
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|_| OutboundError::NoReply)?;
        // How it ends shows in the request that waits for it.
        let task = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { sender, task })
    }

    /// Waits until another request can be sent; `false` where the other side has closed the connection.
    pub async fn ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Sends a request in origin form and notes the status of the reply as soon as it is there. A short rest of the
    /// reply is read, so that the other side can finish in order; it is looked at by nobody, and may fail.
    ///
    /// # Errors
    /// Where no HTTP reply came.
    pub(super) async fn send_for_status(
        &mut self,
        request: Request<Body>,
        status: &mut Option<u16>,
    ) -> Result<(), OutboundError> {
        self.sender.ready().await.map_err(|_| OutboundError::NoReply)?;
        let reply = self.sender.send_request(request).await.map_err(|_| OutboundError::NoReply)?;
        *status = Some(reply.status().as_u16());
        let _ = timeout(REST, Limited::new(reply.into_body(), BODY_MAX).collect()).await;
        Ok(())
    }

    /// Sends a request in origin form, with its `Host`, and reads the reply. Has no deadline of its own.
    ///
    /// # Errors
    /// Where no complete HTTP reply of at most 16 KiB came.
    pub async fn send(&mut self, request: Request<Body>) -> Result<Answer, OutboundError> {
        self.sender.ready().await.map_err(|_| OutboundError::NoReply)?;
        let reply = self.sender.send_request(request).await.map_err(|_| OutboundError::NoReply)?;
        let (head, body) = reply.into_parts();
        let body = Limited::new(body, BODY_MAX).collect().await.map_err(|e| {
            if e.is::<LengthLimitError>() { OutboundError::TooLarge } else { OutboundError::NoReply }
        })?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }
}
