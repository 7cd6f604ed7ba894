//! Whose media is where.
