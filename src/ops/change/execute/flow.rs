//! Handles one batch: write to the journal, send, receive, write again. Many batches run at the same time.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::super::journal::{Answers, Line};
use super::super::{ChangeRequest, Point, Tools, reach};
use super::ledger::{Entry, Ledger};
use super::probe::Heeds;
use super::rate_limit::RateLimit;
use super::send::{Sender, Sent};
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::domain::change::Item;
use crate::domain::change::order::Batch;

/// State that all batches share.
pub(super) struct Flow<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) request: &'a ChangeRequest<'a>,
    pub(super) items: Arc<Vec<Item>>,
    pub(super) ledger: Ledger,
    pub(super) rate_limit: RateLimit,
    /// The conditions that each bucket honours.
    pub(super) heeds: BTreeMap<BucketName, Heeds>,
    /// Set when nothing more may be sent.
    pub(super) halted: CancellationToken,
    /// For tests: at a crash point everything stops, and other batches wait at their next point.
    pub(super) at_point: Mutex<()>,
}

/// How far a batch got.
pub(super) enum Passed {
    /// Nothing was sent.
    Kept(Option<io::Error>),
    /// It was sent.
    Sent(Box<Answered>),
}

/// The result of a batch that was sent.
pub(super) struct Answered {
    /// By item.
    pub(super) answers: Vec<(usize, Sent)>,
    /// What the journal records.
    pub(super) said: Answers,
    /// Number of items with an unknown result.
    pub(super) in_doubt: u64,
    /// The error that stops the change.
    pub(super) problem: Option<Problem>,
    /// Whether the journal was written.
    pub(super) written: io::Result<()>,
}

impl Flow<'_> {
    pub(super) async fn carry(&self, number: u64, batch: Batch) -> Passed {
        let admitted = self.rate_limit.admit(batch.items.len());
        if self.halted.run_until_cancelled(admitted).await.is_none() {
            return Passed::Kept(None);
        }
        let entry = Entry {
            line: Line::Sent {
                batch: number,
                items: batch.items.clone(),
            },
            event: "batch-sent",
            detail: json!({ "batch": number, "bucket": batch.bucket.as_str(), "items": batch.items.len() }),
        };
        if let Err(error) = self.ledger.write(entry).await {
            return Passed::Kept(Some(error));
        }
        self.reach(Point::WrittenDown).await;
        let sender = Sender {
            tools: self.tools,
            act: &self.request.plan.header.act,
            items: Arc::clone(&self.items),
            in_flight: self.request.in_flight,
            rate_limit: self.rate_limit.clone(),
            heeds: self.heeds.get(&batch.bucket).copied().unwrap_or_default(),
        };
        let (answers, problem) = sender.send(&batch).await;
        self.reach(Point::Answered).await;
        let (said, in_doubt) = said(&answers);
        let entry = Entry {
            event: "batch-answered",
            detail: json!({
                "batch": number, "done": said.done.len(), "failed": said.failed.len(), "in_doubt": in_doubt,
            }),
            line: Line::answered(number, said.clone()),
        };
        let written = self.ledger.write(entry).await;
        self.reach(Point::Settled).await;
        Passed::Sent(Box::new(Answered {
            answers,
            said,
            in_doubt,
            problem,
            written,
        }))
    }

    async fn reach(&self, point: Point) {
        let _alone = self.at_point.lock().await;
        reach(self.request, point).await;
    }
}

/// The journal entry for the responses, and the number of items with an unknown result.
fn said(answers: &[(usize, Sent)]) -> (Answers, u64) {
    let (mut said, mut in_doubt) = (Answers::default(), 0);
    for (at, answer) in answers {
        match answer {
            Sent::Done { marker, .. } => {
                said.done.push(*at);
                said.made.extend(marker.clone().map(|made| (*at, made)));
            }
            Sent::GoneBefore => said.gone.push(*at),
            Sent::Retained(why) | Sent::Failed(why) => drop(said.failed.insert(*at, why.clone())),
            Sent::InDoubt => in_doubt += 1,
            Sent::Changed => {}
        }
    }
    (said, in_doubt)
}
