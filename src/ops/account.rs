//! The account behind a connection: its id, and what public access it blocks for all its buckets.
//!
//! Asked once, however many buckets are looked at. A bucket that was named may belong to another account, of which only
//! that account can tell: the block is that of the credentials' own.

use super::{Gate, Meter, state};
use crate::aws::{Aws, Problem, ProblemKind, operations, wire};
use crate::domain::configuration::{AccountBlock, Reason, Setting, Stated, Unanswered};
use crate::domain::fact::Fact;

/// What is known of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id, twelve digits on AWS.
    pub id: Setting<String>,
    /// The public access block that holds for all its buckets.
    pub block: Stated<AccountBlock>,
}

impl Account {
    /// The id, where it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.value().map(String::as_str)
    }
}

/// Nobody asked.
impl Default for Account {
    fn default() -> Self {
        let why = Unanswered {
            call: operations::GET_CALLER_IDENTITY.name.to_owned(),
            reason: Reason::Other,
            why: "nobody asked whose credentials these are".to_owned(),
        };
        Self {
            id: Fact::Unknown(why.clone()),
            block: Stated::without_document(Fact::Unknown(why)),
        }
    }
}

/// Asks whose credentials these are, and then what their account blocks.
pub async fn of(aws: &Aws, gate: &Gate, meter: &Meter) -> Account {
    let operation = operations::GET_ACCOUNT_PUBLIC_ACCESS_BLOCK.name;
    match gate.pass(aws.identity(meter)).await {
        Ok(identity) => {
            let asked = wire::account::public_access(aws, &identity.account, meter);
            let answer = Box::pin(gate.pass(asked)).await;
            Account {
                id: Fact::Set(identity.account),
                block: state::stated(operation, answer).map(AccountBlock),
            }
        }
        Err(problem) => {
            let why = state::unanswered(operations::GET_CALLER_IDENTITY.name, &problem);
            Account {
                block: Stated::without_document(Fact::Unknown(Unanswered {
                    call: operation.to_owned(),
                    reason: if has_no_accounts(aws, &problem) {
                        Reason::NotThere
                    } else {
                        why.reason.clone()
                    },
                    why: format!("the account is not known: {}", why.why),
                })),
                id: Fact::Unknown(why),
            }
        }
    }
}

/// Whether another server than AWS's does not know of accounts, rather than that it could not be asked. STS needs no
/// permission: a server that refuses the question, however it does, has no STS.
fn has_no_accounts(aws: &Aws, problem: &Problem) -> bool {
    !aws.is_of_aws()
        && matches!(
            problem.kind,
            ProblemKind::NotSupported
                | ProblemKind::Malformed
                | ProblemKind::NotFound
                | ProblemKind::Invalid
                | ProblemKind::BadCredentials
                | ProblemKind::Denied
                // SeaweedFS without a configured STS answers 503.
                | ProblemKind::Unavailable
        )
}
