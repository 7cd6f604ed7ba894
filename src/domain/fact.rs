//! A fact about configuration: set, not set, or unknown with a reason. The interface must always show the three
//! differently.

/// A fact; `W` is the reason why it is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T, W> {
    /// The value is set.
    Set(T),
    /// The service answered that nothing is configured.
    NotSet,
    /// The request failed, with the reason.
    Unknown(W),
}

impl<T, W> Fact<T, W> {
    /// Applies a function to the value.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Fact<U, W> {
        match self {
            Self::Set(value) => Fact::Set(make(value)),
            Self::NotSet => Fact::NotSet,
            Self::Unknown(why) => Fact::Unknown(why),
        }
    }

    /// The value, if set.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::NotSet | Self::Unknown(_) => None,
        }
    }

    /// The reason, if unknown.
    #[must_use]
    pub fn problem(&self) -> Option<&W> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Set(_) | Self::NotSet => None,
        }
    }

    /// The value, or `None` if not set.
    ///
    /// # Errors
    /// The reason, if unknown.
    pub fn known(&self) -> Result<Option<&T>, &W> {
        match self {
            Self::Set(value) => Ok(Some(value)),
            Self::NotSet => Ok(None),
            Self::Unknown(why) => Err(why),
        }
    }
}
