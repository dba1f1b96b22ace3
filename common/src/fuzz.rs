//! Parsers as a fuzzer calls them: any bytes in, no panic, and what each parser promises of what it lets through.
//!
//! Plain functions, so that a test runs them over a corpus and over seeded bytes, and libFuzzer where it is there.

use crate::endpoint::Endpoint;
use crate::heartbeat;
use crate::ids::RegionId;
use crate::region::{normal_name, region_id};
use crate::stream::{EventId, Topic};

/// A parser to be fed.
pub type Target = fn(&[u8]);

/// The parsers of this crate by name; each has a corpus under `backend/fuzz/corpus/`.
pub const TARGETS: [(&str, Target); 4] = [
    ("heartbeat", heartbeat),
    ("endpoint", endpoint),
    ("region_id", region_id_of),
    ("last_event_id", last_event_id),
];

/// A heartbeat's body: of either form, or refused.
///
/// # Panics
/// Where what was let through is not within its bounds.
pub fn heartbeat(bytes: &[u8]) {
    let Ok(parsed) = heartbeat::parse(bytes) else { return };
    let beat = parsed.beat;
    if let Some(boot) = &beat.boot_id {
        assert!((1..=64).contains(&boot.len()) && !boot.chars().any(char::is_control), "boot id {boot:?}");
    }
    let jobs = beat.jobs.as_ref().map_or(0, Vec::len);
    assert!(jobs <= crate::job::JOBS_MAX, "{jobs} jobs");
    // What is kept is written again: into the stream, and for the console.
    assert!(serde_json::to_string(&beat).is_ok(), "what was read cannot be written");
}

/// An address as typed: read again as it is shown, it is the same.
///
/// # Panics
/// Where it is not.
pub fn endpoint(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    let Ok(read) = Endpoint::parse(typed) else { return };
    assert!(read.port > 0 && !read.host.is_empty(), "{typed:?} gave {read:?}");
    assert!(!read.path.ends_with('/'), "{typed:?} gave {read:?}");
    let shown = read.to_string();
    assert_eq!(Endpoint::parse(&shown).as_ref(), Ok(&read), "{typed:?} is shown as {shown:?}");
}

/// A region's name, and an id from a path: in its normal form it stays as it is.
///
/// # Panics
/// Where it does not.
pub fn region_id_of(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    let id = RegionId::from(typed);
    assert_eq!(RegionId::from(id.as_str()), id, "{typed:?}");
    if let Ok(name) = normal_name(typed) {
        assert_eq!(normal_name(&name).as_ref(), Ok(&name), "{typed:?}");
        let made = region_id("OM", typed).map(|id| id.to_string());
        assert!(made.as_ref().is_ok_and(|id| id.starts_with("OM-") && id.len() <= 40), "{typed:?}: {made:?}");
    }
}

/// `Last-Event-ID`, and the topics beside it: what is read is written as it was.
///
/// # Panics
/// Where it is not.
pub fn last_event_id(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(id) = text.parse::<EventId>() {
        assert_eq!(id.to_string().parse(), Ok(id), "{text:?}");
    }
    if let Ok(topic) = text.parse::<Topic>() {
        assert_eq!(topic.to_string().parse(), Ok(topic), "{text:?}");
    }
}
