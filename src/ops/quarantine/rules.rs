//! Adds the lifecycle rule that ends a quarantine to a bucket's rules, and removes it again.
//!
//! Every write is verified by reading the rules again. The rule is first added disabled. A server that silently drops
//! the conditions of a filter then only has a disabled rule about all objects.

use crate::aws::wire::configuration::Rules;
use crate::aws::{Aws, Meter, Problem, WritePermit};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::configuration::Rule;
use crate::domain::quarantine::rule::difference;
use crate::domain::text;
use crate::ops::change::Failure;

/// What happened to the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// It was added to the existing rules, and was read back unchanged.
    Added,
    /// The same rule already existed.
    Already,
}

/// The bucket whose rules are changed.
#[derive(Clone, Copy)]
pub(crate) struct Reach<'a> {
    pub aws: &'a Aws,
    /// The bucket; it contains objects.
    pub bucket: &'a BucketName,
    /// The permission to write.
    pub permit: &'a WritePermit,
    pub meter: &'a Meter,
}

/// Adds a rule to a bucket's rules.
///
/// # Errors
/// [`Failure::Refused`] if the service does not store it, or the other rules, unchanged. The previous rules are then
/// restored and read once more; the text says if that failed.
pub(crate) async fn install(reach: Reach<'_>, rule: &Rule) -> Result<Installed, Failure> {
    let before = reach.read().await?;
    if before.rule(&rule.id).as_ref() == Some(rule) {
        return Ok(Installed::Already);
    }
    let harmless = Rule {
        enabled: false,
        ..rule.clone()
    };
    for step in [&harmless, rule] {
        let wanted = before.with(step).map_err(|why| refused(&why))?;
        let written = reach.write(&wanted).await;
        let why = match written {
            Ok(()) => match reach.read().await {
                Ok(kept) => fault(&wanted, &kept, step),
                Err(problem) => Some(format!("its rules could not be read back: {problem}")),
            },
            // It is unknown whether it was written, so read the rules.
            Err(problem) => match reach.read().await {
                Ok(kept) if kept.holds_same(&before) => return Err(problem.into()),
                _ => Some(problem.to_string()),
            },
        };
        if let Some(why) = why {
            return Err(reach.back_to(&before, &why).await);
        }
    }
    Ok(Installed::Added)
}

/// Removes the rule with this id. Returns whether there was one.
///
/// # Errors
/// [`Failure::Refused`] if the service changed other rules.
pub(crate) async fn take_out(reach: Reach<'_>, id: &str) -> Result<bool, Failure> {
    let before = reach.read().await?;
    let wanted = before.without(id);
    if wanted.len() == before.len() {
        return Ok(false);
    }
    reach.write(&wanted).await?;
    let kept = reach.read().await?;
    if kept.holds_same(&wanted) {
        return Ok(true);
    }
    Err(Failure::Refused {
        why: format!(
            "the rule {} was taken out of the lifecycle of {}, and the other rules are not what they were",
            text::safe(id),
            reach.bucket
        ),
        advice: advice!("look at the bucket's lifecycle rules now"),
    })
}

impl Reach<'_> {
    async fn read(self) -> Result<Rules, Problem> {
        Rules::read(self.aws, self.bucket, self.meter).await
    }

    async fn write(self, rules: &Rules) -> Result<(), Problem> {
        rules
            .write(self.aws, self.bucket, self.permit, self.meter)
            .await
    }

    /// Restores the previous rules. Returns the reason, and whether the restore succeeded.
    async fn back_to(self, before: &Rules, why: &str) -> Failure {
        let outcome = match self.write(before).await {
            Ok(()) => self.read().await,
            Err(problem) => Err(problem),
        };
        let bucket = self.bucket;
        match outcome {
            Ok(kept) if kept.holds_same(before) => Failure::Refused {
                why: format!("the service does not keep the lifecycle rule as it was given: {why}"),
                advice: advice!(
                    "the rule was taken out again, and the rules of {bucket} are what they were; put orphans aside without a rule"
                ),
            },
            Ok(_) => Failure::Refused {
                why: format!(
                    "the service does not keep the lifecycle rule as it was given ({why}), nor the rules that were there before"
                ),
                advice: advice!("look at the lifecycle rules of {bucket} now"),
            },
            Err(problem) => Failure::Refused {
                why: format!(
                    "the service does not keep the lifecycle rule as it was given ({why}), and it could not be taken out again: {problem}"
                ),
                advice: advice!("look at the lifecycle rules of {bucket} now"),
            },
        }
    }
}

fn fault(wanted: &Rules, kept: &Rules, rule: &Rule) -> Option<String> {
    if let Some(why) = difference(rule, kept.rule(&rule.id).as_ref()) {
        return Some(why);
    }
    (!kept.holds_same(wanted)).then(|| "it changed the other rules".to_owned())
}

fn refused(why: &str) -> Failure {
    Failure::Refused {
        why: why.to_owned(),
        advice: advice!("put orphans aside without a rule"),
    }
}
