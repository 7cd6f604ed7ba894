//! A saved scan to judge by, in place of a listing.

use std::path::Path;
use std::sync::Arc;

use crate::aws::Aws;
use crate::cli::Failure;
use crate::domain::BucketName;
use crate::ops::scan::{self, Scan};

/// Opens a scan that has to be of this bucket, at this endpoint.
///
/// # Errors
/// A file that is no scan, or one of another place (exit status 2).
pub(in crate::cli) async fn open(
    file: &Path,
    bucket: &BucketName,
    aws: &Aws,
) -> Result<Arc<Scan>, Failure> {
    let scan = read(file).await?;
    check(&scan, file, bucket, aws)?;
    Ok(scan)
}

/// Whether a scan is of this bucket, at this endpoint.
///
/// # Errors
/// One of another place (exit status 2).
pub(super) fn check(
    scan: &Scan,
    file: &Path,
    bucket: &BucketName,
    aws: &Aws,
) -> Result<(), Failure> {
    if scan.origin.bucket != *bucket {
        return Err(Failure::usage(format!(
            "the scan in {} is of {}, not of {bucket}",
            file.display(),
            scan.origin.bucket
        ))
        .advising(format!("make one: s3warden scan s3://{bucket} --save FILE")));
    }
    let words = |endpoint: Option<&str>| endpoint.map_or_else(|| "AWS".to_owned(), str::to_owned);
    if scan.origin.endpoint.as_deref() != aws.endpoint() {
        return Err(Failure::usage(format!(
            "the scan in {} was made at {}, and this is {}",
            file.display(),
            words(scan.origin.endpoint.as_deref()),
            words(aws.endpoint())
        ))
        .advising("a bucket of the same name at another endpoint is another bucket"));
    }
    Ok(())
}

/// Opens a scan, whatever it is of.
///
/// # Errors
/// A file that is no scan (exit status 2).
pub(super) async fn read(file: &Path) -> Result<Arc<Scan>, Failure> {
    let opened = file.to_owned();
    match tokio::task::spawn_blocking(move || scan::open(&opened)).await {
        Ok(read) => read.map(Arc::new).map_err(Failure::usage),
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
