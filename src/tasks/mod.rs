//! The asynchronous task layer: runs the console's commands and answers with updates that carry a ticket.
