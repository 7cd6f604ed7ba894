//! Which controls of published frameworks a finding relates to.
//!
//! A control that stands beside a finding asks for something that the finding speaks of. That is all it says: whether
//! somebody complies with a framework, no program can tell. Which requirement an FSBP control relates to is what AWS says
//! in the *AWS Security Hub CSPM User Guide*, controls for Amazon S3, "Related requirements"; the articles of the GDPR are
//! our own reading. Texts of the frameworks are not repeated here.

/// A framework of controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Framework {
    /// How references begin: `FSBP`.
    pub short: &'static str,
    pub name: &'static str,
    /// The version whose numbers are used.
    pub version: &'static str,
}

/// The frameworks, in the order in which a finding names them.
pub(crate) const FRAMEWORKS: [Framework; 4] = [
    Framework {
        short: "FSBP",
        name: "AWS Foundational Security Best Practices",
        version: "1.0.0",
    },
    Framework {
        short: "CIS",
        name: "CIS Amazon Web Services Foundations Benchmark",
        version: "5.0.0",
    },
    Framework {
        short: "PCI DSS",
        name: "Payment Card Industry Data Security Standard",
        version: "4.0.1",
    },
    Framework {
        short: "GDPR",
        name: "General Data Protection Regulation",
        version: "(EU) 2016/679",
    },
];

/// A control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Control {
    pub framework: &'static Framework,
    /// Its number there: `S3.5`, `Art. 32(1)(a)`.
    pub number: &'static str,
}

const PUBLIC_READ: &[&str] = &[
    "FSBP S3.2",
    "FSBP S3.8",
    "CIS 2.1.4",
    "PCI DSS 1.4.4",
    "GDPR Art. 32(1)(b)",
];
const PUBLIC_WRITE: &[&str] = &[
    "FSBP S3.3",
    "FSBP S3.8",
    "CIS 2.1.4",
    "PCI DSS 1.4.4",
    "GDPR Art. 32(1)(b)",
];
const ACCESS_LOG: &[&str] = &["FSBP S3.9", "PCI DSS 10.2.1"];
const IN_TRANSIT: &[&str] = &[
    "FSBP S3.5",
    "CIS 2.1.1",
    "PCI DSS 4.2.1",
    "GDPR Art. 32(1)(a)",
];
const AT_REST: &[&str] = &["FSBP S3.17", "PCI DSS 3.5.1", "GDPR Art. 32(1)(a)"];
const STORED_FOR_EVER: &[&str] = &["FSBP S3.13", "GDPR Art. 5(1)(e)"];
const ERASURE: &[&str] = &["GDPR Art. 17"];

