//! The incomplete uploads of all keys that are the user's, with the size of their parts.
//!
//! Some servers list an upload's key in another form than they accept, and then do not know the upload they have just
//! listed. Such an upload still exists. The search lists it once more, and keeps it in the result if it is listed
//! again.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use super::question::{Answer, Question};
use super::{Search, Stage, shown};
use crate::domain::change::{Claim, Item, What, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::Verdict;
use crate::domain::{BucketName, ByteSize, ObjectKey, Upload};

impl<E: Display + PartialEq> Search<'_, E> {
    pub(super) fn ask_for_uploads(&mut self) -> (Stage, Vec<Question>) {
        let mut of_owner: Vec<(Arc<Claim>, Upload)> = Vec::new();
        for (bucket, uploads) in std::mem::take(&mut self.uploads) {
            let (mut nobodys, mut anybodys): (u64, u64) = (0, 0);
            for upload in uploads {
                if let Some(claim) = self.claims.get(&bucket, &upload.key) {
                    if self.may_be_begun_by_others(claim) {
                        anybodys += 1;
                    } else {
                        of_owner.push((Arc::clone(claim), upload));
                    }
                } else if self.is_left_to_metadata(&bucket, &upload.key) {
                    nobodys += 1;
                }
            }
            for (uploads, why) in [
                (
                    nobodys,
                    "only metadata would name the owner, and an upload cannot be asked for it",
                ),
                (
                    anybodys,
                    "a rule makes such keys from several users' media, and an upload does not tell from whose",
                ),
            ] {
                let what = match uploads {
                    0 => continue,
                    1 => format!("{bucket}: the owner of 1 incomplete upload"),
                    more => format!("{bucket}: the owners of {more} incomplete uploads"),
                };
                self.found.coverage.miss(Gap::new(what, why));
            }
        }
        let questions = of_owner.iter().map(|(claim, upload)| Question::Stored {
            claim: Arc::clone(claim),
            upload: upload.upload_id.clone(),
        });
        let questions = questions.collect();
        (Stage::Uploads(of_owner), questions)
    }

    /// Whether an incomplete upload under a claimed key may contain another user's media. For an object, the source
    /// decides. An upload may have been started while another source existed.
    fn may_be_begun_by_others(&self, claim: &Claim) -> bool {
        claim.chain().any(|link| {
            let (Why::Derived { .. } | Why::Former { .. }) = &link.why else {
                return false;
            };
            let is_users = matches!(
                self.verdict(link, &[]),
                Verdict::One(owner) if owner == *self.subject.owner
            );
            !is_users && self.only_source(link).is_none()
        })
    }

    pub(super) fn is_left_to_metadata(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        self.ownership.metadata_of(bucket, key.as_str()).is_some()
    }

    /// Adds the uploads. Those that S3 does not know are listed again.
    pub(super) fn enter_uploads(
        &mut self,
        uploads: Vec<(Arc<Claim>, Upload)>,
        answers: Vec<Answer<E>>,
    ) -> (Stage, Vec<Question>) {
        let mut unknown = Vec::new();
        for ((claim, upload), answer) in uploads.into_iter().zip(answers) {
            let size = match answer {
                Answer::Stored(Ok(Some(size))) => size,
                Answer::Stored(Ok(None)) => {
                    unknown.push((claim, upload));
                    continue;
                }
                Answer::Stored(Err(problem)) => {
                    self.miss_size(&claim, problem.to_string());
                    ByteSize(0)
                }
                _ => ByteSize(0),
            };
            self.enter_upload(claim, upload, size);
        }
        let buckets = unknown.iter().map(|(claim, _)| &claim.bucket);
        let buckets: BTreeSet<BucketName> = buckets.cloned().collect();
        if buckets.is_empty() {
            return self.ask_for_sources();
        }
        let buckets: Vec<BucketName> = buckets.into_iter().collect();
        let questions = buckets.iter().cloned().map(Question::Uploads).collect();
        (Stage::UploadsAgain { buckets, unknown }, questions)
    }

    /// Adds the unknown uploads that are still listed, or may be.
    pub(super) fn enter_unknown_uploads(
        &mut self,
        buckets: &[BucketName],
        unknown: Vec<(Arc<Claim>, Upload)>,
        answers: Vec<Answer<E>>,
    ) {
        let mut answers = answers.into_iter();
        let mut gone_from: BTreeSet<&BucketName> = BTreeSet::new();
        let mut listed: BTreeSet<(&BucketName, String)> = BTreeSet::new();
        for bucket in buckets {
            let answer = answers.next();
            let is_whole =
                matches!(&answer, Some(Answer::Uploads(all)) if all.coverage.is_complete());
            let uploads = self.listed_uploads(answer);
            listed.extend(uploads.into_iter().map(|one| (bucket, one.upload_id)));
            if is_whole {
                gone_from.insert(bucket);
            }
        }
        for (claim, upload) in unknown {
            let is_listed = listed.contains(&(&claim.bucket, upload.upload_id.clone()));
            if !is_listed && gone_from.contains(&claim.bucket) {
                // It was aborted or completed after it was listed.
                continue;
            }
            let why = "S3 lists the upload, and does not know it by this key when it is asked for its parts";
            self.miss_size(&claim, why.to_owned());
            self.enter_upload(claim, upload, ByteSize(0));
        }
    }

    fn miss_size(&mut self, claim: &Claim, why: String) {
        let place = shown(&claim.bucket, &claim.key);
        let what = format!("the size of an upload of {place}");
        self.found.coverage.miss(Gap::new(what, why));
    }

    fn enter_upload(&mut self, claim: Arc<Claim>, upload: Upload, size: ByteSize) {
        self.found.items.push(Item {
            claim,
            what: What::Upload {
                id: upload.upload_id,
            },
            size,
            etag: None,
            class: upload.storage_class,
            written: upload.initiated,
        });
    }
}
