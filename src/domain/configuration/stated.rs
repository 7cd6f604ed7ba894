//! The value of a configuration topic, with the document it came from.

use serde::Serialize;

use crate::domain::fact::Fact;

/// Set, not set, or unknown with the reason.
pub(crate) type Setting<T> = Fact<T, Unanswered>;

/// A topic of the configuration.
pub trait Concern {
    /// Its id for scripts, such as `public-access-block`.
    const NAME: &'static str;
    /// Its title for people, such as `Public access block`.
    const TITLE: &'static str;
    /// A sentence for the case that nothing is configured.
    const NOT_SET: &'static str;

    /// Describes the value in one sentence. It contains raw names: escape it before display.
    fn sentence(&self) -> String;
}

/// Why a value is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unanswered {
    /// The failed operation, such as `GetBucketPolicy`.
    pub call: String,
    /// The kind of reason.
    pub reason: Reason,
    /// The reason, and what to do.
    pub why: String,
}

/// The kind of reason for an unknown value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The credentials lack this permission.
    Permission(String),
    /// The endpoint does not support the operation.
    NotThere,
    /// Anything else: a network error, an invalid response, a failing service.
    Other,
}

impl Unanswered {
    /// A short reason for a table cell, such as "needs s3:GetBucketPolicy".
    #[must_use]
    pub fn short(&self) -> String {
        match &self.reason {
            Reason::Permission(permission) if permission.is_empty() => {
                "access was denied".to_owned()
            }
            Reason::Permission(permission) => format!("needs {permission}"),
            Reason::NotThere => "this endpoint does not have it".to_owned(),
            Reason::Other => self.why.clone(),
        }
    }

    /// Whether the endpoint does not support the operation, so that no such configuration can exist there.
    #[must_use]
    pub fn is_not_there(&self) -> bool {
        self.reason == Reason::NotThere
    }
}

/// The value of a topic, and its document.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated<T> {
    /// The value.
    pub setting: Setting<T>,
    /// The XML or JSON document from the service, if there was a valid one.
    pub raw: Option<String>,
}

impl<T> Stated<T> {
    /// A value without a document.
    #[must_use]
    pub fn without_document(setting: Setting<T>) -> Self {
        Self { setting, raw: None }
    }

    /// Applies a function to the value.
    #[must_use]
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Stated<U> {
        Stated {
            setting: match self.setting {
                Fact::Set(value) => Fact::Set(turn(value)),
                Fact::NotSet => Fact::NotSet,
                Fact::Unknown(why) => Fact::Unknown(why),
            },
            raw: self.raw,
        }
    }

    /// The value, if set.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.setting.value()
    }

    /// The value, or `None` if not set.
    ///
    /// # Errors
    /// The reason, if unknown.
    pub fn known(&self) -> Result<Option<&T>, &Unanswered> {
        self.setting.known()
    }
}

/// The state of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Something is configured.
    Set,
    /// Nothing is.
    NotSet,
    /// The value is unknown.
    Unknown(Unanswered),
}

impl State {
    /// Its id for scripts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::NotSet => "not-set",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// One topic, prepared for display.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// [`Concern::NAME`].
    pub name: &'static str,
    /// [`Concern::TITLE`].
    pub title: &'static str,
    /// Its state.
    pub state: State,
    /// One sentence; escape it before display.
    pub sentence: String,
    /// The value as JSON; null unless set.
    pub value: serde_json::Value,
    /// The document from the service.
    pub raw: Option<String>,
}

impl<T: Concern + Serialize> Stated<T> {
    /// Converts the topic to a row.
    #[must_use]
    pub fn row(&self) -> Row {
        let (state, sentence) = match &self.setting {
            Fact::Set(value) => (State::Set, value.sentence()),
            Fact::NotSet => (State::NotSet, T::NOT_SET.to_owned()),
            Fact::Unknown(why) => (
                State::Unknown(why.clone()),
                format!("Unknown: {}.", why.short().trim_end_matches('.')),
            ),
        };
        let value = self
            .value()
            .and_then(|value| serde_json::to_value(value).ok())
            .unwrap_or_default();
        Row {
            name: T::NAME,
            title: T::TITLE,
            state,
            sentence,
            value,
            raw: self.raw.clone(),
        }
    }
}
