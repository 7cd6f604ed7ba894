//! Which ticket is current in which slot: the one place where stale results are told from fresh ones.

use std::collections::HashMap;

use crate::tasks::{Job, Slot, Ticket, Work};

/// Hands out tickets and remembers the current one of each slot.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    last: u64,
    current: HashMap<Slot, Ticket>,
}

impl Slots {
    /// Makes a job of a piece of work: from now on its ticket is the slot's current one.
    pub(crate) fn job(&mut self, slot: Slot, work: Work) -> Job {
        self.last += 1;
        let ticket = Ticket(self.last);
        self.current.insert(slot, ticket);
        Job { slot, ticket, work }
    }

    /// The ticket that is current in a slot.
    #[must_use]
    pub(crate) fn current(&self, slot: Slot) -> Option<Ticket> {
        self.current.get(&slot).copied()
    }

    /// Whether an update under this ticket is still wanted in its slot.
    #[must_use]
    pub(crate) fn is_current(&self, slot: Slot, ticket: Ticket) -> bool {
        self.current(slot) == Some(ticket)
    }

    /// Makes whatever still arrives for the slot stale.
    pub(crate) fn forget(&mut self, slot: Slot) {
        self.current.remove(&slot);
    }
}
