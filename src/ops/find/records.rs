//! What the application's own lists say about a user: whether the user exists, and which keys are theirs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter};
use crate::domain::blueprint::{Blueprint, ReferenceList};
use crate::domain::change::Existence;
use crate::domain::registry::{
    Date, Purpose, Registry, Requirements, Standing, Subject, TrustedList,
};
use crate::domain::{BucketName, OwnerId};
use crate::ops::registry::{self, Consulted, NoRegistry, RowCount, Trusted};

/// What the lists say about one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Records {
    /// The keys that records give to the user; `None` if no list gives the owners of keys.
    pub keys: Option<BTreeSet<String>>,
    /// The lists behind that, for all users.
    pub lists: TrustedLists,
    /// Whether the user exists.
    pub existence: Existence,
    /// For a user who does not exist: an existing user with a similar id.
    pub likeness: Option<String>,
    /// Remarks about the lists, one sentence each.
    pub remarks: Vec<String>,
    /// The list of unknown age on which no change may be based; as a clause.
    pub undated: Option<String>,
}

/// The lists for all users. They show who else may have a claim to a user's object.
#[derive(Debug, Clone, Default)]
pub struct TrustedLists {
    owners: Option<Arc<TrustedList>>,
    /// Only a list with owners: a list of bare keys does not say whose they are.
    keys: Option<Arc<TrustedList>>,
}

impl TrustedLists {
    /// The list of active owners; `None` if none was read.
    #[must_use]
    pub fn owners(&self) -> Option<&Registry> {
        self.owners.as_ref().map(|list| &***list)
    }

    /// The list of keys with their owners; `None` if none was read.
    #[must_use]
    pub fn keys(&self) -> Option<&Registry> {
        self.keys.as_ref().map(|list| &***list)
    }

    /// Describes the source of the list of keys.
    #[must_use]
    pub fn keys_stated(&self) -> Option<String> {
        self.keys.as_ref().map(|list| list.stated.clone())
    }
}

impl PartialEq for TrustedLists {
    /// Each reading equals only itself.
    fn eq(&self, other: &Self) -> bool {
        let is_same = |one: &Option<Arc<TrustedList>>, other: &Option<Arc<TrustedList>>| {
            one.as_ref().map(Arc::as_ptr) == other.as_ref().map(Arc::as_ptr)
        };
        is_same(&self.owners, &other.owners) && is_same(&self.keys, &other.keys)
    }
}

impl Eq for TrustedLists {}

/// The lists to read, and the requirements for them.
#[derive(Debug, Clone)]
pub struct Lists {
    /// The list of owners. Without one it is unknown whether a user exists.
    pub owners: Option<ReferenceList>,
    /// The list of keys, if a layout takes the owner from records.
    pub keys: Option<ReferenceList>,
    /// The requirements for both lists.
    pub requirements: Requirements,
    /// Why they are read.
    pub purpose: Purpose,
    /// The user's state folder with the previous sizes of the lists; without one, sizes are not compared.
    pub state: Option<PathBuf>,
}

impl Lists {
    /// The lists of a blueprint that can be read. A list that a built-in describes only partly is ignored.
    #[must_use]
    pub fn of(
        blueprint: &Blueprint,
        purpose: Purpose,
        requirements: Requirements,
        state: Option<PathBuf>,
    ) -> Self {
        let (owners, keys) = crate::ops::orphans::lists_of(blueprint);
        Self {
            owners,
            keys,
            requirements,
            purpose,
            state,
        }
    }
}

impl Records {
    /// The result without any list.
    #[must_use]
    pub(crate) fn unread() -> Self {
        Self {
            keys: None,
            lists: TrustedLists::default(),
            existence: Existence::NotChecked,
            likeness: None,
            remarks: Vec::new(),
            undated: None,
        }
    }

    /// Remarks for a person.
    #[must_use]
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.existence != Existence::NotChecked {
            words.push(self.existence.words());
        }
        words.extend(self.remarks.iter().cloned());
        words
    }
}

/// The lists, read and judged. They answer for any number of users.
#[derive(Debug)]
pub(crate) struct ReadLists {
    owners: Option<Arc<TrustedList>>,
    keys: Option<Arc<TrustedList>>,
    remarks: Vec<String>,
    undated: Option<String>,
}

