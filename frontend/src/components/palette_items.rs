//! What the palette offers: pages, commands, nodes, regions, and the pages seen last, those that fit best first.

use common::node::Node;
use leptos::prelude::*;

use super::palette_match::score;
use super::status::word_text;
use super::words;
use crate::components::country_names::names_of;
use crate::routes;
use crate::shell::shortcuts::{GO, Shortcut};
use crate::state::commands::{Command, Commands, Overlay};
use crate::state::connection::Connection;
use crate::state::live::LiveStore;
use crate::state::trail::Trail;

/// At most so many of a group are shown.
const MOST: usize = 8;

/// What a choice does.
#[derive(Clone)]
pub enum Does {
    /// Opens a page.
    Go(String),
    /// Runs a command.
    Run(Command),
}

/// One line.
#[derive(Clone)]
pub struct Item {
    /// Its words.
    pub label: String,
    /// Beside them, quieter.
    pub detail: String,
    /// Its icon.
    pub icon: &'static str,
    /// The words are an id or endpoint.
    pub technical: bool,
    /// Keys that do the same.
    pub keys: Vec<&'static str>,
    /// Why it is off.
    pub off: Option<String>,
    /// What it does.
    pub does: Does,
}

impl Item {
    fn page(path: &str, label: &str, icon: &'static str) -> Self {
        Self {
            label: label.to_owned(),
            detail: String::new(),
            icon,
            technical: false,
            keys: Vec::new(),
            off: None,
            does: Does::Go(path.to_owned()),
        }
    }

    /// Where it leads, of those that lead somewhere.
    pub fn path(&self) -> Option<&str> {
        match &self.does {
            Does::Go(path) => Some(path),
            Does::Run(_) => None,
        }
    }
}

/// A group of lines.
#[derive(Clone)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// The lines.
    pub items: Vec<Item>,
}

type Scored = Vec<(u32, Item)>;

fn pages(query: &str) -> Scored {
    let page = |(path, label, also): &(&'static str, &'static str, &'static str)| {
        let points = score(query, [*label, *also])?;
        let mut item = Item::page(path, label, "arrow-right");
        if let Some((key, _)) = GO.iter().find(|(_, target)| target == path) {
            item.keys = vec!["G", letter(*key)];
        }
        Some((points, item))
    };
    words().palette.pages.iter().filter_map(page).collect()
}

/// The letter of a second key as it is written on the keyboard.
pub fn letter(key: char) -> &'static str {
    match key {
        'd' => "D",
        'r' => "R",
        'n' => "N",
        'f' => "F",
        'b' => "B",
        'a' => "A",
        't' => "T",
        'w' => "W",
        'u' => "U",
        's' => "S",
        'h' => "H",
        _ => "",
    }
}

/// What can be done anywhere.
pub fn everywhere(commands: Commands, connection: Connection) -> Vec<Command> {
    let w = &words().palette;
    let paused = untrack(|| connection.paused());
    vec![
        Command::new("refresh", w.refresh, "refresh-cw", move || connection.refresh()).key(Shortcut::Refresh),
        Command::new("pause", if paused { w.resume } else { w.pause }, "pause", move || {
            connection.toggle_pause();
        })
        .key(Shortcut::Pause),
        Command::new("shortcuts", w.shortcuts, "keyboard", move || commands.open(Overlay::Shortcuts))
            .key(Shortcut::Sheet),
        Command::new("api-call", w.api_call, "terminal", move || commands.open(Overlay::ApiCall)),
    ]
}

fn commands(query: &str, all: Vec<Command>) -> Scored {
    let item = |command: Command| {
        let points = score(query, [command.label.as_str()]).filter(|_| !command.label.is_empty())?;
        let item = Item {
            label: command.label.clone(),
            detail: String::new(),
            icon: command.icon,
            technical: false,
            keys: command.key.map(|key| key.keys().to_vec()).unwrap_or_default(),
            off: command.off.clone(),
            does: Does::Run(command),
        };
        Some((points, item))
    };
    all.into_iter().filter_map(item).collect()
}

