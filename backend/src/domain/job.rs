//! Runs of jobs: what a report, a lapse of time or a wish to cancel makes of them. One state after the other, none
//! after the end.

use common::command::CommandState;
use common::ids::NodeId;
use common::job::{JobRun, OUTPUT_CALL_MAX, OUTPUT_KEPT, RunReport, RunReportStatus, RunState};
use common::time::Timestamp;

/// How long a run may go on without a report.
pub const SILENT_MS: u64 = 5 * 60_000;
/// How long a run may wait for a command to ride on: the process that made it must have died in between.
const UNSENT_MS: u64 = 60_000;
/// Longest error kept, in characters.
const ERROR_MAX: usize = 2_000;

/// A run with what only the server knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// As sent, output included where it was read.
    pub run: JobRun,
    /// The process it runs in, from its first report.
    pub boot_id: Option<String>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// It counts.
    Taken,
    /// It comes from another process than the run: that one is gone, and the run with it.
    OtherBoot,
    /// The run had ended before.
    Ended,
}

/// The command a run rides on, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFact {
    /// Where it stands.
    pub state: CommandState,
    /// The node's words, or ours.
    pub detail: Option<String>,
    /// When the node took it.
    pub accepted_at: Option<Timestamp>,
}

/// What is known of the node a run was asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFact {
    /// Which.
    pub id: NodeId,
    /// The process that speaks for it now.
    pub boot_id: Option<String>,
}

impl RunRecord {
    /// Applies a report of the node.
    pub fn report(&mut self, report: &RunReport, now: Timestamp) -> Reported {
        if !self.run.state.is_active() {
            return Reported::Ended;
        }
        if self.boot_id.as_ref().is_some_and(|boot| *boot != report.boot_id) {
            self.end(RunState::Lost, Some("The node restarted while the job ran."), now);
            return Reported::OtherBoot;
        }
        let run = &mut self.run;
        self.boot_id = Some(report.boot_id.clone());
        run.reported_at = Some(now);
        if let Some(text) = &report.output {
            run.output_bytes = run.output_bytes.saturating_add(u64::try_from(text.len()).unwrap_or(0));
            run.output = Some(append(run.output.as_deref().unwrap_or_default(), text));
        }
        match report.status {
            // Reports may overtake each other; a run does not go back.
            RunReportStatus::Accepted if run.state == RunState::Queued => run.state = RunState::Accepted,
            RunReportStatus::Accepted => {}
            RunReportStatus::Running => {
                run.state = RunState::Running;
                run.started_at = run.started_at.or(Some(now));
            }
            RunReportStatus::Succeeded => self.end(RunState::Succeeded, None, now),
            RunReportStatus::Failed => {
                let why = report.error.as_deref().unwrap_or("The node gave no reason.");
                self.end(RunState::Failed, Some(why), now);
            }
            RunReportStatus::Cancelled => self.end(RunState::Cancelled, report.error.as_deref(), now),
        }
        Reported::Taken
    }

    /// Ends the run where its command came to nothing, its process is gone, or nobody has reported for too long;
    /// whether it did.
    pub fn lapse(&mut self, command: Option<&CommandFact>, node: Option<&NodeFact>, now: Timestamp) -> bool {
        if !self.run.state.is_active() {
            return false;
        }
        let Some(node) = node else {
            self.end(RunState::Lost, Some("The background node was removed."), now);
            return true;
        };
        if let (Some(mine), Some(current)) = (&self.boot_id, &node.boot_id)
            && mine != current
        {
            self.end(RunState::Lost, Some("The node restarted while the job ran."), now);
            return true;
        }
        // What the node reports of the run itself outweighs its command.
        if let Some(reported) = self.run.reported_at {
            return self.silent_since(reported, now);
        }
        let Some(command) = command else {
            return now.since(self.run.requested_at) >= UNSENT_MS && self.unsent(now);
        };
        let words = |what: &str| {
            let detail = command.detail.as_deref().filter(|d| !d.is_empty());
            detail.map_or_else(|| format!("{what}."), |d| format!("{what}: {d}"))
        };
        let why = match command.state {
            CommandState::Queued | CommandState::Offered => return false,
            // Taken, or done without a word about the run.
            CommandState::Accepted | CommandState::Done => {
                return self.silent_since(command.accepted_at.unwrap_or(self.run.requested_at), now);
            }
            CommandState::Refused => words("The node refused it"),
            CommandState::Failed => words("The node could not start it"),
            CommandState::Expired => "The node did not take it in time.".to_owned(),
            CommandState::Superseded | CommandState::Cancelled => words("It was taken back"),
        };
        let end = if self.run.cancel_requested { RunState::Cancelled } else { RunState::Failed };
        self.end(end, Some(&why), now);
        true
    }

    /// Ends it because nothing could be sent to the node; whether it did.
    pub fn unsent(&mut self, now: Timestamp) -> bool {
        let active = self.run.state.is_active();
        if active {
            self.end(RunState::Failed, Some("The request did not get as far as the node."), now);
        }
        active
    }

    /// Notes the wish to end it. `reached` tells whether the node may know of the run; where not, it ends here.
    pub fn cancel(&mut self, reached: bool, now: Timestamp) {
        self.run.cancel_requested = true;
        if !reached && self.run.state == RunState::Queued {
            self.end(RunState::Cancelled, None, now);
        }
    }

    fn silent_since(&mut self, last: Timestamp, now: Timestamp) -> bool {
        let silent = now.since(last) >= SILENT_MS;
        if silent {
            self.end(RunState::Lost, Some("No report for 5 minutes."), now);
        }
        silent
    }

    fn end(&mut self, state: RunState, why: Option<&str>, now: Timestamp) {
        self.run.state = state;
        self.run.finished_at = Some(now);
        self.run.error = why.map(|w| clean(w).chars().take(ERROR_MAX).collect());
    }
}

/// Whether one report carries more than it may.
pub fn too_much(output: &str) -> bool {
    output.len() > OUTPUT_CALL_MAX
}

/// The end of both together, at most 64 KiB, cut between characters.
fn append(kept: &str, new: &str) -> String {
    let mut all = format!("{kept}{}", clean(new));
    if all.len() > OUTPUT_KEPT {
        let mut from = all.len() - OUTPUT_KEPT;
        while !all.is_char_boundary(from) {
            from += 1;
        }
        all.drain(..from);
    }
    all
}

/// Without control characters but for line ends and tabs: what a job prints is shown, never interpreted.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests;
