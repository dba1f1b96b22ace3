//! What is said of a token at a moment. Pure.

use common::time::Timestamp;
use common::tokens::{Token, TokenState, WARN_DAYS};

/// A day, in milliseconds.
pub const DAY_MS: u64 = 86_400_000;

/// What is said of a token's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// There is none.
    Never,
    /// So many milliseconds from now.
    In(u64),
    /// The same, and somebody has to see to it.
    Soon(u64),
    /// It was so long ago.
    Over(u64),
}

/// The end of a token as seen now.
pub fn end(token: &Token, now: Timestamp) -> End {
    let Some(at) = token.expires_at else { return End::Never };
    let left = at.since(now);
    let first = WARN_DAYS.into_iter().max().unwrap_or_default();
    if at <= now {
        End::Over(now.since(at))
    } else if token.state == TokenState::Active && left <= u64::from(first).saturating_mul(DAY_MS) {
        End::Soon(left)
    } else {
        End::In(left)
    }
}

/// Whether scripts have used a token within a day, so that its end is felt at once.
pub fn is_in_use(token: &Token, now: Timestamp) -> bool {
    token.last_used_at.is_some_and(|at| now.since(at) < DAY_MS)
}

/// The networks of a text with one per line.
pub fn networks(text: &str) -> Vec<String> {
    text.split(['\n', ',', ' ']).map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

/// The line for a shell that uses a token.
pub fn line(origin: &str, token: &str) -> String {
    format!("curl -s -H 'Authorization: Bearer {token}' '{origin}/api/v1/overview'")
}

#[cfg(test)]
mod tests {
    use common::tokens::TokenScope;

    use super::*;

    fn token(expires_at: Option<u64>) -> Token {
        let at = |ms: u64| Timestamp(i64::try_from(ms).unwrap());
        Token {
            id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            name: "ci".into(),
            scope: TokenScope::Read,
            region_scope: None,
            networks: vec![],
            created_by: "a@b".into(),
            created_at: Timestamp(0),
            expires_at: expires_at.map(at),
            last_used_at: None,
            last_used_from: None,
            state: TokenState::Active,
            revoked_at: None,
            revoked_by: None,
            version: 1,
        }
    }

    #[test]
    fn the_end_is_warned_of() {
        let now = Timestamp(1_000);
        assert_eq!(end(&token(None), now), End::Never);
        assert_eq!(end(&token(Some(500)), now), End::Over(500));
        assert_eq!(end(&token(Some(1_000 + 14 * DAY_MS)), now), End::Soon(14 * DAY_MS));
        assert_eq!(end(&token(Some(1_001 + 14 * DAY_MS)), now), End::In(14 * DAY_MS + 1));
        let revoked = Token { state: TokenState::Revoked, ..token(Some(1_000 + DAY_MS)) };
        assert_eq!(end(&revoked, now), End::In(DAY_MS));
    }

    #[test]
    fn use_within_a_day() {
        let used = |ms| Token { last_used_at: Some(Timestamp(ms)), ..token(None) };
        let now = Timestamp(i64::try_from(DAY_MS).unwrap());
        assert!(is_in_use(&used(1), now) && !is_in_use(&used(0), now) && !is_in_use(&token(None), now));
    }

    #[test]
    fn one_network_per_line() {
        assert_eq!(networks(" 10.2.0.0/16 \n\n10.9.0.7,::1"), ["10.2.0.0/16", "10.9.0.7", "::1"]);
        assert!(line("https://c", "ey.x").starts_with("curl -s -H 'Authorization: Bearer ey.x' 'https://c/"));
    }
}
