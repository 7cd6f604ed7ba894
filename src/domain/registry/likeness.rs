//! Different ids that were probably meant to be one.
//!
//! An application that trims, folds, composes or decodes ids in one place and not in another writes keys whose owner its
//! own list does not name; a spreadsheet, an export or a migration rewrites the list itself. The media are somebody's all
//! the same.
//!
//! Each text has *forms*: what is left when everything by which alike ones differ is taken away. Two are alike when they
//! share one. `text` has what ids and keys have in common, `id` how numbers, UUIDs and types are written, `date` what
//! spreadsheets take for a date, `garbled` what escapes and wrong encodings make of letters, `key` how keys stand in URLs
//! and paths, `cut` what is left of a text that was shortened or damaged. `within` finds an id that stands in a row among other things. Whatever is not plainly another id is alike:
//! the price is a suspect, not a loss.

mod cut;
mod date;
mod garbled;
mod id;
mod key;
mod text;
mod within;

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::index::Index;
use super::texts::Texts;
use super::{Intake, Subject};

use cut::{Gapped, Lengths, may_be_cut};
pub use text::core;
use text::{decoded, folded, plain};
pub(super) use within::{Within, may_hold_others};

/// A living id that a missing one resembles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The living one, exactly as the list has it; empty where nothing of it could be read ([`Difference::Anybody`]).
    pub living: String,
    /// In what they differ.
    pub by: Difference,
}

impl Likeness {
    /// Why an owner whom the list does not hold may be in it all the same: a clause that follows "but".
    #[must_use]
    pub fn words(&self) -> String {
        self.unread().unwrap_or_else(|| {
            format!("\"{}\" is: they differ in {}", self.living, self.by.words())
        })
    }

    /// Why a key that no record names may be named all the same: a clause that follows "but".
    #[must_use]
    pub fn words_of_record(&self) -> String {
        self.unread().unwrap_or_else(|| {
            format!(
                "one names \"{}\": they differ in {}",
                self.living,
                self.by.words()
            )
        })
    }

    /// What a person would look at, a line each.
    #[must_use]
    pub fn evidence(&self) -> Vec<String> {
        match self.by {
            Difference::Anybody => Vec::new(),
            Difference::Malformed => vec![format!("in a malformed row: {}", self.living)],
            Difference::Within => vec![format!("in a row with other things: {}", self.living)],
            _ => vec![format!("alive: {}", self.living)],
        }
    }

    fn unread(&self) -> Option<String> {
        match self.by {
            Difference::Anybody => {
                Some("a row of the list cannot be read and could name anybody".to_owned())
            }
            Difference::Within => Some(format!(
                "a row of the list holds \"{}\" among other things",
                self.living
            )),
            Difference::Malformed => Some(format!(
                "a row of the list that cannot be read holds \"{}\"",
                self.living
            )),
            _ => None,
        }
    }
}

/// In what two ids differ that may have been meant to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    /// White space at an end.
    Spaces,
    /// Capital and small letters.
    Case,
    /// Letters with marks, written as one character or as several (Unicode's NFC).
    Composition,
    /// Percent-encoding, or `+` for a space.
    Encoding,
    /// Quotation marks, brackets, or a database's type around it.
    Wrapping,
    /// How a number is written: groups, leading zeros, a fraction of zeros, a power of ten, lost digits.
    Number,
    /// How a UUID is written.
    Uuid,
    /// A word such as `user:` before it.
    Word,
    /// Keys: a slash, a host or a bucket before it, a query behind it.
    Place,
    /// Keys: the folders before its end.
    Folders,
    /// Characters that cannot be seen, or that look the same.
    Characters,
    /// Escapes, entities, a wrong encoding, letters that were lost.
    Garbled,
    /// What a spreadsheet took for a date or a time.
    Date,
    /// More than one of these.
    Several,
    /// The list's last line has no end, and may have been longer.
    CutShort,
    /// The list has a part of it alone: it was cut, or something in it was lost.
    Shortened,
    /// It stands in a row among other things.
    Within,
    /// It stands in a row that cannot be read.
    Malformed,
    /// A row of which nothing can be read may name anybody.
    Anybody,
}

