//! Something that was asked: it is so, there is none, or it could not be learnt and why. The three must never look alike.

/// An answer; `W` says why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T, W> {
    /// It is so.
    Set(T),
    /// The service answered that nothing is configured.
    NotSet,
    /// It is not known, and why.
    Unknown(W),
}

impl<T, W> Fact<T, W> {
    /// The same with what is made of the value.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Fact<U, W> {
        match self {
            Self::Set(value) => Fact::Set(make(value)),
            Self::NotSet => Fact::NotSet,
            Self::Unknown(why) => Fact::Unknown(why),
        }
    }

    /// The value where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::NotSet | Self::Unknown(_) => None,
        }
    }

    /// Why it is not known.
    #[must_use]
    pub fn problem(&self) -> Option<&W> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Set(_) | Self::NotSet => None,
        }
    }

    /// The value, or `None` where there is none.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn known(&self) -> Result<Option<&T>, &W> {
        match self {
            Self::Set(value) => Ok(Some(value)),
            Self::NotSet => Ok(None),
            Self::Unknown(why) => Err(why),
        }
    }
}
