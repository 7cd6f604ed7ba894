//! The parts that screens share: one file per thing drawn.

pub(super) mod columns;
pub(super) mod hints;
pub(super) mod rule;
pub(super) mod status;
pub(super) mod tabs;
pub(super) mod title;
pub(super) mod too_small;
