//! Figures over time: what `GET …/history` answers, and the metrics there are.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Most points of one series.
pub const POINTS_MAX: u32 = 500;
/// Points of one series where the client names no number.
pub const POINTS: u32 = 300;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Metric {
    /// 0–100 over all cores.
    Cpu,
    /// 0–100.
    Memory,
    /// Received.
    NetworkDown,
    /// Sent.
    NetworkUp,
    /// Phone calls.
    Phone,
    /// Web sessions.
    Web,
    /// Outbound calls being dialled or handled.
    Processing,
    /// Outbound calls claimed and waiting.
    Pending,
    /// Conversation slots in use.
    SlotsUsed,
    /// Conversation slots in all.
    SlotsMax,
    /// Backends confirmed live.
    BackendOnline,
    /// Backends registered and not disabled.
    BackendRegistered,
    /// Backends that take calls.
    BackendAccepting,
    /// Proxies confirmed live.
    ProxyOnline,
    /// Proxies registered and not disabled.
    ProxyRegistered,
    /// Proxies that take calls.
    ProxyAccepting,
    /// How long the database took to answer.
    DatabaseMs,
    /// How late the sweeper ran; of the process that sweeps.
    SweeperLateMs,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Cpu,
        Self::Memory,
        Self::NetworkDown,
        Self::NetworkUp,
        Self::Phone,
        Self::Web,
        Self::Processing,
        Self::Pending,
        Self::SlotsUsed,
        Self::SlotsMax,
        Self::BackendOnline,
        Self::BackendRegistered,
        Self::BackendAccepting,
        Self::ProxyOnline,
        Self::ProxyRegistered,
        Self::ProxyAccepting,
        Self::DatabaseMs,
        Self::SweeperLateMs,
    ];

    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::NetworkDown => "networkDown",
            Self::NetworkUp => "networkUp",
            Self::Phone => "phone",
            Self::Web => "web",
            Self::Processing => "processing",
            Self::Pending => "pending",
            Self::SlotsUsed => "slotsUsed",
            Self::SlotsMax => "slotsMax",
            Self::BackendOnline => "backendOnline",
            Self::BackendRegistered => "backendRegistered",
            Self::BackendAccepting => "backendAccepting",
            Self::ProxyOnline => "proxyOnline",
            Self::ProxyRegistered => "proxyRegistered",
            Self::ProxyAccepting => "proxyAccepting",
            Self::DatabaseMs => "databaseMs",
            Self::SweeperLateMs => "sweeperLateMs",
        }
    }

    /// The inverse of [`Metric::as_str`].
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == s)
    }

    /// What its numbers count.
    pub fn unit(self) -> Unit {
        match self {
            Self::Cpu | Self::Memory => Unit::Percent,
            Self::NetworkDown | Self::NetworkUp => Unit::Mbps,
            Self::DatabaseMs | Self::SweeperLateMs => Unit::Ms,
            _ => Unit::Count,
        }
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// Of 100.
    Percent,
    /// 10⁶ bit/s.
    Mbps,
    /// Milliseconds.
    Ms,
    /// Things.
    Count,
}

/// What was measured from `at` to the next point. Without data all three are `null`, never 0: a line has to break there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// Where its time begins.
    pub at: Timestamp,
    /// Smallest sample.
    pub min: Option<f64>,
    /// Mean of the samples.
    pub avg: Option<f64>,
    /// Largest sample.
    pub max: Option<f64>,
}

/// One metric over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// Which.
    pub metric: Metric,
    /// Of its numbers.
    pub unit: Unit,
    /// How much of the time up to now is covered by samples, 0–1.
    pub coverage: f64,
    /// One for every step, oldest first, at most 500.
    pub points: Vec<Point>,
}

/// `GET …/history`: metrics on one time axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Where the first point begins: what was asked for, rounded down to a whole step.
    pub from: Timestamp,
    /// Where the last point ends.
    pub to: Timestamp,
    /// Time between two points.
    pub step_seconds: u32,
    /// In the order asked for.
    pub series: Vec<Series>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_have_one_name_on_the_wire_and_in_queries() {
        for m in Metric::ALL {
            assert_eq!(serde_json::to_string(&m).unwrap(), format!("\"{}\"", m.as_str()));
            assert_eq!(Metric::parse(m.as_str()), Some(m));
        }
        assert_eq!(Metric::parse("CPU"), None);
    }

    #[test]
    fn a_gap_is_null() {
        let gap = Point { at: Timestamp(0), min: None, avg: None, max: None };
        let text = serde_json::to_string(&gap).unwrap();
        assert_eq!(text, r#"{"at":"1970-01-01T00:00:00.000Z","min":null,"avg":null,"max":null}"#);
    }
}
