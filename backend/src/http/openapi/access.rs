//! Who may call what: one row for every operation. The document says it in a sentence for each; a test calls every
//! operation with every role and scope, and holds the rows to what the server does.

use common::auth::{Permission, Role};
use serde_json::{Map, Value};

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Access {
    /// Nothing.
    Open,
    /// A session: it concerns nobody but its bearer.
    Session,
    /// The same, or what its body holds.
    SessionOrBody,
    /// Anybody who is signed in.
    Anybody,
    /// What is one's own; a script needs scope admin for it, everywhere.
    Tokens,
    /// A session, an access token or an automation token with this permission, and there.
    Needs(Permission, Where),
    /// A node's secret.
    Node,
}

/// Where a permission is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Where {
    /// In the region of what is named.
    There,
    /// In every region: it concerns the whole cluster.
    Everywhere,
    /// In the region of each that is named; the reply says so in its row.
    Rows,
    /// In no region: reading is not limited.
    Anywhere,
}

const READ: Access = Access::Needs(Permission::Read, Where::Anywhere);
const OPERATE: Access = Access::Needs(Permission::Operate, Where::There);
const OPERATE_ALL: Access = Access::Needs(Permission::Operate, Where::Everywhere);
const ADMINISTER: Access = Access::Needs(Permission::Administer, Where::Everywhere);

/// One row for each operation. A new operation needs a row here before it is served.
pub const TABLE: &[(&str, Access)] = &[
    ("login", Access::Open),
    ("logout", Access::Session),
    ("refresh", Access::SessionOrBody),
    ("getMe", Access::Open),
    ("getJwks", Access::Open),
    ("listTokens", READ),
    ("createToken", Access::Tokens),
    ("getToken", READ),
    ("editToken", Access::Tokens),
    ("revokeToken", Access::Tokens),
    ("listWebhooks", READ),
    ("createWebhook", ADMINISTER),
    ("getWebhook", READ),
    ("editWebhook", ADMINISTER),
    ("deleteWebhook", ADMINISTER),
    ("rotateWebhookSecret", ADMINISTER),
    ("testWebhook", OPERATE_ALL),
    ("listDeliveries", READ),
    ("getDelivery", READ),
    ("replayDelivery", OPERATE_ALL),
    ("listUsers", ADMINISTER),
    ("inviteUser", ADMINISTER),
    ("getUser", ADMINISTER),
    ("changeUser", ADMINISTER),
    ("deleteUser", ADMINISTER),
    ("makeUserLink", ADMINISTER),
    ("listUserSessions", ADMINISTER),
    ("signOutUser", ADMINISTER),
    ("listSessions", Access::Session),
    ("endSession", Access::Anybody),
    ("lookAtLink", Access::Open),
    ("redeemLink", Access::Open),
    ("confirm", Access::Session),
    ("changePassword", Access::Session),
    ("listHelpers", READ),
    ("getMeta", READ),
    ("getOverview", READ),
    ("listRejections", READ),
    ("listProblems", READ),
    ("snoozeProblem", OPERATE),
    ("unsnoozeProblem", OPERATE),
    ("listUnregisteredNodes", READ),
    ("ignoreUnregisteredNode", OPERATE),
    ("unignoreUnregisteredNode", OPERATE),
    ("getOverviewHistory", READ),
    ("getRegionHistory", READ),
    ("getNodeHistory", READ),
    ("listNodeEvents", READ),
    ("listRegionEvents", READ),
    ("listActivity", READ),
    ("countActivity", READ),
    ("exportActivity", READ),
    ("getActivity", READ),
    ("getActivityChain", READ),
    ("verifyActivityChain", ADMINISTER),
    ("listRegions", READ),
    ("createRegion", OPERATE),
    ("getRegion", READ),
    ("editRegion", OPERATE),
    ("getRegionDeletion", READ),
    ("deleteRegion", OPERATE),
    ("getStorage", READ),
    ("putStorage", OPERATE),
    ("deleteStorage", OPERATE),
    ("testStorage", OPERATE),
    ("listNodes", READ),
    ("orderNodes", READ),
    ("createNode", OPERATE),
    ("getNode", READ),
    ("editNode", OPERATE),
    ("getNodeDeletion", READ),
    ("deleteNode", OPERATE),
    ("rotateNodeSecret", OPERATE),
    ("revokePreviousNodeSecret", OPERATE),
    ("getBackgroundNode", READ),
    ("putBackgroundNode", OPERATE_ALL),
    ("deleteBackgroundNode", OPERATE_ALL),
    ("testBackgroundNode", OPERATE_ALL),
    ("startJob", OPERATE_ALL),
    ("listRunsOfJob", READ),
    ("listRuns", READ),
    ("getRun", READ),
    ("cancelRun", OPERATE_ALL),
    ("listFrontendNodes", READ),
    ("getFrontendHistory", READ),
    ("changeNodes", Access::Needs(Permission::Operate, Where::Rows)),
    ("setNodeIntent", OPERATE),
    ("previewNodeIntent", OPERATE),
    ("setRegionIntent", OPERATE),
    ("previewRegionIntent", OPERATE),
    ("getPlatform", READ),
    ("setPlatformIntent", ADMINISTER),
    ("previewPlatformIntent", ADMINISTER),
    ("shutdownNode", OPERATE),
    ("previewNodeShutdown", OPERATE),
    ("shutdownRegion", OPERATE),
    ("previewRegionShutdown", OPERATE),
    ("listCommands", READ),
    ("cancelCommand", OPERATE),
    ("followStream", READ),
    ("setStreamWindow", READ),
    ("heartbeat", Access::Node),
    ("goodbye", Access::Node),
    ("bootstrap", Access::Node),
    ("reportRun", Access::Node),
    ("livez", Access::Open),
    ("readyz", Access::Open),
];

