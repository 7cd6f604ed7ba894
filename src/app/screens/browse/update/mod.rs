//! How the Browse screen changes.

pub(crate) mod jump;
pub(crate) mod loading;
pub(crate) mod navigate;
pub(crate) mod owners;
pub(crate) mod readings;
pub(crate) mod scanning;
pub(crate) mod treemap;
#[cfg(test)]
mod treemap_tests;
