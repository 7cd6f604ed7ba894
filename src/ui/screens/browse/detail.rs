//! The pane beside the list: what HeadObject, the tags and the versions tell of the object under the cursor.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::timeline;
use crate::app::State;
use crate::app::screens::browse::rows::Entry;
use crate::app::screens::browse::{Browse, Detail, Pane, Place};
use crate::app::words;
use crate::domain::ownership::{Explanation, Unknown, Verdict, attribution_by_key};
use crate::domain::text;
use crate::domain::{ByteSize, OwnerId};
use crate::ops::inspect::{Annotation, Head, KeyVersions, ObjectDetail, ObjectEncryption};
use crate::ops::{Coverage, Fact};
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;

/// Draws the pane.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    state: &State,
    browse: &Browse,
    pane: &Pane,
    theme: &Theme,
) {
    let mut sheet = Sheet::new(area, state, theme);
    match &pane.detail {
        Detail::None => about_row(&mut sheet, browse),
        Detail::Loading(key) => {
            sheet.title(key.as_str());
            sheet.plain("Asking …");
        }
        Detail::Failed(key, problem) => {
            sheet.title(key.as_str());
            sheet.problem(problem);
        }
        Detail::Ready(detail) => about_object(&mut sheet, browse, detail),
    }
    sheet.draw(frame, area, pane.scroll);
}

/// Owners, prefixes and folders: what is known without asking anybody.
fn about_row(sheet: &mut Sheet<'_>, browse: &Browse) {
    match &browse.place {
        Place::Owners(owners) => {
            let Some(row) = owners.table.current() else {
                return;
            };
            sheet.title(row.owner.as_str());
            let at_least = if owners.all_counted() {
                ""
            } else {
                "at least "
            };
            sheet.row(
                "objects",
                &format!("{at_least}{}", words::exact(row.tally.objects)),
            );
            sheet.row("size", &format!("{at_least}{}", row.tally.bytes));
            sheet.row(
                "newest",
                &row.tally
                    .newest
                    .map_or_else(|| words::NONE.into(), |time| sheet.time(Some(time))),
            );
            about_plan(sheet, browse, &row.owner.clone());
        }
        Place::Owner(owner) => {
            let Some(row) = owner.table.current() else {
                return;
            };
            sheet.title(&row.of.prefix);
            sheet.row("owner", owner.owner.as_str());
            sheet.row("layout", &row.of.layout);
            sheet.row("objects", &words::exact(row.tally.objects));
            sheet.row("size", &row.tally.bytes.to_string());
            sheet.row(
                "address",
                &format!("s3://{}/{}", browse.bucket, row.of.prefix),
            );
        }
        Place::Folder(folder) => {
            if let Some(Entry::Folder { prefix, holds }) = folder.table.current().as_deref() {
                sheet.title(prefix);
                if let Some(tally) = holds {
                    let exact = folder.sizes.as_ref().is_some_and(Coverage::is_complete);
                    let at_least = if exact { "" } else { "at least " };
                    let objects = words::exact(tally.objects);
                    sheet.row("objects", &format!("{at_least}{objects}"));
                    sheet.row("size", &format!("{at_least}{}", tally.bytes));
                    let newest = sheet.time(tally.newest);
                    sheet.row("newest", &newest);
                    let oldest = sheet.time(tally.oldest);
                    sheet.row("oldest", &oldest);
                }
                sheet.row("address", &format!("s3://{}/{prefix}", browse.bucket));
                ownership(sheet, browse, prefix);
            } else {
                sheet.plain("There is nothing under the cursor.");
            }
        }
    }
}

