//! Different ids that were probably meant to be one.
//!
//! An application that trims, folds, composes or decodes ids in one place and not in another writes keys whose owner its
//! own list does not name; a spreadsheet, an export or a migration rewrites the list itself. The media are somebody's all
//! the same.
//!
//! Each text has *forms*: what is left when everything by which alike ones differ is taken away. Two are alike when they
//! share one. `text` has what ids and keys have in common, `id` how numbers, UUIDs and types are written, `key` how keys
//! stand in URLs and paths. Whatever is not plainly another id is alike: the price is a suspect, not a loss.

mod id;
mod key;
mod text;

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Subject;
use super::index::Index;
use super::texts::Texts;

pub use text::core;
use text::{decoded, folded};

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
            _ => vec![format!("alive: {}", self.living)],
        }
    }

    fn unread(&self) -> Option<String> {
        match self.by {
            Difference::Anybody => {
                Some("a row of the list cannot be read and could name anybody".to_owned())
            }
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
    /// More than one of these.
    Several,
    /// The list's last line has no end, and may have been longer.
    CutShort,
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
            Self::Several => "several of white space, capitals, encoding and notation",
            Self::CutShort => "how much of the list's last line is there: it has no line end",
            Self::Malformed => "a row that cannot be read",
            Self::Anybody => "a row of which nothing can be read",
        }
    }
}

/// Before a form that holds of a whole key alone, and not of an end of one.
const WHOLE: char = '\u{1}';
/// Before a number that was written with a power of ten.
const SCIENTIFIC: char = '\u{2}';

/// From how many digits on a program may lose some.
const LONG_NUMBER: usize = 16;
/// As many digits as programs keep of a double, at the most.
const MOST_DIGITS_KEPT: usize = 17;

/// The forms of what a list names, the most telling first.
fn forms(subject: Subject, id: &str) -> Vec<Cow<'_, str>> {
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
    // Each round takes something away.
    for _ in 0..=id.len() {
        let next = id::unwrapped(&text).or_else(|| id::without_word(&text));
        let Some(next) = next else {
            break;
        };
        text = Cow::Owned(core(next).into_owned());
    }
    text
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
    let mut forms = forms(subject, id);
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
    let (of_one, of_other) = (id::without_word(&one), id::without_word(&other));
    let is_within = of_one == Some(other.as_ref()) || of_other == Some(one.as_ref());
    one != other && !is_within && of_one.is_some() && of_other.is_some()
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
}

impl Alike {
    /// None yet.
    pub fn new(subject: Subject) -> Self {
        Self {
            subject,
            index: Index::default(),
            numbers: Vec::new(),
            keyed: RandomState::new(),
            has_scientific: false,
        }
    }

    /// Takes note of an id that the list names, by its number. `None` when the numbers have run out.
    pub fn add(&mut self, id: &str, number: u32) -> Option<()> {
        for form in forms(self.subject, id) {
            self.has_scientific |= form.starts_with(SCIENTIFIC);
            if form != id {
                self.index.add(self.keyed.hash_one(&*form))?;
                self.numbers.push(number);
            }
        }
        Some(())
    }

    /// The first living id that is like this one and not the same.
    pub fn find(&self, ids: &Texts, id: &str) -> Option<Likeness> {
        let living = looked_up(self.subject, id, self.has_scientific)
            .iter()
            .find_map(|form| self.with(ids, id, form))?;
        Some(Likeness {
            by: difference(self.subject, id, living),
            living: living.to_owned(),
        })
    }

    /// The first other id that has this form.
    fn with<'t>(&self, ids: &'t Texts, id: &str, form: &str) -> Option<&'t str> {
        let itself = ids.find(form).and_then(|number| ids.get(number));
        // An id may look like its form and have another one: `007` is the id of a number.
        let itself = itself.filter(|living| self.has_form(living, form));
        let others = self
            .index
            .with(self.keyed.hash_one(form))
            .filter_map(|item| ids.get(*self.numbers.get(super::number(item))?))
            .filter(|living| self.has_form(living, form));
        itself
            .into_iter()
            .chain(others)
            .find(|living| *living != id && !have_words_of_their_own(self.subject, living, id))
    }

    fn has_form(&self, living: &str, form: &str) -> bool {
        forms(self.subject, living).iter().any(|own| own == form)
    }

    /// Gives back what it has reserved and not used.
    pub fn shrink(&mut self) {
        self.index.shrink();
        self.numbers.shrink_to_fit();
    }

    /// In bytes.
    pub fn memory(&self) -> usize {
        self.index.memory() + self.numbers.capacity() * size_of::<u32>()
    }
}
