//! A server's own settings held against what is registered.

use super::NodeSettings;
use crate::endpoint::Endpoint;
use crate::ids::{NodeId, RegionId};
use crate::node::NodeKind;

/// What is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Which section the file is to have.
    pub kind: NodeKind,
    /// The id we gave it.
    pub id: NodeId,
    /// The id it had before.
    pub external_id: Option<String>,
    /// Its region.
    pub region_id: Option<RegionId>,
    /// Of the secrets that are accepted: 8 hexadecimal digits each.
    pub fingerprints: Vec<String>,
    /// The address of the control plane.
    pub url: String,
}

/// A setting that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setting {
    /// The section, which says what the server is.
    Kind,
    /// `Id`.
    Id,
    /// `RegionId`.
    Region,
    /// `ApiKey`, by its fingerprint.
    Secret,
    /// `Infrastructure:Url`.
    Url,
}

/// One setting of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Which.
    pub setting: Setting,
    /// Whether it is as registered.
    pub same: bool,
    /// What the file says, never the secret itself; `None` where it says nothing.
    pub found: Option<String>,
    /// What it should say.
    pub expected: String,
}

/// Every setting of a file against what is registered. `fingerprint` is that of the file's secret.
pub fn compare(file: &NodeSettings, fingerprint: &str, expected: &Expected) -> Vec<Compared> {
    let row = |setting, same, found, expected| Compared { setting, same, found, expected };
    let mut rows = vec![row(
        Setting::Kind,
        file.kind == expected.kind,
        Some(super::section(file.kind).to_owned()),
        super::section(expected.kind).to_owned(),
    )];
    if expected.kind != NodeKind::Background {
        let id = expected.id.to_string();
        let same =
            |found: &str| found.eq_ignore_ascii_case(&id) || expected.external_id.as_deref() == Some(found);
        rows.push(row(Setting::Id, file.id.as_deref().is_some_and(same), file.id.clone(), id.clone()));
        rows.push(row(
            Setting::Region,
            file.region_id == expected.region_id,
            file.region_id.as_ref().map(ToString::to_string),
            expected.region_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        ));
    }
    let known = expected.fingerprints.iter().any(|f| f == fingerprint);
    let newest = expected.fingerprints.first().cloned().unwrap_or_default();
    rows.push(row(Setting::Secret, known, Some(fingerprint.to_owned()), newest));
    let same = match (Endpoint::parse(&file.url), Endpoint::parse(&expected.url)) {
        (Ok(a), Ok(b)) => a == b,
        _ => file.url == expected.url,
    };
    rows.push(row(Setting::Url, same, Some(file.url.clone()), expected.url.clone()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn both() -> (NodeSettings, Expected) {
        let id = NodeId(Uuid::from_u128(7));
        let region = Some(RegionId::from("OM-MCT"));
        let file = NodeSettings {
            kind: NodeKind::Proxy,
            url: "http://console:8080".to_owned(),
            id: Some(id.to_string()),
            region_id: region.clone(),
            api_key: "iqn_s".to_owned(),
            max_concurrent_calls: None,
        };
        let fingerprints = vec!["aaaaaaaa".to_owned(), "bbbbbbbb".to_owned()];
        let url = "http://Console:8080/".to_owned();
        (
            file,
            Expected { kind: NodeKind::Proxy, id, external_id: None, region_id: region, fingerprints, url },
        )
    }

    fn differ(file: &NodeSettings, fingerprint: &str, expected: &Expected) -> Vec<Setting> {
        compare(file, fingerprint, expected).into_iter().filter(|c| !c.same).map(|c| c.setting).collect()
    }

    #[test]
    fn what_fits_fits_with_either_secret_and_either_id() {
        let (file, expected) = both();
        for fingerprint in ["aaaaaaaa", "bbbbbbbb"] {
            assert_eq!(differ(&file, fingerprint, &expected), []);
        }
        let old = NodeSettings { id: Some("65f0".to_owned()), ..file };
        let expected = Expected { external_id: Some("65f0".to_owned()), ..expected };
        assert_eq!(differ(&old, "aaaaaaaa", &expected), []);
    }

    #[test]
    fn each_setting_alone() {
        let (file, expected) = both();
        let of = |f: NodeSettings| differ(&f, "aaaaaaaa", &expected);
        assert_eq!(of(NodeSettings { kind: NodeKind::Backend, ..file.clone() }), [Setting::Kind]);
        assert_eq!(of(NodeSettings { id: None, ..file.clone() }), [Setting::Id]);
        assert_eq!(of(NodeSettings { id: Some("x".to_owned()), ..file.clone() }), [Setting::Id]);
        let other = Some(RegionId::from("US-EAST-1"));
        assert_eq!(of(NodeSettings { region_id: other, ..file.clone() }), [Setting::Region]);
        assert_eq!(
            of(NodeSettings { url: "https://console:8080".to_owned(), ..file.clone() }),
            [Setting::Url]
        );
        assert_eq!(differ(&file, "cccccccc", &expected), [Setting::Secret]);
    }

    #[test]
    fn a_background_node_has_neither_id_nor_region_and_no_row_holds_the_secret() {
        let (file, expected) = both();
        let file = NodeSettings { kind: NodeKind::Background, id: None, region_id: None, ..file };
        let expected = Expected { kind: NodeKind::Background, ..expected };
        assert_eq!(differ(&file, "aaaaaaaa", &expected), []);
        assert!(!format!("{:?}", compare(&file, "aaaaaaaa", &expected)).contains("iqn_s"));
    }
}
