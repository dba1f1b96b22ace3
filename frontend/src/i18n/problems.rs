//! Open problems as sentences. Ids in them stand between Unicode isolates, which keep them whole in right-to-left text
//! and mark them for [`crate::components`]-like views that set them in another face.

use common::node::NodeKind;
use common::overview::{OpenProblem, OpenProblemCode, Rejection};
use common::time::Timestamp;

use super::en_pages::problems::Said;
use super::strings::Strings;
use crate::components::format;

/// Begins an id inside a sentence (U+2068, first strong isolate).
pub const ISOLATE: char = '\u{2068}';
/// Ends it (U+2069).
pub const POP: char = '\u{2069}';

/// An id inside a sentence.
pub fn id(text: &str) -> String {
    format!("{ISOLATE}{text}{POP}")
}

/// What is wrong.
pub fn headline(t: &Strings, p: &OpenProblem) -> String {
    let region = p.region_id.as_ref().map(|r| id(r.as_str()));
    let node = id(p.node_name.as_deref().unwrap_or_default());
    match p.code {
        OpenProblemCode::NoneOnline => {
            (t.problem_none_online)(p.kind.unwrap_or(NodeKind::Backend), region.as_deref())
        }
        OpenProblemCode::NodeOffline => (t.problem_node_offline)(&node, region.as_deref()),
        OpenProblemCode::NodeStale => (t.problem_node_stale)(&node, region.as_deref()),
        OpenProblemCode::NodeNeverSeen => (t.problem_never_seen)(&node),
        OpenProblemCode::HeartbeatsRefused => (t.problem_refused)(p.count.unwrap_or(1)),
        _ => (t.pages.problems.headline)(&said(p, None)),
    }
}

/// What is known about it. `now` is the server's time.
pub fn detail(t: &Strings, p: &OpenProblem, now: Option<Timestamp>) -> String {
    let ago = |at: Option<Timestamp>| Some(format::duration(now?.since(at?)));
    let last = ago(p.last_heartbeat_at);
    match p.code {
        OpenProblemCode::NoneOnline => (t.problem_none_online_detail)(
            p.kind.unwrap_or(NodeKind::Backend),
            p.count.unwrap_or(0),
            last.as_deref(),
        ),
        OpenProblemCode::NodeOffline | OpenProblemCode::NodeStale => {
            let more = (t.pages.problems.detail)(&said(p, now));
            format!("{} {more}", (t.last_heartbeat)(last.as_deref())).trim_end().to_owned()
        }
        OpenProblemCode::NodeNeverSeen => {
            let region = p.region_id.as_ref().map(|r| id(r.as_str()));
            (t.problem_never_seen_detail)(ago(p.since).as_deref(), region.as_deref())
        }
        OpenProblemCode::HeartbeatsRefused => {
            p.rejections.first().map(|r| rejection(t, r, now)).unwrap_or_default()
        }
        _ => (t.pages.problems.detail)(&said(p, now)),
    }
}

/// The values of a problem for its sentences.
fn said(p: &OpenProblem, now: Option<Timestamp>) -> Said<'_> {
    let ago = |at: Option<Timestamp>| Some(format::duration(now?.since(at?)));
    let until = now.zip(p.evidence.until).map(|(now, end)| {
        let over = end <= now;
        (format::duration(if over { now.since(end) } else { end.since(now) }), over)
    });
    Said {
        p,
        region: p.region_id.as_ref().map(|r| id(r.as_str())).unwrap_or_default(),
        node: p.node_name.as_deref().map(id).unwrap_or_default(),
        since: ago(p.since),
        last: ago(p.last_heartbeat_at),
        until,
        span: format::duration(p.evidence.seconds.unwrap_or(0).saturating_mul(1000)),
    }
}

/// One line of the rejection diary.
pub fn rejection(t: &Strings, r: &Rejection, now: Option<Timestamp>) -> String {
    let ago = now.map(|now| format::duration(now.since(r.last_at)));
    (t.rejection)(&(t.rejection_reason)(&r.reason), &id(&r.source), r.count, ago.as_deref())
}

/// A sentence cut at its ids: the text and whether it is an id.
pub fn pieces(sentence: &str) -> Vec<(String, bool)> {
    sentence
        .split(ISOLATE)
        .enumerate()
        .flat_map(|(i, part)| match part.split_once(POP) {
            Some((inside, after)) if i > 0 => vec![(inside.to_owned(), true), (after.to_owned(), false)],
            _ => vec![(part.to_owned(), false)],
        })
        .filter(|(text, _)| !text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_at_their_ids() {
        let sentence = format!("No proxy is online in {}.", id("US-EAST-1"));
        let cut = pieces(&sentence);
        assert_eq!(
            cut,
            [("No proxy is online in ".into(), false), ("US-EAST-1".into(), true), (".".into(), false)]
        );
        assert_eq!(pieces("plain"), [("plain".into(), false)]);
        assert_eq!(pieces(&id("x")), [("x".into(), true)]);
    }
}
