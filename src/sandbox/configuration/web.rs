//! What browsers meet: cross-origin rules and website hosting.

use s3s::dto::{
    DeleteBucketCorsInput, DeleteBucketCorsOutput, DeleteBucketWebsiteInput,
    DeleteBucketWebsiteOutput, GetBucketCorsInput, GetBucketCorsOutput, GetBucketWebsiteInput,
    GetBucketWebsiteOutput, PutBucketCorsInput, PutBucketCorsOutput, PutBucketWebsiteInput,
    PutBucketWebsiteOutput,
};
use s3s::{S3Request, s3_error};

use super::{Answer, absent, change, look};
use crate::sandbox::store::Backend;

pub(crate) fn get_bucket_cors(
    backend: &Backend,
    req: S3Request<GetBucketCorsInput>,
) -> Answer<GetBucketCorsOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let cors = configuration.cors.clone().ok_or_else(absent::cors)?;
        Ok(GetBucketCorsOutput {
            cors_rules: Some(cors.cors_rules),
        })
    })
}

pub(crate) fn put_bucket_cors(
    backend: &Backend,
    req: S3Request<PutBucketCorsInput>,
) -> Answer<PutBucketCorsOutput> {
    let cors = req.input.cors_configuration;
    if cors.cors_rules.is_empty() || cors.cors_rules.len() > 100 {
        return Err(s3_error!(MalformedXML));
    }
    for rule in &cors.cors_rules {
        if let Some(method) = rule
            .allowed_methods
            .iter()
            .find(|method| !matches!(method.as_str(), "GET" | "PUT" | "POST" | "DELETE" | "HEAD"))
        {
            return Err(s3_error!(
                InvalidRequest,
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            ));
        }
        let headers = rule.allowed_headers.iter().flatten();
        if let Some(text) = rule
            .allowed_origins
            .iter()
            .chain(headers)
            .find(|text| text.matches('*').count() > 1)
        {
            return Err(s3_error!(
                InvalidRequest,
                "AllowedOrigin and AllowedHeader can not have more than one wildcard: {text}"
            ));
        }
    }
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.cors = Some(cors);
        Ok(())
    })
}

pub(crate) fn delete_bucket_cors(
    backend: &Backend,
    req: S3Request<DeleteBucketCorsInput>,
) -> Answer<DeleteBucketCorsOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.cors = None;
        Ok(())
    })
}

pub(crate) fn get_bucket_website(
    backend: &Backend,
    req: S3Request<GetBucketWebsiteInput>,
) -> Answer<GetBucketWebsiteOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let website = configuration.website.clone().ok_or_else(absent::website)?;
        Ok(GetBucketWebsiteOutput {
            error_document: website.error_document,
            index_document: website.index_document,
            redirect_all_requests_to: website.redirect_all_requests_to,
            routing_rules: website.routing_rules,
        })
    })
}

pub(crate) fn put_bucket_website(
    backend: &Backend,
    req: S3Request<PutBucketWebsiteInput>,
) -> Answer<PutBucketWebsiteOutput> {
    let website = req.input.website_configuration;
    if website.index_document.is_none() && website.redirect_all_requests_to.is_none() {
        return Err(s3_error!(
            InvalidArgument,
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
        ));
    }
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.website = Some(website);
        Ok(())
    })
}

pub(crate) fn delete_bucket_website(
    backend: &Backend,
    req: S3Request<DeleteBucketWebsiteInput>,
) -> Answer<DeleteBucketWebsiteOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.website = None;
        Ok(())
    })
}
