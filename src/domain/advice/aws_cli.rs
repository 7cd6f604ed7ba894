//! AWS CLI commands for actions.

use serde_json::{Value, json};

use super::action::EncryptWith;
use crate::domain::BucketName;
use crate::domain::command_line::CommandLine;
use crate::domain::configuration::{
    CorsRule, Expiration, Filter, Lifecycle, MinimumSize, PublicAccess, Rule, VersioningState, When,
};

/// An `aws s3api` command for a bucket.
pub(super) fn s3api(command: &str, bucket: &BucketName) -> CommandLine {
    CommandLine::of_aws(&format!("s3api {command}")).option("--bucket", bucket.as_str())
}

pub(super) fn put_encryption(
    bucket: &BucketName,
    with: &EncryptWith,
    bucket_key: bool,
    blocked: Option<&[String]>,
) -> String {
    let mut default = json!({ "SSEAlgorithm": with.algorithm });
    if let (Some(key), Some(default)) = (with.key.named(), default.as_object_mut()) {
        default.insert("KMSMasterKeyID".to_owned(), json!(key));
    }
    let mut rule = json!({
        "ApplyServerSideEncryptionByDefault": default,
        "BucketKeyEnabled": bucket_key,
    });
    // The call replaces the rule, so blocked encryption types must be repeated.
    if let (Some(blocked), Some(rule)) = (blocked, rule.as_object_mut()) {
        let kinds = if blocked.is_empty() {
            vec!["NONE".to_owned()]
        } else {
            blocked.to_vec()
        };
        rule.insert(
            "BlockedEncryptionTypes".to_owned(),
            json!({ "EncryptionType": kinds }),
        );
    }
    s3api("put-bucket-encryption", bucket)
        .option(
            "--server-side-encryption-configuration",
            &json!({ "Rules": [rule] }).to_string(),
        )
        .to_string()
}

pub(super) fn copy_onto_itself(
    bucket: &BucketName,
    with: &EncryptWith,
    has_customer_keys: bool,
) -> String {
    let class = "with the storage class that the object has";
    let line = if with.algorithm == "aws:kms:dsse" || has_customer_keys {
        let line = s3api("copy-object", bucket)
            .option("--key", "KEY_OF_OBJECT")
            .option("--copy-source", &format!("{bucket}/KEY_OF_OBJECT"))
            .option("--server-side-encryption", &with.algorithm);
        match with.key.named() {
            Some(key) => line.option("--ssekms-key-id", key),
            None => line,
        }
        .option("--storage-class", "CLASS")
    } else {
        let object = format!("s3://{bucket}/KEY_OF_OBJECT");
        let line = CommandLine::of_aws("s3 cp")
            .word(&object)
            .word(&object)
            .option("--sse", &with.algorithm);
        // Above 8 MB this is a multipart copy, which carries over annotations only with --copy-props.
        match with.key.named() {
            Some(key) => line.option("--sse-kms-key-id", key),
            None => line,
        }
        .option("--storage-class", "CLASS")
        .option("--copy-props", "default")
    };
    let line = if has_customer_keys {
        line.option("--copy-source-sse-customer-algorithm", "AES256")
            .option("--copy-source-sse-customer-key", "CUSTOMER_KEY")
    } else {
        line
    };
    format!("copy each onto itself: {line}, {class}")
}

pub(super) fn update_object_encryption(bucket: &BucketName, key: &str) -> String {
    s3api("update-object-encryption", bucket)
        .option("--key", "KEY_OF_OBJECT")
        .option(
            "--object-encryption",
            &json!({ "SSEKMS": { "KMSKeyArn": key } }).to_string(),
        )
        .to_string()
}

pub(super) fn put_public_access_block(bucket: &BucketName, block: PublicAccess) -> String {
    let PublicAccess {
        block_public_acls,
        ignore_public_acls,
        block_public_policy,
        restrict_public_buckets,
    } = block;
    s3api("put-public-access-block", bucket)
        .option(
            "--public-access-block-configuration",
            &format!(
                "BlockPublicAcls={block_public_acls},IgnorePublicAcls={ignore_public_acls},BlockPublicPolicy={block_public_policy},RestrictPublicBuckets={restrict_public_buckets}"
            ),
        )
        .to_string()
}

pub(super) fn put_policy(bucket: &BucketName, statements: &[String]) -> String {
    s3api("put-bucket-policy", bucket)
        .option(
            "--policy",
            &format!(
                "{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}",
                statements.join(",")
            ),
        )
        .to_string()
}

pub(super) fn put_logging(bucket: &BucketName, target: &str, prefix: &str) -> String {
    s3api("put-bucket-logging", bucket)
        .option(
            "--bucket-logging-status",
            &json!({ "LoggingEnabled": { "TargetBucket": target, "TargetPrefix": prefix } })
                .to_string(),
        )
        .to_string()
}

pub(super) fn put_versioning(bucket: &BucketName, state: VersioningState) -> String {
    let state = match state {
        VersioningState::Enabled => "Enabled",
        VersioningState::Suspended => "Suspended",
    };
    s3api("put-bucket-versioning", bucket)
        .option("--versioning-configuration", &format!("Status={state}"))
        .to_string()
}

