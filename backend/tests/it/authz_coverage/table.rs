//! One row for every operation: what it asks for.

use common::auth::Permission;

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Access {
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
pub(super) enum Where {
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
pub(super) const TABLE: &[(&str, Access)] = &[
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

/// What a person does only with a password given within five minutes. Others ask by what is in the request: a deadline
/// that ends calls, somebody else's session, another key.
pub(super) const CONFIRMED: &[&str] = &[
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
    "rotateNodeSecret",
    "revokePreviousNodeSecret",
    "shutdownNode",
    "shutdownRegion",
];