impl Difference {
    /// In words that follow "they differ in"; for the last three, what is in doubt.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Spaces => "white space at an end",
            Self::Case => "capital and small letters",
            Self::Composition => "how letters with marks are composed (NFC)",
            Self::Encoding => "percent-encoding",
            Self::Wrapping => "quotation marks, brackets or a type around the id",
            Self::Number => "how the number is written",
            Self::Uuid => "how the UUID is written",
            Self::Word => "a word before the id",
            Self::Place => {
                "what stands before and after the key: a slash, a host, a bucket, a query"
            }
            Self::Folders => "the folders before the end of the key",
            Self::Characters => "characters that are invisible or look the same",
            Self::Garbled => "how letters are encoded or escaped",
            Self::Date => "how a date or a time is written",
            Self::Several => "several of white space, capitals, encoding and notation",
            Self::CutShort => "how much of the list's last line is there: it has no line end",
            Self::Shortened => "what is missing from the one in the list: it was cut or damaged",
            Self::Within => "what else stands in the row",
            Self::Malformed => "a row that cannot be read",
            Self::Anybody => "a row of which nothing can be read",
        }
    }
}

/// Before a form that holds of a whole key alone, and not of an end of one.
const WHOLE: char = '\u{1}';
/// Before a number that was written with a power of ten.
const SCIENTIFIC: char = '\u{2}';

/// Before what is left of an id of the list that has lost letters.
const LOST: char = '\u{3}';
/// Before the same of an id that has letters which may be lost.
const LOSABLE: char = '\u{4}';
/// Before a day.
const DAY: char = '\u{5}';
/// Before a time of day.
const TIME: char = '\u{6}';
/// Before what an id of the list with letters beyond ASCII is in ASCII.
const IN_ASCII: char = '\u{7}';

/// From how many digits on a program may lose some.
const LONG_NUMBER: usize = 16;
/// As many digits as programs keep of a double, at the most.
const MOST_DIGITS_KEPT: usize = 17;

/// The forms of what a list names, the most telling first.
fn forms(subject: Subject, id: &str) -> Vec<Cow<'_, str>> {
    let mut forms = plain_forms(subject, id);
    if let Some(undone) = garbled::undone(id) {
        let others = plain_forms(subject, &undone);
        forms.extend(others.into_iter().map(|form| Cow::Owned(form.into_owned())));
    }
    if let Some(sign) = lost_sign(id) {
        forms.push(Cow::Owned(format!("{sign}{}", garbled::skeleton(id))));
    }
    if !id.is_ascii() {
        let in_ascii = garbled::in_ascii(&folded_of(subject, id)).into_iter();
        forms.extend(in_ascii.map(|form| Cow::Owned(format!("{IN_ASCII}{form}"))));
    }
    let may_be_of_bytes = id.starts_with(['\\', '0', 'x', 'X', '(', ' ']);
    if subject == Subject::Owners && may_be_of_bytes {
        let folded = core(id);
        for text in id::of_bytes(&folded) {
            let others = forms_of_owner(&text).into_iter();
            forms.extend(others.map(|form| Cow::Owned(form.into_owned())));
        }
        forms.extend(id::negative(&folded).into_iter().map(Cow::Owned));
    }
    if subject == Subject::Owners {
        let days = date::written(id).into_iter();
        forms.extend(days.map(|day| Cow::Owned(format!("{DAY}{day}"))));
        forms.extend(date::time(&core(id)).map(|time| Cow::Owned(format!("{TIME}{time}"))));
    }
    forms
}

/// A text as others are compared with it: the path of a key.
fn folded_of(subject: Subject, id: &str) -> Cow<'_, str> {
    match subject {
        Subject::Owners => core(id),
        Subject::Keys => path_of(id),
    }
}

/// Whether a key seems to be written in another form than the object's own: as a URL, with a slash before it, with blanks
/// at an end, percent-encoded, cut.
#[must_use]
pub(crate) fn is_rewritten(key: &str) -> bool {
    cut::has_gap(key) || folded_of(Subject::Keys, key) != folded(&plain(key))
}

/// Whether an id has lost letters, or has letters that may be lost.
fn lost_sign(id: &str) -> Option<char> {
    if garbled::has_lost(id) {
        Some(LOST)
    } else {
        (!id.is_ascii()).then_some(LOSABLE)
    }
}

