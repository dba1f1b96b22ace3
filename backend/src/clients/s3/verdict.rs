//! What a failed step of a storage test means: a code, the cause and the cure. Pure. Only words of our own, and S3's
//! own error codes, reach the operator; nothing else of a reply does.

use common::endpoint::Scheme;
use common::storage::{StorageStepKind, StorageValues, is_aws_host};

use crate::clients::connector::OutboundError;

/// What a request came back with, when not with success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Evidence {
    /// No reply.
    Outbound(OutboundError),
    /// A reply of S3.
    Service {
        /// The HTTP status.
        status: u16,
        /// S3's code, where it is one that S3 has.
        code: Option<&'static str>,
        /// The region the storage says the bucket is in.
        region: Option<String>,
    },
    /// A reply that S3 does not give.
    NotS3,
    /// The object came back changed.
    Different,
}

/// A failed step, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// Stable, for programs.
    pub(super) code: &'static str,
    /// What was seen.
    pub(super) detail: String,
    /// Why.
    pub(super) cause: String,
    /// What to do.
    pub(super) cure: String,
}

/// The error codes of S3 and its likes that are shown as they are. Others are not: a reply may come from anything that
/// listens on that port.
const KNOWN: [&str; 33] = [
    "AccessDenied",
    "AccountProblem",
    "AllAccessDisabled",
    "AuthorizationHeaderMalformed",
    "BadDigest",
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "ExpiredToken",
    "IllegalLocationConstraintException",
    "InternalError",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidLocationConstraint",
    "InvalidRegion",
    "InvalidRequest",
    "InvalidSecurity",
    "MalformedXML",
    "MethodNotAllowed",
    "NoSuchBucket",
    "NoSuchKey",
    "NotImplemented",
    "NotSignedUp",
    "PermanentRedirect",
    "QuotaExceeded",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "SlowDown",
    "TemporaryRedirect",
    "TooManyBuckets",
    "Unauthorized",
    "XMinioStorageFull",
];

/// The code, if S3 has it.
pub(super) fn known(code: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|k| *k == code)
}

/// A region as a storage may name it; anything else is not repeated.
pub(super) fn region_name(text: &str) -> Option<String> {
    let fits = (3..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    fits.then(|| text.to_owned())
}

/// The S3 operation of a step.
pub(super) fn operation(step: StorageStepKind) -> &'static str {
    match step {
        StorageStepKind::Credentials => "ListObjectsV2",
        StorageStepKind::Bucket => "HeadBucket",
        StorageStepKind::Put => "PutObject",
        StorageStepKind::Get => "GetObject",
        StorageStepKind::Delete => "DeleteObject",
        _ => "",
    }
}

/// The right that a step needs.
fn right(operation: &str) -> &str {
    match operation {
        "ListObjectsV2" | "HeadBucket" => "ListBucket",
        other => other,
    }
}

/// What the evidence of `operation` means for an operator.
pub(super) fn verdict(operation: &str, values: &StorageValues, evidence: &Evidence) -> Failure {
    match evidence {
        Evidence::Outbound(error) => outbound(values, error),
        Evidence::NotS3 => not_s3(values, "the reply is not one of S3".to_owned()),
        Evidence::Different => Failure {
            code: "content_differs",
            detail: "the object came back with other content".to_owned(),
            cause: "Something between here and the storage answers in its place or changes what passes."
                .to_owned(),
            cure: "Check the address and the port, and proxies on the way.".to_owned(),
        },
        Evidence::Service { status, code, region } => {
            let detail = match code {
                Some(code) => format!("{status} {code} on {operation}"),
                None => format!("{status} on {operation}"),
            };
            let (code, cause, cure) = service(operation, values, *status, *code, region.as_deref());
            if code == "not_s3" { not_s3(values, detail) } else { Failure { code, detail, cause, cure } }
        }
    }
}

fn outbound(values: &StorageValues, error: &OutboundError) -> Failure {
    let mut cause = error.to_string();
    if let Some(first) = cause.get(..1) {
        cause = first.to_uppercase() + cause.get(1..).unwrap_or_default() + ".";
    }
    let cure = match error {
        OutboundError::UnknownName if !values.uses_path_style() => {
            "Check the name, and the bucket in front of it; storage outside AWS mostly wants path style."
        }
        other => other.cure(),
    };
    Failure { code: error.code(), detail: values.url(), cause, cure: cure.to_owned() }
}

fn not_s3(values: &StorageValues, detail: String) -> Failure {
    let cure = match values.endpoint.scheme {
        Scheme::Http => {
            "Check the address and the port (the API's, not the web console's), and whether it wants SSL."
        }
        Scheme::Https => "Check the address and the port: the API's, not the web console's.",
    };
    Failure {
        code: "not_s3",
        detail,
        cause: "What answers there does not speak S3.".to_owned(),
        cure: cure.to_owned(),
    }
}

