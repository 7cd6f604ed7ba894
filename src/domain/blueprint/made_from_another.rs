//! Keys that name one user and are made from another's media.
//!
//! A rule that works on whole keys can put a thumbnail into the folder of a user whose id happens to look like a
//! thumbnail's: `uploads/ada-thumbnail.l/portrait` names `ada-thumbnail.l` and is what is made of
//! `uploads/ada.l/portrait`. A derived object belongs to its source's owner.

use super::Blueprint;
use crate::domain::{BucketName, OwnerId, text};

/// Another user's object from which a key may have been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnothersSource {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key, where the made key tells all of it.
    pub key: Option<String>,
    /// Whose it is.
    pub owner: OwnerId,
    /// The id of the rule.
    pub rule: String,
}

impl AnothersSource {
    /// Why nothing may be done to the key in this user's name, in words.
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
    /// A source from which a rule makes exactly this key and whose own key names somebody else than this user.
    ///
    /// By the rules alone, and as far as they can be turned round: whether the source is there is not asked, for it may
    /// have been.
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
