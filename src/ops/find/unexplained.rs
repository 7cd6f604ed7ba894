//! The folders of a blueprint's buckets that none of its layouts and rules explains. A search looks where those lead, so
//! that a user's objects in such a folder would stay: whoever reads the result has to know that they are there.

use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::ownership::{Explanation, attribution_by_key};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, text};
use crate::ops::browse::{self, VersionsRequest};

/// So many folders of one bucket are looked into, at a request each, and named.
const MOST_FOLDERS: usize = 8;

/// What a search leaves out of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unexplained {
    /// The folders at its top, each with its `/`, of which the first key is explained by nothing. `more` says that there may
    /// be others.
    Folders { names: Vec<String>, more: bool },
    /// They could not be listed, and why.
    NotListed(Problem),
}

impl Unexplained {
    /// In a sentence without a full stop.
    pub(crate) fn words(&self, bucket: &BucketName) -> String {
        match self {
            Self::Folders { names, more } => {
                let names: Vec<String> = names
                    .iter()
                    .map(|name| text::safe(name).into_owned())
                    .collect();
                let and_more = if *more { ", and perhaps others" } else { "" };
                format!(
                    "{bucket}: no layout explains what is in {}{and_more}: it was not searched",
                    names.join(", ")
                )
            }
            Self::NotListed(problem) => format!(
                "{bucket}: whether it has folders that no layout explains could not be listed: {problem}"
            ),
        }
    }
}

/// Looks at the top of every bucket that the blueprint explains, in its order; buckets without such folders are left out.
/// One request a bucket, and one for each folder that no layout can begin with, up to a limit.
pub(crate) async fn unexplained(
    aws: &Aws,
    blueprint: &Blueprint,
    in_flight: usize,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Vec<(BucketName, Unexplained)> {
    let explained = |bucket: &&BucketBlueprint| !bucket.layouts.is_empty() || bucket.is_target();
    let looking = stream::iter(blueprint.buckets.iter().filter(explained))
        .map(|bucket| async move {
            let found = of_bucket(aws, bucket, meter).await?;
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

async fn of_bucket(aws: &Aws, bucket: &BucketBlueprint, meter: &Meter) -> Option<Unexplained> {
    match folders(aws, bucket, meter).await {
        Ok((names, more)) => (!names.is_empty()).then_some(Unexplained::Folders { names, more }),
        // The search says itself that there is no such bucket.
        Err(problem) if problem.kind == ProblemKind::NotFound => None,
        Err(problem) => Some(Unexplained::NotListed(problem)),
    }
}

async fn folders(
    aws: &Aws,
    bucket: &BucketBlueprint,
    meter: &Meter,
) -> Result<(Vec<String>, bool), Problem> {
    let top = VersionsRequest::folder(bucket.name.clone(), "");
    let page = browse::versions(aws, &top, meter).await?;
    let mut candidates = page
        .prefixes
        .into_iter()
        .filter(|folder| !bucket.may_begin(folder) && !place::is_place(folder));
    let mut names = Vec::new();
    for folder in candidates.by_ref().take(MOST_FOLDERS) {
        let mut request = VersionsRequest::flat(bucket.name.clone(), &folder);
        request.max_keys = Some(1);
        let page = browse::versions(aws, &request, meter).await?;
        let first = page.items.first().map(|version| &version.object.key);
        // What rules put there has an explanation, though no layout may begin like it.
        if first.is_some_and(|key| is_unexplained(bucket, key.as_str())) {
            names.push(folder);
        }
    }
    let more = candidates.next().is_some() || page.next.is_some();
    Ok((names, more))
}

fn is_unexplained(bucket: &BucketBlueprint, key: &str) -> bool {
    matches!(
        attribution_by_key(bucket, key).explanation,
        Explanation::Nothing
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_and_agree_with_their_number() {
        let bucket = BucketName::new("media").unwrap();
        let words = |names: &[&str], more| {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            Unexplained::Folders { names, more }.words(&bucket)
        };
        assert_eq!(
            words(&["logs/"], false),
            "media: no layout explains what is in logs/: it was not searched"
        );
        assert_eq!(
            words(&["logs/", "a\u{1b}b/"], true),
            "media: no layout explains what is in logs/, a\\x1bb/, and perhaps others: it was not searched"
        );
    }
}
