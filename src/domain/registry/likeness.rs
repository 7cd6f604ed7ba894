//! Finds different ids that were probably meant to be the same.
//!
//! An application may trim, fold, compose or decode ids in one place and not in another. It then writes keys whose
//! owner is not in its own list. A spreadsheet, an export or a migration may also rewrite the list. The media still
//! have an owner.
//!
//! Each text has *forms*: what remains when the usual differences are removed. Two texts are alike if they share a
//! form. The submodules compute forms:
//!
//! - `text`: what ids and keys have in common
//! - `id`: notations of numbers, UUIDs and types
//! - `date`: what spreadsheets take for a date
//! - `garbled`: the effect of escapes and wrong encodings on letters
//! - `key`: keys in URLs and paths
//! - `cut`: the rest of a truncated or damaged text
//! - `composed`: several ids in one, or an encoded one
//!
//! `within` finds an id in a row that contains other text. When in doubt, two ids are alike: the cost is a suspect
//! instead of a loss.

pub(crate) mod composed;
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

/// An active id that a missing id resembles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The active id exactly as in the list; empty if nothing of it could be read ([`Difference::Anybody`]).
    pub living: String,
    /// How they differ.
    pub by: Difference,
}

impl Likeness {
    /// Why an owner that is not in the list may be active anyway: a clause after "but".
    #[must_use]
    pub fn words(&self) -> String {
        self.unread().unwrap_or_else(|| {
            format!("\"{}\" is: they differ in {}", self.living, self.by.words())
        })
    }

    /// Why a key without a record may have one anyway: a clause after "but".
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

    /// What a person would check, one line each.
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

/// How two ids differ that may have been meant to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    /// White space at the start or end.
    Spaces,
    /// Upper and lower case.
    Case,
    /// Accented letters as one character or several (Unicode normalization form C).
    Composition,
    /// Percent-encoding, or `+` for a space.
    Encoding,
    /// Quotation marks, brackets or a database type around it.
    Wrapping,
    /// The notation of a number: digit groups, leading zeros, a fraction of zeros, an exponent, lost digits.
    Number,
    /// The notation of a UUID.
    Uuid,
    /// A word such as `user:` before it.
    Word,
    /// Keys: a slash, host or bucket at the start, or a query at the end.
    Place,
    /// Keys: the folders at the start.
    Folders,
    /// Invisible characters, or characters that look the same.
    Characters,
    /// Escapes, entities, a wrong encoding, lost letters.
    Garbled,
    /// A spreadsheet took it for a date or a time.
    Date,
    /// More than one of these.
    Several,
    /// The missing one contains several ids, or is an e-mail address or an encoded text.
    Composed,
    /// The list's last line has no line break, and may be truncated.
    CutShort,
    /// The list contains only a part of it: it was truncated, or some of it was lost.
    Shortened,
    /// It is part of a row with other text.
    Within,
    /// It is part of a row that cannot be read.
    Malformed,
    /// A row that cannot be read at all may name anybody.
    Anybody,
}

impl Difference {
    /// A phrase after "they differ in"; for the last three, the doubt.
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
            Self::Composed => {
                "what else is in the one in the bucket or its record: other ids, a domain, an encoding"
            }
            Self::CutShort => "how much of the list's last line is there: it has no line end",
            Self::Shortened => "what is missing from the one in the list: it was cut or damaged",
            Self::Within => "what else stands in the row",
            Self::Malformed => "a row that cannot be read",
            Self::Anybody => "a row of which nothing can be read",
        }
    }
}

/// Prefix of a form that matches whole keys only, not the end of one.
const WHOLE: char = '\u{1}';
/// Prefix of a number that was written with an exponent.
const SCIENTIFIC: char = '\u{2}';

/// Prefix of the remains of an id in the list that has lost letters.
const LOST: char = '\u{3}';
/// Prefix of the remains of an id with letters that may get lost.
const LOSABLE: char = '\u{4}';
/// Prefix of a day.
const DAY: char = '\u{5}';
/// Prefix of a time of day.
const TIME: char = '\u{6}';
/// Prefix of the ASCII form of an id in the list with other letters.
const IN_ASCII: char = '\u{7}';

/// From this many digits on, a program may lose some.
const LONG_NUMBER: usize = 16;
/// The maximum number of digits that programs keep of a double.
const MOST_DIGITS_KEPT: usize = 17;

/// The forms of an entry in the list, the most specific first.
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

/// The folded text used in comparisons; for a key, its path.
fn folded_of(subject: Subject, id: &str) -> Cow<'_, str> {
    match subject {
        Subject::Owners => core(id),
        Subject::Keys => path_of(id),
    }
}

/// Whether a key seems to be written in another form than the object's key: as a URL, with a leading slash, with spaces
/// at the start or end, percent-encoded, or truncated.
#[must_use]
pub(crate) fn is_rewritten(key: &str) -> bool {
    cut::has_gap(key) || folded_of(Subject::Keys, key) != folded(&plain(key))
}

/// The prefix for an id that has lost letters, or has letters that may get lost.
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

/// Removes quotation marks, brackets and words around an id.
fn stripped(id: &str) -> Cow<'_, str> {
    let mut text = core(id);
    while let Some(inner) = inner(&text) {
        text = Cow::Owned(inner);
    }
    text
}

