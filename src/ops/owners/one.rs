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

/// The number of pages that wait to be passed on: enough that this never delays the next request.
const PAGES_AHEAD: usize = 4;

/// A folder of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerPrefix {
    /// The layout, or the derived rule, that leads to it.
    pub layout: String,
    /// The prefix of its contents, with a trailing `/`.
    pub prefix: String,
}

/// The folders of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerPrefixes {
    /// The existing folders, sorted, without folders inside others.
    pub prefixes: Vec<OwnerPrefix>,
    /// Layouts whose keys do not name the owner. Their objects are not found this way.
    pub unnamed: Vec<UnnamedLayout>,
    /// How complete the search was.
    pub coverage: Coverage,
}

/// The items of one owner: pages in byte order of their folders, then `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerItems<T> {
    /// Objects or versions; the versions of a key are newest first.
    Page {
        /// The folder of the items.
        prefix: String,
        /// The objects or versions; never empty.
        items: Vec<T>,
    },
    /// The end; how complete the listing was.
    Done(Coverage),
}

/// Current objects of one owner.
pub type OwnerObjects = OwnerItems<ObjectSummary>;

/// Versions and delete markers of one owner.
pub type OwnerVersions = OwnerItems<ObjectVersion>;

/// Finds the folders with current objects of an owner.
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
            // A folder that a rule writes to may contain objects of other owners.
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

/// The prefixes of all versions of an owner's objects, if keys name the owner; none is inside another. Each ends in `/`
/// and need not exist. The coverage does not report layouts whose keys do not name the owner.
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

/// Lists the current objects of one owner in key order. It always ends with `Done`, unless the receiver is dropped.
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

/// Lists the versions and delete markers of one owner in key order, including those without a current object. It always
/// ends with `Done`, unless the receiver is dropped.
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

/// The types of items that can be listed for an owner.
trait OfOwner: Listed {
    /// The listing that shows the folders of such items.
    const LISTING: Listing;
}

impl OfOwner for ObjectSummary {
    const LISTING: Listing = Listing::Objects;
}

impl OfOwner for ObjectVersion {
    const LISTING: Listing = Listing::Versions;
}

/// Lists everything of one type of an owner, all folders in one listing.
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
    // If the receiver is gone, its channel is closed, and the listing stops by itself.
    futures::join!(listing, handing_on);
}

/// Passes pages on in key order, each with its folder; `None` if the receiver is gone.
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
            // No folder is inside another, so the last one before a key is its folder.
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
    /// Whether a rule writes to it, so that it may contain objects of other owners.
    is_derived: bool,
}

struct Found {
    places: Vec<Place>,
    unnamed: Vec<UnnamedLayout>,
    coverage: Coverage,
}

impl Found {
    /// Adds the folders to which rules write objects derived from the owner's.
    fn add_derived(&mut self, bucket: &BucketBlueprint, owner: &OwnerId) {
        for from in bucket.sources.iter().chain([bucket]) {
            let rules = from.derived.iter();
            for rule in rules.filter(|rule| rule.to_bucket == bucket.name) {
                for prefix in rule.beginnings(from, owner) {
                    // Derived objects in the sources' own bucket are among the sources, except for unusual names. Only
                    // `find` lists the whole bucket for those.
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

/// Carries out the owner's plan down to folders.
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
    let unshaped = plan.impossible.into_iter().filter_map(|layout| layout.walk);
    let walks = plan.walks.into_iter().chain(unshaped).collect();
    let mut walker = Walker::new(aws, bucket, walks, listing, limits, meter);
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

/// Sorts folders and removes those inside others: two layouts may lead to the same folder.
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
