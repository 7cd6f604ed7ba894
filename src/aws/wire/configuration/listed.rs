//! Configurations with an id, of which a bucket may have many: inventories, request metrics, Intelligent-Tiering. S3
//! lists a hundred per page.

use aws_sdk_s3::types;

use super::document::Document;
use super::events::bucket_of_arn;
use crate::aws::explain::Call;
use crate::aws::shape::root_element;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::configuration::{Inventory, MetricsConfiguration, TieringConfiguration};

/// One page of configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The configurations.
    pub items: Vec<T>,
    /// The document from the service.
    pub raw: Option<String>,
    /// The token for the next page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    fn new(
        items: Vec<T>,
        document: &Document,
        is_truncated: Option<bool>,
        next: Option<&str>,
    ) -> Self {
        Self {
            items,
            raw: document.text(),
            next: next
                .filter(|token| is_truncated == Some(true) && !token.is_empty())
                .map(str::to_owned),
        }
    }
}

/// Requests one page of a bucket's inventory configurations.
pub(crate) async fn inventories(
    aws: &Aws,
    bucket: &BucketName,
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page<Inventory>, Problem> {
    let call = Call::on(&operations::LIST_INVENTORIES, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.list_bucket_inventory_configurations()
                .bucket(bucket.as_str())
                .set_continuation_token(token.map(str::to_owned))
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let items = answer.inventory_configuration_list();
    Ok(Page::new(
        items.iter().map(inventory).collect(),
        &document,
        answer.is_truncated(),
        answer.next_continuation_token(),
    ))
}

fn inventory(found: &types::InventoryConfiguration) -> Inventory {
    let to = found
        .destination()
        .and_then(types::InventoryDestination::s3_bucket_destination);
    Inventory {
        id: found.id().to_owned(),
        enabled: found.is_enabled(),
        frequency: found
            .schedule()
            .map_or_else(String::new, |s| s.frequency().as_str().to_owned()),
        format: to.map_or_else(String::new, |to| to.format().as_str().to_owned()),
        to: to.map(|to| bucket_of_arn(to.bucket())).unwrap_or_default(),
        prefix: to
            .and_then(types::InventoryS3BucketDestination::prefix)
            .unwrap_or_default()
            .to_owned(),
        all_versions: *found.included_object_versions()
            == types::InventoryIncludedObjectVersions::All,
    }
}

/// Requests one page of a bucket's request metrics configurations.
pub(crate) async fn metrics(
    aws: &Aws,
    bucket: &BucketName,
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page<MetricsConfiguration>, Problem> {
    let call = Call::on(&operations::LIST_METRICS_CONFIGURATIONS, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.list_bucket_metrics_configurations()
                .bucket(bucket.as_str())
                .set_continuation_token(token.map(str::to_owned))
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let items = answer.metrics_configuration_list();
    Ok(Page::new(
        items.iter().map(metrics_configuration).collect(),
        &document,
        answer.is_truncated(),
        answer.next_continuation_token(),
    ))
}

fn metrics_configuration(found: &types::MetricsConfiguration) -> MetricsConfiguration {
    use types::MetricsFilter as Filter;
    let tag = |tag: &types::Tag| format!("objects tagged {}={}", tag.key(), tag.value());
    let begin = |prefix: &str| format!("keys that begin with {prefix}");
    let filter = found.filter().map(|filter| match filter {
        Filter::Prefix(prefix) => begin(prefix),
        Filter::Tag(one) => tag(one),
        Filter::AccessPointArn(arn) => format!("requests through {arn}"),
        Filter::And(and) => {
            let mut parts: Vec<String> = and.prefix().map(begin).into_iter().collect();
            parts.extend(and.tags().iter().map(tag));
            parts.extend(
                and.access_point_arn()
                    .map(|arn| format!("requests through {arn}")),
            );
            parts.join(" and ")
        }
        _ => "a filter of a kind that this program does not know".to_owned(),
    });
    MetricsConfiguration {
        id: found.id().to_owned(),
        filter,
    }
}

/// Requests one page of a bucket's Intelligent-Tiering configurations.
///
/// S3's model has no fixed name for this document, so only known other documents, such as a listing, are rejected.
pub(crate) async fn tierings(
    aws: &Aws,
    bucket: &BucketName,
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page<TieringConfiguration>, Problem> {
    let call = Call::on(&operations::LIST_TIERINGS, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.list_bucket_intelligent_tiering_configurations()
                .bucket(bucket.as_str())
                .set_continuation_token(token.map(str::to_owned))
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let root = document
        .text()
        .and_then(|text| root_element(text.as_bytes()));
    if !root
        .as_deref()
        .is_some_and(|root| root.contains("IntelligentTiering"))
    {
        return Err(call.failed(
            ProblemKind::Malformed,
            &format!(
                "the answer is <{}> where the Intelligent-Tiering configurations belong",
                root.unwrap_or_default()
                    .chars()
                    .take(40)
                    .collect::<String>()
            ),
            advice!("this endpoint does not have this operation"),
        ));
    }
    let items = answer.intelligent_tiering_configuration_list();
    Ok(Page::new(
        items.iter().map(tiering).collect(),
        &document,
        answer.is_truncated(),
        answer.next_continuation_token(),
    ))
}

fn tiering(found: &types::IntelligentTieringConfiguration) -> TieringConfiguration {
    let prefix = found.filter().and_then(|filter| {
        filter
            .prefix()
            .or_else(|| filter.and().and_then(|and| and.prefix()))
    });
    TieringConfiguration {
        id: found.id().to_owned(),
        enabled: *found.status() == types::IntelligentTieringStatus::Enabled,
        prefix: prefix.unwrap_or_default().to_owned(),
        tiers: found
            .tierings()
            .iter()
            .map(|tier| {
                let days = u32::try_from(tier.days()).unwrap_or(0);
                (tier.access_tier().as_str().to_owned(), days)
            })
            .collect(),
    }
}
