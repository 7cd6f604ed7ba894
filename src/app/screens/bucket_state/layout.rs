//! How many lines each part of a tab has: the list scrolls by it, and the screen is drawn by it.

/// Lines that are not the page: title, tabs, rule, rule, status and hints, and the tabs of this screen with a blank.
const AROUND: u16 = 8;

/// The width from which on two things stand side by side.
pub(crate) const WIDE: u16 = 110;

/// How the lines of a page are shared out; the rest is what stands below the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shares {
    /// What stands above the list.
    pub above: u16,
    /// The list, its head among them.
    pub list: u16,
}

/// The lines of a page on a screen of this size.
#[must_use]
pub(crate) fn page((_, rows): (u16, u16)) -> u16 {
    rows.saturating_sub(AROUND).max(1)
}

/// The concerns, and below them storage classes and cost.
#[must_use]
pub(crate) fn overview(page: u16) -> Shares {
    // All 21 concerns and their head where classes still have their table; classes need six lines at least to say anything.
    let most = if page >= 22 + 9 { 22 } else { 20 };
    Shares {
        above: 0,
        list: page.saturating_sub(6).clamp(4.min(page), most),
    }
}

/// The rules, and below them what one of them does to an object.
#[must_use]
pub(crate) fn lifecycle(page: u16) -> Shares {
    Shares {
        above: 0,
        list: page.saturating_sub(10).clamp(4.min(page), 14),
    }
}

/// A chart, and below it what can be looked at.
#[must_use]
pub(crate) fn metrics(page: u16) -> Shares {
    let above = (page * 9 / 20).clamp(5.min(page), 18);
    Shares {
        above,
        list: page.saturating_sub(above),
    }
}

/// The findings, and below them the one under the cursor where there is room for both.
#[must_use]
pub(crate) fn findings(page: u16) -> Shares {
    let list = if page < 24 { page } else { page * 2 / 5 };
    Shares { above: 0, list }
}