fn plain_forms(subject: Subject, id: &str) -> Vec<Cow<'_, str>> {
    match subject {
        Subject::Owners => forms_of_owner(id),
        Subject::Keys => {
            let path = path_of(id);
            let rest = key::without_first(&path).map(|rest| format!("{WHOLE}{rest}"));
            let mut forms = vec![path];
            forms.extend(rest.map(Cow::Owned));
            forms
        }
    }
}

fn forms_of_owner(id: &str) -> Vec<Cow<'_, str>> {
    if is_plain(id) {
        return vec![Cow::Borrowed(id)];
    }
    let core = stripped(id);
    if let Some(uuid) = id::uuid(&core) {
        return vec![Cow::Owned(uuid)];
    }
    let numbers = id::numbers(&core);
    if numbers.is_empty() {
        return vec![core];
    }
    let is_scientific = id::is_scientific(&core);
    let lost = numbers.first().filter(|_| is_scientific);
    let lost = lost.map(|number| Cow::Owned(format!("{SCIENTIFIC}{number}")));
    numbers.into_iter().map(Cow::Owned).chain(lost).collect()
}

/// An id without quotation marks, brackets and words around it.
fn stripped(id: &str) -> Cow<'_, str> {
    let mut text = core(id);
    while let Some(inner) = inner(&text) {
        text = Cow::Owned(inner);
    }
    text
}

/// The id with one thing less around it.
fn inner(text: &str) -> Option<String> {
    let inner = id::unwrapped(text)
        .or_else(|| id::without_word(text))
        .or_else(|| id::undecorated(text))?;
    // It ends: each of them takes something away.
    Some(core(inner).into_owned()).filter(|inner| inner.len() < text.len())
}

/// All that is left of an id as one thing after the other is taken away.
fn layers(id: &str) -> Vec<Cow<'_, str>> {
    let mut found = Vec::new();
    let mut text = id.to_owned();
    while let Some(inner) = inner(&text) {
        found.push(Cow::Owned(inner.clone()));
        text = inner;
    }
    found
}

/// Whether an id is its own only form: told without copying, for there may be millions.
fn is_plain(id: &str) -> bool {
    let bytes = id.as_bytes();
    let is_simple =
        |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'@' | b'-' | b'_');
    let Some(first) = bytes.first() else {
        return true;
    };
    if !bytes.iter().all(is_simple) {
        return false;
    }
    if bytes.len() == 32 && bytes.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    if bytes.iter().all(u8::is_ascii_digit) {
        return *first != b'0' || bytes.len() == 1;
    }
    if matches!(first, b'0'..=b'9' | b'-' | b'.') && !id::numbers(id).is_empty() {
        return false;
    }
    // The signs at an end say nothing of whose it is.
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !is_part(first) || !bytes.last().is_none_or(is_part) {
        return false;
    }
    if !date::written(id).is_empty() {
        return false;
    }
    !matches!(first, b'u' | b'i' | b'_' | b'a' | b'm' | b'c' | b'o' | b'p')
        || id::without_word(id).is_none()
}

/// The path of a key.
fn path_of(id: &str) -> Cow<'_, str> {
    match core(id) {
        Cow::Borrowed(core) if key::is_place(core) && !core.contains("://") => Cow::Borrowed(core),
        // A question mark that is encoded in a URL is the key's own: what follows the URL's own one goes first.
        _ => {
            let path = key::place(id.trim());
            Cow::Owned(key::place(&core(&path)))
        }
    }
}

/// What a missing id is looked up by: its forms, and those of which only one side has lost something.
fn looked_up(subject: Subject, id: &str, has_scientific: bool) -> Vec<Cow<'_, str>> {
    let mut forms = of_one_side(subject, id, has_scientific);
    if let Some(undone) = garbled::undone(id) {
        let others = of_one_side(subject, &undone, has_scientific);
        forms.extend(others.into_iter().map(|form| Cow::Owned(form.into_owned())));
    }
    if let Some(sign) = lost_sign(id) {
        let left = garbled::skeleton(id);
        // Letters that both have are the same or not.
        forms.push(Cow::Owned(format!("{LOST}{left}")));
        forms.extend((sign == LOST).then(|| Cow::Owned(format!("{LOSABLE}{left}"))));
    }
    let folded = folded_of(subject, id);
    if folded.is_ascii() {
        forms.push(Cow::Owned(format!("{IN_ASCII}{folded}")));
    } else {
        let in_ascii = garbled::in_ascii(&folded).into_iter();
        forms.extend(in_ascii.chain(garbled::dropped(&folded)).map(Cow::Owned));
    }
    if subject == Subject::Owners {
        let days = date::meant(id).into_iter();
        forms.extend(days.map(|day| Cow::Owned(format!("{DAY}{day}"))));
        forms.extend(date::time(&core(id)).map(|time| Cow::Owned(format!("{TIME}{time}"))));
    }
    forms
}

