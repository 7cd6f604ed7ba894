//! Keeps the original document of a response.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// A configuration with its original document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer<T> {
    /// The configuration; `None` if there is none.
    pub value: Option<T>,
    /// The document from the service.
    pub raw: Option<String>,
}

/// Stores one document. Clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::aws) struct Document(Arc<Mutex<Option<String>>>);

impl Document {
    /// The interceptor that stores the document.
    pub(crate) fn keeping(&self) -> KeepDocument {
        KeepDocument(self.clone())
    }

    /// The document, after the response.
    pub(crate) fn text(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Combines it with the value parsed from it.
    pub(crate) fn answers<T>(&self, value: Option<T>) -> Answer<T> {
        Answer {
            value,
            raw: self.text(),
        }
    }
}

/// Copies the body of a successful response.
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
