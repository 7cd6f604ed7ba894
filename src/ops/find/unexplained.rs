//! Keys of a blueprint's buckets that none of its layouts and rules explains. A search lists where those lead, so a user's objects
//! under other keys would stay: whoever reads the result has to know that there are such keys.
//!
//! This is a sample: keys in no folder, the first page of some folders at the top of the bucket, those first that no
//! layout can begin with, and the first page of incomplete uploads. Whether a folder that a layout begins with has
//! further such keys is not claimed.

use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::ownership::{Explanation, Ownership, Seen};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectVersion, size, text, words};
use crate::ops::browse::{self, UploadsRequest, VersionsRequest};

/// The most folders of one bucket that are looked into, at one request each.
const MOST_FOLDERS: usize = 8;

/// What a search leaves out of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unexplained {
    /// Keys were found, or not everything was looked at.
    Keys {
        /// The folders at the top that hold such keys, each with its `/`.
        folders: Vec<String>,
        /// How many such keys are in no folder.
        at_top: u64,
        /// How many incomplete uploads would become such keys.
        uploads: u64,
        /// Whether everything at the top was looked at.
        is_whole: bool,
    },
    /// The bucket could not be listed.
    NotListed(Problem),
}

impl Unexplained {
    /// In a sentence without a full stop.
    pub(crate) fn words(&self, bucket: &BucketName) -> String {
        let (folders, at_top, uploads, is_whole) = match self {
            Self::Keys {
                folders,
                at_top,
                uploads,
                is_whole,
            } => (folders, *at_top, *uploads, *is_whole),
            Self::NotListed(problem) => {
                return format!(
                    "{bucket}: whether it has keys that no layout explains is unknown: {problem}"
                );
            }
        };
        let mut places: Vec<String> = folders
            .iter()
            .map(|name| text::safe(name).into_owned())
            .collect();
        if at_top > 0 {
            places.push(format!("no folder ({})", words::counted(at_top, "key")));
        }
        if uploads > 0 {
            places.push(words::counted(uploads, "incomplete upload"));
        }
        match (places.is_empty(), is_whole) {
            (true, _) => format!(
                "{bucket}: not all of its folders were looked at: keys that no layout explains were not searched"
            ),
            (false, true) => format!(
                "{bucket}: no layout explains keys in {}: they were not searched",
                places.join(", ")
            ),
            (false, false) => format!(
                "{bucket}: no layout explains keys in {}, and perhaps in other folders: they were not searched",
                places.join(", ")
            ),
        }
    }
}

