//! The requests as the SDK builds them.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use common::storage::{PathStyle, PutStorage, StoredSecret};
use parking_lot::Mutex;

use super::*;

/// Writes down where requests go, and sends none.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, String)>>>);

impl HttpConnector for Seen {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let checksum = request.headers().iter().any(|(name, _)| name.starts_with("x-amz-checksum"));
        assert!(!checksum, "no checksums of AWS's kind");
        self.0.lock().push((request.method().to_owned(), request.uri().to_owned()));
        HttpConnectorFuture::ready(Err(ConnectorError::other(OutboundError::NoReply.into(), None)))
    }
}

fn values(endpoint: &str, bucket: &str, path_style: PathStyle) -> StorageValues {
    let put = PutStorage {
        endpoint: endpoint.into(),
        access_key: "iqra-mct".into(),
        secret_key: None,
        ssl: endpoint.starts_with("https"),
        bucket: Some(bucket.into()),
        signing_region: None,
        path_style,
        prefix: Some("calls".into()),
    };
    put.validate(StoredSecret::Kept).unwrap()
}

/// The request of a put, as it would be sent.
async fn put_goes_to(values: StorageValues) -> String {
    let seen = Seen::default();
    let connector = seen.clone();
    let http = http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone()));
    let target = S3Target { values, secret_key: Hidden::new("canary-secret") };
    let client = client(&target, http);
    let put = client.put_object().bucket(&target.values.bucket).key(target.values.key("x"));
    let error = put.body(ByteStream::from_static(b"x")).send().await.unwrap_err();
    assert_eq!(evidence(error), Evidence::Outbound(OutboundError::NoReply));
    let seen = seen.0.lock();
    assert_eq!(seen.len(), 1, "no second try");
    let (method, uri) = seen[0].clone();
    assert_eq!(method, "PUT");
    let uri: hyper::Uri = uri.parse().unwrap();
    assert_eq!(uri.host(), Some(target.values.request_host().as_str()), "the host that is looked up");
    uri.to_string().split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_bucket_goes_where_the_path_style_says() {
    for (endpoint, bucket, style, uri) in [
        ("http://rustfs:9000", "audio", PathStyle::Auto, "http://rustfs:9000/audio/calls/x"),
        ("http://rustfs:9000", "audio", PathStyle::Off, "http://audio.rustfs:9000/calls/x"),
        ("http://10.0.0.5:9000", "audio", PathStyle::Auto, "http://10.0.0.5:9000/audio/calls/x"),
        (
            "https://s3.eu-west-1.amazonaws.com",
            "audio",
            PathStyle::Auto,
            "https://audio.s3.eu-west-1.amazonaws.com/calls/x",
        ),
        (
            "https://s3.cn-north-1.amazonaws.com.cn",
            "audio",
            PathStyle::Auto,
            "https://audio.s3.cn-north-1.amazonaws.com.cn/calls/x",
        ),
        (
            "https://s3.eu-west-1.amazonaws.com",
            "audio",
            PathStyle::On,
            "https://s3.eu-west-1.amazonaws.com/audio/calls/x",
        ),
        (
            "https://s3.eu-west-1.amazonaws.com",
            "iqra.audio",
            PathStyle::Auto,
            "https://s3.eu-west-1.amazonaws.com/iqra.audio/calls/x",
        ),
    ] {
        assert_eq!(put_goes_to(values(endpoint, bucket, style)).await, uri);
    }
}

#[test]
fn a_target_does_not_print_its_secret() {
    let values = values("http://rustfs:9000", "audio", PathStyle::Auto);
    let target = S3Target { values, secret_key: Hidden::new("canary-secret") };
    assert!(!format!("{target:?}").contains("canary"));
}
