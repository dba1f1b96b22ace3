//! What a change would bring, and the token that shows that somebody has read it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::activity::Outcome;
use common::ids::{NodeId, UserId};
use common::intent::{Effect, Preview};
use common::node::NodeKind;
use common::status::Liveness;
use common::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{App, ServiceError};
use crate::auth::policy::Actor;
use crate::auth::{hex, sha256};
use crate::domain::activity::Entry;
use crate::domain::effects::{Blocker, Change, Fact, blockers, effects};

/// How long a preview allows what it shows, in milliseconds.
const VALID_MS: i64 = 60_000;
/// What tokens are sealed for.
const PLACE: &str = "preview";

/// A change that is about to be made.
pub(super) struct Plan {
    /// Names this very change: the object and what becomes of it, reasons apart.
    pub(super) subject: String,
    /// All nodes of the regions concerned.
    pub(super) facts: Vec<Fact>,
    /// Those the change reaches.
    pub(super) reached: BTreeSet<NodeId>,
    /// What it does to those.
    pub(super) change: Change,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    subject: String,
    actor: UserId,
    accepted: Vec<Blocker>,
    expires_at: Timestamp,
}

impl Plan {
    fn effects(&self) -> Vec<Effect> {
        effects(&self.facts, |f| if self.reached.contains(&f.id) { self.change } else { Change::None })
    }

    fn digest(&self) -> String {
        hex(&sha256(self.subject.as_bytes()))
    }

    /// The preview as of now.
    ///
    /// # Errors
    /// Where its token cannot be sealed.
    pub(super) fn preview(&self, app: &App, actor: &Actor) -> Result<Preview, ServiceError> {
        let now = app.clock.wall();
        let effects = self.effects();
        let token = Token {
            subject: self.digest(),
            actor: actor.user.id,
            accepted: blockers(&effects),
            expires_at: Timestamp(now.millis().saturating_add(VALID_MS)),
        };
        let text = serde_json::to_vec(&token).map_err(|e| ServiceError::Internal(e.to_string()))?;
        let sealed = app.sealer.seal_brief(PLACE, &text)?;
        let reached = || self.facts.iter().filter(|f| self.reached.contains(&f.id));
        let live = || reached().filter(|f| f.liveness == Liveness::Live);
        let sum = |figures: &mut dyn Iterator<Item = u32>| figures.reduce(u32::saturating_add);
        Ok(Preview {
            as_of: now,
            nodes: count(reached().count()),
            live: count(live().count()),
            conversations: sum(&mut live().filter(|f| f.kind == NodeKind::Backend).filter_map(|f| f.work)),
            processing: sum(&mut live().filter_map(|f| f.processing)),
            longest_seconds: live().filter_map(|f| f.longest_seconds).max(),
            effects,
            preview_token: URL_SAFE_NO_PAD.encode(sealed),
            expires_at: token.expires_at,
        })
    }

    /// Lets the change through where no guard stands against it, or where a preview of this very change showed each of
    /// those that do. `refused` is noted otherwise.
    ///
    /// # Errors
    /// 409 `guard` with a fresh preview.
    pub(super) async fn guard(
        &self,
        app: &App,
        actor: &Actor,
        token: Option<&str>,
        refused: Entry,
    ) -> Result<(), ServiceError> {
        let effects = self.effects();
        let against = blockers(&effects);
        let seen = token.and_then(|t| self.read(app, actor, t));
        let accepted = seen.as_deref().unwrap_or_default();
        if against.iter().all(|b| accepted.contains(b)) {
            return Ok(());
        }
        let what: Vec<&str> = effects
            .iter()
            .zip(&against)
            .filter(|(_, b)| !accepted.contains(b))
            .map(|(e, _)| e.detail.as_str())
            .collect();
        let what = what.join(" ");
        let detail = match (token, seen) {
            (None, _) => format!("{what} Read the preview and send its token to do it anyway."),
            (Some(_), None) => format!("{what} The preview is over or was of another change. Read it again."),
            (Some(_), Some(_)) => format!("The situation changed: {what} Read the preview again."),
        };
        app.db.activity_add(&refused.ended(Outcome::Refused).because(Some(&detail))).await?;
        let current = serde_json::to_value(self.preview(app, actor)?);
        let current = current.map_err(|e| ServiceError::Internal(e.to_string()))?;
        Err(ServiceError::Refused { code: "guard", detail, current: Some(current) })
    }

    /// What a token of this actor for this change has shown; `None` for any other token.
    fn read(&self, app: &App, actor: &Actor, token: &str) -> Option<Vec<Blocker>> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let text = app.sealer.open(PLACE, &sealed).ok()?;
        let token: Token = serde_json::from_slice(&text).ok()?;
        let good = token.subject == self.digest()
            && token.actor == actor.user.id
            && app.clock.wall() < token.expires_at;
        good.then_some(token.accepted)
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
