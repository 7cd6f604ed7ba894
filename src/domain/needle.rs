//! A row filter: a piece of text that ignores case unless it contains a capital letter. After a `~`, fuzzy matching.

use memchr::memchr2_iter;
use memchr::memmem::Finder;

use super::fuzzy::Fuzzy;

/// The first character of a fuzzy filter.
const FUZZY: char = '~';

/// A filter, prepared for many rows.
#[derive(Debug, Clone)]
pub struct Needle {
    /// In lower case, unless the comparison is exact.
    text: String,
    exact: Option<Finder<'static>>,
    fuzzy: Option<Fuzzy>,
}

impl Needle {
    /// Parses a filter. If it contains a capital letter, it is case-sensitive (smart case).
    #[must_use]
    pub fn new(text: &str) -> Self {
        let fuzzy = text.strip_prefix(FUZZY).map(Fuzzy::new);
        let exact = text.chars().any(char::is_uppercase);
        Self {
            text: if exact {
                text.to_owned()
            } else {
                text.to_lowercase()
            },
            exact: exact.then(|| Finder::new(text).into_owned()),
            fuzzy,
        }
    }

    /// Whether the filter is empty and matches everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.fuzzy {
            Some(fuzzy) => fuzzy.is_empty(),
            None => self.text.is_empty(),
        }
    }

    /// Whether it ranks its matches. Rows are then ordered by rank unless the user sorts them.
    #[must_use]
    pub fn ranks(&self) -> bool {
        self.fuzzy.as_ref().is_some_and(|fuzzy| !fuzzy.is_empty())
    }

    /// The rank of a text; higher is better. `None` if it does not match.
    #[must_use]
    pub fn rank(&self, text: &str) -> Option<i32> {
        match &self.fuzzy {
            Some(fuzzy) => fuzzy.score(text),
            None => self.is_in(text).then_some(0),
        }
    }

    /// Whether the text matches.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        if let Some(fuzzy) = &self.fuzzy {
            return fuzzy.score(text).is_some();
        }
        if let Some(exact) = &self.exact {
            return exact.find(text.as_bytes()).is_some();
        }
        if self.text.is_ascii() && text.is_ascii() {
            return self.is_in_ascii(text.as_bytes());
        }
        text.to_lowercase().contains(&self.text)
    }

    /// Checks each occurrence of the first letter: most texts contain few.
    fn is_in_ascii(&self, text: &[u8]) -> bool {
        let needle = self.text.as_bytes();
        let Some(&first) = needle.first() else {
            return true;
        };
        memchr2_iter(first, first.to_ascii_uppercase(), text).any(|at| {
            text.get(at..at + needle.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(needle))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Needle;

    #[test]
    fn after_a_tilde_letters_may_have_others_between_them() {
        let fuzzy = Needle::new("~usr1");
        assert!(fuzzy.ranks() && fuzzy.is_in("user-1"));
        assert!(fuzzy.rank("user-1") > fuzzy.rank("uploads/spare-21"));
        assert!(!Needle::new("usr1").is_in("user-1"));
        let nothing_yet = Needle::new("~");
        assert!(nothing_yet.is_empty() && !nothing_yet.ranks());
    }

    #[test]
    fn a_filter_ignores_case_unless_it_holds_a_capital() {
        assert!(Needle::new("user").is_in("USER-1"));
        assert!(!Needle::new("User").is_in("USER-1"));
        assert!(Needle::new("ünal").is_in("Ünal@example.org"));
        assert!(Needle::new("").is_in(""));
        assert!(!Needle::new("long").is_in("lon"));
        assert!(Needle::new("-1/").is_in("user-11/user-1/x"));
        assert!(!Needle::new("-1/").is_in("user-11/user-1"));
        assert!(Needle::new("ER-1").is_in("USER-1"));
        assert!(!Needle::new("ER-1").is_in("user-1"));
        assert!(Needle::new("k").is_in("a Kelvin sign: \u{212a}"));
    }
}
