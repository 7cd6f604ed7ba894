//! Draws the console's state with ratatui: no I/O, no decisions.
