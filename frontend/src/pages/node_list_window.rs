//! Which rows of a long list are in the page, and how far an order that stands still is behind. Pure; tested on the
//! host.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use common::ids::NodeId;

/// So many rows stand ready above and below those in sight.
const SPARE: usize = 8;
/// So many rows are in the page at most, those that are kept out of sight included.
const MOST: usize = 60;
/// So many may be kept out of sight: the one with the focus, and the one whose menu is open.
const KEPT: usize = 2;

/// The place of the list in its scroll box, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Port {
    /// How far it is scrolled.
    pub top: f64,
    /// How much of it is in sight, without the heading.
    pub height: f64,
    /// The height of a row.
    pub row: f64,
}

#[expect(
    clippy::as_conversions,
    reason = "a saturating cast of a number of rows; what is no number becomes 0"
)]
fn whole(rows: f64) -> usize {
    rows as usize
}

#[expect(clippy::as_conversions, reason = "row numbers are far below what a float holds exactly")]
fn float(rows: usize) -> f64 {
    rows as f64
}

/// Pixels of so many rows.
pub fn pixels(rows: usize, row: f64) -> f64 {
    float(rows) * row
}

impl Port {
    /// The rows in sight, of so many.
    pub fn visible(self, total: usize) -> Range<usize> {
        let row = self.row.max(1.0);
        let first = whole((self.top / row).floor()).min(total);
        let end = whole(((self.top + self.height) / row).ceil()).clamp(first, total);
        first..end.min(first + MOST - KEPT - 2 * SPARE)
    }

    /// Where the box has to be scrolled so that a row is in sight; where it stands already, if it is.
    pub fn reveal(self, place: usize) -> f64 {
        let start = pixels(place, self.row);
        self.top.min(start).max(start + self.row - self.height)
    }
}

/// A part of the list in the page: a row, or the room of so many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// So many rows that are not in the page.
    Gap(usize),
    /// The row at this place.
    Row(usize),
}

/// The parts of a list of `total` rows: those in sight with some around them, the kept ones, and the room of the rest.
pub fn pieces(visible: &Range<usize>, total: usize, kept: [Option<usize>; KEPT]) -> Vec<Piece> {
    let around = visible.start.saturating_sub(SPARE)..(visible.end + SPARE).min(total);
    let mut rows: Vec<usize> = around.clone().collect();
    for place in kept.into_iter().flatten().filter(|place| *place < total && !around.contains(place)) {
        if let Err(at) = rows.binary_search(&place) {
            rows.insert(at, place);
        }
    }
    let mut pieces = Vec::with_capacity(rows.len() + 4);
    let mut next = 0;
    for place in rows {
        if place > next {
            pieces.push(Piece::Gap(place - next));
        }
        pieces.push(Piece::Row(place));
        next = place + 1;
    }
    if next < total {
        pieces.push(Piece::Gap(total - next));
    }
    pieces
}

/// How many rows are made or filled in one frame: what a jump needs follows with the next ones, so that none takes long
/// on a slow machine, and a fast one is done in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(usize);

impl Default for Pace {
    fn default() -> Self {
        Self(12)
    }
}

impl Pace {
    /// At least and at most so many.
    const BOUNDS: (usize, usize) = (3, MOST);
    /// A frame of up to so many milliseconds had time to spare; one of more than the second took too long.
    const GOOD: (f64, f64) = (22.0, 40.0);
    /// Less than this is no frame: something else asked for rows within it.
    const SAME_FRAME: f64 = 4.0;

    /// So many now.
    pub fn rows(self) -> usize {
        self.0
    }

    /// A frame with that many took so many milliseconds until the next.
    pub fn took(&mut self, ms: f64) {
        let (good, bad) = Self::GOOD;
        let next = if ms < Self::SAME_FRAME {
            self.0
        } else if ms > bad {
            self.0 / 2
        } else if ms <= good {
            self.0 + 4
        } else {
            self.0
        };
        self.0 = next.clamp(Self::BOUNDS.0, Self::BOUNDS.1);
    }
}

/// How far the rows on the screen are from those that would be there now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drift {
    /// Rows that would stand elsewhere, or not at all.
    pub moved: usize,
    /// Rows that would be there too.
    pub new: usize,
    /// Rows that would not be there.
    pub gone: HashSet<NodeId>,
}

impl Drift {
    /// From what is shown to what is due.
    pub fn between(shown: &[NodeId], due: &[NodeId]) -> Self {
        let places: HashMap<NodeId, usize> = due.iter().enumerate().map(|(n, id)| (*id, n)).collect();
        let stay: Vec<usize> = shown.iter().filter_map(|id| places.get(id).copied()).collect();
        let gone: HashSet<NodeId> = shown.iter().filter(|id| !places.contains_key(id)).copied().collect();
        let moved = stay.len() - in_order(&stay) + gone.len();
        Self { moved, new: due.len().saturating_sub(stay.len()), gone }
    }

