//! The Browse screen: a bucket, a stack of places in it, and a pane.
//!
//! A *place* is one list: all owners, one owner's prefixes, or one folder. Opening a row pushes the place one was in,
//! with its rows and its cursor, so that going back shows at once what was there.

pub(crate) mod rows;
pub(crate) mod texts;
pub(crate) mod treemap;
pub(crate) mod update;

use std::sync::Arc;

use crate::app::screens::browse::rows::{AnchorColumn, AnchorRow, Entry, OwnerColumn, OwnerRow};
use crate::app::state::Load;
use crate::app::table::{Arranged, List, Table};
use crate::aws::Problem;
use crate::domain::blueprint::{BucketBlueprint, UnnamedLayout};
use crate::domain::{BucketName, ByteSize, ListingOrder, ObjectKey, OwnerId};
use crate::ops::Coverage;
use crate::ops::browse::Start;
use crate::ops::inspect::ObjectDetail;
use crate::ops::lifecycle_forecast::Rules;
use crate::ops::owners::{Tally, Unattributed};
use crate::tasks::{Aspect, Share, Shares};
use treemap::Treemap;
use update::readings::ReadSnapshot;

/// The screen.
pub(super) struct BrowseScreen;

/// How the layouts of the bucket that is browsed came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LayoutSource {
    /// A blueprint, by its name.
    Blueprint(String),
    /// A person pointed at a prefix and said that its folders are the owners.
    ByHand(String),
}

/// The bucket that is browsed.
#[derive(Debug, Clone)]
pub(crate) struct Browse {
    /// Its name.
    pub bucket: BucketName,
    /// Its layouts, if any are known, and where they come from.
    pub layouts: Option<(Arc<BucketBlueprint>, LayoutSource)>,
    /// Where one is.
    pub place: Place,
    /// Where one came from, the nearest last.
    pub back: Vec<Place>,
    /// Whether one came from a verdict of the Orphans screen, and goes back there.
    pub from_orphans: bool,
    /// The pane beside the list, when it is shown.
    pub pane: Option<Pane>,
    /// What becomes of the bucket's objects by its lifecycle; asked for with the first of them that the pane shows.
    pub rules: BucketRules,
    /// Where the bytes are, when that is shown instead of the pane.
    pub bars: Option<Bars>,
    /// Where the bytes are as a map, when that is shown instead of everything else.
    pub treemap: Option<Treemap>,
    /// What this place was last told of a scan.
    pub told: Option<ReadSnapshot>,
    /// Whether something is being read out of a scan for this place.
    pub is_reading: bool,
    /// Whether the scan has gone on since.
    pub read_again: bool,
    /// Places of which a scan of an earlier session was looked for.
    pub looked_for: Vec<Vec<String>>,
}

/// Where the bytes are, as bars.
#[derive(Debug, Clone)]
pub(crate) struct Bars {
    /// By what.
    pub aspect: Aspect,
    /// The bars of this place; none while no scan has told.
    pub shares: Option<Arc<Shares>>,
}

impl Bars {
    /// The aspects that there are, in the order in which they are gone through.
    #[must_use]
    pub(crate) fn aspects(has_layouts: bool) -> &'static [Aspect] {
        const ALL: [Aspect; 5] = [
            Aspect::Owner,
            Aspect::Layout,
            Aspect::Class,
            Aspect::Age,
            Aspect::Folder,
        ];
        if has_layouts { &ALL } else { ALL.split_at(2).1 }
    }

    /// The bars by the aspect that is shown.
    #[must_use]
    pub(crate) fn share(&self) -> Option<&Share> {
        let shares = self.shares.as_ref()?;
        shares.of.iter().find(|share| share.aspect == self.aspect)
    }
}

impl Browse {
    /// A bucket at a place, before anything was asked.
    #[must_use]
    pub(crate) fn new(bucket: BucketName, place: Place) -> Self {
        Self {
            bucket,
            layouts: None,
            place,
            back: Vec::new(),
            from_orphans: false,
            pane: None,
            rules: BucketRules::default(),
            bars: None,
            treemap: None,
            told: None,
            is_reading: false,
            read_again: false,
            looked_for: Vec::new(),
        }
    }
}