/// Where an owner's things are by the layouts, and what cannot be found by the key.
fn about_plan(sheet: &mut Sheet<'_>, browse: &Browse, owner: &crate::domain::OwnerId) {
    let Some((layouts, _)) = &browse.layouts else {
        return;
    };
    let plan = layouts.owner_plan(owner);
    sheet.section("Where it can be");
    for walk in &plan.walks {
        match walk.known_prefixes() {
            Some(prefixes) => {
                for prefix in prefixes {
                    sheet.row(&walk.layout, &prefix);
                }
            }
            None => {
                for layout in std::iter::once(&walk.layout).chain(&walk.others) {
                    let template = layouts
                        .layout(layout)
                        .map(|layout| layout.template().as_str());
                    sheet.row(layout, template.unwrap_or(words::UNKNOWN));
                }
            }
        }
    }
    for layout in &plan.unnamed {
        sheet.styled(&layout.layout, &layout.why, sheet.theme.warning);
    }
    for layout in &plan.impossible {
        sheet.styled(&layout.layout, &layout.why, sheet.theme.warning);
    }
}

fn ownership(sheet: &mut Sheet<'_>, browse: &Browse, key: &str) {
    let Some((layouts, _)) = &browse.layouts else {
        return;
    };
    let whose = attribution_by_key(layouts, key);
    let is_folder = key.ends_with('/');
    match &whose.verdict {
        Verdict::One(owner) => sheet.row("owner", owner.as_str()),
        Verdict::Contested(owners) => {
            let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
            let words = format!("contested: {}", owners.join(" or "));
            sheet.styled("owner", &words, sheet.theme.warning);
        }
        Verdict::Unknown(_) => {}
    }
    match &whose.explanation {
        Explanation::Layout {
            layout,
            tail_parses,
        } => {
            sheet.row("layout", layout);
            if !tail_parses && !is_folder {
                sheet.styled(
                    "",
                    "the rest of the key is not as the layout says",
                    sheet.theme.warning,
                );
            }
        }
        Explanation::Rule { rule, from } => {
            sheet.row("derived", &format!("by the rule {rule} of {from}"));
        }
        Explanation::Nothing if is_folder => {}
        Explanation::Nothing => {
            sheet.styled("layout", "none explains this key", sheet.theme.warning);
        }
    }
    match &whose.verdict {
        Verdict::Unknown(Unknown::NothingExplains) | Verdict::One(_) | Verdict::Contested(_) => {}
        Verdict::Unknown(Unknown::NoRecord | Unknown::MetadataNotRead) => {
            sheet.plain("The key does not name the user.");
        }
        Verdict::Unknown(why) => sheet.plain(&format!("The owner is unknown: {}.", why.words())),
    }
}

fn about_object(sheet: &mut Sheet<'_>, browse: &Browse, detail: &Arc<ObjectDetail>) {
    let key = detail.key.as_str();
    sheet.title(key);
    if text::has_hidden(key) {
        sheet.styled(
            "",
            "this key holds characters that one does not see",
            sheet.theme.warning,
        );
    }
    ownership(sheet, browse, key);
    match &detail.head {
        Fact::Set(head) => {
            timeline::draw(sheet, &browse.rules, detail, head);
            about_head(sheet, head);
        }
        Fact::NotSet => sheet.plain("There is no such object."),
        Fact::Unknown(problem) => sheet.problem(problem),
    }
    sheet.section("Tags");
    match &detail.tags {
        Fact::Set(tags) => {
            for (name, value) in tags {
                sheet.row(name, value);
            }
        }
        Fact::NotSet => sheet.plain("none"),
        Fact::Unknown(problem) => sheet.problem(problem),
    }
    sheet.section("Annotations");
    match &detail.annotations {
        Fact::Set(annotations) => about_annotations(sheet, annotations),
        Fact::NotSet => sheet.plain("none"),
        Fact::Unknown(problem) => sheet.problem(problem),
    }
    sheet.section("Versions");
    match &detail.versions {
        Fact::Set(versions) => about_versions(sheet, versions),
        Fact::NotSet => sheet.plain("none"),
        Fact::Unknown(problem) => sheet.problem(problem),
    }
}

