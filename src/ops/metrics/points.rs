//! Reads the points of any number of metrics, in batches of the maximum size, with all pages.

use chrono::{DateTime, Utc};
use futures::future::join_all;

use super::follows;
use crate::aws::wire::cloudwatch::{self, Outcome, QUERIES, Query};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::Region;
use crate::domain::advice::advice;
use crate::ops::{Gate, Meter};

/// The points of a metric, in no order.
pub(super) type Points = Vec<(DateTime<Utc>, f64)>;

/// The result of one query.
pub(super) type Answer = Result<Points, Problem>;

/// Reads the points of all queries, in order. If a batch fails, only its own queries fail.
pub(super) async fn read(
    aws: &Aws,
    region: &Region,
    queries: &[Query],
    window: [DateTime<Utc>; 2],
    gate: &Gate,
    meter: &Meter,
) -> Vec<Answer> {
    let batches = queries
        .chunks(QUERIES)
        .map(|batch| read_batch(aws, region, batch, window, gate, meter));
    join_all(batches).await.into_iter().flatten().collect()
}

async fn read_batch(
    aws: &Aws,
    region: &Region,
    batch: &[Query],
    window: [DateTime<Utc>; 2],
    gate: &Gate,
    meter: &Meter,
) -> Vec<Answer> {
    let mut gathered = Gathered::new(batch.len());
    let mut token: Option<String> = None;
    loop {
        let asked = cloudwatch::points(aws, region, batch, window, token.as_deref(), meter);
        let followed = match gate.pass(asked).await {
            Err(problem) => Err(problem),
            Ok(page) => {
                for row in page.rows {
                    gathered.add(row.query, row.points, row.outcome);
                }
                follows(
                    "read the metrics of the buckets in",
                    region,
                    token.as_deref(),
                    page.next,
                )
            }
        };
        match followed {
            // The first pages alone may be incomplete for any query.
            Err(problem) => return vec![Err(problem); batch.len()],
            Ok(None) => return gathered.finish(region),
            Ok(Some(next)) => token = Some(next),
        }
    }
}

/// The points of a batch, collected from its pages.
#[derive(Debug)]
struct Gathered {
    queries: Vec<(Points, Option<Outcome>)>,
}

impl Gathered {
    fn new(queries: usize) -> Self {
        Self {
            queries: vec![(Vec::new(), None); queries],
        }
    }

    fn add(&mut self, query: usize, points: Vec<(DateTime<Utc>, f64)>, outcome: Outcome) {
        if let Some((all, last)) = self.queries.get_mut(query) {
            all.extend(points);
            // A failure on one page stays a failure.
            if !matches!(last, Some(Outcome::Failed(_))) {
                *last = Some(outcome);
            }
        }
    }

    /// Called after the last page: a query without a complete result is unknown.
    fn finish(self, region: &Region) -> Vec<Answer> {
        let failed = |why: &str| {
            Err(Problem::new(
                "read the metrics of the buckets in",
                region.as_str(),
                ProblemKind::Unavailable,
                why,
                advice!("try again in a moment"),
            ))
        };
        self.queries
            .into_iter()
            .map(|(points, outcome)| match outcome {
                Some(Outcome::Complete) => Ok(points),
                Some(Outcome::Partial) => {
                    failed("the service told a part of the points and no more")
                }
                Some(Outcome::Failed(why)) => failed(&format!("the service answered {why}")),
                None => failed("the service did not answer the question"),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(n: i64) -> (DateTime<Utc>, f64) {
        (DateTime::from_timestamp(n * 86_400, 0).unwrap(), 1.0)
    }

    fn region() -> Region {
        Region("us-east-1".to_owned())
    }

    #[test]
    fn pages_of_one_query_are_put_together() {
        let mut gathered = Gathered::new(1);
        gathered.add(0, vec![point(2)], Outcome::Partial);
        gathered.add(0, vec![point(1)], Outcome::Complete);
        assert_eq!(gathered.finish(&region()), [Ok(vec![point(2), point(1)])]);
    }

    #[test]
    fn a_query_that_was_not_answered_to_its_end_is_unknown_rather_than_short() {
        let mut gathered = Gathered::new(4);
        gathered.add(0, vec![point(1)], Outcome::Partial);
        gathered.add(
            1,
            vec![point(1)],
            Outcome::Failed("InternalError".to_owned()),
        );
        gathered.add(1, vec![], Outcome::Complete);
        gathered.add(3, vec![], Outcome::Complete);
        let answers = gathered.finish(&region());
        assert!(answers[0].is_err() && answers[1].is_err() && answers[2].is_err());
        assert_eq!(answers[3], Ok(vec![]));
    }

    proptest! {
        /// Each point is assigned to its own query once, for any division into pages.
        #[test]
        fn every_point_finds_its_query_however_pages_are_cut(
            lengths in prop::collection::vec(0_i64..20, 1..40), page in 1_usize..50
        ) {
            let all: Vec<(usize, i64)> = lengths
                .iter()
                .enumerate()
                .flat_map(|(query, length)| (0..*length).map(move |n| (query, n)))
                .collect();
            let mut gathered = Gathered::new(lengths.len());
            let mut told = vec![0; lengths.len()];
            for cut in all.chunks(page) {
                for (query, n) in cut {
                    told[*query] += 1;
                    let is_last = told[*query] == lengths[*query];
                    let outcome = if is_last { Outcome::Complete } else { Outcome::Partial };
                    gathered.add(*query, vec![point(*n)], outcome);
                }
            }
            for (query, length) in lengths.iter().enumerate() {
                if *length == 0 {
                    gathered.add(query, Vec::new(), Outcome::Complete);
                }
            }
            for (answer, length) in gathered.finish(&region()).into_iter().zip(&lengths) {
                let points = answer.unwrap();
                let expected: Vec<_> = (0..*length).map(point).collect();
                prop_assert_eq!(points, expected);
            }
        }

        #[test]
        fn no_call_has_more_queries_than_cloudwatch_takes_and_none_is_left_out(queries in 0_usize..3000) {
            let all: Vec<usize> = (0..queries).collect();
            let batches: Vec<&[usize]> = all.chunks(QUERIES).collect();
            prop_assert!(batches.iter().all(|batch| (1..=500).contains(&batch.len())));
            prop_assert_eq!(batches.len(), queries.div_ceil(500));
            prop_assert_eq!(batches.concat(), all);
        }
    }
}
