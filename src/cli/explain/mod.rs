//! `s3warden explain`: why a request is allowed or denied, layer by layer. It changes nothing.
//!
//! `rows` has the output, and `given` reads policies from files.

mod given;
mod rows;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::args::{Format, uri};
use super::formats::{Document, Note};
use super::session::{Interruption, Session};
use super::{ExitStatus, Failure};
use crate::domain::policy::account_of;
use crate::domain::{S3Uri, VersionId, text};
use crate::ops::explain::{self, Answer, Asker, Explanation, Inquiry, Question};
use crate::ops::{Gate, Meter};
use rows::{LayerRow, Totals};

/// Who, what, and on which bucket or object.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Who asks: `*` or anonymous, an account's 12 digits, or the ARN of a role, a user, a role session or a root user
    #[arg(value_name = "PRINCIPAL", value_parser = Asker::parse)]
    pub principal: Asker,

    /// What: an action such as s3:GetObject, or an operation such as `HeadObject`
    #[arg(value_name = "ACTION")]
    pub action: String,

    /// On what: an object, or a bucket; for a listing, a prefix
    #[arg(value_name = "s3://BUCKET[/KEY]", value_parser = uri)]
    pub on: S3Uri,

    /// The version that is asked about, where it is not the current one
    #[arg(long, value_name = "ID")]
    pub version_id: Option<String>,

    /// A policy of the role or user, as JSON; may be given several times, and IAM is then not asked
    #[arg(long, value_name = "FILE")]
    pub identity_policy: Vec<PathBuf>,

    /// The permissions boundary of the role or user, as JSON
    #[arg(long, value_name = "FILE")]
    pub boundary: Option<PathBuf>,

    /// A condition key of the request, such as aws:SourceIp=203.0.113.9; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = context)]
    pub context: Vec<(String, String)>,

    /// The account that owns the bucket, where the credentials cannot tell
    #[arg(long, value_name = "ID", value_parser = account)]
    pub bucket_account: Option<String>,
}

const SCHEMA: &str = "s3warden/explain/1";

fn context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if key.contains(':') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a condition key looks like aws:SourceIp=203.0.113.9".to_owned()),
    }
}

fn account(text: &str) -> Result<String, String> {
    match account_of(text) {
        Some(account) if account == text => Ok(text.to_owned()),
        _ => Err("an account's id has 12 digits".to_owned()),
    }
}

pub(super) async fn run<W: Write>(
    args: &ExplainArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    // A pipe may never end, so Ctrl-C must also end reading.
    let Some(inquiry) = session.stop.run_until_cancelled(inquiry(args)).await else {
        return session.conclude(Some(Interruption::Interrupted));
    };
    let inquiry = inquiry?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let gate = Gate::new(session.settings.jobs);
    let asked = Box::pin(explain::of(&aws, &inquiry, &gate, &meter));
    let explanation = match session.ask(asked).await {
        Ok(explanation) => explanation,
        Err(Interruption::Failed(problem)) => return Err(Failure::from(problem)),
        Err(cut) => return session.conclude(Some(cut)),
    };
    print(
        &inquiry.question,
        &explanation,
        session,
        output,
        meter.requests(),
    )?;
    Ok(match explanation.answer {
        Answer::Allowed | Answer::AllowedIf => ExitStatus::Done,
        Answer::Denied => ExitStatus::Found,
        Answer::Unknown => {
            for condition in &explanation.conditions {
                session.reporter().incomplete(condition);
            }
            ExitStatus::Failed
        }
    })
}

/// The question from the command line.
async fn inquiry(args: &ExplainArgs) -> Result<Inquiry, Failure> {
    let action = explain::action(&args.action).map_err(Failure::usage)?;
    let key = Some(args.on.prefix.clone()).filter(|key| !key.is_empty());
    let lists = action.lists();
    match &key {
        None if action.is_of_object => {
            return Err(Failure::usage(format!(
                "{} is asked of an object, and {} names none",
                action.name, args.on
            ))
            .advising("give it as s3://BUCKET/KEY"));
        }
        Some(_) if !action.is_of_object && !lists => {
            return Err(Failure::usage(format!(
                "{} is asked of a bucket, and {} names an object",
                action.name, args.on
            ))
            .advising(format!("give s3://{}", args.on.bucket)));
        }
        _ => {}
    }
    if (!args.identity_policy.is_empty() || args.boundary.is_some())
        && !args.principal.has_policies()
    {
        return Err(Failure::usage(format!(
            "{} has no policies of its own",
            args.principal.words()
        ))
        .advising("leave out --identity-policy and --boundary"));
    }
    let mut policies = Vec::new();
    for file in &args.identity_policy {
        policies.push(given::read(file).await?);
    }
    let boundary = match &args.boundary {
        Some(file) => Some(given::read(file).await?),
        None => None,
    };
    let mut given = args.context.clone();
    let version = match args.version_id.as_deref() {
        Some("") => return Err(Failure::usage("--version-id is empty")),
        Some(id) if !action.is_of_object => {
            return Err(Failure::usage(format!(
                "{} is asked of a bucket, and --version-id {id} names a version",
                action.name
            )));
        }
        Some(id) => {
            given.push(("s3:VersionId".to_owned(), id.to_owned()));
            Some(VersionId(id.to_owned()))
        }
        None => None,
    };
    Ok(Inquiry {
        question: Question {
            asker: args.principal.clone(),
            action,
            bucket: args.on.bucket.clone(),
            key,
        },
        policies: Some(policies).filter(|policies| !policies.is_empty()),
        boundary,
        given,
        account: args.bucket_account.clone(),
        version,
    })
}

fn print<W: Write>(
    question: &Question,
    explanation: &Explanation,
    session: &Session,
    mut output: W,
    requests: u64,
) -> Result<(), Failure> {
    if session.settings.format == Format::Table {
        head(question, explanation, &mut output)?;
    }
    let mut document = Document::begin::<LayerRow<'_>>(session.look(), SCHEMA, output)?;
    for said in &explanation.layers {
        document.item(&LayerRow::of(said))?;
    }
    let notes: Vec<Note> = match explanation.answer {
        Answer::Unknown => explanation
            .conditions
            .iter()
            .map(|why| Note {
                what: "the answer".to_owned(),
                why: why.clone(),
            })
            .collect(),
        _ => Vec::new(),
    };
    document.end(&Totals::of(question, explanation, requests), &notes)?;
    Ok(())
}

/// The answer as a sentence, with the deciding layer and the conditions.
fn head(question: &Question, explanation: &Explanation, output: &mut impl Write) -> io::Result<()> {
    let mut line = |words: &str| writeln!(output, "{}", text::safe(words));
    line(&explanation.sentence(question))?;
    for condition in &explanation.conditions {
        line(&format!("  - {condition}"))?;
    }
    if let Some(decision) = explanation.decision() {
        let title = decision.layer.title();
        line(&format!("Decided by: {title}. {}", decision.words))?;
        for by in &decision.by {
            line(&format!("  - {by}"))?;
        }
    }
    if let Some(words) = explanation.unread_words() {
        line(&words)?;
    }
    for note in &explanation.notes {
        line(note)?;
    }
    line("")
}
