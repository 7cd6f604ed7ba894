//! `s3warden presign`: signs a URL or a form.
//!
//! `args` has the options, and the draft made from them. `run` completes the draft with the blueprint's rule and signs
//! it. `item` has the output.

mod args;
mod item;

use std::io::Write;

use chrono::Utc;

pub(super) use self::args::PresignArgs;
use self::item::{Item, Report};
use super::args::Format;
use super::formats::Document;
use super::session::{Interruption, Session};
use super::{ExitStatus, Failure, choice};
use crate::aws::{SignError, WriteMode};
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::presign::warning::warnings;
use crate::domain::presign::{Method, remarks};
use crate::domain::{BucketName, Region};
use crate::ops::Meter;
use crate::ops::presign::{self as signing, Signing, SigningFailure};

const SCHEMA: &str = "s3warden/presign/1";

#[derive(serde::Serialize)]
struct Totals {
    warnings: usize,
}

pub(super) async fn run<W: Write>(
    args: &PresignArgs,
    session: &Session,
    mut output: W,
) -> Result<ExitStatus, Failure> {
    let bucket = rules_for(session, &args.uri.bucket)?;
    let permit = WriteMode::from_flag(session.settings.write).permit();
    // Report this before any request.
    if args.method() == Method::Delete && permit.is_none() {
        return Err(refused(args, &SignError::ReadOnly));
    }
    let (draft, made) = args.draft(bucket.as_ref())?;
    let rule = bucket
        .as_ref()
        .and_then(|bucket| draft.rule(&bucket.presign));
    let request = draft
        .complete(rule)
        .map_err(|why| args::unsignable(&args.uri, &why))?;
    let snippet = args.snippet_kind()?;

    let aws = session.connect().await?;
    let asked = session.settings.region.clone().map(Region);
    if args.resolve_region {
        let meter = Meter::new();
        let learnt = signing::resolve_region(&aws, &request.bucket, &meter);
        match session.ask(learnt).await {
            Ok(_) => {}
            Err(Interruption::Failed(problem)) => return Err(problem.into()),
            Err(cut @ Interruption::Interrupted) => return session.conclude(Some(cut)),
        }
    }
    let with = Signing {
        blueprint: bucket.as_ref(),
        region: asked.as_ref().filter(|_| !args.resolve_region),
        permit: permit.as_ref(),
    };
    let signed = match signing::sign(&aws, &request, with, Utc::now()).await {
        Ok(signed) => signed,
        Err(SigningFailure::Problem(problem)) => return Err(problem.into()),
        Err(SigningFailure::Request(why)) => return Err(refused(args, &why)),
    };
    let doubts = warnings(&signed, bucket.as_ref(), rule);
    let remarks = remarks(&signed, draft.view_once);
    let snippet = snippet.and_then(|kind| kind.of(&signed, &args.file));

    if session.settings.format == Format::Table {
        let report = Report {
            signed: &signed,
            made: made.as_ref(),
            remarks: &remarks,
        };
        match (&snippet, session.settings.quiet) {
            (Some(snippet), _) => output.write_all(snippet.as_bytes())?,
            (None, true) => report.write_bare(&mut output)?,
            (None, false) => report.write(&mut output)?,
        }
        output.flush()?;
    } else {
        let mut document = Document::begin::<Item<'_>>(session.look(), SCHEMA, output)?;
        document.item(&Item::new(&signed, &doubts, &remarks, snippet))?;
        let warnings = doubts.len();
        document.end(&Totals { warnings }, &[])?;
    }
    for doubt in &doubts {
        session.reporter().warning(&doubt.to_string());
    }
    Ok(ExitStatus::Done)
}

/// The bucket's part of the named blueprint, or of a built-in that contains it. There may be none.
fn rules_for(session: &Session, bucket: &BucketName) -> Result<Option<BucketBlueprint>, Failure> {
    let Some(named) = choice::named(&session.settings)? else {
        return Ok(Blueprint::for_bucket(bucket).and_then(|found| found.bucket(bucket).cloned()));
    };
    match named.bucket(bucket) {
        Some(known) => Ok(Some(known.clone())),
        None => Err(Failure::usage(format!(
            "could not sign by the rules of the blueprint {}: it does not name {bucket}",
            named.name
        ))
        .advising("leave --blueprint out, or give one that names this bucket")),
    }
}

fn refused(args: &PresignArgs, why: &SignError) -> Failure {
    let failure = args::unsignable(&args.uri, why);
    match why {
        SignError::ReadOnly => Failure {
            status: ExitStatus::Refused,
            ..failure
        }
        .advising("start it with --write to sign a DELETE"),
        _ => failure,
    }
}
