//! What a browser or program says of itself, in words. Pure, and no more than a guess: anybody can say anything.

/// A device as it is told apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Its browser.
    pub browser: Option<&'static str>,
    /// Its system.
    pub system: Option<&'static str>,
}

/// Browsers by what they say; those that claim to be others first.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems by what they say; those that claim to be others first.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

fn first(table: &[(&str, &'static str)], agent: &str) -> Option<&'static str> {
    table.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
}

/// What a `User-Agent` says.
pub fn device(agent: &str) -> Device {
    Device { browser: first(&BROWSERS, agent), system: first(&SYSTEMS, agent) }
}

/// The name of a program that is no browser: what stands before the version.
pub fn program(agent: &str) -> &str {
    agent.split(['/', ' ']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        let of = |agent| {
            let Device { browser, system } = device(agent);
            (browser.unwrap_or(""), system.unwrap_or(""))
        };
        for (agent, known) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0 Safari/537.36",
                ("Chrome", "Linux"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                ("Edge", "Windows"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
                ("Safari", "macOS"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
                ("Safari", "iPhone"),
            ),
            ("Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", ("Firefox", "Android")),
            ("something else", ("", "")),
        ] {
            assert_eq!(of(agent), known, "{agent}");
        }
        assert_eq!(
            (program("iqra-infra/0.3.1 (linux)"), program("curl/8.5.0"), program("")),
            ("iqra-infra", "curl", "")
        );
    }
}
