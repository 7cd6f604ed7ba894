//! The options of `s3warden presign`, and the draft made from them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::super::Failure;
use super::super::args::uri;
use crate::domain::blueprint::values::{Span, parse_size};
use crate::domain::blueprint::{BucketBlueprint, Parts};
use crate::domain::presign::draft::Draft;
use crate::domain::presign::key::{self, MadeKey};
use crate::domain::presign::{Checksum, Method, Overrides, Snippet, Sse, Success};
use crate::domain::{ObjectKey, S3Uri, StorageClass, VersionId};

/// What is signed.
#[derive(Debug, Clone, Args)]
pub struct PresignArgs {
    /// What the request is to do
    #[arg(value_enum, ignore_case = true, value_name = "METHOD")]
    method: MethodArg,

    /// The bucket and the key; without a key, one is made from the blueprint's layout
    #[arg(value_name = "s3://BUCKET[/KEY]", value_parser = uri)]
    pub uri: S3Uri,

    /// How long it is good for, 1s to 7d [default: the blueprint's, else 15m]
    #[arg(long, value_name = "TIME", value_parser = span)]
    expires: Option<Duration>,

    /// Which layout of the blueprint the key is made from [default: the one that has the parts]
    #[arg(long, value_name = "ID", help_heading = "Key from a layout")]
    layout: Option<String>,

    /// A part of the key; parts that are UUIDs are made up
    #[arg(long = "part", value_name = "NAME=VALUE", value_parser = pair, help_heading = "Key from a layout")]
    parts: Vec<(String, String)>,

    /// The content type of an upload; a form takes the beginning of one, too: image/*
    #[arg(long, value_name = "TYPE", help_heading = "Uploads")]
    content_type: Option<String>,

    /// The exact size of an upload by PUT
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Uploads")]
    size: Option<u64>,

    /// The least size that a form takes
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Uploads")]
    min_size: Option<u64>,

    /// The greatest size that a form takes
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Uploads")]
    max_size: Option<u64>,

    /// Server-side encryption: AES256, aws:kms or aws:kms:dsse
    #[arg(long, value_name = "ALGORITHM", value_parser = ["AES256", "aws:kms", "aws:kms:dsse"], help_heading = "Uploads")]
    sse: Option<String>,

    /// The id or ARN of the KMS key
    #[arg(long, value_name = "ID", requires = "sse", help_heading = "Uploads")]
    sse_key: Option<String>,

    /// Whether a bucket key is used
    #[arg(
        long,
        value_name = "true|false",
        requires = "sse",
        help_heading = "Uploads"
    )]
    bucket_key: Option<bool>,

    /// Metadata of the object; give it again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "Uploads")]
    meta: Vec<(String, String)>,

    /// The storage class, as S3 spells it
    #[arg(long, value_name = "CLASS", help_heading = "Uploads")]
    storage_class: Option<String>,

    /// A checksum of the content, such as sha256=BASE64
    #[arg(long, value_name = "ALGORITHM=VALUE", value_parser = checksum, help_heading = "Uploads")]
    checksum: Option<Checksum>,

    /// Another header that has to be sent, such as cache-control=no-store
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "Uploads")]
    header: Vec<(String, String)>,

    /// What a form is answered with: 200, 201 or 204
    #[arg(
        long,
        value_name = "STATUS",
        conflicts_with = "success_redirect",
        help_heading = "Uploads"
    )]
    success_status: Option<u16>,

    /// Where a form sends the browser afterwards
    #[arg(long, value_name = "URL", help_heading = "Uploads")]
    success_redirect: Option<String>,

    /// The multipart upload of a part
    #[arg(long, value_name = "ID", help_heading = "Uploads")]
    upload_id: Option<String>,

    /// The number of a part, 1 to 10000
    #[arg(long, value_name = "N", help_heading = "Uploads")]
    part_number: Option<u16>,

    /// A header that the answer is to have, such as content-disposition=attachment
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "Downloads")]
    response: Vec<(String, String)>,

    /// One version of the object
    #[arg(long, value_name = "ID", help_heading = "Downloads")]
    version_id: Option<String>,

    /// By the blueprint's rule for what is to be seen once
    #[arg(long, help_heading = "Downloads")]
    view_once: bool,

    /// Print a way to send it: curl, html, js or python
    #[arg(long, value_enum, value_name = "KIND")]
    snippet: Option<SnippetArg>,

    /// The file that a snippet sends or writes
    #[arg(long, value_name = "NAME", default_value = "FILE")]
    pub(super) file: String,

    /// Ask S3 for the bucket's Region first, rather than trust what is configured
    #[arg(long)]
    pub(super) resolve_region: bool,
}

