//! What can be listed: objects, versions, uploads. The engine is the same for all three.

use std::fmt::Debug;
use std::hash::Hash;

use crate::aws::wire::page::page_once;
use crate::aws::{Aws, Meter, Problem};
use crate::domain::{ObjectSummary, ObjectVersion, Tally, Upload};
use crate::ops::browse::{ListRequest, Next, Page, UploadMarker, VersionMarker};

/// Something that a bucket holds many of and lists in pages, in the byte order of keys.
pub trait Listed: Clone + Debug + Send + Sync + 'static {
    /// Where a page of them ended.
    type Next: Clone + Debug + Eq + Hash + Send + Sync + 'static;

    /// Whether a key may have several of them, so that a page can end among those of one key.
    const SEVERAL_A_KEY: bool;

    /// What listing them is called, as [`Problem::new`] takes it.
    const ATTEMPT: &'static str;

    /// The key that it is kept under.
    fn key(&self) -> &str;

    /// What tells it from others under its key; empty where there are none.
    fn id(&self) -> &str;

    /// Counts it.
    fn add_to(&self, tally: &mut Tally);

    /// Asks for one page, once.
    fn page(
        aws: &Aws,
        request: &ListRequest<Self::Next>,
        meter: &Meter,
    ) -> impl Future<Output = Result<Portion<Self>, Problem>> + Send;
}

/// One page, whatever is listed.
pub type Portion<T> = Page<T, <T as Listed>::Next>;

impl Listed for ObjectSummary {
    type Next = Next;
    const SEVERAL_A_KEY: bool = false;
    const ATTEMPT: &'static str = "list the objects of";

    fn key(&self) -> &str {
        self.key.as_str()
    }

    fn id(&self) -> &'static str {
        ""
    }

    fn add_to(&self, tally: &mut Tally) {
        tally.add(self);
    }

    async fn page(
        aws: &Aws,
        request: &ListRequest,
        meter: &Meter,
    ) -> Result<Portion<Self>, Problem> {
        page_once(aws, request, meter).await
    }
}

impl Listed for ObjectVersion {
    type Next = VersionMarker;
    const SEVERAL_A_KEY: bool = true;
    const ATTEMPT: &'static str = "list the versions of";

    fn key(&self) -> &str {
        self.object.key.as_str()
    }

    fn id(&self) -> &str {
        self.version_id.as_str()
    }

    fn add_to(&self, tally: &mut Tally) {
        tally.add(&self.object);
    }

    async fn page(
        aws: &Aws,
        request: &ListRequest<VersionMarker>,
        meter: &Meter,
    ) -> Result<Portion<Self>, Problem> {
        page_once(aws, request, meter).await
    }
}

impl Listed for Upload {
    type Next = UploadMarker;
    const SEVERAL_A_KEY: bool = true;
    const ATTEMPT: &'static str = "list the incomplete uploads of";

    fn key(&self) -> &str {
        self.key.as_str()
    }

    fn id(&self) -> &str {
        &self.upload_id
    }

    /// What its parts hold is not told by a listing.
    fn add_to(&self, tally: &mut Tally) {
        tally.count(crate::domain::ByteSize(0), self.initiated);
    }

    async fn page(
        aws: &Aws,
        request: &ListRequest<UploadMarker>,
        meter: &Meter,
    ) -> Result<Portion<Self>, Problem> {
        page_once(aws, request, meter).await
    }
}
