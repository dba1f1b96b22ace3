//! What somebody may have meant: the known words that are few letters away from the typed one.

/// More letters than this apart is another word.
const APART: usize = 2;

/// Letters to change, add, leave out or swap with their neighbour, up to [`APART`]; `None` beyond.
fn distance(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > APART {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i.saturating_add(1)];
        for (j, y) in b.iter().enumerate() {
            let at = |cells: &[usize], place: usize| cells.get(place).copied().unwrap_or(usize::MAX);
            let changed = at(&row, j).saturating_add(usize::from(x != y));
            let added = at(&next, j).saturating_add(1);
            let left_out = at(&row, j.saturating_add(1)).saturating_add(1);
            let mut best = changed.min(added).min(left_out);
            let crossed = i.checked_sub(1).zip(j.checked_sub(1));
            if let Some((i0, j0)) = crossed
                && a.get(i0) == Some(y)
                && b.get(j0) == Some(x)
            {
                best = best.min(at(&before, j0).saturating_add(1));
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|n| *n <= APART)
}

/// The known words next to the typed one, the nearest first, at most three. Letter case does not count. A short word
/// is near to few others only.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_ascii_lowercase();
    let most = if typed.chars().count() < 4 { 1 } else { APART };
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|word| distance(&typed, &word.to_ascii_lowercase()).map(|n| (n, word)))
        .filter(|(n, _)| *n <= most)
        .collect();
    found.sort();
    found.into_iter().take(3).map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_missing_and_wrong_letters() {
        assert_eq!(distance("om-mtc", "om-mct"), Some(1));
        assert_eq!(distance("nods", "nodes"), Some(1));
        assert_eq!(distance("dashbaord", "dashboard"), Some(1));
        assert_eq!(distance("help", "nodes"), None);
        assert_eq!(distance("", "ab"), Some(2));
    }

    #[test]
    fn the_nearest_come_first() {
        let known = ["OM-MCT", "OM-SLL", "US-EAST-1", "US-EAST-2"];
        assert_eq!(nearest("om-mtc", known), ["OM-MCT"]);
        assert_eq!(nearest("US-EAST-3", known), ["US-EAST-1", "US-EAST-2"]);
        assert!(nearest("DE-FRA", known).is_empty());
        assert!(nearest("a", ["ab", "abc", "xyz"]).len() == 1);
    }
}
