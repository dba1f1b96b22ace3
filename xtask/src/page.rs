//! The text files of the bundle: one style sheet of many, and the index page with the names of the others in it.

use crate::assets::{self, Assets};
use crate::failure::{Context, Done};
use std::path::Path;

/// Joins the style sheets, `tokens.css` first and the rest by name, and points their `url(…)` at the hashed assets.
pub(crate) fn styles(folder: &Path, assets: &Assets) -> Done<String> {
    let mut sheets: Vec<_> = assets::walk(folder)?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "css"))
        .collect();
    sheets.sort_by_key(|path| (path.file_name().is_none_or(|name| name != "tokens.css"), path.clone()));
    let mut all = String::new();
    for path in sheets {
        let text = std::fs::read_to_string(&path).doing(format_args!("reading {}", path.display()))?;
        let text = point_at_assets(&text, assets).map_err(|cause| format!("{}: {cause}", path.display()))?;
        all.push_str(&text);
        all.push('\n');
    }
    Ok(packed(&all))
}

/// A style sheet without comments and without the white space that only people need. What stands in quotes stays as it is;
/// one space stays wherever one may mean something.
fn packed(css: &str) -> String {
    const TIGHT: [char; 5] = ['{', '}', ';', ',', '\n'];
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(next) = rest.chars().next() {
        let (take, behind) = match next {
            '/' if rest.starts_with("/*") => ("", rest.split_once("*/").map_or("", |(_, behind)| behind)),
            '"' | '\'' => {
                let end = rest.char_indices().skip(1).scan(false, |escaped, (at, c)| {
                    let ends = c == next && !*escaped;
                    *escaped = c == '\\' && !*escaped;
                    Some((ends, at + c.len_utf8()))
                });
                let end = end.into_iter().find_map(|(ends, at)| ends.then_some(at)).unwrap_or(rest.len());
                rest.split_at(end)
            }
            c if c.is_whitespace() => (" ", rest.trim_start()),
            c => rest.split_at(c.len_utf8()),
        };
        rest = behind;
        match take {
            " " if out.ends_with(TIGHT) || out.ends_with(' ') || rest.starts_with(TIGHT) => {}
            "{" | "}" | ";" | "," => {
                let end = out.trim_end_matches(' ').len();
                out.truncate(end);
                if take == "}" && out.ends_with(';') {
                    out.pop();
                }
                out.push_str(take);
            }
            _ => out.push_str(take),
        }
    }
    out.trim().to_owned()
}

