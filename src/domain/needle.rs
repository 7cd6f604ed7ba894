//! What a filter looks for: a piece of text, in any case unless it holds a capital.

/// A filter, ready to be compared with many rows.
#[derive(Debug, Clone)]
pub struct Needle {
    text: String,
    exact: bool,
}

impl Needle {
    /// A filter as it was typed. One with a capital letter is compared exactly (smart case).
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            exact: text.chars().any(char::is_uppercase),
        }
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether the text holds what is looked for.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        if self.exact {
            return text.contains(&self.text);
        }
        if self.text.is_ascii() && text.is_ascii() {
            let needle = self.text.as_bytes();
            return needle.is_empty()
                || text
                    .as_bytes()
                    .windows(needle.len())
                    .any(|window| window.eq_ignore_ascii_case(needle));
        }
        text.to_lowercase().contains(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Needle;

    #[test]
    fn a_filter_ignores_case_unless_it_holds_a_capital() {
        assert!(Needle::new("user").is_in("USER-1"));
        assert!(!Needle::new("User").is_in("USER-1"));
        assert!(Needle::new("ünal").is_in("Ünal@example.org"));
        assert!(Needle::new("").is_in(""));
        assert!(!Needle::new("long").is_in("lon"));
    }
}