/// The forms of the last part of a path, for an id that was asked for as one. That two ids of the list share it says
/// nothing.
fn end_of_path(subject: Subject, id: &str) -> Vec<Cow<'_, str>> {
    let path = core(id);
    let end = path.trim_end_matches('/').rsplit_once('/');
    match end.filter(|(_, end)| subject == Subject::Owners && !end.is_empty()) {
        Some((_, end)) => {
            let forms = forms_of_owner(end).into_iter();
            forms.map(|form| Cow::Owned(form.into_owned())).collect()
        }
        None => Vec::new(),
    }
}

/// What an id of the list is found by from one that is missing.
fn of_one_side(subject: Subject, id: &str, has_scientific: bool) -> Vec<Cow<'_, str>> {
    let mut forms = plain_forms(subject, id);
    let Some(first) = forms.first().cloned() else {
        return forms;
    };
    match subject {
        // A record may have one folder more than the key, or fewer; that both have another first one says nothing.
        Subject::Keys => {
            forms.truncate(1);
            forms.push(Cow::Owned(format!("{WHOLE}{first}")));
            forms.extend(key::ends(&first).map(|end| Cow::Owned(end.to_owned())));
        }
        Subject::Owners => {
            let digits = first.as_ref();
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return forms;
            }
            if !has_scientific && digits.len() < LONG_NUMBER {
                return forms;
            }
            let doubles = id::as_double(digits);
            if has_scientific {
                let lost = (1..=MOST_DIGITS_KEPT).flat_map(|kept| id::rounded(digits, kept));
                let lost = lost.chain(doubles.iter().cloned());
                forms.extend(lost.map(|lost| Cow::Owned(format!("{SCIENTIFIC}{lost}"))));
            }
            if digits.len() >= LONG_NUMBER {
                let kept = LONG_NUMBER - 1..=MOST_DIGITS_KEPT;
                let lost = kept.flat_map(|kept| id::rounded(digits, kept));
                forms.extend(lost.chain(doubles).map(Cow::Owned));
            }
        }
    }
    forms
}

/// In what two ids differ that share a form.
fn difference(subject: Subject, one: &str, other: &str) -> Difference {
    let composed = |text: &str| -> String {
        if is_nfc(text) {
            text.to_owned()
        } else {
            text.nfc().collect()
        }
    };
    if one.trim() == other.trim() {
        return Difference::Spaces;
    } else if folded(one) == folded(other) {
        return Difference::Case;
    } else if composed(one) == composed(other) {
        return Difference::Composition;
    } else if decoded(one) == decoded(other) || decoded(one) == other || one == decoded(other) {
        return Difference::Encoding;
    }
    if plain(one) == plain(other) {
        return Difference::Characters;
    }
    let undone = |text: &str| garbled::undone(text).unwrap_or_else(|| text.to_owned());
    let is_lost = garbled::has_lost(one) != garbled::has_lost(other);
    if undone(one) == undone(other) || is_lost && garbled::skeleton(one) == garbled::skeleton(other)
    {
        return Difference::Garbled;
    }
    let (one, other) = (core(one), core(other));
    if one == other {
        return Difference::Several;
    }
    if subject == Subject::Keys {
        let (one, other) = (path_of(&one), path_of(&other));
        return if one == other || !is_end(&one, &other) {
            Difference::Place
        } else {
            Difference::Folders
        };
    }
    if !id::numbers(&one).is_empty() && !id::numbers(&other).is_empty() {
        return Difference::Number;
    }
    let days = |text: &str| date::meant(text).into_iter().chain(date::time(text));
    if days(&one).any(|day| days(&other).any(|other| day == other)) {
        return Difference::Date;
    }
    if id::uuid(&one).is_some() && id::uuid(&one) == id::uuid(&other) {
        return Difference::Uuid;
    }
    let bare = |text: &str| -> String {
        let mut text = text.to_owned();
        while let Some(inner) = id::unwrapped(&text).map(str::to_owned) {
            text = inner;
        }
        text
    };
    let (one, other) = (bare(&one), bare(&other));
    let without = |text: &str| id::without_word(text).unwrap_or(text).to_owned();
    if one == other {
        Difference::Wrapping
    } else if without(&one) == without(&other) {
        Difference::Word
    } else {
        Difference::Several
    }
}

