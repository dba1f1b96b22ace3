//! What a verdict rests on, line by line, and the report to hand on. Pure; tested on the host.
//!
//! Every line says whether it is fine, so that a reader sees what speaks for the server as well as against it.

use common::node::NodeKind;
use common::status::{Liveness, StatusWord};
use common::time::Timestamp;

use super::facts::Facts;
use super::verdict::{CLOCK_MS, CRASHES, Verdict};
use crate::components::{format, words};
use crate::i18n::en_pages::diagnose::{DiagnoseWords, Said};
use crate::i18n::problems::{ISOLATE, POP, id};
use crate::i18n::strings::Strings;

/// What a line says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// This is not the reason.
    Good,
    /// This may be the reason.
    Bad,
    /// Worth to know.
    Note,
    /// Nobody looked.
    Unknown,
}

/// A line of evidence.
pub type Line = (Mark, String);

/// The language of the lines: sentences, and how a time of day is written.
#[derive(Clone, Copy)]
pub struct Tongue<'a> {
    /// All sentences.
    pub t: &'static Strings,
    /// A point in time as a time of day.
    pub time: &'a dyn Fn(Timestamp) -> String,
}

impl Tongue<'_> {
    fn w(self) -> &'static DiagnoseWords {
        &self.t.pages.diagnose
    }

    /// The verdict's sentence.
    pub fn sentence(self, f: &Facts, v: &Verdict) -> String {
        let value = match v {
            Verdict::ClockSkew(ms) => format::offset(*ms),
            Verdict::UnknownNode(Some(claimed)) | Verdict::RegionMismatch(Some(claimed)) => id(claimed),
            Verdict::Refused(code) => (self.t.rejection_reason)(code),
            _ => String::new(),
        };
        let at = match v {
            Verdict::NotReturned(asked) => Some(asked.at),
            Verdict::Left | Verdict::LeftInMaintenance => Some(f.since),
            _ => f.last,
        };
        let said = Said {
            region: f.region.as_ref().map(|r| id(r.as_str())).unwrap_or_default(),
            at: at.map(self.time).unwrap_or_default(),
            expected: f.expected.clone(),
            value,
        };
        (self.w().sentence)(v, &said)
    }

    /// The evidence, in the order of a look from outside to inside.
    pub fn lines(self, f: &Facts) -> Vec<Line> {
        let w = self.w();
        let region = f.region.as_ref().map(|r| id(r.as_str())).unwrap_or_default();
        let mut lines = vec![match f.word {
            StatusWord::Disabled => (Mark::Bad, (w.disabled)(f.inherited).to_owned()),
            _ => (Mark::Good, (w.registered)(&region)),
        }];
        if f.quiet && f.word != StatusWord::Disabled {
            lines.push((Mark::Note, (w.maintenance)(f.inherited).to_owned()));
        }
        lines.push(match f.last {
            None => (Mark::Bad, w.never.to_owned()),
            Some(at) => {
                let mark = if f.liveness == Liveness::Live { Mark::Good } else { Mark::Bad };
                let ago = format::duration(f.now.since(at));
                (mark, (w.last)(&(self.time)(at), &ago, &format::interval(f.interval_ms)))
            }
        });
        lines.extend(self.refusals(f));
        if let Some(asked) = &f.asked {
            lines.push((Mark::Note, (w.asked)(&id(&asked.by), &(self.time)(asked.at))));
        }
        if f.liveness == Liveness::Left {
            lines.push((Mark::Note, (w.goodbye)(&(self.time)(f.since))));
        }
        if let Some(detail) = &f.duplicate {
            lines.push((Mark::Bad, (w.duplicate)(detail)));
        }
        if f.last.is_some() {
            let mark = if f.boots >= CRASHES { Mark::Bad } else { Mark::Good };
            if f.boots > 0 {
                lines.push((mark, (w.boots)(f.boots)));
            }
        }
        if let Some(version) = &f.version {
            lines.push((Mark::Good, (w.version)(&id(version))));
        }
        if let Some(ms) = f.clock_offset_ms {
            let wrong = f.clock_wrong || ms.unsigned_abs() > CLOCK_MS;
            lines.push((if wrong { Mark::Bad } else { Mark::Good }, (w.clock)(&format::offset(ms))));
        }
        if !region.is_empty() {
            lines.push(match f.others {
                (_, 0) => (Mark::Note, w.alone.to_owned()),
                (live, of) => (if live == 0 { Mark::Bad } else { Mark::Good }, (w.others)(live, of, &region)),
            });
        }
        lines.push(match f.doubt {
            None => (Mark::Good, w.console_ok.to_owned()),
            Some(_) => (Mark::Bad, w.console_late.to_owned()),
        });
        lines.push((Mark::Unknown, (w.not_checked)(&id(&f.endpoint))));
        lines
    }

    fn refusals(self, f: &Facts) -> Vec<Line> {
        let w = self.w();
        let lines = self.refused(f);
        if !lines.is_empty() {
            return lines;
        }
        vec![if f.liveness == Liveness::Live {
            (Mark::Good, w.not_refused.to_owned())
        } else {
            (Mark::Note, w.none_arrive.to_owned())
        }]
    }

    /// What was refused of it since its last heartbeat, one sentence each.
    pub fn refused_lines(self, f: &Facts) -> Vec<String> {
        self.refused(f).into_iter().filter(|(mark, _)| *mark == Mark::Bad).map(|(_, text)| text).collect()
    }

    fn refused(self, f: &Facts) -> Vec<Line> {
        let w = self.w();
        let mut lines: Vec<Line> = Vec::new();
        for r in f.refusals.iter().chain(&f.stranger) {
            let (first, last) = ((self.time)(r.first_at), (self.time)(r.last_at));
            let reason = (self.t.rejection_reason)(&r.reason);
            let mut text = (w.refused)(r.count, &reason, &id(&r.source), &first, &last);
            // The right secret: its fingerprint would only confuse.
            if let Some(presented) = r.fingerprint.as_deref().filter(|p| *p != f.expected) {
                text.push(' ');
                text.push_str(&(w.fingerprints)(&id(presented), &id(&f.expected)));
            }
            // What was refused before the last heartbeat that was accepted is over.
            let over = f.liveness == Liveness::Live || f.last.is_some_and(|at| at > r.last_at);
            lines.push((if over { Mark::Note } else { Mark::Bad }, text));
        }
        lines
    }

    /// A node as plain text, to be handed on. Without secrets: fingerprints are no secrets.
    pub fn report(self, f: &Facts, v: &Verdict) -> String {
        let w = self.w();
        let place = f.region.as_ref().map(|r| format!(" · {r}")).unwrap_or_default();
        let kind = match f.kind {
            NodeKind::Proxy => self.t.pages.kind.proxy,
            NodeKind::Backend => self.t.pages.kind.backend,
            NodeKind::Background => self.t.pages.kind.background,
        };
        let mut out = format!("{} · {kind}{place} · {}\n{}\n", f.name, f.id, f.now);
        out.push_str(&format!("{}\n{}\n", self.sentence(f, v), (w.remedy)(v)));
        for (mark, text) in self.lines(f) {
            let sign = match mark {
                Mark::Good => "[ok]",
                Mark::Bad => "[!!]",
                Mark::Note => "[--]",
                Mark::Unknown => "[??]",
            };
            out.push_str(&format!("{sign} {text}\n"));
        }
        plain(&out)
    }
}

