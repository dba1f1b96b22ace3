//! The values of the storage form: what is typed, what it comes to, and what has changed. Pure; tested on the host.

use common::problem::FieldError;
use common::storage::{
    DEFAULT_SIGNING_REGION, PathStyle, PutStorage, StorageSettings, StorageValues, StoredSecret, TestStorage,
    aws_region,
};

use super::conflict::Clash;
use crate::components::words;

/// What stands in the form.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Endpoint URL.
    pub endpoint: String,
    /// Whether to speak HTTPS.
    pub ssl: bool,
    /// Id of the key.
    pub access_key: String,
    /// A new secret key; `None` keeps the one that is stored.
    pub secret: Option<String>,
    /// Empty: `iqra`.
    pub bucket: String,
    /// Empty: told by the address.
    pub signing_region: String,
    /// Where requests carry the bucket.
    pub path_style: PathStyle,
    /// Empty: none.
    pub prefix: String,
}

/// Trimmed, and `None` for nothing.
fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

/// The region requests are signed for where nobody names one.
fn told(url: &str) -> &str {
    let host = url.split("://").nth(1).unwrap_or(url).split([':', '/']).next().unwrap_or_default();
    aws_region(host).unwrap_or(DEFAULT_SIGNING_REGION)
}

impl Typed {
    /// Of settings that are stored.
    pub fn of(settings: &StorageSettings) -> Self {
        // What the address tells anyway stays empty, so that it follows another address.
        let own = settings.signing_region != told(&settings.endpoint);
        Self {
            endpoint: settings.endpoint.clone(),
            ssl: settings.ssl,
            access_key: settings.access_key.clone(),
            secret: None,
            bucket: settings.bucket.clone(),
            signing_region: if own { settings.signing_region.clone() } else { String::new() },
            path_style: settings.path_style,
            prefix: settings.prefix.clone(),
        }
    }

    /// As it is saved.
    pub fn put(&self) -> PutStorage {
        PutStorage {
            endpoint: self.endpoint.trim().to_owned(),
            access_key: self.access_key.trim().to_owned(),
            secret_key: self.secret.clone(),
            ssl: self.ssl,
            bucket: given(&self.bucket),
            signing_region: given(&self.signing_region),
            path_style: self.path_style,
            prefix: given(&self.prefix),
        }
    }

    /// As it is tested.
    pub fn test(&self, create_bucket: bool) -> TestStorage {
        let put = self.put();
        TestStorage {
            endpoint: put.endpoint,
            access_key: put.access_key,
            secret_key: put.secret_key,
            ssl: put.ssl,
            bucket: put.bucket,
            signing_region: put.signing_region,
            path_style: put.path_style,
            prefix: put.prefix,
            create_bucket,
        }
    }

    /// What the address and the bucket come to, whatever else is still missing.
    pub fn address(&self) -> Result<StorageValues, Vec<FieldError>> {
        let probe = PutStorage {
            access_key: "any-key".to_owned(),
            secret_key: None,
            signing_region: None,
            prefix: None,
            ..self.put()
        };
        let bare = PutStorage { bucket: None, ..probe.clone() };
        // A bucket that is not right yet says nothing against the address.
        probe.validate(StoredSecret::Kept).or_else(|_| bare.validate(StoredSecret::Kept))
    }

    /// The address says one thing and the switch another: what the switch should be.
    pub fn contradiction(&self) -> Option<bool> {
        let errors = self.address().err()?;
        errors.iter().any(|e| e.code == "ssl_contradiction").then_some(!self.ssl)
    }

    /// Where both have changed the same settings: theirs beside ours, as the form calls them.
    pub fn clashes(&self, theirs: &Self) -> Vec<Clash> {
        let w = &words().storage;
        let ssl = |on: bool| if on { "https" } else { "http" }.to_owned();
        let style = |s: PathStyle| path_style_text(s).to_owned();
        let both = [
            (w.endpoint, theirs.endpoint.clone(), self.endpoint.clone()),
            (w.ssl, ssl(theirs.ssl), ssl(self.ssl)),
            (w.access_key, theirs.access_key.clone(), self.access_key.clone()),
            (w.bucket, theirs.bucket.clone(), self.bucket.clone()),
            (w.signing_region, theirs.signing_region.clone(), self.signing_region.clone()),
            (w.path_style, style(theirs.path_style), style(self.path_style)),
            (w.prefix, theirs.prefix.clone(), self.prefix.clone()),
        ];
        let mut found: Vec<Clash> = both
            .into_iter()
            .filter(|(_, theirs, yours)| theirs != yours)
            .map(|(field, theirs, yours)| Clash { field, theirs, yours })
            .collect();
        if self.secret.is_some() {
            let c = &words().conflict;
            found.push(Clash {
                field: w.secret,
                theirs: c.secret_theirs.to_owned(),
                yours: c.secret_yours.to_owned(),
            });
        }
        found
    }
}

