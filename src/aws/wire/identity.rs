//! Identifies the caller.

use crate::aws::explain::{Call, explain};
use crate::aws::{Aws, Meter, Problem, operations};

/// The result of STS `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's id, twelve digits on AWS.
    pub account: String,
    /// The full ARN of the user or role session.
    pub arn: String,
    /// The unique id of the user or role.
    pub user_id: String,
}

impl Aws {
    /// Requests the identity from STS. It needs no permission, so it tells invalid credentials from missing
    /// permissions.
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

/// The owner of the listed buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketsOwner {
    /// The account's id.
    pub id: String,
    /// The account's name; its id if the server returns no name.
    pub name: String,
}

impl Aws {
    /// Requests the owner of the bucket list, which is the caller's account. `None` if the server does not return one.
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
