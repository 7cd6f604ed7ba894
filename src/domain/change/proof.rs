//! Checks a claim against today's blueprint and records. It trusts nothing that a plan says about itself.
//!
//! A proof for the user does not exclude claims of others. The search reports those as
//! [contested](crate::domain::search::Contested).

use std::collections::BTreeSet;

use super::{Claim, Why};
use crate::domain::blueprint::{Blueprint, BucketBlueprint, Location};
use crate::domain::ownership::{
    Evidence, OwnerClaim, Ownership, ReplicationPath, Seen, takes_records,
};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectKey, OwnerId};

/// What claims are checked against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authority<'a> {
    pub blueprint: &'a Blueprint,
    pub owner: &'a OwnerId,
    /// The keys that the records give to the user.
    pub records: Option<&'a BTreeSet<String>>,
    /// What is replicated where.
    pub replication: &'a BTreeSet<ReplicationPath>,
    /// Keys whose metadata was read just now and names the user.
    pub told: &'a BTreeSet<(BucketName, ObjectKey)>,
}

impl Authority<'_> {
    /// Proves that a key belongs to the user.
    ///
    /// # Errors
    /// Describes what cannot be proved.
    pub(crate) fn prove(&self, claim: &Claim) -> Result<(), String> {
        let Some(bucket) = self.blueprint.bucket(&claim.bucket) else {
            return Err(format!("the blueprint does not name {}", claim.bucket));
        };
        let key = claim.key.as_str();
        match &claim.why {
            Why::Key { .. } => match bucket.locate(key) {
                Location::Owned { owner, .. } if owner == *self.owner => Ok(()),
                // Another layout may name the user if the deciding layout takes the owner from records or metadata.
                Location::Unnamed { .. } if self.is_named_by_another_layout(bucket, key) => Ok(()),
                Location::Owned { .. } => Err("its key names another user".to_owned()),
                _ => Err("its key does not name the user".to_owned()),
            },
            Why::Record { .. } => {
                if takes_records(bucket, key, self.owner).is_none() {
                    return Err("no layout leaves its key to the records".to_owned());
                }
                match self.records {
                    Some(records) if records.contains(key) => Ok(()),
                    Some(_) => Err("no record gives it to the user".to_owned()),
                    None => Err("no records were read".to_owned()),
                }
            }
            Why::Metadata { .. } => {
                if self.is_left_to_metadata(&claim.bucket, key) && self.is_told(claim) {
                    Ok(())
                } else {
                    Err(NOT_BY_METADATA.to_owned())
                }
            }
            Why::Orphan { .. } | Why::InQuarantine { .. } => {
                Err("that it is an orphan makes it nobody's".to_owned())
            }
            Why::Derived { rule, source } => {
                self.prove(source)?;
                let Some(from) = self.blueprint.bucket(&source.bucket) else {
                    return Err(format!("the blueprint does not name {}", source.bucket));
                };
                let is_made = from.derived_of(source.key.as_str()).iter().any(|made| {
                    made.rule == *rule && made.bucket == claim.bucket && made.key == key
                });
                if is_made {
                    Ok(())
                } else {
                    Err(format!("by {rule} another key is made from its source"))
                }
            }
            Why::Former { rule, from } => {
                let rules = Ownership::new(&self.blueprint.buckets, None);
                let whose = rules.whose(&claim.bucket, key, &Seen::default());
                let is_proof = |one: &OwnerClaim| match &one.evidence {
                    Evidence::FormerSource {
                        rule: by, bucket, ..
                    } => one.owner == *self.owner && (by, bucket) == (rule, from),
                    _ => false,
                };
                if whose.claims.iter().any(is_proof) {
                    Ok(())
                } else {
                    Err(format!(
                        "by {rule} it is not made from anything of the user's"
                    ))
                }
            }
            Why::QuarantinedCopy { source } => {
                let place = place::of(&source.key).map(|place| place.key);
                if source.bucket != claim.bucket || place.as_ref() != Some(&claim.key) {
                    return Err("no copy of its source lies there in quarantine".to_owned());
                }
                match &source.why {
                    // The copy has the metadata. A new object under the original key may belong to another user.
                    Why::Metadata { .. } => {
                        let source = source.key.as_str();
                        if self.is_left_to_metadata(&claim.bucket, source) && self.is_told(claim) {
                            Ok(())
                        } else {
                            Err(NOT_BY_METADATA.to_owned())
                        }
                    }
                    _ => self.prove(source),
                }
            }
            Why::Replica { source } => {
                self.prove(source)?;
                let is_copied = |path: &ReplicationPath| {
                    path.from == source.bucket && path.to == claim.bucket && path.covers(key)
                };
                if source.key == claim.key && self.replication.iter().any(is_copied) {
                    Ok(())
                } else {
                    Err(format!("{} is not replicated there", source.bucket))
                }
            }
        }
    }
}

impl Authority<'_> {
    fn is_named_by_another_layout(&self, bucket: &BucketBlueprint, key: &str) -> bool {
        let mut rivals = bucket.rivals(key).into_iter();
        rivals.any(|rival| rival.owner.as_ref() == Some(self.owner))
    }

    fn is_left_to_metadata(&self, bucket: &BucketName, key: &str) -> bool {
        let mut rules = Ownership::new(&self.blueprint.buckets, None);
        for path in self.replication {
            rules.learn_replication(path.clone());
        }
        rules.metadata_of(bucket, key).is_some()
    }

    fn is_told(&self, claim: &Claim) -> bool {
        let place = (claim.bucket.clone(), claim.key.clone());
        self.told.contains(&place)
    }
}

