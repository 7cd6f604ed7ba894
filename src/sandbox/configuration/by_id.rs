//! Configurations of which a bucket has several, each under an id: metrics, inventory, Intelligent-Tiering, analytics.
//!
//! The four differ in the names of their types and fields alone, so a macro writes their operations.

use std::collections::BTreeMap;

use hyper::StatusCode;
use s3s::dto::{
    DeleteBucketAnalyticsConfigurationInput, DeleteBucketAnalyticsConfigurationOutput,
    DeleteBucketIntelligentTieringConfigurationInput,
    DeleteBucketIntelligentTieringConfigurationOutput, DeleteBucketInventoryConfigurationInput,
    DeleteBucketInventoryConfigurationOutput, DeleteBucketMetricsConfigurationInput,
    DeleteBucketMetricsConfigurationOutput, GetBucketAnalyticsConfigurationInput,
    GetBucketAnalyticsConfigurationOutput, GetBucketIntelligentTieringConfigurationInput,
    GetBucketIntelligentTieringConfigurationOutput, GetBucketInventoryConfigurationInput,
    GetBucketInventoryConfigurationOutput, GetBucketMetricsConfigurationInput,
    GetBucketMetricsConfigurationOutput, ListBucketAnalyticsConfigurationsInput,
    ListBucketAnalyticsConfigurationsOutput, ListBucketIntelligentTieringConfigurationsInput,
    ListBucketIntelligentTieringConfigurationsOutput, ListBucketInventoryConfigurationsInput,
    ListBucketInventoryConfigurationsOutput, ListBucketMetricsConfigurationsInput,
    ListBucketMetricsConfigurationsOutput, PutBucketAnalyticsConfigurationInput,
    PutBucketAnalyticsConfigurationOutput, PutBucketIntelligentTieringConfigurationInput,
    PutBucketIntelligentTieringConfigurationOutput, PutBucketInventoryConfigurationInput,
    PutBucketInventoryConfigurationOutput, PutBucketMetricsConfigurationInput,
    PutBucketMetricsConfigurationOutput,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use super::{Answer, absent, change, look};
use crate::sandbox::store::Backend;

/// How many configurations one page of a listing has.
const PAGE: usize = 100;

/// How many configurations of a kind a bucket can have.
const MOST: usize = 1000;

/// One page of configurations, in the order of their ids.
struct Page<T> {
    rows: Vec<T>,
    next: Option<String>,
}

/// The page that follows `after`, which is the last id of the page before.
fn page<T: Clone>(all: &BTreeMap<String, T>, after: Option<&String>) -> Page<T> {
    let mut rest = all
        .iter()
        .filter(|&(id, _)| after.is_none_or(|after| id > after));
    let page: Vec<_> = rest.by_ref().take(PAGE).collect();
    let last = page.last().map(|&(id, _)| id.clone());
    Page {
        rows: page.into_iter().map(|(_, row)| row.clone()).collect(),
        next: rest.next().and(last),
    }
}

fn keep<T>(all: &mut BTreeMap<String, T>, id: String, named: &str, row: T) -> S3Result {
    if id != named {
        return Err(s3_error!(
            InvalidArgument,
            "The id in the query is {id:?} and the one in the document {named:?}"
        ));
    }
    if all.len() >= MOST && !all.contains_key(&id) {
        return Err(too_many());
    }
    all.insert(id, row);
    Ok(())
}

fn too_many() -> S3Error {
    let mut error = S3Error::with_message(
        S3ErrorCode::Custom("TooManyConfigurations".into()),
        "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.",
    );
    error.set_status_code(StatusCode::BAD_REQUEST);
    error
}

macro_rules! by_id {
    ($(
        $kept:ident as $field:ident in $list:ident:
        $get:ident($get_input:ident) -> $get_output:ident,
        $put:ident($put_input:ident) -> $put_output:ident,
        $delete:ident($delete_input:ident) -> $delete_output:ident,
        $list_all:ident($list_input:ident) -> $list_output:ident;
    )*) => {$(
        pub(crate) fn $get(backend: &Backend, req: S3Request<$get_input>) -> Answer<$get_output> {
            look(backend, &req.input.bucket, |configuration| {
                let found = configuration.$kept.get(&req.input.id).cloned();
                Ok($get_output { $field: Some(found.ok_or_else(absent::by_id)?) })
            })
        }

        pub(crate) fn $put(backend: &Backend, req: S3Request<$put_input>) -> Answer<$put_output> {
            let row = req.input.$field;
            let named = row.id.clone();
            change(backend, &req.input.bucket, |bucket| {
                keep(&mut bucket.configuration.$kept, req.input.id, &named, row)
            })
        }

        pub(crate) fn $delete(backend: &Backend, req: S3Request<$delete_input>) -> Answer<$delete_output> {
            change(backend, &req.input.bucket, |bucket| {
                let removed = bucket.configuration.$kept.remove(&req.input.id);
                removed.map(drop).ok_or_else(absent::by_id)
            })
        }

        pub(crate) fn $list_all(backend: &Backend, req: S3Request<$list_input>) -> Answer<$list_output> {
            let after = req.input.continuation_token;
            look(backend, &req.input.bucket, |configuration| {
                let page = page(&configuration.$kept, after.as_ref());
                Ok($list_output {
                    continuation_token: after,
                    is_truncated: Some(page.next.is_some()),
                    $list: Some(page.rows).filter(|rows| !rows.is_empty()),
                    next_continuation_token: page.next,
                })
            })
        }
    )*};
}

by_id! {
    metrics as metrics_configuration in metrics_configuration_list:
        get_bucket_metrics_configuration(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput,
        put_bucket_metrics_configuration(PutBucketMetricsConfigurationInput) -> PutBucketMetricsConfigurationOutput,
        delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationInput)
            -> DeleteBucketMetricsConfigurationOutput,
        list_bucket_metrics_configurations(ListBucketMetricsConfigurationsInput)
            -> ListBucketMetricsConfigurationsOutput;

    inventory as inventory_configuration in inventory_configuration_list:
        get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput)
            -> GetBucketInventoryConfigurationOutput,
        put_bucket_inventory_configuration(PutBucketInventoryConfigurationInput)
            -> PutBucketInventoryConfigurationOutput,
        delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput)
            -> DeleteBucketInventoryConfigurationOutput,
        list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput)
            -> ListBucketInventoryConfigurationsOutput;

    intelligent_tiering as intelligent_tiering_configuration in intelligent_tiering_configuration_list:
        get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationInput)
            -> GetBucketIntelligentTieringConfigurationOutput,
        put_bucket_intelligent_tiering_configuration(PutBucketIntelligentTieringConfigurationInput)
            -> PutBucketIntelligentTieringConfigurationOutput,
        delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationInput)
            -> DeleteBucketIntelligentTieringConfigurationOutput,
        list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsInput)
            -> ListBucketIntelligentTieringConfigurationsOutput;

    analytics as analytics_configuration in analytics_configuration_list:
        get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationInput)
            -> GetBucketAnalyticsConfigurationOutput,
        put_bucket_analytics_configuration(PutBucketAnalyticsConfigurationInput)
            -> PutBucketAnalyticsConfigurationOutput,
        delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationInput)
            -> DeleteBucketAnalyticsConfigurationOutput,
        list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsInput)
            -> ListBucketAnalyticsConfigurationsOutput;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_a_gap_and_the_last_says_so() {
        let all: BTreeMap<_, _> = (0..250).map(|n| (format!("{n:03}"), n)).collect();
        let mut rows = Vec::new();
        let mut after = None;
        let mut pages = 0;
        loop {
            let page = page(&all, after.as_ref());
            rows.extend(page.rows);
            pages += 1;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(rows, (0..250).collect::<Vec<_>>());
        assert_eq!(pages, 3);
    }

    #[test]
    fn a_full_last_page_has_no_next() {
        let all: BTreeMap<_, _> = (0..100).map(|n| (format!("{n:03}"), n)).collect();
        assert_eq!(page(&all, None).next, None);
    }
}
