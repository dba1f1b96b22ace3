//! Who may do what: the rights that `s3s-fs` does not know, and the buckets whose absence it does not mind.

use std::collections::HashSet;
use std::path::PathBuf;

use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

/// Asked before every operation.
pub(crate) struct Access {
    root: PathBuf,
    read_only: HashSet<String>,
}

impl Access {
    /// Buckets are folders of `root`; the access keys of `read_only` may not change anything.
    pub(crate) fn new(root: PathBuf, read_only: HashSet<String>) -> Self {
        Self { root, read_only }
    }
}

/// Operations that only look; all others count as changes.
fn only_looks(operation: &str) -> bool {
    ["Get", "Head", "List"].iter().any(|verb| operation.starts_with(verb))
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(credentials) = cx.credentials() else {
            return Err(s3_error!(AccessDenied, "Sign the request"));
        };
        let operation = cx.s3_op().name();
        if self.read_only.contains(&credentials.access_key) && !only_looks(operation) {
            return Err(s3_error!(AccessDenied, "Read only"));
        }
        if let S3Path::Bucket { bucket } | S3Path::Object { bucket, .. } = cx.s3_path()
            && operation != "CreateBucket"
            && !self.root.join(bucket.as_ref()).is_dir()
        {
            return Err(s3_error!(NoSuchBucket));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_from_looks() {
        assert!(only_looks("GetObject") && only_looks("HeadBucket") && only_looks("ListObjectsV2"));
        for change in
            ["PutObject", "DeleteObject", "DeleteObjects", "CreateBucket", "CopyObject", "UploadPart"]
        {
            assert!(!only_looks(change), "{change}");
        }
    }
}