const NOT_BY_METADATA: &str = "its metadata does not name the user";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

    fn claim(bucket: &str, key: &str, why: Why) -> Claim {
        Claim {
            bucket: BucketName::new(bucket).unwrap(),
            key: ObjectKey::new(key).unwrap(),
            why,
        }
    }

    fn by_key() -> Why {
        Why::Key {
            layout: "upload".to_owned(),
            tail_parses: true,
        }
    }

    fn prove(claim: &Claim, owner: &str) -> Result<(), String> {
        prove_by(claim, owner, None)
    }

    fn prove_by(
        claim: &Claim,
        owner: &str,
        records: Option<&BTreeSet<String>>,
    ) -> Result<(), String> {
        let blueprint = Blueprint::builtin("pilotforce").unwrap();
        let authority = Authority {
            blueprint: &blueprint,
            owner: &OwnerId::new(owner).unwrap(),
            records,
            replication: &BTreeSet::new(),
            told: &BTreeSet::new(),
        };
        authority.prove(claim)
    }

    #[test]
    fn only_the_user_whom_the_key_names_has_it() {
        let uploads = "pilotforce-user-uploads";
        let of = |key: &str| claim(uploads, key, by_key());
        let key = format!("uploads/user-1/{UUID}-a.jpg");
        assert_eq!(prove(&of(&key), "user-1"), Ok(()));
        for owner in ["user-10", "User-1", "user-1 "] {
            assert!(prove(&of(&key), owner).is_err(), "{owner:?}");
        }
        assert!(prove(&of("uploads/user-1"), "user-1").is_err());
        assert!(prove(&claim("another-bucket", &key, by_key()), "user-1").is_err());
    }

    #[test]
    fn a_record_gives_a_key_that_names_somebody_else_and_none_that_names_nobody() {
        let uploads = "pilotforce-user-uploads";
        let key = format!("uploads/ada-thumbnail.l/{UUID}-photo");
        let records = BTreeSet::from([key.clone(), "stray.jpg".to_owned()]);
        let by_record = |key: &str| {
            let layout = "upload".to_owned();
            claim(uploads, key, Why::Record { layout })
        };
        assert_eq!(prove_by(&by_record(&key), "ada.l", Some(&records)), Ok(()));
        assert!(prove_by(&by_record(&key), "ada.l", None).is_err());
        assert!(prove_by(&by_record(&key), "ada.l", Some(&BTreeSet::new())).is_err());
        assert!(prove_by(&by_record("stray.jpg"), "ada.l", Some(&records)).is_err());
    }

    #[test]
    fn a_derived_object_is_the_users_by_its_source_and_its_rule_alone() {
        let uploads = "pilotforce-user-uploads";
        let source = |owner: &str| {
            let key = format!("uploads/{owner}/{UUID}-file");
            Arc::new(claim(uploads, &key, by_key()))
        };
        let made = |key: &str, source: Arc<Claim>| {
            let rule = "thumbnail".to_owned();
            claim(uploads, key, Why::Derived { rule, source })
        };
        let key = format!("uploads/ada-thumbnail.l/{UUID}-file");
        assert_eq!(prove(&made(&key, source("ada.l")), "ada.l"), Ok(()));
        let another = format!("uploads/ada.l/{UUID}-other-thumbnail");
        assert!(prove(&made(&another, source("ada.l")), "ada.l").is_err());
        assert!(prove(&made(&key, source("ada.l")), "user-1").is_err());
        // The key is evidence for the user whom it names. The search reports that a rule points to another user.
        let named = prove(&claim(uploads, &key, by_key()), "ada-thumbnail.l");
        assert_eq!(named, Ok(()));
    }

    #[test]
    fn a_replica_is_the_users_where_replication_copies_to() {
        let key = format!("uploads/user-1/{UUID}-a.jpg");
        let source = Arc::new(claim("pilotforce-user-uploads", &key, by_key()));
        let copy = claim("pilotforce-assets", &key, Why::Replica { source });
        assert!(prove(&copy, "user-1").is_err());
    }

    #[test]
    fn a_copy_in_quarantine_is_the_users_by_its_original_and_its_place() {
        let uploads = "pilotforce-user-uploads";
        let aside = |place: &str, key: &str| {
            let source = Arc::new(claim(uploads, key, by_key()));
            claim(uploads, place, Why::QuarantinedCopy { source })
        };
        let key = format!("uploads/user-1/{UUID}-a.jpg");
        let place = format!("s3warden-quarantine/{key}");
        assert_eq!(prove(&aside(&place, &key), "user-1"), Ok(()));
        for owner in ["user-10", "uploads"] {
            assert!(prove(&aside(&place, &key), owner).is_err(), "{owner}");
            assert!(prove(&claim(uploads, &place, by_key()), owner).is_err());
        }
        let another = format!("s3warden-quarantine/uploads/user-1/{UUID}-b.jpg");
        assert!(prove(&aside(&another, &key), "user-1").is_err());
        assert!(prove(&aside(&key, &key), "user-1").is_err());
        let long = format!("uploads/user-1/{}", "k".repeat(1000));
        let place = place::of(&ObjectKey::new(long.as_str()).unwrap()).unwrap();
        assert_eq!(prove(&aside(place.key.as_str(), &long), "user-1"), Ok(()));
        let longer = format!("uploads/user-1/{}", "l".repeat(1000));
        assert!(prove(&aside(place.key.as_str(), &longer), "user-1").is_err());
    }
}