fn service(
    operation: &str,
    values: &StorageValues,
    status: u16,
    code: Option<&str>,
    region: Option<&str>,
) -> (&'static str, String, String) {
    let bucket = &values.bucket;
    let say = |code: &'static str, cause: String, cure: &str| (code, cause, cure.to_owned());
    match (code.unwrap_or_default(), status) {
        ("InvalidAccessKeyId" | "NotSignedUp" | "InvalidSecurity", _) => say(
            "access_key_unknown",
            format!("The storage does not know the access key {}.", values.access_key),
            "Check the access key, and that this is the storage it was made on.",
        ),
        ("SignatureDoesNotMatch", _) => say(
            "secret_key_wrong",
            format!("The secret key does not belong to the access key {}.", values.access_key),
            "Enter the secret key again. A proxy that rewrites the host or the path has the same effect.",
        ),
        ("ExpiredToken", _) => {
            say("key_expired", "The keys have expired.".to_owned(), "Make new keys and enter them here.")
        }
        ("RequestTimeTooSkewed" | "RequestExpired", _) => say(
            "clock_skew",
            "The clocks of this server and of the storage differ too much.".to_owned(),
            "Set both clocks by NTP.",
        ),
        ("BucketAlreadyExists", _) => say(
            "bucket_taken",
            format!("The bucket name {bucket} belongs to somebody else."),
            "Choose another bucket name.",
        ),
        ("InvalidBucketName", _) => say(
            "bucket_name",
            format!("The storage refuses the name {bucket}."),
            "Choose another bucket name.",
        ),
        ("TooManyBuckets", _) => say(
            "bucket_limit",
            "The account may have no more buckets.".to_owned(),
            "Use a bucket that exists, or raise the limit.",
        ),
        ("QuotaExceeded" | "XMinioStorageFull", _) | (_, 507) => {
            say("storage_full", "The storage is full.".to_owned(), "Make room, or raise the quota.")
        }
        (
            "AuthorizationHeaderMalformed"
            | "PermanentRedirect"
            | "TemporaryRedirect"
            | "IllegalLocationConstraintException"
            | "InvalidLocationConstraint"
            | "InvalidRegion",
            _,
        ) => wrong_region(values, region),
        ("", 301 | 307 | 400) if region.is_some() || is_aws_host(&values.endpoint.host) => {
            wrong_region(values, region)
        }
        ("NoSuchBucket", _) => missing(bucket),
        ("", 404) if operation == "HeadBucket" => missing(bucket),
        ("NoSuchKey", _) => say(
            "object_missing",
            "The object just written is not there.".to_owned(),
            "Check that nothing deletes objects below this prefix, and that all addresses lead to one storage.",
        ),
        ("Unauthorized", _) | (_, 401) => say(
            "credentials_refused",
            "The storage refuses the keys.".to_owned(),
            "Check the access key and the secret key.",
        ),
        ("AccessDenied" | "AllAccessDisabled" | "AccountProblem", _) => denied(operation, values),
        ("", 403) if operation != "ListObjectsV2" => denied(operation, values),
        ("SlowDown" | "ServiceUnavailable", _) | (_, 429 | 503) => say(
            "storage_busy",
            "The storage is overloaded or in maintenance.".to_owned(),
            "Try again in a minute; if it stays, look at the storage itself.",
        ),
        (known, 500..=599) if !known.is_empty() || operation != "ListObjectsV2" => say(
            "storage_error",
            "The storage had an error of its own.".to_owned(),
            "Look at the log of the storage.",
        ),
        ("", _) => say("not_s3", String::new(), ""),
        _ => say(
            "storage_refused",
            "The storage refuses the request.".to_owned(),
            "Look at the log of the storage, and check bucket, signing region and path style.",
        ),
    }
}

fn missing(bucket: &str) -> (&'static str, String, String) {
    (
        "bucket_missing",
        format!("There is no bucket {bucket}."),
        "Check the name, or let the test create it.".to_owned(),
    )
}

fn wrong_region(values: &StorageValues, region: Option<&str>) -> (&'static str, String, String) {
    let cure = match region {
        Some(region) => {
            format!(
                "Set the signing region to {region}, and use the address of that region where it is in the name."
            )
        }
        None => "Set the signing region to the one the bucket is in.".to_owned(),
    };
    ("signing_region", format!("The bucket is not in the signing region {}.", values.signing_region), cure)
}

fn denied(operation: &str, values: &StorageValues) -> (&'static str, String, String) {
    let right = right(operation);
    let cause = match operation {
        "PutObject" => "The key is accepted but may not write here; it may be a read-only key.",
        "GetObject" => "The key may write here but not read.",
        "DeleteObject" => "The key may read and write here but not delete.",
        "CreateBucket" => "The key may not create buckets.",
        _ => "The key is accepted but may not do this.",
    };
    let resource = match operation {
        "PutObject" | "GetObject" | "DeleteObject" => format!("{}/{}", values.bucket, values.key("*")),
        _ => values.bucket.clone(),
    };
    ("access_denied", cause.to_owned(), format!("Allow s3:{right} on {resource}."))
}

#[cfg(test)]
mod tests;
