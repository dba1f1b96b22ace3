//! What replies, and their absence, are taken for.

use std::net::SocketAddr;

use common::storage::{PathStyle, PutStorage, StoredSecret};

use super::*;
use crate::clients::connector::{Forbidden, Stage, TlsFault};

fn values(endpoint: &str) -> StorageValues {
    let put = PutStorage {
        endpoint: endpoint.into(),
        access_key: "iqra-mct".into(),
        secret_key: None,
        ssl: endpoint.starts_with("https"),
        bucket: Some("audio".into()),
        signing_region: None,
        path_style: PathStyle::Auto,
        prefix: Some("calls".into()),
    };
    put.validate(StoredSecret::Kept).unwrap()
}

fn service(status: u16, code: &str) -> Evidence {
    Evidence::Service { status, code: known(code), region: None }
}

#[test]
fn replies_of_s3() {
    let rustfs = values("http://rustfs:9000");
    for (operation, status, code, means) in [
        ("ListObjectsV2", 403, "InvalidAccessKeyId", "access_key_unknown"),
        ("ListObjectsV2", 403, "NotSignedUp", "access_key_unknown"),
        ("ListObjectsV2", 403, "SignatureDoesNotMatch", "secret_key_wrong"),
        ("ListObjectsV2", 403, "RequestTimeTooSkewed", "clock_skew"),
        ("ListObjectsV2", 401, "", "credentials_refused"),
        ("ListObjectsV2", 400, "AuthorizationHeaderMalformed", "signing_region"),
        ("ListObjectsV2", 301, "PermanentRedirect", "signing_region"),
        // Anything else that listens there: a console, a proxy, a port that wants TLS.
        ("ListObjectsV2", 200, "", "not_s3"),
        ("ListObjectsV2", 403, "", "not_s3"),
        ("ListObjectsV2", 404, "", "not_s3"),
        ("ListObjectsV2", 400, "", "not_s3"),
        ("ListObjectsV2", 502, "", "not_s3"),
        ("ListObjectsV2", 404, "<script>", "not_s3"),
        ("HeadBucket", 404, "", "bucket_missing"),
        ("PutObject", 404, "NoSuchBucket", "bucket_missing"),
        ("CreateBucket", 403, "AccessDenied", "access_denied"),
        ("CreateBucket", 409, "BucketAlreadyExists", "bucket_taken"),
        ("PutObject", 403, "AccessDenied", "access_denied"),
        ("PutObject", 403, "", "access_denied"),
        ("GetObject", 404, "NoSuchKey", "object_missing"),
        ("PutObject", 507, "XMinioStorageFull", "storage_full"),
        ("PutObject", 503, "SlowDown", "storage_busy"),
        ("PutObject", 500, "InternalError", "storage_error"),
        ("PutObject", 400, "InvalidRequest", "storage_refused"),
    ] {
        let failure = verdict(operation, &rustfs, &service(status, code));
        assert_eq!(failure.code, means, "{operation} {status} {code}");
        assert!(!failure.cause.is_empty() && !failure.cure.is_empty(), "{operation} {status} {code}");
        assert!(failure.detail.starts_with(&status.to_string()), "{}", failure.detail);
        assert!(!failure.detail.contains('<'), "a code nobody knows is not repeated");
    }
}

#[test]
fn the_right_that_is_missing_is_named() {
    let failure = verdict("PutObject", &values("http://rustfs:9000"), &service(403, "AccessDenied"));
    assert_eq!(failure.detail, "403 AccessDenied on PutObject");
    assert_eq!(failure.cure, "Allow s3:PutObject on audio/calls/*.");
    let failure = verdict("HeadBucket", &values("http://rustfs:9000"), &service(403, "AccessDenied"));
    assert_eq!(failure.cure, "Allow s3:ListBucket on audio.");
}

#[test]
fn a_region_the_storage_names_is_offered() {
    let aws = values("https://s3.eu-west-1.amazonaws.com");
    let evidence = Evidence::Service { status: 301, code: None, region: region_name("eu-central-1") };
    let failure = verdict("HeadBucket", &aws, &evidence);
    assert_eq!(failure.code, "signing_region");
    assert!(failure.cause.contains("eu-west-1") && failure.cure.contains("eu-central-1"), "{failure:?}");
    assert_eq!(verdict("HeadBucket", &aws, &service(400, "")).code, "signing_region");
    assert_eq!(region_name("<b>x</b>"), None);
}

#[test]
fn no_reply() {
    let at: SocketAddr = "10.0.0.30:9000".parse().unwrap();
    let rustfs = values("http://rustfs:9000");
    for (error, code, word) in [
        (OutboundError::Refused(at), "connection_refused", "10.0.0.30:9000"),
        (OutboundError::UnknownName, "name_unknown", "resolve"),
        (OutboundError::Timeout(Stage::Reply), "reply_timeout", "no answer"),
        (OutboundError::Tls(TlsFault::UnknownAuthority), "tls_unknown_authority", "unknown authority"),
        (
            OutboundError::Forbidden { address: at.ip(), why: Forbidden::Metadata },
            "address_forbidden",
            "metadata",
        ),
    ] {
        let failure = verdict("", &rustfs, &Evidence::Outbound(error));
        assert_eq!(failure.code, code);
        assert!(failure.cause.contains(word) && failure.cause.ends_with('.'), "{}", failure.cause);
        assert!(!failure.cure.is_empty());
    }
    let aws = values("https://s3.eu-west-1.amazonaws.com");
    let failure = verdict("", &aws, &Evidence::Outbound(OutboundError::UnknownName));
    assert!(failure.cure.contains("path style"), "the name may be wrong for the bucket in front of it");
}
