//! A receipt as a Markdown page, for people.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Amount, Outcome, Receipt};
use crate::domain::text;
use crate::domain::{ByteSize, size::grouped};

/// The page.
#[must_use]
pub fn page(receipt: &Receipt) -> String {
    let mut page = String::new();
    head(&mut page, receipt);
    table(&mut page, receipt);
    exceptions(&mut page, receipt);
    let _ = writeln!(
        page,
        "\n## Seal\n\n- Items: {} leaves, Merkle root `{}`\n- Digest: `{}`\n- Audit log before: `{}`\n- Key: `{}`\n\n\
         The file beside this page is what counts; `s3warden receipt verify` checks it. It shows damage and partial \
         edits, not an operator who rewrites everything.",
        grouped(u64::try_from(receipt.items.len()).unwrap_or(u64::MAX)),
        receipt.merkle_root,
        receipt.digest,
        receipt.audit_head,
        receipt.key_id,
    );
    page
}

fn head(page: &mut String, receipt: &Receipt) {
    let endpoint = receipt.endpoint.as_deref().unwrap_or("AWS");
    let lines = [
        ("Case", receipt.case.clone()),
        ("Subject (HMAC-SHA256)", receipt.subject_hmac.clone()),
        ("Operator", receipt.operator.arn.clone()),
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
    let _ = writeln!(page, "# Receipt of a purge\n");
    for (name, value) in lines {
        let _ = writeln!(page, "- {name}: {}", escaped(&value));
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
    if let Some(window) = &receipt.window {
        let _ = writeln!(page, "- Window: {}", escaped(window));
    }
}

fn table(page: &mut String, receipt: &Receipt) {
    let _ = writeln!(
        page,
        "\n## Buckets\n\n| Bucket | Region | Planned | Deleted | Gone before | Retained | Still there |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: |"
    );
    for (bucket, counts) in &receipt.buckets {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            escaped(bucket),
            escaped(counts.region.as_deref().unwrap_or("?")),
            amount(counts.planned),
            amount(counts.deleted),
            amount(counts.gone_before),
            amount(counts.retained),
            amount(counts.still_there),
        );
    }
    let _ = writeln!(page, "\n\"Deleted\" is what was listed again and is gone.");
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
            escaped(
                item.reason
                    .as_deref()
                    .unwrap_or("its deletion did not succeed")
            ),
        );
    }
    if receipt.appeared > 0 {
        let _ = writeln!(
            page,
            "- {} things appeared after the plan was made. They were left alone: make a new plan.",
            grouped(receipt.appeared)
        );
    }
    for gap in &receipt.not_searched {
        let _ = writeln!(
            page,
            "- Not searched: {}: {}",
            escaped(&gap.what),
            escaped(&gap.why)
        );
    }
}

fn amount(amount: Amount) -> String {
    format!("{} ({})", grouped(amount.items), ByteSize(amount.bytes))
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text that others wrote, without a meaning in Markdown or HTML.
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
