//! The order of deletion.
//!
//! 1. Uploads are aborted first, so that none is completed in between.
//! 2. Derived objects are deleted before their sources, because nothing can find them without the sources.
//! 3. Replicas are deleted last and separately, because the deletion of a version is never replicated.
//!
//! Under one key, noncurrent versions are deleted oldest first. The current version, or the delete marker that hides
//! the others, follows in a later wave. Otherwise an older version would become current, and readable, in between.

use std::collections::BTreeMap;

use super::{Claim, Item, What};
use crate::domain::BucketName;

/// The maximum number of keys in a DeleteObjects request.
pub(crate) const MOST_A_BATCH: usize = 1000;

/// The items of one request, as indices into the list of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The bucket of all items.
    pub bucket: BucketName,
    /// Indices into the list of items, in the order of the request.
    pub items: Vec<usize>,
}

/// Batches that may run at the same time. The next wave starts when all have finished.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wave {
    pub batches: Vec<Batch>,
}

/// The wave in which an item can be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Upload,
    Noncurrent,
    Current,
}

/// The relation of an item to the evidence that names the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kin {
    /// The farther from its source, the earlier.
    Derived(std::cmp::Reverse<usize>),
    Source,
    DerivedReplica(std::cmp::Reverse<usize>),
    Replica,
}

impl Kin {
    fn of(claim: &Claim) -> Self {
        let depth = std::cmp::Reverse(claim.depth());
        match (claim.is_replica(), claim.is_derived()) {
            (false, true) => Self::Derived(depth),
            (false, false) => Self::Source,
            (true, true) => Self::DerivedReplica(depth),
            (true, false) => Self::Replica,
        }
    }
}

/// Sorts the items into waves. `wanted` selects the items to delete. The first batch contains only one item, so that a
/// missing permission shows up there.
pub(crate) fn waves(items: &[Item], wanted: impl Fn(usize) -> bool) -> Vec<Wave> {
    let mut ranked: BTreeMap<(Kin, Rank), BTreeMap<&BucketName, Vec<usize>>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate().filter(|(at, _)| wanted(*at)) {
        let kin = Kin::of(&item.claim);
        let of = match item.what {
            // Before everything else, whoever owns them.
            What::Upload { .. } => (Kin::Derived(std::cmp::Reverse(usize::MAX)), Rank::Upload),
            _ if item.is_latest() => (kin, Rank::Current),
            _ => (kin, Rank::Noncurrent),
        };
        let buckets = ranked.entry(of).or_default();
        buckets.entry(&item.claim.bucket).or_default().push(at);
    }
    let mut waves: Vec<Wave> = ranked
        .into_values()
        .map(|buckets| Wave {
            batches: buckets
                .into_iter()
                .flat_map(|(bucket, places)| batches(bucket, items, places))
                .collect(),
        })
        .collect();
    if let Some(first) = take_first(&mut waves) {
        waves.insert(0, first);
    }
    waves
}

/// Distributes keys over as few batches as possible, each spread over the whole key space. The versions of a key stay
/// together, oldest first, as far as one batch can hold them.
fn batches(bucket: &BucketName, items: &[Item], mut places: Vec<usize>) -> Vec<Batch> {
    let key_of = |at: &usize| items.get(*at).map(|item| &item.claim.key);
    // The sort is stable, so the versions of a key keep their order. Sorted input costs nothing.
    places.sort_by_key(key_of);
    let count = places.len().div_ceil(MOST_A_BATCH).max(1);
    let mut dealt: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut next = 0;
    for of_key in places.chunk_by_mut(|one, another| key_of(one) == key_of(another)) {
        // They were listed newest first.
        of_key.reverse();
        for part in of_key.chunks(MOST_A_BATCH) {
            let fits = |at: usize, dealt: &[Vec<usize>]| {
                dealt
                    .get(at)
                    .is_some_and(|batch| batch.len() + part.len() <= MOST_A_BATCH)
            };
            let tries = dealt.len();
            let place = (0..tries)
                .map(|step| (next + step) % tries)
                .find(|at| fits(*at, &dealt));
            match place.and_then(|at| dealt.get_mut(at)) {
                Some(batch) => batch.extend_from_slice(part),
                None => dealt.push(part.to_vec()),
            }
            next += 1;
        }
    }
    dealt
        .into_iter()
        .filter(|items| !items.is_empty())
        .map(|items| Batch {
            bucket: bucket.clone(),
            items,
        })
        .collect()
}

