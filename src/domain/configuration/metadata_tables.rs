//! S3 Metadata: tables of a bucket's objects, their changes and their annotations.

use serde::Serialize;

use super::Concern;
use super::words::list;

/// The metadata configuration of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetadataTables {
    /// The ARN of the table bucket that holds the tables.
    pub table_bucket: Option<String>,
    /// The owner of the table bucket: `aws` or `customer`.
    pub table_bucket_type: Option<String>,
    /// The namespace of the tables.
    pub namespace: Option<String>,
    /// The journal table (changes).
    pub journal: Option<MetadataTable>,
    /// The inventory table (all objects).
    pub inventory: Option<MetadataTable>,
    /// The table of annotations.
    pub annotations: Option<MetadataTable>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetadataTable {
    /// Whether it is enabled.
    pub enabled: bool,
    /// Its name.
    pub name: Option<String>,
    /// Its ARN.
    pub arn: Option<String>,
    /// `CREATING`, `BACKFILLING`, `ACTIVE` or `FAILED`.
    pub status: Option<String>,
    /// Why it failed, in the words of the service.
    pub error: Option<String>,
    /// Days until records expire; `None` if they do not, or if unknown.
    pub expires_after_days: Option<u32>,
    /// The role with which S3 reads annotations.
    pub role: Option<String>,
}

impl MetadataTable {
    fn words(&self, of: &str) -> String {
        let mut more = Vec::new();
        more.extend(self.status.as_ref().map(|status| status.to_lowercase()));
        more.extend(self.error.clone());
        more.extend(
            self.expires_after_days
                .map(|days| format!("records expire after {days} days")),
        );
        if more.is_empty() {
            of.to_owned()
        } else {
            format!("{of} ({})", more.join(", "))
        }
    }
}

impl Concern for MetadataTables {
    const NAME: &'static str = "metadata-tables";
    const TITLE: &'static str = "Metadata tables";
    const NOT_SET: &'static str = "S3 Metadata keeps no tables of the objects.";

    fn sentence(&self) -> String {
        let tables = [
            (&self.journal, "changes"),
            (&self.inventory, "all objects"),
            (&self.annotations, "annotations"),
        ];
        let kept: Vec<String> = tables
            .into_iter()
            .filter_map(|(table, of)| {
                let table = table.as_ref().filter(|table| table.enabled)?;
                Some(table.words(of))
            })
            .collect();
        if kept.is_empty() {
            return "S3 Metadata is configured and no table is enabled.".to_owned();
        }
        format!("S3 Metadata keeps tables of {}.", list(&kept))
    }
}
