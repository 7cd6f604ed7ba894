//! Ways in which an endpoint can be laxer than S3, so that a check of what S3 enforces can be seen to fail.

/// Something that the endpoint does not enforce, or loses. A sandbox without defects does as S3 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Defect {
    /// Any signature in a URL is taken for a good one, whatever was changed since: path, headers or the signature.
    AnySignature,
    /// Pre-signed URLs never end.
    NoExpiry,
    /// A form's policy is taken as signed, but none of its conditions is looked at.
    AnyForm,
    /// What came before a connection broke off becomes an object.
    PartialObjects,
    /// Of uploads under way at the same time, those beyond the eighth are answered with success and not kept.
    LosesParallelWrites,
    /// GET answers with one bit turned.
    CorruptBodies,
    /// Of a lifecycle rule's filter only the prefix is kept, without a word: tags and sizes are dropped.
    WidensFilters,
    /// What is to be deleted only with a certain entity tag is deleted with any.
    IgnoresDeleteConditions,
    /// Anybody may read and write, whatever policies and ACLs say.
    AnyoneMay,
}

/// The defects of an endpoint.
#[derive(Debug, Clone, Default)]
pub(crate) struct Defects(Vec<Defect>);

impl Defects {
    /// These.
    #[must_use]
    pub(crate) fn new(defects: Vec<Defect>) -> Self {
        Self(defects)
    }

    /// Whether this is one of them.
    #[must_use]
    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.0.contains(&defect)
    }
}
