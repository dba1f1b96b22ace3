//! `iqra-infra` as a client: the three lines of a deployment script, and what it says where they cannot work.

use std::process::{Output, Stdio};

use backend::domain::liveness::Timers;
use common::node::NodeKind;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::agent::process::Home;
use crate::support::app::{ADMIN, PASSWORD, TestApp};
use crate::support::{BOUND, wait_for};

/// Quick beats, and patience with a busy machine.
const BRISK: Timers = Timers { interval_ms: 200, stale_after_ms: 10_000, offline_after_ms: 20_000 };

/// Somebody's terminal.
struct Terminal {
    server: String,
    token: Option<String>,
    home: tempfile::TempDir,
}

impl Terminal {
    fn new(app: &TestApp, token: Option<&str>) -> Self {
        Self {
            server: app.base().to_owned(),
            token: token.map(str::to_owned),
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_iqra-infra"));
        command.args(args).env_clear().env("IQRA_URL", &self.server).env("HOME", self.home.path());
        if let Some(token) = &self.token {
            command.env("IQRA_TOKEN", token);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    async fn run(&self, args: &[&str]) -> Ran {
        Self::end(self.command(args)).await
    }

    async fn login(&self, password: &str) -> Ran {
        let mut command = self.command(&["login", "--email", ADMIN]);
        command.env("IQRA_PASSWORD", password);
        Self::end(command).await
    }

    async fn end(mut command: Command) -> Ran {
        let output = tokio::time::timeout(BOUND * 3, command.output()).await.expect("an end").unwrap();
        Ran::of(output)
    }
}

/// How a command ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it printed, where it ended like this.
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// What went wrong: the last line of standard error, as JSON.
    fn problem(&self) -> Value {
        let line = self.err.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {}", self.err))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

async fn terminal(app: &TestApp) -> Terminal {
    let reply = app.admin().await.post("/api/v1/auth/refresh", &json!({})).await.expect(200);
    Terminal::new(app, reply.value()["accessToken"].as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_script_drains_updates_and_releases_a_node() {
    let app = TestApp::with(BRISK, |_| {}).await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Backend).await;
    let terminal = terminal(&app).await;
    let own = json!({"Id": node.id, "ApiKey": node.secret});
    let home = Home::with(&json!({"Server": own, "Infrastructure": {"Url": app.base()}}).to_string());
    let service = home.supervise(&["--calls", "3", "--call-seconds", "1..3", "--listen", "none"]);
    let id = node.id.to_string();
    let shown = wait_for("calls", async || {
        let nodes = terminal.run(&["nodes", "-o", "json"]).await.expect(0).json();
        let node = nodes.as_array().unwrap().iter().find(|n| n["id"] == id.as_str()).cloned()?;
        (node["sessions"]["phone"].as_u64()? + node["sessions"]["web"].as_u64()? == 3).then_some(node)
    })
    .await;
    let endpoint = &shown["endpoint"];
    let address = format!("{}:{}", endpoint["host"].as_str().unwrap(), endpoint["port"]);

    let mut watching = terminal.command(&["watch", "--region", &region, "-o", "json"]);
    let mut watching = watching.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut watched = async |word: &str| {
        loop {
            let line =
                tokio::time::timeout(BOUND * 3, lines.next_line()).await.expect(word).unwrap().unwrap();
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] == "status" && event["to"] == word {
                return;
            }
        }
    };
    watched("online").await;

    // It is the only one of its kind: nothing happens without agreement.
    let warned = terminal.run(&["drain", &address, "--reason", "Update", "--wait"]).await.expect(1);
    assert!(warned.err.contains("--yes") && warned.err.contains("would take work"), "{}", warned.err);
    let drain =
        ["drain", &address, "--reason", "Update", "--wait", "--timeout", "60s", "--yes", "-o", "json"];
    let drained = terminal.run(&drain).await.expect(0);
    assert_eq!(drained.json()[0]["drain"]["phase"], "drained");
    assert!(drained.err.contains("left"), "it says how far it is: {}", drained.err);
    watched("maintenance").await;

    let shut = ["shutdown", &id, "--reason", "Update", "--wait", "--timeout", "60s", "--yes", "-o", "json"];
    assert_eq!(terminal.run(&shut).await.expect(0).json()[0]["state"], "done");
    wait_for("one restart", async || (service.codes() == [Some(75)]).then_some(())).await;

    let released = terminal.run(&["release", &address, "--wait", "--timeout", "60s"]).await.expect(0);
    assert!(released.out.contains("online"), "{}", released.out);
    watched("online").await;
    drop(watching);
    let table = terminal.run(&["regions"]).await.expect(0);
    assert!(
        table.out.lines().any(|l| l.trim_start().starts_with(&region) && l.contains("1/1")),
        "{}",
        table.out
    );
    assert_eq!(service.codes(), [Some(75)], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_has_an_end_and_says_that_the_wish_stands() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let node = app.node(&admin, &region, NodeKind::Proxy).await;
    let terminal = terminal(&app).await;
    let id = node.id.to_string();
    let release = ["release", id.as_str(), "--wait", "--timeout", "1s"];
    let ended = terminal.run(&release).await.expect(4);
    assert!(ended.err.contains("within 1s"), "{}", ended.err);
    // Nothing of its work can be left.
    terminal.run(&["drain", &id, "--reason", "x", "--wait", "--timeout", "20s", "--yes"]).await.expect(0);
    let shut = terminal.run(&["shutdown", &id, "--reason", "x"]).await.expect(1);
    assert!(shut.err.contains("not_live"), "{}", shut.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_said_with_a_code_of_its_own() {
    let app = TestApp::start().await;
    let terminal = terminal(&app).await;
    let unknown = terminal.run(&["nodes", "10.9.9.9:1"]).await.expect(3);
    assert!(unknown.err.contains("There is no node 10.9.9.9:1"), "{}", unknown.err);
    terminal.run(&["regions", "XX-NONE"]).await.expect(3);
    terminal.run(&["regions", "../nodes"]).await.expect(3);
    terminal.run(&["drain", "--reason", "x"]).await.expect(2);
    terminal.run(&["drain", "a", "--region", "b", "--reason", "x"]).await.expect(2);
    terminal.run(&["drain", "a", "--force", "--reason", "x"]).await.expect(2);
    let nobody = Terminal::new(&app, None);
    assert!(nobody.run(&["regions"]).await.expect(5).err.contains("iqra-infra login"));
    let liar = Terminal::new(&app, Some("a.b.c"));
    liar.run(&["watch", "--for", "10s"]).await.expect(5);
    let nowhere = Terminal { server: "http://127.0.0.1:1".to_owned(), ..Terminal::new(&app, Some("a.b.c")) };
    assert!(nowhere.run(&["regions"]).await.expect(1).err.contains("cannot be reached"));
    let wrong = Terminal { server: "localhost".to_owned(), ..Terminal::new(&app, Some("a.b.c")) };
    wrong.run(&["regions"]).await.expect(1);
    for shell in ["bash", "zsh", "fish"] {
        assert!(nobody.run(&["completion", shell]).await.expect(0).out.contains("drain"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_the_command_line_renews_itself_and_ends() {
    let app = TestApp::start().await;
    let terminal = Terminal::new(&app, None);
    terminal.login("wrong password").await.expect(5);
    terminal.login(PASSWORD).await.expect(0);
    let file = terminal.home.path().join(".config/iqra-infra/session.json");
    let kept = || serde_json::from_str::<Value>(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let first = kept();
    terminal.run(&["regions"]).await.expect(0);
    assert_eq!(kept(), first, "nothing is renewed before its time");

    // Its access token has ended: eight commands at once renew it, and none of them looks like a thief.
    let mut old = first.clone();
    old[app.base()]["expiresAt"] = json!("2020-01-01T00:00:00.000Z");
    std::fs::write(&file, old.to_string()).unwrap();
    let all: Vec<_> = (0..8).map(|_| Terminal::end(terminal.command(&["regions"]))).collect();
    for ran in futures_util::future::join_all(all).await {
        ran.expect(0);
    }
    let renewed = kept();
    assert_ne!(renewed[app.base()]["refreshToken"], first[app.base()]["refreshToken"]);

    // Somebody else uses the old one: the session is over.
    let stolen = json!({"refreshToken": first[app.base()]["refreshToken"]});
    app.anonymous().post("/api/v1/auth/refresh", &stolen).await.problem(401, "refresh_reused");
    terminal.run(&["regions"]).await.expect(5);

    terminal.login(PASSWORD).await.expect(0);
    terminal.run(&["logout"]).await.expect(0);
    assert_eq!(kept(), json!({}));
    terminal.run(&["regions"]).await.expect(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_json_where_the_rest_is() {
    let app = TestApp::start().await;
    let terminal = terminal(&app).await;
    let unknown = terminal.run(&["regions", "XX-NONE", "-o", "json"]).await.expect(3).problem();
    assert_eq!((&unknown["code"], &unknown["status"]), (&json!("not_found"), &json!(404)));
    assert!(unknown["requestId"].is_string(), "the server's own problem: {unknown}");
    let unknown = terminal.run(&["nodes", "10.9.9.9:1", "-o", "json"]).await.expect(3).problem();
    assert_eq!(unknown["code"], "not_found");
    let nobody = Terminal::new(&app, None).run(&["nodes", "-o", "json"]).await.expect(5).problem();
    assert_eq!(nobody["code"], "unauthenticated");
    let liar = Terminal::new(&app, Some("a.b.c")).run(&["nodes", "-o", "json"]).await.expect(5).problem();
    assert_eq!((&liar["code"], &liar["status"]), (&json!("unauthenticated"), &json!(401)));
    let nowhere = Terminal { server: "http://127.0.0.1:1".to_owned(), ..Terminal::new(&app, Some("a.b.c")) };
    let failed = nowhere.run(&["nodes", "-o", "json"]).await.expect(1).problem();
    assert!(failed["code"] == "failed" && failed["detail"].as_str().unwrap().contains("cannot be reached"));

    // What a preview warns of comes whole, with what it would bring.
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    node.beat(&json!({})).await;
    let drain = ["drain", &node.id.to_string(), "--reason", "x", "-o", "json"];
    let warned = terminal.run(&drain).await.expect(1).problem();
    assert!(warned["code"] == "guard" && warned["current"]["effects"].is_array(), "{warned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_unless_somebody_says_never() {
    let app = TestApp::start().await;
    let _admin = app.admin().await;
    let local = Terminal::new(&app, None);
    let make = async |more: &[&str]| {
        let mut command =
            local.command(&["token", "create", "--name", "ci", "--scope", "read", "-o", "json"]);
        command.args(more).env("DATABASE_URL", app.db.url()).env("IQRA_MASTER_KEY", "5a".repeat(32));
        Terminal::end(command).await
    };
    let made = make(&["--as", ADMIN]).await.expect(0);
    let (token, text) = (&made.json()["token"], made.json()["plainToken"].clone());
    let time = |name: &str| token[name].as_str().unwrap().parse::<common::time::Timestamp>().unwrap();
    let days = time("expiresAt").since(time("createdAt")) / 86_400_000;
    assert!((89..=90).contains(&days), "{days} days");
    let script = Terminal::new(&app, text.as_str());
    script.run(&["regions"]).await.expect(0);
    let endless = make(&["--as", ADMIN, "--expires", "never"]).await.expect(0).json();
    assert!(endless["token"]["expiresAt"].is_null(), "{}", endless["token"]);
    let refused = make(&["--as", "nobody@example.org"]).await.expect(1);
    assert!(refused.out.is_empty() && refused.problem()["code"] == "failed", "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_fleet_is_watched_too() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let region = app.region(&admin, "mct").await;
    let mut node = app.node(&admin, &region, NodeKind::Backend).await;
    let others = crate::order::fill(&app, &node, 1_000);
    let terminal = terminal(&app).await;
    let mut watching = terminal.command(&["watch", "-o", "json"]);
    let mut watching = watching.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = async || -> Value {
        let line =
            tokio::time::timeout(BOUND * 3, lines.next_line()).await.expect("a line").unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    };
    // Everybody is named once, whatever page of the list they are on.
    let mut named = std::collections::BTreeSet::new();
    while named.len() < others.len() + 1 {
        let line = next().await;
        if line["event"] == "status" {
            assert!(named.insert(line["nodeId"].as_str().unwrap().to_owned()), "{line}");
        }
    }
    // And what changes then is heard.
    node.beat(&json!({})).await;
    loop {
        let line = next().await;
        if line["event"] == "status" && line["nodeId"] == node.id.to_string() && line["to"] == "online" {
            assert_eq!(line["from"], "never_seen");
            return;
        }
    }
}
