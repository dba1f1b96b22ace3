//! The live stream.

use std::cell::RefCell;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use common::auth::Permission;
use common::ids::{NodeId, StreamId};
use common::problem::Problem;
use common::stream::{EventId, LiveEvent, StreamWindow, Topic, WINDOW_MAX};
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::{BodyErrors, Refusals};
use crate::auth::policy::{Actor, Bearer, authorize};
use crate::http::extract::{Body, Query, Signed, header};
use crate::http::problem::ApiError;
use crate::live::hub::{Lane, NoWindow, Opening, Owner, OwnerKind, Refused};
use crate::services::App;
use crate::services::ServiceError;

/// Topics of one stream, at most.
const TOPICS_MAX: usize = 50;

/// What to follow.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamQuery {
    topics: Option<String>,
}

/// Follow changes live.
///
/// Server-sent events: `hello`, a `snapshot` per topic, then `delta`s, at most four per second and topic, and a `tick`
/// every 2 s. Each is an unnamed message whose JSON has a `type`.
///
/// With the `Last-Event-ID` of a stream **of the same topics**, what was missed follows instead of snapshots where all
/// of it is still kept; otherwise `reset` and snapshots. Only `reset` means a loss, never a gap in the ids. The last
/// message is `bye`; after `rotate`, connect again at once.
#[utoipa::path(tag = "stream", operation_id = "followStream", summary = "Follow changes live",
    security(("accessToken" = []), ("session" = [])),
    params(("topics" = Option<String>, Query, example = "summary,region:OM-MCT",
            description = "1–50 of `summary` (the default), `nodes`, `activity`, `region:ID`, `node:ID`, with commas between"),
           ("Last-Event-ID" = Option<String>, Header, description = "`id` of the last event received; browsers send it by themselves")),
    responses((status = 200, description = "The events", body = LiveEvent, content_type = "text/event-stream"), Refusals,
              (status = 422, description = "A topic is not right", body = Problem, content_type = "application/problem+json")))]
#[get("/stream")]
pub async fn follow(
    Signed(actor): Signed,
    Query(q): Query<StreamQuery>,
    req: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    authorize(&actor, Permission::Read, None).map_err(ServiceError::from)?;
    let now = app.clock.mono();
    let ask = Opening {
        topics: topics(q.topics.as_deref())?,
        last: last_event(header(&req, "last-event-id")),
        owner: Some(owner(&actor)),
        lane: Some(lane()),
        expires: Some(now.after(actor.expires_at.since(app.clock.wall()))),
        now,
    };
    let events = app.hub.subscribe(ask, app.fleet.clone()).map_err(refused)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-cache, no-transform"))
        // nginx would hold events back until a buffer is full.
        .insert_header(("X-Accel-Buffering", "no"))
        // And so would our own compression.
        .insert_header(ContentEncoding::Identity)
        .streaming(events.map(Ok::<_, Infallible>)))
}

/// Choose whose figures a stream carries.
///
/// Sets which nodes topic `nodes` carries figures of on this connection, at most 400: those on the screen.
///
/// `streamId` is the one of the stream's `hello`. Nodes that enter the window come whole at once, their figures from then
/// on at most once a second; these deltas have no id. The window replaces the one before, an empty one ends it, and it
/// ends with its connection: set it again after each `hello`. Needed in fleets of more than 400 nodes; below, figures of
/// all nodes come anyway. Where several servers share the work, the request has to reach the one that serves the stream.
#[utoipa::path(tag = "stream", operation_id = "setStreamWindow", summary = "Choose whose figures a stream carries",
    security(("accessToken" = []), ("session" = [])), request_body = StreamWindow,
    params(("streamId" = StreamId, Path, description = "`streamId` of the stream's `hello`")),
    responses((status = 204, description = "Set"), Refusals, BodyErrors,
              (status = 404, description = "No such stream of this session is open", body = Problem, content_type = "application/problem+json"),
              (status = 409, description = "`topic_not_followed`: the stream does not follow `nodes`", body = Problem, content_type = "application/problem+json")))]
#[put("/stream/{streamId}/window")]
pub async fn set_window(
    Signed(actor): Signed,
    Body(request): Body<StreamWindow>,
    id: web::Path<String>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    authorize(&actor, Permission::Read, None).map_err(ServiceError::from)?;
    let ids = window(&request)?;
    // Somebody else's stream is none: its id is no secret, but whether it is open is nobody's business.
    let none = || ServiceError::NotFound { what: "open stream", id: id.chars().take(64).collect() };
    let stream: StreamId = id.parse().map_err(|_| none())?;
    match app.hub.set_window(stream, actor.owner(), ids) {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(NoWindow::NoStream) => Err(none().into()),
        Err(NoWindow::NotFollowed) => {
            let detail = "This stream does not follow the topic nodes.";
            Err(ApiError::request(StatusCode::CONFLICT, "topic_not_followed", detail))
        }
    }
}

