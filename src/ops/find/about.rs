//! What a person should know about an id before they believe what was found for it.

use super::Found;
use crate::domain::OwnerId;
use crate::domain::words::counted;

/// What is odd about an id, which layouts no object of such a user can follow, and that nothing was found where nothing was.
/// `is_empty` says that, for the items of [`Found`] may have gone into a plan.
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
            "{bucket}, layout {layout}: nothing can be there, {why}"
        ));
    }
    if is_empty {
        let searched = u64::try_from(found.searched.len()).unwrap_or(u64::MAX);
        words.push(format!(
            "nothing of {id:?} was found in {}; ids are compared by bytes: case, blanks and accents count",
            counted(searched, "bucket"),
        ));
    }
    words
}
