//! Finds changes on this computer that were started but not finished: purges, soft purges, undos, acts on orphans.

use std::io;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::store::Store;
use super::{journal, plans};
use crate::domain::change::{Header, Subject};
use crate::domain::size::whole;

/// A change that can be resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The path of its plan.
    pub plan: PathBuf,
    /// The first line of the plan, which is not trusted.
    pub header: Header,
    /// When it was started.
    pub began: Option<DateTime<Utc>>,
    /// Number of items that were sent, with or without a response.
    pub sent: u64,
    /// Whether a process is carrying it out now.
    pub is_under_way: bool,
}

impl Unfinished {
    /// The user, if it is about one.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.header.subject.user()
    }

    /// The bucket, if it is about orphans.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        match &self.header.subject {
            Subject::Orphans { bucket } => Some(bucket),
            Subject::User { .. } => None,
        }
    }
}

/// Finds journals whose plan has no receipt yet, newest first. Unreadable journals are skipped. The plan itself is
/// checked when somebody resumes it.
///
/// # Errors
/// If the folder cannot be read.
pub fn unfinished(store: &Store) -> io::Result<Vec<Unfinished>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(store.purges())? {
        let name = entry?.file_name();
        let case = name
            .to_str()
            .and_then(|name| name.strip_suffix(journal::ENDING));
        if let Some(case) = case
            && let Some(one) = look(store, case)
        {
            found.push(one);
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.began));
    Ok(found)
}

fn look(store: &Store, case: &str) -> Option<Unfinished> {
    let (receipt, _) = store.receipt_files(case);
    if receipt.exists() {
        return None;
    }
    let plan = store.plan_file(case);
    let header = plans::header(store, &plan)?;
    let journal = store.open_untrusted(&store.journal_file(case)).ok()?;
    let is_under_way = journal.try_lock_shared().is_err();
    let past = journal::past(&journal).ok()?;
    Some(Unfinished {
        plan,
        header,
        began: past.began,
        sent: whole(past.sent.len()),
        is_under_way,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Act, Existence, Operator, plan::FORMAT};

    fn begin(store: &Store, case: &str, subject: Subject, act: Act) {
        let at = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let header = Header {
            format: FORMAT.to_owned(),
            case: case.to_owned(),
            subject,
            act,
            made_at: at,
            tool: String::new(),
            operator: Operator {
                account: String::new(),
                arn: String::new(),
                source: None,
            },
            endpoint: None,
            blueprint: "pilotforce".to_owned(),
            blueprint_sha256: String::new(),
            regions: std::collections::BTreeMap::new(),
            existence: Existence::NotChecked,
            not_searched: Vec::new(),
            contested: Vec::new(),
            other_buckets: None,
            annotations: None,
            record_list: None,
        };
        let line = serde_json::to_string(&header).unwrap() + "\n";
        std::fs::write(store.plan_file(case), line).unwrap();
        let began = serde_json::json!({ "line": "began", "plan_sha256": "", "at": at });
        std::fs::write(store.journal_file(case), format!("{began}\n")).unwrap();
    }

    #[test]
    fn every_change_that_was_begun_can_go_on_until_it_has_a_receipt() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let user = || Subject::User { id: "u".into() };
        let orphans = || Subject::Orphans { bucket: "b".into() };
        let undo = Act::Unmark { case: "c".into() };
        begin(&store, "delete", user(), Act::Delete);
        begin(&store, "hide", user(), Act::Mark);
        begin(&store, "undo", user(), undo);
        begin(&store, "aside", orphans(), Act::CopyAside);
        begin(&store, "done", user(), Act::Mark);
        std::fs::write(store.receipt_files("done").0, "").unwrap();
        let found = unfinished(&store).unwrap();
        let of = |is: fn(&Unfinished) -> bool| {
            let cases = found.iter().filter(|one| is(one));
            let mut cases: Vec<&str> = cases.map(|one| one.header.case.as_str()).collect();
            cases.sort_unstable();
            cases
        };
        assert_eq!(
            of(|one| one.user() == Some("u")),
            ["delete", "hide", "undo"]
        );
        assert_eq!(of(|one| one.bucket() == Some("b")), ["aside"]);
    }
}
