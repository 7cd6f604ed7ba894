//! Undoes a soft purge: removes exactly the delete markers that it created.
//!
//! Only the list of markers that the purge's receipt seals is trusted. A receipt without its seal is rejected, and so
//! is any other list. A marker is left if a newer version was written above it, or if it is gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, StreamExt};

use super::authorization::{Attested, Authorization};
use super::current_state::{Present, Today};
use super::store::Store;
use super::{Failure, Tools, new_case, now, operator, regions};
use crate::aws::{Aws, Meter, wire};
use crate::domain::advice::{Action, PlanOf, advice};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::markers::{self, Marker};
use crate::domain::change::plan::{FORMAT, blueprint_hash};
use crate::domain::change::{Act, Header, Item, Plan, Subject};
use crate::domain::receipt::{Receipt, Seal, verify};
use crate::domain::{BucketName, ObjectKey, OwnerId, text};
use crate::ops::Gap;
use crate::ops::find::exact;

/// A soft purge that can be undone.
#[derive(Debug, Clone)]
pub struct SoftPurge {
    /// Its receipt.
    pub receipt: Receipt,
    /// The delete markers that it created.
    pub markers: Vec<Marker>,
}

impl SoftPurge {
    /// Reads the receipt of a soft purge, and the list next to it.
    ///
    /// # Errors
    /// [`Failure::Refused`] if this installation did not seal the receipt, if it is not about a soft purge, or if the
    /// list is not the sealed one.
    pub fn read(store: &Store, file: &Path) -> Result<Self, Failure> {
        let cannot = |file: &Path, why: &dyn std::fmt::Display| {
            Failure::refused(
                format!("{} cannot be used: {why}", file.display()),
                advice!(
                    "give the receipt of a soft purge of this installation, with the file of its markers beside it"
                ),
            )
        };
        let text = store.read_untrusted(file);
        let text = text.map_err(|why| cannot(file, &why))?;
        let secret = store.kept_secret().map_err(|error| {
            Failure::File(format!(
                "could not read the secret that seals receipts: {error}"
            ))
        })?;
        let verified = verify(&text, secret.as_ref()).map_err(|why| cannot(file, &why))?;
        if verified.seal != Seal::Ours {
            return Err(cannot(file, &"it was not sealed here"));
        }
        let receipt = verified.receipt;
        let Some(beside) = receipt
            .markers
            .as_ref()
            .filter(|_| receipt.act == Act::Mark)
        else {
            return Err(cannot(
                file,
                &"it says of no delete marker that it was made",
            ));
        };
        let list = file.with_file_name(&beside.file);
        let text = store.read_untrusted(&list);
        let text = text.map_err(|why| match why.kind() {
            std::io::ErrorKind::NotFound => Failure::refused(
                format!(
                    "{} is gone: a later purge that deletes what it names removes it, and then nothing is left to undo",
                    list.display()
                ),
                Action::FindUser,
            ),
            _ => cannot(&list, &why),
        })?;
        let markers = markers::read(&receipt.case, &beside.sha256, &text);
        let markers = markers.map_err(|why| cannot(&list, &why))?;
        Ok(Self { receipt, markers })
    }

    /// Checks by the sealed hash of the id that the receipt is about this user.
    ///
    /// # Errors
    /// [`Failure::Refused`] if it is about another user.
    pub fn is_of(&self, store: &Store, owner: &OwnerId) -> Result<(), Failure> {
        let secret = store
            .secret()
            .map_err(|error| Failure::File(error.to_string()))?;
        let subject = subject(owner);
        if secret.subject(&subject) == self.receipt.subject_hmac {
            Ok(())
        } else {
            Err(Failure::refused(
                format!("the receipt is not of {}", text::quoted(owner.as_str())),
                advice!(
                    "give the id of the user whom the receipt is of, exactly as it was given then"
                ),
            ))
        }
    }

