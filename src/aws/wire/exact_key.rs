//! Supports keys that consist of spaces.
//!
//! S3 accepts `" "` as a key. The SDK treats it as a missing field when it determines the endpoint, and rejects the
//! call. Such a key is therefore replaced by a stand-in, which is corrected after that check and before the request is
//! built.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::domain::ObjectKey;

/// The key for the SDK's builder. Use it with an [`ExactKey`] interceptor on the same call.
pub(super) fn stand_in(key: &ObjectKey) -> &str {
    if key.as_str().trim().is_empty() {
        "-"
    } else {
        key.as_str()
    }
}

/// Sets the exact key in the input of type `I`.
pub(super) struct ExactKey<I> {
    key: String,
    set: fn(&mut I, String),
}

impl<I> ExactKey<I> {
    pub(super) fn new(key: &ObjectKey, set: fn(&mut I, String)) -> Self {
        Self {
            key: key.as_str().to_owned(),
            set,
        }
    }
}

impl<I> fmt::Debug for ExactKey<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExactKey")
    }
}

impl<I: fmt::Debug + Send + Sync + 'static> Intercept for ExactKey<I> {
    fn name(&self) -> &'static str {
        "ExactKey"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context
            .input_mut()
            .downcast_mut::<I>()
            .ok_or("the key belongs to another operation")?;
        (self.set)(input, self.key.clone());
        Ok(())
    }
}
