//! English words of the connection's details, of the pause, and of a session that ended.

use crate::i18n::plural;

/// The connection's details, the pause, and a session that ended.
pub struct LiveWords {
    /// On the pill: since when the figures stand still, and how many changes wait.
    pub paused: fn(&str, usize) -> String,
    /// What that means.
    pub paused_means: &'static str,
    /// Button.
    pub pause: &'static str,
    /// Button.
    pub resume: &'static str,
    /// Button.
    pub refresh: &'static str,
    /// How often figures change on the screen.
    pub frequency: &'static str,
    /// Of seconds.
    pub every: fn(u32) -> String,
    /// When the last message came.
    pub last_frame: &'static str,
    /// Of a duration.
    pub ago: fn(&str) -> String,
    /// What time it is there.
    pub server_time: &'static str,
    /// This machine's clock against it.
    pub clock: &'static str,
    /// By a duration; whether it is ahead.
    pub clock_off: fn(&str, bool) -> String,
    /// It is right.
    pub clock_right: &'static str,
    /// What a wrong clock means here.
    pub clock_note: &'static str,
    /// The connection's name.
    pub stream: &'static str,
    /// How this tab comes to its figures.
    pub place: &'static str,
    /// It holds the connection for so many tabs.
    pub leads: fn(usize) -> String,
    /// Another one does.
    pub follows: &'static str,
    /// Not settled.
    pub asking: &'static str,
    /// Button.
    pub copy: &'static str,
    /// Spoken.
    pub say_paused: &'static str,
    /// Spoken.
    pub say_resumed: &'static str,
    /// Button behind a banner: how many more there are.
    pub more: fn(usize) -> String,
    /// The same button when all are shown.
    pub fewer: &'static str,
    /// Heading.
    pub ended_title: &'static str,
    /// Below it.
    pub ended: &'static str,
    /// Way out.
    pub ended_other: &'static str,
}

/// The connection's details, the pause, and a session that ended.
pub(crate) const LIVE: LiveWords = LiveWords {
    paused: |time, n| match n {
        0 => format!("Paused {time}"),
        n => format!("Paused {time} · {}", plural::en(n, ["# change", "# changes"])),
    },
    paused_means: "Figures stand still. New problems are still announced, and actions work.",
    pause: "Pause updates",
    resume: "Resume updates",
    refresh: "Refresh now",
    frequency: "Figures change",
    every: |seconds| plural::en(seconds, ["Every second", "Every # s"]),
    last_frame: "Last message",
    ago: |age| format!("{age} ago"),
    server_time: "Server time",
    clock: "This computer's clock",
    clock_off: |by, ahead| format!("{by} {}", if ahead { "ahead" } else { "behind" }),
    clock_right: "Agrees with the server",
    clock_note: "Ages on this page are reckoned from the server's clock.",
    stream: "Stream",
    place: "This tab",
    leads: |tabs| match tabs {
        0 | 1 => "Holds the connection".into(),
        tabs => plural::en(tabs, ["Holds the connection", "Holds the connection of # tabs"]),
    },
    follows: "Gets its figures from another tab",
    asking: "Looks for other tabs",
    copy: "Copy diagnostics",
    say_paused: "Updates paused.",
    say_resumed: "Updates resumed.",
    more: |n| plural::en(n, ["+# more", "+# more"]),
    fewer: "Show one",
    ended_title: "Your session ended",
    ended: "Sign in to continue. What you typed is kept.",
    ended_other: "Go to the sign-in page",
};
