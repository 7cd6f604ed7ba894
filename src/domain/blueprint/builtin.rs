//! The built-in blueprints.

use std::sync::LazyLock;

use super::Blueprint;

macro_rules! builtins {
    ($($name:literal),* $(,)?) => {
        pub(super) const NAMES: [&str; [$($name),*].len()] = [$($name),*];

        const TEXTS: [(&str, &str); NAMES.len()] =
            [$(($name, include_str!(concat!("../../../assets/blueprints/", $name, ".toml")))),*];
    };
}

builtins!("game", "infinite", "leadfactory", "pilotforce", "quikapp");

/// All built-in blueprints. A test parses each file, so that none is missing here.
pub(super) fn all() -> &'static [Blueprint] {
    static ALL: LazyLock<Vec<Blueprint>> = LazyLock::new(|| {
        TEXTS
            .iter()
            .filter_map(|(name, text)| Blueprint::parse(name, text).ok())
            .collect()
    });
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_is_read_and_bears_its_files_name() {
        for (name, text) in TEXTS {
            assert!(
                !text.contains("\nextends"),
                "{name} extends another, which may not have been read yet"
            );
            let blueprint = Blueprint::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(blueprint.name, name);
        }
        assert_eq!(all().len(), NAMES.len());
    }

    #[test]
    fn no_two_built_ins_name_the_same_bucket() {
        let mut names: Vec<_> = all()
            .iter()
            .flat_map(|b| &b.buckets)
            .map(|b| &b.name)
            .collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn no_built_in_names_anything_of_one_account() {
        for (name, text) in TEXTS {
            assert!(
                !text.contains("arn:") && !text.contains(".cloudfront.net"),
                "{name}"
            );
        }
    }
}
