//! Whose credentials these are.

use crate::aws::explain::{Call, explain};
use crate::aws::{Aws, Meter, Problem, operations};

/// What STS says about the credentials in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's id, twelve digits on AWS.
    pub account: String,
    /// The user's or role session's name in full.
    pub arn: String,
    /// The unique id of the user or role.
    pub user_id: String,
}

impl Aws {
    /// Asks STS whose credentials these are. Needs no permission, so it tells bad credentials from missing rights.
    pub async fn identity(&self, meter: &Meter) -> Result<Identity, Problem> {
        let call = Call::new(&operations::GET_CALLER_IDENTITY, "");
        let answer = self
            .sts()
            .get_caller_identity()
            .customize()
            .interceptor(meter.counting())
            .send()
            .await
            .map_err(|error| explain(self, &call, &error))?;
        let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
        Ok(Identity {
            account: text(answer.account()),
            arn: text(answer.arn()),
            user_id: text(answer.user_id()),
        })
    }
}

/// Whose buckets the server says it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketsOwner {
    /// The account's id.
    pub id: String,
    /// What the account is called; its id again where the server does not say.
    pub name: String,
}

impl Aws {
    /// Asks for the owner of the buckets that are listed: the account that asks. `None` where the server names none.
    pub async fn buckets_owner(&self, meter: &Meter) -> Result<Option<BucketsOwner>, Problem> {
        let call = Call::new(&operations::LIST_BUCKETS, "");
        let answer = self
            .s3()
            .list_buckets()
            .customize()
            .interceptor(meter.counting())
            .send()
            .await
            .map_err(|error| explain(self, &call, &error))?;
        let text = |field: Option<&str>| field.map(str::trim).unwrap_or_default().to_owned();
        let owner = answer.owner();
        let id = text(owner.and_then(|owner| owner.id()));
        let name = text(owner.and_then(|owner| owner.display_name()));
        Ok(match (id.is_empty(), name.is_empty()) {
            (true, true) => None,
            (true, false) => Some(BucketsOwner {
                id: name.clone(),
                name,
            }),
            (false, is_nameless) => Some(BucketsOwner {
                name: if is_nameless { id.clone() } else { name },
                id,
            }),
        })
    }
}
