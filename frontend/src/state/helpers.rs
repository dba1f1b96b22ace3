//! Whom to ask for what one may not do oneself: asked of the server when somebody looks at a control that is off or
//! meets a refusal, and kept for a minute.

use common::auth::Role;
use common::ids::RegionId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::clock::monotonic_ms;
use super::session::{Session, use_session};
use crate::api::Api;
use crate::components::words;
use crate::i18n::list;

/// So long an answer is good.
const KEPT_MS: u64 = 60_000;
/// Single regions that are asked about; beyond them, those who have the role in all regions are named.
const REGIONS_MAX: usize = 8;

/// Who is looked for: those with this role, in one region or in all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The least role that will do.
    pub role: Role,
    /// Where; none for everywhere.
    pub region: Option<RegionId>,
}

/// What was asked, and when.
type Asked = Vec<(Want, u64)>;

/// What can be asked instead of this, where many regions were asked about already.
fn fitting(asked: &[(Want, u64)], want: Want) -> Want {
    let known = asked.iter().any(|(w, _)| *w == want);
    let regions = asked.iter().filter(|(w, _)| w.region.is_some()).count();
    if known || want.region.is_none() || regions < REGIONS_MAX { want } else { Want { region: None, ..want } }
}

/// Whether it has not been asked, or too long ago.
fn is_due(asked: &[(Want, u64)], want: &Want, now_ms: u64) -> bool {
    !asked.iter().any(|(w, at)| w == want && now_ms.saturating_sub(*at) < KEPT_MS)
}

fn note(asked: &mut Asked, want: &Want, now_ms: u64) {
    asked.retain(|(w, _)| w != want);
    asked.push((want.clone(), now_ms));
}

/// Handle to what is known; copy it freely. [`Session::helpers`].
#[derive(Clone, Copy)]
pub struct Helpers {
    /// The page on which somebody looked for a reason, and how often that began something.
    explained: RwSignal<(String, u32)>,
    asked: StoredValue<Asked>,
    known: RwSignal<Vec<(Want, Vec<String>)>>,
}

impl Default for Helpers {
    fn default() -> Self {
        Self {
            explained: RwSignal::new((String::new(), 0)),
            asked: StoredValue::new(Vec::new()),
            known: RwSignal::new(Vec::new()),
        }
    }
}

fn page() -> String {
    window().location().pathname().unwrap_or_default()
}

impl Helpers {
    /// Somebody looks for a reason: what is off on this page for want of a role asks who has it.
    pub fn explain(self) {
        let (here, now) = (page(), monotonic_ms());
        let old = self.asked.with_value(|all| all.iter().any(|(_, at)| now.saturating_sub(*at) >= KEPT_MS));
        if old || self.explained.with_untracked(|(page, _)| *page != here) {
            self.explained.update(|e| *e = (here, e.1.wrapping_add(1)));
        }
    }

    /// Follows who has a role: names, none where that is not known. Asks where somebody looks for a reason.
    pub fn names(self, session: Session, want: Want) -> Vec<String> {
        let looked_for = self.explained.with(|(page_of, n)| *n > 0 && *page_of == page());
        let want = self.asked.with_value(|asked| fitting(asked, want));
        if looked_for && self.begin(&want) {
            let want = want.clone();
            spawn_local(async move {
                self.learn(session, want).await;
            });
        }
        self.known.with(|known| of(known, &want))
    }

    /// Who has a role, after a refusal: what is known of the last minute, or what the server says now.
    pub async fn ask(self, session: Session, want: Want) -> Vec<String> {
        if self.begin(&want) {
            self.learn(session, want.clone()).await;
        }
        self.known.with_untracked(|known| of(known, &want))
    }

    /// Whether it is to be asked now; then it counts as asked.
    fn begin(self, want: &Want) -> bool {
        let now = monotonic_ms();
        let due = self.asked.with_value(|asked| is_due(asked, want, now));
        if due {
            self.asked.update_value(|asked| note(asked, want, now));
        }
        due
    }

    async fn learn(self, session: Session, want: Want) {
        // Without an answer the sentence stays the one that names nobody.
        let Ok(names) = Api::new(session).helpers(&want).await else { return };
        if self.known.with_untracked(|known| of(known, &want)) != names {
            self.known.update(|known| {
                known.retain(|(w, _)| *w != want);
                known.push((want, names));
            });
        }
    }

    /// Nobody is signed in any more.
    pub fn forget(self) {
        self.asked.set_value(Vec::new());
        if self.known.with_untracked(|known| !known.is_empty()) {
            self.known.set(Vec::new());
        }
    }
}

fn of(known: &[(Want, Vec<String>)], want: &Want) -> Vec<String> {
    known.iter().find(|(w, _)| w == want).map(|(_, names)| names.clone()).unwrap_or_default()
}

/// Whom to ask, in a sentence: by name, or in general where no names are known.
pub fn sentence(names: &[String]) -> String {
    let w = &words().access;
    list::either(names).map_or_else(|| w.ask.to_owned(), |names| (w.can)(&names))
}

/// Follows whom to ask for what takes a role everywhere; asks at once.
pub fn use_helpers(role: Role) -> Signal<Option<String>> {
    let session = use_session();
    explain_here();
    crate::reactive::derived(move || {
        let names = session.helpers().names(session, Want { role, region: None });
        list::either(&names).map(|names| (words().access.can)(&names))
    })
}

/// A reason stands on the page, for everybody to read.
pub fn explain_here() {
    let helpers = use_session().helpers();
    crate::reactive::effect(move || helpers.explain());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(region: Option<&str>) -> Want {
        Want { role: Role::Operator, region: region.map(RegionId::from) }
    }

    #[test]
    fn an_answer_is_good_for_a_minute() {
        let mut asked = Vec::new();
        assert!(is_due(&asked, &want(None), 5));
        note(&mut asked, &want(None), 5);
        assert!(!is_due(&asked, &want(None), 60_004));
        assert!(is_due(&asked, &want(None), 60_005));
        assert!(is_due(&asked, &want(Some("OM-MCT")), 6), "another question");
        assert!(is_due(&asked, &Want { role: Role::Admin, region: None }, 6));
        note(&mut asked, &want(None), 60_005);
        assert_eq!(asked.len(), 1);
    }

    #[test]
    fn few_regions_are_asked_about() {
        let mut asked = Vec::new();
        for n in 0..REGIONS_MAX {
            let one = want(Some(&format!("OM-{n}")));
            assert_eq!(fitting(&asked, one.clone()), one);
            note(&mut asked, &one, 1);
        }
        assert_eq!(fitting(&asked, want(Some("OM-MORE"))), want(None));
        assert_eq!(fitting(&asked, want(Some("OM-0"))), want(Some("OM-0")), "known already");
    }
}
