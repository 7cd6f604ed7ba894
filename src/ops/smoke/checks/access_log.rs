//! The access log is delivered and readable. S3 delivers within hours, so the age of the newest log counts. Lines of a
//! test run are reported if they are present.

use chrono::{TimeDelta, Utc};

use crate::aws::raw::RawRequest;
use crate::aws::wire;
use crate::domain::blueprint::expect::WantedLogging;
use crate::domain::configuration::{LogKeyFormat, Logging};
use crate::domain::fact::Fact as Known;
use crate::domain::presign::PresignRequest;
use crate::domain::words::counted;
use crate::domain::{BucketName, Region};
use crate::ops::Fact;
use crate::ops::access_logs::{self, Log};
use crate::ops::gate::Gate;
use crate::ops::presign::{Signing, signer};
use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::CheckContext;
use crate::ops::smoke::keys::OWNER;

/// If the newest log is older than this, delivery has stopped, provided that anybody uses the bucket.
const OLDEST: TimeDelta = TimeDelta::hours(24);

/// The part of a log that is read, in bytes.
const READ: usize = 1 << 20;

/// The number of fields up to the status, which S3 has always written.
const FIELDS: usize = 18;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let logging = match &context.plan.surroundings.logging {
        Fact::Set(logging) => logging,
        Fact::NotSet => {
            return Err(Broken::because(
                "the bucket keeps no access log",
                "server access logging is not configured",
            ));
        }
        Fact::Unknown(problem) => {
            return Err(Broken::Skip(format!(
                "where the log goes is not known: {}",
                problem.message
            )));
        }
    };
    if let Some(wanted) = &context.plan.bucket.expect.logging {
        as_wanted(logging, wanted)?;
    }
    let bucket = BucketName::new(logging.bucket.as_str())
        .map_err(|error| Broken::Skip(error.to_string()))?;
    let newest = newest(context, &bucket, logging).await?;
    let Some(newest) = newest else {
        return Err(Broken::because(
            format!("no log has arrived in s3://{}/{}", bucket, logging.prefix),
            NOT_LET_IN,
        ));
    };
    let lines = read(context, &bucket, &newest).await?;
    let age = Utc::now() - newest.written;
    let of_tests = lines.iter().filter(|line| line.contains(OWNER)).count();
    let (count, age_words) = (lines.len(), old(age));
    if age > OLDEST {
        return Err(Broken::because(
            format!(
                "the newest log is {age_words} old: s3://{bucket}/{}",
                newest.key.as_str()
            ),
            NOT_LET_IN,
        ));
    }
    let tests = if of_tests > 0 {
        format!(", {of_tests} of them of test runs")
    } else {
        String::new()
    };
    let lines = counted(count, "line");
    Ok(format!(
        "the newest log is {age_words} old, {lines}{tests}; S3 delivers within hours"
    ))
}

const NOT_LET_IN: &str = "the log bucket has to let logging.s3.amazonaws.com put objects, by its policy where ACLs are off; its default \
                          encryption has to be AES256; nobody may have used the bucket";

fn as_wanted(logging: &Logging, wanted: &WantedLogging) -> Result<(), Broken> {
    if logging.bucket == wanted.bucket.as_str() && logging.prefix == wanted.prefix {
        return Ok(());
    }
    Err(Broken::because(
        format!(
            "the log goes to s3://{}/{}, not to s3://{}/{}",
            logging.bucket, logging.prefix, wanted.bucket, wanted.prefix
        ),
        "logging is configured otherwise than the blueprint says",
    ))
}

