//! What a running job prints: kept until it has been reported, and never more of it than the control plane keeps.

use std::sync::Arc;

use common::job::{OUTPUT_CALL_MAX, OUTPUT_KEPT};
use parking_lot::Mutex;

/// So much goes into one report: written as JSON it may take twice as many bytes.
const CALL_MAX: usize = OUTPUT_CALL_MAX / 2;

/// The part that was not reported yet. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Output(Arc<Mutex<String>>);

impl Output {
    /// Prints a line.
    pub(crate) fn line(&self, text: &str) {
        let mut kept = self.0.lock();
        kept.push_str(text);
        kept.push('\n');
        trim(&mut kept);
    }

    /// Takes out the beginning, as much as one report can carry; `None` where there is nothing.
    pub(crate) fn take(&self) -> Option<String> {
        let mut kept = self.0.lock();
        let cut = boundary(&kept, CALL_MAX);
        let rest = kept.split_off(cut);
        let part = std::mem::replace(&mut *kept, rest);
        (!part.is_empty()).then_some(part)
    }

    /// Puts back what could not be reported.
    pub(crate) fn put_back(&self, part: Option<String>) {
        if let Some(mut part) = part {
            let mut kept = self.0.lock();
            part.push_str(&kept);
            trim(&mut part);
            *kept = part;
        }
    }

    /// Whether everything was reported.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

/// The end counts: what would not be kept there need not be sent.
fn trim(text: &mut String) {
    if text.len() > OUTPUT_KEPT {
        let from = text.len() - OUTPUT_KEPT;
        let from = (from..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        text.drain(..from);
    }
}

/// The last place at or before `max` between two characters.
fn boundary(text: &str, max: usize) -> usize {
    (0..=max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_parts_in_order_and_bounded() {
        let out = Output::default();
        assert_eq!(out.take(), None);
        for n in 0..3000 {
            out.line(&format!("{n} ä"));
        }
        let first = out.take().unwrap();
        assert!(first.len() <= CALL_MAX && first.starts_with("0 ä\n1 ä\n"), "{}", first.len());
        out.put_back(Some(first.clone()));
        let mut all = String::new();
        while let Some(part) = out.take() {
            assert!(part.len() <= CALL_MAX);
            all.push_str(&part);
        }
        assert!(out.is_empty() && all.starts_with(&first) && all.ends_with("2999 ä\n"));
        assert_eq!(all.lines().count(), 3000);
        for _ in 0..30_000 {
            out.line("ä line");
        }
        out.put_back(Some(first));
        let mut kept = String::new();
        while let Some(part) = out.take() {
            kept.push_str(&part);
        }
        assert!(kept.len() <= OUTPUT_KEPT && kept.len() > OUTPUT_KEPT - 4 && kept.ends_with("ä line\n"));
    }
}
