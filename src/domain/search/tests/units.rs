//! Single systems, by hand.

use super::*;
