//! The form of a region's storage: what is typed, whether it was tested, and how it is saved.

use common::auth::Permission;
use common::ids::RegionId;
use common::storage::{PathStyle, RegionStorage, StorageTestReply, StoredSecret};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::conflict::Conflict;
use super::region_storage_model::Typed;
use crate::api::{Api, ApiError, use_api};
use crate::components::form::{Fault, place};
use crate::components::{format, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{derived, memo};
use crate::state::announce::{Announcer, use_announcer};
use crate::state::gate::use_gate_in;

/// Ids of the controls.
pub mod id {
    /// Endpoint URL.
    pub const ENDPOINT: &str = "storage-endpoint";
    /// Use SSL.
    pub const SSL: &str = "storage-ssl";
    /// Access key.
    pub const ACCESS_KEY: &str = "storage-access-key";
    /// Secret key.
    pub const SECRET: &str = "storage-secret";
    /// Bucket.
    pub const BUCKET: &str = "storage-bucket";
    /// Signing region.
    pub const SIGNING: &str = "storage-signing-region";
    /// Path style.
    pub const PATH: &str = "storage-path-style";
    /// Prefix.
    pub const PREFIX: &str = "storage-prefix";
    /// Why the buttons are off.
    pub const REASON: &str = "storage-reason";
}

/// JSON pointers of the requests and the controls they belong to.
const FIELDS: [(&str, &str); 8] = [
    ("/endpoint", id::ENDPOINT),
    ("/ssl", id::SSL),
    ("/accessKey", id::ACCESS_KEY),
    ("/secretKey", id::SECRET),
    ("/bucket", id::BUCKET),
    ("/signingRegion", id::SIGNING),
    ("/pathStyle", id::PATH),
    ("/prefix", id::PREFIX),
];
/// The controls behind “Advanced”.
const ADVANCED: [&str; 4] = [id::BUCKET, id::SIGNING, id::PATH, id::PREFIX];

/// The last connection test.
#[derive(Clone, PartialEq)]
pub enum Tested {
    /// None since the page is open.
    Never,
    /// Under way.
    Running,
    /// What it found, and of which values.
    Done(Box<(Typed, StorageTestReply)>),
}

/// Everything the form works with; copy it freely.
#[derive(Clone, Copy)]
pub struct Form {
    region: StoredValue<RegionId>,
    api: Api,
    i18n: I18n,
    announcer: Announcer,
    /// Why nothing can be changed; `None` where it can.
    pub gate: Signal<Option<String>>,
    /// What the server said last; `None` before its first answer.
    pub loaded: RwSignal<Option<RegionStorage>>,
    /// Why it could not be loaded.
    pub failed: RwSignal<Option<ApiError>>,
    /// The form began from these values, of this version.
    base: RwSignal<(Typed, i64)>,
    /// Endpoint URL.
    pub endpoint: RwSignal<String>,
    /// Use SSL.
    pub ssl: RwSignal<bool>,
    /// Access key.
    pub access_key: RwSignal<String>,
    /// A new secret key is being typed.
    pub replacing: RwSignal<bool>,
    /// As typed.
    pub secret: RwSignal<String>,
    /// Bucket.
    pub bucket: RwSignal<String>,
    /// Signing region.
    pub signing_region: RwSignal<String>,
    /// Path style.
    pub path_style: RwSignal<PathStyle>,
    /// Prefix.
    pub prefix: RwSignal<String>,
    /// Make the bucket while testing.
    pub create_bucket: RwSignal<bool>,
    /// The part with bucket and the like is open.
    pub advanced: RwSignal<bool>,
    /// What is wrong.
    pub faults: RwSignal<Vec<Fault>>,
    /// Counts the tries to send.
    pub attempt: RwSignal<u32>,
    /// A save or removal is under way.
    pub busy: RwSignal<bool>,
    /// The last test.
    pub tested: RwSignal<Tested>,
    /// A save that was refused because somebody else's came first.
    pub conflict: RwSignal<Option<Conflict>>,
}

impl Form {
    /// An empty form of a region.
    pub fn new(region: RegionId) -> Self {
        let empty = || RwSignal::new(String::new());
        let id = region.clone();
        Self {
            region: StoredValue::new(region),
            api: use_api(),
            i18n: use_i18n(),
            announcer: use_announcer(),
            gate: use_gate_in(Permission::Operate, Signal::stored(Some(id))),
            loaded: RwSignal::new(None),
            failed: RwSignal::new(None),
            base: RwSignal::new((Typed::default(), 0)),
            endpoint: empty(),
            ssl: RwSignal::new(false),
            access_key: empty(),
            replacing: RwSignal::new(true),
            secret: empty(),
            bucket: empty(),
            signing_region: empty(),
            path_style: RwSignal::new(PathStyle::Auto),
            prefix: empty(),
            create_bucket: RwSignal::new(false),
            advanced: RwSignal::new(false),
            faults: RwSignal::new(Vec::new()),
            attempt: RwSignal::new(0),
            busy: RwSignal::new(false),
            tested: RwSignal::new(Tested::Never),
            conflict: RwSignal::new(None),
        }
    }

    /// What stands in the form.
    pub fn typed(self) -> Typed {
        Typed {
            endpoint: self.endpoint.get(),
            ssl: self.ssl.get(),
            access_key: self.access_key.get(),
            secret: self.replacing.get().then(|| self.secret.get()),
            bucket: self.bucket.get(),
            signing_region: self.signing_region.get(),
            path_style: self.path_style.get(),
            prefix: self.prefix.get(),
        }
    }

    /// Whether anything differs from what the form began with.
    pub fn dirty(self) -> Memo<bool> {
        memo(move || self.base.with(|(base, _)| *base != self.typed()))
    }

    /// Whether just these values passed the test.
    pub fn passed(self) -> Memo<bool> {
        memo(move || {
            let typed = self.typed();
            self.tested.with(|t| matches!(t, Tested::Done(of) if of.1.ok && of.0 == typed))
        })
    }

    /// Whether settings are stored.
    pub fn configured(self) -> Signal<bool> {
        derived(move || self.loaded.with(|l| l.as_ref().is_some_and(|l| l.settings.is_some())))
    }

    /// Somebody else saved other settings since the form was filled.
    pub fn overtaken(self) -> Memo<Option<String>> {
        memo(move || {
            let version = self.base.with(|(_, version)| *version);
            let newer = |l: &&RegionStorage| l.version > version;
            self.loaded.with(|l| {
                l.as_ref().filter(newer).and_then(|l| l.settings.as_ref().map(|s| s.updated_by.clone()))
            })
        })
    }

    /// Asks the server. What is typed stays; a form nobody has touched follows.
    pub fn load(self) {
        let Some(region) = self.region.try_get_value() else { return };
        spawn_local(async move {
            let reply = self.api.storage(&region).await;
            if self.loaded.is_disposed() {
                return;
            }
            match reply {
                Ok(storage) => {
                    self.failed.set(None);
                    let untouched = self.base.with_untracked(|(base, _)| *base == untrack(|| self.typed()));
                    let first = self.loaded.with_untracked(Option::is_none);
                    let other = self.base.with_untracked(|(_, version)| *version != storage.version);
                    if first || (untouched && other) {
                        self.fill(&storage);
                    }
                    self.loaded.set(Some(storage));
                }
                Err(e) => self.failed.set(Some(e)),
            }
        });
    }

    /// Begins anew from what is stored.
    pub fn fill(self, storage: &RegionStorage) {
        let typed = match &storage.settings {
            Some(settings) => Typed::of(settings),
            None => Typed { secret: Some(String::new()), ..Typed::default() },
        };
        self.endpoint.set(typed.endpoint.clone());
        self.ssl.set(typed.ssl);
        self.access_key.set(typed.access_key.clone());
        self.replacing.set(typed.secret.is_some());
        self.secret.set(String::new());
        self.bucket.set(typed.bucket.clone());
        self.signing_region.set(typed.signing_region.clone());
        self.path_style.set(typed.path_style);
        self.prefix.set(typed.prefix.clone());
        self.create_bucket.set(false);
        self.faults.set(Vec::new());
        self.base.set((typed, storage.version));
    }

    /// Takes back what was typed.
    pub fn discard(self) {
        if let Some(storage) = self.loaded.get_untracked() {
            self.fill(&storage);
        }
    }

    fn fail(self, found: Vec<Fault>) {
        if found.iter().any(|(id, _)| id == id::SECRET) {
            self.replacing.set(true);
        }
        if found.iter().any(|(id, _)| ADVANCED.contains(&id.as_str())) {
            self.advanced.set(true);
        }
        self.faults.set(found);
        self.attempt.update(|n| *n += 1);
    }

    fn refused(self, e: &ApiError) {
        let mut found = e.problem().map(|p| place(&p.errors, &FIELDS)).unwrap_or_default();
        if found.is_empty() {
            found.push((String::new(), format!("{}: {}", e.title(self.i18n.t), e.detail(self.i18n.t))));
        }
        self.fail(found);
    }

    /// The typed values, where they can be sent at all.
    fn valid(self) -> Option<Typed> {
        let off = self.gate.with_untracked(Option::is_some) || self.busy.get_untracked();
        if off || self.tested.with_untracked(|t| *t == Tested::Running) {
            return None;
        }
        let typed = untrack(|| self.typed());
        let kept = !self.replacing.get_untracked();
        let stored = if kept { StoredSecret::Kept } else { StoredSecret::Missing };
        if let Err(errors) = typed.put().validate(stored) {
            self.fail(place(&errors, &FIELDS));
            return None;
        }
        self.faults.set(Vec::new());
        Some(typed)
    }

    /// Tests the values in the form; with `and_save`, saves them if they pass.
    pub fn test(self, and_save: bool) {
        let Some(typed) = self.valid() else { return };
        let (region, request) = (self.region.get_value(), typed.test(self.create_bucket.get_untracked()));
        let before = self.tested.try_update(|t| std::mem::replace(t, Tested::Running));
        spawn_local(async move {
            let reply = self.api.test_storage(&region, &request).await;
            if self.tested.is_disposed() {
                return;
            }
            let reply = match reply {
                Ok(reply) => reply,
                Err(e) => {
                    self.tested.set(before.unwrap_or(Tested::Never));
                    return self.refused(&e);
                }
            };
            self.announcer.say(outcome(&reply));
            let passed = reply.ok;
            if passed {
                self.create_bucket.set(false);
            }
            self.tested.set(Tested::Done(Box::new((typed, reply))));
            if passed && and_save {
                self.save();
            }
        });
    }

    /// Saves the values in the form, tested or not.
    pub fn save(self) {
        if let Some(typed) = self.valid() {
            self.send(typed, self.base.with_untracked(|(_, version)| *version));
        }
    }

    /// Saves the values in the form over what somebody else saved meanwhile.
    pub fn overwrite(self) {
        let version = self.loaded.with_untracked(|l| l.as_ref().map_or(0, |l| l.version));
        if let Some(typed) = self.valid() {
            self.send(typed, version);
        }
    }

    fn send(self, typed: Typed, base: i64) {
        self.busy.set(true);
        let region = self.region.get_value();
        spawn_local(async move {
            let reply = self.api.put_storage(&region, &typed.put(), base).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(storage) => {
                    self.fill(&storage);
                    self.loaded.set(Some(storage));
                    // A test of what was saved is one of what the form shows now.
                    let now = untrack(|| self.typed());
                    self.tested.update(|tested| {
                        if let Tested::Done(of) = tested
                            && of.0 == typed
                        {
                            of.0 = now;
                        }
                    });
                    self.announcer.say(words().storage.saved);
                }
                Err(e) => match e.current::<RegionStorage>() {
                    Some(theirs) => {
                        let (values, by) = match &theirs.settings {
                            Some(s) => (Typed::of(s), Some(s.updated_by.clone())),
                            None => (Typed::default(), None),
                        };
                        self.conflict.set(Some(Conflict { clashes: typed.clashes(&values), by }));
                        self.loaded.set(Some(theirs));
                    }
                    None => self.refused(&e),
                },
            }
        });
    }

    /// Removes the settings.
    pub fn remove(self, done: Callback<()>) {
        if self.gate.with_untracked(Option::is_some) || self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let (region, base) = (self.region.get_value(), self.base.with_untracked(|(_, version)| *version));
        spawn_local(async move {
            let reply = self.api.delete_storage(&region, base).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            done.run(());
            match reply {
                Ok(()) => {
                    self.announcer.say(words().storage.removed);
                    self.tested.set(Tested::Never);
                    self.loaded.set(None);
                    self.load();
                }
                Err(e) => {
                    self.load();
                    self.refused(&e);
                }
            }
        });
    }
}

/// A test in one sentence.
pub fn outcome(reply: &StorageTestReply) -> String {
    let w = &words().storage;
    match reply.failed() {
        Some(failed) => {
            let number = reply.steps.iter().position(|s| s.step == failed.step).map_or(0, |n| n + 1);
            (w.failed_at)(number, (w.step)(failed.step))
        }
        None => {
            let run = reply.steps.iter().filter(|s| s.duration_ms.is_some()).count();
            (w.passed)(run, &format::millis(reply.duration_ms))
        }
    }
}
