//! The settings of a server in every form they are handed over in: a file, variables of the environment, a service of
//! docker compose, a unit of systemd. Variables are named as .NET names them: sections and keys with `__` between.

use serde_json::{Map, Value, json};

use super::{NodeSettings, get, section};
use crate::node::NodeKind;

/// Exit code of an agent that wants to be started again.
pub const AGAIN: u8 = 75;
/// Where the program and its settings are meant to lie on a server.
const PROGRAM: &str = "/usr/local/bin/iqra-node";
const SETTINGS: &str = "/etc/iqra/appsettings.json";

/// One of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `appsettings.json`.
    File,
    /// Lines of `NAME=value`, as `--env-file` and `EnvironmentFile=` read them.
    Environment,
    /// `docker-compose.yml`.
    Compose,
    /// A unit that runs the agent with the file.
    Systemd,
}

impl Form {
    /// All, in the order they are offered in.
    pub const ALL: [Self; 4] = [Self::File, Self::Environment, Self::Compose, Self::Systemd];

    /// What such a file is called.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::File => "appsettings.json",
            Self::Environment => "iqra-node.env",
            Self::Compose => "docker-compose.yml",
            Self::Systemd => "iqra-node.service",
        }
    }
}

/// The settings in one of the forms, ending in a newline.
pub fn written(settings: &NodeSettings, form: Form) -> String {
    match form {
        Form::File => format!("{:#}\n", file(settings)),
        Form::Environment => variables(settings).map(|(name, value)| format!("{name}={value}\n")).collect(),
        Form::Compose => compose(settings),
        Form::Systemd => unit(&Unit {
            program: PROGRAM,
            settings: SETTINGS,
            user: None,
            drain_seconds: 30,
            stop_seconds: 10,
            more: &[],
        }),
    }
}

/// The whole file as a value.
pub(super) fn file(settings: &NodeSettings) -> Value {
    let mut own = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            own.insert(key.to_owned(), value);
        }
    };
    if settings.kind != NodeKind::Background {
        put("Id", settings.id.as_ref().map(|id| json!(id)));
        put("RegionId", settings.region_id.as_ref().map(|region| json!(region)));
    }
    put("ApiKey", Some(json!(settings.api_key)));
    if settings.kind == NodeKind::Backend {
        put("ExpectedMaxConcurrentCalls", settings.max_concurrent_calls.map(|n| json!(n)));
    }
    json!({ section(settings.kind): own, "Infrastructure": { "Url": settings.url.trim_end_matches('/') } })
}

/// The same as names and values, in the order of the file.
fn variables(settings: &NodeSettings) -> impl Iterator<Item = (String, String)> {
    let sections = match file(settings) {
        Value::Object(sections) => sections,
        _ => Map::new(),
    };
    sections.into_iter().flat_map(|(section, keys)| {
        let keys = match keys {
            Value::Object(keys) => keys,
            _ => Map::new(),
        };
        keys.into_iter().map(move |(key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (format!("{section}__{key}"), text)
        })
    })
}

/// Variables of the environment put together to the file they stand for; those of others are left out, and names are
/// found in any letter case, as .NET does.
pub fn from_variables(all: impl IntoIterator<Item = (String, String)>) -> Value {
    let mut file = Map::new();
    for (name, value) in all {
        let Some((part, key)) = name.split_once("__") else { continue };
        let ours = ["Server", "Proxy", "Security", "Infrastructure"].into_iter();
        let Some(part) = ours.into_iter().find(|ours| ours.eq_ignore_ascii_case(part)) else { continue };
        let value = match value.parse::<u32>() {
            Ok(n) if key.eq_ignore_ascii_case("ExpectedMaxConcurrentCalls") => json!(n),
            _ => json!(value),
        };
        if let Value::Object(keys) = file.entry(part).or_insert_with(|| json!({}))
            && get(&Value::Object(keys.clone()), key).is_none()
        {
            keys.insert(key.to_owned(), value);
        }
    }
    Value::Object(file)
}

fn compose(settings: &NodeSettings) -> String {
    // JSON strings are YAML strings; compose takes `$` for a variable of its own.
    let environment: String = variables(settings)
        .map(|(name, value)| format!("      {name}: {}\n", json!(value).to_string().replace('$', "$$")))
        .collect();
    format!(
        "\
services:
  iqra-node:
    image: debian:stable-slim
    command: [\"{PROGRAM}\", \"run\"]
    network_mode: host
    # 0: disabled, deleted or stopped; it stays down. {AGAIN}: shut down from the console; it comes back.
    # After a restart of the machine it is started by `docker compose up -d`.
    restart: on-failure
    stop_grace_period: 60s
    volumes:
      - \"{PROGRAM}:{PROGRAM}:ro\"
      # The certificates that the server's own is checked with.
      - \"/etc/ssl/certs:/etc/ssl/certs:ro\"
    environment:
{environment}"
    )
}

/// What a unit of systemd is made of.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// Path of the agent.
    pub program: &'a str,
    /// Path of `appsettings.json`.
    pub settings: &'a str,
    /// Who runs it; root where nobody is named.
    pub user: Option<&'a str>,
    /// How long SIGTERM waits for calls.
    pub drain_seconds: u64,
    /// How long the command may take to end.
    pub stop_seconds: u64,
    /// Further words of the command line.
    pub more: &'a [String],
}

