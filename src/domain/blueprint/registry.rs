//! The application's lists of active users and keys (`[registry.owners]`, `[registry.keys]`), its service levels
//! (`[service_levels]`), and the alarms it wants (`[[alarm]]`).

use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use super::values::{Over, Span, over, size, some_bucket_name};
use crate::domain::registry::condition::Where;
use crate::domain::registry::normalize::Step;
use crate::domain::{BucketName, ByteSize};

/// The lists of active users and keys.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The owners that exist.
    pub owners: Option<ReferenceList>,
    /// The keys that records refer to.
    pub keys: Option<ReferenceList>,
}

over!(Registry { each: ; deep: owners, keys });

/// One list, and where to read it. Blueprints contain no secrets: those come from the environment, or from a file that
/// is named here.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceList {
    /// The kind of source.
    pub source: Option<Source>,
    /// File: its path.
    pub path: Option<PathBuf>,
    /// File: its format.
    pub format: Option<ListFormat>,
    /// File and SQL: the column or field with the id or key. The default for SQL is the first column. A file with
    /// columns needs it.
    pub column: Option<String>,
    /// File and SQL, instead of `column`: several columns, if a row has several keys (original and thumbnail).
    pub columns: Option<Vec<String>>,
    /// File and SQL, lists of keys: the column or field with the owner's id.
    pub owner_column: Option<String>,
    /// SQL: the environment variable with the connection URL.
    pub url_env: Option<String>,
    /// SQL: the file with the connection URL.
    pub url_file: Option<PathBuf>,
    /// SQL: the query, a SELECT statement.
    pub query: Option<String>,
    /// `DynamoDB`: the table.
    pub table: Option<String>,
    /// `DynamoDB`: the Region of the table.
    pub region: Option<String>,
    /// `DynamoDB`: the attributes with ids or keys; an item may have several keys (original and thumbnail).
    pub attributes: Option<Vec<String>>,
    /// `DynamoDB`, lists of keys: the attribute with the owner's id.
    pub owner_attribute: Option<String>,
    /// `DynamoDB`: whether to use strongly consistent reads, at twice the price.
    pub consistent: Option<bool>,
    /// The maximum age of a list on which an action is based.
    pub max_age: Option<Span>,
    /// The minimum number of rows; fewer are treated as a failure.
    pub min_rows: Option<u64>,
    /// The exact number of rows expected.
    pub expected_rows: Option<u64>,
    /// The maximum number of malformed rows.
    pub max_malformed: Option<u64>,
    /// The normalization of each id or key, in this order.
    pub normalize: Option<Vec<Step>>,
    /// File: conditions on the columns of a row. Other rows are ignored.
    #[serde(rename = "where")]
    pub conditions: Option<Where>,
    /// CSV: the separator of fields, one character.
    pub delimiter: Option<Delimiter>,
}

/// The separator of fields in CSV: an ASCII character that does not occur in fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Delimiter(pub u8);

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = match text {
            "\\t" | "tab" => "\t",
            text => text,
        };
        match text.as_bytes() {
            [byte]
                if byte.is_ascii()
                    && !byte.is_ascii_alphanumeric()
                    && !matches!(byte, b'"' | b'\n' | b'\r' | 0) =>
            {
                Ok(Self(*byte))
            }
            _ => Err(format!(
                "{text:?} cannot separate fields; expected one character, such as \";\", \"|\" or \"\\t\""
            )),
        }
    }
}

impl TryFrom<String> for Delimiter {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Over for ReferenceList {
    /// A list from another kind of source inherits nothing about how the base list is read.
    fn over(self, base: Self) -> Self {
        let mut base = match self.source {
            Some(source) if base.source.is_some_and(|other| other != source) => Self {
                max_age: base.max_age,
                min_rows: base.min_rows,
                expected_rows: base.expected_rows,
                max_malformed: base.max_malformed,
                ..Self::default()
            },
            _ => base,
        };
        // Setting one of the two replaces the other.
        if self.column.is_some() || self.columns.is_some() {
            (base.column, base.columns) = (None, None);
        }
        Self {
            source: self.source.or(base.source),
            path: self.path.or(base.path),
            format: self.format.or(base.format),
            column: self.column.or(base.column),
            columns: self.columns.or(base.columns),
            owner_column: self.owner_column.or(base.owner_column),
            url_env: self.url_env.or(base.url_env),
            url_file: self.url_file.or(base.url_file),
            query: self.query.or(base.query),
            table: self.table.or(base.table),
            region: self.region.or(base.region),
            attributes: self.attributes.or(base.attributes),
            owner_attribute: self.owner_attribute.or(base.owner_attribute),
            consistent: self.consistent.or(base.consistent),
            max_age: self.max_age.or(base.max_age),
            min_rows: self.min_rows.or(base.min_rows),
            expected_rows: self.expected_rows.or(base.expected_rows),
            max_malformed: self.max_malformed.or(base.max_malformed),
            normalize: self.normalize.or(base.normalize),
            conditions: self.conditions.or(base.conditions),
            delimiter: self.delimiter.or(base.delimiter),
        }
    }
}

/// The kind of source of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A file.
    File,
    /// An SQL database.
    Sql,
    /// A `DynamoDB` table.
    DynamoDb,
}

