//! Runs a listing and keeps all that it sends.

use s3warden::facade::aws::{Aws, Meter};
use s3warden::facade::domain::ObjectSummary;
use s3warden::facade::domain::columns::{Assembly, Columns, Etags};
use s3warden::facade::ops::listing::{
    self, InOrder, Listed, ListingRequest, ListingUpdate, Summary,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::ops::world::name;

/// Everything that a listing sent.
pub struct Outcome<T> {
    /// In the order of arrival, with the segment's number.
    pub pages: Vec<(u64, Vec<T>)>,
    /// In the order that `InOrder` made.
    pub ordered: Vec<T>,
    /// The most that `InOrder` held back.
    pub held: usize,
    pub segments: usize,
    pub summary: Summary,
}

impl<T: Listed> Outcome<T> {
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flat_map(|(_, items)| items)
    }

    /// As they arrived.
    pub fn keys(&self) -> Vec<&str> {
        self.items().map(T::key).collect()
    }

    pub fn ordered_keys(&self) -> Vec<&str> {
        self.ordered.iter().map(T::key).collect()
    }

    /// Keys with what tells several of one from another.
    pub fn ordered_names(&self) -> Vec<(String, String)> {
        let name = |item: &T| (item.key().to_owned(), item.id().to_owned());
        self.ordered.iter().map(name).collect()
    }
}

impl Outcome<ObjectSummary> {
    pub fn columns(&self) -> Columns {
        let mut assembly = Assembly::new(Etags::Keep);
        for (segment, objects) in &self.pages {
            assembly.add(*segment, objects);
        }
        assembly.finish()
    }
}

/// Lists objects.
pub async fn list(aws: &Aws, request: ListingRequest, meter: &Meter) -> Outcome<ObjectSummary> {
    list_of(aws, request, meter).await
}

/// Lists whatever is wanted.
pub async fn list_of<T: Listed>(aws: &Aws, request: ListingRequest, meter: &Meter) -> Outcome<T> {
    list_while(aws, request, meter, &CancellationToken::new(), |_| {}).await
}

/// Lists and calls `at_page` with the number of each page that arrives.
pub async fn list_while<T: Listed>(
    aws: &Aws,
    request: ListingRequest,
    meter: &Meter,
    cancel: &CancellationToken,
    mut at_page: impl FnMut(usize),
) -> Outcome<T> {
    // One place in the channel: the engine has to cope with a reader that is slower than it is.
    let (updates, mut inbox) = mpsc::channel(1);
    let work = listing::items::<T>(aws.clone(), request, cancel.clone(), meter.clone(), updates);
    let work = tokio::spawn(work);
    let mut in_order = InOrder::new();
    let (mut pages, mut ordered, mut summary) = (Vec::new(), Vec::new(), None);
    let (mut segments, mut held) = (0, 0);
    while let Some(update) = inbox.recv().await {
        match &update {
            ListingUpdate::Opened { .. } => segments += 1,
            ListingUpdate::Page { segment, objects } => {
                pages.push((segment.0, objects.clone()));
                at_page(pages.len());
            }
            ListingUpdate::Closed { .. } => {}
            ListingUpdate::Done(done) => summary = Some(done.clone()),
        }
        ordered.extend(in_order.take(update).into_iter().flatten());
        held = held.max(in_order.held());
    }
    work.await.unwrap();
    Outcome {
        pages,
        ordered,
        held,
        segments,
        summary: summary.expect("a listing says how it ended"),
    }
}

/// The bucket of the tests, all of it, so many items a page.
pub fn everything(page: Option<u16>) -> ListingRequest {
    ListingRequest {
        page,
        ..ListingRequest::new(name("media"), "")
    }
}
