//! Rows of a listing of objects, as they stand in its document.
//!
//! A page of a thousand objects is what a listing of a large bucket asks for thousands of times, and the sandbox shares a machine
//! with whoever lists: the protocol library's way, a structure a row and an event a tag, takes longer than all else in
//! an answer.

use std::fmt::Write as _;

use chrono::{Datelike, Timelike};

use super::wire::{self, Spelling};
use crate::sandbox::store::{Entry, Moment, Object, Version};

/// Bytes that a row takes about.
const A_ROW: usize = 320;

/// Rows, and what all of them tell beside the object.
pub(super) struct Rows {
    document: String,
    count: usize,
    spelling: Spelling,
    /// The owner's id, where it is told.
    owner: Option<String>,
    /// When it is, where copies of archived objects are told of.
    now: Option<Moment>,
}

impl Rows {
    /// None yet; there may come so many.
    pub(super) fn new(
        most: usize,
        spelling: Spelling,
        owner: Option<String>,
        now: Option<Moment>,
    ) -> Self {
        Self {
            document: String::with_capacity(most * A_ROW),
            count: 0,
            spelling,
            owner,
            now,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The elements one after the other.
    pub(super) fn document(&self) -> &str {
        &self.document
    }

    /// Adds what is kept under a key, if that is an object.
    pub(super) fn add(&mut self, key: &str, entry: &Entry) {
        match entry {
            Entry::Plain { size, modified } => {
                let etag = Object::plain_etag(key, *size);
                self.write(key, *modified, &etag, *size, "STANDARD");
            }
            Entry::Versions(versions) => {
                let Some(version) = versions.last() else {
                    return;
                };
                let Some(object) = version.object() else {
                    return;
                };
                self.add_version(key, version, object);
            }
        }
        self.document.push_str("</Contents>");
        self.count += 1;
    }

    fn add_version(&mut self, key: &str, version: &Version, object: &Object) {
        let (size, class) = (object.body.length(), object.class());
        self.write(key, version.modified, &object.etag, size, class);
        let restored = self
            .now
            .and_then(|now| object.restored_until.filter(|until| *until > now));
        if let Some(until) = restored {
            self.document.push_str(
                "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>",
            );
            push_time(&mut self.document, until);
            self.document
                .push_str("</RestoreExpiryDate></RestoreStatus>");
        }
    }

    /// A row up to where its end or more of it follows.
    fn write(&mut self, key: &str, modified: Moment, etag: &str, size: u64, class: &str) {
        let document = &mut self.document;
        document.push_str("<Contents><Key>");
        match self.spelling {
            Spelling::Plain => push_text(document, key),
            Spelling::Url => wire::push_encoded(document, key),
        }
        document.push_str("</Key><LastModified>");
        push_time(document, modified);
        document.push_str("</LastModified><ETag>&quot;");
        push_text(document, etag);
        // Writing to a String cannot fail.
        let _ = write!(
            document,
            "&quot;</ETag><Size>{size}</Size><StorageClass>{class}</StorageClass>"
        );
        if let Some(owner) = &self.owner {
            let _ = write!(document, "<Owner><ID>{owner}</ID></Owner>");
        }
    }
}

/// `2026-11-23T07:00:00.000Z`.
fn push_time(document: &mut String, at: Moment) {
    let at = at.to_calendar();
    let two = |document: &mut String, number: u32, mark: char| {
        for digit in [number / 10 % 10, number % 10] {
            document.extend(char::from_digit(digit, 10));
        }
        document.push(mark);
    };
    let year = u32::try_from(at.year()).unwrap_or_default();
    for digit in [year / 1000 % 10, year / 100 % 10] {
        document.extend(char::from_digit(digit, 10));
    }
    two(document, year % 100, '-');
    two(document, at.month(), '-');
    two(document, at.day(), 'T');
    two(document, at.hour(), ':');
    two(document, at.minute(), ':');
    two(document, at.second(), '.');
    document.push_str("000Z");
}

/// Text with whatever XML needs escaped. Characters that XML cannot hold stay what they are, as in S3's own answers.
fn push_text(document: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, after)) = rest
        .find(['&', '<', '>', '"', '\''])
        .and_then(|at| rest.split_at_checked(at))
    {
        document.push_str(before);
        let mut after = after.chars();
        document.push_str(match after.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "&apos;",
        });
        rest = after.as_str();
    }
    document.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_what_the_store_keeps_and_escapes_what_xml_needs() {
        let mut rows = Rows::new(1, Spelling::Plain, Some("me".to_owned()), None);
        let entry = Entry::Plain {
            size: 7,
            modified: Moment::from_seconds(1_700_000_000),
        };
        rows.add("a<b>&'\"é", &entry);
        let etag = Object::plain("a<b>&'\"é", 7).etag;
        assert_eq!(
            rows.document(),
            format!(
                "<Contents><Key>a&lt;b&gt;&amp;&apos;&quot;é</Key>\
                 <LastModified>2023-11-14T22:13:20.000Z</LastModified><ETag>&quot;{etag}&quot;</ETag><Size>7</Size>\
                 <StorageClass>STANDARD</StorageClass><Owner><ID>me</ID></Owner></Contents>"
            )
        );
        assert_eq!(rows.count(), 1);
    }
}
