//! S3 storage: the staged connection test that operators start, and the short check that runs by itself.

mod run;
mod session;
mod verdict;

use std::error::Error;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use common::endpoint::Endpoint;
use common::problem::FieldError;
use common::storage::{
    DEFAULT_SIGNING_REGION, NodeStorage, StorageCheck, StorageStep, StorageStepKind, StorageTestReply,
    StorageValues, is_aws_host,
};
use uuid::Uuid;

use self::run::Run;
use self::session::Session;
use self::verdict::{Evidence, Failure, known, operation, region_name, verdict};
use crate::clients::connector::{Connector, OutboundError};
use crate::config::Hidden;

/// How long a whole test may take.
const TEST_DEADLINE: Duration = Duration::from_secs(20);
/// How long a whole check may take.
const CHECK_DEADLINE: Duration = Duration::from_secs(10);
/// What the test object holds.
const CONTENT: &[u8] = b"Written by a storage test of Iqra Infrastructure; safe to delete.\n";

/// A storage and the key to it.
#[derive(Debug, Clone)]
pub struct S3Target {
    /// The settings.
    pub values: StorageValues,
    /// The secret key.
    pub secret_key: Hidden,
}

impl S3Target {
    /// What a node was given.
    ///
    /// # Errors
    /// All field errors at once, where it is something no client can use.
    pub fn of_node(storage: &NodeStorage) -> Result<Self, Vec<FieldError>> {
        Ok(Self { values: storage.values()?, secret_key: Hidden::new(storage.secret_key.clone()) })
    }
}

/// What to do when the bucket does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingBucket {
    /// That fails the test.
    Fails,
    /// Create it.
    IsCreated,
}

/// Tries everything that a region's servers do with its storage, step by step; the first failure ends the test and says
/// cause and cure. `on_step` sees every step as soon as it ended. Takes at most 20 s.
pub async fn test(
    connector: &Connector,
    target: &S3Target,
    missing: MissingBucket,
    on_step: &mut (dyn FnMut(&StorageStep) + Send),
) -> StorageTestReply {
    let mut run = Run::new(connector.clock().clone(), target.values.clone(), on_step);
    let limit =
        tokio::time::timeout(TEST_DEADLINE, Box::pin(all_steps(connector, target, missing, &mut run)));
    if limit.await.is_err() {
        run.time_is_up();
    }
    run.finish()
}

/// Looks whether the storage can be used: one small object written, read and deleted. Takes at most 10 s.
pub async fn check(connector: &Connector, target: &S3Target) -> StorageCheck {
    let mut unseen = |_: &StorageStep| {};
    let mut run = Run::new(connector.clock().clone(), target.values.clone(), &mut unseen);
    let limit = tokio::time::timeout(CHECK_DEADLINE, Box::pin(short_steps(connector, target, &mut run)));
    if limit.await.is_err() {
        run.time_is_up();
    }
    run.finish().check()
}

async fn all_steps(
    connector: &Connector,
    target: &S3Target,
    missing: MissingBucket,
    run: &mut Run<'_>,
) -> Option<()> {
    let session = reach(connector, target, run).await?;
    let client = client(target, session.http_client());
    credentials(&client, &session, target, run).await?;
    bucket(&client, target, missing, run).await?;
    object(&client, target, run).await
}

async fn short_steps(connector: &Connector, target: &S3Target, run: &mut Run<'_>) -> Option<()> {
    let session = reach(connector, target, run).await?;
    let client = client(target, session.http_client());
    bucket(&client, target, MissingBucket::Fails, run).await?;
    object(&client, target, run).await
}

/// Address, DNS, TCP, TLS.
async fn reach(connector: &Connector, target: &S3Target, run: &mut Run<'_>) -> Option<Session> {
    let values = &target.values;
    let outbound = |error: OutboundError| verdict("", values, &Evidence::Outbound(error));
    let endpoint = Endpoint { host: values.request_host(), ..values.endpoint.clone() };
    run.begin(StorageStepKind::Address);
    let address = Connector::well_formed(&endpoint).map_err(outbound);
    let style = if values.uses_path_style() { "bucket in the path" } else { "bucket in the host name" };
    run.end(address, |_| format!("{}, {style}", values.url()))?;

    run.begin(StorageStepKind::Dns);
    let route = connector.resolve(&endpoint).await.map_err(outbound);
    let mut route = run.end(route, |route| {
        let addresses: Vec<String> = route.addresses().iter().map(ToString::to_string).collect();
        let addresses = addresses.join(", ");
        if addresses == endpoint.host { addresses } else { format!("{} → {addresses}", endpoint.host) }
    })?;

    run.begin(StorageStepKind::Tcp);
    let opened = connector.connect(&mut route).await.map_err(outbound);
    let (stream, _) = run.end(opened, |(_, address)| address.to_string())?;

    run.begin(StorageStepKind::Tls);
    let secured = connector.secure(&route, stream).await.map_err(outbound);
    let link = if values.ssl() {
        run.end(secured, |(_, version)| format!("{}, certificate valid", version.unwrap_or("TLS")))?.0
    } else {
        run.not_used(secured)?.0
    };
    Some(Session::new(connector.clone(), route, endpoint.host, link))
}

