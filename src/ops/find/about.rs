//! Remarks about a user id that a person should read before trusting the result.

use super::Found;
use crate::domain::OwnerId;
use crate::domain::size::whole;
use crate::domain::words::counted;

/// Remarks: an unusual id, layouts that no object of this user can match, and an empty result. `is_empty` is a
/// parameter because the items of [`Found`] may have been moved to a plan.
#[must_use]
pub(crate) fn about_id(owner: &OwnerId, found: &Found, is_empty: bool) -> Vec<String> {
    let id = owner.as_str();
    let mut words = Vec::new();
    if id.contains(['*', '?']) {
        words.push(format!(
            "{id:?} was looked for as it stands: '*' and '?' are no wildcards"
        ));
    }
    if id != id.trim() {
        words.push(format!(
            "{id:?} begins or ends with a blank, and was looked for with it"
        ));
    }
    for (bucket, layout, why) in &found.impossible {
        words.push(format!(
            "{bucket}, layout {layout}: no key of this user can match it, {why}"
        ));
    }
    if is_empty {
        let searched = whole(found.searched.len());
        words.push(format!(
            "nothing of {id:?} was found in {}; ids are compared by bytes: case, blanks and accents count",
            counted(searched, "bucket"),
        ));
    }
    words
}
