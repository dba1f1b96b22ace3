//! The rules for the single fields: host, keys, bucket, signing region, prefix; and what an AWS host name tells.

use std::net::IpAddr;

use super::{ACCESS_KEY_MAX, PREFIX_MAX, PathStyle, SECRET_KEY_MAX, StoredSecret};
use crate::endpoint::Endpoint;
use crate::problem::FieldError;

/// Fewest characters of an access key's id.
const ACCESS_KEY_MIN: usize = 3;
/// Fewest characters of a secret key.
const SECRET_KEY_MIN: usize = 8;
/// Longest name of a signing region.
const REGION_MAX: usize = 64;

/// What is left of an AWS host name without the part all of them share.
fn aws_labels(host: &str) -> Option<&str> {
    let rest = host.strip_suffix("amazonaws.com").or_else(|| host.strip_suffix("amazonaws.com.cn"))?;
    if rest.is_empty() { Some("") } else { rest.strip_suffix('.') }
}

/// Whether the host is one of AWS, China included.
pub fn is_aws_host(host: &str) -> bool {
    aws_labels(host).is_some()
}

/// The region an AWS host of S3 names: `eu-west-1` of `s3.eu-west-1.amazonaws.com`.
pub fn aws_region(host: &str) -> Option<&str> {
    let labels = aws_labels(host)?;
    let labels = labels.strip_suffix(".vpce").unwrap_or(labels);
    let last = labels.rsplit('.').next()?;
    // `s3-eu-west-1`, as written until 2019; `s3-fips` and the like are no regions.
    let region = last.strip_prefix("s3-").unwrap_or(last);
    let is_region = region.split('-').count() >= 3 && region.ends_with(|c: char| c.is_ascii_digit());
    is_region.then_some(region)
}

/// Whether an AWS host already has a bucket in front: `recordings.s3.eu-west-1.amazonaws.com`.
fn aws_bucket(host: &str) -> Option<&str> {
    let labels = aws_labels(host)?;
    if labels.ends_with(".vpce") {
        return None;
    }
    let parts: Vec<&str> = labels.split('.').collect();
    let s3 = parts.iter().rposition(|p| *p == "s3" || p.starts_with("s3-"))?;
    (s3 > 0).then(|| labels.split('.').next().unwrap_or_default())
}

/// Whether requests carry the bucket in the path: as chosen; by itself not at AWS, and everywhere else. An address
/// without a name, and a bucket with a dot (no certificate fits it as part of a host name), leave no choice.
pub fn path_style(choice: PathStyle, host: &str, bucket: &str) -> bool {
    match choice {
        PathStyle::On => true,
        PathStyle::Off => false,
        PathStyle::Auto => !is_aws_host(host) || bucket.contains('.'),
    }
}

/// The policy a key needs for this bucket, as AWS and its likes take it.
pub fn access_policy(bucket: &str, prefix: &str) -> String {
    let objects = if prefix.is_empty() { format!("{bucket}/*") } else { format!("{bucket}/{prefix}/*") };
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{ "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::{bucket}"] }},
    {{ "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "Resource": ["arn:aws:s3:::{objects}"] }}
  ]
}}
"#
    )
}

pub(super) fn endpoint(errors: &mut Vec<FieldError>, endpoint: &Endpoint) {
    if !endpoint.path.is_empty() {
        errors.push(FieldError::new(
            "endpoint",
            "endpoint_path",
            "Leave the path out of the address. A bucket goes into the field Bucket, a folder into Prefix.",
        ));
    }
    if let Some(bucket) = aws_bucket(&endpoint.host) {
        errors.push(FieldError::new(
            "endpoint",
            "endpoint_bucket",
            format!("The address names the bucket {bucket}. Leave it out here and enter it under Bucket."),
        ));
    }
}

pub(super) fn virtual_host(errors: &mut Vec<FieldError>, choice: PathStyle, host: &str, bucket: &str) {
    if choice != PathStyle::Off {
        return;
    }
    if host.parse::<IpAddr>().is_ok() {
        let detail =
            "An IP address cannot carry the bucket in front of it. Choose automatic, or path style on.";
        errors.push(FieldError::new("pathStyle", "path_style_ip", detail));
    } else if bucket.contains('.') {
        let detail = "A bucket with a dot in its name does not fit into a host name. Choose automatic, or path style on.";
        errors.push(FieldError::new("pathStyle", "path_style_bucket", detail));
    }
}