    /// Whether nothing differs.
    pub fn is_none(&self) -> bool {
        self.moved == 0 && self.new == 0
    }
}

/// The length of the longest part that ascends: all others have to move.
fn in_order(places: &[usize]) -> usize {
    // The smallest end of an ascending part of each length.
    let mut ends: Vec<usize> = Vec::new();
    for place in places {
        let at = ends.partition_point(|end| end < place);
        match ends.get_mut(at) {
            Some(end) => *end = *place,
            None => ends.push(*place),
        }
    }
    ends.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> NodeId {
        format!("00000000-0000-7000-8000-{n:012}").parse().unwrap()
    }

    fn ids(numbers: &[u128]) -> Vec<NodeId> {
        numbers.iter().map(|n| id(*n)).collect()
    }

    fn rows(pieces: &[Piece]) -> Vec<usize> {
        pieces.iter().filter_map(|p| if let Piece::Row(n) = p { Some(*n) } else { None }).collect()
    }

    #[test]
    fn the_rows_in_sight_and_eight_around_them() {
        let port = Port { top: 4400.0, height: 440.0, row: 44.0 };
        assert_eq!(port.visible(10_000), 100..110);
        let all = pieces(&port.visible(10_000), 10_000, [None, None]);
        assert_eq!((all.first(), all.last()), (Some(&Piece::Gap(92)), Some(&Piece::Gap(9_882))));
        assert_eq!(rows(&all), (92..118).collect::<Vec<_>>());
        // Half a row counts.
        assert_eq!(Port { top: 4401.0, ..port }.visible(10_000), 100..111);
        assert_eq!(Port { top: 0.0, ..port }.visible(3), 0..3);
        assert_eq!(port.visible(3), 3..3);
        assert_eq!(pieces(&(0..0), 0, [None, None]), []);
        assert_eq!(Port::default().visible(10), 0..0);
    }

    #[test]
    fn never_more_than_sixty_rows_and_the_room_adds_up() {
        for (top, height, row) in [(0.0, 100_000.0, 32.0), (3_200.5, 5_000.0, 20.0), (1.0, 700.0, 44.0)] {
            let port = Port { top, height, row };
            let all = pieces(&port.visible(10_000), 10_000, [Some(9_999), Some(0)]);
            assert!(rows(&all).len() <= MOST, "{}", rows(&all).len());
            let room: usize = all.iter().map(|p| if let Piece::Gap(n) = p { *n } else { 1 }).sum();
            assert_eq!(room, 10_000);
        }
    }

    #[test]
    fn a_row_with_the_focus_stays_in_the_page() {
        let all = pieces(&(100..110), 10_000, [Some(5), Some(5)]);
        assert_eq!(all.get(..4), Some(&[Piece::Gap(5), Piece::Row(5), Piece::Gap(86), Piece::Row(92)][..]));
        let all = pieces(&(0..10), 1_000, [Some(500), None]);
        assert_eq!(all.get(18..), Some(&[Piece::Gap(482), Piece::Row(500), Piece::Gap(499)][..]));
        // In sight anyway, or not there any more.
        assert_eq!(rows(&pieces(&(0..3), 3, [Some(1), Some(7)])), [0, 1, 2]);
    }

    #[test]
    fn a_slow_machine_fills_fewer_rows_a_frame() {
        let mut pace = Pace::default();
        let first = pace.rows();
        pace.took(30.0);
        pace.took(1.0);
        assert_eq!(pace.rows(), first);
        pace.took(120.0);
        assert_eq!(pace.rows(), first / 2);
        for _ in 0..9 {
            pace.took(120.0);
        }
        assert_eq!(pace.rows(), 3, "it still comes to an end");
        for _ in 0..99 {
            pace.took(16.0);
        }
        assert_eq!(pace.rows(), MOST);
    }

    #[test]
    fn a_row_is_scrolled_into_sight_and_no_further() {
        let port = Port { top: 440.0, height: 440.0, row: 44.0 };
        assert_eq!(port.reveal(12), 440.0);
        assert_eq!(port.reveal(9), 396.0);
        assert_eq!(port.reveal(20), 484.0);
    }

    #[test]
    fn how_far_an_order_is_behind() {
        let shown = ids(&[1, 2, 3, 4]);
        assert!(Drift::between(&shown, &shown).is_none());
        // One row went from the front to the end: one has to move, not four.
        assert_eq!(Drift::between(&shown, &ids(&[2, 3, 4, 1])).moved, 1);
        let drift = Drift::between(&shown, &ids(&[1, 9, 2, 8, 4]));
        assert_eq!((drift.moved, drift.new), (1, 2));
        assert_eq!(drift.gone, HashSet::from([id(3)]));
        assert_eq!(Drift::between(&[], &shown).new, 4);
        assert_eq!(Drift::between(&shown, &ids(&[4, 3, 2, 1])).moved, 3);
    }
}