/// A list of one object: refused for wrong keys, and for a missing right or bucket in ways that tell the keys are right.
async fn credentials(client: &Client, session: &Session, target: &S3Target, run: &mut Run<'_>) -> Option<()> {
    let values = &target.values;
    run.begin(StorageStepKind::Credentials);
    let listed =
        client.list_objects_v2().bucket(&values.bucket).prefix(values.key("")).max_keys(1).send().await;
    let outcome = match listed.map_err(evidence) {
        Ok(_) => Ok(()),
        Err(Evidence::Service { code: Some("AccessDenied" | "NoSuchBucket"), .. }) => Ok(()),
        Err(found) => Err(verdict(operation(StorageStepKind::Credentials), values, &found)),
    };
    run.end(outcome, |()| match session.clock_offset_seconds() {
        Some(offset) if offset.abs() > 2 => {
            format!("access key {}, clock offset {offset} s", values.access_key)
        }
        Some(_) => format!("access key {}, clocks agree", values.access_key),
        None => format!("access key {}", values.access_key),
    })
}

async fn bucket(client: &Client, target: &S3Target, missing: MissingBucket, run: &mut Run<'_>) -> Option<()> {
    let values = &target.values;
    run.begin(StorageStepKind::Bucket);
    let head = client.head_bucket().bucket(&values.bucket).send().await.map_err(evidence);
    let outcome = match head {
        Ok(_) => Ok(format!("{} exists", values.bucket)),
        Err(Evidence::Service { status: 404, .. }) if missing == MissingBucket::IsCreated => {
            create_bucket(client, values).await
        }
        // HEAD has no body and so no code. Keys that may use a bucket without looking at it are common; whether these
        // are right shows in the steps that follow.
        Err(Evidence::Service { status: 403, .. }) => Ok(format!(
            "{}: the key may not look at it; the next steps show whether it may be used",
            values.bucket
        )),
        Err(found) => Err(verdict(operation(StorageStepKind::Bucket), values, &found)),
    };
    run.end(outcome, String::clone).map(|_| ())
}

async fn create_bucket(client: &Client, values: &StorageValues) -> Result<String, Failure> {
    // AWS wants the place named everywhere but in its oldest region, and refuses it there; others know no places.
    let place = (is_aws_host(&values.endpoint.host) && values.signing_region != DEFAULT_SIGNING_REGION)
        .then(|| BucketLocationConstraint::from(values.signing_region.as_str()))
        .map(|place| CreateBucketConfiguration::builder().location_constraint(place).build());
    let created =
        client.create_bucket().bucket(&values.bucket).set_create_bucket_configuration(place).send().await;
    match created.map_err(evidence) {
        Ok(_) => Ok(format!("{} created", values.bucket)),
        Err(Evidence::Service { code: Some("BucketAlreadyOwnedByYou"), .. }) => {
            Ok(format!("{} exists", values.bucket))
        }
        Err(found) => Err(verdict("CreateBucket", values, &found)),
    }
}

/// Put, get and delete of one small object.
async fn object(client: &Client, target: &S3Target, run: &mut Run<'_>) -> Option<()> {
    let values = &target.values;
    let key = values.key(&format!(".iqra-storage-test/{}", Uuid::new_v4()));
    run.begin(StorageStepKind::Put);
    let put =
        client.put_object().bucket(&values.bucket).key(&key).body(ByteStream::from_static(CONTENT)).send();
    let put = put.await.map_err(|e| verdict("PutObject", values, &evidence(e)));
    run.end(put, |_| format!("{}/{key}, {} bytes", values.bucket, CONTENT.len()))?;

    run.begin(StorageStepKind::Get);
    let read = read(client, values, &key).await.map_err(|found| verdict("GetObject", values, &found));
    let read = run.end(read, |()| format!("{} bytes, unchanged", CONTENT.len()));
    if read.is_none() {
        // Nothing is left behind; what this deletion says is no step of the test.
        let _ = client.delete_object().bucket(&values.bucket).key(&key).send().await;
    }
    read?;

    run.begin(StorageStepKind::Delete);
    let deleted = client.delete_object().bucket(&values.bucket).key(&key).send().await;
    let deleted = deleted.map_err(|e| verdict("DeleteObject", values, &evidence(e)));
    run.end(deleted, |_| "deleted".to_owned()).map(|_| ())
}

async fn read(client: &Client, values: &StorageValues, key: &str) -> Result<(), Evidence> {
    let reply = client.get_object().bucket(&values.bucket).key(key).send().await.map_err(evidence)?;
    let content = reply.body.collect().await.map_err(|_| Evidence::NotS3)?.into_bytes();
    if content == CONTENT { Ok(()) } else { Err(Evidence::Different) }
}

/// What an error of the SDK shows, without anything else the other side said.
fn evidence<E: ProvideErrorMetadata>(error: SdkError<E, HttpResponse>) -> Evidence {
    match &error {
        SdkError::ServiceError(context) => {
            let reply = context.raw();
            Evidence::Service {
                status: reply.status().as_u16(),
                code: context.err().code().and_then(known),
                region: reply.headers().get("x-amz-bucket-region").and_then(region_name),
            }
        }
        SdkError::DispatchFailure(failure) => {
            let ours = failure.as_connector_error().and_then(Error::source);
            let ours = ours.and_then(|e| e.downcast_ref::<OutboundError>());
            Evidence::Outbound(ours.cloned().unwrap_or(OutboundError::NoReply))
        }
        SdkError::ConstructionFailure(_) => Evidence::Outbound(OutboundError::Unsendable),
        _ => Evidence::NotS3,
    }
}

fn client(target: &S3Target, http: SharedHttpClient) -> Client {
    let values = &target.values;
    let keys =
        Credentials::new(values.access_key.clone(), target.secret_key.reveal(), None, None, "region storage");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(values.url())
        .region(Region::new(values.signing_region.clone()))
        .credentials_provider(keys)
        .force_path_style(values.uses_path_style())
        // Storage that is not AWS knows neither checksums of its kind nor its way to send them.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        // A test shows what happened; the connector has the deadlines.
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

#[cfg(test)]
mod tests;
