//! A model application: where it puts uploads, what it derives from them, and what it forgets.
//!
//! It is the oracle of the tests. It knows the owner of each object because it wrote the object, and it does not use
//! the code under test. `system` describes the same application as a blueprint.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{Store, Thing};

pub(super) const MEDIA: &str = "media";
pub(super) const PREVIEWS: &str = "previews";
pub(super) const TINY: &str = "tiny";
pub(super) const REPLICA: &str = "media-copy";

/// Ids that resemble each other, derived keys or file names.
pub(super) const USERS: [&str; 7] = [
    "ada",
    "ada.l",
    "ada-small.l",
    "bob",
    "user-1",
    "user-10",
    "x.jpg",
];

const NAMES: [&str; 9] = [
    "1.jpg",
    "1.mov",
    "2.jpg",
    "1",
    "1.tar.gz",
    "1-small.jpg",
    "bob/1.jpg",
    "b.c/2",
    "ada/1.mov",
];

/// Where the application puts what users upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    /// `users/USER/NAME`
    Users,
    /// `FOLDER/USER/NAME`, of two folders
    Folders,
    /// `blobs/NAME`; the application's records name the owner
    Records,
    /// `meta/NAME`; the object's metadata names the owner
    Metadata,
}

pub(super) const AREAS: [Area; 4] = [Area::Users, Area::Folders, Area::Records, Area::Metadata];

/// An object that the application derives from an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Make {
    /// In the same folder, with `-small` before the last dot.
    Suffix,
    /// In another bucket, with a new extension; the old one is lost.
    DropExtension,
    /// Films: in another folder. Others: under the same key in another bucket.
    SwapFolder,
    /// In one folder for all users.
    DropOwner,
    /// The last extension replaced.
    CutEnd,
    /// In another folder.
    ReplaceFolder,
    /// One picture for all uploads of a user.
    OnePerOwner,
    /// Derived from a preview.
    Again,
}

pub(super) const MAKES: [Make; 8] = [
    Make::Suffix,
    Make::DropExtension,
    Make::SwapFolder,
    Make::DropOwner,
    Make::CutEnd,
    Make::ReplaceFolder,
    Make::OnePerOwner,
    Make::Again,
];

impl Make {
    /// The areas whose uploads have such a derived object.
    pub(super) fn of(self) -> &'static [Area] {
        match self {
            Self::Suffix => &[Area::Users, Area::Folders],
            Self::DropExtension => &AREAS,
            Self::CutEnd => &[Area::Users, Area::Records],
            Self::SwapFolder | Self::DropOwner | Self::ReplaceFolder | Self::OnePerOwner => {
                &[Area::Users]
            }
            Self::Again => &[],
        }
    }

    /// Where the application puts the object that it derives from a key.
    pub(super) fn place(self, key: &str) -> (&'static str, String) {
        let cut = |key: &str| {
            key.rsplit_once('.')
                .map_or(key.to_owned(), |(stem, _)| stem.to_owned())
        };
        match self {
            Self::Suffix => {
                let mut dots = key.char_indices().rev();
                let dot = dots.find(|(at, c)| *c == '.' && *at > 0 && at + 1 < key.len());
                let made = dot.map_or(key.to_owned(), |(at, _)| {
                    format!("{}-small{}", &key[..at], &key[at..])
                });
                (MEDIA, made)
            }
            // The last dot with text on both sides; without one, the key stays the same.
            Self::DropExtension => {
                let mut dots = key.char_indices().rev();
                let dot = dots.find(|(at, c)| *c == '.' && *at > 0 && at + 1 < key.len());
                let made = dot.map_or(key.to_owned(), |(at, _)| {
                    format!("previews/{}.jpg", &key[..at])
                });
                (PREVIEWS, made)
            }
            Self::SwapFolder => {
                let film = key
                    .strip_prefix("users/")
                    .and_then(|rest| rest.strip_suffix(".mov"));
                let film = film.filter(|stem| !stem.is_empty());
                (
                    PREVIEWS,
                    film.map_or(key.to_owned(), |stem| format!("encoded/{stem}.mp4")),
                )
            }
            Self::DropOwner => {
                let rest = key.splitn(3, '/').nth(2).unwrap_or_default();
                (PREVIEWS, format!("flat/{rest}"))
            }
            Self::CutEnd => (PREVIEWS, format!("cut/{}.webp", cut(key))),
            Self::ReplaceFolder => (PREVIEWS, key.replace("users/", "thumbs/")),
            Self::OnePerOwner => {
                let owner = key.split('/').nth(1).unwrap_or_default();
                (PREVIEWS, format!("covers/{owner}.png"))
            }
            Self::Again => {
                let rest = key.strip_prefix("previews/").unwrap_or(key);
                (TINY, format!("tiny/{rest}"))
            }
        }
    }
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Upload {
        user: usize,
        area: usize,
        name: usize,
        fails: bool,
    },
    /// An upload's object is deleted: either noncurrent versions remain, or nothing does.
    Delete { which: usize, hard: bool },
    /// An object derived from an upload is deleted.
    DeleteMade { which: usize },
    /// The upload was deleted without a trace, and now its record is deleted, too.
    Forget { which: usize },
    /// A record also gives an upload to another user.
    Contest { which: usize, user: usize },
    /// A record gives what is derived from an upload to another user, for as long as its source exists.
    ContestMade { which: usize, user: usize },
    /// Somebody else writes an object under an upload's key into the bucket of the replicas.
    Squat { which: usize },
    /// An object is quarantined by copying it.
    Quarantine { which: usize },
    /// A multipart upload is started and not completed.
    Begin {
        user: usize,
        area: usize,
        name: usize,
    },
    /// The same for an object derived from an upload.
    BeginMade { which: usize },
}