/// The ids of a window, as long as they are neither too many nor there twice.
fn window(asked: &StreamWindow) -> Result<&[NodeId], ApiError> {
    if asked.ids.len() > WINDOW_MAX {
        let detail = format!("A window has at most {WINDOW_MAX} nodes.");
        return Err(ApiError::field("/ids", "too_many", detail));
    }
    let different: HashSet<_> = asked.ids.iter().collect();
    if different.len() < asked.ids.len() {
        return Err(ApiError::field("/ids", "not_unique", "A node is in a window once."));
    }
    Ok(&asked.ids)
}

/// The lane of this worker.
fn lane() -> Arc<Lane> {
    thread_local! {
        static LANE: RefCell<Option<Arc<Lane>>> = const { RefCell::new(None) };
    }
    LANE.with_borrow_mut(|known| {
        // Another server may have run on this thread before.
        if let Some(lane) = known.as_ref().filter(|lane| !lane.ended()) {
            return Arc::clone(lane);
        }
        let lane = known.insert(Lane::new());
        actix_web::rt::spawn(Arc::clone(lane).run());
        Arc::clone(lane)
    })
}

/// The topics asked for.
fn topics(asked: Option<&str>) -> Result<Vec<Topic>, ApiError> {
    let Some(asked) = asked else { return Ok(vec![Topic::Summary]) };
    let refuse = |code, detail: String| ApiError::field("#query/topics", code, detail);
    if asked.split(',').count() > TOPICS_MAX {
        return Err(refuse("too_many", format!("A stream has at most {TOPICS_MAX} topics.")));
    }
    let topic = |text: &str| match text.parse() {
        Ok(Topic::Region(id)) if id.as_str().is_empty() => None,
        Ok(topic) => Some(topic),
        Err(_) => None,
    };
    let known: Option<Vec<_>> = asked.split(',').map(topic).collect();
    known.ok_or_else(|| {
        let detail = "Topics are summary, nodes, activity, region:ID and node:ID, with commas between.";
        refuse("topic_unknown", detail.to_owned())
    })
}

/// The last event a client says it got. A text that no server of ours sent is like the id of another run: something
/// was had, and nothing can be built on it.
fn last_event(header: Option<&str>) -> Option<EventId> {
    let text = header.filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or(EventId { epoch: 0, seq: 0 }))
}

fn owner(actor: &Actor) -> Owner {
    let kind = match actor.credential {
        Bearer::Session(_) => OwnerKind::Session,
        Bearer::Token { .. } => OwnerKind::Token,
    };
    Owner { kind, id: actor.owner(), user: actor.user.id, version: actor.version }
}

fn refused(why: Refused) -> ApiError {
    let (code, detail) = match why {
        Refused::TooManyStreams => {
            ("too_many_streams", "As many streams are open as this server serves. Try again in a moment.")
        }
        Refused::Closing => ("stopping", "The server is stopping. Try again in a moment."),
    };
    ApiError::request(StatusCode::SERVICE_UNAVAILABLE, code, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError as _;

    #[test]
    fn topics_are_named_or_refused() {
        assert_eq!(topics(None).unwrap(), [Topic::Summary]);
        let many = topics(Some("nodes,region:om-mct")).unwrap();
        assert_eq!(many.iter().map(ToString::to_string).collect::<Vec<_>>(), ["nodes", "region:OM-MCT"]);
        assert_eq!(topics(Some(&["nodes"; 50].join(","))).unwrap().len(), 50);
        let too_many = ["nodes"; 51].join(",");
        for bad in ["", "nodes,", "nodes,x", "region:", "region: ", "node:1", too_many.as_str()] {
            match topics(Some(bad)) {
                Err(e) => assert_eq!(e.status_code(), StatusCode::UNPROCESSABLE_ENTITY, "{bad}"),
                Ok(topics) => panic!("{bad:?} gave {topics:?}"),
            }
        }
    }

    #[test]
    fn an_unreadable_position_counts_as_one_of_another_run() {
        assert_eq!(last_event(None), None);
        assert_eq!(last_event(Some("")), None);
        let id = EventId { epoch: 7, seq: 9 };
        assert_eq!(last_event(Some(&id.to_string())), Some(id));
        assert_eq!(last_event(Some("x")), Some(EventId { epoch: 0, seq: 0 }));
    }
}
