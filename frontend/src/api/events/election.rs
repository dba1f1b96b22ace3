//! Which tab of this browser holds the stream: a pure state machine with injected time.
//!
//! A tab that begins asks who leads. Where nobody answers, it leads itself; where the leader falls silent, the others
//! ask again and the first of them leads. Each leadership has a number greater than all heard of before, so that a tab
//! that was frozen and thaws finds out that it is none any more. A tab that hears of no other leads alone.

use std::cmp::Ordering;

/// How long a tab that begins waits for a leader's answer.
pub const ASK_MS: u64 = 120;
/// A leader says at least this often that it is there.
pub const BEAT_MS: u64 = 2_000;
/// A leader that says nothing for so long is taken for dead or frozen.
pub const SILENT_MS: u64 = 5_000;
/// How far the tabs that lost their leader spread their claims.
const SPREAD_MS: u64 = 250;

/// Names a tab; drawn at random when its page begins.
pub type TabId = u64;

/// A leadership: the greater term counts, in one term the smaller id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Grows with every leadership.
    pub term: u64,
    /// Whose it is.
    pub tab: TabId,
}

impl Claim {
    fn beats(self, other: Self) -> bool {
        self.term.cmp(&other.term).then(other.tab.cmp(&self.tab)) == Ordering::Greater
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Asking { until_ms: u64 },
    Leading(Claim),
    Following { leader: Claim, heard_ms: u64 },
}

/// What the tab has to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Stay,
    /// Ask all tabs who leads, and let go of the stream.
    Ask,
    /// Open the stream.
    Lead,
    /// Say what is wanted to a leader that was not known before, and let go of the stream.
    Follow,
    /// Say who leads to a tab that does not know.
    Answer,
}

/// What one tab knows of the others.
#[derive(Debug, Clone, Copy)]
pub struct Election {
    me: TabId,
    role: Role,
    highest: u64,
}

impl Election {
    /// A tab that begins; it asks.
    pub fn new(me: TabId, now_ms: u64) -> Self {
        Self { me, role: Role::Asking { until_ms: now_ms.saturating_add(ASK_MS) }, highest: 0 }
    }

    /// This tab.
    pub fn me(&self) -> TabId {
        self.me
    }

    /// This tab's leadership.
    pub fn leads(&self) -> Option<Claim> {
        if let Role::Leading(claim) = self.role { Some(claim) } else { None }
    }

    /// The leader this tab follows.
    pub fn follows(&self) -> Option<Claim> {
        if let Role::Following { leader, .. } = self.role { Some(leader) } else { None }
    }

    /// When to [`look`](Self::look) again at the latest.
    pub fn look_at_ms(&self) -> Option<u64> {
        match self.role {
            Role::Asking { until_ms } => Some(until_ms),
            Role::Leading(_) => None,
            Role::Following { heard_ms, .. } => Some(heard_ms.saturating_add(SILENT_MS + 1)),
        }
    }

    /// A leader has said something.
    pub fn hear(&mut self, from: Claim, now_ms: u64) -> Step {
        self.highest = self.highest.max(from.term);
        match self.role {
            Role::Leading(mine) if !from.beats(mine) => Step::Answer,
            // A leader of the past: whoever leads now tells it.
            Role::Following { leader, .. } if leader.beats(from) => Step::Stay,
            before => {
                self.role = Role::Following { leader: from, heard_ms: now_ms };
                let known = matches!(before, Role::Following { leader, .. } if leader == from);
                if known { Step::Stay } else { Step::Follow }
            }
        }
    }

    /// A tab asks who leads.
    pub fn asked(&self) -> Step {
        if self.leads().is_some() { Step::Answer } else { Step::Stay }
    }

    /// A tab has left.
    pub fn left(&mut self, who: TabId, now_ms: u64) -> Step {
        if self.follows().is_some_and(|leader| leader.tab == who) {
            self.claim_soon(now_ms)
        } else {
            Step::Stay
        }
    }

    /// Time has passed.
    pub fn look(&mut self, now_ms: u64) -> Step {
        match self.role {
            Role::Asking { until_ms } if now_ms >= until_ms => self.seize(),
            Role::Following { heard_ms, .. } if now_ms.saturating_sub(heard_ms) > SILENT_MS => {
                self.claim_soon(now_ms)
            }
            _ => Step::Stay,
        }
    }

    /// This tab stood still: nobody knows what happened meanwhile, and it asks again.
    pub fn woke(&mut self, now_ms: u64) -> Step {
        self.role = Role::Asking { until_ms: now_ms.saturating_add(ASK_MS) };
        Step::Ask
    }