/// An upload that existed at some time.
#[derive(Debug, Clone)]
struct Original {
    key: String,
    owner: &'static str,
    area: Area,
}

/// What the bucket of replicas is, besides a copy of the uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replica {
    None,
    /// A copy of all uploads.
    Whole,
    /// A copy of the uploads below `users/`. Another application writes there, too.
    OfPrefix,
    /// A copy of all uploads. Users also upload there, under `users/FOLDER/USER/NAME`.
    WithUploads,
}

impl Replica {
    /// The prefix of the keys that are replicated.
    pub(super) fn prefix(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Whole | Self::WithUploads => Some(""),
            Self::OfPrefix => Some("users/"),
        }
    }
}

/// The owner of what other applications write.
pub(super) const STRANGER: &str = "a stranger";

/// The application and its history.
pub(super) struct Application {
    pub areas: Vec<Area>,
    pub makes: Vec<Make>,
    pub replica: Replica,
    /// Whether the metadata of previews names the owner.
    pub states_owners: bool,
    pub store: Store,
    /// Its records: key and owner.
    pub records: Vec<(String, &'static str)>,
    originals: Vec<Original>,
    /// Uploads, and the users to whom records give what is derived from them.
    contested_made: Vec<(Original, &'static str)>,
    /// Everybody who ever uploaded to a key.
    uploaders: BTreeMap<(String, String), BTreeSet<&'static str>>,
    /// The owners whose uploads were ever meant to produce a key.
    makers: BTreeMap<(String, String), BTreeSet<&'static str>>,
}

impl Application {
    pub(super) fn new(
        areas: Vec<Area>,
        makes: Vec<Make>,
        (replica, states_owners): (Replica, bool),
        store: Store,
    ) -> Self {
        Self {
            areas,
            makes,
            replica,
            states_owners,
            store,
            records: Vec::new(),
            originals: Vec::new(),
            contested_made: Vec::new(),
            uploaders: BTreeMap::new(),
            makers: BTreeMap::new(),
        }
    }

    /// Whether the application derives such objects at all, from uploads or from derived objects.
    pub(super) fn does(&self, make: Make) -> bool {
        self.makes.contains(&make)
            && match make {
                Make::Again => self.does(Make::DropExtension) && self.areas.contains(&Area::Users),
                _ => make.of().iter().any(|area| self.areas.contains(area)),
            }
    }

    /// Everybody who ever uploaded something, or started to.
    pub(super) fn users(&self) -> BTreeSet<&'static str> {
        self.uploaders.values().flatten().copied().collect()
    }

    pub(super) fn happen(&mut self, event: &Event) {
        self.take_place(event);
        self.settle();
    }

    fn take_place(&mut self, event: &Event) {
        match event {
            Event::Upload {
                user,
                area,
                name,
                fails,
            } => {
                let Some(original) = self.original(*user, *area, *name) else {
                    return;
                };
                self.upload(&original, *fails);
            }
            Event::Delete { which, hard } => {
                if let Some(original) = self.pick(*which) {
                    if *hard {
                        self.store.remove_all(MEDIA, &original.key);
                    } else {
                        self.store.delete(MEDIA, &original.key);
                    }
                    // For these, a record is only a mistake, and it is deleted with the upload.
                    if original.area == Area::Metadata {
                        self.records.retain(|(key, _)| *key != original.key);
                    }
                }
            }
            Event::DeleteMade { which } => {
                if let Some(original) = self.pick(*which) {
                    for (bucket, key, _) in self.made_of(&original) {
                        if (bucket, key.as_str()) != (MEDIA, original.key.as_str()) {
                            self.store.delete(bucket, &key);
                        }
                    }
                }
            }
            Event::Forget { which } => {
                let is_gone = |store: &Store, key: &str| {
                    !store.has_things(MEDIA, key) && !store.has_things(REPLICA, key)
                };
                if let Some(original) = self.pick(*which)
                    && is_gone(&self.store, &original.key)
                {
                    self.records.retain(|(key, _)| *key != original.key);
                }
            }
            Event::Contest { which, user } => {
                // The true record stays. Nobody could find the truth if a false record were the only one.
                if let Some(original) = self.pick(*which)
                    && (original.area != Area::Metadata
                        || self.store.has_versions(MEDIA, &original.key))
                    && (original.area != Area::Records
                        || self
                            .records
                            .contains(&(original.key.clone(), original.owner)))
                {
                    self.records.push((original.key, USERS[user % USERS.len()]));
                }
            }
            Event::ContestMade { which, user } => {
                if let Some(original) = self.pick(*which) {
                    self.contested_made
                        .push((original, USERS[user % USERS.len()]));
                }
            }
            Event::Squat { which } => {
                if let Some(original) = self.pick(*which)
                    && let Some(owner) = self.squatter(&original.key)
                {
                    self.store.put(REPLICA, &original.key, owner, None);
                }
            }
            Event::Quarantine { which } => self.quarantine(*which),
            Event::Begin { user, area, name } => {
                let Some(original) = self.original(*user, *area, *name) else {
                    return;
                };
                if original.area == Area::Records {
                    self.record(&original);
                }
                self.store.begin(MEDIA, &original.key, original.owner);
            }
            Event::BeginMade { which } => {
                if let Some(original) = self.pick(*which) {
                    for (bucket, key, _) in self.made_of(&original) {
                        if !self.is_of_others(bucket, &key, original.owner) {
                            self.store.begin(bucket, &key, original.owner);
                        }
                    }
                }
            }
        }
    }

    /// The next upload. `None` if another user's media exist there, or would have to. Two users never upload to the
    /// same key, nor to a key where the application puts objects derived from another user's media.
    fn original(&mut self, user: usize, area: usize, name: usize) -> Option<Original> {
        let owner = USERS[user % USERS.len()];
        let area = self.areas[area % self.areas.len()];
        let file = NAMES[name % NAMES.len()];
        let key = match area {
            Area::Users => format!("users/{owner}/{file}"),
            Area::Folders => {
                let folder = if name.is_multiple_of(2) {
                    "up"
                } else {
                    "up.v2"
                };
                format!("{folder}/{owner}/{file}")
            }
            Area::Records => format!("blobs/{}-{}", user % USERS.len(), file.replace('/', "_")),
            Area::Metadata => format!("meta/{}-{}", user % USERS.len(), file.replace('/', "_")),
        };
        let original = Original { key, owner, area };
        let others = |owners: Option<&BTreeSet<&'static str>>| {
            owners.is_some_and(|owners| owners.iter().any(|one| *one != owner))
        };
        let place = (MEDIA.to_owned(), original.key.clone());
        if others(self.makers.get(&place)) {
            return None;
        }
        let made = self.may_make(&original);
        let places = made
            .iter()
            .map(|(bucket, key)| ((*bucket).to_owned(), key.clone()));
        if places
            .clone()
            .any(|place| others(self.uploaders.get(&place)))
        {
            return None;
        }
        for place in places {
            self.makers.entry(place).or_default().insert(owner);
        }
        self.uploaders.entry(place).or_default().insert(owner);
        Some(original)
    }