fn about_head(sheet: &mut Sheet<'_>, head: &Head) {
    sheet.row(
        "size",
        &format!("{} ({} bytes)", head.size, words::exact(head.size.bytes())),
    );
    let modified = sheet.time(head.last_modified);
    sheet.row("modified", &modified);
    let class = head.storage_class.as_str();
    if head.storage_class.is_archived() {
        sheet.styled(
            "class",
            &format!("{class}: has to be restored before it can be read"),
            sheet.theme.warning,
        );
    } else {
        sheet.row("class", class);
    }
    if let Some(restore) = &head.restore {
        let words = match &restore.until {
            _ if restore.in_progress => "in progress".to_owned(),
            Some(until) => format!("readable until {until}"),
            None => "done".to_owned(),
        };
        sheet.row("restore", &words);
    }
    sheet.optional("archive", head.archive_status.as_deref());
    match &head.encryption {
        None => sheet.styled("encryption", "none", sheet.theme.bad),
        Some(encryption) => about_encryption(sheet, encryption),
    }
    sheet.row("etag", head.etag.as_deref().unwrap_or(words::NONE));
    for (algorithm, value) in &head.checksums {
        sheet.row(algorithm, value);
    }
    sheet.row("type", head.content_type.as_deref().unwrap_or(words::NONE));
    sheet.optional("encoding", head.content_encoding.as_deref());
    sheet.optional("disposition", head.content_disposition.as_deref());
    sheet.optional("language", head.content_language.as_deref());
    sheet.optional("cache", head.cache_control.as_deref());
    sheet.optional("replication", head.replication.as_deref());
    if let Some(mode) = &head.lock.mode {
        let until = sheet.time(head.lock.until);
        sheet.styled(
            "lock",
            &format!("{mode} until {until}"),
            sheet.theme.warning,
        );
    }
    if head.lock.legal_hold {
        sheet.styled("legal hold", "on", sheet.theme.warning);
    }
    if let Some(hold) = head.lock.event_hold {
        sheet.styled("event hold", &hold.words(), sheet.theme.warning);
    }
    sheet.section("Metadata");
    if head.metadata.is_empty() {
        sheet.plain("none");
    }
    for (name, value) in &head.metadata {
        sheet.row(name, value);
    }
    if head.missing_metadata > 0 {
        let words = format!(
            "{} more that HTTP headers cannot carry",
            head.missing_metadata
        );
        sheet.plain(&words);
    }
}

/// Annotations that are shown by name: an object can have a thousand.
const ANNOTATIONS: usize = 20;

fn about_annotations(sheet: &mut Sheet<'_>, annotations: &[Annotation]) {
    for one in annotations.iter().take(ANNOTATIONS) {
        sheet.row(&one.size.to_string(), &one.name);
    }
    let bytes: ByteSize = annotations.iter().map(|one| one.size).sum();
    let s = if annotations.len() == 1 { "" } else { "s" };
    sheet.plain(&format!(
        "{} annotation{s}, {bytes}: not part of the object's size",
        annotations.len()
    ));
}

fn about_encryption(sheet: &mut Sheet<'_>, encryption: &ObjectEncryption) {
    sheet.row("encryption", &encryption.algorithm);
    sheet.optional("key", encryption.key_id.as_deref());
    if encryption.bucket_key {
        sheet.row("", "with the bucket key");
    }
}

fn about_versions(sheet: &mut Sheet<'_>, versions: &KeyVersions) {
    for version in &versions.versions {
        let when = version.object.last_modified.map_or_else(
            || words::UNKNOWN.to_owned(),
            |time| sheet.state.local(time).format("%Y-%m-%d %H:%M").to_string(),
        );
        let what = if version.is_delete_marker {
            "delete marker".to_owned()
        } else {
            format!("{} {}", version.object.size, version.object.storage_class)
        };
        let latest = if version.is_latest { "current" } else { "" };
        let style = if version.is_delete_marker {
            sheet.theme.warning
        } else {
            sheet.theme.row
        };
        sheet.styled(latest, &format!("{when}  {what}"), style);
        sheet.styled("", version.version_id.as_str(), sheet.theme.faint);
    }
    if !versions.complete {
        sheet.plain("and more: these are not all");
    }
}
