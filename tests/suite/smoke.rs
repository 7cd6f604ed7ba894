//! The smoke test: everything passes where everything is right, and when one thing is broken exactly its checks fail.

mod bench;
mod breaking;
mod command;
mod leaving;
