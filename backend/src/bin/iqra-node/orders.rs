//! Commands of the control plane: each is executed once, however often it is offered, and acknowledged until the
//! acknowledgement has arrived. Pure.

use std::collections::VecDeque;

use common::command::{Ack, AckStatus, CommandKind, CommandOffer, ShutdownMode};
use common::ids::{CommandId, RunId};
use common::time::Timestamp;

/// So many commands are remembered, and so many acknowledgements fit a heartbeat.
const REMEMBERED: usize = 64;
/// A detail has at most so many characters.
const DETAIL_MAX: usize = 500;

/// What a command asks for, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    /// End the process; the service manager starts it again.
    Shutdown(ShutdownMode),
    /// End all calls, stay.
    EndSessions,
    /// Run a job and report on that run.
    RunJob {
        /// Its key.
        job: String,
        /// The run.
        run: RunId,
    },
}

/// The commands of one run of a node.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Those that were taken or refused, the newest last, with what was said of each.
    known: VecDeque<(CommandId, Option<Ack>)>,
    /// To be said with the next heartbeat.
    unsaid: VecDeque<Ack>,
}

impl Orders {
    /// What is new among the offers of a reply that was sent at `now`, by the server's clock. Commands that cannot be
    /// obeyed are refused here; of known ones the last word is repeated.
    pub(crate) fn take(&mut self, offers: Vec<CommandOffer>, now: Timestamp) -> Vec<(CommandId, Order)> {
        let mut new = Vec::new();
        for offer in offers {
            if let Some((_, said)) = self.known.iter().find(|(id, _)| *id == offer.id) {
                // It got lost, or the server asks before it could have arrived.
                if let Some(ack) = said.clone().filter(|a| !self.unsaid.contains(a)) {
                    self.say(ack);
                }
                continue;
            }
            if self.known.len() == REMEMBERED {
                self.known.pop_front();
            }
            self.known.push_back((offer.id, None));
            let args = offer.args;
            // Both times are the server's: a node whose clock is wrong must not obey late, nor refuse in time.
            if offer.not_after < now {
                self.ack(offer.id, AckStatus::Refused, "It came too late.");
                continue;
            }
            match (offer.kind, args.job, args.run_id) {
                (CommandKind::Shutdown, _, _) => {
                    new.push((offer.id, Order::Shutdown(args.mode.unwrap_or_default())));
                }
                (CommandKind::EndSessions, _, _) => new.push((offer.id, Order::EndSessions)),
                (CommandKind::RunJob, Some(job), Some(run)) => {
                    new.push((offer.id, Order::RunJob { job, run }))
                }
                (CommandKind::RunJob, _, _) => {
                    self.ack(offer.id, AckStatus::Refused, "It names no job or no run.");
                }
            }
        }
        new
    }

    /// Says something of a command with the next heartbeat.
    pub(crate) fn ack(&mut self, command_id: CommandId, status: AckStatus, detail: &str) {
        let detail = detail.chars().take(DETAIL_MAX).collect();
        let ack = Ack { command_id, status, detail };
        if let Some((_, said)) = self.known.iter_mut().find(|(id, _)| *id == command_id) {
            *said = Some(ack.clone());
        }
        self.say(ack);
    }

    fn say(&mut self, ack: Ack) {
        // The newer word about a command takes the place of one that has not been said yet.
        self.unsaid.retain(|a| a.command_id != ack.command_id);
        self.unsaid.push_back(ack);
        if self.unsaid.len() > REMEMBERED {
            self.unsaid.pop_front();
        }
    }

    /// What the next heartbeat carries.
    pub(crate) fn acks(&self) -> Vec<Ack> {
        self.unsaid.iter().cloned().collect()
    }

    /// A heartbeat with these was accepted.
    pub(crate) fn arrived(&mut self, acks: &[Ack]) {
        self.unsaid.retain(|a| !acks.contains(a));
    }

    /// Whether something is left to be said.
    pub(crate) fn is_silent(&self) -> bool {
        self.unsaid.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::command::CommandArgs;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000);

    fn offer(n: u128, kind: CommandKind, args: CommandArgs) -> CommandOffer {
        CommandOffer { id: CommandId(Uuid::from_u128(n)), kind, args, not_after: Timestamp(2_000) }
    }

    fn end_sessions(n: u128) -> CommandOffer {
        offer(n, CommandKind::EndSessions, CommandArgs::default())
    }

    #[test]
    fn an_id_is_executed_once_and_its_last_word_repeated() {
        let mut orders = Orders::default();
        let one = end_sessions(1);
        assert_eq!(orders.take(vec![one.clone(), one.clone()], NOW), [(one.id, Order::EndSessions)]);
        assert!(orders.take(vec![one.clone()], NOW).is_empty() && orders.is_silent(), "nothing to say yet");
        orders.ack(one.id, AckStatus::Accepted, "");
        orders.ack(one.id, AckStatus::Done, "3 ended");
        let acks = orders.acks();
        assert_eq!(acks.len(), 1, "the newer word counts");
        orders.arrived(&acks);
        assert!(orders.is_silent());
        assert!(orders.take(vec![one.clone()], NOW).is_empty());
        assert_eq!(orders.acks(), acks, "offered again: said again");
        orders.ack(one.id, AckStatus::Failed, "x");
        orders.arrived(&acks);
        assert_eq!(orders.acks()[0].status, AckStatus::Failed, "a word that came meanwhile is kept");
    }

    #[test]
    fn what_is_late_or_incomplete_is_refused() {
        let mut orders = Orders::default();
        let mut late = end_sessions(1);
        late.not_after = Timestamp(999);
        let jobless = offer(2, CommandKind::RunJob, CommandArgs::default());
        assert!(orders.take(vec![late, jobless], NOW).is_empty());
        assert!(orders.acks().iter().all(|a| a.status == AckStatus::Refused) && orders.acks().len() == 2);
        let shutdown = offer(3, CommandKind::Shutdown, CommandArgs::default());
        let new = orders.take(vec![shutdown], NOW);
        assert_eq!(new[0].1, Order::Shutdown(ShutdownMode::Graceful), "without a mode it is the gentle one");
        let run = RunId(Uuid::from_u128(9));
        let args = CommandArgs { job: Some("cleanup".into()), run_id: Some(run), mode: None };
        let new = orders.take(vec![offer(4, CommandKind::RunJob, args)], NOW);
        assert_eq!(new[0].1, Order::RunJob { job: "cleanup".into(), run });
    }

    #[test]
    fn sixty_four_are_remembered() {
        let mut orders = Orders::default();
        for n in 0..65 {
            assert_eq!(orders.take(vec![end_sessions(n)], NOW).len(), 1);
        }
        assert!(orders.take(vec![end_sessions(1)], NOW).is_empty());
        assert_eq!(orders.take(vec![end_sessions(0)], NOW).len(), 1, "the sixty-fifth last is forgotten");
        for n in 0..80 {
            orders.ack(CommandId(Uuid::from_u128(n)), AckStatus::Done, &"ü".repeat(600));
        }
        assert_eq!(orders.acks().len(), 64);
        assert!(orders.acks().iter().all(|a| a.detail.chars().count() == 500));
    }
}