/// The lifecycle rules of the bucket, as far as they are here.
#[derive(Debug, Clone, Default)]
pub(crate) enum BucketRules {
    /// Nobody needed them yet.
    #[default]
    Idle,
    /// Asked for.
    Loading,
    /// Answered; what could not be learnt says so.
    Ready(Arc<Rules>),
    /// They could not be asked for.
    Failed(Arc<Problem>),
}

/// One list within a bucket.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// All owners.
    Owners(Owners),
    /// One owner's prefixes.
    Owner(OwnerPage),
    /// One folder.
    Folder(Folder),
}

impl Place {
    /// Its list.
    pub(crate) fn list(&mut self) -> &mut dyn List {
        match self {
            Self::Owners(owners) => &mut owners.table,
            Self::Owner(owner) => &mut owner.table,
            Self::Folder(folder) => &mut folder.table,
        }
    }

    /// The filter of its list.
    #[must_use]
    pub(crate) fn filter(&self) -> &str {
        match self {
            Self::Owners(owners) => owners.table.filter(),
            Self::Owner(owner) => owner.table.filter(),
            Self::Folder(folder) => folder.table.filter(),
        }
    }
}

/// All owners of a bucket, as far as they were found.
#[derive(Debug, Clone)]
pub(crate) struct Owners {
    /// One row an owner.
    pub table: Table<OwnerRow>,
    /// The number under which each owner arrived.
    pub numbers: std::collections::HashMap<OwnerId, usize>,
    /// How far it is.
    pub load: Load,
    /// How far the search for owners came, once it has ended.
    pub found: Option<Coverage>,
    /// How far the counting came, once it has ended.
    pub counted: Option<Coverage>,
    /// Everything counted so far.
    pub total: Tally,
    /// What of it is no owner's by its key.
    pub unattributed: Unattributed,
    /// Whether owners and counts are those of a scan.
    pub by_scan: bool,
    /// Whether they are being read out of one that was made before, or as far as it was when one came here.
    pub is_reading: bool,
}

impl Default for Owners {
    fn default() -> Self {
        Self {
            table: Table::sorted_by(OwnerColumn::Owner, false),
            numbers: std::collections::HashMap::new(),
            load: Load::Idle,
            found: None,
            counted: None,
            total: Tally::default(),
            unattributed: Unattributed::default(),
            by_scan: false,
            is_reading: false,
        }
    }
}

impl Owners {
    /// Forgets the counts, for a scan makes them anew. The owners stay.
    pub(crate) fn count_anew(&mut self) -> Arranged {
        let arranged = self.table.change_rows(|row| row.tally = Tally::default());
        self.found = None;
        self.counted = None;
        self.total = Tally::default();
        self.unattributed = Unattributed::default();
        self.by_scan = true;
        self.is_reading = false;
        arranged
    }

    /// Whether all owners were found; otherwise there are at least these.
    #[must_use]
    pub(crate) fn all_found(&self) -> bool {
        self.found.as_ref().is_some_and(Coverage::is_complete)
    }

    /// Whether all objects were counted; otherwise the counts are lower bounds.
    #[must_use]
    pub(crate) fn all_counted(&self) -> bool {
        self.counted.as_ref().is_some_and(Coverage::is_complete)
    }

    /// Why owners or objects are missing, in words.
    #[must_use]
    pub(crate) fn why_partial(&self) -> Option<&str> {
        why_partial(self.found.as_ref(), self.counted.as_ref())
    }
}

/// The first reason why something was not found or not counted.
fn why_partial<'c>(found: Option<&'c Coverage>, counted: Option<&'c Coverage>) -> Option<&'c str> {
    let mut gaps = found.into_iter().chain(counted).flat_map(Coverage::gaps);
    gaps.next().map(|gap| gap.why.as_str())
}

/// One owner's page.
#[derive(Debug, Clone)]
pub(crate) struct OwnerPage {
    /// Whose.
    pub owner: OwnerId,
    /// One row a prefix.
    pub table: Table<AnchorRow>,
    /// How far it is.
    pub load: Load,
    /// What the key cannot tell: layouts that name the user elsewhere.
    pub unnamed: Vec<UnnamedLayout>,
    /// How far the search for prefixes came, once it has ended.
    pub found: Option<Coverage>,
    /// How far the counting came, once it has ended.
    pub counted: Option<Coverage>,
    /// Whether the counts are those of a scan.
    pub by_scan: bool,
}

