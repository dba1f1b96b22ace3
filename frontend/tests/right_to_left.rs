//! The style sheets turn round with the language: nothing in them names a side of the screen.

use std::fs;
use std::path::{Path, PathBuf};

/// Properties with a side in their name.
const SIDED: [&str; 4] = ["left", "right", "-left", "-right"];
/// Properties whose value may be a side.
const ALIGNED: [&str; 6] =
    ["text-align", "float", "clear", "justify-content", "justify-items", "justify-self"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The sheet without its comments; line breaks stay, so that lines keep their numbers.
fn bare(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        let (comment, behind) = after.split_once("*/").unwrap_or((after, ""));
        out.extend(comment.chars().filter(|c| *c == '\n'));
        rest = behind;
    }
    out + rest
}

/// Whether a declaration names a side.
fn names_a_side(declaration: &str) -> bool {
    let Some((property, value)) = declaration.split_once(':') else { return false };
    let (property, value) = (property.trim(), value.trim());
    if property.is_empty() || property.contains([' ', '(', '&', '.', '#', '[']) || property.starts_with("--")
    {
        return false;
    }
    // `border-top-left-radius` has its side in the middle.
    let sided = SIDED[..2].contains(&property)
        || SIDED[2..].iter().any(|side| property.ends_with(side) || property.contains(&format!("{side}-")));
    let aligned = ALIGNED.contains(&property) && ["left", "right"].contains(&value);
    sided || aligned
}

/// Lines that name a side, outside of rules that are left to right in every language.
fn sides(css: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // For each open block: what it names so far, and whether it says `direction: ltr`.
    let mut blocks: Vec<(Vec<(usize, String)>, bool)> = Vec::new();
    let (mut line, mut text) = (1, String::new());
    for c in bare(css).chars() {
        match c {
            '{' => {
                blocks.push((Vec::new(), false));
                text.clear();
            }
            '}' | ';' => {
                if let Some((names, ltr)) = blocks.last_mut() {
                    *ltr |= text.split_whitespace().collect::<String>() == "direction:ltr";
                    if names_a_side(&text) {
                        names.push((line, text.trim().to_owned()));
                    }
                }
                text.clear();
                if c == '}'
                    && let Some((names, ltr)) = blocks.pop()
                    && !ltr
                {
                    found.extend(names);
                }
            }
            _ => {
                line += usize::from(c == '\n');
                text.push(c);
            }
        }
    }
    found
}

#[test]
fn sides_are_found() {
    let css = "/* left: 0 */ a { color: red; margin-left: 4px } @media (width <= 1px) { b { left: 0; } }
        .axis { direction: ltr; right: 0; } c { border-top-right-radius: 0; text-align: right; }
        d { inset-inline-start: 0; text-align: start; --left: 1px; transition: left 1s; }
        e:hover { padding-inline: 0 } .drain-left { gap: 0 } .left > b:hover { gap: 0 }";
    let found: Vec<_> = sides(css).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, ["margin-left: 4px", "left: 0", "border-top-right-radius: 0", "text-align: right"]);
}

#[test]
fn the_style_sheets_name_no_side() {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder("styles")).unwrap() {
        let path = entry.unwrap().path();
        let css = fs::read_to_string(&path).unwrap();
        for (line, text) in sides(&css) {
            found.push(format!("{}:{line}: {text}", path.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(found.is_empty(), "say inline-start and inline-end:\n{}", found.join("\n"));
}

#[test]
fn views_set_no_side() {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let sided = text.lines().filter(|line| {
                    line.split("style:").skip(1).any(|rest| {
                        let property = rest.split('=').next().unwrap_or_default();
                        names_a_side(&format!("{property}: 0"))
                    })
                });
                found.extend(sided.map(|line| format!("{}: {}", path.display(), line.trim())));
            }
        }
    }
    let mut found = Vec::new();
    walk(&folder("src"), &mut found);
    assert!(found.is_empty(), "say inline-start and inline-end:\n{}", found.join("\n"));
}

#[test]
fn arabic_letters_are_not_pulled_apart() {
    // Letters of Arabic join: spacing and slanting are for Latin only.
    for entry in fs::read_dir(folder("styles")).unwrap() {
        let path = entry.unwrap().path();
        let css = bare(&fs::read_to_string(&path).unwrap());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!css.contains("font-style: italic"), "{name}: no italics");
        assert!(!css.contains("text-transform: uppercase"), "{name}: no capitals");
        let spaced = css.matches("letter-spacing: -").count();
        let reset = css.matches("letter-spacing: 0").count();
        assert!(reset >= spaced, "{name}: letter-spacing without its `:lang(ar)` counterpart");
    }
}
