//! The text of a systemd unit that does with the agent's exit codes what they mean.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::cli::UnitArgs;
use crate::exit::AGAIN;

/// Beyond the waits for calls and for the command: for what is said at the end.
const MORE: Duration = Duration::from_secs(20);

/// Prints the unit.
///
/// # Errors
/// In words, where this program does not know where it lies, or cannot write.
pub(crate) fn print(args: &UnitArgs) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|e| format!("cannot tell where this program is: {e}"))?;
    let settings = std::path::absolute(&args.appsettings).map_err(|e| format!("no such path: {e}"))?;
    let text = unit(&program, &settings, args);
    std::io::stdout().write_all(text.as_bytes()).map_err(|e| format!("cannot write: {e}"))
}

fn unit(program: &Path, settings: &Path, args: &UnitArgs) -> String {
    let mut line = vec![
        program.display().to_string(),
        "run".to_owned(),
        "--appsettings".to_owned(),
        settings.display().to_string(),
        "--drain-timeout".to_owned(),
        format!("{}s", args.drain_timeout.as_secs()),
        "--stop-timeout".to_owned(),
        format!("{}s", args.stop_timeout.as_secs()),
    ];
    line.extend(args.more.iter().cloned());
    let line: Vec<_> = line.iter().map(|word| quoted(word)).collect();
    let user = args.user.as_ref().map_or_else(String::new, |user| format!("User={user}\n"));
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
        (args.drain_timeout + args.stop_timeout + MORE).as_secs()
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

    #[test]
    fn exit_codes_do_what_they_mean_and_words_stay_words() {
        let args = UnitArgs {
            appsettings: "a.json".into(),
            user: Some("iqra".to_owned()),
            drain_timeout: Duration::from_secs(600),
            stop_timeout: Duration::from_secs(10),
            more: ["--listen", "none", "--", "/opt/my server", "100%", "$HOME", "a\"b"]
                .map(str::to_owned)
                .into(),
        };
        let text = unit(Path::new("/usr/bin/iqra-node"), Path::new("/etc/iqra/a.json"), &args);
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
