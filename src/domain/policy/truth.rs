//! Three-valued logic: yes, no or unknown. Unknown must never be treated as either of the others.

use std::ops::Not;

/// A value of Kleene's three-valued logic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Certainly no.
    No,
    /// Neither is certain.
    Unknown,
    /// Certainly yes.
    Yes,
}

impl Truth {
    /// Yes if both are, no if one is not.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Yes if one is, no if neither is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether all are yes; yes for an empty sequence. Stops at the first no.
    #[must_use]
    pub fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut found = Self::Yes;
        for answer in answers {
            found = found.and(answer);
            if found == Self::No {
                break;
            }
        }
        found
    }

    /// Whether any is yes; no for an empty sequence. Stops at the first yes.
    #[must_use]
    pub fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut found = Self::No;
        for answer in answers {
            found = found.or(answer);
            if found == Self::Yes {
                break;
            }
        }
        found
    }

    /// Whether it is certainly yes.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether it is certainly no.
    #[must_use]
    pub fn is_no(self) -> bool {
        self == Self::No
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// `None` means unknown.
impl From<Option<bool>> for Truth {
    fn from(answer: Option<bool>) -> Self {
        answer.map_or(Self::Unknown, Self::from)
    }
}
