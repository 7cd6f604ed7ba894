//! Formats a receipt as a Markdown page for people.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Amount, Outcome, Receipt};
use crate::domain::change::Act;
use crate::domain::search::OtherBuckets;
use crate::domain::{ByteSize, size::grouped};
use crate::domain::{text, words};

#[must_use]
pub(crate) fn page(receipt: &Receipt) -> String {
    let mut page = String::new();
    head(&mut page, receipt);
    table(&mut page, receipt);
    exceptions(&mut page, receipt);
    if let Some(annotations) = &receipt.annotations {
        let _ = writeln!(
            page,
            "\nAnnotations, as planned: {}.",
            escaped(&annotations.words())
        );
    }
    other_buckets(&mut page, receipt);
    let _ = writeln!(
        page,
        "\n## Seal\n\n- Items: {}, Merkle root `{}`\n- Digest: `{}`\n- Audit log before: `{}`\n- Key: `{}`\n\n\
         The file beside this page is what counts; `s3warden receipt verify` checks it. It shows damage and partial \
         edits, not an operator who rewrites everything.",
        leaves(receipt.items.len()),
        receipt.merkle_root,
        receipt.digest,
        receipt.audit_head,
        receipt.key_id,
    );
    page
}

fn leaves(items: usize) -> String {
    match items {
        1 => "1 leaf".to_owned(),
        items => format!("{} leaves", grouped(items)),
    }
}

fn head(page: &mut String, receipt: &Receipt) {
    let endpoint = receipt.endpoint.as_deref().unwrap_or("AWS");
    let lines = [
        ("Case", receipt.case.clone()),
        ("Subject", receipt.subject.clone()),
        ("Subject (HMAC-SHA256)", receipt.subject_hmac.clone()),
        ("Operator", receipt.operator.words()),
        ("Account", receipt.operator.account.clone()),
        ("Endpoint", endpoint.to_owned()),
        (
            "Blueprint",
            format!("{}, {}", receipt.blueprint, receipt.blueprint_sha256),
        ),
        ("Planned", time(receipt.planned_at)),
        ("Began", time(receipt.began_at)),
        ("Listed again", time(receipt.verified_at)),
        ("Program", format!("s3warden {}", receipt.tool)),
    ];
    let title = match receipt.act {
        Act::Delete => "Receipt of a purge",
        Act::Mark => "Receipt of a soft purge: hidden, and not deleted",
        Act::Unmark { .. } => "Receipt of a soft purge that was undone",
        Act::Tag { .. } | Act::CopyAside => "Receipt of a quarantine",
        Act::Untag | Act::CopyBack => "Receipt of a restore from quarantine",
    };
    let _ = writeln!(page, "# {title}\n");
    for (name, value) in lines {
        let _ = writeln!(page, "- {name}: {}", escaped(&value));
    }
    if let Act::Unmark { case } = &receipt.act {
        let _ = writeln!(page, "- Undoes the case: {}", escaped(case));
    }
    if let Some(given) = &receipt.subject_as_given {
        let _ = writeln!(page, "- Subject as given: {}", escaped(given));
    }
    if let Some(existence) = &receipt.existence {
        let _ = writeln!(
            page,
            "- Does the user still exist? {}",
            escaped(&existence.words())
        );
    }
    if let Some(reason) = &receipt.owner_still_exists {
        let _ = writeln!(
            page,
            "- Purged although the user exists: {}",
            escaped(reason)
        );
    }
    for note in &receipt.conditions {
        let bucket = escaped(&note.bucket);
        let _ = match &note.why {
            None => writeln!(
                page,
                "- Conditions: {bucket} was shown to heed them, on an object of our own"
            ),
            Some(why) => writeln!(
                page,
                "- Conditions: {bucket} was not shown to heed them: {}",
                escaped(why)
            ),
        };
        if let Some(left) = &note.left {
            let left = escaped(left);
            let _ = writeln!(page, "- An object of our own is left in {bucket}: {left}");
        }
    }
    if let Some(window) = &receipt.window {
        let _ = writeln!(page, "- Window: {}", escaped(window));
    }
}