/// Removes one layer around an id.
fn inner(text: &str) -> Option<String> {
    let inner = id::unwrapped(text)
        .or_else(|| id::without_word(text))
        .or_else(|| id::undecorated(text))?;
    // This terminates, because each layer makes the text shorter.
    Some(core(inner).into_owned()).filter(|inner| inner.len() < text.len())
}

/// The results of removing one layer after the other.
fn layers(id: &str) -> Vec<Cow<'_, str>> {
    let mut found = Vec::new();
    let mut text = id.to_owned();
    while let Some(inner) = inner(&text) {
        found.push(Cow::Owned(inner.clone()));
        text = inner;
    }
    found
}

/// Whether an id is its own only form. It copies nothing, because there may be millions of ids.
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
    // Signs at the start or end do not identify an owner.
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
        // An encoded question mark in a URL is part of the key, so the URL's own query is removed first.
        _ => {
            let path = key::place(id.trim());
            Cow::Owned(key::place(&core(&path)))
        }
    }
}

/// The forms by which a missing id is looked up, including those in which only one side has lost something.
fn looked_up(subject: Subject, id: &str, has_scientific: bool) -> Vec<Cow<'_, str>> {
    let mut forms = of_one_side(subject, id, has_scientific);
    if let Some(undone) = garbled::undone(id) {
        let others = of_one_side(subject, &undone, has_scientific);
        forms.extend(others.into_iter().map(|form| Cow::Owned(form.into_owned())));
    }
    if let Some(sign) = lost_sign(id) {
        let left = garbled::skeleton(id);
        // Letters that both have can be compared exactly.
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

/// The number that an id is another notation of, without digit groups, exponent or a fraction of zeros.
pub(super) fn number(id: &str) -> Option<String> {
    let core = core(id);
    let number = id::numbers(&core).into_iter().next()?;
    (number != *core).then_some(number)
}

/// The forms of the last part of a path, for an id that is looked up as one. Two ids of the list that share it are not
/// alike.
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

/// The forms by which an entry of the list is found from a missing id, but not the other way round.
fn of_one_side(subject: Subject, id: &str, has_scientific: bool) -> Vec<Cow<'_, str>> {
    let mut forms = plain_forms(subject, id);
    let Some(first) = forms.first().cloned() else {
        return forms;
    };
    match subject {
        // A record may have one folder more or less than the key. Two keys with different first folders are not alike.
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

/// How two ids differ that share a form.
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

/// Whether both ids have a word in front, and not the same one. `user-1` and `user_1` are two users; neither has lost
/// anything.
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

/// Finds ids by their forms. An id that is its own form is not stored here, because it is found directly.
#[derive(Debug)]
pub(super) struct Alike {
    subject: Subject,
    index: Index,
    numbers: Vec<u32>,
    keyed: RandomState,
    has_scientific: bool,
    gapped: Gapped,
    /// Their folded lengths.
    lengths: Lengths,
}

/// This many records that resemble one key are enough to doubt its owner.
const MOST_ALIKE: usize = 32;

impl Alike {
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

    /// Adds an id of the list by its number. `None` if no number is left.
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
            // Very many ids may share such a form, and two of them are enough.
            let is_common = form.starts_with([LOST, LOSABLE, DAY, TIME]);
            if is_common && self.index.with(fingerprint).nth(1).is_some() {
                continue;
            }
            self.index.add(fingerprint)?;
            self.numbers.push(number);
        }
        Some(())
    }

    /// The forms of a missing id that may occur in a row with other text, without the prefixes of single notations.
    pub(super) fn names(&self, id: &str) -> Vec<String> {
        let mut names = vec![core(id).into_owned()];
        for form in looked_up(self.subject, id, self.has_scientific) {
            let is_marked = form.starts_with(|c: char| c.is_control());
            if !is_marked && !names.iter().any(|name| *name == form) {
                names.push(form.into_owned());
            }
        }
        if self.subject == Subject::Keys {
            // Many rows contain a bare name. `find` handles it, because it compares whole keys.
            names.truncate(2);
        }
        names.extend((!id.is_ascii()).then(|| garbled::skeleton(id)));
        names
    }

    /// The first active id that resembles this one and is different.
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

    /// All active ids that resemble this one and are different.
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

    /// Active keys of which a missing key may be the full form: it starts with them, or they lack its extension.
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

    /// An active id that is this one truncated to the width of a column.
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

    /// Active ids with gaps that this one may fill.
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

    /// The other ids with this form.
    fn with<'t>(
        &'t self,
        ids: &'t Texts,
        id: &'t str,
        form: &'t str,
    ) -> impl Iterator<Item = &'t str> {
        let itself = ids.find(form).and_then(|number| ids.get(number));
        // An id may look like a form and have another form itself: `007` is the id of a number.
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

    /// Frees unused memory.
    pub(super) fn shrink(&mut self) {
        self.index.shrink();
        self.numbers.shrink_to_fit();
    }

    /// Memory use in bytes.
    pub(super) fn memory(&self) -> usize {
        self.index.memory() + self.numbers.capacity() * size_of::<u32>() + self.gapped.memory()
    }
}