pub(super) fn access_key(errors: &mut Vec<FieldError>, typed: &str) -> String {
    let key = typed.trim();
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("accessKey", code, detail));
    match key.len() {
        0 => refuse("required", "Enter the access key.".to_owned()),
        n if n < ACCESS_KEY_MIN => {
            refuse("too_short", format!("The access key has at least {ACCESS_KEY_MIN} characters."));
        }
        n if n > ACCESS_KEY_MAX => {
            refuse("too_long", format!("The access key has at most {ACCESS_KEY_MAX} characters."));
        }
        _ => {}
    }
    // These separate the parts of a signed request.
    if !key.bytes().all(|b| b.is_ascii_graphic() && !b"/,=".contains(&b)) {
        let detail = "The access key has no spaces, no letters beyond ASCII, and none of / , =".to_owned();
        refuse("access_key_characters", detail);
    }
    key.to_owned()
}

pub(super) fn secret_key(errors: &mut Vec<FieldError>, typed: Option<&str>, stored: StoredSecret) {
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("secretKey", code, detail));
    let Some(key) = typed else {
        if stored == StoredSecret::Missing {
            refuse(
                "required",
                "Enter the secret key. It is stored encrypted and never shown again.".to_owned(),
            );
        }
        return;
    };
    match key.len() {
        0 => refuse("required", "Enter the secret key, or leave the stored one in place.".to_owned()),
        n if n < SECRET_KEY_MIN => {
            refuse("too_short", format!("The secret key has at least {SECRET_KEY_MIN} characters."));
        }
        n if n > SECRET_KEY_MAX => {
            refuse("too_long", format!("The secret key has at most {SECRET_KEY_MAX} characters."));
        }
        _ => {}
    }
    if !key.bytes().all(|b| b.is_ascii_graphic()) {
        let detail =
            "The secret key has no spaces and no letters beyond ASCII: was too much copied?".to_owned();
        refuse("secret_key_characters", detail);
    }
}

/// The rules of S3 for general purpose buckets.
pub(super) fn bucket(errors: &mut Vec<FieldError>, name: &str) {
    let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new("bucket", code, detail));
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    if !(3..=63).contains(&bytes.len()) {
        refuse("bucket_length", "The bucket's name has 3 to 63 characters.");
    } else if !bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(b)) {
        refuse(
            "bucket_characters",
            "The bucket's name has lower-case letters, digits, hyphens and dots only.",
        );
    } else if !edge(bytes.first()) || !edge(bytes.last()) || name.contains("..") {
        refuse(
            "bucket_characters",
            "The bucket's name begins and ends with a letter or a digit and has no two dots in a row.",
        );
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        refuse("bucket_address", "The bucket's name may not look like an IP address.");
    } else if ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|p| name.starts_with(p))
        || ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].iter().any(|s| name.ends_with(s))
    {
        refuse("bucket_reserved", "S3 keeps names that begin or end like this for itself.");
    }
}

pub(super) fn signing_region(errors: &mut Vec<FieldError>, region: &str) {
    let fits = region.len() <= REGION_MAX
        && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits {
        let detail =
            "The signing region is a word such as us-east-1: letters, digits and hyphens, at most 64.";
        errors.push(FieldError::new("signingRegion", "signing_region", detail));
    }
}

/// Checks the prefix and takes slashes off its ends.
pub(super) fn prefix(errors: &mut Vec<FieldError>, typed: &str) -> String {
    let prefix = typed.trim().trim_matches('/');
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("prefix", code, detail));
    if prefix.len() > PREFIX_MAX {
        refuse("too_long", format!("The prefix has at most {PREFIX_MAX} characters."));
    }
    if !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)) {
        refuse("prefix_characters", "The prefix has letters, digits and -_./ only.".to_owned());
    }
    if !prefix.is_empty() && prefix.split('/').any(|part| matches!(part, "" | "." | "..")) {
        refuse(
            "prefix_parts",
            "The prefix has no empty parts between slashes, and none named . or ..".to_owned(),
        );
    }
    prefix.to_owned()
}
