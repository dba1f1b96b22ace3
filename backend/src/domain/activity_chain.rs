//! The chain of the activity log: what an entry's hash is made of, and how a chain is checked.
//!
//! Each entry has a number (1, 2, 3, … without gaps) and
//! `hash = SHA-256(hash of the entry before ‖ text of the entry)`; before the first stand 32 zero bytes. The text is
//! UTF-8: `iqra-activity-1`, then the fields number, id, time, actor, action, outcome, target kind, target id, target
//! name, region, before, after, reason, request, source. A field is its length in bytes, a colon and itself, or a
//! hyphen alone where there is none. The time is microseconds since 1970; the id is written in lower-case hexadecimal with
//! hyphens; `before` and `after` are JSON as PostgreSQL writes `jsonb` (members sorted by length and name, a space after
//! colon and comma). Another way to write an entry would begin with another name.
//!
//! The database adds entries to the chain when their transaction commits; what is here checks them without asking it
//! for a hash, so that a function changed in the database does not vouch for itself.

use std::fmt::Write as _;

use aws_lc_rs::digest::{Context, SHA256};
use uuid::Uuid;

/// A hash of the chain.
pub type Hash = [u8; 32];

/// Before the first entry.
pub const GENESIS: Hash = [0; 32];

/// The name of the text's form.
const FORM: &str = "iqra-activity-1";

/// An entry as it is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub seq: i64,
    /// The entry it stands for.
    pub id: Uuid,
    /// Its hash, as stored.
    pub hash: Vec<u8>,
    /// The entry's fields; `None` where the entry is gone.
    pub fields: Option<Fields>,
}

/// What an entry says, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Microseconds since 1970.
    pub at_us: i64,
    /// From `actor` to `source`, in the order of the text.
    pub rest: [Option<String>; 12],
}

/// Where a chain breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing: an entry was taken out with its hash, or the chain does not begin where it should.
    #[error("entry {expected} is missing; the next one there is {found}")]
    Gap {
        /// The number that should follow.
        expected: i64,
        /// The number that does.
        found: i64,
    },
    /// The chain has its hash, the log has no such entry.
    #[error("entry {seq} ({id}) was removed from the log")]
    Removed {
        /// Its number.
        seq: i64,
        /// Its id.
        id: Uuid,
    },
    /// The entry or its hash is not what was written.
    #[error("entry {seq} ({id}) was changed")]
    Changed {
        /// Its number.
        seq: i64,
        /// Its id.
        id: Uuid,
    },
    /// An entry stands in the log and not in the chain.
    #[error("entry {id} is in the log and not in the chain")]
    Unlinked {
        /// Its id.
        id: Uuid,
    },
    /// The chain is not the one whose head somebody noted.
    #[error("entry {seq} is not the one that was noted: its hash is another, or the chain does not reach it")]
    NotNoted {
        /// The number noted.
        seq: i64,
    },
}

/// A place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The number of the last entry.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Place {
    /// Before everything.
    pub const START: Self = Self { seq: 0, hash: GENESIS };

    /// The place after `link`.
    ///
    /// # Errors
    /// Where it does not follow.
    pub fn step(&self, link: &Link) -> Result<Self, Broken> {
        let expected = self.seq.saturating_add(1);
        if link.seq != expected {
            return Err(Broken::Gap { expected, found: link.seq });
        }
        let (seq, id) = (link.seq, link.id);
        let fields = link.fields.as_ref().ok_or(Broken::Removed { seq, id })?;
        let hash = hash(&self.hash, &text(seq, id, fields));
        if link.hash != hash {
            return Err(Broken::Changed { seq, id });
        }
        Ok(Self { seq, hash })
    }
}

/// An entry's hash.
fn hash(before: &Hash, text: &str) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(before);
    context.update(text.as_bytes());
    let mut out = GENESIS;
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// An entry's text.
fn text(seq: i64, id: Uuid, fields: &Fields) -> String {
    let mut out = FORM.to_owned();
    let mut field = |value: Option<&str>| {
        // Writing to a string does not fail.
        let _ = match value {
            None => write!(out, "-"),
            Some(v) => write!(out, "{}:{v}", v.len()),
        };
    };
    field(Some(&seq.to_string()));
    field(Some(&id.to_string()));
    field(Some(&fields.at_us.to_string()));
    for value in &fields.rest {
        field(value.as_deref());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(actor: &str) -> Fields {
        let mut rest: [Option<String>; 12] = Default::default();
        rest[0] = Some(actor.to_owned());
        Fields { at_us: 1, rest }
    }

    fn link(place: &Place, actor: &str) -> Link {
        let (seq, id, fields) = (place.seq + 1, Uuid::from_u128(7), fields(actor));
        let hash = hash(&place.hash, &text(seq, id, &fields)).to_vec();
        Link { seq, id, hash, fields: Some(fields) }
    }

    #[test]
    fn the_text_is_exactly_this() {
        let text = text(3, Uuid::from_u128(0x1f), &fields("é"));
        assert_eq!(text, "iqra-activity-11:336:00000000-0000-0000-0000-00000000001f1:12:é-----------");
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let mut a = fields("ab");
        let mut b = fields("a");
        a.rest[1] = Some("c".into());
        b.rest[1] = Some("bc".into());
        assert_ne!(text(1, Uuid::nil(), &a), text(1, Uuid::nil(), &b));
        let mut empty = fields("a");
        empty.rest[1] = Some(String::new());
        assert_ne!(text(1, Uuid::nil(), &empty), text(1, Uuid::nil(), &fields("a")));
    }

    #[test]
    fn a_chain_holds_until_something_is_touched() {
        let first = link(&Place::START, "a");
        let one = Place::START.step(&first).unwrap();
        let second = link(&one, "b");
        assert_eq!(one.step(&second).unwrap().seq, 2);
        let changed = Link { fields: Some(fields("x")), ..second.clone() };
        assert_eq!(one.step(&changed), Err(Broken::Changed { seq: 2, id: second.id }));
        let removed = Link { fields: None, ..second.clone() };
        assert_eq!(one.step(&removed), Err(Broken::Removed { seq: 2, id: second.id }));
        assert_eq!(Place::START.step(&second), Err(Broken::Gap { expected: 1, found: 2 }));
        let forged = Link { hash: first.hash, ..second };
        assert!(one.step(&forged).is_err());
    }
}