/// Replaces each `url(…)` that names a file of the assets folder, however it is written (`fonts/a`, `../assets/fonts/a`, `/assets/fonts/a`).
fn point_at_assets(css: &str, assets: &Assets) -> Done<String> {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("url(") {
        let (inside, behind) = after.split_once(')').ok_or("`url(` without its bracket")?;
        let name = inside.trim().trim_matches(['"', '\'']);
        out.push_str(before);
        if name.starts_with("data:") || name.starts_with('#') {
            out.push_str(&format!("url({inside})"));
        } else {
            let path = name.trim_start_matches(['.', '/']);
            let path = path.strip_prefix("assets/").unwrap_or(path);
            let (path, fragment) =
                path.split_once('#').map_or((path, None), |(path, part)| (path, Some(part)));
            let address =
                assets.addresses.get(path).ok_or_else(|| format!("frontend/assets has no file `{path}`"))?;
            let fragment = fragment.map(|part| format!("#{part}")).unwrap_or_default();
            out.push_str(&format!("url(\"{address}{fragment}\")"));
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// Addresses of the program and the style sheet.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) css: String,
    pub(crate) js: String,
    pub(crate) loader: String,
    pub(crate) wasm: String,
}

/// Fills the index page: `{{css}}`, `{{js}}`, `{{loader}}`, `{{wasm}}`, `{{sprite}}`, `{{flags}}`, `{{asset:PATH}}`. Comments stay at home.
pub(crate) fn index(template: &str, names: &Names, assets: &Assets) -> Done<String> {
    let template = without_comments(template);
    let mut out = String::with_capacity(template.len());
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").ok_or("index.html: `{{` without its end")?;
        let asset = |path: &str| {
            let address = assets.addresses.get(path);
            address.cloned().ok_or_else(|| format!("index.html: frontend/assets has no file `{path}`"))
        };
        out.push_str(before);
        out.push_str(&match name {
            "css" => names.css.clone(),
            "js" => names.js.clone(),
            "loader" => names.loader.clone(),
            "wasm" => names.wasm.clone(),
            "flags" => assets.flags.clone(),
            "sprite" => asset("icons.svg")?,
            _ => match name.strip_prefix("asset:") {
                Some(path) => asset(path)?,
                None => return Err(format!("index.html: unknown placeholder `{name}`").into()),
            },
        });
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn without_comments(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, behind)| behind.trim_start());
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> Assets {
        let pairs = [("fonts/a.woff2", "/assets/fonts/a.1.woff2"), ("icons.svg", "/assets/icons.2.svg")];
        let addresses = pairs.map(|(name, address)| (name.to_owned(), address.to_owned())).into();
        Assets { addresses, flags: "/assets/flags-3/".to_owned(), ..Assets::default() }
    }

    #[test]
    fn a_packed_sheet_says_the_same_in_fewer_letters() {
        let css = "/* all; of {it} */\n@layer a, b;\n.x  > .y:is(a, b) :hover {\n  inline-size: calc(1rem + 2px);\n  \
                   content: \"a  /* b */ ; \\\" }\";\n  --v: 1px  2px ; /* last */\n}\n@media (width <= 30rem) { p { color: red; } }\n";
        assert_eq!(
            packed(css),
            "@layer a,b;.x > .y:is(a,b) :hover{inline-size: calc(1rem + 2px);content: \"a  /* b */ ; \\\" }\";--v: 1px 2px}\
             @media (width <= 30rem){p{color: red}}"
        );
        assert_eq!(
            packed("a{b:url(data:image/svg+xml,%3Csvg/%3E)}"),
            "a{b:url(data:image/svg+xml,%3Csvg/%3E)}"
        );
        assert_eq!(packed("a{} /* open"), "a{}");
    }

    #[test]
    fn every_way_to_write_an_asset_is_found() {
        for way in
            ["fonts/a.woff2", "\"../assets/fonts/a.woff2\"", "'/assets/fonts/a.woff2'", "./fonts/a.woff2"]
        {
            let css = point_at_assets(&format!("x{{src:url({way}) format(\"woff2\")}}"), &assets()).unwrap();
            assert_eq!(css, "x{src:url(\"/assets/fonts/a.1.woff2\") format(\"woff2\")}");
        }
        let own = "a{b:url(data:image/png;base64,AA)}";
        assert_eq!(point_at_assets(own, &assets()).unwrap(), own);
    }

    #[test]
    fn an_asset_that_is_not_there_is_named() {
        let failure = point_at_assets("a{b:url(fonts/none.woff2)}", &assets()).unwrap_err();
        assert!(failure.to_string().contains("fonts/none.woff2"));
    }

    #[test]
    fn the_page_learns_all_names() {
        let names = Names { css: "/c".into(), js: "/j".into(), loader: "/l".into(), wasm: "/w".into() };
        let page = index(
            "<!-- x -->\n<a {{css}} {{js}} {{loader}} {{wasm}} {{sprite}} {{flags}} {{asset:icons.svg}}>",
            &names,
            &assets(),
        );
        assert_eq!(page.unwrap(), "<a /c /j /l /w /assets/icons.2.svg /assets/flags-3/ /assets/icons.2.svg>");
        assert!(index("{{nonsense}}", &names, &assets()).is_err());
    }
}