pub(super) fn put_lifecycle(bucket: &BucketName, lifecycle: &Lifecycle) -> String {
    let rules: Vec<Value> = lifecycle.rules.iter().map(rule).collect();
    let line = s3api("put-bucket-lifecycle-configuration", bucket).option(
        "--lifecycle-configuration",
        &json!({ "Rules": rules }).to_string(),
    );
    match lifecycle.minimum_size {
        MinimumSize::AllClasses128K => line,
        // Without this, S3 resets it to the default.
        MinimumSize::VariesByStorageClass => line.option(
            "--transition-default-minimum-object-size",
            "varies_by_storage_class",
        ),
    }
    .to_string()
}

fn rule(rule: &Rule) -> Value {
    let mut value = json!({
        "ID": rule.id,
        "Status": if rule.enabled { "Enabled" } else { "Disabled" },
        "Filter": filter(&rule.filter),
    });
    let mut set = |name: &str, part: Value| {
        if let Some(fields) = value.as_object_mut() {
            fields.insert(name.to_owned(), part);
        }
    };
    if !rule.transitions.is_empty() {
        let transitions = rule.transitions.iter().map(|t| {
            let mut one = when(t.when);
            if let Some(fields) = one.as_object_mut() {
                fields.insert("StorageClass".to_owned(), json!(t.class.as_str()));
            }
            one
        });
        set("Transitions", transitions.collect());
    }
    match rule.expiration {
        None => {}
        Some(Expiration::At(at)) => set("Expiration", when(at)),
        Some(Expiration::ExpiredDeleteMarker) => {
            set("Expiration", json!({ "ExpiredObjectDeleteMarker": true }));
        }
    }
    if !rule.noncurrent_transitions.is_empty() {
        let transitions = rule.noncurrent_transitions.iter().map(|t| {
            let one = json!({ "NoncurrentDays": t.days, "StorageClass": t.class.as_str() });
            newer(one, t.newer_versions)
        });
        set("NoncurrentVersionTransitions", transitions.collect());
    }
    if let Some(end) = rule.noncurrent_expiration {
        let one = json!({ "NoncurrentDays": end.days });
        set(
            "NoncurrentVersionExpiration",
            newer(one, end.newer_versions),
        );
    }
    if let Some(days) = rule.abort_uploads_days {
        set(
            "AbortIncompleteMultipartUpload",
            json!({ "DaysAfterInitiation": days }),
        );
    }
    value
}

fn newer(mut value: Value, versions: u32) -> Value {
    if let (Some(fields), 1..) = (value.as_object_mut(), versions) {
        fields.insert("NewerNoncurrentVersions".to_owned(), json!(versions));
    }
    value
}

fn when(when: When) -> Value {
    match when {
        When::Days(days) => json!({ "Days": days }),
        When::Date(date) => json!({ "Date": date.format("%Y-%m-%dT%H:%M:%SZ").to_string() }),
    }
}

/// A filter. Several conditions need an `And`.
fn filter(filter: &Filter) -> Value {
    let tags: Vec<Value> = filter
        .tags
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    let conditions = usize::from(!filter.prefix.is_empty())
        + tags.len()
        + usize::from(filter.larger_than.is_some())
        + usize::from(filter.smaller_than.is_some());
    let mut fields = serde_json::Map::new();
    if !filter.prefix.is_empty() {
        fields.insert("Prefix".to_owned(), json!(filter.prefix));
    }
    if let Some(size) = filter.larger_than {
        fields.insert("ObjectSizeGreaterThan".to_owned(), json!(size));
    }
    if let Some(size) = filter.smaller_than {
        fields.insert("ObjectSizeLessThan".to_owned(), json!(size));
    }
    if conditions > 1 {
        if !tags.is_empty() {
            fields.insert("Tags".to_owned(), Value::Array(tags));
        }
        return json!({ "And": fields });
    }
    if let Some(tag) = tags.into_iter().next() {
        fields.insert("Tag".to_owned(), tag);
    }
    Value::Object(fields)
}

pub(super) fn put_cors(bucket: &BucketName, rules: &[CorsRule]) -> String {
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let mut value = json!({
                "AllowedOrigins": rule.origins,
                "AllowedMethods": rule.methods,
            });
            if let Some(fields) = value.as_object_mut() {
                for (name, list) in [
                    ("AllowedHeaders", &rule.headers),
                    ("ExposeHeaders", &rule.expose),
                ] {
                    if !list.is_empty() {
                        fields.insert(name.to_owned(), json!(list));
                    }
                }
                if let Some(seconds) = rule.max_age_seconds {
                    fields.insert("MaxAgeSeconds".to_owned(), json!(seconds));
                }
            }
            value
        })
        .collect();
    s3api("put-bucket-cors", bucket)
        .option(
            "--cors-configuration",
            &json!({ "CORSRules": rules }).to_string(),
        )
        .to_string()
}

pub(super) fn put_tagging(bucket: &BucketName, tags: &[(String, String)]) -> String {
    let tags: Vec<Value> = tags
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    s3api("put-bucket-tagging", bucket)
        .option("--tagging", &json!({ "TagSet": tags }).to_string())
        .to_string()
}
