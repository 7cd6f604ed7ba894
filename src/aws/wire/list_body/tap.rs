//! Keeps the body of a response from the SDK's parser.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, Output, OutputOrError,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer};

use crate::aws::operations::Operation;
use crate::aws::shape::root_element;

/// For one call: the body is kept, and the SDK returns an empty output.
///
/// This applies only to a successful response with the expected root element. The SDK parses every other response (an
/// error, a redirect, a web page), so that errors do not change.
#[derive(Clone)]
pub(crate) struct Tap {
    root: Option<&'static str>,
    empty: fn() -> Output,
    own: fn() -> Option<FrozenLayer>,
    kept: Arc<Mutex<Option<SdkBody>>>,
}

impl Tap {
    /// For calls of this operation. `empty` makes an empty output, and `own` returns the SDK's configuration of the
    /// operation, which contains its parser.
    pub(crate) fn new(
        operation: &Operation,
        empty: fn() -> Output,
        own: fn() -> Option<FrozenLayer>,
    ) -> Self {
        Self {
            root: operation.root,
            empty,
            own,
            kept: Arc::default(),
        }
    }

    /// Takes the body; `None` if the SDK parsed the response.
    pub(crate) fn take(&self) -> Option<SdkBody> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<SdkBody>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

impl Intercept for Tap {
    fn name(&self) -> &'static str {
        "Tap"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // An interceptor's configuration takes precedence over that of the operation.
        cfg.interceptor_state()
            .store_put(SharedResponseDeserializer::new(Keeps(self.clone())));
        Ok(())
    }
}

/// Takes precedence over the operation's own parser.
#[derive(Debug)]
struct Keeps(Tap);

impl DeserializeResponse for Keeps {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        cfg: &ConfigBag,
    ) -> OutputOrError {
        let Self(tap) = self;
        let body = response.body();
        let root = root_element(body.bytes().unwrap_or_default());
        if response.status().is_success()
            && root.is_some()
            && root.as_deref() == tap.root
            // The clone shares the bytes.
            && let Some(kept) = body.try_clone()
        {
            *tap.lock() = Some(kept);
            return Ok((tap.empty)());
        }
        let own = (tap.own)();
        match own
            .as_ref()
            .and_then(|own| own.load::<SharedResponseDeserializer>())
        {
            Some(own) => own.deserialize_nonstreaming_with_config(response, cfg),
            None => Err(OrchestratorError::other(
                "the operation has no parser of its own",
            )),
        }
    }
}
