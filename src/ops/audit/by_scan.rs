//! Takes what is in a bucket from a scan that somebody saved.

use std::sync::Arc;

use super::Basis;
use super::contents::{Listed, Reach, Walk};
use crate::aws::operations;
use crate::domain::Upload;
use crate::domain::lifecycle::Kept;
use crate::ops::coverage::Gap;
use crate::ops::scan::Scan;

/// Judges by the objects of a scan, as of the day of the scan: what became due since may have happened since.
pub(super) async fn judge(
    reach: &Reach<'_>,
    scan: &Arc<Scan>,
    uploads: Vec<(Upload, Option<u64>)>,
    listed: &mut Listed,
) {
    let bucket = &reach.configuration.bucket;
    let keeps_versions = Kept::of_answer(reach.configuration.versioning.known()) != Kept::Nothing;
    let is_whole = scan.origin.prefixes.iter().any(String::is_empty);
    if !is_whole {
        listed.unseen.by_choice(Gap::new(
            format!("the rest of {bucket}"),
            format!(
                "the scan is of s3://{bucket}/{} alone",
                scan.origin.prefixes.join(", ")
            ),
        ));
    }
    if keeps_versions {
        listed.unseen.by_choice(Gap::new(
            format!("noncurrent versions and delete markers of {bucket}"),
            "the scan tells of current objects alone",
        ));
    }
    for gap in scan.coverage.gaps() {
        let call = operations::LIST_OBJECTS.name;
        listed.unseen.by_limit(call, gap.clone());
    }
    listed.basis = Basis::Scan(scan.started);
    let complete = is_whole && !keeps_versions && scan.coverage.is_complete();
    let (configuration, blueprint, limits, scan) = (
        reach.configuration.clone(),
        reach.blueprint.cloned(),
        reach.limits,
        Arc::clone(scan),
    );
    let judging = tokio::task::spawn_blocking(move || {
        let mut walk = Walk::new(&configuration, blueprint.as_ref(), limits, scan.started);
        for object in scan.columns.iter() {
            walk.object(&object);
        }
        for (upload, bytes) in &uploads {
            walk.upload(upload, *bytes);
        }
        (walk.choices.chosen(), walk.builder.finish(complete))
    });
    match judging.await {
        Ok((chosen, contents)) => {
            listed.chosen = chosen;
            listed.contents = Some(contents);
        }
        Err(ended) => {
            if let Ok(panic) = ended.try_into_panic() {
                std::panic::resume_unwind(panic);
            }
            let gap = Gap::cancelled(format!("what is in {bucket}"));
            listed.unseen.by_limit(operations::LIST_OBJECTS.name, gap);
        }
    }
}