/// Whether both ids have a word before them, and not the same one: `user-1` and `user_1` are two users, of whom neither lost
/// anything on the way.
fn have_words_of_their_own(subject: Subject, one: &str, other: &str) -> bool {
    if subject == Subject::Keys {
        return false;
    }
    let (one, other) = (core(one), core(other));
    let has_word = |text: &str| id::without_word(text).is_some();
    one != other
        && has_word(&one)
        && has_word(&other)
        && !layers(&one).contains(&other)
        && !layers(&other).contains(&one)
}

fn is_end(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    key::ends(long).any(|end| end == short)
}

/// Finds ids by their forms. Forms that are the id itself are not kept here: the id is found as it is.
#[derive(Debug)]
pub(super) struct Alike {
    subject: Subject,
    index: Index,
    numbers: Vec<u32>,
    keyed: RandomState,
    has_scientific: bool,
    gapped: Gapped,
    /// How long they are, folded.
    lengths: Lengths,
}

/// So many records that are like one key are enough to doubt whose it is.
const MOST_ALIKE: usize = 32;

impl Alike {
    /// None yet.
    pub(super) fn new(subject: Subject) -> Self {
        Self {
            subject,
            index: Index::default(),
            numbers: Vec::new(),
            keyed: RandomState::new(),
            has_scientific: false,
            gapped: Gapped::new(),
            lengths: Lengths::default(),
        }
    }

    /// Takes note of an id that the list names, by its number. `None` when the numbers have run out.
    pub(super) fn add(&mut self, id: &str, number: u32) -> Option<()> {
        if cut::has_gap(id) {
            self.gapped.add(&folded_of(self.subject, id), number)?;
        }
        if id.len() <= Intake::LONGEST {
            self.lengths.note(&folded_of(self.subject, id));
        }
        for form in forms(self.subject, id) {
            self.has_scientific |= form.starts_with(SCIENTIFIC);
            if form == id {
                continue;
            }
            let fingerprint = self.keyed.hash_one(&*form);
            // Very many ids may share such a form, and two of them answer for all.
            let is_common = form.starts_with([LOST, LOSABLE, DAY, TIME]);
            if is_common && self.index.with(fingerprint).nth(1).is_some() {
                continue;
            }
            self.index.add(fingerprint)?;
            self.numbers.push(number);
        }
        Some(())
    }

    /// What a missing id may be called in a row that holds more: without the marks of single notations.
    pub(super) fn names(&self, id: &str) -> Vec<String> {
        let mut names = vec![core(id).into_owned()];
        for form in looked_up(self.subject, id, self.has_scientific) {
            let is_marked = form.starts_with(|c: char| c.is_control());
            if !is_marked && !names.iter().any(|name| *name == form) {
                names.push(form.into_owned());
            }
        }
        if self.subject == Subject::Keys {
            // A bare name stands in many rows: it is for `find`, which has whole keys to compare.
            names.truncate(2);
        }
        names.extend((!id.is_ascii()).then(|| garbled::skeleton(id)));
        names
    }

    /// The first living id that is like this one and not the same.
    pub(super) fn find(&self, ids: &Texts, id: &str) -> Option<Likeness> {
        let mut forms = looked_up(self.subject, id, self.has_scientific);
        forms.extend(end_of_path(self.subject, id));
        let living = forms
            .iter()
            .find_map(|form| self.with(ids, id, form).next());
        let Some(living) = living else {
            let pieces = self.pieces_of(ids, id).next();
            return pieces.or_else(|| self.cut(ids, id));
        };
        Some(Likeness {
            by: difference(self.subject, id, living),
            living: living.to_owned(),
        })
    }

