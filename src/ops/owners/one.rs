//! Everything of one owner in one bucket: folders, objects, versions.

use futures::stream::{self, StreamExt};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use super::walk::{Event, Listing, Walker};
use super::{OwnerLimits, send, unsearchable};
use crate::aws::{Aws, Meter};
use crate::domain::blueprint::{BucketBlueprint, UnnamedLayout};
use crate::domain::ownership::{ByKey, by_key};
use crate::domain::{BucketName, ObjectSummary, ObjectVersion, OwnerId, text, words};
use crate::ops::browse::{self, ListRequest};
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::listing::{self, InOrder, Listed, ListingRequest, ListingUpdate};

/// Pages that wait to be handed on: enough that doing so never holds up asking for the next.
const PAGES_AHEAD: usize = 4;

/// A folder of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerPrefix {
    /// The layout by which it was found, or the derived rule.
    pub layout: String,
    /// The prefix of everything in it, with its trailing `/`.
    pub prefix: String,
}

/// The folders of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerPrefixes {
    /// The folders that exist, sorted, none within another.
    pub prefixes: Vec<OwnerPrefix>,
    /// Layouts whose keys do not name the owner: what they hold of this owner is not found this way.
    pub unnamed: Vec<UnnamedLayout>,
    /// How far the search came.
    pub coverage: Coverage,
}

/// What one owner has: pages in byte order of their folders, then `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerItems<T> {
    /// Objects or versions of the owner; of versions of a key the newest first.
    Page {
        /// The folder they are in.
        prefix: String,
        /// The objects or versions; never empty.
        items: Vec<T>,
    },
    /// The end; how far the search came.
    Done(Coverage),
}

/// Current objects of one owner.
pub type OwnerObjects = OwnerItems<ObjectSummary>;

/// Versions and delete markers of one owner.
pub type OwnerVersions = OwnerItems<ObjectVersion>;

/// Finds the folders of an owner that hold current objects.
pub async fn of_owner(
    aws: &Aws,
    bucket: &BucketBlueprint,
    owner: &OwnerId,
    limits: OwnerLimits,
    cancel: &CancellationToken,
    meter: &Meter,
) -> OwnerPrefixes {
    let mut found = places_of(aws, bucket, owner, Listing::Objects, limits, cancel, meter).await;
    found.coverage.merge(unsearchable(&found.unnamed));
    found.add_derived(bucket, owner);
    let probes: Vec<Place> = std::mem::take(&mut found.places);
    let mut answers = stream::iter(probes)
        .map(|place| async move {
            if place.seen {
                return (place, Ok(true));
            }
            let mut request = ListRequest::flat(bucket.name.clone(), &place.prefix);
            request.max_keys = Some(1);
            let page = browse::page(aws, &request, meter).await;
            // Where a rule puts this owner's things others' may lie as well.
            let is_owners = |object: Option<&ObjectSummary>| {
                object.is_some_and(|object| {
                    !place.is_derived
                        || by_key(bucket, object.key.as_str()) == ByKey::Owner(owner.clone())
                })
            };
            let holds = page.map(|page| is_owners(page.items.first()));
            (place, holds)
        })
        .buffered(limits.in_flight.max(1));
    let mut prefixes = Vec::new();
    loop {
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => {
                found.coverage.miss(Gap::cancelled("the rest of the folders"));
                break;
            }
            answer = answers.next() => answer,
        };
        match answer {
            None => break,
            Some((_, Ok(false))) => {}
            Some((place, Ok(true))) => prefixes.push(OwnerPrefix {
                layout: place.layout,
                prefix: place.prefix,
            }),
            Some((place, Err(problem))) => {
                found.coverage.miss(Gap::failed(
                    place.prefix.escape_debug().to_string(),
                    problem,
                ));
            }
        }
    }
    OwnerPrefixes {
        prefixes,
        unnamed: found.unnamed,
        coverage: found.coverage,
    }
}

/// The prefixes below which all versions of an owner's objects are, where keys name the owner; none within another.
/// Each ends in `/`, and need not exist. The coverage does not tell of layouts whose keys do not name the owner.
pub async fn version_prefixes(
    aws: &Aws,
    bucket: &BucketBlueprint,
    owner: &OwnerId,
    limits: OwnerLimits,
    cancel: &CancellationToken,
    meter: &Meter,
) -> (Vec<String>, Coverage) {
    let found = places_of(aws, bucket, owner, Listing::Versions, limits, cancel, meter).await;
    let prefixes = found.places.into_iter().map(|place| place.prefix);
    (prefixes.collect(), found.coverage)
}

