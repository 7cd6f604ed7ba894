//! The ids of all findings: what can be asked for, and accepted, by name.

/// Every id, in the order of the alphabet.
pub(crate) const IDS: &[&str] = &[
    "acceptance-expired",
    "access-point-block-off",
    "access-point-public",
    "acl-enabled",
    "alarm-counts-one-class",
    "alarm-never-has-data",
    "alarm-on-billing",
    "alarm-other-region",
    "alarm-without-bucket",
    "alarm-wrong-statistic",
    "blueprint-drift",
    "bucket-key-without-kms",
    "cache-outlives-object",
    "cors-missing-origin",
    "cors-wildcard",
    "cross-account-grant",
    "delete-markers-useless",
    "derived-key-collision",
    "derived-leaves-copies",
    "encryption-expected-kms",
    "encryption-type-blocked",
    "incomplete-uploads-never-abort",
    "lifecycle-minimum-stay",
    "lifecycle-missing",
    "lifecycle-object-uncovered",
    "lifecycle-rule-matches-nothing",
    "lifecycle-too-small",
    "lifecycle-transition-overdue",
    "log-bucket-without-grant",
    "logging-off",
    "logging-stale",
    "logging-unusable",
    "noncurrent-never-expire",
    "notification-missing",
    "notification-recursive",
    "object-key-differs",
    "object-lock-blocks-erasure",
    "object-unencrypted",
    "public-access-block-off",
    "public-list",
    "public-metadata",
    "public-policy-blocked",
    "public-read",
    "public-takeover",
    "public-unless",
    "public-verdict-differs",
    "public-write",
    "public-write-other",
    "replica-missing",
    "replication-kms-not-selected",
    "replication-leaves-copies",
    "replication-rules-conflict",
    "replication-setting-ignored",
    "replication-stopped",
    "tls-not-required",
    "tls-version-low",
    "unknown-permission",
    "versioning-off",
];

/// The id of this name, if there is one.
#[must_use]
pub(crate) fn id(name: &str) -> Option<&'static str> {
    IDS.iter().find(|known| **known == name).copied()
}

/// The id that a mistyped name was most likely meant to be: the one that it goes along with longest.
#[must_use]
pub(crate) fn nearest(name: &str) -> &'static str {
    let alike = |known: &str| {
        let both = known.bytes().zip(name.bytes());
        both.take_while(|(a, b)| a == b).count()
    };
    let found = IDS.iter().rev().max_by_key(|known| alike(known));
    found.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_sorted_and_each_is_there_once() {
        assert!(IDS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn each_finding_has_its_section_in_the_documents() {
        let document = include_str!("../../../docs/findings.md");
        let sections = document.lines().filter_map(|line| line.strip_prefix("## "));
        assert_eq!(sections.collect::<Vec<_>>(), IDS);
        let labels = [
            "Severity",
            "When",
            "Evidence",
            "Why it matters",
            "What to do",
        ];
        for section in document.split("\n## ").skip(1) {
            let mut lines = section.lines().filter(|line| line.starts_with("- **"));
            for label in labels {
                let line = lines.next().unwrap_or_default();
                assert!(line.starts_with(&format!("- **{label}:** ")), "{section}");
            }
        }
    }

    #[test]
    fn a_slip_of_the_finger_finds_what_was_meant() {
        assert_eq!(id("tls-not-required"), Some("tls-not-required"));
        assert_eq!(id("tls-not-requierd"), None);
        assert_eq!(nearest("tls-not-requierd"), "tls-not-required");
        assert_eq!(nearest("public-acces-block-off"), "public-access-block-off");
    }
}
