//! The incomplete uploads of all keys that are the user's, with what their parts hold.

use std::fmt::Display;
use std::sync::Arc;

use super::question::{Answer, Question};
use super::{Search, shown};
use crate::domain::change::{Claim, Item, What};
use crate::domain::coverage::Gap;
use crate::domain::{ByteSize, Upload};

impl<E: Display + PartialEq> Search<'_, E> {
    pub(super) fn ask_for_uploads(&mut self) -> (Vec<(Arc<Claim>, Upload)>, Vec<Question>) {
        let mut of_owner: Vec<(Arc<Claim>, Upload)> = Vec::new();
        for (bucket, uploads) in std::mem::take(&mut self.uploads) {
            for upload in uploads {
                if let Some(claim) = self.claims.get(&bucket, &upload.key) {
                    of_owner.push((Arc::clone(claim), upload));
                }
            }
        }
        let questions = of_owner.iter().map(|(claim, upload)| Question::Stored {
            claim: Arc::clone(claim),
            upload: upload.upload_id.clone(),
        });
        let questions = questions.collect();
        (of_owner, questions)
    }

    pub(super) fn enter_uploads(
        &mut self,
        uploads: Vec<(Arc<Claim>, Upload)>,
        answers: Vec<Answer<E>>,
    ) {
        for ((claim, upload), answer) in uploads.into_iter().zip(answers) {
            let size = match answer {
                Answer::Stored(Ok(Some(size))) => size,
                // Aborted or completed since it was listed.
                Answer::Stored(Ok(None)) => continue,
                Answer::Stored(Err(problem)) => {
                    let place = shown(&claim.bucket, &claim.key);
                    let what = format!("the size of an upload of {place}");
                    let why = problem.to_string();
                    self.found.coverage.miss(Gap::new(what, why));
                    ByteSize(0)
                }
                _ => ByteSize(0),
            };
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
}