/// Moves one item of the first batch into its own wave.
fn take_first(waves: &mut Vec<Wave>) -> Option<Wave> {
    let batch = waves.first_mut()?.batches.first_mut()?;
    let first = batch.items.first().copied()?;
    batch.items.remove(0);
    let wave = Wave {
        batches: vec![Batch {
            bucket: batch.bucket.clone(),
            items: vec![first],
        }],
    };
    for wave in waves.iter_mut() {
        wave.batches.retain(|batch| !batch.items.is_empty());
    }
    waves.retain(|wave| !wave.batches.is_empty());
    Some(wave)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::Why;
    use super::*;
    use crate::domain::{ByteSize, ObjectKey, StorageClass, VersionId};

    fn claim(key: usize, kin: u8) -> Arc<Claim> {
        let named = |bucket: &str, why| {
            Arc::new(Claim {
                bucket: BucketName::new(bucket).unwrap(),
                key: ObjectKey::new(format!("k{key}")).unwrap(),
                why,
            })
        };
        let source = named(
            "media",
            Why::Key {
                layout: "l".to_owned(),
                tail_parses: true,
            },
        );
        match kin {
            0 => source,
            1 => named(
                "thumbs",
                Why::Derived {
                    rule: "r".to_owned(),
                    source,
                },
            ),
            _ => named("copies", Why::Replica { source }),
        }
    }

    /// Keys with versions, newest first, and uploads.
    fn listed() -> impl Strategy<Value = Vec<Item>> {
        proptest::collection::vec((0..3_u8, 0..6_usize, 0..2_usize), 0..40).prop_map(|keys| {
            let mut items = Vec::new();
            for (key, (kin, versions, uploads)) in keys.into_iter().enumerate() {
                let claim = claim(key, kin);
                let item = |what| Item {
                    claim: Arc::clone(&claim),
                    what,
                    size: ByteSize(1),
                    etag: None,
                    class: StorageClass::default(),
                    written: None,
                };
                for version in 0..versions {
                    items.push(item(What::Version {
                        id: VersionId(version.to_string()),
                        is_latest: version == 0,
                    }));
                }
                for upload in 0..uploads {
                    items.push(item(What::Upload {
                        id: upload.to_string(),
                    }));
                }
            }
            items
        })
    }

    proptest! {
        #[test]
        fn everything_is_sent_once_and_what_hides_others_goes_after_them(items in listed()) {
            let waves = waves(&items, |_| true);
            let mut sent = BTreeSet::new();
            let mut gone = BTreeSet::new();
            let mut seen_source = false;
            for wave in &waves {
                for batch in &wave.batches {
                    prop_assert!((1..=MOST_A_BATCH).contains(&batch.items.len()));
                    let mut last: BTreeMap<&ObjectKey, usize> = BTreeMap::new();
                    for at in &batch.items {
                        prop_assert!(sent.insert(*at));
                        let item = &items[*at];
                        prop_assert_eq!(&item.claim.bucket, &batch.bucket);
                        // Oldest first; they were listed newest first.
                        let before = last.insert(&item.claim.key, *at);
                        if !matches!(item.what, What::Upload { .. }) {
                            prop_assert!(before.is_none_or(|before| before > *at));
                        }
                        if item.is_latest() {
                            let older = items.iter().enumerate().filter(|(other, of)| {
                                of.claim == item.claim && of.kind() == "version" && other != at
                            });
                            for (other, _) in older {
                                prop_assert!(gone.contains(&other));
                            }
                        }
                        seen_source |= item.kind() == "version" && item.claim.depth() == 0;
                        prop_assert!(!(seen_source && item.claim.is_derived()));
                    }
                }
                gone.extend(wave.batches.iter().flat_map(|batch| batch.items.iter().copied()));
            }
            prop_assert_eq!(sent.len(), items.len());
            if let Some(first) = waves.first() {
                prop_assert_eq!((first.batches.len(), first.batches[0].items.len()), (1, 1));
            }
        }
    }

    #[test]
    fn what_was_made_from_an_orphan_goes_in_an_earlier_wave() {
        let orphan = |key: usize, generation| Item {
            claim: Arc::new(Claim {
                bucket: BucketName::new("media").unwrap(),
                key: ObjectKey::new(format!("k{key}")).unwrap(),
                why: Why::Orphan {
                    kind: crate::domain::orphans::Kind::OwnerGone,
                    generation,
                },
            }),
            what: What::Version {
                id: VersionId("null".to_owned()),
                is_latest: true,
            },
            size: ByteSize(1),
            etag: None,
            class: StorageClass::default(),
            written: None,
        };
        let generations = [0, 2, 1, 0, 1];
        let items: Vec<Item> = (0..)
            .zip(generations)
            .map(|(key, of)| orphan(key, of))
            .collect();
        let sent: Vec<u8> = waves(&items, |_| true)
            .iter()
            .flat_map(|wave| &wave.batches)
            .flat_map(|batch| &batch.items)
            .map(|at| generations[*at])
            .collect();
        assert_eq!(sent, [2, 1, 1, 0, 0]);
    }

    #[test]
    fn many_keys_are_dealt_out_over_full_batches() {
        let items: Vec<Item> = (0..2_500)
            .map(|key| Item {
                claim: claim(key, 0),
                what: What::Version {
                    id: VersionId("null".to_owned()),
                    is_latest: true,
                },
                size: ByteSize(1),
                etag: None,
                class: StorageClass::default(),
                written: None,
            })
            .collect();
        let waves = waves(&items, |_| true);
        let sizes: Vec<usize> = waves[1].batches.iter().map(|b| b.items.len()).collect();
        assert_eq!(sizes.len(), 3);
        assert_eq!(sizes.iter().sum::<usize>(), 2_499);
        assert!(
            sizes.iter().all(|size| (800..=1_000).contains(size)),
            "{sizes:?}"
        );
    }
}
