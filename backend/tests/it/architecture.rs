//! The floors of the house: who may import whom. Reads the sources.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::package;

/// A floor imports only floors below it.
const FLOORS: &[(&str, u8)] = &[
    ("main", 5),
    ("cli", 5),
    ("boot", 5),
    ("http", 4),
    ("tasks", 4),
    ("services", 3),
    ("live", 3),
    ("db", 2),
    ("clients", 2),
    ("auth", 2),
    ("domain", 1),
    ("clock", 0),
    ("config", 0),
    ("telemetry", 0),
    ("lib", 0),
];

/// Who may import a neighbour on the same floor, never both ways.
const NEIGHBOURS: &[(&str, &str)] = &[("main", "cli"), ("cli", "boot"), ("services", "live")];

struct Source {
    /// Below `src/`.
    path: String,
    /// Without comments.
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    fn walk(dir: &Path, root: &Path, out: &mut Vec<Source>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code: String = text
                    .lines()
                    .map(|l| l.split("//").next().unwrap_or_default().to_owned() + "\n")
                    .collect();
                let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                out.push(Source { path, code, lines: text.lines().count() });
            }
        }
    }
    let root = package().join("src");
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    assert!(out.len() > 50, "where are the sources?");
    out
}

/// The module at the top that a file belongs to; `None` for programs beside the server.
fn top(path: &str) -> Option<&str> {
    let first = path.split('/').next()?;
    (first != "bin").then(|| first.trim_end_matches(".rs"))
}

/// Every `crate::…` in the code, with groups taken apart: `crate::a::{b, c}` is `a::b` and `a::c`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        match (path.strip_suffix("::"), after.strip_prefix('{')) {
            (Some(path), Some(group)) => {
                let group = group.split_once('}').unwrap().0;
                found.extend(
                    group.split(',').map(str::trim).filter(|m| !m.is_empty()).map(|m| format!("{path}::{m}")),
                );
            }
            (None, Some(group)) if path.is_empty() => {
                found.extend(group.split_once('}').unwrap().0.split(',').map(|m| m.trim().to_owned()));
            }
            _ => found.push(path.to_owned()),
        }
    }
    found
}

#[test]
fn imports_are_read_as_they_are_written() {
    let code = "use crate::db::{Db, DbError};\nuse crate::clock::Mono;\nfn f(x: crate::auth::NoRandom) {}\n use mycrate::x;\nuse crate::{boot, cli};";
    let found = imports(code);
    assert_eq!(found, ["db::Db", "db::DbError", "clock::Mono", "auth::NoRandom", "boot", "cli"]);
}

#[test]
fn a_floor_imports_only_what_is_below_it() {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = top(&source.path) else { continue };
        let floor =
            *floors.get(own).unwrap_or_else(|| panic!("{} stands on no floor: give it one", source.path));
        for import in imports(&source.code) {
            let other = import.split("::").next().unwrap();
            let Some(below) = floors.get(other) else {
                panic!("{}: crate::{import} stands on no floor", source.path)
            };
            if other != own && *below >= floor && !NEIGHBOURS.contains(&(own, other)) {
                wrong
                    .push(format!("{} (floor {floor}) imports crate::{import} (floor {below})", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_on_their_floor() {
    let in_db = |path: &str| path.starts_with("db/");
    let in_http = |path: &str| path.starts_with("http/") || path == "boot.rs";
    let in_clock = |path: &str| path == "clock.rs" || path == "bin/iqra-node/clock.rs";
    type Allowed<'a> = &'a dyn Fn(&str) -> bool;
    let rules: [(&[&str], Allowed<'_>); 6] = [
        (&["diesel"], &in_db),
        (&["tokio_postgres"], &in_db),
        (&["actix_web"], &in_http),
        (&["utoipa"], &in_http),
        (&["aws_sdk", "aws_smithy"], &|path| path.starts_with("clients/s3")),
        (&["Utc::now", "SystemTime::now", "Instant::now"], &in_clock),
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        for (names, allowed) in rules {
            for name in names.iter().filter(|n| source.code.contains(**n)) {
                if !allowed(&source.path) {
                    wrong.push(format!("{} uses {name}", source.path));
                }
            }
        }
        // Rules are pure: what waits, locks or reads does not live among them.
        if source.path.starts_with("domain/") {
            let impure = ["tokio::", "parking_lot", "std::fs", "std::net::Tcp", "tracing::", "reqwest"];
            wrong.extend(
                impure
                    .iter()
                    .filter(|n| source.code.contains(**n))
                    .map(|n| format!("{} uses {n}", source.path)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.lines >= 450 {
            wrong.push(format!("{} has {} lines", source.path, source.lines));
        }
        let text = std::fs::read_to_string(package().join("src").join(&source.path)).unwrap();
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not begin with what it is", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wire_types_need_no_server() {
    let manifest = std::fs::read_to_string(package().join("../common/Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
    for heavy in ["chrono", "actix", "diesel", "tokio", "leptos"] {
        assert!(!dependencies.contains(heavy), "common depends on {heavy}");
    }
}