fn regions(query: &str, live: LiveStore) -> Scored {
    if query.is_empty() {
        return Vec::new();
    }
    let region = |id: common::ids::RegionId| {
        let (code, name, word) =
            live.summary(&id, |s| (s.country_code.clone(), s.display_name.clone(), s.status.word))?;
        let countries = names_of(&code);
        let id_text = id.to_string();
        let names = countries.iter().map(String::as_str).chain([id_text.as_str()]).chain(name.as_deref());
        let points = score(query, names.collect::<Vec<_>>())?;
        let country = super::country_name(&code);
        let detail = [name.unwrap_or(country), word_text(word).to_owned()].join(" · ");
        let item = Item { detail, technical: true, ..Item::page(&routes::region(&id), &id_text, "globe") };
        Some((points, item))
    };
    live.region_ids().unwrap_or_default().into_iter().filter_map(region).collect()
}

fn nodes(query: &str, known: &[Node]) -> Scored {
    if query.is_empty() {
        return Vec::new();
    }
    let node = |node: &Node| {
        let (name, id) = (node.name(), node.id().to_string());
        let region = node.region_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let kind = crate::pages::node_table::kind_text(node.kind);
        let version = node.live.software_version.clone().unwrap_or_default();
        let endpoint = node.endpoint.to_string();
        let names = [name.as_str(), endpoint.as_str(), id.as_str(), region.as_str(), kind, version.as_str()];
        let points = score(query, names)?;
        let parts = [region.clone(), kind.to_owned(), word_text(node.live.status.word).to_owned()];
        let detail = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ");
        let item = Item { detail, technical: true, ..Item::page(&routes::node(node.id()), &name, "server") };
        Some((points, item))
    };
    known.iter().filter_map(node).collect()
}

fn recent(query: &str, trail: Trail, here: &str) -> Scored {
    let seen = trail.seen().into_iter().filter(|seen| seen.path != here);
    let item = |seen: crate::state::trail::Seen| {
        let points = score(query, [seen.title.as_str()])?;
        Some((points, Item { technical: true, ..Item::page(&seen.path, &seen.title, "history") }))
    };
    seen.filter_map(item).collect()
}

/// Where everything comes from.
pub struct Sources<'a> {
    /// What was typed.
    pub query: &'a str,
    /// The page's commands, and those of every page.
    pub commands: Vec<Command>,
    /// Regions.
    pub live: LiveStore,
    /// Nodes that are known, or that the server named.
    pub nodes: &'a [Node],
    /// Pages seen last.
    pub trail: Trail,
    /// The page on the screen.
    pub here: &'a str,
}

/// The groups, the one with the best fit first; nothing twice.
pub fn groups(from: Sources<'_>) -> Vec<Group> {
    let (w, query) = (&words().palette, from.query.trim());
    let all = [
        (w.go, pages(query)),
        (w.actions, commands(query, from.commands)),
        (w.nodes, nodes(query, from.nodes)),
        (w.regions, regions(query, from.live)),
        (w.recent, recent(query, from.trail, from.here)),
    ];
    let mut shown: Vec<(u32, Group)> = Vec::new();
    for (title, mut scored) in all {
        // Stable: equals keep the order of their source.
        scored.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        let twice = |item: &Item| {
            let known = |group: &Group| group.items.iter().any(|other| other.path() == item.path());
            item.path().is_some() && shown.iter().any(|(_, group)| known(group))
        };
        scored.retain(|(_, item)| !twice(item));
        if !query.is_empty() {
            scored.truncate(MOST);
        }
        let Some(best) = scored.first().map(|(points, _)| *points) else { continue };
        shown.push((best, Group { title, items: scored.into_iter().map(|(_, item)| item).collect() }));
    }
    if query.is_empty() {
        // What was seen last and what can be done here, before the whole list of pages.
        shown.sort_by_key(|(_, group)| group.title == w.go);
        shown.sort_by_key(|(_, group)| group.title != w.recent);
    } else {
        shown.sort_by_key(|(best, _)| std::cmp::Reverse(*best));
    }
    shown.into_iter().map(|(_, group)| group).collect()
}