    /// This tab leads from now on, whoever led before.
    pub fn seize(&mut self) -> Step {
        self.highest = self.highest.saturating_add(1);
        self.role = Role::Leading(Claim { term: self.highest, tab: self.me });
        Step::Lead
    }

    /// All who follow notice at once; each waits for a time of its own before it claims.
    fn claim_soon(&mut self, now_ms: u64) -> Step {
        self.role = Role::Asking { until_ms: now_ms.saturating_add(self.me % SPREAD_MS) };
        Step::Ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(term: u64, tab: TabId) -> Claim {
        Claim { term, tab }
    }

    fn leader(me: TabId) -> Election {
        let mut tab = Election::new(me, 0);
        assert_eq!(tab.look(ASK_MS), Step::Lead);
        tab
    }

    fn follower(me: TabId, of: Claim, now: u64) -> Election {
        let mut tab = Election::new(me, now);
        assert_eq!(tab.hear(of, now), Step::Follow);
        tab
    }

    #[test]
    fn a_tab_alone_leads_after_a_moment() {
        let mut tab = Election::new(7, 1_000);
        assert_eq!(tab.look(1_000 + ASK_MS - 1), Step::Stay);
        assert_eq!(tab.look(1_000 + ASK_MS), Step::Lead);
        assert_eq!(tab.leads(), Some(claim(1, 7)));
        assert_eq!(tab.asked(), Step::Answer);
        assert_eq!(tab.look(90_000), Step::Stay);
    }

    #[test]
    fn a_second_tab_follows() {
        let mut tab = Election::new(3, 0);
        assert_eq!(tab.hear(claim(1, 7), 10), Step::Follow);
        assert_eq!(tab.hear(claim(1, 7), 2_000), Step::Stay);
        assert_eq!(tab.look(2_000 + SILENT_MS), Step::Stay);
        assert_eq!(tab.asked(), Step::Stay);
    }

    #[test]
    fn a_leader_that_is_silent_or_leaves_is_replaced() {
        let mut tab = follower(3, claim(4, 7), 0);
        assert_eq!(tab.look(SILENT_MS + 1), Step::Ask);
        assert_eq!(tab.look(SILENT_MS + 1 + 3), Step::Lead);
        assert_eq!(tab.leads(), Some(claim(5, 3)), "a greater term than the one before");

        let mut tab = follower(3, claim(4, 7), 0);
        assert_eq!(tab.left(9, 10), Step::Stay, "somebody else");
        assert_eq!(tab.left(7, 10), Step::Ask);
        assert_eq!(tab.hear(claim(5, 8), 11), Step::Follow, "another was quicker");
    }

    #[test]
    fn a_leader_that_thaws_finds_that_it_is_none_any_more() {
        let mut old = leader(7);
        let mut new = follower(3, claim(1, 7), 0);
        let _ = new.look(SILENT_MS + 1);
        let _ = new.look(SILENT_MS + SPREAD_MS);
        let claim = new.leads().unwrap();
        assert_eq!(new.hear(Claim { term: 1, tab: 7 }, 9_000), Step::Answer, "it is told");
        assert_eq!(old.hear(claim, 9_001), Step::Follow);
        assert_eq!(old.leads(), None);
    }

    #[test]
    fn of_two_that_claim_at_once_one_stays() {
        let (mut a, mut b) = (leader(3), leader(7));
        let (of_a, of_b) = (a.leads().unwrap(), b.leads().unwrap());
        assert_eq!(a.hear(of_b, 200), Step::Answer);
        assert_eq!(b.hear(of_a, 200), Step::Follow);
        assert_eq!((a.leads().is_some(), b.follows()), (true, Some(of_a)));
    }

    #[test]
    fn a_follower_does_not_listen_to_a_leader_of_the_past() {
        let mut tab = follower(3, claim(5, 8), 0);
        assert_eq!(tab.hear(claim(4, 7), 1_000), Step::Stay);
        assert_eq!(tab.follows(), Some(claim(5, 8)));
        assert_eq!(tab.look(SILENT_MS + 1), Step::Ask, "and its words do not count as the leader's");
    }

    #[test]
    fn a_tab_that_stood_still_asks_again() {
        let mut tab = leader(7);
        assert_eq!(tab.woke(60_000), Step::Ask);
        assert_eq!(tab.leads(), None);
        assert_eq!(tab.look(60_000 + ASK_MS), Step::Lead);
        assert_eq!(tab.leads(), Some(claim(2, 7)));
    }
}