impl OwnerPage {
    /// Whether everything of this owner was found and counted.
    #[must_use]
    pub(crate) fn is_complete(&self) -> bool {
        let complete =
            |coverage: &Option<Coverage>| coverage.as_ref().is_some_and(Coverage::is_complete);
        complete(&self.found) && complete(&self.counted)
    }

    /// Why something of theirs may be missing, in words.
    #[must_use]
    pub(crate) fn why_partial(&self) -> Option<&str> {
        why_partial(self.found.as_ref(), self.counted.as_ref())
    }

    /// An owner's page before anything was asked.
    #[must_use]
    pub(crate) fn new(owner: OwnerId) -> Self {
        Self {
            owner,
            table: Table::sorted_by(AnchorColumn::Prefix, false),
            load: Load::Idle,
            unnamed: Vec::new(),
            found: None,
            counted: None,
            by_scan: false,
        }
    }
}

/// One folder: what begins with a prefix, up to the next `/`.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// The prefix, exact; empty at the top.
    pub prefix: String,
    /// One row a folder or object.
    pub table: Table<Entry>,
    /// How far it is.
    pub load: Load,
    /// Where the next page begins, when there is one.
    pub next: Option<Start>,
    /// Objects and bytes here, folders not counted.
    pub objects: (u64, ByteSize),
    /// Folders here.
    pub folders: u64,
    /// Whether pages follow one another; none before the first page was asked for.
    pub order: Option<ListingOrder>,
    /// How far the scan came that told what is in the folders, when one has.
    pub sizes: Option<Coverage>,
    /// All objects below these prefixes as one list, out of a scan; none for a folder as it is listed.
    pub below: Option<Vec<String>>,
}

impl Folder {
    /// A folder before anything was asked.
    #[must_use]
    pub(crate) fn new(prefix: String) -> Self {
        Self {
            prefix,
            table: Table::default(),
            load: Load::Idle,
            next: None,
            objects: Default::default(),
            folders: 0,
            order: None,
            sizes: None,
            below: None,
        }
    }

    /// All objects below some prefixes, before any scan was looked at.
    #[must_use]
    pub(crate) fn of_all(prefixes: Vec<String>) -> Self {
        let prefix = match prefixes.as_slice() {
            [only] => only.clone(),
            _ => String::new(),
        };
        Self {
            below: Some(prefixes),
            ..Self::new(prefix)
        }
    }
}

/// The pane beside the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pane {
    /// The first line that is shown.
    pub scroll: u16,
    /// What it shows of an object; other rows need no request.
    pub detail: Detail,
}

/// An object's detail, as far as it is here.
#[derive(Debug, Clone, Default)]
pub(crate) enum Detail {
    /// The row is not an object.
    #[default]
    None,
    /// Asked for.
    Loading(ObjectKey),
    /// Here.
    Ready(Arc<ObjectDetail>),
    /// It could not be had.
    Failed(ObjectKey, Arc<Problem>),
}

impl Detail {
    /// The key that it is about.
    #[must_use]
    pub(crate) fn key(&self) -> Option<&ObjectKey> {
        match self {
            Self::None => None,
            Self::Loading(key) | Self::Failed(key, _) => Some(key),
            Self::Ready(detail) => Some(&detail.key),
        }
    }
}

impl Browse {
    /// The object under the cursor.
    #[must_use]
    pub(crate) fn current_object(&self) -> Option<crate::domain::ObjectSummary> {
        match &self.place {
            Place::Folder(folder) => folder.table.current()?.object().cloned(),
            Place::Owners(_) | Place::Owner(_) => None,
        }
    }

    /// The prefix of the place that is shown; empty in the owner view.
    #[must_use]
    pub(crate) fn prefix(&self) -> &str {
        match &self.place {
            Place::Folder(folder) => &folder.prefix,
            Place::Owners(_) | Place::Owner(_) => "",
        }
    }
}
