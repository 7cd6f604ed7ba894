//! What stands under the claimed keys: versions and markers, and incomplete uploads.

use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::{Search, shown};
use crate::aws::wire;
use crate::domain::change::{Claim, Item, What};
use crate::domain::quarantine::place;
use crate::domain::{ByteSize, Upload};
use crate::ops::Gap;
use crate::ops::find::exact;

impl Search<'_> {
    /// Looks under each claimed key. Gives all of them: what is gone may have replicas all the same.
    pub(super) async fn look_up(&mut self, claims: Vec<Arc<Claim>>) -> Vec<Arc<Claim>> {
        let (aws, meter, cancel) = (self.aws, self.meter, self.cancel);
        // Copies in quarantine were listed with their buckets.
        let is_listed = |claim: &Arc<Claim>| place::is_place(claim.key.as_str());
        let (listed, to_ask): (Vec<_>, Vec<_>) = claims.iter().cloned().partition(is_listed);
        for claim in &listed {
            let copies = self.copies.get(&claim.bucket);
            let versions = copies.map(|copies| copies.under(&claim.key).to_vec());
            for version in versions.iter().flatten() {
                self.enter(claim, version);
            }
        }
        let mut answers = stream::iter(to_ask)
            .map(|claim| async move {
                let asked = exact::versions(aws, &claim.bucket, &claim.key, meter);
                let answer = cancel.run_until_cancelled(asked).await;
                (claim, answer)
            })
            .buffered(self.request.in_flight.max(1));
        let mut answered = Vec::new();
        while let Some((claim, answer)) = answers.next().await {
            answered.push((claim, answer));
        }
        drop(answers);
        for (claim, answer) in answered {
            match answer {
                Some(Ok(versions)) => {
                    for version in &versions {
                        self.enter(&claim, version);
                    }
                }
                Some(Err(problem)) => {
                    let what = shown(&claim.bucket, &claim.key);
                    self.found.coverage.miss(Gap::failed(what, problem));
                }
                // Said once, at the end.
                None => {}
            }
        }
        claims
    }

    /// The incomplete uploads of all keys that are the user's, with what their parts hold.
    pub(super) async fn enter_uploads(&mut self) {
        let mut of_owner: Vec<(Arc<Claim>, Upload)> = Vec::new();
        for (bucket, uploads) in std::mem::take(&mut self.uploads) {
            for upload in uploads {
                if let Some(claim) = self.claims.get(&bucket, &upload.key) {
                    of_owner.push((Arc::clone(claim), upload));
                }
            }
        }
        let (aws, meter, cancel) = (self.aws, self.meter, self.cancel);
        let mut sized = stream::iter(of_owner)
            .map(|(claim, upload)| async move {
                let id = &upload.upload_id;
                let asked = wire::parts::stored(aws, &claim.bucket, &claim.key, id, meter);
                let size = cancel.run_until_cancelled(asked).await;
                (claim, upload, size)
            })
            .buffered(self.request.in_flight.max(1));
        while let Some((claim, upload, size)) = sized.next().await {
            let size = match size {
                Some(Ok(Some(size))) => size,
                // Aborted or completed since it was listed.
                Some(Ok(None)) => continue,
                Some(Err(problem)) => {
                    let place = shown(&claim.bucket, &claim.key);
                    let what = format!("the size of an upload of {place}");
                    self.found
                        .coverage
                        .miss(Gap::new(what, problem.to_string()));
                    ByteSize(0)
                }
                None => ByteSize(0),
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