/// Reads the lists and looks up one user.
///
/// # Errors
/// [`NoRegistry`] if a list is unavailable or unreliable.
pub(crate) async fn ask(
    aws: &Aws,
    blueprint: &Blueprint,
    lists: &Lists,
    owner: &OwnerId,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<Records, NoRegistry> {
    let read = read(aws, blueprint, lists, cancel, meter).await?;
    Ok(read.about(owner))
}

/// Reads the lists and judges each before it is used.
///
/// # Errors
/// [`NoRegistry`] if a list is unavailable or unreliable.
pub(crate) async fn read(
    aws: &Aws,
    blueprint: &Blueprint,
    lists: &Lists,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<ReadLists, NoRegistry> {
    let layouts = |bucket: &&crate::domain::blueprint::BucketBlueprint| !bucket.layouts.is_empty();
    let buckets: Vec<BucketName> = blueprint
        .buckets
        .iter()
        .filter(layouts)
        .map(|bucket| bucket.name.clone())
        .collect();
    let rows = RowCount::new();
    let mut all = ReadLists {
        owners: None,
        keys: None,
        remarks: Vec::new(),
        undated: None,
    };
    for (subject, list) in [
        (Subject::Owners, &lists.owners),
        (Subject::Keys, &lists.keys),
    ] {
        let Some(list) = list else {
            continue;
        };
        let consulted = Consulted {
            list,
            subject,
            requirements: &lists.requirements,
            purpose: lists.purpose,
            buckets: &buckets,
            state: lists.state.as_deref(),
        };
        let reading = registry::trusted(consulted, aws, &rows, meter, cancel);
        let Trusted { list, remarks } = Box::pin(reading).await?;
        all.remarks.extend(remarks);
        if list.date() != Date::Known && !lists.requirements.undated {
            all.undated
                .get_or_insert_with(|| undated(subject, &list.stated));
        }
        match subject {
            Subject::Owners => all.owners = Some(Arc::new(list)),
            Subject::Keys => all.keys = Some(Arc::new(list)),
        }
    }
    if let Some(state) = &lists.state {
        let read = all.owners.iter().chain(&all.keys);
        let read: Vec<_> = read.map(Arc::as_ref).collect();
        if let Err(why) = registry::note(state, aws.endpoint(), &buckets, &[], &read) {
            all.remarks.push(why);
        }
    }
    Ok(all)
}

/// The clause about a list of unknown age.
#[must_use]
pub(crate) fn undated(subject: Subject, stated: &str) -> String {
    format!(
        "nobody knows how old the list of {} is ({stated})",
        subject.plural()
    )
}

impl ReadLists {
    /// The list of unknown age on which no change may be based; as a clause.
    #[must_use]
    pub(crate) fn undated(&self) -> Option<&str> {
        self.undated.as_deref()
    }

    /// Describes the source of the list of owners; `None` if none was read.
    #[must_use]
    pub(crate) fn owners(&self) -> Option<&str> {
        self.owners.as_ref().map(|list| list.stated.as_str())
    }

    /// Describes the source of the list of keys; `None` if none was read.
    #[must_use]
    pub(crate) fn keys(&self) -> Option<&str> {
        self.keys.as_ref().map(|list| list.stated.as_str())
    }

    /// Looks up one user. Keys that name their owner are compared with the records, too: if those name somebody else,
    /// the keys are contested.
    #[must_use]
    pub(crate) fn about(&self, owner: &OwnerId) -> Records {
        let mut records = Records {
            remarks: self.remarks.clone(),
            undated: self.undated.clone(),
            ..Records::unread()
        };
        if let Some(list) = &self.owners {
            records.lists.owners = Some(Arc::clone(list));
            let (stated, read_at, made_at) = (list.stated.clone(), list.read_at, list.made_at);
            records.existence = match list.standing(owner.as_str()) {
                Standing::Alive => Existence::Exists {
                    stated,
                    read_at,
                    made_at,
                },
                Standing::Gone => Existence::Gone {
                    stated,
                    read_at,
                    made_at,
                },
                Standing::Alike(alike) => {
                    let why = alike.words();
                    records.likeness = Some(alike.living).filter(|living| !living.is_empty());
                    Existence::Suspect {
                        stated,
                        read_at,
                        made_at,
                        why,
                    }
                }
            };
        }
        // A list of bare keys does not say whose they are.
        let telling = self.keys.as_ref();
        let telling = telling.filter(|list| list.records().any(|(_, owner)| owner.is_some()));
        if let Some(list) = telling {
            let of_owner = list.keys_of(owner.as_str());
            records.keys = Some(of_owner.map(str::to_owned).collect());
            records.lists.keys = Some(Arc::clone(list));
        }
        records
    }
}
