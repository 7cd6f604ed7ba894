//! What an audit found in a bucket, as it stands in its row.

use std::cmp::Ordering;

use crate::ops::audit::{Finding, Severity};
use crate::tasks::{AuditDepth, BucketAudit};

/// How many findings of each severity a bucket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Severities([u64; Severity::ALL.len()]);

impl Severities {
    fn place(severity: Severity) -> usize {
        Severity::ALL
            .iter()
            .position(|one| *one == severity)
            .unwrap_or_default()
    }

    /// Counts one.
    pub(crate) fn add(&mut self, severity: Severity) {
        if let Some(count) = self.0.get_mut(Self::place(severity)) {
            *count += 1;
        }
    }

    /// Counts those of another bucket.
    pub(crate) fn merge(&mut self, other: Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// How many there are of one.
    #[must_use]
    pub(crate) fn of(self, severity: Severity) -> u64 {
        self.0
            .get(Self::place(severity))
            .copied()
            .unwrap_or_default()
    }

    /// How many there are that something should be done about.
    #[must_use]
    pub(crate) fn faults(self) -> u64 {
        self.0.iter().skip(1).sum()
    }

    /// The worst that there is and how many of it; none when nothing has to be done.
    #[must_use]
    pub(crate) fn worst(self) -> Option<(Severity, u64)> {
        let worst = Severity::ALL
            .into_iter()
            .rev()
            .find(|one| self.of(*one) > 0)?;
        (worst > Severity::Info).then(|| (worst, self.of(worst)))
    }

    /// Worse is greater: the most severe kind decides, then the next.
    #[must_use]
    pub(crate) fn compare(self, other: Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

/// What an audit found in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    /// How many of each severity.
    pub severities: Severities,
    /// The worst finding: how bad, and what is so, not yet made safe to show.
    pub worst: Option<(Severity, String)>,
    /// Why there may be more than was found, in words; none when every question was answered.
    pub gap: Option<String>,
    /// How far the audit went.
    pub depth: AuditDepth,
}

impl From<&BucketAudit> for Judged {
    fn from(audit: &BucketAudit) -> Self {
        let mut severities = Severities::default();
        for finding in &audit.findings {
            severities.add(finding.severity);
        }
        let worst = |finding: &Finding| (finding.severity, finding.message.clone());
        Self {
            severities,
            worst: audit
                .findings
                .iter()
                .filter(|finding| finding.severity > Severity::Info)
                .max_by_key(|finding| finding.severity)
                .map(worst),
            gap: audit.gap.clone(),
            depth: audit.depth,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severities(of: &[Severity]) -> Severities {
        let mut severities = Severities::default();
        for severity in of {
            severities.add(*severity);
        }
        severities
    }

    #[test]
    fn one_critical_finding_is_worse_than_many_of_less() {
        use Severity::{Critical, High, Medium};
        let one = severities(&[Critical]);
        let many = severities(&[High, High, Medium]);
        assert_eq!(one.compare(many), Ordering::Greater);
        assert_eq!(many.worst(), Some((High, 2)));
    }

    #[test]
    fn what_is_merely_worth_knowing_is_no_fault() {
        let known = severities(&[Severity::Info, Severity::Info]);
        assert_eq!((known.faults(), known.worst()), (0, None));
        assert_eq!(known.of(Severity::Info), 2);
    }

    #[test]
    fn a_fleet_has_the_findings_of_all_its_buckets() {
        let mut fleet = severities(&[Severity::High]);
        fleet.merge(severities(&[Severity::High, Severity::Low]));
        assert_eq!((fleet.of(Severity::High), fleet.faults()), (2, 3));
    }
}