/// A method, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MethodArg {
    /// Download
    Get,
    /// Upload
    Put,
    /// Upload by a form, which can carry a maximum size
    Post,
    /// Read the headers
    Head,
    /// Delete; needs --write
    Delete,
    /// Upload a part of a multipart upload
    Part,
}

/// A kind of snippet, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SnippetArg {
    /// A command for a shell
    Curl,
    /// A form for a web page (post)
    Html,
    /// JavaScript's fetch
    Js,
    /// Python's standard library
    Python,
}

impl PresignArgs {
    pub(super) fn method(&self) -> Method {
        match self.method {
            MethodArg::Get => Method::Get,
            MethodArg::Put => Method::Put,
            MethodArg::Post => Method::Post,
            MethodArg::Head => Method::Head,
            MethodArg::Delete => Method::Delete,
            MethodArg::Part => Method::Part,
        }
    }

    /// The requested snippet.
    ///
    /// # Errors
    /// If such a request cannot be sent this way (exit status 2).
    pub(super) fn snippet_kind(&self) -> Result<Option<Snippet>, Failure> {
        let kind = self.snippet.map(|snippet| match snippet {
            SnippetArg::Curl => Snippet::Curl,
            SnippetArg::Html => Snippet::Html,
            SnippetArg::Js => Snippet::JavaScript,
            SnippetArg::Python => Snippet::Python,
        });
        match kind {
            Some(kind) if !kind.fits(self.method()) => Err(Failure::usage(format!(
                "could not print an {kind} for {}: a web page's form sends a POST alone",
                self.method()
            ))
            .advising("sign a post, or take another --snippet")),
            kind => Ok(kind),
        }
    }

    /// The draft, with a description of how its key was made if it was not given.
    ///
    /// # Errors
    /// If there is no key, or options contradict each other (exit status 2).
    pub(super) fn draft(
        &self,
        bucket: Option<&BucketBlueprint>,
    ) -> Result<(Draft, Option<MadeKey>), Failure> {
        let (key, made) = self.key(bucket)?;
        let mut draft = Draft::new(self.method(), self.uri.bucket.clone(), key);
        draft.view_once = self.view_once;
        draft.expires = self.expires;
        draft.content_type.clone_from(&self.content_type);
        draft.size = self.size;
        draft.min_size = self.min_size;
        draft.max_size = self.max_size;
        draft.sse = self.sse.as_deref().map(|algorithm| self.sse(algorithm));
        if let (Some(Sse::S3), true) = (
            &draft.sse,
            self.sse_key.is_some() || self.bucket_key.is_some(),
        ) {
            return Err(unsignable(
                &self.uri,
                &"AES256 has no key and no bucket key",
            ));
        }
        draft.metadata = unique(&self.uri, "--meta", &self.meta)?;
        draft.headers = unique(&self.uri, "--header", &self.header)?;
        draft.storage_class = self.storage_class.as_deref().map(StorageClass::new);
        draft.checksum.clone_from(&self.checksum);
        draft.overrides = self.overrides()?;
        draft.version = self.version_id.clone().map(VersionId);
        draft.upload_id.clone_from(&self.upload_id);
        draft.part_number = self.part_number;
        draft.success = self
            .success_status
            .map(Success::Status)
            .or_else(|| self.success_redirect.clone().map(Success::Redirect));
        Ok((draft, made))
    }