    fn upload(&mut self, original: &Original, fails: bool) {
        if original.area == Area::Records {
            self.record(original);
        }
        let metadata = (original.area == Area::Metadata).then_some(original.owner);
        self.put(MEDIA, &original.key, original.owner, metadata);
        if !self.originals.iter().any(|one| one.key == original.key) {
            self.originals.push(original.clone());
        }
        // Derived objects without a source are removed before a new upload takes their place.
        for (bucket, key) in self.may_make(original) {
            for owner in self.others_at(bucket, &key, original.owner) {
                if !self.has_source(bucket, &key, owner) {
                    self.store.remove_of(bucket, &key, owner);
                }
            }
        }
        for (bucket, key, make) in self.made_of(original) {
            if (bucket, key.as_str()) == (MEDIA, original.key.as_str()) {
                continue;
            }
            // The application never shows one user another's picture: it always replaces such an object.
            if !fails || make == Make::Again || self.is_of_others(bucket, &key, original.owner) {
                self.put(bucket, &key, original.owner, None);
            }
        }
    }

    /// Who may write an object of their own under an upload's key into the bucket of replicas.
    fn squatter(&self, key: &str) -> Option<&'static str> {
        match self.replica {
            Replica::None | Replica::Whole => None,
            Replica::OfPrefix => (!key.starts_with("users/")).then_some(STRANGER),
            Replica::WithUploads => {
                let parts: Vec<&str> = key.splitn(4, '/').collect();
                let [folder, _, user, _] = parts.as_slice() else {
                    return None;
                };
                let mut users = USERS.into_iter().filter(|_| *folder == "users");
                users.find(|one| one == user)
            }
        }
    }

    /// False records of derived objects. The application keeps them only while it could find the truth: while the
    /// source exists. `is_source` tells whether s3warden takes an object for one.
    pub(super) fn false_records(
        &self,
        is_source: impl Fn(&str, &str) -> bool,
    ) -> Vec<(String, &'static str)> {
        let mut records = Vec::new();
        for (original, user) in &self.contested_made {
            if !is_source(MEDIA, &original.key) {
                continue;
            }
            for (_, key, make) in self.made_of(original) {
                let preview = || key.replacen("tiny/", "previews/", 1);
                if make != Make::Again || is_source(PREVIEWS, &preview()) {
                    records.push((key, *user));
                }
            }
        }
        records
    }

    fn record(&mut self, original: &Original) {
        let record = (original.key.clone(), original.owner);
        if !self.records.contains(&record) {
            self.records.push(record);
        }
    }

    fn put(
        &mut self,
        bucket: &str,
        key: &str,
        owner: &'static str,
        metadata: Option<&'static str>,
    ) {
        let metadata = metadata.or((bucket == PREVIEWS && self.states_owners).then_some(owner));
        self.store.put(bucket, key, owner, metadata);
        let mut prefix = self.replica.prefix().into_iter();
        if bucket == MEDIA && prefix.any(|prefix| key.starts_with(prefix)) {
            self.store.put(REPLICA, key, owner, metadata);
        }
    }

    /// Where the application puts the objects that it derives from an upload, and the objects derived from those.
    fn made_of(&self, original: &Original) -> Vec<(&'static str, String, Make)> {
        let mut made = Vec::new();
        for make in MAKES.into_iter().filter(|make| self.does(*make)) {
            if make.of().contains(&original.area) {
                let (bucket, key) = make.place(&original.key);
                made.push((bucket, key, make));
            }
        }
        if self.does(Make::Again) {
            let names_user = |key: &str| {
                let rest = key.strip_prefix("previews/users/");
                rest.and_then(|rest| rest.split_once('/'))
                    .is_some_and(|(user, name)| !user.is_empty() && !name.is_empty())
            };
            let again = made
                .iter()
                .filter(|(bucket, key, _)| *bucket == PREVIEWS && names_user(key));
            let again: Vec<_> = again.map(|(_, key, _)| Make::Again.place(key)).collect();
            made.extend(
                again
                    .into_iter()
                    .map(|(bucket, key)| (bucket, key, Make::Again)),
            );
        }
        made
    }

    /// Every key that the rules could derive from an upload and from its derived objects. The rules cover all of them,
    /// although this application does not write them all.
    fn may_make(&self, original: &Original) -> BTreeSet<(&'static str, String)> {
        let mut places = BTreeSet::new();
        let mut sources = vec![original.clone()];
        for _ in 0..3 {
            let mut beside = Vec::new();
            for source in &sources {
                for (bucket, key, _) in self.made_of(source) {
                    if bucket == MEDIA {
                        beside.push(Original {
                            key: key.clone(),
                            ..source.clone()
                        });
                    }
                    places.insert((bucket, key));
                }
            }
            sources = beside;
        }
        places.remove(&(MEDIA, original.key.clone()));
        places
    }

    /// The objects of an upload, and those that may be derived from its existing derived objects.
    fn makes_now(&self, original: &Original) -> BTreeSet<(&'static str, String)> {
        let mut places = BTreeSet::new();
        let mut sources = vec![original.clone()];
        for _ in 0..4 {
            let mut beside = Vec::new();
            for source in &sources {
                let is_there = self.store.has_versions(MEDIA, &source.key);
                for (bucket, key, _) in self.made_of(source) {
                    if bucket == MEDIA {
                        beside.push(Original {
                            key: key.clone(),
                            ..source.clone()
                        });
                    }
                    if is_there {
                        places.insert((bucket, key));
                    }
                }
            }
            sources = beside;
        }
        places.remove(&(MEDIA, original.key.clone()));
        places
    }

    /// Existing sources decide. If the source of a derived object is gone and another user's source produces the same
    /// key, the object is derived again from that one.
    fn settle(&mut self) {
        let mut makers: BTreeMap<(&'static str, String), BTreeSet<&'static str>> = BTreeMap::new();
        for original in &self.originals {
            for place in self.makes_now(original) {
                makers.entry(place).or_default().insert(original.owner);
            }
        }
        for ((bucket, key), makers) in makers {
            let things: Vec<Thing> = self.store.things_at(bucket, &key).cloned().collect();
            let others = things.iter().filter(|one| !makers.contains(one.owner));
            let others: BTreeSet<&'static str> = others.map(|one| one.owner).collect();
            for owner in &others {
                self.store.remove_of(bucket, &key, owner);
            }
            if let Some(owner) = makers.first().filter(|_| !others.is_empty())
                && !self.store.has_things(bucket, &key)
            {
                self.put(bucket, &key, owner, None);
            }
        }
    }

    /// Whether an upload of this owner exists from which this object is derived.
    fn has_source(&self, bucket: &'static str, key: &str, owner: &str) -> bool {
        let mut of_owner = self.originals.iter().filter(|one| one.owner == owner);
        of_owner.any(|one| self.makes_now(one).contains(&(bucket, key.to_owned())))
    }

    fn others_at(&self, bucket: &str, key: &str, owner: &str) -> BTreeSet<&'static str> {
        let things = self.store.things_at(bucket, key);
        let owners = things.map(|thing| thing.owner);
        owners.filter(|one| *one != owner).collect()
    }

    fn is_of_others(&self, bucket: &str, key: &str, owner: &str) -> bool {
        !self.others_at(bucket, key, owner).is_empty()
    }

    fn quarantine(&mut self, which: usize) {
        let current = self.store.current();
        let current: Vec<(String, Thing)> = current
            .into_iter()
            .filter(|(bucket, thing)| bucket != REPLICA && !thing.key.starts_with("s3warden-"))
            .collect();
        let Some((bucket, thing)) = current.get(which % current.len().max(1)) else {
            return;
        };
        if self.is_of_others(bucket, &thing.key, thing.owner) {
            return;
        }
        let place = format!("s3warden-quarantine/{}", thing.key);
        self.store.put(bucket, &place, thing.owner, thing.metadata);
        self.store.remove_all(bucket, &thing.key);
        let original = self
            .originals
            .iter()
            .find(|one| one.key == thing.key && bucket == MEDIA);
        if let Some(original) = original.cloned()
            && original.area == Area::Metadata
        {
            self.records.retain(|(key, _)| *key != original.key);
        }
    }

    fn pick(&self, which: usize) -> Option<Original> {
        let count = self.originals.len().max(1);
        self.originals.get(which % count).cloned()
    }
}
