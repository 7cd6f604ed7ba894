//! What each message does, without a terminal or a network.