    fn key(
        &self,
        bucket: Option<&BucketBlueprint>,
    ) -> Result<(ObjectKey, Option<MadeKey>), Failure> {
        let from_layout = self.layout.is_some() || !self.parts.is_empty();
        match (self.uri.prefix.as_str(), from_layout) {
            ("", false) => Err(unsignable(&self.uri, &"it has no key")
                .advising("give one, s3://BUCKET/KEY, or the parts of one: --part user=user-1 …")),
            (_, true) if !self.uri.prefix.is_empty() => Err(unsignable(
                &self.uri,
                &"a key was given, and parts to make one of",
            )),
            (key, false) => {
                let key = ObjectKey::new(key).map_err(|why| unsignable(&self.uri, &why))?;
                Ok((key, None))
            }
            (_, true) => {
                let Some(bucket) = bucket else {
                    return Err(unsignable(
                        &self.uri,
                        &"no blueprint names this bucket, so there is no layout to make a key of",
                    )
                    .advising("give the whole key, or --blueprint a file that names this bucket"));
                };
                let parts: Parts = unique(&self.uri, "--part", &self.parts)?;
                let made = key::layout_for(bucket, self.layout.as_deref(), &parts)
                    .and_then(|layout| {
                        key::make(layout, &parts, || key::uuid_of(fastrand::u128(..)))
                    })
                    .map_err(|why| unsignable(&self.uri, &why))?;
                Ok((made.key.clone(), Some(made)))
            }
        }
    }

    fn sse(&self, algorithm: &str) -> Sse {
        match algorithm {
            "AES256" => Sse::S3,
            algorithm => Sse::Kms {
                key: self.sse_key.clone(),
                bucket_key: self.bucket_key,
                two_layers: algorithm == "aws:kms:dsse",
            },
        }
    }

    fn overrides(&self) -> Result<Overrides, Failure> {
        let mut overrides = Overrides::default();
        for (name, value) in unique(&self.uri, "--response", &self.response)? {
            let slot = match name.to_ascii_lowercase().trim_start_matches("response-") {
                "content-type" => &mut overrides.content_type,
                "content-disposition" => &mut overrides.content_disposition,
                "content-encoding" => &mut overrides.content_encoding,
                "content-language" => &mut overrides.content_language,
                "cache-control" => &mut overrides.cache_control,
                "expires" => &mut overrides.expires,
                _ => {
                    return Err(unsignable(
                        &self.uri,
                        &format!("S3 lets nobody choose the header {name:?} of an answer"),
                    )
                    .advising(
                        "it can be content-type, content-disposition, content-encoding, content-language, \
                         cache-control or expires",
                    ));
                }
            };
            *slot = Some(value);
        }
        Ok(overrides)
    }
}

/// The error for a request that cannot be signed: exit status 2.
pub(super) fn unsignable(uri: &S3Uri, why: &impl Display) -> Failure {
    Failure::usage(format!("could not sign a request to {uri}: {why}"))
}

fn unique(
    uri: &S3Uri,
    option: &str,
    pairs: &[(String, String)],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut unique = BTreeMap::new();
    for (name, value) in pairs {
        if unique.insert(name.clone(), value.clone()).is_some() {
            return Err(unsignable(uri, &format!("{option} {name} was given twice")));
        }
    }
    Ok(unique)
}

fn span(text: &str) -> Result<Duration, String> {
    text.parse().map(|Span(span)| span)
}

fn size(text: &str) -> Result<u64, String> {
    parse_size(text).map(crate::domain::ByteSize::bytes)
}

fn checksum(text: &str) -> Result<Checksum, String> {
    text.parse()
        .map_err(|why: crate::domain::presign::PresignError| why.to_string())
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
