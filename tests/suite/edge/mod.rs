//! The outside of the sandbox, over HTTP: signatures, access, configuration, CORS, Regions, faults and counts.

/// Builds a type of the SDK field by field.
macro_rules! built {
    ($type:ident $(. $field:ident($value:expr))*) => {
        $type::builder()$(.$field($value))*.build()
    };
}

mod access;
mod addressing;
mod aftermath;
mod configuration;
mod configuration_access;
mod configuration_by_id;
mod cors;
mod faults;
mod forms;
mod signatures;
pub(crate) mod support;