fn table(page: &mut String, receipt: &Receipt) {
    let is_deletion = matches!(receipt.act, Act::Delete | Act::Unmark { .. });
    let done = if is_deletion {
        "deleted"
    } else {
        receipt.act.done()
    };
    // S3 does not report who deleted an object, so the word only says what is known.
    let capital = if receipt.act == Act::Delete {
        "Gone".to_owned()
    } else {
        capitalised(done)
    };
    let _ = writeln!(page, "\n## Buckets");
    if receipt.act == Act::Delete {
        let _ = writeln!(
            page,
            "\n**\"Gone\" does not say who deleted it.** It is what was there {}, what this purge then asked S3 to delete, \
             and what is not listed any more. S3 gives the same answer when something is gone already: a purge that ran \
             at the same time on another computer may count the same things. \"Gone before\" is what this purge did not \
             find, or what S3 said was not there.",
            receipt.seen_at.map_or_else(
                || "right before".to_owned(),
                |at| format!("when it looked right before, at {}", time(at))
            )
        );
    }
    let _ = writeln!(
        page,
        "\n| Bucket | Region | Planned | {capital} | Gone before | Retained | Still there |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: |"
    );
    for (bucket, counts) in &receipt.buckets {
        let done = if is_deletion {
            counts.deleted
        } else {
            counts.done
        };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            escaped(bucket),
            escaped(counts.region.as_deref().unwrap_or("?")),
            amount(counts.planned),
            amount(done),
            amount(counts.gone_before),
            amount(counts.retained),
            amount(counts.still_there),
        );
    }
    let _ = match receipt.act {
        Act::Delete => Ok(()),
        Act::Mark => writeln!(
            page,
            "\n\"Hidden\" is what was listed again and stands behind a delete marker. Nothing was deleted: these \
             versions are still stored, and so are older ones and uploads."
        ),
        Act::Unmark { .. } => writeln!(
            page,
            "\nWhat was planned and deleted here are delete markers: what they hid is current again."
        ),
        Act::Tag { .. } | Act::CopyAside | Act::Untag | Act::CopyBack => writeln!(
            page,
            "\n\"{capital}\" is what was looked at again and is so."
        ),
    };
    beside(page, receipt);
}

/// Lists the files next to the receipt that contain keys.
fn beside(page: &mut String, receipt: &Receipt) {
    let files = [
        (
            &receipt.markers,
            "delete marker",
            "made by this purge, for an undo",
        ),
        (
            &receipt.invalidation,
            "path",
            "that a CDN may still answer, to be invalidated there",
        ),
    ];
    if files.iter().all(|(file, ..)| file.is_none()) {
        return;
    }
    let _ = writeln!(page, "\n## Files beside this one, which hold keys\n");
    for (file, noun, what) in files {
        if let Some(file) = file {
            let _ = writeln!(
                page,
                "- {}: {} {what}. SHA-256 `{}`",
                escaped(&file.file),
                words::counted(file.entries, noun),
                escaped(&file.sha256)
            );
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

fn exceptions(page: &mut String, receipt: &Receipt) {
    let left: Vec<_> = receipt
        .items
        .iter()
        .filter(|item| matches!(item.outcome, Outcome::Retained | Outcome::StillThere))
        .collect();
    if left.is_empty() && receipt.not_searched.is_empty() && receipt.appeared == 0 {
        return;
    }
    let _ = writeln!(page, "\n## Exceptions\n");
    for item in left {
        let _ = writeln!(
            page,
            "- A {} in {}, {}: {}",
            item.kind,
            escaped(&item.bucket),
            ByteSize(item.bytes),
            escaped(item.reason.as_deref().unwrap_or("it did not succeed")),
        );
    }
    if receipt.appeared > 0 {
        let _ = writeln!(
            page,
            "- {} found that the plan does not hold, and left alone: make a new plan.",
            words::counted_were(receipt.appeared, "thing")
        );
    }
    for gap in &receipt.not_searched {
        let _ = writeln!(
            page,
            "- {}: {}: {}",
            capitalised(gap.label()),
            escaped(&gap.what),
            escaped(&gap.why)
        );
    }
}

/// Lists buckets that were not searched. That is normal: they probably belong to other applications.
fn other_buckets(page: &mut String, receipt: &Receipt) {
    let words = receipt.other_buckets.as_ref().and_then(OtherBuckets::words);
    if let Some(words) = words {
        let _ = writeln!(page, "\n{}.", escaped(&words));
    }
    if let Some(words) = receipt.unexplained_in_words() {
        let _ = writeln!(page, "\n{}.", escaped(&words));
    }
}

fn amount(amount: Amount) -> String {
    format!("{} ({})", grouped(amount.items), ByteSize(amount.bytes))
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Escapes foreign text for Markdown and HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text::safe(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    escaped
}
