//! Removes other plans of a user after a verified purge, because each contains the user's id and keys.
//!
//! A plan in the state folder is removed unless it is in progress. A plan elsewhere is the operator's own file: its
//! path was [recorded](remember) when it was made, and it is only reported.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::journal;
use super::store::Store;
use crate::config::private;
use crate::domain::change::{Act, Header, Plan};
use crate::domain::receipt::Secret;

/// Longer than the first line of any plan.
const LONGEST_HEADER: u64 = 1 << 20;

/// The other plans of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OtherPlans {
    /// Removed plans.
    pub removed: Vec<PathBuf>,
    /// Plans that still exist: elsewhere, or in progress.
    pub left: Vec<PathBuf>,
}

/// The record of a plan outside the state folder. It names nobody.
#[derive(Debug, Serialize, Deserialize)]
struct Elsewhere {
    plan: PathBuf,
    subject_hmac: String,
    endpoint: Option<String>,
    account: String,
}

/// Records the path of a plan outside the state folder.
///
/// # Errors
/// I/O errors.
pub fn remember(store: &Store, header: &Header, file: &Path) -> io::Result<()> {
    let note = Elsewhere {
        plan: std::path::absolute(file)?,
        subject_hmac: store.secret()?.subject(&header.subject),
        endpoint: header.endpoint.clone(),
        account: header.operator.account.clone(),
    };
    private::replace(&store.elsewhere_file(&header.case), |to| {
        to.write_all(serde_json::to_string(&note)?.as_bytes())
    })
}

/// The first line of a plan in the state folder, if readable. It is not trusted.
pub(super) fn header(store: &Store, plan: &Path) -> Option<Header> {
    let file = store.open_untrusted(plan).ok()?;
    let mut line = String::new();
    BufReader::new(Read::take(file, LONGEST_HEADER))
        .read_line(&mut line)
        .ok()?;
    serde_json::from_str(&line).ok()
}

/// Removes the other plans of a user after a verified purge, and reports those that stay.
///
/// # Errors
/// I/O errors of the folder, of a plan that cannot be removed, or of the audit log.
pub(super) fn forget_others(store: &Store, secret: &Secret, done: &Plan) -> io::Result<OtherPlans> {
    let mut others = OtherPlans::default();
    let of = &done.header;
    if of.act != Act::Delete || of.subject.user().is_none() {
        return Ok(others);
    }
    for case in store.cases_with_plans()? {
        let plan = store.plan_file(&case);
        let is_the_users = |header: &Header| {
            (&header.subject, &header.endpoint, &header.operator.account)
                == (&of.subject, &of.endpoint, &of.operator.account)
        };
        if case == of.case || !header(store, &plan).is_some_and(|header| is_the_users(&header)) {
            continue;
        }
        if !is_idle(store, &case) {
            others.left.push(plan);
            continue;
        }
        std::fs::remove_file(&plan)?;
        let journal = std::fs::remove_file(store.journal_file(&case));
        if let Err(error) = journal
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let detail = json!({ "of": case });
        store.audit().append(&of.case, "plan-forgotten", detail)?;
        others.removed.push(plan);
    }
    let hmac = secret.subject(&of.subject);
    for case in store.cases_with_plans_elsewhere()? {
        let file = store.elsewhere_file(&case);
        let note = store.read_untrusted(&file).ok();
        let note = note.and_then(|text| serde_json::from_str::<Elsewhere>(&text).ok());
        let Some(note) = note else { continue };
        if (&note.subject_hmac, &note.endpoint, &note.account)
            != (&hmac, &of.endpoint, &of.operator.account)
        {
            continue;
        }
        if note.plan.symlink_metadata().is_ok() {
            others.left.push(note.plan);
        } else {
            std::fs::remove_file(&file)?;
        }
    }
    Ok(others)
}

/// Whether a case is not in progress, and no test object of it is left in a bucket (only the journal records those).
fn is_idle(store: &Store, case: &str) -> bool {
    let journal = match store.open_untrusted(&store.journal_file(case)) {
        Ok(journal) => journal,
        Err(error) => return error.kind() == io::ErrorKind::NotFound,
    };
    journal.try_lock_shared().is_ok()
        && journal::past(&journal).is_ok_and(|past| past.probes.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::change::{Existence, Operator, Subject, plan::FORMAT};

    fn plan(case: &str, user: &str, endpoint: Option<&str>, account: &str) -> Plan {
        let header = Header {
            format: FORMAT.to_owned(),
            case: case.repeat(32),
            subject: Subject::User { id: user.into() },
            act: Act::Delete,
            made_at: chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap(),
            tool: String::new(),
            operator: Operator {
                account: account.to_owned(),
                arn: String::new(),
                source: None,
            },
            endpoint: endpoint.map(str::to_owned),
            blueprint: String::new(),
            blueprint_sha256: String::new(),
            regions: BTreeMap::new(),
            existence: Existence::NotChecked,
            not_searched: Vec::new(),
            contested: Vec::new(),
            other_buckets: None,
            annotations: None,
            record_list: None,
        };
        Plan {
            header,
            items: Vec::new(),
        }
    }

    fn keep(store: &Store, plan: &Plan) -> PathBuf {
        let file = store.plan_file(&plan.header.case);
        plan.write(std::fs::File::create(&file).unwrap()).unwrap();
        file
    }

    #[test]
    fn the_plans_of_a_purged_user_go_and_those_of_others_stay() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let secret = store.secret().unwrap();
        let done = plan("0", "ada", None, "1");
        let dry_run = keep(&store, &plan("1", "ada", None, "1"));
        let mine = keep(&store, &done);
        let others = [
            keep(&store, &plan("2", "ada2", None, "1")),
            keep(&store, &plan("3", "ada", Some("http://e"), "1")),
            keep(&store, &plan("4", "ada", None, "2")),
        ];
        let under_way = plan("5", "ada", None, "1");
        let held = keep(&store, &under_way);
        let journal = store.journal_file(&under_way.header.case);
        let _journal = journal::Journal::begin(&journal, "", under_way.header.made_at);
        let forgotten = forget_others(&store, &secret, &done).unwrap();
        assert_eq!(forgotten.removed, std::slice::from_ref(&dry_run));
        assert_eq!(forgotten.left, std::slice::from_ref(&held));
        assert!(!dry_run.exists() && mine.exists() && held.exists());
        assert!(others.iter().all(|other| other.exists()));
    }

    #[test]
    fn a_plan_that_was_written_elsewhere_is_named_and_left() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let secret = store.secret().unwrap();
        let dry_run = plan("1", "ada-lovelace", None, "1");
        let file = home.path().join("mine.jsonl");
        dry_run
            .write(std::fs::File::create(&file).unwrap())
            .unwrap();
        remember(&store, &dry_run.header, &file).unwrap();
        let note = std::fs::read_to_string(store.elsewhere_file(&dry_run.header.case)).unwrap();
        assert!(!note.contains("ada-lovelace"), "{note}");
        let forget = |user| forget_others(&store, &secret, &plan("0", user, None, "1")).unwrap();
        assert_eq!(forget("ben"), OtherPlans::default());
        assert_eq!(forget("ada-lovelace").left, std::slice::from_ref(&file));
        assert!(file.exists());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(forget("ada-lovelace"), OtherPlans::default());
        assert!(!store.elsewhere_file(&dry_run.header.case).exists());
    }
}