/// Without the marks that set ids apart on the screen.
pub fn plain(text: &str) -> String {
    text.replace([ISOLATE, POP], "")
}

/// What to run on the server, as typed there.
pub fn commands(kind: NodeKind, console: &str) -> Vec<String> {
    let service = format!("iqra-{}", kind.as_str());
    vec![
        format!("systemctl status {service}"),
        format!("journalctl -u {service} -n 100"),
        format!("curl -sv {}/livez", console.trim_end_matches('/')),
    ]
}

/// The words of a mark, for those who do not see it.
pub fn mark_look(mark: Mark) -> (&'static str, &'static str, &'static str) {
    let w = &words().diagnose;
    match mark {
        Mark::Good => ("step-mark ok", "check", w.good),
        Mark::Bad => ("step-mark bad", "x", w.bad),
        Mark::Note => ("step-mark idle", "info", w.note),
        Mark::Unknown => ("step-mark idle", "circle-help", w.unknown),
    }
}

#[cfg(test)]
mod tests {
    use common::overview::CollectingReason;

    use super::super::verdict::tests::{facts, refused};
    use super::super::verdict::verdict;
    use super::*;
    use crate::i18n::en::EN;

    fn tongue() -> Tongue<'static> {
        Tongue { t: &EN, time: &|at: Timestamp| format!("T{}", at.millis() / 1000) }
    }

    fn said(f: &Facts) -> Vec<String> {
        tongue().lines(f).into_iter().map(|(mark, text)| format!("{mark:?} {}", plain(&text))).collect()
    }

    #[test]
    fn a_wrong_secret_is_named_with_both_fingerprints() {
        let mut f = facts();
        f.refusals = vec![refused("unknown_secret", 1_000)];
        let lines = said(&f);
        let line = lines.iter().find(|l| l.contains("38 times")).unwrap();
        assert!(line.starts_with("Bad"), "{line}");
        for part in ["10.1.0.3", "The secret is not known", "9f2c0000", "41aa0000", "T9959", "T9999"] {
            assert!(line.contains(part), "{part}: {line}");
        }
        let v = verdict(&f);
        assert!(tongue().sentence(&f, &v).contains("wrong secret"));
        let report = tongue().report(&f, &v);
        assert!(report.contains("[!!] Refused 38 times") && report.contains("wrong secret"), "{report}");
        assert!(!report.contains(ISOLATE) && !report.contains("iqn_"), "{report}");
        // The right secret in the wrong file: its fingerprint would only confuse.
        f.expected = "9f2c0000".into();
        assert!(!said(&f).iter().any(|l| l.contains("Fingerprint")));
    }

    #[test]
    fn a_refusal_that_is_over_is_a_note() {
        let mut f = facts();
        f.refusals = vec![refused("unknown_secret", 100_000)];
        assert!(said(&f).iter().any(|l| l.starts_with("Note Refused")));
        (f.liveness, f.word) = (Liveness::Live, StatusWord::Online);
        f.refusals = vec![refused("unknown_secret", 1_000)];
        assert!(said(&f).iter().any(|l| l.starts_with("Note Refused")));
    }

    #[test]
    fn silence_says_what_does_not_arrive_and_what_nobody_looked_at() {
        let f = facts();
        let lines = said(&f);
        assert!(lines.first().is_some_and(|l| l == "Good Registered and enabled in US-EAST."));
        assert!(lines.iter().any(|l| l.starts_with("Bad Last heartbeat accepted at T9910 (1 min 30 s ago)")));
        assert!(lines.iter().any(|l| l.starts_with("Note No heartbeat of it was refused")));
        assert!(lines.iter().any(|l| l == "Good Others in US-EAST: 5 of 6 report."));
        assert!(lines.iter().any(|l| l.starts_with("Unknown Not checked from here: whether 10.1.0.3:5001")));
    }

    #[test]
    fn what_is_odd_is_marked() {
        let mut f = facts();
        (f.boots, f.clock_offset_ms, f.others) = (4, Some(-9_000), (0, 3));
        f.doubt = Some(CollectingReason::DatabaseErrors);
        f.duplicate = Some("two boots within 4 s".into());
        f.quiet = true;
        let lines = said(&f);
        for part in
            ["started 4 times", "Clock −9.0 s", "0 of 3 report", "console itself is late", "two boots"]
        {
            assert!(lines.iter().any(|l| l.starts_with("Bad") && l.contains(part)), "{part}: {lines:?}");
        }
        assert!(lines.iter().any(|l| l == "Note Maintenance is on."));
        f.word = StatusWord::Disabled;
        assert!(said(&f).first().is_some_and(|l| l == "Bad Registered and disabled."));
    }

    #[test]
    fn commands_name_the_console_as_the_server_reaches_it() {
        let all = commands(NodeKind::Proxy, "https://console.example/");
        assert_eq!(all.last().map(String::as_str), Some("curl -sv https://console.example/livez"));
        assert!(all.iter().any(|c| c == "journalctl -u iqra-proxy -n 100"));
    }
}