/// A choice in words.
pub fn path_style_text(style: PathStyle) -> &'static str {
    let w = &words().storage;
    match style {
        PathStyle::Auto => w.path_auto,
        PathStyle::On => w.path_on,
        PathStyle::Off => w.path_off,
    }
}

/// The value of a choice in the form.
pub fn path_style_key(style: PathStyle) -> &'static str {
    match style {
        PathStyle::Auto => "auto",
        PathStyle::On => "on",
        PathStyle::Off => "off",
    }
}

#[cfg(test)]
mod tests {
    use common::storage::StorageSecret;
    use common::time::Timestamp;

    use super::*;

    fn settings(endpoint: &str, signing_region: &str) -> StorageSettings {
        StorageSettings {
            endpoint: endpoint.into(),
            access_key: "iqra-mct".into(),
            secret: StorageSecret { set: true, fingerprint: None, updated_at: None },
            ssl: endpoint.starts_with("https"),
            bucket: "iqra".into(),
            signing_region: signing_region.into(),
            path_style: PathStyle::Auto,
            prefix: String::new(),
            version: 1,
            updated_at: Timestamp(0),
            updated_by: "huda@localhost".into(),
        }
    }

    #[test]
    fn what_the_address_tells_stays_empty() {
        for (endpoint, region, shown) in [
            ("http://rustfs:9000", "us-east-1", ""),
            ("http://rustfs:9000", "eu-west-1", "eu-west-1"),
            ("https://s3.eu-west-1.amazonaws.com", "eu-west-1", ""),
            ("https://s3.eu-west-1.amazonaws.com", "us-east-1", "us-east-1"),
        ] {
            assert_eq!(Typed::of(&settings(endpoint, region)).signing_region, shown, "{endpoint} {region}");
        }
    }

    #[test]
    fn a_form_that_is_filled_and_not_touched_is_as_stored() {
        let stored = settings("http://rustfs:9000", "us-east-1");
        let typed = Typed::of(&stored);
        let values = typed.put().validate(StoredSecret::Kept).unwrap();
        assert_eq!((values.url(), values.signing_region), (stored.endpoint, stored.signing_region));
        assert!(typed.clashes(&typed.clone()).is_empty());
    }

    #[test]
    fn a_contradiction_says_what_the_switch_should_be() {
        let typed = |endpoint: &str, ssl| Typed { endpoint: endpoint.into(), ssl, ..Typed::default() };
        assert_eq!(typed("https://s3.example", false).contradiction(), Some(true));
        assert_eq!(typed("http://s3.example:9000", true).contradiction(), Some(false));
        for (endpoint, ssl) in
            [("s3.example", true), ("s3.example", false), ("https://s3.example", true), ("", false)]
        {
            assert_eq!(typed(endpoint, ssl).contradiction(), None, "{endpoint} {ssl}");
        }
    }

    #[test]
    fn an_address_is_understood_while_the_bucket_is_not() {
        let typed = Typed { endpoint: "rustfs:9000".into(), bucket: "A".into(), ..Typed::default() };
        assert_eq!(typed.address().unwrap().bucket_url(), "http://rustfs:9000/iqra");
    }

    #[test]
    fn clashes_are_what_differs_and_the_secret_without_its_text() {
        let theirs = Typed::of(&settings("http://rustfs:9000", "us-east-1"));
        let mine = Typed { bucket: "mine".into(), secret: Some("canary-secret".into()), ..theirs.clone() };
        let found = mine.clashes(&theirs);
        let fields: Vec<&str> = found.iter().map(|c| c.field).collect();
        assert_eq!(fields, [words().storage.bucket, words().storage.secret]);
        assert!(found.iter().all(|c| !c.yours.contains("canary") && !c.theirs.contains("canary")));
    }
}
