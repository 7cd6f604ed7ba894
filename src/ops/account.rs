//! The account of a connection: its id, and its public access block for all buckets.
//!
//! It is requested once for any number of buckets. A named bucket may belong to another account, whose block only that
//! account can read: this is the block of the credentials' own account.

use super::{Gate, Meter, state};
use crate::aws::{Aws, Problem, ProblemKind, operations, wire};
use crate::domain::configuration::{AccountBlock, Reason, Setting, Stated, Unanswered};
use crate::domain::fact::Fact;

/// The facts about an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id, twelve digits on AWS.
    pub id: Setting<String>,
    /// The public access block for all its buckets.
    pub block: Stated<AccountBlock>,
}

impl Account {
    /// The id, if known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.value().map(String::as_str)
    }
}

/// Nothing was requested.
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

/// Determines the account of the credentials, and then its public access block.
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

/// Whether a server other than AWS has no accounts, as opposed to a failed request. STS needs no permission, so a
/// server that rejects the request in any way has no STS.
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
                // SeaweedFS without a configured STS returns 503.
                | ProblemKind::Unavailable
        )
}
