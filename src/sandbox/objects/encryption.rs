//! How a new object is encrypted: what the request says, else what the bucket says, else AES256.

use s3s::dto::ServerSideEncryption;
use s3s::{S3Result, s3_error};

use crate::sandbox::store::{Backend, Bucket, Encryption};

/// What a request says about encryption.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) algorithm: Option<ServerSideEncryption>,
    pub(super) key: Option<String>,
    pub(super) bucket_key: Option<bool>,
    /// Whether it brings a key of the customer's (SSE-C).
    pub(super) customer_key: bool,
}

/// The parts of an answer that tell how an object is encrypted.
#[derive(Debug, Default)]
pub(super) struct EncryptionHeaders {
    pub(super) algorithm: Option<ServerSideEncryption>,
    pub(super) key: Option<String>,
    pub(super) bucket_key: Option<bool>,
}

/// Refuses keys of the customer's, which the sandbox does not keep objects under.
pub(super) fn refuse_customer_key(given: bool) -> S3Result {
    if given {
        return Err(s3_error!(
            NotImplemented,
            "The sandbox does not take encryption keys from the customer (SSE-C)"
        ));
    }
    Ok(())
}

impl Asked {
    /// How the object will be encrypted.
    ///
    /// # Errors
    /// `InvalidArgument` for an algorithm that S3 does not have or a KMS key without KMS.
    pub(super) fn decide(&self, bucket: &Bucket, account_id: &str) -> S3Result<Encryption> {
        let blocked = bucket.configuration.blocked_encryption.as_deref();
        if self.customer_key && blocked.is_some_and(|types| types.iter().any(|t| t == "SSE-C")) {
            return Err(s3_error!(AccessDenied));
        }
        refuse_customer_key(self.customer_key)?;
        let rule = bucket
            .configuration
            .encryption
            .as_ref()
            .and_then(|configuration| configuration.rules.first());
        let default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default.as_ref());
        let (algorithm, key) = match (&self.algorithm, &self.key) {
            (None, Some(_)) => {
                return Err(s3_error!(
                    InvalidArgument,
                    "A KMS key was named, but x-amz-server-side-encryption is not aws:kms"
                ));
            }
            (Some(algorithm), key) => (algorithm.as_str(), key.as_ref()),
            (None, None) => match default {
                Some(default) => (
                    default.sse_algorithm.as_str(),
                    default.kms_master_key_id.as_ref(),
                ),
                None => (ServerSideEncryption::AES256, None),
            },
        };
        let dual_layer = match algorithm {
            ServerSideEncryption::AES256 if key.is_none() || self.algorithm.is_none() => {
                return Ok(Encryption::Aes256);
            }
            ServerSideEncryption::AES256 => {
                return Err(s3_error!(
                    InvalidArgument,
                    "A KMS key was named, but x-amz-server-side-encryption is AES256"
                ));
            }
            ServerSideEncryption::AWS_KMS => false,
            ServerSideEncryption::AWS_KMS_DSSE => true,
            other => {
                return Err(s3_error!(
                    InvalidArgument,
                    "The encryption method specified is not supported: {other}"
                ));
            }
        };
        let bucket_key = self
            .bucket_key
            .or_else(|| rule.and_then(|rule| rule.bucket_key_enabled))
            .unwrap_or(false);
        Ok(Encryption::Kms {
            // With KMS and no key of its own a request gets the account's `aws/s3` key, not the bucket's default.
            key: arn(key, &bucket.region, account_id).into(),
            bucket_key: bucket_key && !dual_layer,
            dual_layer,
        })
    }
}

/// Whatever names a KMS key, as the ARN that answers tell.
fn arn(key: Option<&String>, region: &str, account_id: &str) -> String {
    match key {
        None => Backend::default_kms_key(region, account_id),
        Some(arn) if arn.starts_with("arn:") => arn.clone(),
        Some(alias) if alias.starts_with("alias/") => {
            format!("arn:aws:kms:{region}:{account_id}:{alias}")
        }
        Some(id) => format!("arn:aws:kms:{region}:{account_id}:key/{id}"),
    }
}

/// What an answer says of it. `bucket-key-enabled` is told where it is so, as S3 does.
pub(super) fn headers_of(encryption: &Encryption) -> EncryptionHeaders {
    match encryption {
        Encryption::None => EncryptionHeaders::default(),
        Encryption::Aes256 => EncryptionHeaders {
            algorithm: Some(ServerSideEncryption::from_static(
                ServerSideEncryption::AES256,
            )),
            ..EncryptionHeaders::default()
        },
        Encryption::Kms {
            key,
            bucket_key,
            dual_layer,
        } => EncryptionHeaders {
            algorithm: Some(ServerSideEncryption::from_static(if *dual_layer {
                ServerSideEncryption::AWS_KMS_DSSE
            } else {
                ServerSideEncryption::AWS_KMS
            })),
            key: Some(key.to_string()),
            bucket_key: bucket_key.then_some(true),
        },
    }
}

#[cfg(test)]
mod tests {
    use s3s::dto::{
        ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    };

    use super::*;
    use crate::sandbox::configuration::BucketConfiguration;
    use crate::sandbox::store::Moment;

    const ACCOUNT: &str = "123456789012";

    fn bucket(default: Option<(&'static str, Option<&str>)>) -> Bucket {
        let encryption = default.map(|(algorithm, key)| ServerSideEncryptionConfiguration {
            rules: vec![ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                    kms_master_key_id: key.map(str::to_owned),
                    sse_algorithm: ServerSideEncryption::from_static(algorithm),
                }),
                bucket_key_enabled: Some(true),
            }],
        });
        let configuration = BucketConfiguration {
            encryption,
            ..BucketConfiguration::default()
        };
        Bucket::new("b", "eu-west-1", Moment::now(), configuration)
    }

    fn kms(key: &str) -> Encryption {
        Encryption::Kms {
            key: key.into(),
            bucket_key: true,
            dual_layer: false,
        }
    }

    #[test]
    fn a_request_that_says_nothing_gets_what_the_bucket_says() {
        let nothing = Asked::default();
        let decide = |bucket: &Bucket| nothing.decide(bucket, ACCOUNT).unwrap();
        assert_eq!(decide(&bucket(None)), Encryption::Aes256);
        assert_eq!(
            decide(&bucket(Some(("aws:kms", Some("1234"))))),
            kms("arn:aws:kms:eu-west-1:123456789012:key/1234")
        );
    }

    #[test]
    fn kms_without_a_key_is_the_accounts_key_and_not_the_buckets() {
        let asked = Asked {
            algorithm: Some(ServerSideEncryption::from_static("aws:kms")),
            ..Asked::default()
        };
        let bucket = bucket(Some(("aws:kms", Some("1234"))));
        assert_eq!(
            asked.decide(&bucket, ACCOUNT).unwrap(),
            kms("arn:aws:kms:eu-west-1:123456789012:alias/aws/s3")
        );
    }

    #[test]
    fn a_kms_key_needs_kms() {
        for algorithm in [None, Some("AES256"), Some("rot13")] {
            let asked = Asked {
                algorithm: algorithm.map(ServerSideEncryption::from_static),
                key: Some("1234".into()),
                ..Asked::default()
            };
            let error = asked.decide(&bucket(None), ACCOUNT).unwrap_err();
            assert_eq!(error.code().as_str(), "InvalidArgument", "{algorithm:?}");
        }
    }
}
