//! The accelerator of a shutdown: a call to the node's own address, so that it need not wait for its next heartbeat.
//! What it brings is noted beside the command and never takes the place of an acknowledgement.

use std::sync::Arc;

use common::command::{Command, CommandOffer, CommandState};
use futures_util::StreamExt as _;

use super::App;
use super::nodes::place;
use crate::clients::node::push_shutdown;
use crate::config::Hidden;
use crate::live::fleet::NodeEntry;

/// How many nodes are called at once.
const AT_ONCE: usize = 8;
/// Longest outcome that is stored.
const OUTCOME_MAX: usize = 200;

/// Calls the nodes in the background; each call has its own deadline.
pub(super) fn shutdowns(app: &Arc<App>, batch: Vec<(Arc<NodeEntry>, Command)>) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        futures_util::stream::iter(batch)
            .for_each_concurrent(AT_ONCE, |(node, command)| {
                let app = Arc::clone(&app);
                async move {
                    if !is_wanted(&app, &command) {
                        return;
                    }
                    let outcome: String =
                        call(&app, &node, &command).await.chars().take(OUTCOME_MAX).collect();
                    tracing::debug!(node = %node.id, outcome, "pushed a shutdown");
                    app.fleet.command_pushed(&node, command.id, outcome);
                }
            })
            .await;
    });
}

/// Whether the signal still waits for its node. In a long batch it may have been taken back meanwhile, or the process it
/// was meant for may be gone: its successor must not hear of it.
fn is_wanted(app: &App, command: &Command) -> bool {
    let state = app.fleet.command(command.id).map(|c| c.state);
    matches!(state, Some(CommandState::Queued | CommandState::Offered))
}

async fn call(app: &App, node: &NodeEntry, command: &Command) -> String {
    let Some(secret) = secret(app, node).await else {
        return "The node's secret could not be read; the heartbeat carries the signal.".to_owned();
    };
    let endpoint = node.record().endpoint;
    let offer = CommandOffer {
        id: command.id,
        kind: command.kind,
        args: command.args.clone(),
        not_after: command.not_after,
    };
    push_shutdown(&app.connector, &endpoint, &secret, &offer).await.verdict(&endpoint)
}

/// The secret the node uses now, else its newest.
async fn secret(app: &App, node: &NodeEntry) -> Option<Hidden> {
    let known = app.db.secrets_sealed(node.id).await.ok()?;
    let used = node.node_live().secret_in_use;
    let (_, id, sealed) =
        known.iter().find(|(hash, _, _)| Some(hash.fingerprint()) == used).or_else(|| known.first())?;
    let plain = app.sealer.open(&place(*id), sealed).ok()?;
    String::from_utf8(plain).ok().map(Hidden::new)
}
