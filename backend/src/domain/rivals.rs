//! Two processes that beat with one node's secret. A restart never brings a former run back; two processes side by side
//! do so all the time.

use common::time::Timestamp;

/// Returns count for so long.
const WINDOW_MS: u64 = 5 * 60_000;
/// One return may be a message that was long on its way.
const RETURNS: u32 = 2;

/// What is remembered of a node's runs.
#[derive(Debug, Clone, Default)]
pub struct Rivals {
    former: Option<Box<str>>,
    returns: u32,
    last: Option<Timestamp>,
}

impl Rivals {
    /// The node's run changed from `was` to `is`.
    pub fn rebooted(&mut self, was: Option<&str>, is: Option<&str>, now: Timestamp) {
        if self.last.is_some_and(|last| now.since(last) >= WINDOW_MS) {
            self.returns = 0;
        }
        if is.is_some() && self.former.as_deref() == is {
            self.returns = self.returns.saturating_add(1);
            self.last = Some(now);
        }
        self.former = was.map(Into::into);
    }

    /// The other run, where two beat side by side.
    pub fn rival(&self, now: Timestamp) -> Option<&str> {
        let fresh = self.last.is_some_and(|last| now.since(last) < WINDOW_MS);
        self.former.as_deref().filter(|_| fresh && self.returns >= RETURNS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp(s * 1000)
    }

    #[test]
    fn restarts_are_no_rivals() {
        let mut r = Rivals::default();
        for (i, boots) in [["a", "b"], ["b", "c"], ["c", "d"], ["d", "c"]].iter().enumerate() {
            r.rebooted(Some(boots[0]), Some(boots[1]), at(i64::try_from(i).unwrap()));
        }
        assert_eq!(r.rival(at(4)), None, "one return may be a late message");
        r.rebooted(Some("c"), None, at(5));
        r.rebooted(None, Some("c"), at(6));
        assert_eq!(r.rival(at(6)), None, "what has no run says nothing");
    }

    #[test]
    fn two_processes_take_turns() {
        let mut r = Rivals::default();
        for (i, boots) in [["a", "b"], ["b", "a"], ["a", "b"]].iter().enumerate() {
            r.rebooted(Some(boots[0]), Some(boots[1]), at(i64::try_from(i).unwrap()));
        }
        assert_eq!(r.rival(at(2)), Some("a"));
        assert_eq!(r.rival(at(301)), Some("a"));
        assert_eq!(r.rival(at(302)), None);
        r.rebooted(Some("b"), Some("a"), at(400));
        assert_eq!(r.rival(at(400)), None, "counted anew");
    }
}