/// Beyond the waits for calls and for the command: for what is said at the end.
const MORE_SECONDS: u64 = 20;

/// A unit that does with the agent's exit codes what they mean.
pub fn unit(of: &Unit<'_>) -> String {
    let mut line = vec![
        of.program.to_owned(),
        "run".to_owned(),
        "--appsettings".to_owned(),
        of.settings.to_owned(),
        "--drain-timeout".to_owned(),
        format!("{}s", of.drain_seconds),
        "--stop-timeout".to_owned(),
        format!("{}s", of.stop_seconds),
    ];
    line.extend(of.more.iter().cloned());
    let line: Vec<_> = line.iter().map(|word| quoted(word)).collect();
    let user = of.user.map_or_else(String::new, |user| format!("User={user}\n"));
    format!(
        "\
[Unit]
Description=Iqra node agent
Wants=network-online.target
After=network-online.target
# However often it is shut down from the console, it comes back.
StartLimitIntervalSec=0

[Service]
ExecStart={}
ExecReload=/bin/kill -HUP $MAINPID
{user}StateDirectory=iqra-node
# 0: disabled, deleted or stopped; it stays down. {AGAIN}: shut down from the console; it comes back, and that is no failure.
# Any other code is one.
Restart=on-failure
RestartForceExitStatus={AGAIN}
SuccessExitStatus={AGAIN}
RestartSec=2
# The agent ends its command itself; what is left after the time to stop is killed.
KillMode=mixed
TimeoutStopSec={}

[Install]
WantedBy=multi-user.target
",
        line.join(" "),
        of.drain_seconds.saturating_add(of.stop_seconds).saturating_add(MORE_SECONDS)
    )
}

/// A word of a command line as systemd reads it.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%".contains(c);
    if !escaped.is_empty() && escaped.chars().all(plain) { escaped } else { format!("\"{escaped}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RegionId;
    use crate::snippet::parse;

    fn settings(kind: NodeKind) -> NodeSettings {
        let regional = kind != NodeKind::Background;
        NodeSettings {
            kind,
            url: "http://console:8080".to_owned(),
            id: regional.then(|| "65f0".to_owned()),
            region_id: regional.then(|| RegionId::from("OM-MCT")),
            api_key: "iqn_se$cret".to_owned(),
            max_concurrent_calls: (kind == NodeKind::Backend).then_some(25),
        }
    }

    const KINDS: [NodeKind; 3] = [NodeKind::Backend, NodeKind::Proxy, NodeKind::Background];

    #[test]
    fn file_and_environment_are_read_as_what_they_were_written_from() {
        for kind in KINDS {
            let wanted = settings(kind);
            assert_eq!(parse(&written(&wanted, Form::File)), Ok(wanted.clone()));
            let lines = written(&wanted, Form::Environment);
            let pairs = lines.lines().map(|l| l.split_once('=').unwrap());
            let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let others =
                [("PATH".to_owned(), "/bin".to_owned()), ("Logging__Level".to_owned(), "x".to_owned())];
            assert_eq!(parse(&from_variables(others.into_iter().chain(pairs)).to_string()), Ok(wanted));
        }
    }

    #[test]
    fn names_of_variables_in_any_case() {
        let all = [("INFRASTRUCTURE__URL", "http://c"), ("proxy__apikey", "k"), ("Proxy__Id", "7")];
        let file = from_variables(all.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let read = parse(&file.to_string()).unwrap();
        assert_eq!((read.kind, read.api_key.as_str(), read.id.as_deref()), (NodeKind::Proxy, "k", Some("7")));
    }

    #[test]
    fn a_service_of_compose_names_every_variable_and_keeps_dollars() {
        let text = written(&settings(NodeKind::Backend), Form::Compose);
        for line in [
            "      Server__Id: \"65f0\"",
            "      Server__RegionId: \"OM-MCT\"",
            "      Server__ApiKey: \"iqn_se$$cret\"",
            "      Server__ExpectedMaxConcurrentCalls: \"25\"",
            "      Infrastructure__Url: \"http://console:8080\"",
            "    restart: on-failure",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }

    #[test]
    fn only_forms_that_say_so_hold_the_secret() {
        for form in Form::ALL {
            let text = written(&settings(NodeKind::Proxy), form).replace("$$", "$");
            assert_eq!(text.contains("iqn_se$cret"), form != Form::Systemd, "{form:?}");
        }
    }

    #[test]
    fn exit_codes_do_what_they_mean_and_words_stay_words() {
        let more = ["--listen", "none", "--", "/opt/my server", "100%", "$HOME", "a\"b"].map(str::to_owned);
        let text = unit(&Unit {
            program: "/usr/bin/iqra-node",
            settings: "/etc/iqra/a.json",
            user: Some("iqra"),
            drain_seconds: 600,
            stop_seconds: 10,
            more: &more,
        });
        for line in [
            "ExecStart=/usr/bin/iqra-node run --appsettings /etc/iqra/a.json --drain-timeout 600s --stop-timeout 10s --listen none -- \
             \"/opt/my server\" 100%% \"$$HOME\" \"a\\\"b\"",
            "User=iqra",
            "Restart=on-failure",
            "RestartForceExitStatus=75",
            "SuccessExitStatus=75",
            "TimeoutStopSec=630",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