/// Lists the current objects of one owner in key order. Ends with `Done` in every case, unless the receiver is
/// gone.
pub async fn objects_of(
    aws: Aws,
    bucket: BucketBlueprint,
    owner: OwnerId,
    limits: OwnerLimits,
    cancel: CancellationToken,
    meter: Meter,
    pages: Sender<OwnerObjects>,
) {
    let of = (&bucket, &owner);
    list_all::<ObjectSummary>(aws, of, limits, &cancel, &meter, &pages).await;
}

/// Lists the versions and delete markers of one owner in key order: also those of which no current object is
/// left. Ends with `Done` in every case, unless the receiver is gone.
pub async fn versions_of(
    aws: Aws,
    bucket: BucketBlueprint,
    owner: OwnerId,
    limits: OwnerLimits,
    cancel: CancellationToken,
    meter: Meter,
    pages: Sender<OwnerVersions>,
) {
    let of = (&bucket, &owner);
    list_all::<ObjectVersion>(aws, of, limits, &cancel, &meter, &pages).await;
}

/// What of an owner is listed.
trait OfOwner: Listed {
    /// The listing that shows the folders that such things are in.
    const LISTING: Listing;
}

impl OfOwner for ObjectSummary {
    const LISTING: Listing = Listing::Objects;
}

impl OfOwner for ObjectVersion {
    const LISTING: Listing = Listing::Versions;
}

/// Lists everything of one kind that one owner has, all folders in one go.
async fn list_all<T: OfOwner>(
    aws: Aws,
    of: (&BucketBlueprint, &OwnerId),
    limits: OwnerLimits,
    cancel: &CancellationToken,
    meter: &Meter,
    pages: &Sender<OwnerItems<T>>,
) {
    let (bucket, owner) = of;
    let mut found = places_of(&aws, bucket, owner, T::LISTING, limits, cancel, meter).await;
    found.coverage.merge(unsearchable(&found.unnamed));
    found.add_derived(bucket, owner);
    let prefixes: Vec<String> = found.places.into_iter().map(|at| at.prefix).collect();
    let of_prefixes = ListingRequest::of_prefixes(bucket.name.clone(), prefixes.clone());
    let request = ListingRequest {
        in_flight: limits.in_flight,
        ..of_prefixes.in_key_order()
    };
    let (updates, inbox) = mpsc::channel(PAGES_AHEAD);
    let listing = listing::items(aws, request, cancel.clone(), meter.clone(), updates);
    let handing_on = hand_on(inbox, of, found.coverage, &prefixes, pages);
    // Where nobody takes the pages any more, the listing notices by itself: handing on has dropped its inbox.
    futures::join!(listing, handing_on);
}

/// Hands pages on in key order, each with the folder it is from; `None` when nobody listens any more.
async fn hand_on<T: Listed>(
    mut inbox: Receiver<ListingUpdate<T>>,
    (bucket, owner): (&BucketBlueprint, &OwnerId),
    mut coverage: Coverage,
    prefixes: &[String],
    pages: &Sender<OwnerItems<T>>,
) -> Option<()> {
    let mut in_order = InOrder::new();
    let mut contested = Contested::default();
    while let Some(update) = inbox.recv().await {
        if let ListingUpdate::Done(summary) = &update {
            coverage.merge(summary.coverage.clone());
        }
        for mut items in in_order.take(update) {
            // Where layouts are ambiguous, a folder may hold keys that another layout gives to somebody else: the
            // key decides, not the folder.
            items.retain(|item| match by_key(bucket, item.key()) {
                ByKey::Owner(of) => of == *owner,
                ByKey::Contested(owners) => {
                    contested.count(item.key(), owners.is_empty() || owners.contains(owner));
                    false
                }
                ByKey::Untold | ByKey::Unexplained => false,
            });
            let Some(key) = items.first().map(T::key) else {
                continue;
            };
            // None lies within another, so that the last one before a key is the one that it is in.
            let before = prefixes.partition_point(|prefix| prefix.as_str() <= key);
            let prefix = prefixes.get(..before).and_then(<[_]>::last).cloned();
            let prefix = prefix.unwrap_or_default();
            send(pages, OwnerItems::Page { prefix, items }).await?;
        }
    }
    coverage.merge(contested.coverage(&bucket.name));
    send(pages, OwnerItems::Done(coverage)).await
}

