//! The demo's regions and nodes: what is registered through the API, and the `iqra-node` processes that beat.

use crate::api::{Api, text};
use crate::daemon::Daemon;
use crate::failure::{Context, Done};
use crate::process;
use crate::sign_in::{random_word, write_private};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The three regions: country, name as typed, the Region ID that comes of it.
const REGIONS: [(&str, &str, &str); 3] =
    [("OM", "mct", "OM-MCT"), ("US", "us-east-1", "US-EAST-1"), ("DE", "fra", "DE-FRA")];

/// One node of the demo.
pub(crate) struct Plan {
    name: &'static str,
    region: &'static str,
    kind: &'static str,
    port: u16,
    /// The most calls of a backend.
    calls: Option<u32>,
    /// Whether it is started; one stays off, so that the operator sees a problem.
    pub(crate) starts: bool,
}

const fn proxy(name: &'static str, region: &'static str, port: u16) -> Plan {
    Plan { name, region, kind: "proxy", port, calls: None, starts: true }
}

const fn backend(name: &'static str, region: &'static str, port: u16, calls: u32) -> Plan {
    Plan { name, region, kind: "backend", port, calls: Some(calls), starts: true }
}

/// All nodes. The ports are those of their endpoints on this machine.
pub(crate) const PLAN: [Plan; 9] = [
    proxy("Muscat proxy 1", "OM-MCT", 19101),
    backend("Muscat backend 1", "OM-MCT", 19111, 25),
    backend("Muscat backend 2", "OM-MCT", 19112, 25),
    proxy("Virginia proxy 1", "US-EAST-1", 19201),
    backend("Virginia backend 1", "US-EAST-1", 19211, 50),
    Plan { starts: false, ..backend("Virginia backend 2", "US-EAST-1", 19212, 50) },
    proxy("Frankfurt proxy 1", "DE-FRA", 19301),
    backend("Frankfurt backend 1", "DE-FRA", 19311, 40),
    backend("Frankfurt backend 2", "DE-FRA", 19312, 40),
];

impl Plan {
    /// How the node is found again on the next start.
    fn external_id(&self) -> String {
        format!("demo-{}", self.name.to_lowercase().replace(' ', "-"))
    }

    /// Its settings file, which holds its secret.
    fn settings(&self, folder: &Path) -> PathBuf {
        folder.join(self.external_id()).with_extension("json")
    }
}

/// Creates the regions and nodes that are not there yet; returns how many of each were made.
pub(crate) fn register(api: &Api, folder: &Path, base: &str) -> Done<(usize, usize)> {
    let known = ids(&api.get("/api/v1/regions?limit=500")?, "id");
    let mut regions = 0;
    for (country, name, id) in REGIONS {
        if !known.iter().any(|known| known == id) {
            let made = api.post("/api/v1/regions", &json!({ "countryCode": country, "name": name }))?;
            let made = text(&made, "id")?;
            if made != id {
                return Err(format!("The region {country} {name} became {made} instead of {id}.").into());
            }
            regions += 1;
        }
    }
    let known = ids(&api.get("/api/v1/nodes?limit=500")?, "externalId");
    let mut nodes = 0;
    for plan in &PLAN {
        let settings = plan.settings(folder);
        let registered = known.contains(&plan.external_id());
        match (registered, settings.is_file()) {
            (true, true) => readdress(&settings, base)?,
            (true, false) => {
                return Err(format!(
                    "{} is registered, but its settings with the secret are gone from {}. Remove the data folder to begin anew.",
                    plan.name,
                    settings.display()
                )
                .into());
            }
            (false, _) => {
                create(api, plan, &settings)?;
                nodes += 1;
            }
        }
    }
    Ok((regions, nodes))
}

fn create(api: &Api, plan: &Plan, settings: &Path) -> Done {
    let mut body = json!({
        "regionId": plan.region,
        "kind": plan.kind,
        "endpoint": format!("127.0.0.1:{}", plan.port),
        "displayName": plan.name,
        "externalId": plan.external_id(),
    });
    if let (Some(calls), Some(fields)) = (plan.calls, body.as_object_mut()) {
        fields.insert("maxConcurrentCalls".to_owned(), json!(calls));
    }
    let made = api.post("/api/v1/nodes", &body)?;
    write_private(settings, text(&made, "snippet")?.as_bytes())
}

/// Points a settings file at the address of this start; the rest of it, the secret above all, stays.
fn readdress(settings: &Path, base: &str) -> Done {
    let old = std::fs::read_to_string(settings).doing(format_args!("reading {}", settings.display()))?;
    let mut file: Value = serde_json::from_str(&old).doing(format_args!("reading {}", settings.display()))?;
    if let Some(url) = file.pointer_mut("/Infrastructure/Url") {
        *url = json!(base);
    }
    let new = format!("{file:#}\n");
    if new == old { Ok(()) } else { write_private(settings, new.as_bytes()) }
}

/// A node process under the rule that generated service units have: it is started again unless it ended with 0.
pub(crate) struct Supervised {
    name: &'static str,
    command: Command,
    log: PathBuf,
    daemon: Daemon,
    started: Instant,
    /// It ended with 0: an operator wants it down.
    down: bool,
}

/// Between two starts of one node at least this long.
const PAUSE: Duration = Duration::from_secs(1);