/// What a person does only with a password given within five minutes.
pub const CONFIRMED: &[&str] = &[
    "inviteUser",
    "changeUser",
    "deleteUser",
    "makeUserLink",
    "signOutUser",
    "createToken",
    "editToken",
    "revokeToken",
    "createWebhook",
    "editWebhook",
    "deleteWebhook",
    "rotateWebhookSecret",
    "deleteRegion",
    "deleteNode",
    "deleteBackgroundNode",
    "rotateNodeSecret",
    "revokePreviousNodeSecret",
    "shutdownNode",
    "shutdownRegion",
];

/// The same by what is in the request: when.
pub const CONFIRMED_WHERE: &[(&str, &str)] = &[
    ("endSession", "it is somebody else's session, which an admin of all regions may end"),
    ("putBackgroundNode", "it gives a registered one another key"),
    ("changeNodes", "it shuts down or deletes, and is no preview"),
    ("setNodeIntent", "a deadline ends calls (`onDeadline`: `force`)"),
    ("setRegionIntent", "a deadline ends calls (`onDeadline`: `force`)"),
    ("setPlatformIntent", "a deadline ends calls (`onDeadline`: `force`)"),
];

/// What an operation asks for; `None` for one without a row.
pub fn of(operation: &str) -> Option<Access> {
    TABLE.iter().find(|(id, _)| *id == operation).map(|(_, access)| *access)
}

/// In a sentence or two, for the document.
pub fn sentence(operation: &str) -> Option<String> {
    let access = of(operation)?;
    let who = match access {
        Access::Open => "Anybody, without a credential.".to_owned(),
        Access::Session => "Whoever is signed in, with any role. No automation token (`session_needed`).".to_owned(),
        Access::SessionOrBody => {
            "Whoever is signed in, with any role, or holds the refresh token in the body. No automation token \
             (`session_needed`)."
                .to_owned()
        }
        Access::Anybody => "Whoever is signed in, with any role, and every automation token.".to_owned(),
        Access::Tokens => "Whoever is signed in, for tokens of their own and never stronger than themselves; an admin \
                           of all regions for those of others. An automation token needs scope `admin` in all regions."
            .to_owned(),
        Access::Needs(permission, place) => needs(permission, place),
        Access::Node => "A node, with its own secret and for itself. No person and no automation token.".to_owned(),
    };
    let again = if CONFIRMED.contains(&operation) {
        " A person needs a password given within five minutes (`confirmation_needed`).".to_owned()
    } else {
        let found = CONFIRMED_WHERE.iter().find(|(id, _)| *id == operation);
        found.map_or_else(String::new, |(_, when)| {
            format!(
                " Where {when}, a person needs a password given within five minutes (`confirmation_needed`)."
            )
        })
    };
    Some(format!("**Who may call it:** {who}{again}"))
}

fn needs(permission: Permission, place: Where) -> String {
    let role = permission.least_role();
    let least = match role {
        Role::Admin => "Role `admin`".to_owned(),
        lower => format!("Role `{}` or higher", lower.as_str()),
    };
    let scope = match permission {
        Permission::Read => "an automation token of any scope",
        Permission::Operate => "an automation token with scope `operate` or higher",
        Permission::Administer => "an automation token with scope `admin`",
    };
    let place = match place {
        Where::Anywhere => "in any region: reading is not limited to regions",
        Where::There => {
            "in the region concerned (`out_of_scope` where the account or the token is limited to others)"
        }
        Where::Everywhere => "in all regions: not for accounts and tokens that are limited to some",
        Where::Rows => "in the region of each node; in the row of another it says `out_of_scope`",
    };
    format!("{least}, or {scope}, {place}.")
}

/// Ends the description of an operation with who may call it.
pub(super) fn add(operation: &mut Map<String, Value>) {
    let Some(said) = operation.get("operationId").and_then(Value::as_str).and_then(sentence) else { return };
    if let Some(Value::String(about)) = operation.get_mut("description") {
        about.push_str(&format!("\n\n{said}"));
    }
}