    /// All living ids that are like this one and not the same.
    pub(super) fn find_all(&self, ids: &Texts, id: &str) -> Vec<Likeness> {
        let forms = looked_up(self.subject, id, self.has_scientific);
        let mut found: Vec<Likeness> = Vec::new();
        for living in forms.iter().flat_map(|form| self.with(ids, id, form)) {
            if found.len() < MOST_ALIKE && !found.iter().any(|one| one.living == living) {
                found.push(Likeness {
                    by: difference(self.subject, id, living),
                    living: living.to_owned(),
                });
            }
        }
        found.extend(self.pieces_of(ids, id));
        found
    }

    /// Living keys of which a missing one may be the whole: it begins with them, or they lack its extension.
    pub(super) fn beginnings(&self, ids: &Texts, key: &str) -> Vec<Likeness> {
        let path = path_of(key);
        let stem = key::stem(&path);
        let whole = stem.map(|stem| format!("{WHOLE}{stem}"));
        let ends = stem.into_iter().flat_map(key::ends);
        let forms = self.lengths.beginnings(&path).chain(whole.as_deref());
        let mut found: Vec<Likeness> = Vec::new();
        for living in forms.chain(ends).flat_map(|form| self.with(ids, key, form)) {
            if found.len() < MOST_ALIKE && !found.iter().any(|one| one.living == living) {
                found.push(Likeness {
                    by: Difference::Shortened,
                    living: living.to_owned(),
                });
            }
        }
        found
    }

    /// A living owner's id that is this one, cut by a column.
    fn cut(&self, ids: &Texts, id: &str) -> Option<Likeness> {
        if self.subject != Subject::Owners {
            return None;
        }
        let folded = core(id);
        let beginnings = self.lengths.beginnings(&folded);
        let mut cut = beginnings.filter(|beginning| may_be_cut(beginning, &folded));
        let living = cut.find_map(|beginning| self.with(ids, id, beginning).next());
        living.map(|living| Likeness {
            living: living.to_owned(),
            by: Difference::Shortened,
        })
    }

    /// Living ids with gaps that this one may fill.
    fn pieces_of<'s>(&'s self, ids: &'s Texts, id: &str) -> impl Iterator<Item = Likeness> + 's {
        let mut names = Vec::new();
        if !self.gapped.is_empty() {
            let path = folded_of(self.subject, id).into_owned();
            if self.subject == Subject::Keys {
                names.extend(key::ends(&path).map(str::to_owned));
            }
            names.push(path);
        }
        let text_of = |number| Some(folded_of(self.subject, ids.get(number)?).into_owned());
        let mut found: Vec<u32> = names
            .iter()
            .flat_map(|name| self.gapped.find(name, &text_of))
            .collect();
        found.dedup();
        let id = id.to_owned();
        let living = found.into_iter().filter_map(|number| ids.get(number));
        living
            .filter(move |living| **living != id)
            .map(|living| Likeness {
                living: living.to_owned(),
                by: Difference::Shortened,
            })
    }

    /// The other ids that have this form.
    fn with<'t>(
        &'t self,
        ids: &'t Texts,
        id: &'t str,
        form: &'t str,
    ) -> impl Iterator<Item = &'t str> {
        let itself = ids.find(form).and_then(|number| ids.get(number));
        // An id may look like its form and have another one: `007` is the id of a number.
        let itself = itself.filter(|living| self.has_form(living, form));
        let others = self
            .index
            .with(self.keyed.hash_one(form))
            .filter_map(|item| ids.get(*self.numbers.get(super::number(item))?))
            .filter(move |living| self.has_form(living, form));
        itself.into_iter().chain(others).filter(move |living| {
            *living != id && !have_words_of_their_own(self.subject, living, id)
        })
    }

    fn has_form(&self, living: &str, form: &str) -> bool {
        forms(self.subject, living).iter().any(|own| own == form)
    }

    /// Gives back what it has reserved and not used.
    pub(super) fn shrink(&mut self) {
        self.index.shrink();
        self.numbers.shrink_to_fit();
    }

    /// In bytes.
    pub(super) fn memory(&self) -> usize {
        self.index.memory() + self.numbers.capacity() * size_of::<u32>() + self.gapped.memory()
    }
}