impl Supervised {
    fn start(name: &'static str, mut command: Command, log: PathBuf) -> Done<Self> {
        let daemon = Daemon::start(name, &mut command, &log)?;
        Ok(Self { name, command, log, daemon, started: process::now(), down: false })
    }

    /// What it was started as.
    pub(crate) fn name(&self) -> &str {
        self.name
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.daemon.id()
    }

    /// The process itself.
    pub(crate) fn daemon(&mut self) -> &mut Daemon {
        &mut self.daemon
    }

    /// Ends it; whether it ended by itself after being asked.
    pub(crate) fn end(self) -> bool {
        self.daemon.end()
    }

    /// Starts it again where it ended with something else than 0.
    pub(crate) fn tend(&mut self) -> Done {
        if self.down || self.started.elapsed() < PAUSE {
            return Ok(());
        }
        let Some(status) = self.daemon.exited()? else { return Ok(()) };
        if status.success() {
            self.down = true;
            println!("  {} ended with 0 and stays down.", self.name);
            return Ok(());
        }
        println!("  {} ended ({status}) and is started again.", self.name);
        self.daemon = Daemon::start(self.name, &mut self.command, &self.log)?;
        self.started = process::now();
        Ok(())
    }
}

/// Starts a real `iqra-node run` for each node that is to run, with calls that come and go, the background node with
/// jobs, and a server that nobody registered.
pub(crate) fn start(bin_dir: &Path, folder: &Path, logs: &Path) -> Done<Vec<Supervised>> {
    let node = |name: &str, settings: &Path, more: &[&str]| {
        let mut command = Command::new(bin_dir.join("iqra-node"));
        command.arg("run").args(more).args(["--drain-timeout", "2s", "--appsettings"]).arg(settings);
        (command, logs.join(name).with_extension("log"))
    };
    let mut running = Vec::new();
    for plan in PLAN.iter().filter(|plan| plan.starts) {
        let (command, log) = node(&plan.external_id(), &plan.settings(folder), &["--calls", "demo"]);
        running.push(Supervised::start(plan.name, command, log)?);
    }
    let (mut command, log) = node("background", &folder.join(BACKGROUND), &["--kind", "background"]);
    command.arg("--work-dir").arg(folder.join("work"));
    running.push(Supervised::start("Background node", command, log)?);
    let (command, log) = node("stranger", &folder.join(STRANGER), &["--kind", "backend"]);
    running.push(Supervised::start("Unregistered server", command, log)?);
    Ok(running)
}

/// Settings of the background node, and of the server that nobody registered.
const BACKGROUND: &str = "background.json";
const STRANGER: &str = "stranger.json";

/// Registers the background node where there is none, and makes up the settings of a server that is not registered.
pub(crate) fn register_others(api: &Api, folder: &Path, base: &str) -> Done {
    let settings = folder.join(BACKGROUND);
    let known = api.get("/api/v1/background-node")?;
    if known.get("node").is_none_or(Value::is_null) {
        let body = json!({ "endpoint": "127.0.0.1:19401", "displayName": "Background", "generate": true });
        let made = api.put("/api/v1/background-node", None, &body)?;
        write_private(&settings, text(&made, "snippet")?.as_bytes())?;
    } else {
        readdress(&settings, base)?;
    }
    let stranger = json!({
        "Server": { "Id": "old-backend-7", "RegionId": "OM-MCT", "ApiKey": format!("unknown-{}", random_word()?.repeat(2)) },
        "Infrastructure": { "Url": base },
    });
    write_private(&folder.join(STRANGER), format!("{stranger:#}\n").as_bytes())
}

/// How many nodes of the regions are to come online.
pub(crate) fn planned_online() -> u64 {
    PLAN.iter().filter(|plan| plan.starts).map(|_| 1).sum()
}

/// How many nodes the overview counts as online.
pub(crate) fn online(api: &Api) -> Done<u64> {
    let overview = api.get("/api/v1/overview")?;
    let count = |kind: &str| overview.pointer(&format!("/cluster/{kind}/online")).and_then(Value::as_u64);
    match (count("proxy"), count("backend")) {
        (Some(proxies), Some(backends)) => Ok(proxies + backends),
        _ => Err("The overview holds no `cluster.proxy.online` and `cluster.backend.online`.".into()),
    }
}

fn ids(page: &Value, field: &str) -> Vec<String> {
    let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    items.iter().filter_map(|item| item.get(field)?.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_both_kinds_and_one_node_never_starts() {
        for (_, _, id) in REGIONS {
            for kind in ["proxy", "backend"] {
                assert!(
                    PLAN.iter().any(|plan| plan.region == id && plan.kind == kind && plan.starts),
                    "{id} {kind}"
                );
            }
        }
        let silent: Vec<_> = PLAN.iter().filter(|plan| !plan.starts).map(|plan| plan.region).collect();
        assert_eq!(silent, ["US-EAST-1"]);
    }

    #[test]
    fn a_new_address_keeps_the_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        std::fs::write(&path, r#"{"Server":{"ApiKey":"iqn_x"},"Infrastructure":{"Url":"http://old"}}"#)
            .unwrap();
        readdress(&path, "http://new").unwrap();
        let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(file, json!({"Server": {"ApiKey": "iqn_x"}, "Infrastructure": {"Url": "http://new"}}));
    }
}
