//! Keeps the document of an answer as the service sent it.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// What is configured, and the document that said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer<T> {
    /// What is configured; `None` when nothing is.
    pub value: Option<T>,
    /// The document as the service sent it.
    pub raw: Option<String>,
}

/// A place for one document. Clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::aws) struct Document(Arc<Mutex<Option<String>>>);

impl Document {
    /// The part that goes along with the call.
    pub(crate) fn keeping(&self) -> KeepDocument {
        KeepDocument(self.clone())
    }

    /// The document, once the call has been answered.
    pub(crate) fn text(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The answer that was read from it.
    pub(crate) fn answers<T>(&self, value: Option<T>) -> Answer<T> {
        Answer {
            value,
            raw: self.text(),
        }
    }
}

/// Copies the body of a successful answer.
#[derive(Debug)]
pub(in crate::aws) struct KeepDocument(Document);

impl Intercept for KeepDocument {
    fn name(&self) -> &'static str {
        "KeepDocument"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if response.status().is_success()
            && let Some(body) = response.body().bytes()
        {
            let text = String::from_utf8_lossy(body).into_owned();
            *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        }
        Ok(())
    }
}