/// The format of a list in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListFormat {
    /// One id or key per line.
    Lines,
    /// CSV with a header.
    Csv,
    /// A JSON array.
    Json,
    /// JSON Lines: one object per line.
    Ndjson,
}

impl ReferenceList {
    /// Replaces the blueprint's list by this one. Reading options come from this list; the blueprint's limits on
    /// reliability still apply.
    #[must_use]
    pub fn in_place_of(self, stated: Option<&Self>) -> Self {
        let Some(stated) = stated else {
            return self;
        };
        Self {
            max_age: self.max_age.or(stated.max_age),
            min_rows: self.min_rows.or(stated.min_rows),
            expected_rows: self.expected_rows.or(stated.expected_rows),
            max_malformed: self.max_malformed.or(stated.max_malformed),
            ..self
        }
    }

    /// Missing options without which the list cannot be read, and options that its source does not support.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let Some(source) = self.source else {
            return vec![
                "source is missing; expected \"file\", \"sql\" or \"dynamodb\"".to_owned(),
            ];
        };
        let fields = [
            ("path", self.path.is_some(), Source::File),
            ("format", self.format.is_some(), Source::File),
            ("where", self.conditions.is_some(), Source::File),
            ("delimiter", self.delimiter.is_some(), Source::File),
            ("url_env", self.url_env.is_some(), Source::Sql),
            ("url_file", self.url_file.is_some(), Source::Sql),
            ("query", self.query.is_some(), Source::Sql),
            ("table", self.table.is_some(), Source::DynamoDb),
            ("region", self.region.is_some(), Source::DynamoDb),
            ("attributes", self.attributes.is_some(), Source::DynamoDb),
            (
                "owner_attribute",
                self.owner_attribute.is_some(),
                Source::DynamoDb,
            ),
            ("consistent", self.consistent.is_some(), Source::DynamoDb),
        ];
        let word = source.word();
        let mut gaps: Vec<String> = fields
            .iter()
            .filter(|(_, given, of)| *given && *of != source)
            .map(|(name, _, of)| {
                format!(
                    "{name} is for source = {:?}, and this one is {word:?}",
                    of.word()
                )
            })
            .collect();
        if source == Source::DynamoDb {
            let columns = [
                ("column", self.column.is_some()),
                ("columns", self.columns.is_some()),
                ("owner_column", self.owner_column.is_some()),
            ];
            let given = columns.iter().filter(|(_, given)| *given);
            gaps.extend(given.map(|(name, _)| {
                format!("{name} is for files and SQL; a table of DynamoDB has attributes")
            }));
        }
        if self.delimiter.is_some() && self.format.is_some_and(|format| format != ListFormat::Csv) {
            gaps.push("delimiter is for format = \"csv\"".to_owned());
        }
        if self.column.is_some() && self.columns.is_some() {
            gaps.push("column and columns are both given; expected one of them".to_owned());
        }
        let needed: &[&str] = match source {
            Source::File => &["path"],
            Source::Sql => &["query"],
            Source::DynamoDb => &["table", "attributes"],
        };
        let missing = fields
            .iter()
            .filter(|(name, given, _)| needed.contains(name) && !given);
        gaps.extend(missing.map(|(name, ..)| format!("source = {word:?} needs {name}")));
        if source == Source::Sql && self.url_env.is_none() && self.url_file.is_none() {
            gaps.push("source = \"sql\" needs url_env or url_file".to_owned());
        }
        gaps
    }
}

impl Source {
    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Sql => "sql",
            Self::DynamoDb => "dynamodb",
        }
    }
}

/// The service levels of the application's media.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevels {
    /// An upload.
    pub upload: Option<ServiceLevel>,
    /// A download.
    pub download: Option<ServiceLevel>,
    /// Making a pre-signed URL.
    pub presign: Option<ServiceLevel>,
}

over!(ServiceLevels { each: upload, download, presign; deep: });

/// The time limit of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevel {
    /// With a file of this size.
    #[serde(default, deserialize_with = "size")]
    pub size: Option<ByteSize>,
    /// The time limit.
    pub within: Span,
}

/// An alarm that the application wants, as documented. The audit checks whether it can ever receive data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// The bucket that it monitors (the dimension `BucketName`).
    #[serde(default, deserialize_with = "some_bucket_name")]
    pub bucket: Option<BucketName>,
    /// The metric's namespace.
    #[serde(default = "s3_namespace")]
    pub namespace: String,
    /// The metric.
    pub metric: String,
    /// The dimension `StorageType`.
    pub storage_type: Option<String>,
    /// The dimension `FilterId`.
    pub filter_id: Option<String>,
    /// The statistic.
    pub statistic: Statistic,
    /// The length of a period in seconds.
    pub period_seconds: u32,
    /// The number of consecutive periods.
    #[serde(default = "one")]
    pub evaluation_periods: u32,
    /// The threshold: bytes, a count, or dollars. The alarm is raised above it.
    pub above: f64,
}

/// A statistic over a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Statistic {
    /// The mean of the samples.
    Average,
    /// The largest.
    Maximum,
    /// The smallest.
    Minimum,
    /// Their sum.
    Sum,
    /// How many there are.
    SampleCount,
}

fn s3_namespace() -> String {
    "AWS/S3".to_owned()
}

fn one() -> u32 {
    1
}