    /// Makes the plan to remove the markers. It changes nothing.
    ///
    /// # Errors
    /// [`Failure::Refused`] if account, endpoint or blueprint differ from those of the receipt.
    pub async fn plan(
        &self,
        aws: &Aws,
        blueprint: &Blueprint,
        owner: &OwnerId,
        meter: &Meter,
    ) -> Result<Plan, Failure> {
        let operator = operator::operator(aws, meter).await?;
        let receipt = &self.receipt;
        let of = |endpoint: Option<&str>| endpoint.unwrap_or("AWS").to_owned();
        let (then, today) = (of(receipt.endpoint.as_deref()), of(aws.endpoint()));
        let hash = blueprint_hash(blueprint);
        let pairs = [
            ("account", &receipt.operator.account, &operator.account),
            ("endpoint", &then, &today),
            ("blueprint's hash", &receipt.blueprint_sha256, &hash),
        ];
        for (what, then, today) in pairs {
            if then != today {
                return Err(Failure::refused(
                    format!("the receipt's {what} is {then}, and today's is {today}"),
                    advice!("give the account, endpoint and blueprint with which it was hidden"),
                ));
            }
        }
        let mut items: Vec<Item> = self.markers.iter().map(Marker::item).collect();
        let place = |item: &Item| (item.claim.bucket.clone(), item.claim.key.clone());
        items.sort_by_cached_key(place);
        let buckets: BTreeSet<&BucketName> = items.iter().map(|item| &item.claim.bucket).collect();
        let mut present = Present::default();
        find_regions(aws, buckets, &mut present, meter).await;
        let case = new_case().map_err(|error| {
            Failure::File(format!("could not draw a number for the case: {error}"))
        })?;
        let header = Header {
            format: FORMAT.to_owned(),
            case,
            subject: subject(owner),
            act: Act::Unmark {
                case: receipt.case.clone(),
            },
            made_at: now(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            operator,
            endpoint: aws.endpoint().map(str::to_owned),
            blueprint: blueprint.name.clone(),
            blueprint_sha256: hash,
            regions: regions(&present.searched),
            existence: crate::domain::change::Existence::NotChecked,
            not_searched: Vec::new(),
            contested: Vec::new(),
            other_buckets: None,
            annotations: None,
            record_list: None,
        };
        Ok(Plan { header, items })
    }
}

fn subject(owner: &OwnerId) -> Subject {
    Subject::User {
        id: owner.as_str().to_owned(),
    }
}

/// A caller without permission to read a Region may still be allowed to list.
async fn find_regions(
    aws: &Aws,
    buckets: BTreeSet<&BucketName>,
    present: &mut Present,
    meter: &Meter,
) {
    for bucket in buckets {
        let region = wire::bucket::region(aws, bucket, meter).await.ok();
        present.searched.insert(bucket.clone(), region);
    }
}

/// Authorizes by the sealed list of markers.
impl Authorization for SoftPurge {
    fn precheck(&self, plan: &Plan) -> Result<(), Failure> {
        let of = Act::Unmark {
            case: self.receipt.case.clone(),
        };
        if plan.header.act == of {
            Ok(())
        } else {
            Err(Failure::refused(
                "the plan undoes another purge than the receipt is of",
                Action::MakePlanAgain(PlanOf::Undo),
            ))
        }
    }

    fn look<'l>(
        &'l self,
        tools: Tools<'l>,
        plan: &'l Plan,
        in_flight: usize,
    ) -> BoxFuture<'l, Present> {
        async move {
            let (aws, meter) = (tools.aws, tools.meter);
            let items = &plan.items;
            let mut answers = stream::iter(0..items.len())
                .map(|at| async move {
                    let claim = &items.get(at)?.claim;
                    let asked = exact::versions(aws, &claim.bucket, &claim.key, meter).await;
                    Some((claim, asked))
                })
                .buffered(in_flight.max(1));
            let mut there = Vec::new();
            let mut missed = Vec::new();
            while let Some(answer) = answers.next().await {
                match answer {
                    Some((claim, Ok(versions))) => {
                        let of_key = versions.iter();
                        there.extend(of_key.map(|v| Item::of_version(claim.clone(), v)));
                    }
                    Some((claim, Err(problem))) => {
                        let what = format!("what stands under a key in {}", claim.bucket);
                        missed.push(Gap::failed(what, problem));
                    }
                    None => {}
                }
            }
            drop(answers);
            let mut present = Present::of(plan, &there);
            for gap in missed {
                present.coverage.miss(gap);
            }
            let buckets = items.iter().map(|item| &item.claim.bucket).collect();
            find_regions(aws, buckets, &mut present, meter).await;
            present
        }
        .boxed()
    }

    fn verify(&self, plan: &Plan, present: &Present) -> Result<BTreeMap<usize, String>, Failure> {
        let made: HashSet<(&BucketName, &ObjectKey, &str)> = self
            .markers
            .iter()
            .map(|one| {
                let claim = &one.hides.claim;
                (&claim.bucket, &claim.key, one.marker.as_str())
            })
            .collect();
        let mut left = BTreeMap::new();
        for (at, (item, today)) in plan.items.iter().zip(&present.today).enumerate() {
            let claim = &item.claim;
            if !made.contains(&(&claim.bucket, &claim.key, item.id())) {
                let place = format!("s3://{}/{}", claim.bucket, claim.key.as_str());
                return Err(Failure::refused(
                    format!("the plan holds what the soft purge did not make: a marker of {place}"),
                    advice!("find out who changed the plan, or")
                        .then(Action::MakePlanAgain(PlanOf::Undo)),
                ));
            }
            if matches!(today, Today::Present(now) if !now.is_latest()) {
                let why = "something newer was written over it since";
                left.insert(at, why.to_owned());
            }
        }
        Ok(left)
    }

    fn attest(&self) -> Attested {
        Attested::default()
    }
}