/// Every finding by its id, and the controls that it relates to.
const BY_FINDING: &[(&str, &[&str])] = &[
    ("acceptance-expired", &[]),
    ("access-point-block-off", &["FSBP S3.19", "PCI DSS 1.4.4"]),
    (
        "access-point-public",
        &["FSBP S3.19", "PCI DSS 1.4.4", "GDPR Art. 32(1)(b)"],
    ),
    ("acl-enabled", &["FSBP S3.12"]),
    ("alarm-counts-one-class", &[]),
    ("alarm-never-has-data", &[]),
    ("alarm-on-billing", &[]),
    ("alarm-other-region", &[]),
    ("alarm-without-bucket", &[]),
    ("alarm-wrong-statistic", &[]),
    ("blueprint-drift", &[]),
    ("bucket-key-without-kms", &[]),
    ("cache-outlives-object", ERASURE),
    ("cors-missing-origin", &[]),
    ("cors-wildcard", &[]),
    ("cross-account-grant", &["FSBP S3.6", "GDPR Art. 32(1)(b)"]),
    ("delete-markers-useless", &[]),
    ("derived-key-collision", &[]),
    ("derived-leaves-copies", ERASURE),
    ("encryption-expected-kms", AT_REST),
    ("encryption-type-blocked", &[]),
    ("incomplete-uploads-never-abort", STORED_FOR_EVER),
    ("lifecycle-minimum-stay", &[]),
    ("lifecycle-missing", STORED_FOR_EVER),
    ("lifecycle-object-uncovered", STORED_FOR_EVER),
    ("lifecycle-rule-matches-nothing", &["FSBP S3.13"]),
    ("lifecycle-too-small", &[]),
    ("lifecycle-transition-overdue", &["FSBP S3.13"]),
    ("log-bucket-without-grant", ACCESS_LOG),
    ("logging-off", ACCESS_LOG),
    ("logging-stale", ACCESS_LOG),
    ("logging-unusable", ACCESS_LOG),
    (
        "noncurrent-never-expire",
        &["FSBP S3.10", "GDPR Art. 5(1)(e)"],
    ),
    ("notification-missing", &["FSBP S3.11"]),
    ("notification-recursive", &[]),
    ("object-key-differs", AT_REST),
    (
        "object-lock-blocks-erasure",
        &["FSBP S3.15", "PCI DSS 10.5.1", "GDPR Art. 17"],
    ),
    ("object-unencrypted", AT_REST),
    (
        "public-access-block-off",
        &["FSBP S3.1", "FSBP S3.8", "CIS 2.1.4", "PCI DSS 1.4.4"],
    ),
    ("public-list", PUBLIC_READ),
    ("public-metadata", PUBLIC_READ),
    ("public-policy-blocked", &["FSBP S3.8", "CIS 2.1.4"]),
    ("public-read", PUBLIC_READ),
    ("public-takeover", PUBLIC_WRITE),
    ("public-unless", PUBLIC_READ),
    ("public-verdict-differs", &["FSBP S3.2"]),
    ("public-write", PUBLIC_WRITE),
    ("public-write-other", PUBLIC_WRITE),
    ("replica-missing", &["FSBP S3.7"]),
    ("replication-kms-not-selected", &["FSBP S3.7"]),
    ("replication-leaves-copies", ERASURE),
    ("replication-rules-conflict", &[]),
    ("replication-setting-ignored", &[]),
    ("replication-stopped", &["FSBP S3.7"]),
    ("tls-not-required", IN_TRANSIT),
    ("tls-version-low", IN_TRANSIT),
    ("unknown-permission", &[]),
    ("versioning-off", &["FSBP S3.14"]),
];

/// What a finding relates to, as references: `FSBP S3.5`. Nothing for an id that is none.
#[must_use]
pub(crate) fn references(finding: &str) -> &'static [&'static str] {
    let mut all = BY_FINDING.iter();
    let found = all.find(|(id, _)| *id == finding);
    found.map_or(&[], |(_, references)| references)
}

/// What a finding relates to.
pub(crate) fn of(finding: &str) -> impl Iterator<Item = Control> {
    let references = references(finding).iter();
    references.filter_map(|reference| {
        let mut frameworks = FRAMEWORKS.iter();
        frameworks.find_map(|framework| {
            let number = reference.strip_prefix(framework.short)?.strip_prefix(' ')?;
            Some(Control { framework, number })
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::ids::IDS;
    use super::*;

    #[test]
    fn every_finding_says_what_it_relates_to_and_each_reference_is_of_a_framework() {
        let listed: Vec<&str> = BY_FINDING.iter().map(|(id, _)| *id).collect();
        assert_eq!(listed, IDS);
        for (id, references) in BY_FINDING {
            assert_eq!(of(id).count(), references.len(), "{id}: {references:?}");
        }
    }

    #[test]
    fn a_reference_is_split_into_its_framework_and_its_number() {
        let all = of("tls-not-required");
        let all: Vec<_> = all.map(|one| (one.framework.short, one.number)).collect();
        let expected = [
            ("FSBP", "S3.5"),
            ("CIS", "2.1.1"),
            ("PCI DSS", "4.2.1"),
            ("GDPR", "Art. 32(1)(a)"),
        ];
        assert_eq!(all, expected);
        assert_eq!(of("no-such-finding").count(), 0);
    }

    /// The table between these lines of the document.
    #[test]
    fn the_document_has_this_table() {
        let mut table = String::from("| Finding |");
        for framework in &FRAMEWORKS {
            write!(table, " {} {} |", framework.short, framework.version).unwrap();
        }
        table.push_str("\n| --- | --- | --- | --- | --- |\n");
        for id in IDS {
            let of_framework = |framework: &Framework| {
                let numbers = of(id).filter(|one| one.framework == framework);
                numbers.map(|one| one.number).collect::<Vec<_>>().join(", ")
            };
            let cells: Vec<String> = FRAMEWORKS.iter().map(of_framework).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                writeln!(table, "| `{id}` | {} |", cells.join(" | ")).unwrap();
            }
        }
        let document = include_str!("../../../docs/controls.md");
        assert!(
            document.contains(&table),
            "docs/controls.md lacks:\n{table}"
        );
    }
}
