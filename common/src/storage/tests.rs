//! The rules of storage settings, and what is never printed.

use super::*;
use crate::ids::RegionId;

fn put(endpoint: &str, ssl: bool) -> PutStorage {
    PutStorage {
        endpoint: endpoint.into(),
        access_key: "iqra-mct".into(),
        secret_key: Some("canary-secret".into()),
        ssl,
        bucket: None,
        signing_region: None,
        path_style: PathStyle::Auto,
        prefix: None,
    }
}

fn codes(put: &PutStorage) -> Vec<(String, String)> {
    let errors = put.validate(StoredSecret::Missing).expect_err("refused");
    errors.into_iter().map(|e| (e.pointer, e.code)).collect()
}

fn one(put: &PutStorage) -> (String, String) {
    let mut all = codes(put);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn addresses_with_and_without_a_scheme() {
    for (typed, ssl, url) in [
        ("rustfs:9000", false, "http://rustfs:9000"),
        ("rustfs:9000", true, "https://rustfs:9000"),
        (" http://RustFS:9000/ ", false, "http://rustfs:9000"),
        ("rustfs", false, "http://rustfs"),
        ("rustfs", true, "https://rustfs"),
        ("https://s3.eu-west-1.amazonaws.com:443", true, "https://s3.eu-west-1.amazonaws.com"),
        ("[2001:db8::30]:9000", false, "http://[2001:db8::30]:9000"),
    ] {
        assert_eq!(put(typed, ssl).validate(StoredSecret::Missing).unwrap().url(), url, "{typed}");
    }
}

#[test]
fn the_switch_and_the_scheme_must_agree() {
    for (typed, ssl, offer) in
        [("https://rustfs:9000", false, "Turn SSL on"), ("http://rustfs:9000", true, "Turn SSL off")]
    {
        let errors = put(typed, ssl).validate(StoredSecret::Missing).unwrap_err();
        assert_eq!((errors[0].pointer.as_str(), errors[0].code.as_str()), ("/ssl", "ssl_contradiction"));
        assert!(errors[0].detail.contains(offer), "{}", errors[0].detail);
    }
}

#[test]
fn addresses_that_are_refused() {
    for (typed, code) in [
        ("", "required"),
        ("ftp://rustfs", "endpoint_scheme"),
        ("http://user:pass@rustfs", "endpoint_userinfo"),
        ("http://rustfs?x=1", "endpoint_query"),
        ("http://rustfs#x", "endpoint_query"),
        ("http://rustfs:0", "endpoint_port"),
        ("http://rustfs/recordings", "endpoint_path"),
        ("http://10.0.0.500:9000", "endpoint_host"),
        ("http://recordings.s3.eu-west-1.amazonaws.com", "endpoint_bucket"),
    ] {
        assert_eq!(one(&put(typed, false)), ("/endpoint".into(), code.into()), "{typed}");
    }
}

#[test]
fn every_error_at_once() {
    let bad = PutStorage {
        endpoint: "https://rustfs/x".into(),
        access_key: "a b".into(),
        secret_key: Some("short".into()),
        ssl: false,
        bucket: Some("Recordings".into()),
        signing_region: Some("eu west".into()),
        path_style: PathStyle::Auto,
        prefix: Some("a//b".into()),
    };
    let pointers: Vec<String> = codes(&bad).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(
        pointers,
        ["/ssl", "/endpoint", "/accessKey", "/secretKey", "/bucket", "/signingRegion", "/prefix"]
    );
}

#[test]
fn bucket_names() {
    for good in ["iqra", "iqra.business.tts.audio.cache", "123", "iqra-mct"] {
        let mut form = put("rustfs", false);
        form.bucket = Some(good.into());
        assert_eq!(form.validate(StoredSecret::Missing).unwrap().bucket, good);
    }
    for (bad, code) in [
        ("ab", "bucket_length"),
        (&"x".repeat(64), "bucket_length"),
        ("Iqra", "bucket_characters"),
        ("iq_ra", "bucket_characters"),
        ("-iqra", "bucket_characters"),
        ("iqra-", "bucket_characters"),
        ("iqra.", "bucket_characters"),
        ("iq..ra", "bucket_characters"),
        ("10.0.0.5", "bucket_address"),
        ("xn--iqra", "bucket_reserved"),
        ("iqra-s3alias", "bucket_reserved"),
    ] {
        let mut form = put("rustfs", false);
        form.bucket = Some(bad.into());
        assert_eq!(one(&form), ("/bucket".into(), code.into()), "{bad}");
    }
}

#[test]
fn prefixes_and_keys() {
    let mut form = put("rustfs", false);
    form.prefix = Some("/audio/calls/".into());
    let values = form.validate(StoredSecret::Missing).unwrap();
    assert_eq!((values.prefix.as_str(), values.key("x").as_str()), ("audio/calls", "audio/calls/x"));
    for bad in ["a/../b", "./a", "a//b", "a b", "ä"] {
        form.prefix = Some(bad.into());
        assert_eq!(one(&form).0, "/prefix", "{bad}");
    }
    let mut form = put("rustfs", false);
    for (key, code) in [("", "required"), ("ab", "too_short"), ("a/bc", "access_key_characters")] {
        form.access_key = key.into();
        assert_eq!(one(&form), ("/accessKey".into(), code.into()), "{key}");
    }
}

#[test]
fn a_stored_secret_may_be_left_out() {
    let mut form = put("rustfs", false);
    form.secret_key = None;
    assert!(form.validate(StoredSecret::Kept).is_ok());
    assert_eq!(one(&form), ("/secretKey".into(), "required".into()));
    form.secret_key = Some(String::new());
    assert_eq!(one(&form), ("/secretKey".into(), "required".into()));
}

#[test]
fn path_style_by_host() {
    for (host, on) in [
        ("rustfs", true),
        ("10.0.0.5", true),
        ("s3.amazonaws.com", false),
        ("s3.eu-west-1.amazonaws.com", false),
        ("s3.cn-north-1.amazonaws.com.cn", false),
        ("notamazonaws.com", true),
        ("amazonaws.com.example", true),
    ] {
        assert_eq!(path_style(PathStyle::Auto, host, "iqra"), on, "{host}");
        assert!(path_style(PathStyle::On, host, "iqra") && !path_style(PathStyle::Off, host, "iqra"));
    }
    assert!(path_style(PathStyle::Auto, "s3.amazonaws.com", "iqra.audio"), "no certificate fits a.b.s3…");
    for (host, bucket, code) in
        [("10.0.0.5", "iqra", "path_style_ip"), ("rustfs", "iqra.audio", "path_style_bucket")]
    {
        let mut form = put(host, false);
        form.bucket = Some(bucket.into());
        form.path_style = PathStyle::Off;
        assert_eq!(one(&form), ("/pathStyle".into(), code.into()));
    }
}

#[test]
fn the_signing_region_follows_the_address() {
    for (host, region) in [
        ("s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3-eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3.dualstack.ap-south-1.amazonaws.com", "ap-south-1"),
        ("s3-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com", "eu-west-1"),
        ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("s3.amazonaws.com", "us-east-1"),
        ("rustfs", "us-east-1"),
    ] {
        assert_eq!(put(host, true).validate(StoredSecret::Missing).unwrap().signing_region, region, "{host}");
    }
}

#[test]
fn what_a_node_is_given_reads_back_as_it_was() {
    for host in ["http://rustfs:9000", "s3.eu-west-1.amazonaws.com", "10.0.0.5:9000"] {
        let mut form = put(host, false);
        form.prefix = Some("audio".into());
        let values = form.validate(StoredSecret::Missing).unwrap();
        let node = NodeStorage::new(RegionId("OM-MCT".into()), &values, "canary-secret".into());
        let back = node.values().unwrap();
        assert_eq!(back.url(), values.url());
        assert_eq!(back.uses_path_style(), values.uses_path_style());
        assert_eq!(back.request_host(), values.request_host());
        assert_eq!(back.key("x"), values.key("x"));
    }
}

#[test]
fn secrets_are_not_printed() {
    let form = put("rustfs", false);
    let test: TestStorage = serde_json::from_value(serde_json::json!({
        "endpoint": "rustfs", "accessKey": "iqra", "secretKey": "canary-secret", "ssl": false
    }))
    .unwrap();
    let values = form.validate(StoredSecret::Missing).unwrap();
    let node = NodeStorage::new(RegionId("OM-MCT".into()), &values, "canary-secret".into());
    let all = format!("{form:?} {test:?} {:?} {node:?} {values:?}", test.values());
    assert!(!all.contains("canary") && all.contains("(hidden)"), "{all}");
    assert!(
        serde_json::from_str::<PutStorage>(r#"{"endpoint":"x","accessKey":"y","ssl":false,"z":1}"#).is_err()
    );
}

#[test]
fn health_keeps_the_beginning_of_a_state() {
    let check = |at, ok| StorageCheck {
        ok,
        checked_at: Timestamp(at),
        duration_ms: 5,
        put_ms: None,
        step: (!ok).then_some(StorageStepKind::Put),
        code: None,
        detail: None,
    };
    let health = StorageHealth::unknown(StorageFrom::Server).after(&check(10, true)).after(&check(20, true));
    assert_eq!((health.state, health.since), (StorageState::Healthy, Some(Timestamp(10))));
    let failing = health.after(&check(30, false)).after(&check(40, false));
    assert_eq!(
        (failing.state, failing.since, failing.step),
        (StorageState::Failing, Some(Timestamp(30)), Some(StorageStepKind::Put))
    );
    assert_eq!(failing.after(&check(35, true)), failing, "an older check changes nothing");
}
