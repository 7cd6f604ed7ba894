//! What was asked about one concern and what came back: the answer, and the document it was read from.

use serde::Serialize;

use crate::domain::fact::Fact;

/// Set, not set, or unknown with the reason.
pub(crate) type Setting<T> = Fact<T, Unanswered>;

/// One kind of configuration.
pub trait Concern {
    /// Its short name, for scripts: `public-access-block`.
    const NAME: &'static str;
    /// Its name for people: `Public access block`.
    const TITLE: &'static str;
    /// What it means that nothing is configured, as a sentence.
    const NOT_SET: &'static str;

    /// What is configured, as one plain sentence. Names in it are the service's and not yet made safe to show.
    fn sentence(&self) -> String;
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unanswered {
    /// The operation that was to tell: `GetBucketPolicy`.
    pub call: String,
    /// What sort of reason it is.
    pub reason: Reason,
    /// Why, in words, with what to do.
    pub why: String,
}

/// What sort of reason there is for not knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The credentials lack this permission.
    Permission(String),
    /// This endpoint does not have the operation.
    NotThere,
    /// Anything else: the network, an answer of the wrong shape, a service that fails.
    Other,
}

impl Unanswered {
    /// The reason in a few words, for a cell: "needs s3:GetBucketPolicy".
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

    /// Whether the endpoint does not have what was asked for, so that nothing of the kind can be in force there.
    #[must_use]
    pub fn is_not_there(&self) -> bool {
        self.reason == Reason::NotThere
    }
}

/// What is known of one concern, and the document that said so.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated<T> {
    /// The answer.
    pub setting: Setting<T>,
    /// The document that the service sent, XML or JSON, when it sent one that could be understood.
    pub raw: Option<String>,
}

impl<T> Stated<T> {
    /// An answer without a document.
    #[must_use]
    pub fn without_document(setting: Setting<T>) -> Self {
        Self { setting, raw: None }
    }

    /// The same with the value turned into another.
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

    /// The value where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.setting.value()
    }

    /// The value, or `None` where nothing is configured.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn known(&self) -> Result<Option<&T>, &Unanswered> {
        self.setting.known()
    }
}

/// How a concern stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Something is configured.
    Set,
    /// Nothing is.
    NotSet,
    /// It is not known.
    Unknown(Unanswered),
}

impl State {
    /// The word for scripts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::NotSet => "not-set",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// One concern, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// [`Concern::NAME`].
    pub name: &'static str,
    /// [`Concern::TITLE`].
    pub title: &'static str,
    /// How it stands.
    pub state: State,
    /// One plain sentence; made safe by whoever shows it.
    pub sentence: String,
    /// What is configured as data, for scripts; null unless set.
    pub value: serde_json::Value,
    /// The document that the service sent.
    pub raw: Option<String>,
}

impl<T: Concern + Serialize> Stated<T> {
    /// The concern as a row.
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
