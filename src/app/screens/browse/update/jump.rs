//! Going to what was typed: a row, an owner or a prefix, listed or not, or an address.

use super::navigate;
use crate::app::screens::browse::rows::Entry;
use crate::app::screens::browse::{Folder, OwnerPage, Place};
use crate::app::state::State;
use crate::app::table::Change;
use crate::app::update::{Command, toast};
use crate::domain::{OwnerId, S3Uri, text};

/// Opens an `s3://` address that was typed.
pub(crate) fn open_address(state: &mut State, address: &str, commands: &mut Vec<Command>) {
    match address.parse::<S3Uri>() {
        Ok(uri) => open_uri(state, uri, commands),
        Err(why) => {
            let words = format!("could not go to {}: {why}", text::safe(address));
            toast(state, words, true);
        }
    }
}

/// Opens a bucket as a whole, or at a prefix.
pub(crate) fn open_uri(state: &mut State, uri: S3Uri, commands: &mut Vec<Command>) {
    let prefix = (!uri.prefix.is_empty()).then_some(uri.prefix);
    navigate::open_bucket(state, uri.bucket, prefix, commands);
}

/// Moves the cursor to the first row that begins with a text, while it is typed.
pub(crate) fn show_first(state: &mut State, text: &str) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let whole = match &browse.place {
        Place::Owners(_) | Place::Owner(_) => text.to_owned(),
        Place::Folder(folder) => format!("{}{text}", folder.prefix),
    };
    let _ = browse.place.list().change(Change::MoveToBeginning(&whole));
}

/// Goes to what was typed, also where it is not in the list: an owner's prefixes can be computed, a prefix listed.
pub(super) fn go_to(state: &mut State, text: &str, commands: &mut Vec<Command>) {
    if text.is_empty() {
        return;
    }
    let Some(browse) = &state.browse else { return };
    let place = match &browse.place {
        Place::Owners(owners) => {
            // The id as typed, unless it is the beginning of the one under the cursor.
            let current = owners.table.current().map(|row| row.owner.clone());
            let owner = match current.filter(|owner| owner.as_str().starts_with(text)) {
                Some(owner) => owner,
                None => match OwnerId::new(text) {
                    Ok(owner) => owner,
                    Err(_) => return,
                },
            };
            Place::Owner(OwnerPage::new(owner))
        }
        Place::Owner(_) => return navigate::open_row(state, commands),
        Place::Folder(folder) => {
            let whole = format!("{}{text}", folder.prefix);
            match folder.table.current().as_deref() {
                Some(Entry::Folder { prefix, .. }) if prefix.starts_with(&whole) => {
                    Place::Folder(Folder::new(prefix.clone()))
                }
                Some(Entry::Object(object)) if object.key.as_str().starts_with(&whole) => return,
                _ => Place::Folder(Folder::new(whole)),
            }
        }
    };
    navigate::go(state, place, commands);
}
