//! Reads a list from a DynamoDB table with a parallel Scan of the named attributes.

use std::time::Duration;

use futures::stream::{self, Stream, StreamExt, TryStreamExt};

use super::{NoRegistry, Reading};
use crate::aws::wire::dynamodb::{Item, Page, Segment, Table};
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::Region;
use crate::domain::registry::{Registry, Row, Torn};

/// The number of parallel segments. Four keep up with the partitions of a table of some gigabytes, and leave enough
/// capacity of a small table to its application.
const SEGMENTS: i32 = 4;

/// The number of retries for a throttled page, in addition to those of the SDK. The pauses double from one second to at
/// most 16 seconds: an on-demand table doubles its capacity within minutes.
const PATIENCE: u32 = 8;

/// Reads the table of the list.
pub(super) async fn read(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    let (list, aws) = (reading.list, reading.aws);
    let region = match &list.region {
        Some(region) => Region(region.clone()),
        None => aws.region().clone(),
    };
    let name = list.table.as_deref().unwrap_or_default();
    let stated = format!("the table {name} of DynamoDB in {region}");
    let table = Table::new(
        aws,
        &region,
        name,
        list.attributes.as_deref().unwrap_or_default(),
        list.owner_attribute.as_deref(),
        list.consistent.unwrap_or_default(),
    );
    let mut intake = reading.live_intake(&stated);
    let segments = (0..SEGMENTS).map(|number| {
        let segment = Segment {
            number,
            of: SEGMENTS,
        };
        pages(&table, aws, segment, reading.meter).boxed()
    });
    let mut pages = stream::select_all(segments);
    while let Some(page) = pages
        .try_next()
        .await
        .map_err(|problem| failed(reading, &stated, problem))?
    {
        for item in &page {
            let ids: Vec<&str> = item.ids.iter().map(String::as_str).collect();
            let row = Row {
                ids: &ids,
                owner: item.owner.as_deref(),
                malformed: false,
            };
            let held: Vec<&str> = item.held.iter().map(String::as_str).collect();
            let torn = Torn {
                fields: &held,
                separator: None,
                names: item.names,
            };
            let taken = if item.malformed {
                intake.torn(&row, &torn)
            } else {
                intake.row(&row)
            };
            taken.map_err(|fault| reading.fault(&stated, fault))?;
        }
        reading.rows.set(intake.rows());
    }
    reading.finish(intake, &stated)
}

/// The pages of a segment. DynamoDB may return an empty page that is not the last.
fn pages<'t>(
    table: &'t Table,
    aws: &'t Aws,
    segment: Segment,
    meter: &'t Meter,
) -> impl Stream<Item = Result<Vec<Item>, Problem>> + Send + 't {
    stream::try_unfold(Some(None), move |state| async move {
        let Some(after) = state else {
            return Ok(None);
        };
        let mut throttled = 0;
        let page: Page = loop {
            match table.scan(aws, segment, Clone::clone(&after), meter).await {
                Err(problem) if problem.kind == ProblemKind::Throttled && throttled < PATIENCE => {
                    let pause = Duration::from_secs(1 << throttled.min(4));
                    throttled += 1;
                    tokio::time::sleep(pause).await;
                }
                answered => break answered?,
            }
        };
        Ok(Some((page.items, page.next.map(Some))))
    })
}

/// Converts an error of the table to one of the list.
fn failed(reading: &Reading<'_>, stated: &str, problem: Problem) -> NoRegistry {
    let mut told = reading.unreachable(stated, problem.kind, &problem.message, &problem.advice);
    told.problem.code = problem.code;
    told.problem.permission = problem.permission;
    told.problem.request_id = problem.request_id;
    told
}
