//! In which storage classes the bytes are and what they cost, from the best source that there is.

use chrono::{DateTime, NaiveDate, Utc};

use super::BucketState;
use crate::domain::metrics::Storage;
use crate::domain::posture::Contents;
use crate::domain::prices::{ClassBytes, Part, PriceTable};
use crate::domain::{ByteSize, StorageClass};

/// Where figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClassSource {
    /// A scan of all current objects, over at this time.
    Scan(DateTime<Utc>),
    /// A listing of all versions, of this time.
    Listing(DateTime<Utc>),
    /// CloudWatch's figures of a day.
    CloudWatch(NaiveDate),
    /// A listing of a part of the versions, of this time.
    Sample(DateTime<Utc>),
}

/// What is in one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassShare {
    /// The class as S3 spells it, or CloudWatch's name of a storage type.
    pub name: String,
    /// How many bytes.
    pub bytes: u64,
    /// How many objects or versions; CloudWatch does not tell.
    pub count: Option<u64>,
}

/// In which classes the bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Classes {
    /// Where the figures come from.
    pub source: ClassSource,
    /// The classes, the largest first.
    pub shares: Vec<ClassShare>,
}

/// An estimate of what a month of storage costs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cost {
    /// Where the sizes come from.
    pub source: ClassSource,
    /// The amount, in the currency of the prices.
    pub total: f64,
    /// Whether something has no price or was not listed, so that it is at least so much.
    pub at_least: bool,
    /// What of it nobody uploaded.
    pub overhead: f64,
    /// What of it is in classes that are paid for a minimum of days.
    pub minimum_stay: f64,
    /// What old versions cost, as far as they were listed.
    pub noncurrent: f64,
    /// What the parts of incomplete uploads cost, as far as they were asked for.
    pub uploads: f64,
}

impl Classes {
    /// All bytes.
    #[must_use]
    pub(crate) fn bytes(&self) -> u64 {
        self.shares.iter().map(|share| share.bytes).sum()
    }

    /// All objects or versions, where the source tells.
    #[must_use]
    pub(crate) fn count(&self) -> Option<u64> {
        self.shares.iter().map(|share| share.count).sum()
    }
}

impl BucketState {
    /// In which classes the bytes are: from a scan, or else a listing of everything, or else CloudWatch, or else a part.
    #[must_use]
    pub(crate) fn classes(&self) -> Option<Classes> {
        if let Some(covered) = &self.covered {
            let of_class = covered.classes.iter().map(|(name, tally)| ClassShare {
                name: name.clone(),
                bytes: tally.bytes.bytes(),
                count: Some(tally.objects),
            });
            let source = ClassSource::Scan(covered.finished);
            return Some(sorted(source, of_class.collect()));
        }
        let contents = self
            .audited
            .value
            .as_ref()
            .and_then(|audited| audited.contents.as_ref());
        let listed = contents.zip(self.audited.at).map(|(contents, at)| {
            let of_class = contents.classes.iter().map(|(name, amount)| ClassShare {
                name: name.clone(),
                bytes: amount.bytes,
                count: Some(amount.count),
            });
            let source = if contents.complete {
                ClassSource::Listing(at)
            } else {
                ClassSource::Sample(at)
            };
            sorted(source, of_class.collect())
        });
        match listed {
            Some(all) if matches!(all.source, ClassSource::Listing(_)) => Some(all),
            part => self.measured().or(part),
        }
    }

    /// The same by CloudWatch.
    fn measured(&self) -> Option<Classes> {
        let storage = self.storage.value.as_ref()?.storage.value()?;
        let (day, _) = storage.size()?;
        let shares = storage.latest().map(|(one, size)| ClassShare {
            name: one.to_string(),
            bytes: size.bytes(),
            count: None,
        });
        Some(sorted(ClassSource::CloudWatch(day), shares.collect()))
    }
}

fn sorted(source: ClassSource, mut shares: Vec<ClassShare>) -> Classes {
    shares.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    Classes { source, shares }
}

/// What a month costs: by CloudWatch's sizes, which are those that are billed; else by what was listed.
#[must_use]
pub(crate) fn costs(state: &BucketState, prices: &PriceTable) -> Option<Cost> {
    let contents = state
        .audited
        .value
        .as_ref()
        .and_then(|audited| audited.contents.as_ref());
    let stored = contents.map(Contents::stored).unwrap_or_default();
    let listed = prices.estimate_scan(&stored);
    let (noncurrent, uploads) = (
        listed.of(Part::Noncurrent),
        listed.of(Part::IncompleteUploads),
    );
    let storage = state
        .storage
        .value
        .as_ref()
        .and_then(|one| one.storage.value());
    if let Some((storage, day)) = storage.and_then(|one| Some((one, Storage::size(one)?.0))) {
        let estimate = prices.estimate(storage.latest());
        return Some(Cost {
            source: ClassSource::CloudWatch(day),
            total: estimate.total(),
            at_least: !estimate.is_complete(),
            overhead: estimate.overhead(),
            minimum_stay: estimate.with_minimum_stay(),
            noncurrent,
            uploads,
        });
    }
    let classes = state.classes()?;
    let bytes: Vec<ClassBytes> = classes
        .shares
        .iter()
        .map(|share| ClassBytes {
            class: StorageClass::new(&share.name),
            part: Part::Current,
            size: ByteSize(share.bytes),
        })
        .collect();
    let estimate = prices.estimate_scan(&bytes);
    Some(Cost {
        source: classes.source,
        total: estimate.total(),
        // A scan does not see old versions, which are paid for as well.
        at_least: !estimate.is_complete() || !matches!(classes.source, ClassSource::Listing(_)),
        overhead: 0.0,
        minimum_stay: estimate.with_minimum_stay(),
        noncurrent,
        uploads,
    })
}