/// The newest log, if any.
async fn newest(
    context: &CheckContext<'_>,
    bucket: &BucketName,
    logging: &Logging,
) -> Result<Option<Log>, Broken> {
    let source = &context.plan.bucket.name;
    // Keys by date contain the account and the Region. If these are unknown, so is the place of the logs.
    let (mut region, mut account) = (None, None);
    if logging.key_format != LogKeyFormat::Simple {
        let asked = wire::bucket::region(context.aws, source, context.meter).await;
        region = asked.ok();
        let asked = context.aws.identity(context.meter).await;
        account = asked.ok().map(|identity| identity.account);
    }
    let search = access_logs::Search {
        aws: context.aws,
        bucket,
        now: Utc::now(),
        gate: &Gate::new(1),
        meter: context.meter,
    };
    let region = region.as_ref().map(Region::as_str);
    let found = search.newest(logging, (source.as_str(), account.as_deref(), region));
    match Box::pin(found).await {
        Known::Set(log) => Ok(Some(log)),
        Known::NotSet => Ok(None),
        Known::Unknown(unanswered) => Err(Broken::Skip(format!(
            "the newest log could not be found: {}",
            unanswered.why
        ))),
    }
}

/// The lines of a log, all of which must be about this bucket.
async fn read(
    context: &CheckContext<'_>,
    bucket: &BucketName,
    log: &Log,
) -> Result<Vec<String>, Broken> {
    let of_logs = signer(context.aws, bucket, Signing::default())
        .await
        .map_err(|problem| Broken::Skip(problem.message))?;
    let request = PresignRequest::get(
        bucket.clone(),
        log.key.clone(),
        std::time::Duration::from_mins(5),
    );
    let signed = of_logs
        .sign(&request, Utc::now(), None)
        .map_err(|error| Broken::Skip(error.to_string()))?;
    let mut request = RawRequest::new("GET", &signed.url);
    request.keep = READ;
    let exchange = context.send(request, "signed").await;
    let answer = exchange.success("reading the log")?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if answer.is_cut {
        lines.pop();
    }
    let ours = context.bucket().as_str();
    let strange = lines.iter().position(|line| {
        let fields = fields(line);
        fields.len() < FIELDS || fields.get(1).is_none_or(|bucket| *bucket != ours)
    });
    // The line itself is not shown, because it may contain a signed URL.
    if let Some(at) = strange {
        return Err(exchange.failing(
            format!("line {} of the log is none of this bucket's", at + 1),
            "something else writes below the log's prefix, or the format is another",
        ));
    }
    Ok(lines)
}

/// The fields of a line: separated by spaces, and in quotation marks or brackets if they contain some.
fn fields(line: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = line.trim_end();
    while !rest.is_empty() {
        let (opening, closing) = match rest.chars().next() {
            Some('"') => (1, "\""),
            Some('[') => (1, "]"),
            _ => (0, " "),
        };
        let inner = rest.get(opening..).unwrap_or_default();
        let (field, after) = inner.split_once(closing).unwrap_or((inner, ""));
        fields.push(field);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    fields
}

fn old(age: TimeDelta) -> String {
    match (age.num_days(), age.num_hours(), age.num_minutes()) {
        (days, _, _) if days >= 2 => format!("{days} days"),
        (_, hours, _) if hours >= 2 => format!("{hours} hours"),
        (_, _, minutes) if minutes >= 2 => format!("{minutes} minutes"),
        _ => format!("{} seconds", age.num_seconds().max(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_its_fields() {
        let line = "owner bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a%20b \"GET /a%20b HTTP/1.1\" 200 - \
                    11 11 7 5 \"-\" \"a \\ b\" - host SigV4 cipher - bucket.s3.amazonaws.com TLSv1.3 - -";
        let fields = fields(line);
        assert_eq!(fields.len(), 26);
        assert_eq!(
            (fields[1], fields[2]),
            ("bucket", "06/Feb/2026:00:00:38 +0000")
        );
        assert_eq!((fields[8], fields[9]), ("GET /a%20b HTTP/1.1", "200"));
    }

    #[test]
    fn ages_are_told_in_the_unit_that_people_would_use() {
        assert_eq!(old(TimeDelta::seconds(5)), "5 seconds");
        assert_eq!(old(TimeDelta::minutes(90)), "90 minutes");
        assert_eq!(old(TimeDelta::days(24)), "24 days");
    }
}