/// Looks at every bucket that the blueprint explains, in its order. Buckets without such keys are left out. Two requests
/// a bucket, and one for each folder at its top, up to a limit.
pub(crate) async fn unexplained(
    aws: &Aws,
    blueprint: &Blueprint,
    in_flight: usize,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Vec<(BucketName, Unexplained)> {
    let buckets = blueprint.buckets.iter().enumerate();
    let explained = buckets.filter(|(_, one)| !one.layouts.is_empty() || one.is_target());
    // Use indices: a stream of borrowed items cannot be sent to another thread.
    let explained: Vec<usize> = explained.map(|(at, _)| at).collect();
    let looking = stream::iter(explained)
        .map(|at| async move {
            let bucket = blueprint.buckets.get(at)?;
            let found = of_bucket(aws, blueprint, bucket, meter).await?;
            Some((bucket.name.clone(), found))
        })
        .buffered(in_flight.max(1))
        .filter_map(std::future::ready)
        .collect();
    cancel
        .run_until_cancelled(looking)
        .await
        .unwrap_or_default()
}

async fn of_bucket(
    aws: &Aws,
    blueprint: &Blueprint,
    bucket: &BucketBlueprint,
    meter: &Meter,
) -> Option<Unexplained> {
    match look(aws, (blueprint, bucket), meter).await {
        Ok(Unexplained::Keys {
            folders,
            at_top: 0,
            uploads: 0,
            is_whole: true,
        }) if folders.is_empty() => None,
        Ok(found) => Some(found),
        // The search says itself that there is no such bucket.
        Err(problem) if problem.kind == ProblemKind::NotFound => None,
        Err(problem) => Some(Unexplained::NotListed(problem)),
    }
}

async fn look(
    aws: &Aws,
    (blueprint, bucket): (&Blueprint, &BucketBlueprint),
    meter: &Meter,
) -> Result<Unexplained, Problem> {
    let ownership = Ownership::new(&blueprint.buckets, None);
    let is_unexplained = |key: &str| {
        let explanation = ownership
            .whose(&bucket.name, key, &Seen::default())
            .explanation;
        matches!(explanation, Explanation::Nothing) && !place::is_place(key)
    };
    let top = VersionsRequest::folder(bucket.name.clone(), "");
    let page = browse::versions(aws, &top, meter).await?;
    // That uploads cannot be listed is said by the search, which lists all of them.
    let uploads = browse::uploads(aws, &UploadsRequest::flat(bucket.name.clone(), ""), meter).await;
    let uploads = uploads.map_or_else(|_| Vec::new(), |page| page.items);
    let uploads = uploads.iter().map(|upload| upload.key.as_str());
    let uploads = uploads.filter(|key| is_unexplained(key)).count();
    let top_folders = page.prefixes.into_iter();
    let (explained, unknown): (Vec<String>, Vec<String>) = top_folders
        .filter(|folder| !place::is_place(folder))
        .partition(|folder| bucket.may_begin(folder));
    let mut candidates = unknown.into_iter();
    let mut folders = Vec::new();
    let mut is_whole = page.next.is_none();
    for folder in candidates.by_ref().take(MOST_FOLDERS) {
        let request = VersionsRequest::flat(bucket.name.clone(), &folder);
        let page = browse::versions(aws, &request, meter).await?;
        // The folder's own object, as the AWS console makes it, holds nothing.
        let mut keys = keys(&page.items).filter(|key| *key != folder);
        if keys.any(is_unexplained) {
            folders.push(folder);
        } else {
            is_whole &= page.next.is_none();
        }
    }
    // A folder that a layout begins with may still have other keys. Its first page is enough to say so.
    let left = MOST_FOLDERS.saturating_sub(folders.len());
    for folder in explained.into_iter().take(left) {
        let request = VersionsRequest::flat(bucket.name.clone(), &folder);
        let page = browse::versions(aws, &request, meter).await?;
        let mut keys = keys(&page.items).filter(|key| !key.ends_with('/'));
        if keys.any(is_unexplained) {
            folders.push(folder);
        }
    }
    let mut at_top: Vec<&str> = keys(&page.items)
        .filter(|key| is_unexplained(key))
        .collect();
    at_top.dedup();
    Ok(Unexplained::Keys {
        folders,
        at_top: size::whole(at_top.len()),
        uploads: size::whole(uploads),
        is_whole: is_whole && candidates.next().is_none(),
    })
}

fn keys(versions: &[ObjectVersion]) -> impl Iterator<Item = &str> {
    versions.iter().map(|version| version.object.key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_named_and_what_was_not_looked_at_is_said() {
        let bucket = BucketName::new("media").unwrap();
        for (folders, at_top, uploads, is_whole, words) in [
            (
                &["logs/"][..],
                0,
                0,
                true,
                "media: no layout explains keys in logs/: they were not searched",
            ),
            (
                &["logs/", "a\u{1b}b/"],
                1,
                2,
                false,
                "media: no layout explains keys in logs/, a\\x1bb/, no folder (1 key), 2 incomplete uploads, and perhaps in other folders: they \
                 were not searched",
            ),
            (
                &[],
                0,
                0,
                false,
                "media: not all of its folders were looked at: keys that no layout explains were not searched",
            ),
        ] {
            let found = Unexplained::Keys {
                folders: folders.iter().map(|&name| name.to_owned()).collect(),
                at_top,
                uploads,
                is_whole,
            };
            assert_eq!(found.words(&bucket), words);
        }
    }
}
