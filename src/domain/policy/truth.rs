//! Yes, no, or not known. What is not known must never be taken for either.

use std::ops::Not;

/// An answer of three values, after Kleene: what is not known stays so unless the rest decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It is not so.
    No,
    /// It is not known.
    Unknown,
    /// It is so.
    Yes,
}

impl Truth {
    /// Yes when both are, no when one is not.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Yes when one is, no when neither is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether all of them are so; yes for none at all. Asks no further than a "no".
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

    /// Whether one of them is so; no for none at all. Asks no further than a "yes".
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

    /// Whether it is so for certain.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether it is certainly not so.
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

/// `None` is not known.
impl From<Option<bool>> for Truth {
    fn from(answer: Option<bool>) -> Self {
        answer.map_or(Self::Unknown, Self::from)
    }
}