/// The keys in an owner's folders that may be theirs: layouts or rules give them to others as well.
#[derive(Debug, Default)]
struct Contested {
    keys: u64,
    first: Option<String>,
    last: Option<String>,
}

impl Contested {
    /// Takes in the key of an object or version, in key order; versions of one key count once.
    fn count(&mut self, key: &str, may_be_theirs: bool) {
        if !may_be_theirs || self.last.as_deref() == Some(key) {
            return;
        }
        self.keys += 1;
        self.first.get_or_insert_with(|| key.to_owned());
        self.last = Some(key.to_owned());
    }

    /// That they are left out, where there are any.
    fn coverage(&self, bucket: &BucketName) -> Coverage {
        let mut coverage = Coverage::Complete;
        if let Some(first) = &self.first {
            let keys = words::counted(self.keys, "key");
            coverage.miss(Gap::new(
                format!("{keys} of {bucket}, such as {}", text::safe(first)),
                "layouts or rules give them to different users: `s3warden find` says to whom",
            ));
        }
        coverage
    }
}

/// Where something of the owner may be.
struct Place {
    layout: String,
    prefix: String,
    seen: bool,
    /// Whether a rule puts things there, by which others' may lie there as well.
    is_derived: bool,
}

struct Found {
    places: Vec<Place>,
    unnamed: Vec<UnnamedLayout>,
    coverage: Coverage,
}

impl Found {
    /// Adds where rules put what they make of the owner's objects.
    fn add_derived(&mut self, bucket: &BucketBlueprint, owner: &OwnerId) {
        for from in bucket.sources.iter().chain([bucket]) {
            let rules = from.derived.iter();
            for rule in rules.filter(|rule| rule.to_bucket == bucket.name) {
                for prefix in rule.beginnings(from, owner) {
                    // What a rule puts elsewhere in the sources' own bucket lies among them, but for odd names: to list
                    // all of the bucket for those is for `find`.
                    if prefix.is_empty() && from.name == bucket.name {
                        continue;
                    }
                    if prefix.is_empty() {
                        self.coverage.miss(Gap::new(
                            format!("what the rule {} makes of this owner's objects", rule.id),
                            "its keys may begin with anything: `s3warden find` looks at all of them",
                        ));
                        continue;
                    }
                    self.places.push(Place {
                        layout: rule.id.clone(),
                        prefix,
                        seen: false,
                        is_derived: true,
                    });
                }
            }
        }
        self.places = outermost(std::mem::take(&mut self.places));
    }
}

/// Carries out the owner's plan as far as folders go.
async fn places_of(
    aws: &Aws,
    bucket: &BucketBlueprint,
    owner: &OwnerId,
    listing: Listing,
    limits: OwnerLimits,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Found {
    let plan = bucket.owner_plan(owner);
    let mut coverage = Coverage::Complete;
    let mut places = Vec::new();
    let mut walker = Walker::new(aws, bucket, plan.walks, listing, limits, meter);
    while let Some(event) = walker.next(cancel).await {
        match event {
            Event::Missed(gap) => coverage.miss(gap),
            Event::Folders(folders) => {
                places.extend(folders.into_iter().filter_map(|folder| {
                    Some(Place {
                        layout: walker.walk(folder.walk)?.layout.clone(),
                        prefix: folder.prefix,
                        seen: folder.seen,
                        is_derived: false,
                    })
                }));
            }
        }
    }
    Found {
        places: outermost(places),
        unnamed: plan.unnamed,
        coverage,
    }
}

/// Sorted, and without those that lie within another: two layouts may lead to the same place.
fn outermost(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    let mut kept: Vec<Place> = Vec::with_capacity(places.len());
    for place in places {
        if !kept
            .last()
            .is_some_and(|outer| place.prefix.starts_with(&outer.prefix))
        {
            kept.push(place);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_within_others_are_not_listed_twice() {
        let place = |prefix: &str| Place {
            layout: "l".to_owned(),
            prefix: prefix.to_owned(),
            seen: true,
            is_derived: false,
        };
        let kept = outermost(
            ["b/u/", "a/u/x/u/", "a/u/", "a/u/", "a/u1/"]
                .into_iter()
                .map(place)
                .collect(),
        );
        let prefixes: Vec<&str> = kept.iter().map(|place| place.prefix.as_str()).collect();
        assert_eq!(prefixes, ["a/u/", "a/u1/", "b/u/"]);
    }
}
