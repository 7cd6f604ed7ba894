//! Keys that name one user but are derived from another user's media.
//!
//! A rule that works on whole keys can put a thumbnail into the folder of a user whose id looks like a thumbnail's. For
//! example, `uploads/ada-thumbnail.l/portrait` names `ada-thumbnail.l`, but is derived from `uploads/ada.l/portrait`. A
//! derived object belongs to the owner of its source.

use super::Blueprint;
use crate::domain::{BucketName, OwnerId, text};

/// Another user's object from which a key may be derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnothersSource {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key, if the derived key determines all of it.
    pub key: Option<String>,
    /// Its owner.
    pub owner: OwnerId,
    /// The id of the rule.
    pub rule: String,
}

impl AnothersSource {
    /// Explains why the key must not be changed on behalf of this user.
    #[must_use]
    pub fn words(&self) -> String {
        let Self {
            bucket,
            key,
            owner,
            rule,
        } = self;
        let owner = text::safe(owner.as_str());
        let source = match key {
            Some(key) => format!("s3://{bucket}/{}, which is {owner}'s", text::safe(key)),
            None => format!("an object in {bucket} that is {owner}'s"),
        };
        format!("its key names the user, and by the rule {rule} it is made from {source}")
    }
}

impl Blueprint {
    /// A source from which a rule produces exactly this key, and whose own key names somebody other than this user.
    ///
    /// It only inverts the rules, as far as possible. It does not check whether the source exists, because it may have
    /// existed earlier.
    #[must_use]
    pub fn made_from_another(
        &self,
        bucket: &BucketName,
        key: &str,
        owner: &OwnerId,
    ) -> Option<AnothersSource> {
        let rules = self
            .buckets
            .iter()
            .flat_map(|from| from.derived.iter().map(move |rule| (from, rule)))
            .filter(|(_, rule)| rule.to_bucket == *bucket);
        for (from, rule) in rules {
            let found = rule.former_sources(from, key);
            if let Some(of) = found.owners.into_iter().find(|of| of != owner) {
                let mut keys = found.keys.into_iter();
                return Some(AnothersSource {
                    bucket: from.name.clone(),
                    key: keys
                        .find(|source| source.owner.as_ref() == Some(&of))
                        .map(|source| source.key),
                    owner: of,
                    rule: rule.id.clone(),
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_another(key: &str, owner: &str) -> Option<String> {
        let blueprint = Blueprint::builtin("pilotforce").unwrap();
        let bucket = BucketName::new("pilotforce-user-uploads").unwrap();
        let owner = OwnerId::new(owner).unwrap();
        let source = blueprint.made_from_another(&bucket, key, &owner);
        source.and_then(|source| source.key)
    }

    #[test]
    fn a_thumbnail_in_the_folder_of_a_user_called_like_one_is_its_sources() {
        assert_eq!(
            of_another("uploads/ada-thumbnail.l/1-portrait", "ada-thumbnail.l").as_deref(),
            Some("uploads/ada.l/1-portrait")
        );
        assert_eq!(
            of_another("uploads/ada-thumbnail.l/1-portrait", "ada.l"),
            None
        );
    }

    #[test]
    fn a_users_own_thumbnails_and_pictures_are_no_others() {
        for key in [
            "uploads/user-1/1-a-thumbnail.jpg",
            "uploads/user-1/1-a.jpg",
            "uploads/user-1/-thumbnail",
        ] {
            assert_eq!(of_another(key, "user-1"), None, "{key}");
        }
    }
}
